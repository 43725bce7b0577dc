//! Compaction: keeps of each key the last record, as Apache Kafka's log cleaner does.
//!
//! [`LogToClean`] says how dirty a log is. [`Cleaner::clean`] reads its dirty part, remembers the last offset of each
//! key in a map of bounded size, and then rewrites the log from its beginning up to where the map reaches, one group of
//! segments at a time. All reading and writing is done without the log's lock, which is taken for the renames of each
//! group only ([`CleanedLog::with_log`]).

mod dirty;
mod filter;
mod input;
mod offset_map;
mod output;
mod stats;
mod swap;
mod transactions;

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_wire::records::{DECOMPRESSED_LIMIT, scan};
use thiserror::Error;

pub use self::dirty::LogToClean;
use self::dirty::{before, between};
use self::filter::{Filter, Kept, LastRecord};
use self::input::Input;
use self::offset_map::OffsetMap;
use self::output::Output;
pub use self::stats::CleanerStats;
use self::transactions::CleanedTransactions;
use crate::config::LogConfig;
use crate::error::LogError;
use crate::file;
use crate::log::{Log, write_epochs_before};
use crate::names::Kind;
use crate::reader::{LogReader, View};
use crate::segment::{Place, Segment};
use crate::trim::Removal;
use crate::txn_index::AbortedTransaction;

/// What a cleaner may use.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CleanerOptions {
    /// Memory for the offsets of keys: `log.cleaner.dedupe.buffer.size` by threads. Kafka uses up to 2 GiB of it.
    pub map_bytes: u64,
    /// `log.cleaner.io.buffer.load.factor`: up to which share the map is filled.
    pub load_factor: f64,
    /// Bytes that are read, and written, at a time; a larger batch takes what it needs.
    pub io_bytes: usize,
    /// Of the hashes of keys: secret, so that nobody can make keys collide.
    pub seed: [u64; 2],
}

/// The log that is cleaned, in the hands of its owner.
pub trait CleanedLog {
    /// Does something under the log's lock; `None` once the log is closed.
    fn with_log<T>(&self, work: impl FnOnce(&mut Log) -> T) -> Option<T>;

    /// So many bytes were read or written: the place to wait if that is too fast. `false`: the cleaning is to end now.
    fn passed(&mut self, bytes: u64) -> bool;

    /// Files that are out of use, to be removed when their time has come.
    fn replaced(&mut self, removal: Removal);
}

/// What a cleaning achieved.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Cleaned {
    /// The log is clean up to here: goes into `cleaner-offset-checkpoint`.
    pub end_offset: i64,
    /// What was done.
    pub stats: CleanerStats,
}

/// Why a cleaning ended early. The groups that were finished stay cleaned.
#[derive(Debug, Error)]
pub enum CleanError {
    /// It was told to stop, or the log was closed, truncated or shortened meanwhile.
    #[error("the cleaning was given up, because the log is changing or the broker stops")]
    Aborted,
    /// Something is wrong with the log or its files.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Cleans one log at a time.
pub struct Cleaner {
    map: OffsetMap,
    options: CleanerOptions,
}

/// Where a cleaning is.
struct Walk<'a, L> {
    log: &'a mut L,
    reader: LogReader,
    config: Arc<LogConfig>,
    now_ms: i64,
    stats: CleanerStats,
}

impl<L: CleanedLog> Walk<'_, L> {
    fn passed(&mut self, bytes: u64) -> Result<(), CleanError> {
        if self.log.passed(bytes) {
            Ok(())
        } else {
            Err(CleanError::Aborted)
        }
    }

    /// The aborted transactions that end at `from` or later and begin before `until`.
    fn aborted(&self, from: i64, until: i64) -> Result<Vec<AbortedTransaction>, LogError> {
        let view = self.reader.view();
        let mut found = Vec::new();
        for segment in &view.segments[view.floor(from)..] {
            if segment.aborted(from, until, &mut found)? {
                break;
            }
        }
        Ok(found)
    }
}

