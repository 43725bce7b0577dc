//! The indexes of one segment, checked entry by entry while its batches are walked over.
//!
//! Of each file only the first contradiction is a finding: what follows one is rarely news.

use std::path::Path;

use super::finding::{Finding, Kind};
use super::index_file::IndexFile;
use crate::error::LogError;
use crate::index;
use crate::scan::Head;
use crate::time_index;
use crate::txn_index::{self, AbortedTransaction};

/// One index file: its next entry, and what was found.
struct Entries<const N: usize> {
    kind: Kind,
    file: IndexFile<N>,
    next: Option<(u64, [u8; N])>,
    finding: Option<Finding>,
}

impl<const N: usize> Entries<N> {
    fn open(kind: Kind, path: &Path) -> Result<Self, LogError> {
        let mut file = IndexFile::open(path)?;
        let next = file.next()?;
        Ok(Self {
            kind,
            file,
            next,
            finding: None,
        })
    }

    fn advance(&mut self) -> Result<(), LogError> {
        self.next = self.file.next()?;
        Ok(())
    }

    fn wrong(&mut self, at: u64, expected: impl Into<String>, found: impl Into<String>) {
        if self.finding.is_none() {
            self.finding = Some(Finding::new(self.kind, self.file.path(), expected, found).at(at));
        }
    }

    /// What is wrong with the file's end.
    fn finish(&mut self, zeros_are_fine: bool) {
        let surplus = self.file.surplus();
        if surplus > 0 {
            let end = self.file.length() - surplus;
            self.wrong(
                end,
                format!("entries of {N} bytes"),
                format!("{surplus} bytes"),
            );
        } else if self.file.ends_in_zeros() && !zeros_are_fine {
            let end = self.file.at();
            self.wrong(end, "the end of the file", "zeros");
        }
    }
}

/// `.index`.
struct Offsets {
    base: i64,
    entries: Entries<{ index::ENTRY }>,
    last: Option<i64>,
    /// An entry of a release that indexed several batches at once: the offset is the last one of all of them.
    several: Option<(u64, i64)>,
}

impl Offsets {
    fn meet(&mut self, head: &Head) -> Result<(), LogError> {
        if let Some((at, offset)) = self.several
            && head.last_offset >= offset
        {
            self.several = None;
            if head.last_offset > offset {
                self.unknown(at, offset);
            }
        }
        while let Some((at, entry)) = self.entries.next {
            let position = u64::from(index::position(&entry));
            if position > head.position {
                break;
            }
            let offset = self.base.wrapping_add(index::relative(&entry));
            if position < head.position {
                let found = format!("position {position}, inside of a batch");
                self.entries.wrong(at, "where a batch begins", found);
            } else if self.last.is_some_and(|last| offset <= last) {
                let last = self.last.unwrap_or_default();
                self.entries.wrong(
                    at,
                    format!("an offset above {last}"),
                    format!("offset {offset}"),
                );
            } else if offset < head.last_offset {
                let expected = format!("offset {} for position {position}", head.last_offset);
                self.entries.wrong(at, expected, format!("offset {offset}"));
            } else if offset > head.last_offset {
                self.several = Some((at, offset));
            }
            self.last = Some(offset);
            self.entries.advance()?;
        }
        Ok(())
    }

    fn unknown(&mut self, at: u64, offset: i64) {
        let found = format!("offset {offset}, with which no batch ends");
        self.entries.wrong(at, "the last offset of a batch", found);
    }

    fn finish(&mut self, size: u64, zeros_are_fine: bool) {
        if let Some((at, offset)) = self.several.take() {
            self.unknown(at, offset);
        }
        if let Some((at, entry)) = self.entries.next {
            let position = index::position(&entry);
            let expected = format!("a position below the end of the log, {size}");
            self.entries
                .wrong(at, expected, format!("position {position}"));
        }
        self.entries.finish(zeros_are_fine);
    }
}

/// `.timeindex`.
struct Times {
    base: i64,
    entries: Entries<{ time_index::ENTRY }>,
    last: i64,
    short: Option<Finding>,
}

