//! The requests of a transactional producer to its coordinators: each is one attempt, and what a failure of it means.

use std::collections::BTreeMap;

use ottla_wire::{
    errors::Code,
    messages::{
        add_offsets_to_txn_request::AddOffsetsToTxnRequest,
        add_partitions_to_txn_request::{AddPartitionsToTxnRequest, AddPartitionsToTxnTopic},
        end_txn_request::EndTxnRequest,
        init_producer_id_request::InitProducerIdRequest,
        txn_offset_commit_request::{
            TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
        },
    },
};

use super::{GroupMetadata, state::Severity};
use crate::{
    ClientError, Connection, Result, TopicPartition, admin::CommittedOffset,
    connection::request_name, coordinators::is_elsewhere,
};

/// The last version of InitProducerId that says nothing of two-phase commit.
const LAST_OF_ONE_PHASE: i16 = 5;
/// The first version of InitProducerId that raises the epoch of a producer id that it is told.
const FIRST_BUMPING: i16 = 3;
/// The last version of AddPartitionsToTxn that is for clients.
const LAST_FOR_CLIENTS: i16 = 3;
/// The last version of EndTxn of transaction version 1.
const LAST_PLAIN_END: i16 = 4;
/// The last version of TxnOffsetCommit of transaction version 1.
const LAST_PLAIN_OFFSETS: i16 = 4;
/// The last version of TxnOffsetCommit in which topics go by name.
const LAST_BY_NAME: i16 = 5;

/// A producer id and its epoch.
pub(in crate::producer) type Identity = (i64, i16);

/// Which request failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Call {
    Init,
    Bump,
    AddPartitions,
    AddOffsets,
    CommitOffsets,
    Commit,
    Abort,
}

impl Call {
    /// What is to be done about a failure; `None` to try again.
    pub(super) fn severity(self, error: &ClientError) -> Option<Severity> {
        if error.is_retriable() || is_elsewhere(error) {
            return None;
        }
        let Some(code) = error.code() else {
            return Some(Severity::Close);
        };
        Some(match (self, code) {
            (_, Code::INVALID_PRODUCER_EPOCH | Code::PRODUCER_FENCED) => Severity::Close,
            (
                Self::Init,
                Code::TRANSACTIONAL_ID_AUTHORIZATION_FAILED
                | Code::CLUSTER_AUTHORIZATION_FAILED
                | Code::TRANSACTION_ABORTABLE,
            ) => Severity::Refuse,
            (Self::Init | Self::Bump, _) => Severity::Close,
            (
                Self::AddPartitions | Self::AddOffsets | Self::Commit | Self::Abort,
                Code::UNKNOWN_PRODUCER_ID,
            ) => Severity::AbortIfPossible,
            (
                Self::AddPartitions,
                Code::TRANSACTIONAL_ID_AUTHORIZATION_FAILED
                | Code::INVALID_TXN_STATE
                | Code::INVALID_PRODUCER_ID_MAPPING,
            ) => Severity::Close,
            (Self::AddPartitions, _) => Severity::Abort,
            (Self::AddOffsets, Code::GROUP_AUTHORIZATION_FAILED | Code::TRANSACTION_ABORTABLE) => {
                Severity::Abort
            }
            (Self::CommitOffsets, code) if OFFSETS_ABORT.contains(&code) => Severity::Abort,
            (Self::Commit, Code::TRANSACTION_ABORTABLE) => Severity::Abort,
            _ => Severity::Close,
        })
    }

    /// Whether the coordinator should be looked up again before the next attempt.
    pub(super) fn looks_up(self, error: &ClientError) -> bool {
        let timed_out = error.code() == Some(Code::REQUEST_TIMED_OUT);
        is_elsewhere(error) || (self == Self::CommitOffsets && timed_out)
    }
}

/// Answers to offsets that an abort cures.
const OFFSETS_ABORT: [Code; 7] = [
    Code::GROUP_AUTHORIZATION_FAILED,
    Code::FENCED_INSTANCE_ID,
    Code::TRANSACTION_ABORTABLE,
    Code::UNKNOWN_MEMBER_ID,
    Code::ILLEGAL_GENERATION,
    Code::GROUP_ID_NOT_FOUND,
    Code::STALE_MEMBER_EPOCH,
];

