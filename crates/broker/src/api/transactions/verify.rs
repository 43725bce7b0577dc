//! Whether partitions are part of a transaction: asked of its coordinator before the first write to each.

use std::sync::Arc;

use ottla_coordinator::transaction::{AddPartitions, Input};
use ottla_log::VerificationGuard;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        add_partitions_to_txn_request::AddPartitionsToTxnTopic,
        add_partitions_to_txn_response::AddPartitionsToTxnResult,
    },
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

/// How often partitions are asked for whose marker of the transaction before came meanwhile: it comes once.
const ROUNDS: usize = 3;

/// What to append with to each partition, or why not. `base_sequence` is that of the batch for it, -1 without one.
pub(crate) async fn verify(
    broker: &Arc<Broker>,
    of: Transaction<'_>,
    partitions: &[(Arc<Partition>, i32)],
) -> Vec<Result<VerificationGuard, Refusal>> {
    if of.support != Support::Adds && !broker.config().boolean(ENABLED) {
        return vec![Ok(VerificationGuard::TRUSTED); partitions.len()];
    }
    let mut verification = Verification::begin(of, partitions);
    while let Some(question) = verification.question() {
        let input = Input::AddPartitions(question);
        let answer = ask_for_broker(broker, of.transactional_id, input).await;
        verification.heard(&only!(AddPartitions, answer));
    }
    verification.end()
}

/// What is asked, and what comes of it.
///
/// A producer may begin its next transaction while the markers of the last one are written. A marker ends what was begun to be
/// verified before it, but the coordinator, asked after it, says yes. So that is begun anew, and asked for again.
struct Verification<'a> {
    of: Transaction<'a>,
    partitions: &'a [(Arc<Partition>, i32)],
    guards: Vec<Result<VerificationGuard, Refusal>>,
    /// The places of those to ask for.
    unverified: Vec<usize>,
    asked: usize,
}

impl<'a> Verification<'a> {
    fn begin(of: Transaction<'a>, partitions: &'a [(Arc<Partition>, i32)]) -> Self {
        let mut begun = Self {
            of,
            partitions,
            guards: Vec::with_capacity(partitions.len()),
            unverified: Vec::new(),
            asked: 0,
        };
        for place in 0..partitions.len() {
            let guard = begun.start(place);
            if is_open(&guard) {
                begun.unverified.push(place);
            }
            begun.guards.push(guard);
        }
        begun
    }

    fn start(&self, place: usize) -> Result<VerificationGuard, Refusal> {
        let (partition, base_sequence) = &self.partitions[place];
        let unverified = Unverified {
            producer_id: self.of.producer_id,
            producer_epoch: self.of.producer_epoch,
            base_sequence: *base_sequence,
            supports_epoch_bump: self.of.support == Support::Adds,
        };
        let started = partition.start_verification(&unverified);
        started.map_err(|why| refused(partition, why))
    }

    /// What the coordinator is asked next.
    fn question(&mut self) -> Option<AddPartitions> {
        if self.unverified.is_empty() || self.asked == ROUNDS {
            return None;
        }
        self.asked += 1;
        let partitions = self.unverified.iter();
        Some(AddPartitions {
            transactional_id: self.of.transactional_id.to_owned(),
            producer_id: self.of.producer_id,
            producer_epoch: self.of.producer_epoch,
            verify_only: self.of.support != Support::Adds,
            client_transaction_version: 2,
            topics: by_topic(partitions.map(|place| &*self.partitions[*place].0)),
        })
    }

    fn heard(&mut self, answer: &Result<AddPartitionsToTxnResult, Refusal>) {
        let mut again = Vec::new();
        for place in std::mem::take(&mut self.unverified) {
            let partition = &self.partitions[place].0;
            let code = said(answer, partition);
            if code != Code::NONE {
                self.guards[place] = Err(unverified_because(partition, self.of, code));
                continue;
            }
            let now = self.start(place);
            if is_open(&now) && now.as_ref().ok() != self.guards[place].as_ref().ok() {
                self.guards[place] = now;
                again.push(place);
            }
        }
        self.unverified = again;
    }

    fn end(mut self) -> Vec<Result<VerificationGuard, Refusal>> {
        for place in self.unverified {
            let partition = &self.partitions[place].0;
            let why = unverified_because(partition, self.of, Code::CONCURRENT_TRANSACTIONS);
            self.guards[place] = Err(why);
        }
        self.guards
    }
}

