//! One partition's log: appending, rolling, flushing. Reading is in reader.rs, cutting in trim.rs, opening in
//! recovery.rs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_wire::Code;
use ottla_wire::records::{Batch, BatchError, TimestampType};
use thiserror::Error;

use crate::checkpoint;
use crate::config::LogConfig;
use crate::error::LogError;
use crate::file;
use crate::names::Kind;
use crate::producers::{
    Appending, BatchMetadata, Checks, Origin, Prepared, ProducerError, ProducerState, Producers,
    Update, VerificationGuard,
};
use crate::reader::{LogReader, Offsets, View};
use crate::segment::{Incoming, Place, Segment};
use crate::snapshot;

/// One partition's log. One owner appends and cuts; [`Log::reader`] serves everybody else without its lock.
pub struct Log {
    pub(crate) reader: LogReader,
    pub(crate) place: Arc<Place>,
    pub(crate) config: Arc<LogConfig>,
    pub(crate) producers: Producers,
    pub(crate) recovery_point: i64,
    pub(crate) producer_expiry_ms: i64,
    pub(crate) last_flush_ms: i64,
}

/// How a leader appends.
#[derive(Clone, Copy, Debug)]
pub struct Leading {
    /// Its epoch, which every batch gets.
    pub leader_epoch: i32,
    /// Who appends.
    pub origin: Origin,
    /// Now.
    pub now_ms: i64,
    /// Shows that the producer's transaction was verified: from [`Log::start_verification`].
    pub guard: VerificationGuard,
    /// With transaction markers: the transaction version of the producer.
    pub transaction_version: i16,
}

impl Leading {
    /// An append that needs no verification.
    pub fn new(leader_epoch: i32, origin: Origin, now_ms: i64) -> Self {
        Self {
            leader_epoch,
            origin,
            now_ms,
            guard: VerificationGuard::NONE,
            transaction_version: 0,
        }
    }

    /// With the guard of a verified transaction.
    #[must_use]
    pub fn verified(self, guard: VerificationGuard) -> Self {
        Self { guard, ..self }
    }
}

/// What became of an append.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Appended {
    /// The offset of the first record; -1 if there was none.
    pub first_offset: i64,
    /// The offset of the last record; -1 if there was none.
    pub last_offset: i64,
    /// When the broker appended it, if that is what its timestamps mean; else -1.
    pub log_append_time: i64,
    /// The log start offset.
    pub log_start_offset: i64,
    /// Nothing was appended: the batch is in the log already, at the offsets above.
    pub duplicate: bool,
    /// A new segment began: the older ones should be flushed soon ([`Log::flush_work`]).
    pub rolled: bool,
}

