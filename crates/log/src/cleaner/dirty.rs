//! How much of a log is dirty, and which part of it may be cleaned now.

use std::sync::Arc;

use crate::config::LogConfig;
use crate::error::LogError;
use crate::reader::{LogReader, View};
use crate::segment::Segment;

/// A log as the cleaner sees it before it begins.
#[derive(Clone, PartialEq, Debug)]
pub struct LogToClean {
    /// What is before it was cleaned already.
    pub first_dirty_offset: i64,
    /// What is from here on may not be cleaned yet: the base offset of a segment.
    pub first_uncleanable_offset: i64,
    /// Bytes of the segments that begin before the dirty ones.
    pub clean_bytes: u64,
    /// Bytes of the dirty segments that may be cleaned.
    pub cleanable_bytes: u64,
    /// For how long some of it has been dirty beyond `max.compaction.lag.ms`; 0 if it has not.
    pub delay_ms: i64,
    /// The checkpoint was of no use, and why; [`LogToClean::first_dirty_offset`] is to be written down instead.
    pub reset: Option<String>,
}

impl LogToClean {
    /// Looks at a log. `checkpoint` is the offset up to which it is known to be clean.
    pub fn of(
        log: &LogReader,
        config: &LogConfig,
        checkpoint: Option<i64>,
        now_ms: i64,
    ) -> Result<Self, LogError> {
        let view = log.view();
        let (first_dirty, reset) = first_dirty(&view, config, checkpoint);
        let uncleanable = first_uncleanable(&view, config, first_dirty, now_ms)?;
        let delay_ms = delay(&view, config, first_dirty, now_ms)?;
        let until = inactive_from(&view, uncleanable)
            .first()
            .map_or(view.active().base_offset(), |segment| segment.base_offset());
        let bytes = |segments: &[Arc<Segment>]| -> u64 {
            segments.iter().map(|it| u64::from(it.size())).sum()
        };
        Ok(Self {
            first_dirty_offset: first_dirty,
            first_uncleanable_offset: until,
            clean_bytes: bytes(before(&view, first_dirty)),
            cleanable_bytes: bytes(between(&view, first_dirty.min(until), until)),
            delay_ms,
            reset,
        })
    }

    /// The share of the bytes that is dirty; `None` if there are none.
    pub fn ratio(&self) -> Option<f64> {
        let total = self.clean_bytes + self.cleanable_bytes;
        (total > 0).then(|| self.cleanable_bytes as f64 / total as f64)
    }

    /// Whether it is to be cleaned, with `min.cleanable.dirty.ratio` or for its age.
    pub fn is_due(&self, config: &LogConfig) -> bool {
        let dirty = self
            .ratio()
            .is_some_and(|ratio| ratio > config.min_cleanable_dirty_ratio);
        dirty || (self.delay_ms > 0 && self.cleanable_bytes > 0)
    }
}

/// The segments that begin before `offset`.
pub(super) fn before(view: &View, offset: i64) -> &[Arc<Segment>] {
    let end = view
        .segments
        .partition_point(|segment| segment.base_offset() < offset);
    &view.segments[..end]
}

/// From the segment that has `from` to the last that begins before `until`.
pub(super) fn between(view: &View, from: i64, until: i64) -> &[Arc<Segment>] {
    if from == until {
        return &[];
    }
    let upto = before(view, until);
    &upto[view.floor(from).min(upto.len())..]
}

/// Those of them that take no more records.
fn inactive_from(view: &View, from: i64) -> &[Arc<Segment>] {
    let active = view.active().base_offset();
    if from > active {
        return &[];
    }
    between(view, from, active)
}

fn first_dirty(view: &View, config: &LogConfig, checkpoint: Option<i64>) -> (i64, Option<String>) {
    let start = view.log_start;
    match checkpoint {
        None => (start, None),
        Some(clean) if clean < start => {
            // Retention takes the beginning away all the time where it is asked to.
            let why = if config.compact && config.delete {
                String::new()
            } else {
                format!("it was clean up to {clean}, and begins at {start}")
            };
            (start, Some(why))
        }
        Some(clean) if clean > view.log_end => {
            let why = format!(
                "it was clean up to {clean}, and ends at {}: all of it, from {start} on, is taken as dirty",
                view.log_end
            );
            (start, Some(why))
        }
        Some(clean) => (clean, None),
    }
}

/// From where on nothing may be cleaned: the last stable offset, the active segment, a segment that is too young.
fn first_uncleanable(
    view: &View,
    config: &LogConfig,
    first_dirty: i64,
    now_ms: i64,
) -> Result<i64, LogError> {
    let mut first = view.last_stable().min(view.active().base_offset());
    if config.min_compaction_lag_ms > 0 {
        let horizon = now_ms.saturating_sub(config.min_compaction_lag_ms);
        for segment in inactive_from(view, first_dirty) {
            let youngest = segment.largest_timestamp()?;
            segment.rest_indexes()?;
            if youngest > horizon {
                first = first.min(segment.base_offset());
                break;
            }
        }
    }
    Ok(first.max(first_dirty))
}

/// For how long the oldest dirty batch has waited beyond `max.compaction.lag.ms`.
fn delay(view: &View, config: &LogConfig, first_dirty: i64, now_ms: i64) -> Result<i64, LogError> {
    let until = now_ms.saturating_sub(config.max_compaction_lag_ms.max(0));
    if until <= 0 {
        return Ok(0);
    }
    let mut earliest = i64::MAX;
    for segment in inactive_from(view, first_dirty) {
        let was_open = segment.log_is_open();
        let first = segment.first_timestamp()?;
        if !was_open {
            segment.rest()?;
        }
        earliest = earliest.min(first.filter(|at| *at > 0).unwrap_or(i64::MAX));
    }
    Ok(until.saturating_sub(earliest).max(0))
}
