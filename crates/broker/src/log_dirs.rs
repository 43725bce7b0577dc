//! The log directories of this node: locked, identified, with what their checkpoints say.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use ottla_log::{
    LogError,
    checkpoint::{self, PartitionOffset},
    directory::{self, LogDirectory, MetaProperties},
    file,
    names::{DirectoryState, PartitionName},
};
use ottla_wire::Uuid;
use parking_lot::Mutex;
use tokio::{sync::Notify, time::Instant};
use tracing::error;

use crate::{
    clock,
    disk_turns::Slowness,
    moves::Move,
    partition::{Partition, Syncs},
    partitions::Offline,
    topic_settings::TopicSettings,
};

/// One log directory.
pub(crate) struct LogDir {
    directory: LogDirectory,
    /// Without symbolic links: open files know their names only so.
    real_path: PathBuf,
    /// From `meta.properties`.
    pub(crate) id: Uuid,
    /// The last process left it properly.
    pub(crate) clean: bool,
    /// The epoch of the broker that did; -1 if none.
    pub(crate) previous_broker_epoch: i64,
    recovery_points: HashMap<(String, i32), i64>,
    log_starts: HashMap<(String, i32), i64>,
    /// One of `log.dirs`: not only the metadata log's.
    pub(crate) takes_partitions: bool,
    /// It could be used when the node started, so that the controller knows of it.
    pub(crate) is_registered: bool,
    failed: AtomicBool,
    /// Since when.
    failed_at: std::sync::OnceLock<Instant>,
    /// The controller knows that it failed.
    told: AtomicBool,
    /// Rung when it fails.
    bell: Arc<Notify>,
    /// Whether what clients write waits for it.
    pub(crate) slowness: Slowness,
    /// The syncs that its partitions wait for.
    pub(crate) syncs: Arc<Syncs>,
    /// What is known of the partitions in it.
    pub(crate) contents: Contents,
}

/// Whose directories these are, according to `meta.properties`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Identity {
    pub(crate) cluster_id: String,
    pub(crate) node_id: i32,
}

/// All log directories.
pub(crate) struct LogDirs {
    dirs: Vec<Arc<LogDir>>,
    bell: Arc<Notify>,
}

