//! The check of one partition's directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ottla_wire::Uuid;

use super::epochs::Epochs;
use super::finding::{Finding, Findings, Kind};
use super::snapshots::{self, Known, Snapshots};
use super::walk::{Around, Files, Visit, Walk};
use crate::checkpoint;
use crate::directory::{self, PARTITION_METADATA};
use crate::error::LogError;
use crate::file;
use crate::names;
use crate::producers::{ProducerState, Producers};
use crate::recovery::Unsettled;
use crate::snapshot;

/// The directory of the cluster's metadata.
pub const METADATA_PARTITION: &str = "__cluster_metadata-0";
const QUORUM_STATE: &str = "quorum-state";

/// What is known of a partition's log before it is looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// Its directory.
    pub dir: PathBuf,
    /// It was closed: nothing may be missing at its end. `false`: a start recovers it.
    pub clean: bool,
    /// From `recovery-point-offset-checkpoint`.
    pub recovery_point: Option<i64>,
    /// From `replication-offset-checkpoint`.
    pub high_watermark: Option<i64>,
    /// From `log-start-offset-checkpoint`.
    pub log_start: Option<i64>,
    /// From `cleaner-offset-checkpoint`.
    pub cleaner_offset: Option<i64>,
    /// It is or was compacted, so that offsets may be missing.
    pub compacted: bool,
    /// Whether it is the log of the cluster's metadata, which has files of its own.
    pub metadata: bool,
    /// `producer.id.expiration.ms`: what wrote nothing for so long need not be in a snapshot.
    pub producer_expiry_ms: i64,
    /// The id of the topic, if the cluster's metadata says that its log belongs here.
    pub topic_id: Option<Uuid>,
}

impl Subject {
    /// Nothing but a directory that was closed.
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            clean: true,
            recovery_point: None,
            high_watermark: None,
            log_start: None,
            cleaner_offset: None,
            compacted: false,
            metadata: false,
            topic_id: None,
            producer_expiry_ms: 24 * 60 * 60 * 1000,
        }
    }

    /// Up to where everything was on disk, as far as is known.
    pub(super) fn flushed(&self) -> i64 {
        self.recovery_point.unwrap_or(0)
    }
}

/// What a partition's directory holds.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What is wrong.
    pub findings: Findings,
    /// Where the log begins.
    pub first_offset: i64,
    /// Where it ends.
    pub log_end: i64,
    /// Segments that were read.
    pub segments: usize,
    /// Sound batches.
    pub batches: u64,
    /// Bytes of `.log` files.
    pub bytes: u64,
}

/// Checks a partition's directory from its first byte to its last, and shows `visit` every sound batch; what `visit`
/// says is wrong is a finding too.
///
/// # Errors
/// If a file cannot be read.
pub fn partition(subject: &Subject, visit: &mut Visit<'_>) -> Result<Checked, LogError> {
    let mut findings = Findings::default();
    let mut unsettled = Unsettled::of(&subject.dir)?;
    let strangers = unsettled
        .left
        .extract_if(.., |name| !names::is_canonical(name));
    let strangers: Vec<String> = strangers.collect();
    for name in strangers {
        let finding = Finding::new(
            Kind::UnexpectedFile,
            &subject.dir.join(name),
            "20 digits in the name of a file",
            "this file",
        );
        findings.push(finding);
    }
    names(subject, &unsettled, &mut findings)?;
    let segments = segments(&subject.dir, &unsettled);
    orphans(&subject.dir, &unsettled, &segments, &mut findings);
    let first_base = segments.first().map(|segment| segment.base);
    let known = Known {
        first_base: first_base.unwrap_or(0),
        log_start: subject.log_start.unwrap_or(0).max(first_base.unwrap_or(0)),
        is_compacted: subject.compacted,
        expiry_ms: subject.producer_expiry_ms,
    };
    let epochs = Epochs::read(&subject.dir, &mut findings)?;
    let mut walk = Walk {
        subject,
        findings,
        epochs,
        snapshots: Snapshots::new(snapshot::of(&unsettled.left)),
        known,
        producers: Producers::default(),
        is_sound: true,
        next: None,
        end: known.first_base,
        batches: 0,
        bytes: 0,
        visit,
    };
    for (n, files) in segments.iter().enumerate() {
        let next_base = segments.get(n + 1).map(|next| next.base);
        let around = Around {
            next_base,
            is_recovered: !subject.clean && next_base.is_none_or(|next| next > subject.flushed()),
        };
        if !around.is_recovered {
            missing_indexes(files, &mut walk.findings);
        }
        walk.segment(files, around)?;
    }
    // A segment that was rolled and is empty yet moves the end.
    let log_end = walk.end.max(segments.last().map_or(0, |last| last.base));
    end(&mut walk, log_end)?;
    Ok(Checked {
        first_offset: known.first_base,
        log_end,
        segments: segments.len(),
        batches: walk.batches,
        bytes: walk.bytes,
        findings: walk.findings,
    })
}

