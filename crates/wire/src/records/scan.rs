//! Walking over batches of any format: what a log needs of each before it knows more.

use bytes::Bytes;

use super::{
    Attributes, Batch, BatchError, RecordIter, TimestampType,
    batch::{
        HEADER_SIZE, LOG_OVERHEAD, MAGIC_AT, MAGIC_V2, NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP,
        crc32c,
    },
    legacy,
};

/// Bytes up to the magic, and it.
const UP_TO_MAGIC: usize = MAGIC_AT + 1;

/// What the first bytes of a batch say of it, in any format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BatchHead {
    /// Its size in bytes, all of it.
    pub size: usize,
    /// Its format: 0, 1 or 2.
    pub magic: i8,
    /// The offset of its first record. In formats 0 and 1, where only the records know that, the offset of the last.
    pub base_offset: i64,
    /// The offset of its last record.
    pub last_offset: i64,
    /// Its attributes: in formats 0 and 1, compression and timestamp type.
    pub attributes: Attributes,
    /// What its records' timestamps are relative to; -1 in formats 0 and 1.
    pub base_timestamp: i64,
    /// The largest timestamp; -1 in format 0.
    pub max_timestamp: i64,
    /// The epoch of the leader that appended it; -1 in formats 0 and 1.
    pub leader_epoch: i32,
    /// Who produced it; -1 for nobody.
    pub producer_id: i64,
    /// The producer's epoch; -1 for none.
    pub producer_epoch: i16,
    /// The sequence of its first record; -1 for none.
    pub base_sequence: i32,
    /// How many records it has; unknown in formats 0 and 1.
    pub count: Option<i32>,
}

impl BatchHead {
    /// As many bytes as [`BatchHead::read`] ever looks at.
    pub const MOST: usize = HEADER_SIZE;

    /// From the first bytes of a batch: all of it, or [`BatchHead::MOST`]. The rest need not be there, and is not
    /// checked.
    pub fn read(bytes: &[u8]) -> Result<Self, BatchError> {
        let size = Batch::size(bytes)?;
        let magic = *bytes.get(MAGIC_AT).ok_or(BatchError::Truncated)? as i8;
        let least = match magic {
            0 | 1 => legacy::smallest(magic),
            MAGIC_V2 => HEADER_SIZE,
            _ => return Err(BatchError::Magic(magic)),
        };
        if size < least {
            return Err(BatchError::Length((size - LOG_OVERHEAD) as i32));
        }
        match bytes.first_chunk::<HEADER_SIZE>() {
            Some(header) if magic == MAGIC_V2 => Ok(Self::of(&Batch::peek(header), size)),
            None if magic == MAGIC_V2 => Err(BatchError::Truncated),
            _ if bytes.len() < least => Err(BatchError::Truncated),
            _ => Ok(Self::legacy(bytes, size, magic)),
        }
    }

    fn of(batch: &Batch, size: usize) -> Self {
        Self {
            size,
            magic: MAGIC_V2,
            base_offset: batch.base_offset(),
            last_offset: batch.last_offset(),
            attributes: batch.attributes(),
            base_timestamp: batch.base_timestamp(),
            max_timestamp: batch.max_timestamp(),
            leader_epoch: batch.leader_epoch(),
            producer_id: batch.producer_id(),
            producer_epoch: batch.producer_epoch(),
            base_sequence: batch.base_sequence(),
            count: Some(batch.record_count()),
        }
    }

    fn legacy(bytes: &[u8], size: usize, magic: i8) -> Self {
        let offset = legacy::offset(bytes);
        Self {
            size,
            magic,
            base_offset: offset,
            last_offset: offset,
            attributes: legacy::attributes(bytes),
            base_timestamp: NO_TIMESTAMP,
            max_timestamp: legacy::timestamp(bytes),
            leader_epoch: -1,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: -1,
            base_sequence: NO_SEQUENCE,
            count: None,
        }
    }

    /// The offset after its last record.
    pub fn next_offset(&self) -> i64 {
        self.last_offset.wrapping_add(1)
    }

    /// The sequence of its last record; see [`Batch::last_sequence`].
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence == NO_SEQUENCE {
            return NO_SEQUENCE;
        }
        let delta = self.last_offset.wrapping_sub(self.base_offset);
        (i64::from(self.base_sequence).wrapping_add(delta) & i64::from(i32::MAX)) as i32
    }

    /// Whether it has a producer id.
    pub fn has_producer_id(&self) -> bool {
        self.producer_id > NO_PRODUCER_ID
    }

    /// What its timestamps mean; `None` in format 0, which has none.
    pub fn timestamp_type(&self) -> Option<TimestampType> {
        (self.magic > 0).then(|| self.attributes.timestamp_type())
    }

    /// The time from which its tombstones may be removed, once compaction has set it.
    pub fn delete_horizon(&self) -> Option<i64> {
        (self.magic == MAGIC_V2 && self.attributes.has_delete_horizon())
            .then_some(self.base_timestamp)
    }
}

/// Compares the checksum of a batch of any format with its bytes, which must be all of it and nothing else.
pub fn check_crc(batch: &[u8]) -> Result<(), BatchError> {
    let magic = *batch.get(MAGIC_AT).ok_or(BatchError::Truncated)? as i8;
    let (at, from) = match magic {
        0 | 1 => (LOG_OVERHEAD, MAGIC_AT),
        MAGIC_V2 => (UP_TO_MAGIC, UP_TO_MAGIC + 4),
        _ => return Err(BatchError::Magic(magic)),
    };
    let (Some(stored), Some(covered)) = (
        batch.get(at..).and_then(|b| b.first_chunk::<4>()),
        batch.get(from..),
    ) else {
        return Err(BatchError::Truncated);
    };
    let stored = u32::from_be_bytes(*stored);
    let computed = if magic == MAGIC_V2 {
        crc32c(covered)
    } else {
        legacy::crc32(covered)
    };
    if stored == computed {
        Ok(())
    } else {
        Err(BatchError::Crc { stored, computed })
    }
}

