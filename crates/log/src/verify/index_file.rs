//! Reading an index from its beginning to its end, a piece at a time.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::LogError;
use crate::file;

/// Bytes that are read at once.
const CHUNK: usize = 16 << 10;

/// A walk over entries of `N` bytes.
pub(super) struct IndexFile<const N: usize> {
    path: PathBuf,
    /// `None`: there is none.
    file: Option<File>,
    length: u64,
    /// Where the next entry begins.
    at: u64,
    buffer: Vec<u8>,
    buffer_at: u64,
    ends_in_zeros: bool,
}

impl<const N: usize> IndexFile<N> {
    pub(super) fn open(path: &Path) -> Result<Self, LogError> {
        let file = file::open_to_read(path)?;
        let length = file::length(&file, path)?;
        Ok(Self {
            file: Some(file),
            length,
            ..Self::none(path)
        })
    }

    /// Of a file that is not there.
    pub(super) fn none(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            file: None,
            length: 0,
            at: 0,
            buffer: Vec::new(),
            buffer_at: 0,
            ends_in_zeros: false,
        }
    }

    /// Bytes in it.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Where the entry after the next begins.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes at the end that are no whole entry.
    pub(super) fn surplus(&self) -> u64 {
        self.length % N as u64
    }

    /// Whether the last entry was followed by nothing but zeros. Known once `next` said that there are no more.
    pub(super) fn ends_in_zeros(&self) -> bool {
        self.ends_in_zeros
    }

    fn peek(&mut self) -> Result<Option<[u8; N]>, LogError> {
        if self.at + N as u64 > self.length {
            return Ok(None);
        }
        let end = self.buffer_at + self.buffer.len() as u64;
        if self.at < self.buffer_at || self.at + N as u64 > end {
            let Some(file) = &self.file else {
                return Ok(None);
            };
            self.buffer.resize(CHUNK / N * N, 0);
            let read = file::read(file, &self.path, self.at, &mut self.buffer)?;
            self.buffer.truncate(read);
            self.buffer_at = self.at;
        }
        let from = (self.at - self.buffer_at) as usize;
        Ok(self
            .buffer
            .get(from..)
            .and_then(|rest| rest.first_chunk())
            .copied())
    }

    /// The next entry and where it is. Zeros up to the end are none: they were reserved and not used.
    pub(super) fn next(&mut self) -> Result<Option<(u64, [u8; N])>, LogError> {
        let Some(entry) = self.peek()? else {
            return Ok(None);
        };
        let at = self.at;
        // The only entry may be zeros: nothing was reserved then.
        if entry == [0; N] && self.length >= 2 * N as u64 {
            while self.peek()? == Some([0; N]) {
                self.at += N as u64;
            }
            if self.peek()?.is_none() {
                self.ends_in_zeros = true;
                return Ok(None);
            }
            self.at = at;
        }
        self.at += N as u64;
        Ok(Some((at, entry)))
    }
}
