//! What both indexes are: a file of entries of one size, growing at its end, searched by halving.
//!
//! The newest entries are also in memory, because appends and most reads are at the end of a log; older ones are
//! read from the file when a search needs them, and those that it ended among are kept: a reader goes on from there.
//! Entries are written to the file in groups: an index that lacks its last entries after a crash is rebuilt, and
//! [`Entries::flush`] comes before the recovery point moves.

use std::path::{Path, PathBuf};

use parking_lot::Mutex;

use crate::error::LogError;
use crate::file::{self, LazyFile, OnDemand};

/// This many entries in memory at most.
const IN_MEMORY: usize = 512;
/// This many stay there when the rest is written out.
const KEEP: usize = 256;
/// This many are read from the file at once when a search has come so near, and kept until another search ends elsewhere.
const NEAR: u32 = 256;

struct State<const N: usize> {
    /// Entries in all; `None` until the file was looked at.
    len: Option<u32>,
    /// How many of them are in the file.
    written: u32,
    /// The last entries, up to `len`.
    tail: Vec<[u8; N]>,
    /// Those of the file that the last search ended among.
    near: Option<Box<Near<N>>>,
    /// How often entries were taken away: what was read from the file before is not kept after it.
    cuts: u32,
}

impl<const N: usize> State<N> {
    fn new() -> Self {
        Self {
            len: None,
            written: 0,
            tail: Vec::new(),
            near: None,
            cuts: 0,
        }
    }

    fn forget_near(&mut self) {
        self.near = None;
        self.cuts = self.cuts.wrapping_add(1);
    }
}

/// Some entries of the file that follow each other.
struct Near<const N: usize> {
    /// The number of the first.
    from: u32,
    entries: Vec<[u8; N]>,
}

impl<const N: usize> Near<N> {
    /// Entry `n`, if it is one of these.
    fn get(&self, n: u32) -> Option<[u8; N]> {
        let at = n.checked_sub(self.from)?;
        self.entries.get(at as usize).copied()
    }

    /// What a search found that ends at `n`; `None` if the entry before it is elsewhere.
    fn found(&self, n: u32) -> Option<Found<N>> {
        let last = n.checked_sub(1).map(|last| self.get(last));
        (last != Some(None)).then(|| Found {
            n,
            last: last.flatten(),
        })
    }

    /// Where a search ends that ends in `low..=high`, as far as it is known here.
    fn narrow(&self, low: u32, high: u32, before: impl Fn(&[u8; N]) -> bool) -> (u32, u32) {
        let n = self.from + self.entries.partition_point(before) as u32;
        let end = self.from + self.entries.len() as u32;
        let n = n.clamp(low, high);
        (
            if n > self.from { n } else { low },
            if n < end { n } else { high },
        )
    }
}

/// Where a search ended.
struct Found<const N: usize> {
    /// How many entries are before it.
    n: u32,
    /// The last of them.
    last: Option<[u8; N]>,
}

/// A file of entries of `N` bytes.
pub(crate) struct Entries<const N: usize> {
    file: LazyFile,
    /// Held by who changes the file: the appending thread, or one that flushes.
    writing: Mutex<()>,
    state: Mutex<State<N>>,
}

/// The length of a file is no whole number of entries, or its entries contradict themselves.
pub(crate) fn corrupt(path: &Path, position: u64, problem: impl Into<String>) -> LogError {
    LogError::Corrupt {
        path: path.to_owned(),
        position,
        problem: problem.into(),
    }
}

impl<const N: usize> Entries<N> {
    /// Of a file that is there, looked at when needed.
    pub(crate) fn lazy() -> Self {
        Self {
            file: LazyFile::default(),
            writing: Mutex::new(()),
            state: Mutex::new(State::new()),
        }
    }

    /// Of a new, empty file.
    pub(crate) fn create(path: &Path) -> Result<Self, LogError> {
        let entries = Self::lazy();
        entries.file.set(file::create_empty(path)?);
        entries.state.lock().len = Some(0);
        Ok(entries)
    }

