//! A directory that Apache Kafka 3.9 wrote: ottla serves it as it is, gives it back, raises its features, and hands it to
//! Apache Kafka 4.4.

use std::{fs, path::Path};

use ottla_interop::{
    clients,
    oracle::Home,
    server::{Kind, Node},
    takeover::picture::Age,
};

use crate::{files, site::Site};

/// Things that happen in a turn.
const HAPPENINGS: usize = 40;
/// Of 3.9.
const LEVEL: &str = "metadata.version=21";

/// Apache Kafka's tool raises all features to those of 4.4; all but the quorum's, which stays as it is where the voters are
/// in the configuration.
fn upgrade(address: &str, static_voters: bool) {
    let mut tool = Home::find()
        .newer_tool("org.apache.kafka.tools.FeatureCommand")
        .unwrap_or_else(|why| panic!("{why}"));
    tool.args(["--bootstrap-server", address, "upgrade"]);
    if static_voters {
        for feature in [
            "metadata.version=33",
            "transaction.version=2",
            "group.version=1",
        ] {
            tool.args(["--feature", feature]);
        }
    } else {
        tool.args(["--release-version", "4.4"]);
    }
    clients::run(&tool);
}

/// What `meta.properties` and the first file of the metadata say.
fn formatted(data: &Path) -> (String, bool) {
    let meta = fs::read_to_string(data.join("meta.properties")).expect("meta.properties");
    (meta, data.join("bootstrap.checkpoint").exists())
}

/// `stops`: whether each stop before the upgrade is a clean one.
fn upgrades(static_voters: bool, stops: &[bool], seed: u64) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let adjust = |node: Node| {
        if static_voters {
            node.with_static_voters()
        } else {
            node
        }
    };
    let mut site = Site::new(&dir.path().join("node"), seed, &[]).adjusted(adjust);
    let other = Kind::under_test();
    let mut found = None;
    for (turn, clean) in stops.iter().enumerate() {
        let kind = [Kind::OlderKafka, other][turn % 2];
        let what = format!("seed {seed}, static voters {static_voters}, turn {turn}, {kind:?}");
        let (server, mut connection) = site.start(kind, Age::Older, &what);
        site.happen(&mut connection, HAPPENINGS);
        site.end(server, connection, *clean, &what);
        let now = formatted(&site.dirs()[0]);
        // Nobody changes what the format wrote.
        assert_eq!(*found.get_or_insert_with(|| now.clone()), now, "{what}");
    }
    let what = format!("seed {seed}, static voters {static_voters}, upgraded");
    let (server, mut connection) = site.start(other, Age::Older, &what);
    upgrade(&site.node.address(), static_voters);
    site.grow_up(&mut connection);
    site.happen(&mut connection, HAPPENINGS);
    site.end(server, connection, true, &what);
    let what = format!("seed {seed}, static voters {static_voters}, after the upgrade");
    let (server, mut connection) = site.start(Kind::Kafka, Age::Newer, &what);
    site.happen(&mut connection, HAPPENINGS);
    site.end(server, connection, true, &what);
    let info = files::storage_info(&dir.path().join("node/server.properties"));
    assert!(!info.contains(LEVEL), "{info}");
}

#[test]
fn what_apache_kafka_3_9_left_is_served_given_back_and_upgraded() {
    upgrades(false, &[true, true, false, false], crate::seed(1));
}

#[test]
fn so_is_what_it_left_with_voters_in_the_configuration() {
    upgrades(true, &[false, false, true], crate::seed(4));
}
