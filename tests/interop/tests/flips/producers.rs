//! Producers of all kinds by raw requests, each step of which the model takes in.

use std::collections::BTreeMap;

use bytes::Bytes;
use ottla_interop::{lines::Numbers, members::milliseconds, raw::Connection};
use ottla_wire::{
    messages::{
        AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, DescribeTransactionsRequest,
        EndTxnRequest, FindCoordinatorRequest, InitProducerIdRequest, TxnOffsetCommitRequest,
        add_partitions_to_txn_request::AddPartitionsToTxnTopic,
        txn_offset_commit_request::{TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic},
    },
    records::{BatchBuilder, Codec, Header},
};

use crate::{
    asks::{self, Place},
    model::{Committed, Model, Sort, Written},
};

/// Of transactions that are to stay open.
const LONG_MS: i32 = 900_000;
const OUT_OF_ORDER_SEQUENCE_NUMBER: i16 = 45;
/// A version of Produce without transactions of version 2, and one with them.
const PRODUCE: [i16; 2] = [11, 12];
const CODECS: [Codec; 5] = [
    Codec::None,
    Codec::Gzip,
    Codec::Snappy,
    Codec::Lz4,
    Codec::Zstd,
];

/// A record before it has an offset.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    timestamp: i64,
    key: Option<Bytes>,
    value: Option<Bytes>,
    headers: Vec<Header>,
}

/// Now, as records have it.
pub(crate) fn now() -> i64 {
    i64::try_from(milliseconds()).expect("a time")
}

/// Some records as a topic of this sort may have them; `bulk` are large.
pub(crate) fn records(numbers: &mut Numbers, sort: Sort, bulk: bool) -> Vec<Record> {
    let count = 1 + numbers.below(if bulk { 6 } else { 12 });
    let mut one = || {
        let now = now();
        let size = numbers.below(if bulk { 80_000 } else { 120 });
        let key = (sort.is_compacted() || numbers.below(3) > 0).then(|| {
            let number = numbers.below(12);
            Bytes::from(format!("key {number}"))
        });
        let is_tombstone = key.is_some() && numbers.below(6) == 0;
        let headers = (0..numbers.below(3)).map(|number| Header {
            key: Bytes::from(format!("header {number}")),
            value: (numbers.below(4) > 0).then(|| Bytes::from(vec![b'h'; numbers.below(20)])),
        });
        let headers = headers.collect();
        Record {
            timestamp: match sort {
                Sort::Odd => [-1, 0, 1, 1_000_000_000_000, now, now - 86_400_000][numbers.below(6)],
                _ => now - numbers.below(5000) as i64,
            },
            key,
            value: (!is_tombstone).then(|| {
                // As well compressible as text is.
                let byte = |_| b"abcdefgh ij"[numbers.below(11)];
                Bytes::from((0..size).map(byte).collect::<Vec<u8>>())
            }),
            headers,
        }
    };
    (0..count).map(|_| one()).collect()
}

/// Any of the codecs.
pub(crate) fn codec(numbers: &mut Numbers) -> Codec {
    CODECS[numbers.below(CODECS.len())]
}

fn batch(codec: Codec, producer: (i64, i16, i32), transactional: bool, of: &[Record]) -> Bytes {
    let mut builder = BatchBuilder::new(codec);
    if producer.0 >= 0 {
        builder = builder
            .producer(producer.0, producer.1, producer.2)
            .transactional(transactional);
    }
    for record in of {
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        builder
            .append(record.timestamp, key, value, &record.headers)
            .expect("a record");
    }
    builder.build().expect("a batch").to_bytes()
}

/// What the model learns of records that were acknowledged.
fn learn(
    model: &mut Model,
    place: &Place,
    (base, append_time): (i64, i64),
    producer: (i64, i16, i32),
    transaction: Option<usize>,
    of: Vec<Record>,
) {
    let by_server = model.sort(place) == Sort::AppendTime;
    assert_eq!(append_time >= 0, by_server, "{place:?}: {append_time}");
    let partition = model.partition_mut(place);
    assert_eq!(
        base, partition.end,
        "{place:?}: the offset of the next record"
    );
    for (number, record) in (0..).zip(of) {
        let written = Written {
            timestamp: if by_server {
                append_time
            } else {
                record.timestamp
            },
            key: record.key,
            value: record.value,
            headers: record.headers,
            leader_epoch: partition.leader_epoch,
            producer: if producer.0 < 0 {
                producer
            } else {
                (producer.0, producer.1, producer.2 + number)
            },
            transaction,
        };
        partition.records.insert(partition.end, written);
        partition.end += 1;
    }
    if let Some(transaction) = transaction {
        partition.open.entry(transaction).or_insert(base);
    }
}

/// Records of no producer.
pub(crate) fn write(
    connection: &mut Connection,
    model: &mut Model,
    place: &Place,
    codec: Codec,
    of: Vec<Record>,
) {
    let nobody = (-1, -1, -1);
    let batch = batch(codec, nobody, false, &of);
    let (code, base, append_time) = asks::produce(connection, PRODUCE[0], None, place, batch);
    assert_eq!(code, 0, "{place:?}");
    learn(model, place, (base, append_time), nobody, None, of);
}

