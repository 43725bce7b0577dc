//! `__cluster_metadata-0`: the log of a KRaft quorum of one, its snapshots and its election state.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use ottla_log::{
    AppendError, Appended, Leading, Log, LogConfig, LogError, Opening, Origin, UpperBound,
    directory, file,
};
use ottla_metadata::{Record, loader};
use ottla_raft::{Control, Effect, Election, Quorum, Start, Voter, VoterSet};
use ottla_wire::{Uuid, records::Batch};
use tracing::{info, warn};

use super::{
    batches::{self, Content},
    snapshot::{self, Snapshot, SnapshotId},
    state_file,
};
use crate::{log_dirs, settings::Settings};

/// The directory's name.
pub(crate) const DIRECTORY: &str = "__cluster_metadata-0";
/// Room that the log keeps for itself beyond its end.
const RESERVE_BYTES: u64 = 256 << 10;
/// What `quorum-state` takes, and what a file system takes for a new file.
const STATE_BYTES: u64 = 4096;
/// What the indexes of a log take at least while they are made anew.
const INDEX_BYTES: u64 = 16_384;
/// How much is read at once while loading.
const READ_BYTES: usize = 1 << 20;

/// The log of this node's metadata quorum, which it leads.
pub(crate) struct MetadataLog {
    directory: PathBuf,
    log: Log,
    quorum: Quorum,
    kraft_version: i16,
    /// Bytes appended since the last snapshot.
    unsnapshotted: u64,
    last_snapshot: SnapshotId,
    last_timestamp: i64,
    reserve: Reserve,
}

/// Room that the active segment has beyond its end, so that a full disk does not keep topics from being deleted.
#[derive(Clone, Copy, Default)]
struct Reserve {
    /// The segment.
    base_offset: i64,
    /// Up to which byte of it.
    until: u64,
    /// There is no room for more.
    is_short: bool,
}

/// Why records are not in the log. The log is as it was.
#[derive(Debug)]
pub(crate) enum NotWritten {
    /// There is no room; there may be later.
    Full(String),
    /// The log cannot be used.
    Failed(String),
}

impl NotWritten {
    fn into_text(self) -> String {
        match self {
            Self::Full(why) | Self::Failed(why) => why,
        }
    }
}

/// What was in the log before this node was elected.
pub(crate) struct Loaded {
    /// The newest snapshot's records, and where it ends; none if only the one of the format is there.
    pub(crate) snapshot: Option<(Vec<Record>, loader::Provenance)>,
    /// The batches after it.
    pub(crate) batches: Vec<loader::Batch>,
}

/// What the control records say.
#[derive(Default)]
struct Voting {
    kraft_version: i16,
    voters: VoterSet,
    in_log: bool,
}

