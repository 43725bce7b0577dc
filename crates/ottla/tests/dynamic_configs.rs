//! Configurations that change while the node runs count from then on, for topics that are already there: the default of
//! all brokers, and the broker's own before it.
#![allow(clippy::disallowed_methods)] // A test waits by the clock.

mod node;

use std::{
    fs, thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use node::{
    Connection, Home, Node,
    data::{batch, create_topic, fetch, produce},
    wait_until,
};
use ottla_wire::{
    Records,
    messages::{
        ApiVersionsRequest, DescribeProducersRequest, IncrementalAlterConfigsRequest,
        describe_producers_request::TopicRequest,
        incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
    },
    records::{Batch, BatchBuilder, Codec, TimestampType},
};

const TOPIC: &str = "there-before";
const BROKER: i8 = 4;
const ALL_BROKERS: &str = "";
const THIS_BROKER: &str = "1";
const MESSAGE_TOO_LARGE: i16 = 10;
const LIMIT: Duration = Duration::from_secs(15);

/// Sets a key, or takes it back; counts when this returns.
fn alter(connection: &mut Connection, broker: &str, key: &str, value: Option<&str>) {
    let request = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: BROKER,
            resource_name: broker.to_owned(),
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

fn started(properties: &[&str]) -> (Home, Node, Connection) {
    let home = Home::new(properties);
    let node = home.start(&[]);
    let mut connection = node.connect();
    assert_eq!(create_topic(&mut connection, TOPIC, 1), 0);
    (home, node, connection)
}

/// Writes a value of this many bytes: the error code.
fn write(connection: &mut Connection, size: usize) -> i16 {
    let records = batch(Codec::None, &[&vec![b'x'; size]]).to_bytes();
    produce(connection, TOPIC, 0, records)
        .expect("an answer")
        .error_code
}

/// The batch that [`write`] wrote last.
fn last_batch(connection: &mut Connection) -> Batch {
    let end = fetch(connection, TOPIC, 0, 0, 1).high_watermark;
    match fetch(connection, TOPIC, 0, end - 1, 1 << 20).records {
        Some(Records::Bytes(bytes)) => Batch::first(&bytes).expect("a batch"),
        other => panic!("{other:?}"),
    }
}

fn segments(home: &Home) -> usize {
    let entries = fs::read_dir(home.data().join(format!("{TOPIC}-0"))).expect("a partition");
    entries
        .filter(|entry| {
            let path = entry.as_ref().expect("an entry").path();
            path.extension().is_some_and(|kind| kind == "log")
        })
        .count()
}

#[test]
fn what_a_batch_must_obey() {
    let (_home, mut node, mut connection) = started(&["message.max.bytes=5000"]);
    let connection = &mut connection;
    let key = "message.max.bytes";
    assert_eq!(write(connection, 4000), 0);
    assert_eq!(write(connection, 6000), MESSAGE_TOO_LARGE);
    alter(connection, ALL_BROKERS, key, Some("7000"));
    assert_eq!(write(connection, 6000), 0);
    alter(connection, THIS_BROKER, key, Some("1000"));
    assert_eq!(write(connection, 4000), MESSAGE_TOO_LARGE);
    alter(connection, THIS_BROKER, key, None);
    assert_eq!(write(connection, 6000), 0);
    alter(connection, ALL_BROKERS, key, None);
    assert_eq!(write(connection, 6000), MESSAGE_TOO_LARGE);
    node.check();
}

#[test]
fn what_becomes_of_a_batch() {
    let (_home, mut node, mut connection) = started(&[]);
    let connection = &mut connection;
    let written = |of: &mut Connection| {
        assert_eq!(write(of, 500), 0);
        let attributes = last_batch(of).attributes();
        (attributes.codec(), attributes.timestamp_type())
    };
    let (create, append) = (TimestampType::CreateTime, TimestampType::LogAppendTime);
    assert_eq!(written(connection), (Some(Codec::None), create));
    alter(connection, ALL_BROKERS, "compression.type", Some("zstd"));
    assert_eq!(written(connection), (Some(Codec::Zstd), create));
    alter(connection, THIS_BROKER, "compression.type", Some("gzip"));
    let key = "log.message.timestamp.type";
    alter(connection, ALL_BROKERS, key, Some("LogAppendTime"));
    assert_eq!(written(connection), (Some(Codec::Gzip), append));
    alter(connection, THIS_BROKER, "compression.type", None);
    alter(connection, THIS_BROKER, key, Some("CreateTime"));
    assert_eq!(written(connection), (Some(Codec::Zstd), create));
    node.check();
}

#[test]
fn when_segments_begin_and_go() {
    let (home, mut node, mut connection) = started(&[
        "log.retention.ms=-1",
        "log.initial.task.delay.ms=1000",
        "log.retention.check.interval.ms=1000",
    ]);
    let connection = &mut connection;
    for _ in 0..3 {
        assert_eq!(write(connection, 700_000), 0);
    }
    assert_eq!(segments(&home), 1);
    alter(
        connection,
        ALL_BROKERS,
        "log.segment.bytes",
        Some("1048576"),
    );
    for _ in 0..2 {
        assert_eq!(write(connection, 700_000), 0);
    }
    assert_eq!(segments(&home), 3);
    // The records are years old, and nobody minded.
    thread::sleep(Duration::from_secs(2));
    assert_eq!(fetch(connection, TOPIC, 0, 0, 1).log_start_offset, 0);
    alter(
        connection,
        THIS_BROKER,
        "log.retention.ms",
        Some("86400000"),
    );
    let gone = wait_until(LIMIT, || {
        fetch(connection, TOPIC, 0, 5, 1).log_start_offset == 5
    });
    assert!(gone, "{}", node.said());
    node.check();
}

#[test]
fn who_may_connect() {
    let (_home, mut node, mut connection) = started(&[]);
    let connection = &mut connection;
    let admits = |node: &Node| {
        // Without a place it waits for one.
        let mut another = node.connect().patience(Duration::from_secs(1));
        another.ask(0, &ApiVersionsRequest::default()).is_ok()
    };
    for key in ["max.connections.per.ip", "max.connections"] {
        assert!(admits(&node));
        alter(connection, ALL_BROKERS, key, Some("1"));
        assert!(!admits(&node), "{key}");
        alter(connection, THIS_BROKER, key, Some("3"));
        assert!(wait_until(LIMIT, || admits(&node)), "{key}");
        alter(connection, THIS_BROKER, key, None);
        assert!(!admits(&node), "{key}");
        alter(connection, ALL_BROKERS, key, None);
        assert!(wait_until(LIMIT, || admits(&node)), "{key}");
    }
    let overrides = "max.connections.per.ip.overrides";
    alter(connection, ALL_BROKERS, overrides, Some("127.0.0.1:1"));
    assert!(wait_until(LIMIT, || !admits(&node)));
    alter(connection, ALL_BROKERS, overrides, Some("127.0.0.2:1"));
    assert!(wait_until(LIMIT, || admits(&node)));
    node.check();
}

#[test]
fn how_long_producers_are_remembered() {
    let (_home, mut node, mut connection) =
        started(&["producer.id.expiration.check.interval.ms=1000"]);
    let connection = &mut connection;
    let producers = |connection: &mut Connection| {
        let request = DescribeProducersRequest {
            topics: vec![TopicRequest {
                name: TOPIC.to_owned(),
                partition_indexes: vec![0],
                ..TopicRequest::default()
            }],
            ..DescribeProducersRequest::default()
        };
        let answer = connection.ask(0, &request).expect("an answer");
        answer.topics[0].partitions[0].active_producers.len()
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let mut builder = BatchBuilder::new(Codec::None).producer(4000, 0, 0);
    builder
        .append(now.as_millis() as i64, None, Some(b"x"), &[])
        .expect("a record");
    let records = builder.build().expect("a batch").to_bytes();
    let written = produce(connection, TOPIC, 0, records).expect("an answer");
    assert_eq!(written.error_code, 0);
    thread::sleep(Duration::from_secs(3));
    assert_eq!(producers(connection), 1);
    alter(
        connection,
        ALL_BROKERS,
        "producer.id.expiration.ms",
        Some("1000"),
    );
    assert!(
        wait_until(LIMIT, || producers(connection) == 0),
        "{}",
        node.said()
    );
    node.check();
}
