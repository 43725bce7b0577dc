//! Consumer groups: list, describe and delete them, their offsets and their members.
//!
//! Each group is asked about at its coordinator, which is looked up again when it turns out to be another.

mod describe;
mod list;
mod members;
mod offsets;

use std::fmt;

use crate::{TopicPartition, view::Broker};

pub use list::{GroupFilter, GroupListing, ListedGroups};
pub use members::GroupMember;
pub use offsets::CommittedOffset;

/// The protocol type of groups of consumers.
pub(super) const CONSUMER_PROTOCOL: &str = "consumer";

/// Which protocol a group's members speak.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GroupType {
    /// One of a newer broker.
    Unknown,
    /// Members choose a leader that assigns (JoinGroup, SyncGroup).
    Classic,
    /// The coordinator assigns (ConsumerGroupHeartbeat).
    Consumer,
    /// Records are shared between members (ShareGroupHeartbeat).
    Share,
    /// Kafka Streams (StreamsGroupHeartbeat).
    Streams,
}

impl GroupType {
    const ALL: [Self; 4] = [Self::Classic, Self::Consumer, Self::Share, Self::Streams];

    /// From a name, of which the case does not matter.
    pub fn parse(name: &str) -> Self {
        let named = |kind: &&Self| kind.name().eq_ignore_ascii_case(name);
        Self::ALL
            .iter()
            .find(named)
            .copied()
            .unwrap_or(Self::Unknown)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "Unknown",
            Self::Classic => "Classic",
            Self::Consumer => "Consumer",
            Self::Share => "Share",
            Self::Streams => "Streams",
        }
    }
}

impl fmt::Display for GroupType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a group is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GroupState {
    /// One of a newer broker.
    Unknown,
    /// Members are joining.
    PreparingRebalance,
    /// The leader is assigning.
    CompletingRebalance,
    /// Every member has what it was assigned.
    Stable,
    /// It has neither members nor offsets.
    Dead,
    /// It has no members.
    Empty,
    /// The coordinator is assigning.
    Assigning,
    /// Members give up and take over partitions.
    Reconciling,
    /// Of a streams group whose topics are missing.
    NotReady,
}

impl GroupState {
    const ALL: [Self; 8] = [
        Self::PreparingRebalance,
        Self::CompletingRebalance,
        Self::Stable,
        Self::Dead,
        Self::Empty,
        Self::Assigning,
        Self::Reconciling,
        Self::NotReady,
    ];

    /// From a name, of which the case does not matter.
    pub fn parse(name: &str) -> Self {
        let named = |state: &&Self| state.name().eq_ignore_ascii_case(name);
        Self::ALL
            .iter()
            .find(named)
            .copied()
            .unwrap_or(Self::Unknown)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "Unknown",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
            Self::Empty => "Empty",
            Self::Assigning => "Assigning",
            Self::Reconciling => "Reconciling",
            Self::NotReady => "NotReady",
        }
    }
}

impl fmt::Display for GroupState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A group of consumers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupDescription {
    /// Its id.
    pub group: String,
    /// Which protocol its members speak.
    pub group_type: GroupType,
    /// Whether it only keeps offsets, for consumers that assign themselves.
    pub is_simple: bool,
    /// What it is about.
    pub state: GroupState,
    /// The assignor it uses; empty if it has none.
    pub assignor: String,
    /// The broker that coordinates it.
    pub coordinator: Broker,
    /// Its members, in the order of the answer.
    pub members: Vec<MemberDescription>,
    /// Its epoch; `None` for a classic group.
    pub epoch: Option<i32>,
    /// The epoch of its target assignment; `None` for a classic group.
    pub assignment_epoch: Option<i32>,
}

/// A member of a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberDescription {
    /// Its id.
    pub member_id: String,
    /// Its `group.instance.id`, if it is a static member.
    pub instance_id: Option<String>,
    /// Its rack, if it says so.
    pub rack: Option<String>,
    /// The id of its client.
    pub client_id: String,
    /// Where it connects from.
    pub host: String,
    /// Its partitions, in order.
    pub assignment: Vec<TopicPartition>,
    /// Partitions that it is to have; `None` for a classic group.
    pub target: Option<Vec<TopicPartition>>,
    /// Its epoch; `None` for a classic group.
    pub epoch: Option<i32>,
    /// In a consumer group: whether it speaks the new protocol itself; `None` if the broker does not say.
    pub upgraded: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_case_and_written_as_kafka_does() {
        for kind in GroupType::ALL {
            assert_eq!(GroupType::parse(&kind.name().to_lowercase()), kind);
        }
        for state in GroupState::ALL {
            assert_eq!(GroupState::parse(&state.name().to_uppercase()), state);
        }
        assert_eq!(GroupType::parse("new"), GroupType::Unknown);
        assert_eq!(GroupState::parse(""), GroupState::Unknown);
        assert_eq!(format!("{:-<8}", GroupState::Dead), "Dead----");
    }
}
