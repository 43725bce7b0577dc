//! Topics with `cleanup.policy=compact` are compacted while the node runs, as their configuration and the broker's say.
#![allow(clippy::disallowed_methods)] // A test waits by the clock.

mod node;

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use node::{
    Connection, Home, Node,
    data::{create_topic, fetch, produce},
    wait_until,
};
use ottla_wire::{
    Records,
    messages::{
        DeleteTopicsRequest, IncrementalAlterConfigsRequest,
        incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
    },
    records::{BatchBuilder, Batches, Codec, DECOMPRESSED_LIMIT, scan},
};

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const LIMIT: Duration = Duration::from_secs(20);
/// Longer than a few backoffs of the tests.
const A_WHILE: Duration = Duration::from_millis(700);
const SOON: &str = "log.cleaner.backoff.ms=50";

fn alter(connection: &mut Connection, kind: i8, name: &str, key: &str, value: Option<&str>) {
    let request = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: kind,
            resource_name: name.to_owned(),
            configs: vec![AlterableConfig {
                name: key.to_owned(),
                config_operation: i8::from(value.is_none()),
                value: value.map(str::to_owned),
                ..AlterableConfig::default()
            }],
            ..AlterConfigsResource::default()
        }],
        ..IncrementalAlterConfigsRequest::default()
    };
    let answer = connection.ask(1, &request).expect("an answer");
    assert_eq!(answer.responses[0].error_code, 0, "{key}: {answer:?}");
}

/// A compacted topic, each batch of which begins a segment.
fn compacted(connection: &mut Connection, name: &str) {
    assert_eq!(create_topic(connection, name, 1), 0);
    alter(connection, TOPIC, name, "segment.ms", Some("1000"));
    alter(connection, TOPIC, name, "file.delete.delay.ms", Some("0"));
    alter(connection, TOPIC, name, "cleanup.policy", Some("compact"));
}

/// Writes batches of records with these keys, which go on where the last ones of this test ended.
struct Writer {
    topic: &'static str,
    timestamp: i64,
}

impl Writer {
    fn new(topic: &'static str) -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a time");
        Self {
            topic,
            timestamp: now.as_millis() as i64 - 30 * 60 * 1000,
        }
    }

    fn write(&mut self, connection: &mut Connection, records: &[(&str, Option<&str>)]) {
        self.timestamp += 2000;
        let mut batch = BatchBuilder::new(Codec::None);
        for (key, value) in records {
            batch
                .append(
                    self.timestamp,
                    Some(key.as_bytes()),
                    value.map(str::as_bytes),
                    &[],
                )
                .expect("a record");
        }
        let bytes = batch.build().expect("a batch").to_bytes();
        let answer = produce(connection, self.topic, 0, bytes).expect("an answer");
        assert_eq!(answer.error_code, 0);
    }

    /// Twenty records of two keys, and a last one that is in the active segment.
    fn fill(&mut self, connection: &mut Connection) {
        for n in 0..10 {
            let value = format!("{n:0100}");
            self.write(connection, &[("a", Some(&value)), ("b", Some(&value))]);
        }
        self.write(connection, &[("last", Some("1"))]);
    }
}

/// Offset, key and value of every record.
fn records(connection: &mut Connection, topic: &str) -> Vec<(i64, String, Option<String>)> {
    let (mut next, mut found) = (0, Vec::new());
    loop {
        let data = fetch(connection, topic, 0, next, 1 << 20);
        assert_eq!(data.error_code, 0);
        let Some(Records::Bytes(bytes)) = data.records.filter(|_| next < data.high_watermark)
        else {
            return found;
        };
        for batch in Batches::new(bytes) {
            let (head, bytes) = batch.expect("a sound batch");
            next = head.next_offset();
            for record in scan::records(&bytes, DECOMPRESSED_LIMIT).expect("records") {
                let record = record.expect("a record");
                let text = |bytes: bytes::Bytes| String::from_utf8(bytes.to_vec()).expect("text");
                found.push((
                    record.offset,
                    text(record.key.expect("a key")),
                    record.value.map(text),
                ));
            }
        }
    }
}

fn becomes(connection: &mut Connection, topic: &str, offsets: &[i64]) {
    let mut seen = Vec::new();
    let done = wait_until(LIMIT, || {
        seen = records(connection, topic).iter().map(|it| it.0).collect();
        seen == offsets
    });
    assert!(done, "{seen:?} instead of {offsets:?}");
}

