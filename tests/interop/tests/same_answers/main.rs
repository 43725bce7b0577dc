//! The same requests, in every version, to Apache Kafka and to the server under test: the answers must be the same.

mod both;
mod cluster;
mod configs;
mod data;
mod groups;
mod hostile;
mod topics;

use both::Both;
use ottla_interop::server::{Kind, Node};

#[test]
fn answers_are_the_same() {
    let dir = tempfile::tempdir().expect("temporary folder");
    // Nothing may happen by itself between the two answers.
    let settled = [
        "auto.leader.rebalance.enable=false",
        "log.retention.check.interval.ms=3600000",
    ];
    let nodes = [
        Node::new(&dir.path().join("kafka"), &settled),
        Node::new(&dir.path().join("under-test"), &settled),
    ];
    let servers = [
        nodes[0].start(Kind::Kafka),
        nodes[1].start(Kind::under_test()),
    ];
    let mut both = Both::new(&nodes[0].address(), &nodes[1].address());
    both.wait_until_ready();
    cluster::ask(&mut both);
    topics::ask(&mut both);
    configs::ask(&mut both);
    data::ask(&mut both);
    groups::ask(&mut both);
    hostile::send(&mut both);
    let report = both.report();
    for server in servers {
        server.stop();
    }
    assert!(report.is_empty(), "{report}");
}
