//! Requests that write and read records, and ask for offsets.

use bytes::{Bytes, BytesMut};
use ottla_wire::{
    Records, Uuid,
    messages::{
        CreateTopicsRequest, DeleteRecordsRequest, DescribeLogDirsRequest, DescribeLogDirsResponse,
        DescribeProducersRequest, FetchRequest, ListOffsetsRequest, OffsetForLeaderEpochRequest,
        ProduceRequest, create_topics_request as create, delete_records_request as cut,
        describe_log_dirs_request as dirs, describe_producers_request as producers,
        fetch_request as fetch, list_offsets_request as offsets,
        offset_for_leader_epoch_request as epochs, produce_request as produce,
    },
    records::{BatchBuilder, Codec},
};

use crate::both::Both;

const TOPIC: &str = "data";
const START: i64 = 1_750_000_000_000;

fn batch(codec: Codec, count: i64) -> Bytes {
    let mut builder = BatchBuilder::new(codec);
    for number in 0..count {
        let value = format!("value {number} {}", "abc".repeat(number as usize));
        let key = (number % 3 > 0).then(|| format!("key {number}"));
        // The latest timestamp is not the last.
        let timestamp = START + if number == 1 { 9000 } else { number * 1000 };
        let key = key.as_deref().map(str::as_bytes);
        builder
            .append(timestamp, key, Some(value.as_bytes()), &[])
            .expect("a record");
    }
    builder.build().expect("a batch").to_bytes()
}

fn sequenced(producer_id: i64, epoch: i16, sequence: i32) -> Bytes {
    let mut builder = BatchBuilder::new(Codec::None).producer(producer_id, epoch, sequence);
    for number in 0..2 {
        builder
            .append(START + number, None, Some(b"x"), &[])
            .expect("a record");
    }
    builder.build().expect("a batch").to_bytes()
}

