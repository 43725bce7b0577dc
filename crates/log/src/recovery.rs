//! Opening a log: after a clean stop by believing its files, after any other by reading what may not be on disk.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::checkpoint;
use crate::config::LogConfig;
use crate::epochs::{EpochsFile, LeaderEpochs};
use crate::error::LogError;
use crate::file;
use crate::log::{Log, write_snapshot};
use crate::names::{self, CLEANED, DELETED, Kind, SWAP};
use crate::producers::{Appending, Checks, Prepared, Producers, is_expired};
use crate::reader::{LogReader, View};
use crate::record::Marker;
use crate::scan::{Head, Scan, Step};
use crate::segment::{Place, Segment};
use crate::snapshot;
use crate::trim::Removal;

/// What is known of a log before it is opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// The last stop was a clean one (`.kafka_cleanshutdown` is there).
    pub clean: bool,
    /// From `recovery-point-offset-checkpoint`; 0 if it is not there.
    pub recovery_point: i64,
    /// From `log-start-offset-checkpoint`; 0 if it is not there.
    pub log_start_offset: i64,
    /// Now.
    pub now_ms: i64,
    /// `producer.id.expiration.ms`.
    pub producer_expiry_ms: i64,
}

impl Opening {
    /// A log that is new, or was closed properly and lost nothing.
    pub fn clean(now_ms: i64) -> Self {
        Self {
            clean: true,
            recovery_point: 0,
            log_start_offset: 0,
            now_ms,
            producer_expiry_ms: 24 * 60 * 60 * 1000,
        }
    }
}

/// What opening a log found and did.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Segments that were read from beginning to end.
    pub segments_scanned: usize,
    /// Bytes that were cut off: batches that were not whole, or not sound.
    pub bytes_truncated: u64,
    /// Segments that were dropped, and their files.
    pub removal: Removal,
}

/// What producers are rebuilt from.
pub(crate) struct Rebuild<'a> {
    pub(crate) place: &'a Place,
    /// The offsets of the snapshots that are there.
    pub(crate) snapshots: &'a [i64],
    pub(crate) segments: &'a [Arc<Segment>],
    pub(crate) log_start: i64,
    pub(crate) log_end: i64,
    pub(crate) clean: bool,
    pub(crate) now_ms: i64,
    pub(crate) expiry_ms: i64,
}

impl Log {
    /// Opens the log in `dir`, or makes a new one there.
    pub fn open(
        dir: &Path,
        config: Arc<LogConfig>,
        opening: &Opening,
    ) -> Result<(Self, Recovered), LogError> {
        let place = Place::new(dir);
        let names = match settle(dir) {
            Err(error) if error.is_not_found() && !dir.exists() => {
                file::make_dir(dir)?;
                Vec::new()
            }
            settled => settled?,
        };
        // Names are made durable with the first records. After an unclean stop nobody knows whether they were: a checkpoint
        // may speak of another log of this name, or of records that were deleted before they were flushed.
        if names.is_empty() || !opening.clean {
            place.names_are_due();
        }
        let has_epochs = names.iter().any(|name| name == checkpoint::LEADER_EPOCHS);
        let mut loading = Loading {
            epochs: match has_epochs {
                true => LeaderEpochs::read(&dir.join(checkpoint::LEADER_EPOCHS))?,
                false => LeaderEpochs::default(),
            },
            place,
            config,
            opening,
            segments: Vec::new(),
            recovered: Recovered::default(),
        };
        let mut stored_epochs = loading.epochs.clone();
        loading.load_segments(&names)?;
        if !opening.clean {
            // A segment whose indexes were damaged was read before those that precede it, and tells only of itself. All
            // that the checkpoint may not know is read again.
            loading.epochs.clone_from(&stored_epochs);
        }
        let (recovery_point, log_end) = loading.recover()?;
        let first = loading.segments[0].base_offset();
        let log_start = opening.log_start_offset.max(first);
        let says_too_much = stored_epochs
            .entries()
            .last()
            .is_some_and(|(_, start)| *start > log_end);
        for epochs in [&mut loading.epochs, &mut stored_epochs] {
            epochs.truncate_from_end(log_end);
            epochs.truncate_from_start(opening.log_start_offset);
        }
        // Nothing is written here: the next start, whenever it is, would find and cut the same.
        let behind = match says_too_much {
            true => Some(-1),
            false => stored_epochs.first_difference(&loading.epochs),
        };
        let mut producers = Producers::default();
        let mut snapshots = if loading.recovered.segments_scanned > 0 {
            snapshot::list(dir)?
        } else {
            snapshot::of(&names)
        };
        remove_stray_snapshots(dir, &mut snapshots, &loading.segments)?;
        rebuild_producers(
            &mut producers,
            &Rebuild {
                place: &loading.place,
                snapshots: &snapshots,
                segments: &loading.segments,
                log_start,
                log_end,
                clean: opening.clean,
                now_ms: opening.now_ms,
                expiry_ms: opening.producer_expiry_ms,
            },
        )?;
        let view = View {
            end_position: loading.segments.last().map_or(0, |active| active.size()),
            segments: loading.segments.into(),
            log_start,
            log_end,
            high_watermark: log_start,
            first_unstable: None,
            truncations: 0,
            swaps: 0,
        };
        let recovery_point = recovery_point.max(log_start);
        if log_end == 0 {
            // A clean stop leaves the names of an empty log as they are.
            loading.place.names_are_due();
        }
        let mut log = Self {
            index_point: view.segments[view.floor(recovery_point)].base_offset(),
            reader: LogReader::new(view, loading.epochs, EpochsFile::behind(behind)),
            place: loading.place,
            config: loading.config,
            producers,
            recovery_point,
            producer_expiry_ms: opening.producer_expiry_ms,
            last_flush_ms: opening.now_ms,
        };
        log.publish(|_| {});
        // Most logs are quiet.
        log.rest()?;
        Ok((log, loading.recovered))
    }
}