fn stays(connection: &mut Connection, topic: &str, count: usize) {
    thread::sleep(A_WHILE);
    assert_eq!(records(connection, topic).len(), count);
}

fn checkpoint(home: &Home) -> String {
    fs::read_to_string(home.data().join("cleaner-offset-checkpoint")).unwrap_or_default()
}

fn started(properties: &[&str]) -> (Home, Node, Connection) {
    let home = Home::new(properties);
    let node = home.start(&[]);
    let connection = node.connect();
    (home, node, connection)
}

/// What is left of [`Writer::fill`] into an empty topic.
const FILLED: [i64; 3] = [18, 19, 20];

#[test]
fn the_last_record_of_each_key_is_kept_and_remembered_to_be_clean() {
    let (home, node, mut connection) = started(&[SOON, "log.cleaner.min.cleanable.ratio=0.01"]);
    for topic in ["kept", "gone"] {
        compacted(&mut connection, topic);
        Writer::new(topic).fill(&mut connection);
        becomes(&mut connection, topic, &FILLED);
    }
    let line = "kept 0 20\n";
    assert!(
        wait_until(LIMIT, || checkpoint(&home).contains(line)),
        "{}",
        checkpoint(&home)
    );
    assert!(
        node.said()
            .contains("cleaned kept-0 up to offset 20 (dirty from "),
        "{}",
        node.said()
    );
    node.stop();
    let mut node = home.start(&[]);
    let mut connection = node.connect();
    becomes(&mut connection, "kept", &FILLED);
    assert_eq!(checkpoint(&home), format!("0\n2\ngone 0 20\n{line}"));
    let request = DeleteTopicsRequest {
        topic_names: vec!["gone".to_owned()],
        timeout_ms: 10_000,
        ..DeleteTopicsRequest::default()
    };
    let answer = connection.ask(5, &request).expect("an answer");
    assert_eq!(answer.responses[0].error_code, 0);
    let expected = format!("0\n1\n{line}");
    assert!(
        wait_until(LIMIT, || checkpoint(&home) == expected),
        "{}",
        checkpoint(&home)
    );
    // What is written now is dirty, and what was clean need not be known by heart.
    let mut writer = Writer::new("kept");
    writer.write(&mut connection, &[("a", Some("2")), ("a", None)]);
    for n in 0..5 {
        writer.timestamp += 60_000;
        writer.write(&mut connection, &[("last", Some(&format!("{n}")))]);
    }
    becomes(&mut connection, "kept", &[19, 22, 26, 27]);
    let said = wait_until(LIMIT, || node.said().contains("(dirty from 20)"));
    assert!(said, "{}", node.said());
    node.check();
    // A checkpoint that nobody can read costs a cleaning.
    node.stop();
    fs::write(home.data().join("cleaner-offset-checkpoint"), "nonsense").expect("a file");
    let mut node = home.start(&[]);
    assert!(
        wait_until(LIMIT, || checkpoint(&home) == "0\n1\nkept 0 27\n"),
        "{}",
        checkpoint(&home)
    );
    becomes(&mut node.connect(), "kept", &[19, 22, 26, 27]);
    node.check();
}

