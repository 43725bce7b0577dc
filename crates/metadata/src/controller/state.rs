//! What the controller's records made: as of the last one, and as of the last committed one.

use std::collections::VecDeque;

use imbl::OrdMap;
use ottla_wire::messages::MetadataRecord;

use crate::{
    Image, Record,
    image::ApplyError,
    loader::{LoadError, LoadFault},
};

/// A fold of records.
#[derive(Clone, Debug, Default)]
struct State {
    image: Image,
    /// The offset of each broker's registration: a broker serves once it has read its own.
    registered_at: OrdMap<i32, i64>,
    /// The state before the metadata transaction that is open.
    before_transaction: Option<Box<Self>>,
}

impl State {
    fn apply(&mut self, offset: i64, record: &MetadataRecord) -> Result<(), LoadError> {
        match record {
            MetadataRecord::BeginTransaction(_) => {
                if self.before_transaction.is_some() {
                    return Err(LoadError::NestedTransaction);
                }
                self.before_transaction = Some(Box::new(self.clone()));
            }
            MetadataRecord::EndTransaction(_) => {
                let open = self.before_transaction.take();
                open.ok_or(LoadError::NoTransaction)?;
            }
            MetadataRecord::AbortTransaction(_) => {
                let before = self.before_transaction.take();
                *self = *before.ok_or(LoadError::NoTransaction)?;
            }
            _ => self.apply_data(offset, record).map_err(LoadError::Apply)?,
        }
        Ok(())
    }

    fn apply_data(&mut self, offset: i64, record: &MetadataRecord) -> Result<(), ApplyError> {
        self.image.apply(record)?;
        match record {
            MetadataRecord::RegisterBroker(record) => {
                self.registered_at.insert(record.broker_id, offset);
            }
            MetadataRecord::UnregisterBroker(record) => {
                self.registered_at.remove(&record.broker_id);
            }
            _ => {}
        }
        Ok(())
    }
}

/// The fold of all records, and that of the committed ones. What lies between is kept, so that it can be taken back.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    latest: State,
    committed: State,
    /// What was replayed and is not committed, by ascending offset.
    pending: VecDeque<(i64, MetadataRecord)>,
    fault: Option<LoadFault>,
}

impl Ledger {
    pub(super) fn latest(&self) -> &Image {
        &self.latest.image
    }

    pub(super) fn committed(&self) -> &Image {
        &self.committed.image
    }

    /// The offset of a broker's registration.
    pub(super) fn registered_at(&self, broker: i32) -> Option<i64> {
        self.latest.registered_at.get(&broker).copied()
    }

    pub(super) fn is_in_transaction(&self) -> bool {
        self.latest.before_transaction.is_some()
    }

    /// The latest image without what the open transaction did, if one is open.
    pub(super) fn outside_transaction(&self) -> &Image {
        let before = self.latest.before_transaction.as_ref();
        before.map_or(&self.latest.image, |before| &before.image)
    }

    pub(super) fn fault(&self) -> Option<&LoadFault> {
        self.fault.as_ref()
    }

