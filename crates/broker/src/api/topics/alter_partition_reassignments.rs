//! AlterPartitionReassignments (key 45, versions 0-1): moves partitions to other brokers, or gives up moving them.
//!
//! The active controller decides. Versions: 1 may forbid another number of replicas.
//!
//! Refuses, per partition: `UNKNOWN_TOPIC_OR_PARTITION`, `INVALID_REPLICA_ASSIGNMENT`, `INVALID_REPLICATION_FACTOR`,
//! `NO_REASSIGNMENT_IN_PROGRESS`; as a whole (and then on every partition) `REQUEST_TIMED_OUT`, `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::{
    errors::Refusal,
    messages::{
        AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
        alter_partition_reassignments_request::{ReassignablePartition, ReassignableTopic},
        alter_partition_reassignments_response::{
            ReassignablePartitionResponse, ReassignableTopicResponse,
        },
    },
};

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
    request: AlterPartitionReassignmentsRequest,
) -> Reply<AlterPartitionReassignmentsResponse> {
    if request.topics.is_empty() {
        // There is nothing to wait for, however little time there is.
        return Reply::Now(AlterPartitionReassignmentsResponse::default());
    }
    let named = request.topics.clone();
    let caller = Caller::of(cx).within(request.timeout_ms);
    let answer = controller::alter_partition_reassignments(&cx.broker, caller, request).await;
    Reply::Now(answer.unwrap_or_else(|refusal| refused(&named, &refusal)))
}

fn refused(named: &[ReassignableTopic], refusal: &Refusal) -> AlterPartitionReassignmentsResponse {
    let message = || Some(refusal.text().to_owned());
    let partition = |partition: &ReassignablePartition| ReassignablePartitionResponse {
        partition_index: partition.partition_index,
        error_code: refusal.code.0,
        error_message: message(),
        ..ReassignablePartitionResponse::default()
    };
    let topic = |topic: &ReassignableTopic| ReassignableTopicResponse {
        name: topic.name.clone(),
        partitions: topic.partitions.iter().map(partition).collect(),
        ..ReassignableTopicResponse::default()
    };
    AlterPartitionReassignmentsResponse {
        error_code: refusal.code.0,
        error_message: message(),
        responses: named.iter().map(topic).collect(),
        ..AlterPartitionReassignmentsResponse::default()
    }
}
