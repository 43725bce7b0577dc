//! Our own client crate as a client of the server under test: transactions, and reading what they left.

use std::{collections::BTreeSet, time::Duration};

use ottla_client::{
    Admin, ClientConfig, Cluster, Connection, Consumer, ConsumerConfig, Isolation, Producer,
    ProducerConfig, Record, Start, TopicPartition, admin::OffsetSpec,
};
use ottla_wire::{
    Records,
    messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
    records::BatchBuilder,
};

/// The last version of Produce that adds no partition to a transaction.
const LAST_VERIFYING: i16 = 11;

/// A client of the server at `address`, patient enough for a restart of it.
pub fn cluster(address: &str) -> Cluster {
    Cluster::new(ClientConfig::new(address).expect("an address"))
}

/// A transactional producer, initialized. Its transactions may be open for as long as slow tools need to look at them.
pub async fn transactional(address: &str, id: &str) -> Producer {
    let config = ProducerConfig {
        transactional_id: Some(id.to_owned()),
        transaction_timeout: Duration::from_secs(900),
        ..ProducerConfig::default()
    };
    let producer = Producer::open(cluster(address), config)
        .await
        .expect("a producer");
    producer.init_transactions().await.expect("initialized");
    producer
}

/// Sends a record with this value to each partition, and waits until all are stored.
pub async fn send_to(producer: &Producer, topic: &str, partitions: &[i32], value: &str) {
    for partition in partitions {
        let record = Record::to(topic)
            .partition(*partition)
            .value(value.to_owned());
        let delivery = producer.send(record).await.expect("accepted");
        delivery.await.expect("stored");
    }
}

/// All values of a topic's partitions that this isolation shows, with their partitions.
pub async fn read(
    address: &str,
    isolation: Isolation,
    topic: &str,
    partitions: &[i32],
) -> BTreeSet<(i32, String)> {
    let cluster = cluster(address);
    let all: Vec<_> = partitions
        .iter()
        .map(|index| TopicPartition::new(topic, *index))
        .collect();
    let asked: Vec<_> = all
        .iter()
        .map(|at| (at.clone(), OffsetSpec::Latest))
        .collect();
    let ends = Admin::new(cluster.clone())
        .list_offsets(&asked, isolation)
        .await
        .expect("ends");
    let config = ConsumerConfig {
        isolation,
        ..ConsumerConfig::default()
    };
    let mut consumer = Consumer::new(cluster, config);
    let starts: Vec<_> = all.iter().map(|at| (at.clone(), Start::Earliest)).collect();
    consumer.assign(&starts).await.expect("assigned");
    let mut values = BTreeSet::new();
    loop {
        let is_read = ends.iter().all(|(at, end)| {
            let end = end.as_ref().expect("an end").offset;
            consumer
                .position(at)
                .is_some_and(|position| position >= end)
        });
        if is_read {
            return values;
        }
        for record in consumer
            .poll(Duration::from_millis(200))
            .await
            .expect("records")
        {
            let value = record.value.unwrap_or_default();
            let value = String::from_utf8_lossy(&value).into_owned();
            assert!(
                values.insert((record.at.partition, value.clone())),
                "{value} came twice in partition {}",
                record.at.partition
            );
        }
    }
}

/// Writes a record into a transaction that no coordinator knows: such a transaction is never ended.
/// The server must not verify transactions.
#[allow(clippy::disallowed_methods)]
pub async fn hang(address: &str, at: &TopicPartition, producer_id: i64) {
    let mut builder = BatchBuilder::default()
        .producer(producer_id, 0, 0)
        .transactional(true);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64);
    builder
        .append(now - 1_000, None, Some(b"hanging"), &[])
        .expect("a record");
    let batch = builder.build().expect("a batch").to_bytes();
    let request = ProduceRequest {
        transactional_id: Some("nobody".into()),
        acks: -1,
        timeout_ms: 10_000,
        topic_data: vec![TopicProduceData {
            name: at.topic.to_string(),
            partition_data: vec![PartitionProduceData {
                index: at.partition,
                records: Some(Records::Bytes(batch)),
                ..PartitionProduceData::default()
            }],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    };
    let config = ClientConfig::new(address).expect("an address");
    let connection = Connection::open(address, &config).await.expect("connected");
    let answer = connection
        .send_as(&request, LAST_VERIFYING)
        .await
        .expect("an answer");
    let code = answer.responses[0].partition_responses[0].error_code;
    assert_eq!(code, 0, "the hanging record was refused");
}
