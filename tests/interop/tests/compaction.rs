//! A log that Ottla compacts becomes what Apache Kafka's cleaner makes of it, file for file, and is sound to its tools; a
//! node of either kind goes on with what the other compacted.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use ottla_interop::{
    dump,
    oracle::{Home, compile, output, wait_until},
    raw::Connection,
    server::{Kind, Node, Server},
};
use ottla_log::{
    CleanedLog, Cleaner, CleanerOptions, Leading, Log, LogConfig, LogToClean, Opening, Origin,
    Removal, VerificationGuard,
};
use ottla_wire::{
    Records,
    messages::{
        CreateTopicsRequest, FetchRequest, ProduceRequest,
        create_topics_request::{CreatableTopic, CreatableTopicConfig},
        fetch_request::{FetchPartition, FetchTopic},
        produce_request::{PartitionProduceData, TopicProduceData},
    },
    records::{Batch, BatchBuilder, Batches, Codec, ControlType, DECOMPRESSED_LIMIT, scan},
};

const SEGMENT_BYTES: u32 = 3000;
const INDEX_INTERVAL: u32 = 200;
const RETENTION_MS: i64 = 3_600_000;

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) % bound
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's clock")]
fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970").as_millis() as i64
}

fn open(dir: &Path) -> Log {
    let config = LogConfig {
        segment_bytes: SEGMENT_BYTES,
        index_interval_bytes: INDEX_INTERVAL,
        delete_retention_ms: RETENTION_MS,
        compact: true,
        delete: false,
        ..LogConfig::default()
    };
    let opening = Opening {
        producer_expiry_ms: i64::MAX,
        ..Opening::clean(now_ms())
    };
    let (mut log, _) = Log::open(dir, Arc::new(config), &opening).expect("open");
    log.update_high_watermark(i64::MAX);
    log
}

/// What a log is made of.
#[derive(Clone, Copy)]
struct Mix {
    compressed: bool,
    transactions: bool,
    /// Of the offset map.
    slots: u64,
}

fn data(numbers: &mut Numbers, mix: Mix, at: i64, producer: Option<(i64, i32)>) -> Batch {
    const CODECS: [Codec; 5] = [
        Codec::None,
        Codec::Gzip,
        Codec::Lz4,
        Codec::Zstd,
        Codec::Snappy,
    ];
    let codec = CODECS[if mix.compressed { numbers.below(5) } else { 0 } as usize];
    let mut builder = BatchBuilder::new(codec);
    if let Some((id, sequence)) = producer {
        builder = builder.producer(id, 1, sequence).transactional(id >= 100);
    }
    if numbers.below(6) == 0 {
        builder = builder.log_append_time(at);
    }
    for _ in 0..=numbers.below(6) {
        let key = format!("key {}", numbers.below(25));
        let value = vec![b'a' + numbers.below(20) as u8; numbers.below(200) as usize];
        let key = Some(key.as_bytes()).filter(|_| numbers.below(30) > 0);
        let value = Some(&value[..]).filter(|_| numbers.below(4) > 0);
        builder
            .append(at + numbers.below(500) as i64, key, value, &[])
            .expect("a record");
    }
    builder.build().expect("a batch")
}

fn marker(producer: i64, commit: bool, at: i64) -> Batch {
    let kind = if commit {
        ControlType::Commit
    } else {
        ControlType::Abort
    };
    let mut builder = BatchBuilder::new(Codec::None)
        .producer(producer, 1, -1)
        .transactional(true)
        .control(true);
    builder
        .append_control(at, kind, &[0, 0, 0, 0, 0, 5])
        .expect("a marker");
    builder.build().expect("a batch")
}

