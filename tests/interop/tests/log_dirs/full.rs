//! A disk that is full, again and again: nothing acknowledged is lost, and writing goes on by itself.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use ottla_interop::{
    offsets,
    oracle::wait_until,
    raw::Connection,
    server::{Kind, Node},
};
use ottla_wire::{
    messages::{
        CreateTopicsRequest, OffsetCommitRequest, create_topics_request::CreatableTopic,
        offset_commit_request as commit,
    },
    records::Batches,
};

use super::asks::Asks;

/// How often the disk is filled, unless `OTTLA_FILL_CYCLES` says otherwise.
const CYCLES: u64 = 5;
const TOPIC: &str = "filling";
const LIMIT: Duration = Duration::from_secs(30);
const STORAGE_ERROR: i16 = 56;
const COORDINATOR_NOT_AVAILABLE: i16 = 15;
/// The disk: room for some segments, and for what a node keeps beside them.
const DISK: &str = "size=8m";
const SEGMENT: &str = "log.segment.bytes=1048576";

/// Set in a namespace of its own.
const APART: &str = "OTTLA_IN_NAMESPACE";

/// A small file system of its own; gone when dropped.
pub(crate) struct Disk(PathBuf);

impl Disk {
    /// A small file system at `at`, for the test of this name. Whoever may not mount one can have a user and a root of
    /// his own: then the test is run there, and is over when this says `None`.
    ///
    /// # Panics
    /// If there is no way; or with the test.
    pub(crate) fn at(at: &Path, test: &str) -> Option<Self> {
        let why = match Self::mount(at) {
            Ok(disk) => return Some(disk),
            Err(why) => why,
        };
        let advice = "run this test as root, or allow user namespaces";
        assert!(
            std::env::var_os(APART).is_none(),
            "a small file system cannot be mounted here: {why}; {advice}"
        );
        let mut apart = Command::new("unshare");
        let apart = apart.args(["--user", "--map-root-user", "--mount"]);
        let apart = apart.arg(std::env::current_exe().expect("this program"));
        let apart = apart.args([test, "--exact", "--nocapture"]).env(APART, "1");
        let ended = apart.status();
        let is_well = ended.as_ref().is_ok_and(std::process::ExitStatus::success);
        assert!(
            is_well,
            "a small file system cannot be mounted here: {why}; in a namespace: {ended:?}; {advice}"
        );
        None
    }

