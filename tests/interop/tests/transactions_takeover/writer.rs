//! Transactional producers by raw requests, and what must be read of what they wrote.

use std::collections::BTreeMap;

use bytes::Bytes;
use ottla_interop::{members::milliseconds, raw::Connection};
use ottla_wire::{
    Records, Request,
    messages::{
        AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, EndTxnRequest, InitProducerIdRequest,
        ProduceRequest, TxnOffsetCommitRequest,
        add_partitions_to_txn_request::AddPartitionsToTxnTopic,
        produce_request::{PartitionProduceData, TopicProduceData},
        txn_offset_commit_request::{TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic},
    },
    records::{BatchBuilder, Codec},
};

/// Where all write.
pub(crate) const TOPIC: &str = "written";
/// How many partitions it has.
pub(crate) const PARTITIONS: u32 = 6;
/// `transaction.state.log.num.partitions`.
pub(crate) const PARTITIONS_OF_TRANSACTIONS: i32 = 4;
/// Of transactions that are to stay open.
pub(crate) const LONG_MS: i32 = 900_000;

/// Which requests a client sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Style {
    /// Of transaction version 0 or 1.
    Old,
    /// Of version 2.
    New,
}

/// How a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    Open,
    Committed,
    Aborted,
}

/// What was written to each partition, in order, and by which transaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    partitions: BTreeMap<i32, Vec<(String, usize)>>,
    transactions: Vec<Outcome>,
}

impl Written {
    /// A transaction that begins: its number.
    pub(crate) fn begin(&mut self) -> usize {
        self.transactions.push(Outcome::Open);
        self.transactions.len() - 1
    }

    pub(crate) fn add(&mut self, partition: i32, value: String, transaction: usize) {
        let partition = self.partitions.entry(partition).or_default();
        partition.push((value, transaction));
    }

    pub(crate) fn end(&mut self, transaction: usize, outcome: Outcome) {
        self.transactions[transaction] = outcome;
    }

    pub(crate) fn outcome(&self, transaction: usize) -> Outcome {
        self.transactions[transaction]
    }

    /// What a reader of committed records gets of a partition.
    pub(crate) fn committed(&self, partition: i32) -> Vec<String> {
        let all = self.partitions.get(&partition).into_iter().flatten();
        let ended = all.take_while(|(_, of)| self.transactions[*of] != Outcome::Open);
        let committed = ended.filter(|(_, of)| self.transactions[*of] == Outcome::Committed);
        committed.map(|(value, _)| value.clone()).collect()
    }

    /// What a reader of all records gets.
    pub(crate) fn all(&self, partition: i32) -> Vec<String> {
        let all = self.partitions.get(&partition).into_iter().flatten();
        all.map(|(value, _)| value.clone()).collect()
    }
}

/// A producer.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    pub(crate) id: String,
    pub(crate) style: Style,
    pub(crate) producer: (i64, i16),
    timeout: i32,
    sequences: BTreeMap<i32, i32>,
    /// The open transaction.
    pub(crate) transaction: Option<usize>,
}

/// As [`Connection::ask_settled`].
pub(crate) fn ask<R: Request>(
    connection: &mut Connection,
    version: i16,
    request: &R,
    codes: impl Fn(&R::Response) -> Vec<i16>,
) -> (R::Response, i16) {
    connection.ask_settled(version, request, codes)
}

impl Writer {
    pub(crate) fn new(connection: &mut Connection, id: &str, style: Style, timeout: i32) -> Self {
        let mut writer = Self {
            id: id.to_owned(),
            style,
            producer: (-1, -1),
            timeout,
            sequences: BTreeMap::new(),
            transaction: None,
        };
        writer.init(connection);
        writer
    }

    /// Takes the id over from whoever has it.
    pub(crate) fn init(&mut self, connection: &mut Connection) {
        let request = InitProducerIdRequest {
            transactional_id: Some(self.id.clone()),
            transaction_timeout_ms: self.timeout,
            producer_id: -1,
            producer_epoch: -1,
            ..InitProducerIdRequest::default()
        };
        let (answer, code) = ask(connection, 4, &request, |answer| vec![answer.error_code]);
        assert_eq!(code, 0, "{request:?}: {answer:?}");
        self.producer = (answer.producer_id, answer.producer_epoch);
        self.sequences.clear();
        self.transaction = None;
    }

    fn add(&self, connection: &mut Connection, partition: i32) -> i16 {
        let request = AddPartitionsToTxnRequest {
            v3_and_below_transactional_id: self.id.clone(),
            v3_and_below_producer_id: self.producer.0,
            v3_and_below_producer_epoch: self.producer.1,
            v3_and_below_topics: vec![AddPartitionsToTxnTopic {
                name: TOPIC.to_owned(),
                partitions: vec![partition],
                ..AddPartitionsToTxnTopic::default()
            }],
            ..AddPartitionsToTxnRequest::default()
        };
        let (_, code) = ask(connection, 3, &request, |answer| {
            let topics = answer.results_by_topic_v3_and_below.iter();
            let partitions = topics.flat_map(|topic| &topic.results_by_partition);
            partitions.map(|of| of.partition_error_code).collect()
        });
        code
    }

