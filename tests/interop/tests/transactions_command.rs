//! `ottla transactions` beside Apache Kafka's own tool: the same lines about the same transactions, the same ends of them,
//! and what it proposes for a partition that is held back frees it.

use std::{collections::BTreeSet, time::Duration};

use ottla_client::{
    Admin, ClientError, GroupMetadata, Isolation, Producer, ProducerConfig, TopicPartition,
    admin::{CommittedOffset, OffsetSpec, TransactionState},
};
use ottla_interop::{
    clients::{self, create_topic, ottla},
    oracle::{Home, wait_until},
    own_client::{cluster, hang, read, send_to, transactional},
    server::{Kind, Node, ottla_binary},
};
use serde_json::Value;
use tokio::runtime::Runtime;

/// Columns that tell the time at which the tool ran.
const MOMENTS: [&str; 2] = ["TransactionDurationMs", "Duration(min)"];
/// How long markers may be under way.
const MARKERS_LIMIT: Duration = Duration::from_secs(10);
const PROPERTIES: [&str; 3] = [
    "transaction.state.log.num.partitions=3",
    "offsets.topic.num.partitions=3",
    // So that a transaction can hang at all.
    "transaction.partition.verification.enable=false",
];

fn try_ours(address: &str, arguments: &[&str]) -> Result<String, String> {
    let mut command = ottla(&["transactions", "--bootstrap-server", address]);
    command.args(arguments);
    clients::try_run(&command).map(|out| String::from_utf8(out).expect("UTF-8"))
}

fn ours(address: &str, arguments: &[&str]) -> String {
    try_ours(address, arguments).unwrap_or_else(|why| panic!("{why}"))
}

fn try_theirs(address: &str, arguments: &[&str]) -> Result<String, String> {
    let mut java = Home::find()
        .tool("org.apache.kafka.tools.TransactionsCommand")
        .unwrap_or_else(|why| panic!("{why}"));
    java.args(["--bootstrap-server", address]).args(arguments);
    clients::try_run(&java).map(|out| String::from_utf8(out).expect("UTF-8"))
}

fn theirs(address: &str, arguments: &[&str]) -> String {
    try_theirs(address, arguments).unwrap_or_else(|why| panic!("{why}"))
}

/// The header, then the rows in order; partitions in order too, and no moments.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut lines = text.lines().map(|line| {
        let cells = line.strip_suffix('\t').unwrap_or(line).split('\t');
        cells.map(str::to_owned).collect::<Vec<String>>()
    });
    let headers = lines.next().expect("a header");
    let mut rows: Vec<Vec<String>> = lines.collect();
    for row in &mut rows {
        assert_eq!(row.len(), headers.len(), "{text}");
        for (header, cell) in headers.iter().zip(row) {
            let header = header.trim_end();
            if MOMENTS.contains(&header) && cell.trim_end() != "None" {
                *cell = "moment".into();
            } else if header == "TopicPartitions" {
                let mut all: Vec<&str> = cell.trim_end().split(',').collect();
                all.sort_unstable();
                *cell = all.join(",");
            }
        }
    }
    rows.sort();
    let mut all = vec![
        headers
            .iter()
            .map(|header| {
                // Its width is that of the moment.
                let name = header.trim_end();
                if MOMENTS.contains(&name) {
                    name
                } else {
                    header
                }
                .to_owned()
            })
            .collect(),
    ];
    all.extend(rows);
    all
}

fn assert_same(address: &str, arguments: &[&str], count: usize) {
    let (kafka, own) = (theirs(address, arguments), ours(address, arguments));
    assert_eq!(rows(&kafka), rows(&own), "{arguments:?}:\n{kafka}\n{own}");
    assert_eq!(own.lines().count(), count + 1, "{arguments:?}:\n{own}");
}

fn stuck(address: &str) -> Vec<Value> {
    let said: Value = serde_json::from_str(&ours(address, &["stuck", "--json"])).expect("JSON");
    said.as_array().expect("an array").clone()
}

