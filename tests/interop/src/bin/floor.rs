//! The floor of the benchmarks: a server that only moves bytes, as a measure for what a broker adds.
//!
//! `floor DIRECTORY PORT BYTES`: each frame that comes in goes to a file of its connection, and is answered with its
//! correlation id; a request for records is answered with BYTES of a file, by sendfile. It looks at nothing else.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use ottla_wire::{Request, messages::FetchRequest};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, Interest},
    net::{TcpListener, TcpStream},
};

/// The size of a file that begins anew when it is reached, so that no disk is filled.
const FILE_BYTES: u64 = 1 << 30;
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
    let said = |error: io::Error| error.to_string();
    let dir = PathBuf::from(dir);
    let records = Arc::new(records(&dir, bytes).map_err(said)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_io()
        .build()
        .map_err(said)?;
    runtime.block_on(async move {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(said)?;
        for number in 0_u64.. {
            let (stream, _) = listener.accept().await.map_err(said)?;
            stream.set_nodelay(true).map_err(said)?;
            let file = dir.join(format!("written-{number}"));
            let records = Arc::clone(&records);
            #[expect(clippy::disallowed_methods, reason = "a program of its own")]
            tokio::spawn(async move {
                // A connection that ends is no news.
                let _ = connection(stream, &file, &records, bytes).await;
            });
        }
        Ok(())
    })
}

/// A file of so many bytes.
fn records(dir: &Path, bytes: usize) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    let mut file = options.open(dir.join("records"))?;
    file.write_all(&vec![7; bytes])?;
    Ok(file)
}

async fn connection(
    mut stream: TcpStream,
    path: &Path,
    records: &File,
    bytes: usize,
) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let mut file = options.open(path)?;
    let (mut frame, mut written) = (Vec::new(), 0);
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
            let size = (bytes as u32 + 4).to_be_bytes();
            stream
                .write_all(&[&size[..], correlation_id].concat())
                .await?;
            send(&stream, records, bytes).await?;
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

async fn send(stream: &TcpStream, file: &File, bytes: usize) -> io::Result<()> {
    let mut at = 0;
    while at < bytes as u64 {
        let left = bytes - at as usize;
        let sent = stream.async_io(Interest::WRITABLE, || {
            Ok(rustix::fs::sendfile(stream, file, Some(&mut at), left)?)
        });
        if sent.await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}
