//! From what a handler gives to what the connection sends: the journal sees it, then it is encoded.

use std::{
    any::Any,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Poll,
};

use bytes::Bytes;
use ottla_log::FileSlice;
use ottla_wire::{
    Message,
    answer::{AmendTexts, ErrorCodes},
    errors::Code,
    frame,
};

use super::Cx;
use crate::{
    journal::{Again, Asked, Reasons},
    quotas::{Meter, Timed},
    reply::{Closed, Outgoing, Reply},
};

/// An answer whose records are in files.
pub(crate) struct WithFiles<M> {
    /// The answer, with holes.
    pub(crate) message: M,
    /// What fills them, by slot.
    pub(crate) files: Vec<FileSlice>,
    /// Why parts of it were refused.
    pub(crate) reasons: Reasons,
}

/// An answer that has no place for a text, and why it refuses what it refuses.
pub(crate) struct WithReasons<M> {
    /// The answer.
    pub(crate) message: M,
    /// For the journal.
    pub(crate) reasons: Reasons,
}

impl<M> WithReasons<M> {
    /// An answer that refuses for the reason of `refusal`.
    pub(crate) fn because(message: M, refusal: &ottla_wire::Refusal) -> Self {
        Self {
            message,
            reasons: Reasons::any(refusal.code, refusal.text().to_owned()),
        }
    }
}

impl<M> From<M> for WithReasons<M> {
    fn from(message: M) -> Self {
        Self {
            message,
            reasons: Reasons::default(),
        }
    }
}

/// What a handler may answer.
pub(crate) trait Answer: Send + 'static {
    /// The message.
    type Message: Message + ErrorCodes + AmendTexts + Send + 'static;
    /// The message, its files, and why it refuses.
    fn parts(self) -> (Self::Message, Vec<FileSlice>, Reasons);
}

impl<M: Message + ErrorCodes + AmendTexts + Send + 'static> Answer for M {
    type Message = M;
    fn parts(self) -> (M, Vec<FileSlice>, Reasons) {
        (self, Vec::new(), Reasons::default())
    }
}

impl<M: Message + ErrorCodes + AmendTexts + Send + 'static> Answer for WithFiles<M> {
    type Message = M;
    fn parts(self) -> (M, Vec<FileSlice>, Reasons) {
        (self.message, self.files, self.reasons)
    }
}

impl<M: Message + ErrorCodes + AmendTexts + Send + 'static> Answer for WithReasons<M> {
    type Message = M;
    fn parts(self) -> (M, Vec<FileSlice>, Reasons) {
        (self.message, Vec::new(), self.reasons)
    }
}

/// What is to be known of a request when it is answered.
pub(super) fn asked(cx: &Cx, body: &Bytes, again: Again) -> Asked {
    Asked {
        broker: cx.broker.clone(),
        caller: cx.caller().clone(),
        key: cx.key,
        version: cx.version,
        correlation_id: cx.correlation_id,
        body: Asked::keeps_body(cx.key).then(|| body.clone()),
        again,
        meter: cx.meter.clone(),
    }
}

/// Runs a handler, shows its answer to the journal and encodes it. A handler that panics has failed: what is answered then
/// is `UNKNOWN_SERVER_ERROR`, or the connection ends if the answer has no code for the whole.
pub(super) async fn serve<A: Answer>(
    asked: Asked,
    handler: impl Future<Output = Reply<A>>,
) -> Reply<Outgoing> {
    #[cfg(test)]
    let handler = tests::or_panic(&asked, handler);
    match unwound(handler).await {
        Ok(reply) => encode(asked, reply),
        Err(panic) => {
            failed::<A::Message>(&asked, &panic).map_or(Reply::Close(Closed::Failed), Reply::Now)
        }
    }
}

/// Shows the answer to the journal and encodes it.
pub(super) fn encode<A: Answer>(asked: Asked, reply: Reply<A>) -> Reply<Outgoing> {
    match reply {
        Reply::Now(answer) => written(&asked, answer)
            .map_or_else(|why| Reply::Close(Closed::Unencodable(why)), Reply::Now),
        Reply::Later(answer) => Reply::Later(Box::pin(async move {
            // What it still takes of the thread counts, too.
            let answer = Timed::new(asked.meter.clone(), answer);
            match unwound(answer).await {
                Ok(answer) => written(&asked, answer).unwrap_or_else(|why| {
                    // Kafka's way with a defect of this kind: an error in the log; the client times out.
                    tracing::error!(%why, "an answer could not be written");
                    Outgoing::default()
                }),
                Err(panic) => failed::<A::Message>(&asked, &panic).unwrap_or_default(),
            }
        })),
        Reply::Unanswered(answer) => {
            let (mut message, _, reasons) = answer.parts();
            asked.tell(&mut message, &reasons);
            Reply::Close(Closed::UnansweredFailure)
        }
        Reply::Silent => Reply::Silent,
        Reply::Close(why) => Reply::Close(why),
    }
}

