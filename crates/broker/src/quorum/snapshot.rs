//! Snapshots of the metadata log: `<end offset>-<epoch>.checkpoint` files, and `bootstrap.checkpoint`.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use ottla_log::{
    LogError,
    file::{self, NewFile},
};
use ottla_metadata::Record;
use ottla_raft::{Control, VoterSet};
use ottla_wire::records::Batch;

use super::batches::{self, Content};

const SUFFIX: &str = ".checkpoint";
const PART: &str = ".part";
const UNFINISHED: &str = ".checkpoint.part";
/// So many bytes are written at a time.
const GATHER: usize = 64 << 10;
/// A batch of a snapshot has at most so many records; Kafka bounds it by 8 MiB, which these stay below.
const RECORDS_PER_BATCH: usize = 1000;

/// Which snapshot: the state after all records before `offset`, the last of which has `epoch`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct SnapshotId {
    pub(crate) offset: i64,
    pub(crate) epoch: i32,
}

impl SnapshotId {
    fn file_name(self) -> String {
        format!("{:020}-{:010}{SUFFIX}", self.offset, self.epoch)
    }

    fn parse(name: &str) -> Option<Self> {
        let (offset, epoch) = name.strip_suffix(SUFFIX)?.split_once('-')?;
        if offset.len() != 20 || epoch.len() != 10 {
            return None;
        }
        Some(Self {
            offset: offset.parse().ok()?,
            epoch: epoch.parse().ok()?,
        })
    }

    /// Its file.
    pub(crate) fn path(self, directory: &Path) -> PathBuf {
        directory.join(self.file_name())
    }
}

/// What a snapshot says.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    /// When the last record in it was appended, in milliseconds since 1970.
    pub(crate) last_contained_log_timestamp: i64,
    /// `kraft.version`, if it says.
    pub(crate) kraft_version: Option<i16>,
    /// The voters, if it says.
    pub(crate) voters: Option<VoterSet>,
    /// The metadata.
    pub(crate) records: Vec<Record>,
}

/// All snapshots in a directory, oldest first.
pub(crate) fn list(directory: &Path) -> Result<Vec<SnapshotId>, LogError> {
    let names = file::list(directory, false)?;
    let ids = names.iter().filter_map(|name| SnapshotId::parse(name));
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    Ok(ids)
}

/// Removes what a crash left unfinished.
pub(crate) fn remove_unfinished(directory: &Path) -> Result<(), LogError> {
    for name in file::list(directory, false)? {
        if name.ends_with(UNFINISHED) {
            file::remove(&directory.join(name))?;
        }
    }
    Ok(())
}

/// Reads a snapshot file, or `bootstrap.checkpoint`.
///
/// # Errors
/// A sentence that names the file and what is wrong with it.
pub(crate) fn read(path: &Path) -> Result<Snapshot, String> {
    let wrong = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
    let bytes = file::read_small(path, u64::MAX).map_err(|fault| fault.to_string())?;
    let mut bytes = Bytes::from(bytes);
    let (mut snapshot, mut complete) = (Snapshot::default(), false);
    while !bytes.is_empty() {
        if complete {
            return Err(wrong(&"there are bytes after the snapshot's footer"));
        }
        let batch = Batch::first(&bytes).map_err(|error| wrong(&error))?;
        bytes = bytes.slice(batch.size_in_bytes()..);
        match batches::read(&batch).map_err(|error| wrong(&error))? {
            Content::Records(records) => snapshot
                .records
                .extend(records.into_iter().map(|(_, record)| record)),
            Content::Control(records) => {
                for record in records {
                    match record {
                        Control::SnapshotHeader {
                            last_contained_log_timestamp,
                        } => {
                            snapshot.last_contained_log_timestamp = last_contained_log_timestamp;
                        }
                        Control::KraftVersion(version) => snapshot.kraft_version = Some(version),
                        Control::Voters(voters) => snapshot.voters = Some(voters),
                        Control::SnapshotFooter => complete = true,
                        Control::LeaderChange { .. } => {
                            return Err(wrong(&"a snapshot holds no leader changes"));
                        }
                    }
                }
            }
        }
    }
    if !complete {
        return Err(wrong(
            &"the snapshot has no footer: it was not written to its end",
        ));
    }
    Ok(snapshot)
}

/// Writes a snapshot: a temporary file, flushed, made read-only and renamed.
///
/// # Errors
/// A sentence that names the file and what went wrong.
pub(crate) fn write(
    directory: &Path,
    id: SnapshotId,
    snapshot: &Snapshot,
    now_ms: i64,
) -> Result<PathBuf, String> {
    let path = id.path(directory);
    write_to(&path, id.epoch, snapshot, now_ms)?;
    Ok(path)
}

/// Writes a snapshot to a file of any name, e.g. `bootstrap.checkpoint`.
///
/// # Errors
/// As the disk and the records say.
pub(crate) fn write_to(
    path: &Path,
    epoch: i32,
    snapshot: &Snapshot,
    now_ms: i64,
) -> Result<(), String> {
    let text = |fault: LogError| fault.to_string();
    let mut file = NewFile::begin(path, PART).map_err(text)?;
    let mut gathered = Vec::new();
    let mut put = |batch: Batch| -> Result<i64, LogError> {
        gathered.extend_from_slice(batch.header());
        gathered.extend_from_slice(batch.payload());
        if gathered.len() >= GATHER {
            file.write(&gathered)?;
            gathered.clear();
        }
        Ok(batch.next_offset())
    };
    let mut header = vec![Control::SnapshotHeader {
        last_contained_log_timestamp: snapshot.last_contained_log_timestamp,
    }];
    if let Some(version) = snapshot.kraft_version.filter(|version| *version > 0) {
        header.push(Control::KraftVersion(version));
        header.extend(snapshot.voters.clone().map(Control::Voters));
    }
    let mut next = put(batches::of_control(&header, 0, epoch, now_ms)?).map_err(text)?;
    for records in snapshot.records.chunks(RECORDS_PER_BATCH) {
        next = put(batches::of_records(records, next, epoch, now_ms)?).map_err(text)?;
    }
    let footer = batches::of_control(&[Control::SnapshotFooter], next, epoch, now_ms)?;
    put(footer).map_err(text)?;
    file.write(&gathered).map_err(text)?;
    file.put_in_place(true).map_err(text)
}