impl MetadataLog {
    /// Opens the log, reads it, and elects this node.
    ///
    /// # Errors
    /// One sentence that names the file or the reason.
    pub(crate) fn open(
        settings: &Settings,
        me: Voter,
        static_voters: VoterSet,
        clean: bool,
        now_ms: i64,
    ) -> Result<(Self, Loaded), String> {
        let directory = settings.metadata_log_dir.join(DIRECTORY);
        create(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
        snapshot::remove_unfinished(&directory).map_err(|fault| fault.to_string())?;
        let newest = snapshot::list(&directory).map_err(|fault| fault.to_string())?;
        let newest = newest.last().copied();
        let mut voting = Voting {
            voters: static_voters,
            ..Voting::default()
        };
        let mut loaded = Loaded {
            snapshot: None,
            batches: Vec::new(),
        };
        if let Some(id) = newest {
            loaded.snapshot = load_snapshot(&directory, id, &mut voting)?;
        }
        let start_offset = newest.map_or(0, |id| id.offset);
        let opening = Opening {
            clean,
            recovery_point: 0,
            log_start_offset: 0,
            now_ms,
            producer_expiry_ms: settings.producer_id_expiration_ms,
        };
        let mut log = open_log(&directory, settings, &opening)?;
        if log.offsets().log_end < start_offset {
            // The records before a snapshot may be gone; what comes next continues it.
            log.truncate_fully_and_start_at(start_offset, None, now_ms)
                .and_then(|removal| removal.run())
                .map_err(|error| error.to_string())?;
        }
        read_batches(&log, start_offset, |batch, content| {
            let base_offset = batch.base_offset();
            let mut read = loader::Batch {
                base_offset,
                epoch: batch.leader_epoch(),
                timestamp: batch.max_timestamp(),
                records: Vec::new(),
                last_offset: batch.last_offset(),
            };
            match content {
                Content::Control(records) => voting.note(records),
                Content::Records(records) => {
                    read.records = records
                        .into_iter()
                        .map(|(_, record)| record.value)
                        .collect();
                }
            }
            loaded.batches.push(read);
        })
        .map_err(|why| format!("{}: {why}", directory.display()))?;
        let election = state_file::read(&directory)?;
        let last_epoch = log
            .reader()
            .latest_epoch()
            .unwrap_or(0)
            .max(newest.map_or(0, |id| id.epoch));
        let start = Start {
            me,
            election,
            voters: voting.voters,
            kraft_version: voting.kraft_version,
            voters_in_log: voting.in_log,
            last_epoch,
            log_end: log.offsets().log_end,
        };
        let (quorum, effects) = Quorum::start(start).map_err(|refused| refused.to_string())?;
        let mut metadata_log = Self {
            directory,
            log,
            quorum,
            kraft_version: voting.kraft_version,
            unsnapshotted: 0,
            last_snapshot: newest.unwrap_or_default(),
            last_timestamp: now_ms,
            reserve: Reserve::default(),
        };
        metadata_log.carry_out(effects, now_ms)?;
        info!(
            target: "org.apache.kafka.raft.KafkaRaftClient",
            "elected leader of the metadata quorum in epoch {}", metadata_log.epoch()
        );
        Ok((metadata_log, loaded))
    }

    fn carry_out(&mut self, effects: Vec<Effect>, now_ms: i64) -> Result<(), String> {
        for effect in effects {
            match effect {
                Effect::Persist(election) => self.persist(&election)?,
                Effect::Append { epoch, records } => {
                    let batch =
                        batches::of_control(&records, self.log.offsets().log_end, epoch, now_ms)?;
                    // Flushed with the first decision: until then nobody has been told anything.
                    self.append_batch(batch, now_ms)
                        .map_err(NotWritten::into_text)?;
                }
                Effect::HighWatermark(offset) => {
                    self.log.update_high_watermark(offset);
                }
            }
        }
        Ok(())
    }

    fn persist(&self, election: &Election) -> Result<(), String> {
        let write = || state_file::write(&self.directory, election, self.kraft_version);
        match write() {
            // What the log keeps beyond its end is for this: nobody can be elected without it.
            Err(fault) if fault.is_full() && self.log.give_back().is_ok() => write(),
            written => written,
        }
        .map_err(|fault| told(&fault, &self.directory, STATE_BYTES))
    }

    /// Appends records as one batch, not yet committed; the offset of its last.
    ///
    /// # Errors
    /// Nothing was appended then.
    pub(crate) fn append(&mut self, records: &[Record], now_ms: i64) -> Result<i64, NotWritten> {
        let end = self.log.offsets().log_end;
        let batch =
            batches::of_records(records, end, self.epoch(), now_ms).map_err(NotWritten::Failed)?;
        Ok(self.append_batch(batch, now_ms)?.last_offset)
    }

    fn append_batch(&mut self, batch: Batch, now_ms: i64) -> Result<Appended, NotWritten> {
        let size = batch.size_in_bytes() as u64;
        let epoch = self.epoch();
        let how = Leading::new(epoch, Origin::RaftLeader, now_ms);
        let appended = match self.log.append_as_leader(vec![batch], &how) {
            Ok(appended) => appended,
            Err(AppendError::Log(fault)) if fault.is_full() => {
                // What was reserved may have been given back with the half that was written.
                self.reserve = Reserve::default();
                let dir = self.directory.parent().unwrap_or(&self.directory);
                return Err(NotWritten::Full(log_dirs::no_room(dir, size)));
            }
            Err(error) => return Err(NotWritten::Failed(error.to_string())),
        };
        self.unsnapshotted += size;
        self.last_timestamp = now_ms;
        self.keep_reserve();
        Ok(appended)
    }

    /// Reserves more once half of it is used.
    fn keep_reserve(&mut self) {
        let (base_offset, size) = self.log.active_segment();
        let needed = u64::from(size) + RESERVE_BYTES / 2;
        if self.reserve.base_offset == base_offset && self.reserve.until >= needed {
            return;
        }
        let reserved = self.log.reserve(RESERVE_BYTES);
        if reserved.is_ok() {
            self.reserve = Reserve {
                base_offset,
                until: u64::from(size) + RESERVE_BYTES,
                is_short: false,
            };
        } else {
            self.reserve.is_short = true;
        }
    }

    /// Whether the disk is full, so that only what somebody asked for should be written.
    pub(crate) fn is_short_of_room(&mut self) -> bool {
        if self.reserve.is_short {
            self.keep_reserve();
        }
        self.reserve.is_short
    }

    /// Flushes, and so commits, what was appended.
    pub(crate) fn flush(&mut self, now_ms: i64) -> Result<i64, String> {
        let end = self.log.offsets().log_end;
        self.log.flush(now_ms).map_err(|error| error.to_string())?;
        for effect in self.quorum.flushed(end) {
            if let Effect::HighWatermark(offset) = effect {
                self.log.update_high_watermark(offset);
            }
        }
        Ok(self.quorum.high_watermark())
    }

    /// Where it is.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The epoch in which this node leads.
    pub(crate) fn epoch(&self) -> i32 {
        self.quorum.epoch()
    }

    /// The offset that the next record gets.
    pub(crate) fn next_offset(&self) -> i64 {
        self.log.offsets().log_end
    }

    /// The quorum.
    pub(crate) fn quorum(&self) -> &Quorum {
        &self.quorum
    }

    /// `kraft.version`.
    pub(crate) fn kraft_version(&self) -> i16 {
        self.kraft_version
    }

    /// Bytes appended since the last snapshot.
    pub(crate) fn unsnapshotted(&self) -> u64 {
        self.unsnapshotted
    }

    /// Writes a snapshot of everything committed, then lets go of what the snapshots make superfluous.
    pub(crate) fn write_snapshot(
        &mut self,
        records: Vec<Record>,
        settings: &Settings,
        now_ms: i64,
    ) -> Result<(), String> {
        let id = SnapshotId {
            offset: self.quorum.high_watermark(),
            epoch: self.epoch(),
        };
        if id == self.last_snapshot {
            return Ok(());
        }
        let snapshot = Snapshot {
            last_contained_log_timestamp: self.last_timestamp,
            kraft_version: Some(self.kraft_version),
            voters: Some(self.quorum.voters().clone()),
            records,
        };
        let path = snapshot::write(&self.directory, id, &snapshot, now_ms)?;
        info!(target: "org.apache.kafka.controller.SnapshotGenerator", "wrote snapshot {}", path.display());
        self.last_snapshot = id;
        self.unsnapshotted = 0;
        self.clean(settings, now_ms)
    }

    /// Removes old snapshots, and the records before the oldest that stays, by `metadata.max.retention.*`.
    fn clean(&mut self, settings: &Settings, now_ms: i64) -> Result<(), String> {
        let text = |fault: LogError| fault.to_string();
        let mut ids = snapshot::list(&self.directory).map_err(text)?;
        let size_of = |id: &SnapshotId| file::size_of(&id.path(&self.directory)).unwrap_or(0);
        while ids.len() > 1 {
            let total = self.log.reader().size_in_bytes() + ids.iter().map(size_of).sum::<u64>();
            let too_large = settings.metadata_max_retention_bytes >= 0
                && total > settings.metadata_max_retention_bytes as u64;
            let written =
                snapshot::read(&ids[0].path(&self.directory))?.last_contained_log_timestamp;
            let too_old = settings.metadata_max_retention_ms >= 0
                && written > 0
                && now_ms - written > settings.metadata_max_retention_ms;
            if !too_large && !too_old {
                break;
            }
            let gone = ids.remove(0);
            // The log first: a snapshot without the records after it would be a gap.
            self.log
                .delete_records_before(ids[0].offset)
                .map_err(|error| error.to_string())?;
            let removal = self
                .log
                .delete_old_segments(now_ms)
                .map_err(|error| error.to_string())?;
            removal.run().map_err(|error| error.to_string())?;
            file::remove(&gone.path(&self.directory)).map_err(text)?;
        }
        Ok(())
    }

    /// Closes the log cleanly.
    pub(crate) fn close(self, now_ms: i64) {
        if let Err(error) = self.log.close(now_ms) {
            warn!(%error, "the metadata log was not closed cleanly");
        }
    }
}

impl Voting {
    fn note(&mut self, records: Vec<Control>) {
        for record in records {
            match record {
                Control::KraftVersion(version) => self.kraft_version = version,
                Control::Voters(voters) => {
                    self.voters = voters;
                    self.in_log = true;
                }
                Control::LeaderChange { .. }
                | Control::SnapshotHeader { .. }
                | Control::SnapshotFooter => {}
            }
        }
    }
}

type LoadedSnapshot = Option<(Vec<Record>, loader::Provenance)>;

fn load_snapshot(
    directory: &Path,
    id: SnapshotId,
    voting: &mut Voting,
) -> Result<LoadedSnapshot, String> {
    let snapshot = snapshot::read(&id.path(directory))?;
    voting.kraft_version = snapshot.kraft_version.unwrap_or(0);
    if let Some(voters) = snapshot.voters {
        voting.voters = voters;
        // What the format wrote is not in the log yet.
        voting.in_log = id != SnapshotId::default();
    }
    // What the format wrote is what the first controller of the cluster begins with: it goes into the log.
    if snapshot.records.is_empty() || id == SnapshotId::default() {
        return Ok(None);
    }
    let at = loader::Provenance {
        offset: id.offset - 1,
        epoch: id.epoch,
        timestamp: snapshot.last_contained_log_timestamp,
        is_batch_aligned: true,
    };
    Ok(Some((snapshot.records, at)))
}

fn read_batches(log: &Log, from: i64, mut take: impl FnMut(&Batch, Content)) -> Result<(), String> {
    let mut offset = from;
    while offset < log.offsets().log_end {
        let fetched = log
            .reader()
            .read(offset, READ_BYTES, true, UpperBound::LogEnd)
            .map_err(|error| format!("the metadata log from offset {offset}: {error}"))?;
        let slice = fetched
            .slice
            .ok_or_else(|| format!("the metadata log ends before offset {offset}"))?;
        let mut bytes: Bytes = slice.read().map_err(|error| error.to_string())?;
        let before = offset;
        while let Ok(batch) = Batch::first(&bytes) {
            bytes = bytes.slice(batch.size_in_bytes()..);
            if batch.next_offset() > from {
                take(&batch, batches::read(&batch)?);
            }
            offset = batch.next_offset();
        }
        if offset == before {
            return Err(format!(
                "the metadata log cannot be read from offset {offset} on"
            ));
        }
    }
    Ok(())
}

/// A fault in a sentence; for want of room it says how much.
fn told(fault: &LogError, directory: &Path, wanted: u64) -> String {
    let dir = directory.parent().unwrap_or(directory);
    match fault.is_full() {
        true => format!("{fault}; {}", log_dirs::no_room(dir, wanted)),
        false => fault.to_string(),
    }
}

fn open_log(directory: &Path, settings: &Settings, opening: &Opening) -> Result<Log, String> {
    let open = || Log::open(directory, Arc::new(log_config(settings)), opening);
    let opened = match open() {
        // What the log keeps beyond its end is there for this, too.
        Err(fault) if fault.is_full() && Log::give_back_in(directory).is_ok() => open(),
        opened => opened,
    };
    let (log, _) = opened.map_err(|fault| told(&fault, directory, INDEX_BYTES))?;
    Ok(log)
}

fn create(directory: &Path) -> Result<(), String> {
    file::create_dir(directory).map_err(|error| error.to_string())?;
    if directory::read_topic_id(directory)
        .map_err(|error| error.to_string())?
        .is_none()
    {
        directory::write_topic_id(directory, &Uuid::METADATA_TOPIC)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn log_config(settings: &Settings) -> LogConfig {
    LogConfig {
        segment_bytes: settings.metadata_log_segment_bytes,
        segment_ms: settings.metadata_log_segment_ms,
        retention_bytes: -1,
        retention_ms: -1,
        // A snapshot's worth of one decision: Kafka's bound for a batch of this log.
        max_message_bytes: 8 << 20,
        ..LogConfig::default()
    }
}