/// Why nothing was appended.
#[derive(Debug, Error)]
pub enum AppendError {
    /// MESSAGE_TOO_LARGE.
    #[error("the batch has {size} bytes, max.message.bytes allows {limit}")]
    TooLarge {
        /// Of the batch.
        size: usize,
        /// `max.message.bytes`.
        limit: u32,
    },
    /// RECORD_LIST_TOO_LARGE.
    #[error("the batches have {size} bytes together, a segment holds {limit} (segment.bytes)")]
    ListTooLarge {
        /// Of all batches.
        size: u64,
        /// `segment.bytes`.
        limit: u32,
    },
    /// CORRUPT_MESSAGE: a batch from a leader was damaged on the way.
    #[error("a batch is corrupt: {0}")]
    Corrupt(BatchError),
    /// A leader sent offsets that are in the log already.
    #[error("the batch begins at offset {found}, the log ends at {expected}")]
    UnexpectedOffset {
        /// The first offset of the batch.
        found: i64,
        /// The log end offset.
        expected: i64,
    },
    /// A leader sent batches whose offsets do not grow.
    #[error("a batch that ends at offset {found} follows one that ends at {last}")]
    OffsetsOutOfOrder {
        /// The last offset of the batch before it.
        last: i64,
        /// Its own.
        found: i64,
    },
    /// The producer's state forbids it.
    #[error(transparent)]
    Producer(#[from] ProducerError),
    /// The files cannot be written.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl AppendError {
    /// Its error code. What only a leader can do wrong has none.
    pub fn code(&self) -> Code {
        match self {
            Self::TooLarge { .. } => Code::MESSAGE_TOO_LARGE,
            Self::ListTooLarge { .. } => Code::RECORD_LIST_TOO_LARGE,
            Self::Corrupt(_) => Code::CORRUPT_MESSAGE,
            Self::UnexpectedOffset { .. } | Self::OffsetsOutOfOrder { .. } => {
                Code::UNKNOWN_SERVER_ERROR
            }
            Self::Producer(error) => error.code(),
            Self::Log(_) => Code::KAFKA_STORAGE_ERROR,
        }
    }
}

/// Making a log durable up to an offset, without its lock: [`Log::flush_work`], [`FlushWork::run`], [`Log::flushed`].
pub struct FlushWork {
    segments: Vec<Arc<Segment>>,
    active: i64,
    snapshot: Option<PathBuf>,
    dir: Option<PathBuf>,
    upto: i64,
    truncations: u32,
}

impl FlushWork {
    /// Does it: one fsync a file.
    pub fn run(&self) -> Result<(), LogError> {
        for segment in &self.segments {
            tolerate_missing(segment.flush())?;
        }
        for segment in &self.segments {
            if segment.base_offset() != self.active {
                tolerate_missing(segment.rest_indexes())?;
            }
        }
        if let Some(path) = &self.snapshot {
            tolerate_missing(file::open(path).and_then(|file| file::sync(&file, path)))?;
        }
        match &self.dir {
            Some(dir) => tolerate_missing(file::sync_dir(dir)),
            None => Ok(()),
        }
    }
}

/// What was deleted meanwhile needs no flush.
fn tolerate_missing(result: Result<(), LogError>) -> Result<(), LogError> {
    match result {
        Err(error) if error.is_not_found() => Ok(()),
        other => other,
    }
}

impl Log {
    /// Reads this log, from any thread.
    pub fn reader(&self) -> LogReader {
        self.reader.clone()
    }

    /// All offsets.
    pub fn offsets(&self) -> Offsets {
        self.reader.offsets()
    }

    /// Where its files are.
    pub fn dir(&self) -> PathBuf {
        self.place.dir()
    }

    /// Its settings.
    pub fn config(&self) -> &Arc<LogConfig> {
        &self.config
    }

    /// Other settings, from the next append on.
    pub fn set_config(&mut self, config: Arc<LogConfig>) {
        self.config = config;
    }

    /// The directory was renamed to `dir`.
    pub fn moved(&mut self, dir: &Path) {
        self.place.moved(dir);
    }

    /// Up to where everything is on disk: goes into `recovery-point-offset-checkpoint`.
    pub fn recovery_point(&self) -> i64 {
        self.recovery_point
    }

    /// When it was last flushed.
    pub fn last_flush_ms(&self) -> i64 {
        self.last_flush_ms
    }

    /// The log start offset if `log-start-offset-checkpoint` must name it: when no file name says it.
    pub fn log_start_to_checkpoint(&self) -> Option<i64> {
        let view = self.reader.shared.view.read();
        let first = view.segments[0].base_offset();
        (view.log_start > first).then_some(view.log_start)
    }

    pub(crate) fn view(&self) -> View {
        self.reader.view()
    }

    /// Changes what readers see.
    pub(crate) fn publish(&mut self, change: impl FnOnce(&mut View)) {
        let mut view = self.reader.shared.view.write();
        change(&mut view);
        view.end_position = view.active().size();
        let start = view.log_start;
        view.first_unstable = self.producers.first_unstable().map(|o| o.max(start));
    }

