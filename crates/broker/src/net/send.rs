//! Sends answers: small pieces gathered, large pieces as they are, file pieces by sendfile.

use std::{io, os::unix::fs::FileExt, sync::Arc};

use bytes::{BufMut, BytesMut};
use ottla_log::{
    FileSlice,
    file::{self, memory},
};
use ottla_wire::Segment;
use rustix::io::Errno;
use tokio::{
    io::{AsyncWriteExt, Interest},
    net::tcp::OwnedWriteHalf,
    time::timeout,
};

use super::activity::Activity;
use crate::{broker::Broker, reply::Outgoing};

/// Pieces up to this size are copied into the gathering buffer.
const GATHER_UP_TO: usize = 16 << 10;
/// Records up to this size are read into it, with what is around them: two calls and a copy instead of three calls, and
/// the reader is woken once. With more the copy costs more than that.
const READ_UP_TO: usize = 32 << 10;
/// The gathering buffer is sent when it holds this much.
const SEND_AT: usize = 64 << 10;
/// What one sendfile call may move, so that one connection does not hold its thread for long.
const SENDFILE_MAX: usize = 1 << 20;

/// The writing half of a connection.
pub(crate) struct Sender {
    broker: Arc<Broker>,
    to: OwnedWriteHalf,
    gathered: BytesMut,
    activity: Activity,
}

impl Sender {
    pub(crate) fn new(broker: Arc<Broker>, to: OwnedWriteHalf, activity: Activity) -> Self {
        Self {
            broker,
            to,
            gathered: BytesMut::new(),
            activity,
        }
    }

    /// Queues one answer; large ones are sent at once. Follow with [`Sender::flush`].
    pub(crate) async fn send(&mut self, answer: Outgoing) -> io::Result<()> {
        for segment in answer.encoded.segments {
            match segment {
                Segment::Bytes(bytes) if bytes.len() <= GATHER_UP_TO => {
                    self.gathered.put_slice(&bytes);
                    if self.gathered.len() >= SEND_AT {
                        self.flush().await?;
                    }
                }
                Segment::Bytes(bytes) => {
                    self.flush().await?;
                    write(&mut self.to, &bytes, &self.activity).await?;
                }
                Segment::Hole { slot, len } => {
                    let file = answer
                        .files
                        .get(slot as usize)
                        .filter(|file| file.len == len as usize);
                    let file = file.ok_or(io::ErrorKind::InvalidData)?;
                    if file.len > READ_UP_TO {
                        self.flush().await?;
                        self.send_file(file).await?;
                        continue;
                    }
                    if let Err(error) = self.gather_file(file).await {
                        self.look_at(&error, file);
                        // The answers before this one are whole.
                        self.flush().await?;
                        return Err(error);
                    }
                    if self.gathered.len() >= SEND_AT {
                        self.flush().await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Sends what was gathered.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        if !self.gathered.is_empty() {
            write(&mut self.to, &self.gathered, &self.activity).await?;
            self.gathered.clear();
        }
        Ok(())
    }

    /// Gives the buffer back: an idle connection keeps none.
    pub(crate) fn rest(&mut self) {
        if self.gathered.is_empty() && self.gathered.capacity() > 0 {
            self.gathered = BytesMut::new();
        }
    }

    /// Ends the stream.
    pub(crate) async fn close(mut self) {
        // The peer may be gone already.
        let _ = self.flush().await;
        let _ = self.to.shutdown().await;
    }

    /// Reads a file piece into the gathering buffer.
    async fn gather_file(&mut self, slice: &FileSlice) -> io::Result<()> {
        let at = self.gathered.len();
        self.gathered.resize(at + slice.len, 0);
        let room = &mut self.gathered[at..];
        if !memory::read_now(&slice.file, slice.position, room) {
            let from = slice.clone();
            let read = move || {
                file::about_to_read(&from.file)?;
                let mut bytes = vec![0; from.len];
                // As with sendfile: if the file was truncated, the frame's length can no longer be kept.
                from.file.read_exact_at(&mut bytes, from.position)?;
                io::Result::Ok(bytes)
            };
            match self.broker.disk_reads.run(read).await {
                Ok(bytes) => room.copy_from_slice(&bytes),
                Err(error) => {
                    self.gathered.truncate(at);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Waits elsewhere until the piece is in memory.
    async fn bring(&self, slice: &FileSlice, position: u64, len: usize) -> io::Result<()> {
        if memory::is_there(&slice.file, position, len) {
            return Ok(());
        }
        let file = slice.file.clone();
        let brought = move || memory::bring(&file, position, len);
        self.broker.disk_reads.run(brought).await
    }

    async fn send_file(&self, slice: &FileSlice) -> io::Result<()> {
        let (mut position, end) = (slice.position, slice.position + slice.len as u64);
        let socket = self.to.as_ref();
        let mut there = position;
        while position < end {
            if position == there {
                let len = SENDFILE_MAX.min((end - position) as usize);
                self.bring(slice, position, len)
                    .await
                    .inspect_err(|error| self.look_at(error, slice))?;
                there += len as u64;
            }
            let max = (there - position) as usize;
            let send = || {
                let mut offset = position;
                file::about_to_read(&slice.file)?;
                Ok(rustix::fs::sendfile(
                    socket,
                    &slice.file,
                    Some(&mut offset),
                    max,
                )?)
            };
            // A peer that has room needs no timer.
            let sent = match socket.try_io(Interest::WRITABLE, send) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    within(&self.activity, socket.async_io(Interest::WRITABLE, send)).await
                }
                done => noted(&self.activity, done),
            }
            .inspect_err(|error| self.look_at(error, slice))?;
            if sent == 0 {
                // The file was truncated under the reader: the frame's length can no longer be kept.
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            position += sent as u64;
            if position < end {
                // Others on this thread have their turn between two pieces.
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// What is wrong with a socket has other codes than a disk that cannot be read: the latter's directory has failed.
    fn look_at(&self, error: &io::Error, slice: &FileSlice) {
        let codes = [Errno::IO, Errno::UCLEAN, Errno::BADMSG];
        if let Some(code) = error.raw_os_error()
            && codes.iter().any(|it| it.raw_os_error() == code)
        {
            let fault = slice.fault(io::Error::from_raw_os_error(code));
            self.broker.log_dirs.noticed(&fault);
        }
    }
}

async fn write(to: &mut OwnedWriteHalf, mut bytes: &[u8], activity: &Activity) -> io::Result<()> {
    while !bytes.is_empty() {
        let sent = match to.try_write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                within(activity, to.write(bytes)).await
            }
            done => noted(activity, done),
        };
        match sent? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            sent => bytes = &bytes[sent..],
        }
    }
    Ok(())
}

/// A peer that takes nothing for as long as a connection may be idle is gone.
async fn within<T>(
    activity: &Activity,
    work: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    let done = timeout(activity.limit(), work)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    noted(activity, done)
}

/// What was done is activity.
fn noted<T>(activity: &Activity, done: io::Result<T>) -> io::Result<T> {
    if done.is_ok() {
        activity.note();
    }
    done
}
