//! Repairing what a log directory says of its partitions, once these are repaired.

use std::collections::BTreeMap;
use std::path::Path;

use super::{How, Keep, Repaired};
use crate::checkpoint::{self, PartitionOffset};
use crate::error::LogError;
use crate::file;
use crate::names::{DirectoryState, PartitionName};
use crate::verify::{CHECKPOINTS, DataDirectory, Kind};

/// A checkpoint is read up to so many bytes.
const LIMIT: u64 = 512 << 20;

/// Nothing else in the directory says which one it is.
const NO_META_PROPERTIES: &str = "restore the file from a copy: version, cluster.id and node.id are those in another log directory of the node, and directory.id is the one that the cluster's metadata names for the replicas in here, which nothing in the directory says";

type Offsets = BTreeMap<(String, i32), i64>;

/// Brings the checkpoints of a log directory in line with its repaired partitions, and marks it as left properly if all
/// of them are sound and were closed.
///
/// # Errors
/// If a file cannot be read or written.
pub fn directory(
    data: &DataDirectory,
    partitions: &[(PartitionName, Repaired)],
    all: bool,
    how: &How,
) -> Result<Repaired, LogError> {
    let mut repaired = Repaired::default();
    let keep = Keep::new(how.keep.clone());
    for name in CHECKPOINTS {
        let path = data.path().join(name);
        let is_wrong = data
            .findings
            .kept()
            .iter()
            .any(|it| it.path == path && it.kind == Kind::Checkpoint);
        let before = match data.offsets(name) {
            Some(offsets) => offsets.clone(),
            None => salvage(&path, &data.partitions)?,
        };
        let after = in_line(name, &before, partitions);
        if !is_wrong && after == before {
            continue;
        }
        if !how.dry_run {
            keep.copy(&path)?;
            write(&path, &after)?;
        }
        repaired.done.push(format!(
            "{}: rewritten with {} offsets",
            path.display(),
            after.len()
        ));
    }
    for finding in data.findings.kept() {
        if finding.kind == Kind::MetaProperties {
            repaired
                .left
                .push(format!("{finding}: {NO_META_PROPERTIES}"));
        }
    }
    let is_sound = partitions.iter().all(|(_, it)| it.left.is_empty());
    if !data.clean
        && all
        && is_sound
        && data
            .findings
            .kept()
            .iter()
            .any(|it| it.kind == Kind::UncleanStop)
    {
        if let Some(lock) = data.locked()
            && !how.dry_run
        {
            // Of no known broker epoch: the controller is not to believe that nothing was lost.
            lock.mark_clean_shutdown(-1)?;
        }
        repaired.done.push(format!(
            "{}: marked as left properly",
            data.path().display()
        ));
    }
    Ok(repaired)
}

/// What can be read of a checkpoint that is damaged.
fn salvage(path: &Path, partitions: &[PartitionName]) -> Result<Offsets, LogError> {
    let bytes = match file::read_small(path, LIMIT) {
        Err(error) if error.is_not_found() => Vec::new(),
        other => other?,
    };
    let mut offsets = Offsets::new();
    for line in String::from_utf8_lossy(&bytes).lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [topic, partition, offset] = words[..] else {
            continue;
        };
        let (Ok(partition), Ok(offset)) = (partition.parse(), offset.parse()) else {
            continue;
        };
        let here = |it: &PartitionName| it.topic == topic && it.partition == partition;
        if offset >= 0 && partitions.iter().any(here) {
            offsets.insert((topic.to_owned(), partition), offset);
        }
    }
    Ok(offsets)
}

/// The offsets of a checkpoint, none beyond the end of its log.
fn in_line(name: &str, before: &Offsets, partitions: &[(PartitionName, Repaired)]) -> Offsets {
    let mut after = before.clone();
    for (partition, repaired) in partitions {
        let Some(log_end) = repaired.log_end else {
            continue;
        };
        if partition.state != DirectoryState::Current
            || partition.to_string() == crate::verify::METADATA_PARTITION
        {
            continue;
        }
        let key = (partition.topic.clone(), partition.partition);
        if name == checkpoint::RECOVERY_POINTS {
            // All of it is on disk now.
            after.insert(key, log_end);
        } else if let Some(offset) = after.get_mut(&key) {
            *offset = (*offset).min(log_end);
        }
    }
    after
}

fn write(path: &Path, offsets: &Offsets) -> Result<(), LogError> {
    let entry = |((topic, partition), offset): (&(String, i32), &i64)| PartitionOffset {
        topic: topic.clone(),
        partition: *partition,
        offset: *offset,
    };
    let entries: Vec<_> = offsets.iter().map(entry).collect();
    checkpoint::write_offsets(path, &entries)
}
