//! ListOffsets: key 2, versions 1-11.
//!
//! The offset of a time, or the first, last or youngest one.
//!
//! Versions: 1 one offset instead of many; 2 isolation level; 4 leader epochs; 5 `OFFSET_NOT_AVAILABLE`; 6 flexible;
//! 7 the largest timestamp (-3); 8 the earliest local offset (-4); 9 the latest tiered offset (-5); 10 a timeout;
//! 11 the earliest offset not yet tiered (-6).
//!
//! Refuses: `INVALID_REQUEST` (a partition named twice), `UNSUPPORTED_VERSION` (a special timestamp that the version does
//! not know), `UNKNOWN_TOPIC_OR_PARTITION`, `NOT_LEADER_OR_FOLLOWER`, `FENCED_LEADER_EPOCH`, `UNKNOWN_LEADER_EPOCH`,
//! `KAFKA_STORAGE_ERROR`, `UNKNOWN_SERVER_ERROR` (an unknown isolation level) (partition).
//!
//! Differs from Apache Kafka: where DeleteRecords cut a batch of an open transaction, the last stable offset is the log
//! start offset; Kafka says the first offset of that batch, where nobody can read.

use std::collections::HashSet;

use ottla_log::{
    file::memory,
    timestamps::{EARLIEST, EARLIEST_LOCAL, LATEST, OffsetAtTime},
};
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::{
        ListOffsetsRequest, ListOffsetsResponse,
        list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
        list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse},
    },
};

use super::{TopicRef, hosted, last_of_each, names_twice};
use crate::{
    api::{Cx, WithReasons},
    journal::Reasons,
    reply::Reply,
};

/// The replica id of consumers.
const CONSUMER: i32 = -1;
const READ_COMMITTED: i8 = 1;

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    mut request: ListOffsetsRequest,
) -> Reply<WithReasons<ListOffsetsResponse>> {
    let mut topics = std::mem::take(&mut request.topics);
    let twice = named_twice(&topics);
    let mut reasons = Reasons::default();
    last_of_each(
        &mut topics,
        |of| (&of.name, Uuid::ZERO),
        |of| &mut of.partitions,
        |of| of.partition_index,
    );
    let mut responses = Vec::with_capacity(topics.len());
    for topic in &topics {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for asked in &topic.partitions {
            let is_twice =
                !twice.is_empty() && twice.contains(&(topic.name.clone(), asked.partition_index));
            let found = match is_twice {
                true => Err(Code::INVALID_REQUEST.because("the partition is named twice")),
                false => find(cx, &request, &topic.name, asked).await,
            };
            let found = found.map_err(|refusal| {
                let code = for_version(refusal.code, cx.version);
                let detail = refusal.detail;
                reasons.of_partition(&topic.name, asked.partition_index, Refusal { code, detail });
                code
            });
            partitions.push(respond(cx.version, asked.partition_index, found));
        }
        responses.push(ListOffsetsTopicResponse {
            name: topic.name.clone(),
            partitions,
            ..ListOffsetsTopicResponse::default()
        });
    }
    let message = ListOffsetsResponse {
        topics: responses,
        ..Default::default()
    };
    WithReasons { message, reasons }.into()
}

/// The partitions that a request names more than once.
fn named_twice(topics: &[ListOffsetsTopic]) -> HashSet<(String, i32)> {
    let within = |of: &ListOffsetsTopic| names_twice(&of.partitions, |of| of.partition_index);
    if !names_twice(topics, |of| &of.name) && !topics.iter().any(within) {
        return HashSet::new();
    }
    let mut named = HashSet::new();
    let all = topics.iter().flat_map(|topic| {
        let of = topic.partitions.iter();
        of.map(|partition| (topic.name.as_str(), partition.partition_index))
    });
    let again = all.filter(|one| !named.insert(*one));
    again
        .map(|(name, index)| (name.to_owned(), index))
        .collect()
}

