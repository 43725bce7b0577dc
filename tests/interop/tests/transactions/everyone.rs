//! Many transactions of many producers on the same partitions, read by every client in either isolation.

use std::{collections::BTreeMap, path::Path, sync::Mutex, thread};

use ottla_interop::{
    offsets::{committed, create_topic},
    oracle::{Home, compile},
    plan::{self, Author, Plan},
    raw::Connection,
    server::{Kind, Node},
    transactional::{CLIENTS, Client, Contents, Program},
};

use crate::isolation::settle_all;

const TOPIC: &str = "everything";
const PARTITIONS: u32 = 4;
const TRANSACTIONS: usize = 50;
const COMMITTED: &str = "read_committed";
const UNCOMMITTED: &str = "read_uncommitted";

/// Of the two producers of each client.
fn codecs(client: Client) -> [&'static str; 2] {
    match client {
        Client::Java => ["zstd", "none"],
        Client::OlderJava => ["none", "lz4"],
        Client::Librdkafka => ["gzip", "none"],
        Client::Aiokafka => ["none", "snappy"],
    }
}

/// All clients write at once; then all read.
pub(crate) fn write_and_read() {
    compile(&Home::find()).expect("javac");
    let dir = tempfile::tempdir().expect("a folder");
    let node = Node::new(&dir.path().join("node"), crate::PROPERTIES);
    let server = node.start(Kind::under_test());
    let address = node.address();
    let mut connection = Connection::new(&address);
    create_topic(&mut connection, TOPIC, PARTITIONS);
    let plans = Mutex::new(BTreeMap::new());
    let programs = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for (number, client) in (1..).zip(CLIENTS) {
            let (address, dir, plans, programs) = (&address, dir.path(), &plans, &programs);
            scope.spawn(move || {
                let (program, own) = write(client, address, dir, number);
                plans.lock().expect("not poisoned").extend(own);
                programs.lock().expect("not poisoned").push(program);
            });
        }
    });
    let plans = plans.into_inner().expect("not poisoned");
    let mut programs = programs.into_inner().expect("not poisoned");
    assert_eq!(plans.len(), 2 * CLIENTS.len());
    settle_all(&mut connection, TOPIC, PARTITIONS);
    let expected = programs[0].read(TOPIC, PARTITIONS, COMMITTED);
    let everything = programs[0].read(TOPIC, PARTITIONS, UNCOMMITTED);
    for (name, plan) in &plans {
        let found = plan::of(&expected, name);
        plan::assert_found(&format!("{name}, {COMMITTED}"), &found, &plan.committed);
        let found = plan::of(&everything, name);
        plan::assert_found(&format!("{name}, {UNCOMMITTED}"), &found, &plan.all);
        let group = group(name);
        let offset = committed(&mut connection, &group, TOPIC, 1)[&0];
        assert_eq!(offset, plan.offset.unwrap_or(-1), "{group}");
    }
    // Nothing else is there, and nobody finds anything else, or in other places.
    let count = |contents: &Contents| contents.values().map(Vec::len).sum::<usize>();
    let planned = |of: fn(&Plan) -> &BTreeMap<i32, Vec<String>>| -> usize {
        let plans = plans.values();
        plans
            .map(|plan| of(plan).values().map(Vec::len).sum::<usize>())
            .sum()
    };
    assert_eq!(count(&expected), planned(|plan| &plan.committed));
    assert_eq!(count(&everything), planned(|plan| &plan.all));
    for program in &mut programs {
        let found = program.read(TOPIC, PARTITIONS, COMMITTED);
        assert!(
            found == expected,
            "{program:?} reads otherwise, {COMMITTED}"
        );
        let found = program.read(TOPIC, PARTITIONS, UNCOMMITTED);
        assert!(
            found == everything,
            "{program:?} reads otherwise, {UNCOMMITTED}"
        );
    }
    programs.into_iter().for_each(Program::end);
    server.stop();
}

fn group(name: &str) -> String {
    format!("group-of-{name}")
}

/// Two producers of a client, in turn; the second goes on where the program of the first is still there.
fn write(client: Client, address: &str, dir: &Path, seed: u64) -> (Program, Vec<(String, Plan)>) {
    let mut program = Program::start(client, address, dir, client.name());
    let mut plans = Vec::new();
    for (number, codec) in (0..).zip(codecs(client)) {
        let name = format!("{}-{codec}", client.name());
        let author = Author {
            name: &name,
            topic: TOPIC,
            partitions: PARTITIONS,
            group: &group(&name),
        };
        let plan = Plan::draw(&author, seed * 10 + number, TRANSACTIONS);
        program.must(&[
            format!("open {name} id-{name} {codec} 600000"),
            format!("init {name}"),
        ]);
        program.must(&plan.lines);
        plans.push((name, plan));
    }
    (program, plans)
}
