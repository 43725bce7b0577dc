//! High watermarks are written down while a node runs, as often as is configured.

use std::{fs, time::Duration};

use ottla_interop::{oracle::wait_until, server::Kind};

use super::asks::Site;

/// Long enough for a slow machine, and not for a stop.
const LIMIT: Duration = Duration::from_secs(60);
const TOPIC: &str = "watched";

/// `replica.high.watermark.checkpoint.interval.ms` (of the site: 500) after a record was written, not before; with an
/// interval of none, at the stop.
#[test]
fn high_watermarks_are_written_down_by_their_interval() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::new(dir.path(), &[]);
    let says = |site: &Site, offset: i64| {
        let line = format!("{TOPIC} 0 {offset}");
        ["data", "b", "c"].iter().any(|dir| {
            let path = site.path(dir).join("replication-offset-checkpoint");
            fs::read_to_string(path).is_ok_and(|text| text.lines().any(|it| it == line))
        })
    };
    for kind in [Kind::under_test(), Kind::Kafka] {
        let (server, mut asks) = site.start(kind);
        if kind == Kind::under_test() {
            asks.create(TOPIC, 1);
        }
        for _ in 0..3 {
            let mut at = Err((0, String::new()));
            wait_until(LIMIT, || {
                at = asks.produce(TOPIC, 0, b"a record");
                at.is_ok()
            });
            let end = at.expect("an offset") + 1;
            let written = wait_until(LIMIT, || says(&site, end));
            assert!(written, "{kind:?}: {end} is not written down");
        }
        server.kill();
    }
    let never = tempfile::tempdir().expect("a folder");
    let never = Site::new(
        never.path(),
        &["replica.high.watermark.checkpoint.interval.ms=0"],
    );
    let (server, mut asks) = never.start(Kind::under_test());
    asks.create(TOPIC, 1);
    assert_eq!(asks.produce(TOPIC, 0, b"a record"), Ok(0));
    // Longer than the default interval would let it wait.
    std::thread::sleep(Duration::from_secs(6));
    assert!(!says(&never, 1), "written down before the stop");
    server.stop();
    assert!(says(&never, 1), "not written down at the stop");
}
