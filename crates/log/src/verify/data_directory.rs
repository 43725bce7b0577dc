//! What a log directory says of itself and of the partitions in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::finding::{Finding, Findings, Kind};
use super::partition::{METADATA_PARTITION, Subject};
use crate::checkpoint::{self, PartitionOffset};
use crate::directory::{
    CLEAN_SHUTDOWN, LOCK, LogDirectory, META, MetaProperties, REMOTE_INDEX_CACHE,
};
use crate::error::LogError;
use crate::file;
use crate::names::{DirectoryState, PartitionName};

const BOOTSTRAP: &str = "bootstrap.checkpoint";
/// The checkpoints of offsets.
pub(crate) const CHECKPOINTS: [&str; 4] = [
    checkpoint::RECOVERY_POINTS,
    checkpoint::HIGH_WATERMARKS,
    checkpoint::LOG_START_OFFSETS,
    checkpoint::CLEANER_OFFSETS,
];

/// What a path names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// A log directory.
    Data(PathBuf),
    /// A partition's directory, and the log directory that it is in, if it is in one.
    Partition(PathBuf, Option<PathBuf>),
}

/// What `path` names.
///
/// # Errors
/// If it is neither a log directory nor that of a partition.
pub fn target(path: &Path) -> Result<Target, LogError> {
    let path = std::fs::canonicalize(path).map_err(|error| LogError::io("open", path, error))?;
    let names = file::list(&path, false)?;
    let has = |name: &str| names.iter().any(|there| there == name);
    if has(META) || CHECKPOINTS.iter().any(|name| has(name)) {
        return Ok(Target::Data(path));
    }
    let is_partition = |name: &str| PartitionName::parse(name).is_some();
    let name = path.file_name().and_then(|name| name.to_str());
    if name.is_some_and(is_partition) {
        let parent = path.parent().map(Path::to_owned);
        let parent = parent.filter(|parent| parent.join(META).exists());
        return Ok(Target::Partition(path, parent));
    }
    if file::list(&path, true)?
        .iter()
        .any(|name| is_partition(name))
    {
        return Ok(Target::Data(path));
    }
    Err(LogError::Invalid {
        path,
        problem: format!(
            "neither a log directory (it has no {META}) nor that of a partition (topic-0)"
        ),
    })
}

/// A log directory that no node runs on: locked until this is dropped.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    /// `None`: the file system is read-only, so that no node can run on it.
    lock: Option<LogDirectory>,
    had_lock_file: bool,
    /// The last process was stopped properly.
    pub clean: bool,
    /// The directories of partitions.
    pub partitions: Vec<PartitionName>,
    offsets: BTreeMap<&'static str, BTreeMap<(String, i32), i64>>,
    /// What is wrong with its own files.
    pub findings: Findings,
}

impl DataDirectory {
    /// Locks a log directory and reads what it says.
    ///
    /// # Errors
    /// [`LogError::Locked`]: a node runs on it. Or it cannot be read.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        let had_lock_file = path.join(LOCK).exists();
        let lock = match LogDirectory::open(path) {
            Ok(lock) => Some(lock),
            Err(LogError::Io { source, .. })
                if source.kind() == std::io::ErrorKind::ReadOnlyFilesystem =>
            {
                None
            }
            Err(error) => return Err(error),
        };
        let mut directory = Self {
            path: path.to_owned(),
            lock,
            had_lock_file,
            clean: path.join(CLEAN_SHUTDOWN).exists(),
            partitions: Vec::new(),
            offsets: BTreeMap::new(),
            findings: Findings::default(),
        };
        directory.read()?;
        Ok(directory)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What holds it, to write to it.
    pub(crate) fn locked(&self) -> Option<&LogDirectory> {
        self.lock.as_ref()
    }

    fn read(&mut self) -> Result<(), LogError> {
        self.read_names()?;
        self.read_meta()?;
        for name in CHECKPOINTS {
            self.read_checkpoint(name)?;
        }
        let is_metadata = |name: &PartitionName| name.to_string() == METADATA_PARTITION;
        if !self.clean && self.partitions.iter().any(|name| !is_metadata(name)) {
            let path = self.path.join(CLEAN_SHUTDOWN);
            self.findings.push(Finding::new(
                Kind::UncleanStop,
                &path,
                "the mark of a clean stop",
                "no such file",
            ));
        }
        Ok(())
    }

