//! One segment: a `.log` file and its indexes. One thread appends; any number read meanwhile.

use std::borrow::Cow;
use std::fs::File;
use std::io::IoSlice;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use ottla_wire::records::batch::MAGIC_V2;
use ottla_wire::records::{Batch, BatchError};
use parking_lot::{Mutex, RwLock};

use crate::config::LogConfig;
use crate::error::LogError;
use crate::file::{self, LazyFile, Named};
use crate::index::{self, OffsetIndex};
use crate::names::{CLEANED, DELETED, Kind, SWAP};
use crate::scan::{Head, Scan, Step};
use crate::time_index::{self, TimeIndex, TimestampOffset};
use crate::txn_index;

/// The directory of a log, which may be renamed while readers hold its segments.
#[derive(Debug)]
pub(crate) struct Place {
    dir: RwLock<PathBuf>,
    /// Something could not be made durable. Held over each sync: of two of one file that run at once the system may tell the
    /// fault to one only.
    unsynced: Mutex<bool>,
    /// How often the names of the directory and of the files in it may have become other than those on the disk.
    names_changed: AtomicU64,
    /// How many of these times are behind the last sync of them.
    names_synced: AtomicU64,
}

impl Place {
    pub(crate) fn new(dir: &Path) -> Arc<Self> {
        Arc::new(Self {
            dir: RwLock::new(dir.to_owned()),
            unsynced: Mutex::new(false),
            names_changed: AtomicU64::new(0),
            names_synced: AtomicU64::new(0),
        })
    }

    /// The next flush makes the names durable.
    pub(crate) fn names_are_due(&self) {
        self.names_changed.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether the next flush must make the names durable.
    pub(crate) fn are_names_due(&self) -> bool {
        self.names_synced.load(Ordering::Acquire) < self.names_changed.load(Ordering::Acquire)
    }

    /// Makes the directory's name and those of the files in it durable.
    pub(crate) fn sync_names(&self) -> Result<(), LogError> {
        // What changes meanwhile is due again.
        let changed = self.names_changed.load(Ordering::Acquire);
        self.durably(|| {
            loop {
                let dir = self.dir();
                let synced = file::sync_dir(&dir).and_then(|()| match dir.parent() {
                    Some(parent) if !parent.as_os_str().is_empty() => file::sync_dir(parent),
                    _ => Ok(()),
                });
                // It may have got another name meanwhile.
                if self.dir() == dir {
                    return synced;
                }
            }
        })?;
        self.names_synced.fetch_max(changed, Ordering::AcqRel);
        Ok(())
    }

    /// Where the log is now.
    pub(crate) fn dir(&self) -> PathBuf {
        self.dir.read().clone()
    }

    /// Makes something durable. Once that failed, it fails ever after: the system may have dropped what it could not
    /// write, and says so only once.
    pub(crate) fn durably(
        &self,
        sync: impl FnOnce() -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        let mut unsynced = self.unsynced.lock();
        if *unsynced {
            let problem = "it failed before, and what was written since the last success may be lost: restart the process";
            return Err(LogError::io(
                "fsync",
                &self.dir(),
                std::io::Error::other(problem),
            ));
        }
        let synced = sync();
        if let Err(error) = &synced
            && error.is_sync()
            && !error.is_not_found()
        {
            *unsynced = true;
        }
        synced
    }

    /// The log moved.
    pub(crate) fn moved(&self, dir: &Path) {
        dir.clone_into(&mut self.dir.write());
    }

    /// The path of a file of the segment at `base_offset`.
    pub(crate) fn file(&self, kind: Kind, base_offset: i64) -> PathBuf {
        self.dir.read().join(kind.name(base_offset))
    }
}

/// What only the appending thread changes.
struct Growth {
    /// Bytes since the last index entry.
    since_index: u32,
    /// The timestamp that time-based rolling counts from: the first batch's; `None`: not looked up yet.
    first_timestamp: Option<i64>,
    /// When the segment was made or opened.
    created_ms: i64,
    /// The largest timestamp and the last offset of its batch; `None`: not looked up yet.
    max_timestamp: Option<TimestampOffset>,
    /// Nothing has changed since [`Segment::end`].
    has_ended: bool,
}

/// One segment of a log.
pub(crate) struct Segment {
    place: Arc<Place>,
    base_offset: i64,
    size: AtomicU32,
    log: LazyFile,
    offsets: OffsetIndex,
    times: TimeIndex,
    has_aborted: AtomicBool,
    /// The aborted transactions, once the file's name may be another's.
    pinned_aborted: OnceLock<Vec<txn_index::AbortedTransaction>>,
    /// What the names of its files end with.
    suffix: RwLock<&'static str>,
    growth: Mutex<Growth>,
}

/// The `.log` file of a segment, by a name that is put together when it is needed.
struct LogOf<'a>(&'a Segment);

