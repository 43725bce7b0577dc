//! The common mistakes of docs/guides/mistakes.md: one command names the cause of each.

use std::{fs, io::Write, net::TcpStream, process::Command};

use bytes::Bytes;
use ottla_interop::{raw::Connection, server::ottla_binary};
use ottla_wire::{
    Records,
    errors::Code,
    messages::{
        CreatePartitionsRequest, CreateTopicsRequest, DeleteGroupsRequest, EndTxnRequest,
        FetchRequest, FindCoordinatorRequest, InitProducerIdRequest, JoinGroupRequest,
        JoinGroupResponse, MetadataRequest, OffsetCommitRequest, ProduceRequest,
        create_partitions_request::CreatePartitionsTopic,
        create_topics_request::CreatableTopic,
        fetch_request::{FetchPartition, FetchTopic},
        join_group_request::JoinGroupRequestProtocol,
        metadata_request::MetadataRequestTopic,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        produce_request::{PartitionProduceData, TopicProduceData},
    },
    records::{BatchBuilder, Codec},
};

use crate::site::{Site, ask, topic};

/// A record's time that no rule objects to.
pub(crate) const NOW_MS: i64 = 1_700_000_000_000;

pub(crate) fn produce(to: &mut Connection, topic: &str, acks: i16, value: &[u8], time_ms: i64) {
    let mut builder = BatchBuilder::new(Codec::None);
    builder
        .append(time_ms, None, Some(value), &[])
        .expect("a record");
    let batch = builder.build().expect("a batch");
    let bytes = [batch.header().as_ref(), batch.payload().as_ref()].concat();
    let request = ProduceRequest {
        acks,
        timeout_ms: 5_000,
        topic_data: vec![TopicProduceData {
            name: topic.to_owned(),
            partition_data: vec![PartitionProduceData {
                records: Some(Records::from(Bytes::from(bytes))),
                ..PartitionProduceData::default()
            }],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    };
    // Before version 8 the answer has no text, so the journal is all there is.
    ask(to, 7, &request);
}

fn create(to: &mut Connection, topics: Vec<CreatableTopic>) {
    let request = CreateTopicsRequest {
        topics,
        timeout_ms: 10_000,
        ..CreateTopicsRequest::default()
    };
    ask(to, 7, &request);
}

fn fetch(to: &mut Connection, topic: &str, partition: i32, offset: i64) {
    let request = FetchRequest {
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: vec![FetchTopic {
            topic: topic.to_owned(),
            partitions: vec![FetchPartition {
                partition,
                fetch_offset: offset,
                partition_max_bytes: 1 << 20,
                ..FetchPartition::default()
            }],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    };
    ask(to, 11, &request);
}

#[test]
fn producers() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::start(dir.path(), &["socket.request.max.bytes=1000000"]);
    site.create("small", 1, &[("max.message.bytes", "200")]);
    site.create("keyed", 1, &[("cleanup.policy", "compact")]);
    let mut to = site.connect();
    // No topic, and none is created.
    let request = MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            name: Some("payments".to_owned()),
            ..MetadataRequestTopic::default()
        }]),
        ..MetadataRequest::default()
    };
    ask(&mut to, 8, &request);
    let words = ["no topic payments", "auto.create.topics.enable is false"];
    site.shows(&["--topic", "payments"], &words);
    // A message that is too large for the topic.
    produce(&mut to, "small", 1, &[b'x'; 500], NOW_MS);
    let words = ["MESSAGE_TOO_LARGE", "max.message.bytes", "200"];
    site.shows(&["--topic", "small"], &words);
    // A request that is too large for the broker.
    let mut stream = TcpStream::connect(site.server.address()).expect("connects");
    stream
        .write_all(&2_000_000_u32.to_be_bytes())
        .expect("writes");
    let words = [
        "a request of 2000000 bytes",
        "socket.request.max.bytes is 1000000",
    ];
    site.shows(&[], &words);
    // No key where records are compacted by key.
    produce(&mut to, "keyed", 1, b"x", NOW_MS);
    site.shows(&["--topic", "keyed"], &["INVALID_RECORD", "key"]);
    // Acks that there are not.
    produce(&mut to, "small", 2, b"x", NOW_MS);
    let words = ["acks is 2, and must be -1 (all), 0 or 1"];
    site.shows(&["--code", "INVALID_REQUIRED_ACKS"], &words);
    // A clock that is wrong.
    produce(&mut to, "small", 1, b"x", 40_000_000_000_000);
    site.shows(&["--code", "INVALID_TIMESTAMP"], &["40000000000000"]);
    site.server.stop();
}

