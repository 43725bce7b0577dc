//! AddPartitionsToTxn: key 24, versions 0-5.
//!
//! Partitions become part of a producer's transaction before it writes to them; or a broker asks whether they are.
//!
//! Versions: 2 `PRODUCER_FENCED`; 3 flexible; 4 many transactions in one request, from brokers, with verification; 5
//! `TRANSACTION_ABORTABLE`.
//!
//! Refuses, per partition: `UNKNOWN_TOPIC_OR_PARTITION`, `OPERATION_NOT_ATTEMPTED` (another partition is refused),
//! `INVALID_REQUEST` (an empty transactional id), `INVALID_PRODUCER_ID_MAPPING`, `PRODUCER_FENCED` (before version 2
//! `INVALID_PRODUCER_EPOCH`), `CONCURRENT_TRANSACTIONS`, `TRANSACTION_ABORTABLE` (verification),
//! `COORDINATOR_NOT_AVAILABLE`, `COORDINATOR_LOAD_IN_PROGRESS`, `NOT_COORDINATOR`.
//!
//! Differs from Apache Kafka: nothing known.

use ottla_coordinator::transaction::{AddPartitions, Input};
use ottla_metadata::Image;
use ottla_wire::{
    errors::Code,
    messages::{
        AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
        add_partitions_to_txn_request::AddPartitionsToTxnTopic,
        add_partitions_to_txn_response::{
            AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResult,
            AddPartitionsToTxnTopicResult,
        },
    },
};

use super::{ask, for_older, only};
use crate::{api::Cx, reply::Reply};

/// From this version on clients know `PRODUCER_FENCED`.
const KNOWS_FENCED: i16 = 2;
/// From this version on brokers ask, for many transactions at once.
const BATCHED: i16 = 4;

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    request: AddPartitionsToTxnRequest,
) -> Reply<AddPartitionsToTxnResponse> {
    let mut response = AddPartitionsToTxnResponse::default();
    if cx.version < BATCHED {
        let question = AddPartitions {
            transactional_id: request.v3_and_below_transactional_id,
            producer_id: request.v3_and_below_producer_id,
            producer_epoch: request.v3_and_below_producer_epoch,
            verify_only: false,
            client_transaction_version: 0,
            topics: request.v3_and_below_topics,
        };
        let result = add(cx, question).await;
        response.results_by_topic_v3_and_below = result.topic_results;
        return response.into();
    }
    for transaction in request.transactions {
        let question = AddPartitions {
            transactional_id: transaction.transactional_id,
            producer_id: transaction.producer_id,
            producer_epoch: transaction.producer_epoch,
            verify_only: transaction.verify_only,
            client_transaction_version: 2,
            topics: transaction.topics,
        };
        response
            .results_by_transaction
            .push(add(cx, question).await);
    }
    response.into()
}

async fn add(cx: &Cx, question: AddPartitions) -> AddPartitionsToTxnResult {
    let id = question.transactional_id.clone();
    if let Some(refused) = unknown(&cx.broker.image(), &question) {
        return refused;
    }
    let topics = question.topics.clone();
    let outcome = ask(&cx.broker, &id, Input::AddPartitions(question)).await;
    let mut result = only!(AddPartitions, outcome)
        .unwrap_or_else(|refusal| answer(&id, &topics, |_, _| refusal.code));
    for topic in &mut result.topic_results {
        for partition in &mut topic.results_by_partition {
            partition.partition_error_code =
                for_older(cx, KNOWS_FENCED, partition.partition_error_code);
        }
    }
    result
}

/// The answer if the cluster does not have all of the partitions: then nothing is attempted.
fn unknown(image: &Image, of: &AddPartitions) -> Option<AddPartitionsToTxnResult> {
    let exists = |topic: &str, index: i32| {
        image
            .topic(topic)
            .is_some_and(|topic| topic.partitions.contains_key(&index))
    };
    let all = of
        .topics
        .iter()
        .all(|topic| topic.partitions.iter().all(|of| exists(&topic.name, *of)));
    if all {
        return None;
    }
    let code = |topic: &str, index| match exists(topic, index) {
        true => Code::OPERATION_NOT_ATTEMPTED,
        false => Code::UNKNOWN_TOPIC_OR_PARTITION,
    };
    Some(answer(&of.transactional_id, &of.topics, code))
}

fn answer(
    transactional_id: &str,
    topics: &[AddPartitionsToTxnTopic],
    code: impl Fn(&str, i32) -> Code,
) -> AddPartitionsToTxnResult {
    let topic = |of: &AddPartitionsToTxnTopic| AddPartitionsToTxnTopicResult {
        name: of.name.clone(),
        results_by_partition: of
            .partitions
            .iter()
            .map(|index| AddPartitionsToTxnPartitionResult {
                partition_index: *index,
                partition_error_code: code(&of.name, *index).0,
                ..AddPartitionsToTxnPartitionResult::default()
            })
            .collect(),
        ..AddPartitionsToTxnTopicResult::default()
    };
    AddPartitionsToTxnResult {
        transactional_id: transactional_id.to_owned(),
        topic_results: topics.iter().map(topic).collect(),
        ..AddPartitionsToTxnResult::default()
    }
}
