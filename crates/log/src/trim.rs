//! Taking away from a log: truncation at its end, retention and DeleteRecords at its beginning.

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use crate::error::LogError;
use crate::file;
use crate::log::Log;
use crate::recovery;
use crate::segment::Segment;
use crate::snapshot;

/// Files that are renamed to `.deleted` and out of the log, to be removed when readers are done with them.
#[derive(Debug, Default)]
#[must_use = "the files stay on disk until `run`"]
pub struct Removal {
    /// The files.
    pub files: Vec<PathBuf>,
    /// How many segments they were.
    pub segments: usize,
    /// When to remove them: `file.delete.delay.ms` from now.
    pub not_before_ms: i64,
}

impl Removal {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Removes the files. Those that are gone already are no error.
    pub fn run(&self) -> Result<(), LogError> {
        for path in &self.files {
            file::remove(path)?;
        }
        Ok(())
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.files.extend(other.files);
        self.segments += other.segments;
        self.not_before_ms = self.not_before_ms.max(other.not_before_ms);
    }
}

/// Why records cannot be deleted.
#[derive(Debug, Error)]
pub enum DeleteError {
    /// OFFSET_OUT_OF_RANGE.
    #[error("records can be deleted up to the high watermark {high_watermark}, not up to {offset}")]
    OffsetOutOfRange {
        /// The one asked for.
        offset: i64,
        /// The high watermark.
        high_watermark: i64,
    },
    /// The files cannot be written.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl Log {
    /// Renames the files of segments, and the producer snapshots at their base offsets.
    pub(crate) fn mark_deleted(
        &mut self,
        segments: &[Arc<Segment>],
        now_ms: i64,
    ) -> Result<Removal, LogError> {
        let mut removal = Removal {
            not_before_ms: now_ms.saturating_add(self.config.file_delete_delay_ms),
            ..Removal::default()
        };
        for segment in segments {
            removal.files.extend(segment.mark_deleted()?);
            removal.segments += 1;
            let marked = self.mark_snapshot_deleted(segment.base_offset())?;
            removal.files.extend(marked);
        }
        Ok(removal)
    }

    /// Cuts away `offset` and what follows: what another leader has not. Whether there was anything to cut.
    ///
    /// The recovery point falls with it: write it down before the log grows again, or a crash leaves it too high.
    pub fn truncate_to(&mut self, offset: i64, now_ms: i64) -> Result<(bool, Removal), LogError> {
        if offset < 0 {
            return Err(LogError::Invalid {
                path: self.dir(),
                problem: format!("a log cannot be truncated to offset {offset}"),
            });
        }
        let view = self.view();
        let mut epochs = self.reader.leader_epochs();
        if offset >= view.log_end {
            if epochs.truncate_from_end(view.log_end) {
                self.write_epochs(epochs)?;
            }
            return Ok((false, Removal::default()));
        }
        if offset < view.segments[0].base_offset() {
            let removal = self.truncate_fully_and_start_at(offset, None, now_ms)?;
            return Ok((true, removal));
        }
        // What is flushed ends here now: should the process die in between, the rest is looked at again.
        self.recovery_point = self.recovery_point.min(offset);
        self.index_point = self.index_point.min(offset);
        let keep = view.floor(offset) + 1;
        let (kept, gone) = view.segments.split_at(keep);
        let last = kept[keep - 1].clone();
        let end_position = last.position_of(offset)?;
        let kept: Arc<[_]> = kept.into();
        // Readers leave before anything is cut.
        {
            let mut view = self.reader.shared.view.write();
            view.segments = kept;
            view.log_end = offset;
            view.end_position = end_position;
            view.log_start = view.log_start.min(offset);
            view.high_watermark = view.high_watermark.min(offset);
            view.truncations = view.truncations.wrapping_add(1);
        }
        let cut = self.cut_files(gone, &last, offset, now_ms);
        let removal = cut.map_err(|error| error.halfway("the log is being truncated"))?;
        if epochs.truncate_from_end(offset) {
            self.write_epochs(epochs)?;
        }
        self.rebuild_producers(offset, now_ms)?;
        Ok((true, removal))
    }

    /// The last segment first: whatever is left when this fails is a log without a hole.
    fn cut_files(
        &mut self,
        gone: &[Arc<Segment>],
        last: &Segment,
        offset: i64,
        now_ms: i64,
    ) -> Result<Removal, LogError> {
        let mut removal = Removal::default();
        for segment in gone.iter().rev() {
            removal.join(self.mark_deleted(std::slice::from_ref(segment), now_ms)?);
        }
        last.truncate_to(offset, now_ms)?;
        Ok(removal)
    }

    /// Drops everything; the next record gets `offset`. The log starts there, or at `log_start`.
    pub fn truncate_fully_and_start_at(
        &mut self,
        offset: i64,
        log_start: Option<i64>,
        now_ms: i64,
    ) -> Result<Removal, LogError> {
        let view = self.view();
        self.recovery_point = self.recovery_point.min(offset);
        self.index_point = self.index_point.min(offset);
        let removal = self.mark_deleted(&view.segments, now_ms)?;
        let segment = Segment::create(&self.place, offset, &self.config, now_ms)?;
        for at in snapshot::list(&self.dir())? {
            file::remove(&snapshot::path(&self.dir(), at))?;
        }
        self.producers.clear();
        self.producers.map_end = offset;
        self.producers.last_snapshot = 0;
        let start = log_start.unwrap_or(offset);
        let segments: Arc<[_]> = [Arc::new(segment)].into();
        self.publish(|view| {
            view.segments = segments;
            view.log_end = offset;
            view.log_start = start;
            view.high_watermark = offset;
            view.truncations = view.truncations.wrapping_add(1);
        });
        let mut epochs = self.reader.leader_epochs();
        epochs.clear();
        self.write_epochs(epochs)?;
        self.rebuild_producers(offset, now_ms)?;
        Ok(removal)
    }