impl Named for LogOf<'_> {
    fn path(&self) -> Cow<'_, Path> {
        self.0.path(Kind::Log).into()
    }
}

/// A batch among bytes that are written together.
pub(crate) struct Written {
    pub(crate) last_offset: i64,
    pub(crate) max_timestamp: i64,
    pub(crate) size: u32,
}

/// What decides whether a segment ends before an append.
pub(crate) struct Incoming {
    /// Bytes to append.
    pub(crate) size: u32,
    /// The largest timestamp among them.
    pub(crate) max_timestamp: i64,
    /// The last offset among them.
    pub(crate) last_offset: i64,
    /// Now.
    pub(crate) now_ms: i64,
}

impl Segment {
    /// Makes the files of a new segment.
    pub(crate) fn create(
        place: &Arc<Place>,
        base_offset: i64,
        config: &LogConfig,
        now_ms: i64,
    ) -> Result<Self, LogError> {
        let segment = Self::create_named(place, base_offset, "", now_ms)?;
        if config.preallocate {
            let length = u64::from(config.segment_bytes);
            segment.growth.lock().has_ended = false;
            file::set_length(&*segment.log_file()?, &segment.path(Kind::Log), length)?;
        }
        Ok(segment)
    }

    /// Makes the files of a segment that is to replace others: their names end in `.cleaned`.
    pub(crate) fn create_cleaned(
        place: &Arc<Place>,
        base_offset: i64,
        now_ms: i64,
    ) -> Result<Self, LogError> {
        Self::create_named(place, base_offset, CLEANED, now_ms)
    }

    fn create_named(
        place: &Arc<Place>,
        base_offset: i64,
        suffix: &'static str,
        now_ms: i64,
    ) -> Result<Self, LogError> {
        let path = |kind| with_suffix(place.file(kind, base_offset), suffix);
        let log = LazyFile::default();
        log.set(file::create_empty(&path(Kind::Log))?);
        let offsets = OffsetIndex::create(base_offset, &path(Kind::Index))?;
        let times = TimeIndex::create(base_offset, &path(Kind::TimeIndex))?;
        file::remove(&path(Kind::TxnIndex))?;
        Ok(Self {
            pinned_aborted: OnceLock::new(),
            suffix: RwLock::new(suffix),
            place: place.clone(),
            base_offset,
            size: AtomicU32::new(0),
            log,
            offsets,
            times,
            has_aborted: AtomicBool::new(false),
            growth: Mutex::new(Growth {
                since_index: 0,
                first_timestamp: None,
                created_ms: now_ms,
                max_timestamp: None,
                has_ended: true,
            }),
        })
    }

    /// A segment whose files are there; nothing but the `.log` file's length is looked at.
    pub(crate) fn open(
        place: &Arc<Place>,
        base_offset: i64,
        has_aborted: bool,
        now_ms: i64,
    ) -> Result<Self, LogError> {
        let path = place.file(Kind::Log, base_offset);
        let length = file::size_of(&path)?;
        let size = u32::try_from(length)
            .ok()
            .filter(|size| *size <= i32::MAX as u32)
            .ok_or_else(|| LogError::Corrupt {
                path: path.clone(),
                position: length,
                problem: "a segment cannot be longer than 2147483647 bytes".to_owned(),
            })?;
        Ok(Self {
            place: place.clone(),
            base_offset,
            size: AtomicU32::new(size),
            log: LazyFile::default(),
            offsets: OffsetIndex::lazy(base_offset),
            times: TimeIndex::lazy(base_offset),
            has_aborted: AtomicBool::new(has_aborted),
            pinned_aborted: OnceLock::new(),
            suffix: RwLock::new(""),
            growth: Mutex::new(Growth {
                since_index: 0,
                first_timestamp: None,
                created_ms: now_ms,
                max_timestamp: None,
                has_ended: true,
            }),
        })
    }

