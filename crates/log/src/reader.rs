//! Reading a log while it is being appended to: no lock is held during I/O.

use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use thiserror::Error;

use crate::epochs::{EpochsFile, LeaderEpochs};
use crate::error::LogError;
use crate::file::FileSlice;
use crate::segment::Segment;
use crate::txn_index::AbortedTransaction;

/// What a reader sees of a log at one moment.
#[derive(Clone)]
pub(crate) struct View {
    /// Never empty; the last one is active.
    pub(crate) segments: Arc<[Arc<Segment>]>,
    pub(crate) log_start: i64,
    pub(crate) log_end: i64,
    /// Where the log ends in the active segment.
    pub(crate) end_position: u32,
    pub(crate) high_watermark: i64,
    pub(crate) first_unstable: Option<i64>,
    /// Grows with each truncation: positions from before it mean nothing.
    pub(crate) truncations: u32,
    /// Grows when compaction is about to replace segments, and when it has: what was read by name may be another's.
    pub(crate) swaps: u32,
}

impl View {
    pub(crate) fn last_stable(&self) -> i64 {
        match self.first_unstable {
            Some(offset) => offset.min(self.high_watermark),
            None => self.high_watermark,
        }
    }

    pub(crate) fn active(&self) -> &Arc<Segment> {
        &self.segments[self.segments.len() - 1]
    }

    /// The place of the segment that `offset` is in, or of the first.
    pub(crate) fn floor(&self, offset: i64) -> usize {
        self.segments
            .partition_point(|segment| segment.base_offset() <= offset)
            .saturating_sub(1)
    }
}

/// Where in the files an upper bound is.
#[derive(Clone, Copy)]
struct Bound {
    offset: i64,
    truncations: u32,
    swaps: u32,
    base_offset: i64,
    position: u32,
}

pub(crate) struct Shared {
    pub(crate) view: RwLock<View>,
    pub(crate) epochs: RwLock<LeaderEpochs>,
    pub(crate) epochs_file: EpochsFile,
    bounds: Mutex<[Option<Bound>; 2]>,
}

/// Reads a log; cheap to clone, independent of the lock that appends take.
#[derive(Clone)]
pub struct LogReader {
    pub(crate) shared: Arc<Shared>,
}

/// Up to where a fetch may read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UpperBound {
    /// Followers: everything.
    LogEnd,
    /// Consumers: what is replicated.
    HighWatermark,
    /// Consumers with `read_committed`: what no open transaction follows.
    LastStable,
}

/// What a read found.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Whole batches from the one that contains the offset on; the last one may be cut short by the limit.
    /// `None`: nothing there now.
    pub slice: Option<FileSlice>,
    /// The high watermark at that moment.
    pub high_watermark: i64,
    /// The last stable offset at that moment.
    pub last_stable_offset: i64,
    /// The log start offset at that moment.
    pub log_start_offset: i64,
    /// The log end offset at that moment.
    pub log_end_offset: i64,
    /// With [`UpperBound::LastStable`]: the aborted transactions that the records may belong to.
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    /// The limit was smaller than the first batch.
    pub first_entry_incomplete: bool,
}

/// Why a read found nothing.
#[derive(Debug, Error)]
pub enum ReadError {
    /// OFFSET_OUT_OF_RANGE.
    #[error("offset {offset} is not in the log, which begins at {start} and ends at {end}")]
    OffsetOutOfRange {
        /// The one asked for.
        offset: i64,
        /// Log start offset.
        start: i64,
        /// Log end offset.
        end: i64,
    },
    /// The files cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// The offsets of a log at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offsets {
    /// Records before it are deleted.
    pub log_start: i64,
    /// The next record gets it.
    pub log_end: i64,
    /// Records before it are replicated.
    pub high_watermark: i64,
    /// Records before it belong to no open transaction.
    pub last_stable: i64,
}

impl LogReader {
    pub(crate) fn new(view: View, epochs: LeaderEpochs, epochs_file: EpochsFile) -> Self {
        Self {
            shared: Arc::new(Shared {
                view: RwLock::new(view),
                epochs: RwLock::new(epochs),
                epochs_file,
                bounds: Mutex::new([None; 2]),
            }),
        }
    }

    pub(crate) fn view(&self) -> View {
        self.shared.view.read().clone()
    }

    /// All offsets, as of one moment.
    pub fn offsets(&self) -> Offsets {
        let view = self.shared.view.read();
        Offsets {
            log_start: view.log_start,
            log_end: view.log_end,
            high_watermark: view.high_watermark,
            last_stable: view.last_stable(),
        }
    }

    /// Bytes in all segments.
    pub fn size_in_bytes(&self) -> u64 {
        let view = self.view();
        view.segments.iter().map(|s| u64::from(s.size())).sum()
    }

    /// How many segments there are.
    pub fn segment_count(&self) -> usize {
        self.shared.view.read().segments.len()
    }

    /// Files that are open now.
    pub fn open_files(&self) -> usize {
        self.view().segments.iter().map(|s| s.open_files()).sum()
    }

    /// The leader epochs and their start offsets.
    pub fn leader_epochs(&self) -> LeaderEpochs {
        self.shared.epochs.read().clone()
    }

