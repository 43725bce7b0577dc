//! A data directory that Apache Kafka wrote is served: records, offsets, topics, configurations and features are what
//! Apache Kafka said they were, at the first start and at the next; and its own tool reads every file afterwards.

use std::{collections::BTreeMap, fmt::Write as _, process::Command, time::Duration};

use bytes::Bytes;
use ottla_interop::{
    clients::assert_same,
    dump, fixture,
    oracle::wait_until,
    raw::Connection,
    server::{Kind, Server},
};
use ottla_wire::{
    Records,
    messages::{
        ApiVersionsRequest, DescribeConfigsRequest, FetchRequest, ListOffsetsRequest,
        MetadataRequest,
        describe_configs_request::DescribeConfigsResource,
        fetch_request::{FetchPartition, FetchTopic},
        list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
    },
    records::{Batches, DECOMPRESSED_LIMIT, Record, TimestampType, scan},
};
use serde_json::{Value, json};

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const READ_COMMITTED: i8 = 1;

fn offset(
    connection: &mut Connection,
    row: &BTreeMap<String, String>,
    timestamp: i64,
    isolation: i8,
) -> i64 {
    let request = ListOffsetsRequest {
        replica_id: -1,
        isolation_level: isolation,
        topics: vec![ListOffsetsTopic {
            name: row["topic"].clone(),
            partitions: vec![ListOffsetsPartition {
                partition_index: row["partition"].parse().expect("partition"),
                current_leader_epoch: -1,
                timestamp,
                ..ListOffsetsPartition::default()
            }],
            ..ListOffsetsTopic::default()
        }],
        ..ListOffsetsRequest::default()
    };
    let answer = connection.ask(9, &request).expect("ListOffsets");
    let partition = &answer.topics[0].partitions[0];
    assert_eq!(partition.error_code, 0, "{row:?}");
    partition.offset
}

/// The topic whose last transaction is open.
const LEFT_OPEN: &str = "fx-txn-open";
/// The longest that it may stay so; Apache Kafka looks every 10 s.
const ABORT_LIMIT: Duration = Duration::from_secs(30);

/// Rows like those of `records.tsv`: everything from `from` to `end`.
fn records(
    connection: &mut Connection,
    topic: &str,
    partition: i32,
    from: i64,
    end: i64,
) -> String {
    let (mut text, mut at) = (String::new(), from);
    while at < end {
        let request = FetchRequest {
            max_wait_ms: 500,
            min_bytes: 1,
            topics: vec![FetchTopic {
                topic: topic.to_owned(),
                partitions: vec![FetchPartition {
                    partition,
                    fetch_offset: at,
                    // Small, so that it takes several.
                    partition_max_bytes: 2000,
                    ..FetchPartition::default()
                }],
                ..FetchTopic::default()
            }],
            ..FetchRequest::default()
        };
        let answer = connection.ask(12, &request).expect("Fetch");
        let found = &answer.responses[0].partitions[0];
        assert_eq!(found.error_code, 0, "{topic}-{partition} at {at}");
        let Some(Records::Bytes(bytes)) = &found.records else {
            panic!("{topic}-{partition} at {at}: no records");
        };
        let before = at;
        for batch in Batches::new(bytes.clone()) {
            let (head, bytes) = batch.expect("a batch");
            scan::check_crc(&bytes).expect("CRC");
            if !head.attributes.is_control() {
                let records = scan::records(&bytes, DECOMPRESSED_LIMIT).expect("records");
                for record in records.map(|record| record.expect("a record")) {
                    if record.offset >= at {
                        let kind = match head.timestamp_type() {
                            Some(TimestampType::LogAppendTime) => "LogAppendTime",
                            _ => "CreateTime",
                        };
                        row(
                            &mut text,
                            topic,
                            partition,
                            &record,
                            kind,
                            head.leader_epoch,
                        );
                    }
                }
            }
            at = head.next_offset();
        }
        assert!(at > before, "{topic}-{partition} does not get on at {at}");
    }
    text
}

