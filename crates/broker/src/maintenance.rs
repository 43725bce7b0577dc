//! What must be done from time to time: retention, flushing, checkpoints, closing quiet files, removing deleted ones, giving
//! memory back.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ottla_log::Removal;
use parking_lot::Mutex;
use tokio::{sync::watch, time::MissedTickBehavior};
use tracing::{error, info};

use crate::{
    broker::Broker,
    clock,
    log_dirs::{self, Checkpoints, LogDir, LogDirs},
    memory::Freed,
    partition::Partition,
    task,
};

/// How often due removals are looked for, and flushes by time.
const TICK: Duration = Duration::from_secs(1);
/// How often a log is tried again for which there was no room.
const RETRY_FULL_EVERY: u64 = 3;
/// How often files of logs that nobody used are closed.
const REST_EVERY: u64 = 30;
/// How often memory that is free is looked at.
const GIVE_BACK_EVERY: u64 = 5;

/// Files and directories that are out of use and stay on disk until their time. One entry per renamed segment group or
/// partition directory, so that the queue is bounded by what is on disk.
#[derive(Default)]
pub(crate) struct Removals {
    segments: Mutex<Vec<Removal>>,
    directories: Mutex<Vec<(i64, PathBuf)>>,
}

impl Removals {
    /// Removes these files when their delay has passed.
    pub(crate) fn segments(&self, removal: Removal) {
        if !removal.is_empty() {
            self.segments.lock().push(removal);
        }
    }

    /// Removes this directory at that time.
    pub(crate) fn directory(&self, path: PathBuf, not_before_ms: i64) {
        self.directories.lock().push((not_before_ms, path));
    }

    /// A directory has failed: what is in it stays.
    pub(crate) fn forget(&self, dir: &LogDir) {
        let is_in = |path: &Path| path.starts_with(dir.path());
        self.segments
            .lock()
            .retain(|it| !it.files.iter().any(|file| is_in(file)));
        self.directories.lock().retain(|(_, path)| !is_in(path));
    }

    fn run_due(&self, log_dirs: &LogDirs, now_ms: i64) {
        let due: Vec<_> = self
            .segments
            .lock()
            .extract_if(.., |it| it.not_before_ms <= now_ms)
            .collect();
        for removal in due {
            if let Err(fault) = removal.run() {
                log_dirs.noticed(&fault);
                error!(%fault, "deleted segments could not be removed");
            }
        }
        let due: Vec<_> = self
            .directories
            .lock()
            .extract_if(.., |(at, _)| *at <= now_ms)
            .collect();
        for (_, path) in due {
            log_dirs::remove(log_dirs, &path);
        }
    }
}

/// Runs until `stop` says so. Everything that may block is done on the blocking pool, one piece of a kind at a time.
pub(crate) async fn run(broker: Arc<Broker>, stop: watch::Receiver<bool>) {
    let mut second: u64 = 0;
    let freed = Arc::new(Mutex::new(Freed::default()));
    let ticks = repeat(TICK, stop.clone(), || {
        second += 1;
        let (working, freed, second) = (broker.clone(), freed.clone(), second);
        move || {
            tick(&working, second);
            if second.is_multiple_of(GIVE_BACK_EVERY) {
                freed.lock().give_back();
            }
        }
    });
    let checkpoints = async {
        if let Some(interval) = broker.settings.high_watermark_interval {
            let next = || {
                let working = broker.clone();
                move || write_checkpoints(&working, Checkpoints::HIGH_WATERMARKS)
            };
            repeat(interval, stop.clone(), next).await;
        }
    };
    tokio::join!(ticks, checkpoints);
}

/// Does the next piece of work whenever the period has passed.
async fn repeat<W: FnOnce() + Send + 'static>(
    period: Duration,
    mut stop: watch::Receiver<bool>,
    mut next: impl FnMut() -> W,
) {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = ticks.tick() => {}
        }
        // A panic in there was reported there; the next tick tries again.
        let _ = task::blocking(next()).await;
    }
}

fn tick(broker: &Broker, second: u64) {
    let every = |period: u64| period > 0 && second.is_multiple_of(period);
    broker.removals.run_due(&broker.log_dirs, clock::wall_ms());
    if every(RETRY_FULL_EVERY) {
        broker.retry_full();
    }
    flush_by_time(broker);
    if every(REST_EVERY) {
        rest(broker);
    }
    let retention = broker.settings.retention_check_interval.as_secs();
    let first = broker.settings.initial_task_delay.as_secs();
    if second >= first && (second - first).is_multiple_of(retention.max(1)) {
        delete_old_segments(broker);
    }
    if every(broker.settings.producer_expiry_check.as_secs().max(1)) {
        for partition in broker.partitions.all() {
            partition.with_log(|log| log.expire_producers(clock::wall_ms()));
        }
    }
    if every(broker.settings.checkpoint_interval.as_secs().max(1)) {
        write_checkpoints(broker, Checkpoints::OTHERS);
    }
}

fn flush_by_time(broker: &Broker) {
    // Each directory is asked, and told so.
    let due = broker.log_dirs.iter().filter(|dir| dir.contents.take_due());
    if due.count() == 0 {
        return;
    }
    let now_ms = clock::wall_ms();
    for partition in broker.partitions.all() {
        let by_time = partition.settings().log.flush_ms < i64::MAX;
        let due = partition.take_rolled()
            || by_time
                && partition
                    .with_log(|log| {
                        let unflushed = log.offsets().log_end > log.recovery_point();
                        unflushed
                            && now_ms.saturating_sub(log.last_flush_ms()) >= log.config().flush_ms
                    })
                    .unwrap_or(false);
        if due && let Err(fault) = partition.flush() {
            partition.noticed(&fault);
            error!(topic = %partition.topic, partition = partition.index, %fault, "could not flush");
        }
    }
}

fn rest(broker: &Broker) {
    for partition in broker.partitions.all() {
        if let Err(fault) = partition.rest_if_quiet() {
            partition.noticed(&fault);
            error!(topic = %partition.topic, partition = partition.index, %fault, "could not close files");
        }
    }
}

/// Those of compacted topics are left to the cleaner, which may be reading them.
fn delete_old_segments(broker: &Broker) {
    for partition in broker.partitions.all() {
        if !partition.settings().log.compact {
            delete_old_segments_of(broker, &partition);
        }
    }
}

/// Deletes the segments of one partition that retention no longer keeps.
pub(crate) fn delete_old_segments_of(broker: &Broker, partition: &Partition) {
    match partition.with_log(|log| log.delete_old_segments(clock::wall_ms())) {
        Some(Ok(removal)) if !removal.is_empty() => {
            info!(
                target: "kafka.log.UnifiedLog",
                "deleted {} segments of {}-{} by retention", removal.segments, partition.topic, partition.index
            );
            broker.removals.segments(removal);
            partition.moved();
        }
        Some(Ok(_)) | None => {}
        Some(Err(fault)) => {
            partition.noticed(&fault);
            error!(topic = %partition.topic, partition = partition.index, %fault, "retention failed");
        }
    }
}

/// Writes checkpoints in every directory.
pub(crate) fn write_checkpoints(broker: &Broker, which: Checkpoints) {
    let (hosted, moves) = (broker.partitions.all(), broker.moves.all());
    for dir in broker.log_dirs.iter() {
        if let Err(fault) = dir.write_checkpoints(&hosted, &moves, which) {
            dir.noticed(&fault);
            error!(%fault, "could not write a checkpoint");
        }
    }
}
