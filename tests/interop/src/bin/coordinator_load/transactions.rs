//! Transactions: as many small ones as are committed, how long readers wait for them, and many transactional ids.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use ottla_wire::{
    codec::Records,
    errors::Code,
    messages::{
        DescribeTransactionsRequest, EndTxnRequest, FetchRequest, FetchResponse,
        FindCoordinatorRequest, InitProducerIdRequest, ProduceRequest, TxnOffsetCommitRequest,
        fetch_request::{FetchPartition, FetchTopic},
        produce_request::{PartitionProduceData, TopicProduceData},
        txn_offset_commit_request::{TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic},
    },
    records::{Batch, BatchBuilder, Codec},
};
use serde_json::{Value, json};

use super::{
    Plan,
    classic::on_threads,
    gauge::{Gauge, now, wall_ms},
    link::{Link, decode, expect, frame},
    volley::{Rate, Shot, once},
};

/// Versions of transactions of version 2: writing adds the partition, the end brings the next epoch.
const PRODUCE: i16 = 12;
const END: i16 = 5;
const INIT: i16 = 5;
const COMMIT: i16 = 5;
const FETCH: i16 = 12;
const DESCRIBE: i16 = 0;
const TIMEOUT_MS: i32 = 60_000;
/// Of each record's value.
const VALUE: [u8; 100] = [b'v'; 100];
/// After an answer that says to try again, as a client does at the least.
const RETRY: Duration = Duration::from_millis(2);
const RETRIES: usize = 5000;
/// The longest that a restart may take.
const RECOVERY_LIMIT: Duration = Duration::from_secs(300);

/// A producer with its connection.
struct Producer {
    link: Link,
    transactional_id: String,
    id: i64,
    epoch: i16,
}

/// Whether an answer says that the last transaction is still being ended, or a coordinator or a new partition not ready.
fn again(code: Code) -> bool {
    let passing = [
        Code::CONCURRENT_TRANSACTIONS,
        Code::NOT_ENOUGH_REPLICAS,
        Code::NOT_LEADER_OR_FOLLOWER,
    ];
    super::link::passes(code) || passing.contains(&code)
}

impl Producer {
    fn open(address: &str, transactional_id: String) -> Result<Self, String> {
        let mut link = Link::open(address)?;
        let request = init(&transactional_id);
        let found = retry("InitProducerId", || {
            let answer = link.ask(INIT, &request)?;
            Ok((
                Code(answer.error_code),
                (answer.producer_id, answer.producer_epoch),
            ))
        })?;
        Ok(Self {
            link,
            transactional_id,
            id: found.0,
            epoch: found.1,
        })
    }

    /// One record to each of the partitions.
    fn produce(&mut self, topic: &str, partitions: usize) -> Result<(), String> {
        let partitions = (0..partitions).map(|index| {
            let mut batch = BatchBuilder::new(Codec::None)
                .producer(self.id, self.epoch, 0)
                .transactional(true);
            batch
                .append(wall_ms() as i64, None, Some(&VALUE), &[])
                .map_err(|why| why.to_string())?;
            let batch = batch.build().map_err(|why| why.to_string())?;
            Ok(PartitionProduceData {
                index: index as i32,
                records: Some(Records::Bytes(batch.to_bytes())),
                ..PartitionProduceData::default()
            })
        });
        let request = ProduceRequest {
            transactional_id: Some(self.transactional_id.clone()),
            acks: -1,
            timeout_ms: TIMEOUT_MS,
            topic_data: vec![TopicProduceData {
                name: topic.to_owned(),
                partition_data: partitions.collect::<Result<_, String>>()?,
                ..TopicProduceData::default()
            }],
            ..ProduceRequest::default()
        };
        retry("Produce", || {
            let answer = self.link.ask(PRODUCE, &request)?;
            let mut all = answer
                .responses
                .iter()
                .flat_map(|topic| &topic.partition_responses);
            let bad = all.find(|of| of.error_code != 0);
            Ok((Code(bad.map_or(0, |of| of.error_code)), ()))
        })
    }

