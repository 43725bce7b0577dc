//! The records of a batch: reading them one after the other, without copying what was not compressed.
//!
//! A record (`DefaultRecord` of Apache Kafka) is, with all numbers as zigzag varints:
//!
//! | field | |
//! |---|---|
//! | size | of what follows |
//! | attributes | one byte, unused |
//! | timestamp delta | 64 bits, to the batch's base timestamp |
//! | offset delta | to the batch's base offset |
//! | key | length (negative: null), bytes |
//! | value | length (negative: null), bytes |
//! | headers | count, then for each: key length, key, value length (negative: null), value |

use std::{borrow::Cow, fmt, vec};

use bytes::{Buf, Bytes, BytesMut};

use super::{
    Batch, BatchError, Codec, TimestampType,
    batch::NO_SEQUENCE,
    compress::{CHUNK, DECOMPRESSED_LIMIT, Decompressor},
    kept::Buffer,
};

/// One header of a record.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Header {
    /// Its name. Kafka's clients write UTF-8; no broker checks.
    pub key: Bytes,
    /// Its value.
    pub value: Option<Bytes>,
}

impl Header {
    /// Its name as text; what is not UTF-8 is replaced.
    pub fn name(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.key)
    }
}

/// One record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Its offset.
    pub offset: i64,
    /// Its timestamp in milliseconds since 1970: the batch's max timestamp if that is the log append time, -1 for none.
    pub timestamp: i64,
    /// Its sequence; -1 if no idempotent producer wrote it.
    pub sequence: i32,
    /// Its key.
    pub key: Option<Bytes>,
    /// Its value; null is a tombstone.
    pub value: Option<Bytes>,
    /// Its headers.
    pub headers: Vec<Header>,
}

/// A zigzag varint of at most 32 bits.
#[inline]
fn varint(mut byte: impl FnMut() -> Result<u8, BatchError>) -> Result<i32, BatchError> {
    let mut value: u32 = 0;
    for shift in [0, 7, 14, 21, 28] {
        let byte = byte()?;
        value |= u32::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok(((value >> 1) as i32) ^ -((value & 1) as i32));
        }
    }
    Err(BatchError::Record("a number is longer than 32 bits"))
}

/// A size, which is not negative.
fn size(varint: i32) -> Result<usize, BatchError> {
    usize::try_from(varint).map_err(|_| BatchError::Record("its size is negative"))
}

/// Where the numbers of records are read from: a slice, or a stream.
pub(super) trait Feed {
    /// The next byte.
    fn byte(&mut self) -> Result<u8, BatchError>;
    /// Passes over bytes.
    fn skip(&mut self, len: usize) -> Result<(), BatchError>;
    /// Bytes read and passed over so far.
    fn position(&self) -> u64;
    /// Whether nothing is left.
    fn at_end(&mut self) -> Result<bool, BatchError>;
    /// Some of the bytes that come next; none only says that they are not at hand.
    fn at_hand(&self) -> &[u8];
    /// Passes over bytes that are at hand.
    fn pass(&mut self, len: usize);

    /// A zigzag varint of at most three bytes, as most are, if it is at hand.
    #[inline]
    fn short(&mut self) -> Option<i32> {
        let at_hand = self.at_hand();
        let mut rest = at_hand;
        let value = small(&mut rest)?;
        let len = at_hand.len() - rest.len();
        self.pass(len);
        Some(value)
    }

    /// A zigzag varint of at most 32 bits.
    #[inline]
    fn varint(&mut self) -> Result<i32, BatchError> {
        match self.short() {
            Some(value) => Ok(value),
            None => varint(|| self.byte()),
        }
    }

    /// A zigzag varint of at most 64 bits.
    #[inline]
    fn varlong(&mut self) -> Result<i64, BatchError> {
        match self.short() {
            Some(value) => Ok(value.into()),
            None => self.long(),
        }
    }

    /// One of any length.
    fn long(&mut self) -> Result<i64, BatchError> {
        let mut value: u64 = 0;
        for shift in 0..10 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << (7 * shift);
            if byte & 0x80 == 0 {
                return Ok(((value >> 1) as i64) ^ -((value & 1) as i64));
            }
        }
        Err(BatchError::Record("a number is longer than 64 bits"))
    }

    /// The size of the next record's body.
    fn body_size(&mut self) -> Result<usize, BatchError> {
        size(self.varint()?)
    }
}

const ENDS_EARLY: BatchError = BatchError::Record("it ends early");

/// Shared bytes, read from the front.
pub(super) struct Slice<'a> {
    bytes: &'a Bytes,
    at: usize,
    end: usize,
}

