//! Building a batch from records.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use super::{
    Attributes, Batch, Codec, Header, Record, TimestampType,
    batch::{HEADER_SIZE, NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP},
    compress::compress,
    control::ControlType,
};

/// Why a record cannot be in a batch, or a batch cannot be built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BuildError {
    /// The batch would have no records.
    Empty,
    /// The offset is not above the one before, or too far from the base offset.
    Offset(i64),
    /// The timestamp is negative, and not -1.
    Timestamp(i64),
    /// The record, or all of them, would have more than 2³¹ − 1 bytes.
    Size,
    /// A control record in a batch that is not for them, or the other way round.
    Control,
    /// A transactional batch without a producer id, or a producer id without epoch or sequence.
    Producer,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "a batch needs a record"),
            Self::Offset(offset) => write!(f, "offset {offset} cannot come next in this batch"),
            Self::Timestamp(timestamp) => write!(f, "{timestamp} is no timestamp"),
            Self::Size => write!(f, "more bytes than a batch can have"),
            Self::Control => write!(f, "control records and others cannot share a batch"),
            Self::Producer => write!(f, "the producer id needs an epoch and a sequence"),
        }
    }
}

impl std::error::Error for BuildError {}

/// Collects records into one batch.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    attributes: Attributes,
    level: Option<i32>,
    append_time: i64,
    base_offset: i64,
    leader_epoch: i32,
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
    base_timestamp: Option<i64>,
    max_timestamp: i64,
    last_offset: Option<i64>,
    final_offset: Option<i64>,
    count: i32,
    records: BytesMut,
}

impl Default for BatchBuilder {
    fn default() -> Self {
        Self::new(Codec::None)
    }
}

impl BatchBuilder {
    /// For records from offset 0 on, with timestamps of their own, of no producer and leader epoch -1.
    pub fn new(codec: Codec) -> Self {
        Self {
            attributes: Attributes::default().with_codec(codec),
            level: None,
            append_time: NO_TIMESTAMP,
            base_offset: 0,
            leader_epoch: -1,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: -1,
            base_sequence: NO_SEQUENCE,
            base_timestamp: None,
            max_timestamp: NO_TIMESTAMP,
            last_offset: None,
            final_offset: None,
            count: 0,
            records: BytesMut::new(),
        }
    }

    /// For some of the records of `batch`, as compaction keeps them: everything but the records is as in `batch`, and the
    /// batch still ends at its last offset. Append with [`BatchBuilder::append_record`].
    pub fn retaining(batch: &Batch) -> Self {
        let attributes = batch.attributes();
        let mut builder = Self::new(attributes.codec().unwrap_or_default())
            .base_offset(batch.base_offset())
            .leader_epoch(batch.leader_epoch())
            .producer(
                batch.producer_id(),
                batch.producer_epoch(),
                batch.base_sequence(),
            )
            .transactional(attributes.is_transactional())
            .control(attributes.is_control());
        if attributes.timestamp_type() == TimestampType::LogAppendTime {
            builder = builder.log_append_time(batch.max_timestamp());
        }
        if attributes.has_delete_horizon() {
            builder = builder.delete_horizon(batch.base_timestamp());
        }
        builder.final_offset = Some(batch.last_offset());
        builder
    }

    /// The compression level; see [`compress`].
    #[must_use]
    pub fn level(mut self, level: Option<i32>) -> Self {
        self.level = level;
        self
    }

    /// The offset of the first record.
    #[must_use]
    pub fn base_offset(mut self, offset: i64) -> Self {
        self.base_offset = offset;
        self
    }

    /// The epoch of the leader that appends it.
    #[must_use]
    pub fn leader_epoch(mut self, epoch: i32) -> Self {
        self.leader_epoch = epoch;
        self
    }

    /// The producer's id and epoch, and the sequence of the first record.
    #[must_use]
    pub fn producer(mut self, id: i64, epoch: i16, base_sequence: i32) -> Self {
        self.producer_id = id;
        self.producer_epoch = epoch;
        self.base_sequence = base_sequence;
        self
    }

    /// Part of a transaction.
    #[must_use]
    pub fn transactional(mut self, yes: bool) -> Self {
        self.attributes = self.attributes.with_transactional(yes);
        self
    }

    /// For control records.
    #[must_use]
    pub fn control(mut self, yes: bool) -> Self {
        self.attributes = self.attributes.with_control(yes);
        self
    }

