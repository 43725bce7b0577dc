//! `.snapshot`: the producers of a partition as of an offset.
//!
//! Version (i16, 1), CRC-32C of what follows (u32), count (i32), and 46 bytes for each producer.

use std::path::{Path, PathBuf};

use ottla_wire::records::batch::crc32c;

use crate::entries::corrupt;
use crate::error::LogError;
use crate::file;
use crate::names::{self, Kind};
use crate::producers::{BatchMetadata, ProducerState};

const VERSION: i16 = 1;
const HEAD: usize = 10;
const ENTRY: usize = 46;
/// No snapshot is larger: ten million producers.
const LIMIT: u64 = 460_000_000;

/// The path of the snapshot at `offset`.
pub(crate) fn path(dir: &Path, offset: i64) -> PathBuf {
    dir.join(Kind::Snapshot.name(offset))
}

/// The offsets of the snapshots in a directory, in order.
pub(crate) fn list(dir: &Path) -> Result<Vec<i64>, LogError> {
    Ok(of(&file::list(dir, false)?))
}

/// The offsets of the snapshots among file names.
pub(crate) fn of(names: &[String]) -> Vec<i64> {
    names
        .iter()
        .filter(|name| names::is_canonical(name))
        .filter_map(|name| match names::parse(name)? {
            (offset, Kind::Snapshot, "") => Some(offset),
            _ => None,
        })
        .collect()
}

/// Writes a snapshot; durable if `sync`.
pub(crate) fn write<'a>(
    path: &Path,
    states: impl ExactSizeIterator<Item = &'a ProducerState>,
    sync: bool,
) -> Result<(), LogError> {
    let mut bytes = Vec::with_capacity(HEAD + ENTRY * states.len());
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&(states.len() as i32).to_be_bytes());
    for state in states {
        bytes.extend_from_slice(&state.producer_id.to_be_bytes());
        bytes.extend_from_slice(&state.producer_epoch.to_be_bytes());
        bytes.extend_from_slice(&state.last_sequence().to_be_bytes());
        bytes.extend_from_slice(&state.last_offset().to_be_bytes());
        let delta = state.batches.last().map_or(0, |batch| batch.offset_delta);
        bytes.extend_from_slice(&delta.to_be_bytes());
        bytes.extend_from_slice(&state.last_timestamp.to_be_bytes());
        bytes.extend_from_slice(&state.coordinator_epoch.to_be_bytes());
        let first = state.transaction_first_offset.unwrap_or(-1);
        bytes.extend_from_slice(&first.to_be_bytes());
    }
    let crc = crc32c(&bytes[6..]);
    bytes[2..6].copy_from_slice(&crc.to_be_bytes());
    let file = file::create_empty(path)?;
    let mut written = file::write(&file, path, 0, &bytes);
    if sync && written.is_ok() {
        written = file::sync(&file, path);
    }
    // Half a snapshot is of no use, and takes room where there may be none.
    written.inspect_err(|_| drop(file::remove(path)))
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&bytes[at..at + N]);
    field
}

fn parse_entry(bytes: &[u8; ENTRY]) -> ProducerState {
    let last_offset = i64::from_be_bytes(number(bytes, 14));
    let timestamp = i64::from_be_bytes(number(bytes, 26));
    let first = i64::from_be_bytes(number(bytes, 38));
    let batch = BatchMetadata {
        last_sequence: i32::from_be_bytes(number(bytes, 10)),
        last_offset,
        offset_delta: i32::from_be_bytes(number(bytes, 22)),
        timestamp,
    };
    ProducerState {
        producer_id: i64::from_be_bytes(number(bytes, 0)),
        producer_epoch: i16::from_be_bytes(number(bytes, 8)),
        coordinator_epoch: i32::from_be_bytes(number(bytes, 34)),
        last_timestamp: timestamp,
        transaction_first_offset: (first >= 0).then_some(first),
        batches: if last_offset >= 0 {
            vec![batch]
        } else {
            Vec::new()
        },
    }
}

/// Reads a snapshot. [`LogError::Corrupt`]: it is not sound.
pub(crate) fn read(path: &Path) -> Result<Vec<ProducerState>, LogError> {
    let bytes = file::read_small(path, LIMIT)?;
    if bytes.len() < HEAD {
        return Err(corrupt(path, bytes.len() as u64, "it is cut short"));
    }
    let version = i16::from_be_bytes(number(&bytes, 0));
    if version != VERSION {
        return Err(corrupt(
            path,
            0,
            format!("version {version}, this broker reads version {VERSION}"),
        ));
    }
    if u32::from_be_bytes(number(&bytes, 2)) != crc32c(&bytes[6..]) {
        return Err(corrupt(path, 2, "its checksum is not that of its bytes"));
    }
    let count = i32::from_be_bytes(number(&bytes, 6));
    let (entries, rest) = bytes[HEAD..].as_chunks::<ENTRY>();
    if usize::try_from(count) != Ok(entries.len()) || !rest.is_empty() {
        return Err(corrupt(path, 6, "it has not as many producers as it says"));
    }
    Ok(entries.iter().map(parse_entry).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_kafkas_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = path(dir.path(), 26);
        let empty: [ProducerState; 0] = [];
        write(&path, empty.iter(), true).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 10);
        assert_eq!(read(&path).unwrap(), empty);
        let states = [
            ProducerState {
                producer_id: 15,
                producer_epoch: 4,
                coordinator_epoch: 0,
                last_timestamp: 1_795_000_000_000,
                transaction_first_offset: None,
                batches: vec![],
            },
            ProducerState {
                producer_id: 1001,
                producer_epoch: 0,
                coordinator_epoch: -1,
                last_timestamp: 7,
                transaction_first_offset: Some(0),
                batches: vec![BatchMetadata {
                    last_sequence: 4,
                    last_offset: 4,
                    offset_delta: 4,
                    timestamp: 7,
                }],
            },
        ];
        write(&path, states.iter(), false).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 10 + 2 * 46);
        assert_eq!(read(&path).unwrap(), states);
        assert_eq!(list(dir.path()).unwrap(), [26]);
        let good = std::fs::read(&path).unwrap();
        for cut in [0, 5, 9, 10, 55, 101] {
            std::fs::write(&path, &good[..cut]).unwrap();
            assert!(
                matches!(read(&path), Err(LogError::Corrupt { .. })),
                "{cut} bytes"
            );
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            assert!(read(&path).is_err(), "byte {at}");
        }
    }
}