impl Times {
    /// `before`: the offset after the batch before; `largest`: the largest timestamp up to this batch.
    fn meet(&mut self, head: &Head, before: i64, largest: i64) -> Result<(), LogError> {
        while let Some((at, entry)) = self.entries.next {
            let (timestamp, relative) =
                (time_index::timestamp(&entry), time_index::relative(&entry));
            let offset = self.base.wrapping_add(relative);
            if offset > head.last_offset {
                break;
            }
            if timestamp <= self.last {
                let expected = format!("a timestamp above {}", self.last);
                self.entries
                    .wrong(at, expected, format!("timestamp {timestamp}"));
            } else if offset < before || timestamp != head.max_timestamp {
                let expected = format!(
                    "timestamp {} for offset {}",
                    head.max_timestamp, head.last_offset
                );
                let found = format!("timestamp {timestamp} for offset {offset}");
                self.entries.wrong(at, expected, found);
            } else if timestamp < largest {
                self.short(at, largest, timestamp);
            }
            self.last = timestamp;
            self.entries.advance()?;
        }
        Ok(())
    }

    fn short(&mut self, at: u64, largest: i64, timestamp: i64) {
        let path = self.entries.file.path();
        let expected = format!("the largest timestamp so far, {largest}");
        let finding = Finding::new(Kind::TimeIndexShort, path, expected, format!("{timestamp}"));
        self.short.get_or_insert(finding.at(at));
    }

    fn finish(&mut self, largest: i64, is_active: bool, zeros_are_fine: bool) {
        if let Some((at, entry)) = self.entries.next {
            let offset = self.base.wrapping_add(time_index::relative(&entry));
            self.entries
                .wrong(at, "an offset of the segment", format!("offset {offset}"));
        } else if !is_active && self.last < largest {
            self.short(self.entries.file.at(), largest, self.last);
        }
        self.entries.finish(zeros_are_fine);
    }
}

/// A transaction that an abort marker ended, as the walk over the log saw it.
pub(super) struct Aborted {
    /// As it would be indexed; its first offset is not known if the transaction began before the log does.
    pub(super) transaction: AbortedTransaction,
    /// Its beginning was seen.
    pub(super) is_known: bool,
    /// It may have begun earlier, because compaction may have removed its first records.
    pub(super) is_compacted: bool,
    /// The log may have begun in the middle of other transactions.
    pub(super) others_are_known: bool,
    /// Where the log begins.
    pub(super) first_base: i64,
}

/// `.txnindex`.
struct Transactions {
    entries: Option<Entries<{ txn_index::ENTRY }>>,
}

impl Transactions {
    fn meet(&mut self, path: &Path, aborted: &Aborted) -> Result<(), LogError> {
        let wanted = &aborted.transaction;
        let Some(entries) = &mut self.entries else {
            if aborted.is_known {
                let mut entries = Entries::missing(path);
                entries.wrong(0, describe(wanted), "no file");
                self.entries = Some(entries);
            }
            return Ok(());
        };
        while let Some((at, entry)) = entries.next {
            let found = match AbortedTransaction::parse(&entry, path, at) {
                Ok(found) => found,
                Err(error) => {
                    entries.wrong(at, "an entry of version 0", error.to_string());
                    entries.advance()?;
                    continue;
                }
            };
            if found.last_offset > wanted.last_offset {
                break;
            }
            entries.advance()?;
            if found.last_offset < wanted.last_offset {
                entries.wrong(at, "the offset of an abort marker", describe(&found));
            } else {
                if !aborted.allows(&found) {
                    entries.wrong(at, describe(wanted), describe(&found));
                }
                return Ok(());
            }
        }
        if aborted.is_known {
            let at = entries.next.map_or(entries.file.at(), |(at, _)| at);
            entries.wrong(at, describe(wanted), "no such entry");
        }
        Ok(())
    }

    fn finish(&mut self) {
        let Some(entries) = &mut self.entries else {
            return;
        };
        if let Some((at, _)) = entries.next {
            entries.wrong(
                at,
                "the offset of an abort marker",
                "an entry behind all of them",
            );
        }
        entries.finish(false);
    }
}

fn describe(it: &AbortedTransaction) -> String {
    format!(
        "producer {} from {} to {}, last stable offset {}",
        it.producer_id, it.first_offset, it.last_offset, it.last_stable_offset
    )
}

