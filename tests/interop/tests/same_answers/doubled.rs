//! Requests that name a topic or a partition twice, and such as have no time.

use bytes::Bytes;
use ottla_wire::{
    Records, Uuid,
    messages::{
        AlterConfigsRequest, AlterPartitionReassignmentsRequest, CreatePartitionsRequest,
        CreateTopicsRequest, DeleteRecordsRequest, DeleteTopicsRequest, DescribeLogDirsRequest,
        DescribeLogDirsResponse, DescribeProducersRequest, DescribeTopicPartitionsRequest,
        ElectLeadersRequest, FetchRequest, ListOffsetsRequest, ListOffsetsResponse,
        OffsetForLeaderEpochRequest, ProduceRequest, ProduceResponse, UpdateFeaturesRequest,
        WriteTxnMarkersRequest, alter_configs_request as legacy,
        alter_partition_reassignments_request as moving,
        create_partitions_request::CreatePartitionsTopic, create_topics_request as create,
        delete_records_request as cut, delete_topics_request::DeleteTopicState,
        describe_log_dirs_request as dirs, describe_producers_request as producers,
        describe_topic_partitions_request as pages, elect_leaders_request::TopicPartitions,
        fetch_request as fetch, list_offsets_request as offsets,
        offset_for_leader_epoch_request as epochs, produce_request as produce,
        update_features_request::FeatureUpdateKey, write_txn_markers_request as markers,
    },
    records::{BatchBuilder, Codec},
};

use crate::both::{Both, Side};

const TOPIC: &str = "doubled";
/// No marker fits into it.
const TINY: &str = "tiny";
const START: i64 = 1_750_000_000_000;

/// How a request names partitions, one topic after the other.
type Named = &'static [(&'static str, &'static [i32])];

const WAYS: [(&str, Named); 5] = [
    ("a partition twice", &[(TOPIC, &[0, 1, 0])]),
    ("a topic twice", &[(TOPIC, &[0]), (TOPIC, &[1])]),
    ("both twice", &[(TOPIC, &[1, 0]), (TOPIC, &[0, 0])]),
    (
        "unknown ones twice",
        &[("none", &[0, 0]), (TOPIC, &[9, 0, 9]), ("none", &[1])],
    ),
    ("where nothing fits", &[(TINY, &[0])]),
];

pub(crate) fn ask(both: &mut Both) {
    both.once("a topic that is named twice", 5, |_, _| {
        CreateTopicsRequest {
            topics: [(TOPIC, "1000000"), (TINY, "50")]
                .map(|(name, most)| create::CreatableTopic {
                    name: name.to_owned(),
                    num_partitions: 2,
                    replication_factor: 1,
                    configs: vec![create::CreatableTopicConfig {
                        name: "max.message.bytes".to_owned(),
                        value: Some(most.to_owned()),
                        ..create::CreatableTopicConfig::default()
                    }],
                    ..create::CreatableTopic::default()
                })
                .into(),
            timeout_ms: 10_000,
            ..CreateTopicsRequest::default()
        }
    });
    both.wait_for(TOPIC, 0);
    both.wait_for(TOPIC, 1);
    both.wait_for(TINY, 0);
    for (what, named) in WAYS {
        writes(both, what, named);
        reads(both, what, named);
        looks(both, what, named);
        changes(both, what, named);
    }
    no_topic_id(both);
    no_names(both);
    no_time(both);
}

fn batch(records: i64) -> Bytes {
    let mut builder = BatchBuilder::new(Codec::None);
    for number in 0..records {
        let record = builder.append(START + number, None, Some(b"x"), &[]);
        record.expect("a record");
    }
    builder.build().expect("a batch").to_bytes()
}

/// Each batch has one record more than the one before: how far the log goes says which was written.
fn writes(both: &mut Both, what: &str, named: Named) {
    for acks in [-1, 1] {
        both.each_then(
            &format!("{what}, acks {acks}"),
            |side, _| produced(side, acks, named),
            |answer: &mut ProduceResponse| {
                answer
                    .responses
                    .sort_by(|a, b| (&a.name, a.topic_id).cmp(&(&b.name, b.topic_id)));
                for topic in &mut answer.responses {
                    topic.partition_responses.sort_by_key(|of| of.index);
                }
            },
        );
    }
    both.tell(9, |side, _| produced(side, 0, named));
    ends(both, what);
}

