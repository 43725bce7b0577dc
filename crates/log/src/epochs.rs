//! Which leader epoch began at which offset: `leader-epoch-checkpoint`, and the questions that followers ask of it.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::Mutex;

use crate::checkpoint;
use crate::error::LogError;

/// The leader epochs of a log, oldest first; epochs and start offsets both grow.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LeaderEpochs {
    entries: Vec<(i32, i64)>,
}

impl LeaderEpochs {
    /// Reads the checkpoint; none if there is no file.
    pub(crate) fn read(path: &Path) -> Result<Self, LogError> {
        let mut epochs = Self::default();
        for (epoch, start) in checkpoint::read_epochs(path)? {
            epochs.assign(epoch, start);
        }
        Ok(epochs)
    }

    /// Replaces the checkpoint.
    pub(crate) fn write(&self, path: &Path) -> Result<(), LogError> {
        checkpoint::write_epochs(path, &self.entries)
    }

    /// The epochs and their start offsets.
    pub fn entries(&self) -> &[(i32, i64)] {
        &self.entries
    }

    /// The newest epoch.
    pub fn latest(&self) -> Option<i32> {
        self.entries.last().map(|(epoch, _)| *epoch)
    }

    /// The epoch before the newest, for followers that truncate.
    pub fn previous(&self, epoch: i32) -> Option<i32> {
        let at = self.entries.partition_point(|(e, _)| *e < epoch);
        self.entries[..at].last().map(|(epoch, _)| *epoch)
    }

    /// The oldest epoch and its start offset.
    pub fn earliest(&self) -> Option<(i32, i64)> {
        self.entries.first().copied()
    }

    /// The epoch of the record at `offset`.
    pub fn epoch_of(&self, offset: i64) -> Option<i32> {
        let after = self.entries.partition_point(|(_, start)| *start <= offset);
        self.entries[..after].last().map(|(epoch, _)| *epoch)
    }

    /// `epoch` begins at `start`. Entries that contradict it are dropped: those of this epoch or a later one, and
    /// those that begin there or later. Whether anything changed.
    pub(crate) fn assign(&mut self, epoch: i32, start: i64) -> bool {
        if epoch < 0 || start < 0 {
            return false;
        }
        if let Some(&(latest, latest_start)) = self.entries.last()
            && epoch == latest
            && start >= latest_start
        {
            return false;
        }
        while let Some(&(last, last_start)) = self.entries.last()
            && (last >= epoch || last_start >= start)
        {
            self.entries.pop();
        }
        self.entries.push((epoch, start));
        true
    }

    /// Where `epoch` ends in this log, and the largest epoch not above it: what OffsetForLeaderEpoch answers.
    pub fn end_offset_for(&self, epoch: i32, log_end_offset: i64) -> Option<(i32, i64)> {
        if epoch < 0 {
            return None;
        }
        if self.latest() == Some(epoch) {
            return Some((epoch, log_end_offset));
        }
        let after = self.entries.partition_point(|(e, _)| *e <= epoch);
        let (_, end) = *self.entries.get(after)?;
        let floor = self.entries[..after].last().map_or(epoch, |(e, _)| *e);
        Some((floor, end))
    }

    /// Drops epochs that begin at `end` or after it. Whether anything changed.
    pub(crate) fn truncate_from_end(&mut self, end: i64) -> bool {
        let keep = self.entries.partition_point(|(_, start)| *start < end);
        let changed = end >= 0 && keep < self.entries.len();
        if changed {
            self.entries.truncate(keep);
        }
        changed
    }

    /// Drops epochs that ended before `start`; the one that contains it begins there now. Whether anything changed.
    pub(crate) fn truncate_from_start(&mut self, start: i64) -> bool {
        let upto = self.entries.partition_point(|(_, s)| *s <= start);
        if upto == 0 || (upto == 1 && self.entries[0].1 == start) {
            return false;
        }
        self.entries.drain(..upto - 1);
        self.entries[0].1 = start;
        true
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// The first offset that the two say different things of; `None`: they are the same.
    pub(crate) fn first_difference(&self, other: &Self) -> Option<i64> {
        let pairs = self.entries.iter().zip(&other.entries);
        let same = pairs.take_while(|(mine, theirs)| mine == theirs).count();
        let next = |epochs: &Self| epochs.entries.get(same).map(|(_, start)| *start);
        next(self).into_iter().chain(next(other)).min()
    }
}

/// How far `leader-epoch-checkpoint` is behind what is in memory.
///
/// A new epoch is written when records of it are flushed, not when it begins: until then a start reads its batches again
/// and finds it there, and an epoch without records means nothing after a start. So a node that comes to lead thousands of
/// quiet partitions writes none of these files.
pub(crate) struct EpochsFile {
    /// Held by who writes the file.
    writing: Mutex<()>,
    /// Of what is before it, the file says what is in memory.
    unwritten_from: AtomicI64,
}

impl EpochsFile {
    /// A file that is right up to this offset; `None`: up to the end.
    pub(crate) fn behind(from: Option<i64>) -> Self {
        Self {
            writing: Mutex::new(()),
            unwritten_from: AtomicI64::new(from.unwrap_or(i64::MAX)),
        }
    }