impl LogDirs {
    /// Locks every directory and reads what it says of itself. One that the system refuses to read or write, or that
    /// does not say clearly whose it is, has failed from the start, unless the metadata are in it.
    ///
    /// # Errors
    /// One sentence: a directory that is not formatted, is locked, or is of another node or cluster; the directory of
    /// the metadata cannot be used, or none of the others.
    pub(crate) fn open(
        paths: &[PathBuf],
        of_partitions: &[PathBuf],
        of_metadata: &Path,
        node_id: i32,
    ) -> Result<(Self, Identity), String> {
        let mut dirs: Vec<Arc<LogDir>> = Vec::new();
        let bell = Arc::new(Notify::new());
        let mut identity: Option<(Identity, PathBuf)> = None;
        let mut faults = Vec::new();
        for path in paths {
            let mut dir = match open_one(path, node_id) {
                Ok((mine, dir)) => {
                    let (known, at) = identity.get_or_insert_with(|| (mine.clone(), path.clone()));
                    if *known != mine {
                        return Err(format!(
                            "{} is of cluster {}, and {} is of cluster {}: give the node only directories of one cluster",
                            path.display(),
                            mine.cluster_id,
                            at.display(),
                            known.cluster_id
                        ));
                    }
                    if let Some(other) = dirs.iter().find(|other| other.id == dir.id) {
                        return Err(format!(
                            "{} and {} have the same directory.id {}: one is a copy of the other, so take it out of log.dirs",
                            other.path().display(),
                            path.display(),
                            dir.id
                        ));
                    }
                    dir
                }
                Err(Unusable::Refused(why)) => return Err(why),
                Err(Unusable::Failed(fault)) if path == of_metadata => {
                    return Err(format!(
                        "the metadata log directory {} cannot be used: {fault}{}",
                        path.display(),
                        if fault.is_full() {
                            format!("; {}", no_room(path, 1))
                        } else {
                            String::new()
                        }
                    ));
                }
                Err(Unusable::Failed(fault)) => {
                    error!(
                        target: "org.apache.kafka.storage.internals.log.LogDirFailureChannel",
                        "log directory {} has failed before the start, and is not used: {fault}", path.display()
                    );
                    let dir = LogDir::failed_before_start(path);
                    faults.push(fault.to_string());
                    dir
                }
            };
            dir.takes_partitions = of_partitions.contains(path);
            dir.bell = bell.clone();
            dirs.push(Arc::new(dir));
        }
        let (identity, _) = identity.ok_or("log.dirs names no directory")?;
        if !dirs
            .iter()
            .any(|dir| dir.takes_partitions && !dir.has_failed())
        {
            return Err(format!(
                "none of log.dirs can be used: {}",
                faults.join("; ")
            ));
        }
        Ok((Self { dirs, bell }, identity))
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<LogDir>> {
        self.dirs.iter()
    }

    /// The directory of this path.
    pub(crate) fn at(&self, path: &Path) -> Option<&Arc<LogDir>> {
        self.dirs.iter().find(|dir| dir.path() == path)
    }

    /// Waits until one fails.
    pub(crate) async fn failure(&self) {
        self.bell.notified().await;
    }

    /// Something went wrong with a file: if it is its directory's fault, that fails.
    pub(crate) fn noticed(&self, fault: &LogError) {
        for dir in self.dirs.iter().filter(|dir| dir.holds(fault.path())) {
            dir.noticed(fault);
        }
    }

    /// Where the log of a partition is, or is to be: in the directory that already has it (of several, in that of this
    /// id), else in the one of this id, else in the one with the fewest partitions that is not cordoned.
    ///
    /// # Errors
    /// One sentence: the directory has failed, or all have.
    pub(crate) fn place(&self, wanted: &Placement<'_>) -> Result<&Arc<LogDir>, (String, Offline)> {
        let known = self.dirs.iter().find(|dir| dir.id == wanted.id);
        if let Some(failed) = known.filter(|dir| dir.has_failed()) {
            let why = format!("log directory {} has failed", failed.path().display());
            return Err((why, Offline::Failed));
        }
        let online = || {
            let dirs = self.dirs.iter();
            dirs.filter(|dir| dir.takes_partitions && !dir.has_failed())
        };
        let unknown = self.dirs.iter().find(|dir| !dir.is_registered);
        let has_it = |dir: &&Arc<LogDir>| dir.directory.partition_path(wanted.name).is_dir();
        let is_wanted = |dir: &&Arc<LogDir>| dir.id == wanted.id;
        let is_cordoned = |dir: &&Arc<LogDir>| {
            wanted
                .cordoned
                .iter()
                .any(|path| dir.path() == Path::new(path))
        };
        // Whoever was placed before the start may be in a directory that nobody could look into.
        if let Some(unknown) = unknown.filter(|_| known.is_none() && !wanted.is_new)
            && !online().any(|dir| has_it(&dir))
        {
            let why = format!(
                "its log may be in {}, which cannot be used",
                unknown.path().display()
            );
            return Err((why, Offline::OutOfSight));
        }
        if let Some(only) = self.only().filter(|_| unknown.is_none()) {
            return Ok(only);
        }
        let count = |dir: &&Arc<LogDir>| dir.contents.replicas.load(Ordering::Relaxed);
        online()
            .filter(has_it)
            .find(is_wanted)
            .or_else(|| online().find(has_it))
            .or_else(|| online().find(is_wanted))
            .or_else(|| online().filter(|dir| !is_cordoned(dir)).min_by_key(count))
            .or_else(|| online().next())
            .ok_or_else(|| ("no log directory is online".to_owned(), Offline::Failed))
    }

    /// The only one that takes partitions, if there is no other and it has not failed.
    pub(crate) fn only(&self) -> Option<&Arc<LogDir>> {
        let mut takers = self.dirs.iter().filter(|dir| dir.takes_partitions);
        let first = takers.next().filter(|dir| !dir.has_failed());
        first.filter(|_| takers.next().is_none())
    }

    /// Whether all were left properly.
    pub(crate) fn all_clean(&self) -> bool {
        let mut known = self.dirs.iter().filter(|dir| dir.is_registered);
        known.all(|dir| dir.clean)
    }

    /// The epoch that the broker had when it was last stopped properly; -1 if it was not.
    pub(crate) fn previous_broker_epoch(&self) -> i64 {
        let known = self.dirs.iter().filter(|dir| dir.is_registered);
        let mut epochs = known.map(|dir| dir.previous_broker_epoch);
        let first = epochs.next().unwrap_or(-1);
        if epochs.all(|epoch| epoch == first) {
            first
        } else {
            -1
        }
    }
}

/// What decides where a partition's log goes.
#[derive(Clone, Copy)]
pub(crate) struct Placement<'a> {
    pub(crate) name: &'a PartitionName,
    /// The directory that the cluster's metadata names.
    pub(crate) id: Uuid,
    /// Nobody can have written to it yet.
    pub(crate) is_new: bool,
    /// Those that take no new logs.
    pub(crate) cordoned: &'a [String],
}

