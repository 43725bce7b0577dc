//! Segments with message sets of old releases (magic 0 and 1) are served as Apache Kafka 4.4 serves them, and given back.

use std::{
    fs,
    hash::{DefaultHasher, Hasher},
    path::Path,
    process::Command,
    time::Duration,
};

use ottla_interop::{
    clients,
    dump::assert_dumps_are_the_same,
    legacy::{self, END, FIRST, SETS, Set},
    oracle::{output, wait_until},
    server::Kind,
};

use super::asks::{Asks, Site};

const LIMIT: Duration = Duration::from_secs(60);
const TOPIC: &str = "old";
const DIRS: [&str; 3] = ["data", "b", "c"];

/// A stopped node whose partitions have a set each, as after an upgrade and an unclean stop.
fn plant(site: &Site, sets: &[Set]) {
    let (server, mut asks) = site.start(Kind::under_test());
    asks.create(TOPIC, SETS as u32);
    let places: Vec<_> = (0..SETS as i32).map(|n| asks.place(TOPIC, n)).collect();
    server.stop();
    for (n, (place, set)) in places.iter().zip(sets).enumerate() {
        legacy::plant(&site.path(place).join(format!("{TOPIC}-{n}")), set);
    }
    for dir in DIRS {
        for entry in fs::read_dir(site.path(dir)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name == ".kafka_cleanshutdown" || name.ends_with("-checkpoint") {
                fs::remove_file(path).expect("removed");
            }
        }
    }
}

fn copy(from: &Site, to: &Path) {
    for dir in DIRS {
        let _ = fs::remove_dir_all(to.join(dir));
        let mut copy = Command::new("cp");
        output(copy.arg("-a").arg(from.path(dir)).arg(to.join(dir))).expect("copied");
    }
}

/// All that is answered of the partitions, which end there.
fn seen(asks: &mut Asks, end: i64) -> Vec<String> {
    let mut seen = Vec::new();
    for n in 0..SETS as i32 {
        let is_there = wait_until(LIMIT, || asks.offset(TOPIC, n, -1) == Ok(end));
        assert!(is_there, "{n}: {:?}", asks.offset(TOPIC, n, -1));
        let times = [
            -3, -2, 0, 4_999, 5_000, 5_025, 5_049, 5_050, 777_777, 777_778,
        ];
        for time in times {
            seen.push(format!("{n}: at {time} {:?}", asks.offset(TOPIC, n, time)));
        }
        for from in [FIRST - 1, FIRST, FIRST + 20, END - 1, END] {
            let read = asks.fetch(TOPIC, n, from).map(|bytes| {
                let mut hasher = DefaultHasher::new();
                hasher.write(&bytes);
                (bytes.len(), hasher.finish())
            });
            seen.push(format!("{n}: from {from} {read:?}"));
        }
    }
    seen
}

fn assert_same(what: &str, ottla: &[String], kafka: &[String]) {
    assert_eq!(ottla.len(), kafka.len(), "{what}");
    let both = ottla.iter().zip(kafka).filter(|(a, b)| a != b);
    let different: Vec<_> = both.map(|(a, b)| format!("Ottla {a}, Kafka {b}")).collect();
    assert!(different.is_empty(), "{what}:\n{}", different.join("\n"));
}

#[test]
fn message_sets_of_old_releases_are_served_as_by_apache_kafka() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::new(&dir.path().join("node"), &[]);
    plant(&site, &legacy::sets(dir.path()));
    let planted = dir.path().join("planted");
    fs::create_dir(&planted).expect("a folder");
    copy(&site, &planted);

    let (server, mut asks) = site.start(Kind::under_test());
    let ottla = seen(&mut asks, END);
    for n in 0..SETS as i32 {
        assert_eq!(asks.produce(TOPIC, n, b"of today"), Ok(END), "{n}");
    }
    let later = seen(&mut asks, END + 1);
    server.stop();
    for name in DIRS {
        let mut verify = clients::ottla(&["log", "verify"]);
        let verified = verify.arg(site.path(name)).output().expect("ottla");
        let said = String::from_utf8_lossy(&verified.stdout);
        assert!(verified.status.success(), "{name}: {said}");
        assert_dumps_are_the_same(&site.path(name), TOPIC, &["log"], "--deep-iteration");
    }
    // Given to Apache Kafka, and once more from the beginning.
    let (server, mut asks) = site.start(Kind::Kafka);
    assert_same("given back", &later, &seen(&mut asks, END + 1));
    server.stop();
    for name in DIRS {
        fs::remove_dir_all(site.path(name)).expect("removed");
        fs::rename(planted.join(name), site.path(name)).expect("renamed");
    }
    let (server, mut asks) = site.start(Kind::Kafka);
    assert_same("recovered", &ottla, &seen(&mut asks, END));
    server.kill();
}
