//! The client against a broker that answers as the test says: what it tries again, what it gives up, in which order.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod broker;
mod brokers;
mod groups;
mod transactions;

use std::time::Duration;

use broker::{Act, Broker, Produced};
use bytes::Bytes;
use ottla_client::{
    Acks, Admin, ClientConfig, ClientError, Cluster, Consumer, ConsumerConfig, Isolation,
    OffsetReset, Producer, ProducerConfig, Record, Start, TopicPartition,
    admin::{CommittedOffset, NewTopic},
};
use ottla_wire::{
    Request,
    errors::Code,
    messages::{create_topics_request::CreateTopicsRequest, metadata_request::MetadataRequest},
    records::{BatchBuilder, Codec},
};
use tokio::time::Instant;

fn cluster(broker: &Broker) -> Cluster {
    let mut config = ClientConfig::new(broker.address()).unwrap();
    config.retry_backoff = Duration::from_millis(5);
    config.retry_backoff_max = Duration::from_millis(20);
    config.reconnect_backoff = Duration::from_millis(5);
    config.api_timeout = Duration::from_secs(5);
    Cluster::new(config)
}

async fn producer(broker: &Broker, config: ProducerConfig) -> Producer {
    Producer::open(cluster(broker), config).await.unwrap()
}

/// One record a batch, sent at once.
fn single() -> ProducerConfig {
    ProducerConfig {
        batch_size: 1,
        linger: Duration::ZERO,
        ..ProducerConfig::default()
    }
}

fn record(value: &'static str) -> Record {
    Record::to("t").value(value).partition(0)
}

/// Values and sequences in the order in which they came.
fn came(produced: &[Produced]) -> Vec<(&str, i32)> {
    produced
        .iter()
        .map(|one| (one.value.as_str(), one.sequence))
        .collect()
}

#[tokio::test]
async fn a_retriable_code_is_tried_again_with_its_sequence_after_fresh_metadata() {
    let broker = Broker::start(|world| world.answer_with([Act::Code(6), Act::Code(7)])).await;
    let producer = producer(&broker, single()).await;
    let stored = producer.send(record("a")).await.unwrap().await.unwrap();
    assert_eq!(stored.offset, 0);
    assert_eq!(came(&broker.produced()), [("a", 0), ("a", 0), ("a", 0)]);
    assert!(
        broker.count(MetadataRequest::KEY) >= 2,
        "the leader was looked up again"
    );
}

#[tokio::test]
async fn a_final_code_is_told_at_once_with_its_number_and_what_follows_begins_a_new_epoch() {
    let broker = Broker::start(|world| world.answer_with([Act::Code(9999)])).await;
    let producer = producer(&broker, single()).await;
    let error = producer.send(record("a")).await.unwrap().await.unwrap_err();
    assert_eq!(error.code(), Some(Code(9999)));
    let stored = producer.send(record("b")).await.unwrap().await.unwrap();
    assert_eq!(stored.offset, 0);
    let produced = broker.produced();
    assert_eq!(came(&produced), [("a", 0), ("b", 0)]);
    assert_eq!([produced[0].epoch, produced[1].epoch], [0, 1]);
}

#[tokio::test]
async fn a_lost_connection_is_opened_again_and_the_same_sequence_sent() {
    let broker = Broker::start(|world| world.answer_with([Act::Close, Act::StoreAndClose])).await;
    let producer = producer(&broker, single()).await;
    let stored = producer.send(record("a")).await.unwrap().await.unwrap();
    assert_eq!(stored.offset, 0, "the broker recognised what it had stored");
    assert_eq!(came(&broker.produced()), [("a", 0); 3]);
    assert_eq!(broker.log(), ["a"]);
}

#[tokio::test]
async fn what_was_pipelined_behind_a_failure_is_stored_in_order() {
    let broker = Broker::start(|world| world.answer_with([Act::Code(7)])).await;
    let producer = producer(&broker, single()).await;
    let mut deliveries = Vec::new();
    for value in ["a", "b", "c", "d", "e", "f", "g"] {
        deliveries.push(producer.send(record(value)).await.unwrap());
    }
    for (offset, delivery) in (0..).zip(deliveries) {
        assert_eq!(delivery.await.unwrap().offset, offset);
    }
    assert_eq!(broker.log(), ["a", "b", "c", "d", "e", "f", "g"]);
}

