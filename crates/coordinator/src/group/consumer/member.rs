//! A member of a consumer group, as its records say it.

use std::{collections::BTreeMap, sync::Arc};

use ottla_wire::{
    Uuid,
    messages::{
        ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupHeartbeatRequest,
        ConsumerGroupMemberMetadataValue,
        consumer_group_current_member_assignment_value::TopicPartitions,
        consumer_group_heartbeat_request::TopicPartitions as Owned,
        consumer_group_member_metadata_value::ClassicMemberMetadata,
    },
};

use super::Caller;

/// The epoch that a request has to join.
pub(super) const JOINING: i32 = 0;
/// The epoch that a request has to leave, and that a member has between its tombstones.
pub(super) const LEAVING: i32 = -1;
/// The epoch that a static member has while it is away for a short time.
pub(super) const AWAY: i32 = -2;

/// Partitions by topic, each with the epoch at which the member got it. No topic is without partitions.
pub(crate) type Partitions = BTreeMap<Uuid, BTreeMap<i32, i32>>;

/// How far a member is on its way to its target assignment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MemberState {
    /// It has what it should have at its epoch.
    Stable,
    /// It has to give up partitions, and has not yet said that it did.
    UnrevokedPartitions,
    /// It waits for partitions that others have not given up.
    UnreleasedPartitions,
    /// Of a newer version.
    Unknown,
}

impl MemberState {
    fn from_code(code: i8) -> Self {
        match code {
            0 => Self::Stable,
            1 => Self::UnrevokedPartitions,
            2 => Self::UnreleasedPartitions,
            _ => Self::Unknown,
        }
    }

    fn code(self) -> i8 {
        match self {
            Self::Stable => 0,
            Self::UnrevokedPartitions => 1,
            Self::UnreleasedPartitions => 2,
            Self::Unknown => 127,
        }
    }
}

/// A member.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Member {
    pub(super) id: Arc<str>,
    pub(super) epoch: i32,
    pub(super) previous_epoch: i32,
    pub(super) state: MemberState,
    pub(super) instance_id: Option<String>,
    pub(super) rack_id: Option<String>,
    pub(super) rebalance_timeout_ms: i32,
    pub(super) client_id: String,
    pub(super) client_host: String,
    /// The names it is subscribed to, ascending, each once.
    pub(super) topics: Arc<[Arc<str>]>,
    /// Empty, or absent in old records, if it has none.
    pub(super) regex: Option<String>,
    /// The assignor it prefers.
    pub(super) assignor: Option<String>,
    pub(super) assigned: Arc<Partitions>,
    pub(super) pending_revocation: Arc<Partitions>,
    /// What a member that speaks the classic protocol said when it joined.
    pub(super) classic: Option<Arc<ClassicMemberMetadata>>,
}

