//! Logs and snapshots: batches one after the other.

use std::{
    fs::File,
    io::{BufReader, Read, Write},
    path::Path,
};

use bytes::{Bytes, BytesMut};
use ottla_wire::records::{
    BatchError, BatchHead, DECOMPRESSED_LIMIT, Record, TimestampType, check_crc, scan,
};

use super::{Options, Trouble, offset_of, records::Contents};

/// Missing offsets that are named; a compacted log has many.
const MISSING_NAMED: usize = 10;

/// Prints a log or a snapshot; which offsets are missing, if any.
pub(super) fn dump(
    to: &mut impl Write,
    path: &Path,
    name: &str,
    options: &Options,
) -> Result<Option<String>, Trouble> {
    print_title(to, name)?;
    let file = File::open(path).map_err(Trouble::Reading)?;
    let whole = file.metadata().map_err(Trouble::Reading)?.len();
    let end = whole.min(options.max_bytes);
    let mut from = BufReader::with_capacity(256 << 10, file.take(end));
    let contents = Contents::new(options.decoder);
    let mut position = 0;
    let mut last_offset = None;
    let mut missing = Vec::new();
    while let Some((head, bytes)) = next_batch(&mut from, end - position)? {
        print_batch(to, &head, &bytes, position)?;
        position += bytes.len() as u64;
        if options.records {
            print_records(to, &head, &bytes, options, &contents, |offset| {
                if let Some(last) = last_offset.replace(offset)
                    && last + 1 != offset
                {
                    missing.push(format!("{last} is followed by {offset}"));
                }
            })?;
        }
    }
    if position < end && options.max_bytes >= whole {
        writeln!(
            to,
            "Found {} invalid bytes at the end of {name}",
            end - position
        )?;
    }
    if missing.is_empty() {
        return Ok(None);
    }
    let more = missing.len().saturating_sub(MISSING_NAMED);
    missing.truncate(MISSING_NAMED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    Ok(Some(format!(
        "offsets with gaps: {}{more}",
        missing.join(", ")
    )))
}

fn print_title(to: &mut impl Write, name: &str) -> Result<(), Trouble> {
    if name == "bootstrap.checkpoint" {
        writeln!(to, "KRaft bootstrap snapshot")?;
    } else if let Some(name) = name.strip_suffix(".checkpoint") {
        let epoch = name
            .split_once('-')
            .and_then(|(_, epoch)| epoch.parse::<i32>().ok());
        let epoch =
            epoch.ok_or_else(|| Trouble::Contents("its name is not offset-epoch".into()))?;
        writeln!(
            to,
            "Snapshot end offset: {}, epoch: {epoch}",
            offset_of(name)?
        )?;
    } else {
        writeln!(to, "Log starting offset: {}", offset_of(name)?)?;
    }
    Ok(())
}

/// The next batch of a log of which `left` bytes are left; `None` where there is no whole one.
fn next_batch(from: &mut impl Read, left: u64) -> Result<Option<(BatchHead, Bytes)>, Trouble> {
    // An offset, and how many bytes follow: a message of an old release may be shorter than the head of a batch.
    const BEFORE: usize = 12;
    let mut bytes = BytesMut::zeroed(BEFORE.min(usize::try_from(left).unwrap_or(BEFORE)));
    from.read_exact(&mut bytes).map_err(Trouble::Reading)?;
    let len = bytes.get(8..).and_then(|bytes| bytes.first_chunk::<4>());
    let len = len.and_then(|len| usize::try_from(i32::from_be_bytes(*len)).ok());
    let Some(size) = len
        .map(|len| len + BEFORE)
        .filter(|size| *size as u64 <= left)
    else {
        return Ok(None);
    };
    // The bytes are there: the file has as many left.
    bytes.resize(size, 0);
    from.read_exact(&mut bytes[BEFORE..])
        .map_err(Trouble::Reading)?;
    match BatchHead::read(&bytes) {
        Ok(head) if head.size == size => Ok(Some((head, bytes.freeze()))),
        _ => Ok(None),
    }
}

fn print_batch(
    to: &mut impl Write,
    head: &BatchHead,
    bytes: &Bytes,
    position: u64,
) -> Result<(), Trouble> {
    if let Some(count) = head.count {
        let horizon = optional_long(head.delete_horizon());
        write!(
            to,
            "baseOffset: {} lastOffset: {} count: {count} baseSequence: {} lastSequence: {} producerId: {} \
             producerEpoch: {} partitionLeaderEpoch: {} isTransactional: {} isControl: {} deleteHorizonMs: {horizon}",
            head.base_offset,
            head.last_offset,
            head.base_sequence,
            head.last_sequence(),
            head.producer_id,
            head.producer_epoch,
            head.leader_epoch,
            head.attributes.is_transactional(),
            head.attributes.is_control(),
        )?;
    } else {
        write!(to, "offset: {}", head.last_offset)?;
    }
    // Where the checksum is in format 2, and in those before.
    let at = if head.count.is_some() { 17 } else { 12 };
    let crc = bytes.get(at..).and_then(|bytes| bytes.first_chunk::<4>());
    writeln!(
        to,
        " position: {position} {}: {} size: {} magic: {} compresscodec: {} crc: {} isvalid: {}",
        timestamp_name(head),
        head.max_timestamp,
        head.size,
        head.magic,
        head.attributes
            .codec()
            .map_or("unknown", |codec| codec.name()),
        crc.map_or(0, |bytes| u32::from_be_bytes(*bytes)),
        check_crc(bytes).is_ok(),
    )?;
    Ok(())
}

fn timestamp_name(head: &BatchHead) -> &'static str {
    match head.timestamp_type() {
        None => "NoTimestampType",
        Some(TimestampType::CreateTime) => "CreateTime",
        Some(TimestampType::LogAppendTime) => "LogAppendTime",
    }
}