    /// The offset that its file is named after.
    pub(crate) fn base_offset(&self) -> i64 {
        self.base_offset
    }

    /// Bytes in its `.log` file.
    pub(crate) fn size(&self) -> u32 {
        self.size.load(Ordering::Acquire)
    }

    /// The path of one of its files.
    pub(crate) fn path(&self, kind: Kind) -> PathBuf {
        with_suffix(self.place.file(kind, self.base_offset), *self.suffix.read())
    }

    fn index_path(&self) -> PathBuf {
        self.path(Kind::Index)
    }

    fn time_index_path(&self) -> PathBuf {
        self.path(Kind::TimeIndex)
    }

    /// Its `.log` file, opened if need be.
    pub(crate) fn log_file(&self) -> Result<Arc<File>, LogError> {
        self.log.get(|| self.path(Kind::Log))
    }

    /// Files of it that are open.
    pub(crate) fn open_files(&self) -> usize {
        usize::from(self.log.is_open())
            + usize::from(self.offsets.entries().is_open())
            + usize::from(self.times.entries().is_open())
    }

    fn in_range(&self, offset: i64) -> bool {
        (0..=i64::from(i32::MAX)).contains(&offset.wrapping_sub(self.base_offset))
    }

    /// Refuses index files that cannot be this segment's; the caller rebuilds them.
    pub(crate) fn sanity_check(&self, look_inside: bool) -> Result<(), LogError> {
        if self.has_aborted.load(Ordering::Relaxed) {
            txn_index::sanity_check(&self.path(Kind::TxnIndex), self.base_offset)?;
        }
        if look_inside {
            self.offsets
                .sanity_check(self.size(), || self.index_path())?;
            self.times.sanity_check(|| self.time_index_path())?;
        } else {
            index::check_length(&self.index_path(), index::ENTRY)?;
            index::check_length(&self.time_index_path(), time_index::ENTRY)?;
        }
        Ok(())
    }

    /// Whether `incoming` belongs into a new segment.
    pub(crate) fn should_roll(
        &self,
        config: &LogConfig,
        incoming: &Incoming,
    ) -> Result<bool, LogError> {
        let size = self.size();
        if size > config.segment_bytes.saturating_sub(incoming.size)
            || !self.in_range(incoming.last_offset)
        {
            return Ok(true);
        }
        if size == 0 {
            return Ok(false);
        }
        let jitter = config.jitter_ms(&self.place.dir.read(), self.base_offset);
        let waited = self.waited_ms(incoming.now_ms, incoming.max_timestamp)?;
        if waited > config.segment_ms - jitter {
            return Ok(true);
        }
        let (offsets, times) = (
            config.segment_index_bytes / index::ENTRY as u32,
            config.segment_index_bytes / time_index::ENTRY as u32,
        );
        let full = self.offsets.entries().len(|| self.index_path())? >= offsets
            || self.times.entries().len(|| self.time_index_path())? >= times.saturating_sub(1);
        Ok(full)
    }

    /// How long the segment has been taking records: by the records' timestamps if they have any.
    fn waited_ms(&self, now_ms: i64, timestamp: i64) -> Result<i64, LogError> {
        match self.first_timestamp()? {
            Some(first) if first >= 0 => Ok(timestamp - first),
            _ => Ok(now_ms - self.growth.lock().created_ms),
        }
    }

    /// The largest timestamp of the first batch, if there is a batch.
    pub(crate) fn first_timestamp(&self) -> Result<Option<i64>, LogError> {
        if let Some(first) = self.growth.lock().first_timestamp {
            return Ok(Some(first));
        }
        let Some(head) = self.first_at(0, |_| true)? else {
            return Ok(None);
        };
        self.growth.lock().first_timestamp = Some(head.max_timestamp);
        Ok(Some(head.max_timestamp))
    }

