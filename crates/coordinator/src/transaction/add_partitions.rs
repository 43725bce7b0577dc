//! Partitions become part of a transaction, or somebody asks whether they are.

use ottla_machine::Ticket;
use ottla_wire::{
    errors::Code,
    messages::add_partitions_to_txn_response::{
        AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResult, AddPartitionsToTxnTopicResult,
    },
};

use super::{
    AddPartitions, Reply, TransactionCoordinator,
    state::{EPOCH_BUMP, State, Transaction},
    turn::Turn,
};

impl AddPartitions {
    fn partitions(&self) -> impl Iterator<Item = (&str, i32)> {
        self.topics.iter().flat_map(|topic| {
            let partitions = topic.partitions.iter();
            partitions.map(|partition| (topic.name.as_str(), *partition))
        })
    }

    fn answer(&self, code_of: impl Fn(&str, i32) -> Code) -> AddPartitionsToTxnResult {
        let mut topic_results = Vec::with_capacity(self.topics.len());
        for topic in &self.topics {
            let result = |partition: &i32| AddPartitionsToTxnPartitionResult {
                partition_index: *partition,
                partition_error_code: code_of(&topic.name, *partition).0,
                ..AddPartitionsToTxnPartitionResult::default()
            };
            topic_results.push(AddPartitionsToTxnTopicResult {
                name: topic.name.clone(),
                results_by_partition: topic.partitions.iter().map(result).collect(),
                ..AddPartitionsToTxnTopicResult::default()
            });
        }
        AddPartitionsToTxnResult {
            transactional_id: self.transactional_id.clone(),
            topic_results,
            ..AddPartitionsToTxnResult::default()
        }
    }
}

impl TransactionCoordinator {
    pub(super) fn add_partitions(
        &self,
        turn: &mut Turn<'_>,
        ticket: Ticket,
        request: &AddPartitions,
    ) {
        let answer = if request.verify_only {
            match self.verify(request) {
                Ok(of) => request.answer(|topic, partition| {
                    match of.partitions.contains(topic, partition) {
                        true => Code::NONE,
                        false => Code::TRANSACTION_ABORTABLE,
                    }
                }),
                Err(code) => request.answer(|_, _| code),
            }
        } else {
            let code = match self.add(request, turn.now_ms()) {
                Ok(Some(next)) => {
                    self.emit(turn, &request.transactional_id, &next);
                    Code::NONE
                }
                Ok(None) => Code::NONE,
                Err(code) => code,
            };
            request.answer(|_, _| code)
        };
        turn.answer(ticket, Reply::AddPartitions(answer));
    }

    fn of_request(&self, request: &AddPartitions) -> Result<&Transaction, Code> {
        if request.transactional_id.is_empty() {
            return Err(Code::INVALID_REQUEST);
        }
        self.transaction(&request.transactional_id)
            .ok_or(Code::INVALID_PRODUCER_ID_MAPPING)
    }

    /// The transaction whose partitions answer the question.
    fn verify(&self, request: &AddPartitions) -> Result<&Transaction, Code> {
        let of = self.of_request(request)?;
        check_producer(of, request)?;
        match of.state.is_prepared() {
            true => Err(Code::CONCURRENT_TRANSACTIONS),
            false => Ok(of),
        }
    }

    /// The transaction with the partitions; `None` if they are in it already.
    fn add(&self, request: &AddPartitions, now: i64) -> Result<Option<Transaction>, Code> {
        let of = self.of_request(request)?;
        if of.state.is_prepared() {
            return Err(Code::CONCURRENT_TRANSACTIONS);
        }
        check_producer(of, request)?;
        let mut partitions = request.partitions();
        if of.state == State::Ongoing
            && partitions.all(|(topic, partition)| of.partitions.contains(topic, partition))
        {
            return Ok(None);
        }
        let version = request.client_transaction_version;
        self.check_version(version)?;
        Ok(Some(of.added(request.partitions(), version, now)))
    }

    /// Version 2 of transactions needs records of a version that `transaction.version` 0 does not allow.
    pub(super) fn check_version(&self, client_version: i16) -> Result<(), Code> {
        match client_version >= EPOCH_BUMP && self.settings.transaction_version < 1 {
            true => Err(Code::UNSUPPORTED_VERSION),
            false => Ok(()),
        }
    }
}

fn check_producer(of: &Transaction, request: &AddPartitions) -> Result<(), Code> {
    if of.producer_id != request.producer_id {
        return Err(Code::INVALID_PRODUCER_ID_MAPPING);
    }
    match of.epoch == request.producer_epoch {
        true => Ok(()),
        false => Err(Code::PRODUCER_FENCED),
    }
}
