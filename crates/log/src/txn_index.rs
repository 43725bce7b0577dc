//! `.txnindex`: the aborted transactions that end in a segment, 34 bytes each; no file where there are none.

use std::path::Path;

use crate::entries::corrupt;
use crate::error::LogError;
use crate::file;

/// Bytes of an entry.
pub(crate) const ENTRY: usize = 34;
const VERSION: i16 = 0;

/// A transaction that was aborted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AbortedTransaction {
    /// Who aborted it, or had it aborted.
    pub producer_id: i64,
    /// The offset of its first record.
    pub first_offset: i64,
    /// The offset of its marker.
    pub last_offset: i64,
    /// The last stable offset after its marker was appended.
    pub last_stable_offset: i64,
}

impl AbortedTransaction {
    fn to_bytes(self) -> [u8; ENTRY] {
        let mut bytes = [0; ENTRY];
        bytes[..2].copy_from_slice(&VERSION.to_be_bytes());
        let fields = [
            self.producer_id,
            self.first_offset,
            self.last_offset,
            self.last_stable_offset,
        ];
        for (slot, field) in bytes[2..].chunks_exact_mut(8).zip(fields) {
            slot.copy_from_slice(&field.to_be_bytes());
        }
        bytes
    }

    pub(crate) fn parse(bytes: &[u8; ENTRY], path: &Path, at: u64) -> Result<Self, LogError> {
        let version = i16::from_be_bytes([bytes[0], bytes[1]]);
        if version > VERSION {
            return Err(corrupt(
                path,
                at,
                format!("its entries have version {version}, this broker reads up to {VERSION}"),
            ));
        }
        let mut fields = [0; 4];
        for (field, chunk) in fields.iter_mut().zip(bytes[2..].chunks_exact(8)) {
            let mut number = [0; 8];
            number.copy_from_slice(chunk);
            *field = i64::from_be_bytes(number);
        }
        let [producer_id, first_offset, last_offset, last_stable_offset] = fields;
        Ok(Self {
            producer_id,
            first_offset,
            last_offset,
            last_stable_offset,
        })
    }
}

/// Calls `each` with every entry and its position, in order, until it says `false`.
pub(crate) fn scan(
    path: &Path,
    mut each: impl FnMut(AbortedTransaction, u64) -> bool,
) -> Result<(), LogError> {
    let file = match file::open(path) {
        Err(e) if e.is_not_found() => return Ok(()),
        other => other?,
    };
    let mut chunk = vec![0; ENTRY * 120];
    let mut at = 0;
    loop {
        let read = file::read(&file, path, at, &mut chunk)?;
        for (n, entry) in chunk[..read].as_chunks::<ENTRY>().0.iter().enumerate() {
            let position = at + (n * ENTRY) as u64;
            if !each(AbortedTransaction::parse(entry, path, position)?, position) {
                return Ok(());
            }
        }
        if read < chunk.len() {
            return Ok(());
        }
        at += read as u64;
    }
}

/// Adds an entry at the end, making the file if need be; an entry that was cut short is written over.
pub(crate) fn append(path: &Path, transaction: AbortedTransaction) -> Result<(), LogError> {
    let file = file::create(path)?;
    let length = file::length(&file, path)?;
    let at = length - length % ENTRY as u64;
    file::write(&file, path, at, &transaction.to_bytes())
}

/// Sees to it that there is room for `count` more entries. A file that was not there is empty then, or not there.
pub(crate) fn make_room(path: &Path, count: usize) -> Result<(), LogError> {
    let file = file::create(path)?;
    let length = file::length(&file, path)?;
    let reserved = file::reserve(&file, path, length, (count * ENTRY) as u64);
    if reserved.is_err() && length == 0 {
        let _ = file::remove(path);
    }
    reserved
}

/// Adds to `found` what a reader of `[fetch_offset, upper_bound)` must know; whether no later segment has more.
pub(crate) fn collect(
    path: &Path,
    fetch_offset: i64,
    upper_bound: i64,
    found: &mut Vec<AbortedTransaction>,
) -> Result<bool, LogError> {
    let mut complete = false;
    scan(path, |transaction, _| {
        complete = collect_from(&[transaction], fetch_offset, upper_bound, found);
        !complete
    })?;
    Ok(complete)
}

/// Adds to `found` what a reader of `[fetch_offset, upper_bound)` must know, of entries in the order of their markers;
/// whether no later entry can matter to it.
pub fn collect_from(
    entries: &[AbortedTransaction],
    fetch_offset: i64,
    upper_bound: i64,
    found: &mut Vec<AbortedTransaction>,
) -> bool {
    for transaction in entries {
        if transaction.last_offset >= fetch_offset && transaction.first_offset < upper_bound {
            found.push(*transaction);
        }
        if transaction.last_stable_offset >= upper_bound {
            return true;
        }
    }
    false
}

/// Drops the transactions that end at `offset` or after it.
pub(crate) fn truncate_to(path: &Path, offset: i64) -> Result<(), LogError> {
    let mut keep = None;
    scan(path, |transaction, position| {
        if transaction.last_offset >= offset {
            keep = Some(position);
        }
        keep.is_none()
    })?;
    match keep {
        Some(length) => file::set_length(&file::open(path)?, path, length),
        None => Ok(()),
    }
}

/// Refuses entries that no segment with this base offset can have.
pub(crate) fn sanity_check(path: &Path, base_offset: i64) -> Result<(), LogError> {
    let mut bad = None;
    scan(path, |transaction, position| {
        if transaction.last_offset < base_offset {
            bad = Some(position);
        }
        bad.is_none()
    })?;
    match bad {
        Some(position) => Err(corrupt(
            path,
            position,
            "a transaction ends before the base offset",
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aborted(producer_id: i64, first: i64, last: i64, stable: i64) -> AbortedTransaction {
        AbortedTransaction {
            producer_id,
            first_offset: first,
            last_offset: last,
            last_stable_offset: stable,
        }
    }

    #[test]
    fn a_reader_learns_which_transactions_were_aborted() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("00000000000000000000.txnindex");
        let all = [
            aborted(1, 0, 10, 11),
            aborted(2, 5, 20, 15),
            aborted(3, 15, 30, 31),
        ];
        for transaction in all {
            append(&path, transaction).unwrap();
        }
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 102);
        for (from, to, expected, complete) in [
            (0, 5, &all[..1], true),
            (0, 12, &all[..2], true),
            (11, 31, &all[1..], true),
            (0, 100, &all[..], false),
            (31, 40, &all[..0], false),
        ] {
            let mut found = Vec::new();
            assert_eq!(collect(&path, from, to, &mut found).unwrap(), complete);
            assert_eq!(found, expected, "{from}..{to}");
        }
        truncate_to(&path, 20).unwrap();
        let mut found = Vec::new();
        collect(&path, 0, 100, &mut found).unwrap();
        assert_eq!(found, all[..1]);
        assert!(sanity_check(&path, 0).is_ok());
        assert!(sanity_check(&path, 11).is_err());
        std::fs::write(&path, [[0, 1], [0; 2]].concat().repeat(20)).unwrap();
        assert!(scan(&path, |_, _| true).is_err(), "a version of the future");
        assert!(!collect(&dir.path().join("none"), 0, 1, &mut found).unwrap());
    }
}