    /// Appends batches that were validated: gives them offsets and the leader's epoch.
    pub fn append_as_leader(
        &mut self,
        mut batches: Vec<Batch>,
        how: &Leading,
    ) -> Result<Appended, AppendError> {
        let limit = self.config.max_message_bytes;
        if let Some(size) = batches
            .iter()
            .map(Batch::size_in_bytes)
            .find(|size| *size > limit as usize)
        {
            return Err(AppendError::TooLarge { size, limit });
        }
        let mut next = self.offsets().log_end;
        for batch in &mut batches {
            batch.set_base_offset(next);
            batch.set_leader_epoch(how.leader_epoch);
            next = batch.next_offset();
        }
        let checks = Checks {
            origin: how.origin,
            guard: how.guard,
            transaction_version: how.transaction_version,
        };
        self.append(&batches, &checks, how.now_ms)
    }

    /// Appends what a leader sent: offsets and epochs are its own. Offsets may have gaps, but grow.
    pub fn append_as_follower(
        &mut self,
        batches: &[Batch],
        now_ms: i64,
    ) -> Result<Appended, AppendError> {
        let expected = self.offsets().log_end;
        let mut last = None;
        for batch in batches {
            batch.check_crc().map_err(AppendError::Corrupt)?;
            match last {
                None if batch.base_offset() < expected => {
                    return Err(AppendError::UnexpectedOffset {
                        found: batch.base_offset(),
                        expected,
                    });
                }
                Some(last) if batch.last_offset() <= last => {
                    let found = batch.last_offset();
                    return Err(AppendError::OffsetsOutOfOrder { last, found });
                }
                _ => last = Some(batch.last_offset()),
            }
        }
        self.append(batches, &Checks::REPLAY, now_ms)
    }

    fn append(
        &mut self,
        batches: &[Batch],
        checks: &Checks,
        now_ms: i64,
    ) -> Result<Appended, AppendError> {
        let log_start_offset = self.offsets().log_start;
        let (Some(first), Some(last)) = (batches.first(), batches.last()) else {
            return Ok(Appended {
                first_offset: -1,
                last_offset: -1,
                log_append_time: -1,
                log_start_offset,
                duplicate: false,
                rolled: false,
            });
        };
        let size: u64 = batches.iter().map(|b| b.size_in_bytes() as u64).sum();
        let limit = self.config.segment_bytes;
        if size > u64::from(limit) {
            return Err(AppendError::ListTooLarge { size, limit });
        }
        let update = match self.prepare(batches, checks)? {
            Prepared::Repetition(known) => return Ok(duplicate(&known, log_start_offset)),
            Prepared::Update(update) => update,
        };
        let incoming = Incoming {
            size: size as u32,
            max_timestamp: batches.iter().map(Batch::max_timestamp).max().unwrap_or(-1),
            last_offset: last.last_offset(),
            now_ms,
        };
        let rolled = self.roll_if_due(&incoming, first.base_offset())?;
        self.assign_epochs(batches)?;
        let active = self.view().active().clone();
        active.append(batches, self.config.index_interval_bytes)?;
        let noted = self.take_over(&update, &active);
        let log_end = last.next_offset();
        self.producers.map_end = log_end;
        self.publish(|view| view.log_end = log_end);
        noted?;
        if log_end - self.recovery_point >= self.config.flush_messages {
            self.flush(now_ms)?;
        }
        let appended_by_broker =
            first.attributes().timestamp_type() == TimestampType::LogAppendTime;
        Ok(Appended {
            first_offset: first.base_offset(),
            last_offset: last.last_offset(),
            log_append_time: if appended_by_broker {
                first.max_timestamp()
            } else {
                -1
            },
            log_start_offset,
            duplicate: false,
            rolled,
        })
    }

    fn prepare(&self, batches: &[Batch], checks: &Checks) -> Result<Prepared, ProducerError> {
        // Most batches have a producer id, and come alone.
        match batches {
            [batch] if !batch.has_producer_id() => Ok(Prepared::Update(Update::default())),
            [batch] => self
                .producers
                .prepare(&[Appending::of_batch(batch)], checks),
            _ => {
                let all: Vec<_> = batches.iter().map(Appending::of_batch).collect();
                self.producers.prepare(&all, checks)
            }
        }
    }

    fn take_over(&mut self, update: &Update, active: &Segment) -> Result<(), LogError> {
        self.producers.apply(update);
        for completed in &update.completed {
            if completed.aborted {
                active.add_aborted(self.producers.aborted(completed))?;
            }
            self.producers.complete(completed);
        }
        Ok(())
    }