/// The records of a batch of any format, which `batch` begins with; at most `limit` decompressed bytes.
pub fn records(batch: &Bytes, limit: u64) -> Result<RecordIter, BatchError> {
    let head = BatchHead::read(batch)?;
    if head.magic == MAGIC_V2 {
        return Batch::first(batch)?.records_within(limit);
    }
    if batch.len() < head.size {
        return Err(BatchError::Truncated);
    }
    legacy::records(&batch.slice(..head.size), limit).map(RecordIter::listed)
}

/// Of each record in a message set of magic 0 or 1: the checksum that it has, and whether that is right. Records of today
/// have none.
pub fn legacy_checksums(batch: &Bytes, limit: u64) -> Result<Vec<(u32, bool)>, BatchError> {
    let head = BatchHead::read(batch)?;
    if head.magic == MAGIC_V2 {
        return Ok(Vec::new());
    }
    if batch.len() < head.size {
        return Err(BatchError::Truncated);
    }
    legacy::checksums(&batch.slice(..head.size), limit)
}

/// The batches in a piece of a log, in order. A batch that is cut at the end is not an error: it is left over.
///
/// After an error there are no more.
#[derive(Clone, Debug)]
pub struct Batches {
    bytes: Bytes,
    at: usize,
    failed: bool,
}

impl Batches {
    /// Those in `bytes`, which begin with a batch.
    pub fn new(bytes: Bytes) -> Self {
        Self {
            bytes,
            at: 0,
            failed: false,
        }
    }

    /// How many bytes the batches had that were given out. At the end: where the first cut or unsound one begins.
    pub fn whole(&self) -> usize {
        self.at
    }
}

impl Iterator for Batches {
    /// The head of a batch and all its bytes.
    type Item = Result<(BatchHead, Bytes), BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        match BatchHead::read(&self.bytes[self.at..]) {
            Ok(head) if head.size <= self.bytes.len() - self.at => {
                let batch = self.bytes.slice(self.at..self.at + head.size);
                self.at += head.size;
                Some(Ok((head, batch)))
            }
            Ok(_) | Err(BatchError::Truncated) => None,
            Err(error) => {
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{BatchBuilder, Codec, DECOMPRESSED_LIMIT};
    use super::*;

    fn batch(base_offset: i64, records: usize) -> Bytes {
        let mut builder = BatchBuilder::new(Codec::None)
            .base_offset(base_offset)
            .leader_epoch(4)
            .producer(9, 2, i32::MAX);
        for i in 0..records {
            builder
                .append(100 + i as i64, None, Some(b"v"), &[])
                .unwrap();
        }
        builder.build().unwrap().to_bytes()
    }

    #[test]
    fn a_cut_tail_is_left_over() {
        let one = batch(7, 3);
        let two = batch(10, 2);
        let log = Bytes::from([&one[..], &two[..]].concat());
        for cut in 0..=log.len() {
            let mut batches = Batches::new(log.slice(..cut));
            let found = batches.by_ref().map(Result::unwrap).count();
            let expected = match cut {
                _ if cut == log.len() => (2, log.len()),
                _ if cut >= one.len() => (1, one.len()),
                _ => (0, 0),
            };
            assert_eq!((found, batches.whole()), expected, "cut at {cut}");
        }
    }

    #[test]
    fn a_head_says_what_its_batch_says() {
        let head = BatchHead::read(&batch(7, 3)).unwrap();
        assert_eq!((head.base_offset, head.last_offset), (7, 9));
        assert_eq!((head.base_sequence, head.last_sequence()), (i32::MAX, 1));
        assert_eq!((head.leader_epoch, head.count), (4, Some(3)));
        assert_eq!((head.base_timestamp, head.max_timestamp), (100, 102));
        assert_eq!(head.delete_horizon(), None);
    }

    #[test]
    fn unsound_batches_stop_the_walk() {
        let good = batch(0, 1);
        for (at, with, error) in [
            (16, 3, BatchError::Magic(3)),
            (16, 0xFF, BatchError::Magic(-1)),
            (
                8,
                0x80,
                BatchError::Length(i32::MIN + good.len() as i32 - 12),
            ),
            (11, 48, BatchError::Length(48)),
            (11, 13, BatchError::Length(13)),
        ] {
            let mut bad = good.to_vec();
            bad[at] = with;
            let log = Bytes::from([&good[..], &bad[..]].concat());
            let mut batches = Batches::new(log);
            assert!(batches.next().unwrap().is_ok());
            assert_eq!(batches.next(), Some(Err(error)));
            assert_eq!(batches.next(), None);
            assert_eq!(batches.whole(), good.len());
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            magic in 0u8..4,
            size in 0u8..200,
        ) {
            let mut bytes = bytes;
            if bytes.len() > UP_TO_MAGIC {
                bytes[MAGIC_AT] = magic;
                bytes[8..12].copy_from_slice(&[0, 0, 0, size]);
            }
            let bytes = Bytes::from(bytes);
            for (head, batch) in Batches::new(bytes.clone()).map_while(Result::ok) {
                prop_assert_eq!(head.size, batch.len());
                let _ = check_crc(&batch);
                if let Ok(records) = records(&batch, DECOMPRESSED_LIMIT) {
                    prop_assert!(records.count() <= batch.len());
                }
            }
            let _ = check_crc(&bytes);
            let _ = records(&bytes, DECOMPRESSED_LIMIT);
        }
    }
}