fn produced(side: &mut Side, acks: i16, named: Named) -> ProduceRequest {
    let mut records = 0;
    let mut partition = |index: &i32| {
        records += 1;
        produce::PartitionProduceData {
            index: *index,
            records: Some(Records::Bytes(batch(records))),
            ..produce::PartitionProduceData::default()
        }
    };
    let topics = named
        .iter()
        .map(|(name, partitions)| produce::TopicProduceData {
            name: (*name).to_owned(),
            topic_id: side.id(name),
            partition_data: partitions.iter().map(&mut partition).collect(),
            ..produce::TopicProduceData::default()
        });
    ProduceRequest {
        acks,
        timeout_ms: 5000,
        topic_data: topics.collect(),
        ..ProduceRequest::default()
    }
}

/// Where the partitions end.
fn ends(both: &mut Both, what: &str) {
    let all: Named = &[(TOPIC, &[0, 1])];
    both.once_then(
        &format!("{what}: the ends"),
        7,
        |_, _| listed(all, -1),
        settle_listed,
    );
}

fn listed(named: Named, timestamp: i64) -> ListOffsetsRequest {
    let topics = named
        .iter()
        .map(|(name, partitions)| offsets::ListOffsetsTopic {
            name: (*name).to_owned(),
            partitions: partitions
                .iter()
                .map(|index| offsets::ListOffsetsPartition {
                    partition_index: *index,
                    current_leader_epoch: -1,
                    timestamp,
                    ..offsets::ListOffsetsPartition::default()
                })
                .collect(),
            ..offsets::ListOffsetsTopic::default()
        });
    ListOffsetsRequest {
        replica_id: -1,
        timeout_ms: 1000,
        topics: topics.collect(),
        ..ListOffsetsRequest::default()
    }
}

fn settle_listed(answer: &mut ListOffsetsResponse) {
    answer.topics.sort_by(|a, b| a.name.cmp(&b.name));
    for topic in &mut answer.topics {
        let key =
            |of: &ottla_wire::messages::list_offsets_response::ListOffsetsPartitionResponse| {
                (of.partition_index, of.error_code)
            };
        topic.partitions.sort_by_key(key);
    }
}

fn reads(both: &mut Both, what: &str, named: Named) {
    both.each(what, |side, _| {
        let topics = named.iter().map(|(name, partitions)| fetch::FetchTopic {
            topic: (*name).to_owned(),
            topic_id: side.id(name),
            partitions: partitions
                .iter()
                .map(|index| fetch::FetchPartition {
                    partition: *index,
                    current_leader_epoch: -1,
                    partition_max_bytes: 200,
                    ..fetch::FetchPartition::default()
                })
                .collect(),
            ..fetch::FetchTopic::default()
        });
        FetchRequest {
            max_wait_ms: 0,
            max_bytes: 1 << 20,
            session_epoch: -1,
            topics: topics.collect(),
            ..FetchRequest::default()
        }
    });
    for timestamp in [-1, -2, START] {
        both.each_then(
            &format!("{what}, at {timestamp}"),
            |_, _| listed(named, timestamp),
            settle_listed,
        );
    }
    both.each(what, |_, _| {
        let topics = named
            .iter()
            .map(|(name, partitions)| epochs::OffsetForLeaderTopic {
                topic: (*name).to_owned(),
                partitions: partitions
                    .iter()
                    .map(|index| epochs::OffsetForLeaderPartition {
                        partition: *index,
                        current_leader_epoch: -1,
                        leader_epoch: 0,
                        ..epochs::OffsetForLeaderPartition::default()
                    })
                    .collect(),
                ..epochs::OffsetForLeaderTopic::default()
            });
        OffsetForLeaderEpochRequest {
            replica_id: -1,
            topics: topics.collect(),
            ..OffsetForLeaderEpochRequest::default()
        }
    });
}

