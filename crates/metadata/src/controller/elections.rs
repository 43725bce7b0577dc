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

impl Controller {
    /// A change of a partition, to be worked out.
    pub(super) fn change<'a>(
        &'a self,
        topic: &Topic,
        index: i32,
        old: &'a Partition,
        turn: Turn,
    ) -> PartitionChange<'a> {
        let image = self.ledger.latest();
        let min_isr = self.min_isr(topic, old);
        let place: (Uuid, i32) = (topic.id, index);
        let mut change = PartitionChange::new(image, place, old, min_isr, turn);
        if self.elects_uncleanly(topic) {
            change.election = Election::Unclean;
        }
        change
    }

    /// The `min.insync.replicas` of a topic, at most its replication factor.
    fn min_isr(&self, topic: &Topic, partition: &Partition) -> usize {
        let configured = self.topic_config(&topic.name, rules::MIN_ISR);
        let configured = configured.and_then(|value| value.parse().ok()).unwrap_or(1);
        let first = topic.partitions.get(&0).map(|first| first.replicas.len());
        configured.min(first.unwrap_or(partition.replicas.len()))
    }

    pub(super) fn elects_uncleanly(&self, topic: &Topic) -> bool {
        let value = self.topic_config(&topic.name, rules::UNCLEAN_LEADER_ELECTION);
        value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// What a broker's turn makes of the partitions that it touches.
    pub(super) fn updates(&self, turn: Turn, touches: impl Fn(&Partition) -> bool) -> Vec<Record> {
        let mut records = Vec::new();
        for (topic, index, partition) in self.ledger.latest().partitions() {
            if !touches(partition) {
                continue;
            }
            let mut change = self.change(topic, index, partition, turn);
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
