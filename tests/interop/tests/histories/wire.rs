//! A connection whose answers may get lost on purpose.

use std::time::Duration;

use bytes::Bytes;
use ottla_wire::{
    Message, Request,
    frame::{read_response, request},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long any answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(15);

/// What becomes of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// It is read.
    Read,
    /// The server has sent it, and it gets lost on its way.
    Lost,
    /// The connection goes as soon as the request is on its way.
    Cut,
}

/// What a client knows of its request.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Answer<T> {
    Got(T),
    /// The server may have seen it.
    Unknown,
    /// The server runs, has it, and says nothing.
    Silence,
    /// There is nobody to send it to.
    NotSent,
}

#[derive(Debug)]
pub(crate) struct Wire {
    address: String,
    stream: Option<TcpStream>,
    correlation_id: i32,
}

impl Wire {
    pub(crate) fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            stream: None,
            correlation_id: 0,
        }
    }

    /// Sends a request, and gives its answer unless its fate is another.
    ///
    /// # Panics
    /// If the answer is not one of the request, or the request not one of the version.
    pub(crate) async fn ask<R: Request>(
        &mut self,
        version: i16,
        body: &R,
        fate: Fate,
    ) -> Answer<R::Response> {
        self.correlation_id += 1;
        let frame = request(version, self.correlation_id, Some("histories"), body)
            .ok()
            .and_then(|encoded| encoded.into_bytes())
            .unwrap_or_else(|| panic!("{body:?} is not of version {version}"));
        if self.stream.is_none() {
            let Ok(stream) = TcpStream::connect(&self.address).await else {
                return Answer::NotSent;
            };
            let _ = stream.set_nodelay(true);
            self.stream = Some(stream);
        }
        let Some(mut stream) = self.stream.take() else {
            return Answer::NotSent;
        };
        if stream.write_all(&frame).await.is_err() || fate == Fate::Cut {
            return Answer::Unknown;
        }
        let answer = match timeout(ANSWER_LIMIT, receive(&mut stream)).await {
            Err(_) => return Answer::Silence,
            Ok(None) => return Answer::Unknown,
            Ok(Some(answer)) => answer,
        };
        if fate == Fate::Lost {
            return Answer::Unknown;
        }
        self.stream = Some(stream);
        let (correlation_id, rest) = read_response(R::KEY, version, answer)
            .unwrap_or_else(|why| panic!("no answer to {body:?}: {why}"));
        assert_eq!(
            correlation_id, self.correlation_id,
            "the answer to {body:?}"
        );
        let response = R::Response::decode(rest, version)
            .unwrap_or_else(|why| panic!("no answer to {body:?}: {why}"));
        Answer::Got(response)
    }
}

async fn receive(stream: &mut TcpStream) -> Option<Bytes> {
    let size = stream.read_u32().await.ok()? as usize;
    let mut frame = vec![0; size];
    stream.read_exact(&mut frame).await.ok()?;
    Some(frame.into())
}
