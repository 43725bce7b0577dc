//! Where partitions end for readers of either isolation, by raw requests.

use std::time::Duration;

use ottla_interop::{oracle::wait_until, raw::Connection};
use ottla_wire::messages::{
    ListOffsetsRequest,
    list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
};

const LATEST: i64 = -1;
/// How long the markers of what has an end may take.
pub(crate) const MARKER_LIMIT: Duration = Duration::from_secs(10);
const READ_UNCOMMITTED: i8 = 0;
const READ_COMMITTED: i8 = 1;

/// The last stable offset of a partition, and its high watermark.
pub(crate) fn ends(connection: &mut Connection, topic: &str, partition: i32) -> (i64, i64) {
    let mut end = |isolation_level| {
        let partition = ListOffsetsPartition {
            partition_index: partition,
            timestamp: LATEST,
            ..Default::default()
        };
        let topic = ListOffsetsTopic {
            name: topic.into(),
            partitions: vec![partition],
            ..Default::default()
        };
        let request = ListOffsetsRequest {
            replica_id: -1,
            isolation_level,
            topics: vec![topic],
            ..Default::default()
        };
        let answer = connection.ask(7, &request).expect("an answer");
        let of = &answer.topics[0].partitions[0];
        assert_eq!(of.error_code, 0, "{of:?}");
        of.offset
    };
    // The stable end first: nothing can be between the two that was not written in between.
    let stable = end(READ_COMMITTED);
    (stable, end(READ_UNCOMMITTED))
}

/// Waits until nothing is open: where the partition ends. The markers of what is committed may come after the answer.
///
/// # Panics
/// If something stays open for `limit`.
pub(crate) fn settled(
    connection: &mut Connection,
    topic: &str,
    partition: i32,
    limit: Duration,
) -> i64 {
    let mut found = (0, 1);
    wait_until(limit, || {
        found = ends(connection, topic, partition);
        found.0 == found.1
    });
    let (stable, end) = found;
    assert_eq!(
        stable, end,
        "{topic}-{partition}: something stays open for {limit:?}"
    );
    end
}

/// As [`settled`], of all partitions.
pub(crate) fn settle_all(connection: &mut Connection, topic: &str, partitions: u32) {
    for partition in (0..).take(partitions as usize) {
        settled(connection, topic, partition, MARKER_LIMIT);
    }
}
