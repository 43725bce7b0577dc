//! A log as the copy of another one, in another log directory: it is aligned, fed, and takes the other one's place.

use bytes::Bytes;
use ottla_wire::records::batch::MAGIC_V2;
use ottla_wire::records::{Batch, BatchError, BatchHead, Batches};
use thiserror::Error;

use crate::append::AppendError;
use crate::error::LogError;
use crate::log::Log;
use crate::reader::{LogReader, ReadError, UpperBound};
use crate::segment::{Incoming, Written};
use crate::trim::Removal;

/// What a step of copying did.
#[derive(Debug, Default)]
pub struct Copied {
    /// Bytes that were copied.
    pub bytes: u64,
    /// Whether a segment was begun: those before it should be flushed soon.
    pub rolled: bool,
    /// Whether the copy ended where the other log did at that moment.
    pub caught_up: bool,
    /// Segments of the copy that were not the other log's.
    pub removal: Removal,
}

/// Why a log cannot be copied.
#[derive(Debug, Error)]
pub enum CopyError {
    /// The log that is copied cannot be read.
    #[error("the log cannot be read: {0}")]
    Read(#[from] ReadError),
    /// The copy cannot be written.
    #[error("the copy cannot be written: {0}")]
    Write(#[from] LogError),
    /// The copy refuses a batch.
    #[error("the copy cannot be written: {0}")]
    Append(AppendError),
    /// A batch of the log is damaged.
    #[error("the log is damaged after offset {offset}: {problem}")]
    Damaged {
        /// Where the copy ends.
        offset: i64,
        /// What is wrong.
        problem: BatchError,
    },
}

impl From<AppendError> for CopyError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Log(error) => Self::Write(error),
            other => Self::Append(other),
        }
    }
}

impl Log {
    /// Copies up to `max_bytes` more of `source`, at least one batch. What this log has and `source` has not, or not any
    /// more, goes first.
    ///
    /// # Errors
    /// Whose fault it is; what was copied before stays.
    pub fn copy_from(
        &mut self,
        source: &LogReader,
        max_bytes: usize,
        now_ms: i64,
    ) -> Result<Copied, CopyError> {
        let mut copied = Copied {
            removal: self.align_with(source, now_ms)?,
            ..Copied::default()
        };
        let from = self.offsets().log_end;
        let fetched = match source.read(from, max_bytes, true, UpperBound::LogEnd) {
            // It was shortened between two looks: the next step begins anew.
            Err(ReadError::OffsetOutOfRange { .. }) => return Ok(copied),
            other => other?,
        };
        if let Some(slice) = fetched.slice {
            let mut batches = Batches::new(slice.read()?);
            for batch in &mut batches {
                let (head, bytes) = batch.map_err(|problem| CopyError::Damaged {
                    offset: self.offsets().log_end,
                    problem,
                })?;
                copied.rolled |= self.copy_batch(&head, bytes, now_ms)?;
                copied.bytes += head.size as u64;
            }
        }
        self.update_high_watermark(fetched.high_watermark);
        // Records after the start may have begun in a batch before it.
        let end = self.offsets().log_end;
        self.move_log_start(source.offsets().log_start.min(end))?;
        copied.caught_up = end == source.offsets().log_end;
        Ok(copied)
    }

    /// Cuts off what `source` does not have, by its leader epochs and its offsets; begins where it begins.
    fn align_with(&mut self, source: &LogReader, now_ms: i64) -> Result<Removal, LogError> {
        let theirs = source.offsets();
        let mut all = Removal::default();
        if self.offsets().log_end < theirs.log_start {
            return self.truncate_fully_and_start_at(theirs.log_start, None, now_ms);
        }
        let mut keep = self.offsets().log_end.min(theirs.log_end);
        if let Some(latest) = self.reader.latest_epoch() {
            match source.offset_for_leader_epoch(latest) {
                Some((epoch, end)) if epoch == latest => keep = keep.min(end),
                // Of another history: only what both have of an older epoch is the same.
                Some((epoch, end)) => {
                    let mine = self.reader.offset_for_leader_epoch(epoch);
                    keep = keep.min(end.min(mine.map_or(end, |(_, mine)| mine)));
                }
                None => {}
            }
        }
        if keep < self.offsets().log_end {
            all.join(self.truncate_to(keep, now_ms)?.1);
        }
        Ok(all)
    }

    /// Whether a segment was begun.
    fn copy_batch(
        &mut self,
        head: &BatchHead,
        bytes: Bytes,
        now_ms: i64,
    ) -> Result<bool, CopyError> {
        let offsets = self.offsets();
        let is_empty = offsets.log_start == offsets.log_end;
        if is_empty && head.base_offset < offsets.log_end {
            // The log starts within its first batch.
            self.truncate_fully_and_start_at(head.base_offset, None, now_ms)?
                .run()?;
        }
        if head.magic != MAGIC_V2 {
            return self.copy_old_batch(head, &bytes, now_ms);
        }
        let batch = Batch::first(&bytes).map_err(|problem| CopyError::Damaged {
            offset: offsets.log_end,
            problem,
        })?;
        Ok(self.append_as_follower(&[batch], now_ms)?.rolled)
    }

    /// Messages of format v0 and v1, which know no producers and no leader epochs.
    fn copy_old_batch(
        &mut self,
        head: &BatchHead,
        bytes: &[u8],
        now_ms: i64,
    ) -> Result<bool, CopyError> {
        let rolled = self.roll_if_due(
            &Incoming {
                size: head.size as u32,
                max_timestamp: head.max_timestamp,
                last_offset: head.last_offset,
                now_ms,
            },
            head.base_offset,
        )?;
        let written = Written {
            last_offset: head.last_offset,
            max_timestamp: head.max_timestamp,
            size: head.size as u32,
        };
        let active = self.view().active().clone();
        active.append_written(bytes, &[written], self.config.index_interval_bytes)?;
        let end = head.last_offset + 1;
        self.producers.map_end = end;
        self.publish(|view| view.log_end = end);
        Ok(rolled)
    }

    /// Takes the place of `current`, whose copy this is: what is in no record comes along.
    ///
    /// # Errors
    /// If the two do not end at the same offset, and nothing has changed then; or if the log start cannot be moved.
    pub fn succeed(&mut self, current: &mut Self) -> Result<(), LogError> {
        let (mine, theirs) = (self.offsets(), current.offsets());
        if mine.log_end != theirs.log_end {
            return Err(LogError::Invalid {
                path: self.dir(),
                problem: format!(
                    "the copy ends at offset {}, the log itself at {}",
                    mine.log_end, theirs.log_end
                ),
            });
        }
        if let Some((epoch, start)) = current.reader.leader_epochs().entries().last().copied() {
            // An epoch without records is in no batch.
            self.assign_epoch(epoch, start.min(theirs.log_end));
        }
        self.move_log_start(theirs.log_start)?;
        self.update_high_watermark(theirs.high_watermark);
        self.producers.adopt_verifications(&mut current.producers);
        Ok(())
    }

    /// Keeps its place after all: `copy` did [`Log::succeed`], and could not take it.
    pub fn resume(&mut self, copy: &mut Self) {
        self.producers.adopt_verifications(&mut copy.producers);
    }
}

#[cfg(test)]
mod tests;
