//! What is stored of a partition makes no sense: it has no leader until that is repaired, and clients are answered as by Apache
//! Kafka. That takes the whole log directory offline with it, or ends; Ottla serves all others.

use std::{collections::BTreeMap, fs, path::Path, process::Command, time::Duration};

use ottla_interop::{
    clients::{ottla, run},
    oracle::{output, wait_until},
    server::Kind,
};

use super::{
    asks::{Asks, Site},
    failed::answers,
};

const LIMIT: Duration = Duration::from_secs(30);
const TOPIC: &str = "spread";
const PARTITIONS: i32 = 24;
const NAMES: &str = "partition.metadata";
const EPOCHS: &str = "leader-epoch-checkpoint";

/// Files that make no sense.
const SENSELESS: [(&str, &str); 10] = [
    (NAMES, "nonsense\n"),
    (EPOCHS, "nonsense\n"),
    // Apache Kafka does not start with these.
    (NAMES, ""),
    (NAMES, "version: 0\n"),
    (NAMES, "version: 0\ntopic_id: short"),
    (EPOCHS, "0\n1\n-1 0\n"),
    // Its directory is offline, as with the first two.
    (NAMES, "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA"),
    (EPOCHS, "0\n2\n0 0\n"),
    (EPOCHS, "0\n1\n0 0\n1 1\n"),
    (EPOCHS, "1\n1\n0 0\n"),
];
/// How many of them are looked at beside Apache Kafka, each in a start of its own.
const BESIDE_KAFKA: usize = 2;
/// Files that have lost what they said, and are served.
const EMPTY: [(&str, &str); 3] = [(EPOCHS, ""), (EPOCHS, "0\n"), (EPOCHS, "0\n0\n")];

/// The same directories for both: those of an Apache Kafka that was stopped.
fn made(at: &Path) {
    let site = Site::new(at, &[]);
    let (server, mut asks) = site.start(Kind::Kafka);
    asks.create(TOPIC, PARTITIONS as u32);
    for partition in 0..PARTITIONS {
        let written = wait_until(LIMIT, || asks.produce(TOPIC, partition, b"before").is_ok());
        assert!(written, "{partition}");
    }
    server.stop();
}

fn copy(from: &Path, to: &Path) {
    output(Command::new("cp").arg("-a").arg(from).arg(to)).expect("a copy");
}

/// The partitions in a directory, in order.
fn stored_in(dir: &Path) -> Vec<i32> {
    let names = fs::read_dir(dir).expect("a folder");
    let names = names.map(|it| it.expect("a name").file_name().into_string().expect("text"));
    let mut found: Vec<i32> = names
        .filter_map(|name| name.strip_prefix("spread-")?.parse().ok())
        .collect();
    found.sort_unstable();
    found
}

/// Another file in the place of the one there: the other may have other names.
fn damage(dir: &Path, partition: i32, (file, content): (&str, &str)) {
    let path = dir.join(format!("{TOPIC}-{partition}")).join(file);
    fs::remove_file(&path).expect("removed");
    fs::write(&path, content).expect("written");
}

fn has_leader(asks: &mut Asks, partition: i32) -> bool {
    let rows = asks.metadata(TOPIC);
    rows.get(&partition).is_some_and(|row| row.1 == 1)
}

/// What is seen of a damaged partition, beside others that are served.
fn seen(kind: Kind, at: &Path, what: (&str, &str)) -> String {
    let site = Site::new(at, &[]);
    let [bad, good] = ["b", "c"].map(|dir| stored_in(&site.path(dir))[0]);
    damage(&site.path("b"), bad, what);
    let (server, mut asks) = site.start(kind);
    let settled = wait_until(LIMIT, || {
        !has_leader(&mut asks, bad) && asks.produce(TOPIC, good, b"after") == Ok(1)
    });
    assert!(settled, "{kind:?} {what:?}: {:?}", asks.metadata(TOPIC));
    let bad = answers(&mut asks, bad);
    server.kill();
    bad
}

#[test]
fn a_damaged_partition_answers_as_with_apache_kafka() {
    let dir = tempfile::tempdir().expect("a folder");
    let kept = dir.path().join("kept");
    made(&kept);
    for (number, what) in SENSELESS.into_iter().take(BESIDE_KAFKA).enumerate() {
        let [kafka, ottla] = [Kind::Kafka, Kind::under_test()].map(|kind| {
            let at = dir.path().join(format!("{kind:?}-{number}"));
            copy(&kept, &at);
            seen(kind, &at, what)
        });
        assert_eq!(ottla, kafka, "{what:?}");
        assert!(ottla.contains("metadata Some((5, -1, [], [1]))"), "{ottla}");
    }
}

#[test]
fn all_others_are_served_and_a_repair_brings_it_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = dir.path().join("node");
    made(&at);
    let site = Site::new(&at, &[]);
    // A topic's id is repaired from the metadata beside it, and epochs from the batches.
    let mut damaged = BTreeMap::new();
    for (file, name) in [(NAMES, "data"), (EPOCHS, "b")] {
        let all = SENSELESS.into_iter().chain(EMPTY);
        let path = site.path(name);
        for (what, partition) in all.filter(|it| it.0 == file).zip(stored_in(&path)) {
            damage(&path, partition, what);
            damaged.insert(partition, what);
        }
    }
    assert_eq!(damaged.len(), SENSELESS.len() + EMPTY.len());
    let is_senseless = |partition: &i32| {
        let what = damaged.get(partition);
        what.is_some_and(|what| SENSELESS.contains(what))
    };
    let (server, mut asks) = site.start(Kind::under_test());
    let settled = wait_until(LIMIT, || {
        (0..PARTITIONS)
            .all(|partition| has_leader(&mut asks, partition) != is_senseless(&partition))
    });
    assert!(settled, "{:?}", asks.metadata(TOPIC));
    for partition in 0..PARTITIONS {
        let end = asks.offset(TOPIC, partition, -1);
        match is_senseless(&partition) {
            true => {
                assert_eq!(end, Err(6), "{partition}");
                let (_, why) = asks.produce(TOPIC, partition, b"no").expect_err("refused");
                assert!(why.contains("makes no sense"), "{partition}: {why}");
            }
            false => assert_eq!(end, Ok(1), "{partition}"),
        }
    }
    server.stop();
    for name in ["data", "b"] {
        let path = site.path(name).display().to_string();
        run(&ottla(&["log", "repair", &path]));
    }
    let (server, mut asks) = site.start(Kind::under_test());
    for partition in 0..PARTITIONS {
        let back = wait_until(LIMIT, || asks.produce(TOPIC, partition, b"after") == Ok(1));
        let what = damaged.get(&partition);
        assert!(back, "{partition}, {what:?}: {:?}", asks.metadata(TOPIC));
    }
    server.stop();
}
