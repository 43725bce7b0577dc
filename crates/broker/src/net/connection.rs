//! One connection: reads frames, hands each to dispatch, sends the answers in the order of the requests.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use ottla_wire::Segment;
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout,
};
use tracing::{debug, info};

use super::{
    activity::Activity,
    frames::{Frames, NoFrame},
    limits::Admitted,
    send::Sender,
};
use crate::{
    api::{self, Cx},
    broker::Broker,
    journal::{advertised, closed},
    node::Endpoint,
    reply::{Outgoing, Reply},
};

/// Requests of one connection that may be unanswered; the next is not read before one of them is answered.
const UNANSWERED_MAX: usize = 32;
/// Bytes of answers of one connection that may wait to be sent; with more, no further request is read. One answer may
/// be larger: it waits for the others to be sent.
const UNSENT_MAX: usize = 256 << 10;
/// What an answer from a file counts for: it holds a descriptor until it is sent.
const COST_OF_FILE: usize = 4 << 10;
/// What an answer counts for that is not there yet.
const COST_OF_LATER: usize = 8 << 10;
/// How long requests are still answered after the peer has stopped sending.
const AFTER_END: Duration = Duration::from_secs(30);

/// A connection that was accepted, on its way to the thread that will serve it.
pub(crate) struct Accepted {
    pub(crate) stream: std::net::TcpStream,
    pub(crate) peer: SocketAddr,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) admitted: Admitted,
}

/// Serves a connection to its end.
pub(crate) async fn serve(broker: Arc<Broker>, accepted: Accepted) {
    let peer = accepted.peer;
    let idle = broker.settings.connections_max_idle;
    let stream = match TcpStream::from_std(accepted.stream) {
        Ok(stream) => stream,
        Err(error) => return debug!(%peer, %error, "could not serve the connection"),
    };
    let (from, to) = stream.into_split();
    let activity = Activity::new(idle);
    let max_frame = broker.settings.socket_request_max_bytes;
    let frames = Frames::new(from, max_frame, activity.clone());
    let resting = activity.clone();
    let sender = Sender::new(broker.clone(), to, activity);
    let cx = Cx::new(broker, peer, accepted.endpoint);
    advertised::misled(&cx);
    let (queue, unanswered) = mpsc::channel(UNANSWERED_MAX);
    let mut reading = std::pin::pin!(read(cx, frames, Answers::new(queue), resting));
    let mut answering = std::pin::pin!(answer(unanswered, sender));
    let ended = tokio::select! {
        biased;
        ended = &mut answering => ended,
        ended = &mut reading => match ended {
            // Every request read is answered; then the connection ends.
            Ended::AfterAnswers => timeout(AFTER_END, answering).await.unwrap_or(Ok(())),
            Ended::Now => Ok(()),
        },
    };
    if let Err(error) = ended {
        debug!(%peer, %error, "the connection ended while answering");
    }
    drop(accepted.admitted);
}

/// An answer in its turn, and its share of what may wait.
struct Waiting {
    reply: Reply<Outgoing>,
    _share: OwnedSemaphorePermit,
}

/// The way of answers to the socket: in order, and not too many of them.
struct Answers {
    queue: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
}

impl Answers {
    fn new(queue: mpsc::Sender<Waiting>) -> Self {
        Self {
            queue,
            room: Arc::new(Semaphore::new(UNSENT_MAX)),
        }
    }

    /// Queues an answer once there is room for it; none if nobody sends any more.
    async fn put(&self, reply: Reply<Outgoing>) -> Option<()> {
        let cost = cost(&reply).min(UNSENT_MAX) as u32;
        let share = self.room.clone().acquire_many_owned(cost).await.ok()?;
        let waiting = Waiting {
            reply,
            _share: share,
        };
        self.queue.send(waiting).await.ok()
    }
}

fn cost(reply: &Reply<Outgoing>) -> usize {
    let of_segment = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => bytes.len(),
        Segment::Hole { .. } => COST_OF_FILE,
    };
    match reply {
        Reply::Now(outgoing) => outgoing.encoded.segments.iter().map(of_segment).sum(),
        Reply::Later(_) => COST_OF_LATER,
        Reply::Silent | Reply::Unanswered(_) | Reply::Close(_) => 0,
    }
}

/// How reading ended.
enum Ended {
    /// The peer is gone: what is unanswered stays so.
    Now,
    /// The peer sends nothing more, or breaks the protocol: the requests before that are answered.
    AfterAnswers,
}

async fn read(mut cx: Cx, mut frames: Frames, answers: Answers, activity: Activity) -> Ended {
    let peer = cx.peer;
    loop {
        // Before it reads, and again: an answer that came later may have let the connection rest meanwhile.
        let mut next = Err(NoFrame::Idle);
        if cx.rest.over(&activity).await {
            next = frames.next().await;
        }
        if next.is_ok() && !cx.rest.over(&activity).await {
            next = Err(NoFrame::Idle);
        }
        let frame = match next {
            Ok(frame) => frame,
            Err(NoFrame::Length(length)) => {
                let max = cx.broker.settings.socket_request_max_bytes;
                let why = closed::not_a_frame(&cx, length, max);
                info!(%peer, "closed: {why}");
                return Ended::AfterAnswers;
            }
            Err(NoFrame::Io(error)) => {
                debug!(%peer, %error, "closed");
                return Ended::Now;
            }
            Err(NoFrame::Idle) => {
                debug!(%peer, "closed: idle for connections.max.idle.ms");
                return Ended::Now;
            }
            Err(NoFrame::Closed | NoFrame::CutShort) => return Ended::AfterAnswers,
        };
        let reply = api::dispatch(&mut cx, frame).await;
        let closes = match &reply {
            Reply::Close(why) => {
                info!(%peer, "closed: {why}");
                closed::without_answer(&cx, why);
                true
            }
            _ => false,
        };
        if answers.put(reply).await.is_none() {
            return Ended::Now;
        }
        if closes {
            return Ended::AfterAnswers;
        }
    }
}

async fn answer(mut unanswered: mpsc::Receiver<Waiting>, mut to: Sender) -> io::Result<()> {
    loop {
        // Its share is given back when it is sent.
        let waiting = match unanswered.try_recv() {
            Ok(waiting) => waiting,
            Err(_) => {
                // Nothing else is ready: what was gathered goes out before waiting.
                to.flush().await?;
                to.rest();
                match unanswered.recv().await {
                    Some(waiting) => waiting,
                    None => break,
                }
            }
        };
        let outgoing = match waiting.reply {
            Reply::Now(outgoing) => outgoing,
            Reply::Later(outgoing) => {
                to.flush().await?;
                outgoing.await
            }
            Reply::Silent => continue,
            Reply::Unanswered(_) | Reply::Close(_) => break,
        };
        to.send(outgoing).await?;
    }
    to.close().await;
    Ok(())
}
