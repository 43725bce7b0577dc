//! The other end: asks a node on this machine.

use std::{fmt, io, os::unix::net::UnixStream as StdStream};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
};

use crate::local;

/// Why there is no answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// No node of this machine listens on the port.
    NoNode,
    /// The node belongs to another user.
    Stranger,
    /// The node says no.
    Refused(String),
    /// The socket failed.
    Io(io::Error),
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNode => write!(f, "no node of this machine listens on this port"),
            Self::Stranger => write!(f, "the node belongs to another user"),
            Self::Refused(status) => write!(f, "the node answered {status}"),
            Self::Io(error) => write!(f, "the node's local socket failed: {error}"),
        }
    }
}

impl std::error::Error for NoAnswer {}

impl From<io::Error> for NoAnswer {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// An answer, line by line.
#[derive(Debug)]
pub struct Answer {
    from: BufReader<UnixStream>,
}

impl Answer {
    /// The next line, without its end; `None` after the last.
    ///
    /// # Errors
    /// If the node goes away.
    pub async fn line(&mut self) -> Result<Option<String>, NoAnswer> {
        let mut line = String::new();
        if self.from.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        line.truncate(line.trim_end_matches(['\r', '\n']).len());
        Ok(Some(line))
    }
}

/// Asks the node of this machine that listens on `port`.
///
/// # Errors
/// If there is none, it is not ours, or it refuses.
pub async fn get(port: u16, target: &str) -> Result<Answer, NoAnswer> {
    let stream =
        StdStream::connect_addr(&local::address(port)?).map_err(|error| match error.kind() {
            io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => NoAnswer::NoNode,
            _ => NoAnswer::Io(error),
        })?;
    stream.set_nonblocking(true)?;
    let mut stream = UnixStream::from_std(stream)?;
    if !local::is_own(&stream) {
        return Err(NoAnswer::Stranger);
    }
    let head = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Answer {
        from: BufReader::new(stream),
    };
    // It closes on users that it does not know.
    let status = answer.line().await?.ok_or(NoAnswer::Stranger)?;
    let status = status.strip_prefix("HTTP/1.1 ").unwrap_or(&status);
    if !status.starts_with("200") {
        return Err(NoAnswer::Refused(status.to_owned()));
    }
    while answer.line().await?.is_some_and(|line| !line.is_empty()) {}
    Ok(answer)
}

/// The ports of all nodes on this machine, as far as the system tells.
pub fn nodes() -> Vec<u16> {
    let table = std::fs::read_to_string("/proc/net/unix").unwrap_or_default();
    let mut ports: Vec<u16> = table.lines().filter_map(port).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// The port in a line of the table, if it is a node's.
fn port(line: &str) -> Option<u16> {
    let name = line.split_whitespace().last()?;
    name.strip_prefix('@')?
        .strip_prefix(local::PREFIX)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_found_in_the_systems_table() {
        let line = |name: &str| format!("ffff8b: 00000002 00000000 00010000 0001 01 123456 {name}");
        assert_eq!(port(&line("@ottla-9092")), Some(9092));
        for other in ["@ottla-", "@ottla-x", "@ottla-99999", "/run/ottla-9092", ""] {
            assert_eq!(port(&line(other)), None, "{other}");
        }
    }
}