/// As Java prints it.
pub(super) fn optional_long(value: Option<i64>) -> String {
    value.map_or_else(
        || "OptionalLong.empty".into(),
        |value| format!("OptionalLong[{value}]"),
    )
}

fn print_records(
    to: &mut impl Write,
    head: &BatchHead,
    bytes: &Bytes,
    options: &Options,
    contents: &Contents,
    mut at: impl FnMut(i64),
) -> Result<(), Trouble> {
    let unreadable = |error: BatchError| {
        Trouble::Contents(format!(
            "the batch at offset {} cannot be read: {error}",
            head.base_offset
        ))
    };
    let checksums = scan::legacy_checksums(bytes, DECOMPRESSED_LIMIT).map_err(unreadable)?;
    let mut checksums = checksums.into_iter();
    for record in scan::records(bytes, DECOMPRESSED_LIMIT).map_err(unreadable)? {
        let record = record.map_err(unreadable)?;
        let checksum = checksums.next();
        at(record.offset);
        write!(to, "|")?;
        if !options.skip_record_metadata {
            print_record(to, head, &record)?;
            if let Some((crc, is_right)) = checksum {
                write!(to, " isValid: {is_right} crc: {crc}")?;
            }
            if head.attributes.is_control() {
                write!(to, "{}", contents.control(&record))?;
            }
        }
        if options.data && !head.attributes.is_control() {
            write!(to, "{}", contents.of(&record))?;
        }
        writeln!(to)?;
    }
    Ok(())
}

fn print_record(to: &mut impl Write, head: &BatchHead, record: &Record) -> Result<(), Trouble> {
    let size = |bytes: &Option<Bytes>| bytes.as_ref().map_or(-1, |bytes| bytes.len() as i64);
    write!(
        to,
        " offset: {} {}: {} keySize: {} valueSize: {}",
        record.offset,
        timestamp_name(head),
        record.timestamp,
        size(&record.key),
        size(&record.value),
    )?;
    if head.count.is_some() {
        let keys: Vec<_> = record.headers.iter().map(|header| header.name()).collect();
        write!(
            to,
            " sequence: {} headerKeys: [{}]",
            record.sequence,
            keys.join(",")
        )?;
    }
    Ok(())
}
