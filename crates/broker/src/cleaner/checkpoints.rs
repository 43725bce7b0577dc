//! Up to where each log is clean: `cleaner-offset-checkpoint` of each log directory.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use ottla_log::{
    LogError,
    checkpoint::{self, PartitionOffset},
};
use parking_lot::Mutex;
use tracing::{error, warn};

use crate::{
    log_dirs::{LogDir, LogDirs},
    partition::Partition,
};

type Offsets = BTreeMap<(String, i32), i64>;

/// What the checkpoints say: an entry for each log that was ever cleaned and is still there.
pub(super) struct Checkpoints {
    dirs: Mutex<BTreeMap<PathBuf, Offsets>>,
}

impl Checkpoints {
    /// From the files. With one that is damaged, its logs are taken as dirty from their beginning: they are cleaned
    /// again, and nothing is lost.
    pub(super) fn read(log_dirs: &LogDirs) -> Self {
        let read = |path: &Path| -> Offsets {
            match checkpoint::read_offsets(&path.join(checkpoint::CLEANER_OFFSETS)) {
                Ok(lines) => lines
                    .into_iter()
                    .map(|line| ((line.topic, line.partition), line.offset))
                    .collect(),
                Err(damaged) => {
                    warn!(target: "kafka.log.LogCleaner", "{damaged}; its logs are cleaned from their beginning");
                    Offsets::new()
                }
            }
        };
        let dirs = log_dirs
            .iter()
            .filter(|dir| !dir.has_failed())
            .map(|dir| (dir.path().to_owned(), read(dir.path())))
            .collect();
        Self {
            dirs: Mutex::new(dirs),
        }
    }

    /// Up to where a log is clean, if it was cleaned.
    pub(super) fn get(&self, partition: &Partition) -> Option<i64> {
        let key = (partition.topic.to_string(), partition.index);
        let dir = partition.log_dir();
        self.dirs.lock().get(dir.path())?.get(&key).copied()
    }

    /// A log is clean up to `offset`. Forgets the logs in its directory that are not among `hosted`, and this one if it is
    /// being deleted: [`Checkpoints::remove`] comes after its log was taken away.
    pub(super) fn set(
        &self,
        partition: &Partition,
        offset: i64,
        hosted: &[std::sync::Arc<Partition>],
    ) {
        let dir = partition.log_dir();
        let mut dirs = self.dirs.lock();
        let Some(offsets) = dirs.get_mut(dir.path()) else {
            return;
        };
        let mut known = std::mem::take(offsets);
        for of in hosted.iter().filter(|of| of.is_in(&dir)) {
            let key = (of.topic.to_string(), of.index);
            if let Some(offset) = known.remove(&key) {
                offsets.insert(key, offset);
            }
        }
        if partition.with_log(|_| ()).is_some() {
            offsets.insert((partition.topic.to_string(), partition.index), offset);
        }
        report(write(dir.path(), offsets));
    }

    /// A log has come from another directory.
    pub(super) fn moved(&self, partition: &Partition, from: &LogDir) {
        let key = (partition.topic.to_string(), partition.index);
        let to = partition.log_dir();
        let mut dirs = self.dirs.lock();
        let Some(offset) = dirs.get_mut(from.path()).and_then(|dir| dir.remove(&key)) else {
            return;
        };
        if let Some(offsets) = dirs.get_mut(to.path()) {
            offsets.insert(key, offset);
            report(write(to.path(), offsets));
        }
        if let Some(offsets) = dirs.get(from.path()) {
            report(write(from.path(), offsets));
        }
    }

    /// A log directory has failed: nothing is written to it any more.
    pub(super) fn forget(&self, dir: &LogDir) {
        self.dirs.lock().remove(dir.path());
    }

    /// These logs are gone.
    pub(super) fn remove(&self, gone: &[std::sync::Arc<Partition>]) {
        let mut dirs = self.dirs.lock();
        for (path, offsets) in dirs.iter_mut() {
            let before = offsets.len();
            for partition in gone.iter().filter(|of| of.log_dir().path() == path) {
                offsets.remove(&(partition.topic.to_string(), partition.index));
            }
            if offsets.len() < before {
                report(write(path, offsets));
            }
        }
    }
}

fn write(dir: &Path, offsets: &Offsets) -> Result<(), LogError> {
    let lines: Vec<_> = offsets
        .iter()
        .map(|((topic, partition), offset)| PartitionOffset {
            topic: topic.clone(),
            partition: *partition,
            offset: *offset,
        })
        .collect();
    checkpoint::write_offsets(&dir.join(checkpoint::CLEANER_OFFSETS), &lines)
}

fn report(written: Result<(), LogError>) {
    if let Err(fault) = written {
        error!(target: "kafka.log.LogCleaner", %fault, "could not write a checkpoint");
    }
}
