//! What stays of a batch: the last record of each key, tombstones for a while, and what producers and transactions need.

use std::collections::BTreeMap;

use bytes::Bytes;
use ottla_wire::records::batch::MAGIC_V2;
use ottla_wire::records::{
    Batch, BatchBuilder, BatchError, BatchHead, BuildError, DECOMPRESSED_LIMIT, Record,
    TimestampType, check_crc, scan,
};

use super::offset_map::OffsetMap;
use super::stats::CleanerStats;
use super::transactions::CleanedTransactions;
use crate::txn_index::AbortedTransaction;

/// The last thing that an active producer wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LastRecord {
    /// The offset of its last data; `None` if only markers are known of it.
    pub(crate) last_data_offset: Option<i64>,
    pub(crate) producer_epoch: i16,
}

/// What stays of a batch.
#[derive(Debug)]
pub(super) enum Kept {
    Nothing,
    /// Its own bytes.
    AsItWas,
    /// Some of its records, or none, or all with a delete horizon.
    Rebuilt(Batch),
}

/// Decides about the batches of one segment, one after the other.
pub(super) struct Filter<'a> {
    pub(super) map: &'a OffsetMap,
    pub(super) transactions: &'a mut CleanedTransactions,
    pub(super) last_records: &'a BTreeMap<i64, LastRecord>,
    pub(super) high_watermark: i64,
    pub(super) now_ms: i64,
    pub(super) delete_retention_ms: i64,
    /// Formats v0 and v1 have no delete horizon: the segment is too young for their tombstones to go.
    pub(super) keeps_legacy_tombstones: bool,
    pub(super) max_record: usize,
    pub(super) stats: &'a mut CleanerStats,
}

impl Filter<'_> {
    /// What stays of a batch, and which aborted transaction must stay listed because its marker does.
    pub(super) fn keep(
        &mut self,
        head: &BatchHead,
        bytes: &Bytes,
    ) -> Result<(Kept, Option<AbortedTransaction>), BatchError> {
        let is_control = head.attributes.is_control();
        let (discard, aborted) = if is_control {
            let fate = self.transactions.meet_marker(head, bytes)?;
            (fate.discard, fate.aborted)
        } else {
            (self.transactions.meet_data(head), None)
        };
        let past_horizon = head.delete_horizon().is_some_and(|at| at <= self.now_ms);
        // A marker that is needed no longer stays until its horizon, which it gets when that is first seen.
        let drop_records = discard && (!is_control || past_horizon);
        let keep_empty =
            self.is_last_of_producer(head) || head.next_offset() == self.high_watermark;
        if drop_records && !keep_empty {
            return Ok((Kept::Nothing, aborted));
        }
        let records = self.records(head, bytes, drop_records)?;
        let kept = if records.kept.is_empty() {
            if keep_empty {
                Kept::Rebuilt(emptied(head, bytes)?)
            } else {
                Kept::Nothing
            }
        } else {
            let wants_horizon = records.has_tombstone || (discard && is_control);
            let horizon = (wants_horizon && head.delete_horizon().is_none())
                .then(|| self.now_ms.checked_add(self.delete_retention_ms))
                .flatten();
            if records.all && horizon.is_none() && head.magic == MAGIC_V2 {
                Kept::AsItWas
            } else {
                check_crc(bytes)?;
                Kept::Rebuilt(rebuilt(head, bytes, horizon, &records.kept)?)
            }
        };
        Ok((kept, aborted))
    }

    fn is_last_of_producer(&self, head: &BatchHead) -> bool {
        if !head.has_producer_id() {
            return false;
        }
        self.last_records
            .get(&head.producer_id)
            .is_some_and(|last| match last.last_data_offset {
                Some(offset) => offset == head.last_offset,
                None => head.attributes.is_control() && head.producer_epoch == last.producer_epoch,
            })
    }

    fn records(
        &mut self,
        head: &BatchHead,
        bytes: &Bytes,
        drop_all: bool,
    ) -> Result<Records, BatchError> {
        let mut records = Records {
            kept: Vec::new(),
            all: true,
            has_tombstone: false,
        };
        let is_control = head.attributes.is_control();
        for record in scan::records(bytes, DECOMPRESSED_LIMIT)?.max_record(self.max_record) {
            let record = record?;
            self.stats.records_read += 1;
            if !drop_all && (is_control || self.keeps(head, &record)) {
                records.has_tombstone |= record.value.is_none();
                records.kept.push(record);
            } else {
                records.all = false;
            }
        }
        self.stats.records_written += records.kept.len() as u64;
        Ok(records)
    }

    fn keeps(&mut self, head: &BatchHead, record: &Record) -> bool {
        if record.offset > self.map.latest() {
            return true;
        }
        let Some(key) = &record.key else {
            self.stats.records_without_key += 1;
            return false;
        };
        let is_last = self.map.get(key).is_none_or(|last| record.offset >= last);
        let keeps_tombstones = if head.magic == MAGIC_V2 {
            head.delete_horizon().is_none_or(|at| self.now_ms < at)
        } else {
            self.keeps_legacy_tombstones
        };
        is_last && (record.value.is_some() || keeps_tombstones)
    }
}

struct Records {
    kept: Vec<Record>,
    /// No record was dropped.
    all: bool,
    has_tombstone: bool,
}

fn emptied(head: &BatchHead, bytes: &Bytes) -> Result<Batch, BatchError> {
    if head.magic != MAGIC_V2 {
        // As in Apache Kafka, which says that such batches cannot be empty.
        return Err(BatchError::Magic(head.magic));
    }
    check_crc(bytes)?;
    Ok(Batch::first(bytes)?.emptied())
}

/// `records` in a batch of format v2 that is otherwise as it was.
fn rebuilt(
    head: &BatchHead,
    bytes: &Bytes,
    horizon: Option<i64>,
    records: &[Record],
) -> Result<Batch, BatchError> {
    let mut builder = if head.magic == MAGIC_V2 {
        BatchBuilder::retaining(&Batch::first(bytes)?)
    } else {
        let first = records.first().map_or(head.base_offset, |it| it.offset);
        let codec = head.attributes.codec().unwrap_or_default();
        let builder = BatchBuilder::new(codec).base_offset(first);
        match head.timestamp_type() {
            Some(TimestampType::LogAppendTime) => builder.log_append_time(head.max_timestamp),
            _ => builder,
        }
    };
    if let Some(at) = horizon {
        builder = builder.delete_horizon(at);
    }
    let refused = |error: BuildError| {
        BatchError::Record(match error {
            BuildError::Timestamp(_) => "its timestamp is negative",
            BuildError::Offset(_) => "its offset is not above the one before",
            BuildError::Producer => "its producer has no epoch or no sequence",
            _ => "it does not fit into its batch any more",
        })
    };
    for record in records {
        builder.append_record(record).map_err(refused)?;
    }
    builder.build().map_err(refused)
}