    /// Two records of a batch: the code of what went wrong.
    pub(crate) fn try_write(
        &mut self,
        connection: &mut Connection,
        partition: i32,
        written: &mut Written,
    ) -> i16 {
        if self.style == Style::Old {
            let code = self.add(connection, partition);
            if code != 0 {
                return code;
            }
        }
        let sequence = self.sequences.entry(partition).or_default();
        let transaction = *self.transaction.get_or_insert_with(|| written.begin());
        let values = [0, 1].map(|number| {
            let (id, epoch) = (&self.id, self.producer.1);
            format!("{id} epoch {epoch} {transaction} {}", *sequence + number)
        });
        let request = ProduceRequest {
            transactional_id: Some(self.id.clone()),
            acks: -1,
            timeout_ms: 10_000,
            topic_data: vec![TopicProduceData {
                name: TOPIC.to_owned(),
                partition_data: vec![PartitionProduceData {
                    index: partition,
                    records: Some(Records::Bytes(batch(self.producer, *sequence, &values))),
                    ..PartitionProduceData::default()
                }],
                ..TopicProduceData::default()
            }],
            ..ProduceRequest::default()
        };
        let version = if self.style == Style::Old { 11 } else { 12 };
        let (_, code) = ask(connection, version, &request, |answer| {
            let topics = answer.responses.iter();
            let partitions = topics.flat_map(|of| &of.partition_responses);
            partitions.map(|of| of.error_code).collect()
        });
        if code == 0 {
            *sequence += 2;
            for value in values {
                written.add(partition, value, transaction);
            }
        }
        code
    }

    /// Two records, which must be taken.
    pub(crate) fn write(
        &mut self,
        connection: &mut Connection,
        partition: i32,
        written: &mut Written,
    ) {
        let code = self.try_write(connection, partition, written);
        assert_eq!(code, 0, "{self:?}");
    }

    /// An offset in the transaction, of the group that is called as the id.
    pub(crate) fn commit_offset(
        &mut self,
        connection: &mut Connection,
        offset: i64,
        written: &mut Written,
    ) {
        self.transaction.get_or_insert_with(|| written.begin());
        if self.style == Style::Old {
            let request = AddOffsetsToTxnRequest {
                transactional_id: self.id.clone(),
                producer_id: self.producer.0,
                producer_epoch: self.producer.1,
                group_id: self.id.clone(),
                ..AddOffsetsToTxnRequest::default()
            };
            let (_, code) = ask(connection, 3, &request, |answer| vec![answer.error_code]);
            assert_eq!(code, 0, "{request:?}");
        }
        let request = TxnOffsetCommitRequest {
            transactional_id: self.id.clone(),
            group_id: self.id.clone(),
            producer_id: self.producer.0,
            producer_epoch: self.producer.1,
            topics: vec![TxnOffsetCommitRequestTopic {
                name: TOPIC.to_owned(),
                partitions: vec![TxnOffsetCommitRequestPartition {
                    committed_offset: offset,
                    committed_metadata: Some(String::new()),
                    ..TxnOffsetCommitRequestPartition::default()
                }],
                ..TxnOffsetCommitRequestTopic::default()
            }],
            ..TxnOffsetCommitRequest::default()
        };
        let version = if self.style == Style::Old { 4 } else { 5 };
        let (_, code) = ask(connection, version, &request, |answer| {
            let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
            partitions.map(|of| of.error_code).collect()
        });
        assert_eq!(code, 0, "{request:?}");
    }

    /// The request that ends the transaction, and its version.
    pub(crate) fn ending(&self, commit: bool) -> (i16, EndTxnRequest) {
        let request = EndTxnRequest {
            transactional_id: self.id.clone(),
            producer_id: self.producer.0,
            producer_epoch: self.producer.1,
            committed: commit,
            ..EndTxnRequest::default()
        };
        (if self.style == Style::Old { 4 } else { 5 }, request)
    }

    /// Ends the transaction: the code of what went wrong.
    pub(crate) fn try_end(
        &mut self,
        connection: &mut Connection,
        commit: bool,
        written: &mut Written,
    ) -> i16 {
        let (version, request) = self.ending(commit);
        let (answer, code) = ask(connection, version, &request, |answer| {
            vec![answer.error_code]
        });
        if code == 0 {
            if version == 5 {
                self.producer = (answer.producer_id, answer.producer_epoch);
                self.sequences.clear();
            }
            let outcome = if commit {
                Outcome::Committed
            } else {
                Outcome::Aborted
            };
            if let Some(transaction) = self.transaction.take() {
                written.end(transaction, outcome);
            }
        }
        code
    }

    /// Ends the transaction, which must be possible.
    pub(crate) fn end(&mut self, connection: &mut Connection, commit: bool, written: &mut Written) {
        let code = self.try_end(connection, commit, written);
        assert_eq!(code, 0, "{self:?}");
    }
}

/// A transactional batch.
pub(crate) fn batch(producer: (i64, i16), sequence: i32, values: &[String]) -> Bytes {
    let mut builder = BatchBuilder::new(Codec::None)
        .producer(producer.0, producer.1, sequence)
        .transactional(true);
    // A producer whose records are old is forgotten.
    let now = i64::try_from(milliseconds()).expect("a time");
    for value in values {
        builder
            .append(now, None, Some(value.as_bytes()), &[])
            .expect("a record");
    }
    builder.build().expect("a batch").to_bytes()
}
