//! ListTransactions: key 66, versions 0-2.
//!
//! The transactional ids that this broker coordinates, with filters by state and producer id, from version 1 on by how
//! long the transaction is open, from version 2 on by a regular expression for the id.
//!
//! Refuses: `COORDINATOR_LOAD_IN_PROGRESS` while a log is read, `INVALID_REGULAR_EXPRESSION`.
//!
//! Differs from Apache Kafka: nothing known.

use std::sync::Arc;

use ottla_coordinator::transaction::{Input, ListFilter};
use ottla_wire::{
    errors::Code,
    messages::{ListTransactionsRequest, ListTransactionsResponse},
};

use super::only;
use crate::{api::Cx, reply::Reply};

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    request: ListTransactionsRequest,
) -> Reply<ListTransactionsResponse> {
    let refused = |code: Code| ListTransactionsResponse {
        error_code: code.0,
        ..ListTransactionsResponse::default()
    };
    let filter = match ListFilter::of(&request) {
        Ok(filter) => Arc::new(filter),
        Err(refusal) => return refused(refusal.code).into(),
    };
    let mut response = ListTransactionsResponse {
        unknown_state_filters: filter.unknown_states().to_vec(),
        ..ListTransactionsResponse::default()
    };
    let all = &cx.broker.transactions;
    for shard in all.shards() {
        let asked = all.ask_shard(&cx.broker, &shard, Input::List(filter.clone()));
        match only!(List, asked.wait().await) {
            Ok(listed) => response.transaction_states.extend(listed),
            Err(refusal) => return refused(refusal.code).into(),
        }
    }
    response.into()
}
