//! A replica is to be moved to a directory that has no room for it: the move waits, and nobody else is touched by that.

use std::{fs, path::Path, time::Duration};

use ottla_client::Isolation;
use ottla_interop::{oracle::wait_until, server::Kind};

use super::{
    asks::{Asks, Site},
    full::Disk,
    load::{self, assert_contents, assert_sound, contents},
};

const LIMIT: Duration = Duration::from_secs(60);
const TOPIC: &str = "moving";
/// One partition in each directory.
const BESIDE: &str = "beside";
const MORE: &[&str] = &[
    "log.segment.bytes=1048576",
    "log.retention.check.interval.ms=500",
    "log.initial.task.delay.ms=500",
    "log.segment.delete.delay.ms=0",
];
/// More than the disk has.
const TOO_MUCH: usize = 12 << 20;
const ANY_RATE: u64 = i64::MAX as u64;

/// What the log of the node says of room for the move, the last time.
fn said(node: &Path) -> Option<String> {
    let text = fs::read_to_string(node.join("ottla.log")).unwrap_or_default();
    let mut lines = text.lines().rev();
    lines
        .find(|line| line.contains("moving-0 is served from"))
        .map(str::to_owned)
}

/// The number before these words.
fn number_before(text: &str, words: &str) -> u64 {
    let before = text.split(words).next().unwrap_or_default();
    let number = before.rsplit(' ').next().unwrap_or_default();
    number
        .parse()
        .unwrap_or_else(|_| panic!("{words:?}: {text}"))
}

/// That directory `c` lacks room for the log, and how much.
fn assert_told(site: &Site, node: &Path) {
    let told = wait_until(LIMIT, || said(node).is_some());
    assert!(told, "nothing is said of room");
    let text = said(node).unwrap_or_default();
    let full = format!("log directory {} is full", site.path("c").display());
    assert!(text.contains(&full), "{text}");
    let wanted = number_before(&text, " bytes are to be written");
    let available = number_before(&text, " are available");
    let missing = number_before(&text, " bytes on its file system");
    assert!(wanted > available, "{text}");
    assert_eq!(missing, wanted - available, "{text}");
}

/// Every partition is written and read, and no directory has failed.
fn assert_others_go_on(asks: &mut Asks, what: &str) {
    for partition in 0..3 {
        let produced = asks.produce(BESIDE, partition, b"more");
        assert!(produced.is_ok(), "{what}: {partition}: {produced:?}");
        assert!(
            asks.fetch(BESIDE, partition, 0).is_ok(),
            "{what}: {partition}"
        );
    }
    let produced = asks.produce(TOPIC, 0, b"more");
    assert!(produced.is_ok(), "{what}: {produced:?}");
    for (dir, (code, _)) in asks.dirs() {
        assert_eq!(code, 0, "{what}: {dir}");
    }
}

/// A topic of one partition that is in directory `b`.
fn create_in_b(asks: &mut Asks, site: &Site) {
    asks.create(TOPIC, 1);
    assert_eq!(asks.alter(TOPIC, 0, &site.path("b")), 0);
    wait_for_move(asks, "b");
}

fn wait_for_move(asks: &mut Asks, to: &str) {
    let moved = wait_until(LIMIT, || {
        asks.lag(TOPIC, 0, to).is_none() && asks.place(TOPIC, 0) == to
    });
    assert!(moved, "it is not in {to}: {:?}", asks.dirs());
}

