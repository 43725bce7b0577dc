//! DescribeTransactions: key 65, version 0.
//!
//! State, producer, start, timeout and partitions of transactional ids that this broker coordinates.
//!
//! Refuses, per id: `INVALID_REQUEST` (an empty id), `TRANSACTIONAL_ID_NOT_FOUND`, `NOT_COORDINATOR`,
//! `COORDINATOR_LOAD_IN_PROGRESS`.
//!
//! Differs from Apache Kafka: nothing known.

use ottla_coordinator::transaction::Input;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        DescribeTransactionsRequest, DescribeTransactionsResponse,
        describe_transactions_response::TransactionState,
    },
};

use super::{ask, only};
use crate::{
    api::{Cx, WithReasons},
    journal::Reasons,
    reply::Reply,
};

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    request: DescribeTransactionsRequest,
) -> Reply<WithReasons<DescribeTransactionsResponse>> {
    let mut response = DescribeTransactionsResponse::default();
    let mut reasons = Reasons::default();
    for id in request.transactional_ids {
        let state = describe(cx, &id).await.unwrap_or_else(|refusal| {
            reasons.of_transaction(&id, refusal.code, refusal.text().to_owned());
            TransactionState {
                transactional_id: id,
                error_code: refusal.code.0,
                ..TransactionState::default()
            }
        });
        response.transaction_states.push(state);
    }
    let message = response;
    WithReasons { message, reasons }.into()
}

async fn describe(cx: &Cx, id: &str) -> Result<TransactionState, Refusal> {
    if id.is_empty() {
        return Err(Code::INVALID_REQUEST.because("the transactional id is empty"));
    }
    let outcome = ask(&cx.broker, id, Input::Describe(id.to_owned())).await;
    only!(Describe, outcome)
}
