//! Replicas on their way to another log directory: what AlterReplicaLogDirs begins, and what the mover works on.

mod mover;
pub(crate) mod start;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

pub(crate) use mover::run;
use ottla_log::{
    Log, LogError, LogReader, Opening, directory,
    names::{DirectoryState, PartitionName},
};
use ottla_wire::{Refusal, Uuid, errors::Code};
use parking_lot::Mutex;
use tokio::{sync::watch, time::Instant};
use tracing::{error, info, warn};

use crate::{
    broker::Broker,
    cleaner::Throttle,
    clock,
    log_dirs::{Checkpoints, LogDir, no_room},
    partition::Partition,
};

/// The longest name that a directory can have.
const NAME_MAX: usize = 255;
/// At most so many replicas that are not here have a directory that was asked for.
const PREFERRED_MAX: usize = 10_000;

type Key = (Uuid, i32);

/// A replica on its way.
pub(crate) struct Move {
    /// As it is served meanwhile.
    pub(crate) partition: Arc<Partition>,
    /// Where it goes.
    pub(crate) dir: Arc<LogDir>,
    /// That of its directory there.
    name: PartitionName,
    /// `None` once the move has ended.
    log: Mutex<Option<Log>>,
    reader: LogReader,
    /// Somebody works on it.
    taken: AtomicBool,
    /// There is nothing to do before.
    due: Mutex<Instant>,
    /// When the controller was last asked to take over the new directory.
    asked: Mutex<Option<Instant>>,
    /// When it was last said that there is no room.
    told_of_room: Mutex<Option<Instant>>,
}

impl Move {
    fn new(partition: Arc<Partition>, dir: Arc<LogDir>, name: PartitionName, log: Log) -> Self {
        Self {
            partition,
            dir,
            name,
            reader: log.reader(),
            log: Mutex::new(Some(log)),
            taken: AtomicBool::new(false),
            due: Mutex::new(clock::instant()),
            asked: Mutex::default(),
            told_of_room: Mutex::default(),
        }
    }

    fn key(&self) -> Key {
        (self.partition.topic_id, self.partition.index)
    }

    /// What is there already.
    pub(crate) fn reader(&self) -> &LogReader {
        &self.reader
    }

    /// Does something to the log that is being written; `None` once the move has ended.
    pub(crate) fn with_log<T>(&self, work: impl FnOnce(&mut Log) -> T) -> Option<T> {
        self.log.lock().as_mut().map(work)
    }

    /// Takes the log away: the move has ended, or the node stops.
    pub(crate) fn take_log(&self) -> Option<Log> {
        self.log.lock().take()
    }

    /// Makes everything that was copied durable.
    pub(crate) fn flush(&self) -> Result<(), LogError> {
        let Some(work) = self.with_log(|log| log.flush_work(i64::MAX)).flatten() else {
            return Ok(());
        };
        work.run()?;
        self.with_log(|log| log.flushed(&work, clock::wall_ms()));
        Ok(())
    }
}

/// All of them: at most one for each hosted partition.
pub(crate) struct Moves {
    under_way: Mutex<BTreeMap<Key, Arc<Move>>>,
    /// The one that was worked on last: the next has its turn.
    last: Mutex<Option<Key>>,
    /// The directories, by id, for replicas that are not here yet.
    preferred: Mutex<BTreeMap<(String, i32), Uuid>>,
    throttle: Throttle,
    /// Counts what whoever waits should look at: moves that began, and metadata.
    changed: watch::Sender<u64>,
    /// Counts changes of the broker's configuration.
    reconfigured: watch::Sender<u64>,
}

impl Moves {
    /// None.
    pub(crate) fn new() -> Self {
        Self {
            under_way: Mutex::default(),
            last: Mutex::default(),
            preferred: Mutex::default(),
            throttle: Throttle::new(clock::instant()),
            changed: watch::Sender::new(0),
            reconfigured: watch::Sender::new(0),
        }
    }

