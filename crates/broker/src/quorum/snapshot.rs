//! Snapshots of the metadata log: `<end offset>-<epoch>.checkpoint` files, and `bootstrap.checkpoint`.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use ottla_metadata::Record;
use ottla_raft::{Control, VoterSet};
use ottla_wire::records::Batch;

use super::batches::{self, Content};

const SUFFIX: &str = ".checkpoint";
const UNFINISHED: &str = ".checkpoint.part";
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
pub(crate) fn list(directory: &Path) -> io::Result<Vec<SnapshotId>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(directory)? {
        if let Some(id) = entry?.file_name().to_str().and_then(SnapshotId::parse) {
            ids.push(id);
        }
    }
    ids.sort_unstable();
    Ok(ids)
}

/// Removes what a crash left unfinished.
pub(crate) fn remove_unfinished(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.ends_with(UNFINISHED))
        {
            fs::remove_file(entry.path())?;
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
    let mut bytes = Bytes::from(fs::read(path).map_err(|error| wrong(&error))?);
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
    write_to(&path, id.epoch, snapshot, now_ms).map_err(|error| {
        // Half a snapshot takes room, and there may be none.
        let _ = fs::remove_file(unfinished(&path));
        format!("{}: {error}", path.display())
    })?;
    Ok(path)
}

/// Where a snapshot is written before it is whole.
fn unfinished(path: &Path) -> PathBuf {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".part");
    PathBuf::from(temporary)
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
    let text = |error: io::Error| error.to_string();
    let temporary = unfinished(path);
    let mut file = io::BufWriter::new(fs::File::create(&temporary).map_err(text)?);
    let mut offset = 0;
    let mut put = |batch: Batch| {
        offset = batch.next_offset();
        file.write_all(batch.header())?;
        file.write_all(batch.payload()).map(|()| offset)
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
    put(batches::of_control(
        &[Control::SnapshotFooter],
        next,
        epoch,
        now_ms,
    )?)
    .map_err(text)?;
    let file = file.into_inner().map_err(|error| error.to_string())?;
    file.sync_all().map_err(text)?;
    file.set_permissions(fs::Permissions::from_mode(0o400))
        .map_err(text)?;
    fs::rename(&temporary, path).map_err(text)?;
    match path.parent() {
        Some(directory) => fs::File::open(directory)
            .and_then(|d| d.sync_all())
            .map_err(text),
        None => Ok(()),
    }
}
