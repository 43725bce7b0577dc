//! What must be there: every record that was acknowledged, and what became of transactions, offsets and topics.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use ottla_interop::legacy::{END, FIRST};
use ottla_wire::{
    Uuid,
    records::{Header, Record},
};

use crate::asks::Place;

/// What a topic is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sort {
    /// Records keep their own timestamps.
    Plain,
    /// The server gives timestamps.
    AppendTime,
    /// Timestamps of all times, and none.
    Odd,
    Compact,
    CompactDelete,
}

impl Sort {
    /// Records with the key of a later one may be gone.
    pub(crate) fn is_compacted(self) -> bool {
        matches!(self, Self::Compact | Self::CompactDelete)
    }
}

/// How a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    Open,
    Committed,
    Aborted,
}

/// A record as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Written {
    pub(crate) timestamp: i64,
    pub(crate) key: Option<Bytes>,
    pub(crate) value: Option<Bytes>,
    pub(crate) headers: Vec<Header>,
    pub(crate) leader_epoch: i32,
    /// Id, epoch and sequence.
    pub(crate) producer: (i64, i16, i32),
    /// Which transaction it is of.
    pub(crate) transaction: Option<usize>,
}

/// Where a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Marker {
    pub(crate) producer_id: i64,
    pub(crate) commits: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Partition {
    pub(crate) start: i64,
    /// What the log may start at if the last deletion of records was forgotten.
    pub(crate) remembered_start: i64,
    pub(crate) end: i64,
    pub(crate) leader_epoch: i32,
    pub(crate) records: BTreeMap<i64, Written>,
    pub(crate) markers: BTreeMap<i64, Marker>,
    /// First offsets of open transactions.
    pub(crate) open: BTreeMap<usize, i64>,
    /// Records were deleted in this turn.
    pub(crate) is_trimmed: bool,
    /// Records that were deleted have come back.
    pub(crate) is_forgetful: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Topic {
    pub(crate) id: Uuid,
    pub(crate) sort: Sort,
    pub(crate) configs: BTreeMap<String, String>,
    pub(crate) partitions: Vec<Partition>,
}

/// What a group committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Committed {
    pub(crate) offset: i64,
    pub(crate) leader_epoch: i32,
    pub(crate) metadata: String,
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) topics: BTreeMap<String, Topic>,
    /// Of topics that were deleted.
    pub(crate) gone: BTreeSet<Uuid>,
    pub(crate) transactions: Vec<Outcome>,
    pub(crate) offsets: BTreeMap<(String, Place), Committed>,
    /// Of brokers, by name: empty for the cluster's default.
    pub(crate) broker_configs: BTreeMap<(String, String), String>,
}

impl Model {
    pub(crate) fn places(&self) -> Vec<Place> {
        let places = self
            .topics
            .iter()
            .flat_map(|(name, topic)| (0..).zip(&topic.partitions).map(|(n, _)| (name.clone(), n)));
        places.collect()
    }

    pub(crate) fn sort(&self, place: &Place) -> Sort {
        self.topics[&place.0].sort
    }

    pub(crate) fn partition(&self, place: &Place) -> &Partition {
        &self.topics[&place.0].partitions[place.1 as usize]
    }

    pub(crate) fn partition_mut(&mut self, place: &Place) -> &mut Partition {
        let topic = self.topics.get_mut(&place.0).expect("a topic");
        &mut topic.partitions[place.1 as usize]
    }

    pub(crate) fn begin(&mut self) -> usize {
        self.transactions.push(Outcome::Open);
        self.transactions.len() - 1
    }

    /// A transaction ends, with a marker in each of its partitions.
    pub(crate) fn end(&mut self, transaction: usize, producer_id: i64, commits: bool) {
        self.transactions[transaction] = if commits {
            Outcome::Committed
        } else {
            Outcome::Aborted
        };
        for topic in self.topics.values_mut() {
            for partition in &mut topic.partitions {
                if partition.open.remove(&transaction).is_some() {
                    let marker = Marker {
                        producer_id,
                        commits,
                    };
                    partition.markers.insert(partition.end, marker);
                    partition.end += 1;
                }
            }
        }
    }

    /// All that a partition has is from an old release.
    pub(crate) fn has_old(&mut self, place: &Place, records: &[Record]) {
        let written = records.iter().map(|of| {
            let written = Written {
                timestamp: of.timestamp,
                key: of.key.clone(),
                value: of.value.clone(),
                headers: Vec::new(),
                leader_epoch: -1,
                producer: (-1, -1, -1),
                transaction: None,
            };
            (of.offset, written)
        });
        let records = written.collect();
        let partition = self.partition_mut(place);
        assert_eq!(partition.end, 0, "{place:?} has records");
        *partition = Partition {
            start: FIRST,
            remembered_start: FIRST,
            end: END,
            records,
            ..partition.clone()
        };
    }

    /// Whether a topic is part of an open transaction.
    pub(crate) fn is_in_use(&self, topic: &str) -> bool {
        let of = &self.topics[topic];
        of.partitions.iter().any(|of| !of.open.is_empty())
    }

    /// Another program has taken over: what it found is on the disk.
    pub(crate) fn is_taken_over(&mut self) {
        for topic in self.topics.values_mut() {
            for partition in &mut topic.partitions {
                partition.remembered_start = partition.start;
                partition.is_trimmed = false;
            }
        }
    }

    pub(crate) fn outcome(&self, record: &Written) -> Outcome {
        let of = record.transaction;
        of.map_or(Outcome::Committed, |number| self.transactions[number])
    }
}

impl Partition {
    pub(crate) fn last_stable(&self) -> i64 {
        self.open.values().copied().min().unwrap_or(self.end)
    }
}