    fn rebuild_producers(&mut self, log_end: i64, now_ms: i64) -> Result<(), LogError> {
        let view = self.view();
        let snapshots = snapshot::list(&self.dir())?;
        recovery::rebuild_producers(
            &mut self.producers,
            &recovery::Rebuild {
                place: &self.place,
                snapshots: &snapshots,
                segments: &view.segments,
                log_start: view.log_start,
                log_end,
                clean: false,
                now_ms,
                expiry_ms: self.producer_expiry_ms,
            },
        )?;
        self.producers.replicated(view.high_watermark);
        self.publish(|_| {});
        Ok(())
    }

    /// Deletes the records before `offset` (-1: before the high watermark); the log start offset after it. Their
    /// segments go with the next [`Log::delete_old_segments`].
    pub fn delete_records_before(&mut self, offset: i64) -> Result<i64, DeleteError> {
        let offsets = self.offsets();
        let high_watermark = offsets.high_watermark;
        let offset = if offset == -1 { high_watermark } else { offset };
        if offset < 0 || offset > high_watermark {
            return Err(DeleteError::OffsetOutOfRange {
                offset,
                high_watermark,
            });
        }
        self.move_log_start(offset)?;
        Ok(self.offsets().log_start)
    }

    /// A follower, or a snapshot, moves the log start offset; backwards it does not go.
    pub fn move_log_start(&mut self, offset: i64) -> Result<(), LogError> {
        if offset <= self.offsets().log_start {
            return Ok(());
        }
        if offset > self.recovery_point {
            // It passes the beginning of segments whose names no flush has made durable.
            self.place.names_are_due();
            self.recovery_point = offset;
        }
        self.producers.replicated(offset);
        self.producers.map_end = self.producers.map_end.max(offset);
        self.publish(|view| {
            view.log_start = offset;
            view.high_watermark = view.high_watermark.max(offset);
        });
        let mut epochs = self.reader.leader_epochs();
        // The recovery point may have passed epochs that are not written down yet.
        if epochs.truncate_from_start(offset) || self.reader.shared.epochs_file.is_due(offset) {
            match self.write_epochs(epochs.clone()) {
                // On a full disk records can be deleted: the next start, or the next epoch, cuts what the file has too much.
                Err(error) if error.is_full() => *self.reader.shared.epochs.write() = epochs,
                other => other?,
            }
        }
        Ok(())
    }

    /// Takes out of the log what retention no longer keeps: segments below the log start offset, too much, too old.
    pub fn delete_old_segments(&mut self, now_ms: i64) -> Result<Removal, LogError> {
        let mut removal = self.delete_segments_below_start(now_ms)?;
        if !self.config.delete {
            return Ok(removal);
        }
        let (bytes, age) = (self.config.retention_bytes, self.config.retention_ms);
        let mut surplus = self.reader.size_in_bytes() as i64 - bytes;
        if bytes >= 0 && surplus >= 0 {
            removal.join(self.delete_while(now_ms, |segment, _| {
                let size = i64::from(segment.size());
                let delete = surplus - size >= 0;
                if delete {
                    surplus -= size;
                }
                Ok(delete)
            })?);
        }
        if age >= 0 {
            removal.join(self.delete_while(now_ms, |segment, _| {
                Ok(now_ms.saturating_sub(segment.largest_timestamp()?) > age)
            })?);
        }
        Ok(removal)
    }

    /// Takes out of the log the segments below the log start offset, whatever the retention.
    pub fn delete_segments_below_start(&mut self, now_ms: i64) -> Result<Removal, LogError> {
        let log_start = self.offsets().log_start;
        self.delete_while(now_ms, |_, next| {
            Ok(next.is_some_and(|next| next.base_offset() <= log_start))
        })
    }

    /// Deletes segments from the first on, as long as `wanted` holds; never above the high watermark.
    fn delete_while(
        &mut self,
        now_ms: i64,
        mut wanted: impl FnMut(&Segment, Option<&Segment>) -> Result<bool, LogError>,
    ) -> Result<Removal, LogError> {
        let view = self.view();
        let mut count = 0;
        for (n, segment) in view.segments.iter().enumerate() {
            let next = view.segments.get(n + 1);
            let end = next.map_or(view.log_end, |next| next.base_offset());
            if (next.is_none() && segment.size() == 0)
                || view.high_watermark < end
                || !wanted(segment, next.map(|next| &**next))?
            {
                break;
            }
            count += 1;
        }
        if count == 0 {
            return Ok(Removal::default());
        }
        if count == view.segments.len() {
            match self.roll(now_ms) {
                // On a full disk, what can be deleted makes room for the rest.
                Err(error) if error.is_full() && count > 1 => count -= 1,
                other => {
                    other?;
                }
            }
        }
        let view = self.view();
        let (gone, kept) = view.segments.split_at(count);
        self.move_log_start(kept[0].base_offset())?;
        let kept: Arc<[_]> = kept.into();
        // Readers leave the segments before their files get other names.
        self.publish(|view| view.segments = kept);
        self.mark_deleted(gone, now_ms)
    }
}

#[cfg(test)]
mod tests;
