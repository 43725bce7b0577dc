//! One Produce and its answer: batches into a request, and each batch's part out of the answer.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use ottla_wire::{
    Uuid,
    codec::Records,
    messages::{
        produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
        produce_response::{PartitionProduceResponse, ProduceResponse, TopicProduceResponse},
    },
};

use super::queue::{Batch, Outcome};
use crate::{
    ClientError, Cluster, ProducerConfig, Result, TopicPartition, connection::request_name,
    view::join_address,
};

/// Batches on their way to one broker.
pub(super) type Batches = Vec<(TopicPartition, Batch)>;
/// Names of topics by the ids that a request used.
pub(super) type Names = HashMap<Uuid, Arc<str>>;

/// The request for batches of one broker, one of each partition.
pub(super) fn request(
    config: &ProducerConfig,
    batches: &mut Batches,
    topic_id: impl Fn(&str) -> Uuid,
) -> Result<ProduceRequest> {
    batches.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut topics: Vec<TopicProduceData> = Vec::new();
    for (at, batch) in batches {
        let bytes = batch.encode().map_err(|error| {
            ClientError::Config(format!("a batch for {at} cannot be built: {error}"))
        })?;
        if topics.last().is_none_or(|last| *last.name != *at.topic) {
            topics.push(TopicProduceData {
                name: at.topic.to_string(),
                topic_id: topic_id(&at.topic),
                ..TopicProduceData::default()
            });
        }
        if let Some(topic) = topics.last_mut() {
            topic.partition_data.push(PartitionProduceData {
                index: at.partition,
                records: Some(Records::Bytes(bytes)),
                ..PartitionProduceData::default()
            });
        }
    }
    let timeout = config.replication_timeout.as_millis();
    Ok(ProduceRequest {
        transactional_id: config.transactional_id.clone(),
        acks: config.acks.number(),
        timeout_ms: i32::try_from(timeout).unwrap_or(i32::MAX),
        topic_data: topics,
        ..ProduceRequest::default()
    })
}

/// Gives each batch its part of the answer, which may come in any order.
pub(super) fn match_up(
    batches: Batches,
    names: &Names,
    answer: Result<ProduceResponse>,
    broker: &Arc<str>,
) -> Vec<(TopicPartition, Batch, Outcome)> {
    let name = request_name::<ProduceRequest>();
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let failed = batches.into_iter();
            return failed
                .map(|(at, batch)| (at, batch, Err(error.clone())))
                .collect();
        }
    };
    let mut parts = HashMap::new();
    for topic in answer.responses {
        let topic_name = topic_name(&topic, names);
        for part in topic.partition_responses {
            parts.insert(
                TopicPartition::new(Arc::clone(&topic_name), part.index),
                part,
            );
        }
    }
    batches
        .into_iter()
        .map(|(at, batch)| {
            let outcome = match parts.remove(&at) {
                Some(part) => outcome(&at, &part, name, broker),
                None => Err(ClientError::Protocol {
                    request: name,
                    broker: Arc::clone(broker),
                    what: format!("its answer does not name {at}"),
                }),
            };
            (at, batch, outcome)
        })
        .collect()
}

/// The name of a topic of an answer, which has either the name or the id.
fn topic_name(topic: &TopicProduceResponse, names: &Names) -> Arc<str> {
    match names.get(&topic.topic_id) {
        Some(name) if topic.name.is_empty() => Arc::clone(name),
        _ => topic.name.as_str().into(),
    }
}

fn outcome(
    at: &TopicPartition,
    part: &PartitionProduceResponse,
    request: &'static str,
    broker: &Arc<str>,
) -> Outcome {
    let first = part.record_errors.first();
    let message = first
        .and_then(|error| error.batch_index_error_message.as_deref())
        .or(part.error_message.as_deref());
    match ClientError::refusal(request, broker, at, part.error_code, message) {
        Some(refusal) => Err(refusal),
        None => Ok((part.base_offset, part.log_append_time_ms)),
    }
}

/// Takes the leaders that a broker named instead of itself: the partitions for which that was news.
pub(super) fn redirected(
    cluster: &Cluster,
    answer: &Result<ProduceResponse>,
    names: &Names,
) -> HashSet<TopicPartition> {
    let mut redirected = HashSet::new();
    let Ok(answer) = answer else {
        return redirected;
    };
    for topic in &answer.responses {
        let name = topic_name(topic, names);
        for part in topic
            .partition_responses
            .iter()
            .filter(|part| part.error_code != 0)
        {
            let leader = (
                part.current_leader.leader_id,
                part.current_leader.leader_epoch,
            );
            let mut nodes = answer.node_endpoints.iter();
            let node = nodes.find(|node| node.node_id == leader.0);
            let address = node.map(|node| join_address(&node.host, node.port));
            let at = TopicPartition::new(Arc::clone(&name), part.index);
            if cluster.take_leader(&at, leader, address) {
                redirected.insert(at);
            }
        }
    }
    redirected
}
