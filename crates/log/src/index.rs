//! `.index`: from offsets to positions in the `.log` file, 8 bytes an entry.
//!
//! An entry is the last offset of a batch, relative to the segment's base offset, and where that batch starts.

use std::path::{Path, PathBuf};

use crate::entries::{Entries, corrupt};
use crate::error::LogError;
use crate::file;

/// Bytes of an entry.
pub(crate) const ENTRY: usize = 8;

/// The offset index of one segment.
pub(crate) struct OffsetIndex {
    base_offset: i64,
    entries: Entries<ENTRY>,
}

pub(crate) fn relative(entry: &[u8; ENTRY]) -> i64 {
    let [a, b, c, d, ..] = *entry;
    i64::from(i32::from_be_bytes([a, b, c, d]))
}

pub(crate) fn position(entry: &[u8; ENTRY]) -> u32 {
    let [.., a, b, c, d] = *entry;
    u32::from_be_bytes([a, b, c, d])
}

/// Refuses a file that is no whole number of entries, without opening it.
pub(crate) fn check_length(path: &Path, entry: usize) -> Result<(), LogError> {
    let bytes = file::size_of(path)?;
    match bytes % entry as u64 {
        0 => Ok(()),
        _ => Err(corrupt(
            path,
            bytes,
            format!("its length is no multiple of {entry}"),
        )),
    }
}

impl OffsetIndex {
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

    /// The last indexed offset; the base offset if nothing is indexed.
    pub(crate) fn last_offset(&self, path: impl Fn() -> PathBuf) -> Result<i64, LogError> {
        let last = self.entries.last(path)?;
        Ok(self.base_offset + last.map_or(0, |entry| relative(&entry)))
    }

    /// Refuses entries that no segment with this base offset and size can have.
    pub(crate) fn sanity_check(
        &self,
        size: u32,
        path: impl Fn() -> PathBuf,
    ) -> Result<(), LogError> {
        let len = self.entries.len(&path)?;
        let Some(last) = self.entries.last(&path)? else {
            return Ok(());
        };
        let at = u64::from(len - 1) * ENTRY as u64;
        if relative(&last) < 0 {
            return Err(corrupt(
                &path(),
                at,
                "its last offset is below the base offset",
            ));
        }
        if position(&last) >= size {
            return Err(corrupt(
                &path(),
                at,
                "its last position is past the end of the segment",
            ));
        }
        Ok(())
    }

    /// Where to begin looking for `offset`: the position of the last entry not above it, or 0.
    pub(crate) fn lookup(&self, offset: i64, path: impl Fn() -> PathBuf) -> Result<u32, LogError> {
        let wanted = offset - self.base_offset;
        let last = self
            .entries
            .last_before(|entry| relative(entry) <= wanted, path)?;
        Ok(last.map_or(0, |entry| position(&entry)))
    }

    /// The offset of the first entry at `at` or after it.
    pub(crate) fn offset_at_or_after(
        &self,
        at: u64,
        path: impl Fn() -> PathBuf,
    ) -> Result<Option<i64>, LogError> {
        let n = self
            .entries
            .partition_point(|entry| u64::from(position(entry)) < at, &path)?;
        if n >= self.entries.len(&path)? {
            return Ok(None);
        }
        Ok(Some(
            self.base_offset + relative(&self.entries.get(n, path)?),
        ))
    }

    /// Adds an entry; one that is not above the last is left out.
    pub(crate) fn append(
        &self,
        offset: i64,
        position: u32,
        path: impl Fn() -> PathBuf,
    ) -> Result<(), LogError> {
        let relative_offset = (offset - self.base_offset) as i32;
        if let Some(last) = self.entries.last(&path)?
            && i64::from(relative_offset) <= relative(&last)
        {
            return Ok(());
        }
        let mut entry = [0; ENTRY];
        entry[..4].copy_from_slice(&relative_offset.to_be_bytes());
        entry[4..].copy_from_slice(&position.to_be_bytes());
        self.entries.push(entry, path)
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
    fn an_offset_is_found_through_the_entry_before_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("00000000000000000100.index");
        let path = || file.clone();
        let index = OffsetIndex::create(100, &file).unwrap();
        for (offset, position) in [(110, 5000), (120, 10_000), (130, 15_000)] {
            index.append(offset, position, path).unwrap();
        }
        index.append(130, 16_000, path).unwrap();
        for (offset, expected) in [
            (100, 0),
            (109, 0),
            (110, 5000),
            (119, 5000),
            (130, 15_000),
            (999, 15_000),
        ] {
            assert_eq!(index.lookup(offset, path).unwrap(), expected, "{offset}");
        }
        for (at, expected) in [
            (0, Some(110)),
            (5001, Some(120)),
            (15_000, Some(130)),
            (15_001, None),
        ] {
            assert_eq!(index.offset_at_or_after(at, path).unwrap(), expected);
        }
        index.entries().flush(path).unwrap();
        assert_eq!(
            std::fs::read(&file).unwrap()[8..16],
            [0, 0, 0, 20, 0, 0, 0x27, 0x10]
        );
        assert!(index.sanity_check(15_001, path).is_ok());
        assert!(index.sanity_check(15_000, path).is_err());
        index.truncate_to(120, path).unwrap();
        assert_eq!(index.last_offset(path).unwrap(), 110);
        assert_eq!(std::fs::metadata(&file).unwrap().len(), 8);
    }
}