    /// Writes batches at the end. On an error nothing was appended: what was written is written over next time.
    pub(crate) fn append(&self, batches: &[Batch], interval: u32) -> Result<(), LogError> {
        let start = self.size();
        let file = self.log_file()?;
        let path = LogOf(self);
        let mut pieces: Vec<IoSlice<'_>> = Vec::with_capacity(2 * batches.len());
        for batch in batches {
            pieces.push(IoSlice::new(batch.header()));
            pieces.push(IoSlice::new(batch.payload()));
        }
        if let Err(error) = file::write_vectored(&file, &path, u64::from(start), &mut pieces) {
            // Best effort: a part of a batch at the end would only cost a rescan.
            self.growth.lock().has_ended = false;
            let _ = file::set_length(&file, &path, u64::from(start));
            return Err(error);
        }
        let end = start
            + batches
                .iter()
                .map(|b| b.size_in_bytes() as u32)
                .sum::<u32>();
        if let Err(error) = self.note_all(batches, start, interval) {
            // The batches are not in the log: nothing may point to them, and nobody may find them after a crash.
            let _ = file::set_length(&file, &path, u64::from(start));
            if let Some(first) = batches.first() {
                let _ = self.truncate_indexes(first.base_offset());
            }
            return Err(error);
        }
        self.size.store(end, Ordering::Release);
        Ok(())
    }

    /// Writes `bytes`, which are all of `batches`, at the end of a segment that nobody reads yet.
    pub(crate) fn append_written(
        &self,
        bytes: &[u8],
        batches: &[Written],
        interval: u32,
    ) -> Result<(), LogError> {
        let (start, path) = (self.size(), LogOf(self));
        let end = u64::from(start) + bytes.len() as u64;
        let refuse = |problem| LogError::Invalid {
            path: self.place.dir(),
            problem,
        };
        let Some(end) = u32::try_from(end)
            .ok()
            .filter(|end| *end <= i32::MAX as u32)
        else {
            let problem = format!(
                "a segment cannot be longer than 2147483647 bytes, this one would have {end}"
            );
            return Err(refuse(problem));
        };
        if let Some(far) = batches.iter().find(|it| !self.in_range(it.last_offset)) {
            let problem = format!(
                "offset {} is more than 2147483647 above the base offset {}: let Apache Kafka open the log once",
                far.last_offset, self.base_offset
            );
            return Err(refuse(problem));
        }
        file::write(&*self.log_file()?, &path, u64::from(start), bytes)?;
        let mut position = start;
        for it in batches {
            self.note(
                it.last_offset,
                it.max_timestamp,
                position,
                it.size,
                interval,
            )?;
            position += it.size;
        }
        self.size.store(end, Ordering::Release);
        Ok(())
    }

    fn note_all(&self, batches: &[Batch], start: u32, interval: u32) -> Result<(), LogError> {
        let mut position = start;
        for batch in batches {
            let size = batch.size_in_bytes() as u32;
            let (last, max) = (batch.last_offset(), batch.max_timestamp());
            self.note(last, max, position, size, interval)?;
            position += size;
        }
        Ok(())
    }

    fn truncate_indexes(&self, offset: i64) -> Result<(), LogError> {
        {
            let mut growth = self.growth.lock();
            growth.max_timestamp = None;
            growth.has_ended = false;
        }
        self.offsets.truncate_to(offset, || self.index_path())?;
        self.times.truncate_to(offset, || self.time_index_path())?;
        let max = self.scan_max_timestamp()?;
        self.growth.lock().max_timestamp = Some(max);
        Ok(())
    }

    /// Indexes a batch that was written at `position`.
    fn note(
        &self,
        last_offset: i64,
        max_timestamp: i64,
        position: u32,
        size: u32,
        interval: u32,
    ) -> Result<(), LogError> {
        let max = self.max_timestamp()?;
        let max = if max_timestamp > max.timestamp {
            TimestampOffset {
                timestamp: max_timestamp,
                offset: last_offset,
            }
        } else {
            max
        };
        let due = {
            let mut growth = self.growth.lock();
            growth.max_timestamp = Some(max);
            growth.has_ended = false;
            if position == 0 {
                growth.first_timestamp = Some(max_timestamp);
            }
            let due = growth.since_index > interval;
            growth.since_index = if due { size } else { growth.since_index + size };
            due
        };
        if due {
            self.offsets
                .append(last_offset, position, || self.index_path())?;
            self.times.append(max, || self.time_index_path())?;
        }
        Ok(())
    }

    /// The largest timestamp; -1 if there is none.
    pub(crate) fn max_timestamp(&self) -> Result<TimestampOffset, LogError> {
        if let Some(max) = self.growth.lock().max_timestamp {
            return Ok(max);
        }
        let max = self.times.last(|| self.time_index_path())?;
        Ok(*self.growth.lock().max_timestamp.get_or_insert(max))
    }