/// Runs a command that `stuck` proposed, as a shell does.
fn follow(remedy: &str) {
    let binary = ottla_binary().unwrap_or_else(|why| panic!("{why}"));
    let arguments = remedy.strip_prefix("ottla ").expect("a command of ottla");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &format!("{} {arguments}", binary.display())]);
    clients::run(&shell);
}

/// Last stable offset and high watermark.
fn ends(runtime: &Runtime, address: &str, at: &TopicPartition) -> (i64, i64) {
    let admin = Admin::new(cluster(address));
    let of = |isolation| {
        let asked = [(at.clone(), OffsetSpec::Latest)];
        let listed = runtime.block_on(admin.list_offsets(&asked, isolation));
        let (_, listed) = listed.expect("asked").remove(0);
        listed.expect("an offset").offset
    };
    (of(Isolation::ReadCommitted), of(Isolation::ReadUncommitted))
}

/// Producers of every kind; the last is in the middle of a transaction.
async fn producers(address: &str) -> Vec<Producer> {
    let done = transactional(address, "done").await;
    done.begin_transaction().expect("begun");
    send_to(&done, "t", &[0], "kept").await;
    done.commit_transaction().await.expect("committed");
    let dropped = transactional(address, "dropped-of-a-long-name").await;
    dropped.begin_transaction().expect("begun");
    send_to(&dropped, "t", &[0, 1], "dropped").await;
    dropped.abort_transaction().await.expect("aborted");
    let idle = transactional(address, "idle").await;
    let plain = Producer::open(cluster(address), ProducerConfig::default())
        .await
        .expect("a producer");
    send_to(&plain, "t", &[1], "plain").await;
    let open = transactional(address, "it's open").await;
    open.begin_transaction().expect("begun");
    send_to(&open, "t", &[0, 1], "open").await;
    let offset = CommittedOffset {
        offset: 1,
        leader_epoch: None,
        metadata: String::new(),
    };
    let offsets = [(TopicPartition::new("t", 0), offset)];
    let group = GroupMetadata::of("g");
    open.send_offsets(&offsets, &group).await.expect("sent");
    vec![done, dropped, idle, plain, open]
}

#[test]
fn tables_and_remedies_on_apache_kafka() {
    tables_are_those_of_kafka_transactions_and_remedies_help(Kind::Kafka);
}

#[test]
fn tables_and_remedies_on_ottla() {
    tables_are_those_of_kafka_transactions_and_remedies_help(Kind::Ottla);
}

fn tables_are_those_of_kafka_transactions_and_remedies_help(kind: Kind) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let server = Node::new(&dir.path().join("node"), &PROPERTIES).start(kind);
    let address = server.address();
    create_topic(&address, "t", 3, &[]);
    let runtime = Runtime::new().expect("a runtime");
    assert_same(&address, &["list"], 0);
    let producers = runtime.block_on(producers(&address));
    lists_and_descriptions(&address);
    let at = |index| TopicPartition::new("t", index);
    runtime.block_on(async {
        hang(&address, &at(0), 4_242).await;
        hang(&address, &at(1), 4_343).await;
        hang(&address, &at(2), 4_444).await;
    });
    assert_same(
        &address,
        &["describe-producers", "--topic", "t", "--partition", "2"],
        1,
    );
    what_hangs_is_found_and_aborted(&address);
    remedies_help(&runtime, &address);
    for index in 0..3 {
        let (stable, high) = ends(&runtime, &address, &at(index));
        assert_eq!(stable, high, "partition {index} is free");
    }
    let open = producers.last().expect("a producer");
    let error = runtime.block_on(open.commit_transaction());
    let error = error.expect_err("it was terminated");
    assert!(matches!(error, ClientError::MustClose { .. }), "{error}");
    drop(producers);
    server.stop();
}

