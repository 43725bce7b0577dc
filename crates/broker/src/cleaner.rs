//! Compacts logs in the background: the dirtiest first, `log.cleaner.threads` at a time.

mod checkpoints;
mod throttle;

pub(crate) use throttle::Throttle;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ottla_config::BrokerConfig;
use ottla_log::{
    CleanError, Cleaned, CleanedLog, Cleaner, CleanerOptions, Log, LogConfig, LogError, LogToClean,
    Removal,
};
use ottla_wire::Uuid;
use parking_lot::Mutex;
use tokio::{sync::watch, task::JoinHandle, time::Instant};
use tracing::{debug, info, warn};

use self::checkpoints::Checkpoints;
use crate::{
    broker::Broker,
    clock,
    log_dirs::{LogDir, LogDirs},
    maintenance::delete_old_segments_of,
    partition::Partition,
    task,
};

/// While it waits for the throttle, a cleaning looks this often whether it is to end.
const NAP: Duration = Duration::from_millis(50);
/// Pieces that are read and written are not smaller.
const LEAST_IO_BYTES: usize = 4 << 10;

type Key = (Uuid, i32);

/// What keeps a log from being chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Taken {
    /// It is being cleaned, or shortened.
    InProgress,
    /// Cleaning failed; it is left alone until the next start.
    Uncleanable,
}

/// The broker's log cleaner: what it knows of all logs.
pub(crate) struct LogCleaner {
    checkpoints: Checkpoints,
    /// At most one entry for each hosted partition.
    taken: Mutex<BTreeMap<Key, Taken>>,
    /// Logs that are on their way to another directory. Changed under the lock of `taken`.
    held: Mutex<BTreeSet<Key>>,
    throttle: Throttle,
    /// Counts changes of the broker's configuration.
    reconfigured: watch::Sender<u64>,
    stopping: AtomicBool,
}

/// What governs the cleaner as a whole, as of now.
#[derive(Clone, Copy, PartialEq, Debug)]
struct CleanerConfig {
    threads: usize,
    dedupe_buffer_size: u64,
    load_factor: f64,
    io_buffer_size: usize,
    backoff: Duration,
}

impl CleanerConfig {
    fn of(config: &BrokerConfig) -> Self {
        let natural = |key: &str| u64::try_from(config.long(key)).unwrap_or(0);
        Self {
            threads: usize::try_from(config.int("log.cleaner.threads")).unwrap_or(0),
            dedupe_buffer_size: natural("log.cleaner.dedupe.buffer.size"),
            load_factor: config.double("log.cleaner.io.buffer.load.factor"),
            io_buffer_size: usize::try_from(config.int("log.cleaner.io.buffer.size")).unwrap_or(0),
            backoff: Duration::from_millis(natural("log.cleaner.backoff.ms")),
        }
    }

    /// One of `threads` cleaners: all share the memory.
    fn options(&self, seed: u128) -> CleanerOptions {
        let threads = self.threads.max(1);
        CleanerOptions {
            map_bytes: self.dedupe_buffer_size / threads as u64,
            load_factor: self.load_factor,
            io_bytes: (self.io_buffer_size / threads / 2).max(LEAST_IO_BYTES),
            seed: [seed as u64, (seed >> 64) as u64],
        }
    }
}

/// A log that was chosen.
struct Chosen {
    partition: Arc<Partition>,
    dirty: LogToClean,
}

impl LogCleaner {
    /// Reads the checkpoints.
    pub(crate) fn new(log_dirs: &LogDirs) -> Self {
        Self {
            checkpoints: Checkpoints::read(log_dirs),
            taken: Mutex::default(),
            held: Mutex::default(),
            throttle: Throttle::new(clock::instant()),
            reconfigured: watch::Sender::new(0),
            stopping: AtomicBool::new(false),
        }
    }

    /// The broker's configuration changed: it counts now, not after the backoff.
    pub(crate) fn reconfigured(&self) {
        self.reconfigured.send_modify(|count| *count += 1);
    }