impl Member {
    /// One that has said nothing yet.
    pub(super) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            epoch: JOINING,
            previous_epoch: -1,
            state: MemberState::Stable,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            client_id: String::new(),
            client_host: String::new(),
            topics: Arc::default(),
            regex: Some(String::new()),
            assignor: None,
            assigned: Arc::default(),
            pending_revocation: Arc::default(),
            classic: None,
        }
    }

    /// The regular expression it is subscribed to, if any.
    pub(super) fn regex(&self) -> Option<&str> {
        self.regex.as_deref().filter(|regex| !regex.is_empty())
    }

    /// Whether it has all of the target assignment of `epoch`.
    pub(super) fn is_reconciled_to(&self, epoch: i32) -> bool {
        self.state == MemberState::Stable && self.epoch == epoch
    }

    /// Moves to an epoch; the one before stays known for a member that has not got the answer.
    pub(super) fn move_to(&mut self, epoch: i32) {
        self.previous_epoch = self.epoch;
        self.epoch = epoch;
    }

    /// The member after what a heartbeat says of it; `None` if that is nothing new.
    pub(super) fn told(
        &self,
        request: &ConsumerGroupHeartbeatRequest,
        caller: &Caller,
    ) -> Option<Self> {
        let differs = |new: &Option<String>, old: &Option<String>| new.is_some() && new != old;
        let timeout = request.rebalance_timeout_ms;
        let names = request.subscribed_topic_names.as_deref();
        let names = names.map(sorted).filter(|names| {
            !names
                .iter()
                .copied()
                .eq(self.topics.iter().map(|name| &**name))
        });
        let same = !differs(&request.instance_id, &self.instance_id)
            && !differs(&request.rack_id, &self.rack_id)
            && (timeout == -1 || timeout == self.rebalance_timeout_ms)
            && !differs(&request.server_assignor, &self.assignor)
            && names.is_none()
            && !differs(&request.subscribed_topic_regex, &self.regex)
            && caller.client_id == self.client_id
            && caller.client_host == self.client_host
            && self.classic.is_none();
        if same {
            return None;
        }
        let or =
            |new: &Option<String>, old: &Option<String>| new.as_ref().or(old.as_ref()).cloned();
        Some(Self {
            instance_id: or(&request.instance_id, &self.instance_id),
            rack_id: or(&request.rack_id, &self.rack_id),
            rebalance_timeout_ms: if timeout == -1 {
                self.rebalance_timeout_ms
            } else {
                timeout
            },
            assignor: or(&request.server_assignor, &self.assignor),
            topics: match names {
                Some(names) => names.into_iter().map(Arc::from).collect(),
                None => self.topics.clone(),
            },
            regex: or(&request.subscribed_topic_regex, &self.regex),
            client_id: caller.client_id.clone(),
            client_host: caller.client_host.clone(),
            classic: None,
            ..self.clone()
        })
    }

    /// The member as a record of what it said has it; `topics` are the record's.
    pub(super) fn described(
        self,
        value: &ConsumerGroupMemberMetadataValue,
        topics: Arc<[Arc<str>]>,
    ) -> Self {
        Self {
            instance_id: value.instance_id.clone(),
            rack_id: value.rack_id.clone(),
            client_id: value.client_id.clone(),
            client_host: value.client_host.clone(),
            topics,
            regex: value.subscribed_topic_regex.clone(),
            rebalance_timeout_ms: value.rebalance_timeout_ms,
            assignor: value.server_assignor.clone(),
            classic: value.classic_member_metadata.clone().map(Arc::new),
            ..self
        }
    }

    /// The member as a record of what it has says.
    pub(super) fn assigned(self, value: &ConsumerGroupCurrentMemberAssignmentValue) -> Self {
        let partitions = |list: &[TopicPartitions]| Arc::new(from_record(list, value.member_epoch));
        Self {
            epoch: value.member_epoch,
            previous_epoch: value.previous_member_epoch,
            state: MemberState::from_code(value.state),
            assigned: partitions(&value.assigned_partitions),
            pending_revocation: partitions(&value.partitions_pending_revocation),
            ..self
        }
    }

    /// Its record of what it said.
    pub(super) fn description(&self) -> ConsumerGroupMemberMetadataValue {
        ConsumerGroupMemberMetadataValue {
            instance_id: self.instance_id.clone(),
            rack_id: self.rack_id.clone(),
            client_id: self.client_id.clone(),
            client_host: self.client_host.clone(),
            subscribed_topic_names: self.topics.iter().map(|name| name.to_string()).collect(),
            subscribed_topic_regex: self.regex.clone(),
            rebalance_timeout_ms: self.rebalance_timeout_ms,
            server_assignor: self.assignor.clone(),
            classic_member_metadata: self.classic.as_deref().cloned(),
            ..ConsumerGroupMemberMetadataValue::default()
        }
    }

    /// Its record of what it has.
    pub(super) fn assignment(&self) -> ConsumerGroupCurrentMemberAssignmentValue {
        ConsumerGroupCurrentMemberAssignmentValue {
            member_epoch: self.epoch,
            previous_member_epoch: self.previous_epoch,
            state: self.state.code(),
            assigned_partitions: to_record(&self.assigned),
            partitions_pending_revocation: to_record(&self.pending_revocation),
            ..ConsumerGroupCurrentMemberAssignmentValue::default()
        }
    }

    /// The epoch at which it got a partition that it has or has yet to give up.
    pub(super) fn epoch_of(&self, topic: Uuid, index: i32) -> Option<i32> {
        let of = |partitions: &Partitions| partitions.get(&topic)?.get(&index).copied();
        of(&self.assigned).or_else(|| of(&self.pending_revocation))
    }

    /// Whether all of `owned` is assigned to it.
    pub(super) fn is_assigned(&self, owned: &[Owned]) -> bool {
        owned.iter().all(|topic| {
            let assigned = self.assigned.get(&topic.topic_id);
            let is_there = |index| assigned.is_some_and(|assigned| assigned.contains_key(index));
            assigned.is_some() && topic.partitions.iter().all(is_there)
        })
    }
}

/// Names ascending, each once.
pub(super) fn sorted(names: &[String]) -> Vec<&str> {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn from_record(list: &[TopicPartitions], member_epoch: i32) -> Partitions {
    let mut partitions = Partitions::new();
    for topic in list {
        let epochs = topic.assignment_epochs.as_deref();
        // Records of Kafka before 4.3 have no epochs: then the member got everything at its own.
        let epochs = epochs.filter(|epochs| epochs.len() == topic.partitions.len());
        let epoch_at = |at: usize| epochs.map_or(member_epoch.max(0), |epochs| epochs[at]);
        let indexes = topic.partitions.iter().enumerate();
        let indexes: BTreeMap<_, _> = indexes.map(|(at, index)| (*index, epoch_at(at))).collect();
        if !indexes.is_empty() {
            partitions.insert(topic.topic_id, indexes);
        }
    }
    partitions
}

fn to_record(partitions: &Partitions) -> Vec<TopicPartitions> {
    partitions
        .iter()
        .map(|(topic, indexes)| TopicPartitions {
            topic_id: *topic,
            partitions: indexes.keys().copied().collect(),
            assignment_epochs: Some(indexes.values().copied().collect()),
            ..TopicPartitions::default()
        })
        .collect()
}
