//! The floor of the benchmarks: a server that only moves bytes, as a measure for what a broker adds.
//!
//! `floor DIRECTORY PORT BYTES`: each frame that comes in goes to a file of its connection, and is answered with its
//! correlation id; a request for records is answered with the next BYTES of a file, by sendfile. It looks at nothing else.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    process::ExitCode,
    sync::Arc,
};

use ottla_wire::{Request, messages::FetchRequest};
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, Interest},
    net::{TcpListener, TcpStream},
};

/// The size of a file that begins anew when it is reached, so that no disk is filled.
const FILE_BYTES: u64 = 1 << 30;
/// What there is to fetch, again and again: as with a broker more than a processor's caches hold.
const RECORDS_BYTES: usize = 256 << 20;
/// What it is written by, as a log is: pages that came at once are found at once.
const BATCH_BYTES: usize = 16 << 10;
/// What costs least on loopback, and what Ottla does.
const SEND_BUFFER_BYTES: usize = 256 << 10;
const MOST_BYTES: usize = 256 << 20;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match serve(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("floor: {why}");
            ExitCode::FAILURE
        }
    }
}

fn serve(args: &[String]) -> Result<(), String> {
    let [dir, port, bytes] = args else {
        return Err("usage: floor DIRECTORY PORT BYTES".to_owned());
    };
    let port: u16 = port.parse().map_err(|_| format!("{port}: not a port"))?;
    let bytes: usize = bytes.parse().map_err(|_| format!("{bytes}: not a size"))?;
    let sizes = 1..=RECORDS_BYTES;
    if !sizes.contains(&bytes) {
        return Err(format!("{bytes}: not one of {sizes:?}"));
    }
    let pieces = RECORDS_BYTES / bytes;
    let served = move || -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_io()
            .build()?;
        runtime.block_on(async move {
            let listener = TcpListener::bind(("127.0.0.1", port)).await?;
            let records = Arc::new(Records::new(Path::new(dir), bytes, pieces)?);
            accept(&listener, Path::new(dir), &records).await
        })
    };
    served().map_err(|error| error.to_string())
}

/// Serves every connection that comes, each with a file of its own.
async fn accept(listener: &TcpListener, dir: &Path, records: &Arc<Records>) -> io::Result<()> {
    for number in 0_u64.. {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER_BYTES)?;
        let file = dir.join(format!("written-{number}"));
        let records = Arc::clone(records);
        #[expect(clippy::disallowed_methods, reason = "a program of its own")]
        tokio::spawn(async move {
            // A connection that ends is no news.
            let _ = connection(stream, &file, &records).await;
        });
    }
    Ok(())
}

/// What is fetched: a file of pieces, one for an answer.
struct Records {
    file: File,
    bytes: usize,
    pieces: usize,
}

impl Records {
    fn new(dir: &Path, bytes: usize, pieces: usize) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        let mut file = options.open(dir.join("records"))?;
        let piece = vec![7; bytes];
        for _ in 0..pieces {
            for batch in piece.chunks(BATCH_BYTES) {
                file.write_all(batch)?;
            }
        }
        Ok(Self {
            file,
            bytes,
            pieces,
        })
    }

    /// Sends a piece, and says which comes next.
    async fn send(&self, stream: &TcpStream, piece: usize) -> io::Result<usize> {
        let mut at = (piece * self.bytes) as u64;
        let end = at + self.bytes as u64;
        while at < end {
            let left = (end - at) as usize;
            let sent = stream.async_io(Interest::WRITABLE, || {
                Ok(rustix::fs::sendfile(
                    stream,
                    &self.file,
                    Some(&mut at),
                    left,
                )?)
            });
            if sent.await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok((piece + 1) % self.pieces)
    }
}

async fn connection(mut stream: TcpStream, path: &Path, records: &Records) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let mut file = options.open(path)?;
    let (mut frame, mut written, mut piece) = (Vec::new(), 0, 0);
    loop {
        let size = stream.read_u32().await? as usize;
        if !(8..=MOST_BYTES).contains(&size) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if frame.len() < size {
            frame.resize(size, 0);
        }
        stream.read_exact(&mut frame[..size]).await?;
        let correlation_id = &frame[4..8];
        if frame[..2] == FetchRequest::KEY.to_be_bytes() {
            let size = (records.bytes as u32 + 4).to_be_bytes();
            stream
                .write_all(&[&size[..], correlation_id].concat())
                .await?;
            piece = records.send(&stream, piece).await?;
            continue;
        }
        file.write_all(&frame[..size])?;
        written += size as u64;
        if written > FILE_BYTES {
            written = 0;
            file.set_len(0)?;
            file = options.open(path)?;
        }
        let size = 4_u32.to_be_bytes();
        stream
            .write_all(&[&size[..], &frame[4..8]].concat())
            .await?;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ottla_wire::messages::ProduceRequest;

    use super::*;

    /// A frame without its size: key, version, correlation id, and what follows.
    fn frame(key: i16, correlation_id: u32, rest: &[u8]) -> Vec<u8> {
        [
            &key.to_be_bytes()[..],
            &[0, 0],
            &correlation_id.to_be_bytes(),
            rest,
        ]
        .concat()
    }

    async fn ask(stream: &mut TcpStream, frame: &[u8]) -> io::Result<Vec<u8>> {
        stream.write_u32(frame.len() as u32).await?;
        stream.write_all(frame).await?;
        let mut answer = vec![0; stream.read_u32().await? as usize];
        stream.read_exact(&mut answer).await?;
        Ok(answer)
    }

    #[tokio::test]
    async fn what_comes_is_written_and_what_is_fetched_is_sent() {
        let dir = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let records = Arc::new(Records::new(dir.path(), 5, 2).unwrap());
        let served = accept(&listener, dir.path(), &records);
        let asked = async {
            let mut stream = TcpStream::connect(address).await?;
            let first = frame(ProduceRequest::KEY, 11, b"some records");
            let second = frame(ProduceRequest::KEY, 12, b"others");
            assert_eq!(ask(&mut stream, &first).await?, [0, 0, 0, 11]);
            assert_eq!(ask(&mut stream, &second).await?, [0, 0, 0, 12]);
            let written = fs::read(dir.path().join("written-0"))?;
            assert_eq!(written, [first, second].concat());
            // From the first piece again after the last.
            for _ in 0..3 {
                let fetch = frame(FetchRequest::KEY, 13, &[]);
                let answer = ask(&mut stream, &fetch).await?;
                assert_eq!(answer, [0, 0, 0, 13, 7, 7, 7, 7, 7]);
            }
            // A frame that is too short to be one ends its connection, and no other.
            assert!(ask(&mut stream, &[0; 7]).await.is_err());
            let mut stream = TcpStream::connect(address).await?;
            let answer = ask(&mut stream, &frame(ProduceRequest::KEY, 14, &[])).await?;
            assert_eq!(answer, [0, 0, 0, 14]);
            io::Result::Ok(())
        };
        tokio::select! {
            biased;
            outcome = asked => outcome.unwrap(),
            ended = served => panic!("it ended: {ended:?}"),
        }
    }
}