fn looks(both: &mut Both, what: &str, named: Named) {
    both.each(what, |_, _| {
        let topics = named
            .iter()
            .map(|(name, partitions)| producers::TopicRequest {
                name: (*name).to_owned(),
                partition_indexes: partitions.to_vec(),
                ..producers::TopicRequest::default()
            });
        DescribeProducersRequest {
            topics: topics.collect(),
            ..DescribeProducersRequest::default()
        }
    });
    both.each(what, |_, _| DescribeTopicPartitionsRequest {
        topics: named
            .iter()
            .map(|(name, _)| pages::TopicRequest {
                name: (*name).to_owned(),
                ..pages::TopicRequest::default()
            })
            .collect(),
        response_partition_limit: 100,
        ..DescribeTopicPartitionsRequest::default()
    });
    both.each_then(
        what,
        |_, _| DescribeLogDirsRequest {
            topics: Some(
                named
                    .iter()
                    .map(|(name, partitions)| dirs::DescribableLogDirTopic {
                        topic: (*name).to_owned(),
                        partitions: partitions.to_vec(),
                        ..dirs::DescribableLogDirTopic::default()
                    })
                    .collect(),
            ),
            ..DescribeLogDirsRequest::default()
        },
        |answer: &mut DescribeLogDirsResponse| {
            for topic in answer.results.iter_mut().flat_map(|dir| &mut dir.topics) {
                topic.partitions.sort_by_key(|of| of.partition_index);
            }
        },
    );
}

fn changes(both: &mut Both, what: &str, named: Named) {
    both.each_then(
        what,
        |_, _| {
            let mut offset = 0;
            let mut partition = |index: &i32| {
                offset += 1;
                cut::DeleteRecordsPartition {
                    partition_index: *index,
                    offset,
                    ..cut::DeleteRecordsPartition::default()
                }
            };
            let topics = named
                .iter()
                .map(|(name, partitions)| cut::DeleteRecordsTopic {
                    name: (*name).to_owned(),
                    partitions: partitions.iter().map(&mut partition).collect(),
                    ..cut::DeleteRecordsTopic::default()
                });
            DeleteRecordsRequest {
                topics: topics.collect(),
                timeout_ms: 5000,
                ..DeleteRecordsRequest::default()
            }
        },
        |answer| {
            answer.topics.sort_by(|a, b| a.name.cmp(&b.name));
            for topic in &mut answer.topics {
                topic.partitions.sort_by_key(|of| of.partition_index);
            }
        },
    );
    // One that names a partition twice is never answered by Apache Kafka.
    if !named.iter().any(|(_, partitions)| partitions.len() > 2) && named != WAYS[2].1 {
        markers(both, what, named);
    }
    ends(both, &format!("{what}, changed"));
    elections(both, what, named, 10_000);
    reassign(both, what, named, 10_000);
    both.each_then(
        what,
        |_, _| CreatePartitionsRequest {
            topics: named
                .iter()
                .map(|(name, _)| CreatePartitionsTopic {
                    name: (*name).to_owned(),
                    count: 1,
                    ..CreatePartitionsTopic::default()
                })
                .collect(),
            timeout_ms: 10_000,
            ..CreatePartitionsRequest::default()
        },
        |answer| answer.results.sort_by(|a, b| a.name.cmp(&b.name)),
    );
}

/// The end of a transaction in each of the partitions.
fn markers(both: &mut Both, what: &str, named: Named) {
    both.each_then(
        what,
        |_, _| WriteTxnMarkersRequest {
            markers: vec![markers::WritableTxnMarker {
                producer_id: 4242,
                topics: named
                    .iter()
                    .map(|(name, partitions)| markers::WritableTxnMarkerTopic {
                        name: (*name).to_owned(),
                        partition_indexes: partitions.to_vec(),
                        ..markers::WritableTxnMarkerTopic::default()
                    })
                    .collect(),
                ..markers::WritableTxnMarker::default()
            }],
            ..WriteTxnMarkersRequest::default()
        },
        |answer| {
            for topics in answer.markers.iter_mut().map(|of| &mut of.topics) {
                topics.sort_by(|a, b| a.name.cmp(&b.name));
                for topic in topics {
                    topic.partitions.sort_by_key(|of| of.partition_index);
                }
            }
        },
    );
}

