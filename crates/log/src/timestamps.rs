//! Which offset belongs to a time: what ListOffsets asks.

use crate::error::LogError;
use crate::reader::LogReader;
use crate::record;
use crate::scan::{Scan, Step};
use crate::segment::Segment;

/// ListOffsets: the log end offset.
pub const LATEST: i64 = -1;
/// ListOffsets: the log start offset.
pub const EARLIEST: i64 = -2;
/// ListOffsets: the record with the largest timestamp.
pub const MAX_TIMESTAMP: i64 = -3;
/// ListOffsets: the first offset that is on this broker's disk.
pub const EARLIEST_LOCAL: i64 = -4;
/// ListOffsets: the last offset in remote storage.
pub const LATEST_TIERED: i64 = -5;
/// ListOffsets: the first offset that is not in remote storage.
pub const EARLIEST_PENDING_UPLOAD: i64 = -6;

/// An offset, and what is known of the record there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OffsetAtTime {
    /// The record's timestamp; -1 if the question was for no record.
    pub timestamp: i64,
    /// The offset; -1 for none.
    pub offset: i64,
    /// The leader epoch of the record.
    pub leader_epoch: Option<i32>,
}

impl LogReader {
    /// The first record at or after `timestamp`, or what one of the negative numbers above asks for. `None`: there
    /// is no such record.
    pub fn offset_for_timestamp(&self, timestamp: i64) -> Result<Option<OffsetAtTime>, LogError> {
        let offsets = self.offsets();
        let plain = |offset, leader_epoch| {
            Ok(Some(OffsetAtTime {
                timestamp: -1,
                offset,
                leader_epoch,
            }))
        };
        match timestamp {
            LATEST => plain(offsets.log_end, self.latest_epoch()),
            EARLIEST | EARLIEST_LOCAL => {
                let earliest = self.shared.epochs.read().earliest();
                let epoch = earliest
                    .filter(|(_, start)| *start <= offsets.log_start)
                    .map(|(epoch, _)| epoch);
                plain(offsets.log_start, epoch)
            }
            // Nothing is in remote storage.
            LATEST_TIERED | EARLIEST_PENDING_UPLOAD => plain(-1, Some(-1)),
            MAX_TIMESTAMP => self.youngest(),
            timestamp => self.first_not_before(timestamp),
        }
    }

    fn first_not_before(&self, timestamp: i64) -> Result<Option<OffsetAtTime>, LogError> {
        let view = self.view();
        for segment in view.segments.iter() {
            if segment.largest_timestamp()? >= timestamp {
                return find(segment, timestamp, view.log_start);
            }
        }
        Ok(None)
    }

    fn youngest(&self) -> Result<Option<OffsetAtTime>, LogError> {
        let view = self.view();
        let mut best: Option<(&Segment, _)> = None;
        for segment in view.segments.iter() {
            let max = segment.max_timestamp()?;
            // Of equals the first.
            if best.is_none_or(|(_, known): (_, crate::time_index::TimestampOffset)| {
                max.timestamp > known.timestamp
            }) {
                best = Some((segment, max));
            }
        }
        let Some((segment, max)) = best else {
            return Ok(None);
        };
        let from = segment.position_for_offset(max.offset)?;
        let Some(head) = segment.first_at(from, |head| head.max_timestamp == max.timestamp)? else {
            return Ok(None);
        };
        if head.magic == 0 {
            // Messages of then have no timestamps.
            return Ok(None);
        }
        let file = segment.log_file()?;
        let path = segment.path(crate::names::Kind::Log);
        let scan = Scan::few(&file, &path, head.position, head.end());
        let found = record::first_in(&scan, &head, |_, timestamp| timestamp == max.timestamp)?;
        Ok(found.map(|(offset, _)| OffsetAtTime {
            timestamp: max.timestamp,
            offset,
            leader_epoch: Some(head.leader_epoch).filter(|epoch| *epoch >= 0),
        }))
    }
}

fn find(
    segment: &Segment,
    timestamp: i64,
    from_offset: i64,
) -> Result<Option<OffsetAtTime>, LogError> {
    let position = segment.position_for_timestamp(timestamp, from_offset)?;
    let file = segment.log_file()?;
    let path = segment.path(crate::names::Kind::Log);
    let end = u64::from(segment.size());
    let mut scan = Scan::few(&file, &path, u64::from(position.min(segment.size())), end);
    while let Step::Batch(head) = scan.next()? {
        if head.max_timestamp < timestamp || head.last_offset < from_offset {
            continue;
        }
        let wanted = |offset, at| at >= timestamp && offset >= from_offset;
        if let Some((offset, at)) = record::first_in(&scan, &head, wanted)? {
            return Ok(Some(OffsetAtTime {
                timestamp: at,
                offset,
                leader_epoch: Some(head.leader_epoch).filter(|epoch| *epoch >= 0),
            }));
        }
    }
    Ok(None)
}