    /// The largest timestamp, or else when the file was last written.
    pub(crate) fn largest_timestamp(&self) -> Result<i64, LogError> {
        match self.max_timestamp()?.timestamp {
            timestamp if timestamp >= 0 => Ok(timestamp),
            _ => file::modified_ms(&self.path(Kind::Log)),
        }
    }

    /// The first batch from `position` on of which `wanted` holds, and none after what is damaged.
    pub(crate) fn first_at(
        &self,
        position: u32,
        wanted: impl Fn(&Head) -> bool,
    ) -> Result<Option<Head>, LogError> {
        match self.first_sound_at(position, wanted) {
            Err(LogError::Corrupt { .. }) => Ok(None),
            found => found,
        }
    }

    /// As [`Segment::first_at`]; what is damaged on the way there is an error.
    fn first_sound_at(
        &self,
        position: u32,
        wanted: impl Fn(&Head) -> bool,
    ) -> Result<Option<Head>, LogError> {
        let file = self.log_file()?;
        let path = LogOf(self);
        let end = u64::from(self.size());
        let mut scan = Scan::few(&file, &path, u64::from(position), end);
        loop {
            match scan.next()? {
                Step::Batch(head) if wanted(&head) => return Ok(Some(head)),
                Step::Batch(_) => {}
                Step::End => return Ok(None),
                // An index that leads into the middle of a batch is no reason to miss one.
                Step::Bad(_) if position > 0 => return self.first_sound_at(0, wanted),
                // Nothing but a beginning.
                Step::Bad(BatchError::Truncated) => return Ok(None),
                Step::Bad(problem) => return Err(scan.damaged(&problem)),
            }
        }
    }

    /// The first batch that ends at `offset` or after it, and none after what is damaged.
    pub(crate) fn translate(&self, offset: i64) -> Result<Option<Head>, LogError> {
        match self.translate_sound(offset) {
            Err(LogError::Corrupt { .. }) => Ok(None),
            found => found,
        }
    }

    /// As [`Segment::translate`]; what is damaged on the way there is an error.
    pub(crate) fn translate_sound(&self, offset: i64) -> Result<Option<Head>, LogError> {
        let from = self.offsets.lookup(offset, || self.index_path())?;
        let from = if from < self.size() { from } else { 0 };
        self.first_sound_at(from, |head| head.last_offset >= offset)
    }

    /// Where the batch starts that ends at `offset` or after it; the end of the file if there is none.
    pub(crate) fn position_of(&self, offset: i64) -> Result<u32, LogError> {
        let head = self.translate(offset)?;
        Ok(head.map_or(self.size(), |head| head.position as u32))
    }

    /// From where on to look for the first record at or after a time that is not before `offset`.
    pub(crate) fn position_for_timestamp(
        &self,
        timestamp: i64,
        offset: i64,
    ) -> Result<u32, LogError> {
        let near = self.times.lookup(timestamp, || self.time_index_path())?;
        self.offsets
            .lookup(near.offset.max(offset), || self.index_path())
    }

    /// From where on to look for `offset`.
    pub(crate) fn position_for_offset(&self, offset: i64) -> Result<u32, LogError> {
        self.offsets.lookup(offset, || self.index_path())
    }

    /// The first indexed offset whose batch starts at `position` or after it.
    pub(crate) fn indexed_offset_at(&self, position: u64) -> Result<Option<i64>, LogError> {
        self.offsets
            .offset_at_or_after(position, || self.index_path())
    }

    /// The offset after its last record, and whether its bytes end with a whole batch.
    pub(crate) fn next_offset(&self) -> Result<(i64, bool), LogError> {
        let last = self.offsets.last_offset(|| self.index_path())?;
        let from = self.offsets.lookup(last, || self.index_path())?;
        let end = u64::from(self.size());
        if u64::from(from) >= end {
            return Ok((self.base_offset, end == 0));
        }
        let file = self.log_file()?;
        let path = LogOf(self);
        let mut scan = Scan::few(&file, &path, u64::from(from), end);
        let mut next = self.base_offset;
        loop {
            match scan.next()? {
                Step::Batch(head) => next = head.next_offset(),
                Step::End => return Ok((next, true)),
                Step::Bad(_) => return Ok((next, false)),
            }
        }
    }