fn written<A: Answer>(asked: &Asked, answer: A) -> Result<Outgoing, ottla_wire::Unencodable> {
    let (mut message, files, reasons) = answer.parts();
    asked.tell(&mut message, &reasons);
    if let Some(meter) = &asked.meter {
        throttle(meter, asked.key, &mut message);
    }
    let mut to = frame::response_head(asked.key, asked.version, asked.correlation_id, 256);
    message.write(&mut to, asked.version)?;
    Ok(Outgoing {
        encoded: to.finish(),
        files,
    })
}

/// Produce, Fetch, and the requests whose changes are limited: their answers know already of a wait.
const DELAYED: &[i16] = &[0, 1, 19, 20, 37];

/// Tells the client how long its connection rests now, where the answer has room for it.
fn throttle<M: Message>(meter: &Meter, key: i16, message: &mut M) {
    let mut none = 0;
    let told = message.throttle_time_ms().unwrap_or(&mut none);
    // What others say there is for their clients alone.
    let so_far = if DELAYED.contains(&key) { *told } else { 0 };
    let wait_ms = meter.answered(so_far);
    if wait_ms > 0 {
        *told = wait_ms;
    }
}

/// What is answered after a panic, if there is a way to say it.
fn failed<M>(asked: &Asked, panic: &str) -> Option<Outgoing>
where
    M: Message + ErrorCodes + AmendTexts + Send + 'static,
{
    let code = Code::UNKNOWN_SERVER_ERROR;
    let why = format!("the handler panicked: {panic}");
    let Some(message) = M::failed(asked.version, code.0) else {
        asked.tell_fault(&why);
        return None;
    };
    let reasons = Reasons::any(code, why);
    written(asked, WithReasons { message, reasons }).ok()
}

/// A future's output, or what it said when it panicked.
async fn unwound<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let mut future = std::pin::pin!(future);
    let poll = poll_fn(|context| {
        // What a panic leaves half done is behind locks, which it gives back; so it is after an error.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(words(&*panic))),
        }
    });
    poll.await
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without words").to_owned()
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream,
    };

    use ottla_config::BrokerConfig;
    use ottla_wire::{
        Request,
        messages::{HeartbeatRequest, ListOffsetsRequest},
    };

    use super::*;
    use crate::{Node, task};

    /// The client whose requests fail.
    const VICTIM: &str = "victim";

    /// The fault that these tests inject.
    pub(super) async fn or_panic<T>(asked: &Asked, handler: impl Future<Output = T>) -> T {
        let client = asked.caller.client_id.clone();
        let output = handler.await;
        assert!(client.as_deref() != Some(VICTIM), "injected");
        output
    }

    /// The answer's body; `None` if the connection is closed instead.
    fn exchange<R: Request>(to: &mut TcpStream, version: i16, request: &R) -> Option<R::Response> {
        let frame = frame::request(version, 1, Some(VICTIM), request).unwrap();
        to.write_all(&frame.into_bytes().unwrap()).unwrap();
        let mut size = [0; 4];
        to.read_exact(&mut size).ok()?;
        let mut body = vec![0; u32::from_be_bytes(size) as usize];
        to.read_exact(&mut body).unwrap();
        let (_, body) = frame::read_response(R::KEY, version, body.into()).unwrap();
        Some(R::Response::decode(body, version).unwrap())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_handler_that_panics_is_answered_and_the_node_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let pairs = [
            ("process.roles", "broker,controller"),
            ("node.id", "1"),
            (
                "listeners",
                "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0",
            ),
            ("controller.listener.names", "CONTROLLER"),
            ("controller.quorum.voters", "1@127.0.0.1:9093"),
            ("log.dirs", dir.path().to_str().unwrap()),
        ];
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let loaded = BrokerConfig::load(&[pairs.to_vec()], &mut |_| Ok(None));
        let config = loaded.unwrap().config;
        crate::format::if_needed(&config).unwrap();
        let node = Node::start(config).await.unwrap();
        let address = ("127.0.0.1", node.listening()[0].port);
        task::blocking(move || {
            let mut to = TcpStream::connect(address).unwrap();
            // An answer with a code for the whole: the connection goes on.
            for _ in 0..2 {
                let answer = exchange(&mut to, 4, &HeartbeatRequest::default()).unwrap();
                assert_eq!(answer.error_code, Code::UNKNOWN_SERVER_ERROR.0);
            }
            // One without: it ends, and a new one is served.
            let none = exchange(&mut to, 6, &ListOffsetsRequest::default());
            assert_eq!(none, None);
            let mut to = TcpStream::connect(address).unwrap();
            assert!(exchange(&mut to, 4, &HeartbeatRequest::default()).is_some());
        })
        .await
        .unwrap();
        let entries = node.journal().after(0);
        assert_eq!(entries.len(), 2, "{entries:?}");
        for entry in entries {
            assert!(entry.incident.is_some(), "{entry:?}");
            assert!(entry.reason.contains("the handler panicked: injected"));
        }
        node.stop().await;
    }

    #[tokio::test]
    async fn a_panic_is_an_error_with_words() {
        assert_eq!(unwound(async { 7 }).await, Ok(7));
        let at_once = unwound(async { panic!("at {}", "once") });
        assert_eq!(at_once.await, Err::<(), _>("at once".to_owned()));
        let later = unwound(async {
            tokio::task::yield_now().await;
            panic!("later");
        });
        assert_eq!(later.await, Err::<(), _>("later".to_owned()));
    }
}
