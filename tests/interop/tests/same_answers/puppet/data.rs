//! What is asked of a broker about partitions that another one leads, or as another one.

use bytes::Bytes;
use ottla_wire::{
    Records, Uuid,
    messages::{
        DeleteRecordsRequest, DescribeProducersRequest, FetchRequest, ListOffsetsRequest,
        OffsetForLeaderEpochRequest, ProduceRequest, WriteTxnMarkersRequest,
        delete_records_request as cut, describe_producers_request as producers,
        fetch_request as fetch, list_offsets_request as offsets,
        offset_for_leader_epoch_request as epochs, produce_request as produce,
        write_txn_markers_request as markers,
    },
    records::{BatchBuilder, Codec},
};

use super::{EPOCH, HERE, ONLY_HERE, PUPPET, THERE};
use crate::both::{Both, Side};

fn batch() -> Bytes {
    let mut builder = BatchBuilder::new(Codec::None);
    let record = builder.append(1_750_000_000_000, None, Some(b"x"), &[]);
    record.expect("a record");
    builder.build().expect("a batch").to_bytes()
}

/// Everything that only a leader does, with several ideas of its epoch.
pub(crate) fn ask(both: &mut Both, what: &str, topics: &[&str]) {
    for &topic in topics {
        for partition in [0, 9] {
            let what = format!("{what}: {topic}-{partition}");
            if topic != HERE {
                writes(both, &what, topic, partition);
            }
            for epoch in [-1, 0, 1, 9] {
                let what = format!("{what}, epoch {epoch}");
                reads(both, &what, topic, partition, epoch);
            }
        }
    }
}

/// A batch for the partition.
pub(super) fn write(both: &mut Both, what: &str, topic: &str, partition: i32, acks: i16) {
    write_bytes(both, what, topic, partition, acks, &batch());
}

/// One record to partition 0.
pub(crate) fn write_once(both: &mut Both, what: &str, topic: &str) {
    both.once(what, 9, |_, _| produce(topic, Uuid::ZERO, 0, -1, &batch()));
}

/// Batches in which something is wrong.
pub(super) fn write_damaged(both: &mut Both, what: &str, topic: &str) {
    let sound = batch();
    let with = |at: usize, byte: u8| {
        let mut bytes = sound.to_vec();
        bytes[at] ^= byte;
        Bytes::from(bytes)
    };
    let mut future = BatchBuilder::new(Codec::None);
    let record = future.append(33_000_000_000_000, None, Some(b"x"), &[]);
    record.expect("a record");
    for (why, bytes) in [
        ("a wrong checksum", with(17, 1)),
        ("a wrong byte in a record", with(sound.len() - 2, 1)),
        ("a control batch", with(22, 0x20)),
        ("magic 1", with(16, 3)),
        ("a wrong length", with(11, 1)),
        ("cut short", sound.slice(..sound.len() - 1)),
        ("noise", Bytes::from_static(&[0xa5; 100])),
        ("no records", Bytes::new()),
        (
            "a time to come",
            future.build().expect("a batch").to_bytes(),
        ),
    ] {
        for acks in [-1, 1] {
            write_bytes(both, &format!("{what}: {why}"), topic, 0, acks, &bytes);
        }
    }
}

fn write_bytes(both: &mut Both, what: &str, topic: &str, partition: i32, acks: i16, bytes: &Bytes) {
    both.each(what, |side, _| {
        produce(topic, side.id(topic), partition, acks, bytes)
    });
}