    /// What is in memory changed, from this offset on. To be said after the change.
    pub(crate) fn note(&self, from: i64) {
        self.unwritten_from.fetch_min(from, Ordering::AcqRel);
    }

    /// Whether the file must be written before the log is said to be on disk up to `upto`.
    pub(crate) fn is_due(&self, upto: i64) -> bool {
        self.unwritten_from.load(Ordering::Acquire) < upto
    }

    /// Writes the file, then lets `done` take over what it says.
    pub(crate) fn write(
        &self,
        dir: &Path,
        epochs: impl FnOnce() -> LeaderEpochs,
        done: impl FnOnce(LeaderEpochs),
    ) -> Result<(), LogError> {
        let _writing = self.writing.lock();
        // What changes from here on is noted anew.
        let before = self.unwritten_from.swap(i64::MAX, Ordering::AcqRel);
        let epochs = epochs();
        match epochs.write(&dir.join(checkpoint::LEADER_EPOCHS)) {
            Ok(()) => done(epochs),
            Err(error) => {
                self.note(before);
                return Err(error);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(entries: &[(i32, i64)]) -> LeaderEpochs {
        LeaderEpochs {
            entries: entries.to_vec(),
        }
    }

    #[test]
    fn an_epoch_without_records_is_replaced() {
        let mut found = LeaderEpochs::default();
        for (epoch, start, changed) in [
            (0, 0, true),
            (0, 5, false),
            (2, 20, true),
            (4, 20, true),
            (4, 25, false),
            (-1, 30, false),
        ] {
            assert_eq!(found.assign(epoch, start), changed, "{epoch} at {start}");
        }
        assert_eq!(found.entries(), [(0, 0), (4, 20)]);
        assert!(found.assign(3, 10), "an older epoch drops the newer ones");
        assert_eq!(found.entries(), [(0, 0), (3, 10)]);
    }

    #[test]
    fn an_epoch_ends_where_the_next_begins() {
        let found = epochs(&[(2, 10), (4, 20), (7, 30)]);
        for (epoch, expected) in [
            (-1, None),
            (1, Some((1, 10))),
            (2, Some((2, 20))),
            (3, Some((2, 20))),
            (4, Some((4, 30))),
            (6, Some((4, 30))),
            (7, Some((7, 40))),
            (8, None),
        ] {
            assert_eq!(found.end_offset_for(epoch, 40), expected, "epoch {epoch}");
        }
        assert_eq!(LeaderEpochs::default().end_offset_for(0, 5), None);
        assert_eq!(found.epoch_of(9), None);
        assert_eq!(found.epoch_of(10), Some(2));
        assert_eq!(found.epoch_of(29), Some(4));
        assert_eq!(found.previous(7), Some(4));
        assert_eq!(found.previous(2), None);
    }

    #[test]
    fn truncation_keeps_what_is_left() {
        let all = [(2, 10), (4, 20), (7, 30)];
        for (end, expected) in [(31, 3), (30, 2), (20, 1), (0, 0), (-1, 3)] {
            let mut found = epochs(&all);
            assert_eq!(found.truncate_from_end(end), expected < 3);
            assert_eq!(found.entries(), &all[..expected], "end {end}");
        }
        for (start, expected, changed) in [
            (5, &all[..], false),
            (10, &all[..], false),
            (15, &[(2, 15), (4, 20), (7, 30)], true),
            (20, &[(4, 20), (7, 30)], true),
            (99, &[(7, 99)], true),
        ] {
            let mut found = epochs(&all);
            assert_eq!(found.truncate_from_start(start), changed);
            assert_eq!(found.entries(), expected, "start {start}");
        }
    }
}