    fn assign_epochs(&mut self, batches: &[Batch]) -> Result<(), LogError> {
        for batch in batches {
            self.assign_epoch(batch.leader_epoch(), batch.base_offset())?;
        }
        Ok(())
    }

    /// The leader's epoch `epoch` begins at `start_offset`: at the first append, or when a leader takes over.
    pub fn assign_epoch(&mut self, epoch: i32, start_offset: i64) -> Result<(), LogError> {
        if self.reader.latest_epoch() == Some(epoch) {
            return Ok(());
        }
        let mut epochs = self.reader.leader_epochs();
        if epochs.assign(epoch, start_offset) {
            self.write_epochs(epochs)?;
        }
        Ok(())
    }

    pub(crate) fn write_epochs(
        &mut self,
        epochs: crate::epochs::LeaderEpochs,
    ) -> Result<(), LogError> {
        epochs.write(&self.dir().join(checkpoint::LEADER_EPOCHS))?;
        *self.reader.shared.epochs.write() = epochs;
        Ok(())
    }

    fn roll_if_due(&mut self, incoming: &Incoming, first_offset: i64) -> Result<bool, LogError> {
        let due = self.view().active().should_roll(&self.config, incoming)?;
        if due {
            self.roll_at(first_offset, incoming.now_ms)?;
        }
        Ok(due)
    }

    /// Ends the active segment and begins a new one; does nothing if it is empty.
    pub fn roll(&mut self, now_ms: i64) -> Result<bool, LogError> {
        self.roll_at(self.offsets().log_end, now_ms)
    }

    fn roll_at(&mut self, offset: i64, now_ms: i64) -> Result<bool, LogError> {
        let view = self.view();
        let base_offset = offset.max(view.log_end);
        let active = view.active();
        if active.base_offset() == base_offset {
            return Ok(false);
        }
        for kind in Kind::SEGMENT {
            file::remove(&self.place.file(kind, base_offset))?;
        }
        active.end()?;
        active.rest_indexes()?;
        let segment = Segment::create(&self.place, base_offset, &self.config, now_ms)?;
        self.producers.map_end = base_offset;
        self.take_snapshot(false)?;
        let segments = view
            .segments
            .iter()
            .cloned()
            .chain([Arc::new(segment)])
            .collect();
        self.publish(|view| view.segments = segments);
        Ok(true)
    }

    /// Writes the producer state of this moment, unless it was written already.
    pub(crate) fn take_snapshot(&mut self, sync: bool) -> Result<(), LogError> {
        write_snapshot(&mut self.producers, &self.place, sync)
    }

    /// What must be done to make the log durable up to `offset`; `None`: nothing.
    pub fn flush_work(&self, offset: i64) -> Option<FlushWork> {
        let view = self.view();
        let upto = offset.min(view.log_end);
        if upto <= self.recovery_point {
            return None;
        }
        let from = view.floor(self.recovery_point);
        let segments: Vec<_> = view.segments[from..]
            .iter()
            .filter(|segment| segment.base_offset() < upto)
            .cloned()
            .collect();
        let new = segments
            .iter()
            .any(|segment| segment.base_offset() >= self.recovery_point);
        let dir = self.dir();
        let last = self.producers.last_snapshot;
        Some(FlushWork {
            segments,
            active: view.active().base_offset(),
            snapshot: (last > self.recovery_point).then(|| snapshot::path(&dir, last)),
            dir: new.then_some(dir),
            upto,
            truncations: view.truncations,
        })
    }

    /// What was flushed moves the recovery point.
    pub fn flushed(&mut self, work: &FlushWork, now_ms: i64) {
        self.last_flush_ms = now_ms;
        let (truncations, log_end) = {
            let view = self.reader.shared.view.read();
            (view.truncations, view.log_end)
        };
        if truncations == work.truncations && work.upto > self.recovery_point {
            self.recovery_point = work.upto.min(log_end);
        }
    }

