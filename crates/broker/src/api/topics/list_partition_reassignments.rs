//! ListPartitionReassignments (key 46, version 0): the partitions that are moving, all or those that are named.
//!
//! The active controller answers.
//!
//! Refuses: `REQUEST_TIMED_OUT`, `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::messages::{ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse};

use crate::{
    api::{
        Cx,
        controller::{self, Caller},
    },
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: ListPartitionReassignmentsRequest,
) -> Reply<ListPartitionReassignmentsResponse> {
    // Whatever time the request gives: Kafka does not look at it.
    let caller = Caller::of(cx);
    let answer = controller::list_partition_reassignments(&cx.broker, caller, request).await;
    Reply::Now(
        answer.unwrap_or_else(|refusal| ListPartitionReassignmentsResponse {
            error_code: refusal.code.0,
            error_message: Some(refusal.text().to_owned()),
            ..ListPartitionReassignmentsResponse::default()
        }),
    )
}
