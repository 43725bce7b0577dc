//! Directories that are no partition's of the node are set aside, or removed, as Apache Kafka does it; a set-aside one stays.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use ottla_interop::{oracle::wait_until, server::Kind};

use super::asks::{Asks, Site};

const LIMIT: Duration = Duration::from_secs(60);
const TOPIC: &str = "known";
const MORE: &[&str] = &[
    "log.initial.task.delay.ms=500",
    "log.retention.check.interval.ms=500",
    "log.segment.delete.delay.ms=1000",
];
const UNIQUE: &str = "0123456789abcdef0123456789abcdef";
const OTHER_ID: &str = "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ\n";

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

/// The partitions' directories in `b` and `c`, with `*` for what makes a name unlike others, and the lengths of their logs.
fn directories(site: &Site) -> BTreeMap<String, Vec<u64>> {
    let mut found: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for dir in ["b", "c"] {
        for entry in fs::read_dir(site.path(dir)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if !path.is_dir() {
                continue;
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = match name.rsplit_once('.') {
                Some((before, after)) if after.len() > 32 => {
                    format!("{dir}/{before}.*{}", &after[32..])
                }
                _ => format!("{dir}/{name}"),
            };
            let log = fs::metadata(path.join(format!("{:020}.log", 0)));
            found
                .entry(name)
                .or_default()
                .push(log.map_or(0, |log| log.len()));
        }
    }
    found
}

fn ends(asks: &mut Asks) -> Vec<i64> {
    (0..3)
        .map(|index| {
            let mut end = Err(0);
            wait_until(LIMIT, || {
                end = asks.offset(TOPIC, index, -1);
                end.is_ok()
            });
            end.expect("an end")
        })
        .collect()
}

/// What is seen of a node that finds directories of which it knows nothing.
fn seen(kind: Kind, at: &Path) -> Vec<String> {
    let site = Site::new(at, MORE);
    let (server, mut asks) = site.start(kind);
    asks.create(TOPIC, 3);
    for index in 0..3 {
        let produced = wait_until(LIMIT, || asks.produce(TOPIC, index, b"a record") == Ok(0));
        assert!(produced, "{kind:?}");
    }
    let [in_b, in_c] = ["b", "c"].map(|dir| asks.partitions_in(TOPIC, dir)[0]);
    server.stop();
    let from = site.path("b").join(format!("{TOPIC}-{in_b}"));
    let long = "l".repeat(240);
    // Of a topic that nobody knows; of a partition that the topic does not have; of a topic that had the same name.
    for (name, id) in [
        ("unknown-0".to_owned(), true),
        (format!("{long}-7"), true),
        (format!("{TOPIC}-9"), false),
        (format!("nameless-{in_c}"), false),
    ] {
        let to = site.path("b").join(&name);
        copy(&from, &to);
        match id {
            true => fs::write(to.join("partition.metadata"), OTHER_ID).expect("written"),
            false if name.starts_with("nameless") => {
                fs::remove_file(to.join("partition.metadata")).expect("removed");
            }
            false => {}
        }
    }
    let former = site.path("c").join(format!("{TOPIC}-{in_c}"));
    fs::write(former.join("partition.metadata"), OTHER_ID).expect("written");
    // What an earlier start set aside, and what was to be removed.
    for name in ["gone-0", &format!("{TOPIC}-{in_b}")] {
        for state in ["stray", "delete"] {
            copy(
                &from,
                &site.path("b").join(format!("{name}.{UNIQUE}-{state}")),
            );
        }
    }
    let Ok(server) = site.node.try_start(kind) else {
        return vec!["it does not start".to_owned()];
    };
    let mut asks = Asks::of(&server);
    let mut seen = vec![format!("ends {:?}", ends(&mut asks))];
    let removed = wait_until(LIMIT, || {
        let all = directories(&site);
        !all.keys().any(|name| name.ends_with("-delete"))
    });
    assert!(removed, "{kind:?}: {:?}", directories(&site));
    seen.push(format!("{:#?}", directories(&site)));
    for (dir, (code, replicas)) in asks.dirs() {
        seen.push(format!("{dir}: {code} {replicas:?}"));
    }
    server.stop();
    // It is so once more.
    let (server, mut asks) = site.start(kind);
    seen.push(format!("ends {:?}", ends(&mut asks)));
    seen.push(format!("{:#?}", directories(&site)));
    server.kill();
    seen
}

#[test]
fn what_is_no_partition_of_the_node_is_set_aside_as_by_apache_kafka() {
    let dir = tempfile::tempdir().expect("a folder");
    let [ottla, kafka] = [Kind::under_test(), Kind::Kafka]
        .map(|kind| seen(kind, &dir.path().join(format!("{kind:?}"))));
    assert_eq!(ottla, kafka, "{ottla:#?}\n{kafka:#?}");
}
