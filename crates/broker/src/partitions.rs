//! All partitions that this broker hosts.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};

use ottla_wire::Uuid;
use parking_lot::RwLock;

use crate::partition::Partition;

type Key = (Uuid, i32);

/// Keys are hashed for every partition of every request. Nobody outside chooses those that are in a table: ids of topics are
/// the controller's random numbers. So some multiplications do, where others' keys would need a hash with a secret.
type Table<T> = HashMap<Key, T, BuildHasherDefault<Mixed>>;

/// A hash of what is random in itself.
#[derive(Clone, Copy, Default)]
struct Mixed(u64);

impl Mixed {
    fn mix(&mut self, with: u64) {
        // An odd number without a pattern: that of the golden ratio.
        self.0 = (self.0.rotate_left(29) ^ with).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_i32(&mut self, number: i32) {
        self.mix(u64::from(number as u32));
    }

    /// All keys have the same lengths.
    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        // Tables take some bits from either end, and a product's low bits know nothing of the factors' high ones.
        self.0 ^ (self.0 >> 32)
    }
}

/// The hosted partitions by topic id and number.
#[derive(Default)]
pub(crate) struct Partitions {
    hosted: RwLock<Table<Arc<Partition>>>,
    /// Those that should be here and whose log cannot be used.
    offline: RwLock<Table<Offline>>,
}

/// Why a log cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Offline {
    /// Its directory has failed: until the next start.
    Failed,
    /// What is stored of it makes no sense: until the next start.
    Damaged,
    /// There was no room for it: it is tried again.
    Full,
    /// It may be in a directory that could not be used when the node started: until the next start. Like Apache Kafka, the
    /// node then does not know that it ever had it.
    OutOfSight,
}

impl Partitions {
    /// One of them.
    pub(crate) fn get(&self, topic_id: Uuid, index: i32) -> Option<Arc<Partition>> {
        self.hosted.read().get(&(topic_id, index)).cloned()
    }

    /// All of them, in no order.
    pub(crate) fn all(&self) -> Vec<Arc<Partition>> {
        self.hosted.read().values().cloned().collect()
    }

    /// Hosts one more.
    pub(crate) fn insert(&self, partition: Arc<Partition>) {
        self.hosted
            .write()
            .insert((partition.topic_id, partition.index), partition);
    }

    /// Hosts one less.
    pub(crate) fn remove(&self, topic_id: Uuid, index: i32) -> Option<Arc<Partition>> {
        self.offline.write().remove(&(topic_id, index));
        self.hosted.write().remove(&(topic_id, index))
    }

    /// A partition's log cannot be used.
    pub(crate) fn set_offline(&self, topic_id: Uuid, index: i32, why: Offline) {
        self.hosted.write().remove(&(topic_id, index));
        self.offline.write().insert((topic_id, index), why);
    }

    /// Why a partition that should be here is not, if its log cannot be used.
    pub(crate) fn offline(&self, topic_id: Uuid, index: i32) -> Option<Offline> {
        self.offline.read().get(&(topic_id, index)).copied()
    }

    /// What keeps one from being served that belongs here, where answers say `NOT_LEADER_OR_FOLLOWER` as Apache Kafka's do.
    pub(crate) fn why_unserved(&self, topic_id: Uuid, index: i32) -> Option<&'static str> {
        match self.offline(topic_id, index)? {
            Offline::Damaged => Some(
                "what is stored of it makes no sense: this broker's log says what, and ottla log repair may mend it",
            ),
            Offline::OutOfSight => Some(
                "its log may be in a log directory that could not be used when this broker started: the log says which",
            ),
            Offline::Failed | Offline::Full => None,
        }
    }

    /// Whether a partition is here and its log cannot be used.
    pub(crate) fn is_offline(&self, topic_id: Uuid, index: i32) -> bool {
        matches!(
            self.offline(topic_id, index),
            Some(Offline::Failed | Offline::Full)
        )
    }

    /// Whether nothing about a partition changes before the next start.
    pub(crate) fn is_lost(&self, topic_id: Uuid, index: i32) -> bool {
        matches!(
            self.offline(topic_id, index),
            Some(Offline::Failed | Offline::Damaged | Offline::OutOfSight)
        )
    }

    /// Those for whose log there was no room, and which are tried again now.
    pub(crate) fn take_full(&self) -> Vec<Key> {
        if self.offline.read().is_empty() {
            return Vec::new();
        }
        let mut offline = self.offline.write();
        let full = offline.extract_if(|_, why| *why == Offline::Full);
        full.map(|(key, _)| key).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, hash::BuildHasher};

    use super::*;

    /// Many partitions of few topics, few of many, and ids that differ in few bits, as those of tests do.
    #[test]
    fn keys_are_spread_over_a_table() {
        let many = (0..60_000).map(|index| (Uuid::from_u128(7 << 77), index));
        let random =
            |n: u32| Uuid::from_u128(u128::from(n).wrapping_mul(0x1357_9BDF_0246_8ACE << 50));
        let topics = (1..10_000).flat_map(|n| (0..6).map(move |index| (random(n), index)));
        let near = (0..60_000).map(|n| (Uuid::from_u128(n), 0));
        let far = (0..60_000).map(|n| (Uuid::from_u128(n << 100), 0));
        let tables: [Vec<Key>; 4] = [
            many.collect(),
            topics.collect(),
            near.collect(),
            far.collect(),
        ];
        for (table, keys) in tables.into_iter().enumerate() {
            let hash = |key: &Key| BuildHasherDefault::<Mixed>::default().hash_one(key);
            let whole: HashSet<u64> = keys.iter().map(hash).collect();
            assert_eq!(whole.len(), keys.len(), "{table}");
            // Of so many places, about 63 % are found by as many keys if chance decides.
            for shift in [0, 48] {
                let found: HashSet<u64> = whole.iter().map(|of| of >> shift & 0xFFFF).collect();
                assert!(found.len() > 30_000, "{table}: {}", found.len());
            }
        }
    }
}