#[test]
fn the_configuration_of_the_topic_and_the_defaults_of_the_broker_count_at_once() {
    let (_home, mut node, mut connection) = started(&[SOON, "log.cleaner.min.cleanable.ratio=1"]);
    let connection = &mut connection;
    for (topic, key, default, value) in [
        (
            "ratio",
            "min.cleanable.dirty.ratio",
            "log.cleaner.min.cleanable.ratio",
            "0.1",
        ),
        (
            "age",
            "max.compaction.lag.ms",
            "log.cleaner.max.compaction.lag.ms",
            "1000",
        ),
    ] {
        compacted(connection, topic);
        let mut writer = Writer::new(topic);
        writer.fill(connection);
        stays(connection, topic, 21);
        alter(connection, TOPIC, topic, key, Some(value));
        becomes(connection, topic, &FILLED);
        alter(connection, TOPIC, topic, key, None);
        writer.fill(connection);
        stays(connection, topic, 24);
        alter(connection, BROKER, "", default, Some(value));
        becomes(connection, topic, &[20, 39, 40, 41]);
        alter(connection, BROKER, "", default, None);
    }
    // Young records are left alone.
    compacted(connection, "lag");
    let an_hour = Some("3600000");
    alter(connection, TOPIC, "lag", "min.compaction.lag.ms", an_hour);
    alter(
        connection,
        TOPIC,
        "lag",
        "min.cleanable.dirty.ratio",
        Some("0.1"),
    );
    Writer::new("lag").fill(connection);
    stays(connection, "lag", 21);
    alter(
        connection,
        BROKER,
        "",
        "log.cleaner.min.compaction.lag.ms",
        an_hour,
    );
    alter(connection, TOPIC, "lag", "min.compaction.lag.ms", None);
    stays(connection, "lag", 21);
    alter(
        connection,
        BROKER,
        "",
        "log.cleaner.min.compaction.lag.ms",
        None,
    );
    becomes(connection, "lag", &FILLED);
    node.check();
}

#[test]
fn tombstones_stay_for_as_long_as_it_is_said() {
    let (_home, mut node, mut connection) =
        started(&[SOON, "log.cleaner.min.cleanable.ratio=0.01"]);
    let connection = &mut connection;
    for (topic, by_broker) in [("by-topic", false), ("by-broker", true)] {
        compacted(connection, topic);
        let mut writer = Writer::new(topic);
        writer.write(connection, &[("a", Some("1"))]);
        writer.write(connection, &[("a", None)]);
        writer.write(connection, &[("b", Some("1"))]);
        becomes(connection, topic, &[1, 2]);
        writer.write(connection, &[("b", Some("2"))]);
        // The tombstone's time was set when it was first met, and is a day.
        stays(connection, topic, 3);
        let nothing = Some("0");
        if by_broker {
            alter(
                connection,
                BROKER,
                "",
                "log.cleaner.delete.retention.ms",
                nothing,
            );
        } else {
            alter(connection, TOPIC, topic, "delete.retention.ms", nothing);
        }
        writer.write(connection, &[("c", Some("1")), ("c", None)]);
        writer.write(connection, &[("d", Some("1"))]);
        becomes(connection, topic, &[1, 3, 5, 6]);
        writer.write(connection, &[("d", Some("2"))]);
        becomes(connection, topic, &[1, 3, 6, 7]);
    }
    node.check();
}

#[test]
fn the_cleaner_itself_is_configured_while_it_runs() {
    let hour = "log.cleaner.backoff.ms=3600000";
    let (_home, mut node, mut connection) = started(&[
        hour,
        "log.cleaner.dedupe.buffer.size=1048700",
        "log.cleaner.min.cleanable.ratio=0.1",
    ]);
    let connection = &mut connection;
    compacted(connection, "keys");
    let mut writer = Writer::new("keys");
    let keys: Vec<String> = (0..1000).map(|n| format!("{n}")).collect();
    let all: Vec<_> = keys.iter().map(|key| (key.as_str(), Some("1"))).collect();
    writer.write(connection, &all);
    writer.write(connection, &all);
    writer.write(connection, &[("last", None)]);
    stays(connection, "keys", 2001);
    let said = |node: &Node, what: &str| {
        let found = wait_until(LIMIT, || node.said().contains(what));
        assert!(found, "{what}: {}", node.said());
    };
    // 43,695 slots, a hundredth of which is to be used: it takes several rounds.
    let factor = "log.cleaner.io.buffer.load.factor";
    alter(connection, BROKER, "", factor, Some("0.01"));
    said(&node, "the offset map was used to 1.0 % and full");
    becomes(connection, "keys", &(1000..2001).collect::<Vec<_>>());
    // After a log the cleaner looks for the next one: it waits for an hour when it found none.
    stays(connection, "keys", 1001);
    writer.write(connection, &all);
    writer.write(connection, &[("last", None)]);
    stays(connection, "keys", 2002);
    alter(connection, BROKER, "", factor, None);
    said(&node, "the offset map was used to 2.3 % (");
    becomes(connection, "keys", &(2000..3002).collect::<Vec<_>>());
    stays(connection, "keys", 1002);
    writer.write(connection, &all);
    writer.write(connection, &[("last", None)]);
    writer.write(connection, &[("last", None)]);
    stays(connection, "keys", 2004);
    alter(
        connection,
        BROKER,
        "",
        "log.cleaner.dedupe.buffer.size",
        Some("2097400"),
    );
    said(&node, "the offset map was used to 1.1 % (");
    alter(connection, BROKER, "", "log.cleaner.backoff.ms", Some("50"));
    writer.write(connection, &all);
    writer.write(connection, &all);
    writer.write(connection, &[("last", None)]);
    let expected: Vec<_> = [4003].into_iter().chain(5004..6005).collect();
    becomes(connection, "keys", &expected);
    node.check();
}

