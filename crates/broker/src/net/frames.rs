//! Cuts the byte stream of a connection into frames: a length of four bytes, then that many bytes.

use std::{fmt, io};

use bytes::{Buf, Bytes, BytesMut};
use tokio::{net::tcp::OwnedReadHalf, time::timeout};

use super::activity::Activity;

/// How much is asked of the socket at least.
const READ_AT_LEAST: usize = 8 << 10;

/// Why there is no further frame.
#[derive(Debug)]
pub(crate) enum NoFrame {
    /// The peer closed, between frames.
    Closed,
    /// The peer closed within a frame.
    CutShort,
    /// A frame of a length that is negative or above `socket.request.max.bytes`.
    Length(i32),
    /// Nothing came for `connections.max.idle.ms`.
    Idle,
    /// The socket failed.
    Io(io::Error),
}

impl fmt::Display for NoFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => write!(f, "the peer closed"),
            Self::CutShort => write!(f, "the peer closed within a request"),
            Self::Length(length) => write!(f, "a request of {length} bytes"),
            Self::Idle => write!(f, "nothing came for connections.max.idle.ms"),
            Self::Io(error) => write!(f, "the socket failed: {error}"),
        }
    }
}

/// The reading half of a connection.
pub(crate) struct Frames {
    from: OwnedReadHalf,
    buffer: BytesMut,
    max_frame: usize,
    activity: Activity,
}

impl Frames {
    pub(crate) fn new(from: OwnedReadHalf, max_frame: usize, activity: Activity) -> Self {
        Self {
            from,
            buffer: BytesMut::new(),
            max_frame,
            activity,
        }
    }

    /// The next frame, without its length.
    pub(crate) async fn next(&mut self) -> Result<Bytes, NoFrame> {
        loop {
            let missing = match self.frame_size()? {
                Some(size) if self.buffer.len() >= 4 + size => {
                    self.buffer.advance(4);
                    let frame = self.buffer.split_to(size).freeze();
                    if self.buffer.is_empty() {
                        // An idle connection keeps no buffer.
                        self.buffer = BytesMut::new();
                    }
                    return Ok(frame);
                }
                Some(size) => 4 + size - self.buffer.len(),
                None => READ_AT_LEAST,
            };
            self.fill(missing).await?;
        }
    }

    /// The size of the frame that the buffer begins with, once its length is there.
    fn frame_size(&self) -> Result<Option<usize>, NoFrame> {
        let Some(length) = self.buffer.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = i32::from_be_bytes(*length);
        match usize::try_from(length) {
            Ok(size) if size <= self.max_frame => Ok(Some(size)),
            _ => Err(NoFrame::Length(length)),
        }
    }

    async fn fill(&mut self, missing: usize) -> Result<(), NoFrame> {
        loop {
            match timeout(self.activity.left(), self.from.readable()).await {
                Err(_) if self.activity.left().is_zero() => return Err(NoFrame::Idle),
                // Something was sent in between.
                Err(_) => continue,
                Ok(Err(error)) => return Err(NoFrame::Io(error)),
                Ok(Ok(())) => {}
            }
            // Memory follows the bytes that came, not the length that was claimed.
            let room = missing
                .min(self.buffer.len().saturating_mul(3))
                .max(READ_AT_LEAST);
            self.buffer.reserve(room);
            match self.from.try_read_buf(&mut self.buffer) {
                Ok(0) if self.buffer.is_empty() => return Err(NoFrame::Closed),
                Ok(0) => return Err(NoFrame::CutShort),
                Ok(_) => {
                    self.activity.note();
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if self.buffer.is_empty() {
                        self.buffer = BytesMut::new();
                    }
                }
                Err(error) => return Err(NoFrame::Io(error)),
            }
        }
    }
}