    /// Something changed that a move may wait for.
    pub(crate) fn changed(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// The broker's configuration changed: another rate may allow more.
    pub(crate) fn reconfigured(&self) {
        self.reconfigured.send_modify(|count| *count += 1);
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Arc<Move>> {
        self.under_way.lock().values().cloned().collect()
    }

    /// That of a partition.
    pub(crate) fn get(&self, topic_id: Uuid, index: i32) -> Option<Arc<Move>> {
        self.under_way.lock().get(&(topic_id, index)).cloned()
    }

    fn begin(&self, of: Move) {
        self.under_way.lock().insert(of.key(), Arc::new(of));
        self.changed();
    }

    fn is_under_way(&self, of: &Arc<Move>) -> bool {
        let known = self.under_way.lock();
        known
            .get(&of.key())
            .is_some_and(|known| Arc::ptr_eq(known, of))
    }

    /// The next that has something to do, which is the caller's now; else how long to wait.
    fn take(&self, now: Instant) -> Result<Arc<Move>, Option<Duration>> {
        let under_way = self.under_way.lock();
        let mut last = self.last.lock();
        let after = under_way
            .iter()
            .filter(|(key, _)| last.is_none_or(|last| **key > last));
        let before = under_way
            .iter()
            .filter(|(key, _)| last.is_some_and(|last| **key <= last));
        let mut wait: Option<Duration> = None;
        for (key, of) in after.chain(before) {
            if of.taken.load(Ordering::Acquire) {
                continue;
            }
            let left = of.due.lock().saturating_duration_since(now);
            if left.is_zero() {
                of.taken.store(true, Ordering::Release);
                *last = Some(*key);
                return Ok(of.clone());
            }
            wait = Some(wait.map_or(left, |wait| wait.min(left)));
        }
        Err(wait)
    }

    /// The caller is done with it for now.
    fn give_back(&self, of: &Move, due: Instant) {
        *of.due.lock() = due;
        of.taken.store(false, Ordering::Release);
    }

    /// A replica that is not here should be made in this directory; whether that is remembered.
    fn prefer(&self, topic: &str, index: i32, dir: Uuid) -> bool {
        let mut preferred = self.preferred.lock();
        let key = (topic.to_owned(), index);
        let has_room = preferred.len() < PREFERRED_MAX || preferred.contains_key(&key);
        if has_room {
            preferred.insert(key, dir);
        }
        has_room
    }

    /// The directory that was asked for, of a replica that is being made.
    pub(crate) fn preferred(&self, topic: &str, index: i32) -> Option<Uuid> {
        let preferred = self.preferred.lock();
        if preferred.is_empty() {
            return None;
        }
        preferred.get(&(topic.to_owned(), index)).copied()
    }

    /// The replica is here now.
    pub(crate) fn forget_preferred(&self, topic: &str, index: i32) {
        let mut preferred = self.preferred.lock();
        if !preferred.is_empty() {
            preferred.remove(&(topic.to_owned(), index));
        }
    }
}

fn refused<T>(code: Code, why: String) -> Result<T, Refusal> {
    let detail = Some(why.into());
    Err(Refusal { code, detail })
}

impl Broker {
    /// Begins to move a replica to the log directory of this path, or lets it stay where it is.
    ///
    /// # Errors
    /// `INVALID_TOPIC_EXCEPTION`, `LOG_DIR_NOT_FOUND`, `KAFKA_STORAGE_ERROR`, `INVALID_REPLICA_ASSIGNMENT`,
    /// `UNKNOWN_TOPIC_OR_PARTITION`, `REPLICA_NOT_AVAILABLE`, in this order.
    pub(crate) fn move_replica(&self, topic: &str, index: i32, to: &str) -> Result<(), Refusal> {
        let _hosting = self.hosting.lock();
        let name = PartitionName::new(topic, index).renamed(DirectoryState::Future, self.unique());
        let dir = self.check_target(&name, to)?;
        let image = self.image_arc();
        let known = image.topic(topic);
        let id = known.filter(|topic| topic.partitions.contains_key(&index));
        let id = id.map(|topic| topic.id);
        let hosted = id.and_then(|id| self.partitions.get(id, index));
        let is_offline = id.is_some_and(|id| self.partitions.is_offline(id, index))
            || hosted.as_ref().is_some_and(|of| of.log_dir().has_failed());
        if is_offline {
            let why = format!("the log directory of {topic}-{index} has failed");
            return refused(Code::KAFKA_STORAGE_ERROR, why);
        }
        let Some(partition) = hosted else {
            return self.remember_preferred(topic, index, &dir, id.is_some());
        };
        if let Some(of) = self.moves.get(partition.topic_id, index) {
            if Arc::ptr_eq(&of.dir, &dir) {
                // What went wrong may be right now.
                *of.due.lock() = clock::instant();
                self.moves.changed();
                return Ok(());
            }
            self.cancel_move(&of);
        }
        if partition.is_in(&dir) {
            return Ok(());
        }
        let mut online = self.log_dirs.iter().filter(|dir| dir.takes_partitions);
        if let Some(failed) = online.find(|dir| dir.has_failed()) {
            let why = format!(
                "log directory {} has failed, and nothing is moved before the node is restarted",
                failed.path().display()
            );
            return refused(Code::KAFKA_STORAGE_ERROR, why);
        }
        self.begin_move(partition, dir, name)
    }

    fn check_target(&self, name: &PartitionName, to: &str) -> Result<Arc<LogDir>, Refusal> {
        let length = name.to_string().encode_utf16().count();
        if length > NAME_MAX {
            let why = format!(
                "the name of topic {} is too long to be moved: its directory would be called by {length} characters, and {NAME_MAX} are possible",
                name.topic
            );
            return refused(Code::INVALID_TOPIC_EXCEPTION, why);
        }
        let mut dirs = self.log_dirs.iter().filter(|dir| dir.takes_partitions);
        let Some(dir) = dirs.find(|dir| dir.absolute_path() == to) else {
            let known: Vec<_> = self
                .log_dirs
                .iter()
                .filter(|dir| dir.takes_partitions)
                .map(|dir| dir.absolute_path())
                .collect();
            let known = known.join(", ");
            let why = format!("{to:?} is not among the log directories {known}");
            return refused(Code::LOG_DIR_NOT_FOUND, why);
        };
        if dir.has_failed() {
            let why = format!(
                "log directory {to} has failed: repair or replace its disk, and restart the node"
            );
            return refused(Code::KAFKA_STORAGE_ERROR, why);
        }
        let config = self.config();
        if config.cordoned_log_dirs().iter().any(|path| path == to) {
            let why =
                format!("log directory {to} is among cordoned.log.dirs, and takes no new replicas");
            return refused(Code::INVALID_REPLICA_ASSIGNMENT, why);
        }
        Ok(dir.clone())
    }

    fn remember_preferred(
        &self,
        topic: &str,
        index: i32,
        dir: &LogDir,
        is_known: bool,
    ) -> Result<(), Refusal> {
        if !self.moves.prefer(topic, index, dir.id) {
            warn!(
                target: "kafka.log.LogManager",
                "the directory asked for {topic}-{index} is not remembered: those of {PREFERRED_MAX} replicas are, and that is the limit"
            );
        }
        match is_known {
            true => refused(
                Code::REPLICA_NOT_AVAILABLE,
                format!("this broker has no replica of {topic}-{index}"),
            ),
            false => refused(
                Code::UNKNOWN_TOPIC_OR_PARTITION,
                format!("there is no partition {topic}-{index}"),
            ),
        }
    }

    fn begin_move(
        &self,
        partition: Arc<Partition>,
        dir: Arc<LogDir>,
        name: PartitionName,
    ) -> Result<(), Refusal> {
        let path = dir.directory().partition_path(&name);
        let opening = Opening {
            producer_expiry_ms: self.producer_expiry_ms(),
            ..Opening::clean(clock::wall_ms())
        };
        let opened =
            Log::open(&path, partition.settings().log.clone(), &opening).and_then(|(log, _)| {
                directory::write_topic_id(&path, &partition.topic_id).map(|()| log)
            });
        let log = match opened {
            Ok(log) => log,
            Err(fault) => {
                dir.noticed(&fault);
                let why = match fault.is_full() {
                    true => no_room(dir.path(), partition.reader().size_in_bytes().max(1)),
                    false => fault.to_string(),
                };
                // For want of room it is taken back; what cannot be is found by the next start.
                let _ = dir.directory().remove(&name);
                return refused(Code::KAFKA_STORAGE_ERROR, why);
            }
        };
        info!(
            target: "kafka.server.ReplicaManager",
            "{}-{} is moved from {} to {}", partition.topic, partition.index,
            partition.log_dir().path().display(), dir.path().display()
        );
        let is_listed = dir.recovery_point(&partition.topic, partition.index) > 0;
        self.moves
            .begin(Move::new(partition, dir.clone(), name, log));
        if is_listed {
            // What was there before must not be believed of the copy.
            self.write_checkpoints_of(&dir, Checkpoints::ALL);
        }
        Ok(())
    }

    /// Ends a move before its time; what was copied is removed. The caller holds [`Broker::hosting`].
    pub(crate) fn cancel_move(&self, of: &Arc<Move>) {
        let Some(mut log) = self.end_move(of) else {
            return;
        };
        match of
            .dir
            .rename(&of.name, DirectoryState::Delete, self.unique())
        {
            Ok(renamed) => {
                let path = of.dir.directory().partition_path(&renamed);
                log.moved(&path);
                self.remove_later(&of.partition, path);
            }
            Err(fault) => {
                of.dir.noticed(&fault);
                error!(target: "kafka.log.LogManager", %fault, "{} could not be removed", of.name);
            }
        }
        info!(
            target: "kafka.server.ReplicaManager",
            "{}-{} is not moved to {} any more", of.partition.topic, of.partition.index, of.dir.path().display()
        );
        self.write_checkpoints_of(&of.dir, Checkpoints::ALL);
    }

    /// A move ends, and its files are left as they are. The log; `None` if it had ended before.
    pub(crate) fn end_move(&self, of: &Arc<Move>) -> Option<Log> {
        let log = of.take_log();
        if self.moves.is_under_way(of) {
            self.moves.under_way.lock().remove(&of.key());
            self.cleaner.release(&of.partition);
        }
        if of.asked.lock().take().is_some() {
            // The controller may believe that the replica is there.
            let is_in = of.partition.log_dir().id;
            self.assignments
                .note(of.partition.topic_id, of.partition.index, is_in);
        }
        log
    }

    /// Removes a directory of this partition after `file.delete.delay.ms`.
    fn remove_later(&self, partition: &Partition, path: std::path::PathBuf) {
        let delay = partition.settings().log.file_delete_delay_ms;
        self.removals
            .directory(path, clock::wall_ms().saturating_add(delay));
    }

    /// Whether the metadata name a directory as that of a replica which is on its way there.
    pub(crate) fn is_moving_to(&self, topic_id: Uuid, index: i32, directory: Option<Uuid>) -> bool {
        self.moves
            .get(topic_id, index)
            .is_some_and(|of| directory == Some(of.dir.id))
    }

    fn write_checkpoints_of(&self, dir: &LogDir, which: Checkpoints) {
        let written = dir.write_checkpoints(&self.partitions.all(), &self.moves.all(), which);
        if let Err(fault) = written {
            dir.noticed(&fault);
            error!(%fault, "could not write a checkpoint");
        }
    }
}

#[cfg(test)]
mod tests;
