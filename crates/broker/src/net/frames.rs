//! Cuts the byte stream of a connection into frames: a length of four bytes, then that many bytes.

use std::{
    fmt,
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes, BytesMut};
use tokio::{
    io::AsyncReadExt,
    net::tcp::OwnedReadHalf,
    time::{Sleep, sleep},
};

use super::activity::Activity;
use crate::clock;

/// How much is asked of the socket at least.
const READ_AT_LEAST: usize = 8 << 10;
/// How much is asked of it at most because frames of that size came before: the usual batches, and what is around them.
const USUAL_MAX: usize = 160 << 10;

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
    /// Room for a frame like the last one and a little more. A socket that gave less than it was asked for has no further
    /// frame, and need not be asked again.
    usual: usize,
    activity: Activity,
    /// Rings when too little may have happened. It is not wound up for every frame: when it rings, what happened counts.
    alarm: Pin<Box<Sleep>>,
}

impl Frames {
    pub(crate) fn new(from: OwnedReadHalf, max_frame: usize, activity: Activity) -> Self {
        Self {
            from,
            buffer: BytesMut::new(),
            max_frame,
            usual: 0,
            alarm: Box::pin(sleep(activity.limit())),
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
                    self.usual = (4 + size + size / 16 + 64).min(USUAL_MAX);
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
        poll_fn(|task| self.poll_fill(task, missing)).await
    }

    fn poll_fill(&mut self, task: &mut Context<'_>, missing: usize) -> Poll<Result<(), NoFrame>> {
        loop {
            match self.from.as_ref().poll_read_ready(task) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(NoFrame::Io(error))),
                Poll::Pending => return self.poll_idle(task).map(Err),
            }
            // Memory follows the bytes that came, now or before, not the length that was claimed.
            let came = self.buffer.len();
            let room = missing
                .min(came.saturating_mul(3))
                .max(self.usual.saturating_sub(came))
                .max(READ_AT_LEAST);
            self.buffer.reserve(room);
            match self.poll_read(task) {
                Poll::Ready(Ok(0)) if self.buffer.is_empty() => {
                    return Poll::Ready(Err(NoFrame::Closed));
                }
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(NoFrame::CutShort)),
                Poll::Ready(Ok(_)) => {
                    self.activity.note();
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(NoFrame::Io(error))),
                // There was nothing after all.
                Poll::Pending if self.buffer.is_empty() => self.buffer = BytesMut::new(),
                Poll::Pending => {}
            }
        }
    }

    fn poll_read(&mut self, task: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.buffer.is_empty() {
            return pin!(self.from.read_buf(&mut self.buffer)).poll(task);
        }
        // The rest of a frame is asked for until there is nothing: what the peer could not send yet comes as soon as there is
        // room. Of many connections, few have a part of a large frame in memory then.
        match self.from.try_read_buf(&mut self.buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            read => Poll::Ready(read),
        }
    }

    /// Nothing is there: until too little has happened for too long.
    fn poll_idle(&mut self, task: &mut Context<'_>) -> Poll<NoFrame> {
        loop {
            ready!(self.alarm.as_mut().poll(task));
            let left = self.activity.left();
            if left.is_zero() {
                return Poll::Ready(NoFrame::Idle);
            }
            self.alarm.as_mut().reset(clock::instant() + left);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{
        io::AsyncWriteExt,
        net::{TcpListener, TcpStream},
    };

    use super::*;

    const MAX: usize = 4 << 20;

    async fn connected(idle: Duration) -> (Frames, Activity, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let peer = TcpStream::connect(address).await.unwrap();
        let (accepted, _) = listener.accept().await.unwrap();
        let activity = Activity::new(idle);
        let (from, to) = accepted.into_split();
        // The answers' half stays open.
        to.forget();
        (Frames::new(from, MAX, activity.clone()), activity, peer)
    }

    fn content(n: usize, size: usize) -> Vec<u8> {
        (0..size).map(|at| (at * 7 + n) as u8).collect()
    }

    #[tokio::test]
    async fn frames_come_whole_however_they_were_cut() {
        const SIZES: [usize; 14] = [
            0,
            1,
            9,
            8 << 10,
            100,
            100_000,
            100_000,
            105_000,
            3,
            MAX,
            MAX,
            0,
            20_000,
            5,
        ];
        for piece in [1_usize << 30, 100_003, 4_099, 17] {
            let sizes: Vec<usize> = SIZES
                .into_iter()
                // A few bytes at a time takes long.
                .filter(|size| *size < piece.saturating_mul(10_000))
                .collect();
            let mut bytes = Vec::new();
            for (n, size) in sizes.iter().enumerate() {
                bytes.extend((*size as u32).to_be_bytes());
                bytes.extend(content(n, *size));
            }
            let (mut frames, _, mut peer) = connected(Duration::from_secs(600)).await;
            let send = async {
                for piece in bytes.chunks(piece) {
                    peer.write_all(piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
                peer
            };
            let receive = async {
                for (n, size) in sizes.iter().enumerate() {
                    let frame = frames.next().await.unwrap();
                    assert!(
                        frame == content(n, *size),
                        "{size} bytes in pieces of {piece}"
                    );
                }
            };
            let (peer, ()) = tokio::join!(send, receive);
            assert_eq!(
                frames.buffer.capacity(),
                0,
                "an idle connection has a buffer"
            );
            drop(peer);
            assert!(matches!(frames.next().await, Err(NoFrame::Closed)));
        }
    }

    #[tokio::test]
    async fn what_is_announced_and_does_not_come_takes_no_memory() {
        let (mut frames, _, mut peer) = connected(Duration::from_secs(600)).await;
        peer.write_all(&(MAX as u32).to_be_bytes()).await.unwrap();
        peer.write_all(&[7; 100]).await.unwrap();
        drop(peer);
        assert!(matches!(frames.next().await, Err(NoFrame::CutShort)));
        assert!(frames.buffer.capacity() <= 4 * READ_AT_LEAST);

        let (mut frames, _, mut peer) = connected(Duration::from_secs(600)).await;
        for length in [MAX as u32 + 1, u32::MAX] {
            peer.write_all(&length.to_be_bytes()).await.unwrap();
            let refused = frames.next().await;
            assert!(matches!(refused, Err(NoFrame::Length(it)) if it == length as i32));
            frames.buffer.clear();
        }
    }

    /// How long it takes until a connection is idle.
    async fn until_idle(frames: &mut Frames) -> Duration {
        let from = clock::instant();
        assert!(matches!(frames.next().await, Err(NoFrame::Idle)));
        from.elapsed()
    }

    #[tokio::test]
    async fn a_connection_is_idle_when_nothing_went_either_way_for_so_long() {
        let limit = Duration::from_millis(200);
        // Clocks are read in whole milliseconds.
        let almost = Duration::from_millis(190);
        let (mut frames, activity, _peer) = connected(limit).await;
        assert!(until_idle(&mut frames).await >= almost);
        // An answer that was sent counts, whenever the alarm was wound up.
        activity.note();
        assert!(until_idle(&mut frames).await >= almost);
        let (mut frames, activity, _peer) = connected(limit).await;
        sleep(limit * 3 / 4).await;
        activity.note();
        assert!(until_idle(&mut frames).await >= almost);
        // A part of a request counts, and is no request.
        let (mut frames, _, mut peer) = connected(limit).await;
        sleep(limit * 3 / 4).await;
        peer.write_all(&[0, 0]).await.unwrap();
        assert!(until_idle(&mut frames).await >= almost);
        assert_eq!(frames.buffer.len(), 2);
    }
}