impl<'a> Slice<'a> {
    pub(super) fn new(bytes: &'a Bytes) -> Self {
        Self {
            bytes,
            at: 0,
            end: bytes.len(),
        }
    }

    /// A length, and that many bytes; null if it is negative.
    fn sized(&mut self) -> Result<Option<Bytes>, BatchError> {
        let Ok(len) = usize::try_from(self.varint()?) else {
            return Ok(None);
        };
        let start = self.at;
        self.skip(len)?;
        Ok(Some(self.bytes.slice(start..self.at)))
    }
}

impl Feed for Slice<'_> {
    #[inline]
    fn byte(&mut self) -> Result<u8, BatchError> {
        if self.at < self.end {
            self.at += 1;
            Ok(self.bytes[self.at - 1])
        } else {
            Err(ENDS_EARLY)
        }
    }

    #[inline]
    fn skip(&mut self, len: usize) -> Result<(), BatchError> {
        if len > self.end - self.at {
            return Err(ENDS_EARLY);
        }
        self.at += len;
        Ok(())
    }

    #[inline]
    fn at_hand(&self) -> &[u8] {
        &self.bytes[self.at..self.end]
    }

    #[inline]
    fn pass(&mut self, len: usize) {
        self.at += len;
    }

    #[inline]
    fn position(&self) -> u64 {
        self.at as u64
    }

    fn at_end(&mut self) -> Result<bool, BatchError> {
        Ok(self.at == self.end)
    }
}

/// A decompressed stream of which only one chunk is in memory.
pub(super) struct Passing {
    from: Decompressor,
    chunk: Buffer,
    at: usize,
    end: usize,
    passed: u64,
}

impl Passing {
    pub(super) fn new(from: Decompressor) -> Self {
        Self {
            from,
            chunk: Buffer::default(),
            at: 0,
            end: 0,
            passed: 0,
        }
    }

    /// Reads the next chunk if this one is used up; false at the end.
    fn fill(&mut self) -> Result<bool, BatchError> {
        if self.at == self.end {
            self.passed += self.end as u64;
            (self.at, self.end) = (0, 0);
            self.end = self.from.chunk(&mut self.chunk)?;
        }
        Ok(self.at < self.end)
    }
}

impl Feed for Passing {
    #[inline]
    fn byte(&mut self) -> Result<u8, BatchError> {
        if self.at == self.end && !self.fill()? {
            return Err(ENDS_EARLY);
        }
        self.at += 1;
        Ok(self.chunk.bytes()[self.at - 1])
    }

    #[inline]
    fn at_hand(&self) -> &[u8] {
        &self.chunk.bytes()[self.at..self.end]
    }

    #[inline]
    fn pass(&mut self, len: usize) {
        self.at += len;
    }

    #[inline]
    fn skip(&mut self, mut len: usize) -> Result<(), BatchError> {
        if len <= self.end - self.at {
            self.at += len;
            return Ok(());
        }
        while len > 0 {
            if !self.fill()? {
                return Err(ENDS_EARLY);
            }
            let step = len.min(self.end - self.at);
            self.at += step;
            len -= step;
        }
        Ok(())
    }

    fn position(&self) -> u64 {
        self.passed + self.at as u64
    }

    fn at_end(&mut self) -> Result<bool, BatchError> {
        Ok(!self.fill()?)
    }
}

/// What a leader must know of a record before it appends it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Skimmed {
    pub(super) timestamp_delta: i64,
    pub(super) offset_delta: i32,
    pub(super) has_key: bool,
}

/// Reads the numbers of one record and passes over its bytes.
///
/// A record of more than `most` bytes is an error.
pub(super) fn skim(from: &mut impl Feed, most: usize) -> Result<Skimmed, BatchError> {
    if let Some((skimmed, len)) = skim_usual(from.at_hand(), most) {
        from.pass(len);
        return Ok(skimmed);
    }
    let size = from.body_size()?;
    within(size, most)?;
    let end = from.position() + size as u64;
    from.byte()?;
    let timestamp_delta = from.varlong()?;
    let offset_delta = from.varint()?;
    let key = from.varint()?;
    from.skip(usize::try_from(key).unwrap_or(0))?;
    let value = from.varint()?;
    from.skip(usize::try_from(value).unwrap_or(0))?;
    for _ in 0..header_count(from)? {
        let name = header_name_size(from)?;
        from.skip(name)?;
        let value = from.varint()?;
        from.skip(usize::try_from(value).unwrap_or(0))?;
        if from.position() > end {
            break;
        }
    }
    if from.position() != end {
        return Err(BatchError::Record("its parts disagree with its size"));
    }
    Ok(Skimmed {
        timestamp_delta,
        offset_delta,
        has_key: key >= 0,
    })
}

