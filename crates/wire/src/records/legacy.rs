//! Message sets of before Kafka 0.11 (magic 0 and 1), for reading: a log may still hold them, and nobody writes them.
//!
//! After offset (i64) and size (i32), a message (`LegacyRecord` of Apache Kafka) has: CRC-32 of all that follows it
//! (u32), magic (i8), attributes (i8), in magic 1 a timestamp (i64), and key and value, each after its length (i32,
//! negative: null). A compressed set is one message whose value is the compressed set of messages; in magic 1, the
//! offsets of these are relative and the message around them has the absolute offset of the last.

use bytes::Bytes;

use super::{
    Attributes, BatchError, Codec, Record, TimestampType,
    batch::{Batch, LOG_OVERHEAD, MAGIC_AT, NO_SEQUENCE, NO_TIMESTAMP},
    compress::Decompressor,
};

/// Where the attributes are.
const ATTRIBUTES_AT: usize = 17;
/// Where the timestamp is, in magic 1.
const TIMESTAMP_AT: usize = 18;

/// The size of a message with null key and null value.
pub(super) fn smallest(magic: i8) -> usize {
    if magic == 0 { 26 } else { 34 }
}

pub(super) fn crc32(bytes: &[u8]) -> u32 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, bytes) as u32
}

fn i64_at(bytes: &[u8], at: usize) -> i64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    i64::from_be_bytes(number)
}

/// The offset of a message; of the last one in a compressed set.
pub(super) fn offset(message: &[u8]) -> i64 {
    i64_at(message, 0)
}

/// Compression and, in magic 1, timestamp type.
pub(super) fn attributes(message: &[u8]) -> Attributes {
    let meaningful = if message[MAGIC_AT] == 0 { 0x07 } else { 0x0F };
    Attributes(i16::from(message[ATTRIBUTES_AT] & meaningful))
}

/// The timestamp of a message; the largest in a compressed set.
pub(super) fn timestamp(message: &[u8]) -> i64 {
    if message[MAGIC_AT] == 0 {
        NO_TIMESTAMP
    } else {
        i64_at(message, TIMESTAMP_AT)
    }
}

/// The message that `bytes` begin with: all its bytes.
fn message(bytes: &Bytes) -> Result<Bytes, BatchError> {
    let size = Batch::size(bytes)?;
    let magic = *bytes.get(MAGIC_AT).ok_or(BatchError::Truncated)? as i8;
    if !(0..=1).contains(&magic) {
        return Err(BatchError::Magic(magic));
    }
    if size < smallest(magic) {
        return Err(BatchError::Length((size - LOG_OVERHEAD) as i32));
    }
    if size > bytes.len() {
        return Err(BatchError::Truncated);
    }
    Ok(bytes.slice(..size))
}

/// The bytes at `at` after their length, and where they end.
fn sized(message: &Bytes, at: usize) -> Result<(Option<Bytes>, usize), BatchError> {
    let ends_early = BatchError::Record("a message's key or value ends early");
    let len = message
        .get(at..)
        .and_then(|rest| rest.first_chunk::<4>())
        .ok_or(ends_early)?;
    let start = at + 4;
    match usize::try_from(i32::from_be_bytes(*len)) {
        Err(_) => Ok((None, start)),
        Ok(len) if len > message.len() - start => Err(ends_early),
        Ok(len) => Ok((Some(message.slice(start..start + len)), start + len)),
    }
}

fn record(message: &Bytes) -> Result<Record, BatchError> {
    let key_at = smallest(message[MAGIC_AT] as i8) - 8;
    let (key, value_at) = sized(message, key_at)?;
    let (value, _) = sized(message, value_at)?;
    Ok(Record {
        offset: offset(message),
        timestamp: timestamp(message),
        sequence: NO_SEQUENCE,
        key,
        value,
        headers: Vec::new(),
    })
}

fn codec(message: &[u8]) -> Result<Codec, BatchError> {
    let attributes = attributes(message);
    match attributes.codec() {
        // zstd is younger than these formats.
        None | Some(Codec::Zstd) => Err(BatchError::Codec(attributes.0 & 7)),
        Some(codec) => Ok(codec),
    }
}

