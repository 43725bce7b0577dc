//! What the server under test leaves on disk after a mixed day is sound to Apache Kafka's own tool: every log, index,
//! producer state, and the metadata with its snapshots.

use std::{fs, path::Path, process::Command};

use ottla_interop::{
    clients::{self, CODECS, assert_same, create_topic, kcat_consume, kcat_produce},
    dump,
    lines::log_lines,
    raw::Connection,
    server::{Kind, Node},
};
use ottla_wire::messages::{
    DeleteRecordsRequest, DeleteTopicsRequest, IncrementalAlterConfigsRequest,
    delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic},
    delete_topics_request::DeleteTopicState,
    incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
};

const LINES: usize = 12_000;
/// Each adds some 60 bytes to the metadata log: enough for several snapshots.
const CHANGES: i64 = 900;

fn produce_idempotently(address: &str, topic: &str, file: &Path) {
    let mut kcat = Command::new("kcat");
    kcat.args(["-P", "-b", address, "-t", topic, "-p", "0", "-z", "lz4"]);
    kcat.args(["-X", "enable.idempotence=true", "-l"]).arg(file);
    clients::run(&kcat);
}

/// Sets a retention that lets everything live.
fn alter(connection: &mut Connection, topic: &str, number: i64) {
    let request = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: 2,
            resource_name: topic.to_owned(),
            configs: vec![AlterableConfig {
                name: "retention.ms".to_owned(),
                config_operation: 0,
                value: Some((604_800_000 + number).to_string()),
                ..AlterableConfig::default()
            }],
            ..AlterConfigsResource::default()
        }],
        ..IncrementalAlterConfigsRequest::default()
    };
    let answer = connection
        .ask(1, &request)
        .expect("IncrementalAlterConfigs");
    assert_eq!(answer.responses[0].error_code, 0, "{answer:?}");
}

fn delete_records(connection: &mut Connection, topic: &str, offset: i64) {
    let request = DeleteRecordsRequest {
        topics: vec![DeleteRecordsTopic {
            name: topic.to_owned(),
            partitions: vec![DeleteRecordsPartition {
                partition_index: 0,
                offset,
                ..DeleteRecordsPartition::default()
            }],
            ..DeleteRecordsTopic::default()
        }],
        timeout_ms: 10_000,
        ..DeleteRecordsRequest::default()
    };
    let answer = connection.ask(2, &request).expect("DeleteRecords");
    let partition = &answer.topics[0].partitions[0];
    assert_eq!((partition.error_code, partition.low_watermark), (0, offset));
}

fn delete_topic(connection: &mut Connection, topic: &str) {
    let request = DeleteTopicsRequest {
        topics: vec![DeleteTopicState {
            name: Some(topic.to_owned()),
            ..DeleteTopicState::default()
        }],
        timeout_ms: 10_000,
        ..DeleteTopicsRequest::default()
    };
    let answer = connection.ask(6, &request).expect("DeleteTopics");
    assert_eq!(answer.responses[0].error_code, 0, "{answer:?}");
}

fn count(data: &Path, partition: &str, suffix: &str) -> usize {
    let entries = fs::read_dir(data.join(partition)).expect("a partition");
    entries
        .filter(|entry| {
            let name = entry.as_ref().expect("an entry").file_name();
            name.to_string_lossy().ends_with(suffix)
        })
        .count()
}

#[test]
fn what_is_left_of_a_mixed_day_is_sound() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = Node::new(
        &dir.path().join("node"),
        &[
            "log.segment.bytes=1048576",
            "log.index.interval.bytes=1000",
            "metadata.log.max.record.bytes.between.snapshots=20000",
            // Segments of deleted records go when retention is first looked at: not in a slow day either.
            "log.initial.task.delay.ms=3600000",
        ],
    );
    let address = node.address();
    let input = log_lines(61, LINES);
    let file = clients::file(dir.path(), "lines", &input);
    for day in 0..2 {
        let server = node.start(Kind::under_test());
        let connection = &mut Connection::new(&address);
        for codec in CODECS {
            let topic = format!("mixed-{codec}");
            if day == 0 {
                create_topic(&address, &topic, 2, &[]);
            }
            kcat_produce(&address, &topic, codec, &file);
        }
        if day == 0 {
            create_topic(&address, "recompressed", 1, &["compression.type=zstd"]);
            create_topic(&address, "deleted", 3, &[]);
        }
        produce_idempotently(&address, "recompressed", &file);
        delete_records(connection, "mixed-none", (day + 1) * LINES as i64 - 7);
        for number in 0..CHANGES {
            alter(connection, "mixed-gzip", day * CHANGES + number);
        }
        if day == 0 {
            kcat_produce(&address, "deleted", "none", &file);
            delete_topic(connection, "deleted");
        } else {
            let twice = [&input[..], &input[..]].concat();
            let read = kcat_consume(&address, "mixed-snappy", 0, "%s\n");
            assert_same("mixed-snappy", &twice, &read);
        }
        server.stop();
        let checked = dump::check(&node.data(), &[]).unwrap_or_else(|why| panic!("{why}"));
        assert!(
            checked.logs >= 12 && checked.producer_states >= 1,
            "{checked:?}"
        );
        let snapshots = count(&node.data(), "__cluster_metadata-0", ".checkpoint");
        assert!(snapshots > 1, "{snapshots} snapshots");
    }
    let segments =
        count(&node.data(), "recompressed-0", ".log") + count(&node.data(), "mixed-none-0", ".log");
    assert!(segments > 2, "{segments} segments");
}