    /// These partitions are gone.
    pub(crate) fn forget(&self, gone: &[Arc<Partition>]) {
        let mut taken = self.taken.lock();
        for partition in gone {
            taken.remove(&key(partition));
        }
        drop(taken);
        self.checkpoints.remove(gone);
    }

    /// A log directory has failed, and these logs with it.
    pub(crate) fn directory_failed(&self, dir: &LogDir, gone: &[Arc<Partition>]) {
        let mut taken = self.taken.lock();
        for partition in gone {
            taken.remove(&key(partition));
        }
        drop(taken);
        self.checkpoints.forget(dir);
    }

    /// Keeps a log from being cleaned and shortened; whether it is left alone from now on. One that is being cleaned is
    /// given up soon.
    pub(crate) fn hold(&self, partition: &Partition) -> bool {
        let taken = self.taken.lock();
        self.held.lock().insert(key(partition));
        taken.get(&key(partition)) != Some(&Taken::InProgress)
    }

    /// A log that was held can be cleaned again.
    pub(crate) fn release(&self, partition: &Partition) {
        let _taken = self.taken.lock();
        self.held.lock().remove(&key(partition));
    }

    /// A log is in another directory now: up to where it is clean is known there.
    pub(crate) fn moved(&self, partition: &Partition, from: &LogDir) {
        self.checkpoints.moved(partition, from);
    }

    fn is_held(&self, partition: &Partition) -> bool {
        self.held.lock().contains(&key(partition))
    }

    fn is_taken(&self, partition: &Partition) -> bool {
        self.taken.lock().contains_key(&key(partition)) || self.is_held(partition)
    }

    fn take(&self, partition: &Partition) -> bool {
        let mut taken = self.taken.lock();
        let free = !taken.contains_key(&key(partition)) && !self.is_held(partition);
        if free {
            taken.insert(key(partition), Taken::InProgress);
        }
        free
    }

    fn give_back(&self, partition: &Partition) {
        let mut taken = self.taken.lock();
        if taken.get(&key(partition)) == Some(&Taken::InProgress) {
            taken.remove(&key(partition));
        }
    }

    /// A log cannot be cleaned: it is left alone from now on.
    fn set_aside(&self, broker: &Broker, partition: &Partition, why: &str) {
        let is_hosted = broker
            .partitions
            .get(partition.topic_id, partition.index)
            .is_some();
        warn!(
            target: "kafka.log.LogCleaner",
            "{}-{} cannot be cleaned, and is not cleaned again before the next start: {why}", partition.topic, partition.index
        );
        let mut taken = self.taken.lock();
        if is_hosted {
            taken.insert(key(partition), Taken::Uncleanable);
        } else {
            taken.remove(&key(partition));
        }
    }

    /// The log with the largest share of dirty bytes among those that are due; it is taken.
    fn choose(&self, broker: &Broker, now_ms: i64) -> Option<Chosen> {
        let hosted = broker.partitions.all();
        let mut best: Option<(f64, Chosen)> = None;
        for partition in &hosted {
            let config = partition.settings().log.clone();
            if !config.compact || self.is_taken(partition) {
                continue;
            }
            let dirty = match self.look(partition, &config, &hosted, now_ms) {
                Ok(dirty) => dirty,
                // A partition that was deleted meanwhile has no files to look into.
                Err(_) if partition.with_log(|_| ()).is_none() => continue,
                Err(fault) if fault.is_full() => {
                    debug!(target: "kafka.log.LogCleaner", "{}-{} is cleaned later: {fault}", partition.topic, partition.index);
                    continue;
                }
                Err(fault) => {
                    partition.noticed(&fault);
                    self.set_aside(broker, partition, &fault.to_string());
                    continue;
                }
            };
            let Some(ratio) = dirty.ratio().filter(|_| dirty.is_due(&config)) else {
                continue;
            };
            if best.as_ref().is_none_or(|(most, _)| ratio > *most) {
                let partition = partition.clone();
                best = Some((ratio, Chosen { partition, dirty }));
            }
        }
        let (_, chosen) = best?;
        self.take(&chosen.partition).then_some(chosen)
    }