#[tokio::test]
async fn records_that_come_together_share_a_batch_and_a_flush_does_not_linger() {
    let broker = Broker::start(|_| {}).await;
    let config = ProducerConfig {
        linger: Duration::from_secs(60),
        compression: Codec::Zstd,
        ..ProducerConfig::default()
    };
    let producer = producer(&broker, config).await;
    let first = producer.send(record("a")).await.unwrap();
    let second = producer.send(record("b")).await.unwrap();
    producer.flush().await;
    assert_eq!(first.await.unwrap().offset, 0);
    assert_eq!(second.await.unwrap().offset, 1);
    assert_eq!(broker.produced().len(), 1);
    assert_eq!(broker.log(), ["a", "b"]);
}

#[tokio::test]
async fn a_named_leader_is_taken_without_asking_for_metadata() {
    let leader = Broker::start(|world| world.holds(vec![batch(0, &["x"])])).await;
    let broker = Broker::start(|world| {
        world.elsewhere(&leader);
        world.answer_with([Act::Redirect]);
    })
    .await;
    let producer = producer(&broker, single()).await;
    producer.send(record("a")).await.unwrap().await.unwrap();
    assert_eq!(leader.log(), ["a"]);
    assert_eq!(came(&broker.produced()), [("a", 0)]);
    assert_eq!(
        broker.count(MetadataRequest::KEY) + leader.count(MetadataRequest::KEY),
        1
    );

    let broker = Broker::start(|world| {
        world.elsewhere(&leader);
        world.answer_with([Act::Redirect]);
    })
    .await;
    let mut consumer = consumer(&broker, Start::Offset(0), OffsetReset::Fail).await;
    assert_eq!(polled(&mut consumer).await, owned(&[(0, "x")]));
    assert_eq!(
        broker.count(MetadataRequest::KEY) + leader.count(MetadataRequest::KEY),
        1
    );
}

#[tokio::test]
async fn a_duplicate_is_a_success_whose_offset_nobody_knows() {
    let broker = Broker::start(|world| world.answer_with([Act::Code(46)])).await;
    let producer = producer(&broker, single()).await;
    let stored = producer.send(record("a")).await.unwrap().await.unwrap();
    assert_eq!(stored.offset, -1);
}

#[tokio::test]
async fn without_acknowledgement_nothing_is_awaited() {
    let broker = Broker::start(|_| {}).await;
    let config = ProducerConfig {
        acks: Acks::None,
        idempotence: false,
        ..single()
    };
    let producer = producer(&broker, config).await;
    for value in ["a", "b"] {
        let stored = producer.send(record(value)).await.unwrap().await.unwrap();
        assert_eq!(stored.offset, -1);
    }
    broker.until(|broker| broker.log() == ["a", "b"]).await;
}

#[tokio::test]
async fn delivery_ends_with_its_timeout_and_names_the_last_failure() {
    let broker = Broker::start(|world| world.answer_always_with(Act::Code(19))).await;
    let config = ProducerConfig {
        delivery_timeout: Duration::from_millis(60),
        ..single()
    };
    let producer = producer(&broker, config).await;
    let error = producer.send(record("a")).await.unwrap().await.unwrap_err();
    assert!(matches!(error, ClientError::Expired { .. }), "{error}");
    assert_eq!(error.code(), Some(Code::NOT_ENOUGH_REPLICAS));
}

#[tokio::test]
async fn a_full_buffer_makes_send_wait_and_room_comes_back() {
    let broker = Broker::start(|world| world.answer_with([Act::Hold])).await;
    let config = ProducerConfig {
        buffer_memory: 100,
        max_request_size: 100,
        max_block: Duration::from_millis(30),
        ..single()
    };
    let producer = producer(&broker, config).await;
    let large = || Record::to("t").value(vec![b'x'; 60]).partition(0);
    let first = producer.send(large()).await.unwrap();
    let refused = producer.send(large()).await.unwrap_err();
    assert!(matches!(refused, ClientError::Expired { .. }), "{refused}");
    let too_large = producer
        .send(Record::to("t").value(vec![0; 200]))
        .await
        .unwrap_err();
    assert!(
        matches!(too_large, ClientError::RecordTooLarge { .. }),
        "{too_large}"
    );
    broker.release();
    first.await.unwrap();
    producer.send(large()).await.unwrap().await.unwrap();
}

