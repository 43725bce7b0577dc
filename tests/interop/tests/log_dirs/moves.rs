//! AlterReplicaLogDirs while everything else goes on.

use std::{env, fs, path::Path, thread::sleep, time::Duration};

use ottla_client::Isolation;
use ottla_interop::{
    oracle::{Home, wait_until},
    server::Kind,
};

use super::{
    asks::{Asks, Site},
    failed::break_dir,
    load::{self, Contents, assert_contents, assert_sound, contents},
};

const LIMIT: Duration = Duration::from_secs(120);
const TOPIC: &str = "moving";
const ANY_RATE: u64 = i64::MAX as u64;
const SMALL_SEGMENTS: &[&str] = &[
    "log.segment.bytes=1048576",
    "log.retention.check.interval.ms=1000",
    "log.initial.task.delay.ms=1000",
    "transaction.state.log.num.partitions=1",
];

/// The directory after the one that a replica is in.
fn next(dir: &str) -> &'static str {
    match dir {
        "data" => "b",
        "b" => "c",
        _ => "data",
    }
}

/// Waits until a replica is there, and no copy of it anywhere.
fn wait_for_move(asks: &mut Asks, topic: &str, to: &str) {
    let arrow = format!("->{topic}-0");
    let moved = wait_until(LIMIT, || {
        let dirs = asks.dirs();
        let is_moving = dirs.values().any(|(_, all)| all.contains(&arrow));
        !is_moving && asks.place(topic, 0) == to
    });
    assert!(moved, "{topic}-0 is not in {to}: {:?}", asks.dirs());
}

