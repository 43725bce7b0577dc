//! Checking and repairing a log directory that no node runs on: the logs as `ottla_log` does it, and what the cluster's
//! metadata among them says of the others.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use ottla_log::{
    LogError,
    directory::{self, MetaProperties},
    names::{DirectoryState, PartitionName},
    repair,
    verify::{self, Checked, DataDirectory, METADATA_PARTITION, Subject, Target},
};
pub use ottla_log::{
    repair::{How, Repaired},
    verify::{Finding, Findings, Kind, Severity},
};
use ottla_metadata::{
    Image,
    image::{ConfigResource, directory::LOST},
    loader::{self, LoadFault, Loader},
};
use ottla_wire::{
    Uuid,
    records::{Batch, BatchHead},
};
use parking_lot::Mutex;

use crate::{
    quorum::{
        Content, read_batch,
        snapshot::{self, SnapshotId},
        state_file,
    },
    task,
};

/// So many findings are kept of a directory; the rest are counted.
const MOST_FINDINGS: usize = 100_000;
/// Of each partition, once so many were found.
const FEW_FINDINGS: usize = 3;
/// These topics are compacted, whatever is known of their configurations.
const COMPACTED: [&str; 2] = ["__consumer_offsets", "__transaction_state"];

/// What to check.
#[derive(Clone, Debug)]
pub struct Check {
    /// A log directory, or that of one partition.
    pub path: PathBuf,
    /// So many partitions at a time.
    pub threads: usize,
    /// `producer.id.expiration.ms` of the node.
    pub producer_expiry_ms: i64,
}

/// One partition's directory, and what is in it.
#[derive(Debug)]
struct Part {
    name: PartitionName,
    subject: Subject,
    checked: Checked,
}

/// A directory that was checked, and stays locked until this is dropped.
#[derive(Debug)]
pub struct Verified {
    data: Option<DataDirectory>,
    /// All of its partitions were checked.
    is_whole: bool,
    parts: Vec<Part>,
    threads: usize,
}

/// How much was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Extent {
    /// Partitions' directories.
    pub partitions: usize,
    /// Segments in them.
    pub segments: usize,
    /// Sound batches.
    pub batches: u64,
    /// Bytes of `.log` files.
    pub bytes: u64,
}

impl Check {
    /// Checks it.
    ///
    /// # Errors
    /// One sentence: it is no log directory, a node runs on it, or a file cannot be read.
    pub fn run(&self) -> Result<Verified, String> {
        let text = |error: LogError| error.to_string();
        let (data, only) = match verify::target(&self.path).map_err(text)? {
            Target::Data(path) => (Some(DataDirectory::open(&path).map_err(text)?), None),
            Target::Partition(path, parent) => {
                let data = parent.map(|parent| DataDirectory::open(&parent));
                (data.transpose().map_err(text)?, Some(path))
            }
        };
        let mut verified = Verified {
            data,
            is_whole: only.is_none(),
            parts: Vec::new(),
            threads: self.threads,
        };
        let mut subjects = verified.subjects(only.as_deref())?;
        let mut image = None;
        if let Some(data) = &verified.data
            && data.partitions.iter().any(is_metadata)
        {
            let name = PartitionName::parse(METADATA_PARTITION);
            let name = name.ok_or("the metadata log has no name")?;
            let mut subject = data.subject(&name);
            subject.producer_expiry_ms = self.producer_expiry_ms;
            let (part, read) = metadata(name, subject)?;
            image = read;
            let wanted = subjects.iter().any(|(name, _)| is_metadata(name));
            subjects.retain(|(name, _)| !is_metadata(name));
            verified.parts.extend(wanted.then_some(part));
        }
        let found = Mutex::new(Vec::new());
        let kept = AtomicUsize::new(0);
        task::in_parallel(self.threads, &subjects, |(name, subject)| {
            let mut subject = subject.clone();
            subject.producer_expiry_ms = self.producer_expiry_ms;
            let mut checked = check(name, &mut subject, image.as_ref());
            if let Ok(checked) = &mut checked {
                let count = checked.findings.kept().len();
                if kept.fetch_add(count, Ordering::Relaxed) > MOST_FINDINGS {
                    checked.findings.limit(FEW_FINDINGS);
                }
            }
            let part = checked.map(|checked| Part {
                name: name.clone(),
                subject,
                checked,
            });
            found.lock().push(part);
        });
        for part in found.into_inner() {
            verified.parts.push(part.map_err(text)?);
        }
        verified
            .parts
            .sort_by_cached_key(|part| part.name.to_string());
        Ok(verified)
    }
}

fn is_metadata(name: &PartitionName) -> bool {
    name.to_string() == METADATA_PARTITION
}

