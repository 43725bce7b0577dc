//! `ottla transactions` beside Apache Kafka's own tool: the same lines about the same transactions, and what it proposes
//! for a partition that is held back frees it.

use ottla_client::{
    Admin, ClientError, GroupMetadata, Isolation, Producer, ProducerConfig, TopicPartition,
    admin::{CommittedOffset, OffsetSpec},
};
use ottla_interop::{
    clients::{self, create_topic, ottla},
    oracle::Home,
    own_client::{cluster, hang, send_to, transactional},
    server::{Kind, Node, ottla_binary},
};
use serde_json::Value;
use tokio::runtime::Runtime;

/// Columns that tell the time at which the tool ran.
const MOMENTS: [&str; 2] = ["TransactionDurationMs", "Duration(min)"];

fn try_ours(address: &str, arguments: &[&str]) -> Result<String, String> {
    let mut command = ottla(&["transactions", "--bootstrap-server", address]);
    command.args(arguments);
    clients::try_run(&command).map(|out| String::from_utf8(out).expect("UTF-8"))
}

fn ours(address: &str, arguments: &[&str]) -> String {
    try_ours(address, arguments).unwrap_or_else(|why| panic!("{why}"))
}

fn theirs(address: &str, arguments: &[&str]) -> String {
    let mut java = Home::find()
        .tool("org.apache.kafka.tools.TransactionsCommand")
        .unwrap_or_else(|why| panic!("{why}"));
    java.args(["--bootstrap-server", address]).args(arguments);
    String::from_utf8(clients::run(&java)).expect("UTF-8")
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
    let properties = [
        "transaction.state.log.num.partitions=3",
        "offsets.topic.num.partitions=3",
        // So that a transaction can hang at all.
        "transaction.partition.verification.enable=false",
    ];
    let server = Node::new(&dir.path().join("node"), &properties).start(kind);
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