/// How many partitions have a cleaned segment that is being written.
fn being_written(data: &Path) -> usize {
    let folders = fs::read_dir(data).expect("a folder").filter_map(Result::ok);
    folders
        .filter(|folder| {
            let entries = fs::read_dir(folder.path()).into_iter().flatten();
            let mut names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            names.any(|name| name.ends_with(".log.cleaned"))
        })
        .count()
}

#[test]
fn as_many_as_wanted_clean_as_fast_as_allowed_and_stop_at_once() {
    let slow = "log.cleaner.io.max.bytes.per.second=4000";
    let (home, node, mut connection) = started(&[SOON, slow, "log.cleaner.io.buffer.size=8192"]);
    let of = &mut connection;
    // Reading the first log takes seconds, and so does reading it again.
    for (topic, fills) in [("one", 10), ("two", 1)] {
        assert_eq!(create_topic(of, topic, 1), 0);
        alter(of, TOPIC, topic, "segment.ms", Some("60000"));
        let mut writer = Writer::new(topic);
        for _ in 0..fills {
            writer.fill(of);
        }
        writer.timestamp += 90_000;
        writer.write(of, &[("later", Some("1"))]);
    }
    alter(of, TOPIC, "one", "cleanup.policy", Some("compact"));
    assert!(wait_until(LIMIT, || being_written(&home.data()) == 1));
    alter(of, TOPIC, "two", "cleanup.policy", Some("compact"));
    thread::sleep(A_WHILE);
    assert_eq!(being_written(&home.data()), 1);
    alter(of, BROKER, "", "log.cleaner.threads", Some("2"));
    let both = wait_until(LIMIT, || being_written(&home.data()) == 2);
    assert!(both, "{}", node.said());
    let took = node.stop();
    assert!(took < Duration::from_secs(8), "{took:?}");
    assert_eq!(being_written(&home.data()), 0);
    let mut node = home.start(&[]);
    let of = &mut node.connect();
    assert_eq!(records(of, "two").len(), 22);
    alter(
        of,
        BROKER,
        "",
        "log.cleaner.io.max.bytes.per.second",
        Some("100000000"),
    );
    becomes(of, "one", &[207, 208, 209, 210]);
    becomes(of, "two", &[18, 19, 20, 21]);
    node.check();
}

#[test]
fn a_log_that_cannot_be_cleaned_is_set_aside() {
    let (home, node, mut connection) = started(&[SOON, "log.cleaner.enable=false"]);
    for topic in ["bad", "good"] {
        compacted(&mut connection, topic);
        Writer::new(topic).fill(&mut connection);
        stays(&mut connection, topic, 21);
    }
    assert!(
        node.said().contains("log.cleaner.enable=false"),
        "{}",
        node.said()
    );
    node.stop();
    let damaged = home.data().join("bad-0/00000000000000000000.log");
    let mut bytes = fs::read(&damaged).expect("a segment");
    let last = bytes.len() - 1;
    // A record says that it has many headers.
    bytes[last] = 0x7e;
    fs::write(&damaged, bytes).expect("a segment");
    let mut node = home.start(&["log.cleaner.enable=true"]);
    let mut connection = node.connect();
    becomes(&mut connection, "good", &FILLED);
    let complaint = "bad-0 cannot be cleaned";
    assert!(
        wait_until(LIMIT, || node.said().contains(complaint)),
        "{}",
        node.said()
    );
    thread::sleep(A_WHILE);
    let said = node.said();
    assert_eq!(said.matches(complaint).count(), 1, "{said}");
    assert!(
        said.contains("00000000000000000000.log at byte 0"),
        "{said}"
    );
    node.check();
}