/// Why a directory cannot be opened.
enum Unusable {
    /// The disk is at fault.
    Failed(LogError),
    /// Somebody made a mistake, and the node should not start.
    Refused(String),
}

impl From<LogError> for Unusable {
    fn from(fault: LogError) -> Self {
        match fault {
            LogError::Io { .. } | LogError::Line { .. } => Self::Failed(fault),
            refused => Self::Refused(refused.to_string()),
        }
    }
}

fn open_one(path: &Path, node_id: i32) -> Result<(Identity, LogDir), Unusable> {
    let directory = LogDirectory::open(path)?;
    let meta = directory.meta()?;
    let (mine, id) = read_identity(path, meta, node_id).map_err(Unusable::Refused)?;
    // Files in it may all be there and writable; but checkpoints are replaced, and segments are new files.
    file::check_access(path)?;
    Ok((mine, LogDir::read(directory, id)?))
}

fn read_identity(
    path: &Path,
    meta: Option<MetaProperties>,
    node_id: i32,
) -> Result<(Identity, Uuid), String> {
    let path = path.display();
    let meta = meta.ok_or_else(|| {
        format!("{path} is not formatted: run `ottla format` with the same configuration, or set log.dirs to a directory that is")
    })?;
    let cluster_id = meta
        .cluster_id
        .ok_or_else(|| format!("{path}/meta.properties names no cluster.id"))?;
    if let Some(of) = meta.node_id.filter(|of| *of != node_id) {
        return Err(format!(
            "{path} belongs to node {of}, and this is node {node_id}: set node.id={of}, or log.dirs to this node's directory"
        ));
    }
    let id = meta
        .directory_id
        .ok_or_else(|| format!("{path}/meta.properties names no directory.id"))?;
    Ok((
        Identity {
            cluster_id,
            node_id,
        },
        id,
    ))
}

impl LogDir {
    fn read(directory: LogDirectory, id: Uuid) -> Result<Self, LogError> {
        let clean = directory.clean_shutdown()?;
        let offsets = |file: &str| -> Result<HashMap<_, _>, LogError> {
            let read = match checkpoint::read_offsets(&directory.path().join(file)) {
                Err(damaged) if !damaged.is_io() => {
                    // Without them there is more to recover, records that were deleted may be back, and nothing is lost.
                    // (Apache Kafka means to go on without them, too, and yet takes the directory offline.)
                    tracing::warn!(target: "kafka.log.LogManager", "{damaged}; its offsets are taken as unknown");
                    Vec::new()
                }
                read => read?,
            };
            Ok(read
                .into_iter()
                .map(|line| ((line.topic, line.partition), line.offset))
                .collect())
        };
        Ok(Self {
            id,
            clean: clean.is_some(),
            previous_broker_epoch: clean.unwrap_or(-1),
            recovery_points: offsets(checkpoint::RECOVERY_POINTS)?,
            log_starts: offsets(checkpoint::LOG_START_OFFSETS)?,
            takes_partitions: true,
            is_registered: true,
            failed: AtomicBool::new(false),
            failed_at: std::sync::OnceLock::new(),
            told: AtomicBool::new(false),
            bell: Arc::default(),
            real_path: file::real_path(directory.path()),
            slowness: Slowness::default(),
            syncs: Arc::default(),
            contents: Contents::default(),
            directory,
        })
    }

