//! A start with a log directory that cannot be used: the node serves what is in the others, as Apache Kafka does.

use std::{fs, os::unix::fs::symlink, path::Path, time::Duration};

use ottla_interop::{oracle::wait_until, server::Kind};

use super::{
    asks::{Asks, Site},
    failed::answers,
};

const LIMIT: Duration = Duration::from_secs(60);
const TOPIC: &str = "spread";

/// What is wrong with a directory. (Tests may run as root, whom permissions do not stop.)
#[derive(Clone, Copy, Debug)]
enum Damage {
    /// A file is in its place.
    NoDirectory,
    /// Its name leads round in a circle.
    Loop,
    /// What says whose it is cannot be read.
    Unreadable,
    /// The same says nothing that can be understood.
    Senseless,
}

impl Damage {
    const ALL: [Self; 4] = [
        Self::NoDirectory,
        Self::Loop,
        Self::Unreadable,
        Self::Senseless,
    ];

    fn inflict(self, path: &Path) {
        let meta = path.join("meta.properties");
        match self {
            Self::NoDirectory | Self::Loop => {
                fs::rename(path, path.with_extension("kept")).expect("renamed");
                match self {
                    Self::Loop => symlink(path, path).expect("a loop"),
                    _ => fs::write(path, "no directory").expect("a file"),
                }
            }
            Self::Unreadable | Self::Senseless => {
                fs::rename(&meta, path.join("kept")).expect("renamed");
                match self {
                    Self::Senseless => fs::write(&meta, "version=77\n").expect("a file"),
                    _ => fs::create_dir(&meta).expect("a directory"),
                }
            }
        }
    }

    fn undo(self, path: &Path) {
        let meta = path.join("meta.properties");
        match self {
            Self::NoDirectory | Self::Loop => {
                fs::remove_file(path).expect("removed");
                fs::rename(path.with_extension("kept"), path).expect("renamed");
            }
            Self::Unreadable | Self::Senseless => {
                match self {
                    Self::Senseless => fs::remove_file(&meta).expect("removed"),
                    _ => fs::remove_dir(&meta).expect("removed"),
                }
                fs::rename(path.join("kept"), &meta).expect("renamed");
            }
        }
    }
}

fn produce(asks: &mut Asks, topic: &str, partition: i32) -> Result<i64, (i16, String)> {
    let mut produced = Err((0, String::new()));
    wait_until(LIMIT, || {
        produced = asks.produce(topic, partition, b"a record");
        produced.is_ok()
    });
    produced
}

/// Without eligible leader replicas. With them, the controller takes a broker that comes back with other directories out of
/// those (`PartitionChangeRecord`), just before it registers it. Of a partition whose directory is gone, Apache Kafka says 6 if
/// its broker reads of that together with the partition, and 56 if it reads of it later: which of the two is a matter of
/// milliseconds, from start to start.
const NONE_ELIGIBLE: &[&str] = &["--feature", "eligible.leader.replicas.version=0"];

/// What is seen of a node that starts without its directory `b`, and of the next start with it.
fn seen(kind: Kind, damage: Damage, clean: bool, format: &[&str]) -> Vec<String> {
    let dir = tempfile::tempdir().expect("a folder");
    let mut site = Site::new(dir.path(), &[]);
    site.node = site.node.formatted_with(format);
    let (server, mut asks) = site.start(kind);
    asks.create(TOPIC, 6);
    for partition in 0..6 {
        assert_eq!(produce(&mut asks, TOPIC, partition), Ok(0), "{kind:?}");
    }
    let [bad, good] = ["b", "c"].map(|dir| asks.partitions_in(TOPIC, dir));
    match clean {
        true => server.stop(),
        false => server.kill(),
    }
    damage.inflict(&site.path("b"));
    let (server, mut asks) = site.start(kind);
    let settled = wait_until(LIMIT, || {
        let rows = asks.metadata(TOPIC);
        let has_leader = |index: &i32| rows.get(index).is_some_and(|row| row.1 == 1);
        !bad.iter().any(has_leader) && good.iter().all(has_leader)
    });
    assert!(settled, "{kind:?} {damage:?}: {:?}", asks.metadata(TOPIC));
    let mut seen = vec![format!("{} in b, {} in c", bad.len(), good.len())];
    for (name, partitions) in [("bad", &bad), ("good", &good)] {
        for partition in partitions {
            seen.push(format!("{name}: {}", answers(&mut asks, *partition)));
        }
    }
    for (dir, (code, replicas)) in &asks.dirs() {
        seen.push(format!("{dir}: {code}, {} replicas", replicas.len()));
    }
    asks.create("later", 4);
    for partition in 0..4 {
        let produced = produce(&mut asks, "later", partition);
        seen.push(format!("later: {produced:?}"));
    }
    seen.push(format!("later in b: {:?}", asks.dirs()["b"]));
    server.stop();
    damage.undo(&site.path("b"));
    let (server, mut asks) = site.start(kind);
    let rest: Vec<_> = (0..6)
        .filter(|it| !bad.contains(it) && !good.contains(it))
        .collect();
    for partition in [bad, good, rest].concat() {
        let back = wait_until(LIMIT, || asks.offset(TOPIC, partition, -1).is_ok());
        assert!(back, "{kind:?} {damage:?}: {partition} is not back");
        seen.push(format!(
            "with b again: end {:?}, {:?} bytes",
            asks.offset(TOPIC, partition, -1),
            asks.fetch(TOPIC, partition, 0).map(|bytes| bytes.len())
        ));
    }
    server.kill();
    seen
}

#[test]
fn without_a_directory_the_others_are_served_as_by_apache_kafka() {
    let ottla = seen(Kind::under_test(), Damage::NoDirectory, true, NONE_ELIGIBLE);
    let offline = "bad: produce Err(6), fetch Err(6)";
    let count = |lines: &[String]| lines.iter().filter(|it| it.starts_with(offline)).count();
    assert_eq!(count(&ottla), 2, "{ottla:#?}");
    assert!(
        ottla.contains(&"b: 56, 0 replicas".to_owned()),
        "{ottla:#?}"
    );
    for damage in [Damage::NoDirectory, Damage::Senseless] {
        let kafka = seen(Kind::Kafka, damage, true, NONE_ELIGIBLE);
        assert_eq!(ottla, kafka, "{damage:?}");
    }
    // (Apache Kafka, when it is killed before it has told the controller where a log is, begins that log anew elsewhere,
    // and does not start once the directory is back.)
    let usual = seen(Kind::under_test(), Damage::NoDirectory, true, &[]);
    assert_eq!(count(&usual), 2, "{usual:#?}");
    for damage in Damage::ALL {
        for clean in [true, false] {
            let same = seen(Kind::under_test(), damage, clean, &[]);
            assert_eq!(usual, same, "{damage:?}, clean {clean}");
        }
    }
}
