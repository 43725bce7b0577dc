//! Requests of versions that Apache Kafka 3.9 and 4.4 have, and what matters of their answers.

use bytes::Bytes;
use ottla_interop::raw::Connection;
use ottla_wire::{
    Records, Uuid,
    messages::{
        CreatePartitionsRequest, CreateTopicsRequest, DeleteRecordsRequest,
        DescribeProducersRequest, FetchRequest, IncrementalAlterConfigsRequest, ListOffsetsRequest,
        MetadataRequest, OffsetForLeaderEpochRequest, ProduceRequest,
        create_partitions_request::CreatePartitionsTopic,
        create_topics_request::{CreatableTopic, CreatableTopicConfig},
        delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic},
        describe_producers_request::TopicRequest,
        describe_producers_response::ProducerState,
        fetch_request::{FetchPartition, FetchTopic},
        incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
        list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
        metadata_request::MetadataRequestTopic,
        metadata_response::MetadataResponseTopic,
        offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic},
        produce_request::{PartitionProduceData, TopicProduceData},
    },
};

/// A partition.
pub(crate) type Place = (String, i32);
/// Bytes of one fetch, and of the records of one partition in it.
const FETCH_BYTES: i32 = 16 << 20;

/// What a partition gives a reader.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) bytes: Bytes,
    pub(crate) high_watermark: i64,
    pub(crate) last_stable: i64,
    pub(crate) log_start: i64,
    /// First offset and producer.
    pub(crate) aborted: Vec<(i64, i64)>,
}

