//! The log directories of this node: locked, identified, with what their checkpoints say.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use ottla_log::{
    LogError,
    checkpoint::{self, PartitionOffset},
    directory::{LogDirectory, MetaProperties},
    names::{DirectoryState, PartitionName},
};
use ottla_wire::Uuid;

use crate::partition::Partition;

/// One log directory.
pub(crate) struct LogDir {
    directory: LogDirectory,
    /// From `meta.properties`.
    pub(crate) id: Uuid,
    /// The last process left it properly.
    pub(crate) clean: bool,
    /// The epoch of the broker that did; -1 if none.
    pub(crate) previous_broker_epoch: i64,
    recovery_points: HashMap<(String, i32), i64>,
    log_starts: HashMap<(String, i32), i64>,
    failed: AtomicBool,
}

/// Whose directories these are, according to `meta.properties`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Identity {
    pub(crate) cluster_id: String,
    pub(crate) node_id: i32,
}

/// All log directories.
pub(crate) struct LogDirs {
    dirs: Vec<LogDir>,
}

impl LogDirs {
    /// Locks every directory and reads what it says of itself.
    ///
    /// # Errors
    /// One sentence: a directory that is not formatted, is locked, is of another node or cluster, or cannot be read.
    pub(crate) fn open(paths: &[PathBuf], node_id: i32) -> Result<(Self, Identity), String> {
        let mut dirs = Vec::new();
        let mut identity: Option<(Identity, PathBuf)> = None;
        for path in paths {
            let directory = LogDirectory::open(path).map_err(|error| error.to_string())?;
            let meta = directory.meta().map_err(|error| error.to_string())?;
            let (mine, id) = read_identity(path, meta, node_id)?;
            check_access(path)?;
            match &identity {
                Some((known, at)) if *known != mine => {
                    return Err(format!(
                        "{} is of cluster {}, and {} is of cluster {}: give the node only directories of one cluster",
                        path.display(),
                        mine.cluster_id,
                        at.display(),
                        known.cluster_id
                    ));
                }
                Some(_) => {}
                None => identity = Some((mine, path.clone())),
            }
            dirs.push(LogDir::read(directory, id).map_err(|error| error.to_string())?);
        }
        let (identity, _) = identity.ok_or("log.dirs names no directory")?;
        Ok((Self { dirs }, identity))
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &LogDir> {
        self.dirs.iter()
    }

    /// The directory of this path.
    pub(crate) fn at(&self, path: &Path) -> Option<&LogDir> {
        self.dirs.iter().find(|dir| dir.path() == path)
    }

    /// The directory that already has a partition, else the one of this id, else the one with the fewest partitions.
    pub(crate) fn place(
        &self,
        name: &PartitionName,
        id: Uuid,
        hosted: &[std::sync::Arc<Partition>],
    ) -> Option<&LogDir> {
        let online = || self.dirs.iter().filter(|dir| !dir.has_failed());
        let count = |dir: &LogDir| {
            hosted
                .iter()
                .filter(|partition| partition.log_dir == dir.path())
                .count()
        };
        online()
            .find(|dir| dir.directory.partition_path(name).is_dir())
            .or_else(|| online().find(|dir| dir.id == id))
            .or_else(|| online().min_by_key(|dir| count(dir)))
    }

    /// Whether all were left properly.
    pub(crate) fn all_clean(&self) -> bool {
        self.dirs.iter().all(|dir| dir.clean)
    }

    /// The epoch that the broker had when it was last stopped properly; -1 if it was not.
    pub(crate) fn previous_broker_epoch(&self) -> i64 {
        let mut epochs = self.dirs.iter().map(|dir| dir.previous_broker_epoch);
        let first = epochs.next().unwrap_or(-1);
        if epochs.all(|epoch| epoch == first) {
            first
        } else {
            -1
        }
    }
}

/// Files in it may all be there and writable; but checkpoints are replaced, and segments are new files.
fn check_access(path: &Path) -> Result<(), String> {
    use rustix::fs::Access;
    let needed = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
    rustix::fs::access(path, needed).map_err(|error| {
        format!(
            "files cannot be created in {}: {error}; give this process's user read and write access to it",
            path.display()
        )
    })
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
                    // As Apache Kafka does: without them there is more to recover, and nothing is lost.
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
            failed: AtomicBool::new(false),
            directory,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
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
        let to = name.renamed(state, unique);
        self.directory.rename(name, &to)?;
        Ok(to)
    }

    /// Writes the checkpoints of the partitions that are in it.
    pub(crate) fn write_checkpoints(
        &self,
        hosted: &[std::sync::Arc<Partition>],
        which: Checkpoints,
    ) -> Result<(), LogError> {
        let mine = || {
            hosted
                .iter()
                .filter(|partition| partition.log_dir == self.path())
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
            let offsets = mine()
                .map(|partition| line(partition, partition.reader().offsets().high_watermark));
            write(checkpoint::HIGH_WATERMARKS, offsets.collect())?;
        }
        if which.recovery_points {
            let points =
                mine().filter_map(|partition| Some(line(partition, partition.recovery_point()?)));
            write(checkpoint::RECOVERY_POINTS, points.collect())?;
        }
        if which.log_starts {
            let starts = mine().filter_map(|partition| {
                Some(line(partition, partition.log_start_to_checkpoint()?))
            });
            write(checkpoint::LOG_START_OFFSETS, starts.collect())?;
        }
        Ok(())
    }

    /// Bytes of the file system that it is on: all of them, and those that are free to this user.
    pub(crate) fn space(&self) -> std::io::Result<(u64, u64)> {
        let stat = rustix::fs::statvfs(self.path())?;
        Ok((stat.f_blocks * stat.f_frsize, stat.f_bavail * stat.f_frsize))
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
}

/// Removes a directory of a deleted partition.
pub(crate) fn remove(path: &Path) {
    match fs::remove_dir_all(path) {
        Ok(()) => tracing::info!(target: "kafka.log.LogManager", "deleted {}", path.display()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(%error, "could not delete {}", path.display()),
    }
}