#[test]
fn transactions() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::start(dir.path(), &[]);
    let mut to = site.connect();
    let init = |timeout| InitProducerIdRequest {
        transactional_id: Some("transfers".to_owned()),
        transaction_timeout_ms: timeout,
        ..InitProducerIdRequest::default()
    };
    coordinator(&site, "transfers", 1);
    let mut first = ask(&mut to, 4, &init(60_000));
    for _ in 0..600 {
        if first.error_code == 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
        first = ask(&mut to, 4, &init(60_000));
    }
    assert_eq!(first.error_code, 0, "{first:?}");
    // A timeout that the broker does not allow.
    ask(&mut to, 4, &init(99_000_000));
    let words = [
        "transfers",
        "99000000",
        "transaction.max.timeout.ms",
        "900000",
    ];
    site.shows(&["--code", "INVALID_TRANSACTION_TIMEOUT"], &words);
    // Two producers with one transactional id.
    let second = ask(&mut to, 4, &init(60_000));
    assert_eq!(second.error_code, 0, "{second:?}");
    let end = EndTxnRequest {
        transactional_id: "transfers".to_owned(),
        producer_id: first.producer_id,
        producer_epoch: first.producer_epoch,
        committed: true,
        ..EndTxnRequest::default()
    };
    ask(&mut to, 3, &end);
    site.shows(&["--request", "EndTxn"], &["PRODUCER_FENCED", "transfers"]);
    site.server.stop();
}

fn coordinator(site: &Site, key: &str, key_type: i8) {
    let request = FindCoordinatorRequest {
        key: key.to_owned(),
        key_type,
        ..FindCoordinatorRequest::default()
    };
    let mut to = site.connect();
    for _ in 0..600 {
        if ask(&mut to, 3, &request).error_code == 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("no coordinator");
}

fn join(to: &mut Connection, kind: &str, session_ms: i32) -> JoinGroupResponse {
    let request = JoinGroupRequest {
        group_id: "readers".to_owned(),
        session_timeout_ms: session_ms,
        rebalance_timeout_ms: 60_000,
        protocol_type: kind.to_owned(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".to_owned(),
            ..JoinGroupRequestProtocol::default()
        }],
        ..JoinGroupRequest::default()
    };
    ask(to, 3, &request)
}

#[test]
fn groups() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::start(dir.path(), &[]);
    site.create("orders", 2, &[]);
    let mut to = site.connect();
    coordinator(&site, "readers", 0);
    let mut member = join(&mut to, "consumer", 30_000);
    for _ in 0..600 {
        if member.error_code == 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
        member = join(&mut to, "consumer", 30_000);
    }
    assert_eq!(member.error_code, 0, "{member:?}");
    // A group of another type.
    join(&mut to, "connect", 30_000);
    let words = ["INCONSISTENT_GROUP_PROTOCOL", "\"connect\"", "another type"];
    site.shows(&["--group", "readers"], &words);
    // A session timeout that the broker does not allow.
    join(&mut to, "consumer", 100);
    let words = [
        "session.timeout.ms of the client is 100",
        "group.min.session.timeout.ms is 6000",
    ];
    site.shows(&["--group", "readers"], &words);
    // A commit after the group went on without the member.
    let commit = OffsetCommitRequest {
        group_id: "readers".to_owned(),
        generation_id_or_member_epoch: member.generation_id + 7,
        member_id: member.member_id.clone(),
        topics: vec![OffsetCommitRequestTopic {
            name: "orders".to_owned(),
            partitions: vec![OffsetCommitRequestPartition::default()],
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    };
    ask(&mut to, 7, &commit);
    site.shows(
        &["--request", "OffsetCommit"],
        &["ILLEGAL_GENERATION", "readers"],
    );
    // A group that is deleted while it is used.
    let delete = DeleteGroupsRequest {
        groups_names: vec!["readers".to_owned()],
        ..DeleteGroupsRequest::default()
    };
    ask(&mut to, 2, &delete);
    let words = ["NON_EMPTY_GROUP", "group readers"];
    site.shows(&["--request", "DeleteGroups"], &words);
    // An offset that retention deleted, or that was never there, and a partition that is not there.
    fetch(&mut to, "orders", 0, 17);
    let words = ["OFFSET_OUT_OF_RANGE", "offset 17", "partition 0"];
    site.shows(&["--topic", "orders"], &words);
    fetch(&mut to, "orders", 9, 0);
    let words = ["topic orders has 2 partitions, 0 to 1; 9 is none of them"];
    site.shows(&["--topic", "orders"], &words);
    site.server.stop();
}

#[test]
fn topics() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::start(dir.path(), &[]);
    site.create("orders", 2, &[]);
    let mut to = site.connect();
    create(&mut to, vec![topic("three", 1, 3, &[])]);
    let words = ["INVALID_REPLICATION_FACTOR", "3 replica", "1 broker"];
    site.shows(&["--topic", "three"], &words);
    create(&mut to, vec![topic("my topic", 1, 1, &[])]);
    site.shows(&["--code", "17"], &["'my topic' is no topic name"]);
    create(&mut to, vec![topic("orders", 1, 1, &[])]);
    site.shows(&["--topic", "orders"], &["TOPIC_ALREADY_EXISTS"]);
    create(&mut to, vec![topic("typo", 1, 1, &[("retention", "1")])]);
    site.shows(&["--topic", "typo"], &["INVALID_CONFIG", "retention"]);
    let fewer = CreatePartitionsRequest {
        topics: vec![CreatePartitionsTopic {
            name: "orders".to_owned(),
            count: 1,
            ..CreatePartitionsTopic::default()
        }],
        timeout_ms: 10_000,
        ..CreatePartitionsRequest::default()
    };
    ask(&mut to, 3, &fewer);
    site.shows(&["--code", "INVALID_PARTITIONS"], &["orders", "2"]);
    site.server.stop();
}

