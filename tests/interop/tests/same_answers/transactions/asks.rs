//! The requests of transactions, and how their answers are put in order.

use bytes::Bytes;
use ottla_wire::{
    Records,
    messages::{
        AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
        EndTxnRequest, FetchResponse, InitProducerIdRequest, ProduceRequest, ProduceResponse,
        TxnOffsetCommitRequest, TxnOffsetCommitResponse, WriteTxnMarkersRequest,
        WriteTxnMarkersResponse,
        add_partitions_to_txn_request::{AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction},
        describe_producers_response::DescribeProducersResponse,
        describe_transactions_response::DescribeTransactionsResponse,
        list_transactions_response::ListTransactionsResponse,
        produce_request::{PartitionProduceData, TopicProduceData},
        txn_offset_commit_request::{TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic},
        write_txn_markers_request::{WritableTxnMarker, WritableTxnMarkerTopic},
    },
    records::{Batch, BatchBuilder, Batches, Codec, DECOMPRESSED_LIMIT, scan::records},
};

use crate::both::{Producer, Side};

/// The time of all records that the tests write.
const START: i64 = 1_750_000_000_000;
/// Partitions of topics.
pub(super) type Topics<'a> = &'a [(&'a str, &'a [i32])];

pub(super) fn init(id: Option<&str>, timeout: i32, producer: Producer) -> InitProducerIdRequest {
    InitProducerIdRequest {
        transactional_id: id.map(str::to_owned),
        transaction_timeout_ms: timeout,
        producer_id: producer.0,
        producer_epoch: producer.1,
        ..InitProducerIdRequest::default()
    }
}

fn added(topics: Topics<'_>) -> Vec<AddPartitionsToTxnTopic> {
    let topics = topics
        .iter()
        .map(|(name, partitions)| AddPartitionsToTxnTopic {
            name: (*name).to_owned(),
            partitions: partitions.to_vec(),
            ..AddPartitionsToTxnTopic::default()
        });
    topics.collect()
}

/// One transaction of a request with many.
pub(super) fn transaction(
    id: &str,
    producer: Producer,
    topics: Topics<'_>,
    verify_only: bool,
) -> AddPartitionsToTxnTransaction {
    AddPartitionsToTxnTransaction {
        transactional_id: id.to_owned(),
        producer_id: producer.0,
        producer_epoch: producer.1,
        verify_only,
        topics: added(topics),
        ..AddPartitionsToTxnTransaction::default()
    }
}

/// In the shape of the version.
pub(super) fn add(
    version: i16,
    id: &str,
    producer: Producer,
    topics: Topics<'_>,
) -> AddPartitionsToTxnRequest {
    if version > 3 {
        return AddPartitionsToTxnRequest {
            transactions: vec![transaction(id, producer, topics, false)],
            ..AddPartitionsToTxnRequest::default()
        };
    }
    AddPartitionsToTxnRequest {
        v3_and_below_transactional_id: id.to_owned(),
        v3_and_below_producer_id: producer.0,
        v3_and_below_producer_epoch: producer.1,
        v3_and_below_topics: added(topics),
        ..AddPartitionsToTxnRequest::default()
    }
}

pub(crate) fn add_offsets(id: &str, producer: Producer, group: &str) -> AddOffsetsToTxnRequest {
    AddOffsetsToTxnRequest {
        transactional_id: id.to_owned(),
        producer_id: producer.0,
        producer_epoch: producer.1,
        group_id: group.to_owned(),
        ..AddOffsetsToTxnRequest::default()
    }
}

/// Of nobody who is a member.
pub(super) fn commit_offsets(
    side: &mut Side,
    id: &str,
    producer: Producer,
    group: &str,
    topics: Topics<'_>,
) -> TxnOffsetCommitRequest {
    let topics = topics.iter().map(|(name, partitions)| {
        let partitions = partitions
            .iter()
            .map(|index| TxnOffsetCommitRequestPartition {
                partition_index: *index,
                committed_offset: i64::from(*index) + 10,
                committed_metadata: Some("noted".to_owned()),
                ..TxnOffsetCommitRequestPartition::default()
            });
        TxnOffsetCommitRequestTopic {
            name: (*name).to_owned(),
            topic_id: side.id(name),
            partitions: partitions.collect(),
            ..TxnOffsetCommitRequestTopic::default()
        }
    });
    TxnOffsetCommitRequest {
        transactional_id: id.to_owned(),
        group_id: group.to_owned(),
        producer_id: producer.0,
        producer_epoch: producer.1,
        topics: topics.collect(),
        ..TxnOffsetCommitRequest::default()
    }
}

pub(super) fn end(id: &str, producer: Producer, committed: bool) -> EndTxnRequest {
    EndTxnRequest {
        transactional_id: id.to_owned(),
        producer_id: producer.0,
        producer_epoch: producer.1,
        committed,
        ..EndTxnRequest::default()
    }
}

/// Two records, as part of a transaction or not; also by who cannot be.
pub(super) fn batch(producer: Producer, sequence: i32, transactional: bool) -> Bytes {
    let mut builder = BatchBuilder::new(Codec::None)
        .producer(0, 0, 0)
        .transactional(transactional);
    for number in 0..2 {
        let value = format!("{sequence} {number}");
        builder
            .append(START + number, None, Some(value.as_bytes()), &[])
            .expect("a record");
    }
    let batch = builder.build().expect("a batch");
    let mut header = *batch.header();
    header[43..51].copy_from_slice(&producer.0.to_be_bytes());
    header[51..53].copy_from_slice(&producer.1.to_be_bytes());
    header[53..57].copy_from_slice(&sequence.to_be_bytes());
    Batch::from_parts(header, batch.payload().clone()).to_bytes()
}

