//! One connection: reads frames, hands each to dispatch, sends the answers in the order of the requests.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{net::TcpStream, sync::mpsc};
use tracing::{debug, info};

use super::{
    frames::{Frames, NoFrame},
    limits::Admitted,
    send::Sender,
};
use crate::{
    api::{self, Cx},
    broker::Broker,
    node::Endpoint,
    reply::{Outgoing, Reply},
};

/// Requests of one connection that may be unanswered; the next is not read before one of them is answered.
const UNANSWERED_MAX: usize = 32;

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
    let frames = Frames::new(from, broker.settings.socket_request_max_bytes, idle);
    let cx = Cx::new(broker, peer, accepted.endpoint);
    let (queue, unanswered) = mpsc::channel(UNANSWERED_MAX);
    let mut reading = std::pin::pin!(read(cx, frames, queue));
    let mut answering = std::pin::pin!(answer(unanswered, Sender::new(to, idle)));
    let ended = tokio::select! {
        biased;
        ended = &mut answering => ended,
        ended = &mut reading => match ended {
            // Every request read is answered; then the connection ends.
            Ended::AfterAnswers => answering.await,
            Ended::Now => Ok(()),
        },
    };
    if let Err(error) = ended {
        debug!(%peer, %error, "the connection ended while answering");
    }
    drop(accepted.admitted);
}

/// How reading ended.
enum Ended {
    /// The peer is gone or breaks the framing: what is unanswered stays so.
    Now,
    /// A request closes the connection: the requests before it are answered.
    AfterAnswers,
}

async fn read(mut cx: Cx, mut frames: Frames, queue: mpsc::Sender<Reply<Outgoing>>) -> Ended {
    let peer = cx.peer;
    loop {
        let frame = match frames.next().await {
            Ok(frame) => frame,
            Err(NoFrame::Closed) => return Ended::Now,
            Err(NoFrame::Length(length)) => {
                let max = cx.broker.settings.socket_request_max_bytes;
                info!(%peer, "closed: a request of {length} bytes, socket.request.max.bytes is {max}");
                return Ended::Now;
            }
            Err(why) => {
                debug!(%peer, "closed: {why}");
                return Ended::Now;
            }
        };
        let reply = api::dispatch(&mut cx, frame).await;
        let closes = match &reply {
            Reply::Close(why) => {
                info!(%peer, "closed: {why}");
                true
            }
            _ => false,
        };
        if queue.send(reply).await.is_err() {
            return Ended::Now;
        }
        if closes {
            return Ended::AfterAnswers;
        }
    }
}

async fn answer(mut unanswered: mpsc::Receiver<Reply<Outgoing>>, mut to: Sender) -> io::Result<()> {
    loop {
        let reply = match unanswered.try_recv() {
            Ok(reply) => reply,
            Err(_) => {
                // Nothing else is ready: what was gathered goes out before waiting.
                to.flush().await?;
                to.rest();
                match unanswered.recv().await {
                    Some(reply) => reply,
                    None => break,
                }
            }
        };
        let outgoing = match reply {
            Reply::Now(outgoing) => outgoing,
            Reply::Later(outgoing) => {
                to.flush().await?;
                outgoing.await
            }
            Reply::Silent => continue,
            Reply::Close(_) => break,
        };
        to.send(outgoing).await?;
    }
    to.close().await;
    Ok(())
}
