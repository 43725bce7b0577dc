//! What a member gets next on the way to its target: one owner for each partition, at each epoch.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_metadata::Image;
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::consumer_group_heartbeat_request::TopicPartitions as Owned,
};

use super::{
    group::ConsumerGroup,
    member::{Member, MemberState, Partitions},
};
use crate::assign::Assignment;

/// What decides on a member's next assignment.
pub(super) struct Reconcile<'a> {
    pub(super) group: &'a ConsumerGroup,
    pub(super) image: &'a Image,
    pub(super) member: &'a Member,
    /// The epoch of the target.
    pub(super) epoch: i32,
    pub(super) target: &'a Assignment,
    pub(super) has_subscription_changed: bool,
    /// What the member says that it has; `None` if it does not say.
    pub(super) owned: Option<&'a [Owned]>,
}

impl Reconcile<'_> {
    /// The member after the next step; `None` if there is none to take now.
    ///
    /// # Errors
    /// `FENCED_MEMBER_EPOCH` if its state is one of a newer version.
    pub(super) fn next(&self) -> Result<Option<Member>, Refusal> {
        let member = self.member;
        let stays = || {
            let changed = self.has_subscription_changed;
            changed.then(|| self.without_unsubscribed()).flatten()
        };
        Ok(match member.state {
            MemberState::Stable if member.epoch == self.epoch => stays(),
            MemberState::UnrevokedPartitions if self.owns_any(&member.pending_revocation) => {
                stays()
            }
            MemberState::Stable
            | MemberState::UnrevokedPartitions
            | MemberState::UnreleasedPartitions => Some(self.step(member.epoch)),
            MemberState::Unknown if self.owned.is_some_and(<[_]>::is_empty) => {
                Some(self.step(self.epoch))
            }
            MemberState::Unknown => {
                return Err(Code::FENCED_MEMBER_EPOCH.because(format!(
                    "member {} is in a state that this broker does not know: it has to give up its partitions and join again",
                    member.id
                )));
            }
        })
    }

    /// Whether the member still has any of these. One that does not say may.
    fn owns_any(&self, partitions: &Partitions) -> bool {
        let Some(owned) = self.owned else {
            return true;
        };
        owned.iter().any(|topic| {
            partitions.get(&topic.topic_id).is_some_and(|indexes| {
                let has = |index| indexes.contains_key(index);
                topic.partitions.iter().any(has)
            })
        })
    }

    fn names(&self) -> (&[Arc<str>], Option<&BTreeSet<Arc<str>>>) {
        let regex = self.member.regex();
        let resolved = regex.and_then(|regex| self.group.resolved.get(regex));
        (
            &self.member.topics,
            resolved.map(|resolved| &resolved.topics),
        )
    }

    fn is_subscribed(&self, topic: Uuid) -> bool {
        let Some(topic) = self.image.topic_by_id(topic) else {
            return false;
        };
        let (names, by_regex) = self.names();
        names.binary_search(&topic.name).is_ok()
            || by_regex.is_some_and(|names| names.contains(&topic.name))
    }

    /// The member stays where it is, but has to give up what it is no longer subscribed to.
    fn without_unsubscribed(&self) -> Option<Member> {
        let member = self.member;
        let mut assigned = (*member.assigned).clone();
        let mut pending = (*member.pending_revocation).clone();
        for (topic, indexes) in &*member.assigned {
            if !self.is_subscribed(*topic) {
                assigned.remove(topic);
                pending.entry(*topic).or_default().extend(indexes);
            }
        }
        if assigned.len() == member.assigned.len() {
            return None;
        }
        let mut next = member.clone();
        next.move_to(member.epoch);
        next.assigned = Arc::new(assigned);
        if self.owns_any(&pending) {
            next.state = MemberState::UnrevokedPartitions;
            next.pending_revocation = Arc::new(pending);
        }
        Some(next)
    }

    /// Gives up first, then gets what nobody else has.
    fn step(&self, epoch: i32) -> Member {
        let member = self.member;
        let nothing = BTreeSet::new();
        let none = BTreeMap::new();
        let (mut assigned, mut revoked) = (Partitions::new(), Partitions::new());
        let mut added: Vec<(Uuid, i32)> = Vec::new();
        let mut is_waiting = false;
        let topics: BTreeSet<&Uuid> = self.target.keys().chain(member.assigned.keys()).collect();
        for topic in topics {
            let target = self
                .target
                .get(topic)
                .filter(|_| self.is_subscribed(*topic));
            let target = target.unwrap_or(&nothing);
            let current = member.assigned.get(topic).unwrap_or(&none);
            for (index, at) in current {
                let to = if target.contains(index) {
                    &mut assigned
                } else {
                    &mut revoked
                };
                to.entry(*topic).or_default().insert(*index, *at);
            }
            let pending = member.pending_revocation.get(topic).unwrap_or(&none);
            for index in target.iter().filter(|index| !current.contains_key(index)) {
                let is_free = self.group.owner_epoch(*topic, *index).is_none();
                if is_free || pending.contains_key(index) {
                    added.push((*topic, *index));
                } else {
                    is_waiting = true;
                }
            }
        }
        let mut next = member.clone();
        if !revoked.is_empty() && self.owns_any(&revoked) {
            next.state = MemberState::UnrevokedPartitions;
            next.move_to(epoch);
            next.pending_revocation = Arc::new(revoked);
        } else {
            for (topic, index) in added {
                assigned.entry(topic).or_default().insert(index, self.epoch);
            }
            next.state = if is_waiting {
                MemberState::UnreleasedPartitions
            } else {
                MemberState::Stable
            };
            next.move_to(self.epoch);
            next.pending_revocation = Arc::default();
        }
        next.assigned = Arc::new(assigned);
        next
    }
}
