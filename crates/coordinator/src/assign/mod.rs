//! Who reads which partitions: the assignors of consumer groups that the coordinator itself runs (KIP-848).
//!
//! An assignor is a pure function of the members, what they subscribe to and what they were told to read before. Given
//! the same members in the same order, the assignments are those of Apache Kafka 4.4. Where Kafka's order is that of a
//! hash map (members and topics of a uniform assignment of equal subscriptions, members of one of differing
//! subscriptions), ours is that of ids: the spread and the number of partitions that move are Kafka's, which of several
//! equals gets one more is not.
//!
//! Neither assignor looks at racks: those of Kafka 4.4 do not, although members say theirs. Nor is there a choice of
//! partitions that may be assigned; in Kafka 4.4 only share groups have one.

mod differing;
mod equal;
mod range;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use ottla_wire::Uuid;

/// Partitions by topic. No topic has an empty set.
pub type Assignment = BTreeMap<Uuid, BTreeSet<i32>>;

/// A member's id, as the coordinator or the client made it.
pub type MemberId = Arc<str>;

/// What an assignor asks about a member.
#[derive(Clone, Copy, Debug)]
pub struct MemberSpec<'a> {
    /// Of a static member, its `group.instance.id`.
    pub instance_id: Option<&'a str>,
    /// The topics it reads that exist, by name or by regular expression. Members may share one set.
    pub subscribed: &'a BTreeSet<Uuid>,
    /// What it was last told to read: its target, reached or not. Empty for a new member.
    pub assigned: &'a Assignment,
}

/// Whether all members subscribe to the same topics.
///
/// The group says so, and not the assignor: Kafka compares names, also those of topics that do not exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SubscriptionType {
    /// They do.
    Homogeneous,
    /// Some name is subscribed to by some members only.
    Heterogeneous,
}

/// The group that an assignor is run for.
#[derive(Clone, Debug)]
pub struct GroupSpec<'a> {
    /// Its members.
    pub members: BTreeMap<MemberId, MemberSpec<'a>>,
    /// How their subscriptions compare.
    pub subscription_type: SubscriptionType,
}

/// The topics of the cluster.
pub trait Topics {
    /// How many partitions `topic` has; `None` if it does not exist.
    fn partitions(&self, topic: Uuid) -> Option<usize>;
}

/// Why there is no assignment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AssignError {
    /// A member subscribes to a topic id that does not exist: the spec and the topics are of different images.
    UnknownTopic(Uuid),
}

impl fmt::Display for AssignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTopic(id) => {
                write!(
                    f,
                    "a member is subscribed to topic {id}, which does not exist"
                )
            }
        }
    }
}

impl std::error::Error for AssignError {}

/// An assignor that the coordinator has (`group.consumer.assignors`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Assignor {
    /// As many partitions for each as for any other, moving as few as possible.
    Uniform,
    /// The same range of each topic's partitions, so that topics with equal keys are read together.
    Range,
}

impl Assignor {
    /// All, in the order of `group.consumer.assignors`: the first is the default.
    pub const ALL: [Self; 2] = [Self::Uniform, Self::Range];

    /// The name by which members choose it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Range => "range",
        }
    }

    /// The assignor of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// The assignment of each member of `group`; a member without partitions has an empty one.
    ///
    /// Every partition of a topic that somebody subscribes to is assigned to exactly one of its subscribers. What was
    /// assigned before counts as far as it makes sense: of two owners of one partition the first by id keeps it, and
    /// partitions that do not exist are dropped.
    ///
    /// # Errors
    /// If a topic that a member subscribes to does not exist.
    pub fn assign(
        self,
        group: &GroupSpec<'_>,
        topics: &impl Topics,
    ) -> Result<BTreeMap<MemberId, Assignment>, AssignError> {
        if group.members.is_empty() {
            return Ok(BTreeMap::new());
        }
        match (self, group.subscription_type) {
            (Self::Range, _) => range::assign(group, topics),
            (Self::Uniform, SubscriptionType::Homogeneous) => equal::assign(group, topics),
            (Self::Uniform, SubscriptionType::Heterogeneous) => differing::assign(group, topics),
        }
    }
}

fn partitions(topics: &impl Topics, topic: Uuid) -> Result<usize, AssignError> {
    topics
        .partitions(topic)
        .ok_or(AssignError::UnknownTopic(topic))
}
