//! Replicas between log directories: who may move where, and what is shown of it.

use std::{fs, path::Path, time::Duration};

use ottla_interop::{
    oracle::wait_until,
    server::{Kind, Node, Server},
};
use ottla_wire::messages::{
    AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, CreateTopicsRequest,
    DescribeLogDirsRequest, DescribeLogDirsResponse, IncrementalAlterConfigsRequest,
    alter_replica_log_dirs_request::{AlterReplicaLogDir, AlterReplicaLogDirTopic},
    create_topics_request::CreatableTopic,
    incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
};

use super::both::{Both, Side};

const DIRS: [&str; 3] = ["data", "b", "c"];
const LIMIT: Duration = Duration::from_secs(60);
const STORAGE_ERROR: i16 = 56;

/// The path of a log directory on this side; other words stay.
fn path(side: &Side, dir: &str) -> String {
    match dir.strip_suffix('/') {
        Some(dir) => side.recall(dir) + "/",
        None => side.recall(dir),
    }
}

/// Partitions to directories.
fn request(side: &Side, wanted: &[(&str, i32, &str)]) -> AlterReplicaLogDirsRequest {
    let dirs = wanted
        .iter()
        .map(|(topic, partition, dir)| AlterReplicaLogDir {
            path: path(side, dir),
            topics: vec![AlterReplicaLogDirTopic {
                name: (*topic).to_owned(),
                partitions: vec![*partition],
                ..Default::default()
            }],
            ..Default::default()
        });
    AlterReplicaLogDirsRequest {
        dirs: dirs.collect(),
        ..Default::default()
    }
}

fn sort(answer: &mut AlterReplicaLogDirsResponse) {
    answer
        .results
        .sort_by(|a, b| a.topic_name.cmp(&b.topic_name));
    for topic in &mut answer.results {
        topic.partitions.sort_by_key(|of| of.partition_index);
    }
}

fn alter(both: &mut Both, wanted: &[(&str, i32, &str)]) {
    let what = format!("{wanted:?}");
    both.each_then(&what, |side, _| request(side, wanted), sort);
}

fn all() -> DescribeLogDirsRequest {
    DescribeLogDirsRequest {
        topics: None,
        ..Default::default()
    }
}

fn describe(both: &mut Both, what: &str) {
    let sort = |answer: &mut DescribeLogDirsResponse| {
        answer.results.sort_by(|a, b| a.log_dir.cmp(&b.log_dir));
        for dir in &mut answer.results {
            dir.topics.sort_by(|a, b| a.name.cmp(&b.name));
            for topic in &mut dir.topics {
                topic.partitions.sort_by_key(|of| of.partition_index);
            }
        }
    };
    both.each_then(what, |_, _| all(), sort);
}

/// Waits until both say so of their directories.
fn wait_for(both: &mut Both, what: &str, is_so: impl Fn(&DescribeLogDirsResponse) -> bool) {
    for side in both.sides() {
        let so = wait_until(LIMIT, || {
            let answer = side.connection.ask(5, &all());
            answer.is_ok_and(|answer| is_so(&answer))
        });
        assert!(so, "{:?} does not come to {what}", side.connection);
    }
}

/// Whether partition 0 of the topic is there, and nothing is on its way.
fn is_in(answer: &DescribeLogDirsResponse, topic: &str, dir: &str) -> bool {
    let rows = || {
        answer.results.iter().flat_map(|dir| {
            let topics = dir.topics.iter();
            topics.flat_map(move |topic| topic.partitions.iter().map(move |of| (dir, topic, of)))
        })
    };
    let mine: Vec<_> = rows().filter(|(_, of, _)| of.name == topic).collect();
    // In between, Apache Kafka shows two.
    let is_there = |path: &str| path.ends_with(&format!("/{dir}"));
    matches!(mine[..], [(of, _, row)] if !row.is_future_key && is_there(&of.log_dir))
}

fn cordon(both: &mut Both, dirs: &str) {
    both.once("cordoned.log.dirs", 1, |side, _| {
        IncrementalAlterConfigsRequest {
            resources: vec![AlterConfigsResource {
                resource_type: 4,
                resource_name: "1".to_owned(),
                configs: vec![AlterableConfig {
                    name: "cordoned.log.dirs".to_owned(),
                    value: Some(path(side, dirs)),
                    ..Default::default()
                }],
                ..Default::default()
            }],
            ..Default::default()
        }
    });
}

fn create(both: &mut Both, topic: &str) {
    both.once(topic, 7, |_, _| CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: topic.to_owned(),
            num_partitions: 1,
            replication_factor: 1,
            ..Default::default()
        }],
        timeout_ms: 30_000,
        ..Default::default()
    });
    both.wait_for(topic, 0);
}

