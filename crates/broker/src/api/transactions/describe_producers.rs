//! DescribeProducers: key 61, version 0.
//!
//! The idempotent producers that a partition knows, with their sequences and open transactions.
//!
//! Refuses: `INVALID_TOPIC_EXCEPTION`, `UNKNOWN_TOPIC_OR_PARTITION`, `NOT_LEADER_OR_FOLLOWER`, `KAFKA_STORAGE_ERROR`
//! (partition).
//!
//! Differs from Apache Kafka: a refusal always says why.

use ottla_wire::{
    errors::Code,
    messages::{
        DescribeProducersRequest, DescribeProducersResponse,
        describe_producers_response::{PartitionResponse, ProducerState, TopicResponse},
    },
};

use crate::{
    api::{
        Cx,
        data::{TopicRef, hosted},
        topics::name,
    },
    reply::Reply,
};

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    request: DescribeProducersRequest,
) -> Reply<DescribeProducersResponse> {
    let topics = request.topics.into_iter().map(|topic| TopicResponse {
        partitions: topic
            .partition_indexes
            .iter()
            .map(|index| describe(cx, &topic.name, *index))
            .collect(),
        name: topic.name,
        ..TopicResponse::default()
    });
    DescribeProducersResponse {
        topics: topics.collect(),
        ..Default::default()
    }
    .into()
}

fn describe(cx: &Cx, topic: &str, index: i32) -> PartitionResponse {
    let mut response = PartitionResponse {
        partition_index: index,
        ..PartitionResponse::default()
    };
    let partition = match name::is_valid(topic) {
        false => Err((
            Code::INVALID_TOPIC_EXCEPTION,
            format!("no topic can be called {topic:?}"),
        )),
        true => hosted(cx, TopicRef::Name(topic), index).map_err(|code| {
            let why = format!("partition {index} of {topic} is not on this broker");
            (code, why)
        }),
    };
    match partition {
        Ok(partition) => {
            let producers = partition.with_log(|log| log.active_producers().map(state).collect());
            response.active_producers = producers.unwrap_or_default();
        }
        Err((code, why)) => {
            response.error_code = code.0;
            response.error_message = Some(why);
        }
    }
    response
}

fn state(of: &ottla_log::ProducerState) -> ProducerState {
    ProducerState {
        producer_id: of.producer_id,
        producer_epoch: i32::from(of.producer_epoch),
        last_sequence: of.last_sequence(),
        last_timestamp: of.last_timestamp,
        coordinator_epoch: of.coordinator_epoch,
        current_txn_start_offset: of.transaction_first_offset.unwrap_or(-1),
        ..ProducerState::default()
    }
}
