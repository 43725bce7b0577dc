//! One connection that asks and waits, for setting groups up.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

use bytes::Bytes;
use ottla_wire::{
    Message, Request,
    errors::Code,
    frame::{read_response, request},
    messages::{
        CreateTopicsRequest, FindCoordinatorRequest, create_topics_request::CreatableTopic,
    },
};

/// What the load calls itself.
pub const CLIENT: &str = "load";
/// The longest that a rebalance may keep a join.
const ANSWER_LIMIT: Duration = Duration::from_secs(120);
const RETRY: Duration = Duration::from_millis(20);
const RETRIES: usize = 3000;
/// More than any answer here has; what claims to be larger is no answer.
const MOST_BYTES: u32 = 64 << 20;

/// A connection.
#[derive(Debug)]
pub struct Link {
    /// To the broker.
    pub stream: TcpStream,
    correlation_id: i32,
}

impl Link {
    /// To `host:port`.
    ///
    /// # Errors
    /// It cannot be reached.
    pub fn open(address: &str) -> Result<Self, String> {
        let said = |error: std::io::Error| format!("{address}: {error}");
        Self::over(TcpStream::connect(address).map_err(said)?)
    }

    /// Over a connection that is open.
    ///
    /// # Errors
    /// It takes no options.
    pub fn over(stream: TcpStream) -> Result<Self, String> {
        let said = |error: std::io::Error| error.to_string();
        stream.set_nodelay(true).map_err(said)?;
        stream.set_read_timeout(Some(ANSWER_LIMIT)).map_err(said)?;
        Ok(Self {
            stream,
            correlation_id: 0,
        })
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// The connection breaks, or the answer is none.
    pub fn ask<R: Request>(&mut self, version: i16, body: &R) -> Result<R::Response, String> {
        self.correlation_id = self.correlation_id.wrapping_add(1);
        let frame = frame(version, self.correlation_id, body)?;
        let answer = self.exchange(&frame);
        let answer = answer.map_err(|why| format!("request {}: {why}", R::KEY))?;
        decode::<R>(version, answer)
    }

    /// Sends a frame, and waits for the frame of the answer: without its size.
    ///
    /// # Errors
    /// The connection breaks, or the answer is too large to be one.
    pub fn exchange(&mut self, frame: &[u8]) -> Result<Bytes, String> {
        let said = |error: std::io::Error| error.to_string();
        self.stream.write_all(frame).map_err(said)?;
        let mut size = [0; 4];
        self.stream.read_exact(&mut size).map_err(said)?;
        let size = u32::from_be_bytes(size);
        if size > MOST_BYTES {
            return Err(format!("an answer of {size} bytes"));
        }
        let mut answer = vec![0; size as usize];
        self.stream.read_exact(&mut answer).map_err(said)?;
        Ok(answer.into())
    }

    /// Asks again and again until the answer's code is none that passes by itself.
    ///
    /// # Errors
    /// As of [`Self::ask`], or it takes a minute.
    pub fn ask_until<R: Request>(
        &mut self,
        version: i16,
        body: &R,
        code: impl Fn(&R::Response) -> i16,
    ) -> Result<R::Response, String> {
        for _ in 0..RETRIES {
            let answer = self.ask(version, body)?;
            if !passes(Code(code(&answer))) {
                return Ok(answer);
            }
            thread::sleep(RETRY);
        }
        Err(format!("request {}: it does not become ready", R::KEY))
    }

    /// The topic of the members, and the coordinators' own.
    ///
    /// # Errors
    /// They are refused.
    pub fn prepare(&mut self, topic: &str, partitions: usize) -> Result<(), String> {
        let find = FindCoordinatorRequest {
            coordinator_keys: vec!["any".to_owned()],
            ..FindCoordinatorRequest::default()
        };
        let code_of = |answer: &<FindCoordinatorRequest as Request>::Response| {
            answer.coordinators.first().map_or(-1, |of| of.error_code)
        };
        let found = self.ask_until(4, &find, code_of)?;
        expect(Code::NONE, code_of(&found), "FindCoordinator")?;
        let create = CreateTopicsRequest {
            topics: vec![CreatableTopic {
                name: topic.to_owned(),
                num_partitions: i32::try_from(partitions).map_err(|error| error.to_string())?,
                replication_factor: 1,
                ..CreatableTopic::default()
            }],
            ..CreateTopicsRequest::default()
        };
        let created = self.ask(7, &create)?;
        match created.topics.first().map(|of| Code(of.error_code)) {
            Some(Code::NONE | Code::TOPIC_ALREADY_EXISTS) => Ok(()),
            other => Err(format!("the topic {topic} is not created: {other:?}")),
        }
    }
}

/// Whether a code says to ask again.
pub fn passes(code: Code) -> bool {
    [
        Code::COORDINATOR_LOAD_IN_PROGRESS,
        Code::COORDINATOR_NOT_AVAILABLE,
        Code::NOT_COORDINATOR,
        Code::UNKNOWN_TOPIC_OR_PARTITION,
    ]
    .contains(&code)
}

/// An error, unless the code is the one.
///
/// # Errors
/// It is another one.
pub fn expect(code: Code, found: i16, of: &str) -> Result<(), String> {
    if code.0 == found {
        Ok(())
    } else {
        Err(format!("{of}: {:?}", Code(found)))
    }
}

/// A request's frame, size included.
///
/// # Errors
/// The version has no place for it.
pub fn frame<R: Request>(version: i16, correlation_id: i32, body: &R) -> Result<Bytes, String> {
    let encoded = request(version, correlation_id, Some(CLIENT), body);
    let bytes = encoded
        .map_err(|why| format!("request {}: {why}", R::KEY))?
        .into_bytes();
    bytes.ok_or_else(|| format!("request {}: not in memory", R::KEY))
}

/// An answer, from its frame without the size.
///
/// # Errors
/// It is malformed.
pub fn decode<R: Request>(version: i16, answer: Bytes) -> Result<R::Response, String> {
    let said = |why: ottla_wire::Malformed| format!("the answer to {}: {why}", R::KEY);
    let (_, body) = read_response(R::KEY, version, answer).map_err(said)?;
    R::Response::decode(body, version).map_err(said)
}
