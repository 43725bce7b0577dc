//! Logs: partitions that are filled, served again after a start, and compacted.

use std::{fs, path::Path, thread, time::Duration};

use bytes::Bytes;
use ottla_interop::load::{
    Gauge, Plan,
    gauge::{now, wall_ms},
    link::{Link, expect},
};
use ottla_wire::{
    codec::Records,
    errors::Code,
    messages::{
        CreateTopicsRequest, FetchRequest, IncrementalAlterConfigsRequest, MetadataRequest,
        ProduceRequest, ProduceResponse,
        create_topics_request::{CreatableTopic, CreatableTopicConfig},
        fetch_request::{FetchPartition, FetchTopic},
        incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
        produce_request::{PartitionProduceData, TopicProduceData},
    },
    records::{BatchBuilder, Codec},
};
use serde_json::{Value, json};

use super::classic::on_threads;

/// The last versions that name topics.
pub(crate) const PRODUCE: i16 = 12;
const FETCH: i16 = 12;
const METADATA: i16 = 9;
const TIMEOUT_MS: i32 = 60_000;
const RETRY: Duration = Duration::from_millis(2);
/// Between two answers with all topics, which cost the broker more than the others.
const BETWEEN_WHOLES: Duration = Duration::from_millis(50);
/// How often the files of a broker are looked at.
const LOOK: Duration = Duration::from_millis(5);
/// The longest that a start or a compaction may take.
const LIMIT: Duration = Duration::from_secs(300);
const RETRIES: usize = 5000;
const TOPIC: i8 = 2;

/// The records of a batch: keys and values that look random, the same for the same number.
#[derive(Clone, Copy)]
pub(crate) struct Content {
    /// Bytes of a batch, about.
    pub(crate) batch_bytes: usize,
    /// Bytes of a value.
    pub(crate) value_bytes: usize,
    /// How many keys there are; 0: none.
    pub(crate) keys: u64,
    /// Of a hundred records, so many are tombstones.
    pub(crate) tombstones: u64,
}

impl Content {
    pub(crate) fn of(plan: &Plan) -> Result<Self, String> {
        Ok(Self {
            batch_bytes: plan.number("batch_bytes")?,
            value_bytes: plan.number("value_bytes")?,
            keys: plan.number("keys")? as u64,
            tombstones: plan.number("tombstones")? as u64,
        })
    }

    /// The `number`th batch.
    pub(crate) fn batch(self, number: u64) -> Result<Bytes, String> {
        let mut random = Random(number);
        let mut batch = BatchBuilder::new(Codec::None);
        let mut value = vec![0; self.value_bytes];
        let mut bytes = 0;
        while bytes < self.batch_bytes {
            let key = (self.keys > 0).then(|| random.next() % self.keys);
            let key = key.map(|key| format!("key-{key:012}"));
            let is_tombstone = self.keys > 0 && random.next() % 100 < self.tombstones;
            value.chunks_mut(8).for_each(|piece| {
                piece.copy_from_slice(&random.next().to_be_bytes()[..piece.len()]);
            });
            let body = (!is_tombstone).then_some(&value[..]);
            batch
                .append(
                    wall_ms() as i64,
                    key.as_deref().map(str::as_bytes),
                    body,
                    &[],
                )
                .map_err(|why| why.to_string())?;
            bytes += 10 + key.map_or(0, |key| key.len()) + body.map_or(0, <[u8]>::len);
        }
        let built = batch.build().map_err(|why| why.to_string())?;
        Ok(built.to_bytes())
    }
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn name(prefix: &str, number: usize) -> String {
    format!("{prefix}-{number}")
}

/// `KEY:VALUE,KEY:VALUE…`
fn configs(text: &str) -> Result<Vec<(String, String)>, String> {
    let pairs = text.split(';').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair
            .split_once(':')
            .ok_or_else(|| format!("{pair}: not KEY:VALUE"))?;
        Ok((key.to_owned(), value.to_owned()))
    });
    pairs.collect()
}