/// A producer id for a transactional id, or the next epoch of the one that it has. Also whether the coordinator can
/// raise epochs.
pub(super) async fn init(
    connection: &Connection,
    id: &str,
    timeout_ms: i32,
    current: Option<Identity>,
) -> Result<(Identity, bool)> {
    let version = connection
        .version::<InitProducerIdRequest>()?
        .min(LAST_OF_ONE_PHASE);
    let mut request = InitProducerIdRequest {
        transactional_id: Some(id.to_owned()),
        transaction_timeout_ms: timeout_ms,
        ..InitProducerIdRequest::default()
    };
    if let Some((producer_id, producer_epoch)) = current {
        (request.producer_id, request.producer_epoch) = (producer_id, producer_epoch);
    }
    let answer = connection.send_as(&request, version).await?;
    refuse::<InitProducerIdRequest>(connection, id, answer.error_code)?;
    let identity = (answer.producer_id, answer.producer_epoch);
    Ok((identity, version >= FIRST_BUMPING))
}

/// Adds partitions to a transaction: all of them, or none.
pub(super) async fn add_partitions(
    connection: &Connection,
    id: &str,
    (producer_id, producer_epoch): Identity,
    partitions: &[TopicPartition],
) -> Result<()> {
    let version = connection
        .version::<AddPartitionsToTxnRequest>()?
        .min(LAST_FOR_CLIENTS);
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for at in partitions {
        topics.entry(&at.topic).or_default().push(at.partition);
    }
    let topics = topics
        .into_iter()
        .map(|(name, partitions)| AddPartitionsToTxnTopic {
            name: name.to_owned(),
            partitions,
            ..AddPartitionsToTxnTopic::default()
        });
    let request = AddPartitionsToTxnRequest {
        v3_and_below_transactional_id: id.to_owned(),
        v3_and_below_producer_id: producer_id,
        v3_and_below_producer_epoch: producer_epoch,
        v3_and_below_topics: topics.collect(),
        ..AddPartitionsToTxnRequest::default()
    };
    let answer = connection.send_as(&request, version).await?;
    let results = answer.results_by_topic_v3_and_below.iter();
    let codes = results.flat_map(|topic| {
        let partitions = topic.results_by_partition.iter();
        partitions.map(|one| (&*topic.name, one.partition_index, one.partition_error_code))
    });
    let failed: Vec<_> = codes.filter(|(.., code)| *code != Code::NONE.0).collect();
    // What was not attempted because of another names no reason.
    let reason = failed
        .iter()
        .find(|(.., code)| *code != Code::OPERATION_NOT_ATTEMPTED.0)
        .or(failed.first());
    match reason {
        Some((topic, partition, code)) => {
            let what = format!("{topic}-{partition} for {id}");
            refuse::<AddPartitionsToTxnRequest>(connection, &what, *code)
        }
        None => Ok(()),
    }
}

/// Adds a group's offsets to a transaction.
pub(super) async fn add_offsets(
    connection: &Connection,
    id: &str,
    (producer_id, producer_epoch): Identity,
    group: &str,
) -> Result<()> {
    let request = AddOffsetsToTxnRequest {
        transactional_id: id.to_owned(),
        producer_id,
        producer_epoch,
        group_id: group.to_owned(),
        ..AddOffsetsToTxnRequest::default()
    };
    let answer = connection.send(&request).await?;
    let what = format!("group {group} for {id}");
    refuse::<AddOffsetsToTxnRequest>(connection, &what, answer.error_code)
}