/// A partition without a replica on the broker asked.
pub(crate) fn elsewhere(both: &mut Both, topic: &str) {
    learn(both, "data");
    alter(both, &[(topic, 0, "data")]);
}

fn learn(both: &mut Both, name: &str) {
    let path = |answer: &DescribeLogDirsResponse| {
        let mut dirs = answer.results.iter().map(|dir| dir.log_dir.clone());
        let path = dirs.find(|path| path.ends_with(&format!("/{name}")))?;
        Some((name.to_owned(), path))
    };
    both.once_learn(
        "which",
        4,
        |_, _| all(),
        |answer| answer.results.clear(),
        path,
    );
}

fn ask(both: &mut Both, places: &[std::path::PathBuf; 2]) {
    for name in DIRS {
        learn(both, name);
    }
    let long = "l".repeat(220);
    alter(both, &[]);
    for dir in ["/nowhere", "relative", "data", "data/", "b", "b/", ""] {
        for topic in [
            "nobody",
            "__cluster_metadata",
            "moved",
            &long,
            "no topic",
            "nobody-7",
            "",
        ] {
            alter(both, &[(topic, 0, dir)]);
        }
    }
    // A replica that comes later is made where it was asked for.
    create(both, "moved");
    wait_for(both, "the directory that was asked for", |it| {
        is_in(it, "moved", "b")
    });
    describe(both, "made in b");
    alter(both, &[("moved", 7, "data"), ("moved", -1, "data")]);
    alter(both, &[("moved", 0, "b")]);
    for to in ["c", "data", "b"] {
        alter(both, &[("moved", 0, to)]);
        wait_for(both, to, |answer| is_in(answer, "moved", to));
        describe(both, to);
    }
    // Of one that is named twice, the last counts.
    alter(both, &[("moved", 0, "/nowhere"), ("moved", 0, "c")]);
    wait_for(both, "c", |answer| is_in(answer, "moved", "c"));
    alter(both, &[("moved", 0, "b"), ("moved", 0, "/nowhere")]);
    describe(both, "still in c");
    cordon(both, "b");
    wait_for(both, "a cordon", |answer| {
        answer.results.iter().any(|dir| dir.is_cordoned)
    });
    describe(both, "cordoned");
    alter(
        both,
        &[("moved", 0, "b"), ("nobody", 0, "b"), ("moved", 0, "b")],
    );
    cordon(both, "");
    wait_for(both, "no cordon", |answer| {
        answer.results.iter().all(|dir| !dir.is_cordoned)
    });
    fail(both, places);
}

/// What is said of a directory that has failed, and of the others.
fn fail(both: &mut Both, places: &[std::path::PathBuf; 2]) {
    create(both, "stays");
    alter(both, &[("stays", 0, "data")]);
    wait_for(both, "data", |answer| is_in(answer, "stays", "data"));
    for place in places {
        break_dir(&place.join("c"));
    }
    wait_for(both, "the failure of c", |answer| {
        answer
            .results
            .iter()
            .any(|dir| dir.error_code == STORAGE_ERROR)
    });
    for to in DIRS {
        alter(
            both,
            &[("moved", 0, to), ("stays", 0, to), ("nobody", 0, to)],
        );
    }
}

fn break_dir(path: &Path) {
    fs::remove_dir_all(path).expect("removed");
    fs::write(path, "no directory").expect("a file in its place");
}

#[test]
fn answers_about_log_directories_are_the_same() {
    let test = "same_answers::answers_about_log_directories_are_the_same";
    let dir = tempfile::tempdir().expect("temporary folder");
    let places = ["kafka", "under-test"].map(|name| dir.path().join(name));
    let nodes = places.each_ref().map(|place| {
        let dirs = DIRS.map(|name| place.join(name));
        for path in &dirs {
            fs::create_dir_all(path).expect("a folder");
        }
        let dirs = dirs.map(|path| path.display().to_string()).join(",");
        let lines = [
            &format!("log.dirs={dirs}"),
            "replica.high.watermark.checkpoint.interval.ms=500",
            "log.retention.check.interval.ms=3600000",
        ];
        Node::new(place, &lines)
    });
    let servers = [
        nodes[0].start(Kind::Kafka),
        nodes[1].start(Kind::under_test()),
    ];
    let mut both = Both::new(&nodes[0], &nodes[1], test);
    both.wait_until_ready();
    ask(&mut both, &places);
    let report = both.report(test);
    servers.into_iter().for_each(Server::kill);
    assert!(report.is_empty(), "{report}");
}
