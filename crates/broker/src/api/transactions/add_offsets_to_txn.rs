//! AddOffsetsToTxn: key 25, versions 0-4.
//!
//! The offsets of a group become part of a producer's transaction: the partition of `__consumer_offsets` that they are
//! in is added to it.
//!
//! Versions: 2 `PRODUCER_FENCED`; 3 flexible; 4 `TRANSACTION_ABORTABLE`.
//!
//! Refuses: `INVALID_REQUEST` (an empty transactional id), `INVALID_PRODUCER_ID_MAPPING`, `PRODUCER_FENCED` (before
//! version 2 `INVALID_PRODUCER_EPOCH`), `CONCURRENT_TRANSACTIONS`, `COORDINATOR_NOT_AVAILABLE`,
//! `COORDINATOR_LOAD_IN_PROGRESS`, `NOT_COORDINATOR`.
//!
//! Differs from Apache Kafka: nothing known.

use ottla_coordinator::transaction::{AddPartitions, Input};
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        AddOffsetsToTxnRequest, AddOffsetsToTxnResponse,
        add_partitions_to_txn_request::AddPartitionsToTxnTopic,
    },
};

use super::{ask, for_older, only};
use crate::{
    api::{
        Cx, WithReasons, groups::find_coordinator::partition_of, topics::name::CONSUMER_OFFSETS,
    },
    reply::Reply,
};

/// From this version on clients know `PRODUCER_FENCED`.
const KNOWS_FENCED: i16 = 2;

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    request: AddOffsetsToTxnRequest,
) -> Reply<WithReasons<AddOffsetsToTxnResponse>> {
    let answer = |code: Code| AddOffsetsToTxnResponse {
        error_code: for_older(cx, KNOWS_FENCED, code.0),
        ..AddOffsetsToTxnResponse::default()
    };
    match add(cx, request).await {
        Ok(code) => WithReasons::from(answer(code)).into(),
        Err(mut refusal) => {
            let message = answer(refusal.code);
            refusal.code = Code(message.error_code);
            WithReasons::because(message, &refusal).into()
        }
    }
}

async fn add(cx: &Cx, request: AddOffsetsToTxnRequest) -> Result<Code, Refusal> {
    let partitions = match cx.broker.image().topic(CONSUMER_OFFSETS) {
        Some(topic) => topic.partitions.len(),
        // The topic is created with as many when the group's coordinator is first asked for.
        None => {
            usize::try_from(cx.broker.config().int("offsets.topic.num.partitions")).unwrap_or(1)
        }
    };
    let id = request.transactional_id.clone();
    let question = AddPartitions {
        transactional_id: request.transactional_id,
        producer_id: request.producer_id,
        producer_epoch: request.producer_epoch,
        verify_only: false,
        client_transaction_version: 0,
        topics: vec![AddPartitionsToTxnTopic {
            name: CONSUMER_OFFSETS.to_owned(),
            partitions: vec![partition_of(&request.group_id, partitions)],
            ..AddPartitionsToTxnTopic::default()
        }],
    };
    let outcome = ask(&cx.broker, &id, Input::AddPartitions(question)).await;
    let result = only!(AddPartitions, outcome)?;
    let mut all = result.topic_results.iter();
    let first = all.find_map(|topic| topic.results_by_partition.first());
    Ok(first.map_or(Code::NONE, |of| Code(of.partition_error_code)))
}