#[tokio::test]
async fn a_closed_producer_says_so() {
    let broker = Broker::start(|world| world.answer_with([Act::Hold])).await;
    let producer = producer(&broker, single()).await;
    let on_its_way = producer.send(record("a")).await.unwrap();
    drop(producer);
    broker.release();
    // It was sent already, so its fate may still become known; it is never left hanging.
    let fate = tokio::time::timeout(Duration::from_secs(5), on_its_way).await;
    assert!(
        matches!(fate, Ok(Ok(_) | Err(ClientError::Closed(_)))),
        "{fate:?}"
    );
}

#[tokio::test]
async fn a_missing_topic_is_refused_at_once_unless_it_may_be_created() {
    let broker = Broker::start(|_| {}).await;
    let cluster = cluster(&broker);
    let deadline = Instant::now() + Duration::from_secs(5);
    let error = cluster.topic("missing", false, deadline).await.unwrap_err();
    assert_eq!(error.code(), Some(Code::UNKNOWN_TOPIC_OR_PARTITION));
    assert_eq!(broker.count(MetadataRequest::KEY), 1);
    let soon = Instant::now() + Duration::from_millis(50);
    let error = cluster.topic("missing", true, soon).await.unwrap_err();
    assert!(matches!(error, ClientError::Expired { .. }), "{error}");
}

fn batch(base: i64, values: &[&str]) -> (i64, Bytes) {
    let mut batch = BatchBuilder::new(Codec::Lz4)
        .base_offset(base)
        .leader_epoch(4);
    for value in values {
        batch.append(0, None, Some(value.as_bytes()), &[]).unwrap();
    }
    (base, batch.build().unwrap().to_bytes())
}

async fn consumer(broker: &Broker, start: Start, reset: OffsetReset) -> Consumer {
    let config = ConsumerConfig {
        offset_reset: reset,
        ..ConsumerConfig::default()
    };
    let mut consumer = Consumer::new(cluster(broker), config);
    let at = TopicPartition::new("t", 0);
    consumer.assign(&[(at, start)]).await.unwrap();
    consumer
}

/// Offsets and values of one poll.
async fn polled(consumer: &mut Consumer) -> Vec<(i64, String)> {
    let records = consumer.poll(Duration::from_secs(5)).await.unwrap();
    let value = |value: Option<Bytes>| String::from_utf8(value.unwrap().to_vec()).unwrap();
    records
        .into_iter()
        .map(|record| (record.offset, value(record.value)))
        .collect()
}