/// The names of a topic's directories in a log directory, those to be removed left out.
fn directories(dir: &Path, topic: &str) -> Vec<String> {
    let names = fs::read_dir(dir).expect("a folder");
    let names = names.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<_> = names
        .filter(|name| name.starts_with(&format!("{topic}-")) && !name.ends_with("-delete"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_replica_moves_while_producers_and_deletions_go_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::new(dir.path(), SMALL_SEGMENTS);
    let (server, mut asks) = site.start(Kind::under_test());
    let address = server.address();
    asks.create(TOPIC, 1);
    asks.create("transactions", 1);
    let mut all = load::fill(&address, TOPIC, 6 << 20);
    asks.throttle(1 << 20);
    let idempotent = load::idempotent(&address, TOPIC);
    let transactions = load::transactions(&address, "transactions");
    let (from, also_from) = (asks.place(TOPIC, 0), asks.place("transactions", 0));
    let (to, also_to) = (next(&from), next(&also_from));
    assert_eq!(asks.alter(TOPIC, 0, &site.path(to)), 0);
    assert_eq!(asks.alter("transactions", 0, &site.path(also_to)), 0);
    // In the midst of it, what was copied is deleted, and what was not. Appends may be faster than the copy.
    let start = (all.len() / 2) as i64 + 1;
    let has_begun = |copied: i64| copied > 0 && copied < start;
    assert!(wait_until(LIMIT, || asks
        .copied(TOPIC, 0, to)
        .is_some_and(has_begun)));
    assert_eq!(asks.delete_records(TOPIC, 0, start), 0);
    asks.throttle(ANY_RATE);
    wait_for_move(&mut asks, TOPIC, to);
    wait_for_move(&mut asks, "transactions", also_to);
    // And a little further.
    sleep(Duration::from_millis(300));
    all.extend(idempotent.stop());
    all.retain(|offset, _| *offset >= start);
    let committed = transactions.stop();
    let check = |what: &str| {
        assert_contents(
            what,
            &all,
            &contents(&address, TOPIC, Isolation::ReadUncommitted),
        );
        let read = contents(&address, "transactions", Isolation::ReadCommitted);
        let read: Vec<_> = read.into_values().collect();
        assert_eq!(read, committed, "{what}");
    };
    check("after the moves");
    assert_eq!(asks.offset(TOPIC, 0, -2), Ok(start));
    server.stop();
    for name in ["data", "b", "c"] {
        assert_sound(&site.path(name));
    }
    assert_eq!(directories(&site.path(&from), TOPIC), [""; 0]);
    assert_eq!(directories(&site.path(to), TOPIC), ["moving-0"]);
    let (server, _) = site.start(Kind::under_test());
    check("after a restart");
    server.stop();
}

#[test]
fn nothing_is_lost_by_kills_while_a_replica_moves() {
    let kills = env::var("OTTLA_MOVE_KILLS").map_or(5, |count| count.parse().expect("a number"));
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::new(dir.path(), SMALL_SEGMENTS);
    let (mut server, mut asks) = site.start(Kind::under_test());
    let address = server.address();
    asks.create(TOPIC, 1);
    let mut all = load::fill(&address, TOPIC, 3 << 20);
    let mut to = next(&asks.place(TOPIC, 0));
    for kill in 0..kills {
        assert_eq!(asks.alter(TOPIC, 0, &site.path(to)), 0, "kill {kill}");
        let load = load::idempotent(&address, TOPIC);
        // At once, in the midst of it, and about when the copy takes the log's place.
        sleep(Duration::from_millis(kill * 37 % 400));
        server.kill();
        let acknowledged = load.stop();
        all.extend(acknowledged);
        (server, asks) = site.start(Kind::under_test());
        let there = contents(&address, TOPIC, Isolation::ReadUncommitted);
        // The last batch may be there, whose answer did not come.
        let end = all.keys().next_back().map_or(0, |last| last + 1);
        let unanswered: Contents = there.range(end..).map(|(o, v)| (*o, v.clone())).collect();
        assert!(
            unanswered.len() <= 3,
            "{} records too many",
            unanswered.len()
        );
        all.extend(unanswered);
        assert_contents(&format!("after kill {kill}"), &all, &there);
        if kill % 2 == 1 {
            wait_for_move(&mut asks, TOPIC, to);
            assert_eq!(directories(&site.path(to), TOPIC), ["moving-0"]);
            to = next(to);
        }
    }
    let to = next(&asks.place(TOPIC, 0));
    assert_eq!(asks.alter(TOPIC, 0, &site.path(to)), 0);
    wait_for_move(&mut asks, TOPIC, to);
    let there = contents(&address, TOPIC, Isolation::ReadUncommitted);
    assert_contents("in the end", &all, &there);
    server.stop();
    for name in ["data", "b", "c"] {
        assert_sound(&site.path(name));
    }
}

#[test]
fn a_move_is_throttled_redirected_and_cancelled_as_with_apache_kafka() {
    for kind in [Kind::under_test(), Kind::Kafka] {
        let dir = tempfile::tempdir().expect("a folder");
        let site = Site::new(dir.path(), SMALL_SEGMENTS);
        let (server, mut asks) = site.start(kind);
        let address = server.address();
        asks.create(TOPIC, 1);
        let leads = wait_until(LIMIT, || asks.offset(TOPIC, 0, -1) == Ok(0));
        assert!(leads, "{kind:?}");
        let all = load::fill(&address, TOPIC, 3 << 20);
        asks.throttle(100_000);
        sleep(Duration::from_millis(500));
        let from = asks.place(TOPIC, 0);
        let [to, elsewhere] = [next(&from), next(next(&from))];
        let begins = |asks: &mut Asks, to: &str| {
            assert_eq!(asks.alter(TOPIC, 0, &site.path(to)), 0, "{kind:?}");
            let has_some = |lag: i64| lag > 0 && lag < all.len() as i64;
            let begun = wait_until(LIMIT, || asks.lag(TOPIC, 0, to).is_some_and(has_some));
            assert!(begun, "{kind:?}: {:?}", asks.dirs());
            assert_eq!(directories(&site.path(to), TOPIC).len(), 1, "{kind:?}");
        };
        begins(&mut asks, to);
        assert_eq!(asks.place(TOPIC, 0), from, "{kind:?}");
        // The same once more changes nothing.
        begins(&mut asks, to);
        begins(&mut asks, elsewhere);
        assert_eq!(asks.lag(TOPIC, 0, to), None, "{kind:?}");
        assert_eq!(directories(&site.path(to), TOPIC), [""; 0], "{kind:?}");
        assert_eq!(asks.alter(TOPIC, 0, &site.path(&from)), 0, "{kind:?}");
        assert_eq!(asks.lag(TOPIC, 0, elsewhere), None, "{kind:?}");
        assert_eq!(
            directories(&site.path(elsewhere), TOPIC),
            [""; 0],
            "{kind:?}"
        );
        // Another rate counts at once.
        begins(&mut asks, to);
        asks.throttle(ANY_RATE);
        wait_for_move(&mut asks, TOPIC, to);
        let there = contents(&address, TOPIC, Isolation::ReadUncommitted);
        assert_contents(&format!("{kind:?}"), &all, &there);
        server.stop();
    }
}

#[test]
fn a_compacted_log_is_compacted_where_it_comes() {
    let dir = tempfile::tempdir().expect("a folder");
    let more = [
        SMALL_SEGMENTS,
        &[
            "log.cleaner.backoff.ms=200",
            "log.cleaner.min.cleanable.ratio=0.01",
        ],
    ];
    let site = Site::new(dir.path(), &more.concat());
    let (server, mut asks) = site.start(Kind::under_test());
    let address = server.address();
    asks.create(TOPIC, 1);
    asks.configure(2, TOPIC, "cleanup.policy", "compact");
    let clean_offset = |dir: &str| {
        let path = site.path(dir).join("cleaner-offset-checkpoint");
        let text = fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("moving 0 "));
        line.and_then(|offset| offset.parse::<i64>().ok())
    };
    let mut written = load::fill(&address, TOPIC, 3 << 20);
    let from = asks.place(TOPIC, 0);
    let to = next(&from);
    assert!(wait_until(LIMIT, || clean_offset(&from)
        .is_some_and(|offset| offset > 0)));
    asks.throttle(300_000);
    sleep(Duration::from_millis(300));
    assert_eq!(asks.alter(TOPIC, 0, &site.path(to)), 0);
    assert!(wait_until(LIMIT, || asks.lag(TOPIC, 0, to).is_some()));
    written.extend(load::fill(&address, TOPIC, 2 << 20));
    asks.throttle(ANY_RATE);
    wait_for_move(&mut asks, TOPIC, to);
    let has_come = wait_until(LIMIT, || clean_offset(to).is_some());
    assert!(has_come, "up to where it is clean has not come along");
    let moved = clean_offset(to);
    assert!(wait_until(LIMIT, || clean_offset(&from).is_none()));
    written.extend(load::fill(&address, TOPIC, 2 << 20));
    assert!(
        wait_until(LIMIT, || clean_offset(to) > moved),
        "it is not cleaned any more"
    );
    let there = contents(&address, TOPIC, Isolation::ReadUncommitted);
    // Keys go round: the last of each is among the last fifty.
    let last: Vec<i64> = written.keys().rev().take(50).copied().collect();
    for offset in last {
        assert_eq!(there.get(&offset), written.get(&offset), "{offset}");
    }
    assert!(
        there
            .iter()
            .all(|(offset, value)| written.get(offset) == Some(value))
    );
    assert!(there.len() < written.len());
    server.stop();
    assert_sound(&site.path(to));
}

/// Copies a folder of files.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

#[test]
fn a_stop_between_two_renames_leaves_everything() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::new(dir.path(), SMALL_SEGMENTS);
    let (server, mut asks) = site.start(Kind::under_test());
    asks.create(TOPIC, 1);
    let mut all = load::fill(&server.address(), TOPIC, 1 << 20);
    let from = asks.place(TOPIC, 0);
    let to = next(&from);
    server.stop();
    let [old, new] = [&from[..], to].map(|dir| site.path(dir).join("moving-0"));
    let kept = dir.path().join("kept");
    copy(&old, &kept);
    let (server, mut asks) = site.start(Kind::under_test());
    assert_eq!(asks.alter(TOPIC, 0, &site.path(to)), 0);
    wait_for_move(&mut asks, TOPIC, to);
    all.extend(load::fill(&server.address(), TOPIC, 100_000));
    server.stop();
    // The log was renamed, and what it replaces not yet.
    let _ = fs::remove_dir_all(&old);
    copy(&kept, &old);
    let (server, mut asks) = site.start(Kind::under_test());
    assert_eq!(asks.place(TOPIC, 0), to);
    let there = contents(&server.address(), TOPIC, Isolation::ReadUncommitted);
    assert_contents("two logs", &all, &there);
    let aside = directories(&site.path(&from), TOPIC);
    assert!(
        aside.len() == 1 && aside[0].ends_with("-stray"),
        "{aside:?}"
    );
    server.stop();
    // Nor the copy, and what it replaces is gone.
    let unique = "0123456789abcdef0123456789abcdef";
    let copied = site.path(to).join(format!("moving-0.{unique}-future"));
    fs::rename(&new, copied).expect("renamed");
    let (server, mut asks) = site.start(Kind::under_test());
    assert_eq!(asks.place(TOPIC, 0), to);
    let there = contents(&server.address(), TOPIC, Isolation::ReadUncommitted);
    assert_contents("no log", &all, &there);
    server.stop();
    assert_sound(&site.path(to));
}