impl Verified {
    fn subjects(&self, only: Option<&Path>) -> Result<Vec<(PartitionName, Subject)>, String> {
        let Some(path) = only else {
            let data = self.data.iter();
            let all = data.flat_map(|data| data.partitions.iter().map(move |name| (data, name)));
            return Ok(all
                // A start removes these without a look.
                .filter(|(_, name)| name.state != DirectoryState::Delete)
                .map(|(data, name)| (name.clone(), data.subject(name)))
                .collect());
        };
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name
            .and_then(PartitionName::parse)
            .ok_or_else(|| format!("{} is not named topic-partition", path.display()))?;
        let subject = match &self.data {
            Some(data) => data.subject(&name),
            None => Subject {
                metadata: is_metadata(&name),
                ..Subject::new(path)
            },
        };
        Ok(vec![(name, subject)])
    }

    /// What was found, the directory's own files first.
    pub fn findings(&self) -> Findings {
        let own = self.data.iter().filter(|_| self.is_whole);
        let own = own.map(|data| &data.findings);
        let mut all = Findings::up_to(MOST_FINDINGS);
        for findings in own.chain(self.parts.iter().map(|part| &part.checked.findings)) {
            all.extend(findings);
        }
        all
    }

    /// How much was checked.
    pub fn extent(&self) -> Extent {
        let mut extent = Extent::default();
        for part in &self.parts {
            extent.partitions += 1;
            extent.segments += part.checked.segments;
            extent.batches += part.checked.batches;
            extent.bytes += part.checked.bytes;
        }
        extent
    }

    /// A folder beside the log directory for what a repair keeps, named after the time.
    pub fn default_keep(&self, now_ms: i64) -> Result<PathBuf, String> {
        let data = self.data.as_ref().map(DataDirectory::path);
        // A lone partition may be in a directory that a node will run on.
        let beside = match data {
            Some(data) => data.parent(),
            None => None,
        };
        let beside = beside.ok_or("name a folder for what is removed or rewritten: --keep DIR")?;
        Ok(beside.join(format!("ottla-repair-{}", directory::compact_date(now_ms))))
    }

    /// Repairs what was found.
    ///
    /// # Errors
    /// One sentence: what is kept would be kept in a log directory, or a file cannot be written.
    pub fn repair(&self, how: &How) -> Result<Repaired, String> {
        let how = &How {
            keep: self.checked_keep(&how.keep)?,
            ..how.clone()
        };
        let found = Mutex::new(Vec::new());
        task::in_parallel(self.threads, &self.parts, |part| {
            let is_alone = self.parts.len() == 1;
            let repaired = if is_metadata(&part.name) && !is_alone && needs_cut(&part.checked) {
                Ok(spared(part))
            } else {
                repair::partition(&part.subject, &part.checked, how)
            };
            found.lock().push((part.name.clone(), repaired));
        });
        let mut all = Repaired::default();
        let mut partitions = Vec::new();
        let mut failed = None;
        for (name, repaired) in found.into_inner() {
            match repaired {
                Ok(repaired) => partitions.push((name, repaired)),
                Err(error) => failed = Some(error.to_string()),
            }
        }
        if let Some(failed) = failed {
            return Err(failed);
        }
        partitions.sort_by_cached_key(|(name, _)| name.to_string());
        if let Some(data) = &self.data {
            let own = repair::directory(data, &partitions, self.is_whole, how);
            partitions.push((
                PartitionName::new("", 0),
                own.map_err(|error| error.to_string())?,
            ));
        }
        for (_, repaired) in partitions {
            all.done.extend(repaired.done);
            all.left.extend(repaired.left);
        }
        Ok(all)
    }

    /// The folder, which must be in no log directory: a node that finds it there does not start.
    fn checked_keep(&self, keep: &Path) -> Result<PathBuf, String> {
        let keep =
            std::path::absolute(keep).map_err(|error| format!("{}: {error}", keep.display()))?;
        let inside = keep
            .ancestors()
            .find(|folder| folder.join("meta.properties").exists() || self.holds(folder));
        match inside {
            None => Ok(keep.join(self.own_name())),
            Some(data) => Err(format!(
                "{} is in {}, and a node does not start with a folder there that is no partition: name another one with --keep",
                keep.display(),
                data.display()
            )),
        }
    }

    fn holds(&self, folder: &Path) -> bool {
        let data = self.data.as_ref().map(DataDirectory::path);
        data == Some(folder) || self.parts.iter().any(|part| part.subject.dir == folder)
    }

    fn own_name(&self) -> PathBuf {
        let data = self.data.as_ref().and_then(|data| data.path().file_name());
        data.map(PathBuf::from).unwrap_or_default()
    }
}

/// The metadata log is not cut along with others: without its end, the topics that it names there are gone too.
fn spared(part: &Part) -> Repaired {
    Repaired {
        left: vec![format!(
            "{}: the metadata log is damaged, and is cut only if it is named itself: topics of later records would be forgotten; restore it from another controller if there is one",
            part.subject.dir.display()
        )],
        ..Repaired::default()
    }
}