    fn failed_before_start(path: &Path) -> Self {
        Self {
            directory: LogDirectory::unusable(path),
            real_path: path.to_owned(),
            id: Uuid::ZERO,
            clean: false,
            previous_broker_epoch: -1,
            recovery_points: HashMap::new(),
            log_starts: HashMap::new(),
            takes_partitions: true,
            is_registered: false,
            failed: AtomicBool::new(true),
            failed_at: std::sync::OnceLock::new(),
            // It has no name that the controller would know.
            told: AtomicBool::new(true),
            bell: Arc::default(),
            slowness: Slowness::default(),
            syncs: Arc::default(),
            contents: Contents::default(),
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Whether a file is in it, by the name that the node was given or by the one that the system has.
    fn holds(&self, file: &Path) -> bool {
        file.starts_with(self.path()) || file.starts_with(&self.real_path)
    }

    /// As DescribeLogDirs names it.
    pub(crate) fn absolute_path(&self) -> String {
        let path = std::path::absolute(self.path()).unwrap_or_else(|_| self.path().to_owned());
        // Without a slash at the end.
        let path: PathBuf = path.components().collect();
        path.display().to_string()
    }

    /// The directory itself.
    pub(crate) fn directory(&self) -> &LogDirectory {
        &self.directory
    }

    /// Up to where a partition's log was flushed, when this was last written down.
    pub(crate) fn recovery_point(&self, topic: &str, partition: i32) -> i64 {
        self.recovery_points
            .get(&(topic.to_owned(), partition))
            .copied()
            .unwrap_or(0)
    }

    /// A partition's log start offset, if it was written down.
    pub(crate) fn log_start(&self, topic: &str, partition: i32) -> i64 {
        self.log_starts
            .get(&(topic.to_owned(), partition))
            .copied()
            .unwrap_or(0)
    }

    /// Whether it has failed: nothing in it can be used until the node is restarted.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// When it failed.
    pub(crate) fn failed_at(&self) -> Option<Instant> {
        self.failed_at.get().copied()
    }

    /// Something went wrong with a file in it: it fails if that is its fault.
    pub(crate) fn noticed(&self, fault: &LogError) {
        // What is read from a file that was removed may have no path.
        let is_mine = self.holds(fault.path()) || fault.path().is_relative();
        if is_mine && fault.fails_directory() && !self.failed.swap(true, Ordering::AcqRel) {
            let _ = self.failed_at.set(clock::instant());
            error!(
                target: "org.apache.kafka.storage.internals.log.LogDirFailureChannel",
                "log directory {} has failed, and is not used any more: {fault}", self.path().display()
            );
            self.bell.notify_one();
        }
    }

    /// The controller knows that it failed.
    pub(crate) fn told_controller(&self) {
        self.told.store(true, Ordering::Release);
    }

    /// Whether the controller knows that it failed.
    pub(crate) fn is_controller_told(&self) -> bool {
        self.told.load(Ordering::Acquire)
    }

    /// Why so many bytes cannot be written to it: which directory is full, and how much is missing.
    pub(crate) fn no_room_for(&self, wanted: u64) -> String {
        no_room(self.path(), wanted)
    }

    /// The directories in it that are partitions', without the metadata log's.
    pub(crate) fn partitions(&self) -> Result<Vec<PartitionName>, LogError> {
        let mut names = self.directory.partitions()?;
        names.retain(|name| name.topic != "__cluster_metadata");
        Ok(names)
    }

    /// Renames a partition's directory.
    pub(crate) fn rename(
        &self,
        name: &PartitionName,
        state: DirectoryState,
        unique: u128,
    ) -> Result<PartitionName, LogError> {
        let to = self.rename_for_now(name, state, unique)?;
        self.directory.sync_names()?;
        Ok(to)
    }

    /// The same for one of many: [`LogDirectory::sync_names`] is called for all of them.
    pub(crate) fn rename_for_now(
        &self,
        name: &PartitionName,
        state: DirectoryState,
        unique: u128,
    ) -> Result<PartitionName, LogError> {
        let to = name.renamed(state, unique);
        self.directory.rename_for_now(name, &to)?;
        Ok(to)
    }

    /// Writes the checkpoints of the partitions that are in it, or on their way to it.
    pub(crate) fn write_checkpoints(
        &self,
        hosted: &[Arc<Partition>],
        moves: &[Arc<Move>],
        which: Checkpoints,
    ) -> Result<(), LogError> {
        if self.has_failed() {
            return Ok(());
        }
        let _writing = self.contents.checkpoints.lock();
        let mine = || hosted.iter().filter(|partition| partition.is_in(self));
        let coming = || {
            let is_mine = |of: &&Arc<Move>| std::ptr::eq(Arc::as_ptr(&of.dir), self);
            moves.iter().filter(is_mine)
        };
        let line = |partition: &Partition, offset| PartitionOffset {
            topic: partition.topic.to_string(),
            partition: partition.index,
            offset,
        };
        let write = |file: &str, lines: Vec<PartitionOffset>| {
            checkpoint::write_offsets(&self.path().join(file), &lines)
        };
        if which.high_watermarks {
            // Even if nothing has changed: of a quiet directory, this is what finds that it has failed.
            let offsets = mine()
                .map(|partition| line(partition, partition.reader().offsets().high_watermark));
            let futures =
                coming().map(|of| line(&of.partition, of.reader().offsets().high_watermark));
            write(
                checkpoint::HIGH_WATERMARKS,
                offsets.chain(futures).collect(),
            )?;
        }
        if which.recovery_points {
            let points =
                mine().filter_map(|partition| Some(line(partition, partition.recovery_point()?)));
            let futures = coming().filter_map(|of| {
                Some(line(
                    &of.partition,
                    of.with_log(|log| log.recovery_point())?,
                ))
            });
            write(checkpoint::RECOVERY_POINTS, points.chain(futures).collect())?;
        }
        if which.log_starts {
            let starts = mine().filter_map(|partition| {
                Some(line(partition, partition.log_start_to_checkpoint()?))
            });
            let futures = coming().filter_map(|of| {
                let start = of.with_log(|log| log.log_start_to_checkpoint()).flatten()?;
                Some(line(&of.partition, start))
            });
            write(
                checkpoint::LOG_START_OFFSETS,
                starts.chain(futures).collect(),
            )?;
        }
        Ok(())
    }

    /// Bytes of the file system that it is on: all of them, and those that are free to this user.
    pub(crate) fn space(&self) -> Result<(u64, u64), LogError> {
        file::space(self.path())
    }
}

/// What the partitions in a log directory have in common, so that nobody needs to ask each of them.
#[derive(Default)]
pub(crate) struct Contents {
    /// How many there are.
    pub(crate) replicas: AtomicUsize,
    /// A segment was begun in one of them, and those before it should be on disk soon.
    rolled: AtomicBool,
    /// One of them is flushed by time.
    flushed_by_time: AtomicBool,
    /// Held while checkpoints are written: what one of them says must not be older than what the last one said.
    checkpoints: Mutex<()>,
    /// Those that are known to be without a `partition.metadata`, or with one that makes no sense.
    nameless: Mutex<HashSet<(String, i32)>>,
    /// The topic for which a `partition.metadata` was written last, and in which directory.
    named_last: Mutex<Option<(Uuid, PathBuf)>>,
}

impl Contents {
    /// A partition came that has such settings, or has other settings now.
    pub(crate) fn configured(&self, settings: &TopicSettings) {
        if settings.log.flush_ms < i64::MAX {
            self.flushed_by_time.store(true, Ordering::Release);
        }
    }

    /// A partition should be flushed soon.
    pub(crate) fn rolled(&self) {
        // Even if it is true: whoever takes it looks at the partition after that.
        self.rolled.store(true, Ordering::Release);
    }

    /// Whether there may be something to flush, since this was asked the last time.
    pub(crate) fn take_due(&self) -> bool {
        let rolled = self.rolled.swap(false, Ordering::AcqRel);
        rolled || self.flushed_by_time.load(Ordering::Acquire)
    }

    /// A partition's directory was found without a `partition.metadata`, or with one that makes no sense.
    pub(crate) fn found_nameless(&self, name: &PartitionName) {
        let key = (name.topic.clone(), name.partition);
        self.nameless.lock().insert(key);
    }

    /// Whether a partition's directory was without a sensible `partition.metadata` at the start, or was made since and is
    /// without one still.
    pub(crate) fn was_nameless(&self, name: &PartitionName) -> bool {
        let nameless = self.nameless.lock();
        !nameless.is_empty() && nameless.contains(&(name.topic.clone(), name.partition))
    }

    /// It has one now.
    pub(crate) fn named(&self, name: &PartitionName) {
        let mut nameless = self.nameless.lock();
        nameless.remove(&(name.topic.clone(), name.partition));
    }

    /// Writes the `partition.metadata` of a log that was made just now.
    pub(crate) fn begin_topic_id(&self, path: &Path, topic_id: Uuid) -> Result<(), LogError> {
        let sibling = self.named_last.lock().clone();
        let sibling = sibling.filter(|(id, _)| *id == topic_id);
        let sibling = sibling.as_ref().map(|(_, path)| path.as_path());
        directory::begin_topic_id(path, &topic_id, sibling)?;
        *self.named_last.lock() = Some((topic_id, path.to_owned()));
        Ok(())
    }
}

/// Why so many bytes cannot be written to a log directory: which it is, and how much is missing.
pub(crate) fn no_room(dir: &Path, wanted: u64) -> String {
    let path = dir.display();
    match file::space(dir) {
        Ok((_, available)) => format!(
            "log directory {path} is full: {wanted} bytes are to be written and {available} are available; free at least {} bytes on its file system",
            wanted.saturating_sub(available).max(1)
        ),
        Err(error) => format!(
            "log directory {path} is full: {wanted} bytes are to be written; how many are available cannot be read: {error}"
        ),
    }
}

/// Which checkpoints to write.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Checkpoints {
    pub(crate) high_watermarks: bool,
    pub(crate) recovery_points: bool,
    pub(crate) log_starts: bool,
}

impl Checkpoints {
    /// All of them.
    pub(crate) const ALL: Self = Self {
        high_watermarks: true,
        recovery_points: true,
        log_starts: true,
    };
    /// Those of `replica.high.watermark.checkpoint.interval.ms`.
    pub(crate) const HIGH_WATERMARKS: Self = Self {
        high_watermarks: true,
        recovery_points: false,
        log_starts: false,
    };
    /// Those of `log.flush.offset.checkpoint.interval.ms` and its like.
    pub(crate) const OTHERS: Self = Self {
        high_watermarks: false,
        recovery_points: true,
        log_starts: true,
    };
}

/// Removes a directory of a deleted partition.
pub(crate) fn remove(log_dirs: &LogDirs, path: &Path) {
    match file::remove_dir(path) {
        Ok(()) => tracing::info!(target: "kafka.log.LogManager", "deleted {}", path.display()),
        Err(fault) => {
            log_dirs.noticed(&fault);
            tracing::warn!(%fault, "could not delete {}", path.display());
        }
    }
}