#[test]
fn connections() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::start(
        dir.path(),
        &["advertised.listeners=PLAINTEXT://no-such-host.invalid:9092"],
    );
    let words = [
        "wrong advertised listener",
        "sends its clients to no-such-host.invalid:9092",
        "set advertised.listeners",
    ];
    site.shows(&[], &words);
    let send = |bytes: &[u8]| {
        let mut stream = TcpStream::connect(site.server.address()).expect("connects");
        stream.write_all(bytes).expect("writes");
    };
    send(&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);
    site.shows(&[], &["a TLS handshake", "security.protocol"]);
    send(b"GET /metrics HTTP/1.1\r\n\r\n");
    site.shows(&[], &["an HTTP request"]);
    // SaslHandshake 1 for PLAIN.
    send(b"\0\0\0\x11\0\x11\0\x01\0\0\0\x01\0\0\0\x05PLAIN");
    site.shows(&[], &["the client wants to log in with SASL"]);
    // Produce 2.
    send(&[0, 0, 0, 10, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0]);
    site.shows(
        &["--code", "35"],
        &["Produce v2", "older than Apache Kafka 2.1"],
    );
    site.server.stop();
}

#[test]
fn starts() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::start(dir.path(), &[]);
    let serve = |properties: &std::path::Path| {
        let done = Command::new(ottla_binary().expect("a binary"))
            .arg("serve")
            .arg(properties)
            .output()
            .expect("runs");
        assert!(!done.status.success());
        String::from_utf8_lossy(&done.stderr).into_owned()
    };
    // The directory is in use by another node.
    let used = serve(&dir.path().join("server.properties"));
    assert!(used.contains("lock"), "{used}");
    let text = fs::read_to_string(dir.path().join("server.properties")).expect("reads");
    let elsewhere = |name: &str| {
        let lines = text.lines().map(|line| match line.split_once('=') {
            Some(("log.dirs", _)) => format!("log.dirs={}", dir.path().join(name).display()),
            _ => line.to_owned(),
        });
        let properties = dir.path().join(format!("{name}.properties"));
        let lines: Vec<_> = lines.collect();
        fs::write(&properties, lines.join("\n")).expect("writes");
        properties
    };
    // The directory is not formatted.
    let properties = elsewhere("new");
    fs::create_dir(dir.path().join("new")).expect("a folder");
    let new = serve(&properties);
    assert!(
        new.contains("is not formatted: run `ottla format`"),
        "{new}"
    );
    // The port is in use.
    let formatted = Command::new(ottla_binary().expect("a binary"))
        .args([
            "format",
            "--standalone",
            "--cluster-id",
            "b3R0bGEtb3JhY2xlLTAwMA",
            "-c",
        ])
        .arg(&properties)
        .output()
        .expect("runs");
    assert!(formatted.status.success(), "{formatted:?}");
    let port = serve(&properties);
    assert!(port.contains("is in use by another process"), "{port}");
    site.server.stop();
}

#[test]
fn faults_have_a_number_that_the_log_knows() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::start(dir.path(), &[]);
    // Neither name nor id: Apache Kafka fails, and has no code for it.
    let request = MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            name: None,
            ..MetadataRequestTopic::default()
        }]),
        ..MetadataRequest::default()
    };
    let answer = ask(&mut site.connect(), 12, &request);
    assert_eq!(answer.topics[0].error_code, Code::UNKNOWN_SERVER_ERROR.0);
    let found = site.entries(&["--code", "-1"]);
    let incident = found[0]["incident"].as_str().expect("an incident");
    let log = fs::read_to_string(dir.path().join("ottla.log")).expect("a log");
    let lines: Vec<_> = log.lines().filter(|line| line.contains(incident)).collect();
    assert_eq!(lines.len(), 1, "{log}");
    for word in [
        "ERROR",
        "without name and id",
        "version=12",
        "MetadataRequest {",
    ] {
        assert!(lines[0].contains(word), "{word}: {}", lines[0]);
    }
    // A client that tries again and again does not fill the log: the number stays, and the journal counts.
    let mut to = site.connect();
    for _ in 0..300 {
        ask(&mut to, 12, &request);
    }
    let found = site.entries(&["--code", "-1"]);
    let last = found.last().expect("an entry");
    // Every answer has the code twice: for the topic, and for the whole.
    assert_eq!(last["incident"].as_str(), Some(incident), "{found:?}");
    assert_eq!(last["count"].as_u64(), Some(2 * 301), "{found:?}");
    let log = fs::read_to_string(dir.path().join("ottla.log")).expect("a log");
    let lines = log.lines().filter(|line| line.contains("incident="));
    // More than one only if all of this took minutes.
    assert!(lines.count() <= 10, "{log}");
    site.server.stop();
}