fn needs_cut(checked: &Checked) -> bool {
    let kinds = [
        Kind::BatchCrc,
        Kind::BatchStructure,
        Kind::Records,
        Kind::OffsetOrder,
        Kind::OffsetRange,
        Kind::OffsetGap,
        Kind::SegmentOverlap,
        Kind::EpochOrder,
    ];
    checked
        .findings
        .kept()
        .iter()
        .any(|it| kinds.contains(&it.kind))
}

fn check(
    name: &PartitionName,
    subject: &mut Subject,
    image: Option<&Image>,
) -> Result<Checked, LogError> {
    let policy = image.and_then(|image| {
        let topic = ConfigResource::topic(name.topic.as_str());
        let of_topic = image.config(&topic, "cleanup.policy");
        let of_all = || image.config(&ConfigResource::all_brokers(), "log.cleanup.policy");
        of_topic.or_else(of_all).map(str::to_owned)
    });
    subject.compacted |= policy.is_some_and(|policy| policy.contains("compact"))
        || COMPACTED.contains(&name.topic.as_str());
    subject.topic_id = image.and_then(|image| topic_id(name, &subject.dir, image));
    let mut checked = verify::partition(subject, &mut |_, _| Ok(()))?;
    if let Some(image) = image
        && name.state == DirectoryState::Current
    {
        check_topic(name, subject, image, &mut checked.findings);
    }
    Ok(checked)
}

/// The id of the topic whose partition the cluster's metadata places in this log directory, or in none of this node: when it
/// starts, it says so of a partition without a sensible id.
fn topic_id(name: &PartitionName, dir: &Path, image: &Image) -> Option<Uuid> {
    let id = image.topic_id(&name.topic)?;
    let partition = image.topic_by_id(id)?.partitions.get(&name.partition)?;
    let meta = MetaProperties::read(dir.parent()?).ok()??;
    let is_lost = || partition.directory(meta.node_id?);
    let is_here = partition.directories.contains(&meta.directory_id?) || is_lost() == Some(LOST);
    (name.state == DirectoryState::Current && is_here).then_some(id)
}

/// Whether the cluster knows the partition by the id that its directory says.
fn check_topic(name: &PartitionName, subject: &Subject, image: &Image, to: &mut Findings) {
    let path = subject.dir.join("partition.metadata");
    // What is wrong with the file itself was found.
    let Ok(Some(id)) = directory::read_topic_id(&subject.dir) else {
        return;
    };
    let named = image.topic_id(&name.topic);
    let known = image
        .topic_by_id(id)
        .filter(|topic| *topic.name == *name.topic);
    match (known, named) {
        (Some(topic), _) if topic.partitions.contains_key(&name.partition) => {}
        (None, Some(named)) => {
            let expected = format!("{named}, the id of topic {}", name.topic);
            to.push(Finding::new(Kind::TopicId, &path, expected, id.to_string()));
        }
        _ => {
            let found = "one that is not: a start sets it aside";
            let expected = "a partition that the cluster's metadata knows";
            to.push(Finding::new(Kind::SetAside, &subject.dir, expected, found));
        }
    }
}

/// Checks the metadata log with its snapshots; the image that it gives, if there are records.
fn metadata(name: PartitionName, subject: Subject) -> Result<(Part, Option<Image>), String> {
    let dir = subject.dir.clone();
    let mut findings = Findings::default();
    let mut loader = Loader::new();
    let mut faults = Vec::new();
    let newest = snapshots(&dir, &mut loader, &mut findings, &mut faults)?;
    let mut visit = |head: &BatchHead, bytes: &Bytes| {
        let batch = Batch::first(bytes).map_err(|error| error.to_string())?;
        let Content::Records(records) = read_batch(&batch)? else {
            return Ok(());
        };
        if head.base_offset < newest.offset {
            return Ok(());
        }
        let batch = loader::Batch {
            base_offset: batch.base_offset(),
            epoch: batch.leader_epoch(),
            timestamp: batch.max_timestamp(),
            last_offset: batch.last_offset(),
            records: records
                .into_iter()
                .map(|(_, record)| record.value)
                .collect(),
        };
        let before = faults.len();
        loader.load(&batch, &mut faults);
        match faults.get(before) {
            Some(fault) => Err(fault.to_string()),
            None => Ok(()),
        }
    };
    let mut checked = verify::partition(&subject, &mut visit).map_err(|error| error.to_string())?;
    loader.flush();
    if checked.first_offset > newest.offset {
        let expected = format!(
            "records from offset {}, where the newest snapshot ends",
            newest.offset
        );
        let found = format!("a log that begins at {}", checked.first_offset);
        findings.push(Finding::new(Kind::MetadataSnapshot, &dir, expected, found));
    }
    if let Err(problem) = state_file::check(&dir) {
        let path = dir.join(state_file::NAME);
        findings.push(Finding::new(
            Kind::QuorumState,
            &path,
            "an election state",
            problem,
        ));
    }
    checked.findings.extend(&findings);
    let image = loader.image().clone();
    let has_topics = image.topic_count() > 0 || image.metadata_version().is_some();
    let part = Part {
        name,
        subject,
        checked,
    };
    Ok((part, has_topics.then_some(image)))
}

