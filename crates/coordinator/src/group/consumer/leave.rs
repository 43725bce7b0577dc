//! Members that leave, or are given up.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    ConsumerTimer,
    decision::{Decision, RETRY_MS},
    group::{By, count, count_topic},
    member::{AWAY, Member},
    records,
};
use crate::group::timer::Timer;

impl Decision<'_> {
    /// Removes these members. The rest gets its partitions with the next target.
    pub(super) fn remove(&mut self, members: &[&Member]) {
        let group = self.group;
        let mut topics = group.subscriptions.clone();
        let mut regexes: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for member in members {
            self.records.extend(records::removed(&self.id, &member.id));
            for topic in member.topics.iter() {
                count_topic(&mut topics, topic, By::Name, false);
            }
            if let Some(regex) = member.regex() {
                count(&mut regexes, Arc::from(regex), true);
            }
        }
        for (regex, leaving) in regexes {
            if group.regexes.get(&regex) != Some(&leaving) {
                continue;
            }
            self.records.push(records::no_regex(&self.id, &regex));
            let resolved = group.resolved.get(&regex);
            for topic in resolved.iter().flat_map(|resolved| &resolved.topics) {
                count_topic(&mut topics, topic, By::Regex, false);
            }
        }
        let hash = self.topics.group_hash(self.image, topics.keys());
        let epoch = group.epoch.saturating_add(1);
        self.records.push(records::epoch(&self.id, epoch, hash));
        if group.members.len() == members.len() {
            // Nobody is left whom an assignment would be for.
            self.records.push(records::target_epoch(&self.id, epoch, 0));
        }
        for member in members {
            self.disarm_all(member);
            // If this cannot be written, the member is given up a little later.
            let session = ConsumerTimer::Session(member.id.clone());
            let at = self.now.after(RETRY_MS);
            self.timers
                .arm(Timer::Consumer(self.id.clone(), session), at);
        }
    }

    /// A static member is away for a short time: it keeps its partitions.
    pub(super) fn step_away(&mut self, member: &Member) {
        let mut assigned = (*member.assigned).clone();
        for epoch in assigned.values_mut().flat_map(BTreeMap::values_mut) {
            *epoch = 0;
        }
        let away = Member {
            epoch: AWAY,
            assigned: Arc::new(assigned),
            pending_revocation: Arc::default(),
            ..member.clone()
        };
        self.records.push(records::current(&self.id, &away));
    }

    /// Nothing is due for the member any more.
    pub(super) fn disarm_all(&mut self, member: &Member) {
        self.disarm(ConsumerTimer::Session(member.id.clone()));
        self.disarm(ConsumerTimer::Rebalance(member.id.clone(), member.epoch));
        self.disarm(ConsumerTimer::Join(member.id.clone()));
        self.disarm(ConsumerTimer::Sync(member.id.clone()));
    }
}