/// The last batch that a producer wrote to a partition.
#[derive(Clone, Debug)]
struct Last {
    base: i64,
    next_sequence: i32,
    batch: Bytes,
}

/// A producer that is only idempotent.
#[derive(Debug)]
pub(crate) struct Idempotent {
    id: (i64, i16),
    last: BTreeMap<Place, Last>,
}

impl Idempotent {
    pub(crate) fn new(connection: &mut Connection) -> Self {
        Self {
            id: init(connection, None),
            last: BTreeMap::new(),
        }
    }

    /// Which partitions it wrote to.
    pub(crate) fn places(&self) -> Vec<Place> {
        self.last.keys().cloned().collect()
    }

    /// A topic is gone.
    pub(crate) fn forget(&mut self, topic: &str) {
        self.last.retain(|(name, _), _| name != topic);
    }

    pub(crate) fn write(
        &mut self,
        connection: &mut Connection,
        model: &mut Model,
        place: &Place,
        codec: Codec,
        of: Vec<Record>,
    ) {
        let sequence = self.last.get(place).map_or(0, |last| last.next_sequence);
        let producer = (self.id.0, self.id.1, sequence);
        let batch = batch(codec, producer, false, &of);
        let sent = asks::produce(connection, PRODUCE[0], None, place, batch.clone());
        let (code, base, append_time) = sent;
        assert_eq!(code, 0, "{place:?} of {self:?}");
        let last = Last {
            base,
            next_sequence: sequence + of.len() as i32,
            batch,
        };
        self.last.insert(place.clone(), last);
        learn(model, place, (base, append_time), producer, None, of);
    }

    /// It goes on where it was: what it sends twice is known, what leaves a gap is refused, and what follows is taken.
    pub(crate) fn goes_on(
        &mut self,
        connection: &mut Connection,
        model: &mut Model,
        place: &Place,
        numbers: &mut Numbers,
    ) {
        let last = self.last[place].clone();
        let again = asks::produce(connection, PRODUCE[0], None, place, last.batch);
        assert_eq!((again.0, again.1), (0, last.base), "{place:?}: a duplicate");
        let of = records(numbers, model.sort(place), false);
        let producer = (self.id.0, self.id.1, last.next_sequence + 3);
        let gap = batch(Codec::None, producer, false, &of);
        let (code, _, _) = asks::produce(connection, PRODUCE[0], None, place, gap);
        assert_eq!(code, OUT_OF_ORDER_SEQUENCE_NUMBER, "{place:?}: a gap");
        self.write(connection, model, place, Codec::Lz4, of);
    }
}

fn init(connection: &mut Connection, transactional_id: Option<&str>) -> (i64, i16) {
    let request = InitProducerIdRequest {
        transactional_id: transactional_id.map(str::to_owned),
        transaction_timeout_ms: LONG_MS,
        producer_id: -1,
        producer_epoch: -1,
        ..Default::default()
    };
    let (answer, code) = connection.ask_settled(4, &request, |answer| vec![answer.error_code]);
    assert_eq!(code, 0, "{request:?}: {answer:?}");
    (answer.producer_id, answer.producer_epoch)
}

/// Waits until transactions have a coordinator: asking for it makes the topic of their states.
pub(crate) fn await_transactions(connection: &mut Connection) {
    const TRANSACTION: i8 = 1;
    let request = FindCoordinatorRequest {
        key_type: TRANSACTION,
        coordinator_keys: vec!["any".to_owned()],
        ..Default::default()
    };
    let (answer, code) = connection.ask_settled(4, &request, |answer| {
        answer.coordinators.iter().map(|of| of.error_code).collect()
    });
    assert_eq!(code, 0, "{answer:?}");
}

/// A transactional producer.
#[derive(Debug)]
pub(crate) struct Transactional {
    pub(crate) id: String,
    /// It speaks transactions of version 2.
    newer: bool,
    producer: (i64, i16),
    sequences: BTreeMap<Place, i32>,
    /// The open transaction.
    pub(crate) open: Option<usize>,
    /// Offsets that are part of it.
    offsets: Vec<(Place, Committed)>,
}

impl Transactional {
    pub(crate) fn new(connection: &mut Connection, id: &str, newer: bool) -> Self {
        let mut this = Self {
            id: id.to_owned(),
            newer,
            producer: (-1, -1),
            sequences: BTreeMap::new(),
            open: None,
            offsets: Vec::new(),
        };
        this.producer = init(connection, Some(id));
        this
    }

    /// A topic is gone.
    pub(crate) fn forget(&mut self, topic: &str) {
        self.sequences.retain(|(name, _), _| name != topic);
    }

    /// The id is taken over by a newer producer: what is open is aborted.
    pub(crate) fn begin_anew(&mut self, connection: &mut Connection, model: &mut Model) {
        let before = self.producer.0;
        self.producer = init(connection, Some(&self.id));
        self.sequences.clear();
        self.offsets.clear();
        if let Some(open) = self.open.take() {
            model.end(open, before, false);
        }
    }