fn owned(expected: &[(i64, &str)]) -> Vec<(i64, String)> {
    expected
        .iter()
        .map(|(offset, value)| (*offset, (*value).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_consumer_reads_from_the_middle_of_a_batch_and_keeps_its_place() {
    let broker = Broker::start(|world| {
        world.holds(vec![batch(5, &["a", "b"]), batch(7, &["c"])]);
    })
    .await;
    let mut consumer = consumer(&broker, Start::Offset(6), OffsetReset::Fail).await;
    assert_eq!(polled(&mut consumer).await, owned(&[(6, "b"), (7, "c")]));
    let at = TopicPartition::new("t", 0);
    assert_eq!(
        (consumer.position(&at), consumer.end(&at)),
        (Some(8), Some(100))
    );
    assert!(
        consumer
            .poll(Duration::from_millis(50))
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_consumer_goes_on_where_its_group_has_got_to() {
    let script = |world: &mut broker::World| {
        world.holds(vec![batch(5, &["a", "b"]), batch(7, &["c"])]);
    };
    let broker = Broker::start(script).await;
    let at = TopicPartition::new("t", 0);
    let config = |reset| ConsumerConfig {
        group: Some("g".into()),
        offset_reset: reset,
        isolation: Isolation::ReadCommitted,
        max_poll_records: 2,
        ..ConsumerConfig::default()
    };
    let begin = [(at.clone(), Start::Committed)];
    let mut strict = Consumer::new(cluster(&broker), config(OffsetReset::Fail));
    let error = strict.assign(&begin).await.unwrap_err();
    assert!(matches!(error, ClientError::Config(_)), "{error}");
    let mut first = Consumer::new(cluster(&broker), config(OffsetReset::Earliest));
    first.assign(&begin).await.unwrap();
    assert_eq!(polled(&mut first).await, owned(&[(5, "a"), (6, "b")]));
    first.commit().await.unwrap();
    strict.assign(&begin).await.unwrap();
    assert_eq!(strict.position(&at), Some(7));
    let committed = strict.committed(std::slice::from_ref(&at)).await.unwrap();
    let offset = committed[&at].as_ref().unwrap();
    assert_eq!((offset.offset, offset.leader_epoch), (7, Some(4)));
    assert_eq!(polled(&mut strict).await, owned(&[(7, "c")]));
    let unread = CommittedOffset::at(6);
    strict
        .commit_offsets(&[(at.clone(), unread)])
        .await
        .unwrap();
    first.assign(&begin).await.unwrap();
    assert_eq!(polled(&mut first).await, owned(&[(6, "b"), (7, "c")]));
    let without = consumer(&broker, Start::Earliest, OffsetReset::Fail).await;
    let error = without.commit().await.unwrap_err();
    assert!(error.to_string().contains("no group"), "{error}");
}

#[tokio::test]
async fn a_consumer_waits_for_a_leader_and_looks_it_up_again() {
    let broker = Broker::start(|world| {
        world.answer_with([Act::Code(6), Act::Close, Act::Code(74)]);
        world.holds(vec![batch(0, &["a"])]);
    })
    .await;
    let mut consumer = consumer(&broker, Start::Earliest, OffsetReset::Fail).await;
    assert_eq!(polled(&mut consumer).await, owned(&[(0, "a")]));
    assert!(broker.count(MetadataRequest::KEY) >= 4);
}

#[tokio::test]
async fn an_offset_that_is_gone_is_reset_or_reported() {
    let script = |world: &mut broker::World| world.holds(vec![batch(5, &["a"])]);
    let broker = Broker::start(script).await;
    let mut lenient = consumer(&broker, Start::Offset(2), OffsetReset::Earliest).await;
    assert_eq!(polled(&mut lenient).await, owned(&[(5, "a")]));
    let mut strict = consumer(&broker, Start::Offset(2), OffsetReset::Fail).await;
    let error = strict.poll(Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(error.code(), Some(Code::OFFSET_OUT_OF_RANGE));
}

#[tokio::test]
async fn a_batch_that_is_not_sound_is_reported_and_not_passed_over() {
    let (base, bytes) = batch(1, &["b"]);
    let mut broken = bytes.to_vec();
    *broken.last_mut().unwrap() ^= 1;
    let broker = Broker::start(|world| {
        world.holds(vec![batch(0, &["a"]), (base, broken.into())]);
    })
    .await;
    let mut consumer = consumer(&broker, Start::Earliest, OffsetReset::Fail).await;
    assert_eq!(polled(&mut consumer).await, owned(&[(0, "a")]));
    for _ in 0..2 {
        let error = consumer.poll(Duration::from_secs(5)).await.unwrap_err();
        assert!(error.to_string().contains("t-0 from offset 1"), "{error}");
    }
    assert_eq!(consumer.position(&TopicPartition::new("t", 0)), Some(1));
}

#[tokio::test]
async fn creating_is_tried_again_only_if_it_was_surely_not_done() {
    let new = NewTopic {
        name: "new".into(),
        ..NewTopic::default()
    };
    let broker = Broker::start(|world| world.answer_with([Act::Code(41), Act::Code(89)])).await;
    let created = Admin::new(cluster(&broker))
        .create_topics(vec![new.clone()], false)
        .await;
    assert!(created.unwrap()[0].1.is_ok());
    assert_eq!(broker.count(CreateTopicsRequest::KEY), 3);
    let broker = Broker::start(|world| world.answer_with([Act::Code(7)])).await;
    let created = Admin::new(cluster(&broker))
        .create_topics(vec![new], false)
        .await
        .unwrap();
    let error = created[0].1.as_ref().unwrap_err();
    assert_eq!(error.code(), Some(Code::REQUEST_TIMED_OUT));
    assert!(error.to_string().contains("because"), "{error}");
    assert_eq!(broker.count(CreateTopicsRequest::KEY), 1);
}
