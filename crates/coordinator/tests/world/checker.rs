//! What must always hold, seen in the log alone: one owner per partition and epoch, epochs and offsets that never go back.

use std::collections::{BTreeMap, BTreeSet};

use ottla_coordinator::group::{Entry, Record};
use ottla_wire::{
    Uuid,
    messages::{
        GroupMetadataValue, consumer_group_current_member_assignment_value::TopicPartitions,
    },
};

use crate::{classic, member::Partition};

#[derive(Default)]
pub(crate) struct Checker {
    offsets: BTreeMap<(String, i32), i64>,
    generation: Option<i32>,
    group_epoch: Option<i32>,
    target_epoch: Option<i32>,
    /// By member: what it has, and what it is giving up.
    owned: BTreeMap<String, BTreeSet<Partition>>,
    member_epochs: BTreeMap<String, i32>,
    pub(crate) offsets_checked: u64,
    pub(crate) assignments_checked: u64,
}

impl Checker {
    /// The records of one decision were written.
    pub(crate) fn batch(&mut self, records: &[Record]) {
        for record in records {
            self.record(&record.entry);
        }
        self.one_owner();
    }

    fn record(&mut self, entry: &Entry) {
        match entry {
            Entry::OffsetCommit(key, Some(value)) => {
                let key = (key.topic.clone(), key.partition);
                let before = self.offsets.insert(key.clone(), value.offset);
                self.offsets_checked += 1;
                assert!(
                    before.is_none_or(|before| before <= value.offset),
                    "the offset of {key:?} went back from {before:?} to {}",
                    value.offset
                );
            }
            Entry::OffsetCommit(key, None) => {
                self.offsets.remove(&(key.topic.clone(), key.partition));
            }
            Entry::GroupMetadata(_, Some(value)) => self.generation(value),
            Entry::GroupMetadata(_, None) => self.generation = None,
            Entry::ConsumerGroupMetadata(_, value) => {
                let epoch = value.as_ref().map(|value| value.epoch);
                assert!(
                    epoch.is_none() || epoch >= self.group_epoch,
                    "the group's epoch went back"
                );
                self.group_epoch = epoch;
            }
            Entry::ConsumerGroupTargetAssignmentMetadata(_, value) => {
                let epoch = value.as_ref().map(|value| value.assignment_epoch);
                assert!(
                    epoch.is_none() || epoch >= self.target_epoch,
                    "the target's epoch went back"
                );
                assert!(
                    epoch <= Some(self.group_epoch.unwrap_or(1)),
                    "the target is ahead of its group"
                );
                self.target_epoch = epoch;
            }
            Entry::ConsumerGroupCurrentMemberAssignment(key, value) => match value {
                Some(value) => {
                    let mut owned = partitions(&value.assigned_partitions);
                    let revoked = partitions(&value.partitions_pending_revocation);
                    assert!(owned.is_disjoint(&revoked), "{value:?}");
                    owned.extend(revoked);
                    self.owned.insert(key.member_id.clone(), owned);
                    self.member_epochs
                        .insert(key.member_id.clone(), value.member_epoch);
                }
                None => {
                    self.owned.remove(&key.member_id);
                    self.member_epochs.remove(&key.member_id);
                }
            },
            _ => {}
        }
    }

    fn generation(&mut self, value: &GroupMetadataValue) {
        let is_empty_of_nobody = value.members.is_empty() && value.generation == 0;
        assert!(
            is_empty_of_nobody || Some(value.generation) >= self.generation,
            "the generation went back from {:?} to {}",
            self.generation,
            value.generation
        );
        self.generation = Some(value.generation);
        let mut owners: BTreeMap<Partition, &str> = BTreeMap::new();
        for member in &value.members {
            for partition in classic::assigned(&member.assignment) {
                let other = owners.insert(partition, &member.member_id);
                assert_eq!(
                    other, None,
                    "{partition:?} has two owners in generation {}",
                    value.generation
                );
                self.assignments_checked += 1;
            }
        }
    }

    fn one_owner(&mut self) {
        let mut owners: BTreeMap<Partition, &str> = BTreeMap::new();
        for (member, owned) in &self.owned {
            for partition in owned {
                let other = owners.insert(*partition, member);
                assert_eq!(
                    other, None,
                    "{partition:?} belongs to {member} too: {:?}",
                    self.owned
                );
            }
            self.assignments_checked += owned.len() as u64;
        }
        // A group that nobody has written an epoch of is at its first.
        let group_epoch = self.group_epoch.unwrap_or(1);
        for (member, epoch) in &self.member_epochs {
            assert!(
                *epoch <= group_epoch,
                "{member} at {epoch} is ahead of its group at {group_epoch}"
            );
        }
    }
}

fn partitions(topics: &[TopicPartitions]) -> BTreeSet<Partition> {
    let of = |topic: &TopicPartitions| -> Vec<(Uuid, i32)> {
        topic
            .partitions
            .iter()
            .map(|index| (topic.topic_id, *index))
            .collect()
    };
    topics.iter().flat_map(of).collect()
}
