//! A transactional producer: which requests it sends in which order and version, and what becomes of each failure.

mod administration;

use std::time::Duration;

use ottla_client::{
    ClientError, GroupMetadata, Producer, ProducerConfig, Record, TopicPartition,
    admin::CommittedOffset,
};
use ottla_wire::{
    Records, Request,
    errors::Code,
    messages::{
        add_offsets_to_txn_request::AddOffsetsToTxnRequest,
        add_offsets_to_txn_response::AddOffsetsToTxnResponse,
        add_partitions_to_txn_request::AddPartitionsToTxnRequest,
        add_partitions_to_txn_response::{
            AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResponse,
            AddPartitionsToTxnTopicResult,
        },
        end_txn_request::EndTxnRequest,
        end_txn_response::EndTxnResponse,
        find_coordinator_request::FindCoordinatorRequest,
        find_coordinator_response::{Coordinator, FindCoordinatorResponse},
        init_producer_id_request::InitProducerIdRequest,
        init_producer_id_response::InitProducerIdResponse,
        produce_request::ProduceRequest,
        produce_response::{PartitionProduceResponse, ProduceResponse, TopicProduceResponse},
        txn_offset_commit_request::TxnOffsetCommitRequest,
        txn_offset_commit_response::{
            TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
        },
    },
    records::Batch,
};

use crate::brokers::{Brokers, with};

const INIT: i16 = InitProducerIdRequest::KEY;
const ADD: i16 = AddPartitionsToTxnRequest::KEY;
const ADD_OFFSETS: i16 = AddOffsetsToTxnRequest::KEY;
const OFFSETS: i16 = TxnOffsetCommitRequest::KEY;
const PRODUCE: i16 = ProduceRequest::KEY;
const END: i16 = EndTxnRequest::KEY;

/// The next lookup names this node.
fn coordinated(brokers: &Brokers, node: i32) {
    let port = brokers.port(node);
    brokers.then(move |asked: FindCoordinatorRequest| {
        with(|response: &mut FindCoordinatorResponse| {
            response.coordinators = asked
                .coordinator_keys
                .into_iter()
                .map(|key| Coordinator {
                    key,
                    node_id: node,
                    host: "127.0.0.1".into(),
                    port,
                    ..Coordinator::default()
                })
                .collect();
        })
    });
}

fn given(brokers: &Brokers, code: i16, epoch: i16) {
    brokers.then(move |_: InitProducerIdRequest| {
        with(|response: &mut InitProducerIdResponse| {
            response.error_code = code;
            response.producer_id = 9;
            response.producer_epoch = epoch;
        })
    });
}

fn added(brokers: &Brokers, code: i16) {
    brokers.then(move |asked: AddPartitionsToTxnRequest| {
        let partition = |partition_index: i32| AddPartitionsToTxnPartitionResult {
            partition_index,
            partition_error_code: code,
            ..AddPartitionsToTxnPartitionResult::default()
        };
        with(|response: &mut AddPartitionsToTxnResponse| {
            response.results_by_topic_v3_and_below = asked
                .v3_and_below_topics
                .into_iter()
                .map(|topic| AddPartitionsToTxnTopicResult {
                    name: topic.name,
                    results_by_partition: topic.partitions.into_iter().map(partition).collect(),
                    ..AddPartitionsToTxnTopicResult::default()
                })
                .collect();
        })
    });
}

fn produced(brokers: &Brokers, code: i16) {
    brokers.then(move |asked: ProduceRequest| {
        with(|response: &mut ProduceResponse| {
            response.responses = asked
                .topic_data
                .into_iter()
                .map(|topic| TopicProduceResponse {
                    name: topic.name,
                    topic_id: topic.topic_id,
                    partition_responses: topic
                        .partition_data
                        .into_iter()
                        .map(|partition| PartitionProduceResponse {
                            index: partition.index,
                            error_code: code,
                            ..PartitionProduceResponse::default()
                        })
                        .collect(),
                    ..TopicProduceResponse::default()
                })
                .collect();
        })
    });
}

/// The next end is answered so; with an epoch for the next transaction if it has one.
fn ended(brokers: &Brokers, code: i16, next: Option<i16>) {
    brokers.then(move |_: EndTxnRequest| {
        with(|response: &mut EndTxnResponse| {
            response.error_code = code;
            if let Some(epoch) = next {
                (response.producer_id, response.producer_epoch) = (9, epoch);
            }
        })
    });
}