/// Fills a log: plain, idempotent and transactional producers, several leader epochs.
fn fill(log: &mut Log, numbers: &mut Numbers, mix: Mix, start: i64) {
    let mut sequences = BTreeMap::new();
    for n in 0..100 + numbers.below(60) as i64 {
        let at = start + 100 * n;
        let who = numbers.below(8);
        let (batch, origin) = match who {
            0..3 => (data(numbers, mix, at, None), Origin::Client),
            7 if mix.transactions => {
                let producer = 100 + numbers.below(2) as i64;
                let end = marker(producer, numbers.below(2) == 0, at);
                (end, Origin::Coordinator)
            }
            _ => {
                // Producers from 100 on write in transactions.
                let producer = if who < 5 || !mix.transactions {
                    7
                } else {
                    95 + who as i64
                };
                let sequence = sequences.entry(producer).or_insert(0);
                let batch = data(numbers, mix, at, Some((producer, *sequence)));
                *sequence += batch.record_count();
                (batch, Origin::Client)
            }
        };
        let how =
            Leading::new(2 * (n / 40) as i32, origin, at).verified(VerificationGuard::TRUSTED);
        log.append_as_leader(vec![batch], &how).expect("append");
        log.update_high_watermark(i64::MAX);
    }
    if mix.transactions && numbers.below(3) > 0 {
        for producer in [100, 101] {
            let how = Leading::new(8, Origin::Coordinator, start);
            let end = marker(producer, true, start);
            log.append_as_leader(vec![end], &how).expect("append");
        }
    }
    log.update_high_watermark(i64::MAX);
}

/// The first dirty offset (`None`: where the last pass ended), and the time.
type Pass = (Option<i64>, i64);
/// A log, the slots of the offset map, and passes.
type Order = (PathBuf, u64, Vec<Pass>);

struct Owner(RefCell<Log>);

impl CleanedLog for Owner {
    fn with_log<T>(&self, work: impl FnOnce(&mut Log) -> T) -> Option<T> {
        Some(work(&mut self.0.borrow_mut()))
    }

    fn passed(&mut self, _: u64) -> bool {
        true
    }

    fn replaced(&mut self, removal: Removal) {
        removal.run().expect("removed");
    }
}

/// Cleans in passes; says what [`ask_kafka`] says.
fn clean(log: Log, slots: u64, passes: &[Pass]) -> String {
    let mut cleaner = Cleaner::new(CleanerOptions {
        map_bytes: slots * 24,
        load_factor: 1.0,
        io_bytes: 5000,
        seed: [3, 4],
    })
    .expect("a cleaner");
    let (mut owner, mut text, mut end) = (Owner(RefCell::new(log)), String::new(), 0);
    for (dirty, at) in passes {
        let (reader, config) = {
            let log = owner.0.borrow();
            (log.reader(), log.config().clone())
        };
        let dirty =
            LogToClean::of(&reader, &config, Some(dirty.unwrap_or(end)), *at).expect("a look");
        let done = cleaner.clean(&mut owner, &dirty, *at).expect("cleaned");
        end = done.end_offset;
        let stats = done.stats;
        text += &format!(
            "{} {end} {} {} {}|{} {} {}\t",
            dirty.first_uncleanable_offset,
            stats.records_read,
            stats.records_written,
            stats.records_without_key,
            dirty.clean_bytes,
            dirty.cleanable_bytes,
            stats.bytes_read,
        );
    }
    let log = owner.0.into_inner();
    let offsets = log.offsets();
    let all = batches(&log.dir());
    let records: usize = all.iter().map(|it| it.records.len()).sum();
    text += &format!(
        "{} {} {} {} {records}",
        offsets.log_start,
        offsets.log_end,
        offsets.last_stable,
        all.len()
    );
    log.close(now_ms()).expect("close");
    text
}

#[derive(PartialEq, Debug)]
struct Seen {
    /// The header, its length and checksum as zeros.
    header: Vec<u8>,
    records: Vec<(i64, i64, Option<Bytes>, Option<Bytes>)>,
}