    /// Adds to `found` the aborted transactions for a reader of `[from, upper)`; whether no later segment has more.
    pub(crate) fn aborted(
        &self,
        from: i64,
        upper: i64,
        found: &mut Vec<txn_index::AbortedTransaction>,
    ) -> Result<bool, LogError> {
        if !self.has_aborted.load(Ordering::Acquire) {
            return Ok(false);
        }
        match self.pinned_aborted.get() {
            Some(pinned) => Ok(txn_index::collect_from(pinned, from, upper, found)),
            None => txn_index::collect(&self.path(Kind::TxnIndex), from, upper, found),
        }
    }

    /// Notes a transaction that was aborted by a marker in this segment.
    pub(crate) fn add_aborted(
        &self,
        transaction: txn_index::AbortedTransaction,
    ) -> Result<(), LogError> {
        txn_index::append(&self.path(Kind::TxnIndex), transaction)?;
        self.has_aborted.store(true, Ordering::Release);
        Ok(())
    }

    /// Sees to it that `count` more aborted transactions can be noted.
    pub(crate) fn make_room_for_aborted(&self, count: usize) -> Result<(), LogError> {
        txn_index::make_room(&self.path(Kind::TxnIndex), count)
    }

    /// Sees to it that the next `bytes` bytes find room.
    pub(crate) fn reserve(&self, bytes: u64) -> Result<(), LogError> {
        let path = LogOf(self);
        file::reserve(&*self.log_file()?, &path, u64::from(self.size()), bytes)
    }

    /// Gives back the room beyond its end.
    pub(crate) fn give_back(&self) -> Result<(), LogError> {
        let path = LogOf(self);
        file::set_length(&*self.log_file()?, &path, u64::from(self.size()))
    }

    /// Removes the files of a segment that is not in use after all.
    pub(crate) fn discard(place: &Place, base_offset: i64) {
        for kind in Kind::SEGMENT {
            // Best effort: an empty segment at the end of a log does no harm.
            let _ = file::remove(&place.file(kind, base_offset));
        }
    }

    /// Forgets what the indexes say, before the batches are scanned again.
    pub(crate) fn reset_indexes(&self) -> Result<(), LogError> {
        self.offsets.entries().reset(&self.index_path())?;
        self.times.entries().reset(&self.time_index_path())?;
        file::remove(&self.path(Kind::TxnIndex))?;
        self.has_aborted.store(false, Ordering::Release);
        let mut growth = self.growth.lock();
        growth.since_index = 0;
        growth.first_timestamp = None;
        growth.max_timestamp = None;
        growth.has_ended = false;
        Ok(())
    }

