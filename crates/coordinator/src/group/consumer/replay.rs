//! Applying the records of consumer groups: the only place where their durable state changes.

use std::{collections::BTreeSet, sync::Arc};

use ottla_wire::messages::{
    ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupMemberMetadataValue,
    ConsumerGroupTargetAssignmentMemberValue,
};

use super::{
    group::{ConsumerGroup, ResolvedRegex, TopicChanges},
    member::{LEAVING, Member},
    records,
};
use crate::group::{Entry, GroupCoordinator, groups::Group};

/// The group that an entry is about, if it is about a consumer group.
fn group_of(entry: &Entry) -> Option<&str> {
    Some(match entry {
        Entry::ConsumerGroupMetadata(key, _) => &key.group_id,
        Entry::ConsumerGroupPartitionMetadata(key, _) => &key.group_id,
        Entry::ConsumerGroupMemberMetadata(key, _) => &key.group_id,
        Entry::ConsumerGroupTargetAssignmentMetadata(key, _) => &key.group_id,
        Entry::ConsumerGroupTargetAssignmentMember(key, _) => &key.group_id,
        Entry::ConsumerGroupCurrentMemberAssignment(key, _) => &key.group_id,
        Entry::ConsumerGroupRegularExpression(key, _) => &key.group_id,
        _ => return None,
    })
}

impl GroupCoordinator {
    /// Applies a record of a consumer group.
    pub(in crate::group) fn replay_consumer(&mut self, entry: &Entry) {
        let Some(id) = group_of(entry) else { return };
        let is_there = self.groups.consumer(id).is_some();
        if !is_there && entry.is_tombstone() {
            return;
        }
        let id = self.groups.id(id).unwrap_or_else(|| Arc::from(id));
        if !is_there {
            // Whatever has this id now, the log says that it is a consumer group.
            let new = Group::Consumer(ConsumerGroup::default());
            self.groups.insert(id.clone(), new);
        }
        let mut changes = TopicChanges::new();
        if let Entry::ConsumerGroupMetadata(_, None) = entry {
            if let Some(Group::Consumer(group)) = self.groups.remove(&id) {
                changes.extend(group.subscriptions.into_keys().map(|topic| (topic, false)));
            }
        } else if let Some(group) = self.groups.consumer_mut(&id) {
            group.apply(entry, &mut changes);
        }
        for (topic, is_subscribed) in changes {
            self.consumer_topics.subscribe(&id, topic, is_subscribed);
        }
    }
}

impl ConsumerGroup {
    /// Applies a record that is not the group's end.
    pub(super) fn apply(&mut self, entry: &Entry, changes: &mut TopicChanges) {
        match entry {
            Entry::ConsumerGroupMetadata(_, Some(value)) => {
                self.epoch = value.epoch;
                self.metadata_hash = value.metadata_hash;
            }
            Entry::ConsumerGroupPartitionMetadata(_, value) => {
                self.has_partition_metadata = value.is_some();
            }
            Entry::ConsumerGroupMemberMetadata(key, value) => {
                self.apply_member(&key.member_id, value.as_ref(), changes);
            }
            Entry::ConsumerGroupTargetAssignmentMetadata(_, value) => {
                let target = value.as_ref();
                self.assignment_epoch = target.map_or(-1, |value| value.assignment_epoch);
                self.assignment_timestamp_ms = target.map_or(0, |value| value.assignment_timestamp);
            }
            Entry::ConsumerGroupTargetAssignmentMember(key, value) => {
                self.apply_target(&key.member_id, value.as_ref());
            }
            Entry::ConsumerGroupCurrentMemberAssignment(key, value) => {
                self.apply_current(&key.member_id, value.as_ref(), changes);
            }
            Entry::ConsumerGroupRegularExpression(key, value) => {
                let resolved = value.as_ref().map(|value| ResolvedRegex {
                    topics: records::names(&value.topics),
                    version: value.version,
                    timestamp_ms: value.timestamp,
                });
                self.resolve(&key.regular_expression, resolved, changes);
            }
            _ => {}
        }
    }

    fn apply_member(
        &mut self,
        id: &str,
        value: Option<&ConsumerGroupMemberMetadataValue>,
        changes: &mut TopicChanges,
    ) {
        match value {
            Some(value) => {
                let topics = self.shared(&value.subscribed_topic_names);
                let member = self.known_or_new(id).described(value, topics);
                self.put(member, changes);
            }
            None => self.take(id, changes),
        }
    }

    fn apply_target(&mut self, id: &str, value: Option<&ConsumerGroupTargetAssignmentMemberValue>) {
        match value {
            Some(value) => {
                let topics = value.topic_partitions.iter();
                let target = topics.map(|topic| {
                    let indexes: BTreeSet<i32> = topic.partitions.iter().copied().collect();
                    (topic.topic_id, indexes)
                });
                let target = target.filter(|(_, indexes)| !indexes.is_empty()).collect();
                let id = self
                    .members
                    .get_key_value(id)
                    .map(|(id, _)| id.clone())
                    .unwrap_or_else(|| Arc::from(id));
                self.targets.insert(id, Arc::new(target));
            }
            None => {
                self.targets.remove(id);
            }
        }
    }

    fn apply_current(
        &mut self,
        id: &str,
        value: Option<&ConsumerGroupCurrentMemberAssignmentValue>,
        changes: &mut TopicChanges,
    ) {
        if let Some(value) = value {
            let member = self.known_or_new(id).assigned(value);
            self.put(member, changes);
        } else if let Some(member) = self.member(id) {
            let member = Member {
                epoch: LEAVING,
                previous_epoch: LEAVING,
                assigned: Arc::default(),
                pending_revocation: Arc::default(),
                ..member.clone()
            };
            self.put(member, changes);
        }
    }

    fn known_or_new(&self, id: &str) -> Member {
        let known = self.member(id).cloned();
        known.unwrap_or_else(|| Member::new(Arc::from(id)))
    }
}