/// The segments, in order.
pub(super) fn segments(dir: &Path, unsettled: &Unsettled) -> Vec<Files> {
    // What is to be renamed is still where it was.
    let place = |name: String| {
        let renamed = unsettled.rename.iter().find(|(_, to)| *to == name);
        dir.join(renamed.map_or(&name, |(from, _)| from))
    };
    let mut found: BTreeMap<i64, BTreeMap<u8, PathBuf>> = BTreeMap::new();
    for name in &unsettled.left {
        if let Some((base, kind, "")) = names::parse(name) {
            let files = found.entry(base).or_default();
            files.insert(kind as u8, place(kind.name(base)));
        }
    }
    let files = |(base, mut files): (i64, BTreeMap<u8, PathBuf>)| {
        let mut take = |kind: names::Kind| files.remove(&(kind as u8));
        Some(Files {
            base,
            log: take(names::Kind::Log)?,
            index: take(names::Kind::Index),
            time_index: take(names::Kind::TimeIndex),
            transactions: take(names::Kind::TxnIndex),
            transactions_path: dir.join(names::Kind::TxnIndex.name(base)),
        })
    };
    found.into_iter().filter_map(files).collect()
}

/// Files that should not be there, or not for long.
fn names(subject: &Subject, unsettled: &Unsettled, to: &mut Findings) -> Result<(), LogError> {
    let dir = &subject.dir;
    for name in &unsettled.remove {
        let finding = Finding::new(
            Kind::Leftover,
            &dir.join(name),
            "no such file",
            "one that a start removes",
        );
        to.push(finding);
    }
    for (from, name) in &unsettled.rename {
        to.push(Finding::new(
            Kind::UnfinishedSwap,
            &dir.join(from),
            name,
            "not renamed yet",
        ));
    }
    for name in &unsettled.left {
        let kind = match name.as_str() {
            checkpoint::LEADER_EPOCHS | PARTITION_METADATA => continue,
            QUORUM_STATE if subject.metadata => continue,
            name if subject.metadata && name.ends_with(".checkpoint") => continue,
            name if names::parse(name).is_some_and(|(offset, kind, suffix)| {
                suffix.is_empty() && kind.name(offset) == name
            }) =>
            {
                continue;
            }
            name if is_temporary(name, subject.metadata) => Kind::Leftover,
            _ => Kind::UnexpectedFile,
        };
        to.push(Finding::new(
            kind,
            &dir.join(name),
            "a file of the partition",
            "this file",
        ));
    }
    for name in file::list_others(dir)? {
        to.push(Finding::new(
            Kind::UnexpectedFile,
            &dir.join(name),
            "files of the partition",
            "this folder",
        ));
    }
    Ok(())
}

fn is_temporary(name: &str, is_metadata: bool) -> bool {
    let of_metadata = [".checkpoint.part", ".checkpoint.deleted"];
    name.ends_with(".tmp") || is_metadata && of_metadata.iter().any(|end| name.ends_with(end))
}

/// Indexes whose segment is not there.
fn orphans(dir: &Path, unsettled: &Unsettled, segments: &[Files], to: &mut Findings) {
    for name in &unsettled.left {
        if let Some((base, kind, "")) = names::parse(name)
            && kind != names::Kind::Log
            && kind != names::Kind::Snapshot
            && segments
                .binary_search_by_key(&base, |files| files.base)
                .is_err()
        {
            let log = names::Kind::Log.name(base);
            to.push(Finding::new(
                Kind::IndexWithoutLog,
                &dir.join(name),
                log,
                "no such file",
            ));
        }
    }
}

