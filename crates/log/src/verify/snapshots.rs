//! Producer snapshots against what a scan of the log gives.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use super::finding::{Finding, Findings, Kind};
use crate::error::LogError;
use crate::file;
use crate::producers::{ProducerState, Producers};
use crate::snapshot;

/// What a scan can know of producers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// Where the log begins: of what was before, nothing is known.
    pub(super) first_base: i64,
    /// The log start offset.
    pub(super) log_start: i64,
    /// Compaction may have removed batches and markers.
    pub(super) is_compacted: bool,
    /// `producer.id.expiration.ms`.
    pub(super) expiry_ms: i64,
}

/// The snapshots of a partition, met in the order of their offsets.
pub(super) struct Snapshots {
    to_come: VecDeque<i64>,
    /// The offset of the last one that was met.
    last: Option<i64>,
}

impl Snapshots {
    pub(super) fn new(mut offsets: Vec<i64>) -> Self {
        offsets.sort_unstable();
        Self {
            to_come: offsets.into(),
            last: None,
        }
    }

    /// The offset of the last one that was met.
    pub(super) fn last(&self) -> Option<i64> {
        self.last
    }

    /// The next one, if it is of `upto` or before.
    pub(super) fn next(&mut self, upto: i64) -> Option<i64> {
        let next = *self.to_come.front().filter(|at| **at <= upto)?;
        self.to_come.pop_front();
        self.last = Some(next);
        Some(next)
    }
}

/// Compares the snapshot at `at` with what the log says; `producers`: `None` if that cannot be known, because the log is
/// damaged before.
pub(super) fn check(
    dir: &Path,
    at: i64,
    producers: Option<&Producers>,
    known: &Known,
    findings: &mut Findings,
) -> Result<(), LogError> {
    let path = snapshot::path(dir, at);
    let saved = match snapshot::read(&path) {
        Ok(saved) => saved,
        Err(LogError::Corrupt {
            position, problem, ..
        }) => {
            let finding = Finding::new(Kind::ProducerSnapshot, &path, "a sound snapshot", problem);
            findings.push(finding.at(position).offset(at));
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let Some(producers) = producers else {
        return Ok(());
    };
    let written_ms = file::modified_ms(&path)?;
    let mut wrong = |expected: String, found: String| {
        let finding = Finding::new(Kind::ProducerSnapshot, &path, expected, found);
        findings.push(finding.offset(at));
    };
    // One is enough: who must be rebuilt is rebuilt as a whole.
    for state in &saved {
        let scanned = producers.states().get(&state.producer_id);
        if let Some(difference) = compare(state, scanned, at, known) {
            let who = state.producer_id;
            wrong(
                format!("producer {who} with {} {}", difference.0, difference.1),
                difference.2,
            );
            return Ok(());
        }
    }
    let ids: BTreeSet<i64> = saved.iter().map(|state| state.producer_id).collect();
    for (id, scanned) in producers.states() {
        if !ids.contains(id) && must_be_saved(scanned, written_ms, known) {
            let what = describe(scanned);
            wrong(
                format!("producer {id} with {what}"),
                "no such producer".to_owned(),
            );
            return Ok(());
        }
    }
    Ok(())
}

/// Whether a snapshot of `written_ms` may not lack this producer.
pub(super) fn must_be_saved(scanned: &ProducerState, written_ms: i64, known: &Known) -> bool {
    if scanned.transaction_first_offset.is_some() {
        return true;
    }
    let has_expired = written_ms.saturating_sub(scanned.last_timestamp) >= known.expiry_ms;
    !has_expired && scanned.last_offset().max(0) >= known.log_start
}

fn describe(state: &ProducerState) -> String {
    format!(
        "epoch {} and sequence {} at offset {}",
        state.producer_epoch,
        state.last_sequence(),
        state.last_offset()
    )
}

type Difference = (&'static str, String, String);

fn differ<T: PartialEq + ToString>(
    what: &'static str,
    expected: T,
    found: T,
) -> Option<Difference> {
    (expected != found).then(|| (what, expected.to_string(), found.to_string()))
}

/// What a snapshot at `at` says of a producer that the log contradicts.
fn compare(
    saved: &ProducerState,
    scanned: Option<&ProducerState>,
    at: i64,
    known: &Known,
) -> Option<Difference> {
    if saved.last_offset() >= at {
        let found = saved.last_offset().to_string();
        return Some(("a last offset below", at.to_string(), found));
    }
    let first = saved.transaction_first_offset.unwrap_or(-1);
    if first >= at {
        return Some((
            "a transaction that begins below",
            at.to_string(),
            first.to_string(),
        ));
    }
    let Some(scanned) = scanned else {
        let is_in_log = saved.last_offset().max(first) >= known.first_base;
        return (is_in_log && !known.is_compacted)
            .then(|| ("no", "batch in the log".to_owned(), describe(saved)));
    };
    if known.is_compacted {
        return compare_compacted(saved, scanned);
    }
    let is_whole = scanned.last_offset() >= 0;
    let last = if is_whole || known.first_base == 0 {
        differ("last offset", scanned.last_offset(), saved.last_offset()).or_else(|| {
            differ(
                "last sequence",
                scanned.last_sequence(),
                saved.last_sequence(),
            )
        })
    } else {
        None
    };
    let coordinators = scanned.coordinator_epoch >= 0 && saved.coordinator_epoch >= 0;
    last.or_else(|| differ("epoch", scanned.producer_epoch, saved.producer_epoch))
        .or_else(|| {
            differ(
                "last timestamp",
                scanned.last_timestamp,
                saved.last_timestamp,
            )
        })
        .or_else(|| {
            let (expected, found) = (scanned.coordinator_epoch, saved.coordinator_epoch);
            differ("coordinator epoch", expected, found).filter(|_| coordinators)
        })
        .or_else(|| {
            let expected = scanned.transaction_first_offset.unwrap_or(-1);
            differ("a transaction from", expected, first)
                .filter(|_| first < 0 || first >= known.first_base)
        })
}

/// Of a compacted log: batches and markers may be gone, but what is there must be known.
fn compare_compacted(saved: &ProducerState, scanned: &ProducerState) -> Option<Difference> {
    let first = saved.transaction_first_offset.unwrap_or(-1);
    if let Some(expected) = scanned.transaction_first_offset
        && !(0..=expected).contains(&first)
    {
        return differ("a transaction from", expected, first);
    }
    if saved.producer_epoch > scanned.producer_epoch {
        // The marker that raised it may be gone.
        return None;
    }
    if saved.last_offset() >= 0 && saved.last_offset() < scanned.last_offset() {
        return differ("last offset", scanned.last_offset(), saved.last_offset());
    }
    (saved.last_offset() == scanned.last_offset())
        .then(|| {
            differ(
                "last sequence",
                scanned.last_sequence(),
                saved.last_sequence(),
            )
        })
        .flatten()
        .or_else(|| differ("epoch", scanned.producer_epoch, saved.producer_epoch))
}