fn lists_and_descriptions(address: &str) {
    assert_same(address, &["list"], 4);
    // Only what began less than a day ago is left out: what never began stays.
    assert_same(address, &["list", "--duration-filter", "1"], 4);
    let day = theirs(address, &["list", "--duration-filter", "86400000"]);
    assert_same(
        address,
        &["list", "--duration-filter", "86400000"],
        day.lines().count() - 1,
    );
    assert!(!day.contains("it's open"), "{day}");
    let pattern = |pattern| ["list", "--transactional-id-pattern", pattern];
    assert_same(address, &pattern("d.*"), 2);
    assert!(try_ours(address, &pattern("(")).is_err());
    for id in ["dropped-of-a-long-name", "it's open"] {
        assert_same(address, &["describe", "--transactional-id", id], 1);
    }
    let missing = try_ours(address, &["describe", "--transactional-id", "nobody"]);
    assert!(
        missing
            .expect_err("an id that is not there")
            .contains("TRANSACTIONAL_ID_NOT_FOUND")
    );
    let producers = |more: &[&'static str]| {
        let mut all = vec!["describe-producers", "--topic", "t", "--partition"];
        all.extend(more);
        all
    };
    assert_same(address, &producers(&["0"]), 3);
    assert_same(address, &producers(&["1"]), 3);
    assert_same(address, &producers(&["2", "--broker-id", "1"]), 0);
}

fn what_hangs_is_found_and_aborted(address: &str) {
    let find = [
        "find-hanging",
        "--topic",
        "t",
        "--max-transaction-timeout",
        "0",
    ];
    assert_same(address, &find, 3);
    assert_same(address, &["find-hanging", "--topic", "t"], 0);
    let mut one = find.to_vec();
    one.extend(["--partition", "2"]);
    assert_same(address, &one, 1);
    let by_broker = [
        "find-hanging",
        "--broker-id",
        "1",
        "--max-transaction-timeout",
        "0",
    ];
    assert_same(address, &by_broker, 3);
    let abort = [
        "abort",
        "--topic",
        "t",
        "--partition",
        "2",
        "--start-offset",
    ];
    let with = |offset| [&abort[..], &[offset]].concat();
    let wrong = try_ours(address, &with("7")).expect_err("an epoch that is not the one");
    assert!(wrong.contains("open ones begin at 0"), "{wrong}");
    assert_eq!(ours(address, &with("0")), "");
    assert_same(address, &one, 0);
}

/// What is still held: partitions 0 and 1 by a hanging transaction and an open one, and the offsets of a group.
fn remedies_help(runtime: &Runtime, address: &str) {
    let held = stuck(address);
    let text = ours(address, &["list", "--stuck"]);
    let names: Vec<String> = held
        .iter()
        .map(|one| {
            format!(
                "{}-{}",
                one["topic"].as_str().expect("a topic"),
                one["partition"]
            )
        })
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names[0].starts_with("__consumer_offsets-"), "{names:?}");
    assert_eq!(names[1..], ["t-0", "t-1"]);
    for one in &held {
        let at = TopicPartition::new(
            one["topic"].as_str().expect("a topic"),
            one["partition"].as_i64().expect("a number") as i32,
        );
        let (stable, high) = ends(runtime, address, &at);
        assert_eq!(one["lastStableOffset"], stable);
        assert_eq!(one["highWatermark"], high);
        let first = &one["holders"][0];
        assert_eq!(first["producer"]["transactionStartOffset"], stable);
        assert_eq!(first["hanging"], false);
        assert_eq!(first["transaction"]["transactionalId"], "it's open");
        assert_eq!(first["transaction"]["state"], "Ongoing");
        assert_eq!(first["sinceMs"], first["transaction"]["startTimeMs"]);
        let remedy = first["remedy"].as_str().expect("a remedy");
        assert!(text.contains(remedy), "{text}");
    }
    let remedy = held[1]["holders"][0]["remedy"].as_str().expect("a remedy");
    follow(remedy);
    let held = stuck(address);
    assert_eq!(held.len(), 2, "only what hangs is left: {held:?}");
    for one in held {
        let holders = one["holders"].as_array().expect("holders");
        assert_eq!(holders.len(), 1, "{one}");
        assert_eq!(holders[0]["hanging"], true);
        assert_eq!(holders[0]["transaction"], Value::Null);
        follow(holders[0]["remedy"].as_str().expect("a remedy"));
    }
    assert!(stuck(address).is_empty());
}