fn missing_indexes(files: &Files, to: &mut Findings) {
    for (kind, path) in [
        (names::Kind::Index, &files.index),
        (names::Kind::TimeIndex, &files.time_index),
    ] {
        if path.is_none() {
            let name = kind.name(files.base);
            to.push(Finding::new(
                Kind::IndexMissing,
                &files.log,
                name,
                "no such file",
            ));
        }
    }
}

/// What can be said once the end is known.
fn end(walk: &mut Walk<'_, '_>, log_end: i64) -> Result<(), LogError> {
    let subject = walk.subject;
    walk.meet_snapshots(log_end, None)?;
    walk.epochs.finish(log_end, &mut walk.findings);
    let mut latest_snapshot = walk.snapshots.last();
    while let Some(at) = walk.snapshots.next(i64::MAX) {
        latest_snapshot = Some(at);
        // A start removes those that are beyond the end it recovered.
        if walk.is_sound && subject.clean {
            let path = snapshot::path(&subject.dir, at);
            let expected = format!("an offset up to the log end, {log_end}");
            let finding = Finding::new(Kind::ProducerSnapshot, &path, expected, at.to_string());
            walk.findings.push(finding.offset(at));
        }
    }
    if subject.clean && walk.is_sound && latest_snapshot.is_none_or(|at| at < log_end) {
        let written_ms = file::modified_ms(&subject.dir)?;
        let states = walk.producers.states();
        let must = |(_, state): &(&i64, &ProducerState)| {
            snapshots::must_be_saved(state, written_ms, &walk.known)
        };
        if let Some((id, _)) = states.iter().find(must) {
            let path = snapshot::path(&subject.dir, log_end);
            let expected = format!("a snapshot at the log end with producer {id}");
            let found = latest_snapshot.map_or("none".to_owned(), |at| format!("one at {at}"));
            walk.findings
                .push(Finding::new(Kind::SnapshotMissing, &path, expected, found).offset(log_end));
        }
    }
    offsets(walk, log_end);
    let has_data = walk.batches > 0;
    topic_id(subject, has_data, &mut walk.findings)
}

/// Compares the checkpoints with where the log ends.
fn offsets(walk: &mut Walk<'_, '_>, log_end: i64) {
    let subject = walk.subject;
    // Damage that was found explains why the log ends early.
    if !walk.is_sound {
        return;
    }
    let data = subject.dir.parent().unwrap_or(&subject.dir);
    for (name, kind, offset) in [
        (
            checkpoint::RECOVERY_POINTS,
            Kind::LogEnd,
            subject.recovery_point,
        ),
        (
            checkpoint::HIGH_WATERMARKS,
            Kind::LogEnd,
            subject.high_watermark,
        ),
        (
            checkpoint::LOG_START_OFFSETS,
            Kind::LogEnd,
            subject.log_start,
        ),
        (
            checkpoint::CLEANER_OFFSETS,
            Kind::Checkpoint,
            subject.cleaner_offset,
        ),
    ] {
        let Some(offset) = offset.filter(|offset| *offset > log_end) else {
            continue;
        };
        let finding = if kind == Kind::LogEnd {
            let expected = format!("records up to {offset}, as {name} says");
            Finding::new(
                kind,
                &subject.dir,
                expected,
                format!("a log that ends at {log_end}"),
            )
        } else {
            let expected = format!(
                "an offset up to the end of {}, {log_end}",
                subject.dir.display()
            );
            Finding::new(kind, &data.join(name), expected, offset.to_string())
        };
        walk.findings.push(finding.offset(log_end));
        if kind == Kind::LogEnd {
            return;
        }
    }
}

fn topic_id(subject: &Subject, has_data: bool, to: &mut Findings) -> Result<(), LogError> {
    let path = subject.dir.join(PARTITION_METADATA);
    match directory::read_topic_id(&subject.dir) {
        Ok(Some(_)) => {}
        // An empty partition may have been made by a process that died before it wrote the file.
        Ok(None) if subject.metadata || !has_data => {}
        Ok(None) => to.push(Finding::new(
            Kind::TopicId,
            &path,
            "the topic's id",
            "no such file",
        )),
        Err(LogError::Line { problem, .. }) => {
            to.push(Finding::new(
                Kind::TopicId,
                &path,
                "the topic's id",
                problem,
            ));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}
