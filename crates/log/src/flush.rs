//! Making a log durable.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::LogError;
use crate::file;
use crate::log::{Log, write_epochs_before};
use crate::reader::LogReader;
use crate::segment::{Place, Segment};
use crate::snapshot;

/// Making a log durable up to an offset, without its lock: [`Log::flush_work`], [`FlushWork::run`], [`Log::flushed`].
pub struct FlushWork {
    reader: LogReader,
    place: Arc<Place>,
    segments: Vec<Arc<Segment>>,
    active: i64,
    snapshots: Vec<PathBuf>,
    dir: Option<PathBuf>,
    names: bool,
    upto: i64,
    truncations: u32,
    held_back: AtomicBool,
}

impl FlushWork {
    /// Does it: one fsync a file.
    pub fn run(&self) -> Result<(), LogError> {
        self.sync()?;
        match tolerate_missing(write_epochs_before(
            &self.reader,
            &self.place.dir(),
            self.upto,
        )) {
            // The records are on disk, but a start must read them once more to know their epochs.
            Err(error) if error.is_full() => {
                self.held_back.store(true, Ordering::Relaxed);
                Ok(())
            }
            written => written,
        }
    }

    /// Whether the recovery point stays, because there was no room to write down the epochs of what was flushed.
    pub fn is_held_back(&self) -> bool {
        self.held_back.load(Ordering::Relaxed)
    }

    /// Up to which offset it makes the log durable.
    pub fn upto(&self) -> i64 {
        self.upto
    }

    fn sync(&self) -> Result<(), LogError> {
        for segment in &self.segments {
            let flushed = match segment.base_offset() == self.active {
                true => segment.flush_records(),
                false => segment.flush(),
            };
            tolerate_missing(flushed)?;
        }
        for segment in &self.segments {
            if segment.base_offset() != self.active {
                tolerate_missing(segment.rest_indexes())?;
            }
        }
        for path in &self.snapshots {
            let sync = || file::open(path).and_then(|file| file::sync(&file, path));
            tolerate_missing(self.place.durably(sync))?;
        }
        match &self.dir {
            _ if self.names => tolerate_missing(self.place.sync_names()),
            Some(dir) => tolerate_missing(self.place.durably(|| file::sync_dir(dir))),
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
    /// What must be done to make the log durable up to `offset`; `None`: nothing.
    pub fn flush_work(&self, offset: i64) -> Option<FlushWork> {
        let view = self.view();
        let upto = offset.min(view.log_end);
        let active = view.active().base_offset();
        let indexes_are_durable = self.index_point >= active.min(upto);
        // A log that never had a record has nothing to lose.
        let names = self.place.are_names_due() && view.log_end > 0;
        if upto <= self.recovery_point && indexes_are_durable && !names {
            return None;
        }
        let from = view.floor(self.recovery_point.min(self.index_point));
        let segments: Vec<_> = view.segments[from..]
            .iter()
            .filter(|segment| segment.base_offset() < upto)
            .cloned()
            .collect();
        let new = segments
            .iter()
            .any(|segment| segment.base_offset() >= self.recovery_point);
        let dir = self.dir();
        // One is written when a segment begins, and one when a log is closed.
        let bases = view.segments.iter().map(|it| it.base_offset());
        let mut snapshots: Vec<_> = bases.filter(|at| *at > self.recovery_point).collect();
        let last = self.producers.last_snapshot;
        if last > self.recovery_point && !snapshots.contains(&last) {
            snapshots.push(last);
        }
        Some(FlushWork {
            reader: self.reader(),
            place: self.place.clone(),
            held_back: AtomicBool::new(false),
            segments,
            active,
            snapshots: snapshots
                .iter()
                .map(|at| snapshot::path(&dir, *at))
                .collect(),
            dir: new.then_some(dir),
            names,
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
        if truncations != work.truncations || work.is_held_back() {
            return;
        }
        self.recovery_point = self.recovery_point.max(work.upto.min(log_end));
        if work.upto >= work.active {
            self.index_point = self.index_point.max(work.active);
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
}
