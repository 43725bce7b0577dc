//! How long a million committed offsets take to load, and how large they are. `cargo bench -p ottla-coordinator --bench offsets`.
#![allow(clippy::disallowed_methods, clippy::print_stdout)] // It measures, and says what.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use ottla_config::{BrokerConfig, zero_configuration};
use ottla_coordinator::group::{Entry, GroupCoordinator, Record, Settings};
use ottla_machine::Machine;
use ottla_wire::{
    Uuid,
    messages::{OffsetCommitKey, OffsetCommitValue},
};

fn main() {
    for (groups, topics, partitions) in [(1_000, 10, 100), (10_000, 10, 10), (100_000, 1, 10)] {
        measure(groups, topics, partitions);
    }
}

fn measure(groups: i32, topics: i32, partitions: i32) {
    let loaded = BrokerConfig::load(&[zero_configuration()], &mut |_| Ok(None));
    let settings = Settings::of(Arc::new(loaded.expect("the defaults").config));
    let mut machine = GroupCoordinator::new(Arc::new(settings), Arc::default(), 0);
    let (before, mut replaying, mut offset) = (resident(), Duration::ZERO, 0);
    for partition in 0..partitions {
        for topic in 0..topics {
            for group in 0..groups {
                let record = commit(group, topic, partition, offset);
                let started = Instant::now();
                machine.replay(offset, &record);
                replaying += started.elapsed();
                offset += 1;
            }
        }
    }
    let size = resident().saturating_sub(before) / offset as u64;
    println!(
        "{groups} groups x {topics} topics x {partitions} partitions: {size} bytes per offset, replayed in {replaying:?}"
    );
}

fn commit(group: i32, topic: i32, partition: i32, offset: i64) -> Record {
    let key = OffsetCommitKey {
        group: format!("group-{group}"),
        topic: format!("topic-{topic}"),
        partition,
    };
    let value = OffsetCommitValue {
        offset: 1_000_000 + offset,
        commit_timestamp: 1_700_000_000_000,
        topic_id: Uuid::from_u128(topic as u128),
        ..OffsetCommitValue::default()
    };
    Record {
        producer: None,
        entry: Entry::OffsetCommit(key, Some(value)),
    }
}

/// The memory of the process, in bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kb.unwrap_or(0) * 1024
}