/// The first version that knows a special timestamp; `None` for a number that is none.
fn known_since(timestamp: i64) -> Option<i16> {
    match timestamp {
        EARLIEST.. => Some(1),
        -3 => Some(7),
        -4 => Some(8),
        -5 => Some(9),
        -6 => Some(11),
        _ => None,
    }
}

async fn find(
    cx: &Cx,
    request: &ListOffsetsRequest,
    topic: &str,
    asked: &ListOffsetsPartition,
) -> Result<Option<OffsetAtTime>, Refusal> {
    if known_since(asked.timestamp).is_none_or(|since| cx.version < since) {
        return Err(Code::UNSUPPORTED_VERSION.because(format!(
            "version {} of ListOffsets does not know the special timestamp {}",
            cx.version, asked.timestamp
        )));
    }
    // Kafka has no code for an isolation level that is none: it fails.
    if request.replica_id == CONSUMER && !(0..=READ_COMMITTED).contains(&request.isolation_level) {
        return Err(Code::UNKNOWN_SERVER_ERROR.because(format!(
            "isolation level {} is neither 0 nor 1: a mistake of the client's, for which Kafka has no code",
            request.isolation_level
        )));
    }
    let partition = hosted(cx, TopicRef::Name(topic), asked.partition_index)?;
    let leader_epoch = partition.check_leader(asked.current_leader_epoch)?;
    let offsets = partition.reader().offsets();
    let fetchable = match (request.replica_id, request.isolation_level) {
        (CONSUMER, READ_COMMITTED) => offsets.last_stable,
        (CONSUMER, _) => offsets.high_watermark,
        _ => offsets.log_end,
    };
    if asked.timestamp == LATEST {
        let latest = OffsetAtTime {
            timestamp: -1,
            offset: fetchable,
            leader_epoch: Some(leader_epoch),
        };
        return Ok(Some(latest));
    }
    let (reader, timestamp) = (partition.reader().clone(), asked.timestamp);
    let found = match memory::without_waiting(|| reader.offset_for_timestamp(timestamp)) {
        Some(found) => found,
        None => {
            let search = move || reader.offset_for_timestamp(timestamp);
            cx.broker.disk_reads.run(search).await
        }
    };
    let found = found.map_err(|fault| {
        partition.noticed(&fault);
        tracing::error!(topic, partition = asked.partition_index, %fault, "the log cannot be searched");
        Code::KAFKA_STORAGE_ERROR.because(fault.to_string())
    })?;
    let anywhere = matches!(asked.timestamp, EARLIEST | EARLIEST_LOCAL);
    Ok(found.filter(|found| anywhere || found.offset < fetchable))
}

/// Up to version 5 clients do not know the newer code.
fn for_version(code: Code, version: i16) -> Code {
    match code {
        Code::OFFSET_NOT_AVAILABLE if version < 5 => Code::LEADER_NOT_AVAILABLE,
        code => code,
    }
}

fn respond(
    version: i16,
    index: i32,
    found: Result<Option<OffsetAtTime>, Code>,
) -> ListOffsetsPartitionResponse {
    let mut answer = ListOffsetsPartitionResponse {
        partition_index: index,
        timestamp: -1,
        offset: -1,
        leader_epoch: -1,
        ..ListOffsetsPartitionResponse::default()
    };
    match found {
        Ok(Some(found)) => {
            answer.timestamp = found.timestamp;
            answer.offset = found.offset;
            if version >= 4 {
                answer.leader_epoch = found.leader_epoch.unwrap_or(-1);
            }
        }
        Ok(None) => {}
        Err(code) => answer.error_code = code.0,
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_timestamps_have_their_versions() {
        let since: Vec<_> = (-7..=1).map(known_since).collect();
        let expected = [
            None,
            Some(11),
            Some(9),
            Some(8),
            Some(7),
            Some(1),
            Some(1),
            Some(1),
            Some(1),
        ];
        assert_eq!(since, expected);
    }
}