/// All batches of the segments of a log.
fn batches(dir: &Path) -> Vec<Seen> {
    let mut seen = Vec::new();
    for (name, bytes) in files(dir) {
        if !name.ends_with(".log") {
            continue;
        }
        for batch in Batches::new(bytes.into()) {
            let (_, bytes) = batch.expect("a batch");
            let batch = Batch::first(&bytes).expect("a batch of today");
            batch.check_crc().expect("sound");
            let records = scan::records(&bytes, DECOMPRESSED_LIMIT).expect("records");
            let mut header = batch.header().to_vec();
            header[8..12].fill(0);
            header[17..21].fill(0);
            seen.push(Seen {
                header,
                records: records
                    .map(|it| it.expect("a record"))
                    .map(|it| (it.offset, it.timestamp, it.key, it.value))
                    .collect(),
            });
        }
    }
    seen
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(dir)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            (name.into_owned(), fs::read(&path).expect("a file"))
        })
        .collect()
}

/// The files of segments: those that stay.
fn segments(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(dir);
    files.retain(|name, _| {
        let kind = name.rsplit('.').next().unwrap_or_default();
        ["log", "index", "timeindex", "txnindex"].contains(&kind)
    });
    files
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for (name, bytes) in files(from) {
        fs::write(to.join(name), bytes).expect("a file");
    }
}

/// Has Apache Kafka compact logs: what it says of each.
fn ask_kafka(dir: &Path, orders: &[Order]) -> Vec<String> {
    let home = Home::find();
    compile(&home).expect("compile");
    let mut text = String::new();
    for (log, slots, passes) in orders {
        text += &format!(
            "{}\t{SEGMENT_BYTES}\t{INDEX_INTERVAL}\t{RETENTION_MS}\t{slots}",
            log.display()
        );
        for (dirty, at) in passes {
            let dirty = dirty.map_or("-".to_owned(), |dirty| dirty.to_string());
            text += &format!("\t{dirty}:{at}");
        }
        text.push('\n');
    }
    let (orders_file, told_file) = (dir.join("orders"), dir.join("told"));
    fs::write(&orders_file, text).expect("orders");
    let mut java = home.class("CompactLogs").expect("java");
    output(java.arg(&orders_file).arg(&told_file)).expect("CompactLogs");
    let told = fs::read_to_string(told_file).expect("what Apache Kafka says");
    told.lines().map(str::to_owned).collect()
}

/// Has Apache Kafka's tool read every file. It takes a batch without records for one without a time, also in what Apache
/// Kafka wrote, and so minds the index entry of one; everything else counts.
fn check(data: &Path, topic: &str) {
    if let Err(said) = dump::check(data, &[topic]) {
        let known = |line: &&str| {
            line.contains("Found timestamp mismatch in ") || line.ends_with("log timestamp: -1")
        };
        assert!(said.lines().all(|line| known(&line)), "{said}");
    }
}