    /// All records have the time `now` at which they are appended.
    #[must_use]
    pub fn log_append_time(mut self, now: i64) -> Self {
        self.attributes = self
            .attributes
            .with_timestamp_type(TimestampType::LogAppendTime);
        self.append_time = now;
        self
    }

    /// The time from which its tombstones may be removed. Before the first record.
    #[must_use]
    pub fn delete_horizon(mut self, at: i64) -> Self {
        self.attributes = self.attributes.with_delete_horizon(true);
        self.base_timestamp = Some(at);
        self
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether it has no records.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The batch's size in bytes before compression.
    pub fn uncompressed_size(&self) -> usize {
        HEADER_SIZE + self.records.len()
    }

    /// The offset that the next record gets.
    pub fn next_offset(&self) -> i64 {
        match self.last_offset {
            Some(last) => last.wrapping_add(1),
            None => self.base_offset,
        }
    }

    /// How many bytes a record would add, before compression.
    pub fn record_size(
        &self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header],
    ) -> usize {
        let timestamp_delta = timestamp.wrapping_sub(self.base_timestamp.unwrap_or(timestamp));
        let offset_delta = self.next_offset().wrapping_sub(self.base_offset);
        let size = body_size(timestamp_delta, offset_delta, key, value, headers);
        varint_size(size as i64) + size
    }

    /// Appends a record, with the offset after the last one: which offset that is.
    pub fn append(
        &mut self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header],
    ) -> Result<i64, BuildError> {
        if self.attributes.is_control() {
            return Err(BuildError::Control);
        }
        let offset = self.next_offset();
        self.append_at(offset, timestamp, key, value, headers)?;
        Ok(offset)
    }

    /// Appends a control record: which offset it has.
    pub fn append_control(
        &mut self,
        timestamp: i64,
        kind: ControlType,
        value: &[u8],
    ) -> Result<i64, BuildError> {
        if !self.attributes.is_control() {
            return Err(BuildError::Control);
        }
        let offset = self.next_offset();
        self.append_at(offset, timestamp, Some(&kind.key()), Some(value), &[])?;
        Ok(offset)
    }

    /// Appends a record that has its offset (and may be a control record, if the batch is for them). There may be gaps.
    pub fn append_record(&mut self, record: &Record) -> Result<(), BuildError> {
        self.append_at(
            record.offset,
            record.timestamp,
            record.key.as_deref(),
            record.value.as_deref(),
            &record.headers,
        )
    }

    fn append_at(
        &mut self,
        offset: i64,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header],
    ) -> Result<(), BuildError> {
        let offset_delta = offset
            .checked_sub(self.base_offset)
            .filter(|delta| (0..=i64::from(i32::MAX)).contains(delta));
        let Some(offset_delta) = offset_delta else {
            return Err(BuildError::Offset(offset));
        };
        if self.last_offset.is_some_and(|last| offset <= last) {
            return Err(BuildError::Offset(offset));
        }
        if timestamp < NO_TIMESTAMP {
            return Err(BuildError::Timestamp(timestamp));
        }
        let base_timestamp = self.base_timestamp.unwrap_or(timestamp);
        let timestamp_delta = timestamp.wrapping_sub(base_timestamp);
        let size = body_size(timestamp_delta, offset_delta, key, value, headers);
        let whole = self.uncompressed_size() + varint_size(size as i64) + size;
        if i32::try_from(whole).is_err() || self.count == i32::MAX {
            return Err(BuildError::Size);
        }
        self.base_timestamp = Some(base_timestamp);
        self.max_timestamp = self.max_timestamp.max(timestamp);
        self.last_offset = Some(offset);
        self.count += 1;
        let to = &mut self.records;
        put_varint(to, size as i64);
        to.put_i8(0);
        put_varint(to, timestamp_delta);
        put_varint(to, offset_delta);
        put_sized(to, key);
        put_sized(to, value);
        put_varint(to, headers.len() as i64);
        for header in headers {
            put_sized(to, Some(&header.key));
            put_sized(to, header.value.as_deref());
        }
        Ok(())
    }

    /// The batch.
    pub fn build(self) -> Result<Batch, BuildError> {
        let last_offset = self.last_offset.ok_or(BuildError::Empty)?;
        let last_offset = self.final_offset.unwrap_or(last_offset).max(last_offset);
        let last_offset_delta = i32::try_from(last_offset.wrapping_sub(self.base_offset))
            .map_err(|_| BuildError::Offset(last_offset))?;
        let sound = if self.producer_id == NO_PRODUCER_ID {
            !self.attributes.is_transactional()
        } else {
            self.producer_epoch >= 0 && (self.base_sequence >= 0 || self.attributes.is_control())
        };
        if !sound {
            return Err(BuildError::Producer);
        }
        let max_timestamp = match self.attributes.timestamp_type() {
            TimestampType::CreateTime => self.max_timestamp,
            TimestampType::LogAppendTime => self.append_time,
        };
        let header = Numbers {
            base_offset: self.base_offset,
            leader_epoch: self.leader_epoch,
            attributes: self.attributes,
            last_offset_delta,
            base_timestamp: self.base_timestamp.unwrap_or(NO_TIMESTAMP),
            max_timestamp,
            producer_id: self.producer_id,
            producer_epoch: self.producer_epoch,
            base_sequence: self.base_sequence,
            count: self.count,
        };
        let payload = match self.attributes.codec().unwrap_or_default() {
            Codec::None => self.records.freeze(),
            codec => compress(codec, self.level, &self.records),
        };
        if i32::try_from(payload.len() + HEADER_SIZE).is_err() {
            return Err(BuildError::Size);
        }
        Ok(Batch::from_parts(header.bytes(), payload))
    }
}