    fn look(
        &self,
        partition: &Partition,
        config: &LogConfig,
        hosted: &[Arc<Partition>],
        now_ms: i64,
    ) -> Result<LogToClean, LogError> {
        let checkpoint = self.checkpoints.get(partition);
        let dirty = LogToClean::of(&partition.reader(), config, checkpoint, now_ms)?;
        if let Some(why) = &dirty.reset {
            if !why.is_empty() {
                warn!(
                    target: "kafka.log.LogCleaner",
                    "the checkpoint of {}-{} is not its: {why}", partition.topic, partition.index
                );
            }
            self.checkpoints
                .set(partition, dirty.first_dirty_offset, hosted);
        }
        Ok(dirty)
    }
}

fn key(partition: &Partition) -> Key {
    (partition.topic_id, partition.index)
}

/// Runs until `stop` says so, and all cleanings have ended.
pub(crate) async fn run(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    if !broker.config().boolean("log.cleaner.enable") {
        warn!(target: "kafka.log.LogCleaner", "log.cleaner.enable=false: topics with cleanup.policy=compact grow without end");
        return;
    }
    let mut changes = broker.cleaner.reconfigured.subscribe();
    let mut workers: Vec<JoinHandle<()>> = Vec::new();
    loop {
        let config = CleanerConfig::of(&broker.config());
        for n in 0..config.threads {
            let start = || {
                let working = worker(n, broker.clone(), stop.clone());
                task::spawn("cleaner", working)
            };
            match workers.get_mut(n) {
                Some(known) if known.is_finished() => *known = start(),
                Some(_) => {}
                None => workers.push(start()),
            }
        }
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break,
            _ = changes.changed() => {}
            // One may have been about to end when its number was wanted again.
            () = tokio::time::sleep(config.backoff.max(NAP)) => {}
        }
    }
    broker.cleaner.stopping.store(true, Ordering::Release);
    for worker in workers {
        // A panic there was reported there.
        let _ = worker.await;
    }
}

/// The `n`th of those that clean one log at a time.
async fn worker(n: usize, broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    let mut changes = broker.cleaner.reconfigured.subscribe();
    loop {
        changes.mark_unchanged();
        let config = CleanerConfig::of(&broker.config());
        if n >= config.threads || *stop.borrow() {
            return;
        }
        let working = broker.clone();
        // After a panic, which was reported there, the log stays taken.
        let cleaned = task::giving_way("cleaner", move || clean_one(&working, &config)).await;
        if cleaned == Some(true) {
            continue;
        }
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = changes.changed() => {}
            () = tokio::time::sleep(config.backoff) => {}
        }
    }
}

/// Cleans the log that needs it most, and shortens those that are compacted; whether one was cleaned.
fn clean_one(broker: &Broker, config: &CleanerConfig) -> bool {
    let cleaner = &broker.cleaner;
    let chosen = cleaner.choose(broker, clock::wall_ms());
    let cleaned = chosen.is_some_and(|chosen| {
        let cleaned = clean(broker, config, &chosen);
        cleaner.give_back(&chosen.partition);
        cleaned
    });
    for partition in broker.partitions.all() {
        if partition.settings().log.compact && cleaner.take(&partition) {
            delete_old_segments_of(broker, &partition);
            cleaner.give_back(&partition);
        }
    }
    cleaned
}

