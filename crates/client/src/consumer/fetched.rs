//! What a fetch brought for one partition, read record by record: without I/O, so that every rule has its test.
//!
//! Left out are records before the position (a batch is fetched whole), control records, and with
//! [`Isolation::ReadCommitted`] the records of aborted transactions.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use bytes::Bytes;
use ottla_wire::records::{Batch, BatchError, ControlType, Record, RecordIter, TimestampType};

use crate::Isolation;

/// A producer id and the first offset of a transaction of it that was aborted.
pub(super) type Aborted = (i64, i64);

/// The unread part of what was fetched.
#[derive(Debug)]
pub(super) struct Fetched {
    rest: Bytes,
    open: Option<Open>,
    /// The offset of the next record to return.
    position: i64,
    check_crcs: bool,
    isolation: Isolation,
    /// By first offset.
    aborted: BinaryHeap<Reverse<(i64, i64)>>,
    /// Producers in an aborted transaction at the place reached.
    aborting: HashSet<i64>,
    size: usize,
}

/// A batch of which some records were returned.
#[derive(Debug)]
struct Open {
    records: RecordIter,
    leader_epoch: i32,
    timestamp_type: TimestampType,
    next_offset: i64,
}

/// A record as its batch has it.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) record: Record,
    pub(super) leader_epoch: i32,
    pub(super) timestamp_type: TimestampType,
}

impl Fetched {
    pub(super) fn new(
        bytes: Bytes,
        position: i64,
        aborted: impl IntoIterator<Item = Aborted>,
        isolation: Isolation,
        check_crcs: bool,
    ) -> Self {
        Self {
            size: bytes.len(),
            rest: bytes,
            open: None,
            position,
            check_crcs,
            isolation,
            aborted: aborted
                .into_iter()
                .map(|(producer, first)| Reverse((first, producer)))
                .collect(),
            aborting: HashSet::new(),
        }
    }

    /// Bytes that it keeps in memory.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The offset after what was returned and left out so far.
    pub(super) fn position(&self) -> i64 {
        self.position
    }

    /// The offset after the last whole batch of `bytes`: where the next fetch goes on.
    pub(super) fn end_of(bytes: &Bytes, position: i64) -> i64 {
        let mut rest = bytes.clone();
        let mut end = position;
        while let Ok(batch) = Batch::first(&rest) {
            end = end.max(batch.next_offset());
            rest = rest.slice(batch.size_in_bytes()..);
        }
        end
    }

