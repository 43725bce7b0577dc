//! All groups of a coordinator, whatever their type, and what is asked of any of them.

use std::{collections::BTreeMap, ops::Bound, sync::Arc};

use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
};

use super::{
    GroupCoordinator,
    classic::ClassicGroup,
    consumer::{AssignmentEpochs, ConsumerGroup},
    record::Entry,
};

/// The groups by id.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    by_id: BTreeMap<Arc<str>, Group>,
    /// A classic group that is there once the record of it, which the decision emits, is replayed.
    pub(super) founding: Option<Box<(Arc<str>, ClassicGroup)>>,
}

/// A group.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // Groups of a type that is not coordinated are few.
pub(crate) enum Group {
    /// Of the classic protocol, or of nobody but its offsets.
    Classic(ClassicGroup),
    /// Of KIP-848.
    Consumer(ConsumerGroup),
    /// Of a type that this version does not coordinate: it is kept in the log as it is.
    Foreign(GroupType),
}

/// The types of groups.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum GroupType {
    Classic,
    Consumer,
    Share,
    Streams,
}

impl GroupType {
    /// Kafka's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Consumer => "consumer",
            Self::Share => "share",
            Self::Streams => "streams",
        }
    }
}

/// Who commits or fetches offsets: what a request says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Committer<'a> {
    /// The member id; empty if it is no member.
    pub(crate) member_id: &'a str,
    /// The instance id of a static member.
    pub(crate) instance_id: Option<&'a str>,
    /// The generation of a classic group or the epoch of a member; negative if it is no member.
    pub(crate) generation_or_epoch: i32,
    /// Whether the commit is part of a transaction.
    pub(crate) transactional: bool,
    /// The version of the request.
    pub(crate) version: i16,
}

/// What is still to be checked for each partition of a commit that was let in.
#[derive(Debug)]
pub(crate) enum CommitCheck<'a> {
    /// Nothing.
    Passed,
    /// The committer is behind its member epoch: each partition must have been its own at that epoch.
    Epochs(AssignmentEpochs<'a>),
}

impl CommitCheck<'_> {
    /// Whether the offset of this partition may be committed. One that may not refuses the whole request.
    pub(crate) fn check(&self, topic: &str, topic_id: Uuid, index: i32) -> Result<(), Refusal> {
        match self {
            Self::Passed => Ok(()),
            Self::Epochs(epochs) => epochs.check(topic, topic_id, index),
        }
    }
}

/// When the offsets of a group expire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ExpiryBase {
    /// So long after their commit.
    Commit,
    /// So long after the group became empty, at this time (ms), whenever they were committed.
    EmptySince(i64),
}

impl Groups {
    pub(crate) fn get(&self, id: &str) -> Option<&Group> {
        self.by_id.get(id)
    }

    /// The id as it is shared by timers.
    pub(crate) fn id(&self, id: &str) -> Option<Arc<str>> {
        self.by_id.get_key_value(id).map(|(id, _)| id.clone())
    }

    pub(crate) fn insert(&mut self, id: Arc<str>, group: Group) -> Option<Group> {
        self.by_id.insert(id, group)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Group> {
        self.by_id.remove(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Group)> {
        self.by_id.iter()
    }

    /// The groups by id, from one on.
    pub(crate) fn from(&self, id: &str) -> impl Iterator<Item = (&Arc<str>, &Group)> {
        self.by_id
            .range::<str, _>((Bound::Included(id), Bound::Unbounded))
    }

    pub(crate) fn classic(&self, id: &str) -> Option<&ClassicGroup> {
        match self.by_id.get(id) {
            Some(Group::Classic(group)) => Some(group),
            _ => None,
        }
    }

    pub(crate) fn classic_mut(&mut self, id: &str) -> Option<&mut ClassicGroup> {
        match self.by_id.get_mut(id) {
            Some(Group::Classic(group)) => Some(group),
            _ => None,
        }
    }

    pub(crate) fn consumer(&self, id: &str) -> Option<&ConsumerGroup> {
        match self.by_id.get(id) {
            Some(Group::Consumer(group)) => Some(group),
            _ => None,
        }
    }

    pub(crate) fn consumer_mut(&mut self, id: &str) -> Option<&mut ConsumerGroup> {
        match self.by_id.get_mut(id) {
            Some(Group::Consumer(group)) => Some(group),
            _ => None,
        }
    }
}

impl Group {
    pub(crate) fn group_type(&self) -> GroupType {
        match self {
            Self::Classic(_) => GroupType::Classic,
            Self::Consumer(_) => GroupType::Consumer,
            Self::Foreign(of) => *of,
        }
    }

    /// The state as ListGroups names it.
    pub(crate) fn state_name(&self) -> &'static str {
        match self {
            Self::Classic(group) => group.state_name(),
            Self::Consumer(group) => group.state_name(),
            Self::Foreign(_) => "Unknown",
        }
    }

    /// The protocol type as ListGroups names it.
    pub(crate) fn protocol_type(&self) -> &str {
        match self {
            Self::Classic(group) => group.protocol_type(),
            Self::Consumer(_) => "consumer",
            Self::Foreign(of) => of.name(),
        }
    }

    /// Whether this committer may commit offsets.
    pub(crate) fn check_commit(&self, by: Committer<'_>) -> Result<CommitCheck<'_>, Refusal> {
        match self {
            Self::Classic(group) => group.check_commit(by).map(|()| CommitCheck::Passed),
            Self::Consumer(group) => group.check_commit(by),
            Self::Foreign(of) => Err(of_another_type(*of)),
        }
    }

    /// Whether a member of this epoch may read the group's offsets. Nobody in particular may always.
    pub(crate) fn check_fetch(&self, member_id: Option<&str>, epoch: i32) -> Result<(), Refusal> {
        match self {
            Self::Classic(group) => group.check_fetch(member_id, epoch),
            Self::Consumer(group) => group.check_fetch(member_id, epoch),
            Self::Foreign(of) => Err(of_another_type(*of)),
        }
    }

    /// Whether offsets of topics that nobody is subscribed to may be deleted.
    pub(crate) fn check_offset_delete(&self) -> Result<(), Refusal> {
        match self {
            Self::Classic(group) => group.check_offset_delete(),
            Self::Consumer(group) => group.check_offset_delete(),
            Self::Foreign(of) => Err(of_another_type(*of)),
        }
    }

    /// Whether the group may be deleted: it has no members.
    pub(crate) fn check_delete(&self) -> Result<(), Refusal> {
        match self {
            Self::Classic(group) => group.check_delete(),
            Self::Consumer(group) => group.check_delete(),
            Self::Foreign(of) => Err(of_another_type(*of)),
        }
    }

    /// Whether a member is subscribed to the topic, as far as can be known.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        match self {
            Self::Classic(group) => group.is_subscribed_to(topic),
            Self::Consumer(group) => group.is_subscribed_to(topic),
            Self::Foreign(_) => true,
        }
    }

