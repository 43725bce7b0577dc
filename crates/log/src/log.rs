//! One partition's log. Opening it is in recovery.rs, appending in append.rs, flushing in flush.rs, cutting in trim.rs,
//! reading in reader.rs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::LogConfig;
use crate::epochs::LeaderEpochs;
use crate::error::LogError;
use crate::file;
use crate::names::{self, Kind};
use crate::producers::{ProducerError, ProducerState, Producers, VerificationGuard};
use crate::reader::{LogReader, Offsets, View};
use crate::segment::{Place, Segment};
use crate::snapshot;

/// One partition's log. One owner appends and cuts; [`Log::reader`] serves everybody else without its lock.
pub struct Log {
    pub(crate) reader: LogReader,
    pub(crate) place: Arc<Place>,
    pub(crate) config: Arc<LogConfig>,
    pub(crate) producers: Producers,
    pub(crate) recovery_point: i64,
    /// The segments that begin before it have durable indexes.
    pub(crate) index_point: i64,
    pub(crate) producer_expiry_ms: i64,
    pub(crate) last_flush_ms: i64,
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

    /// Another `producer.id.expiration.ms`, from the next look at the producers on.
    pub fn set_producer_expiry(&mut self, expiry_ms: i64) {
        self.producer_expiry_ms = expiry_ms;
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

    /// Takes over other epochs, once they are written down.
    pub(crate) fn write_epochs(&mut self, epochs: LeaderEpochs) -> Result<(), LogError> {
        let shared = &self.reader.shared;
        let take_over = |epochs| *shared.epochs.write() = epochs;
        shared.epochs_file.write(&self.dir(), || epochs, take_over)
    }

    /// Writes down the leader epochs of the records before `upto`, if that was not done.
    pub(crate) fn write_epochs_before(&self, upto: i64) -> Result<(), LogError> {
        write_epochs_before(&self.reader, &self.dir(), upto)
    }

    /// Ends the active segment and begins a new one; does nothing if it is empty.
    pub fn roll(&mut self, now_ms: i64) -> Result<bool, LogError> {
        self.roll_at(self.offsets().log_end, now_ms)
    }

    pub(crate) fn roll_at(&mut self, offset: i64, now_ms: i64) -> Result<bool, LogError> {
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
        self.producers.map_end = base_offset;
        let created = Segment::create(&self.place, base_offset, &self.config, now_ms)
            .and_then(|segment| self.take_snapshot(false).map(|()| segment));
        // Without room for the new segment the log goes on in the old one.
        let segment = created.inspect_err(|_| Segment::discard(&self.place, base_offset))?;
        let segments = view
            .segments
            .iter()
            .cloned()
            .chain([Arc::new(segment)])
            .collect();
        self.publish(|view| view.segments = segments);
        Ok(true)
    }

    /// Sees to it that the next `bytes` bytes of the active segment need no more room than is there now, and says so;
    /// its length stays. Where the file system cannot do that, nothing happens.
    pub fn reserve(&self, bytes: u64) -> Result<(), LogError> {
        self.view().active().reserve(bytes)
    }

    /// Gives back what [`Log::reserve`] took.
    pub fn give_back(&self) -> Result<(), LogError> {
        self.view().active().give_back()
    }

    /// The same for the log in `dir`, which is not open.
    pub fn give_back_in(dir: &Path) -> Result<(), LogError> {
        for name in file::list(dir, false)? {
            if matches!(names::parse(&name), Some((_, Kind::Log, ""))) {
                let path = dir.join(name);
                let opened = file::open(&path)?;
                file::set_length(&opened, &path, file::length(&opened, &path)?)?;
            }
        }
        Ok(())
    }

    /// The base offset of the active segment, and its size in bytes.
    pub fn active_segment(&self) -> (i64, u32) {
        let view = self.view();
        (view.active().base_offset(), view.active().size())
    }

    /// Writes the producer state of this moment, unless it was written already.
    pub(crate) fn take_snapshot(&mut self, sync: bool) -> Result<(), LogError> {
        write_snapshot(&mut self.producers, &self.place, sync)
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
        let work = self.flush_work(i64::MAX);
        if let Some(work) = &work {
            work.run()?;
            self.flushed(work, now_ms);
        }
        // From here on its indexes are believed.
        if ended || work.is_some() {
            view.active().flush()?;
        }
        self.write_epochs_before(view.log_end)?;
        self.take_snapshot(true)?;
        self.sync_snapshot()?;
        self.rest()?;
        Ok(self.recovery_point)
    }

    /// What recovery wrote is durable only from now on: a start after a clean stop believes it.
    fn sync_snapshot(&mut self) -> Result<(), LogError> {
        if std::mem::take(&mut self.producers.snapshot_unsynced) {
            let dir = self.dir();
            let path = snapshot::path(&dir, self.producers.last_snapshot);
            match file::open(&path).and_then(|file| file::sync(&file, &path)) {
                // A log without producers may have none.
                Err(error) if error.is_not_found() => {}
                synced => {
                    synced?;
                    file::sync_dir(&dir)?;
                }
            }
        }
        Ok(())
    }
}

pub(crate) fn write_epochs_before(
    reader: &LogReader,
    dir: &Path,
    upto: i64,
) -> Result<(), LogError> {
    let shared = &reader.shared;
    if !shared.epochs_file.is_due(upto) {
        return Ok(());
    }
    shared
        .epochs_file
        .write(dir, || reader.leader_epochs(), |_| {})
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
    producers.snapshot_unsynced = !sync;
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
