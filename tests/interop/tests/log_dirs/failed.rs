//! A log directory that fails while the node runs.

use std::{fs, path::Path, time::Duration};

use ottla_interop::{oracle::wait_until, server::Kind};

use super::asks::{Asks, Site};

const LIMIT: Duration = Duration::from_secs(30);
const TOPIC: &str = "spread";
const STORAGE_ERROR: i16 = 56;

/// Nothing in it can be opened any more, as when a disk is gone.
pub(crate) fn break_dir(path: &Path) {
    // In one step: the server goes on writing there.
    fs::rename(path, path.with_extension("gone")).expect("moved");
    fs::write(path, "no directory").expect("a file in its place");
}

/// The first record of a new partition: Apache Kafka answers before its own broker knows of it.
fn first(asks: &mut Asks, topic: &str, partition: i32) -> Result<i64, (i16, String)> {
    let mut produced = Err((0, String::new()));
    wait_until(LIMIT, || {
        produced = asks.produce(topic, partition, b"before");
        produced.is_ok()
    });
    produced
}

/// What a partition answers to everything.
pub(crate) fn answers(asks: &mut Asks, partition: i32) -> String {
    let produced = asks
        .produce(TOPIC, partition, b"after")
        .map_err(|(code, _)| code);
    format!(
        "produce {:?}, fetch {:?}, end {:?}, begin {:?}, delete {}, epoch {}, metadata {:?}",
        produced,
        asks.fetch(TOPIC, partition, 0).map(|bytes| bytes.len()),
        asks.offset(TOPIC, partition, -1),
        asks.offset(TOPIC, partition, -2),
        asks.delete_records(TOPIC, partition, 0),
        asks.end_of_epoch(TOPIC, partition),
        asks.metadata(TOPIC).get(&partition),
    )
}

/// What is seen of a node whose directory `b` fails.
fn seen(kind: Kind, at: &Path) -> Vec<String> {
    let site = Site::new(at, &[]);
    let (server, mut asks) = site.start(kind);
    asks.create(TOPIC, 6);
    for partition in 0..6 {
        assert_eq!(first(&mut asks, TOPIC, partition), Ok(0), "{kind:?}");
    }
    let [bad, good] = ["b", "c"].map(|dir| asks.partitions_in(TOPIC, dir));
    assert_eq!(
        (bad.len(), good.len()),
        (2, 2),
        "{kind:?}: {:?}",
        asks.dirs()
    );
    break_dir(&site.path("b"));
    // The checkpoint of high watermarks is the first to notice.
    let offline = wait_until(LIMIT, || {
        let rows = asks.metadata(TOPIC);
        bad.iter().all(|index| rows[index].1 == -1)
    });
    assert!(offline, "{kind:?}: {:?}", asks.metadata(TOPIC));
    let mut seen = Vec::new();
    for (name, partitions) in [("bad", &bad), ("good", &good)] {
        for partition in partitions {
            seen.push(format!("{name}: {}", answers(&mut asks, *partition)));
        }
    }
    let codes = asks.dirs();
    for (dir, (code, replicas)) in &codes {
        seen.push(format!("{dir}: {code}, {} replicas", replicas.len()));
    }
    assert_eq!(codes["b"], (STORAGE_ERROR, Vec::new()), "{kind:?}");
    // New topics go elsewhere.
    asks.create("later", 4);
    for partition in 0..4 {
        let produced = first(&mut asks, "later", partition);
        seen.push(format!("later: {produced:?}"));
    }
    assert_eq!(asks.dirs()["b"].1.len(), 0, "{kind:?}");
    server.kill();
    seen
}

#[test]
fn its_partitions_are_offline_and_all_others_serve_as_with_apache_kafka() {
    let dir = tempfile::tempdir().expect("a folder");
    let ottla = seen(Kind::under_test(), &dir.path().join("ottla"));
    let of_bad = ottla.iter().filter(|line| line.starts_with("bad"));
    for line in of_bad {
        assert!(
            line.contains("produce Err(56), fetch Err(56), end Err(56)"),
            "{line}"
        );
        assert!(line.contains("Some((5, -1, [], [1]))"), "{line}");
    }
    assert_eq!(ottla, seen(Kind::Kafka, &dir.path().join("kafka")));
}

/// Whether a process has ended, though nobody has asked how.
fn has_ended(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
}

#[test]
fn the_node_ends_with_its_metadata_directory_and_with_the_last_one() {
    for failing in [&["data"][..], &["b", "c"]] {
        for kind in [Kind::under_test(), Kind::Kafka] {
            let dir = tempfile::tempdir().expect("a folder");
            let apart = format!("metadata.log.dir={}", dir.path().join("data").display());
            let partitions = ["b", "c"].map(|name| dir.path().join(name).display().to_string());
            let of_partitions = format!("log.dirs={}", partitions.join(","));
            let more = match failing.len() {
                1 => vec![],
                // The directory of the metadata has nothing else, and stays.
                _ => vec![apart.as_str(), of_partitions.as_str()],
            };
            let site = Site::new(dir.path(), &more);
            let (server, mut asks) = site.start(kind);
            asks.create(TOPIC, 6);
            let pid = server.pid();
            for name in failing {
                assert!(!has_ended(pid), "{kind:?} ended before {name} failed");
                break_dir(&site.path(name));
            }
            let ended = wait_until(LIMIT, || has_ended(pid));
            assert!(ended, "{kind:?} goes on without {failing:?}");
        }
    }
}
