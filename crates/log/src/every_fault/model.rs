//! What must be in the logs after a fault: everything that was acknowledged, and nothing that never was.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use ottla_wire::records::{Batch, ControlType};

use super::world::{COMPACTED, World, read};
use crate::Log;

/// Producer, first and last offset of a transaction.
type Aborted = (i64, i64, i64);

/// What a node has acknowledged.
#[derive(Clone, Default)]
pub(super) struct Model {
    pub(super) logs: BTreeMap<String, LogModel>,
}

/// The same of one log.
#[derive(Clone, Default)]
pub(super) struct LogModel {
    /// What was acknowledged.
    batches: Vec<Batch>,
    /// What anybody ever tried to append: bytes of batches.
    tried: BTreeSet<Vec<u8>>,
    /// The leader's epoch.
    pub(super) epoch: i32,
    /// Records before it may be gone: somebody asked for that.
    pub(super) start: i64,
    /// Up to here everything was flushed.
    pub(super) flushed: i64,
    /// Records from here on may be gone: they were cut off, or are being.
    pub(super) cut_to: Option<i64>,
    pub(super) is_being_deleted: bool,
}

fn bytes_of(batch: &Batch) -> Vec<u8> {
    [&batch.header()[..], batch.payload()].concat()
}

/// The last value of each key, of records that are in no transaction or in a committed one.
fn fold(batches: &[Batch]) -> BTreeMap<Bytes, (i64, Bytes)> {
    let (aborted, open) = uncommitted(batches);
    let mut fold = BTreeMap::new();
    for batch in batches {
        let (id, last) = (batch.producer_id(), batch.last_offset());
        let is_uncommitted = batch.attributes().is_transactional()
            && (aborted
                .iter()
                .any(|it| it.0 == id && (it.1..=it.2).contains(&last))
                || open.get(&id).is_some_and(|first| *first <= last));
        if batch.attributes().is_control() || is_uncommitted {
            continue;
        }
        for record in batch.records().unwrap() {
            let record = record.unwrap();
            if let (Some(key), Some(value)) = (record.key, record.value) {
                fold.insert(key, (record.offset, value));
            }
        }
    }
    fold
}

/// By reading all records: producer, first and last offset of each aborted transaction, and where those begin that are
/// open.
fn uncommitted(batches: &[Batch]) -> (Vec<Aborted>, BTreeMap<i64, i64>) {
    let (mut open, mut aborted) = (BTreeMap::new(), Vec::new());
    for batch in batches {
        let id = batch.producer_id();
        if batch.attributes().is_control() {
            let record = batch.records().unwrap().next().unwrap().unwrap();
            let first = open.remove(&id);
            let is_abort = ControlType::of_key(record.key.as_deref()) == Ok(ControlType::Abort);
            if let (Some(first), true) = (first, is_abort) {
                aborted.push((id, first, batch.last_offset()));
            }
        } else if batch.attributes().is_transactional() {
            open.entry(id).or_insert(batch.base_offset());
        }
    }
    aborted.sort_unstable();
    (aborted, open)
}

impl Model {
    /// All logs were closed; or perhaps not all of them.
    pub(super) fn flushed_all(&mut self, is_all: bool) {
        for log in self.logs.values_mut().filter(|_| is_all) {
            log.flushed = log.end();
        }
    }

    /// Everything that was acknowledged is there. After a loss of power: everything that was flushed.
    pub(super) fn check(&self, world: &World, after_power_loss: bool, what: &str) {
        for (name, model) in &self.logs {
            match world.logs().get(name) {
                Some(log) => model.check(log, name, after_power_loss, what),
                None => {
                    // The name of a log is durable with its first records.
                    let is_empty = after_power_loss || model.batches.is_empty();
                    assert!(
                        model.is_being_deleted || is_empty && model.flushed == 0,
                        "{what}: {name} is not there"
                    );
                }
            }
        }
    }

    /// What is in the logs now counts as acknowledged.
    pub(super) fn adopt(&mut self, world: &World) {
        self.logs.retain(|name, _| world.logs().contains_key(name));
        for (name, log) in world.logs() {
            let model = self.logs.entry(name.clone()).or_default();
            model.batches = read(log).unwrap().0;
            model.cut_to = None;
            model.is_being_deleted = false;
        }
    }
}

impl LogModel {
    /// Where the log ends.
    pub(super) fn end(&self) -> i64 {
        self.batches.last().map_or(0, Batch::next_offset)
    }

