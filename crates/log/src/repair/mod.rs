//! Repairing what a check found, on request: indexes, snapshots and epochs are made anew from the log, and a damaged log
//! is cut at its first damaged batch if that is asked for. Whatever is removed or rewritten is kept in a folder.

mod checkpoints;
mod keep;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::checkpoints::directory;
use self::keep::Keep;
use crate::checkpoint;
use crate::config::LogConfig;
use crate::directory;
use crate::epochs::LeaderEpochs;
use crate::error::LogError;
use crate::file;
use crate::log::Log;
use crate::names::{self, Kind as FileKind};
use crate::recovery::{Opening, Unsettled};
use crate::scan::{Scan, Step};
use crate::verify::{self, Checked, Finding, Findings, Kind, Severity, Subject};

/// What to do where no topic id is known.
const NO_TOPIC_ID: &str = "restore the file from a copy; it is made anew only if the cluster's metadata is in the same log directory and places the partition here or nowhere, and never if it names another topic";
/// A vote that is forgotten can be given twice, and then there are two leaders.
const NO_QUORUM_STATE: &str = "restore the file from a copy: the votes of this node are nowhere else, so none are made up; if it is the only voter of its quorum, remove the file, and a start goes on from the last epoch of the log";

/// How to repair.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct How {
    /// The folder for what is removed or rewritten, outside of every log directory.
    pub keep: PathBuf,
    /// Logs may be cut at their first damaged batch.
    pub truncate: bool,
    /// Say what would be done, and do nothing.
    pub dry_run: bool,
    /// Now, in milliseconds since 1970.
    pub now_ms: i64,
}

/// What became of one directory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Repaired {
    /// What was done, a sentence each.
    pub done: Vec<String>,
    /// What was not, and why.
    pub left: Vec<String>,
    /// Where the log ends now; `None`: it was not opened.
    pub log_end: Option<i64>,
}

/// A finding that says that the log itself is damaged from there on.
fn cuts(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::BatchCrc
            | Kind::BatchStructure
            | Kind::Records
            | Kind::OffsetOrder
            | Kind::OffsetRange
            | Kind::OffsetGap
            | Kind::SegmentOverlap
            | Kind::EpochOrder
            | Kind::TornTail
    )
}

/// Repairs a partition's directory, of which a check just said this. A partition with nothing to repair is not touched.
///
/// # Errors
/// If a file cannot be read or written. What was done until then stays done, and what was removed is kept.
pub fn partition(subject: &Subject, checked: &Checked, how: &How) -> Result<Repaired, LogError> {
    let findings = &checked.findings;
    let mut repaired = Repaired::default();
    let is_recovered = !subject.clean && !subject.metadata;
    if findings.is_clean() && !is_recovered {
        return Ok(repaired);
    }
    let cut = findings.kept().iter().find(|finding| cuts(finding.kind));
    if let Some(reason) = refusal(cut, findings, how) {
        repaired.left.push(reason);
        return Ok(repaired);
    }
    for finding in findings.kept() {
        if finding.kind.severity() != Severity::Damage
            || cuts(finding.kind)
            || finding.kind == Kind::LogEnd
            || finding.kind == Kind::TopicId && restore_topic_id(subject, how, &mut repaired)?
        {
            continue;
        }
        let remedy = match finding.kind {
            Kind::TopicId => NO_TOPIC_ID,
            Kind::QuorumState => NO_QUORUM_STATE,
            _ => "restore the file from a copy",
        };
        repaired.left.push(format!("{finding}: {remedy}"));
    }
    let is_work = |it: &Finding| match it.kind.severity() {
        Severity::Damage => cuts(it.kind) || it.kind == Kind::LogEnd,
        Severity::Rebuildable => true,
        Severity::Odd => false,
    };
    if !is_recovered && findings.dropped() == 0 && !findings.kept().iter().any(is_work) {
        return Ok(repaired);
    }
    let mut work = Work {
        subject,
        how,
        keep: Keep::new(how.keep.join(subject.dir.file_name().unwrap_or_default())),
        done: &mut repaired.done,
    };
    if let Some(cut) = cut {
        work.cut(cut)?;
    }
    work.take_damaged(findings)?;
    if cut.is_some() && !how.dry_run {
        work.look_again()?;
    }
    repaired.log_end = work.recover(checked, cut)?;
    Ok(repaired)
}

