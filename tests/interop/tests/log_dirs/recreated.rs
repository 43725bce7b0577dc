//! A topic that is deleted and made again begins anew, whatever the checkpoints said of the first one.

use std::{fs, time::Duration};

use ottla_interop::{oracle::wait_until, server::Kind};
use ottla_wire::messages::DeleteTopicsRequest;

use super::asks::{Asks, Site};

const LIMIT: Duration = Duration::from_secs(60);
const TOPIC: &str = "again";
const RECORDS: i64 = 10;

fn delete(asks: &mut Asks) {
    let request = DeleteTopicsRequest {
        topic_names: vec![TOPIC.to_owned()],
        timeout_ms: 30_000,
        ..Default::default()
    };
    let answer = asks.0.ask(5, &request).expect("an answer");
    assert_eq!(answer.responses[0].error_code, 0);
}

/// What a checkpoint of any directory says of the topic.
fn said(site: &Site, checkpoint: &str) -> Vec<String> {
    let texts = ["data", "b", "c"].map(|dir| fs::read_to_string(site.path(dir).join(checkpoint)));
    let texts = texts.into_iter().flatten();
    let lines = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.filter(|it| it.starts_with(TOPIC)).collect()
}

/// Records are acknowledged from the first offset on, and are there after an unclean end.
#[test]
fn a_topic_of_a_former_name_begins_anew() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::new(dir.path(), &[]);
    for started_between in [false, true] {
        let (mut server, mut asks) = site.start(Kind::under_test());
        asks.create(TOPIC, 1);
        for n in 0..RECORDS {
            assert_eq!(asks.produce(TOPIC, 0, b"former"), Ok(n));
        }
        assert_eq!(asks.delete_records(TOPIC, 0, RECORDS - 1), 0);
        // The checkpoints say so, and those who start read them.
        server.stop();
        assert_eq!(
            said(&site, "log-start-offset-checkpoint"),
            [format!("{TOPIC} 0 {}", RECORDS - 1)]
        );
        assert_eq!(
            said(&site, "recovery-point-offset-checkpoint"),
            [format!("{TOPIC} 0 {RECORDS}")]
        );
        (server, asks) = site.start(Kind::under_test());
        delete(&mut asks);
        let forgotten = wait_until(LIMIT, || {
            said(&site, "log-start-offset-checkpoint").is_empty()
                && said(&site, "recovery-point-offset-checkpoint").is_empty()
        });
        assert!(forgotten, "the checkpoints still speak of the former topic");
        if started_between {
            server.stop();
            (server, asks) = site.start(Kind::under_test());
        }
        asks.create(TOPIC, 1);
        assert_eq!(asks.offset(TOPIC, 0, -2), Ok(0), "{started_between}");
        assert_eq!(asks.offset(TOPIC, 0, -1), Ok(0), "{started_between}");
        for n in 0..3 {
            assert_eq!(asks.produce(TOPIC, 0, b"new"), Ok(n));
        }
        server.kill();
        (server, asks) = site.start(Kind::under_test());
        assert_eq!(asks.offset(TOPIC, 0, -2), Ok(0), "{started_between}");
        assert_eq!(asks.offset(TOPIC, 0, -1), Ok(3), "{started_between}");
        assert!(!asks.fetch(TOPIC, 0, 0).expect("records").is_empty());
        delete(&mut asks);
        server.stop();
    }
}