    fn commit_offset(&mut self, topic: &str, group: &str) -> Result<(), String> {
        let request = TxnOffsetCommitRequest {
            transactional_id: self.transactional_id.clone(),
            group_id: group.to_owned(),
            producer_id: self.id,
            producer_epoch: self.epoch,
            topics: vec![TxnOffsetCommitRequestTopic {
                name: topic.to_owned(),
                partitions: vec![TxnOffsetCommitRequestPartition {
                    committed_offset: 7,
                    committed_metadata: Some(String::new()),
                    ..TxnOffsetCommitRequestPartition::default()
                }],
                ..TxnOffsetCommitRequestTopic::default()
            }],
            ..TxnOffsetCommitRequest::default()
        };
        retry("TxnOffsetCommit", || {
            let answer = self.link.ask(COMMIT, &request)?;
            let mut all = answer.topics.iter().flat_map(|topic| &topic.partitions);
            let bad = all.find(|of| of.error_code != 0);
            Ok((Code(bad.map_or(0, |of| of.error_code)), ()))
        })
    }

    fn commit(&mut self) -> Result<(), String> {
        let request = EndTxnRequest {
            transactional_id: self.transactional_id.clone(),
            producer_id: self.id,
            producer_epoch: self.epoch,
            committed: true,
            ..EndTxnRequest::default()
        };
        let (id, epoch) = retry("EndTxn", || {
            let answer = self.link.ask(END, &request)?;
            Ok((
                Code(answer.error_code),
                (answer.producer_id, answer.producer_epoch),
            ))
        })?;
        (self.id, self.epoch) = (id, epoch);
        Ok(())
    }
}

fn init(transactional_id: &str) -> InitProducerIdRequest {
    InitProducerIdRequest {
        transactional_id: Some(transactional_id.to_owned()),
        transaction_timeout_ms: TIMEOUT_MS,
        ..InitProducerIdRequest::default()
    }
}

fn retry<T>(what: &str, mut ask: impl FnMut() -> Result<(Code, T), String>) -> Result<T, String> {
    for _ in 0..RETRIES {
        match ask()? {
            (Code::NONE, answer) => return Ok(answer),
            (code, _) if again(code) => thread::sleep(RETRY),
            (code, _) => return Err(format!("{what}: {code:?}")),
        }
    }
    Err(format!("{what}: it is never time for it"))
}

/// The coordinators' topic of transactions comes to be when it is first asked about.
fn prepare(plan: &Plan, topic: &str, partitions: usize) -> Result<(), String> {
    let mut link = Link::open(&plan.address)?;
    link.prepare(topic, partitions)?;
    let find = FindCoordinatorRequest {
        key_type: 1,
        coordinator_keys: vec!["any".to_owned()],
        ..FindCoordinatorRequest::default()
    };
    let found = link.ask_until(4, &find, |answer| {
        answer.coordinators.first().map_or(-1, |of| of.error_code)
    })?;
    let code = found.coordinators.first().map_or(-1, |of| of.error_code);
    expect(Code::NONE, code, "FindCoordinator")
}