/// Makes `partition.metadata` anew if it is gone or unreadable and the id is known: whether it is there now.
fn restore_topic_id(
    subject: &Subject,
    how: &How,
    repaired: &mut Repaired,
) -> Result<bool, LogError> {
    let path = subject.dir.join(directory::PARTITION_METADATA);
    let Some(id) = subject.topic_id else {
        return Ok(false);
    };
    match directory::read_topic_id(&subject.dir) {
        // It may be the log of a topic that had this name before.
        Ok(Some(_)) => return Ok(false),
        Err(error) if error.is_io() => return Err(error),
        Ok(None) | Err(_) => {}
    }
    if !how.dry_run {
        let folder = how.keep.join(subject.dir.file_name().unwrap_or_default());
        Keep::new(folder).copy(&path)?;
        directory::write_topic_id(&subject.dir, &id)?;
    }
    repaired.done.push(format!(
        "{}: written with {id}, the topic's id in the cluster's metadata",
        path.display()
    ));
    Ok(true)
}

/// Why nothing is done.
fn refusal(cut: Option<&Finding>, findings: &Findings, how: &How) -> Option<String> {
    if how.truncate {
        return None;
    }
    let lost = |it: &&Finding| it.kind == Kind::LogEnd;
    let damage = cut
        .filter(|it| it.kind != Kind::TornTail)
        .or_else(|| findings.kept().iter().find(lost))?;
    Some(format!(
        "{damage}: only --truncate lets the log end before it, so nothing was done to this partition"
    ))
}

struct Work<'a> {
    subject: &'a Subject,
    how: &'a How,
    keep: Keep,
    done: &'a mut Vec<String>,
}

