//! Producers and their transactions.

pub(crate) mod add_offsets_to_txn;
pub(crate) mod add_partitions_to_txn;
pub(crate) mod describe_producers;
pub(crate) mod describe_transactions;
pub(crate) mod end_txn;
pub(crate) mod init_producer_id;
pub(crate) mod list_transactions;
pub(crate) mod txn_offset_commit;
pub(crate) mod verify;
pub(crate) mod write_txn_markers;

use ottla_coordinator::transaction::{Input, Reply as Answer};
use ottla_wire::errors::{Code, Refusal};

use std::sync::Arc;

use super::Cx;
use crate::broker::Broker;

/// Takes the answer of one kind out of an outcome.
macro_rules! only {
    ($kind:ident, $outcome:expr) => {
        match $outcome {
            Ok(ottla_coordinator::transaction::Reply::$kind(answer)) => Ok(answer),
            Ok(_) => Err(super::another_kind()),
            Err(refusal) => Err(refusal),
        }
    };
}
use only;

fn another_kind() -> Refusal {
    Code::UNKNOWN_SERVER_ERROR.because("the coordinator gave an answer of another kind")
}

/// Asks the coordinator of a transactional id, in the connection's turn.
async fn ask(
    broker: &Arc<Broker>,
    transactional_id: &str,
    input: Input,
) -> Result<Answer, Refusal> {
    if transactional_id.is_empty() {
        return Err(Code::INVALID_REQUEST.because("a transactional id is empty"));
    }
    ask_for_broker(broker, transactional_id, input).await
}

/// The same, for a broker that wants to know: without the topic it learns that first, whatever the id.
async fn ask_for_broker(
    broker: &Arc<Broker>,
    transactional_id: &str,
    input: Input,
) -> Result<Answer, Refusal> {
    broker
        .transactions
        .ask(broker, transactional_id, input)
        .wait()
        .await
}

/// The same, with a question that may need a producer id that nobody has: it is fetched when it turns out so.
async fn ask_with_producer_id(
    broker: &Arc<Broker>,
    transactional_id: &str,
    input: impl Fn(Option<i64>) -> Input,
) -> Result<Answer, Refusal> {
    match ask(broker, transactional_id, input(None)).await {
        Ok(Answer::ProducerIdNeeded) => {
            let fresh = broker.next_producer_id().await?;
            ask(broker, transactional_id, input(Some(fresh))).await
        }
        other => other,
    }
}

/// What clients that do not know `PRODUCER_FENCED` are told instead.
fn for_older(cx: &Cx, knows_from: i16, code: i16) -> i16 {
    if cx.version < knows_from && code == Code::PRODUCER_FENCED.0 {
        Code::INVALID_PRODUCER_EPOCH.0
    } else {
        code
    }
}