/// Commits a group's offsets as part of a transaction.
pub(super) async fn commit_offsets(
    connection: &Connection,
    id: &str,
    (producer_id, producer_epoch): Identity,
    group: &GroupMetadata,
    offsets: &[(TopicPartition, CommittedOffset)],
    version2: bool,
) -> Result<()> {
    let last = if version2 {
        LAST_BY_NAME
    } else {
        LAST_PLAIN_OFFSETS
    };
    let version = connection.version::<TxnOffsetCommitRequest>()?.min(last);
    let mut topics: BTreeMap<&str, Vec<TxnOffsetCommitRequestPartition>> = BTreeMap::new();
    for (at, offset) in offsets {
        let partitions = topics.entry(&at.topic).or_default();
        partitions.push(TxnOffsetCommitRequestPartition {
            partition_index: at.partition,
            committed_offset: offset.offset,
            committed_leader_epoch: offset.leader_epoch.unwrap_or(-1),
            committed_metadata: Some(offset.metadata.clone()),
            ..TxnOffsetCommitRequestPartition::default()
        });
    }
    let topics = topics
        .into_iter()
        .map(|(name, partitions)| TxnOffsetCommitRequestTopic {
            name: name.to_owned(),
            partitions,
            ..TxnOffsetCommitRequestTopic::default()
        });
    let request = TxnOffsetCommitRequest {
        transactional_id: id.to_owned(),
        group_id: group.group.clone(),
        producer_id,
        producer_epoch,
        generation_id_or_member_epoch: group.generation,
        member_id: group.member_id.clone(),
        group_instance_id: group.instance_id.clone(),
        topics: topics.collect(),
        ..TxnOffsetCommitRequest::default()
    };
    let answer = connection.send_as(&request, version).await?;
    let topics = answer.topics.iter();
    let codes = topics.flat_map(|topic| {
        let partitions = topic.partitions.iter();
        partitions.map(|one| (&*topic.name, one.partition_index, one.error_code))
    });
    let failed: Vec<_> = codes.filter(|(.., code)| *code != Code::NONE.0).collect();
    // What waiting does not cure counts more than what it does.
    let reason = failed
        .iter()
        .find(|(.., code)| !Code(*code).is_retriable())
        .or(failed.first());
    match reason {
        Some((topic, partition, code)) => {
            let what = format!("{topic}-{partition} in group {}", group.group);
            refuse::<TxnOffsetCommitRequest>(connection, &what, *code)
        }
        None => Ok(()),
    }
}

/// Ends a transaction. With version 2, the identity for the next one.
pub(super) async fn end(
    connection: &Connection,
    id: &str,
    (producer_id, producer_epoch): Identity,
    committed: bool,
    version2: bool,
) -> Result<Option<Identity>> {
    let mut version = connection.version::<EndTxnRequest>()?;
    if !version2 {
        version = version.min(LAST_PLAIN_END);
    }
    let request = EndTxnRequest {
        transactional_id: id.to_owned(),
        producer_id,
        producer_epoch,
        committed,
        ..EndTxnRequest::default()
    };
    let answer = connection.send_as(&request, version).await?;
    refuse::<EndTxnRequest>(connection, id, answer.error_code)?;
    let next = (answer.producer_id, answer.producer_epoch);
    Ok((next.0 >= 0).then_some(next))
}

fn refuse<R: ottla_wire::Request>(connection: &Connection, what: &str, code: i16) -> Result<()> {
    match ClientError::refusal(request_name::<R>(), connection.broker(), what, code, None) {
        Some(refusal) => Err(refusal),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn severity(call: Call, code: i16) -> Option<Severity> {
        let error = ClientError::refusal("EndTxn", &"b:1".into(), "t", code, None).unwrap();
        call.severity(&error)
    }

    #[test]
    fn failures_are_judged_as_kafkas_client_does() {
        use Severity::*;
        let all = [
            Call::Init,
            Call::Bump,
            Call::AddPartitions,
            Call::AddOffsets,
            Call::CommitOffsets,
            Call::Commit,
            Call::Abort,
        ];
        for (code, expected) in [
            (14, [None; 7]),
            (15, [None; 7]),
            (16, [None; 7]),
            (51, [None; 7]),
            (47, [Some(Close); 7]),
            (90, [Some(Close); 7]),
            (
                53,
                [Refuse, Close, Close, Close, Close, Close, Close].map(Some),
            ),
            (
                48,
                [Close, Close, Close, Close, Close, Close, Close].map(Some),
            ),
            (
                120,
                [Refuse, Close, Abort, Abort, Abort, Abort, Close].map(Some),
            ),
            (
                59,
                [
                    Close,
                    Close,
                    AbortIfPossible,
                    AbortIfPossible,
                    Close,
                    AbortIfPossible,
                    AbortIfPossible,
                ]
                .map(Some),
            ),
            (
                29,
                [Close, Close, Abort, Close, Close, Close, Close].map(Some),
            ),
            (
                30,
                [Close, Close, Abort, Abort, Abort, Close, Close].map(Some),
            ),
            (
                22,
                [Close, Close, Abort, Close, Abort, Close, Close].map(Some),
            ),
            (
                9999,
                [Close, Close, Abort, Close, Close, Close, Close].map(Some),
            ),
        ] {
            let judged: Vec<_> = all.iter().map(|call| severity(*call, code)).collect();
            assert_eq!(judged, expected, "{code}");
        }
    }
}