fn elections(both: &mut Both, what: &str, named: Named, timeout_ms: i32) {
    both.each_then(
        what,
        |_, _| ElectLeadersRequest {
            topic_partitions: Some(
                named
                    .iter()
                    .map(|(name, partitions)| TopicPartitions {
                        topic: (*name).to_owned(),
                        partitions: partitions.to_vec(),
                        ..TopicPartitions::default()
                    })
                    .collect(),
            ),
            timeout_ms,
            ..ElectLeadersRequest::default()
        },
        |answer| {
            let results = &mut answer.replica_election_results;
            results.sort_by(|a, b| a.topic.cmp(&b.topic));
            for topic in results {
                topic.partition_result.sort_by_key(|of| of.partition_id);
            }
        },
    );
}

fn reassign(both: &mut Both, what: &str, named: Named, timeout_ms: i32) {
    both.each(what, |_, _| AlterPartitionReassignmentsRequest {
        timeout_ms,
        topics: named
            .iter()
            .map(|(name, partitions)| moving::ReassignableTopic {
                name: (*name).to_owned(),
                partitions: partitions
                    .iter()
                    .map(|index| moving::ReassignablePartition {
                        partition_index: *index,
                        replicas: Some(vec![1]),
                        ..moving::ReassignablePartition::default()
                    })
                    .collect(),
                ..moving::ReassignableTopic::default()
            })
            .collect(),
        ..AlterPartitionReassignmentsRequest::default()
    });
}

/// Where a topic is named by its id, none.
fn no_topic_id(both: &mut Both) {
    both.each("no topic id", |_, _| FetchRequest {
        max_wait_ms: 0,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: vec![fetch::FetchTopic {
            topic_id: Uuid::ZERO,
            partitions: vec![fetch::FetchPartition {
                current_leader_epoch: -1,
                partition_max_bytes: 200,
                ..fetch::FetchPartition::default()
            }],
            ..fetch::FetchTopic::default()
        }],
        ..FetchRequest::default()
    });
    both.each("no topic id", |_, _| ProduceRequest {
        acks: 1,
        timeout_ms: 5000,
        topic_data: vec![produce::TopicProduceData {
            partition_data: vec![produce::PartitionProduceData {
                records: Some(Records::Bytes(batch(1))),
                ..produce::PartitionProduceData::default()
            }],
            ..produce::TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    });
}

/// Configurations of what is no name of a topic.
fn no_names(both: &mut Both) {
    for name in ["not a name", "", "..", "none"] {
        both.each(name, |_, _| AlterConfigsRequest {
            resources: vec![legacy::AlterConfigsResource {
                resource_type: 2,
                resource_name: name.to_owned(),
                configs: vec![legacy::AlterableConfig {
                    name: "retention.ms".to_owned(),
                    value: Some("-1".to_owned()),
                    ..legacy::AlterableConfig::default()
                }],
                ..legacy::AlterConfigsResource::default()
            }],
            ..AlterConfigsRequest::default()
        });
    }
}

/// What the controller has no time for is not done.
fn no_time(both: &mut Both) {
    let named: Named = &[(TOPIC, &[0])];
    for timeout_ms in [0, -1] {
        let what = format!("in {timeout_ms} ms");
        elections(both, &what, named, timeout_ms);
        reassign(both, &what, named, timeout_ms);
        both.each(&what, |_, _| CreatePartitionsRequest {
            topics: vec![CreatePartitionsTopic {
                name: TOPIC.to_owned(),
                count: 5,
                ..CreatePartitionsTopic::default()
            }],
            timeout_ms,
            ..CreatePartitionsRequest::default()
        });
        both.each(&what, |_, version| DeleteTopicsRequest {
            topic_names: match version {
                ..6 => vec![TOPIC.to_owned()],
                _ => vec![],
            },
            topics: match version {
                ..6 => vec![],
                _ => vec![DeleteTopicState {
                    name: Some(TOPIC.to_owned()),
                    ..DeleteTopicState::default()
                }],
            },
            timeout_ms,
            ..DeleteTopicsRequest::default()
        });
        both.each(&what, |_, _| UpdateFeaturesRequest {
            timeout_ms,
            feature_updates: vec![FeatureUpdateKey {
                feature: "transaction.version".to_owned(),
                max_version_level: 2,
                ..FeatureUpdateKey::default()
            }],
            ..UpdateFeaturesRequest::default()
        });
    }
}
