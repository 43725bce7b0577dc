//! Walking over the batches of a `.log` file by their heads, in chunks, never the whole file.

use std::cell::Cell;
use std::fs::File;
use std::ops::Deref;

use bytes::Bytes;
use ottla_wire::records::batch::{MAGIC_AT, MAGIC_V2};
use ottla_wire::records::{BatchError, BatchHead};

use crate::error::LogError;
use crate::file::{self, Named};

/// The head of a batch, and where in its file it is. Formats v0 and v1 say no base offset: it is that of their last
/// record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Head {
    pub(crate) position: u64,
    batch: BatchHead,
}

impl Deref for Head {
    type Target = BatchHead;

    fn deref(&self) -> &BatchHead {
        &self.batch
    }
}

impl Head {
    /// Where the next batch starts.
    pub(crate) fn end(&self) -> u64 {
        self.position + self.batch.size as u64
    }
}

/// Reads the head of a batch at `position` from its first bytes.
fn parse(bytes: &[u8], position: u64) -> Result<Head, BatchError> {
    let batch = BatchHead::read(bytes)?;
    if batch.last_offset < batch.base_offset {
        return Err(BatchError::Record("the batch ends before it begins"));
    }
    Ok(Head { position, batch })
}

/// One step of a scan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// A batch whose bytes are all there.
    Batch(Head),
    /// The end.
    End,
    /// No sound batch starts here.
    Bad(BatchError),
}

/// How much [`Scan::few`] reads at a time.
const FEW: usize = 4 << 10;

thread_local! {
    /// The buffer of the last scan of few batches: every fetch makes one.
    static KEPT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Memory with anything in it.
struct Buffer(Vec<u8>);

impl Buffer {
    fn room(&mut self, size: usize) -> &mut [u8] {
        if self.0.is_empty() && size <= FEW {
            self.0 = KEPT.try_with(Cell::take).unwrap_or_default();
        }
        if self.0.len() < size {
            self.0.resize(size.max(FEW), 0);
        }
        &mut self.0[..size]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.0.len() == FEW {
            // At the end of a thread nothing is kept.
            let _ = KEPT.try_with(|kept| kept.set(std::mem::take(&mut self.0)));
        }
    }
}

/// A walk from one position to another.
pub(crate) struct Scan<'a> {
    file: &'a File,
    path: &'a dyn Named,
    position: u64,
    end: u64,
    chunk: usize,
    buffer: Buffer,
    /// Where in the file the buffer's bytes are from, and how many there are.
    buffer_at: u64,
    there: usize,
}

impl<'a> Scan<'a> {
    /// For a few batches: reads little at a time.
    pub(crate) fn few(file: &'a File, path: &'a dyn Named, position: u64, end: u64) -> Self {
        Self::new(file, path, position, end, FEW)
    }

    /// For many batches: reads much at a time.
    pub(crate) fn many(file: &'a File, path: &'a dyn Named, position: u64, end: u64) -> Self {
        Self::new(file, path, position, end, 128 << 10)
    }

    fn new(file: &'a File, path: &'a dyn Named, position: u64, end: u64, chunk: usize) -> Self {
        Self {
            file,
            path,
            position,
            end,
            chunk,
            buffer: Buffer(Vec::new()),
            buffer_at: 0,
            there: 0,
        }
    }

    /// `wanted` bytes at `at`, or those up to the end.
    fn bytes(&mut self, at: u64, wanted: usize) -> Result<&[u8], LogError> {
        let wanted = wanted.min((self.end - at) as usize);
        let have = self.buffer_at + self.there as u64;
        if at < self.buffer_at || at + wanted as u64 > have {
            let size = self.chunk.max(wanted).min((self.end - at) as usize);
            (self.buffer_at, self.there) = (at, 0);
            self.there = file::read(self.file, self.path, at, self.buffer.room(size))?;
        }
        let from = (at - self.buffer_at) as usize;
        let to = (from + wanted).min(self.there);
        Ok(&self.buffer.0[from..to])
    }

    /// The next batch.
    pub(crate) fn next(&mut self) -> Result<Step, LogError> {
        let (position, end) = (self.position, self.end);
        if position >= end {
            return Ok(Step::End);
        }
        let head = match parse(self.bytes(position, BatchHead::MOST)?, position) {
            Ok(head) => head,
            Err(problem) => return Ok(Step::Bad(problem)),
        };
        if head.end() > end {
            return Ok(Step::Bad(BatchError::Truncated));
        }
        self.position = head.end();
        Ok(Step::Batch(head))
    }

    /// Whether the checksum of a batch that was just met is that of its bytes.
    pub(crate) fn check_crc(&mut self, head: &Head) -> Result<bool, LogError> {
        Ok(self
            .crcs(head)?
            .is_some_and(|(stored, of_bytes)| stored == of_bytes))
    }