pub(super) fn produce(
    side: &mut Side,
    id: Option<&str>,
    places: &[(&str, i32, Bytes)],
) -> ProduceRequest {
    let topics = places
        .iter()
        .map(|(name, index, records)| TopicProduceData {
            name: (*name).to_owned(),
            topic_id: side.id(name),
            partition_data: vec![PartitionProduceData {
                index: *index,
                records: Some(Records::Bytes(records.clone())),
                ..PartitionProduceData::default()
            }],
            ..TopicProduceData::default()
        });
    ProduceRequest {
        transactional_id: id.map(str::to_owned),
        acks: -1,
        timeout_ms: 10_000,
        topic_data: topics.collect(),
        ..ProduceRequest::default()
    }
}

/// The end of a transaction.
pub(super) fn marker(
    producer: Producer,
    committed: bool,
    coordinator_epoch: i32,
    topics: Topics<'_>,
) -> WritableTxnMarker {
    let topics = topics
        .iter()
        .map(|(name, partitions)| WritableTxnMarkerTopic {
            name: (*name).to_owned(),
            partition_indexes: partitions.to_vec(),
            ..WritableTxnMarkerTopic::default()
        });
    WritableTxnMarker {
        producer_id: producer.0,
        producer_epoch: producer.1,
        transaction_result: committed,
        topics: topics.collect(),
        coordinator_epoch,
        ..WritableTxnMarker::default()
    }
}

pub(super) fn markers(markers: Vec<WritableTxnMarker>) -> WriteTxnMarkersRequest {
    WriteTxnMarkersRequest {
        markers,
        ..WriteTxnMarkersRequest::default()
    }
}

// Where Apache Kafka answers from a hash map, there is no order to compare.

pub(super) fn settle_added(answer: &mut AddPartitionsToTxnResponse) {
    let each = &mut answer.results_by_transaction;
    each.sort_by(|a, b| a.transactional_id.cmp(&b.transactional_id));
    let topics = each
        .iter_mut()
        .map(|result| &mut result.topic_results)
        .chain([&mut answer.results_by_topic_v3_and_below]);
    for topics in topics {
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        for topic in topics {
            topic
                .results_by_partition
                .sort_by_key(|partition| partition.partition_index);
        }
    }
}

pub(super) fn settle_produced(answer: &mut ProduceResponse) {
    answer.responses.sort_by(|a, b| a.name.cmp(&b.name));
    for topic in &mut answer.responses {
        topic
            .partition_responses
            .sort_by_key(|partition| partition.index);
    }
}

pub(super) fn settle_committed(answer: &mut TxnOffsetCommitResponse) {
    for topic in &mut answer.topics {
        topic
            .partitions
            .sort_by_key(|partition| partition.partition_index);
    }
}

pub(super) fn settle_markers(answer: &mut WriteTxnMarkersResponse) {
    answer.markers.sort_by_key(|marker| marker.producer_id);
    for marker in &mut answer.markers {
        marker.topics.sort_by(|a, b| a.name.cmp(&b.name));
        for topic in &mut marker.topics {
            topic
                .partitions
                .sort_by_key(|partition| partition.partition_index);
        }
    }
}

pub(super) fn settle_described(answer: &mut DescribeTransactionsResponse) {
    for state in &mut answer.transaction_states {
        state.topics.sort_by(|a, b| a.topic.cmp(&b.topic));
        for topic in &mut state.topics {
            topic.partitions.sort_unstable();
        }
    }
}

pub(super) fn settle_listed(answer: &mut ListTransactionsResponse) {
    answer.unknown_state_filters.sort();
    let states = &mut answer.transaction_states;
    states.sort_by(|a, b| a.transactional_id.cmp(&b.transactional_id));
}

pub(super) fn settle_producers(answer: &mut DescribeProducersResponse) {
    let partitions = answer.topics.iter_mut().flat_map(|of| &mut of.partitions);
    for partition in partitions {
        partition.active_producers.sort_by_key(|of| of.producer_id);
    }
}

/// Replaces records by words for them, without what is each server's own.
pub(super) fn settle_fetched(side: &mut Side, answer: &mut FetchResponse) {
    for topic in &mut answer.responses {
        for partition in &mut topic.partitions {
            if let Some(Records::Bytes(bytes)) = &partition.records {
                let words = batches(side, bytes);
                partition.records = Some(Records::Bytes(words.into()));
            }
        }
    }
}

/// A line for each batch.
pub(super) fn batches(side: &mut Side, bytes: &Bytes) -> String {
    let mut words = String::new();
    for batch in Batches::new(bytes.clone()) {
        let (head, bytes) = batch.expect("a batch");
        let attributes = head.attributes;
        words += &format!(
            "{}-{} of {} epoch {} sequence {} leader {} {}{};",
            head.base_offset,
            head.last_offset,
            side.label(head.producer_id),
            head.producer_epoch,
            head.base_sequence,
            head.leader_epoch,
            if attributes.is_transactional() {
                "t"
            } else {
                ""
            },
            if attributes.is_control() { "c" } else { "" },
        );
        for record in records(&bytes, DECOMPRESSED_LIMIT).expect("records") {
            let record = record.expect("a record");
            words += &format!(" {:?}={:?}", record.key, record.value);
        }
        words.push('\n');
    }
    words
}