fn cell(bytes: Option<&Bytes>) -> String {
    bytes.map_or("\\N".to_owned(), |bytes| {
        String::from_utf8_lossy(bytes).into_owned()
    })
}

fn row(text: &mut String, topic: &str, partition: i32, record: &Record, kind: &str, epoch: i32) {
    let headers: Vec<String> = record
        .headers
        .iter()
        .map(|header| format!("{}={}", header.name(), cell(header.value.as_ref())))
        .collect();
    let (key, value) = (cell(record.key.as_ref()), cell(record.value.as_ref()));
    let (offset, timestamp) = (record.offset, record.timestamp);
    let headers = headers.join(",");
    let _ = writeln!(
        text,
        "{topic}\t{partition}\t{offset}\t{timestamp}\t{kind}\t{epoch}\t{key}\t{value}\t{headers}"
    );
}

fn check_records(connection: &mut Connection) {
    let (mut expected, mut found, mut all) = (String::new(), String::new(), String::new());
    for row in fixture::rows("logs.tsv") {
        let (topic, partition) = (&row["topic"], &row["partition"]);
        let (log_start, mut log_end, mut last_stable) = (
            row["logStart"].clone(),
            row["endOffset"].clone(),
            row["lastStable"].clone(),
        );
        if topic == LEFT_OPEN {
            // Its transaction has timed out long ago: it is aborted as soon as its coordinator is there, by a marker.
            let marker: i64 = log_end.parse().expect("an offset");
            log_end = (marker + 1).to_string();
            last_stable.clone_from(&log_end);
            let is_stable = || offset(connection, &row, LATEST, READ_COMMITTED) == marker + 1;
            assert!(wait_until(ABORT_LIMIT, is_stable), "{topic} stays open");
        }
        let start = offset(connection, &row, EARLIEST, 0);
        let end = offset(connection, &row, LATEST, 0);
        let stable = offset(connection, &row, LATEST, READ_COMMITTED);
        let _ = writeln!(
            expected,
            "{topic}-{partition} {log_start} {log_end} {last_stable}"
        );
        let _ = writeln!(found, "{topic}-{partition} {start} {end} {stable}");
        all += &records(
            connection,
            topic,
            partition.parse().expect("partition"),
            start,
            end,
        );
    }
    assert_same("offsets", expected.as_bytes(), found.as_bytes());
    let text = fixture::expected("records.tsv");
    let (_, expected) = text.split_once('\n').expect("a header");
    assert_eq!(expected.lines().count(), 813);
    assert_same("records", expected.as_bytes(), all.as_bytes());
}

fn check_topics(connection: &mut Connection, cluster: &Value) {
    let answer = connection
        .ask(
            12,
            &MetadataRequest {
                topics: None,
                ..MetadataRequest::default()
            },
        )
        .expect("Metadata");
    assert_eq!(answer.cluster_id.as_deref(), cluster["clusterId"].as_str());
    let mut topics = serde_json::Map::new();
    for topic in &answer.topics {
        assert_eq!(topic.error_code, 0, "{topic:?}");
        for partition in &topic.partitions {
            assert_eq!(
                (partition.error_code, partition.leader_id),
                (0, 1),
                "{topic:?}"
            );
        }
        let name = topic.name.clone().expect("a name");
        let about = json!({
            "id": topic.topic_id.to_string(),
            "internal": topic.is_internal,
            "partitions": topic.partitions.len(),
        });
        topics.insert(name, about);
    }
    assert_eq!(Value::Object(topics), cluster["topics"]);
}