    /// Makes the whole log durable.
    pub fn flush(&mut self, now_ms: i64) -> Result<(), LogError> {
        if let Some(work) = self.flush_work(i64::MAX) {
            work.run()?;
            self.flushed(&work, now_ms);
        }
        Ok(())
    }

    /// Replication went on; the high watermark after it, which stays between the ends of the log.
    pub fn update_high_watermark(&mut self, offset: i64) -> i64 {
        let offsets = self.offsets();
        let offset = offset.min(offsets.log_end).max(offsets.log_start);
        self.producers.replicated(offset);
        self.publish(|view| view.high_watermark = offset);
        offset
    }

    /// A guard for the transaction of a producer that is about to append, to be verified with its coordinator and
    /// given back with the append; [`VerificationGuard::NONE`] if the transaction is open here already.
    pub fn start_verification(
        &mut self,
        producer_id: i64,
        sequence: i32,
        epoch: i16,
        supports_epoch_bump: bool,
        now_ms: i64,
    ) -> Result<VerificationGuard, ProducerError> {
        self.producers
            .start_verification(producer_id, sequence, epoch, supports_epoch_bump, now_ms)
    }

    /// Whether a producer has a transaction open under this epoch.
    pub fn has_ongoing_transaction(&self, producer_id: i64, epoch: i16) -> bool {
        self.producers.has_ongoing(producer_id, epoch)
    }

    /// The producers that wrote here lately: what DescribeProducers shows.
    pub fn active_producers(&self) -> impl Iterator<Item = &ProducerState> {
        self.producers.states().values()
    }

    /// Where the oldest open transaction begins.
    pub fn first_undecided_offset(&self) -> Option<i64> {
        self.producers.first_undecided()
    }

    /// Whether a transaction is open for longer than any may be.
    pub fn has_late_transaction(&self, now_ms: i64, max_transaction_timeout_ms: i64) -> bool {
        const BUFFER_MS: i64 = 5 * 60 * 1000;
        self.producers
            .oldest_transaction_timestamp()
            .is_some_and(|last| last > 0 && now_ms - last > max_transaction_timeout_ms + BUFFER_MS)
    }

    /// Forgets producers that wrote nothing for `producer.id.expiration.ms`.
    pub fn expire_producers(&mut self, now_ms: i64) {
        self.producers.expire(now_ms, self.producer_expiry_ms);
    }

    /// Closes its files while nobody needs them; they are opened again when somebody does.
    pub fn rest(&mut self) -> Result<(), LogError> {
        for segment in self.view().segments.iter() {
            segment.rest()?;
        }
        Ok(())
    }

    /// Ends a session with it: everything is on disk, and the next start need not look at it. Returns the recovery
    /// point to write down.
    pub fn close(mut self, now_ms: i64) -> Result<i64, LogError> {
        let view = self.view();
        let ended = view.active().end()?;
        match self.flush_work(i64::MAX) {
            Some(work) => {
                work.run()?;
                self.flushed(&work, now_ms);
            }
            // The last time index entry is new.
            None if ended => view.active().flush()?,
            None => {}
        }
        self.take_snapshot(true)?;
        self.rest()?;
        Ok(self.recovery_point)
    }
}

fn duplicate(known: &BatchMetadata, log_start_offset: i64) -> Appended {
    Appended {
        first_offset: known.first_offset(),
        last_offset: known.last_offset,
        log_append_time: known.timestamp,
        log_start_offset,
        duplicate: true,
        rolled: false,
    }
}

/// Writes the producer state as of `producers.map_end`, unless that was done.
pub(crate) fn write_snapshot(
    producers: &mut Producers,
    place: &Place,
    sync: bool,
) -> Result<(), LogError> {
    if producers.map_end <= producers.last_snapshot {
        return Ok(());
    }
    let path = snapshot::path(&place.dir(), producers.map_end);
    snapshot::write(&path, producers.states().values(), sync)?;
    producers.last_snapshot = producers.map_end;
    Ok(())
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log")
            .field("dir", &self.dir())
            .field("offsets", &self.offsets())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests;
