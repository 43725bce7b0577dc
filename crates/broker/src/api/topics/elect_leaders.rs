//! ElectLeaders (key 43, versions 0-2): lets preferred or, if there is no other, out of sync replicas lead.
//!
//! The active controller decides. Versions: 0 elects preferred leaders only; 1 says which kind of election, and answers
//! with a code of its own.
//!
//! Refuses, per partition: `ELECTION_NOT_NEEDED`, `PREFERRED_LEADER_NOT_AVAILABLE`,
//! `ELIGIBLE_LEADERS_NOT_AVAILABLE`, `UNKNOWN_TOPIC_OR_PARTITION`; as a whole (and then on every partition that is named)
//! `INVALID_REQUEST`, `REQUEST_TIMED_OUT`, `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        ElectLeadersRequest, ElectLeadersResponse,
        elect_leaders_request::TopicPartitions,
        elect_leaders_response::{PartitionResult, ReplicaElectionResult},
    },
};

use crate::{
    api::{
        Cx,
        controller::{self, Caller},
    },
    reply::Reply,
};

/// A preferred replica is to lead.
const PREFERRED: i8 = 0;
/// Any replica is to lead if no other can.
const UNCLEAN: i8 = 1;

/// Serves the request.
pub(crate) async fn handle(cx: &Cx, request: ElectLeadersRequest) -> Reply<ElectLeadersResponse> {
    if request.topic_partitions.as_ref().is_some_and(Vec::is_empty) {
        // There is nothing to wait for, however little time there is, and nothing that could be of a wrong type.
        return Reply::Now(ElectLeadersResponse::default());
    }
    let named = request.topic_partitions.clone().unwrap_or_default();
    if ![PREFERRED, UNCLEAN].contains(&request.election_type) {
        let why = format!("there is no election of type {}", request.election_type);
        return Reply::Now(refused(
            &named,
            &Code::INVALID_REQUEST.because(why),
            cx.version,
        ));
    }
    let caller = Caller::of(cx).within(request.timeout_ms);
    let answer = controller::elect_leaders(&cx.broker, caller, request).await;
    Reply::Now(answer.unwrap_or_else(|refusal| refused(&named, &refusal, cx.version)))
}

fn refused(named: &[TopicPartitions], refusal: &Refusal, version: i16) -> ElectLeadersResponse {
    let partition = |index: &i32| PartitionResult {
        partition_id: *index,
        error_code: refusal.code.0,
        error_message: Some(refusal.text().to_owned()),
        ..PartitionResult::default()
    };
    let topic = |topic: &TopicPartitions| ReplicaElectionResult {
        topic: topic.topic.clone(),
        partition_result: topic.partitions.iter().map(partition).collect(),
        ..ReplicaElectionResult::default()
    };
    ElectLeadersResponse {
        error_code: if version >= 1 { refusal.code.0 } else { 0 },
        replica_election_results: named.iter().map(topic).collect(),
        ..ElectLeadersResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::Message;

    use super::*;

    #[test]
    fn a_refusal_of_the_whole_is_one_of_each() {
        let named = [TopicPartitions {
            topic: "a".to_owned(),
            partitions: vec![0, 1],
            ..TopicPartitions::default()
        }];
        let refusal = Code::NOT_CONTROLLER.because("elsewhere");
        for version in ElectLeadersResponse::VERSIONS {
            let answer = refused(&named, &refusal, version);
            assert_eq!(
                answer.replica_election_results[0].partition_result[1].error_code,
                41
            );
            assert!(answer.encode(version).is_ok(), "{version}");
        }
    }
}