    /// How many entries there are. Trailing zeros are none: Kafka preallocates index files.
    pub(crate) fn len(&self, path: impl Fn() -> PathBuf) -> Result<u32, LogError> {
        if let Some(len) = self.state.lock().len {
            return Ok(len);
        }
        if !self.file.is_open() && self.is_empty_file(&path)? {
            return Ok(0);
        }
        let opened = self.file.get(&path)?;
        let bytes = file::length(&opened, &path())?;
        if bytes % N as u64 != 0 {
            return Err(corrupt(
                &path(),
                bytes,
                format!("its length is no multiple of {N}"),
            ));
        }
        let full = u32::try_from(bytes / N as u64)
            .map_err(|_| corrupt(&path(), bytes, "it is too long for an index"))?;
        let slot = |n: u32| -> Result<[u8; N], LogError> {
            let mut entry = [0; N];
            file::read_exact(&opened, &path(), u64::from(n) * N as u64, &mut entry)?;
            Ok(entry)
        };
        let mut len = full;
        if full > 0 && slot(full - 1)? == [0; N] {
            // Zeros are at the end, and only there: find the first, leaving slot 0 to the next question.
            let (mut low, mut high) = (1, full);
            while low < high {
                let middle = low + (high - low) / 2;
                if slot(middle)? == [0; N] {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            len = low.min(full);
            // A lone zero entry is one that was written, with more zeros after it is none.
            if len == 1 && slot(0)? == [0; N] && full > 1 {
                len = 0;
            }
        }
        let mut state = self.state.lock();
        if state.len.is_none() {
            state.len = Some(len);
            state.written = len;
        }
        Ok(state.len.unwrap_or(len))
    }

    /// Most logs of a node with many are empty, and their indexes need not be opened to know it.
    fn is_empty_file(&self, path: impl Fn() -> PathBuf) -> Result<bool, LogError> {
        match file::size_of(&path()) {
            Ok(0) => {}
            Err(error) if !error.is_not_found() => return Err(error),
            // Opening it knows where else it may be.
            _ => return Ok(false),
        }
        let mut state = self.state.lock();
        if state.len.is_none() {
            state.len = Some(0);
        }
        Ok(state.len == Some(0))
    }

    /// Entry `n`, which must be there.
    pub(crate) fn get(&self, n: u32, path: impl Fn() -> PathBuf) -> Result<[u8; N], LogError> {
        let len = self.len(&path)?;
        {
            let state = self.state.lock();
            let first = state.len.unwrap_or(len) - state.tail.len() as u32;
            if n >= first
                && let Some(entry) = state.tail.get((n - first) as usize)
            {
                return Ok(*entry);
            }
            if let Some(entry) = state.near.as_ref().and_then(|near| near.get(n)) {
                return Ok(entry);
            }
        }
        let mut entry = [0; N];
        let opened = self.file.get(&path)?;
        file::read_exact(&opened, &path(), u64::from(n) * N as u64, &mut entry)?;
        Ok(entry)
    }

    /// The last entry.
    pub(crate) fn last(&self, path: impl Fn() -> PathBuf) -> Result<Option<[u8; N]>, LogError> {
        match self.len(&path)? {
            0 => Ok(None),
            len => self.get(len - 1, path).map(Some),
        }
    }

    /// How many entries at the beginning satisfy `before`, which holds for none after the first for which it fails.
    pub(crate) fn partition_point(
        &self,
        before: impl Fn(&[u8; N]) -> bool,
        path: impl Fn() -> PathBuf,
    ) -> Result<u32, LogError> {
        Ok(self.search(before, path)?.n)
    }

    /// The last entry that satisfies `before`, which holds for none after the first for which it fails.
    pub(crate) fn last_before(
        &self,
        before: impl Fn(&[u8; N]) -> bool,
        path: impl Fn() -> PathBuf,
    ) -> Result<Option<[u8; N]>, LogError> {
        Ok(self.search(before, path)?.last)
    }

    fn search(
        &self,
        before: impl Fn(&[u8; N]) -> bool,
        path: impl Fn() -> PathBuf,
    ) -> Result<Found<N>, LogError> {
        let len = self.len(&path)?;
        let state = self.state.lock();
        // The file may have grown since; what is in memory is its end as of now.
        let len = state.len.unwrap_or(len);
        let mut high = len - state.tail.len() as u32;
        if state.tail.first().is_some_and(&before) {
            let n = state.tail.partition_point(&before);
            return Ok(Found {
                n: high + n as u32,
                last: Some(state.tail[n - 1]),
            });
        }
        let mut low = 0;
        if let Some(near) = &state.near {
            (low, high) = near.narrow(low, high, &before);
            if low == high
                && let Some(found) = near.found(high)
            {
                return Ok(found);
            }
        } else if high == 0 {
            return Ok(Found { n: 0, last: None });
        }
        let cuts = state.cuts;
        drop(state);
        let (found, near) = self.search_in_file(low, high, before, path)?;
        let mut state = self.state.lock();
        if state.cuts == cuts {
            state.near = Some(Box::new(near));
        }
        Ok(found)
    }

    /// A search that ends in `low..=high`, of which the file has all that is below.
    fn search_in_file(
        &self,
        mut low: u32,
        mut high: u32,
        before: impl Fn(&[u8; N]) -> bool,
        path: impl Fn() -> PathBuf,
    ) -> Result<(Found<N>, Near<N>), LogError> {
        let opened = self.file.get(&path)?;
        let path = OnDemand(path);
        let read = |from: u32, count: u32| {
            let mut entries = vec![[0; N]; count as usize];
            let bytes = entries.as_flattened_mut();
            file::read_exact(&opened, &path, u64::from(from) * N as u64, bytes)?;
            Ok::<_, LogError>(Near { from, entries })
        };
        // Readers go forward: what they look for is most often right behind what they found before.
        let mut ahead = low > 0;
        loop {
            // With the last one that is known to be before, which may be the one that is wanted.
            let from = low.saturating_sub(1);
            if ahead || high - from <= NEAR {
                let near = read(from, NEAR.min(high - from))?;
                (low, high) = near.narrow(low, high, &before);
                if low == high
                    && let Some(found) = near.found(high)
                {
                    return Ok((found, near));
                }
                ahead = false;
                continue;
            }
            let middle = low + (high - low) / 2;
            let mut entry = [0; N];
            file::read_exact(&opened, &path, u64::from(middle) * N as u64, &mut entry)?;
            if before(&entry) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
    }

    /// Adds an entry at the end.
    pub(crate) fn push(&self, entry: [u8; N], path: impl Fn() -> PathBuf) -> Result<(), LogError> {
        self.len(&path)?;
        let full = {
            let mut state = self.state.lock();
            state.tail.push(entry);
            state.len = state.len.map(|len| len + 1);
            state.tail.len() >= IN_MEMORY
        };
        if full {
            let _writing = self.writing.lock();
            self.write_missing(&path)?;
            let mut state = self.state.lock();
            let surplus = state.tail.len() - KEEP;
            state.tail.drain(..surplus);
        }
        Ok(())
    }

    /// Writes to the file what is only in memory.
    pub(crate) fn write_out(&self, path: impl Fn() -> PathBuf) -> Result<(), LogError> {
        let _writing = self.writing.lock();
        self.write_missing(path)
    }

    fn write_missing(&self, path: impl Fn() -> PathBuf) -> Result<(), LogError> {
        let (written, bytes) = {
            let state = self.state.lock();
            let Some(len) = state.len else {
                return Ok(());
            };
            let missing = (len - state.written) as usize;
            if missing == 0 {
                return Ok(());
            }
            let from = state.tail.len() - missing;
            (state.written, state.tail[from..].as_flattened().to_vec())
        };
        let opened = self.file.get(&path)?;
        file::write(&opened, &path(), u64::from(written) * N as u64, &bytes)?;
        self.state.lock().written = written + (bytes.len() / N) as u32;
        Ok(())
    }

    /// Makes all entries durable.
    pub(crate) fn flush(&self, path: impl Fn() -> PathBuf) -> Result<(), LogError> {
        self.write_out(&path)?;
        file::sync(&*self.file.get(&path)?, &path())
    }

    /// Keeps the first `len` entries, in the file too.
    pub(crate) fn truncate(&self, len: u32, path: impl Fn() -> PathBuf) -> Result<(), LogError> {
        let all = self.len(&path)?;
        let opened = self.file.get(&path)?;
        let _writing = self.writing.lock();
        {
            let mut state = self.state.lock();
            let all = state.len.unwrap_or(all);
            let keep = len.min(all);
            let first = all - state.tail.len() as u32;
            state.tail.truncate(keep.saturating_sub(first) as usize);
            state.len = Some(keep);
            state.written = state.written.min(keep);
            state.forget_near();
        }
        let written = self.state.lock().written;
        file::set_length(&opened, &path(), u64::from(written) * N as u64)
    }

    /// Forgets all entries, without looking at the file first.
    pub(crate) fn reset(&self, path: &Path) -> Result<(), LogError> {
        let _writing = self.writing.lock();
        self.file.set(file::create_empty(path)?);
        let mut state = self.state.lock();
        state.len = Some(0);
        state.written = 0;
        state.tail.clear();
        state.forget_near();
        Ok(())
    }

    /// Writes out what is missing, cuts what is not an entry, and closes the file; entries are read from it again
    /// when needed.
    pub(crate) fn rest(&self, path: impl Fn() -> PathBuf) -> Result<(), LogError> {
        let _writing = self.writing.lock();
        self.write_missing(path)?;
        {
            let mut state = self.state.lock();
            state.tail = Vec::new();
            state.forget_near();
        }
        self.file.close();
        Ok(())
    }

    /// Makes the file as long as its entries: at the end of a segment, and when Kafka preallocated it. Whether the
    /// file changed.
    pub(crate) fn trim(&self, path: impl Fn() -> PathBuf) -> Result<bool, LogError> {
        let len = self.len(&path)?;
        self.write_out(&path)?;
        let path = path();
        let bytes = u64::from(len) * N as u64;
        let longer = file::size_of(&path)? != bytes;
        if longer {
            file::set_length(&*self.file.get(|| path.clone())?, &path, bytes)?;
        }
        Ok(longer)
    }

    /// Keeps the file open from now on.
    pub(crate) fn pin(&self, path: impl Fn() -> PathBuf) -> Result<(), LogError> {
        self.file.pin(path)
    }

    /// Whether the file is open now.
    pub(crate) fn is_open(&self) -> bool {
        self.file.is_open()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u32) -> [u8; 8] {
        (u64::from(n) + 1).to_be_bytes()
    }

    fn at(entry: &[u8; 8]) -> u32 {
        u64::from_be_bytes(*entry) as u32 - 1
    }

    #[test]
    fn entries_are_found_in_memory_and_in_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.index");
        let path = || file.clone();
        let entries = Entries::<8>::create(&file).unwrap();
        for n in 0..2000 {
            entries.push(entry(n), path).unwrap();
        }
        let check = |entries: &Entries<8>, len: u32| {
            assert_eq!(entries.len(path).unwrap(), len);
            for wanted in [0, 1, 255, 256, 257, 700, len - 300, len - 2, len - 1] {
                let found = entries.partition_point(|e| at(e) < wanted, path).unwrap();
                assert_eq!(found, wanted);
                assert_eq!(entries.get(wanted, path).unwrap(), entry(wanted));
            }
            assert_eq!(entries.partition_point(|_| true, path).unwrap(), len);
            assert_eq!(entries.last(path).unwrap(), Some(entry(len - 1)));
        };
        check(&entries, 2000);
        entries.rest(path).unwrap();
        assert!(!entries.is_open());
        check(&entries, 2000);
        check(&Entries::lazy(), 2000);
        entries.truncate(1500, path).unwrap();
        check(&entries, 1500);
        entries.push(entry(1500), path).unwrap();
        check(&entries, 1501);
        entries.truncate(1501, path).unwrap();
        check(&entries, 1501);
        entries.trim(path).unwrap();
        check(&Entries::lazy(), 1501);
    }

    #[test]
    fn searches_find_what_is_there_whatever_was_found_before() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.index");
        let path = || file.clone();
        let entries = Entries::<8>::create(&file).unwrap();
        let mut random = 7_u64;
        let mut below = |most: u32| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as u32 % most.max(1)
        };
        // Entries are 0, 3, 6 …: with gaps between them, so that some searches end between two.
        let (mut len, mut reader) = (0, 0);
        for _ in 0..20_000 {
            match below(2000) {
                0 => {
                    len -= below(len.min(900));
                    entries.truncate(len, path).unwrap();
                }
                1..10 => entries.rest(path).unwrap(),
                10..20 => entries.write_out(path).unwrap(),
                20..1000 => {
                    for _ in 0..below(7) {
                        entries.push(entry(3 * len), path).unwrap();
                        len += 1;
                    }
                }
                kind => {
                    // A reader that goes on, and one that looks anywhere.
                    reader = (reader + below(40)) % (3 * len + 5);
                    let wanted = if kind < 1500 {
                        reader
                    } else {
                        below(3 * len + 5)
                    };
                    let expected = wanted.div_ceil(3).min(len);
                    let before = |e: &[u8; 8]| at(e) < wanted;
                    assert_eq!(entries.partition_point(before, path).unwrap(), expected);
                    let last = expected.checked_sub(1).map(|n| entry(3 * n));
                    assert_eq!(entries.last_before(before, path).unwrap(), last);
                    if expected < len {
                        let found = entries.get(expected, path).unwrap();
                        assert_eq!(found, entry(3 * expected));
                    }
                }
            }
        }
        assert!(len > 2000, "{len} entries are too few to say something");
    }

    #[test]
    fn what_kafka_preallocated_is_no_entry() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.index");
        let path = || file.clone();
        for (entries, zeros, expected) in [
            (0_u32, 0_usize, 0_u32),
            (0, 5, 0),
            (1, 1, 1),
            (3, 0, 3),
            (3, 100, 3),
            (0, 1, 1),
        ] {
            let mut bytes: Vec<u8> = (0..entries).flat_map(entry).collect();
            bytes.resize(bytes.len() + 8 * zeros, 0);
            std::fs::write(&file, bytes).unwrap();
            let found = Entries::<8>::lazy();
            assert_eq!(found.len(path).unwrap(), expected, "{entries} + {zeros}");
            found.trim(path).unwrap();
            assert_eq!(
                std::fs::metadata(&file).unwrap().len(),
                u64::from(expected) * 8
            );
        }
        std::fs::write(&file, [1; 13]).unwrap();
        assert!(matches!(
            Entries::<8>::lazy().len(path),
            Err(LogError::Corrupt { position: 13, .. })
        ));
    }
}