fn produce_request(
    topic: &str,
    topic_id: Uuid,
    partition: i32,
    acks: i16,
    records: Option<Bytes>,
) -> ProduceRequest {
    ProduceRequest {
        acks,
        timeout_ms: 5000,
        topic_data: vec![produce::TopicProduceData {
            name: topic.to_owned(),
            topic_id,
            partition_data: vec![produce::PartitionProduceData {
                index: partition,
                records: records.map(Records::Bytes),
                ..produce::PartitionProduceData::default()
            }],
            ..produce::TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

fn write(
    both: &mut Both,
    what: &str,
    topic: &str,
    partition: i32,
    acks: i16,
    records: Option<Bytes>,
) {
    both.each(what, |side, _| {
        let id = side.id(topic);
        produce_request(topic, id, partition, acks, records.clone())
    });
}

pub(crate) fn ask(both: &mut Both) {
    let names = [TOPIC, "sequences", "small"];
    both.once("topics for data", 5, |_, _| CreateTopicsRequest {
        topics: names
            .map(|name| create::CreatableTopic {
                name: name.to_owned(),
                num_partitions: 2,
                replication_factor: 1,
                configs: vec![create::CreatableTopicConfig {
                    name: "max.message.bytes".to_owned(),
                    value: Some(if name == "small" { "200" } else { "100000" }.to_owned()),
                    ..create::CreatableTopicConfig::default()
                }],
                ..create::CreatableTopic::default()
            })
            .into(),
        timeout_ms: 10_000,
        ..CreateTopicsRequest::default()
    });
    for name in names {
        both.wait_for(name, 0);
        both.wait_for(name, 1);
    }
    writes(both);
    damaged_writes(both);
    sequences(both);
    offsets(both);
    reads(both);
    cuts(both);
    // After the cut: what was there is gone.
    offsets(both);
    reads(both);
    places(both);
}

fn writes(both: &mut Both) {
    for codec in [
        Codec::None,
        Codec::Gzip,
        Codec::Snappy,
        Codec::Lz4,
        Codec::Zstd,
    ] {
        write(
            both,
            &format!("{codec:?}"),
            TOPIC,
            0,
            -1,
            Some(batch(codec, 5)),
        );
    }
    write(both, "acks 1", TOPIC, 0, 1, Some(batch(Codec::None, 1)));
    for acks in [2, -2] {
        write(
            both,
            &format!("acks {acks}"),
            TOPIC,
            0,
            acks,
            Some(batch(Codec::None, 1)),
        );
    }
    write(
        both,
        "unknown topic",
        "unknown",
        0,
        -1,
        Some(batch(Codec::None, 1)),
    );
    write(
        both,
        "unknown partition",
        TOPIC,
        9,
        -1,
        Some(batch(Codec::None, 1)),
    );
    write(
        both,
        "negative partition",
        TOPIC,
        -1,
        -1,
        Some(batch(Codec::None, 1)),
    );
    write(
        both,
        "an empty name",
        "",
        0,
        -1,
        Some(batch(Codec::None, 1)),
    );
    write(
        both,
        "too large",
        "small",
        0,
        -1,
        Some(batch(Codec::None, 30)),
    );
    write(both, "no records", TOPIC, 0, -1, Some(Bytes::new()));
    // Without an answer; what it wrote is in the offsets below.
    both.tell(9, |_, _| {
        produce_request(TOPIC, Uuid::ZERO, 1, 0, Some(batch(Codec::None, 3)))
    });
    both.each("two partitions, one of them unknown", |side, _| {
        let mut request =
            produce_request(TOPIC, side.id(TOPIC), 1, -1, Some(batch(Codec::None, 2)));
        let mut other = request.topic_data[0].partition_data[0].clone();
        other.index = 5;
        request.topic_data[0].partition_data.push(other);
        request
    });
}

fn damaged_writes(both: &mut Both) {
    let sound = batch(Codec::None, 4);
    let with = |at: usize, byte: u8| {
        let mut bytes = BytesMut::from(&sound[..]);
        bytes[at] ^= byte;
        Some(bytes.freeze())
    };
    for (what, records) in [
        ("a wrong checksum", with(17, 1)),
        ("a wrong byte in a record", with(sound.len() - 2, 1)),
        ("magic 3", with(16, 1)),
        ("magic 1", with(16, 3)),
        ("a wrong length", with(11, 1)),
        ("a negative length", with(8, 0x80)),
        ("cut short", Some(sound.slice(..sound.len() - 1))),
        ("less than a header", Some(sound.slice(..20))),
        (
            "two batches",
            Some([&sound[..], &sound[..]].concat().into()),
        ),
        ("noise", Some(Bytes::from_static(&[0xa5; 100]))),
    ] {
        write(both, what, TOPIC, 0, -1, records);
    }
}

/// Batches of an idempotent producer: each answer depends on the ones before, so each is asked once.
fn sequences(both: &mut Both) {
    for (what, id, epoch, sequence) in [
        ("first", 4000, 0, 0),
        ("next", 4000, 0, 2),
        ("again", 4000, 0, 2),
        ("the first again", 4000, 0, 0),
        ("a gap", 4000, 0, 7),
        ("a later epoch, not from 0", 4000, 1, 5),
        ("a later epoch", 4000, 1, 0),
        ("an older epoch", 4000, 0, 4),
        ("an unknown producer in the middle", 4001, 0, 10),
    ] {
        both.once(what, 9, |_, _| {
            produce_request(
                "sequences",
                Uuid::ZERO,
                0,
                -1,
                Some(sequenced(id, epoch, sequence)),
            )
        });
    }
    for (topic, partition) in [("sequences", 0), ("sequences", 9), ("unknown", 0)] {
        both.each_then(
            &format!("{topic}-{partition}"),
            |_, _| DescribeProducersRequest {
                topics: vec![producers::TopicRequest {
                    name: topic.to_owned(),
                    partition_indexes: vec![partition],
                    ..producers::TopicRequest::default()
                }],
                ..DescribeProducersRequest::default()
            },
            |answer| {
                for topic in &mut answer.topics {
                    for partition in &mut topic.partitions {
                        partition
                            .active_producers
                            .sort_by_key(|producer| producer.producer_id);
                    }
                }
            },
        );
    }
}

fn offsets(both: &mut Both) {
    for timestamp in [
        -1,
        -2,
        -3,
        -4,
        -5,
        -6,
        -7,
        0,
        START,
        START + 1,
        START + 2500,
        START + 9000,
        START + 9001,
        i64::MAX,
    ] {
        offsets_of(both, TOPIC, 0, timestamp, -1, 0);
    }
    for (topic, partition) in [
        (TOPIC, 1),
        (TOPIC, 9),
        ("unknown", 0),
        ("made-7", 0),
        ("sequences", 0),
    ] {
        for timestamp in [-1, -2, -3, 0] {
            offsets_of(both, topic, partition, timestamp, -1, 0);
        }
    }
    for epoch in [0, 1, 7] {
        offsets_of(both, TOPIC, 0, -1, epoch, 0);
    }
    for isolation_level in [1, 2] {
        offsets_of(both, TOPIC, 0, -1, -1, isolation_level);
    }
    for (topic, partition, current, epoch) in [
        (TOPIC, 0, -1, 0),
        (TOPIC, 0, 0, 0),
        (TOPIC, 0, 9, 0),
        (TOPIC, 0, -1, 5),
        (TOPIC, 0, -1, -1),
        (TOPIC, 9, -1, 0),
        ("unknown", 0, -1, 0),
    ] {
        both.each(
            &format!("{topic}-{partition}, epochs {current} and {epoch}"),
            |_, _| OffsetForLeaderEpochRequest {
                replica_id: -1,
                topics: vec![epochs::OffsetForLeaderTopic {
                    topic: topic.to_owned(),
                    partitions: vec![epochs::OffsetForLeaderPartition {
                        partition,
                        current_leader_epoch: current,
                        leader_epoch: epoch,
                        ..epochs::OffsetForLeaderPartition::default()
                    }],
                    ..epochs::OffsetForLeaderTopic::default()
                }],
                ..OffsetForLeaderEpochRequest::default()
            },
        );
    }
}

fn offsets_of(
    both: &mut Both,
    topic: &str,
    partition: i32,
    timestamp: i64,
    epoch: i32,
    isolation_level: i8,
) {
    let what =
        format!("{topic}-{partition} at {timestamp}, epoch {epoch}, isolation {isolation_level}");
    both.each(&what, |_, _| ListOffsetsRequest {
        replica_id: -1,
        isolation_level,
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
    });
}

struct Read {
    topic: &'static str,
    partition: i32,
    offset: i64,
    epoch: i32,
    last_epoch: i32,
    most: i32,
    most_of_all: i32,
    isolation: i8,
}

const READ: Read = Read {
    topic: TOPIC,
    partition: 0,
    offset: 0,
    epoch: -1,
    last_epoch: -1,
    most: 1 << 20,
    most_of_all: 1 << 20,
    isolation: 0,
};

fn reads(both: &mut Both) {
    for (what, read) in [
        ("all", READ),
        (
            "committed",
            Read {
                isolation: 1,
                ..READ
            },
        ),
        ("from the middle of a batch", Read { offset: 2, ..READ }),
        (
            "from the end",
            Read {
                partition: 1,
                offset: 25,
                ..READ
            },
        ),
        (
            "past the end",
            Read {
                offset: 1_000_000,
                ..READ
            },
        ),
        ("a negative offset", Read { offset: -1, ..READ }),
        ("little at once", Read { most: 10, ..READ }),
        (
            "little of all at once",
            Read {
                most_of_all: 10,
                ..READ
            },
        ),
        (
            "nothing at once",
            Read {
                most: 0,
                most_of_all: 0,
                ..READ
            },
        ),
        ("part of two batches", Read { most: 300, ..READ }),
        ("the leader's epoch", Read { epoch: 0, ..READ }),
        ("an epoch to come", Read { epoch: 8, ..READ }),
        (
            "after epoch 0",
            Read {
                last_epoch: 0,
                offset: 3,
                ..READ
            },
        ),
        (
            "after epoch 5",
            Read {
                last_epoch: 5,
                offset: 3,
                ..READ
            },
        ),
        (
            "another partition",
            Read {
                partition: 1,
                ..READ
            },
        ),
        (
            "unknown partition",
            Read {
                partition: 9,
                ..READ
            },
        ),
        (
            "unknown topic",
            Read {
                topic: "unknown",
                ..READ
            },
        ),
        (
            "an empty topic",
            Read {
                topic: "made-7",
                ..READ
            },
        ),
        (
            "of sequences",
            Read {
                topic: "sequences",
                ..READ
            },
        ),
    ] {
        both.each(what, |side, _| FetchRequest {
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: read.most_of_all,
            isolation_level: read.isolation,
            session_epoch: -1,
            topics: vec![fetch::FetchTopic {
                topic: read.topic.to_owned(),
                topic_id: side.id(read.topic),
                partitions: vec![fetch::FetchPartition {
                    partition: read.partition,
                    current_leader_epoch: read.epoch,
                    fetch_offset: read.offset,
                    last_fetched_epoch: read.last_epoch,
                    partition_max_bytes: read.most,
                    ..fetch::FetchPartition::default()
                }],
                ..fetch::FetchTopic::default()
            }],
            ..FetchRequest::default()
        });
    }
}

fn cuts(both: &mut Both) {
    for (topic, partition, offset) in [
        (TOPIC, 0, 12),
        (TOPIC, 0, 5),
        (TOPIC, 0, 1_000_000),
        (TOPIC, 0, -2),
        (TOPIC, 1, -1),
        (TOPIC, 9, 0),
        ("unknown", 0, 0),
    ] {
        both.each(&format!("{topic}-{partition} up to {offset}"), |_, _| {
            DeleteRecordsRequest {
                topics: vec![cut::DeleteRecordsTopic {
                    name: topic.to_owned(),
                    partitions: vec![cut::DeleteRecordsPartition {
                        partition_index: partition,
                        offset,
                        ..cut::DeleteRecordsPartition::default()
                    }],
                    ..cut::DeleteRecordsTopic::default()
                }],
                timeout_ms: 5000,
                ..DeleteRecordsRequest::default()
            }
        });
    }
}

fn places(both: &mut Both) {
    let settle = |answer: &mut DescribeLogDirsResponse| {
        for dir in &mut answer.results {
            dir.topics.sort_by(|a, b| a.name.cmp(&b.name));
            for topic in &mut dir.topics {
                topic
                    .partitions
                    .sort_by_key(|partition| partition.partition_index);
            }
        }
    };
    both.each_then("all", |_, _| DescribeLogDirsRequest::default(), settle);
    for (topic, partition) in [(TOPIC, 0), (TOPIC, 9), ("unknown", 0)] {
        both.each_then(
            &format!("{topic}-{partition}"),
            |_, _| DescribeLogDirsRequest {
                topics: Some(vec![dirs::DescribableLogDirTopic {
                    topic: topic.to_owned(),
                    partitions: vec![partition],
                    ..dirs::DescribableLogDirTopic::default()
                }]),
                ..DescribeLogDirsRequest::default()
            },
            settle,
        );
    }
}
