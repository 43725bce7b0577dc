//! A cordoned log directory takes no new replicas and serves those that it has, as with Apache Kafka.

use std::{path::Path, time::Duration};

use ottla_interop::{oracle::wait_until, server::Kind};
use ottla_wire::messages::{
    CreatePartitionsRequest, CreateTopicsRequest, create_partitions_request::CreatePartitionsTopic,
    create_topics_request::CreatableTopic,
};

use super::asks::{Asks, Site};

const LIMIT: Duration = Duration::from_secs(60);
const KEY: &str = "cordoned.log.dirs";
const BROKER: i8 = 4;

fn create(asks: &mut Asks, topic: &str, partitions: i32) -> i16 {
    let request = CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: topic.to_owned(),
            num_partitions: partitions,
            replication_factor: 1,
            ..Default::default()
        }],
        timeout_ms: 30_000,
        ..Default::default()
    };
    let answer = asks.0.ask(7, &request).expect("an answer");
    answer.topics[0].error_code
}

fn widen(asks: &mut Asks, topic: &str, count: i32) -> i16 {
    let request = CreatePartitionsRequest {
        topics: vec![CreatePartitionsTopic {
            name: topic.to_owned(),
            count,
            assignments: None,
            ..Default::default()
        }],
        timeout_ms: 30_000,
        ..Default::default()
    };
    let answer = asks.0.ask(3, &request).expect("an answer");
    answer.results[0].error_code
}

/// Cordons these, and waits until the answers say so, and the controller may know it.
fn cordon(asks: &mut Asks, site: &Site, dirs: &[&str]) {
    let paths: Vec<_> = dirs
        .iter()
        .map(|dir| site.path(dir).display().to_string())
        .collect();
    asks.configure(BROKER, "1", KEY, &paths.join(","));
    assert_cordoned(asks, dirs);
}

fn assert_cordoned(asks: &mut Asks, dirs: &[&str]) {
    let mut answer = Vec::new();
    let so = wait_until(LIMIT, || {
        answer = cordoned(asks);
        answer == dirs
    });
    assert!(so, "{answer:?}, not {dirs:?}");
}

fn cordoned(asks: &mut Asks) -> Vec<String> {
    let request = ottla_wire::messages::DescribeLogDirsRequest {
        topics: None,
        ..Default::default()
    };
    let answer = asks.0.ask(5, &request).expect("an answer");
    let all = answer.results.iter().filter(|dir| dir.is_cordoned);
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut names: Vec<_> = all.map(|dir| name(&dir.log_dir)).collect();
    names.sort();
    names
}

/// Where the partitions of a topic are.
fn places(asks: &mut Asks, topic: &str, count: i32) -> Vec<usize> {
    for partition in 0..count {
        let led = wait_until(LIMIT, || asks.offset(topic, partition, -1).is_ok());
        assert!(led, "{topic}-{partition}");
    }
    ["b", "c", "data"]
        .map(|dir| asks.partitions_in(topic, dir).len())
        .to_vec()
}

fn seen(kind: Kind, at: &Path) -> Vec<String> {
    let site = Site::new(at, &[]);
    let (server, mut asks) = site.start(kind);
    let mut seen = Vec::new();
    assert_eq!(create(&mut asks, "before", 3), 0, "{kind:?}");
    seen.push(format!("before: {:?}", places(&mut asks, "before", 3)));
    cordon(&mut asks, &site, &["b"]);
    seen.push(format!("one: {}", create(&mut asks, "one", 4)));
    seen.push(format!("one: {:?}", places(&mut asks, "one", 4)));
    // What is there is served on.
    for partition in 0..3 {
        seen.push(format!(
            "served {:?}",
            asks.produce("before", partition, b"x")
        ));
    }
    seen.push(format!("move {}", asks.alter("one", 0, &site.path("b"))));
    seen.push(format!("widen {}", widen(&mut asks, "one", 6)));
    seen.push(format!("one: {:?}", places(&mut asks, "one", 6)));
    // The node starts with all of them cordoned, and makes nothing.
    cordon(&mut asks, &site, &["b", "c", "data"]);
    // The broker tells its controller with its next heartbeat.
    let mut code = 0;
    let mut numbers = 0..;
    wait_until(LIMIT, || {
        let name = format!("none-{}", numbers.next().unwrap_or(0));
        code = create(&mut asks, &name, 1);
        code != 0
    });
    seen.push(format!("none: {code}, {}", widen(&mut asks, "one", 7)));
    server.stop();
    let (server, mut asks) = site.start(kind);
    assert_cordoned(&mut asks, &["b", "c", "data"]);
    for partition in 0..3 {
        let produced = wait_until(LIMIT, || asks.produce("before", partition, b"x").is_ok());
        seen.push(format!("served again {produced}"));
    }
    seen.push(format!("none again: {}", create(&mut asks, "again", 1)));
    cordon(&mut asks, &site, &["c", "data"]);
    let created = wait_until(LIMIT, || create(&mut asks, "two", 3) == 0);
    seen.push(format!("two: {created} {:?}", places(&mut asks, "two", 3)));
    server.kill();
    seen
}

#[test]
fn a_cordoned_directory_takes_no_new_replicas_as_with_apache_kafka() {
    let dir = tempfile::tempdir().expect("a folder");
    let [ottla, kafka] = [Kind::under_test(), Kind::Kafka]
        .map(|kind| seen(kind, &dir.path().join(format!("{kind:?}"))));
    assert_eq!(ottla, kafka, "{ottla:#?}\n{kafka:#?}");
}
