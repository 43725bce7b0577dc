//! AlterPartition (key 56, versions 2-3): a leader tells that its in-sync replicas have changed.
//!
//! The active controller decides.
//! Versions: 3 the epochs of the replicas' brokers.
//!
//! Refuses: per partition `FENCED_LEADER_EPOCH`, `NOT_CONTROLLER`, `INELIGIBLE_REPLICA`, `NEW_LEADER_ELECTED`, `UNKNOWN_TOPIC_ID`,
//! `UNKNOWN_TOPIC_OR_PARTITION`, `INVALID_UPDATE_VERSION`, `INVALID_REQUEST`; as a whole `STALE_BROKER_EPOCH`, `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::messages::{AlterPartitionRequest, AlterPartitionResponse};

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
    request: AlterPartitionRequest,
) -> Reply<AlterPartitionResponse> {
    if request.topics.is_empty() {
        // Kafka does not even look at who asks for nothing.
        return Reply::Now(AlterPartitionResponse::default());
    }
    let answer = controller::alter_partition(&cx.broker, Caller::of(cx), request).await;
    Reply::Now(answer.unwrap_or_else(|refusal| AlterPartitionResponse {
        error_code: refusal.code.0,
        ..AlterPartitionResponse::default()
    }))
}