#[test]
fn a_directory_fails_while_a_replica_moves_as_with_apache_kafka() {
    let seen = |kind: Kind, fails_target: bool| {
        let dir = tempfile::tempdir().expect("a folder");
        let site = Site::new(dir.path(), SMALL_SEGMENTS);
        let (server, mut asks) = site.start(kind);
        let address = server.address();
        // That in the directory of the metadata stays; one of the others is moved.
        asks.create(TOPIC, 3);
        let leads = wait_until(LIMIT, || {
            (0..3).all(|of| asks.offset(TOPIC, of, -1) == Ok(0))
        });
        assert!(leads, "{kind:?}");
        let index = asks.partitions_in(TOPIC, "b")[0];
        for _ in 0..40 {
            asks.produce(TOPIC, index, &vec![b'x'; 50_000])
                .expect("written");
        }
        asks.throttle(50_000);
        sleep(Duration::from_millis(500));
        assert_eq!(asks.alter(TOPIC, index, &site.path("c")), 0, "{kind:?}");
        assert!(wait_until(LIMIT, || asks.lag(TOPIC, index, "c").is_some()));
        let bad = if fails_target { "c" } else { "b" };
        break_dir(&site.path(bad));
        let failed = wait_until(LIMIT, || asks.dirs()[bad].0 == 56);
        assert!(failed, "{kind:?}: {:?}", asks.dirs());
        let settled = |asks: &mut Asks| asks.metadata(TOPIC)[&index].1 != -1;
        if !fails_target {
            assert!(wait_until(LIMIT, || !settled(&mut asks)), "{kind:?}");
        }
        let produced = asks
            .produce(TOPIC, index, b"after")
            .map_err(|(code, _)| code);
        let moves_on = asks.alter(TOPIC, index, &site.path("data"));
        let mut dirs = asks.dirs();
        if kind == Kind::Kafka && !fails_target {
            // Kafka shows the copy, of which nothing will come, without its log.
            for (_, replicas) in dirs.values_mut() {
                replicas.retain(|name| !name.starts_with("->"));
            }
        }
        let said = format!(
            "{produced:?} {moves_on} {:?} {dirs:?}",
            asks.metadata(TOPIC)[&index]
        );
        drop(address);
        server.kill();
        said
    };
    for fails_target in [true, false] {
        let ottla = seen(Kind::under_test(), fails_target);
        assert_eq!(
            ottla,
            seen(Kind::Kafka, fails_target),
            "target: {fails_target}"
        );
    }
}