fn offsets_committed(brokers: &Brokers, code: i16) {
    brokers.then(move |asked: TxnOffsetCommitRequest| {
        with(|response: &mut TxnOffsetCommitResponse| {
            response.topics = asked
                .topics
                .into_iter()
                .map(|topic| TxnOffsetCommitResponseTopic {
                    name: topic.name,
                    partitions: topic
                        .partitions
                        .into_iter()
                        .map(|one| TxnOffsetCommitResponsePartition {
                            partition_index: one.partition_index,
                            error_code: code,
                            ..TxnOffsetCommitResponsePartition::default()
                        })
                        .collect(),
                    ..TxnOffsetCommitResponseTopic::default()
                })
                .collect();
        })
    });
}

async fn open(brokers: &Brokers) -> Producer {
    let config = ProducerConfig {
        transactional_id: Some("x".into()),
        transaction_timeout: Duration::from_secs(7),
        linger: Duration::ZERO,
        batch_size: 1,
        max_block: Duration::from_secs(5),
        ..ProducerConfig::default()
    };
    Producer::open(brokers.cluster(), config).await.unwrap()
}

/// A producer in epoch 0 of id 9, initialized by node 2.
async fn ready(brokers: &Brokers) -> Producer {
    coordinated(brokers, 2);
    given(brokers, 0, 0);
    let producer = open(brokers).await;
    producer.init_transactions().await.unwrap();
    producer
}

fn record(partition: i32) -> Record {
    Record::to("t").value("v").partition(partition)
}

/// Partition, epoch and sequence of each batch that came.
fn batches(brokers: &Brokers) -> Vec<(i32, i16, i32)> {
    let requests = brokers.came::<ProduceRequest>();
    let data = requests.into_iter().flat_map(|(_, request)| {
        assert_eq!(request.transactional_id.as_deref(), Some("x"));
        let topics = request.topic_data.into_iter();
        topics.flat_map(|topic| topic.partition_data)
    });
    let batch = |index: i32, records: Option<Records>| {
        let Some(Records::Bytes(bytes)) = records else {
            panic!("no records");
        };
        let batch = Batch::first(&bytes).unwrap();
        batch.check_crc().unwrap();
        assert!(batch.attributes().is_transactional());
        assert_eq!(batch.producer_id(), 9);
        (index, batch.producer_epoch(), batch.base_sequence())
    };
    data.map(|partition| batch(partition.index, partition.records))
        .collect()
}

fn ends(brokers: &Brokers) -> Vec<(i32, i16, bool)> {
    let requests = brokers.came::<EndTxnRequest>().into_iter();
    requests
        .map(|(node, request)| (node, request.producer_epoch, request.committed))
        .collect()
}

#[tokio::test]
async fn with_version_2_the_first_batch_begins_it_and_each_end_brings_the_next_epoch() {
    let brokers = Brokers::start().await;
    brokers.finalizes(2);
    let producer = ready(&brokers).await;
    let asked = &brokers.came::<InitProducerIdRequest>()[0].1;
    assert_eq!(asked.transactional_id.as_deref(), Some("x"));
    assert_eq!(asked.transaction_timeout_ms, 7_000);
    for epoch in [0, 1] {
        producer.begin_transaction().unwrap();
        produced(&brokers, 0);
        produced(&brokers, 0);
        for _ in 0..2 {
            producer.send(record(0)).await.unwrap().await.unwrap();
        }
        ended(&brokers, 0, Some(epoch + 1));
        producer.commit_transaction().await.unwrap();
    }
    assert_eq!(
        batches(&brokers),
        [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1)]
    );
    assert_eq!(ends(&brokers), [(2, 0, true), (2, 1, true)]);
    let one = [(PRODUCE, 13), (PRODUCE, 13), (END, 5)];
    assert_eq!(brokers.order()[1..], [one, one].concat());
    assert!(brokers.is_done());
}

#[tokio::test]
async fn with_version_1_partitions_are_added_first_and_sequences_go_on() {
    let brokers = Brokers::start().await;
    brokers.finalizes(1);
    let producer = ready(&brokers).await;
    for _ in 0..2 {
        producer.begin_transaction().unwrap();
        // The one before may not be over yet.
        for code in [51, 51, 0] {
            added(&brokers, code);
        }
        produced(&brokers, 0);
        producer.send(record(1)).await.unwrap().await.unwrap();
        produced(&brokers, 0);
        producer.send(record(1)).await.unwrap().await.unwrap();
        ended(&brokers, 0, None);
        producer.commit_transaction().await.unwrap();
    }
    assert_eq!(
        batches(&brokers),
        [(1, 0, 0), (1, 0, 1), (1, 0, 2), (1, 0, 3)]
    );
    let one = [(ADD, 3); 3].into_iter();
    let one: Vec<_> = one
        .chain([(PRODUCE, 11), (PRODUCE, 11), (END, 4)])
        .collect();
    assert_eq!(brokers.order()[1..], [one.clone(), one].concat());
}

