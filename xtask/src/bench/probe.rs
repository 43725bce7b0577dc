//! Asks a starting node, again and again, until it answers.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use super::node::{Running, now};

/// The time between two tries.
pub(crate) const POLL: Duration = Duration::from_micros(500);
const START_LIMIT: Duration = Duration::from_secs(120);

/// A request that any client sends first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Question {
    /// ApiVersions in version 0.
    ApiVersions,
    /// Metadata of all topics, in version 1.
    Metadata,
}

impl Question {
    fn frame(self) -> Vec<u8> {
        let (key, version, body): (i16, i16, &[u8]) = match self {
            Self::ApiVersions => (18, 0, &[]),
            Self::Metadata => (3, 1, &(-1_i32).to_be_bytes()),
        };
        let mut frame = Vec::new();
        frame.extend(key.to_be_bytes());
        frame.extend(version.to_be_bytes());
        frame.extend(CORRELATION_ID.to_be_bytes());
        // No client id.
        frame.extend((-1_i16).to_be_bytes());
        frame.extend(body);
        let mut sized = (frame.len() as u32).to_be_bytes().to_vec();
        sized.append(&mut frame);
        sized
    }

    /// Whether the answer is one that a client can go on with: without an error; with a broker.
    fn is_answered_by(self, answer: &[u8]) -> bool {
        let Some((correlation_id, rest)) = answer.split_first_chunk() else {
            return false;
        };
        let fits = match self {
            Self::ApiVersions => rest.first_chunk().is_some_and(|code| *code == [0; 2]),
            Self::Metadata => rest
                .first_chunk()
                .is_some_and(|brokers| i32::from_be_bytes(*brokers) > 0),
        };
        i32::from_be_bytes(*correlation_id) == CORRELATION_ID && fits
    }
}

const CORRELATION_ID: i32 = 7;

/// Waits until `node` has answered `question` on this port of the loopback interface.
pub(crate) fn wait_for(question: Question, node: &mut Running, port: u16) -> Result<(), String> {
    let start = now();
    loop {
        if ask(question, port).is_some_and(|answer| question.is_answered_by(&answer)) {
            return Ok(());
        }
        if node.has_ended() {
            return Err("it ended while it started".to_owned());
        }
        if start.elapsed() > START_LIMIT {
            return Err(format!("no answer to {question:?}"));
        }
        thread::sleep(POLL);
    }
}

fn ask(question: Question, port: u16) -> Option<Vec<u8>> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_nodelay(true).ok()?;
    stream.set_read_timeout(Some(START_LIMIT)).ok()?;
    stream.write_all(&question.frame()).ok()?;
    let mut size = [0; 4];
    stream.read_exact(&mut size).ok()?;
    let mut answer = Vec::new();
    let size = u64::from(u32::from_be_bytes(size));
    let read = stream.take(size).read_to_end(&mut answer).ok()?;
    (read as u64 == size).then_some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answers_that_help_count() {
        let answer = |rest: &[u8]| [&CORRELATION_ID.to_be_bytes()[..], rest].concat();
        let (versions, metadata) = (Question::ApiVersions, Question::Metadata);
        assert!(versions.is_answered_by(&answer(&[0, 0, 0, 0, 0, 0])));
        assert!(!versions.is_answered_by(&answer(&[0, 35, 0, 0, 0, 0])));
        assert!(metadata.is_answered_by(&answer(&[0, 0, 0, 1])));
        assert!(!metadata.is_answered_by(&answer(&[0, 0, 0, 0])));
        assert!(!metadata.is_answered_by(&[0, 0, 0, 8, 0, 0, 0, 1]));
        assert!(!versions.is_answered_by(&[]));
    }

    #[test]
    fn frames_say_their_own_size() {
        assert_eq!(
            Question::ApiVersions.frame(),
            [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 255, 255]
        );
        assert_eq!(Question::Metadata.frame()[..4], [0, 0, 0, 14]);
    }
}
