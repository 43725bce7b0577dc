//! Transactions of other people's clients: what readers of either isolation find, whatever is killed meanwhile.
//! `OTTLA_TRANSACTIONS=rdkafka` runs only what has that in its name, `OTTLA_INTEROP_SERVER=kafka` has Apache Kafka serve.

mod copier;
mod everyone;
mod fencing;
mod isolation;
mod levels;
mod loops;
mod streams;

use std::{path::Path, sync::Mutex, thread};

use ottla_interop::{
    oracle::{Home, compile},
    server::{Kind, Node},
    transactional::{CLIENTS, Client},
};

/// One node, and no more internal partitions than a test needs.
const PROPERTIES: &[&str] = &[
    "offsets.topic.num.partitions=4",
    "transaction.state.log.num.partitions=4",
    "group.min.session.timeout.ms=1000",
];

/// Where a scenario runs.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    address: &'a str,
    dir: &'a Path,
}

/// Runs `scenario` against a server.
fn with_server(properties: &[&str], scenario: impl FnOnce(Place<'_>)) {
    compile(&Home::find()).expect("javac");
    let dir = tempfile::tempdir().expect("a folder");
    let node = Node::new(&dir.path().join("node"), &[PROPERTIES, properties].concat());
    let server = node.start(Kind::under_test());
    scenario(Place {
        address: &node.address(),
        dir: dir.path(),
    });
    server.stop();
}

/// Runs `scenario` with each client, all at once, against one server, and says for whom it failed.
fn for_each_client(properties: &[&str], scenario: impl Fn(Place<'_>, Client) + Sync) {
    let only = std::env::var("OTTLA_TRANSACTIONS").unwrap_or_default();
    let wanted = |client: &Client| client.name().contains(&only);
    let failed = Mutex::new(Vec::new());
    with_server(properties, |place| {
        thread::scope(|scope| {
            for client in CLIENTS.into_iter().filter(wanted) {
                let (scenario, failed) = (&scenario, &failed);
                scope.spawn(move || {
                    // A thread of its own has its name in front of what goes wrong.
                    let builder = thread::Builder::new().name(client.name().to_owned());
                    let ended = thread::scope(|scope| {
                        let run = move || scenario(place, client);
                        builder.spawn_scoped(scope, run).expect("a thread").join()
                    });
                    if ended.is_err() {
                        failed.lock().expect("not poisoned").push(client);
                    }
                });
            }
        });
        let failed = failed.lock().expect("not poisoned");
        assert!(failed.is_empty(), "failed: {failed:?}");
    });
}

#[test]
fn every_reader_finds_what_every_producer_committed() {
    everyone::write_and_read();
}

#[test]
fn a_zombie_is_told_and_leaves_no_trace() {
    for_each_client(&[], fencing::zombie);
}

#[test]
fn what_a_killed_producer_left_open_is_aborted_by_its_successor() {
    for_each_client(&[], fencing::killed);
}

#[test]
fn what_takes_too_long_is_aborted_in_time() {
    for_each_client(&[], fencing::too_slow);
}

#[test]
fn what_is_consumed_is_produced_exactly_once() {
    for_each_client(&[], loops::transform);
}

#[test]
fn copiers_of_partitions_copy_each_record_once() {
    // Copiers ask for offsets before they end what the one before them left open.
    let properties = ["transaction.abort.timed.out.transaction.cleanup.interval.ms=500"];
    with_server(&properties, |place| {
        copier::prepare(place, 2);
        thread::scope(|scope| {
            scope.spawn(|| copier::copy(place, 0, true));
            scope.spawn(|| copier::copy(place, 1, false));
        });
    });
}

#[test]
fn streams_count_every_word_exactly_once() {
    streams::count_words();
}

#[test]
fn each_level_of_transaction_version_keeps_its_promises() {
    for level in 0..=2 {
        levels::formatted_at(level);
    }
}

#[test]
fn the_level_of_transaction_version_changes_under_open_producers() {
    levels::changed();
}