#[tokio::test]
async fn an_empty_transaction_is_ended_without_asking_anybody() {
    let brokers = Brokers::start().await;
    brokers.finalizes(2);
    let producer = ready(&brokers).await;
    producer.begin_transaction().unwrap();
    producer.commit_transaction().await.unwrap();
    producer.begin_transaction().unwrap();
    producer.abort_transaction().await.unwrap();
    assert_eq!(brokers.order(), [(INIT, 5)]);
}

#[tokio::test]
async fn a_coordinator_that_moved_is_looked_up_again() {
    let brokers = Brokers::start().await;
    brokers.finalizes(2);
    coordinated(&brokers, 1);
    given(&brokers, 16, -1);
    coordinated(&brokers, 2);
    given(&brokers, 51, -1);
    given(&brokers, 14, -1);
    given(&brokers, 0, 0);
    let producer = open(&brokers).await;
    producer.init_transactions().await.unwrap();
    let asked = brokers.came::<InitProducerIdRequest>();
    let nodes: Vec<i32> = asked.iter().map(|(node, _)| *node).collect();
    assert_eq!(nodes, [1, 2, 2, 2]);
    producer.begin_transaction().unwrap();
    produced(&brokers, 0);
    producer.send(record(0)).await.unwrap();
    brokers.then_close::<EndTxnRequest>();
    coordinated(&brokers, 1);
    ended(&brokers, 15, None);
    coordinated(&brokers, 2);
    ended(&brokers, 0, Some(1));
    producer.commit_transaction().await.unwrap();
    assert_eq!(ends(&brokers), [(2, 0, true), (1, 0, true), (2, 0, true)]);
}

#[tokio::test]
async fn a_record_that_was_not_stored_makes_the_commit_impossible_and_an_abort_cures_it() {
    let brokers = Brokers::start().await;
    brokers.finalizes(2);
    let producer = ready(&brokers).await;
    for code in [10, 48, 120] {
        producer.begin_transaction().unwrap();
        produced(&brokers, code);
        let fate = producer.send(record(0)).await.unwrap().await;
        assert_eq!(fate.unwrap_err().code(), Some(Code(code)));
        let refused = producer.send(record(1)).await.unwrap_err();
        assert!(
            matches!(refused, ClientError::MustAbort { .. }),
            "{refused}"
        );
        let refused = producer.commit_transaction().await.unwrap_err();
        assert_eq!(refused.code(), Some(Code(code)));
        ended(&brokers, 0, Some(1));
        producer.abort_transaction().await.unwrap();
    }
    producer.begin_transaction().unwrap();
    produced(&brokers, 0);
    producer.send(record(0)).await.unwrap().await.unwrap();
    assert!(ends(&brokers).iter().all(|(.., committed)| !committed));
    assert_eq!(batches(&brokers).last(), Some(&(0, 1, 0)));
}

#[tokio::test]
async fn with_version_1_an_abort_that_lost_sequences_asks_for_the_next_epoch() {
    let brokers = Brokers::start().await;
    let producer = ready(&brokers).await;
    producer.begin_transaction().unwrap();
    added(&brokers, 0);
    produced(&brokers, 10);
    let fate = producer.send(record(0)).await.unwrap().await;
    assert_eq!(fate.unwrap_err().code(), Some(Code::MESSAGE_TOO_LARGE));
    ended(&brokers, 0, None);
    given(&brokers, 51, -1);
    given(&brokers, 0, 1);
    producer.abort_transaction().await.unwrap();
    let bump = &brokers.came::<InitProducerIdRequest>()[1].1;
    assert_eq!((bump.producer_id, bump.producer_epoch), (9, 0));
    producer.begin_transaction().unwrap();
    added(&brokers, 0);
    produced(&brokers, 0);
    producer.send(record(0)).await.unwrap().await.unwrap();
    assert_eq!(batches(&brokers), [(0, 0, 0), (0, 1, 0)]);
}