    /// Where the batch begins that has an offset.
    pub(super) fn beginning_at(&self, offset: i64) -> i64 {
        let of = self.batches.iter().find(|it| it.next_offset() > offset);
        of.map_or(0, Batch::base_offset)
    }

    pub(super) fn tried(&mut self, batch: &Batch) {
        self.tried.insert(bytes_of(batch));
    }

    pub(super) fn acknowledged(&mut self, batch: Batch) {
        self.batches.push(batch);
    }

    /// What ends after `end` was cut off.
    pub(super) fn truncated(&mut self, end: i64) {
        self.batches.retain(|batch| batch.next_offset() <= end);
        self.flushed = self.flushed.min(end);
    }

    fn check(&self, log: &Log, name: &str, after_power_loss: bool, what: &str) {
        let what = format!("{what}: {name}");
        let offsets = log.offsets();
        assert!(
            offsets.log_start <= self.start,
            "{what}: it starts at {}, and nobody deleted what is before {}",
            offsets.log_start,
            self.start
        );
        let mut certain = self.end();
        if after_power_loss {
            certain = certain.min(self.flushed);
            // What was cut off comes back if it was not written over.
            certain = certain.min(self.cut_to.unwrap_or(certain));
        }
        if offsets.log_end < certain {
            let cut = self.cut_to.filter(|cut| *cut <= offsets.log_end);
            assert!(
                cut.is_some(),
                "{what}: it ends at {}, and {certain} was acknowledged",
                offsets.log_end
            );
            certain = offsets.log_end;
        }
        let (found, told_aborted) = read(log).expect("no more faults");
        for batch in &found {
            let base = batch.base_offset();
            let bytes = bytes_of(batch);
            let is_known = self.tried.contains(&bytes) || name == COMPACTED;
            assert!(is_known, "{what}: offset {base} was never appended so");
        }
        let mine = || self.batches.iter();
        if name == COMPACTED {
            let before = mine().filter(|it| it.next_offset() <= certain);
            let known = fold(&before.cloned().collect::<Vec<_>>());
            let there = fold(&found);
            for (key, (offset, value)) in &known {
                // What comes after that is in doubt, and may be newer.
                let newest = there.get(key);
                let is_kept = newest.is_some_and(|(at, now)| at > offset || now == value);
                assert!(is_kept, "{what}: {key:?} of {offset}, but {newest:?}");
            }
            if certain == offsets.log_end {
                assert_eq!(there, known, "{what}");
            }
        } else {
            let wanted = mine()
                .filter(|it| it.next_offset() > offsets.log_start && it.next_offset() <= certain);
            let wanted: Vec<_> = wanted.map(bytes_of).collect();
            let there: Vec<_> = found.iter().map(bytes_of).collect();
            assert!(there.starts_with(&wanted), "{what}: other records");
            let mut next = found.first().map_or(offsets.log_end, Batch::base_offset);
            for batch in &found {
                assert_eq!(batch.base_offset(), next, "{what}: a hole");
                next = batch.next_offset();
            }
            assert_eq!(next, offsets.log_end, "{what}");
            let begun = found.first().map_or(0, Batch::base_offset);
            let mut known = uncommitted(&found).0;
            // Of those that began before, the marker does not tell.
            known.retain(|row| row.1 > begun);
            let mut told = told_aborted;
            told.retain(|row| row.1 > begun && row.2 < offsets.last_stable.max(row.2 + 1));
            if offsets.last_stable == offsets.log_end {
                assert_eq!(told, known, "{what}: aborted transactions");
            }
        }
        let epochs = log.reader().leader_epochs();
        for batch in found.iter().filter(|it| it.base_offset() >= self.start) {
            assert_eq!(
                epochs.epoch_of(batch.base_offset()),
                Some(batch.leader_epoch()),
                "{what}: the epoch of {}",
                batch.base_offset()
            );
        }
        let mut last: BTreeMap<i64, i64> = BTreeMap::new();
        for batch in found.iter().filter(|it| it.base_sequence() >= 0) {
            last.insert(batch.producer_id(), batch.last_offset());
        }
        for (id, offset) in last {
            let state = log.active_producers().find(|it| it.producer_id == id);
            assert_eq!(
                state.map(|it| it.last_offset()),
                Some(offset),
                "{what}: {id}"
            );
        }
    }
}