/// Either tool: its output, or what it said when it failed.
type Tool = fn(&str, &[&str]) -> Result<String, String>;

#[test]
fn both_tools_end_transactions_on_apache_kafka() {
    both_tools_end_transactions(Kind::Kafka);
}

#[test]
fn both_tools_end_transactions_on_ottla() {
    both_tools_end_transactions(Kind::Ottla);
}

fn both_tools_end_transactions(kind: Kind) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let server = Node::new(&dir.path().join("node"), &PROPERTIES).start(kind);
    let address = server.address();
    let runtime = Runtime::new().expect("a runtime");
    let tools: [(&str, Tool); 2] = [("by-theirs", try_theirs), ("by-ours", try_ours)];
    for (topic, tool) in tools {
        create_topic(&address, topic, 3, &[]);
        ends_what_hangs(&runtime, &address, topic, tool);
        ends_what_is_open(&runtime, &address, topic, tool);
    }
    server.stop();
}

/// Partitions 0 and 1 are held by transactions that no coordinator knows.
fn ends_what_hangs(runtime: &Runtime, address: &str, topic: &str, tool: Tool) {
    let at = |index| TopicPartition::new(topic, index);
    runtime.block_on(async {
        let done = transactional(address, &format!("done {topic}")).await;
        done.begin_transaction().expect("begun");
        send_to(&done, topic, &[0, 1, 2], "kept").await;
        done.commit_transaction().await.expect("committed");
    });
    for index in [0, 1, 2] {
        await_ends(runtime, address, &at(index), (2, 2));
    }
    runtime.block_on(async {
        hang(address, &at(0), 5_000).await;
        hang(address, &at(1), 5_001).await;
    });
    // A record and its marker, then the one that hangs.
    let held = (2, 3);
    let abort = |index: &str, which: &[&str]| {
        let of = ["abort", "--topic", topic, "--partition", index];
        tool(address, &[&of[..], which].concat())
    };
    for wrong in [&["--start-offset", "0"][..], &["--producer-id", "5000"]] {
        abort("0", wrong).expect_err("it says no open transaction");
    }
    let unknown = tool(address, &["abort", "--topic", topic, "--partition", "0"]);
    unknown.expect_err("it says no transaction at all");
    for index in [0, 1] {
        assert_eq!(ends(runtime, address, &at(index)), held, "{topic}-{index}");
    }
    assert_eq!(abort("0", &["--start-offset", "2"]).as_deref(), Ok(""));
    assert_eq!(ends(runtime, address, &at(0)), (4, 4));
    assert_eq!(ends(runtime, address, &at(1)), held, "nobody asked for it");
    let producer = ["--producer-id", "5001", "--producer-epoch", "0"];
    let by_producer = [&producer[..], &["--coordinator-epoch", "7"]].concat();
    assert_eq!(abort("1", &by_producer).as_deref(), Ok(""));
    assert_eq!(ends(runtime, address, &at(1)), (4, 4));
    // A coordinator that was replaced since has nothing to say.
    let older = [&producer[..], &["--coordinator-epoch", "6"]].concat();
    let fenced = abort("1", &older).expect_err("an older coordinator");
    assert!(fenced.to_lowercase().contains("fenced"), "{fenced}");
    assert_eq!(ends(runtime, address, &at(1)), (4, 4));
    let kept = values(&[(0, "kept"), (1, "kept"), (2, "kept")]);
    let hung = values(&[(0, "hanging"), (1, "hanging")]);
    runtime.block_on(async {
        let committed = read(address, Isolation::ReadCommitted, topic, &[0, 1, 2]).await;
        assert_eq!(committed, kept);
        let all = read(address, Isolation::ReadUncommitted, topic, &[0, 1, 2]).await;
        assert_eq!(all, &kept | &hung);
    });
}