#[tokio::test]
async fn a_partition_that_may_not_be_added_fails_the_transaction_and_what_waits_for_it() {
    let brokers = Brokers::start().await;
    let producer = ready(&brokers).await;
    producer.begin_transaction().unwrap();
    added(&brokers, 29);
    let fate = producer.send(record(0)).await.unwrap().await.unwrap_err();
    assert!(matches!(fate, ClientError::MustAbort { .. }), "{fate}");
    assert_eq!(fate.code(), Some(Code::TOPIC_AUTHORIZATION_FAILED));
    producer.abort_transaction().await.unwrap();
    assert_eq!(brokers.order(), [(INIT, 5), (ADD, 3)], "nothing was begun");
    producer.begin_transaction().unwrap();
}

#[tokio::test]
async fn an_abort_sends_nothing_more_and_tells_the_records_so() {
    let brokers = Brokers::start().await;
    brokers.finalizes(2);
    coordinated(&brokers, 2);
    given(&brokers, 0, 0);
    let config = ProducerConfig {
        transactional_id: Some("x".into()),
        linger: Duration::from_secs(60),
        ..ProducerConfig::default()
    };
    let producer = Producer::open(brokers.cluster(), config).await.unwrap();
    producer.init_transactions().await.unwrap();
    producer.begin_transaction().unwrap();
    let delivery = producer.send(record(0)).await.unwrap();
    ended(&brokers, 0, Some(1));
    producer.abort_transaction().await.unwrap();
    assert_eq!(delivery.await.unwrap_err(), ClientError::Aborted);
    assert!(batches(&brokers).is_empty());
    assert_eq!(ends(&brokers), [(2, 0, false)]);
}