    pub(crate) fn write(
        &mut self,
        connection: &mut Connection,
        model: &mut Model,
        place: &Place,
        codec: Codec,
        of: Vec<Record>,
    ) {
        let transaction = *self.open.get_or_insert_with(|| model.begin());
        if !self.newer {
            self.add(connection, place);
        }
        let sequence = self.sequences.entry(place.clone()).or_default();
        let producer = (self.producer.0, self.producer.1, *sequence);
        let batch = batch(codec, producer, true, &of);
        let version = PRODUCE[usize::from(self.newer)];
        let sent = asks::produce(connection, version, Some(&self.id), place, batch);
        let (code, base, append_time) = sent;
        assert_eq!(code, 0, "{place:?} by {}", self.id);
        *sequence += of.len() as i32;
        let at = (base, append_time);
        learn(model, place, at, producer, Some(transaction), of);
    }

    fn add(&self, connection: &mut Connection, (topic, partition): &Place) {
        let request = AddPartitionsToTxnRequest {
            v3_and_below_transactional_id: self.id.clone(),
            v3_and_below_producer_id: self.producer.0,
            v3_and_below_producer_epoch: self.producer.1,
            v3_and_below_topics: vec![AddPartitionsToTxnTopic {
                name: topic.clone(),
                partitions: vec![*partition],
                ..Default::default()
            }],
            ..Default::default()
        };
        let (answer, code) = connection.ask_settled(3, &request, |answer| {
            let topics = answer.results_by_topic_v3_and_below.iter();
            let partitions = topics.flat_map(|topic| &topic.results_by_partition);
            partitions.map(|of| of.partition_error_code).collect()
        });
        assert_eq!(code, 0, "{request:?}: {answer:?}");
    }

    /// An offset becomes part of the transaction: of the group that is called as the id.
    pub(crate) fn commit_offset(
        &mut self,
        connection: &mut Connection,
        model: &mut Model,
        place: &Place,
        offset: i64,
    ) {
        self.open.get_or_insert_with(|| model.begin());
        if !self.newer {
            let request = AddOffsetsToTxnRequest {
                transactional_id: self.id.clone(),
                producer_id: self.producer.0,
                producer_epoch: self.producer.1,
                group_id: self.id.clone(),
                ..Default::default()
            };
            let (_, code) = connection.ask_settled(3, &request, |answer| vec![answer.error_code]);
            assert_eq!(code, 0, "{request:?}");
        }
        let committed = Committed {
            offset,
            leader_epoch: -1,
            metadata: format!("by {}", self.id),
        };
        let request = TxnOffsetCommitRequest {
            transactional_id: self.id.clone(),
            group_id: self.id.clone(),
            producer_id: self.producer.0,
            producer_epoch: self.producer.1,
            topics: vec![TxnOffsetCommitRequestTopic {
                name: place.0.clone(),
                partitions: vec![TxnOffsetCommitRequestPartition {
                    partition_index: place.1,
                    committed_offset: offset,
                    committed_metadata: Some(committed.metadata.clone()),
                    ..Default::default()
                }],
                ..Default::default()
            }],
            ..Default::default()
        };
        let version = if self.newer { 5 } else { 3 };
        let (_, code) = connection.ask_settled(version, &request, |answer| {
            let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
            partitions.map(|of| of.error_code).collect()
        });
        assert_eq!(code, 0, "{request:?}");
        self.offsets.push((place.clone(), committed));
    }

    /// Ends the transaction, and waits until all markers are written.
    pub(crate) fn end(&mut self, connection: &mut Connection, model: &mut Model, commits: bool) {
        let request = EndTxnRequest {
            transactional_id: self.id.clone(),
            producer_id: self.producer.0,
            producer_epoch: self.producer.1,
            committed: commits,
            ..Default::default()
        };
        let version = if self.newer { 5 } else { 4 };
        let codes = |answer: &ottla_wire::messages::EndTxnResponse| vec![answer.error_code];
        let (answer, code) = connection.ask_settled(version, &request, codes);
        assert_eq!(code, 0, "{request:?}");
        let before = self.producer.0;
        if self.newer {
            self.producer = (answer.producer_id, answer.producer_epoch);
            self.sequences.clear();
        }
        self.await_end(connection);
        let offsets = std::mem::take(&mut self.offsets);
        if let Some(open) = self.open.take() {
            model.end(open, before, commits);
            if commits {
                let offsets = offsets.into_iter();
                model
                    .offsets
                    .extend(offsets.map(|(place, of)| ((self.id.clone(), place), of)));
            }
        }
    }

    fn await_end(&self, connection: &mut Connection) {
        let request = DescribeTransactionsRequest {
            transactional_ids: vec![self.id.clone()],
            ..Default::default()
        };
        const NOT_YET: i16 = 51;
        let (answer, code) = connection.ask_settled(0, &request, |answer| {
            let states = answer.transaction_states.iter();
            states
                .map(|of| match of.transaction_state.as_str() {
                    "PrepareCommit" | "PrepareAbort" => NOT_YET,
                    _ => of.error_code,
                })
                .collect()
        });
        assert_eq!(code, 0, "{answer:?}");
    }
}
