//! The same requests to Apache Kafka and to ottla, in every version: the answers are the same, but for texts, ids, ports
//! and the like.

mod both;
mod cluster;
mod configs;
mod topics;

use both::{Both, Client};
use cluster::{cluster, controllers, coordinators, telemetry, versions};
use configs::{changes, configs};
use ottla_interop::{
    evidence::Evidence,
    server::{Kind, Node},
};
use ottla_wire::messages::MetadataRequest;
use topics::{metadata, topics};

#[test]
fn every_answer_is_that_of_apache_kafka() {
    let dir = tempfile::tempdir().expect("a folder");
    let nodes = ["kafka", "ottla"].map(|name| Node::new(&dir.path().join(name), &[]));
    let servers = [
        nodes[0].start(Kind::Kafka),
        nodes[1].start(Kind::under_test()),
    ];
    let mut both = Both {
        kafka: Client::new(&servers[0].address()),
        ottla: Client::new(&servers[1].address()),
        differences: Vec::new(),
        evidence: Evidence::default(),
    };
    let cluster_id = both
        .ottla
        .ask(5, &MetadataRequest::default())
        .cluster_id
        .expect("a cluster id");
    versions(&mut both, &cluster_id);
    topics(&mut both);
    both.settle();
    metadata(&mut both);
    configs(&mut both);
    changes(&mut both);
    cluster(&mut both);
    telemetry(&mut both);
    coordinators(&mut both);
    controllers(&mut both);
    for server in servers {
        server.stop();
    }
    let missing = both
        .evidence
        .missing("handlers::every_answer_is_that_of_apache_kafka");
    let count = both.differences.len();
    assert!(
        count == 0,
        "{count} differences\n{}",
        both.differences.join("\n\n")
    );
    assert!(missing.is_empty(), "{missing}");
}
