//! What lies beside a log: indexes, producer snapshots and checkpoints.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

use ottla_wire::{
    Message,
    messages::{aborted_txn::AbortedTxn, producer_snapshot::ProducerSnapshot},
    records::{BatchHead, batch::crc32c},
};

use super::{Outcome, Trouble, log::optional_long, offset_of};

/// Bytes of an entry of `.txnindex`: version and four numbers.
const TRANSACTION: usize = 34;
/// Bytes of a producer snapshot that its checksum does not cover: version and checksum.
const UNCOVERED: usize = 6;

/// `.index`: u32 offset from the base, u32 position.
pub(super) fn offsets(to: &mut impl Write, path: &Path, name: &str, bytes: &[u8]) -> Outcome {
    let base = offset_of(name)?;
    let (entries, cut) = bytes.as_chunks::<8>();
    let mut complaints = cut_short(cut);
    if entries.is_empty() {
        writeln!(to, "{} is empty.", path.display())?;
        return Ok(complaints);
    }
    let mut log = File::open(path.with_extension("log")).ok();
    if log.is_none() {
        complaints.push("its .log file is not there to compare it with".into());
    }
    for (at, entry) in entries.iter().enumerate() {
        let (offset, position) = entry.split_at(4);
        let (offset, position) = (base + i64::from(number(offset)), number(position));
        if offset == base && at > 0 {
            // The rest was reserved and never written.
            break;
        }
        writeln!(to, "offset: {offset} position: {position}")?;
        if let Some(log) = &mut log {
            let there = last_offset_at(log, position);
            if there != Some(offset) {
                let there =
                    there.map_or_else(|| "no batch".into(), |last| format!("a batch up to {last}"));
                complaints.push(format!("entry {offset} at {position} leads to {there}"));
            }
        }
    }
    Ok(complaints)
}

/// `.timeindex`: i64 timestamp, u32 offset from the base.
pub(super) fn timestamps(to: &mut impl Write, name: &str, bytes: &[u8]) -> Outcome {
    let base = offset_of(name)?;
    let (entries, cut) = bytes.as_chunks::<12>();
    let mut complaints = cut_short(cut);
    let mut before = i64::MIN;
    for (at, entry) in entries.iter().enumerate() {
        let Some((timestamp, offset)) = entry.split_first_chunk::<8>() else {
            break;
        };
        let (timestamp, offset) = (
            i64::from_be_bytes(*timestamp),
            base + i64::from(number(offset)),
        );
        if offset == base && at > 0 {
            break;
        }
        writeln!(to, "timestamp: {timestamp} offset: {offset}")?;
        if timestamp <= before {
            complaints.push(format!("timestamp {timestamp} follows {before}"));
        }
        before = timestamp;
    }
    Ok(complaints)
}

/// `.txnindex`: aborted transactions.
pub(super) fn transactions(to: &mut impl Write, bytes: &[u8]) -> Outcome {
    let (entries, cut) = bytes.as_chunks::<TRANSACTION>();
    for entry in entries {
        let version = i16::from_be_bytes([entry[0], entry[1]]);
        let one = AbortedTxn::decode(entry[2..].to_vec().into(), version).map_err(|error| {
            Trouble::Contents(format!("an entry of version {version}: {error}"))
        })?;
        writeln!(
            to,
            "version: {version} producerId: {} firstOffset: {} lastOffset: {} lastStableOffset: {}",
            one.producer_id, one.first_offset, one.last_offset, one.last_stable_offset
        )?;
    }
    Ok(cut_short(cut))
}

/// `.snapshot`: the state of producers.
pub(super) fn producers(to: &mut impl Write, bytes: &[u8]) -> Outcome {
    let Some((version, body)) = bytes.split_first_chunk::<2>() else {
        return Err(Trouble::Contents("it is cut short".into()));
    };
    let version = i16::from_be_bytes(*version);
    let snapshot = ProducerSnapshot::decode(body.to_vec().into(), version)
        .map_err(|error| Trouble::Contents(format!("version {version}: {error}")))?;
    let computed = bytes.get(UNCOVERED..).map_or(0, crc32c);
    if computed != snapshot.crc {
        let stored = snapshot.crc;
        return Err(Trouble::Contents(format!(
            "its checksum is {stored}, of its bytes {computed}"
        )));
    }
    for one in snapshot.producer_entries {
        let open = (one.current_txn_first_offset >= 0).then_some(one.current_txn_first_offset);
        write!(
            to,
            "producerId: {} producerEpoch: {} coordinatorEpoch: {} currentTxnFirstOffset: {} lastTimestamp: {}",
            one.producer_id,
            one.epoch,
            one.coordinator_epoch,
            optional_long(open),
            one.timestamp
        )?;
        if one.last_offset >= 0 {
            write!(
                to,
                " firstSequence: {} lastSequence: {} lastOffset: {} offsetDelta: {} timestamp: {}",
                one.last_sequence.wrapping_sub(one.offset_delta) & i32::MAX,
                one.last_sequence,
                one.last_offset,
                one.offset_delta,
                one.timestamp
            )?;
        }
        writeln!(to)?;
    }
    Ok(vec![])
}

/// `leader-epoch-checkpoint` and the four of offsets: version, count, entries.
pub(super) fn checkpoint(to: &mut impl Write, name: &str, bytes: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    if let Some(version) = lines.next().filter(|version| *version != "0") {
        return Err(Trouble::Contents(format!("version {version} is not known")));
    }
    let count: usize = lines
        .next()
        .and_then(|count| count.parse().ok())
        .unwrap_or(0);
    let mut entries = 0;
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            [epoch, offset] if name.starts_with("leader-epoch") => {
                writeln!(to, "epoch: {epoch} startOffset: {offset}")?;
            }
            [topic, partition, offset] => {
                writeln!(to, "topic: {topic} partition: {partition} offset: {offset}")?;
            }
            _ => return Err(Trouble::Contents(format!("`{line}` is no entry"))),
        }
        entries += 1;
    }
    if entries == count {
        Ok(vec![])
    } else {
        Err(Trouble::Contents(format!(
            "it says that it has {count} entries, and has {entries}"
        )))
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .first_chunk::<4>()
        .map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

fn cut_short(rest: &[u8]) -> Vec<String> {
    if rest.is_empty() {
        vec![]
    } else {
        vec![format!("{} bytes at its end are no entry", rest.len())]
    }
}

/// The last offset of the batch that begins at a position of a log.
fn last_offset_at(log: &mut File, position: u32) -> Option<i64> {
    log.seek(SeekFrom::Start(u64::from(position))).ok()?;
    let mut head = Vec::new();
    log.take(BatchHead::MOST as u64)
        .read_to_end(&mut head)
        .ok()?;
    Some(BatchHead::read(&head).ok()?.last_offset)
}