/// `producers` producers, each with one transaction after another, of a record to each of `partitions` partitions and
/// `offsets` (0 or 1) commits of a group's offset, for `seconds`.
pub(crate) fn commits(plan: &Plan) -> Result<Value, String> {
    let topic = plan.text("topic")?;
    let (partitions, offsets) = (plan.number("partitions")?, plan.number("offsets")?);
    prepare(plan, topic, partitions)?;
    let (producers, prefix) = (plan.number("producers")?, plan.text("prefix")?);
    let time = Duration::from_secs(plan.number("seconds")? as u64);
    let (broker, own) = (Gauge::of(plan.pid), Gauge::of(std::process::id()));
    let one = |producer: &mut Producer| {
        producer.produce(topic, partitions)?;
        for _ in 0..offsets {
            producer.commit_offset(topic, &producer.transactional_id.clone())?;
        }
        producer.commit()
    };
    let opened = on_threads(producers, |number| {
        let mut producer = Producer::open(&plan.address, format!("{prefix}-{number}"))?;
        // Whatever is created with the first one does not count.
        one(&mut producer)?;
        Ok(Mutex::new(producer))
    })?;
    let (before, own_before, start) = (broker.read()?, own.read()?, now());
    let took = on_threads(producers, |number| {
        let mut producer = opened[number].lock().map_err(|why| why.to_string())?;
        let mut took = Vec::new();
        while start.elapsed() < time {
            let began = now();
            one(&mut producer)?;
            took.push(began.elapsed());
        }
        Ok(took)
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let took: Vec<Duration> = took.into_iter().flatten().collect();
    let rate = Rate {
        answers: took.len(),
        seconds,
        cpu_s: broker.read()?.cpu_s - before.cpu_s,
        own_cpu_s: own.read()?.cpu_s - own_before.cpu_s,
    };
    Ok(rate.json(json!({"p50_ms": quantile(&took, 0.5), "p99_ms": quantile(&took, 0.99)})))
}

/// In ms.
fn quantile(took: &[Duration], part: f64) -> f64 {
    let mut sorted = took.to_vec();
    sorted.sort();
    let at = ((sorted.len() as f64 * part) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |took| took.as_secs_f64() * 1e3)
}

/// Transactions of one record, `times` times: from sending the record until a reader that waits has it, for readers
/// that see what is open and those that see what is committed.
pub(crate) fn readers(plan: &Plan) -> Result<Value, String> {
    let topic = plan.text("topic")?;
    prepare(plan, topic, 1)?;
    let mut producer = Producer::open(&plan.address, plan.text("prefix")?.to_owned())?;
    producer.produce(topic, 1)?;
    producer.commit()?;
    let mut quantiles = BTreeMap::new();
    for (isolation, name) in [(0, "uncommitted"), (1, "committed")] {
        let mut reader = Reader::at_the_end(plan, topic, isolation)?;
        let mut took = Vec::new();
        for _ in 0..plan.number("times")? {
            took.push(reader.wait_for(&mut producer)?);
        }
        quantiles.insert(format!("{name}_p50_ms"), quantile(&took, 0.5));
        quantiles.insert(format!("{name}_p99_ms"), quantile(&took, 0.99));
    }
    Ok(json!(quantiles))
}

/// A reader of one partition.
struct Reader {
    address: String,
    topic: String,
    isolation: i8,
    offset: i64,
}

impl Reader {
    fn at_the_end(plan: &Plan, topic: &str, isolation: i8) -> Result<Self, String> {
        let mut reader = Self {
            address: plan.address.clone(),
            topic: topic.to_owned(),
            isolation,
            offset: 0,
        };
        let mut link = Link::open(&plan.address)?;
        while reader.fetch(&mut link, 0)? {}
        Ok(reader)
    }

    /// Whether there was a record or a marker; goes on behind it.
    fn fetch(&mut self, link: &mut Link, max_wait_ms: i32) -> Result<bool, String> {
        let request = FetchRequest {
            max_wait_ms,
            min_bytes: 1,
            max_bytes: 1 << 20,
            isolation_level: self.isolation,
            topics: vec![FetchTopic {
                topic: self.topic.clone(),
                partitions: vec![FetchPartition {
                    fetch_offset: self.offset,
                    partition_max_bytes: 1 << 20,
                    ..FetchPartition::default()
                }],
                ..FetchTopic::default()
            }],
            ..FetchRequest::default()
        };
        let next = next_offset(&link.ask(FETCH, &request)?)?;
        self.offset = next.unwrap_or(self.offset);
        Ok(next.is_some())
    }

    /// How long a record of `producer` is under way to it.
    fn wait_for(&mut self, producer: &mut Producer) -> Result<Duration, String> {
        let topic = self.topic.clone();
        thread::scope(|scope| {
            let reading = scope.spawn(|| -> Result<Instant, String> {
                let mut link = Link::open(&self.address)?;
                while !self.fetch(&mut link, 1000)? {}
                let arrived = now();
                // The marker, if it came later.
                while self.fetch(&mut link, 20)? {}
                Ok(arrived)
            });
            // The reader waits by then.
            thread::sleep(Duration::from_millis(10));
            let sent = now();
            producer.produce(&topic, 1)?;
            producer.commit()?;
            let arrived = reading.join().map_err(|_| "a thread panicked")??;
            Ok(arrived.saturating_duration_since(sent))
        })
    }
}

/// The offset behind the last batch of the answer, if it has one.
fn next_offset(answer: &FetchResponse) -> Result<Option<i64>, String> {
    expect(Code::NONE, answer.error_code, "Fetch")?;
    let all = answer.responses.iter();
    let of = all.flat_map(|topic| &topic.partitions).next();
    let of = of.ok_or("Fetch: no partition")?;
    expect(Code::NONE, of.error_code, "Fetch")?;
    let records = of.records.as_ref().and_then(|records| records.bytes());
    let mut bytes = records.cloned().unwrap_or_else(Bytes::new);
    let mut next = None;
    while let Ok(batch) = Batch::first(&bytes) {
        bytes = bytes.slice(batch.size_in_bytes()..);
        next = Some(batch.next_offset());
    }
    Ok(next)
}

fn id_of(number: usize) -> String {
    format!("idle-{number}")
}

/// `ids` transactional ids, each initialized once: what they take.
pub(crate) fn ids(plan: &Plan) -> Result<Value, String> {
    prepare(plan, "ids", 1)?;
    drop(Producer::open(&plan.address, "first".to_owned())?);
    let (ids, connections) = (plan.number("ids")?, plan.number("connections")?);
    let gauge = Gauge::of(plan.pid);
    let (before, start) = (gauge.read()?, now());
    on_threads(connections, |thread| {
        let mine: Vec<usize> = (thread..ids).step_by(connections).collect();
        for numbers in mine.chunks(1000) {
            initialize(plan, numbers.to_vec())?;
        }
        Ok(())
    })?;
    let after = gauge.read()?;
    Ok(json!({
        "ids": ids,
        "seconds": start.elapsed().as_secs_f64(),
        "cpu_s": after.cpu_s - before.cpu_s,
        "rss_before": before.rss,
        "rss": after.rss,
    }))
}

/// Initializes these ids. Apache Kafka refuses some for as long as it fetches more producer ids: those are asked again.
fn initialize(plan: &Plan, mut numbers: Vec<usize>) -> Result<(), String> {
    for _ in 0..RETRIES {
        let refused = Arc::new(Mutex::new(Vec::new()));
        let shots = numbers.iter().map(|number| init_shot(*number, &refused));
        let shots = shots.collect::<Result<Vec<_>, _>>()?;
        once(Link::open(&plan.address)?, &shots, 16)?;
        numbers = std::mem::take(&mut *refused.lock().map_err(|why| why.to_string())?);
        if numbers.is_empty() {
            return Ok(());
        }
        thread::sleep(RETRY);
    }
    Err("InitProducerId: it is never time for it".to_owned())
}

fn init_shot(number: usize, refused: &Arc<Mutex<Vec<usize>>>) -> Result<Shot, String> {
    let refused = refused.clone();
    Ok(Shot {
        frame: frame(INIT, 0, &init(&id_of(number)))?,
        check: Box::new(move |answer: &Bytes| {
            let answer = decode::<InitProducerIdRequest>(INIT, answer.clone())?;
            if again(Code(answer.error_code)) {
                refused.lock().map_err(|why| why.to_string())?.push(number);
                return Ok(());
            }
            expect(Code::NONE, answer.error_code, "InitProducerId")
        }),
    })
}

/// Describes `sample` of the ids, each until it is answered: when the first and the last was, in ms since 1970.
pub(crate) fn recover(plan: &Plan) -> Result<Value, String> {
    let start = now();
    let mut link: Option<Link> = None;
    let mut first = None;
    for number in 0..plan.number("sample")?.min(plan.number("ids")?) {
        let request = DescribeTransactionsRequest {
            transactional_ids: vec![id_of(number)],
            ..DescribeTransactionsRequest::default()
        };
        loop {
            if start.elapsed() > RECOVERY_LIMIT {
                return Err("no transactional id is described".to_owned());
            }
            let open = link.take().map_or_else(|| Link::open(&plan.address), Ok);
            // Until the broker listens, and while it goes down, there is no answer.
            if let Ok(mut open) = open
                && let Ok(answer) = open.ask(DESCRIBE, &request)
            {
                link = Some(open);
                let state = answer.transaction_states.first();
                match state.map(|of| Code(of.error_code)) {
                    Some(Code::NONE) => break,
                    Some(Code::TRANSACTIONAL_ID_NOT_FOUND) => {
                        return Err(format!("{} is forgotten", id_of(number)));
                    }
                    _ => {}
                }
            }
            thread::sleep(RETRY);
        }
        first.get_or_insert_with(wall_ms);
    }
    Ok(json!({"first_at_ms": first, "last_at_ms": wall_ms()}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_in_order() {
        let took: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(quantile(&took, 0.5), 51.0);
        assert_eq!(quantile(&took, 0.99), 100.0);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