    /// The newest leader epoch.
    pub fn latest_epoch(&self) -> Option<i32> {
        self.shared.epochs.read().latest()
    }

    /// Where a leader epoch ends here, and the largest epoch not above it: what OffsetForLeaderEpoch answers.
    pub fn offset_for_leader_epoch(&self, epoch: i32) -> Option<(i32, i64)> {
        let log_end = self.offsets().log_end;
        self.shared.epochs.read().end_offset_for(epoch, log_end)
    }

    /// Reads from `offset` on, at most `max_bytes`; at least the first batch if `at_least_one`.
    pub fn read(
        &self,
        offset: i64,
        max_bytes: usize,
        at_least_one: bool,
        upto: UpperBound,
    ) -> Result<Fetched, ReadError> {
        let mut tries = 0;
        loop {
            let view = self.view();
            match self.read_in(&view, offset, max_bytes, at_least_one, upto) {
                // The segment was deleted, or cut, between two looks.
                Err(ReadError::Log(error))
                    if tries < 3
                        && (error.is_not_found() || self.truncations() != view.truncations) =>
                {
                    tries += 1;
                }
                // The index of aborted transactions may have been that of a cleaned segment.
                Ok(_) if upto == UpperBound::LastStable && self.swaps() != view.swaps => {}
                other => return other,
            }
        }
    }

    fn swaps(&self) -> u32 {
        self.shared.view.read().swaps
    }

    fn truncations(&self) -> u32 {
        self.shared.view.read().truncations
    }

    fn read_in(
        &self,
        view: &View,
        offset: i64,
        max_bytes: usize,
        at_least_one: bool,
        upto: UpperBound,
    ) -> Result<Fetched, ReadError> {
        if offset < view.log_start || offset > view.log_end {
            return Err(ReadError::OffsetOutOfRange {
                offset,
                start: view.log_start,
                end: view.log_end,
            });
        }
        let mut fetched = Fetched {
            slice: None,
            high_watermark: view.high_watermark,
            last_stable_offset: view.last_stable(),
            log_start_offset: view.log_start,
            log_end_offset: view.log_end,
            aborted_transactions: (upto == UpperBound::LastStable).then(Vec::new),
            first_entry_incomplete: false,
        };
        let bound = match upto {
            UpperBound::LogEnd => view.log_end,
            UpperBound::HighWatermark => view.high_watermark,
            UpperBound::LastStable => view.last_stable(),
        };
        if offset >= bound {
            return Ok(fetched);
        }
        let bound = self.locate(view, bound)?;
        for (n, segment) in view
            .segments
            .iter()
            .enumerate()
            .skip(view.floor(offset))
            .take_while(|(_, segment)| segment.base_offset() <= bound.base_offset)
        {
            let Some(head) = segment.translate_sound(offset)? else {
                continue;
            };
            let end = if segment.base_offset() == bound.base_offset {
                bound.position
            } else {
                segment.size()
            };
            let mut limit = max_bytes;
            if at_least_one {
                limit = limit.max(head.size);
            }
            let there = (u64::from(end)).saturating_sub(head.position);
            let len = limit.min(there as usize);
            if len == 0 {
                return Ok(fetched);
            }
            fetched.slice = Some(FileSlice {
                file: segment.log_file()?,
                position: head.position,
                len,
            });
            fetched.first_entry_incomplete = limit < head.size;
            if upto == UpperBound::LastStable {
                let aborted = aborted(view, n, offset, head.position + len as u64)?;
                fetched.aborted_transactions = Some(aborted);
            }
            return Ok(fetched);
        }
        Ok(fetched)
    }

    /// Where in the files `offset` is; remembered, since it is asked again and again.
    fn locate(&self, view: &View, offset: i64) -> Result<Bound, LogError> {
        let bound = |base_offset, position| Bound {
            offset,
            truncations: view.truncations,
            swaps: view.swaps,
            base_offset,
            position,
        };
        if offset == view.log_end {
            return Ok(bound(view.active().base_offset(), view.end_position));
        }
        let known = |b: &Bound| {
            b.offset == offset && b.truncations == view.truncations && b.swaps == view.swaps
        };
        if let Some(found) = self
            .shared
            .bounds
            .lock()
            .iter()
            .flatten()
            .find(|b| known(b))
        {
            return Ok(*found);
        }
        let segment = &view.segments[view.floor(offset)];
        let found = match segment.translate(offset)? {
            Some(head) => bound(segment.base_offset(), head.position as u32),
            None => bound(segment.base_offset(), segment.size()),
        };
        let mut bounds = self.shared.bounds.lock();
        bounds.swap(0, 1);
        bounds[0] = Some(found);
        Ok(found)
    }
}

/// The aborted transactions that may concern what was read from `offset` on, up to `end` in segment `n`.
fn aborted(
    view: &View,
    n: usize,
    offset: i64,
    end: u64,
) -> Result<Vec<AbortedTransaction>, LogError> {
    let upper = match view.segments[n].indexed_offset_at(end)? {
        Some(offset) => offset,
        None => view
            .segments
            .get(n + 1)
            .map_or(view.log_end, |next| next.base_offset()),
    };
    let mut found = Vec::new();
    for segment in &view.segments[n..] {
        if segment.aborted(offset, upper, &mut found)? {
            break;
        }
    }
    Ok(found)
}