/// The record that `bytes` begin with, and its length, if it is as most are: all there, sound, its numbers not large, and without
/// headers.
#[inline]
fn skim_usual(bytes: &[u8], most: usize) -> Option<(Skimmed, usize)> {
    let mut rest = bytes;
    let size = usize::try_from(small(&mut rest)?).ok()?;
    let len = bytes.len() - rest.len() + size;
    // Without the attributes, of which there are none.
    let mut body = rest.get(1..size).filter(|_| size <= most)?;
    let timestamp_delta = small(&mut body)?;
    let offset_delta = small(&mut body)?;
    let key = small(&mut body)?;
    body = body.get(usize::try_from(key).unwrap_or(0)..)?;
    let value = small(&mut body)?;
    body = body.get(usize::try_from(value).unwrap_or(0)..)?;
    let skimmed = Skimmed {
        timestamp_delta: timestamp_delta.into(),
        offset_delta,
        has_key: key >= 0,
    };
    (body == [0]).then_some((skimmed, len))
}

/// A zigzag varint of at most three bytes.
#[inline]
fn small(bytes: &mut &[u8]) -> Option<i32> {
    let part = |byte: u8, place: u32| u32::from(byte & 0x7F) << (7 * place);
    let (value, rest) = match **bytes {
        [one, ref rest @ ..] if one < 0x80 => (one.into(), rest),
        [one, two, ref rest @ ..] if two < 0x80 => (part(one, 0) | part(two, 1), rest),
        [one, two, three, ref rest @ ..] if three < 0x80 => {
            (part(one, 0) | part(two, 1) | part(three, 2), rest)
        }
        _ => return None,
    };
    *bytes = rest;
    Some((value >> 1) as i32 ^ -((value & 1) as i32))
}

fn within(size: usize, limit: usize) -> Result<(), BatchError> {
    if size > limit {
        return Err(BatchError::RecordSize { size, limit });
    }
    Ok(())
}

fn header_count(from: &mut impl Feed) -> Result<usize, BatchError> {
    usize::try_from(from.varint()?)
        .map_err(|_| BatchError::Record("it has a negative number of headers"))
}

fn header_name_size(from: &mut impl Feed) -> Result<usize, BatchError> {
    usize::try_from(from.varint()?)
        .map_err(|_| BatchError::Record("a header has a name of negative length"))
}

/// What the numbers in a batch's records are relative to.
#[derive(Clone, Copy, Debug)]
struct Base {
    offset: i64,
    timestamp: i64,
    sequence: i32,
    append_time: Option<i64>,
}

impl Base {
    /// The record whose body is all of `from`.
    fn record(&self, from: &mut Slice<'_>) -> Result<Record, BatchError> {
        from.byte()?;
        let timestamp_delta = from.varlong()?;
        let offset_delta = from.varint()?;
        let key = from.sized()?;
        let value = from.sized()?;
        let count = header_count(from)?;
        // A header takes at least two bytes.
        if count > (from.end - from.at) / 2 {
            return Err(BatchError::Record("it has more headers than bytes"));
        }
        let mut headers = Vec::with_capacity(count);
        for _ in 0..count {
            let len = header_name_size(from)?;
            let start = from.at;
            from.skip(len)?;
            let key = from.bytes.slice(start..from.at);
            let value = from.sized()?;
            headers.push(Header { key, value });
        }
        if from.at != from.end {
            return Err(BatchError::Record("its parts disagree with its size"));
        }
        Ok(Record {
            offset: self.offset.wrapping_add(i64::from(offset_delta)),
            timestamp: self
                .append_time
                .unwrap_or_else(|| self.timestamp.wrapping_add(timestamp_delta)),
            sequence: if self.sequence < 0 {
                NO_SEQUENCE
            } else {
                let sequence = i64::from(self.sequence) + i64::from(offset_delta);
                (sequence & i64::from(i32::MAX)) as i32
            },
            key,
            value,
            headers,
        })
    }
}

enum Source {
    /// What is left of an uncompressed payload.
    Shared(Bytes),
    /// A compressed payload, and what of it was decompressed and not yet given out.
    Stream(Box<Decompressor>, BytesMut),
    /// Records of a message set of magic 0 or 1.
    Listed(vec::IntoIter<Record>),
}

/// The records of one batch, in order; after an error there are no more.
pub struct RecordIter {
    base: Base,
    left: usize,
    most: usize,
    source: Source,
}

impl fmt::Debug for RecordIter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordIter")
            .field("base", &self.base)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

impl RecordIter {
    pub(super) fn listed(records: Vec<Record>) -> Self {
        Self {
            base: Base {
                offset: 0,
                timestamp: 0,
                sequence: NO_SEQUENCE,
                append_time: None,
            },
            left: records.len(),
            most: usize::MAX,
            source: Source::Listed(records.into_iter()),
        }
    }