fn produce(topic: &str, id: Uuid, partition: i32, acks: i16, bytes: &Bytes) -> ProduceRequest {
    ProduceRequest {
        acks,
        timeout_ms: 5000,
        topic_data: vec![produce::TopicProduceData {
            name: topic.to_owned(),
            topic_id: id,
            partition_data: vec![produce::PartitionProduceData {
                index: partition,
                records: Some(Records::Bytes(bytes.clone())),
                ..produce::PartitionProduceData::default()
            }],
            ..produce::TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

fn writes(both: &mut Both, what: &str, topic: &str, partition: i32) {
    write(both, what, topic, partition, 1);
    both.each(what, |_, _| DeleteRecordsRequest {
        topics: vec![cut::DeleteRecordsTopic {
            name: topic.to_owned(),
            partitions: vec![cut::DeleteRecordsPartition {
                partition_index: partition,
                ..cut::DeleteRecordsPartition::default()
            }],
            ..cut::DeleteRecordsTopic::default()
        }],
        timeout_ms: 1000,
        ..DeleteRecordsRequest::default()
    });
    markers(both, what, topic, partition);
}

/// The end of a transaction that no coordinator knows.
pub(super) fn markers(both: &mut Both, what: &str, topic: &str, partition: i32) {
    both.each(what, |_, _| marker(topic, partition));
}

/// The same, once, in partition 0.
pub(crate) fn end_once(both: &mut Both, what: &str, topic: &str) {
    both.once(what, 1, |_, _| marker(topic, 0));
}

fn marker(topic: &str, partition: i32) -> WriteTxnMarkersRequest {
    WriteTxnMarkersRequest {
        markers: vec![markers::WritableTxnMarker {
            producer_id: 5,
            topics: vec![markers::WritableTxnMarkerTopic {
                name: topic.to_owned(),
                partition_indexes: vec![partition],
                ..markers::WritableTxnMarkerTopic::default()
            }],
            ..markers::WritableTxnMarker::default()
        }],
        ..WriteTxnMarkersRequest::default()
    }
}

fn reads(both: &mut Both, what: &str, topic: &str, partition: i32, epoch: i32) {
    if epoch == -1 {
        both.each(what, |_, _| DescribeProducersRequest {
            topics: vec![producers::TopicRequest {
                name: topic.to_owned(),
                partition_indexes: vec![partition],
                ..producers::TopicRequest::default()
            }],
            ..DescribeProducersRequest::default()
        });
    }
    both.each(what, |side, _| fetch(side, topic, partition, epoch));
    for timestamp in [-1, -2, 5] {
        both.each(&format!("{what}, at {timestamp}"), |_, _| {
            ListOffsetsRequest {
                replica_id: -1,
                timeout_ms: 1000,
                topics: vec![offsets::ListOffsetsTopic {
                    name: topic.to_owned(),
                    partitions: vec![offsets::ListOffsetsPartition {
                        partition_index: partition,
                        current_leader_epoch: epoch,
                        timestamp,
                        ..offsets::ListOffsetsPartition::default()
                    }],
                    ..offsets::ListOffsetsTopic::default()
                }],
                ..ListOffsetsRequest::default()
            }
        });
    }
    both.each(what, |_, _| OffsetForLeaderEpochRequest {
        replica_id: -1,
        topics: vec![epochs::OffsetForLeaderTopic {
            topic: topic.to_owned(),
            partitions: vec![epochs::OffsetForLeaderPartition {
                partition,
                current_leader_epoch: epoch,
                leader_epoch: 0,
                ..epochs::OffsetForLeaderPartition::default()
            }],
            ..epochs::OffsetForLeaderTopic::default()
        }],
        ..OffsetForLeaderEpochRequest::default()
    });
}

fn fetch(side: &mut Side, topic: &str, partition: i32, epoch: i32) -> FetchRequest {
    FetchRequest {
        max_wait_ms: 0,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: vec![fetch::FetchTopic {
            topic: topic.to_owned(),
            topic_id: side.id(topic),
            partitions: vec![fetch::FetchPartition {
                partition,
                current_leader_epoch: epoch,
                partition_max_bytes: 1 << 20,
                ..fetch::FetchPartition::default()
            }],
            ..fetch::FetchTopic::default()
        }],
        ..FetchRequest::default()
    }
}

/// Fetches as replicas: of the partition, of another, of an old epoch.
pub(super) fn replicas(both: &mut Both) {
    for topic in [HERE, ONLY_HERE, THERE] {
        for replica in [1, PUPPET, 7, -2, -3] {
            for ahead in [0, 1, -1] {
                let what = format!("{topic} as {replica}, {ahead} ahead");
                both.each(&what, |side, version| {
                    let mut request = fetch(side, topic, 0, -1);
                    if version < 15 {
                        request.replica_id = replica;
                    } else {
                        request.replica_state.replica_id = replica;
                        request.replica_state.replica_epoch = side.number(EPOCH) + ahead;
                    }
                    request
                });
            }
        }
    }
}
