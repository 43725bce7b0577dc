//! DeleteRecords: key 21, versions 0-2.
//!
//! Moves the log start offset of partitions; -1 means the high watermark.
//!
//! Versions: 2 flexible.
//!
//! Refuses: `UNKNOWN_TOPIC_OR_PARTITION`, `INVALID_TOPIC_EXCEPTION` (an internal topic), `OFFSET_OUT_OF_RANGE` (beyond the
//! high watermark), `POLICY_VIOLATION` (`cleanup.policy` without `delete`), `NOT_LEADER_OR_FOLLOWER`,
//! `KAFKA_STORAGE_ERROR` (partition).
//!
//! Differs from Apache Kafka: topics and partitions are answered in the order of the request; a replica's copy on its way
//! to another log directory, which follows, is not waited for.

use ottla_log::DeleteError;
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::{
        DeleteRecordsRequest, DeleteRecordsResponse,
        delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult},
    },
};

use super::{TopicRef, hosted, last_of_each};
use crate::{
    api::{Cx, WithReasons, topics::name::is_internal},
    journal::Reasons,
    reply::Reply,
};

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    mut request: DeleteRecordsRequest,
) -> Reply<WithReasons<DeleteRecordsResponse>> {
    let mut reasons = Reasons::default();
    last_of_each(
        &mut request.topics,
        |of| (&of.name, Uuid::ZERO),
        |of| &mut of.partitions,
        |of| of.partition_index,
    );
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let mut answer = DeleteRecordsPartitionResult {
                partition_index: asked.partition_index,
                low_watermark: -1,
                ..DeleteRecordsPartitionResult::default()
            };
            match delete(cx, &topic.name, asked.partition_index, asked.offset) {
                Ok(low_watermark) => answer.low_watermark = low_watermark,
                Err(refusal) => {
                    answer.error_code = refusal.code.0;
                    reasons.of_partition(&topic.name, asked.partition_index, refusal);
                }
            }
            answer
        });
        DeleteRecordsTopicResult {
            partitions: partitions.collect(),
            name: topic.name,
            ..DeleteRecordsTopicResult::default()
        }
    });
    let message = DeleteRecordsResponse {
        topics: topics.collect(),
        ..Default::default()
    };
    WithReasons { message, reasons }.into()
}

/// The new log start offset.
fn delete(cx: &Cx, topic: &str, index: i32, before: i64) -> Result<i64, Refusal> {
    let known = cx
        .broker
        .image()
        .topic(topic)
        .is_some_and(|topic| topic.partitions.contains_key(&index));
    if known && is_internal(topic) {
        return Err(Code::INVALID_TOPIC_EXCEPTION
            .because("records of an internal topic are the brokers' own"));
    }
    let partition = hosted(cx, TopicRef::Name(topic), index)?;
    partition.check_leader(-1)?;
    if !partition.settings().log.delete {
        return Err(Code::POLICY_VIOLATION.because(format!(
            "cleanup.policy of {topic} has no delete, so its records are not deleted by offset"
        )));
    }
    let deleted = partition.with_log(|log| log.delete_records_before(before));
    let log_start = match deleted.ok_or(Code::NOT_LEADER_OR_FOLLOWER)? {
        Ok(log_start) => log_start,
        Err(error @ DeleteError::OffsetOutOfRange { .. }) => {
            return Err(Code::OFFSET_OUT_OF_RANGE.because(error.to_string()));
        }
        Err(DeleteError::Log(fault)) => {
            partition.noticed(&fault);
            tracing::error!(topic, partition = index, %fault, "records could not be deleted");
            return Err(Code::KAFKA_STORAGE_ERROR.because(fault.to_string()));
        }
    };
    partition.moved();
    Ok(log_start)
}
