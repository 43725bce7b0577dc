//! A connection that sends any request in any version, or any bytes, and gives what comes back.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use bytes::Bytes;
use ottla_wire::{
    Message, Request,
    frame::{read_response, request},
};

use crate::oracle::wait_until;

const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// How long a server may say that it is not ready yet.
const SETTLE_LIMIT: Duration = Duration::from_secs(60);
/// What brokers answer that have yet to lead a partition, coordinators that load, and markers on their way.
const NOT_YET: [i16; 6] = [3, 6, 14, 15, 16, 51];

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoAnswer {
    /// The version has no place for the request: it was not sent.
    Unencodable,
    /// The server closed the connection.
    Closed,
    /// Nothing came in time.
    Silence,
    /// The bytes are no response of the version.
    Malformed(String),
}

/// One connection; opened anew after the server closed it.
#[derive(Debug)]
pub struct Connection {
    address: String,
    stream: Option<TcpStream>,
    correlation_id: i32,
    sent: Bytes,
}

impl Connection {
    /// To `host:port`; opened at the first request.
    pub fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            stream: None,
            correlation_id: 0,
            sent: Bytes::new(),
        }
    }

    /// Another connection to the same server.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::new(&self.address)
    }

    /// Sends a request and waits for its answer.
    pub fn ask<R: Request>(&mut self, version: i16, body: &R) -> Result<R::Response, NoAnswer> {
        let frame = self.frame(version, body)?;
        let answer = self.exchange(&frame)?;
        read::<R>(version, self.correlation_id, &answer)
    }

    /// Asks until there is a final answer, and gives it with the first of its codes that is not 0.
    ///
    /// # Panics
    /// If there is none in time.
    pub fn ask_settled<R: Request>(
        &mut self,
        version: i16,
        request: &R,
        codes: impl Fn(&R::Response) -> Vec<i16>,
    ) -> (R::Response, i16) {
        let mut said = None;
        wait_until(SETTLE_LIMIT, || {
            let answer = self.ask(version, request);
            let is_final = answer
                .as_ref()
                .is_ok_and(|answer| !codes(answer).iter().any(|code| NOT_YET.contains(code)));
            said = answer.ok();
            is_final
        });
        let answer = said.unwrap_or_else(|| panic!("no answer to {request:?}"));
        let code = codes(&answer).into_iter().find(|code| *code != 0);
        (answer, code.unwrap_or(0))
    }

    /// Sends the same request so many times at once, and waits for all of the answers.
    pub fn ask_times<R: Request>(
        &mut self,
        times: usize,
        version: i16,
        body: &R,
    ) -> Result<Vec<R::Response>, NoAnswer> {
        let first = self.correlation_id + 1;
        let mut frames = Vec::new();
        for _ in 0..times {
            frames.extend(self.frame(version, body)?);
        }
        self.send(&frames)?;
        (first..=self.correlation_id)
            .map(|correlation_id| read::<R>(version, correlation_id, &self.receive()?))
            .collect()
    }

    /// The bytes of the last question, size included.
    pub fn sent(&self) -> &Bytes {
        &self.sent
    }

    /// Sends these bytes as the body of such a request, and waits for its answer.
    pub fn ask_bytes<R: Request>(
        &mut self,
        version: i16,
        header: &[u8],
        body: &[u8],
    ) -> Result<R::Response, NoAnswer> {
        self.correlation_id += 1;
        let mut frame = Vec::new();
        frame.extend(((8 + header.len() + body.len()) as u32).to_be_bytes());
        frame.extend(R::KEY.to_be_bytes());
        frame.extend(version.to_be_bytes());
        frame.extend(self.correlation_id.to_be_bytes());
        frame.extend([header, body].concat());
        let answer = self.exchange(&frame)?;
        read::<R>(version, self.correlation_id, &answer)
    }

    /// Sends a request that has no answer, or whose answer is waited for later: see [`Connection::answer`].
    pub fn tell<R: Request>(&mut self, version: i16, body: &R) -> Result<(), NoAnswer> {
        let frame = self.frame(version, body)?;
        self.send(&frame)
    }

    /// Waits for the answer to the last request that it was told.
    pub fn answer<R: Request>(&mut self, version: i16) -> Result<R::Response, NoAnswer> {
        let answer = self.receive()?;
        read::<R>(version, self.correlation_id, &answer)
    }

    /// Sends bytes as they are, size included, and gives the next frame without its size.
    pub fn exchange(&mut self, bytes: &[u8]) -> Result<Bytes, NoAnswer> {
        self.sent = Bytes::copy_from_slice(bytes);
        self.send(bytes)?;
        let answer = self.receive();
        if answer.is_err() {
            self.stream = None;
        }
        answer
    }

    fn frame<R: Request>(&mut self, version: i16, body: &R) -> Result<Bytes, NoAnswer> {
        self.correlation_id += 1;
        request(version, self.correlation_id, Some("interop"), body)
            .ok()
            .and_then(|encoded| encoded.into_bytes())
            .ok_or(NoAnswer::Unencodable)
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), NoAnswer> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(&self.address).map_err(|_| NoAnswer::Closed)?;
            let _ = stream.set_nodelay(true);
            stream
                .set_read_timeout(Some(ANSWER_LIMIT))
                .map_err(|_| NoAnswer::Closed)?;
            self.stream = Some(stream);
        }
        let sent = self.stream.as_mut().map(|stream| stream.write_all(bytes));
        match sent {
            Some(Ok(())) => Ok(()),
            _ => {
                self.stream = None;
                Err(NoAnswer::Closed)
            }
        }
    }

    fn receive(&mut self) -> Result<Bytes, NoAnswer> {
        let stream = self.stream.as_mut().ok_or(NoAnswer::Closed)?;
        let why = |error: std::io::Error| match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => NoAnswer::Silence,
            _ => NoAnswer::Closed,
        };
        let mut size = [0; 4];
        stream.read_exact(&mut size).map_err(why)?;
        let mut frame = Vec::new();
        let size = u64::from(u32::from_be_bytes(size));
        let read = stream.take(size).read_to_end(&mut frame).map_err(why)?;
        if read as u64 == size {
            Ok(frame.into())
        } else {
            Err(NoAnswer::Closed)
        }
    }
}

/// The answer to a request with this correlation id.
fn read<R: Request>(version: i16, asked: i32, answer: &Bytes) -> Result<R::Response, NoAnswer> {
    let malformed = |why: ottla_wire::Malformed| NoAnswer::Malformed(format!("{why}: {answer:?}"));
    let (correlation_id, body) =
        read_response(R::KEY, version, answer.clone()).map_err(malformed)?;
    if correlation_id != asked {
        return Err(NoAnswer::Malformed(format!(
            "correlation id {correlation_id}"
        )));
    }
    let response = R::Response::decode(body.clone(), version).map_err(malformed)?;
    // What we read is all there was.
    match response.encode(version) {
        Ok(again) if again == body => Ok(response),
        Ok(_) => Err(NoAnswer::Malformed(format!(
            "{response:?} is not all of {body:?}"
        ))),
        Err(why) => Err(NoAnswer::Malformed(why.to_string())),
    }
}