    pub(super) fn load_snapshot<'a>(
        &mut self,
        records: impl IntoIterator<Item = &'a Record>,
        offset: i64,
    ) {
        *self = Self::default();
        for record in records {
            self.apply(offset, &record.value);
        }
        self.committed = self.latest.clone();
    }

    /// Records of before the start, all of them committed: none of them is kept to be taken back.
    pub(super) fn load<'a>(
        &mut self,
        records: impl IntoIterator<Item = (i64, &'a MetadataRecord)>,
    ) {
        debug_assert!(self.pending.is_empty(), "nothing was decided before");
        for (offset, record) in records {
            self.apply(offset, record);
        }
        self.committed = self.latest.clone();
    }

    pub(super) fn replay(&mut self, offset: i64, record: &Record) {
        self.apply(offset, &record.value);
        self.pending.push_back((offset, record.value.clone()));
    }

    fn apply(&mut self, offset: i64, record: &MetadataRecord) {
        if let Err(cause) = self.latest.apply(offset, record) {
            self.fault.get_or_insert(LoadFault {
                offset,
                record: record.name(),
                cause,
            });
        }
    }

    pub(super) fn commit(&mut self, offset: i64) {
        if self.pending.back().is_some_and(|(last, _)| *last <= offset) {
            self.pending.clear();
            self.committed = self.latest.clone();
            return;
        }
        while let Some((at, record)) = self.pending.pop_front_if(|(at, _)| *at <= offset) {
            // Its error, if it had one, is known from its replay.
            let _known = self.committed.apply(at, &record);
        }
    }

    pub(super) fn revert(&mut self, offset: i64) {
        if self.pending.back().is_none_or(|(last, _)| *last <= offset) {
            return;
        }
        self.latest = self.committed.clone();
        self.fault = self.fault.take().filter(|fault| fault.offset <= offset);
        self.pending.retain(|(at, _)| *at <= offset);
        for (at, record) in &self.pending {
            let _known = self.latest.apply(*at, record);
        }
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::{
        Uuid,
        messages::{
            AbortTransactionRecord, BeginTransactionRecord, EndTransactionRecord, TopicRecord,
        },
    };

    use super::*;

    fn topic(number: u8) -> Record {
        Record::from(TopicRecord {
            name: format!("t{number}"),
            topic_id: Uuid::from_u128(u128::from(number)),
            ..TopicRecord::default()
        })
    }

    fn count(ledger: &Ledger) -> (usize, usize) {
        (
            ledger.latest().topic_count(),
            ledger.committed().topic_count(),
        )
    }

    #[test]
    fn commits_and_reverts_at_any_offset() {
        let mut ledger = Ledger::default();
        for offset in 0..6 {
            ledger.replay(offset, &topic(offset as u8));
        }
        assert_eq!(count(&ledger), (6, 0));
        ledger.commit(1);
        assert_eq!(count(&ledger), (6, 2));
        ledger.revert(3);
        assert_eq!(count(&ledger), (4, 2));
        ledger.revert(9);
        ledger.replay(4, &topic(9));
        ledger.commit(4);
        assert_eq!(count(&ledger), (5, 5));
        ledger.revert(0);
        assert_eq!(count(&ledger), (5, 5), "committed is committed");
    }

    #[test]
    fn what_was_committed_before_the_start_is_loaded_as_it_was_replayed() {
        let records = [
            topic(1),
            Record::from(BeginTransactionRecord::default()),
            topic(2),
            Record::from(EndTransactionRecord::default()),
            Record::from(BeginTransactionRecord::default()),
            topic(3),
        ];
        let (mut replayed, mut loaded) = (Ledger::default(), Ledger::default());
        for (offset, record) in (0..).zip(&records) {
            replayed.replay(offset, record);
        }
        replayed.commit(5);
        loaded.load((0..).zip(records.iter().map(|record| &record.value)));
        for ledger in [&mut replayed, &mut loaded] {
            assert!(ledger.is_in_transaction());
            assert_eq!(count(ledger), (3, 3));
            // Nothing of it can be taken back.
            ledger.revert(0);
            assert_eq!(count(ledger), (3, 3));
            ledger.replay(6, &Record::from(AbortTransactionRecord::default()));
            assert_eq!(count(ledger), (2, 3));
            ledger.commit(6);
            assert_eq!(count(ledger), (2, 2));
        }
        assert_eq!(replayed.latest(), loaded.latest());
        loaded.load([(7, &topic(1).value)]);
        assert_eq!(loaded.fault().unwrap().offset, 7);
    }

    #[test]
    fn transactions() {
        let mut ledger = Ledger::default();
        ledger.replay(0, &topic(1));
        ledger.replay(1, &Record::from(BeginTransactionRecord::default()));
        ledger.replay(2, &topic(2));
        assert!(ledger.is_in_transaction());
        ledger.replay(3, &Record::from(AbortTransactionRecord::default()));
        assert!(!ledger.is_in_transaction());
        assert_eq!(count(&ledger), (1, 0));
        ledger.replay(4, &Record::from(BeginTransactionRecord::default()));
        ledger.replay(5, &topic(2));
        ledger.replay(6, &Record::from(EndTransactionRecord::default()));
        ledger.commit(6);
        assert_eq!(count(&ledger), (2, 2));
        assert!(ledger.fault().is_none());
    }

    #[test]
    fn a_fault_is_kept_and_can_be_taken_back() {
        let mut ledger = Ledger::default();
        ledger.replay(0, &topic(1));
        ledger.replay(1, &topic(1));
        assert_eq!(ledger.fault().unwrap().offset, 1);
        ledger.revert(0);
        assert!(ledger.fault().is_none());
        assert_eq!(count(&ledger), (1, 0));
    }
}