/// Records are left out because newer ones are further on: those must be there after a loss of power, too. Segments that
/// have ended were mostly flushed before.
fn make_durable<L: CleanedLog>(walk: &mut Walk<'_, L>, until: i64) -> Result<(), CleanError> {
    let work = walk.log.with_log(|log| log.flush_work(until)).flatten();
    if let Some(work) = work {
        work.run()?;
        let now_ms = walk.now_ms;
        walk.log.with_log(|log| log.flushed(&work, now_ms));
    }
    Ok(())
}

impl Cleaner {
    /// A cleaner; its memory is taken when it is needed.
    ///
    /// # Errors
    /// A sentence: the map has no room for a single key.
    pub fn new(options: CleanerOptions) -> Result<Self, String> {
        // Kafka's map is one array of Java.
        let bytes = options.map_bytes.min(i32::MAX as u64);
        let map = OffsetMap::new(bytes, options.load_factor, options.seed);
        if map.capacity() == 0 {
            return Err(format!(
                "{bytes} bytes, of which the share {} is used, are too few for the offset of one key: raise log.cleaner.dedupe.buffer.size",
                options.load_factor
            ));
        }
        Ok(Self { map, options })
    }

    /// Cleans a log that is `dirty`: from its beginning up to where the map of keys reaches.
    pub fn clean<L: CleanedLog>(
        &mut self,
        log: &mut L,
        dirty: &LogToClean,
        now_ms: i64,
    ) -> Result<Cleaned, CleanError> {
        let (reader, config) = log
            .with_log(|log| (log.reader(), log.config().clone()))
            .ok_or(CleanError::Aborted)?;
        let mut walk = Walk {
            log,
            reader,
            config,
            now_ms,
            stats: CleanerStats::default(),
        };
        let before = walk.reader.view();
        let cleaned = self.clean_all(&mut walk, dirty);
        self.map.clear();
        match cleaned {
            // What was deleted or cut under the cleaner's eyes cannot be read, and is no fault of the log.
            Err(CleanError::Log(fault)) if has_changed(walk.log, &before) => {
                tracing::debug!(%fault, "the log changed while it was cleaned");
                Err(CleanError::Aborted)
            }
            other => other,
        }
    }

    fn clean_all<L: CleanedLog>(
        &mut self,
        walk: &mut Walk<'_, L>,
        dirty: &LogToClean,
    ) -> Result<Cleaned, CleanError> {
        let until = dirty.first_uncleanable_offset;
        make_durable(walk, until)?;
        let legacy_horizon = legacy_horizon(walk, dirty.first_dirty_offset)?;
        self.build_map(walk, dirty.first_dirty_offset, until)?;
        let end_offset = self.map.latest() + 1;
        walk.stats.map_utilization = self.map.utilization();
        let view = walk.reader.view();
        let segments = between(&view, 0, end_offset);
        let mut transactions = CleanedTransactions::default();
        for group in groups(segments, &walk.config, until)? {
            self.clean_group(walk, group, &mut transactions, legacy_horizon)?;
        }
        Ok(Cleaned {
            end_offset,
            stats: walk.stats,
        })
    }

    /// Reads the dirty part and notes the last offset of each key, until the map is full.
    fn build_map<L: CleanedLog>(
        &mut self,
        walk: &mut Walk<'_, L>,
        start: i64,
        end: i64,
    ) -> Result<(), CleanError> {
        self.map.clear();
        let view = walk.reader.view();
        let segments = between(&view, start, end);
        let mut transactions = CleanedTransactions::default();
        transactions.add(walk.aborted(start, end)?);
        for (n, segment) in segments.iter().enumerate() {
            let next = segments.get(n + 1).map_or(end, |next| next.base_offset());
            if !self.map_segment(walk, segment, start, &mut transactions)? {
                walk.stats.map_was_full = true;
                return Ok(());
            }
            self.map.set_latest(next - 1);
        }
        Ok(())
    }