#[test]
fn a_move_to_a_full_directory_waits_and_touches_nobody() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::new(dir.path(), MORE);
    let test = "full_move::a_move_to_a_full_directory_waits_and_touches_nobody";
    let Some(disk) = Disk::at(&site.path("c"), test) else {
        return;
    };
    let (server, mut asks) = site.start(Kind::Ottla);
    let address = server.address();
    asks.create(BESIDE, 3);
    assert_eq!(
        asks.partitions_in(BESIDE, "c").len(),
        1,
        "{:?}",
        asks.dirs()
    );
    create_in_b(&mut asks, &site);
    load::fill(&address, TOPIC, TOO_MUCH);

    // It does not fit: nothing of it is written, and it can be called off.
    assert_eq!(asks.alter(TOPIC, 0, &site.path("c")), 0);
    assert_told(&site, dir.path());
    assert_others_go_on(&mut asks, "too large");
    assert_eq!(asks.copied(TOPIC, 0, "c"), Some(0));
    assert_eq!(asks.place(TOPIC, 0), "b");
    assert_eq!(asks.alter(TOPIC, 0, &site.path("b")), 0);
    assert_eq!(asks.lag(TOPIC, 0, "c"), None);

    // What is deleted from the log need not be moved: then it fits, and the move goes on by itself.
    assert_eq!(asks.alter(TOPIC, 0, &site.path("c")), 0);
    let end = asks.offset(TOPIC, 0, -1).expect("an end");
    assert_eq!(asks.delete_records(TOPIC, 0, end - 200), 0);
    wait_for_move(&mut asks, "c");
    assert_eq!(asks.alter(TOPIC, 0, &site.path("b")), 0);
    wait_for_move(&mut asks, "b");
    let all = contents(&address, TOPIC, Isolation::ReadUncommitted);

    // Somebody else takes the room while it is on its way, and gives it back.
    asks.throttle(200_000);
    assert_eq!(asks.alter(TOPIC, 0, &site.path("c")), 0);
    let begun = wait_until(LIMIT, || {
        asks.copied(TOPIC, 0, "c").is_some_and(|at| at > end - 200)
    });
    assert!(begun, "{:?}", asks.dirs());
    fs::write(dir.path().join("ottla.log"), "").expect("emptied");
    let filling = disk.fill();
    asks.throttle(ANY_RATE);
    assert_told(&site, dir.path());
    assert_eq!(asks.place(TOPIC, 0), "b");
    assert!(asks.lag(TOPIC, 0, "c").is_some());
    for (dir, (code, _)) in asks.dirs() {
        assert_eq!(code, 0, "{dir}");
    }
    let there = contents(&address, TOPIC, Isolation::ReadUncommitted);
    assert_contents("while it waits", &all, &there);
    fs::remove_file(filling).expect("removed");
    wait_for_move(&mut asks, "c");
    assert_others_go_on(&mut asks, "moved");
    let mut there = contents(&address, TOPIC, Isolation::ReadUncommitted);
    there.retain(|_, value| value != "more");
    let mut all = all;
    all.retain(|_, value| value != "more");
    assert_contents("moved", &all, &there);
    server.stop();
    for name in ["data", "b", "c"] {
        assert_sound(&site.path(name));
    }
}

/// Apache Kafka takes a directory for failed that it could not write a copy to, with all that is in it. The log that was
/// to be moved is served on.
#[test]
fn the_log_is_served_on_as_by_apache_kafka() {
    let dir = tempfile::tempdir().expect("a folder");
    let test = "full_move::the_log_is_served_on_as_by_apache_kafka";
    let mut all = Vec::new();
    for kind in [Kind::under_test(), Kind::Kafka] {
        let site = Site::new(&dir.path().join(format!("{kind:?}")), MORE);
        let Some(_disk) = Disk::at(&site.path("c"), test) else {
            return;
        };
        let (server, mut asks) = site.start(kind);
        asks.create(TOPIC, 1);
        let leads = wait_until(LIMIT, || asks.offset(TOPIC, 0, -1) == Ok(0));
        assert!(leads, "{kind:?}");
        if asks.place(TOPIC, 0) != "b" {
            assert_eq!(asks.alter(TOPIC, 0, &site.path("b")), 0, "{kind:?}");
            wait_for_move(&mut asks, "b");
        }
        let written = load::fill(&server.address(), TOPIC, TOO_MUCH);
        let mut seen = vec![format!("alter {}", asks.alter(TOPIC, 0, &site.path("c")))];
        let stopped = wait_until(LIMIT, || match kind {
            Kind::Kafka => asks.dirs()["c"].0 == 56,
            _ => said(&dir.path().join(format!("{kind:?}"))).is_some(),
        });
        assert!(stopped, "{kind:?}: {:?}", asks.dirs());
        seen.push(format!("produce {:?}", asks.produce(TOPIC, 0, b"more")));
        seen.push(format!("end {:?}", asks.offset(TOPIC, 0, -1)));
        seen.push(format!("place {}", asks.place(TOPIC, 0)));
        seen.push(format!("metadata {:?}", asks.metadata(TOPIC)));
        let mut there = contents(&server.address(), TOPIC, Isolation::ReadUncommitted);
        there.retain(|_, value| value != "more");
        assert_contents(&format!("{kind:?}"), &written, &there);
        if kind == Kind::Ottla {
            assert_eq!(asks.dirs()["c"].0, 0);
        }
        server.kill();
        all.push(seen);
    }
    assert_eq!(all[0], all[1]);
}
