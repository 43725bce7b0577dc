//! TxnOffsetCommit: key 28, versions 0-6.
//!
//! A group's offsets are committed with a producer's transaction: they count once it commits.
//!
//! Versions: 2 leader epochs; 3 flexible, and the member with its generation or epoch; 4 `TRANSACTION_ABORTABLE`; 5
//! transactions of version 2, in which this request adds the group's partition itself; 6 topics by id.
//!
//! Refuses, per partition: `UNKNOWN_TOPIC_OR_PARTITION`, `UNKNOWN_TOPIC_ID` (from version 6 on),
//! `OFFSET_METADATA_TOO_LARGE`; for all of them, whatever the group's coordinator refuses, and what the transaction's
//! coordinator refuses: `INVALID_PRODUCER_ID_MAPPING`, `INVALID_PRODUCER_EPOCH`, `INVALID_TXN_STATE`,
//! `TRANSACTION_ABORTABLE`, `CONCURRENT_TRANSACTIONS`.
//!
//! Differs from Apache Kafka: as OffsetCommit does.
//!
//! Not yet: authorization.

use std::sync::Arc;

use ottla_coordinator::group::{Input, Producer, Reply as Answered};
use ottla_log::VerificationGuard;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        OffsetCommitRequest, TxnOffsetCommitRequest, TxnOffsetCommitResponse,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_commit_response::OffsetCommitResponseTopic,
        txn_offset_commit_request::TxnOffsetCommitRequestTopic,
        txn_offset_commit_response::{
            TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
        },
    },
};

use super::{
    another_kind,
    verify::{Support, Transaction, verify},
};
use crate::{
    api::{
        Cx, WithReasons,
        groups::{
            caller,
            offset_commit::{Answer, known, refused, shape},
        },
    },
    partition::Partition,
    reply::Reply,
    shard::Asked,
};

/// From this version on topics have ids instead of names.
const BY_ID: i16 = 6;
/// From this version on clients know that a coordinator loads.
const KNOWS_LOADING: i16 = 2;

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    mut request: TxnOffsetCommitRequest,
) -> Reply<WithReasons<TxnOffsetCommitResponse>> {
    let image = cx.broker.image_arc();
    let mut answer = Answer::new(cx.version >= BY_ID);
    let mut topics = Vec::new();
    for topic in std::mem::take(&mut request.topics) {
        topics.extend(known(&image, &mut answer, plain(topic)));
    }
    let version = cx.version;
    if topics.is_empty() {
        return Reply::Now(transactional(answer.finish().topics, version).into());
    }
    let shapes: Vec<_> = topics.iter().map(shape).collect();
    let asked = commit(cx, request, topics).await;
    asked.reply(move |outcome| {
        let refusal = match outcome {
            Ok(Answered::TxnOffsetCommit(committed)) => {
                answer.merge(committed.topics);
                return transactional(answer.finish().topics, version).into();
            }
            Ok(_) => another_kind(),
            Err(refusal) => refusal,
        };
        answer.merge(refused(shapes, &refusal));
        WithReasons::because(transactional(answer.finish().topics, version), &refusal)
    })
}

/// A topic as OffsetCommit has it.
fn plain(topic: TxnOffsetCommitRequestTopic) -> OffsetCommitRequestTopic {
    let partitions = topic
        .partitions
        .into_iter()
        .map(|of| OffsetCommitRequestPartition {
            partition_index: of.partition_index,
            committed_offset: of.committed_offset,
            committed_leader_epoch: of.committed_leader_epoch,
            committed_metadata: of.committed_metadata,
            ..OffsetCommitRequestPartition::default()
        });
    OffsetCommitRequestTopic {
        name: topic.name,
        topic_id: topic.topic_id,
        partitions: partitions.collect(),
        ..OffsetCommitRequestTopic::default()
    }
}

fn transactional(topics: Vec<OffsetCommitResponseTopic>, version: i16) -> TxnOffsetCommitResponse {
    let code = |code: i16| match Code(code) {
        Code::COORDINATOR_LOAD_IN_PROGRESS if version < KNOWS_LOADING => {
            Code::COORDINATOR_NOT_AVAILABLE.0
        }
        _ => code,
    };
    let topics = topics.into_iter().map(|topic| {
        let partitions = topic
            .partitions
            .into_iter()
            .map(|of| TxnOffsetCommitResponsePartition {
                partition_index: of.partition_index,
                error_code: code(of.error_code),
                ..TxnOffsetCommitResponsePartition::default()
            });
        TxnOffsetCommitResponseTopic {
            name: topic.name,
            topic_id: topic.topic_id,
            partitions: partitions.collect(),
            ..TxnOffsetCommitResponseTopic::default()
        }
    });
    TxnOffsetCommitResponse {
        topics: topics.collect(),
        ..TxnOffsetCommitResponse::default()
    }
}

/// Verifies that the group's partition is part of the transaction, then asks the group's coordinator.
async fn commit(
    cx: &Cx,
    request: TxnOffsetCommitRequest,
    topics: Vec<OffsetCommitRequestTopic>,
) -> Asked<Answered> {
    if request.group_id.is_empty() {
        let refusal = Code::INVALID_GROUP_ID.because("the group id is empty");
        return Asked::Now(Err(refusal));
    }
    let broker = &cx.broker;
    let shard = match broker.groups.shard_of(&broker.image(), &request.group_id) {
        Ok(shard) => shard,
        Err(refusal) => return Asked::Now(Err(refusal)),
    };
    match verified(cx, &request, shard.partition()).await {
        Ok(guard) => {
            let producer = Producer {
                id: request.producer_id,
                epoch: request.producer_epoch,
            };
            let offsets = OffsetCommitRequest {
                group_id: request.group_id,
                generation_id_or_member_epoch: request.generation_id_or_member_epoch,
                member_id: request.member_id,
                group_instance_id: request.group_instance_id,
                topics,
                ..OffsetCommitRequest::default()
            };
            let input = Input::TxnOffsetCommit(caller(cx), producer, offsets);
            let asked = shard.ask_verified(input, guard);
            broker.groups.mind(&shard);
            asked
        }
        Err(refusal) => Asked::Now(Err(refusal)),
    }
}

async fn verified(
    cx: &Cx,
    request: &TxnOffsetCommitRequest,
    partition: &Arc<Partition>,
) -> Result<VerificationGuard, Refusal> {
    let of = Transaction {
        transactional_id: &request.transactional_id,
        producer_id: request.producer_id,
        producer_epoch: request.producer_epoch,
        support: Support::of_txn_offset_commit(cx.version),
    };
    let guards = verify(&cx.broker, of, &[(partition.clone(), -1)]).await;
    guards
        .into_iter()
        .next()
        .unwrap_or_else(|| Err(Code::UNKNOWN_SERVER_ERROR.because("no partition was verified")))
        .map_err(|refusal| Refusal {
            code: as_of_a_group(refusal.code),
            ..refusal
        })
}

/// What is wrong with a partition of `__consumer_offsets`, as a client of its coordinator is told.
fn as_of_a_group(code: Code) -> Code {
    match code {
        Code::NOT_LEADER_OR_FOLLOWER | Code::KAFKA_STORAGE_ERROR => Code::NOT_COORDINATOR,
        Code::UNKNOWN_TOPIC_OR_PARTITION | Code::NOT_ENOUGH_REPLICAS | Code::REQUEST_TIMED_OUT => {
            Code::COORDINATOR_NOT_AVAILABLE
        }
        Code::NETWORK_EXCEPTION => Code::COORDINATOR_LOAD_IN_PROGRESS,
        other => other,
    }
}
