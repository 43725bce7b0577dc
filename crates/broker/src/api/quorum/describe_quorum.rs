//! DescribeQuorum (key 55, versions 0-2): leader, voters and observers of the metadata quorum, and how far each is.
//!
//! The active controller answers, on a broker's listener as on its own. Versions: 1 when each replica was heard of and
//! caught up; 2 directory ids, the voters' addresses, and error texts.
//!
//! Refuses, per partition: `UNKNOWN_TOPIC_OR_PARTITION` if the request asks for anything but partition 0 of
//! `__cluster_metadata` alone.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization; observers (a quorum of one has none).

use ottla_raft::{Voter, VoterEndpoint};
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        DescribeQuorumRequest, DescribeQuorumResponse,
        describe_quorum_response::{Listener, Node, PartitionData, ReplicaState, TopicData},
    },
};

use crate::{api::Cx, clock, quorum::QuorumStatus, reply::Reply};

/// The topic of the metadata.
const METADATA: &str = "__cluster_metadata";

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: DescribeQuorumRequest,
) -> Reply<DescribeQuorumResponse> {
    if !asks_for_metadata(&request) {
        let why = format!("{METADATA}-0, alone, is the only partition of a quorum");
        return Reply::Now(refused(
            &request,
            &Code::UNKNOWN_TOPIC_OR_PARTITION.because(why),
        ));
    }
    let status = cx.broker.controller.quorum();
    Reply::Now(described(&status, clock::wall_ms(), cx.version))
}

fn asks_for_metadata(request: &DescribeQuorumRequest) -> bool {
    let [topic] = &request.topics[..] else {
        return false;
    };
    topic.topic_name == METADATA
        && matches!(&topic.partitions[..], [partition] if partition.partition_index == 0)
}

fn described(status: &QuorumStatus, now_ms: i64, version: i16) -> DescribeQuorumResponse {
    let partition = PartitionData {
        partition_index: 0,
        leader_id: status.leader_id,
        leader_epoch: status.leader_epoch,
        high_watermark: status.high_watermark,
        current_voters: status
            .voters
            .iter()
            .map(|voter| replica(status, voter, now_ms, version))
            .collect(),
        ..PartitionData::default()
    };
    let topic = TopicData {
        topic_name: METADATA.to_owned(),
        partitions: vec![partition],
        ..TopicData::default()
    };
    DescribeQuorumResponse {
        topics: vec![topic],
        nodes: if version >= 2 {
            status.voters.iter().map(node).collect()
        } else {
            Vec::new()
        },
        ..DescribeQuorumResponse::default()
    }
}

/// A voter as the leader sees it: of itself it knows everything.
fn replica(status: &QuorumStatus, voter: &Voter, now_ms: i64, version: i16) -> ReplicaState {
    let leads = voter.id == status.leader_id;
    ReplicaState {
        replica_id: voter.id,
        replica_directory_id: if version >= 2 {
            voter.directory
        } else {
            Default::default()
        },
        log_end_offset: if leads { status.log_end_offset } else { -1 },
        last_fetch_timestamp: if leads { now_ms } else { -1 },
        last_caught_up_timestamp: if leads { now_ms } else { -1 },
        ..ReplicaState::default()
    }
}

fn node(voter: &Voter) -> Node {
    let listener = |endpoint: &VoterEndpoint| Listener {
        name: endpoint.name.clone(),
        host: endpoint.host.clone(),
        port: endpoint.port,
        ..Listener::default()
    };
    Node {
        node_id: voter.id,
        listeners: voter.endpoints.iter().map(listener).collect(),
        ..Node::default()
    }
}

fn refused(request: &DescribeQuorumRequest, refusal: &Refusal) -> DescribeQuorumResponse {
    let partition = |index| PartitionData {
        partition_index: index,
        error_code: refusal.code.0,
        error_message: Some(refusal.text().to_owned()),
        ..PartitionData::default()
    };
    let topics = request.topics.iter().map(|topic| TopicData {
        topic_name: topic.topic_name.clone(),
        partitions: topic
            .partitions
            .iter()
            .map(|asked| partition(asked.partition_index))
            .collect(),
        ..TopicData::default()
    });
    DescribeQuorumResponse {
        topics: topics.collect(),
        ..DescribeQuorumResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use ottla_raft::VoterSet;
    use ottla_wire::{Message, Uuid, messages::describe_quorum_request};

    use super::*;

    fn request(topics: &[(&str, &[i32])]) -> DescribeQuorumRequest {
        let partition = |index: &i32| describe_quorum_request::PartitionData {
            partition_index: *index,
            ..describe_quorum_request::PartitionData::default()
        };
        let topic = |(name, partitions): &(&str, &[i32])| describe_quorum_request::TopicData {
            topic_name: (*name).to_owned(),
            partitions: partitions.iter().map(partition).collect(),
            ..describe_quorum_request::TopicData::default()
        };
        DescribeQuorumRequest {
            topics: topics.iter().map(topic).collect(),
            ..DescribeQuorumRequest::default()
        }
    }

    #[test]
    fn only_the_metadata_has_a_quorum() {
        assert!(asks_for_metadata(&request(&[(METADATA, &[0])])));
        for other in [
            request(&[]),
            request(&[(METADATA, &[1])]),
            request(&[(METADATA, &[0, 0])]),
            request(&[("x", &[0])]),
            request(&[(METADATA, &[0]), ("x", &[0])]),
        ] {
            assert!(!asks_for_metadata(&other));
            let answer = refused(&other, &Code::UNKNOWN_TOPIC_OR_PARTITION.because("no"));
            let codes = answer
                .topics
                .iter()
                .flat_map(|topic| &topic.partitions)
                .map(|one| one.error_code);
            assert!(codes.into_iter().all(|code| code == 3));
        }
    }

    #[test]
    fn an_answer_can_be_written_in_every_version() {
        let voter = Voter {
            id: 1,
            directory: Uuid::from_u128(5),
            endpoints: vec![VoterEndpoint {
                name: "CONTROLLER".into(),
                host: "h".into(),
                port: 9093,
            }],
            kraft_versions: (0, 1),
        };
        let status = QuorumStatus {
            leader_id: 1,
            leader_epoch: 3,
            high_watermark: 10,
            log_end_offset: 12,
            voters: VoterSet::new([voter]),
            ..QuorumStatus::default()
        };
        for version in DescribeQuorumResponse::VERSIONS {
            let answer = described(&status, 99, version);
            let read =
                DescribeQuorumResponse::decode(answer.encode(version).unwrap(), version).unwrap();
            let replica = &read.topics[0].partitions[0].current_voters[0];
            assert_eq!((replica.replica_id, replica.log_end_offset), (1, 12));
            assert_eq!(
                replica.last_fetch_timestamp,
                if version == 0 { -1 } else { 99 }
            );
            assert_eq!(read.nodes.len(), usize::from(version == 2));
        }
    }
}
