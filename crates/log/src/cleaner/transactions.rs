//! Which transactions a walk over a log is in the middle of: what decides whether their records and markers stay.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use ottla_wire::records::{BatchError, BatchHead, ControlType, DECOMPRESSED_LIMIT, scan};

use crate::txn_index::AbortedTransaction;

struct Ongoing {
    transaction: AbortedTransaction,
    /// It still has data in the log.
    has_data: bool,
}

/// What is known of transactions at one point of a walk. Grows with the producers whose transactions are open there,
/// and the aborted transactions that are still to come.
#[derive(Default)]
pub(super) struct CleanedTransactions {
    /// Producers with data that was, or may be, committed.
    committed: BTreeSet<i64>,
    aborted: BTreeMap<i64, Ongoing>,
    /// By first offset and producer.
    to_come: BTreeMap<(i64, i64), AbortedTransaction>,
}

/// What is to become of a marker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct MarkerFate {
    /// It is needed no longer: no data of its transaction is left.
    pub(super) discard: bool,
    /// It stays because of this aborted transaction, which the index must list.
    pub(super) aborted: Option<AbortedTransaction>,
}

impl CleanedTransactions {
    /// The walk will meet these.
    pub(super) fn add(&mut self, aborted: Vec<AbortedTransaction>) {
        for transaction in aborted {
            let key = (transaction.first_offset, transaction.producer_id);
            self.to_come.insert(key, transaction);
        }
    }

    fn begin_up_to(&mut self, offset: i64) {
        while let Some(first) = self.to_come.first_entry()
            && first.key().0 <= offset
        {
            let transaction = first.remove();
            self.aborted
                .entry(transaction.producer_id)
                .or_insert(Ongoing {
                    transaction,
                    has_data: false,
                });
        }
    }

    /// The walk meets a batch of data: whether it was aborted.
    pub(super) fn meet_data(&mut self, head: &BatchHead) -> bool {
        self.begin_up_to(head.last_offset);
        if !head.attributes.is_transactional() {
            return false;
        }
        if let Some(ongoing) = self.aborted.get_mut(&head.producer_id) {
            ongoing.has_data = true;
            return true;
        }
        self.committed.insert(head.producer_id);
        false
    }

    /// The walk meets a control batch.
    pub(super) fn meet_marker(
        &mut self,
        head: &BatchHead,
        batch: &Bytes,
    ) -> Result<MarkerFate, BatchError> {
        self.begin_up_to(head.last_offset);
        let fate = |discard, aborted| Ok(MarkerFate { discard, aborted });
        let Some(record) = scan::records(batch, DECOMPRESSED_LIMIT)?.next() else {
            return fate(true, None);
        };
        match ControlType::of_key(record?.key.as_deref())? {
            ControlType::Abort => match self.aborted.remove(&head.producer_id) {
                Some(ongoing) if ongoing.has_data => fate(false, Some(ongoing.transaction)),
                _ => fate(true, None),
            },
            ControlType::Commit => fate(!self.committed.remove(&head.producer_id), None),
            _ => fate(false, None),
        }
    }
}
