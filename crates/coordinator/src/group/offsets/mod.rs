//! Committed offsets: committing, reading, deleting, expiring.

mod commit;
mod delete;
mod expire;
mod fetch;
mod packed;
mod replay;
mod store;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use ottla_wire::messages::{OffsetCommitKey, OffsetCommitValue};

use self::store::Store;
use super::{DeletedTopic, Entry};

/// After so many tombstones, long work goes on in another decision.
const AT_ONCE: usize = 4096;
/// How long others are let in before the next slice of long work.
const PAUSE_MS: u64 = 1;

/// The committed offsets of all groups of the coordinator.
#[derive(Debug, Default)]
pub(crate) struct Offsets {
    committed: Store,
    /// Offsets that count once their producer's transaction is committed, by producer.
    pending: BTreeMap<i64, Store>,
    open: Open,
    /// Where the search for what has expired goes on; `None` between two of them.
    expiring: Option<expire::Progress>,
    /// Topics whose offsets are still to be deleted, and where that goes on.
    deleted: VecDeque<(DeletedTopic, delete::Progress)>,
}

/// Which producers' transactions may change an offset.
#[derive(Debug, Default)]
struct Open {
    by_group: BTreeMap<Arc<str>, OpenTopics>,
}

/// Producers by topic and partition.
type OpenTopics = BTreeMap<Arc<str>, BTreeMap<i32, BTreeSet<i64>>>;

impl Open {
    fn has_group(&self, group: &str) -> bool {
        self.by_group.contains_key(group)
    }

    fn producers(&self, group: &str, topic: &str, partition: i32) -> Option<&BTreeSet<i64>> {
        self.by_group.get(group)?.get(topic)?.get(&partition)
    }

    fn has(&self, group: &str, topic: &str, partition: i32) -> bool {
        self.producers(group, topic, partition).is_some()
    }

    fn add(&mut self, group: &Arc<str>, topic: &str, partition: i32, producer: i64) {
        let topics = self.by_group.entry(group.clone()).or_default();
        let partitions = topics.entry(topic.into()).or_default();
        partitions.entry(partition).or_default().insert(producer);
    }

    /// Forgets a partition, or one producer of it.
    fn remove(&mut self, group: &str, topic: &str, partition: i32, producer: Option<i64>) {
        let Some(topics) = self.by_group.get_mut(group) else {
            return;
        };
        let Some(partitions) = topics.get_mut(topic) else {
            return;
        };
        if let (Some(producers), Some(producer)) = (partitions.get_mut(&partition), producer) {
            producers.remove(&producer);
            if !producers.is_empty() {
                return;
            }
        }
        partitions.remove(&partition);
        if partitions.is_empty() {
            topics.remove(topic);
        }
        if topics.is_empty() {
            self.by_group.remove(group);
        }
    }

    fn partitions(&self, group: &str) -> impl Iterator<Item = (&Arc<str>, i32)> {
        self.by_group.get(group).into_iter().flat_map(|topics| {
            topics
                .iter()
                .flat_map(|(topic, partitions)| partitions.keys().map(move |at| (topic, *at)))
        })
    }
}

impl Offsets {
    /// What is in the log of them, by its name: see `testing`.
    #[cfg(test)]
    pub(crate) fn durable(&self, put: &mut dyn FnMut(String, String)) {
        for (group, topic, of) in self.committed.iter() {
            let name = format!("offset {group} {topic} {}", of.partition);
            put(name, format!("{of:?}"));
        }
        for (producer, store) in &self.pending {
            for (group, topic, of) in store.iter() {
                let partition = of.partition;
                let name = format!("offset of producer {producer}: {group} {topic} {partition}");
                put(name, format!("{of:?}"));
            }
        }
        for (group, topics) in &self.open.by_group {
            put(format!("open of {group}"), format!("{topics:?}"));
        }
    }
}

fn entry(group: &str, topic: &str, partition: i32, value: Option<OffsetCommitValue>) -> Entry {
    let key = OffsetCommitKey {
        group: group.to_owned(),
        topic: topic.to_owned(),
        partition,
    };
    Entry::OffsetCommit(key, value)
}

fn tombstone(group: &str, topic: &str, partition: i32) -> Entry {
    entry(group, topic, partition, None)
}
