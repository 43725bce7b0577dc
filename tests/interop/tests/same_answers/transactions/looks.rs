//! What can be seen of transactions without changing them.

use ottla_interop::oracle::wait_until;
use ottla_wire::messages::{
    DescribeProducersRequest, DescribeTransactionsRequest, FetchRequest, ListOffsetsRequest,
    OffsetFetchRequest,
    describe_producers_request::TopicRequest,
    fetch_request::{FetchPartition, FetchTopic},
    list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
    offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
};

use super::asks::{settle_described, settle_fetched, settle_producers};
use crate::both::{Both, READY_LIMIT, Side};

pub(super) fn describing(ids: &[&str]) -> DescribeTransactionsRequest {
    DescribeTransactionsRequest {
        transactional_ids: ids.iter().map(|&id| id.to_owned()).collect(),
        ..DescribeTransactionsRequest::default()
    }
}

/// What the coordinator says of transactional ids.
pub(super) fn describe(both: &mut Both, what: &str, ids: &[&str]) {
    both.each_then(what, |_, _| describing(ids), settle_described);
}

/// The state of a transactional id, `error CODE` if there is none.
pub(super) fn state(side: &mut Side, id: &str) -> String {
    let answer = side.connection.ask(0, &describing(&[id]));
    match answer.as_ref().map(|answer| &answer.transaction_states[..]) {
        Ok([state]) if state.error_code == 0 => state.transaction_state.clone(),
        Ok([state]) => format!("error {}", state.error_code),
        _ => format!("{answer:?}"),
    }
}

/// Until no markers are under way on either side.
pub(super) fn settle(both: &mut Both, id: &str) {
    for side in both.sides() {
        let ended = wait_until(READY_LIMIT, || !state(side, id).starts_with("Prepare"));
        if !ended {
            eprintln!("{:?}: {id} is not ended", side.connection);
        }
    }
}

/// Until both say that the transaction is in this state.
pub(super) fn await_state(both: &mut Both, id: &str, wanted: &str) {
    for side in both.sides() {
        let there = wait_until(READY_LIMIT, || state(side, id) == wanted);
        if !there {
            let state = state(side, id);
            eprintln!("{:?}: {id} is {state}, not {wanted}", side.connection);
        }
    }
}

/// The producers of a partition, where it ends for either kind of reader, and what they read.
pub(super) fn partition(both: &mut Both, what: &str, topic: &str, index: i32) {
    both.each_then(
        what,
        |_, _| DescribeProducersRequest {
            topics: vec![TopicRequest {
                name: topic.to_owned(),
                partition_indexes: vec![index],
                ..TopicRequest::default()
            }],
            ..DescribeProducersRequest::default()
        },
        settle_producers,
    );
    for isolation in [0, 1] {
        let what = format!("{what}, isolation {isolation}");
        both.once(&what, 7, |_, _| offsets(topic, index, -1, isolation));
        fetch(both, &what, 17, topic, index, 0, isolation);
    }
}

pub(super) fn offsets(
    topic: &str,
    index: i32,
    timestamp: i64,
    isolation: i8,
) -> ListOffsetsRequest {
    ListOffsetsRequest {
        replica_id: -1,
        isolation_level: isolation,
        timeout_ms: 5000,
        topics: vec![ListOffsetsTopic {
            name: topic.to_owned(),
            partitions: vec![ListOffsetsPartition {
                partition_index: index,
                timestamp,
                ..ListOffsetsPartition::default()
            }],
            ..ListOffsetsTopic::default()
        }],
        ..ListOffsetsRequest::default()
    }
}

/// Reads a partition from an offset on.
pub(super) fn fetch(
    both: &mut Both,
    what: &str,
    version: i16,
    topic: &str,
    index: i32,
    offset: i64,
    isolation: i8,
) {
    let fetch = |side: &mut Side, _: i16| FetchRequest {
        max_wait_ms: 0,
        min_bytes: 0,
        max_bytes: 1 << 20,
        isolation_level: isolation,
        session_epoch: -1,
        topics: vec![FetchTopic {
            topic: topic.to_owned(),
            topic_id: side.id(topic),
            partitions: vec![FetchPartition {
                partition: index,
                current_leader_epoch: -1,
                fetch_offset: offset,
                last_fetched_epoch: -1,
                partition_max_bytes: 1 << 20,
                ..FetchPartition::default()
            }],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    };
    both.once_seen(what, version, fetch, settle_fetched);
}

/// The offsets of a group, whether or not some are in open transactions.
pub(super) fn group(both: &mut Both, what: &str, group: &str, topic: &str, partitions: &[i32]) {
    for require_stable in [false, true] {
        both.once(what, 9, |_, _| OffsetFetchRequest {
            groups: vec![OffsetFetchRequestGroup {
                group_id: group.to_owned(),
                topics: Some(vec![OffsetFetchRequestTopics {
                    name: topic.to_owned(),
                    partition_indexes: partitions.to_vec(),
                    ..OffsetFetchRequestTopics::default()
                }]),
                ..OffsetFetchRequestGroup::default()
            }],
            require_stable,
            ..OffsetFetchRequest::default()
        });
    }
}