#[tokio::test]
async fn a_fenced_producer_says_so_for_ever() {
    let brokers = Brokers::start().await;
    brokers.finalizes(2);
    let producer = ready(&brokers).await;
    producer.begin_transaction().unwrap();
    // A leader that knows the younger producer; the coordinator knows it too.
    produced(&brokers, 47);
    let fate = producer.send(record(0)).await.unwrap().await;
    assert_eq!(fate.unwrap_err().code(), Some(Code::INVALID_PRODUCER_EPOCH));
    ended(&brokers, 90, None);
    let error = producer.abort_transaction().await.unwrap_err();
    assert!(error.is_fenced(), "{error}");
    assert!(producer.begin_transaction().unwrap_err().is_fenced());
    assert!(producer.abort_transaction().await.unwrap_err().is_fenced());
    assert!(producer.send(record(0)).await.unwrap_err().is_fenced());
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_waited_for_by_the_next_call() {
    let brokers = Brokers::start().await;
    brokers.finalizes(2);
    coordinated(&brokers, 2);
    given(&brokers, 0, 0);
    let config = ProducerConfig {
        transactional_id: Some("x".into()),
        linger: Duration::ZERO,
        max_block: Duration::from_millis(60),
        ..ProducerConfig::default()
    };
    let producer = Producer::open(brokers.cluster(), config).await.unwrap();
    producer.init_transactions().await.unwrap();
    producer.begin_transaction().unwrap();
    produced(&brokers, 0);
    producer.send(record(0)).await.unwrap();
    for _ in 0..20 {
        ended(&brokers, 14, None);
    }
    ended(&brokers, 0, Some(1));
    let error = producer.commit_transaction().await.unwrap_err();
    assert!(matches!(error, ClientError::Expired { .. }), "{error}");
    assert_eq!(error.code(), Some(Code::COORDINATOR_LOAD_IN_PROGRESS));
    let error = producer.abort_transaction().await.unwrap_err();
    assert!(error.to_string().contains("commit_transaction"), "{error}");
    let mut outcome = producer.commit_transaction().await;
    while matches!(outcome, Err(ClientError::Expired { .. })) {
        outcome = producer.commit_transaction().await;
    }
    outcome.unwrap();
    assert_eq!(ends(&brokers).len(), 21);
    producer.begin_transaction().unwrap();
}

fn offsets() -> [(TopicPartition, CommittedOffset); 1] {
    let offset = CommittedOffset {
        offset: 42,
        leader_epoch: Some(3),
        metadata: String::new(),
    };
    [(TopicPartition::new("in", 0), offset)]
}

fn member() -> GroupMetadata {
    GroupMetadata {
        generation: 5,
        member_id: "m".into(),
        ..GroupMetadata::of("g")
    }
}

#[tokio::test]
async fn offsets_are_added_first_with_version_1_and_not_with_version_2() {
    for (version, expected) in [
        (
            1,
            vec![
                (ADD_OFFSETS, 4),
                (ADD_OFFSETS, 4),
                (OFFSETS, 4),
                (OFFSETS, 4),
                (END, 4),
            ],
        ),
        (2, vec![(OFFSETS, 5), (OFFSETS, 5), (END, 5)]),
    ] {
        let brokers = Brokers::start().await;
        brokers.finalizes(version);
        let producer = ready(&brokers).await;
        producer.begin_transaction().unwrap();
        if version == 1 {
            for code in [51, 0] {
                brokers.then(move |_: AddOffsetsToTxnRequest| {
                    with(|response: &mut AddOffsetsToTxnResponse| response.error_code = code)
                });
            }
        }
        coordinated(&brokers, 1);
        offsets_committed(&brokers, 14);
        offsets_committed(&brokers, 0);
        producer.send_offsets(&offsets(), &member()).await.unwrap();
        ended(&brokers, 0, (version == 2).then_some(1));
        producer.commit_transaction().await.unwrap();
        assert_eq!(brokers.order()[1..], expected, "version {version}");
        let (node, asked) = &brokers.came::<TxnOffsetCommitRequest>()[0];
        assert_eq!((*node, asked.generation_id_or_member_epoch), (1, 5));
        assert_eq!(
            (asked.group_id.as_str(), asked.member_id.as_str()),
            ("g", "m")
        );
        assert_eq!(asked.topics[0].partitions[0].committed_offset, 42);
        assert_eq!(ends(&brokers), [(2, 0, true)]);
        let key_types = brokers.came::<FindCoordinatorRequest>();
        let key_types: Vec<i8> = key_types.iter().map(|(_, asked)| asked.key_type).collect();
        assert_eq!(key_types, [1, 0]);
    }
}

#[tokio::test]
async fn offsets_of_a_consumer_that_lost_its_place_fail_the_transaction() {
    let brokers = Brokers::start().await;
    brokers.finalizes(2);
    let producer = ready(&brokers).await;
    producer.begin_transaction().unwrap();
    coordinated(&brokers, 1);
    offsets_committed(&brokers, 22);
    let sent = producer.send_offsets(&offsets(), &member()).await;
    let error = sent.unwrap_err();
    assert!(matches!(error, ClientError::MustAbort { .. }), "{error}");
    assert_eq!(error.code(), Some(Code::ILLEGAL_GENERATION));
    ended(&brokers, 0, Some(1));
    producer.abort_transaction().await.unwrap();
}

#[tokio::test]
async fn an_init_that_is_not_allowed_may_be_tried_again_and_calls_out_of_turn_ask_nobody() {
    let brokers = Brokers::start().await;
    brokers.finalizes(2);
    coordinated(&brokers, 2);
    given(&brokers, 53, -1);
    given(&brokers, 0, 4);
    let producer = open(&brokers).await;
    let error = producer.begin_transaction().unwrap_err();
    assert!(matches!(error, ClientError::Config(_)), "{error}");
    assert!(producer.send(record(0)).await.is_err());
    let error = producer.init_transactions().await.unwrap_err();
    let denied = Code::TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    assert_eq!(error.code(), Some(denied));
    producer.init_transactions().await.unwrap();
    assert!(producer.commit_transaction().await.is_err());
    assert!(producer.send_offsets(&offsets(), &member()).await.is_err());
    producer.begin_transaction().unwrap();
    produced(&brokers, 0);
    producer.send(record(0)).await.unwrap().await.unwrap();
    assert_eq!(batches(&brokers), [(0, 4, 0)]);
}

#[tokio::test]
async fn a_cluster_that_gets_version_2_between_transactions_is_met_with_a_new_epoch() {
    let brokers = Brokers::start().await;
    brokers.finalizes(1);
    let producer = ready(&brokers).await;
    producer.begin_transaction().unwrap();
    added(&brokers, 0);
    produced(&brokers, 0);
    producer.send(record(0)).await.unwrap().await.unwrap();
    brokers.finalizes(2);
    // The broken connection is opened again, and tells of the new version.
    brokers.then_close::<EndTxnRequest>();
    coordinated(&brokers, 2);
    ended(&brokers, 0, None);
    given(&brokers, 0, 1);
    producer.commit_transaction().await.unwrap();
    producer.begin_transaction().unwrap();
    produced(&brokers, 0);
    producer.send(record(0)).await.unwrap().await.unwrap();
    ended(&brokers, 0, Some(2));
    producer.commit_transaction().await.unwrap();
    assert_eq!(batches(&brokers), [(0, 0, 0), (0, 1, 0)]);
    let order = brokers.order();
    assert_eq!(
        order[order.len() - 3..],
        [(INIT, 5), (PRODUCE, 13), (END, 5)]
    );
}
