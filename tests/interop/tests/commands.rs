//! Our own commands against Apache Kafka: what they send and read, and what they say about its files.

use std::{
    io::Write,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use ottla_interop::{
    clients::{self, CODECS, assert_same, java_consume, java_topics, ottla},
    dump::assert_dumps_are_the_same,
    lines::log_lines,
    server::{Kind, Node, ottla_binary},
};

const LINES: usize = 100_000;

fn ottla_consume(address: &str, topic: &str) -> Vec<u8> {
    let count = LINES.to_string();
    let arguments = ["consume", topic, "--bootstrap-server", address];
    let mut consume = ottla(&arguments);
    consume.args([
        "--from-beginning",
        "--timeout-ms",
        "10000",
        "--max-messages",
        &count,
    ]);
    clients::run(&consume)
}

fn topics(address: &str, arguments: &[&str]) -> String {
    let mut topics = ottla(&["topics"]);
    topics.args(arguments).args(["--bootstrap-server", address]);
    String::from_utf8(clients::run(&topics)).expect("UTF-8")
}

/// Feeds `lines` in pieces, with a pause after each, to `ottla produce`; `meanwhile` runs after the tenth piece.
fn produce(
    address: &str,
    arguments: &[&str],
    lines: &[u8],
    pause: Duration,
    meanwhile: impl FnOnce(),
) {
    let mut child = Command::new(ottla_binary().expect("ottla"))
        .args(["produce", "--bootstrap-server", address])
        .args(arguments)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ottla starts");
    let mut input = child.stdin.take().expect("piped");
    let mut meanwhile = Some(meanwhile);
    for (number, piece) in lines.chunks(lines.len().div_ceil(100)).enumerate() {
        if number == 10
            && let Some(meanwhile) = meanwhile.take()
        {
            meanwhile();
        }
        input.write_all(piece).expect("it reads");
        thread::sleep(pause);
    }
    drop(input);
    let ended = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{}: {said}", ended.status);
}

/// Lines without blanks at their ends, for tools that list in different orders.
fn sorted_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn lines_come_back_as_they_were_with_each_compression() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let server = Node::new(&dir.path().join("node"), &[]).start(Kind::Kafka);
    let address = server.address();
    for (codec, seed) in CODECS.iter().zip(31..) {
        let lines = log_lines(seed, LINES);
        let topic = format!("ottla-{codec}");
        topics(&address, &["create", &topic, "--partitions", "1"]);
        let arguments = [topic.as_str(), "--compression", codec];
        produce(&address, &arguments, &lines, Duration::ZERO, || {});
        assert_same(
            &format!("{codec}: ottla"),
            &lines,
            &ottla_consume(&address, &topic),
        );
        let read = java_consume(&address, &topic, LINES);
        assert_same(&format!("{codec}: java"), &lines, &read);
    }
    let (ours, theirs) = (
        topics(&address, &["describe"]),
        java_topics(&address, &["--describe"]),
    );
    assert_eq!(sorted_lines(&ours), sorted_lines(&theirs));
    server.stop();
}

#[test]
fn a_broker_that_is_killed_and_comes_back_has_every_line_once() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = Node::new(&dir.path().join("node"), &[]);
    let server = node.start(Kind::Kafka);
    let address = node.address();
    topics(&address, &["create", "killed", "--partitions", "1"]);
    let lines = log_lines(41, LINES);
    let mut again = None;
    let pause = Duration::from_millis(20);
    produce(
        &address,
        &["killed", "--compression", "lz4"],
        &lines,
        pause,
        || {
            server.kill();
            again = Some(node.start(Kind::Kafka));
        },
    );
    assert_same("killed", &lines, &ottla_consume(&address, "killed"));
    again.expect("started").stop();
}

#[test]
fn dumps_are_those_of_apache_kafka() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = Node::new(
        &dir.path().join("node"),
        &[
            "log.segment.bytes=1048576",
            "offsets.topic.num.partitions=2",
        ],
    );
    let server = node.start(Kind::Kafka);
    let address = server.address();
    topics(
        &address,
        &[
            "create",
            "dumped",
            "--partitions",
            "2",
            "--config",
            "retention.ms=-1",
        ],
    );
    let lines = log_lines(51, 20_000);
    for codec in ["none", "zstd"] {
        let arguments = ["dumped", "--compression", codec];
        produce(&address, &arguments, &lines, Duration::ZERO, || {});
    }
    let mut group = Command::new("kcat");
    group.args([
        "-b",
        &address,
        "-G",
        "a-group",
        "-X",
        "auto.offset.reset=earliest",
        "-e",
        "-q",
        "dumped",
    ]);
    clients::run(&group);
    server.stop();
    let data = node.data();
    let whole = ["log", "index", "timeindex", "snapshot", "checkpoint"];
    for (partition, suffixes, option) in [
        ("dumped-", &whole[..], "--print-data-log"),
        ("dumped-", &whole[..1], "--deep-iteration"),
        (
            "__cluster_metadata-",
            &["log", "checkpoint"],
            "--cluster-metadata-decoder",
        ),
        ("__consumer_offsets-", &["log"], "--offsets-decoder"),
    ] {
        assert_dumps_are_the_same(&data, partition, suffixes, option);
    }
}
