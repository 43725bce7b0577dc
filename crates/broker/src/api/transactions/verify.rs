//! Whether partitions are part of a transaction: asked of its coordinator before the first write to each.

use std::sync::Arc;

use ottla_coordinator::transaction::{AddPartitions, Input};
use ottla_log::VerificationGuard;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic,
};

use super::{ask_for_broker, only};
use crate::{
    broker::Broker,
    partition::{NotAppended, Partition, Unverified},
};

/// Whether brokers verify at all.
const ENABLED: &str = "transaction.partition.verification.enable";

/// What a client understands and relies on, by the version of its request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Support {
    /// It does not know `TRANSACTION_ABORTABLE`.
    Plain,
    /// It knows `TRANSACTION_ABORTABLE`.
    Abortable,
    /// It does not add partitions to its transaction itself: writing adds them (transaction version 2).
    Adds,
}

impl Support {
    /// Of a Produce request.
    pub(crate) fn of_produce(version: i16) -> Self {
        match version {
            12.. => Self::Adds,
            11 => Self::Abortable,
            _ => Self::Plain,
        }
    }

    /// Of a TxnOffsetCommit request.
    pub(crate) fn of_txn_offset_commit(version: i16) -> Self {
        match version {
            5.. => Self::Adds,
            4 => Self::Abortable,
            _ => Self::Plain,
        }
    }
}

/// A transaction as a write to it names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transaction<'a> {
    pub(crate) transactional_id: &'a str,
    pub(crate) producer_id: i64,
    pub(crate) producer_epoch: i16,
    pub(crate) support: Support,
}

/// What to append with to each partition, or why not. `base_sequence` is that of the batch for it, -1 without one.
pub(crate) async fn verify(
    broker: &Arc<Broker>,
    of: Transaction<'_>,
    partitions: &[(Arc<Partition>, i32)],
) -> Vec<Result<VerificationGuard, Refusal>> {
    if of.support != Support::Adds && !broker.config().boolean(ENABLED) {
        return vec![Ok(VerificationGuard::TRUSTED); partitions.len()];
    }
    let mut guards: Vec<_> = partitions
        .iter()
        .map(|(partition, base_sequence)| {
            let unverified = Unverified {
                producer_id: of.producer_id,
                producer_epoch: of.producer_epoch,
                base_sequence: *base_sequence,
                supports_epoch_bump: of.support == Support::Adds,
            };
            partition
                .start_verification(&unverified)
                .map_err(|why| refused(partition, why))
        })
        .collect();
    let open = partitions.iter().zip(&mut guards);
    let mut unverified: Vec<_> = open
        .filter(|(_, guard)| !matches!(guard, Ok(VerificationGuard::NONE) | Err(_)))
        .map(|((partition, _), guard)| (&**partition, guard))
        .collect();
    if !unverified.is_empty() {
        ask_coordinator(broker, of, &mut unverified).await;
    }
    guards
}

fn refused(partition: &Partition, why: NotAppended) -> Refusal {
    match why {
        NotAppended::Refused(code) => code.because(format!(
            "this broker does not lead {}-{}",
            partition.topic, partition.index
        )),
        NotAppended::Log(error) => error.code().because(error.to_string()),
    }
}

async fn ask_coordinator(
    broker: &Arc<Broker>,
    of: Transaction<'_>,
    unverified: &mut [(&Partition, &mut Result<VerificationGuard, Refusal>)],
) {
    let question = AddPartitions {
        transactional_id: of.transactional_id.to_owned(),
        producer_id: of.producer_id,
        producer_epoch: of.producer_epoch,
        verify_only: of.support != Support::Adds,
        client_transaction_version: 2,
        topics: by_topic(unverified.iter().map(|(partition, _)| *partition)),
    };
    let outcome = ask_for_broker(broker, of.transactional_id, Input::AddPartitions(question)).await;
    let result = only!(AddPartitions, outcome);
    for (partition, guard) in unverified {
        let code = match &result {
            Ok(result) => result
                .topic_results
                .iter()
                .filter(|topic| *topic.name == *partition.topic)
                .flat_map(|topic| &topic.results_by_partition)
                .find(|it| it.partition_index == partition.index)
                .map_or(Code::UNKNOWN_SERVER_ERROR, |it| {
                    Code(it.partition_error_code)
                }),
            Err(refusal) => refusal.code,
        };
        if code != Code::NONE {
            **guard = Err(unverified_because(partition, of, code));
        }
    }
}

fn by_topic<'a>(partitions: impl Iterator<Item = &'a Partition>) -> Vec<AddPartitionsToTxnTopic> {
    let mut topics: Vec<AddPartitionsToTxnTopic> = Vec::new();
    for partition in partitions {
        match topics
            .iter_mut()
            .find(|topic| *topic.name == *partition.topic)
        {
            Some(topic) => topic.partitions.push(partition.index),
            None => topics.push(AddPartitionsToTxnTopic {
                name: partition.topic.to_string(),
                partitions: vec![partition.index],
                ..AddPartitionsToTxnTopic::default()
            }),
        }
    }
    topics
}

/// What the coordinator refused, in codes that the client of the write understands.
fn unverified_because(partition: &Partition, of: Transaction<'_>, code: Code) -> Refusal {
    let code = match code {
        Code::PRODUCER_FENCED => Code::INVALID_PRODUCER_EPOCH,
        Code::TRANSACTION_ABORTABLE if of.support == Support::Plain => Code::INVALID_TXN_STATE,
        other => other,
    };
    let (topic, index, id) = (&partition.topic, partition.index, of.transactional_id);
    code.because(format!(
        "{topic}-{index} could not be verified to be part of the transaction of {id:?} (producer {}, epoch {}): {code}",
        of.producer_id, of.producer_epoch
    ))
}