impl Aborted {
    fn allows(&self, found: &AbortedTransaction) -> bool {
        let wanted = &self.transaction;
        let first = if !self.is_known {
            self.is_compacted || found.first_offset < self.first_base
        } else if self.is_compacted || found.first_offset < self.first_base {
            found.first_offset <= wanted.first_offset
        } else {
            found.first_offset == wanted.first_offset
        };
        let stable = if self.is_compacted || !self.others_are_known {
            found.last_stable_offset <= wanted.last_offset + 1
        } else {
            found.last_stable_offset == wanted.last_stable_offset
        };
        let sane = found.first_offset >= 0 && found.last_stable_offset >= 0;
        found.producer_id == wanted.producer_id && sane && first && stable
    }
}

impl<const N: usize> Entries<N> {
    /// Of a file that is not there: named in the finding, and nothing else.
    fn missing(path: &Path) -> Self {
        Self {
            kind: Kind::TransactionIndex,
            file: IndexFile::none(path),
            next: None,
            finding: None,
        }
    }
}

/// All three.
pub(super) struct Indexes {
    offsets: Option<Offsets>,
    times: Option<Times>,
    transactions: Transactions,
    largest: i64,
    /// Nothing can be said of entries any more: the log is damaged.
    is_lost: bool,
}

impl Indexes {
    /// Of the segment at `base`; those that are there.
    pub(super) fn open(
        base: i64,
        index: Option<&Path>,
        time_index: Option<&Path>,
        transactions: Option<&Path>,
    ) -> Result<Self, LogError> {
        let offsets = match index {
            Some(path) => Some(Offsets {
                base,
                entries: Entries::open(Kind::OffsetIndex, path)?,
                last: None,
                several: None,
            }),
            None => None,
        };
        let times = match time_index {
            Some(path) => Some(Times {
                base,
                entries: Entries::open(Kind::TimeIndex, path)?,
                last: -1,
                short: None,
            }),
            None => None,
        };
        let entries = match transactions {
            Some(path) => Some(Entries::open(Kind::TransactionIndex, path)?),
            None => None,
        };
        Ok(Self {
            offsets,
            times,
            transactions: Transactions { entries },
            largest: -1,
            is_lost: false,
        })
    }

    /// The log is damaged here.
    pub(super) fn give_up(&mut self) {
        self.is_lost = true;
    }

    /// The walk meets a batch; the one before it ended before offset `before`.
    pub(super) fn meet(&mut self, head: &Head, before: i64) -> Result<(), LogError> {
        self.largest = self.largest.max(head.max_timestamp);
        if self.is_lost {
            return Ok(());
        }
        if let Some(offsets) = &mut self.offsets {
            offsets.meet(head)?;
        }
        match &mut self.times {
            Some(times) => times.meet(head, before, self.largest),
            None => Ok(()),
        }
    }

    /// The walk meets an abort marker. `path`: of the index, whether it is there or not.
    pub(super) fn meet_abort(&mut self, path: &Path, aborted: &Aborted) -> Result<(), LogError> {
        if self.is_lost {
            return Ok(());
        }
        self.transactions.meet(path, aborted)
    }

    /// The segment ends after `size` bytes: what was found. `is_active`: it is the last one; `aborts_are_known`: every
    /// abort marker in it was met.
    pub(super) fn finish(
        mut self,
        size: u64,
        is_active: bool,
        zeros_are_fine: bool,
        aborts_are_known: bool,
    ) -> impl Iterator<Item = Finding> {
        if !self.is_lost {
            if let Some(offsets) = &mut self.offsets {
                offsets.finish(size, zeros_are_fine);
            }
            if let Some(times) = &mut self.times {
                times.finish(self.largest, is_active, zeros_are_fine);
            }
            if aborts_are_known {
                self.transactions.finish();
            }
        }
        let offsets = self.offsets.and_then(|it| it.entries.finding);
        let (times, short) = match self.times {
            Some(times) => (times.entries.finding, times.short),
            None => (None, None),
        };
        let transactions = self.transactions.entries.and_then(|it| it.finding);
        // What is said of the time index is said once.
        let short = short.filter(|_| times.is_none());
        [offsets, times, short, transactions].into_iter().flatten()
    }
}
