//! Producers that go on while replicas move, and what must be there afterwards.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use ottla_client::admin::OffsetSpec;
use ottla_client::{Admin, Consumer, ConsumerConfig, Isolation, Start, TopicPartition};
use ottla_interop::{
    clients::ottla,
    oracle::wait_until,
    own_client::{cluster, send_to, transactional},
    raw::{Connection, NoAnswer},
};
use ottla_wire::{
    Records,
    messages::{
        InitProducerIdRequest, ProduceRequest,
        produce_request::{PartitionProduceData, TopicProduceData},
    },
    records::{BatchBuilder, Codec},
};
use tokio::runtime::Runtime;

/// Values by offset.
pub(crate) type Contents = BTreeMap<i64, String>;

/// A producer in a thread of its own.
pub(crate) struct Load<T> {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<T>,
}

impl<T> Load<T> {
    /// What was acknowledged.
    pub(crate) fn stop(self) -> T {
        self.stop.store(true, Ordering::Release);
        self.thread.join().expect("the producer went on")
    }
}

/// An idempotent producer, whose sequence goes on from batch to batch.
pub(crate) struct Sequence {
    connection: Connection,
    topic: String,
    producer: (i64, i16),
    next: i32,
}

impl Sequence {
    pub(crate) fn new(address: &str, topic: &str) -> Self {
        let mut connection = Connection::new(address);
        let request = InitProducerIdRequest {
            transactional_id: None,
            transaction_timeout_ms: 60_000,
            ..Default::default()
        };
        let mut producer = (-1, -1);
        // Apache Kafka has none to give for a while after its start.
        let given = wait_until(Duration::from_secs(60), || {
            let answer = connection.ask(4, &request).expect("an answer");
            producer = (answer.producer_id, answer.producer_epoch);
            answer.error_code == 0
        });
        assert!(given, "{producer:?}");
        Self {
            connection,
            topic: topic.to_owned(),
            producer,
            next: 0,
        }
    }

    /// Appends three records to partition 0; their values by offset.
    pub(crate) fn send(&mut self, size: usize) -> Result<Contents, NoAnswer> {
        let (id, epoch) = self.producer;
        let mut builder = BatchBuilder::new(Codec::None).producer(id, epoch, self.next);
        let mut values = Vec::new();
        for n in 0..3 {
            let value = format!("{id}-{}-{}", self.next + n, ".".repeat(size));
            let key = format!("{}", (self.next + n) % 50);
            builder
                .append(
                    1_700_000_000_000,
                    Some(key.as_bytes()),
                    Some(value.as_bytes()),
                    &[],
                )
                .expect("a record");
            values.push(value);
        }
        let batch = builder.build().expect("a batch");
        let bytes = [batch.header().as_ref(), batch.payload().as_ref()].concat();
        let request = ProduceRequest {
            acks: -1,
            timeout_ms: 20_000,
            topic_data: vec![TopicProduceData {
                name: self.topic.clone(),
                partition_data: vec![PartitionProduceData {
                    records: Some(Records::from(Bytes::from(bytes))),
                    ..Default::default()
                }],
                ..Default::default()
            }],
            ..Default::default()
        };
        let answer = self.connection.ask(9, &request)?;
        let answer = &answer.responses[0].partition_responses[0];
        assert_eq!(answer.error_code, 0, "{answer:?}");
        self.next += 3;
        Ok((answer.base_offset..).zip(values).collect())
    }
}

/// Fills partition 0 of a topic with about so many bytes.
pub(crate) fn fill(address: &str, topic: &str, bytes: usize) -> Contents {
    let mut sequence = Sequence::new(address, topic);
    let mut all = Contents::new();
    while all.len() * 10_000 < bytes {
        all.extend(sequence.send(10_000).expect("an answer"));
    }
    all
}

/// Appends until it is stopped, or the server is gone.
pub(crate) fn idempotent(address: &str, topic: &str) -> Load<Contents> {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let mut sequence = Sequence::new(address, topic);
    let thread = thread::spawn(move || {
        let mut all = Contents::new();
        while !stopped.load(Ordering::Acquire) {
            match sequence.send(300) {
                Ok(values) => all.extend(values),
                Err(_) => break,
            }
        }
        all
    });
    Load { stop, thread }
}

/// Commits two transactions of three, and aborts the third, until it is stopped: what was committed.
pub(crate) fn transactions(address: &str, topic: &str) -> Load<Vec<String>> {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let (address, topic) = (address.to_owned(), topic.to_owned());
    let thread = thread::spawn(move || {
        Runtime::new().expect("a runtime").block_on(async {
            let producer = transactional(&address, "mover").await;
            let mut committed = Vec::new();
            for n in 0.. {
                if stopped.load(Ordering::Acquire) && n % 3 == 0 {
                    break;
                }
                producer.begin_transaction().expect("begun");
                let value = format!("transaction {n}");
                send_to(&producer, &topic, &[0], &value).await;
                if n % 3 == 2 {
                    producer.abort_transaction().await.expect("aborted");
                } else {
                    producer.commit_transaction().await.expect("committed");
                    committed.push(value);
                }
            }
            producer.close().await;
            committed
        })
    });
    Load { stop, thread }
}

/// What is in partition 0 of a topic.
pub(crate) fn contents(address: &str, topic: &str, isolation: Isolation) -> Contents {
    Runtime::new().expect("a runtime").block_on(async {
        let cluster = cluster(address);
        let at = TopicPartition::new(topic, 0);
        let ends = Admin::new(cluster.clone())
            .list_offsets(&[(at.clone(), OffsetSpec::Latest)], isolation)
            .await
            .expect("ends");
        let end = ends[0].1.as_ref().expect("an end").offset;
        let config = ConsumerConfig {
            isolation,
            ..ConsumerConfig::default()
        };
        let mut consumer = Consumer::new(cluster, config);
        consumer
            .assign(&[(at.clone(), Start::Earliest)])
            .await
            .expect("assigned");
        let mut all = Contents::new();
        while consumer.position(&at).is_none_or(|position| position < end) {
            let records = consumer.poll(Duration::from_millis(200)).await;
            for record in records.expect("records") {
                let value = record.value.unwrap_or_default();
                let value = String::from_utf8_lossy(&value).into_owned();
                assert!(
                    all.insert(record.offset, value).is_none(),
                    "{}",
                    record.offset
                );
            }
        }
        all
    })
}

/// A check of directories that nobody uses finds nothing.
pub(crate) fn assert_sound(dir: &Path) {
    let output = ottla(&["log", "verify"]).arg(dir).output().expect("ottla");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}: {said}", dir.display());
}

/// Says which offsets differ, instead of printing all.
pub(crate) fn assert_contents(what: &str, expected: &Contents, actual: &Contents) {
    let lost: Vec<_> = expected
        .iter()
        .filter(|(offset, value)| actual.get(offset) != Some(value))
        .map(|(offset, _)| *offset)
        .collect();
    let more: Vec<_> = actual
        .keys()
        .filter(|offset| !expected.contains_key(offset))
        .collect();
    let head = |all: usize| format!("{all} of {}", expected.len());
    assert!(
        lost.is_empty() && more.is_empty(),
        "{what}: {} are not there: {:?}; {} should not be: {:?}",
        head(lost.len()),
        &lost[..lost.len().min(10)],
        more.len(),
        &more[..more.len().min(10)],
    );
}
