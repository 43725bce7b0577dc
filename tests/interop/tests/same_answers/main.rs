//! The same requests, in every version, to Apache Kafka and to the server under test: the answers must be the same.

mod both;
mod cluster;
mod configs;
mod data;
mod doubled;
mod fetches;
mod groups;
mod hostile;
mod limits;
mod log_dirs;
mod old_version;
mod puppet;
mod quotas;
mod rebalances;
mod sweep;
mod topics;
mod transactions;
mod walk;

use std::fs;

use both::Both;
use ottla_interop::server::{Kind, Node, Server};

#[test]
fn answers_are_the_same() {
    // Nothing may happen by itself between the two answers; the records carry old timestamps.
    let settled = [
        "auto.leader.rebalance.enable=false",
        "log.initial.task.delay.ms=3600000",
        "log.retention.check.interval.ms=3600000",
    ];
    compare("same_answers::answers_are_the_same", &settled, |both| {
        cluster::ask(both);
        topics::ask(both);
        configs::ask(both);
        quotas::ask(both);
        data::ask(both);
        doubled::ask(both);
        groups::ask(both);
        hostile::send(both);
    });
}

/// Asks an Apache Kafka and the server under test, both new and with these further lines of configuration.
fn compare(test: &str, settings: &[&str], ask: impl FnOnce(&mut Both)) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let nodes = ["kafka", "under-test"].map(|name| Node::new(&dir.path().join(name), settings));
    compare_nodes(test, &nodes, ask);
}

/// As [`compare`], of nodes that are prepared.
fn compare_nodes(test: &str, nodes: &[Node; 2], ask: impl FnOnce(&mut Both)) {
    let (report, servers) = report(test, nodes, ask);
    servers.into_iter().for_each(Server::stop);
    assert!(report.is_empty(), "{report}");
}

/// What differs, and the servers, which still run.
fn report(test: &str, nodes: &[Node; 2], ask: impl FnOnce(&mut Both)) -> (String, [Server; 2]) {
    let servers = [
        nodes[0].start(Kind::Kafka),
        nodes[1].start(Kind::under_test()),
    ];
    let mut both = Both::new(&nodes[0], &nodes[1], test);
    both.wait_until_ready();
    ask(&mut both);
    (both.report(test), servers)
}

#[test]
fn answers_about_log_directories_are_the_same() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let places = ["kafka", "under-test"].map(|name| dir.path().join(name));
    let nodes = places.each_ref().map(|place| {
        let dirs = log_dirs::DIRS.map(|name| place.join(name));
        for path in &dirs {
            fs::create_dir_all(path).expect("a folder");
        }
        let dirs = dirs.map(|path| path.display().to_string()).join(",");
        Node::new(place, log_dirs::SETTINGS).with_lines(&[format!("log.dirs={dirs}")])
    });
    let test = "same_answers::answers_about_log_directories_are_the_same";
    let (report, servers) = report(test, &nodes, |both| log_dirs::ask(both, &places));
    // Neither stops as it should without one of its directories.
    servers.into_iter().for_each(Server::kill);
    assert!(report.is_empty(), "{report}");
}

#[test]
fn answers_beside_a_broker_that_only_registers_are_the_same() {
    compare(
        "same_answers::answers_beside_a_broker_that_only_registers_are_the_same",
        puppet::SETTINGS,
        puppet::ask,
    );
}

#[test]
fn answers_to_damaged_requests_are_the_same() {
    compare(
        "same_answers::answers_to_damaged_requests_are_the_same",
        sweep::SETTINGS,
        sweep::ask,
    );
}

#[test]
fn answers_about_rebalances_are_the_same() {
    compare(
        "same_answers::answers_about_rebalances_are_the_same",
        sweep::SETTINGS,
        rebalances::ask,
    );
}

#[test]
fn answers_within_tight_limits_are_the_same() {
    compare(
        "same_answers::answers_within_tight_limits_are_the_same",
        limits::SETTINGS,
        limits::ask,
    );
}

#[test]
fn answers_about_transactions_are_the_same() {
    compare(
        "same_answers::answers_about_transactions_are_the_same",
        transactions::SETTINGS,
        transactions::ask,
    );
}

#[test]
fn answers_about_odd_transactions_are_the_same() {
    compare(
        "same_answers::answers_about_odd_transactions_are_the_same",
        transactions::SETTINGS,
        transactions::ask_oddly,
    );
}

#[test]
fn answers_at_other_levels_of_transactions_are_the_same() {
    compare(
        "same_answers::answers_at_other_levels_of_transactions_are_the_same",
        transactions::SETTINGS,
        transactions::ask_at_other_levels,
    );
}

#[test]
fn answers_about_two_phases_are_the_same() {
    for enabled in ["false", "true"] {
        let switch = format!("transaction.two.phase.commit.enable={enabled}");
        let own = ["unstable.api.versions.enable=true", &switch];
        let settings = [transactions::SETTINGS, &own].concat();
        // Only without them is there a code that nothing else gives.
        let test = match enabled {
            "false" => "same_answers::answers_about_two_phases_are_the_same",
            _ => "",
        };
        compare(test, &settings, transactions::ask_in_two_phases);
    }
}

#[test]
fn answers_while_coordinators_load_are_the_same() {
    transactions::compare_while_loading(
        "same_answers::answers_while_coordinators_load_are_the_same",
    );
}

#[test]
fn answers_at_an_old_metadata_version_are_the_same() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let nodes = ["kafka", "under-test"].map(|name| {
        Node::new(&dir.path().join(name), old_version::SETTINGS)
            .with_static_voters()
            .formatted_with(old_version::FORMAT)
    });
    compare_nodes(
        "same_answers::answers_at_an_old_metadata_version_are_the_same",
        &nodes,
        old_version::ask,
    );
}
