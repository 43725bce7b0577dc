//! The node's end of its local socket: HTTP/1.1, GET only, one answer per connection.
//!
//! `/v3/refusals` is the journal as JSON lines, oldest first: `after=NUMBER` leaves out what came before, `follow` goes on
//! with what comes. `/v3/answers` are the counters as JSON lines, `/metrics` the same for Prometheus.

use std::{io, os::unix::net::UnixListener as StdListener, sync::Arc, time::Duration};

use ottla_broker::{journal::Journal, task};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tracing::{debug, warn};

use crate::{
    body, local,
    request::{Request, Unreadable},
};

/// Readers at a time; further ones wait.
const READERS_MAX: usize = 16;
/// The longest head of a request.
const HEAD_MAX: usize = 8 << 10;
/// How long a reader may take to ask, and to take in a piece of its answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a follower is told of what came.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// How long accepting rests after an error.
const REST: Duration = Duration::from_millis(100);

const JSON_LINES: &str = "application/x-ndjson";
const TEXT: &str = "text/plain; version=0.0.4";

/// Opens a socket for each port and serves it for as long as the runtime lives. Must run on a tokio runtime.
///
/// A socket that cannot be opened is a warning: the node serves Kafka's clients all the same.
pub fn serve(journal: &Arc<Journal>, ports: impl IntoIterator<Item = u16>) {
    let readers = Arc::new(Semaphore::new(READERS_MAX));
    for port in ports {
        match bind(port) {
            Ok(listener) => {
                let accepting = accept(listener, journal.clone(), readers.clone());
                task::spawn("local socket", accepting);
            }
            Err(error) => warn!(
                "no local socket for port {port}, so `ottla why` does not find this node: {error}"
            ),
        }
    }
}

fn bind(port: u16) -> io::Result<UnixListener> {
    let address = local::address(port)?;
    #[cfg(not(target_os = "linux"))]
    if let Some(path) = address.as_pathname() {
        // What a killed node left; a port has one node.
        let _ = std::fs::remove_file(path);
    }
    let listener = StdListener::bind_addr(&address)?;
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}

async fn accept(listener: UnixListener, journal: Arc<Journal>, readers: Arc<Semaphore>) {
    loop {
        let Ok(place) = readers.clone().acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) if local::is_own(&stream) => {
                task::spawn("local reader", answer(stream, journal.clone(), place));
            }
            // Another user: not a word.
            Ok(_) => {}
            Err(error) => {
                debug!(%error, "could not accept on the local socket");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

async fn answer(mut stream: UnixStream, journal: Arc<Journal>, _place: OwnedSemaphorePermit) {
    // A reader that goes away does not want its answer.
    let _ = try_answer(&mut stream, &journal).await;
}

async fn try_answer(stream: &mut UnixStream, journal: &Journal) -> io::Result<()> {
    let head = timeout(PATIENCE, read_head(stream)).await??;
    let request = match Request::read(&head) {
        Ok(request) => request,
        Err(Unreadable::Method) => {
            return whole(
                stream,
                "405 Method Not Allowed",
                TEXT,
                "only GET is served\n",
            )
            .await;
        }
        Err(Unreadable::NotHttp) => {
            return whole(stream, "400 Bad Request", TEXT, "this is HTTP/1.1\n").await;
        }
    };
    match request.path {
        "/v3/refusals" => refusals(stream, journal, &request).await,
        "/v3/answers" => {
            let lines: String = journal.counts.all().iter().map(body::count).collect();
            whole(stream, "200 OK", JSON_LINES, &lines).await
        }
        "/metrics" => {
            let text = body::metrics(&journal.counts.all(), journal.dropped());
            whole(stream, "200 OK", TEXT, &text).await
        }
        _ => {
            let paths = "there are /v3/refusals, /v3/answers and /metrics\n";
            whole(stream, "404 Not Found", TEXT, paths).await
        }
    }
}

async fn refusals(
    stream: &mut UnixStream,
    journal: &Journal,
    request: &Request<'_>,
) -> io::Result<()> {
    let mut after = match request.parameter("after").map(str::parse) {
        None => 0,
        Some(Ok(number)) => number,
        Some(Err(_)) => {
            let why = "after is the number of an entry\n";
            return whole(stream, "400 Bad Request", TEXT, why).await;
        }
    };
    let mut watch = journal.watch();
    head(stream, "200 OK", JSON_LINES).await?;
    loop {
        watch.mark_unchanged();
        for entry in journal.after(after) {
            after = entry.number;
            write(stream, body::entry(&entry).as_bytes()).await?;
        }
        if request.parameter("follow").is_none() {
            return stream.shutdown().await;
        }
        // What is repeated meanwhile is told once.
        tokio::time::sleep(BETWEEN_LOOKS).await;
        tokio::select! {
            biased;
            changed = watch.changed() => if changed.is_err() { return Ok(()); },
            // Whoever follows says nothing more: this is its end.
            _ = stream.readable() => if is_closed(stream)? { return Ok(()); },
        }
    }
}

fn is_closed(stream: &UnixStream) -> io::Result<bool> {
    let mut ignored = [0; 256];
    match stream.try_read(&mut ignored) {
        Ok(length) => Ok(length == 0),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}

async fn read_head(stream: &mut UnixStream) -> io::Result<String> {
    let mut head = Vec::new();
    loop {
        if head.windows(4).any(|end| end == b"\r\n\r\n") {
            return String::from_utf8(head)
                .map_err(|_| io::Error::from(io::ErrorKind::InvalidData));
        }
        let mut piece = [0; 1024];
        let length = stream.read(&mut piece).await?;
        head.extend_from_slice(&piece[..length]);
        if length == 0 || head.len() > HEAD_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

async fn head(stream: &mut UnixStream, status: &str, kind: &str) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    );
    write(stream, head.as_bytes()).await
}

async fn whole(stream: &mut UnixStream, status: &str, kind: &str, body: &str) -> io::Result<()> {
    head(stream, status, kind).await?;
    write(stream, body.as_bytes()).await?;
    stream.shutdown().await
}

async fn write(stream: &mut UnixStream, bytes: &[u8]) -> io::Result<()> {
    timeout(PATIENCE, stream.write_all(bytes)).await?
}
