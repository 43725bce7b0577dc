//! The same requests, in every version, to Apache Kafka and to the server under test: the answers must be the same.

mod both;
mod cluster;
mod configs;
mod data;
mod groups;
mod hostile;
mod quotas;
mod topics;
mod transactions;

use both::{Accepted, Both};
use ottla_interop::server::{Kind, Node, Server};

/// Where the answers may differ.
const ACCEPTED: &[Accepted] = &[
    (
        "DescribeConfigsRequest",
        "kind 8, \"1\"",
        "its loggers are named after its classes",
    ),
    (
        "IncrementalAlterConfigsRequest",
        "kind 8, \"1\"",
        "its loggers are named after its classes",
    ),
    ("bytes", "not UTF-8", "it reads damaged text as other text"),
];

#[test]
fn answers_are_the_same() {
    // Nothing may happen by itself between the two answers; the records carry old timestamps.
    let settled = [
        "auto.leader.rebalance.enable=false",
        "log.initial.task.delay.ms=3600000",
        "log.retention.check.interval.ms=3600000",
    ];
    compare(
        "same_answers::answers_are_the_same",
        &settled,
        ACCEPTED,
        |both| {
            cluster::ask(both);
            topics::ask(both);
            configs::ask(both);
            quotas::ask(both);
            data::ask(both);
            groups::ask(both);
            hostile::send(both);
        },
    );
}

/// Asks an Apache Kafka and the server under test, both new and with these further lines of configuration.
fn compare(test: &str, settings: &[&str], accepted: &[Accepted], ask: impl FnOnce(&mut Both)) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let nodes = ["kafka", "under-test"].map(|name| Node::new(&dir.path().join(name), settings));
    let servers = [
        nodes[0].start(Kind::Kafka),
        nodes[1].start(Kind::under_test()),
    ];
    let mut both = Both::new(&nodes[0].address(), &nodes[1].address(), accepted);
    both.wait_until_ready();
    ask(&mut both);
    let report = both.report(test);
    servers.into_iter().for_each(Server::stop);
    assert!(report.is_empty(), "{report}");
}

#[test]
fn answers_about_transactions_are_the_same() {
    compare(
        "same_answers::answers_about_transactions_are_the_same",
        transactions::SETTINGS,
        transactions::ACCEPTED,
        transactions::ask,
    );
}

#[test]
fn answers_about_odd_transactions_are_the_same() {
    compare(
        "same_answers::answers_about_odd_transactions_are_the_same",
        transactions::SETTINGS,
        transactions::ACCEPTED_ODDLY,
        transactions::ask_oddly,
    );
}

#[test]
fn answers_at_other_levels_of_transactions_are_the_same() {
    compare(
        "same_answers::answers_at_other_levels_of_transactions_are_the_same",
        transactions::SETTINGS,
        transactions::ACCEPTED_AT_OTHER_LEVELS,
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
        compare(test, &settings, &[], transactions::ask_in_two_phases);
    }
}