/// Code, base offset, append time.
pub(crate) fn produce(
    connection: &mut Connection,
    version: i16,
    transactional_id: Option<&str>,
    (topic, index): &Place,
    batch: Bytes,
) -> (i16, i64, i64) {
    let partition = PartitionProduceData {
        index: *index,
        records: Some(Records::Bytes(batch)),
        ..Default::default()
    };
    let request = ProduceRequest {
        transactional_id: transactional_id.map(str::to_owned),
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![TopicProduceData {
            name: topic.clone(),
            partition_data: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    };
    let (answer, code) = connection.ask_settled(version, &request, |answer| {
        let topics = answer.responses.iter();
        let partitions = topics.flat_map(|of| &of.partition_responses);
        partitions.map(|of| of.error_code).collect()
    });
    let of = &answer.responses[0].partition_responses[0];
    (code, of.base_offset, of.log_append_time_ms)
}

/// All from an offset on, by as many fetches as that takes. A reader of committed records may be given nothing by the last of
/// them: of what was aborted the cleaner leaves nothing, and the next record may be of an open transaction. Whoever compares
/// knows what is missing.
pub(crate) fn fetch(
    connection: &mut Connection,
    place: &Place,
    from: i64,
    isolation: i8,
) -> Fetched {
    let mut all = fetch_once(connection, place, from, isolation);
    loop {
        let mut batches = ottla_wire::records::Batches::new(all.bytes.clone());
        let last = batches
            .by_ref()
            .map(|batch| batch.expect("a batch").0.last_offset)
            .last();
        let end = if isolation == 1 {
            all.last_stable
        } else {
            all.high_watermark
        };
        let whole = batches.whole();
        match last {
            Some(last) if last + 1 < end => {
                let more = fetch_once(connection, place, last + 1, isolation);
                if more.bytes.is_empty() {
                    assert!(isolation == 1, "{place:?} ends at {last}, not {end}");
                    break;
                }
                let bytes = [&all.bytes[..whole], &more.bytes[..]].concat();
                all.bytes = bytes.into();
                all.aborted.extend(more.aborted);
            }
            _ => break,
        }
    }
    all.aborted.sort_unstable();
    all.aborted.dedup();
    all
}

fn fetch_once(
    connection: &mut Connection,
    (topic, partition): &Place,
    from: i64,
    isolation: i8,
) -> Fetched {
    let partition = FetchPartition {
        partition: *partition,
        current_leader_epoch: -1,
        last_fetched_epoch: -1,
        fetch_offset: from,
        partition_max_bytes: FETCH_BYTES,
        ..Default::default()
    };
    let request = FetchRequest {
        max_wait_ms: 0,
        max_bytes: FETCH_BYTES,
        isolation_level: isolation,
        session_epoch: -1,
        topics: vec![FetchTopic {
            topic: topic.clone(),
            partitions: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    };
    let (mut answer, code) = connection.ask_settled(12, &request, |answer| {
        let topics = answer.responses.iter();
        let partitions = topics.flat_map(|topic| &topic.partitions);
        partitions.map(|of| of.error_code).collect()
    });
    assert_eq!(code, 0, "{request:?}: {answer:?}");
    let of = answer.responses[0].partitions.remove(0);
    let aborted = of.aborted_transactions.iter().flatten();
    Fetched {
        aborted: aborted
            .map(|of| (of.first_offset, of.producer_id))
            .collect(),
        bytes: match of.records {
            Some(Records::Bytes(bytes)) => bytes,
            _ => Bytes::new(),
        },
        high_watermark: of.high_watermark,
        last_stable: of.last_stable_offset,
        log_start: of.log_start_offset,
    }
}

/// Timestamp, offset and leader epoch.
pub(crate) fn offset(
    connection: &mut Connection,
    (topic, partition): &Place,
    timestamp: i64,
    isolation: i8,
) -> (i64, i64, i32) {
    let partition = ListOffsetsPartition {
        partition_index: *partition,
        timestamp,
        ..Default::default()
    };
    let request = ListOffsetsRequest {
        replica_id: -1,
        isolation_level: isolation,
        topics: vec![ListOffsetsTopic {
            name: topic.clone(),
            partitions: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    };
    let (answer, code) = connection.ask_settled(8, &request, |answer| {
        let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
        partitions.map(|of| of.error_code).collect()
    });
    assert_eq!(code, 0, "{request:?}: {answer:?}");
    let of = &answer.topics[0].partitions[0];
    (of.timestamp, of.offset, of.leader_epoch)
}

/// The epoch that answers, and where it ends.
pub(crate) fn epoch_end(
    connection: &mut Connection,
    (topic, partition): &Place,
    epoch: i32,
) -> (i32, i64) {
    let partition = OffsetForLeaderPartition {
        partition: *partition,
        leader_epoch: epoch,
        current_leader_epoch: -1,
        ..Default::default()
    };
    let request = OffsetForLeaderEpochRequest {
        replica_id: -1,
        topics: vec![OffsetForLeaderTopic {
            topic: topic.clone(),
            partitions: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    };
    let (answer, code) = connection.ask_settled(4, &request, |answer| {
        let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
        partitions.map(|of| of.error_code).collect()
    });
    assert_eq!(code, 0, "{request:?}: {answer:?}");
    let of = &answer.topics[0].partitions[0];
    (of.leader_epoch, of.end_offset)
}

/// In the order of their ids.
pub(crate) fn producers(
    connection: &mut Connection,
    (topic, partition): &Place,
) -> Vec<ProducerState> {
    let request = DescribeProducersRequest {
        topics: vec![TopicRequest {
            name: topic.clone(),
            partition_indexes: vec![*partition],
            ..Default::default()
        }],
        ..Default::default()
    };
    let (mut answer, code) = connection.ask_settled(0, &request, |answer| {
        let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
        partitions.map(|of| of.error_code).collect()
    });
    assert_eq!(code, 0, "{request:?}: {answer:?}");
    let mut producers = answer
        .topics
        .remove(0)
        .partitions
        .remove(0)
        .active_producers;
    producers.sort_by_key(|producer| producer.producer_id);
    producers
}

/// All topics, or one that is waited for; in the order of their names.
pub(crate) fn topics(connection: &mut Connection, one: Option<&str>) -> Vec<MetadataResponseTopic> {
    let request = MetadataRequest {
        topics: one.map(|name| {
            vec![MetadataRequestTopic {
                name: Some(name.to_owned()),
                ..Default::default()
            }]
        }),
        allow_auto_topic_creation: false,
        ..Default::default()
    };
    let (mut answer, _) = connection.ask_settled(12, &request, |answer| {
        let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
        // LEADER_NOT_AVAILABLE is for a moment.
        let partitions = partitions.map(|of| if of.error_code == 5 { 6 } else { of.error_code });
        let topics = answer.topics.iter().map(|topic| topic.error_code);
        topics.chain(partitions).collect()
    });
    answer.topics.sort_by(|a, b| a.name.cmp(&b.name));
    for topic in &mut answer.topics {
        topic.partitions.sort_by_key(|of| of.partition_index);
    }
    answer.topics
}

/// Its id.
pub(crate) fn create(
    connection: &mut Connection,
    topic: &str,
    partitions: i32,
    configs: &[(&str, &str)],
) -> Uuid {
    let config = |(name, value): &(&str, &str)| CreatableTopicConfig {
        name: (*name).to_owned(),
        value: Some((*value).to_owned()),
        ..Default::default()
    };
    let request = CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: topic.to_owned(),
            num_partitions: partitions,
            replication_factor: 1,
            configs: configs.iter().map(config).collect(),
            ..Default::default()
        }],
        timeout_ms: 30_000,
        ..Default::default()
    };
    let (answer, code) = connection.ask_settled(7, &request, |answer| {
        answer.topics.iter().map(|topic| topic.error_code).collect()
    });
    assert_eq!(code, 0, "{answer:?}");
    answer.topics[0].topic_id
}

/// To so many partitions.
pub(crate) fn widen(connection: &mut Connection, topic: &str, count: i32) {
    let request = CreatePartitionsRequest {
        topics: vec![CreatePartitionsTopic {
            name: topic.to_owned(),
            count,
            assignments: None,
            ..Default::default()
        }],
        timeout_ms: 30_000,
        ..Default::default()
    };
    let (answer, code) = connection.ask_settled(3, &request, |answer| {
        answer.results.iter().map(|of| of.error_code).collect()
    });
    assert_eq!(code, 0, "{answer:?}");
}

/// The log's start after it.
pub(crate) fn trim(connection: &mut Connection, (topic, index): &Place, offset: i64) -> i64 {
    let request = DeleteRecordsRequest {
        topics: vec![DeleteRecordsTopic {
            name: topic.clone(),
            partitions: vec![DeleteRecordsPartition {
                partition_index: *index,
                offset,
                ..Default::default()
            }],
            ..Default::default()
        }],
        timeout_ms: 30_000,
        ..Default::default()
    };
    let (answer, code) = connection.ask_settled(2, &request, |answer| {
        let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
        partitions.map(|of| of.error_code).collect()
    });
    assert_eq!(code, 0, "{request:?}: {answer:?}");
    answer.topics[0].partitions[0].low_watermark
}

/// Sets a configuration, or removes it.
pub(crate) fn configure(
    connection: &mut Connection,
    (kind, name): (i8, &str),
    key: &str,
    value: Option<&str>,
) {
    let request = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: kind,
            resource_name: name.to_owned(),
            configs: vec![AlterableConfig {
                name: key.to_owned(),
                config_operation: i8::from(value.is_none()),
                value: value.map(str::to_owned),
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let (answer, code) = connection.ask_settled(1, &request, |answer| {
        answer.responses.iter().map(|of| of.error_code).collect()
    });
    assert_eq!(code, 0, "{answer:?}");
}
