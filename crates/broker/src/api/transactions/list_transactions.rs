//! ListTransactions: key 66, versions 0-2.
//!
//! The transactional ids that this broker coordinates, with filters by state and producer id, from version 1 on by how
//! long the transaction is open, from version 2 on by a regular expression for the id.
//!
//! Refuses: `COORDINATOR_LOAD_IN_PROGRESS` while a log is read, `INVALID_REGULAR_EXPRESSION`.
//!
//! Differs from Apache Kafka: nothing known.

use ottla_coordinator::transaction::Input;
use ottla_wire::messages::{ListTransactionsRequest, ListTransactionsResponse};

use super::only;
use crate::{api::Cx, reply::Reply};

/// The states by the names that filters have.
const STATES: [&str; 8] = [
    "Empty",
    "Ongoing",
    "PrepareCommit",
    "PrepareAbort",
    "CompleteCommit",
    "CompleteAbort",
    "PrepareEpochFence",
    "Dead",
];

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    request: ListTransactionsRequest,
) -> Reply<ListTransactionsResponse> {
    let unknown = request.state_filters.iter();
    let mut response = ListTransactionsResponse {
        unknown_state_filters: unknown
            .filter(|state| !STATES.contains(&state.as_str()))
            .cloned()
            .collect(),
        ..ListTransactionsResponse::default()
    };
    let all = &cx.broker.transactions;
    for shard in all.shards() {
        let asked = all.ask_shard(&cx.broker, &shard, Input::List(request.clone()));
        match only!(List, asked.wait().await) {
            Ok(listed) => response.transaction_states.extend(listed),
            Err(refusal) => {
                return ListTransactionsResponse {
                    error_code: refusal.code.0,
                    ..ListTransactionsResponse::default()
                }
                .into();
            }
        }
    }
    response.into()
}
