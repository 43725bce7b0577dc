//! Leaders of many partitions at once: what brokers that come and go bring about, and what time does.

use ottla_wire::Uuid;

use super::{
    Controller,
    partition_change::{Election, PartitionChange, Turn},
    rules,
};
use crate::{
    Record,
    image::{Partition, Topic},
};

/// The most partitions that get a leader at once because of the passing of time.
pub(super) const MAX_ELECTIONS: usize = 1_000;

/// What a topic's configurations say about elections.
#[derive(Clone, Copy)]
struct TopicRules {
    /// `min.insync.replicas`, at most the replication factor.
    min_isr: usize,
    /// `unclean.leader.election.enable`.
    unclean: bool,
}

impl Controller {
    /// A change of a partition, to be worked out.
    pub(super) fn change<'a>(
        &'a self,
        topic: &Topic,
        index: i32,
        old: &'a Partition,
        turn: Turn,
    ) -> PartitionChange<'a> {
        self.change_by(self.topic_rules(topic), (topic.id, index), old, turn)
    }

    fn change_by<'a>(
        &'a self,
        rules: TopicRules,
        place: (Uuid, i32),
        old: &'a Partition,
        turn: Turn,
    ) -> PartitionChange<'a> {
        let image = self.ledger.latest();
        let mut change = PartitionChange::new(image, place, old, rules.min_isr, turn);
        if rules.unclean {
            change.election = Election::Unclean;
        }
        change
    }

    fn topic_rules(&self, topic: &Topic) -> TopicRules {
        let configured = self.topic_config(&topic.name, rules::MIN_ISR);
        let configured = configured.and_then(|value| value.parse().ok()).unwrap_or(1);
        let first = topic.partitions.values().next();
        TopicRules {
            min_isr: first.map_or(configured, |first| configured.min(first.replicas.len())),
            unclean: self.elects_uncleanly(topic),
        }
    }

    pub(super) fn elects_uncleanly(&self, topic: &Topic) -> bool {
        let value = self.topic_config(&topic.name, rules::UNCLEAN_LEADER_ELECTION);
        value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// What a broker's turn makes of the partitions that it touches.
    pub(super) fn updates(&self, turn: Turn, touches: impl Fn(&Partition) -> bool) -> Vec<Record> {
        let mut records = Vec::new();
        // A topic's partitions follow each other, and its rules cost more than they do.
        let mut known: Option<(Uuid, TopicRules)> = None;
        for (topic, index, partition) in self.ledger.latest().partitions() {
            if !touches(partition) {
                continue;
            }
            let rules = match known {
                Some((id, rules)) if id == topic.id => rules,
                _ => self.topic_rules(topic),
            };
            known = Some((topic.id, rules));
            let mut change = self.change_by(rules, (topic.id, index), partition, turn);
            change
                .isr
                .retain(|id| Some(*id) != turn.leaves && Some(*id) != turn.lost);
            records.extend(change.build());
        }
        records
    }

    /// Preferred leaders that are in sync lead again.
    pub(super) fn preferred_leaders(&self) -> Vec<Record> {
        let mut records = Vec::new();
        for (topic, index, partition) in self.ledger.latest().partitions() {
            if partition.leader == partition.preferred_leader() {
                continue;
            }
            let mut change = self.change(topic, index, partition, Turn::default());
            change.election = Election::Preferred;
            records.extend(change.build());
            if records.len() >= MAX_ELECTIONS {
                break;
            }
        }
        records
    }

    /// Where that is allowed, any replica leads rather than none.
    pub(super) fn unclean_leaders(&self) -> Vec<Record> {
        let mut records = Vec::new();
        for (topic, index, partition) in self.ledger.latest().partitions() {
            if partition.has_leader() || !self.elects_uncleanly(topic) {
                continue;
            }
            let change = self.change(topic, index, partition, Turn::default());
            records.extend(change.build());
            if records.len() >= MAX_ELECTIONS {
                break;
            }
        }
        records
    }
}
