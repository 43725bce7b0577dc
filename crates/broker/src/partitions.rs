//! All partitions that this broker hosts.

use std::{collections::HashMap, sync::Arc};

use ottla_wire::Uuid;
use parking_lot::RwLock;

use crate::partition::Partition;

type Key = (Uuid, i32);

/// The hosted partitions by topic id and number.
#[derive(Default)]
pub(crate) struct Partitions {
    hosted: RwLock<HashMap<Key, Arc<Partition>>>,
    /// Those that should be here and whose log cannot be used.
    offline: RwLock<HashMap<Key, Offline>>,
}

/// Why a log cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Offline {
    /// It is damaged, or its directory has failed: until the next start.
    Failed,
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
            Some(Offline::Failed | Offline::OutOfSight)
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
