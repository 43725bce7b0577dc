//! Putting a cleaned segment in the place of those that it was made from.
//!
//! The order of the renames is Kafka's, so that a crash between any two of them leaves either all of the old files or
//! all of the new ones: see `recovery::settle`.

use std::path::PathBuf;
use std::sync::Arc;

use crate::error::LogError;
use crate::file;
use crate::log::Log;
use crate::names::{DELETED, SWAP};
use crate::segment::Segment;
use crate::snapshot;
use crate::trim::Removal;

impl Log {
    /// Replaces `group` with `cleaned`, whose files are on disk as `.cleaned`. `None`, and nothing is done: these
    /// segments are not in the log any more.
    pub(super) fn replace_segments(
        &mut self,
        cleaned: &Arc<Segment>,
        group: &[Arc<Segment>],
        now_ms: i64,
    ) -> Result<Option<Removal>, LogError> {
        let view = self.view();
        let Some(at) = view
            .segments
            .windows(group.len() + 1)
            .position(|some| some.iter().zip(group).all(|(a, b)| Arc::ptr_eq(a, b)))
        else {
            return Ok(None);
        };
        let next = at + group.len();
        // The batches that an epoch began with may go, and nobody could find its beginning in what is left.
        self.write_epochs_before(view.segments[next].base_offset())
            .inspect_err(|_| drop(cleaned.remove_files()))?;
        // Readers of the old segments keep to the old files, and ask again for what they read meanwhile.
        for segment in group {
            segment.pin()?;
        }
        self.publish(|view| view.swaps = view.swaps.wrapping_add(1));
        if let Err(error) = cleaned.rename(SWAP) {
            // A part of it must not look like a swap that has begun. After this point nothing may be removed.
            let _ = cleaned.remove_files();
            return Err(error);
        }
        let mut removal = Removal {
            not_before_ms: now_ms.saturating_add(self.config.file_delete_delay_ms),
            ..Removal::default()
        };
        let halfway = |error: LogError| error.halfway("segments are being replaced");
        for segment in group {
            removal
                .files
                .extend(segment.mark_deleted().map_err(halfway)?);
            removal.segments += 1;
        }
        cleaned.rename("").map_err(halfway)?;
        let segments = view.segments[..at]
            .iter()
            .chain([cleaned])
            .chain(&view.segments[next..])
            .cloned()
            .collect();
        self.publish(|view| {
            view.segments = segments;
            view.swaps = view.swaps.wrapping_add(1);
        });
        for segment in &group[1..] {
            removal
                .files
                .extend(self.mark_snapshot_deleted(segment.base_offset())?);
        }
        Ok(Some(removal))
    }

    /// Renames the producer snapshot at `offset`; its new name, if there is one.
    pub(crate) fn mark_snapshot_deleted(&self, offset: i64) -> Result<Option<PathBuf>, LogError> {
        let path = snapshot::path(&self.dir(), offset);
        let mut to = path.clone().into_os_string();
        to.push(DELETED);
        let to = PathBuf::from(to);
        match file::rename(&path, &to) {
            Ok(()) => Ok(Some(to)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
