//! `.timeindex`: from timestamps to offsets, 12 bytes an entry.
//!
//! An entry says: up to and including this offset (relative to the base offset), no timestamp is larger than this
//! one. One is added with each entry of the offset index, if the timestamp grew, and one when a segment ends.

use std::path::{Path, PathBuf};

use crate::entries::{Entries, corrupt};
use crate::error::LogError;

/// Bytes of an entry.
pub(crate) const ENTRY: usize = 12;

/// A timestamp and the offset of the batch that has it. (-1, base offset): none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TimestampOffset {
    pub(crate) timestamp: i64,
    pub(crate) offset: i64,
}

/// The time index of one segment.
pub(crate) struct TimeIndex {
    base_offset: i64,
    entries: Entries<ENTRY>,
}

pub(crate) fn timestamp(entry: &[u8; ENTRY]) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&entry[..8]);
    i64::from_be_bytes(bytes)
}

pub(crate) fn relative(entry: &[u8; ENTRY]) -> i64 {
    let [.., a, b, c, d] = *entry;
    i64::from(i32::from_be_bytes([a, b, c, d]))
}

impl TimeIndex {
    /// Of a file that is there.
    pub(crate) fn lazy(base_offset: i64) -> Self {
        Self {
            base_offset,
            entries: Entries::lazy(),
        }
    }

    /// Of a new file.
    pub(crate) fn create(base_offset: i64, path: &Path) -> Result<Self, LogError> {
        Ok(Self {
            base_offset,
            entries: Entries::create(path)?,
        })
    }

    /// The file itself: its length, closing, making durable.
    pub(crate) fn entries(&self) -> &Entries<ENTRY> {
        &self.entries
    }

    fn parse(&self, entry: &[u8; ENTRY]) -> TimestampOffset {
        TimestampOffset {
            timestamp: timestamp(entry),
            offset: self.base_offset + relative(entry),
        }
    }

    fn none(&self) -> TimestampOffset {
        TimestampOffset {
            timestamp: -1,
            offset: self.base_offset,
        }
    }

    /// The last entry.
    pub(crate) fn last(&self, path: impl Fn() -> PathBuf) -> Result<TimestampOffset, LogError> {
        let last = self.entries.last(path)?;
        Ok(last.map_or(self.none(), |entry| self.parse(&entry)))
    }

    /// Refuses entries that no segment with this base offset can have.
    pub(crate) fn sanity_check(&self, path: impl Fn() -> PathBuf) -> Result<(), LogError> {
        let len = self.entries.len(&path)?;
        if len == 0 {
            return Ok(());
        }
        let first = self.parse(&self.entries.get(0, &path)?);
        let last = self.last(&path)?;
        let at = u64::from(len - 1) * ENTRY as u64;
        if last.timestamp < first.timestamp {
            return Err(corrupt(
                &path(),
                at,
                "its last timestamp is below its first",
            ));
        }
        if last.offset < self.base_offset {
            return Err(corrupt(
                &path(),
                at,
                "its last offset is below the base offset",
            ));
        }
        Ok(())
    }

    /// The last entry whose timestamp is not above `target`: records before its offset are not younger.
    pub(crate) fn lookup(
        &self,
        target: i64,
        path: impl Fn() -> PathBuf,
    ) -> Result<TimestampOffset, LogError> {
        let last = self
            .entries
            .last_before(|entry| timestamp(entry) <= target, path)?;
        Ok(last.map_or_else(|| self.none(), |entry| self.parse(&entry)))
    }

    /// Adds an entry if its timestamp is above the last one's; whether it is.
    pub(crate) fn append(
        &self,
        entry: TimestampOffset,
        path: impl Fn() -> PathBuf,
    ) -> Result<bool, LogError> {
        let last = self.last(&path)?;
        if entry.timestamp <= last.timestamp || entry.offset < last.offset {
            return Ok(false);
        }
        let mut bytes = [0; ENTRY];
        bytes[..8].copy_from_slice(&entry.timestamp.to_be_bytes());
        bytes[8..].copy_from_slice(&((entry.offset - self.base_offset) as i32).to_be_bytes());
        self.entries.push(bytes, path)?;
        Ok(true)
    }

    /// Drops the entries of `offset` and above.
    pub(crate) fn truncate_to(
        &self,
        offset: i64,
        path: impl Fn() -> PathBuf,
    ) -> Result<(), LogError> {
        let wanted = offset - self.base_offset;
        let keep = self
            .entries
            .partition_point(|entry| relative(entry) < wanted, &path)?;
        self.entries.truncate(keep, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_found_through_the_entry_before_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("00000000000000000100.timeindex");
        let path = || file.clone();
        let index = TimeIndex::create(100, &file).unwrap();
        for (timestamp, offset) in [(1000, 110), (1000, 115), (2000, 120), (1500, 125)] {
            index
                .append(TimestampOffset { timestamp, offset }, path)
                .unwrap();
        }
        assert_eq!(
            index.entries().len(path).unwrap(),
            2,
            "timestamps only grow"
        );
        for (target, expected) in [
            (999, (-1, 100)),
            (1000, (1000, 110)),
            (1999, (1000, 110)),
            (5000, (2000, 120)),
        ] {
            let found = index.lookup(target, path).unwrap();
            assert_eq!((found.timestamp, found.offset), expected, "{target}");
        }
        index.entries().trim(path).unwrap();
        let bytes = std::fs::read(&file).unwrap();
        assert_eq!(bytes.len(), 24);
        assert_eq!(bytes[12..], [0, 0, 0, 0, 0, 0, 7, 0xd0, 0, 0, 0, 20]);
        assert!(index.sanity_check(path).is_ok());
        index.truncate_to(111, path).unwrap();
        assert_eq!(index.last(path).unwrap().timestamp, 1000);
    }
}
