//! A move that one program begins and the other ends, both ways, after a stop and after a kill.

use std::{thread::sleep, time::Duration};

use ottla_client::Isolation;
use ottla_interop::{oracle::wait_until, server::Kind};

use super::{
    asks::Site,
    load::{self, assert_contents, assert_sound, contents},
};

const LIMIT: Duration = Duration::from_secs(120);
const TOPIC: &str = "moving";

#[test]
fn what_one_begins_to_move_the_other_moves_to_the_end() {
    let dir = tempfile::tempdir().expect("a folder");
    let more = [
        "log.segment.bytes=1048576",
        "log.initial.task.delay.ms=1000",
    ];
    let site = Site::new(dir.path(), &more);
    let mut kind = Kind::under_test();
    let (mut server, mut asks) = site.start(kind);
    asks.create(TOPIC, 1);
    let mut all = load::fill(&server.address(), TOPIC, 3 << 20);
    for (round, is_killed) in [(0, false), (1, false), (2, true), (3, true)] {
        let what = format!("round {round}, begun by {kind:?}");
        let from = asks.place(TOPIC, 0);
        let to = ["data", "b", "c"].into_iter().find(|dir| *dir != from);
        let to = to.expect("another");
        asks.throttle(200_000);
        sleep(Duration::from_millis(500));
        assert_eq!(asks.alter(TOPIC, 0, &site.path(to)), 0, "{what}");
        let has_some = |lag: i64| lag > 0 && lag < all.len() as i64;
        let begun = wait_until(LIMIT, || asks.lag(TOPIC, 0, to).is_some_and(has_some));
        assert!(begun, "{what}: {:?}", asks.dirs());
        all.extend(load::fill(&server.address(), TOPIC, 100_000));
        if is_killed {
            server.kill();
        } else {
            server.stop();
            assert_sound(&site.path(to));
        }
        kind = match kind {
            Kind::Ottla => Kind::Kafka,
            Kind::Kafka | Kind::OlderKafka => Kind::Ottla,
        };
        (server, asks) = site.start(kind);
        assert!(
            wait_until(LIMIT, || asks.offset(TOPIC, 0, -2) == Ok(0)),
            "{what}"
        );
        assert!(
            wait_until(LIMIT, || asks.lag(TOPIC, 0, to).is_some()),
            "{what}: {:?}",
            asks.dirs()
        );
        all.extend(load::fill(&server.address(), TOPIC, 100_000));
        asks.throttle(i64::MAX as u64);
        let moved = wait_until(LIMIT, || {
            asks.lag(TOPIC, 0, to).is_none() && asks.place(TOPIC, 0) == to
        });
        assert!(moved, "{what}: {:?}", asks.dirs());
        let there = contents(&server.address(), TOPIC, Isolation::ReadUncommitted);
        assert_contents(&what, &all, &there);
    }
    server.stop();
    for name in ["data", "b", "c"] {
        assert_sound(&site.path(name));
    }
}