/// Reads all snapshots; the newest sound one is loaded.
fn snapshots(
    dir: &Path,
    loader: &mut Loader,
    to: &mut Findings,
    faults: &mut Vec<LoadFault>,
) -> Result<SnapshotId, String> {
    let ids = snapshot::list(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut newest = SnapshotId::default();
    for id in ids {
        let path = id.path(dir);
        // What cannot be opened could not be checked.
        fs::File::open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        match snapshot::read(&path) {
            // What the format wrote goes into the log.
            Ok(_) if id == SnapshotId::default() => {}
            Ok(snapshot) => {
                newest = id;
                let at = loader::Provenance {
                    offset: id.offset - 1,
                    epoch: id.epoch,
                    timestamp: snapshot.last_contained_log_timestamp,
                    is_batch_aligned: true,
                };
                let records = snapshot.records.iter().map(|record| &record.value);
                faults.clear();
                loader.load_snapshot(records, at, faults);
                if let Some(fault) = faults.first() {
                    to.push(Finding::new(
                        Kind::MetadataSnapshot,
                        &path,
                        "records that fit each other",
                        fault.to_string(),
                    ));
                }
            }
            Err(problem) => {
                to.push(Finding::new(
                    Kind::MetadataSnapshot,
                    &path,
                    "a sound snapshot",
                    problem,
                ));
            }
        }
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::topics::auto_create::tests::config,
        format::{self, Format},
    };

    /// A node's formatted directory.
    fn formatted(dir: &Path) -> PathBuf {
        let data = dir.join("data");
        let log_dirs = data.to_string_lossy();
        let config = config(&[("log.dirs", &log_dirs)]);
        let listener = "CONTROLLER".to_owned();
        let quorum = format::standalone(&config).unwrap();
        let how = Format {
            cluster_id: "I2eXt9rvSnyhct8BYmW6-w".to_owned(),
            bootstrap: ottla_metadata::bootstrap::Format::new(quorum, listener),
            ignore_formatted: false,
        };
        format::run(&config, &how).unwrap();
        data
    }

    fn check(path: &Path) -> Verified {
        let check = Check {
            path: path.to_owned(),
            threads: 2,
            producer_expiry_ms: i64::MAX,
        };
        check.run().unwrap()
    }

    fn kinds(path: &Path) -> Vec<Kind> {
        let findings = check(path).findings();
        findings.kept().iter().map(|it| it.kind).collect()
    }

    #[test]
    fn the_files_of_the_quorum_are_checked() {
        let dir = tempfile::tempdir().unwrap();
        let data = formatted(dir.path());
        assert_eq!(kinds(&data), []);
        let metadata = data.join(METADATA_PARTITION);
        let state = metadata.join(state_file::NAME);
        fs::write(&state, "{}").unwrap();
        assert_eq!(kinds(&data), [Kind::QuorumState]);
        fs::remove_file(&state).unwrap();
        let ids = snapshot::list(&metadata).unwrap();
        let path = ids[0].path(&metadata);
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        fs::remove_file(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        assert_eq!(kinds(&data), [Kind::MetadataSnapshot]);
    }

    #[test]
    fn what_a_repair_keeps_is_in_no_log_directory() {
        let dir = tempfile::tempdir().unwrap();
        let data = formatted(dir.path());
        fs::write(data.join("recovery-point-offset-checkpoint"), "nonsense").unwrap();
        let verified = check(&data);
        let how = |keep: PathBuf| How {
            keep,
            truncate: false,
            dry_run: false,
            now_ms: 1_795_223_000_000,
        };
        let refused = verified.repair(&how(data.join("kept"))).unwrap_err();
        assert!(refused.contains("--keep"), "{refused}");
        let keep = verified.default_keep(1_795_223_000_000).unwrap();
        assert!(
            keep.ends_with("ottla-repair-20261121-010320"),
            "{}",
            keep.display()
        );
        let repaired = verified.repair(&how(keep.clone())).unwrap();
        assert_eq!(
            (repaired.done.len(), repaired.left.len()),
            (1, 0),
            "{repaired:?}"
        );
        let kept = fs::read(keep.join("data/recovery-point-offset-checkpoint")).unwrap();
        assert_eq!(kept, b"nonsense");
        drop(verified);
        assert_eq!(kinds(&data), []);
    }
}