    fn read_names(&mut self) -> Result<(), LogError> {
        let path = self.path.clone();
        let mut odd = |kind, name: &str, found: &str| {
            let finding = Finding::new(kind, &path.join(name), "a file of a log directory", found);
            self.findings.push(finding);
        };
        for name in file::list(&path, true)? {
            match PartitionName::parse(&name) {
                None if name == REMOTE_INDEX_CACHE => continue,
                None => {
                    odd(
                        Kind::UnexpectedFile,
                        &name,
                        "a folder that is no partition: no node starts",
                    );
                    continue;
                }
                Some(name) => self.partitions.push(name),
            }
            match self.partitions.last().map(|name| name.state) {
                Some(DirectoryState::Delete) => {
                    odd(
                        Kind::Leftover,
                        &name,
                        "a deleted partition that a start removes",
                    );
                }
                Some(DirectoryState::Future) => {
                    odd(Kind::SetAside, &name, "a replica that is being moved here");
                }
                Some(DirectoryState::Stray) => {
                    odd(
                        Kind::SetAside,
                        &name,
                        "a replica that the cluster does not know",
                    );
                }
                _ => {}
            }
        }
        for name in file::list(&path, false)? {
            let known = [LOCK, META, CLEAN_SHUTDOWN, BOOTSTRAP];
            if known.contains(&name.as_str()) || CHECKPOINTS.contains(&name.as_str()) {
                continue;
            }
            match name.ends_with(".tmp") {
                true => odd(
                    Kind::Leftover,
                    &name,
                    "a file that was not written to its end",
                ),
                false => odd(Kind::UnexpectedFile, &name, "this file"),
            }
        }
        Ok(())
    }

    fn read_meta(&mut self) -> Result<(), LogError> {
        let path = self.path.join(META);
        let mut wrong = |expected: &str, found: String| {
            self.findings
                .push(Finding::new(Kind::MetaProperties, &path, expected, found));
        };
        match MetaProperties::read(&self.path) {
            Ok(None) => wrong("the directory's identity", "no such file".to_owned()),
            Ok(Some(meta)) => {
                if meta.version > 0 && meta.cluster_id.is_none() {
                    wrong("cluster.id", "none".to_owned());
                } else if meta.node_id.is_none() {
                    wrong("node.id", "none".to_owned());
                }
            }
            Err(LogError::Line { line, problem, .. }) => {
                wrong(
                    "the directory's identity",
                    format!("line {line}: {problem}"),
                );
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn read_checkpoint(&mut self, name: &'static str) -> Result<(), LogError> {
        let path = self.path.join(name);
        let entries = match checkpoint::read_offsets(&path) {
            Ok(entries) => entries,
            Err(LogError::Line { line, problem, .. }) => {
                let found = format!("line {line}: {problem}");
                self.findings
                    .push(Finding::new(Kind::Checkpoint, &path, "a checkpoint", found));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let mut offsets = BTreeMap::new();
        for entry in entries {
            let PartitionOffset {
                topic,
                partition,
                offset,
            } = entry;
            let what = format!("{topic} {partition} {offset}");
            let here = |it: &PartitionName| it.topic == topic && it.partition == partition;
            if offset < 0 || partition < 0 {
                let finding = Finding::new(Kind::Checkpoint, &path, "numbers from 0 on", what);
                self.findings.push(finding);
                continue;
            }
            if !self.partitions.iter().any(here) {
                let expected = "a partition of this directory";
                self.findings
                    .push(Finding::new(Kind::CheckpointEntry, &path, expected, what));
                continue;
            }
            if offsets.insert((topic, partition), offset).is_some() {
                let finding =
                    Finding::new(Kind::Checkpoint, &path, "a line for each partition", what);
                self.findings.push(finding);
            }
        }
        self.offsets.insert(name, offsets);
        Ok(())
    }

    /// What a checkpoint says.
    pub(crate) fn offsets(&self, checkpoint: &str) -> Option<&BTreeMap<(String, i32), i64>> {
        self.offsets.get(checkpoint)
    }

    /// What is known of a partition in it.
    pub fn subject(&self, name: &PartitionName) -> Subject {
        let key = (name.topic.clone(), name.partition);
        let offset = |checkpoint| self.offsets.get(checkpoint)?.get(&key).copied();
        let is_metadata = name.to_string() == METADATA_PARTITION;
        // The other checkpoints are about the replica that is served.
        let current = name.state == DirectoryState::Current;
        let cleaner_offset = offset(checkpoint::CLEANER_OFFSETS);
        Subject {
            // Every start reads all of the metadata, whatever the last stop was.
            clean: self.clean && !is_metadata,
            recovery_point: offset(checkpoint::RECOVERY_POINTS).filter(|_| current),
            high_watermark: offset(checkpoint::HIGH_WATERMARKS).filter(|_| current),
            log_start: offset(checkpoint::LOG_START_OFFSETS).filter(|_| current),
            cleaner_offset: cleaner_offset.filter(|_| current),
            compacted: cleaner_offset.is_some(),
            metadata: is_metadata,
            ..Subject::new(&self.path.join(name.to_string()))
        }
    }
}

impl Drop for DataDirectory {
    fn drop(&mut self) {
        if !self.had_lock_file
            && let Some(lock) = self.lock.take()
        {
            // It is no harm if it stays.
            let _ = lock.close();
        }
    }
}