    /// Whether all of the segment is in the map.
    fn map_segment<L: CleanedLog>(
        &mut self,
        walk: &mut Walk<'_, L>,
        segment: &Segment,
        start: i64,
        transactions: &mut CleanedTransactions,
    ) -> Result<bool, CleanError> {
        let from = segment.position_for_offset(start)?;
        let from = if from < segment.size() { from } else { 0 };
        let mut input = Input::new(segment, from, self.options.io_bytes);
        let max_record = walk.config.max_decompressed_message_bytes as usize;
        let map = &mut self.map;
        walk.passed(0)?;
        while let Some(piece) = input.next()? {
            walk.passed(piece.len() as u64)?;
            let begin = input.position();
            let stats = &mut walk.stats;
            let all = input.walk(piece, |head, bytes| {
                if head.attributes.is_control() {
                    transactions.meet_marker(head, bytes)?;
                } else if !transactions.meet_data(head) && head.last_offset >= start {
                    let records = scan::records(bytes, DECOMPRESSED_LIMIT)?;
                    for record in records.max_record(max_record) {
                        let record = record?;
                        if let Some(key) = record.key.filter(|_| record.offset >= start) {
                            if map.is_full() {
                                return Ok(false);
                            }
                            map.put(&key, record.offset);
                        }
                        stats.map_records_read += 1;
                    }
                }
                if head.last_offset >= start {
                    map.set_latest(head.last_offset);
                }
                Ok(true)
            })?;
            walk.stats.map_bytes_read += input.position() - begin;
            if !all {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes what stays of a group of segments into one, and puts that in their place.
    fn clean_group<L: CleanedLog>(
        &self,
        walk: &mut Walk<'_, L>,
        group: &[Arc<Segment>],
        transactions: &mut CleanedTransactions,
        legacy_horizon: i64,
    ) -> Result<(), CleanError> {
        let (place, reader, last_records) = walk
            .log
            .with_log(|log| (log.place.clone(), log.reader(), last_records(log)))
            .ok_or(CleanError::Aborted)?;
        let cleaned = Segment::create_cleaned(&place, group[0].base_offset(), walk.now_ms)?;
        let written = self
            .clean_into(
                walk,
                &cleaned,
                group,
                transactions,
                &last_records,
                legacy_horizon,
            )
            .and_then(|()| Ok(finish(&cleaned, &group[group.len() - 1])?))
            .and_then(|()| Ok(write_epochs_of(group, &reader, &place)?));
        if let Err(error) = written {
            // Best effort: the next start removes them too.
            let _ = cleaned.remove_files();
            return Err(error);
        }
        let cleaned = Arc::new(cleaned);
        let now_ms = walk.now_ms;
        let swapped = walk
            .log
            .with_log(|log| log.replace_segments(&cleaned, group, now_ms));
        let Some(Some(removal)) = swapped.transpose()? else {
            let _ = cleaned.remove_files();
            return Err(CleanError::Aborted);
        };
        file::sync_dir(&place.dir())?;
        walk.log.replaced(removal);
        walk.stats.segments_read += group.len();
        walk.stats.segments_written += 1;
        Ok(())
    }

    fn clean_into<L: CleanedLog>(
        &self,
        walk: &mut Walk<'_, L>,
        cleaned: &Segment,
        group: &[Arc<Segment>],
        transactions: &mut CleanedTransactions,
        last_records: &BTreeMap<i64, LastRecord>,
        legacy_horizon: i64,
    ) -> Result<(), CleanError> {
        let config = walk.config.clone();
        let io_bytes = self.options.io_bytes;
        let mut output = Output::new(cleaned, config.index_interval_bytes, io_bytes);
        for (n, segment) in group.iter().enumerate() {
            let until = match group.get(n + 1) {
                Some(next) => next.base_offset(),
                None => segment.next_offset()?.0,
            };
            transactions.add(walk.aborted(segment.base_offset(), until)?);
            let modified = file::modified_ms(&segment.path(Kind::Log))?;
            let mut input = Input::new(segment, 0, io_bytes);
            walk.passed(0)?;
            while let Some(piece) = input.next()? {
                walk.passed(piece.len() as u64)?;
                let begin = input.position();
                let mut listed = Vec::new();
                let mut filter = Filter {
                    map: &self.map,
                    transactions,
                    last_records,
                    high_watermark: walk.reader.offsets().high_watermark,
                    now_ms: walk.now_ms,
                    delete_retention_ms: config.delete_retention_ms,
                    keeps_legacy_tombstones: modified > legacy_horizon,
                    max_record: config.max_decompressed_message_bytes as usize,
                    stats: &mut walk.stats,
                };
                input.walk(piece, |head, bytes| {
                    let (kept, aborted) = filter.keep(head, bytes)?;
                    listed.extend(aborted);
                    match kept {
                        Kept::Nothing => {}
                        Kept::AsItWas => output.copy(head, bytes),
                        Kept::Rebuilt(batch) => output.push(&batch),
                    }
                    Ok(true)
                })?;
                walk.stats.bytes_read += input.position() - begin;
                for transaction in listed {
                    cleaned.add_aborted(transaction)?;
                }
                let written = output.write_if_much()?;
                walk.stats.bytes_written += written;
                walk.passed(written)?;
            }
        }
        walk.stats.bytes_written += output.write()?;
        Ok(())
    }
}

/// Whether the log is closed, or a segment that was there is gone without having been cleaned.
fn has_changed<L: CleanedLog>(log: &L, before: &View) -> bool {
    let Some(now) = log.with_log(|log| log.view()) else {
        return true;
    };
    let first = now.segments[0].base_offset();
    now.truncations != before.truncations || first != before.segments[0].base_offset()
}

/// Up to which modification time of their segment tombstones of formats v0 and v1 go.
fn legacy_horizon<L: CleanedLog>(walk: &Walk<'_, L>, first_dirty: i64) -> Result<i64, LogError> {
    let view = walk.reader.view();
    match before(&view, first_dirty).last() {
        None => Ok(0),
        Some(last) => {
            let modified = file::modified_ms(&last.path(Kind::Log))?;
            Ok(modified.saturating_sub(walk.config.delete_retention_ms))
        }
    }
}

fn last_records(log: &Log) -> BTreeMap<i64, LastRecord> {
    log.active_producers()
        .map(|state| {
            let last = LastRecord {
                last_data_offset: Some(state.last_offset()).filter(|offset| *offset >= 0),
                producer_epoch: state.producer_epoch,
            };
            (state.producer_id, last)
        })
        .collect()
}

/// Makes a cleaned segment durable, as old as the last one that it is made from, and closes its files.
fn finish(cleaned: &Segment, last: &Segment) -> Result<(), LogError> {
    cleaned.end()?;
    cleaned.flush()?;
    cleaned.set_modified_ms(file::modified_ms(&last.path(Kind::Log))?)?;
    cleaned.rest()
}

/// Writes down the leader epochs of a group, which is to be replaced, while others append: under the log's lock nothing is
/// left to do then, but for what changes in between. A log that was moved meanwhile is dealt with there, too.
fn write_epochs_of(
    group: &[Arc<Segment>],
    reader: &LogReader,
    place: &Place,
) -> Result<(), LogError> {
    let (end, _) = group[group.len() - 1].next_offset()?;
    match write_epochs_before(reader, &place.dir(), end) {
        Err(error) if error.is_not_found() => Ok(()),
        written => written,
    }
}

/// Segments that fit into one, in order: not larger than a segment may be, nor are their indexes, even if nothing is
/// removed from them.
fn groups<'a>(
    segments: &'a [Arc<Segment>],
    config: &LogConfig,
    first_uncleanable: i64,
) -> Result<Vec<&'a [Arc<Segment>]>, LogError> {
    let most = [
        u64::from(config.segment_bytes),
        u64::from(config.segment_index_bytes),
        u64::from(config.segment_index_bytes),
    ];
    let mut groups = Vec::new();
    let mut begin = 0;
    let mut sizes = [0; 3];
    for (n, segment) in segments.iter().enumerate() {
        let (offsets, times) = segment.index_bytes()?;
        segment.rest_indexes()?;
        let added = [u64::from(segment.size()), offsets, times];
        let with: [u64; 3] = std::array::from_fn(|i| sizes[i] + added[i]);
        let last = segments
            .get(n + 1)
            .map_or(first_uncleanable, |next| next.base_offset())
            - 1;
        let in_range =
            segment.size() == 0 || last - segments[begin].base_offset() <= i64::from(i32::MAX);
        let fits = in_range && with.iter().zip(most).all(|(size, most)| *size <= most);
        if n > begin && !fits {
            groups.push(&segments[begin..n]);
            begin = n;
            sizes = added;
        } else {
            sizes = with;
        }
    }
    if begin < segments.len() {
        groups.push(&segments[begin..]);
    }
    Ok(groups)
}

#[cfg(test)]
mod tests;
