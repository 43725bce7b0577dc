//! What consumer groups know of topics together: who is subscribed to which, and the hashes of topics.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_metadata::Image;

use super::hash::{group_hash, topic_hash};
use crate::group::GroupCoordinator;

/// What consumer groups know of topics together.
#[derive(Debug)]
pub(crate) struct ConsumerTopics {
    /// The groups that are subscribed to a topic, by its name.
    subscribers: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    /// The hashes of topics that groups asked for: no more than there are topics.
    hashes: BTreeMap<Arc<str>, i64>,
    /// The offset of the last metadata record in the image.
    pub(super) version: i64,
    /// The version with which the last new topic came.
    pub(super) new_topics_at: i64,
}

impl ConsumerTopics {
    pub(crate) fn new(version: i64) -> Self {
        Self {
            subscribers: BTreeMap::new(),
            hashes: BTreeMap::new(),
            version,
            new_topics_at: version,
        }
    }

    /// A group is subscribed to a topic, or is so no more.
    pub(super) fn subscribe(&mut self, group: &Arc<str>, topic: Arc<str>, is_subscribed: bool) {
        if is_subscribed {
            let groups = self.subscribers.entry(topic).or_default();
            groups.insert(group.clone());
        } else if let Some(groups) = self.subscribers.get_mut(&topic) {
            groups.remove(group);
            if groups.is_empty() {
                self.subscribers.remove(&topic);
                self.hashes.remove(&topic);
            }
        }
    }

    /// The metadata hash of a group with these topics, by name.
    pub(super) fn group_hash<'a>(
        &mut self,
        image: &Image,
        topics: impl Iterator<Item = &'a Arc<str>>,
    ) -> i64 {
        group_hash(topics.filter_map(|name| {
            let topic = image.topic(name)?;
            let hash = self.hashes.get(name).copied();
            Some(hash.unwrap_or_else(|| {
                let hash = topic_hash(topic, image);
                self.hashes.insert(name.clone(), hash);
                hash
            }))
        }))
    }
}

impl GroupCoordinator {
    /// Topics were created or deleted, or got other partitions: their subscribers look again with the next heartbeat.
    pub(in crate::group) fn consumer_metadata_changed(
        &mut self,
        before: &Image,
        version: i64,
        topics: &[Arc<str>],
    ) {
        let known = &mut self.consumer_topics;
        known.version = version;
        let is_new = |name: &Arc<str>| {
            let id = self.image.topic_id(name);
            id.is_some() && id != before.topic_id(name)
        };
        if topics.iter().any(is_new) {
            known.new_topics_at = version;
        }
        for topic in topics {
            known.hashes.remove(topic);
            for group in known.subscribers.get(topic).into_iter().flatten() {
                if let Some(group) = self.groups.consumer_mut(group) {
                    group.look_again();
                }
            }
        }
    }
}