    fn mount(at: &Path) -> Result<Self, String> {
        fs::create_dir_all(at).map_err(|error| error.to_string())?;
        let mut mount = Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(at);
        let output = mount.output().map_err(|error| format!("mount: {error}"))?;
        match output.status.success() {
            true => Ok(Self(at.to_owned())),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    /// Takes all the room that is left, until the file that is returned is removed.
    pub(crate) fn fill(&self) -> PathBuf {
        let path = self.0.join("of-somebody-else");
        let mut file = fs::File::create(&path).expect("a file");
        let mut bytes = vec![1; 65_536];
        while !bytes.is_empty() {
            if file.write_all(&bytes).is_err() {
                bytes.truncate(bytes.len() / 2);
            }
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a server that is being killed may still have files open.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// The value of a record: its number, and filling.
fn value(number: u64) -> Vec<u8> {
    let mut value = number.to_be_bytes().to_vec();
    value.resize(30_000 + (number % 40_000) as usize, number as u8);
    value
}

/// Checks every record from the log's start on against what was acknowledged; how many there are.
fn check(asks: &mut Asks, acked: &BTreeMap<i64, u64>, what: &str) -> usize {
    let start = asks.offset(TOPIC, 0, -2).expect("a start");
    let end = asks.offset(TOPIC, 0, -1).expect("an end");
    let last = acked.last_key_value().map_or(0, |(offset, _)| offset + 1);
    assert_eq!(
        end, last,
        "{what}: the log ends with what was acknowledged last"
    );
    let (mut next, mut count) = (start, 0);
    while next < end {
        let bytes = asks.fetch(TOPIC, 0, next).expect("records");
        for batch in Batches::new(bytes.into()) {
            let (head, bytes) = batch.expect("a batch");
            let batch = ottla_wire::records::Batch::first(&bytes).expect("whole");
            batch.check_crc().expect("sound");
            for record in batch.records().expect("records") {
                let record = record.expect("a record");
                let number = acked.get(&record.offset);
                let number = *number.unwrap_or_else(|| panic!("{what}: {record:?} was refused"));
                assert_eq!(record.value.as_deref(), Some(&value(number)[..]), "{what}");
                count += 1;
            }
            next = head.next_offset();
        }
    }
    assert_eq!(
        acked.range(start..).count(),
        count,
        "{what}: all that was acknowledged"
    );
    count
}

/// Commits an offset with much metadata; the code.
fn commit(asks: &mut Asks, offset: i64) -> i16 {
    let partition = commit::OffsetCommitRequestPartition {
        committed_offset: offset,
        committed_leader_epoch: -1,
        committed_metadata: Some("m".repeat(4000)),
        ..Default::default()
    };
    let request = OffsetCommitRequest {
        group_id: "a-group".to_owned(),
        generation_id_or_member_epoch: -1,
        topics: vec![commit::OffsetCommitRequestTopic {
            name: TOPIC.to_owned(),
            partitions: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    };
    let answer = asks.0.ask(8, &request).expect("an answer");
    answer.topics[0].partitions[0].error_code
}

/// Makes topics while there is no room; how many the controller could still write down.
fn create_many(asks: &mut Asks, cycle: u64) -> Vec<String> {
    let mut made = Vec::new();
    for n in 0..3 {
        let name = format!("of-{cycle}-{n}");
        let request = CreateTopicsRequest {
            topics: vec![CreatableTopic {
                name: name.clone(),
                num_partitions: 1,
                replication_factor: 1,
                ..Default::default()
            }],
            timeout_ms: 10_000,
            ..Default::default()
        };
        let answer = asks.0.ask(7, &request).expect("an answer");
        match answer.topics[0].error_code {
            0 => made.push(name),
            code => assert_eq!(code, STORAGE_ERROR, "{answer:?}"),
        }
    }
    made
}

#[test]
fn what_was_acknowledged_outlives_a_full_disk() {
    let cycles = match std::env::var("OTTLA_FILL_CYCLES") {
        Ok(text) => text.parse().expect("OTTLA_FILL_CYCLES"),
        Err(_) => CYCLES,
    };
    let dir = tempfile::tempdir().expect("a folder");
    let node = Node::new(
        dir.path(),
        &[
            SEGMENT,
            "log.retention.ms=-1",
            "offsets.topic.num.partitions=1",
            "offsets.topic.segment.bytes=1048576",
            "log.retention.check.interval.ms=500",
            "log.initial.task.delay.ms=500",
            "log.segment.delete.delay.ms=0",
        ],
    );
    let Some(_disk) = Disk::at(
        &node.data(),
        "full::what_was_acknowledged_outlives_a_full_disk",
    ) else {
        return;
    };
    let mut server = node.start(Kind::Ottla);
    let mut asks = Asks(Connection::new(&server.address()));
    asks.create(TOPIC, 1);
    offsets::await_coordinator(&mut asks.0);
    let (mut acked, mut number, mut seen) = (BTreeMap::new(), 0, 0);
    for cycle in 0..cycles {
        let what = format!("cycle {cycle}");
        let before = acked.len();
        let refusal = loop {
            number += 1;
            match asks.produce(TOPIC, 0, &value(number)) {
                Ok(offset) => assert_eq!(acked.insert(offset, number), None, "{what}"),
                Err(refusal) => break refusal,
            }
            assert!(
                acked.len() - before < 10_000,
                "{what}: the disk is never full"
            );
        };
        assert!(
            acked.len() - before > 20,
            "{what}: only {} records",
            acked.len() - before
        );
        let (code, text) = refusal;
        assert_eq!(code, STORAGE_ERROR, "{what}: {text}");
        let full = format!("log directory {} is full", node.data().display());
        assert!(text.contains(&full), "{what}: {text}");
        let says_how_much = [
            "bytes are to be written and",
            "are available; free at least",
        ];
        assert!(
            says_how_much.iter().all(|of| text.contains(of)),
            "{what}: {text}"
        );
        // Everything else goes on.
        seen += check(&mut asks, &acked, &what);
        // What an earlier cycle deleted may still make room: then the disk is filled again.
        let mut codes = Vec::new();
        let refused = wait_until(LIMIT, || {
            codes = (0..10).map(|n| commit(&mut asks, n)).collect();
            assert!(
                codes
                    .iter()
                    .all(|code| [0, COORDINATOR_NOT_AVAILABLE].contains(code)),
                "{what}: {codes:?}"
            );
            while codes.last() == Some(&0) {
                number += 1;
                match asks.produce(TOPIC, 0, &value(number)) {
                    Ok(offset) => assert_eq!(acked.insert(offset, number), None, "{what}"),
                    Err(_) => break,
                }
            }
            codes.last() == Some(&COORDINATOR_NOT_AVAILABLE)
        });
        assert!(refused, "{what}: {codes:?}");
        let made = create_many(&mut asks, cycle);
        // What is deleted makes room.
        let end = asks.offset(TOPIC, 0, -1).expect("an end");
        assert_eq!(asks.delete_records(TOPIC, 0, end - 5), 0, "{what}");
        let resumed = wait_until(LIMIT, || {
            number += 1;
            match asks.produce(TOPIC, 0, &value(number)) {
                Ok(offset) => acked.insert(offset, number).is_none(),
                Err(_) => false,
            }
        });
        assert!(resumed, "{what}: writing does not go on");
        let commits = wait_until(LIMIT, || commit(&mut asks, 7) == 0);
        assert!(commits, "{what}: the coordinator does not go on");
        for topic in made {
            let there = wait_until(LIMIT, || asks.produce(&topic, 0, b"x").is_ok());
            assert!(there, "{what}: {topic} never comes");
            offsets::delete_topic(&mut asks.0, &topic);
        }
        if cycle % 3 == 2 {
            server.kill();
            server = node.start(Kind::Ottla);
            asks = Asks(Connection::new(&server.address()));
        }
        check(&mut asks, &acked, &format!("{what}, with room"));
    }
    eprintln!(
        "{cycles} cycles: {} records acknowledged, {seen} read on a full disk",
        acked.len()
    );
    server.stop();
    let server = node.start(Kind::Ottla);
    check(
        &mut Asks(Connection::new(&server.address())),
        &acked,
        "after a restart",
    );
    server.stop();
}