fn values(of: &[(i32, &str)]) -> BTreeSet<(i32, String)> {
    let each = of
        .iter()
        .map(|(index, value)| (*index, (*value).to_owned()));
    each.collect()
}

/// Apache Kafka writes markers after it has answered.
fn await_ends(runtime: &Runtime, address: &str, at: &TopicPartition, expected: (i64, i64)) {
    let is_there = || ends(runtime, address, at) == expected;
    if !wait_until(MARKERS_LIMIT, is_there) {
        assert_eq!(ends(runtime, address, at), expected, "{at:?}");
    }
}

/// Partition 2 and an offset of a group are held by an open transaction, whose producer is alive.
fn ends_what_is_open(runtime: &Runtime, address: &str, topic: &str, tool: Tool) {
    let id = format!("open {topic}");
    let at = TopicPartition::new(topic, 2);
    let offset = |offset| [(at.clone(), CommittedOffset::at(offset))];
    let group = GroupMetadata::of(topic);
    let open = runtime.block_on(async {
        let open = transactional(address, &id).await;
        open.begin_transaction().expect("begun");
        send_to(&open, topic, &[2], "before").await;
        open.send_offsets(&offset(1), &group).await.expect("sent");
        open.commit_transaction().await.expect("committed");
        open
    });
    await_ends(runtime, address, &at, (4, 4));
    runtime.block_on(async {
        open.begin_transaction().expect("begun");
        send_to(&open, topic, &[2], "dropped").await;
        open.send_offsets(&offset(3), &group).await.expect("sent");
    });
    assert_eq!(ends(runtime, address, &at), (4, 5));
    assert_eq!(state(runtime, address, &id), TransactionState::Ongoing);
    let terminate = ["forceTerminateTransaction", "--transactionalId", &id];
    assert_eq!(tool(address, &terminate).as_deref(), Ok(""));
    // As after a producer that has taken the id over.
    assert_eq!(state(runtime, address, &id), TransactionState::Empty);
    assert_eq!(ends(runtime, address, &at), (6, 6));
    runtime.block_on(async {
        let error = open.commit_transaction().await;
        let error = error.expect_err("it was terminated");
        assert!(matches!(error, ClientError::MustClose { .. }), "{error}");
        let asked = vec![(topic.to_owned(), Some(vec![at.clone()]))];
        let admin = Admin::new(cluster(address));
        let mut listed = admin.list_group_offsets(asked, true).await.expect("asked");
        let (_, offsets) = listed.remove(0);
        let (_, stable) = offsets.expect("a group").remove(0);
        assert_eq!(stable.expect("it is stable"), Some(CommittedOffset::at(1)));
        // The id is free for the next.
        let next = transactional(address, &id).await;
        next.begin_transaction().expect("begun");
        send_to(&next, topic, &[2], "after").await;
        next.commit_transaction().await.expect("committed");
    });
    await_ends(runtime, address, &at, (8, 8));
    runtime.block_on(async {
        let committed = read(address, Isolation::ReadCommitted, topic, &[2]).await;
        let kept = values(&[(2, "kept"), (2, "before"), (2, "after")]);
        assert_eq!(committed, kept);
    });
}

/// Of a transactional id, once nothing of it is under way.
fn state(runtime: &Runtime, address: &str, id: &str) -> TransactionState {
    let admin = Admin::new(cluster(address));
    let mut last = None;
    wait_until(MARKERS_LIMIT, || {
        let described = runtime.block_on(admin.describe_transactions(vec![id.to_owned()]));
        let (_, described) = described.expect("asked").remove(0);
        let state = described.expect("an id").state;
        let settled = !matches!(
            state,
            TransactionState::PrepareCommit | TransactionState::PrepareAbort
        );
        last = Some(state);
        settled
    });
    last.expect("a state")
}