    /// The checksum that a batch has, and that of its bytes; `None`: they are not all there.
    pub(crate) fn crcs(&mut self, head: &Head) -> Result<Option<(u32, u32)>, LogError> {
        const PIECE: usize = 64 << 10;
        let (algorithm, stored_at, from) = if head.magic == MAGIC_V2 {
            (crc_fast::CrcAlgorithm::Crc32Iscsi, 17, 21)
        } else {
            (crc_fast::CrcAlgorithm::Crc32IsoHdlc, 12, MAGIC_AT as u64)
        };
        let Some(stored) = self.bytes(head.position + stored_at, 4)?.first_chunk() else {
            return Ok(None);
        };
        let stored = u32::from_be_bytes(*stored);
        let mut digest = crc_fast::Digest::new(algorithm);
        let mut at = head.position + from;
        while at < head.end() {
            let wanted = PIECE.min((head.end() - at) as usize);
            let bytes = self.bytes(at, wanted)?;
            if bytes.is_empty() {
                return Ok(None);
            }
            digest.update(bytes);
            at += bytes.len() as u64;
        }
        Ok(Some((stored, digest.finalize() as u32)))
    }

    /// Goes on at `position`.
    pub(crate) fn resume_at(&mut self, position: u64) {
        self.position = position;
    }

    /// The next sound batch of format 2 that begins at `from` or after it and whose offsets are within `offsets`: how
    /// what was damaged is passed. `None`: there is none, or `budget` bytes of checksums did not find it.
    pub(crate) fn find_sound(
        &mut self,
        from: u64,
        offsets: std::ops::RangeInclusive<i64>,
        mut budget: u64,
    ) -> Result<Option<Head>, LogError> {
        let (mut at, end) = (from, self.end);
        while at + BatchHead::MOST as u64 <= end {
            let bytes = self.bytes(at, 64 << 10)?;
            if bytes.len() < BatchHead::MOST {
                return Ok(None);
            }
            let windows = bytes.windows(BatchHead::MOST);
            let starts = windows.len() as u64;
            let found = windows.zip(at..).find_map(|(bytes, position)| {
                let head = (bytes[MAGIC_AT] == MAGIC_V2 as u8).then(|| parse(bytes, position));
                head?.ok().filter(|head| {
                    let delta = head.last_offset.wrapping_sub(head.base_offset);
                    let count = i64::from(head.count.unwrap_or(-1));
                    offsets.contains(&head.base_offset)
                        && offsets.contains(&head.last_offset)
                        && (0..=delta.saturating_add(1)).contains(&count)
                        && head.end() <= end
                })
            });
            let Some(head) = found else {
                at += starts;
                continue;
            };
            if head.size as u64 > budget {
                return Ok(None);
            }
            budget -= head.size as u64;
            if self.check_crc(&head)? {
                return Ok(Some(head));
            }
            at = head.position + 1;
        }
        Ok(None)
    }

    /// The error for what was met in place of a batch.
    pub(crate) fn damaged(&self, problem: &BatchError) -> LogError {
        LogError::Corrupt {
            path: self.path.path().into_owned(),
            position: self.position,
            problem: problem.to_string(),
        }
    }

    /// The error for a batch whose records cannot be read.
    pub(crate) fn corrupt(&self, head: &Head, error: &BatchError) -> LogError {
        LogError::Corrupt {
            path: self.path.path().into_owned(),
            position: head.position,
            problem: error.to_string(),
        }
    }

    /// All bytes of a batch that was just met.
    pub(crate) fn whole(&self, head: &Head) -> Result<Bytes, LogError> {
        let mut bytes = vec![0; head.size];
        file::read_exact(self.file, self.path, head.position, &mut bytes)?;
        Ok(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn batches_are_walked_over_by_their_heads() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        let mut bytes = Vec::new();
        let mut offset = 0;
        for n in 0..300 {
            let mut batch = testing::batch(1 + n % 3, 1000 + i64::from(n), n as usize * 50);
            batch.set_base_offset(offset);
            offset = batch.next_offset();
            bytes.extend_from_slice(&batch.to_bytes());
        }
        std::fs::write(&path, &bytes).unwrap();
        let file = File::open(&path).unwrap();
        let walk = |end: u64, mut scan: Scan<'_>| {
            let (mut seen, mut next, mut position) = (0, 0, 0);
            loop {
                match scan.next().unwrap() {
                    Step::Batch(head) => {
                        assert_eq!((head.base_offset, head.position), (next, position));
                        assert!(scan.check_crc(&head).unwrap());
                        next = head.next_offset();
                        position = head.end();
                        seen += 1;
                    }
                    Step::End => return (seen, position, true),
                    Step::Bad(_) => {
                        assert!(position < end);
                        return (seen, position, false);
                    }
                }
            }
        };
        let len = bytes.len() as u64;
        assert_eq!(walk(len, Scan::few(&file, &path, 0, len)), (300, len, true));
        assert_eq!(
            walk(len, Scan::many(&file, &path, 0, len)),
            (300, len, true)
        );
        let (seen, _, whole) = walk(len - 1, Scan::many(&file, &path, 0, len - 1));
        assert_eq!((seen, whole), (299, false));
    }

    #[test]
    fn what_is_no_batch_is_said_so() {
        let batch = testing::batch(1, 0, 10).to_bytes();
        for (at, byte) in [(16, 3_u8), (16, 0xff), (8, 0x80), (23, 0xff)] {
            let mut bytes = batch.to_vec();
            bytes[at] = byte;
            assert!(parse(&bytes, 0).is_err(), "byte {at}");
        }
        for len in 0..BatchHead::MOST {
            assert!(parse(&batch[..len], 0).is_err(), "{len} bytes");
        }
    }
}
