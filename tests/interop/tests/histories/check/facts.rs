//! A history by its batches, transactions, and pieces of transactions in logs.

use std::collections::BTreeMap;

use super::{Breaches, Rule};
use crate::history::{Act, Event, History, Outcome, Part, Producer, Txn, Value, What};

/// How much two clocks of one machine may differ, in microseconds.
const CLOCK_SLACK: u64 = 50_000;

pub(super) struct Facts<'a> {
    pub history: &'a History,
    pub sent: Vec<Sent<'a>>,
    /// What a value was sent with: index into `sent`.
    pub sent_of: BTreeMap<u32, usize>,
    /// Pieces of transactions, in the order of partitions and of their first offsets.
    pub pieces: Vec<Piece>,
    /// The data of each partition, in order.
    pub data: Vec<Vec<Datum>>,
    /// By value.
    pub places: BTreeMap<u32, Place>,
    pub meant: Vec<Meant<'a>>,
}

/// A batch that somebody sent, however often.
pub(super) struct Sent<'a> {
    pub txn: Option<Txn>,
    pub partition: Part,
    pub producer: Option<(Producer, i32)>,
    pub values: &'a [Value],
    pub attempts: Vec<(&'a Event, &'a Outcome<i64>)>,
}

/// What one transaction has in one partition.
#[derive(Debug)]
pub(super) struct Piece {
    pub partition: Part,
    pub first: i64,
    /// Where its marker is, and what it says.
    pub marker: Option<(i64, bool)>,
    /// Whose values are in it.
    pub txns: Vec<Option<Txn>>,
}

/// A record in a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Datum {
    pub offset: i64,
    pub value: Value,
    /// Index into `pieces`; none without a transaction.
    pub piece: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub partition: Part,
    pub offset: i64,
}

/// What a client did about one transaction.
#[derive(Default)]
pub(super) struct Meant<'a> {
    /// The first request about it that may have been done.
    pub begin: Option<u64>,
    /// Its EndTxns.
    pub ends: Vec<(&'a Event, bool, &'a Outcome<Producer>)>,
    /// Its pieces.
    pub pieces: Vec<usize>,
    /// Its TxnOffsetCommits: group, offset.
    pub offsets: Vec<(usize, i64, &'a Outcome<()>)>,
}

impl Sent<'_> {
    /// When it was first acknowledged.
    pub(super) fn acknowledged(&self) -> Option<u64> {
        let ok = self
            .attempts
            .iter()
            .filter(|(_, outcome)| outcome.ok().is_some());
        ok.map(|(event, _)| event.completed).min()
    }

    pub(super) fn invoked(&self) -> u64 {
        let all = self.attempts.iter().map(|(event, _)| event.invoked);
        all.min().unwrap_or(0)
    }
}

impl Meant<'_> {
    /// Whether an EndTxn of the kind was acknowledged.
    pub(super) fn acknowledged(&self, commit: bool) -> bool {
        self.ends_of(commit)
            .any(|(_, outcome)| outcome.ok().is_some())
    }

    pub(super) fn ends_of(
        &self,
        commit: bool,
    ) -> impl Iterator<Item = (&Event, &Outcome<Producer>)> {
        let of_kind = self.ends.iter().filter(move |(_, kind, _)| *kind == commit);
        of_kind.map(|(event, _, outcome)| (*event, *outcome))
    }
}

impl<'a> Facts<'a> {
    pub(super) fn of(history: &'a History, breaches: &mut Breaches) -> Self {
        let mut facts = Self {
            history,
            sent: Vec::new(),
            sent_of: BTreeMap::new(),
            pieces: Vec::new(),
            data: Vec::new(),
            places: BTreeMap::new(),
            meant: history
                .transactions
                .iter()
                .map(|_| Meant::default())
                .collect(),
        };
        for event in &history.events {
            facts.hear(event);
        }
        for partition in 0..history.logs.len() {
            facts.read_log(partition, breaches);
        }
        for (number, piece) in facts.pieces.iter().enumerate() {
            for txn in piece.txns.iter().flatten() {
                facts.meant[*txn].pieces.push(number);
            }
        }
        facts
    }

