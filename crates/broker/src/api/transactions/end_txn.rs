//! EndTxn: key 26, versions 0-5.
//!
//! Commits or aborts a producer's transaction. The end is decided when the answer leaves; its markers are written then, or
//! just now by another thread that looked after the same coordinator.
//!
//! Versions: 2 `PRODUCER_FENCED`; 3 flexible; 4 `TRANSACTION_ABORTABLE`; 5 transactions of version 2, and the id and
//! epoch that the next one has.
//!
//! Refuses: `INVALID_REQUEST` (an empty transactional id), `INVALID_PRODUCER_ID_MAPPING`, `PRODUCER_FENCED` (before
//! version 2 `INVALID_PRODUCER_EPOCH`), `INVALID_TXN_STATE`, `CONCURRENT_TRANSACTIONS`, `COORDINATOR_NOT_AVAILABLE`,
//! `COORDINATOR_LOAD_IN_PROGRESS`, `NOT_COORDINATOR`.
//!
//! Differs from Apache Kafka: nothing known.

use ottla_coordinator::transaction::Input;
use ottla_wire::{
    errors::Code,
    messages::{EndTxnRequest, EndTxnResponse},
};

use super::{ask_with_producer_id, for_older, only};
use crate::{
    api::{Cx, WithReasons},
    reply::Reply,
};

/// From this version on clients know `PRODUCER_FENCED`.
const KNOWS_FENCED: i16 = 2;

/// See the top of this file.
pub(crate) async fn handle(cx: &Cx, request: EndTxnRequest) -> Reply<WithReasons<EndTxnResponse>> {
    let question = |fresh| Input::EndTransaction {
        request: request.clone(),
        version: cx.version,
        fresh,
    };
    let outcome = ask_with_producer_id(&cx.broker, &request.transactional_id, question).await;
    match only!(EndTransaction, outcome) {
        Ok(mut answer) => {
            answer.error_code = for_older(cx, KNOWS_FENCED, answer.error_code);
            WithReasons::from(answer).into()
        }
        Err(mut refusal) => {
            refusal.code = Code(for_older(cx, KNOWS_FENCED, refusal.code.0));
            let message = EndTxnResponse {
                error_code: refusal.code.0,
                ..EndTxnResponse::default()
            };
            WithReasons::because(message, &refusal).into()
        }
    }
}