/// The records of the message, or compressed set of messages, that `bytes` begin with.
pub(super) fn records(bytes: &Bytes, limit: u64) -> Result<Vec<Record>, BatchError> {
    let outer = message(bytes)?;
    let codec = codec(&outer)?;
    let wrapper = record(&outer)?;
    if codec == Codec::None {
        return Ok(vec![wrapper]);
    }
    let set = decompressed(&outer, codec, wrapper.value, limit)?;
    let is_v0 = outer[MAGIC_AT] == 0;
    let append_time = (attributes(&outer).timestamp_type() == TimestampType::LogAppendTime)
        .then_some(wrapper.timestamp);
    let mut records = inner(set, append_time)?;
    let Some(last) = records.last().map(|record| record.offset) else {
        return Err(BatchError::Record("a compressed message set is empty"));
    };
    // Some producers wrote 0 around relative offsets: they start at 0 then.
    if !is_v0 && wrapper.offset != 0 {
        let base = wrapper
            .offset
            .checked_sub(last)
            .filter(|base| *base >= 0)
            .ok_or(BatchError::Record(
                "a compressed message set ends before its last message",
            ))?;
        for record in &mut records {
            record.offset = record.offset.wrapping_add(base);
        }
    }
    Ok(records)
}

fn decompressed(
    outer: &[u8],
    codec: Codec,
    value: Option<Bytes>,
    limit: u64,
) -> Result<Bytes, BatchError> {
    let set = value.ok_or(BatchError::Record("a compressed message set is null"))?;
    let from = match outer[MAGIC_AT] {
        0 => Decompressor::magic_v0(codec, set, limit)?,
        _ => Decompressor::new(codec, set, limit)?,
    };
    from.read_all()
}

/// Of each of the [`records`]: the checksum that it has, and whether that is right.
pub(super) fn checksums(bytes: &Bytes, limit: u64) -> Result<Vec<(u32, bool)>, BatchError> {
    let outer = message(bytes)?;
    let codec = codec(&outer)?;
    if codec == Codec::None {
        return Ok(vec![checksum(&outer)]);
    }
    let mut set = decompressed(&outer, codec, record(&outer)?.value, limit)?;
    let mut all = Vec::new();
    while let Some(message) = next(&set)? {
        all.push(checksum(&message));
        set = set.slice(message.len()..);
    }
    Ok(all)
}

fn checksum(message: &[u8]) -> (u32, bool) {
    let mut crc = [0; 4];
    crc.copy_from_slice(&message[LOG_OVERHEAD..MAGIC_AT]);
    let crc = u32::from_be_bytes(crc);
    (crc, crc == crc32(&message[MAGIC_AT..]))
}

