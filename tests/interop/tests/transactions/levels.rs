//! The levels of `transaction.version`: what they change is seen in epochs and records, what is committed is the same.

use std::{collections::BTreeSet, fs, path::Path};

use bytes::Bytes;
use ottla_interop::{
    clients,
    offsets::create_topic,
    oracle::{Home, compile},
    plan::{self, Author, Plan},
    raw::Connection,
    server::{Kind, Node},
    transactional::{Client, Program},
};
use ottla_wire::{messages::DescribeTransactionsRequest, records::Batch};

use crate::isolation::settle_all;

const PARTITIONS: u32 = 2;
const TRANSACTIONS: usize = 8;

/// Clients that know version 2 and such that do not, at one level.
pub(crate) fn formatted_at(level: i16) {
    compile(&Home::find()).expect("javac");
    let dir = tempfile::tempdir().expect("a folder");
    let feature = format!("transaction.version={level}");
    let node = Node::new(&dir.path().join("node"), crate::PROPERTIES);
    let node = node.formatted_with(&["--feature", &feature]);
    let server = node.start(Kind::under_test());
    let address = node.address();
    create_topic(&mut Connection::new(&address), "levels", PARTITIONS);
    for (seed, client) in [(1, Client::Java), (2, Client::Aiokafka)] {
        let mut program = Program::start(client, &address, dir.path(), client.name());
        let epoch = write(&mut program, &address, client.name(), seed);
        let raised = if level == 2 && client == Client::Java {
            TRANSACTIONS
        } else {
            0
        };
        assert_eq!(
            usize::try_from(epoch),
            Ok(raised),
            "{client:?} at level {level}"
        );
    }
    assert_eq!(finalized(&address), Some(level));
    server.stop();
    // The older format is for brokers that know no newer.
    let format = i16::from(level > 0);
    assert_eq!(record_versions(&node.data()), [format].into());
}

/// Opens a producer, carries out a plan, and checks what readers find: the producer's epoch in the end.
fn write(program: &mut Program, address: &str, name: &str, seed: u64) -> i16 {
    program.must(&[
        format!("open {name} id-{name} none 600000"),
        format!("init {name}"),
    ]);
    go_on(program, address, name, name, seed);
    epoch(address, &format!("id-{name}"))
}

/// Carries out a plan with a producer that is open, and checks what readers find.
fn go_on(program: &mut Program, address: &str, producer: &str, text: &str, seed: u64) {
    let author = Author {
        name: text,
        topic: "levels",
        partitions: PARTITIONS,
        group: "group-of-levels",
    };
    let plan = Plan::draw(&author, seed, TRANSACTIONS);
    // The plan's name for itself is the text that it writes: the producer may be another.
    let lines = plan
        .lines
        .iter()
        .map(|line| line.replacen(text, producer, 1));
    program.must(&lines.collect::<Vec<_>>());
    settle_all(&mut Connection::new(address), "levels", PARTITIONS);
    let found = program.read("levels", PARTITIONS, "read_committed");
    plan::assert_found(text, &plan::of(&found, text), &plan.committed);
    let found = program.read("levels", PARTITIONS, "read_uncommitted");
    plan::assert_found(text, &plan::of(&found, text), &plan.all);
}

fn epoch(address: &str, transactional_id: &str) -> i16 {
    let request = DescribeTransactionsRequest {
        transactional_ids: vec![transactional_id.to_owned()],
        ..Default::default()
    };
    let answer = Connection::new(address)
        .ask(0, &request)
        .expect("an answer");
    let state = &answer.transaction_states[0];
    assert_eq!(state.error_code, 0, "{state:?}");
    state.producer_epoch
}

/// The versions of the values in the coordinator's log.
fn record_versions(data: &Path) -> BTreeSet<i16> {
    let mut versions = BTreeSet::new();
    for entry in fs::read_dir(data).expect("a folder") {
        let dir = entry.expect("an entry").path();
        if !dir.display().to_string().contains("/__transaction_state-") {
            continue;
        }
        let log = fs::read(dir.join("00000000000000000000.log")).expect("a log");
        let mut left = Bytes::from(log);
        while !left.is_empty() {
            let batch = Batch::first(&left).expect("a batch");
            for record in batch.records().expect("records") {
                let value = record.expect("a record").value;
                if let Some([high, low, ..]) = value.as_deref() {
                    versions.insert(i16::from_be_bytes([*high, *low]));
                }
            }
            left = left.slice(batch.size_in_bytes()..);
        }
    }
    versions
}

fn features(address: &str, arguments: &[&str]) -> String {
    let tool = Home::find().tool("org.apache.kafka.tools.FeatureCommand");
    let mut tool = tool.unwrap_or_else(|why| panic!("{why}"));
    tool.args(["--bootstrap-server", address]).args(arguments);
    String::from_utf8(clients::run(&tool)).expect("UTF-8")
}

/// The finalized level, as Apache Kafka's tool says it.
fn finalized(address: &str) -> Option<i16> {
    let said = features(address, &["describe"]);
    let line = said
        .lines()
        .find(|line| line.contains("transaction.version"));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    let (_, rest) = line.split_once("FinalizedVersionLevel:")?;
    rest.split_whitespace().next()?.parse().ok()
}

/// How the level moves, from 0 on.
const CHANGES: [(&str, i16); 4] = [
    ("upgrade", 2),
    ("downgrade", 1),
    ("downgrade", 0),
    ("upgrade", 1),
];

/// The level changes while producers are open: they go on as they began, and newer ones use what there is.
pub(crate) fn changed() {
    compile(&Home::find()).expect("javac");
    let dir = tempfile::tempdir().expect("a folder");
    let node = Node::new(&dir.path().join("node"), crate::PROPERTIES);
    let node = node.formatted_with(&["--feature", "transaction.version=0"]);
    let server = node.start(Kind::under_test());
    let address = node.address();
    create_topic(&mut Connection::new(&address), "levels", PARTITIONS);
    let mut java = Program::start(Client::Java, &address, dir.path(), "java");
    let mut python = Program::start(Client::Aiokafka, &address, dir.path(), "python");
    // Producers, and the level that they began with.
    let mut open: Vec<(String, i16)> = Vec::new();
    let mut seeds = 1..;
    let mut seed = || seeds.next().expect("endless");
    for (step, (verb, level)) in (0..).zip([("", 0)].into_iter().chain(CHANGES)) {
        if step > 0 {
            let feature = format!("transaction.version={level}");
            features(&address, &[verb, "--feature", &feature]);
            assert_eq!(finalized(&address), Some(level));
        }
        // Apache Kafka answers producers that began with version 2 UNSUPPORTED_VERSION at level 0.
        open.retain(|(_, began)| level > 0 || *began < 2);
        for (producer, _) in &open {
            let text = format!("{producer}-at-{step}");
            go_on(&mut java, &address, producer, &text, seed());
        }
        let name = format!("java-{step}");
        let epoch = write(&mut java, &address, &name, seed());
        let raised = if level == 2 { TRANSACTIONS } else { 0 };
        assert_eq!(
            usize::try_from(epoch),
            Ok(raised),
            "{name} at level {level}"
        );
        open.push((name, level));
        write(&mut python, &address, &format!("python-{step}"), seed());
    }
    server.stop();
}