#[test]
fn apache_kafka_and_ottla_leave_the_same_of_a_log() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let now = now_ms();
    let (mut orders, mut ours, mut expected, mut mixes) = (vec![], vec![], vec![], vec![]);
    for seed in 0..16 {
        let numbers = &mut Numbers(seed);
        // A small map with transactions is where Apache Kafka may keep more: see the unit tests of the cleaner.
        let transactions = seed % 4 != 3;
        let mix = Mix {
            compressed: seed % 2 == 1,
            transactions,
            slots: if transactions { 10_000 } else { 8 },
        };
        let made = dir.path().join(format!("made{seed}-0"));
        let mut log = open(&made);
        fill(&mut log, numbers, mix, now - 1_000_000);
        log.close(now).expect("close");
        let theirs = dir.path().join(format!("theirs{seed}-0"));
        copy(&made, &theirs);
        let passes = if transactions {
            vec![
                (Some(0), now),
                (Some(0), now + RETENTION_MS - 1),
                (Some(0), now + RETENTION_MS),
                (Some(0), now + 3 * RETENTION_MS),
            ]
        } else {
            (0..6).map(|n| (None, now + n * RETENTION_MS / 2)).collect()
        };
        expected.push(clean(open(&made), mix.slots, &passes));
        orders.push((theirs, mix.slots, passes));
        ours.push(made);
        mixes.push(mix);
    }
    let told = ask_kafka(dir.path(), &orders);
    let mut survivors = 0;
    for (n, ((theirs, _, _), ours)) in orders.iter().zip(&ours).enumerate() {
        // Other libraries compress to other sizes.
        let comparable = |text: &str| -> Vec<String> {
            let passes = text.split('\t');
            let part = |it: &str| match it.split_once('|') {
                Some((counts, _)) if mixes[n].compressed => counts.to_owned(),
                _ => it.to_owned(),
            };
            passes.map(part).collect()
        };
        assert_eq!(comparable(&told[n]), comparable(&expected[n]), "log {n}");
        let (left, mine) = (batches(theirs), batches(ours));
        assert_eq!(mine, left, "log {n}");
        survivors += mine.len();
        let (left, mine) = (segments(theirs), segments(ours));
        let names = |of: &BTreeMap<String, Vec<u8>>| of.keys().cloned().collect::<Vec<_>>();
        if mixes[n].compressed {
            continue;
        }
        assert_eq!(names(&mine), names(&left), "log {n}");
        for (name, bytes) in &mine {
            assert!(*bytes == left[name], "log {n}: {name}");
        }
    }
    assert!(survivors > 16 * 10, "{survivors}");
    // And Apache Kafka opens what Ottla left, reads all of it, and its tool has nothing to say against it.
    let again: Vec<_> = ours.iter().map(|made| (made.clone(), 1, vec![])).collect();
    for (n, told) in ask_kafka(dir.path(), &again).iter().enumerate() {
        let last = expected[n].rsplit('\t').next();
        assert_eq!(Some(told.as_str()), last, "log {n}");
    }
    let data = dir.path().join("data");
    for (n, made) in ours.iter().enumerate() {
        copy(made, &data.join(format!("compacted{n}-0")));
    }
    check(&data, "compacted");
    let names = |of: &Path| segments(of).into_keys().collect::<Vec<_>>();
    let all: Vec<_> = ours.iter().flat_map(|of| names(of)).collect();
    assert!(all.len() > 60 && all.iter().any(|name| name.ends_with(".txnindex")));
}

const TOPIC: &str = "compacted";
const NOT_LEADER_OR_FOLLOWER: i16 = 6;

/// A node of either kind with a compacted topic whose segments are small.
fn with_topic(node: &Node, kind: Kind) -> Server {
    let server = node.start(kind);
    let config = |name: &str, value: &str| CreatableTopicConfig {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        ..CreatableTopicConfig::default()
    };
    let request = CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: TOPIC.to_owned(),
            num_partitions: 1,
            replication_factor: 1,
            configs: vec![
                config("cleanup.policy", "compact"),
                config("segment.ms", "1000"),
                config("min.cleanable.dirty.ratio", "0.01"),
                config("delete.retention.ms", "0"),
            ],
            ..CreatableTopic::default()
        }],
        timeout_ms: 10_000,
        ..CreateTopicsRequest::default()
    };
    let answer = Connection::new(&node.address())
        .ask(5, &request)
        .expect("CreateTopics");
    assert_eq!(answer.topics[0].error_code, 0, "{answer:?}");
    server
}