#[test]
fn the_reassignment_tool_of_apache_kafka_moves_replicas() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::new(dir.path(), SMALL_SEGMENTS);
    let (server, mut asks) = site.start(Kind::under_test());
    let address = server.address();
    asks.create(TOPIC, 1);
    let all = load::fill(&address, TOPIC, 1 << 20);
    let to = next(&asks.place(TOPIC, 0));
    let plan = dir.path().join("plan.json");
    let path = site.path(to);
    let text = format!(
        r#"{{"version":1,"partitions":[{{"topic":"{TOPIC}","partition":0,"replicas":[1],"log_dirs":["{}"]}}]}}"#,
        path.display()
    );
    fs::write(&plan, text).expect("a plan");
    let tool = |action: &[&str]| {
        let mut tool = Home::find()
            .tool("org.apache.kafka.tools.reassign.ReassignPartitionsCommand")
            .expect("the tool");
        tool.args(["--bootstrap-server", &address]);
        tool.arg("--reassignment-json-file").arg(&plan).args(action);
        let output = tool.output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}\n{errors}");
        said
    };
    let throttled = [
        "--execute",
        "--replica-alter-log-dirs-throttle",
        "100000000",
    ];
    let said = tool(&throttled);
    assert!(
        said.contains("Successfully started moving log directory"),
        "{said}"
    );
    wait_for_move(&mut asks, TOPIC, to);
    let said = tool(&["--verify"]);
    assert!(said.contains("completed successfully"), "{said}");
    let there = contents(&address, TOPIC, Isolation::ReadUncommitted);
    assert_contents("after the tool", &all, &there);
    server.stop();
}
