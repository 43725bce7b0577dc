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
    errors::Code,
    messages::{
        DescribeTransactionsRequest, DescribeTransactionsResponse,
        describe_transactions_response::TransactionState,
    },
};

use super::{ask, only};
use crate::{api::Cx, reply::Reply};

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    request: DescribeTransactionsRequest,
) -> Reply<DescribeTransactionsResponse> {
    let mut response = DescribeTransactionsResponse::default();
    for id in request.transactional_ids {
        response.transaction_states.push(describe(cx, id).await);
    }
    response.into()
}

async fn describe(cx: &Cx, id: String) -> TransactionState {
    let refused = |id: &str, code: Code| TransactionState {
        transactional_id: id.to_owned(),
        error_code: code.0,
        ..TransactionState::default()
    };
    if id.is_empty() {
        return refused(&id, Code::INVALID_REQUEST);
    }
    let outcome = ask(&cx.broker, &id, Input::Describe(id.clone())).await;
    only!(Describe, outcome).unwrap_or_else(|refusal| refused(&id, refusal.code))
}