/// Writes a batch whose time is so many seconds after `start`: each is a segment.
fn produce(address: &str, start: i64, seconds: i64, records: &[(String, Option<String>)]) {
    let mut batch = BatchBuilder::new(Codec::Lz4);
    for (key, value) in records {
        let value = value.as_ref().map(|value| value.as_bytes());
        batch
            .append(start + seconds * 1000, Some(key.as_bytes()), value, &[])
            .expect("a record");
    }
    let request = ProduceRequest {
        acks: -1,
        timeout_ms: 10_000,
        topic_data: vec![TopicProduceData {
            name: TOPIC.to_owned(),
            partition_data: vec![PartitionProduceData {
                records: Some(Records::Bytes(batch.build().expect("a batch").to_bytes())),
                ..PartitionProduceData::default()
            }],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    };
    let mut connection = Connection::new(address);
    let mut code = NOT_LEADER_OR_FOLLOWER;
    // After a start, Apache Kafka serves before it leads.
    wait_until(Duration::from_secs(20), || {
        let answer = connection.ask(12, &request).expect("Produce");
        code = answer.responses[0].partition_responses[0].error_code;
        code != NOT_LEADER_OR_FOLLOWER
    });
    assert_eq!(code, 0);
}

/// Offset, key and value of all records.
fn consume(address: &str) -> Vec<(i64, Bytes, Option<Bytes>)> {
    let mut connection = Connection::new(address);
    let (mut next, mut found) = (0, Vec::new());
    loop {
        let request = FetchRequest {
            max_bytes: 1 << 20,
            topics: vec![FetchTopic {
                topic: TOPIC.to_owned(),
                partitions: vec![FetchPartition {
                    current_leader_epoch: -1,
                    fetch_offset: next,
                    last_fetched_epoch: -1,
                    partition_max_bytes: 1 << 20,
                    ..FetchPartition::default()
                }],
                ..FetchTopic::default()
            }],
            ..FetchRequest::default()
        };
        let answer = connection.ask(12, &request).expect("Fetch");
        let partition = &answer.responses[0].partitions[0];
        let Some(Records::Bytes(bytes)) = partition
            .records
            .clone()
            .filter(|_| next < partition.high_watermark)
        else {
            return found;
        };
        for batch in Batches::new(bytes) {
            let (head, bytes) = batch.expect("a batch");
            next = head.next_offset();
            for record in scan::records(&bytes, DECOMPRESSED_LIMIT).expect("records") {
                let record = record.expect("a record");
                found.push((record.offset, record.key.expect("a key"), record.value));
            }
        }
    }
}

/// Ten segments, and one that stays.
fn write(address: &str, start: i64, round: i64) {
    for n in 0..10 {
        let record = |key: i64| {
            let value = Some(format!("{round}.{n}")).filter(|_| key != n % 7);
            (format!("{key}"), value)
        };
        let records: Vec<_> = (0..7).map(record).collect();
        produce(address, start, 100 * round + 2 * n, &records);
    }
    let last = [("last".to_owned(), Some(format!("{round}")))];
    produce(address, start, 100 * round + 50, &last);
}

fn clean_up_to(node: &Node, offset: i64) {
    let path = node.data().join("cleaner-offset-checkpoint");
    let expected = format!("{TOPIC} 0 {offset}\n");
    let done = wait_until(Duration::from_secs(60), || {
        fs::read_to_string(&path).is_ok_and(|text| text.contains(&expected))
    });
    assert!(
        done,
        "{:?} instead of {expected}",
        fs::read_to_string(&path)
    );
}

#[test]
fn a_broker_of_either_kind_goes_on_with_what_the_other_compacted() {
    let start = now_ms() - 3_000_000;
    let mut left = BTreeMap::new();
    for turns in [[Kind::Ottla, Kind::Kafka], [Kind::Kafka, Kind::Ottla]] {
        let dir = tempfile::tempdir().expect("temporary folder");
        let node = Node::new(dir.path(), &["log.cleaner.backoff.ms=200"]);
        let server = with_topic(&node, turns[0]);
        write(&node.address(), start, 0);
        clean_up_to(&node, 70);
        server.stop();
        let server = node.start(turns[1]);
        write(&node.address(), start, 1);
        clean_up_to(&node, 141);
        let found = consume(&node.address());
        server.stop();
        // One value or tombstone of each key, and two of the last.
        let keys: Vec<_> = found.iter().map(|it| it.1.clone()).collect();
        assert!((8..=9).contains(&keys.len()), "{turns:?}: {found:?}");
        left.insert(format!("{turns:?}"), found);
        check(&node.data(), TOPIC);
    }
    let expected = left.values().next().expect("one");
    for (turns, found) in &left {
        assert_eq!(found, expected, "{turns}");
    }
}