/// What a compaction or deletion was doing when the process died: how it is finished or undone.
#[derive(Default)]
pub(crate) struct Unsettled {
    /// Files to remove.
    pub(crate) remove: Vec<String>,
    /// Then, files to rename: from and to.
    pub(crate) rename: Vec<(String, String)>,
    /// The names of all files after that.
    pub(crate) left: Vec<String>,
}

impl Unsettled {
    pub(crate) fn of(dir: &Path) -> Result<Self, LogError> {
        let mut found = Self::default();
        let mut swaps = Vec::new();
        let mut least_cleaned = i64::MAX;
        for name in file::list(dir, false)? {
            match names::parse(&name) {
                Some((_, _, suffix)) if suffix == DELETED => found.remove.push(name),
                Some((offset, _, suffix)) if suffix == CLEANED => {
                    least_cleaned = least_cleaned.min(offset);
                    found.remove.push(name);
                }
                Some((offset, kind, suffix)) if suffix == SWAP => swaps.push((offset, kind, name)),
                _ => found.left.push(name),
            }
        }
        // Swapping is from the last segment to the first: a cleaned file below means that it had not all begun.
        let mut valid = Vec::new();
        for (offset, kind, name) in swaps {
            if offset >= least_cleaned {
                found.remove.push(name);
            } else {
                valid.push((offset, kind, name));
            }
        }
        if valid.is_empty() {
            return Ok(found);
        }
        let (mut least, mut end) = (i64::MAX, i64::MIN);
        for (offset, _, name) in valid.iter().filter(|(_, kind, _)| *kind == Kind::Log) {
            least = least.min(*offset);
            end = end.max(end_of(&dir.join(name), *offset)?);
        }
        // The swapped files replace all those in their range.
        let replaced = |name: &mut String| {
            names::parse(name).is_some_and(|(offset, _, _)| (least..end).contains(&offset))
        };
        found.remove.extend(found.left.extract_if(.., replaced));
        for (offset, kind, name) in valid {
            let to = kind.name(offset);
            found.left.retain(|name| *name != to);
            found.left.push(to.clone());
            found.rename.push((name, to));
        }
        found.left.sort();
        Ok(found)
    }
}

/// Finishes or undoes what a compaction or deletion was doing when the process died. The names of the files after it.
fn settle(dir: &Path) -> Result<Vec<String>, LogError> {
    let mut unsettled = Unsettled::of(dir)?;
    // Apache Kafka takes `7.log` for a sign that there is a segment at 7, makes an empty one, and the log ends there.
    let strange = |name: &mut String| !names::is_canonical(name);
    for name in unsettled.left.extract_if(.., strange) {
        let path = dir.join(name);
        tracing::warn!(path = %path.display(), "not used: files of a log have 20 digits in their names");
    }
    for name in &unsettled.remove {
        file::remove(&dir.join(name))?;
    }
    for (from, to) in &unsettled.rename {
        file::rename(&dir.join(from), &dir.join(to))?;
    }
    if !unsettled.rename.is_empty() {
        file::sync_dir(dir)?;
    }
    Ok(unsettled.left)
}