/// Whether the log was cleaned.
fn clean(broker: &Broker, config: &CleanerConfig, chosen: &Chosen) -> bool {
    let Chosen { partition, dirty } = chosen;
    let cleaner = &broker.cleaner;
    // What it opens is closed again when nobody else uses it.
    partition.touch();
    let started = clock::instant();
    let mut log = InBroker { broker, partition };
    let cleaned = match Cleaner::new(config.options(broker.unique())) {
        Ok(mut of) => of.clean(&mut log, dirty, clock::wall_ms()),
        Err(why) => {
            cleaner.set_aside(broker, partition, &why);
            return false;
        }
    };
    match cleaned {
        Ok(cleaned) => {
            report(partition, dirty, &cleaned, started);
            let hosted = broker.partitions.all();
            cleaner
                .checkpoints
                .set(partition, cleaned.end_offset, &hosted);
            return true;
        }
        Err(CleanError::Aborted) => {
            debug!(target: "kafka.log.LogCleaner", "cleaning {}-{} was given up", partition.topic, partition.index);
        }
        Err(CleanError::Log(fault)) if fault.is_full() => {
            warn!(
                target: "kafka.log.LogCleaner",
                "{}-{} is cleaned when there is room for it: {fault}", partition.topic, partition.index
            );
        }
        Err(CleanError::Log(fault)) => {
            if partition.with_log(|_| ()).is_some() {
                partition.noticed(&fault);
            }
            cleaner.set_aside(broker, partition, &fault.to_string());
        }
    }
    false
}

fn report(partition: &Partition, dirty: &LogToClean, cleaned: &Cleaned, started: Instant) {
    const MIB: f64 = (1 << 20) as f64;
    let stats = &cleaned.stats;
    let seconds = clock::instant()
        .saturating_duration_since(started)
        .as_secs_f64();
    info!(
        target: "kafka.log.LogCleaner",
        "cleaned {}-{} up to offset {} (dirty from {}): {:.1} MiB in {} segments became {:.1} MiB in {}, {} records of {} stayed, in {seconds:.1} s; the offset map was used to {:.1} %{}",
        partition.topic,
        partition.index,
        cleaned.end_offset,
        dirty.first_dirty_offset,
        stats.bytes_read as f64 / MIB,
        stats.segments_read,
        stats.bytes_written as f64 / MIB,
        stats.segments_written,
        stats.records_written,
        stats.records_read,
        stats.map_utilization * 100.0,
        if stats.map_was_full { " and full" } else { "" },
    );
    if stats.records_without_key > 0 {
        warn!(
            target: "kafka.log.LogCleaner",
            "{}-{} had {} records without a key, which have no place in a compacted topic and are gone",
            partition.topic, partition.index, stats.records_without_key
        );
    }
}

/// A partition's log, for the cleaner.
struct InBroker<'a> {
    broker: &'a Broker,
    partition: &'a Partition,
}

impl CleanedLog for InBroker<'_> {
    fn with_log<T>(&self, work: impl FnOnce(&mut Log) -> T) -> Option<T> {
        self.partition.with_log(work)
    }

    fn passed(&mut self, bytes: u64) -> bool {
        let cleaner = &self.broker.cleaner;
        let rate = self
            .broker
            .config()
            .double("log.cleaner.io.max.bytes.per.second");
        let now = clock::instant();
        let wait = cleaner.throttle.passed(bytes, rate, now);
        let configuration = *cleaner.reconfigured.borrow();
        loop {
            if cleaner.stopping.load(Ordering::Acquire) || cleaner.is_held(self.partition) {
                return false;
            }
            let left = wait.saturating_sub(clock::instant() - now);
            // Another rate may allow more.
            if left.is_zero() || *cleaner.reconfigured.borrow() != configuration {
                return true;
            }
            std::thread::sleep(left.min(NAP));
        }
    }

    fn replaced(&mut self, removal: Removal) {
        self.broker.removals.segments(removal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaners_share_the_memory() {
        let config = CleanerConfig {
            threads: 4,
            dedupe_buffer_size: 128 << 20,
            load_factor: 0.8,
            io_buffer_size: 512 << 10,
            backoff: Duration::from_secs(15),
        };
        let options = config.options(7 << 64 | 5);
        let expected = CleanerOptions {
            map_bytes: 32 << 20,
            load_factor: 0.8,
            io_bytes: 64 << 10,
            seed: [5, 7],
        };
        assert_eq!(options, expected);
        let least = CleanerConfig {
            io_buffer_size: 0,
            ..config
        };
        assert_eq!(least.options(0).io_bytes, LEAST_IO_BYTES);
    }
}