/// Makes a topic, which must be new.
pub(crate) fn create(
    link: &mut Link,
    topic: &str,
    partitions: usize,
    configs: &[(String, String)],
) -> Result<(), String> {
    let configs = configs.iter().map(|(key, value)| CreatableTopicConfig {
        name: key.clone(),
        value: Some(value.clone()),
        ..CreatableTopicConfig::default()
    });
    let request = CreateTopicsRequest {
        timeout_ms: TIMEOUT_MS,
        topics: vec![CreatableTopic {
            name: topic.to_owned(),
            num_partitions: i32::try_from(partitions).map_err(|error| error.to_string())?,
            replication_factor: 1,
            configs: configs.collect(),
            ..CreatableTopic::default()
        }],
        ..CreateTopicsRequest::default()
    };
    let created = link.ask(7, &request)?;
    let code = created.topics.first().map_or(-1, |of| of.error_code);
    expect(Code::NONE, code, &format!("CreateTopics {topic}"))
}

/// The topic that a plan names, with its configuration.
pub(crate) fn create_of(plan: &Plan, topic: &str, partitions: usize) -> Result<(), String> {
    let configs = configs(plan.text("configs")?)?;
    create(&mut Link::open(&plan.address)?, topic, partitions, &configs)
}

/// A batch for each of these partitions.
pub(crate) fn produce(topic: &str, batches: impl Iterator<Item = (i32, Bytes)>) -> ProduceRequest {
    let data = batches.map(|(index, batch)| PartitionProduceData {
        index,
        records: Some(Records::Bytes(batch)),
        ..PartitionProduceData::default()
    });
    ProduceRequest {
        acks: -1,
        timeout_ms: TIMEOUT_MS,
        topic_data: vec![TopicProduceData {
            name: topic.to_owned(),
            partition_data: data.collect(),
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

/// The first code that is an error.
pub(crate) fn code_of(answer: &ProduceResponse) -> Code {
    let mut all = answer
        .responses
        .iter()
        .flat_map(|of| &of.partition_responses);
    let bad = all.find(|of| of.error_code != 0);
    Code(bad.map_or(0, |of| of.error_code))
}

/// A new partition is not ready at once.
fn send(link: &mut Link, request: &ProduceRequest) -> Result<(), String> {
    for _ in 0..RETRIES {
        match code_of(&link.ask(PRODUCE, request)?) {
            Code::NONE => return Ok(()),
            Code::NOT_LEADER_OR_FOLLOWER | Code::UNKNOWN_TOPIC_OR_PARTITION => thread::sleep(RETRY),
            code => return Err(format!("Produce: {code:?}")),
        }
    }
    Err("Produce: the partitions do not become ready".to_owned())
}

/// Makes `topics` topics of `partitions` partitions, and appends `batches` batches to each of these.
pub(crate) fn fill(plan: &Plan) -> Result<Value, String> {
    let prefix = plan.text("prefix")?;
    let (topics, partitions) = (plan.number("topics")?, plan.number("partitions")?);
    let (batches, connections) = (plan.number("batches")?, plan.number("connections")?);
    let content = Content::of(plan)?;
    let gauge = Gauge::of(plan.pid);
    let (start, before) = (now(), gauge.read()?);
    for topic in 0..topics {
        create_of(plan, &name(prefix, topic), partitions)?;
    }
    let created = start.elapsed().as_secs_f64();
    let (start, connections) = (now(), connections.min(topics).max(1));
    let bytes = on_threads(connections, |thread| {
        let mut link = Link::open(&plan.address)?;
        let mut bytes = 0;
        for topic in (thread..topics).step_by(connections) {
            for number in 0..batches {
                let batch = content.batch((topic * batches + number) as u64)?;
                bytes += batch.len() * partitions;
                let all = (0..partitions as i32).map(|index| (index, batch.clone()));
                send(&mut link, &produce(&name(prefix, topic), all))?;
            }
        }
        Ok(bytes)
    })?;
    let after = gauge.read()?;
    Ok(json!({
        "created_s": created,
        "seconds": start.elapsed().as_secs_f64(),
        "bytes": bytes.iter().sum::<usize>(),
        "cpu_s": after.cpu_s - before.cpu_s,
        "rss": after.rss,
    }))
}

/// After a start: when the first of `sample` partitions of all topics is served again, and when all are: it has a leader in
/// Metadata, its first batch is fetched, and one more is appended; and when every partition has a leader. In ms since 1970.
pub(crate) fn serving(plan: &Plan) -> Result<Value, String> {
    let prefix = plan.text("prefix")?;
    let (topics, partitions) = (plan.number("topics")?, plan.number("partitions")?);
    let all = topics * partitions;
    let sample = plan.number("sample")?.clamp(1, all);
    let content = Content::of(plan)?;
    let (start, gauge) = (now(), Gauge::of(plan.pid));
    let (mut link, mut first) = (None, None);
    for number in 0..sample {
        let at = number * all / sample;
        let (topic, index) = (name(prefix, at / partitions), (at % partitions) as i32);
        let batch = content.batch(number as u64)?;
        loop {
            if start.elapsed() > LIMIT {
                return Err(format!("{topic}-{index} is not served"));
            }
            // Until the broker listens, there is no answer.
            let open = link.take().map_or_else(|| Link::open(&plan.address), Ok);
            if let Ok(mut open) = open
                && let Ok(served) = is_served(&mut open, &topic, index, &batch)
            {
                link = Some(open);
                if served {
                    break;
                }
            }
            thread::sleep(RETRY);
        }
        first.get_or_insert_with(wall_ms);
    }
    let last_at_ms = wall_ms();
    let mut link = link.ok_or("no connection")?;
    let (led_at_ms, metadata_ms) = all_are_led(&mut link, all)?;
    Ok(json!({
        "first_at_ms": first,
        "last_at_ms": last_at_ms,
        "led_at_ms": led_at_ms,
        "metadata_ms": metadata_ms,
        "rss": gauge.read()?.rss,
        "cpu_s": gauge.read()?.cpu_s,
    }))
}

/// Asks for all topics until so many partitions have a leader: when they had, and how long that answer took.
fn all_are_led(link: &mut Link, all: usize) -> Result<(f64, f64), String> {
    let request = MetadataRequest {
        topics: None,
        ..MetadataRequest::default()
    };
    let start = now();
    loop {
        let began = now();
        let told = link.ask(METADATA, &request)?;
        let metadata_ms = began.elapsed().as_secs_f64() * 1e3;
        let of_topics = told.topics.iter().flat_map(|topic| &topic.partitions);
        let led = of_topics.filter(|of| of.leader_id >= 0).count();
        if led >= all {
            return Ok((wall_ms(), metadata_ms));
        }
        if start.elapsed() > LIMIT {
            return Err(format!("{led} of {all} partitions have a leader"));
        }
        thread::sleep(BETWEEN_WHOLES);
    }
}

fn is_served(link: &mut Link, topic: &str, index: i32, batch: &Bytes) -> Result<bool, String> {
    let fetch = FetchRequest {
        max_wait_ms: 0,
        max_bytes: 1 << 16,
        topics: vec![FetchTopic {
            topic: topic.to_owned(),
            partitions: vec![FetchPartition {
                partition: index,
                partition_max_bytes: 1 << 10,
                ..FetchPartition::default()
            }],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    };
    let fetched = link.ask(FETCH, &fetch)?;
    let mut of = fetched.responses.iter().flat_map(|topic| &topic.partitions);
    let has_records = of.next().is_some_and(|of| {
        let bytes = of.records.as_ref().map_or(0, Records::len);
        of.error_code == 0 && bytes > 0
    });
    if !has_records {
        return Ok(false);
    }
    let append = produce(topic, [(index, batch.clone())].into_iter());
    Ok(code_of(&link.ask(PRODUCE, &append)?) == Code::NONE)
}

/// Sets configurations of a topic.
fn alter(link: &mut Link, topic: &str, configs: &[(String, String)]) -> Result<(), String> {
    let configs = configs.iter().map(|(key, value)| AlterableConfig {
        name: key.clone(),
        config_operation: 0,
        value: Some(value.clone()),
        ..AlterableConfig::default()
    });
    let request = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: TOPIC,
            resource_name: topic.to_owned(),
            configs: configs.collect(),
            ..AlterConfigsResource::default()
        }],
        ..IncrementalAlterConfigsRequest::default()
    };
    let answer = link.ask(1, &request)?;
    let code = answer.responses.first().map_or(-1, |of| of.error_code);
    expect(Code::NONE, code, "IncrementalAlterConfigs")
}

/// Lets a topic of one partition, which is not compacted yet, be compacted, until `cleaner-offset-checkpoint` in `dir` says
/// that all but its active segment was.
pub(crate) fn compact(plan: &Plan) -> Result<Value, String> {
    let topic = name(plan.text("prefix")?, 0);
    let dir = Path::new(plan.text("dir")?);
    let of_topic = dir.join(format!("{topic}-0"));
    let (active, bytes) = segments(&of_topic)?;
    if bytes == 0 {
        return Err(format!("{topic} has no segment but the active one"));
    }
    let gauge = Gauge::of(plan.pid);
    gauge.forget_peak()?;
    let before = gauge.read()?;
    let policy = ["cleanup.policy:compact", "min.cleanable.dirty.ratio:0"].join(";");
    alter(&mut Link::open(&plan.address)?, &topic, &configs(&policy)?)?;
    let start = now();
    let checkpoint = dir.join("cleaner-offset-checkpoint");
    let line = format!("{topic} 0 ");
    loop {
        let text = fs::read_to_string(&checkpoint).unwrap_or_default();
        let cleaned = text.lines().find_map(|of| of.strip_prefix(&line));
        if cleaned.and_then(|at| at.parse::<i64>().ok()) >= Some(active) {
            break;
        }
        if start.elapsed() > LIMIT {
            return Err(format!("{topic} is not compacted up to {active}: {text}"));
        }
        thread::sleep(LOOK);
    }
    let seconds = start.elapsed().as_secs_f64();
    let after = gauge.read()?;
    Ok(json!({
        "bytes": bytes,
        "left": segments(&of_topic)?.1,
        "seconds": seconds,
        "cpu_s": after.cpu_s - before.cpu_s,
        "rss_before": before.rss,
        "rss_peak": gauge.peak()?,
    }))
}

/// The base offset of the active segment of a log, and the bytes in all others.
fn segments(dir: &Path) -> Result<(i64, u64), String> {
    let said = |error: std::io::Error| format!("{}: {error}", dir.display());
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).map_err(said)? {
        let entry = entry.map_err(said)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(base) = name
            .strip_suffix(".log")
            .and_then(|base| base.parse::<i64>().ok())
        {
            all.push((base, entry.metadata().map_err(said)?.len()));
        }
    }
    all.sort_unstable();
    let (active, _) = all
        .pop()
        .ok_or_else(|| format!("{}: no log", dir.display()))?;
    Ok((active, all.iter().map(|(_, bytes)| bytes).sum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_the_same_for_the_same_number() {
        let content = Content {
            batch_bytes: 10_000,
            value_bytes: 100,
            keys: 50,
            tombstones: 10,
        };
        let keys = |number| {
            let bytes = content.batch(number).unwrap();
            assert!((9_000..14_000).contains(&bytes.len()), "{}", bytes.len());
            // Behind the header; timestamps are of the moment.
            bytes.len()
        };
        assert_eq!(keys(7), keys(7));
    }

    #[test]
    fn configurations_are_pairs() {
        let found = configs("a:b;c:d,e").unwrap();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(found, [pair("a", "b"), pair("c", "d,e")]);
        assert_eq!(configs("").unwrap(), []);
        assert!(configs("a").is_err());
    }
}