/// The offset after the last batch of a `.log` file.
fn end_of(path: &Path, base_offset: i64) -> Result<i64, LogError> {
    let opened = file::open_to_read(path)?;
    let mut scan = Scan::many(&opened, &path, 0, file::length(&opened, path)?);
    let mut next = base_offset;
    while let Step::Batch(head) = scan.next()? {
        next = head.next_offset();
    }
    Ok(next)
}

struct Loading<'a> {
    place: Arc<Place>,
    config: Arc<LogConfig>,
    opening: &'a Opening,
    epochs: LeaderEpochs,
    segments: Vec<Arc<Segment>>,
    recovered: Recovered,
}

impl Loading<'_> {
    fn load_segments(&mut self, names: &[String]) -> Result<(), LogError> {
        let dir = self.place.dir();
        let files: BTreeSet<(i64, u8)> = names
            .iter()
            .filter_map(|name| match names::parse(name)? {
                (offset, kind, "") => Some((offset, kind as u8)),
                _ => None,
            })
            .collect();
        let has = |offset: i64, kind: Kind| files.contains(&(offset, kind as u8));
        for (offset, kind) in &files {
            let index = [Kind::Index, Kind::TimeIndex, Kind::TxnIndex]
                .into_iter()
                .find(|k| *k as u8 == *kind);
            if let Some(index) = index
                && !has(*offset, Kind::Log)
            {
                tracing::warn!(dir = %dir.display(), offset, "removing an index without its log");
                file::remove(&self.place.file(index, *offset))?;
            }
        }
        let bases: Vec<i64> = files
            .iter()
            .filter(|(_, kind)| *kind == Kind::Log as u8)
            .map(|(offset, _)| *offset)
            .collect();
        for (n, base) in bases.iter().enumerate() {
            let aborted = has(*base, Kind::TxnIndex);
            let segment = Segment::open(&self.place, *base, aborted, self.opening.now_ms)?;
            if !self.opening.clean {
                segment.may_not_have_ended();
            }
            let complete = has(*base, Kind::Index) && has(*base, Kind::TimeIndex);
            // A look into each index would cost two reads a segment; the last one is read anyway. Of the others it
            // is enough that they are whole entries; Apache Kafka looks no further, either.
            let look_inside = n + 1 == bases.len() || !self.opening.clean;
            let sound = complete && self.sane(&segment, look_inside)?;
            let segment = Arc::new(segment);
            if !sound {
                tracing::warn!(dir = %dir.display(), base, "rebuilding the indexes of a segment");
                self.recover_segment(&segment)?;
            }
            self.segments.push(segment);
        }
        Ok(())
    }

    fn sane(&self, segment: &Segment, look_inside: bool) -> Result<bool, LogError> {
        match segment.sanity_check(look_inside) {
            Ok(()) => Ok(true),
            Err(LogError::Corrupt { path, problem, .. }) => {
                tracing::warn!(path = %path.display(), problem, "an index is corrupt");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Reads all of a segment; how many bytes were cut off.
    fn recover_segment(&mut self, segment: &Arc<Segment>) -> Result<u32, LogError> {
        let mut producers = Producers::default();
        rebuild_producers(
            &mut producers,
            &Rebuild {
                place: &self.place,
                snapshots: &snapshot::list(&self.place.dir())?,
                segments: &self.segments,
                log_start: self.opening.log_start_offset,
                log_end: segment.base_offset(),
                clean: false,
                now_ms: self.opening.now_ms,
                expiry_ms: self.opening.producer_expiry_ms,
            },
        )?;
        let epochs = &mut self.epochs;
        let cut = segment.recover(self.config.index_interval_bytes, |segment, head, scan| {
            // The checkpoint may be behind, and say of this offset what it said before the log was cut.
            let said = epochs.epoch_of(head.base_offset).or(epochs.latest());
            if head.leader_epoch >= 0 && said.is_none_or(|said| head.leader_epoch > said) {
                epochs.assign(head.leader_epoch, head.base_offset);
            }
            replay(&mut producers, head, scan, Some(segment))
        })?;
        write_snapshot(&mut producers, &self.place, false)?;
        self.recovered.segments_scanned += 1;
        self.recovered.bytes_truncated += u64::from(cut);
        if cut > 0 {
            let path = segment.path(Kind::Log);
            tracing::warn!(path = %path.display(), cut, "cut off what was not whole");
        }
        Ok(cut)
    }

    /// Recovery point and log end offset, after reading again what may not be whole.
    fn recover(&mut self) -> Result<(i64, i64), LogError> {
        let from = if self.opening.clean {
            self.segments.len()
        } else {
            let point = self.opening.recovery_point;
            let after = self.segments.partition_point(|s| s.base_offset() <= point);
            after.saturating_sub(1)
        };
        let mut n = from;
        while n < self.segments.len() {
            let segment = self.segments[n].clone();
            n += 1;
            // What is before it is the log that it continues.
            let rest = self.segments.split_off(n - 1);
            let cut = self.recover_segment(&segment);
            self.segments.extend(rest);
            if cut? > 0 || self.breaks_after(n - 1)? {
                self.drop_segments(n)?;
            }
        }
        let start = self.opening.log_start_offset;
        let mut log_end = None;
        if let Some(last) = self.segments.last().cloned() {
            let (mut end, whole) = last.next_offset()?;
            if !whole {
                // The stop was not as clean as it seemed.
                self.segments.pop();
                self.recover_segment(&last)?;
                self.segments.push(last.clone());
                end = last.next_offset()?.0;
            }
            if end >= start {
                log_end = Some(end);
            } else {
                let dir = self.place.dir();
                tracing::warn!(dir = %dir.display(), end, start, "the log ends before it starts");
                self.drop_segments(0)?;
                self.epochs.clear();
                for at in snapshot::list(&dir)? {
                    file::remove(&snapshot::path(&dir, at))?;
                }
            }
        }
        if self.segments.is_empty() {
            let segment = Segment::create(&self.place, start, &self.config, self.opening.now_ms)?;
            self.segments.push(Arc::new(segment));
        }
        let end = log_end.unwrap_or(start);
        let recovery_point = if self.opening.clean && log_end.is_some() {
            end
        } else {
            self.opening.recovery_point.min(end)
        };
        Ok((recovery_point, end))
    }

    /// Whether the `n`th segment lost its end, at a whole batch: what follows is no continuation. (Apache Kafka keeps
    /// such a hole.) Compaction leaves holes that are none. Or whether it goes on beyond the next one's beginning: no
    /// checksum covers a base offset.
    fn breaks_after(&self, n: usize) -> Result<bool, LogError> {
        let Some(next) = self.segments.get(n + 1) else {
            return Ok(false);
        };
        let (end, _) = self.segments[n].next_offset()?;
        let holes_are_sound =
            self.config.compact || next.base_offset() <= self.opening.recovery_point;
        Ok(end > next.base_offset() || (end < next.base_offset() && !holes_are_sound))
    }

    /// Takes segments from the `from`th on out of the log.
    fn drop_segments(&mut self, from: usize) -> Result<(), LogError> {
        let dir = self.place.dir();
        let mut removal = Removal {
            not_before_ms: self
                .opening
                .now_ms
                .saturating_add(self.config.file_delete_delay_ms),
            ..Removal::default()
        };
        for segment in self.segments.split_off(from) {
            let path = segment.path(Kind::Log);
            tracing::warn!(path = %path.display(), bytes = segment.size(), "taken out of the log: it does not continue what precedes it");
            removal.files.extend(segment.mark_deleted()?);
            removal.segments += 1;
            file::remove(&snapshot::path(&dir, segment.base_offset()))?;
        }
        self.recovered.removal.join(removal);
        Ok(())
    }
}

/// Shows a batch to the producer state; notes an aborted transaction in the segment's index, if one is given.
fn replay(
    producers: &mut Producers,
    head: &Head,
    scan: &Scan<'_>,
    segment: Option<&Segment>,
) -> Result<(), LogError> {
    if head.has_producer_id() {
        let marker = if Marker::possible(head) {
            Marker::parse(&scan.whole(head)?)
        } else {
            None
        };
        let prepared = producers.prepare(&[Appending::of_head(head, marker)], &Checks::REPLAY);
        // Replaying refuses nothing.
        if let Ok(Prepared::Update(update)) = prepared {
            for completed in &producers.apply(update) {
                if completed.aborted
                    && let Some(segment) = segment
                {
                    segment.add_aborted(producers.aborted(completed))?;
                }
                producers.complete(completed);
            }
        }
    }
    producers.map_end = head.next_offset();
    Ok(())
}

/// Brings producers to the state at `log_end`: from the last snapshot, and the batches after it.
pub(crate) fn rebuild_producers(
    producers: &mut Producers,
    how: &Rebuild<'_>,
) -> Result<(), LogError> {
    let dir = how.place.dir();
    let bases = how.segments.iter().map(|segment| segment.base_offset());
    let marks: Vec<i64> = bases.rev().take(2).collect();
    if how.clean && how.snapshots.is_empty() {
        // A log that never had producers: the marks tell the next start so.
        for mark in marks.iter().rev().copied().chain([how.log_end]) {
            producers.map_end = mark;
            write_snapshot(producers, how.place, false)?;
        }
        return Ok(());
    }
    let nothing_to_do = producers.is_empty() && producers.map_end >= how.log_end;
    reload(producers, &dir, how)?;
    if how.log_end > producers.map_end && !nothing_to_do {
        for segment in how.segments {
            let next = how
                .segments
                .iter()
                .map(|s| s.base_offset())
                .find(|base| *base > segment.base_offset());
            if segment.base_offset() >= how.log_end
                || next.is_some_and(|next| next <= producers.map_end)
            {
                continue;
            }
            let start = segment
                .base_offset()
                .max(producers.map_end)
                .max(how.log_start);
            producers.map_end = start;
            if marks.contains(&segment.base_offset()) {
                write_snapshot(producers, how.place, false)?;
            }
            replay_segment(producers, segment, start, how.log_end)?;
        }
    }
    producers.map_end = how.log_end;
    write_snapshot(producers, how.place, false)
}

fn replay_segment(
    producers: &mut Producers,
    segment: &Segment,
    start: i64,
    end: i64,
) -> Result<(), LogError> {
    let Some(first) = segment.translate(start)? else {
        return Ok(());
    };
    let opened = segment.log_file()?;
    let path = segment.path(Kind::Log);
    let mut scan = Scan::many(&opened, &path, first.position, u64::from(segment.size()));
    while let Step::Batch(head) = scan.next()? {
        if head.last_offset >= end {
            break;
        }
        replay(producers, &head, &scan, None)?;
    }
    Ok(())
}

/// Drops snapshots outside of the log, and loads the last one unless the state is there already.
fn reload(producers: &mut Producers, dir: &Path, how: &Rebuild<'_>) -> Result<(), LogError> {
    // What an unclean stop left can be read; that is not to say that it is on disk.
    producers.snapshot_unsynced = !how.clean;
    let mut usable = Vec::new();
    for at in how.snapshots {
        if *at > how.log_end || *at <= how.log_start {
            file::remove(&snapshot::path(dir, *at))?;
        } else {
            usable.push(*at);
        }
    }
    if producers.map_end == how.log_end {
        producers.replicated(how.log_start);
        producers.map_end = producers.map_end.max(how.log_start);
        producers.last_snapshot = usable.last().copied().unwrap_or(how.log_start);
        return Ok(());
    }
    producers.clear();
    while let Some(at) = usable.pop() {
        let path: PathBuf = snapshot::path(dir, at);
        match snapshot::read(&path) {
            Ok(states) => {
                for state in states {
                    if !is_expired(&state, how.now_ms, how.expiry_ms) {
                        producers.load(state);
                    }
                }
                producers.last_snapshot = at;
                producers.map_end = at;
                return Ok(());
            }
            Err(LogError::Corrupt { problem, .. }) => {
                tracing::warn!(path = %path.display(), problem, "removing a corrupt snapshot");
                file::remove(&path)?;
            }
            Err(error) => return Err(error),
        }
    }
    producers.last_snapshot = how.log_start;
    producers.map_end = how.log_start;
    Ok(())
}

/// Removes snapshots that belong to no segment, except the last one above all segments.
fn remove_stray_snapshots(
    dir: &Path,
    snapshots: &mut Vec<i64>,
    segments: &[Arc<Segment>],
) -> Result<(), LogError> {
    let last_base = segments.last().map_or(0, |segment| segment.base_offset());
    let mut strays = snapshots.clone();
    strays.retain(|at| {
        segments
            .binary_search_by_key(at, |segment| segment.base_offset())
            .is_err()
    });
    if strays.last().is_some_and(|last| *last >= last_base) {
        strays.pop();
    }
    for at in &strays {
        file::remove(&snapshot::path(dir, *at))?;
    }
    snapshots.retain(|at| !strays.contains(at));
    Ok(())
}

#[cfg(test)]
mod tests;
