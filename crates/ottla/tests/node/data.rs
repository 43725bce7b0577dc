//! Topics and records on a [`super::Connection`].

use bytes::Bytes;
use ottla_wire::{
    Records,
    messages::{
        CreateTopicsRequest, FetchRequest, ProduceRequest,
        create_topics_request::CreatableTopic,
        fetch_request::{FetchPartition, FetchTopic},
        fetch_response::PartitionData,
        produce_request::{PartitionProduceData, TopicProduceData},
        produce_response::PartitionProduceResponse,
    },
    records::{Batch, BatchBuilder, Codec},
};

use super::{Connection, NoAnswer};

/// Versions in which topics have names.
pub const PRODUCE_VERSION: i16 = 12;
pub const FETCH_VERSION: i16 = 12;

/// Makes a topic; the error code.
pub fn create_topic(connection: &mut Connection, name: &str, partitions: i32) -> i16 {
    let request = CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: name.to_owned(),
            num_partitions: partitions,
            replication_factor: 1,
            ..CreatableTopic::default()
        }],
        timeout_ms: 10_000,
        ..CreateTopicsRequest::default()
    };
    let answer = connection.ask(5, &request).expect("an answer");
    answer.topics[0].error_code
}

/// A batch of values.
pub fn batch(codec: Codec, values: &[&[u8]]) -> Batch {
    let mut batch = BatchBuilder::new(codec);
    for value in values {
        batch
            .append(1_700_000_000_000, None, Some(value), &[])
            .expect("a record");
    }
    batch.build().expect("a batch")
}

/// A request with these bytes as the records of one partition.
pub fn produce_request(topic: &str, partition: i32, acks: i16, records: Bytes) -> ProduceRequest {
    ProduceRequest {
        acks,
        timeout_ms: 10_000,
        topic_data: vec![TopicProduceData {
            name: topic.to_owned(),
            partition_data: vec![PartitionProduceData {
                index: partition,
                records: Some(Records::Bytes(records)),
                ..PartitionProduceData::default()
            }],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

/// Sends records and waits for the answer.
pub fn produce(
    connection: &mut Connection,
    topic: &str,
    partition: i32,
    records: Bytes,
) -> Result<PartitionProduceResponse, NoAnswer> {
    let request = produce_request(topic, partition, -1, records);
    let mut answer = connection.ask(PRODUCE_VERSION, &request)?;
    Ok(answer.responses.remove(0).partition_responses.remove(0))
}

/// A request for one partition from an offset on.
pub fn fetch_request(topic: &str, partition: i32, offset: i64, max_bytes: i32) -> FetchRequest {
    FetchRequest {
        max_wait_ms: 0,
        min_bytes: 1,
        max_bytes,
        topics: vec![FetchTopic {
            topic: topic.to_owned(),
            partitions: vec![FetchPartition {
                partition,
                current_leader_epoch: -1,
                fetch_offset: offset,
                last_fetched_epoch: -1,
                partition_max_bytes: max_bytes,
                ..FetchPartition::default()
            }],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    }
}

/// Fetches once.
pub fn fetch(
    connection: &mut Connection,
    topic: &str,
    partition: i32,
    offset: i64,
    max_bytes: i32,
) -> PartitionData {
    let request = fetch_request(topic, partition, offset, max_bytes);
    let mut answer = connection.ask(FETCH_VERSION, &request).expect("an answer");
    assert_eq!(answer.error_code, 0);
    answer.responses.remove(0).partitions.remove(0)
}

/// All values of a partition, from offset 0 on; each batch's checksum is checked.
pub fn read_all(connection: &mut Connection, topic: &str, partition: i32) -> Vec<Bytes> {
    let mut values = Vec::new();
    loop {
        let data = fetch(connection, topic, partition, values.len() as i64, 1 << 20);
        assert_eq!(data.error_code, 0);
        let mut bytes = match data.records {
            Some(Records::Bytes(bytes)) if !bytes.is_empty() => bytes,
            _ => {
                assert_eq!(data.high_watermark, values.len() as i64);
                return values;
            }
        };
        while let Ok(batch) = Batch::first(&bytes) {
            bytes = bytes.slice(batch.size_in_bytes()..);
            batch.check_crc().expect("an undamaged batch");
            assert!(batch.base_offset() <= values.len() as i64, "a gap");
            for record in batch.records().expect("records") {
                let record = record.expect("a record");
                if record.offset == values.len() as i64 {
                    values.push(record.value.expect("a value"));
                }
            }
        }
    }
}