/// Whether the coordinator is to be asked.
fn is_open(guard: &Result<VerificationGuard, Refusal>) -> bool {
    matches!(guard, Ok(guard) if *guard != VerificationGuard::NONE)
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

/// What the coordinator said of a partition.
fn said(answer: &Result<AddPartitionsToTxnResult, Refusal>, partition: &Partition) -> Code {
    match answer {
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

#[cfg(test)]
mod tests {
    use ottla_wire::{
        messages::add_partitions_to_txn_response::{
            AddPartitionsToTxnPartitionResult, AddPartitionsToTxnTopicResult,
        },
        records::{Batch, BatchBuilder, Codec},
    };

    use super::*;
    use crate::{
        markers::Marker,
        partition::{
            Appender,
            tests::{partition, two_dirs},
        },
    };

    const PRODUCER: i64 = 7;

    fn of(producer_epoch: i16) -> Transaction<'static> {
        Transaction {
            transactional_id: "id",
            producer_id: PRODUCER,
            producer_epoch,
            support: Support::Adds,
        }
    }

    /// The first of a transaction.
    fn batch(epoch: i16) -> Batch {
        let mut builder = BatchBuilder::new(Codec::None)
            .producer(PRODUCER, epoch, 0)
            .transactional(true);
        builder.append(5, None, Some(b"a record"), &[]).unwrap();
        builder.build().unwrap()
    }

    /// The end of the transaction before.
    fn marker(epoch: i16) -> Marker {
        Marker {
            producer_id: PRODUCER,
            producer_epoch: epoch,
            committed: true,
            coordinator_epoch: 0,
            transaction_version: 2,
        }
    }

    fn yes(question: &AddPartitions) -> AddPartitionsToTxnResult {
        let result = |index: &i32| AddPartitionsToTxnPartitionResult {
            partition_index: *index,
            ..AddPartitionsToTxnPartitionResult::default()
        };
        let topics = question.topics.iter();
        let topic = topics.map(|topic| AddPartitionsToTxnTopicResult {
            name: topic.name.clone(),
            results_by_partition: topic.partitions.iter().map(result).collect(),
            ..AddPartitionsToTxnTopicResult::default()
        });
        AddPartitionsToTxnResult {
            topic_results: topic.collect(),
            ..AddPartitionsToTxnResult::default()
        }
    }

    fn append(
        partition: &Arc<Partition>,
        epoch: i16,
        guard: VerificationGuard,
    ) -> Result<(), Code> {
        let by = Appender::CLIENT.verified(guard);
        match partition.append(batch(epoch), by) {
            Ok(_) => Ok(()),
            Err(NotAppended::Refused(code)) => Err(code),
            Err(NotAppended::Log(error)) => Err(error.code()),
        }
    }

    fn two_partitions(at: &std::path::Path) -> [(Arc<Partition>, i32); 2] {
        let dirs = two_dirs(at);
        let dir = dirs.iter().next().unwrap();
        [0, 1].map(|index| (partition(dir, index), 0))
    }

    #[test]
    fn a_marker_that_comes_meanwhile_is_no_obstacle() {
        let at = tempfile::tempdir().unwrap();
        let partitions = two_partitions(at.path());
        let mut first = Verification::begin(of(0), &partitions);
        let question = first.question().unwrap();
        assert_eq!(question.topics[0].partitions, [0, 1]);
        first.heard(&Ok(yes(&question)));
        assert!(first.question().is_none());
        for ((partition, _), guard) in partitions.iter().zip(first.end()) {
            append(partition, 0, guard.unwrap()).unwrap();
        }
        // The first one's marker was there before the next transaction, the second one's comes while it is verified.
        marker(1).append_to(&partitions[0].0).unwrap();
        let mut next = Verification::begin(of(1), &partitions);
        let question = next.question().unwrap();
        marker(1).append_to(&partitions[1].0).unwrap();
        next.heard(&Ok(yes(&question)));
        let question = next.question().unwrap();
        assert_eq!(question.topics[0].partitions, [1]);
        next.heard(&Ok(yes(&question)));
        assert!(next.question().is_none());
        for ((partition, _), guard) in partitions.iter().zip(next.end()) {
            append(partition, 1, guard.unwrap()).unwrap();
        }
    }

    #[test]
    fn a_refusal_is_asked_for_once_and_what_does_not_settle_no_more_than_three_times() {
        let at = tempfile::tempdir().unwrap();
        let partitions = two_partitions(at.path());
        let mut verification = Verification::begin(of(0), &partitions);
        let mut asked = 0;
        while let Some(question) = verification.question() {
            asked += 1;
            marker(0).append_to(&partitions[0].0).unwrap();
            let mut answer = yes(&question);
            if let Some(second) = answer.topic_results[0].results_by_partition.get_mut(1) {
                assert_eq!(asked, 1);
                second.partition_error_code = Code::PRODUCER_FENCED.0;
            }
            verification.heard(&Ok(answer));
        }
        assert_eq!(asked, ROUNDS);
        let refusals = verification.end().into_iter();
        let codes: Vec<Code> = refusals.map(|it| it.unwrap_err().code).collect();
        assert_eq!(
            codes,
            [Code::CONCURRENT_TRANSACTIONS, Code::INVALID_PRODUCER_EPOCH]
        );
    }
}