/// The numbers of a header.
struct Numbers {
    base_offset: i64,
    leader_epoch: i32,
    attributes: Attributes,
    last_offset_delta: i32,
    base_timestamp: i64,
    max_timestamp: i64,
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
    count: i32,
}

impl Numbers {
    /// Without length, magic and checksum, which [`Batch::from_parts`] sets.
    fn bytes(&self) -> [u8; HEADER_SIZE] {
        let mut header = [0; HEADER_SIZE];
        let mut to = &mut header[..];
        to.put_i64(self.base_offset);
        to.put_i32(0);
        to.put_i32(self.leader_epoch);
        to.put_i8(0);
        to.put_u32(0);
        to.put_i16(self.attributes.0);
        to.put_i32(self.last_offset_delta);
        to.put_i64(self.base_timestamp);
        to.put_i64(self.max_timestamp);
        to.put_i64(self.producer_id);
        to.put_i16(self.producer_epoch);
        to.put_i32(self.base_sequence);
        to.put_i32(self.count);
        header
    }
}

impl Batch {
    /// The same batch after all its records were removed: compaction keeps it for its producer's sequence and epoch.
    pub fn emptied(&self) -> Self {
        let attributes = self
            .attributes()
            .known()
            .with_codec(Codec::None)
            .with_delete_horizon(false);
        let header = Numbers {
            base_offset: self.base_offset(),
            leader_epoch: self.leader_epoch(),
            attributes,
            last_offset_delta: self.last_offset_delta(),
            base_timestamp: NO_TIMESTAMP,
            max_timestamp: self.max_timestamp(),
            producer_id: self.producer_id(),
            producer_epoch: self.producer_epoch(),
            base_sequence: self.base_sequence(),
            count: 0,
        };
        Self::from_parts(header.bytes(), Bytes::new())
    }
}

fn varint_size(value: i64) -> usize {
    let zigzag = ((value << 1) ^ (value >> 63)) as u64;
    (64 - (zigzag | 1).leading_zeros() as usize).div_ceil(7)
}

fn put_varint(to: &mut BytesMut, value: i64) {
    let mut zigzag = ((value << 1) ^ (value >> 63)) as u64;
    while zigzag >= 0x80 {
        to.put_u8(zigzag as u8 | 0x80);
        zigzag >>= 7;
    }
    to.put_u8(zigzag as u8);
}

fn sized(bytes: Option<&[u8]>) -> usize {
    match bytes {
        None => 1,
        Some(bytes) => varint_size(bytes.len() as i64) + bytes.len(),
    }
}

fn put_sized(to: &mut BytesMut, bytes: Option<&[u8]>) {
    match bytes {
        None => put_varint(to, -1),
        Some(bytes) => {
            put_varint(to, bytes.len() as i64);
            to.put_slice(bytes);
        }
    }
}

