//! A consumer group: the fold of its records, and what is counted along with it.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map},
    sync::Arc,
};

use ottla_machine::Time;
use ottla_wire::Uuid;

use super::member::{Member, Partitions};
use crate::assign::{Assignment, Assignor};

/// A consumer group.
#[derive(Debug)]
pub(crate) struct ConsumerGroup {
    /// Rises with each change of members, subscriptions or topics.
    pub(super) epoch: i32,
    /// Of the topics at the last change of the epoch.
    pub(super) metadata_hash: i64,
    pub(super) members: BTreeMap<Arc<str>, Slot>,
    /// The group's epoch that the targets are of.
    pub(super) assignment_epoch: i32,
    /// When the targets were computed; 0 if nobody was there.
    pub(super) assignment_timestamp_ms: i64,
    pub(super) targets: BTreeMap<Arc<str>, Arc<Assignment>>,
    /// What regular expressions stand for.
    pub(super) resolved: BTreeMap<Arc<str>, Arc<ResolvedRegex>>,
    /// Whether the log has a record of the topics from Kafka before 4.1, which is to go.
    pub(super) has_partition_metadata: bool,

    // Counted along with the members: what follows from them is never looked for.
    pub(super) static_members: BTreeMap<String, Arc<str>>,
    pub(super) subscriptions: BTreeMap<Arc<str>, Subscribers>,
    pub(super) regexes: BTreeMap<Arc<str>, usize>,
    assignors: BTreeMap<String, usize>,
    /// The epoch at which a partition has an owner.
    owned: BTreeMap<Uuid, BTreeMap<i32, i32>>,
    /// How many members are stable, by epoch.
    stable: BTreeMap<i32, usize>,
    pub(super) classic_members: usize,
    /// How many of the classic members support a protocol.
    pub(super) classic_protocols: BTreeMap<String, usize>,

    // Soft: when to look at the topics again, whatever happens.
    refresh: Refresh,
}

/// A member and its deadline.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) member: Member,
    pub(super) session: Session,
}

/// When a member that says nothing is given up. Soft.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Session {
    pub(super) expires: Time,
    /// What the timer is armed for: it is moved when it fires, and not with each heartbeat.
    pub(super) wakes: Option<Time>,
}

/// The topics that a regular expression stood for when it was looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ResolvedRegex {
    pub(super) topics: BTreeSet<Arc<str>>,
    /// The metadata that it was looked up in.
    pub(super) version: i64,
    pub(super) timestamp_ms: i64,
}

/// How many are subscribed to a topic.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Subscribers {
    /// Members that name it.
    pub(super) by_name: usize,
    /// Regular expressions that match it.
    pub(super) by_regex: usize,
}

/// When to look at the topics again: then, or if the group did not get as far as this epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Refresh {
    pub(super) at_ms: i64,
    pub(super) epoch: i32,
}

/// The topics that a group became subscribed to (true) or is so no more, in order.
pub(super) type TopicChanges = Vec<(Arc<str>, bool)>;

/// How a change counts for subscriptions.
#[derive(Clone, Copy)]
pub(super) enum By {
    Name,
    Regex,
}

impl Default for ConsumerGroup {
    fn default() -> Self {
        Self {
            epoch: 1,
            metadata_hash: 0,
            members: BTreeMap::new(),
            assignment_epoch: 1,
            assignment_timestamp_ms: 0,
            targets: BTreeMap::new(),
            resolved: BTreeMap::new(),
            has_partition_metadata: false,
            static_members: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            regexes: BTreeMap::new(),
            assignors: BTreeMap::new(),
            owned: BTreeMap::new(),
            stable: BTreeMap::new(),
            classic_members: 0,
            classic_protocols: BTreeMap::new(),
            refresh: Refresh::default(),
        }
    }
}

