//! The little that a log must know of records: what a transaction marker says, and when a record was made.

use bytes::Bytes;
use ottla_wire::records::{BatchHead, ControlType, DECOMPRESSED_LIMIT, scan};

use crate::error::LogError;
use crate::scan::{Head, Scan};

/// Markers are a hundred bytes; what is much larger is none.
const LARGEST_MARKER: usize = 64 << 10;

/// The end of a transaction, as its marker says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Marker {
    /// Committed, or aborted.
    pub commit: bool,
    /// The epoch of the transaction coordinator that wrote it.
    pub coordinator_epoch: i32,
    /// When, in ms.
    pub timestamp: i64,
}

impl Marker {
    /// Whether the batch may hold a marker.
    pub(crate) fn possible(head: &BatchHead) -> bool {
        head.attributes.is_control() && head.producer_id >= 0 && head.size <= LARGEST_MARKER
    }

    /// Reads the one record of a control batch; `None` if it is not the end of a transaction.
    pub(crate) fn parse(batch: &Bytes) -> Option<Self> {
        let record = scan::records(batch, LARGEST_MARKER as u64)
            .ok()?
            .next()?
            .ok()?;
        let commit = match ControlType::of_key(record.key.as_deref()).ok()? {
            ControlType::Abort => false,
            ControlType::Commit => true,
            _ => return None,
        };
        // EndTxnMarker: version, coordinator epoch; later versions may add fields behind.
        let epoch = record.value.as_deref()?.get(2..6)?.first_chunk()?;
        Some(Self {
            commit,
            coordinator_epoch: i32::from_be_bytes(*epoch),
            timestamp: record.timestamp,
        })
    }
}

/// The offset and timestamp of the first record of a batch of which `wanted` holds.
pub(crate) fn first_in(
    scan: &Scan<'_>,
    head: &Head,
    wanted: impl Fn(i64, i64) -> bool,
) -> Result<Option<(i64, i64)>, LogError> {
    let unreadable = |error: ottla_wire::records::BatchError| scan.corrupt(head, &error);
    let records = scan::records(&scan.whole(head)?, DECOMPRESSED_LIMIT).map_err(unreadable)?;
    for record in records {
        let record = record.map_err(unreadable)?;
        if wanted(record.offset, record.timestamp) {
            return Ok(Some((record.offset, record.timestamp)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_marker_says_how_a_transaction_ended() {
        for commit in [false, true] {
            let batch = testing::marker(7, 3, commit, 12, 5000);
            let expected = Marker {
                commit,
                coordinator_epoch: 12,
                timestamp: 5000,
            };
            assert_eq!(Marker::parse(&batch.to_bytes()), Some(expected));
        }
        assert_eq!(Marker::parse(&testing::batch(1, 0, 1).to_bytes()), None);
        assert_eq!(Marker::parse(&Bytes::from_static(&[0xff; 90])), None);
    }
}