fn body_size(
    timestamp_delta: i64,
    offset_delta: i64,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Header],
) -> usize {
    let headers_size: usize = headers
        .iter()
        .map(|header| sized(Some(&header.key)) + sized(header.value.as_deref()))
        .sum();
    1 + varint_size(timestamp_delta)
        + varint_size(offset_delta)
        + sized(key)
        + sized(value)
        + varint_size(headers.len() as i64)
        + headers_size
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three(codec: Codec) -> BatchBuilder {
        let mut builder = BatchBuilder::new(codec)
            .base_offset(10)
            .leader_epoch(3)
            .producer(8, 2, 5);
        for i in 0..3 {
            builder
                .append(100 + i, Some(b"k"), Some(b"v"), &[])
                .unwrap();
        }
        builder
    }

    #[test]
    fn sizes_are_known_beforehand() {
        let headers = [Header {
            key: Bytes::from_static(b"name"),
            value: None,
        }];
        let mut builder = three(Codec::None);
        for (timestamp, value) in [(100, 0), (1 << 40, 63), (0, 64), (-1, 10_000)] {
            let value = vec![0; value];
            let before = builder.uncompressed_size();
            let size = builder.record_size(timestamp, None, Some(&value), &headers);
            builder
                .append(timestamp, None, Some(&value), &headers)
                .unwrap();
            assert_eq!(builder.uncompressed_size(), before + size);
        }
        let size = builder.uncompressed_size();
        assert_eq!(builder.build().unwrap().size_in_bytes(), size);
    }

    #[test]
    fn compaction_keeps_the_range_of_a_batch() {
        for codec in [Codec::None, Codec::Zstd] {
            let batch = three(codec).build().unwrap();
            let mut builder = BatchBuilder::retaining(&batch).delete_horizon(9000);
            let second = batch.records().unwrap().nth(1).unwrap().unwrap();
            builder.append_record(&second).unwrap();
            let kept = builder.build().unwrap();
            assert_eq!((kept.base_offset(), kept.last_offset()), (10, 12));
            assert_eq!((kept.record_count(), kept.last_sequence()), (1, 7));
            assert_eq!((kept.leader_epoch(), kept.producer_epoch()), (3, 2));
            assert!(kept.attributes().has_delete_horizon());
            assert_eq!((kept.base_timestamp(), kept.max_timestamp()), (9000, 101));
            let read: Vec<_> = kept.records().unwrap().map(Result::unwrap).collect();
            assert_eq!(read, [second]);
            // The horizon stays when the batch is compacted again.
            let again = BatchBuilder::retaining(&kept);
            assert_eq!(again.base_timestamp, Some(9000));
        }
    }

    #[test]
    fn an_emptied_batch_is_its_header() {
        let batch = three(Codec::Gzip).build().unwrap();
        let empty = batch.emptied();
        assert_eq!(empty.check_crc(), Ok(()));
        assert_eq!(empty.size_in_bytes(), HEADER_SIZE);
        assert_eq!((empty.base_offset(), empty.last_offset()), (10, 12));
        assert_eq!((empty.base_timestamp(), empty.max_timestamp()), (-1, 102));
        assert_eq!((empty.producer_id(), empty.last_sequence()), (8, 7));
        assert_eq!(empty.attributes().codec(), Some(Codec::None));
        assert_eq!(empty.records().unwrap().count(), 0);
    }

    #[test]
    fn what_cannot_be_in_a_batch_is_refused() {
        let none = BatchBuilder::new(Codec::None).build();
        assert_eq!(none, Err(BuildError::Empty));
        let mut builder = three(Codec::None);
        assert_eq!(
            builder.append(-2, None, None, &[]),
            Err(BuildError::Timestamp(-2))
        );
        assert_eq!(
            builder.append_control(1, ControlType::Abort, b""),
            Err(BuildError::Control)
        );
        let record = |offset| Record {
            offset,
            timestamp: 1,
            sequence: -1,
            key: None,
            value: None,
            headers: Vec::new(),
        };
        for offset in [9, 12, 11 + i64::from(i32::MAX), i64::MIN] {
            let refused = builder.append_record(&record(offset));
            assert_eq!(refused, Err(BuildError::Offset(offset)));
        }
        assert_eq!(builder.len(), 3, "refused records leave no trace");
        let last = 10 + i64::from(i32::MAX);
        builder.append_record(&record(last)).unwrap();
        assert_eq!(builder.build().unwrap().last_offset(), last);
        for (producer, transactional) in [
            ((-1, -1, -1), true),
            ((1, -1, 0), false),
            ((1, 0, -1), false),
        ] {
            let (id, epoch, sequence) = producer;
            let mut builder = BatchBuilder::new(Codec::None)
                .producer(id, epoch, sequence)
                .transactional(transactional);
            builder.append(1, None, None, &[]).unwrap();
            assert_eq!(builder.build(), Err(BuildError::Producer));
        }
    }
}