/// One more or one less; what nobody has is not kept.
pub(super) fn count<K: Ord>(counts: &mut BTreeMap<K, usize>, key: K, more: bool) {
    let entry = counts.entry(key);
    match (entry, more) {
        (entry, true) => *entry.or_default() += 1,
        (btree_map::Entry::Occupied(mut entry), false) => {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
        (btree_map::Entry::Vacant(_), false) => {}
    }
}

/// One more or one less; says if the first came or the last went.
pub(super) fn count_topic(
    counts: &mut BTreeMap<Arc<str>, Subscribers>,
    topic: &Arc<str>,
    by: By,
    more: bool,
) -> bool {
    let was = counts.get(topic).copied();
    let mut is = was.unwrap_or_default();
    let place = match by {
        By::Name => &mut is.by_name,
        By::Regex => &mut is.by_regex,
    };
    *place = if more {
        *place + 1
    } else {
        place.saturating_sub(1)
    };
    if is == Subscribers::default() {
        counts.remove(topic);
        return was.is_some();
    }
    counts.insert(topic.clone(), is);
    was.is_none()
}

impl ConsumerGroup {
    pub(super) fn member(&self, id: &str) -> Option<&Member> {
        self.members.get(id).map(|slot| &slot.member)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Member> {
        self.members.values().map(|slot| &slot.member)
    }

    /// The member with that instance id.
    pub(super) fn static_member(&self, instance_id: &str) -> Option<&Member> {
        self.member(self.static_members.get(instance_id)?)
    }

    /// The member's target; empty if it has none.
    pub(super) fn target(&self, member: &str) -> Arc<Assignment> {
        self.targets.get(member).cloned().unwrap_or_default()
    }

    /// The epoch at which a partition has an owner.
    pub(super) fn owner_epoch(&self, topic: Uuid, index: i32) -> Option<i32> {
        self.owned.get(&topic)?.get(&index).copied()
    }

    /// Kafka's name of its state.
    pub(crate) fn state_name(&self) -> &'static str {
        if self.members.is_empty() {
            return "Empty";
        }
        if self.epoch > self.assignment_epoch {
            return "Assigning";
        }
        let stable = self.stable.get(&self.assignment_epoch);
        if stable == Some(&self.members.len()) {
            "Stable"
        } else {
            "Reconciling"
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn refresh_at(&mut self, refresh: Refresh) {
        self.refresh = refresh;
    }

    /// The topics changed: with the next heartbeat the group looks.
    pub(super) fn look_again(&mut self) {
        self.refresh = Refresh::default();
    }

    /// Whether it is time to look at the topics.
    pub(super) fn is_stale(&self, now_ms: i64) -> bool {
        now_ms >= self.refresh.at_ms || self.epoch < self.refresh.epoch
    }

    /// The assignor that most members prefer, if any has a preference; `old` becomes `new`.
    pub(super) fn preferred_assignor(
        &self,
        old: Option<&Member>,
        new: Option<&Member>,
    ) -> Option<&str> {
        let of = |member: Option<&Member>, name: &str| {
            member.is_some_and(|member| member.assignor.as_deref() == Some(name))
        };
        let named = new.and_then(|member| member.assignor.as_deref());
        let known = named.and_then(|name| self.assignors.get_key_value(name));
        let unheard = match (known, named) {
            // Nobody preferred it before, so it is not among those that are counted.
            (None, Some(name)) => Assignor::named(name).map(|it| (it.name(), 1)),
            _ => None,
        };
        let counted = self.assignors.iter().map(|(name, count)| {
            let count = count + usize::from(of(new, name)) - usize::from(of(old, name));
            (name.as_str(), count)
        });
        let place = |name: &str| Assignor::ALL.iter().position(|it| it.name() == name);
        counted
            .chain(unheard)
            .filter(|(_, count)| *count > 0)
            // Of several that are preferred by as many it is the first of Kafka's.
            .min_by_key(|(name, count)| (std::cmp::Reverse(*count), place(name)))
            .map(|(name, _)| name)
    }

    /// A member is as `member` from now on; its deadline stays.
    pub(super) fn put(&mut self, member: Member, changes: &mut TopicChanges) {
        let id = member.id.clone();
        let old = self.members.remove(&id);
        let (old, session) = match old {
            Some(slot) => (Some(slot.member), slot.session),
            None => (None, Session::default()),
        };
        self.count_out_and_in(old.as_ref(), Some(&member), changes);
        self.members.insert(id, Slot { member, session });
    }

    /// A member is gone.
    pub(super) fn take(&mut self, id: &str, changes: &mut TopicChanges) {
        if let Some(slot) = self.members.remove(id) {
            self.count_out_and_in(Some(&slot.member), None, changes);
        }
    }

    fn count_out_and_in(
        &mut self,
        old: Option<&Member>,
        new: Option<&Member>,
        changes: &mut TopicChanges,
    ) {
        let same = |of: fn(&Member, &Member) -> bool| match (old, new) {
            (Some(old), Some(new)) => of(old, new),
            _ => false,
        };
        if !same(|old, new| Arc::ptr_eq(&old.topics, &new.topics) || old.topics == new.topics) {
            self.count_names(old, new, changes);
        }
        if !same(|old, new| {
            old.epoch == new.epoch
                && old.assigned == new.assigned
                && old.pending_revocation == new.pending_revocation
        }) {
            self.count_partitions(old, new);
        }
        for (member, more) in [(old, false), (new, true)] {
            let Some(member) = member else { continue };
            if let Some(name) = &member.assignor {
                count(&mut self.assignors, name.clone(), more);
            }
            if let Some(regex) = member.regex() {
                count(&mut self.regexes, Arc::from(regex), more);
            }
            if member.is_reconciled_to(member.epoch) {
                count(&mut self.stable, member.epoch, more);
            }
            if let Some(instance) = &member.instance_id {
                if more {
                    let instance = instance.clone();
                    self.static_members.insert(instance, member.id.clone());
                } else {
                    self.static_members.remove(instance);
                }
            }
            if let Some(classic) = &member.classic {
                self.classic_members = if more {
                    self.classic_members + 1
                } else {
                    self.classic_members - 1
                };
                for protocol in &classic.supported_protocols {
                    count(&mut self.classic_protocols, protocol.name.clone(), more);
                }
            }
        }
    }

    fn count_names(
        &mut self,
        old: Option<&Member>,
        new: Option<&Member>,
        changes: &mut TopicChanges,
    ) {
        for (member, more) in [(old, false), (new, true)] {
            for topic in member.into_iter().flat_map(|member| member.topics.iter()) {
                if count_topic(&mut self.subscriptions, topic, By::Name, more) {
                    changes.push((topic.clone(), more));
                }
            }
        }
    }

    fn count_partitions(&mut self, old: Option<&Member>, new: Option<&Member>) {
        if let Some(member) = old {
            self.disown(&member.assigned, member.epoch);
            self.disown(&member.pending_revocation, member.epoch);
        }
        if let Some(member) = new {
            self.own(&member.assigned, member.epoch);
            self.own(&member.pending_revocation, member.epoch);
        }
    }

    fn disown(&mut self, partitions: &Partitions, epoch: i32) {
        for (topic, indexes) in partitions {
            let Some(owned) = self.owned.get_mut(topic) else {
                continue;
            };
            for index in indexes.keys() {
                // Somebody else may have it already: a log that was compacted has not all steps.
                if owned.get(index) == Some(&epoch) {
                    owned.remove(index);
                }
            }
            if owned.is_empty() {
                self.owned.remove(topic);
            }
        }
    }

    fn own(&mut self, partitions: &Partitions, epoch: i32) {
        for (topic, indexes) in partitions {
            let owned = self.owned.entry(*topic).or_default();
            for index in indexes.keys() {
                let at = owned.entry(*index).or_insert(epoch);
                *at = epoch.max(*at);
            }
        }
    }

    /// What a regular expression stands for from now on.
    pub(super) fn resolve(
        &mut self,
        regex: &str,
        resolved: Option<ResolvedRegex>,
        changes: &mut TopicChanges,
    ) {
        let old = self.resolved.remove(regex);
        let new = resolved.map(Arc::new);
        for (resolved, more) in [(&old, false), (&new, true)] {
            for topic in resolved.iter().flat_map(|resolved| &resolved.topics) {
                if count_topic(&mut self.subscriptions, topic, By::Regex, more) {
                    changes.push((topic.clone(), more));
                }
            }
        }
        if let Some(new) = new {
            self.resolved.insert(Arc::from(regex), new);
        }
    }

    /// Everything but the members and what is soft.
    #[cfg(test)]
    pub(super) fn text(&self) -> String {
        let of_log = (
            (self.epoch, self.metadata_hash),
            (self.assignment_epoch, self.assignment_timestamp_ms),
            (&self.targets, &self.resolved, self.has_partition_metadata),
        );
        let counted = (
            (&self.static_members, &self.subscriptions, &self.regexes),
            (&self.assignors, &self.owned, &self.stable),
            (self.classic_members, &self.classic_protocols),
        );
        format!("{of_log:?} {counted:?}")
    }

    /// The same list of names that another member has, so that members share it.
    pub(super) fn shared(&self, names: &[String]) -> Arc<[Arc<str>]> {
        let sorted = super::member::sorted(names);
        let same =
            |topics: &Arc<[Arc<str>]>| sorted.iter().copied().eq(topics.iter().map(|name| &**name));
        let first = self.members.values().next().map(|slot| &slot.member.topics);
        match first {
            Some(topics) if same(topics) => topics.clone(),
            _ => sorted.into_iter().map(Arc::from).collect(),
        }
    }
}