fn check_features(connection: &mut Connection, cluster: &Value) {
    let request = ApiVersionsRequest {
        client_software_name: "interop".to_owned(),
        client_software_version: "1".to_owned(),
        ..ApiVersionsRequest::default()
    };
    let answer = connection.ask(4, &request).expect("ApiVersions");
    let features = answer.finalized_features.iter();
    let found: serde_json::Map<String, Value> = features
        .map(|feature| (feature.name.clone(), json!(feature.max_version_level)))
        .collect();
    assert_eq!(Value::Object(found), cluster["features"]);
}

/// Resource types and sources of values, as the protocol numbers them.
const RESOURCES: [(&str, i8); 4] = [
    ("TOPIC", 2),
    ("BROKER", 4),
    ("CLIENT_METRICS", 16),
    ("GROUP", 32),
];
const SOURCES: [(i8, &str); 5] = [
    (1, "DYNAMIC_TOPIC_CONFIG"),
    (2, "DYNAMIC_BROKER_CONFIG"),
    (3, "DYNAMIC_DEFAULT_BROKER_CONFIG"),
    (7, "DYNAMIC_CLIENT_METRICS_CONFIG"),
    (8, "DYNAMIC_GROUP_CONFIG"),
];

fn check_configs(connection: &mut Connection, cluster: &Value) {
    let expected = cluster["dynamicConfigs"]
        .as_object()
        .expect("configurations");
    assert!(expected.len() > 15);
    for (resource, values) in expected {
        let (kind, name) = resource.split_once(' ').expect("a type and a name");
        let (_, number) = RESOURCES
            .iter()
            .find(|(of, _)| *of == kind)
            .expect("a type");
        let request = DescribeConfigsRequest {
            resources: vec![DescribeConfigsResource {
                resource_type: *number,
                resource_name: name.to_owned(),
                ..DescribeConfigsResource::default()
            }],
            ..DescribeConfigsRequest::default()
        };
        let answer = connection.ask(4, &request).expect("DescribeConfigs");
        let result = &answer.results[0];
        assert_eq!(result.error_code, 0, "{resource}: {result:?}");
        let mut found = serde_json::Map::new();
        for config in &result.configs {
            let source = SOURCES.iter().find(|(of, _)| *of == config.config_source);
            // A topic's inherits some from the broker's; those are listed there.
            let Some((_, source)) = source.filter(|(of, _)| kind != "TOPIC" || *of == 1) else {
                continue;
            };
            let value = config.value.as_deref().unwrap_or_default();
            found.insert(config.name.clone(), json!(format!("{source}={value}")));
        }
        assert_eq!(&Value::Object(found), values, "{resource}");
    }
}

/// A client of somebody else's reads it too.
fn check_with_kcat(server: &Server) {
    let mut kcat = Command::new("kcat");
    kcat.args([
        "-C",
        "-q",
        "-e",
        "-b",
        &server.address(),
        "-t",
        "fx-zstd",
        "-o",
        "beginning",
    ]);
    kcat.args(["-X", "check.crcs=true", "-f", "%o %T\n"]);
    let read = ottla_interop::clients::run(&kcat);
    let mut expected = String::new();
    for number in 0..100_i64 {
        let _ = writeln!(expected, "{number} {}", 1_750_000_000_000 + 1000 * number);
    }
    assert_same("kcat", expected.as_bytes(), &read);
}

#[test]
fn a_directory_of_apache_kafka_is_served_as_it_was() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = fixture::node(&dir.path().join("node"));
    let cluster: Value = serde_json::from_str(&fixture::expected("cluster.json")).expect("JSON");
    for _ in 0..2 {
        let server = node.start(Kind::under_test());
        let connection = &mut Connection::new(&node.address());
        check_records(connection);
        check_topics(connection, &cluster);
        check_features(connection, &cluster);
        check_configs(connection, &cluster);
        check_with_kcat(&server);
        server.stop();
        let compacted = ["fx-compact-", "__"];
        let checked = dump::check(&node.data(), &compacted).unwrap_or_else(|why| panic!("{why}"));
        assert!(checked.logs >= 29 && checked.metadata >= 3, "{checked:?}");
    }
}
