//! Replicas between log directories: who may move where, and what is shown of it.

use std::{
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    time::Duration,
};

use ottla_interop::oracle::wait_until;
use ottla_wire::messages::{
    AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, ConsumerGroupHeartbeatRequest,
    CreateTopicsRequest, DescribeLogDirsRequest, DescribeLogDirsResponse, FetchRequest,
    HeartbeatRequest, IncrementalAlterConfigsRequest, ListGroupsRequest,
    alter_replica_log_dirs_request::{AlterReplicaLogDir, AlterReplicaLogDirTopic},
    create_topics_request::{CreatableTopic, CreatableTopicConfig},
    fetch_request::{FetchPartition, FetchTopic},
    incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
};

use crate::{
    both::{Both, Side},
    groups, puppet, transactions,
};

/// So that nothing happens by itself, and what fails is noticed soon.
pub(crate) const SETTINGS: &[&str] = &[
    "replica.high.watermark.checkpoint.interval.ms=500",
    "log.retention.check.interval.ms=3600000",
    "log.retention.ms=-1",
    "offsets.topic.num.partitions=1",
    "transaction.state.log.num.partitions=1",
];
/// The log directories of each node.
pub(crate) const DIRS: [&str; 3] = ["data", "b", "c"];
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

/// `places` are the folders that the directories of each are in.
pub(crate) fn ask(both: &mut Both, places: &[PathBuf; 2]) {
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
fn fail(both: &mut Both, places: &[PathBuf; 2]) {
    create(both, "stays");
    alter(both, &[("stays", 0, "data")]);
    wait_for(both, "data", |answer| is_in(answer, "stays", "data"));
    damage(both, places);
    groups::coordinators(both);
    transactions::coordinators(both);
    const GROUPS: &str = "__consumer_offsets";
    for (topic, dir) in [(GROUPS, "c"), ("__transaction_state", "data")] {
        put(both, topic, dir);
    }
    let txn = transactions::with_offsets(both, "its group is lost");
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
    puppet::ask_leader(both, "its directory failed", &["moved"]);
    without_coordinator(both);
    transactions::commit_offsets_of(both, &txn);
    fail_at_once(both, places);
}

/// The write that meets the failure.
fn fail_at_once(both: &mut Both, places: &[PathBuf; 2]) {
    const TOPIC: &str = "rolls";
    both.once(TOPIC, 7, |_, _| CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: TOPIC.to_owned(),
            num_partitions: 1,
            replication_factor: 1,
            // The next record, of another time, takes another segment.
            configs: vec![CreatableTopicConfig {
                name: "segment.ms".to_owned(),
                value: Some("1".to_owned()),
                ..CreatableTopicConfig::default()
            }],
            ..CreatableTopic::default()
        }],
        timeout_ms: 30_000,
        ..CreateTopicsRequest::default()
    });
    both.wait_for(TOPIC, 0);
    // Failed replicas elsewhere do not let Apache Kafka move one: it is where it was made.
    puppet::write_once(both, "an old record", TOPIC);
    for place in places {
        let mut logs = DIRS.iter().map(|dir| place.join(dir).join("rolls-0"));
        let log = logs.find(|log| log.is_dir()).expect("it is somewhere");
        fs::rename(log, place.join("rolls-gone")).expect("moved");
    }
    puppet::end_once(both, "a segment that cannot be made", TOPIC);
}

/// Moves a partition there, on both.
fn put(both: &mut Both, topic: &str, dir: &str) {
    for side in both.sides() {
        let request = request(side, &[(topic, 0, dir)]);
        let answer = side.connection.ask(2, &request).expect("an answer");
        let code = answer.results[0].partitions[0].error_code;
        assert_eq!(code, 0, "{:?}: {topic} to {dir}", side.connection);
    }
    wait_for(both, dir, |answer| is_in(answer, topic, dir));
}

/// The log of the groups' coordinator is lost.
fn without_coordinator(both: &mut Both) {
    let beat = HeartbeatRequest {
        group_id: "nobody".to_owned(),
        member_id: "m".to_owned(),
        generation_id: 1,
        ..HeartbeatRequest::default()
    };
    both.wait_for_answer("no coordinator", 4, &beat, |answer| answer.error_code == 16);
    let what = "the coordinator's log is lost";
    groups::strangers(both, what);
    both.each(what, |side, _| {
        groups::simple_commit(side, "nobody", &[("stays", &[0])])
    });
    for epoch in [0, 1] {
        both.each(&format!("{what}, epoch {epoch}"), |_, _| {
            ConsumerGroupHeartbeatRequest {
                group_id: "nobody".to_owned(),
                member_id: "m".to_owned(),
                member_epoch: epoch,
                rebalance_timeout_ms: if epoch == 0 { 60_000 } else { -1 },
                subscribed_topic_names: (epoch == 0).then(|| vec!["stays".to_owned()]),
                topic_partitions: (epoch == 0).then(Vec::new),
                ..ConsumerGroupHeartbeatRequest::default()
            }
        });
    }
    both.each(what, |_, _| ListGroupsRequest::default());
}

/// The second of three batches is damaged on the disk: what is read up to it is good, and what would begin there is not.
fn damage(both: &mut Both, places: &[PathBuf; 2]) {
    const TOPIC: &str = "damaged";
    create(both, TOPIC);
    put(both, TOPIC, "data");
    for number in 0..3 {
        puppet::write_once(both, &format!("batch {number}"), TOPIC);
    }
    for place in places {
        let log = place.join("data/damaged-0/00000000000000000000.log");
        let file = fs::File::options().read(true).write(true).open(&log);
        let file = file.unwrap_or_else(|why| panic!("{}: {why}", log.display()));
        let mut size = [0; 4];
        file.read_exact_at(&mut size, 8).expect("a batch");
        let second = 12 + u64::from(u32::from_be_bytes(size));
        // Less than any batch has.
        file.write_all_at(&1_u32.to_be_bytes(), second + 8)
            .expect("written");
    }
    for offset in [1, 2] {
        both.each(&format!("from {offset} on"), |side, _| FetchRequest {
            max_wait_ms: 0,
            max_bytes: 1 << 20,
            session_epoch: -1,
            topics: vec![FetchTopic {
                topic: TOPIC.to_owned(),
                topic_id: side.id(TOPIC),
                partitions: vec![FetchPartition {
                    current_leader_epoch: -1,
                    last_fetched_epoch: -1,
                    fetch_offset: offset,
                    partition_max_bytes: 1 << 20,
                    ..FetchPartition::default()
                }],
                ..FetchTopic::default()
            }],
            ..FetchRequest::default()
        });
    }
}

fn break_dir(path: &Path) {
    // At once: the server goes on writing there.
    fs::rename(path, path.with_extension("gone")).expect("moved");
    fs::write(path, "no directory").expect("a file in its place");
}