    /// With an error for any compressed record of more than `bytes` bytes: Kafka's `max.decompressed.message.bytes`.
    #[must_use]
    pub fn max_record(mut self, bytes: usize) -> Self {
        self.most = bytes;
        self
    }

    fn read(&mut self) -> Result<Record, BatchError> {
        let record = match &mut self.source {
            Source::Listed(records) => return records.next().ok_or(ENDS_EARLY),
            Source::Shared(bytes) => {
                let mut from = Slice::new(bytes);
                let size = from.body_size()?;
                let start = from.at;
                from.skip(size)?;
                from.end = from.at;
                from.at = start;
                let record = self.base.record(&mut from)?;
                let end = from.end;
                bytes.advance(end);
                record
            }
            Source::Stream(from, buffer) => {
                let body = next_body(from, buffer, self.most)?;
                self.base.record(&mut Slice::new(&body))?
            }
        };
        if self.left == 0 && !self.is_used_up()? {
            return Err(BatchError::Record("there are more than the batch says"));
        }
        Ok(record)
    }

    fn is_used_up(&mut self) -> Result<bool, BatchError> {
        Ok(match &mut self.source {
            Source::Listed(_) => true,
            Source::Shared(bytes) => bytes.is_empty(),
            Source::Stream(from, buffer) => buffer.is_empty() && from.read(&mut [0])? == 0,
        })
    }
}

impl Iterator for RecordIter {
    type Item = Result<Record, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let record = self.read();
        if record.is_err() {
            self.left = 0;
        }
        Some(record)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.left))
    }
}

/// The body of the next record. The buffer grows with the bytes that come, not with those that are announced.
fn next_body(
    from: &mut Decompressor,
    buffer: &mut BytesMut,
    most: usize,
) -> Result<Bytes, BatchError> {
    let size = loop {
        if let Some((size, varint)) = announced(buffer)? {
            within(size, most)?;
            buffer.advance(varint);
            break size;
        }
        more(from, buffer)?;
    };
    while buffer.len() < size {
        more(from, buffer)?;
    }
    Ok(buffer.split_to(size).freeze())
}

/// The size that `buffer` begins with and how many bytes say it; `None` if it is cut.
fn announced(buffer: &[u8]) -> Result<Option<(usize, usize)>, BatchError> {
    let mut bytes = buffer.iter();
    match varint(|| bytes.next().copied().ok_or(ENDS_EARLY)) {
        Ok(announced) => Ok(Some((size(announced)?, buffer.len() - bytes.len()))),
        Err(ENDS_EARLY) => Ok(None),
        Err(error) => Err(error),
    }
}

fn more(from: &mut Decompressor, buffer: &mut BytesMut) -> Result<(), BatchError> {
    let at = buffer.len();
    buffer.resize(at + at.clamp(CHUNK, 16 * CHUNK), 0);
    let read = from.read(&mut buffer[at..])?;
    buffer.truncate(at + read);
    if read == 0 { Err(ENDS_EARLY) } else { Ok(()) }
}

impl Batch {
    /// Its records, of at most [`DECOMPRESSED_LIMIT`] decompressed bytes.
    ///
    /// Keys and values share the batch's memory, or that of a decompressed piece. Errors come where the bytes go wrong:
    /// the records before it are sound. The checksum is not looked at; see [`Batch::check_crc`].
    pub fn records(&self) -> Result<RecordIter, BatchError> {
        self.records_within(DECOMPRESSED_LIMIT)
    }

    /// Its records, of at most `limit` decompressed bytes; see [`Batch::records`].
    pub fn records_within(&self, limit: u64) -> Result<RecordIter, BatchError> {
        let attributes = self.attributes();
        let left = usize::try_from(self.record_count())
            .map_err(|_| BatchError::Record("a batch has a negative number of records"))?;
        let codec = attributes
            .codec()
            .ok_or(BatchError::Codec(attributes.0 & 7))?;
        let source = if left == 0 || codec == Codec::None {
            Source::Shared(self.payload().clone())
        } else {
            let from = Decompressor::new(codec, self.payload().clone(), limit)?;
            Source::Stream(Box::new(from), BytesMut::new())
        };
        let append_time = match attributes.timestamp_type() {
            TimestampType::CreateTime => None,
            TimestampType::LogAppendTime => Some(self.max_timestamp()),
        };
        Ok(RecordIter {
            base: Base {
                offset: self.base_offset(),
                timestamp: self.base_timestamp(),
                sequence: self.base_sequence(),
                append_time,
            },
            left,
            most: usize::MAX,
            source,
        })
    }
}

#[cfg(test)]
mod tests;