/// The next message of a decompressed set; `None` at its end, or if it is cut there.
fn next(set: &Bytes) -> Result<Option<Bytes>, BatchError> {
    match message(set) {
        Ok(message) => Ok(Some(message)),
        Err(BatchError::Truncated) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The messages of a decompressed set. One that is cut at the end is left out.
fn inner(mut set: Bytes, append_time: Option<i64>) -> Result<Vec<Record>, BatchError> {
    let mut records = Vec::new();
    while let Some(message) = next(&set)? {
        if codec(&message)? != Codec::None {
            return Err(BatchError::Record("compressed messages are nested"));
        }
        let mut record = record(&message)?;
        if let Some(time) = append_time.filter(|_| message[MAGIC_AT] == 1) {
            record.timestamp = time;
        }
        records.push(record);
        set = set.slice(message.len()..);
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{
        compress, framing,
        scan::{self, BatchHead},
    };
    use super::*;

    const LIMIT: u64 = 1 << 20;

    fn put(magic: u8, attributes: u8, offset: i64, timestamp: i64, value: &[u8]) -> Vec<u8> {
        let mut rest = vec![magic, attributes];
        if magic == 1 {
            rest.extend_from_slice(&timestamp.to_be_bytes());
        }
        rest.extend_from_slice(&(-1i32).to_be_bytes());
        rest.extend_from_slice(&(value.len() as i32).to_be_bytes());
        rest.extend_from_slice(value);
        let mut message = offset.to_be_bytes().to_vec();
        message.extend_from_slice(&(rest.len() as i32 + 4).to_be_bytes());
        message.extend_from_slice(&crc32(&rest).to_be_bytes());
        message.extend_from_slice(&rest);
        message
    }

    fn wrapped(magic: u8, codec: Codec, append_time: bool, offset: i64, inner: &[i64]) -> Bytes {
        let set: Vec<u8> = inner
            .iter()
            .flat_map(|i| put(magic, 0, *i, 1000 + i, format!("v{i}").as_bytes()))
            .collect();
        let mut value = compress(codec, None, &set).to_vec();
        if magic == 0 && codec == Codec::Lz4 {
            // As the producers of then wrote it: over the magic too.
            value[6] = (twox_hash::XxHash32::oneshot(0, &value[..6]) >> 8) as u8;
        }
        let attributes = codec as u8 | if append_time { 8 } else { 0 };
        put(magic, attributes, offset, 5000, &value).into()
    }

    fn read(bytes: &Bytes) -> Vec<(i64, i64, String)> {
        assert_eq!(scan::check_crc(bytes), Ok(()));
        scan::records(bytes, LIMIT)
            .unwrap()
            .map(Result::unwrap)
            .map(|r| {
                let value = String::from_utf8(r.value.unwrap().to_vec()).unwrap();
                (r.offset, r.timestamp, value)
            })
            .collect()
    }

    #[test]
    fn plain_messages_are_batches_of_one() {
        let v0 = Bytes::from(put(0, 0, 7, 0, b"a"));
        assert_eq!(read(&v0), [(7, -1, "a".to_owned())]);
        let v1 = Bytes::from(put(1, 0, 8, 99, b"b"));
        assert_eq!(read(&v1), [(8, 99, "b".to_owned())]);
        let head = BatchHead::read(&v1).unwrap();
        assert_eq!((head.base_offset, head.last_offset), (8, 8));
        assert_eq!((head.max_timestamp, head.count), (99, None));
        assert_eq!(BatchHead::read(&v0).unwrap().timestamp_type(), None);
    }

    #[test]
    fn offsets_in_a_set_are_absolute_in_v0_and_relative_in_v1() {
        for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4] {
            let v0 = wrapped(0, codec, false, 12, &[10, 11, 12]);
            let offsets: Vec<_> = read(&v0).iter().map(|r| (r.0, r.1)).collect();
            assert_eq!(offsets, [(10, -1), (11, -1), (12, -1)], "{codec:?}");
            let v1 = wrapped(1, codec, false, 12, &[0, 1, 2]);
            let offsets: Vec<_> = read(&v1).iter().map(|r| (r.0, r.1)).collect();
            assert_eq!(offsets, [(10, 1000), (11, 1001), (12, 1002)], "{codec:?}");
        }
    }

    #[test]
    fn the_outer_message_may_give_the_time_and_may_have_offset_0() {
        let v1 = wrapped(1, Codec::Gzip, true, 1, &[0, 1]);
        assert!(read(&v1).iter().all(|r| r.1 == 5000));
        let zero = wrapped(1, Codec::Gzip, false, 0, &[0, 1]);
        let offsets: Vec<_> = read(&zero).iter().map(|r| r.0).collect();
        assert_eq!(offsets, [0, 1]);
        let before = wrapped(1, Codec::Gzip, false, 1, &[0, 1, 2]);
        assert!(records(&before, LIMIT).is_err());
    }

    #[test]
    fn sets_that_cannot_be_are_refused() {
        let empty = wrapped(1, Codec::Gzip, false, 0, &[]);
        assert!(records(&empty, LIMIT).is_err());
        let zstd = wrapped(1, Codec::Zstd, false, 0, &[0]);
        assert_eq!(records(&zstd, LIMIT), Err(BatchError::Codec(4)));
        let nested = put(
            1,
            2,
            0,
            0,
            &framing::snappy(&wrapped(1, Codec::Gzip, false, 0, &[0])),
        );
        assert!(records(&nested.into(), LIMIT).is_err());
        let bomb = wrapped(0, Codec::Gzip, false, 2, &[0, 1, 2]);
        assert_eq!(records(&bomb, 50), Err(BatchError::Grows { limit: 50 }));
    }

    proptest! {
        #[test]
        fn flipped_messages_never_panic_and_are_noticed(
            magic in 0u8..2,
            codec in 0i16..4,
            at in any::<usize>(),
            with in 1u8..,
        ) {
            let codec = Codec::from_id(codec).unwrap();
            let sound = if codec == Codec::None {
                put(magic, 0, 3, 4, b"value").into()
            } else {
                wrapped(magic, codec, false, 2, &[0, 1, 2])
            };
            let mut bytes = sound.to_vec();
            let at = at % bytes.len();
            bytes[at] ^= with;
            let bytes = Bytes::from(bytes);
            let _ = scan::records(&bytes, LIMIT);
            // Offset and size are not covered; a wrong size shows as another length.
            if at >= 12 {
                prop_assert!(scan::check_crc(&bytes).is_err());
            }
        }
    }
}
