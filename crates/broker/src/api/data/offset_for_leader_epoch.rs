//! OffsetForLeaderEpoch: key 23, versions 2-4.
//!
//! Where a leader epoch ends in the log, and the largest epoch not above it: how fetchers find where they diverge.
//!
//! Versions: 2 the current leader epoch in the request; 3 the replica id; 4 flexible.
//!
//! Refuses: `UNKNOWN_TOPIC_OR_PARTITION`, `NOT_LEADER_OR_FOLLOWER`, `FENCED_LEADER_EPOCH`, `UNKNOWN_LEADER_EPOCH`,
//! `KAFKA_STORAGE_ERROR` (partition).
//!
//! Differs from Apache Kafka: nothing known.

use ottla_wire::{
    errors::Code,
    messages::{
        OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
        offset_for_leader_epoch_request::OffsetForLeaderPartition,
        offset_for_leader_epoch_response::{EpochEndOffset, OffsetForLeaderTopicResult},
    },
};

use super::{TopicRef, hosted};
use crate::{api::Cx, reply::Reply};

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    request: OffsetForLeaderEpochRequest,
) -> Reply<OffsetForLeaderEpochResponse> {
    let topics = request
        .topics
        .into_iter()
        .map(|topic| OffsetForLeaderTopicResult {
            partitions: topic
                .partitions
                .iter()
                .map(|asked| answer(cx, &topic.topic, asked))
                .collect(),
            topic: topic.topic,
            ..OffsetForLeaderTopicResult::default()
        });
    OffsetForLeaderEpochResponse {
        topics: topics.collect(),
        ..Default::default()
    }
    .into()
}

fn answer(cx: &Cx, topic: &str, asked: &OffsetForLeaderPartition) -> EpochEndOffset {
    let mut answer = EpochEndOffset {
        partition: asked.partition,
        leader_epoch: -1,
        end_offset: -1,
        ..Default::default()
    };
    match find(cx, topic, asked) {
        Ok(Some((epoch, end_offset))) => {
            answer.leader_epoch = epoch;
            answer.end_offset = end_offset;
        }
        Ok(None) => {}
        Err(code) => answer.error_code = code.0,
    }
    answer
}

fn find(
    cx: &Cx,
    topic: &str,
    asked: &OffsetForLeaderPartition,
) -> Result<Option<(i32, i64)>, Code> {
    let partition = hosted(cx, TopicRef::Name(topic), asked.partition)?;
    partition.check_leader(asked.current_leader_epoch)?;
    Ok(partition
        .reader()
        .offset_for_leader_epoch(asked.leader_epoch))
}