    /// The next record; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Read>, BatchError> {
        loop {
            if self.open.is_none() && !self.open_batch()? {
                return Ok(None);
            }
            let Some(open) = &mut self.open else { continue };
            match open.records.next() {
                Some(record) => {
                    let record = record?;
                    if record.offset < self.position {
                        continue;
                    }
                    self.position = record.offset + 1;
                    return Ok(Some(Read {
                        record,
                        leader_epoch: open.leader_epoch,
                        timestamp_type: open.timestamp_type,
                    }));
                }
                None => {
                    // Compaction may have removed the last records of the batch.
                    self.position = self.position.max(open.next_offset);
                    self.open = None;
                }
            }
        }
    }

    /// Goes on to the next batch with records to return; whether there is one.
    fn open_batch(&mut self) -> Result<bool, BatchError> {
        loop {
            let batch = match Batch::first(&self.rest) {
                Ok(batch) => batch,
                // The broker cuts its answer anywhere: the rest of a batch comes with the next fetch.
                Err(BatchError::Truncated) => return Ok(false),
                Err(error) => return Err(error),
            };
            if self.check_crcs {
                batch.check_crc()?;
            }
            self.rest = self.rest.slice(batch.size_in_bytes()..);
            if batch.next_offset() <= self.position {
                continue;
            }
            if self.isolation == Isolation::ReadCommitted && self.is_aborted(&batch)? {
                self.position = batch.next_offset();
                continue;
            }
            if batch.attributes().is_control() {
                self.position = batch.next_offset();
                continue;
            }
            self.open = Some(Open {
                records: batch.records()?,
                leader_epoch: batch.leader_epoch(),
                timestamp_type: batch.attributes().timestamp_type(),
                next_offset: batch.next_offset(),
            });
            return Ok(true);
        }
    }

    /// Whether the batch belongs to an aborted transaction; keeps track of where those begin and end.
    fn is_aborted(&mut self, batch: &Batch) -> Result<bool, BatchError> {
        while let Some(Reverse((first, producer))) = self.aborted.peek().copied() {
            if first > batch.last_offset() {
                break;
            }
            self.aborted.pop();
            self.aborting.insert(producer);
        }
        let attributes = batch.attributes();
        if attributes.is_control() {
            if let Some(marker) = batch.records()?.next()
                && ControlType::of_key(marker?.key.as_deref())? == ControlType::Abort
            {
                self.aborting.remove(&batch.producer_id());
            }
            return Ok(false);
        }
        Ok(attributes.is_transactional() && self.aborting.contains(&batch.producer_id()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_wire::records::{BatchBuilder, Codec};

    fn batch(base: i64, count: i64, producer: Option<i64>) -> Bytes {
        let mut builder = BatchBuilder::new(Codec::Lz4).base_offset(base);
        if let Some(producer) = producer {
            builder = builder.producer(producer, 0, 0).transactional(true);
        }
        for n in 0..count {
            let value = (base + n).to_string();
            builder
                .append(n, None, Some(value.as_bytes()), &[])
                .unwrap();
        }
        builder.build().unwrap().to_bytes()
    }

    fn marker(at: i64, producer: i64, kind: ControlType) -> Bytes {
        let mut builder = BatchBuilder::default()
            .base_offset(at)
            .producer(producer, 0, -1)
            .transactional(true)
            .control(true);
        builder
            .append_control(0, kind, &[0, 0, 0, 0, 0, 0])
            .unwrap();
        builder.build().unwrap().to_bytes()
    }

    fn log(parts: &[Bytes]) -> Bytes {
        parts.concat().into()
    }

    fn offsets(fetched: &mut Fetched) -> Vec<i64> {
        std::iter::from_fn(|| fetched.next().unwrap().map(|read| read.record.offset)).collect()
    }

    fn plain(bytes: Bytes, position: i64) -> Fetched {
        Fetched::new(bytes, position, [], Isolation::ReadUncommitted, true)
    }

    #[test]
    fn reading_begins_at_the_position_and_ends_with_the_last_whole_batch() {
        let whole = log(&[batch(0, 5, None), batch(5, 5, None), batch(10, 5, None)]);
        let cut = whole.slice(..whole.len() - 1);
        let mut fetched = plain(cut.clone(), 3);
        assert_eq!(offsets(&mut fetched), (3..10).collect::<Vec<_>>());
        assert_eq!(fetched.position(), 10);
        assert_eq!(Fetched::end_of(&cut, 3), 10);
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let mut bytes = batch(0, 5, None).to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        let mut fetched = plain(bytes.into(), 0);
        assert!(matches!(fetched.next(), Err(BatchError::Crc { .. })));
    }

    #[test]
    fn aborted_records_and_markers_are_left_out() {
        let bytes = log(&[
            batch(0, 2, Some(1)),
            batch(2, 2, Some(2)),
            marker(4, 1, ControlType::Abort),
            batch(5, 2, Some(1)),
            marker(7, 2, ControlType::Commit),
            marker(8, 1, ControlType::Commit),
            batch(9, 1, None),
        ]);
        let mut all = plain(bytes.clone(), 0);
        assert_eq!(offsets(&mut all), [0, 1, 2, 3, 5, 6, 9]);
        let mut committed = Fetched::new(bytes, 0, [(1, 0)], Isolation::ReadCommitted, true);
        assert_eq!(offsets(&mut committed), [2, 3, 5, 6, 9]);
        assert_eq!(committed.position(), 10);
    }
}