impl Work<'_> {
    fn dir(&self) -> &Path {
        &self.subject.dir
    }

    fn say(&mut self, sentence: String) {
        self.done.push(sentence);
    }

    fn take(&mut self, path: &Path, why: &str) -> Result<(), LogError> {
        if !path.exists() {
            return Ok(());
        }
        if !self.how.dry_run {
            self.keep.take(path)?;
        }
        self.say(format!("{}: moved away ({why})", path.display()));
        Ok(())
    }

    /// Cuts the log at a finding, and takes away what follows.
    fn cut(&mut self, at: &Finding) -> Result<(), LogError> {
        let position = at.position.unwrap_or(0);
        let name = at.path.file_name().and_then(|name| name.to_str());
        let base = name.and_then(names::parse).map_or(0, |(base, _, _)| base);
        let offset = at.offset.unwrap_or(base);
        let mut segments = Vec::new();
        let unsettled = Unsettled::of(self.dir())?;
        for name in &unsettled.left {
            match names::parse(name) {
                Some((at, FileKind::Snapshot, "")) if at > offset => {
                    self.take(&self.dir().join(name), "it is of what is cut off")?;
                }
                Some((_, FileKind::Snapshot, "")) => {}
                Some((at, _, "")) if at > base => {
                    self.take(&self.dir().join(name), "it follows what is damaged")?;
                }
                Some((at, FileKind::Log, "")) => segments.push(at),
                _ => {}
            }
        }
        if position == 0 && segments.iter().any(|it| *it < base) {
            return self.take_segment(base, FileKind::SEGMENT.as_slice(), "it is what is damaged");
        }
        self.take_segment(base, &FileKind::SEGMENT[1..], "it is rebuilt")?;
        let left = file::size_of(&at.path)?.saturating_sub(position);
        if !self.how.dry_run {
            self.keep.cut(&at.path, position)?;
        }
        self.say(format!(
            "{}: cut off {left} bytes from position {position}, offset {offset}",
            at.path.display()
        ));
        Ok(())
    }

    fn take_segment(&mut self, base: i64, kinds: &[FileKind], why: &str) -> Result<(), LogError> {
        for kind in kinds {
            self.take(&self.dir().join(kind.name(base)), why)?;
        }
        Ok(())
    }

    /// Takes away every file that is made anew.
    fn take_damaged(&mut self, findings: &Findings) -> Result<(), LogError> {
        let mut rebuilt = BTreeSet::new();
        for finding in findings.kept() {
            let name = finding.path.file_name().and_then(|name| name.to_str());
            let base = name.and_then(names::parse).map(|(base, _, _)| base);
            match finding.kind {
                Kind::OffsetIndex
                | Kind::TimeIndex
                | Kind::TransactionIndex
                | Kind::IndexMissing => {
                    rebuilt.extend(base);
                }
                Kind::ProducerSnapshot => self.take(&finding.path, "it is rebuilt")?,
                Kind::EpochCheckpoint => self.take(&finding.path, "it is rebuilt")?,
                Kind::IndexWithoutLog => self.take(&finding.path, "it has no log")?,
                _ => {}
            }
        }
        if findings.dropped() > 0 {
            // Not every file is named: all are made anew.
            for name in file::list(self.dir(), false)? {
                if let Some((base, FileKind::Log, "")) = names::parse(&name) {
                    rebuilt.insert(base);
                }
            }
        }
        for base in rebuilt {
            self.take_segment(base, &FileKind::SEGMENT[1..], "it is rebuilt")?;
        }
        for name in Unsettled::of(self.dir())?.remove {
            self.take(&self.dir().join(name), "a start would remove it")?;
        }
        Ok(())
    }

    /// What opens the log next cuts in silence: there must be nothing left to cut.
    fn look_again(&self) -> Result<(), LogError> {
        let checked = verify::partition(self.subject, &mut |_, _| Ok(()))?;
        match checked.findings.kept().iter().find(|it| cuts(it.kind)) {
            None => Ok(()),
            Some(still) => Err(LogError::Invalid {
                path: self.dir().to_owned(),
                problem: format!("it is damaged after it was cut: {still}"),
            }),
        }
    }

    /// Opens and closes the log, as a start and a clean stop would; where it ends.
    fn recover(
        &mut self,
        checked: &Checked,
        cut: Option<&Finding>,
    ) -> Result<Option<i64>, LogError> {
        let dir = self.dir().to_owned();
        if self.how.dry_run {
            self.say(format!(
                "{}: would be opened and closed, which rebuilds what is missing",
                dir.display()
            ));
            return Ok(None);
        }
        let cut_offset = cut.and_then(|cut| cut.offset).unwrap_or(i64::MAX);
        let flushed = if self.subject.clean {
            checked.log_end
        } else {
            self.subject.recovery_point.unwrap_or(0)
        };
        let recovery_point = flushed.min(cut_offset);
        self.copy_rewritten(recovery_point)?;
        let log_start = self.subject.log_start.unwrap_or(0);
        let epochs = dir.join(checkpoint::LEADER_EPOCHS);
        if !epochs.exists() {
            rebuild_epochs(&dir, log_start)?.write(&epochs)?;
            self.say(format!("{}: rebuilt", epochs.display()));
        }
        let opening = Opening {
            clean: false,
            recovery_point,
            log_start_offset: log_start,
            now_ms: self.how.now_ms,
            // A repair forgets nobody.
            producer_expiry_ms: i64::MAX,
        };
        let config = Arc::new(LogConfig {
            compact: self.subject.compacted,
            ..LogConfig::default()
        });
        let (log, recovered) = Log::open(&dir, config, &opening)?;
        for path in &recovered.removal.files {
            if path.exists() {
                self.keep.take(path)?;
                self.say(format!("{}: moved away", path.display()));
            }
        }
        let log_end = log.offsets().log_end;
        log.close(self.how.now_ms)?;
        self.say(format!(
            "{}: rebuilt from {} segments; the log ends at offset {log_end}",
            dir.display(),
            recovered.segments_scanned
        ));
        Ok(Some(log_end))
    }

    /// Keeps copies of what opening the log rewrites.
    fn copy_rewritten(&self, recovery_point: i64) -> Result<(), LogError> {
        let names = file::list(self.dir(), false)?;
        let parsed = || {
            names
                .iter()
                .filter_map(|name| Some((name, names::parse(name)?)))
        };
        let bases = parsed().filter(|(_, (_, kind, _))| *kind == FileKind::Log);
        let first = bases
            .map(|(_, (base, _, _))| base)
            .rfind(|base| *base <= recovery_point);
        for (name, (base, kind, suffix)) in parsed() {
            let is_index = !matches!(kind, FileKind::Log | FileKind::Snapshot);
            if kind == FileKind::Snapshot
                || is_index && suffix.is_empty() && base >= first.unwrap_or(0)
            {
                self.keep.copy(&self.dir().join(name))?;
            }
        }
        self.keep.copy(&self.dir().join(checkpoint::LEADER_EPOCHS))
    }
}

/// The leader epochs that the batches of a log say.
fn rebuild_epochs(dir: &Path, log_start: i64) -> Result<LeaderEpochs, LogError> {
    let mut epochs = LeaderEpochs::default();
    for name in Unsettled::of(dir)?.left {
        if let Some((_, FileKind::Log, "")) = names::parse(&name) {
            let path = dir.join(name);
            let opened = file::open_to_read(&path)?;
            let mut scan = Scan::many(&opened, &path, 0, file::length(&opened, &path)?);
            while let Step::Batch(head) = scan.next()? {
                if epochs
                    .latest()
                    .is_none_or(|latest| head.leader_epoch > latest)
                {
                    epochs.assign(head.leader_epoch, head.base_offset);
                }
            }
        }
    }
    epochs.truncate_from_start(log_start);
    Ok(epochs)
}
