//! Our own commands against Apache Kafka: what they send and read, and what they say about its files.

use std::{
    collections::BTreeSet,
    io::Write,
    ops::Range,
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use ottla_client::{Admin, Isolation, TopicPartition, admin::OffsetSpec};
use ottla_interop::{
    clients::{self, CODECS, assert_same, java_consume, java_topics, ottla},
    dump::assert_dumps_are_the_same,
    lines::log_lines,
    oracle::wait_until,
    own_client::{cluster, read},
    server::{Kind, Node, ottla_binary},
};
use tokio::runtime::Runtime;

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

/// `ottla produce`, which waits for lines.
fn producing(address: &str, arguments: &[&str]) -> Child {
    Command::new(ottla_binary().expect("ottla"))
        .args(["produce", "--bootstrap-server", address])
        .args(arguments)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ottla starts")
}

/// Feeds `lines` in pieces, with a pause after each, to `ottla produce`; `meanwhile` runs after the tenth piece.
fn produce(
    address: &str,
    arguments: &[&str],
    lines: &[u8],
    pause: Duration,
    meanwhile: impl FnOnce(),
) {
    let mut child = producing(address, arguments);
    let mut input = child.stdin.take().expect("piped");
    let mut meanwhile = Some(meanwhile);
    for (number, piece) in lines.chunks(lines.len().div_ceil(100)).enumerate() {
        if number == 10
            && let Some(meanwhile) = meanwhile.take()
        {
            meanwhile();
        }
        // One that ended says why below.
        if input.write_all(piece).is_err() {
            break;
        }
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

/// How long records that were accepted may be on their way.
const SENT_LIMIT: Duration = Duration::from_secs(30);
/// Lines of one transaction.
const MANY: usize = 5_000;

/// A topic of one partition, and who reads it.
struct Reader<'a> {
    runtime: &'a Runtime,
    address: &'a str,
    topic: &'a str,
}

impl Reader<'_> {
    fn values(&self, isolation: Isolation) -> BTreeSet<String> {
        let read = read(self.address, isolation, self.topic, &[0]);
        let read = self.runtime.block_on(read).into_iter();
        read.map(|(_, value)| value).collect()
    }

    fn end(&self) -> i64 {
        let at = TopicPartition::new(self.topic, 0);
        let asked = [(at, OffsetSpec::Latest)];
        let admin = Admin::new(cluster(self.address));
        let listed = admin.list_offsets(&asked, Isolation::ReadUncommitted);
        let (_, listed) = self.runtime.block_on(listed).expect("asked").remove(0);
        listed.expect("an end").offset
    }

    /// Begins a transaction with lines of these numbers, and waits until the partition ends at `end`.
    fn begin(&self, numbers: Range<usize>, end: i64) -> Child {
        let arguments = [
            self.topic,
            "--transactional-id",
            self.topic,
            "--key-separator",
            "=",
        ];
        let mut child = producing(self.address, &arguments);
        let input = child.stdin.as_mut().expect("piped");
        input
            .write_all(lines(numbers).as_bytes())
            .expect("it reads");
        self.await_end(end);
        child
    }

    /// Markers come when all is said, too.
    fn await_end(&self, end: i64) {
        let is_there = wait_until(SENT_LIMIT, || self.end() == end);
        assert!(is_there, "{} ends at {}, not {end}", self.topic, self.end());
    }
}

fn line(number: usize) -> String {
    format!("line {number}")
}

fn lines(numbers: Range<usize>) -> String {
    numbers
        .map(|number| format!("key={}\n", line(number)))
        .collect()
}

/// Its input ends, with what is to be said last.
fn finish(mut child: Child, last: &str) -> Output {
    let mut input = child.stdin.take().expect("piped");
    input.write_all(last.as_bytes()).expect("it reads");
    drop(input);
    child.wait_with_output().expect("it ends")
}

#[test]
fn lines_are_one_transaction_on_apache_kafka() {
    lines_are_one_transaction(Kind::Kafka);
}

#[test]
fn lines_are_one_transaction_on_ottla() {
    lines_are_one_transaction(Kind::Ottla);
}

fn lines_are_one_transaction(kind: Kind) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let server = Node::new(&dir.path().join("node"), &[]).start(kind);
    let address = server.address();
    topics(&address, &["create", "whole", "--partitions", "1"]);
    let reader = Reader {
        runtime: &Runtime::new().expect("a runtime"),
        address: &address,
        topic: "whole",
    };
    let committed = || reader.values(Isolation::ReadCommitted);
    let whole: BTreeSet<String> = (0..MANY).map(line).collect();
    // A marker ends each transaction.
    let end = MANY as i64;
    let child = reader.begin(0..MANY, end);
    assert!(committed().is_empty(), "its input has not ended");
    let ended = finish(child, "");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{}: {said}", ended.status);
    reader.await_end(end + 1);
    assert_eq!(committed(), whole);

    let child = reader.begin(MANY..MANY + 3, end + 4);
    let ended = finish(child, "no separator\n");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success(), "a line that is none: {said}");
    assert!(said.contains("line 4: no key separator"), "{said}");
    reader.await_end(end + 5);
    assert_eq!(committed(), whole);

    let mut child = reader.begin(MANY + 3..MANY + 6, end + 8);
    // Its input goes on: only the signal ends it.
    let input = child.stdin.take();
    let mut interrupt = Command::new("kill");
    clients::run(interrupt.args(["-INT", &child.id().to_string()]));
    let status = child.wait().expect("it ends");
    assert!(!status.success(), "{status}");
    drop(input);
    reader.await_end(end + 9);
    assert_eq!(committed(), whole);
    let all = reader.values(Isolation::ReadUncommitted);
    assert_eq!(all, (0..MANY + 6).map(line).collect());
    server.stop();
}