    fn hear(&mut self, event: &'a Event) {
        let begun = |meant: &mut Meant<'a>| {
            let begin = meant.begin.unwrap_or(u64::MAX).min(event.invoked);
            meant.begin = Some(begin);
        };
        match &event.act {
            Act::Add { txn, outcome, .. } if outcome.may_be_done() => begun(&mut self.meant[*txn]),
            Act::Produce {
                txn,
                partition,
                producer,
                values,
                outcome,
            } => {
                if let Some(txn) = txn
                    && outcome.may_be_done()
                {
                    begun(&mut self.meant[*txn]);
                }
                let number = values.first().map_or(0, |value| value.number);
                let at = *self.sent_of.entry(number).or_insert(self.sent.len());
                if at == self.sent.len() {
                    self.sent.push(Sent {
                        txn: *txn,
                        partition: *partition,
                        producer: *producer,
                        values,
                        attempts: Vec::new(),
                    });
                    for value in values {
                        self.sent_of.insert(value.number, at);
                    }
                }
                self.sent[at].attempts.push((event, outcome));
            }
            Act::CommitOffset {
                txn,
                group,
                to,
                outcome,
                ..
            } => {
                let meant = &mut self.meant[*txn];
                if outcome.may_be_done() {
                    begun(meant);
                }
                meant.offsets.push((*group, *to, outcome));
            }
            Act::End {
                txn,
                commit,
                outcome,
                ..
            } => self.meant[*txn].ends.push((event, *commit, outcome)),
            _ => {}
        }
    }

    fn read_log(&mut self, partition: Part, breaches: &mut Breaches) {
        let mut open: BTreeMap<i64, usize> = BTreeMap::new();
        let mut data = Vec::new();
        for batch in &self.history.logs[partition].batches {
            let producer_id = batch.producer.map_or(-1, |(producer, _)| producer.id);
            let values = match &batch.what {
                What::Data(values) => values,
                What::Marker(commit) => {
                    if let Some(piece) = open.remove(&producer_id) {
                        self.pieces[piece].marker = Some((batch.base, *commit));
                    }
                    continue;
                }
            };
            let piece = batch.transactional.then(|| {
                *open.entry(producer_id).or_insert_with(|| {
                    self.pieces.push(Piece {
                        partition,
                        first: batch.base,
                        marker: None,
                        txns: Vec::new(),
                    });
                    self.pieces.len() - 1
                })
            });
            for (offset, &value) in (batch.base..).zip(values) {
                data.push(Datum {
                    offset,
                    value,
                    piece,
                });
                let place = Place { partition, offset };
                if let Some(before) = self.places.insert(value.number, place) {
                    let text = format!("value {} is at {before:?} and {place:?}", value.number);
                    breaches.add(Rule::Once, text);
                }
                if let Some(piece) = piece {
                    let sent = self.sent_of.get(&value.number);
                    let txn = sent.and_then(|&sent| self.sent[sent].txn);
                    let txns = &mut self.pieces[piece].txns;
                    if !txns.contains(&txn) {
                        txns.push(txn);
                    }
                }
            }
        }
        self.data.push(data);
    }

    /// Whether a record is for readers of committed records.
    pub(super) fn is_committed(&self, datum: &Datum) -> bool {
        datum
            .piece
            .is_none_or(|piece| matches!(self.pieces[piece].marker, Some((_, true))))
    }

    /// The outcome of a transaction by its first piece with a marker.
    pub(super) fn outcome(&self, txn: Txn) -> Option<bool> {
        let mut markers = self.meant[txn]
            .pieces
            .iter()
            .map(|&piece| self.pieces[piece].marker);
        markers.find_map(|marker| marker.map(|(_, commit)| commit))
    }

    /// The first moment at which the transaction can have been decided as it was; none if nothing can have done so.
    pub(super) fn earliest_end(&self, txn: Txn, commit: bool) -> Option<u64> {
        let asked = self.meant[txn]
            .ends_of(commit)
            .filter(|(_, outcome)| **outcome != Outcome::NotSent)
            .map(|(event, _)| event.invoked);
        if commit {
            return asked.min();
        }
        let id = self.history.transactions[txn].id;
        let begin = self.meant[txn].begin.unwrap_or(0);
        let timeout = self.history.ids[id].timeout * 1000;
        let timed_out = (begin + timeout).saturating_sub(CLOCK_SLACK);
        let taken = self
            .history
            .events
            .iter()
            .filter_map(|event| match &event.act {
                Act::Init {
                    id: taken, outcome, ..
                } if *taken == id => {
                    let late = *outcome == Outcome::Unknown || event.completed >= begin;
                    (late && *outcome != Outcome::NotSent).then_some(event.invoked.max(begin))
                }
                _ => None,
            });
        asked.chain(taken).chain([timed_out]).min()
    }

    /// How long the server was away between the two.
    pub(super) fn away(&self, from: u64, until: u64) -> u64 {
        let outages = self.history.outages.iter();
        let within = outages.map(|&(down, up)| up.min(until).saturating_sub(down.max(from)));
        within.sum()
    }
}
