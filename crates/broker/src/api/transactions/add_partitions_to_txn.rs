//! AddPartitionsToTxn: key 24, versions 0-5.
//!
//! Partitions become part of a producer's transaction before it writes to them; or a broker asks whether they are.
//!
//! Versions: 2 `PRODUCER_FENCED`; 3 flexible; 4 many transactions in one request, from brokers, with verification; 5
//! `TRANSACTION_ABORTABLE`.
//!
//! Refuses, per partition: `TOPIC_AUTHORIZATION_FAILED` (the brokers' own topics, to clients), `UNKNOWN_TOPIC_OR_PARTITION`, `OPERATION_NOT_ATTEMPTED` (another partition is refused),
//! `INVALID_REQUEST` (an empty transactional id), `INVALID_PRODUCER_ID_MAPPING`, `PRODUCER_FENCED` (before version 2
//! `INVALID_PRODUCER_EPOCH`), `CONCURRENT_TRANSACTIONS`, `TRANSACTION_ABORTABLE` (verification),
//! `COORDINATOR_NOT_AVAILABLE`, `COORDINATOR_LOAD_IN_PROGRESS`, `NOT_COORDINATOR`.
//!
//! Differs from Apache Kafka: a batch of no transactions is answered; Kafka never does. Where a batch has a transactional
//! id twice, the answer names the partitions that were added; Kafka names others.

use std::collections::HashMap;

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
use crate::{
    api::{Cx, WithReasons, topics::name::is_internal},
    journal::Reasons,
    reply::Reply,
};

/// From this version on clients know `PRODUCER_FENCED`.
const KNOWS_FENCED: i16 = 2;
/// From this version on brokers ask, for many transactions at once.
const BATCHED: i16 = 4;

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    request: AddPartitionsToTxnRequest,
) -> Reply<WithReasons<AddPartitionsToTxnResponse>> {
    let mut response = AddPartitionsToTxnResponse::default();
    let mut reasons = Reasons::default();
    if cx.version < BATCHED {
        let question = AddPartitions {
            transactional_id: request.v3_and_below_transactional_id,
            producer_id: request.v3_and_below_producer_id,
            producer_epoch: request.v3_and_below_producer_epoch,
            verify_only: false,
            client_transaction_version: 0,
            topics: request.v3_and_below_topics,
        };
        let result = add(cx, question, &mut reasons).await;
        response.results_by_topic_v3_and_below = result.topic_results;
        return finish(response, reasons);
    }
    // Where a transactional id comes twice, the partitions of its last place count for each, as in Kafka.
    let topics: HashMap<_, _> = request
        .transactions
        .iter()
        .map(|of| (of.transactional_id.clone(), of.topics.clone()))
        .collect();
    for transaction in request.transactions {
        let of_last = topics.get(&transaction.transactional_id);
        let question = AddPartitions {
            topics: of_last.cloned().unwrap_or_default(),
            transactional_id: transaction.transactional_id,
            producer_id: transaction.producer_id,
            producer_epoch: transaction.producer_epoch,
            verify_only: transaction.verify_only,
            client_transaction_version: 2,
        };
        response
            .results_by_transaction
            .push(add(cx, question, &mut reasons).await);
    }
    finish(response, reasons)
}

fn finish(
    message: AddPartitionsToTxnResponse,
    reasons: Reasons,
) -> Reply<WithReasons<AddPartitionsToTxnResponse>> {
    WithReasons { message, reasons }.into()
}

async fn add(cx: &Cx, question: AddPartitions, reasons: &mut Reasons) -> AddPartitionsToTxnResult {
    let id = question.transactional_id.clone();
    let is_client = cx.version < BATCHED;
    if let Some(refused) = not_to_add(&cx.broker.image(), &question, is_client) {
        return refused;
    }
    let topics = question.topics.clone();
    let outcome = ask(&cx.broker, &id, Input::AddPartitions(question)).await;
    let mut result = only!(AddPartitions, outcome).unwrap_or_else(|refusal| {
        let code = Code(for_older(cx, KNOWS_FENCED, refusal.code.0));
        reasons.of_transaction(&id, code, refusal.text().to_owned());
        answer(&id, &topics, |_, _| refusal.code)
    });
    for topic in &mut result.topic_results {
        for partition in &mut topic.results_by_partition {
            partition.partition_error_code =
                for_older(cx, KNOWS_FENCED, partition.partition_error_code);
        }
    }
    result
}

/// The answer if the cluster does not have all of the partitions, or clients may not write to one: then nothing is
/// attempted.
fn not_to_add(
    image: &Image,
    of: &AddPartitions,
    is_client: bool,
) -> Option<AddPartitionsToTxnResult> {
    let code = |topic: &str, index: i32| {
        let exists = image
            .topic(topic)
            .is_some_and(|topic| topic.partitions.contains_key(&index));
        if is_client && is_internal(topic) {
            Code::TOPIC_AUTHORIZATION_FAILED
        } else if exists {
            Code::OPERATION_NOT_ATTEMPTED
        } else {
            Code::UNKNOWN_TOPIC_OR_PARTITION
        }
    };
    let mut all = of.topics.iter();
    let may_be_added = all.all(|topic| {
        let mut all = topic.partitions.iter();
        all.all(|index| code(&topic.name, *index) == Code::OPERATION_NOT_ATTEMPTED)
    });
    (!may_be_added).then(|| answer(&of.transactional_id, &of.topics, code))
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