    /// Reads every batch, checks it, indexes it and shows it to `each`; cuts the file after the last sound one.
    /// How many bytes were cut.
    pub(crate) fn recover(
        &self,
        interval: u32,
        mut each: impl FnMut(&Self, &Head, &mut Scan<'_>) -> Result<(), LogError>,
    ) -> Result<u32, LogError> {
        self.reset_indexes()?;
        let file = self.log_file()?;
        let path = self.path(Kind::Log);
        let size = self.size();
        let mut scan = Scan::many(&file, &path, 0, u64::from(size));
        let mut sound = 0;
        let mut last = self.base_offset - 1;
        while let Step::Batch(head) = scan.next()? {
            if !scan.check_crc(&head)? || head.last_offset <= last {
                break;
            }
            if !self.in_range(head.last_offset) {
                // Releases before 2.0 could make such segments; Apache Kafka splits them.
                if head.magic < MAGIC_V2 {
                    return Err(LogError::Corrupt {
                        path,
                        position: head.position,
                        problem: format!(
                            "offset {} is more than 2147483647 above the base offset: let Apache Kafka open it once",
                            head.last_offset
                        ),
                    });
                }
                break;
            }
            last = head.last_offset;
            self.note(
                head.last_offset,
                head.max_timestamp,
                sound,
                head.size as u32,
                interval,
            )?;
            each(self, &head, &mut scan)?;
            sound = head.end() as u32;
        }
        if sound < size {
            file::set_length(&file, &path, u64::from(sound))?;
            self.size.store(sound, Ordering::Release);
        }
        self.end()?;
        self.growth.lock().since_index = 0;
        Ok(size - sound)
    }

    /// Cuts away `offset` and what follows. How many bytes were cut.
    pub(crate) fn truncate_to(&self, offset: i64, now_ms: i64) -> Result<u32, LogError> {
        self.growth.lock().has_ended = false;
        let size = self.size();
        let keep = self.position_of(offset)?;
        // Readers stop there before it is the end of the file.
        self.size.store(keep, Ordering::Release);
        self.offsets.truncate_to(offset, || self.index_path())?;
        self.times.truncate_to(offset, || self.time_index_path())?;
        if self.has_aborted.load(Ordering::Relaxed) {
            txn_index::truncate_to(&self.path(Kind::TxnIndex), offset)?;
        }
        if keep < size {
            file::set_length(&*self.log_file()?, &self.path(Kind::Log), u64::from(keep))?;
        }
        {
            let mut growth = self.growth.lock();
            growth.since_index = 0;
            growth.max_timestamp = None;
            if keep == 0 {
                growth.created_ms = now_ms;
                growth.first_timestamp = None;
            }
        }
        let max = self.scan_max_timestamp()?;
        self.growth.lock().max_timestamp = Some(max);
        Ok(size - keep)
    }

    /// The largest timestamp: that of the time index, or of a batch after its last entry.
    fn scan_max_timestamp(&self) -> Result<TimestampOffset, LogError> {
        let mut max = self.times.last(|| self.time_index_path())?;
        let from = self.position_for_offset(max.offset)?;
        let file = self.log_file()?;
        let path = LogOf(self);
        let mut scan = Scan::few(&file, &path, u64::from(from), u64::from(self.size()));
        while let Step::Batch(head) = scan.next()? {
            if head.max_timestamp > max.timestamp {
                max = TimestampOffset {
                    timestamp: head.max_timestamp,
                    offset: head.last_offset,
                };
            }
        }
        Ok(max)
    }

    /// The segment takes no more records: the time index gets its last entry, and no file has a tail of zeros.
    /// Whether a file changed.
    pub(crate) fn end(&self) -> Result<bool, LogError> {
        if self.growth.lock().has_ended {
            return Ok(false);
        }
        let max = self.max_timestamp()?;
        let mut changed = self.times.append(max, || self.time_index_path())?;
        changed |= self.offsets.entries().trim(|| self.index_path())?;
        changed |= self.times.entries().trim(|| self.time_index_path())?;
        let path = self.path(Kind::Log);
        let size = u64::from(self.size());
        if file::size_of(&path)? != size {
            file::set_length(&*self.log_file()?, &path, size)?;
            changed = true;
        }
        // Whoever changes it holds the log meanwhile, or has it to himself.
        self.growth.lock().has_ended = true;
        Ok(changed)
    }

    /// The last stop may not have been a clean one: nobody knows how its files end.
    pub(crate) fn may_not_have_ended(&self) {
        self.growth.lock().has_ended = false;
    }

    /// Makes the records durable. The indexes of an active segment need not be: after an unclean stop they are rebuilt.
    pub(crate) fn flush_records(&self) -> Result<(), LogError> {
        let file = self.log_file()?;
        self.place.durably(|| file::sync_data(&file, &LogOf(self)))
    }

    /// Makes everything durable.
    pub(crate) fn flush(&self) -> Result<(), LogError> {
        self.place.durably(|| {
            file::sync(&*self.log_file()?, &self.path(Kind::Log))?;
            self.offsets.entries().flush(|| self.index_path())?;
            self.times.entries().flush(|| self.time_index_path())?;
            if self.has_aborted.load(Ordering::Relaxed) {
                let path = self.path(Kind::TxnIndex);
                file::sync(&file::open(&path)?, &path)?;
            }
            Ok(())
        })
    }

    /// Bytes of the entries in its offset index and in its time index.
    pub(crate) fn index_bytes(&self) -> Result<(u64, u64), LogError> {
        let offsets = self.offsets.entries().len(|| self.index_path())?;
        let times = self.times.entries().len(|| self.time_index_path())?;
        Ok((
            u64::from(offsets) * index::ENTRY as u64,
            u64::from(times) * time_index::ENTRY as u64,
        ))
    }

    /// Whether its `.log` file is open now.
    pub(crate) fn log_is_open(&self) -> bool {
        self.log.is_open()
    }

    /// Keeps hold of its files, because others are about to get their names.
    pub(crate) fn pin(&self) -> Result<(), LogError> {
        self.log.pin(|| self.path(Kind::Log))?;
        self.offsets.entries().pin(|| self.index_path())?;
        self.times.entries().pin(|| self.time_index_path())?;
        if self.has_aborted.load(Ordering::Acquire) && self.pinned_aborted.get().is_none() {
            let mut all = Vec::new();
            txn_index::scan(&self.path(Kind::TxnIndex), |transaction, _| {
                all.push(transaction);
                true
            })?;
            // Only the owner of the log does this.
            let _ = self.pinned_aborted.set(all);
        }
        Ok(())
    }

    /// Gives its files names that end in `suffix` instead of what they end in now; the `.log` file first.
    pub(crate) fn rename(&self, suffix: &'static str) -> Result<(), LogError> {
        for kind in Kind::SEGMENT {
            let to = with_suffix(self.place.file(kind, self.base_offset), suffix);
            match file::rename(&self.path(kind), &to) {
                Err(error) if kind == Kind::TxnIndex && error.is_not_found() => {}
                renamed => renamed?,
            }
        }
        *self.suffix.write() = suffix;
        Ok(())
    }

    /// Removes the files of a cleaned segment that did not become part of the log.
    pub(crate) fn remove_files(&self) -> Result<(), LogError> {
        for kind in Kind::SEGMENT {
            for suffix in [SWAP, CLEANED] {
                let path = self.place.file(kind, self.base_offset);
                file::remove(&with_suffix(path, suffix))?;
            }
        }
        Ok(())
    }

    /// Says when its files were last written.
    pub(crate) fn set_modified_ms(&self, at_ms: i64) -> Result<(), LogError> {
        for kind in [Kind::Log, Kind::Index, Kind::TimeIndex] {
            file::set_modified_ms(&self.path(kind), at_ms)?;
        }
        Ok(())
    }

    /// Closes its index files, and forgets the entries that are in memory.
    pub(crate) fn rest_indexes(&self) -> Result<(), LogError> {
        self.offsets.entries().rest(|| self.index_path())?;
        self.times.entries().rest(|| self.time_index_path())
    }

    /// Closes its files; they are opened again when needed.
    pub(crate) fn rest(&self) -> Result<(), LogError> {
        self.rest_indexes()?;
        self.log.close();
        Ok(())
    }

    /// Renames its files to `.deleted`; their new names. Readers that have it open go on reading.
    pub(crate) fn mark_deleted(&self) -> Result<Vec<PathBuf>, LogError> {
        let mut marked = Vec::new();
        for kind in Kind::SEGMENT {
            let path = self.path(kind);
            let to = with_suffix(path.clone(), DELETED);
            match file::rename(&path, &to) {
                Ok(()) => marked.push(to),
                Err(e) if e.is_not_found() => {}
                Err(e) => return Err(e),
            }
        }
        Ok(marked)
    }
}

fn with_suffix(path: PathBuf, suffix: &str) -> PathBuf {
    let mut name = path.into_os_string();
    name.push(suffix);
    name.into()
}

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Segment")
            .field("base_offset", &self.base_offset)
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    /// The system may tell one of two syncs only: the other must not say that all is well.
    #[test]
    fn a_sync_beside_one_that_fails_does_not_succeed() {
        let place = Place::new(Path::new("a log"));
        let (begun, has_begun) = mpsc::channel();
        std::thread::scope(|scope| {
            let failing = scope.spawn(|| {
                place.durably(|| {
                    begun.send(()).unwrap();
                    std::thread::sleep(Duration::from_millis(50));
                    let fault = std::io::Error::other("the disk is gone");
                    Err(LogError::io("fsync", Path::new("a log"), fault))
                })
            });
            has_begun.recv().unwrap();
            assert!(place.durably(|| Ok(())).is_err());
            assert!(failing.join().unwrap().is_err());
        });
        assert!(place.durably(|| Ok(())).is_err(), "nor any later one");
    }
    #[test]
    fn names_that_change_during_their_sync_are_due_again() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::new(&dir.path().join("t-0"));
        std::fs::create_dir(place.dir()).unwrap();
        assert!(!place.are_names_due());
        place.names_are_due();
        let changed = place.clone();
        file::faults::set(Some(Box::new(move |_, _| {
            changed.names_are_due();
            None
        })));
        place.sync_names().unwrap();
        file::faults::set(None);
        assert!(place.are_names_due());
        place.sync_names().unwrap();
        assert!(!place.are_names_due());
    }
}
