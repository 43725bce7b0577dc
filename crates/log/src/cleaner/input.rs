//! Reading all batches of a segment in large pieces.

use bytes::{Bytes, BytesMut};
use ottla_wire::records::{Batch, BatchError, BatchHead, Batches};

use crate::error::LogError;
use crate::file;
use crate::names::Kind;
use crate::segment::Segment;

/// A walk over the whole batches of a segment that takes no more records.
pub(super) struct Input<'a> {
    segment: &'a Segment,
    position: u64,
    end: u64,
    piece: usize,
}

impl<'a> Input<'a> {
    /// From `position` on, `piece` bytes at a time; more for a batch that is larger.
    pub(super) fn new(segment: &'a Segment, position: u32, piece: usize) -> Self {
        Self {
            segment,
            position: u64::from(position),
            end: u64::from(segment.size()),
            piece,
        }
    }

    /// Where it is now.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// The error for something at `position`.
    pub(super) fn corrupt(&self, position: u64, problem: impl ToString) -> LogError {
        LogError::Corrupt {
            path: self.segment.path(Kind::Log),
            position,
            problem: problem.to_string(),
        }
    }

    fn read(&self, len: usize) -> Result<Bytes, LogError> {
        let mut piece = BytesMut::zeroed(len);
        let path = self.segment.path(Kind::Log);
        file::read_exact(&*self.segment.log_file()?, &path, self.position, &mut piece)?;
        Ok(piece.freeze())
    }

    /// The next piece, which begins with a whole batch; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, LogError> {
        let left = self.end.saturating_sub(self.position);
        if left == 0 {
            return Ok(None);
        }
        let mut piece = self.read(self.piece.max(BatchHead::MOST).min(left as usize))?;
        let size = Batch::size(&piece).map_err(|error| self.corrupt(self.position, error))?;
        if size as u64 > left {
            return Err(self.corrupt(
                self.position,
                format!("a batch of {size} bytes begins here, and the segment has {left} more"),
            ));
        }
        if size > piece.len() {
            piece = self.read(size)?;
        }
        Ok(Some(piece))
    }

    /// Shows every whole batch of a piece, and its position, to `each`, until it says `false`; whether it did not.
    pub(super) fn walk(
        &mut self,
        piece: Bytes,
        mut each: impl FnMut(&BatchHead, &Bytes) -> Result<bool, BatchError>,
    ) -> Result<bool, LogError> {
        let from = self.position;
        let mut batches = Batches::new(piece);
        let mut at = 0;
        while let Some(next) = batches.next() {
            let corrupt = |error: BatchError| self.corrupt(from + at, error);
            let (head, bytes) = next.map_err(corrupt)?;
            if !each(&head, &bytes).map_err(corrupt)? {
                return Ok(false);
            }
            at = batches.whole() as u64;
        }
        self.position = from + batches.whole() as u64;
        Ok(true)
    }
}
