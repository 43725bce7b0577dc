//! Subscriptions by regular expression: the coordinator looks up which topics match.
//!
//! Like Apache Kafka, the heartbeat that brings an expression does not look it up itself: a decision of its own follows,
//! and the members get what it found with their next heartbeat. Here it follows at once, in the same thread.

use std::{collections::BTreeSet, sync::Arc};

use ottla_wire::errors::{Code, Refusal};

use super::{
    ConsumerTimer, Turn,
    decision::Decision,
    group::{By, ResolvedRegex, count_topic},
    member::Member,
    records,
};
use crate::{group::GroupCoordinator, regex::SubscriptionRegex};

/// A group's expressions are looked up at most once in this time, in ms.
const MIN_REFRESH_MS: i64 = 10_000;

/// What became of a member's regular expression.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RegexChange {
    /// It is the one that it was.
    None,
    /// It is another one, whose topics are not known yet.
    Unresolved,
    /// It is another one, or none, and which topics that makes is known.
    Resolved,
}

impl Decision<'_> {
    /// What the member's subscription by regular expression becomes, and has expressions looked up if it is time.
    pub(super) fn update_regexes(
        &mut self,
        old: &Member,
        new: &Member,
    ) -> Result<RegexChange, Refusal> {
        let group = self.group;
        let subscribed = |regex: &str| group.regexes.get(regex).copied().unwrap_or(0);
        let mut change = RegexChange::None;
        let mut must = false;
        if old.regex != new.regex {
            change = RegexChange::Unresolved;
            if let Some(regex) = old.regex().filter(|regex| subscribed(regex) == 1) {
                self.records.push(records::no_regex(&self.id, regex));
            }
            match new.regex() {
                Some(regex) if subscribed(regex) == 0 => {
                    SubscriptionRegex::compile(regex).map_err(|why| {
                        Code::INVALID_REGULAR_EXPRESSION
                            .because(format!("{regex:?} is no regular expression: {why}"))
                    })?;
                    must = true;
                }
                Some(regex) if group.resolved.contains_key(regex) => change = RegexChange::Resolved,
                None if old.regex().is_some() => change = RegexChange::Resolved,
                _ => {}
            }
        }
        if (must || !group.regexes.is_empty()) && self.is_lookup_due(must, old, new) {
            self.arm(ConsumerTimer::Regexes, 0);
        }
        Ok(change)
    }

    fn is_lookup_due(&self, must: bool, old: &Member, new: &Member) -> bool {
        let group = self.group;
        let last = group.resolved.values().next();
        let (looked_at, version) = last.map_or((i64::MIN, 0), |of| (of.timestamp_ms, of.version));
        let since = self.now_ms().saturating_sub(looked_at);
        if since <= MIN_REFRESH_MS {
            return false;
        }
        let mut regexes: BTreeSet<&str> = group.regexes.keys().map(|regex| &**regex).collect();
        if let Some(regex) = old
            .regex()
            .filter(|regex| group.regexes.get(*regex) == Some(&1))
        {
            regexes.remove(regex);
        }
        regexes.extend(new.regex());
        let interval = i64::try_from(self.settings.regex_refresh_interval_ms).unwrap_or(i64::MAX);
        let is_wanted = must
            || regexes.len() != group.resolved.len()
            || version < self.topics.new_topics_at
            || since > interval;
        is_wanted && !regexes.is_empty()
    }

    /// Looks up what the group's regular expressions stand for.
    fn look_up(&mut self) {
        let group = self.group;
        let mut topics = group.subscriptions.clone();
        let mut has_changed = false;
        for regex in group.regexes.keys() {
            let resolved = self.resolved(regex);
            let old = group.resolved.get(regex).map(|old| &old.topics);
            // One that was never looked up stands for nothing.
            if *old.unwrap_or(&BTreeSet::new()) != resolved.topics {
                has_changed = true;
                for (names, more) in [(old, false), (Some(&resolved.topics), true)] {
                    for name in names.into_iter().flatten() {
                        count_topic(&mut topics, name, By::Regex, more);
                    }
                }
            }
            self.records
                .push(records::regex(&self.id, regex, &resolved));
        }
        let hash = self.topics.group_hash(self.image, topics.keys());
        if has_changed || hash != group.metadata_hash {
            let epoch = group.epoch.saturating_add(1);
            self.records.push(records::epoch(&self.id, epoch, hash));
            self.refreshed(epoch);
        }
    }

    fn resolved(&self, regex: &str) -> ResolvedRegex {
        // One that another version wrote and this one does not understand matches nothing.
        let compiled = SubscriptionRegex::compile(regex).ok();
        let names = self.image.topics().map(|topic| &topic.name);
        let matches = |name: &&Arc<str>| compiled.as_ref().is_some_and(|it| it.matches(name));
        ResolvedRegex {
            topics: names.filter(matches).cloned().collect(),
            version: self.topics.version,
            timestamp_ms: self.now_ms(),
        }
    }
}

impl GroupCoordinator {
    /// Looks up what a group's regular expressions stand for.
    pub(super) fn look_up_regexes(&mut self, turn: &mut Turn<'_, '_>, id: &str) {
        let Ok(mut decision) = self.consumer_decision(id, turn.now()) else {
            return;
        };
        decision.look_up();
        let outcome = decision.end();
        self.carry_out(turn, id, outcome);
    }
}