    /// What makes the group go away.
    pub(crate) fn tombstones(&self, id: &str, emit: &mut dyn FnMut(Entry)) {
        match self {
            Self::Classic(group) => group.tombstones(id, emit),
            Self::Consumer(group) => group.tombstones(id, emit),
            Self::Foreign(_) => {}
        }
    }

    /// What is in the log of it: see `testing`. The first argument goes behind the group's name.
    #[cfg(test)]
    pub(crate) fn durable(&self, put: &mut dyn FnMut(String, Option<String>)) {
        match self {
            Self::Classic(group) => group.durable(put),
            Self::Consumer(group) => group.durable(put),
            Self::Foreign(_) => put(String::new(), Some(String::new())),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Classic(group) => group.is_empty(),
            Self::Consumer(group) => group.is_empty(),
            Self::Foreign(_) => false,
        }
    }

    /// From when the retention of its offsets counts; `None` while they do not expire.
    pub(crate) fn expiry_base(&self) -> Option<ExpiryBase> {
        match self {
            Self::Classic(group) => group.expiry_base(),
            Self::Consumer(group) => group.expiry_base(),
            Self::Foreign(_) => None,
        }
    }
}

fn of_another_type(of: GroupType) -> Refusal {
    Code::GROUP_ID_NOT_FOUND.because(format!(
        "the group is a {} group, which this broker does not coordinate yet",
        of.name()
    ))
}

impl GroupCoordinator {
    /// Applies one record: see the modules of what it is about.
    pub(super) fn replay_record(&mut self, offset: i64, record: &super::Record) {
        match &record.entry {
            Entry::LegacyOffsetCommit(key, value) => {
                self.replay_legacy_offset(offset, key, value.as_ref());
            }
            Entry::OffsetCommit(key, value) => {
                self.replay_offset(offset, record.producer, key, value.as_ref());
            }
            Entry::EndTransaction { committed } => {
                if let Some(producer) = record.producer {
                    self.replay_end_transaction(producer, *committed);
                }
            }
            Entry::GroupMetadata(key, value) => self.replay_classic(key, value.as_ref()),
            Entry::ConsumerGroupMetadata(..)
            | Entry::ConsumerGroupPartitionMetadata(..)
            | Entry::ConsumerGroupMemberMetadata(..)
            | Entry::ConsumerGroupTargetAssignmentMetadata(..)
            | Entry::ConsumerGroupTargetAssignmentMember(..)
            | Entry::ConsumerGroupCurrentMemberAssignment(..)
            | Entry::ConsumerGroupRegularExpression(..) => self.replay_consumer(&record.entry),
            Entry::ShareGroupMetadata(key, value) => {
                self.replay_foreign(&key.group_id, GroupType::Share, value.is_some());
            }
            Entry::StreamsGroupMetadata(key, value) => {
                self.replay_foreign(&key.group_id, GroupType::Streams, value.is_some());
            }
            // What the members of groups of these types have is theirs.
            Entry::ShareGroupMemberMetadata(..)
            | Entry::ShareGroupTargetAssignmentMetadata(..)
            | Entry::ShareGroupTargetAssignmentMember(..)
            | Entry::ShareGroupCurrentMemberAssignment(..)
            | Entry::ShareGroupStatePartitionMetadata(..)
            | Entry::StreamsGroupMemberMetadata(..)
            | Entry::StreamsGroupTargetAssignmentMetadata(..)
            | Entry::StreamsGroupTargetAssignmentMember(..)
            | Entry::StreamsGroupCurrentMemberAssignment(..)
            | Entry::StreamsGroupTopology(..) => {}
        }
    }

    fn replay_foreign(&mut self, id: &str, of: GroupType, is_there: bool) {
        if is_there {
            let id = self.groups.id(id).unwrap_or_else(|| id.into());
            self.groups.insert(id, Group::Foreign(of));
        } else if matches!(self.groups.get(id), Some(Group::Foreign(was)) if *was == of) {
            self.groups.remove(id);
        }
    }
}