/// The exit code of an ottla that nobody answers, and what it wrote and complained of.
fn offline(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = ottla(&["--bootstrap-server", "127.0.0.1:1"]);
    let ended = command.args(arguments).output().expect("ottla starts");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (
        ended.status.code(),
        text(&ended.stdout),
        text(&ended.stderr),
    )
}

#[test]
fn error_codes_are_explained_without_a_broker() {
    for arguments in [
        &["explain", "3"][..],
        &["explain", "unknown_topic_or_partition"],
        &["explain", "UnknownTopicOrPartitionException"],
        &["explain", "Broker:", "Unknown", "topic", "or", "partition"],
        &["explain", "UNKNOWN_TOPIC_OR_PARTITON"],
        &[
            "explain",
            "WARN [Producer clientId=p] Got error produce response, retrying: UNKNOWN_TOPIC_OR_PARTITION (Sender)",
        ],
    ] {
        let (code, out, complaint) = offline(arguments);
        assert_eq!((code, complaint.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(out.starts_with("3 UNKNOWN_TOPIC_OR_PARTITION\n"), "{out}");
    }
    let (_, out, _) = offline(&["explain", "-1"]);
    assert!(out.starts_with("-1 UNKNOWN_SERVER_ERROR\n"), "{out}");

    let two = "TOPIC_ALREADY_EXISTS and then RebalanceInProgressException";
    let (code, out, _) = offline(&["explain", "--json", two]);
    let pages: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let codes = pages.as_array().expect("an array").iter();
    let codes: Vec<_> = codes.map(|page| page["code"].clone()).collect();
    assert_eq!((code, codes), (Some(0), vec![36.into(), 27.into()]));
    assert_eq!(pages[1]["class"], "rejoin");
    assert_eq!(
        pages[0]["sent"][0]["requests"][0]["request"],
        "CreateTopics"
    );
    let (_, out, _) = offline(&["explain", two]);
    assert!(out.starts_with("  36 TOPIC_ALREADY_EXISTS: "), "{out}");

    for (nothing, nearest) in [
        ("137", "CONTROLLER_ID_NOT_REGISTERED (136)"),
        ("xyzzy", "("),
    ] {
        let (code, out, complaint) = offline(&["explain", nothing]);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{complaint}");
        assert!(complaint.contains(nearest), "{complaint}");
    }
    assert_eq!(offline(&["explain"]).0, Some(2));
}

#[test]
fn error_codes_are_listed_by_class_request_and_state() {
    let json = |arguments: &[&str]| {
        let (code, out, complaint) = offline(&[&["errors", "--json"], arguments].concat());
        assert_eq!(code, Some(0), "{complaint}");
        serde_json::from_str::<serde_json::Value>(&out).expect("JSON")
    };
    let codes = |arguments: &[&str]| {
        let listed = json(arguments);
        let errors = listed["errors"].as_array().expect("an array").clone();
        let codes = errors.iter().filter_map(|page| page["code"].as_i64());
        codes.collect::<Vec<i64>>()
    };
    assert_eq!(codes(&[]), (-1..=136).collect::<Vec<i64>>());
    assert_eq!(codes(&["--retriable"]).len(), 32);
    assert_eq!(codes(&["--class", "ok"]), [0]);
    assert_eq!(codes(&["--state", "client-only"]), [13]);
    assert_eq!(
        codes(&["--request", "24"]),
        codes(&["--request", "addpartitionstotxn"])
    );
    let transactional = codes(&["--request", "AddPartitionsToTxn", "--retriable"]);
    assert!(transactional.contains(&51) && !transactional.contains(&90));
    let counts = json(&[])["counts"].as_object().expect("counts").clone();
    let sum: i64 = counts.values().filter_map(serde_json::Value::as_i64).sum();
    assert_eq!((counts.len(), sum), (5, 138));

    let (_, out, _) = offline(&["errors", "--class", "fenced"]);
    assert!(out.contains("\n  90 PRODUCER_FENCED "), "{out}");
    assert!(out.contains("\n9 codes: "), "{out}");
    let (_, printed, _) = offline(&["errors", "--markdown"]);
    let reference = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/reference/errors.md"
    );
    assert_eq!(
        printed,
        std::fs::read_to_string(reference).expect("the reference")
    );

    for wrong in [
        &["--class", "odd"][..],
        &["--state", "odd"],
        &["--request", "Odd"],
        &["--markdown", "--retriable"],
    ] {
        let (code, ..) = offline(&[&["errors"], wrong].concat());
        assert_eq!(code, Some(2), "{wrong:?}");
    }
}
