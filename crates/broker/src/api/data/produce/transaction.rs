//! The transaction that a Produce request is part of: one at most, verified before the first write to each partition.

use std::sync::Arc;

use ottla_log::VerificationGuard;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{ProduceRequest, produce_request::PartitionProduceData},
    records::Batch,
};

use super::{Refused, TopicRef, hosted};
use crate::{
    api::{
        Cx,
        transactions::verify::{Support, Transaction, verify},
    },
    partition::Partition,
};

/// Id and epoch of the producer.
pub(super) type Producer = (i64, i16);

/// What to append with to each partition of the request that is part of the transaction.
pub(super) struct Verified(Vec<(Arc<Partition>, Result<VerificationGuard, Refusal>)>);

impl Verified {
    pub(super) fn guard(
        &self,
        partition: &Arc<Partition>,
        version: i16,
    ) -> Result<VerificationGuard, Refused> {
        let found = self.0.iter().find(|(of, _)| Arc::ptr_eq(of, partition));
        match found {
            None => Ok(VerificationGuard::NONE),
            Some((_, Ok(guard))) => Ok(*guard),
            Some((_, Err(refusal))) => Err(Refused::of(
                as_of_produce(refusal.code, version),
                refusal.text(),
            )),
        }
    }
}

/// Producers retry these rightly when they are told `NOT_ENOUGH_REPLICAS`, which refreshes no metadata. Those that leave
/// it to the broker to add partitions, from version 12 on, also know that the end of a transaction is under way.
fn as_of_produce(code: Code, version: i16) -> Code {
    match code {
        Code::CONCURRENT_TRANSACTIONS if version >= 12 => code,
        Code::CONCURRENT_TRANSACTIONS
        | Code::NETWORK_EXCEPTION
        | Code::COORDINATOR_LOAD_IN_PROGRESS
        | Code::COORDINATOR_NOT_AVAILABLE
        | Code::NOT_COORDINATOR => Code::NOT_ENOUGH_REPLICAS,
        other => other,
    }
}

/// The producer of the request's transactional batches, if it has any.
///
/// # Errors
/// `TRANSACTIONAL_ID_AUTHORIZATION_FAILED` without a transactional id, `INVALID_PRODUCER_ID_MAPPING` with more than one
/// producer.
pub(super) fn of(cx: &Cx, request: &ProduceRequest) -> Result<Option<Producer>, Refusal> {
    let mut found: Option<Producer> = None;
    let all = request.topic_data.iter();
    for data in all.flat_map(|topic| &topic.partition_data) {
        let Some(batch) = transactional_batch(data) else {
            continue;
        };
        if request.transactional_id.is_none() {
            let client = cx.client_id.as_deref().unwrap_or("");
            return Err(Code::TRANSACTIONAL_ID_AUTHORIZATION_FAILED.because(format!(
                "a transactional batch needs a transactional id, and the request of client {client:?} has none"
            )));
        }
        if !batch.has_producer_id() {
            continue;
        }
        let producer = (batch.producer_id(), batch.producer_epoch());
        match found {
            None => found = Some(producer),
            Some(known) if known == producer => {}
            Some((id, epoch)) => {
                return Err(Code::INVALID_PRODUCER_ID_MAPPING.because(format!(
                    "one request has transactional batches of producer {id} (epoch {epoch}) and of producer {} (epoch {})",
                    producer.0, producer.1
                )));
            }
        }
    }
    Ok(found)
}

/// Asks the transaction's coordinator about the partitions in which it is not open yet.
pub(super) async fn verified(cx: &Cx, request: &ProduceRequest, producer: Producer) -> Verified {
    let mut partitions = Vec::new();
    for topic in &request.topic_data {
        let named = if cx.version >= 13 {
            TopicRef::Id(topic.topic_id)
        } else {
            TopicRef::Name(&topic.name)
        };
        for data in &topic.partition_data {
            let Some(batch) = transactional_batch(data) else {
                continue;
            };
            if batch.has_producer_id()
                && let Ok(partition) = hosted(cx, named, data.index)
            {
                partitions.push((partition, batch.base_sequence()));
            }
        }
    }
    let of = Transaction {
        transactional_id: request.transactional_id.as_deref().unwrap_or(""),
        producer_id: producer.0,
        producer_epoch: producer.1,
        support: Support::of_produce(cx.version),
    };
    let guards = verify(&cx.broker, of, &partitions).await;
    let partitions = partitions.into_iter().map(|(partition, _)| partition);
    Verified(partitions.zip(guards).collect())
}

fn transactional_batch(data: &PartitionProduceData) -> Option<Batch> {
    let batch = Batch::first(data.records.as_ref()?.bytes()?).ok()?;
    batch.attributes().is_transactional().then_some(batch)
}
