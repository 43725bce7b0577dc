//! A client: the requests that it sends, each noted with what came back.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
    time::{Duration, SystemTime},
};

use ottla_wire::{
    Records, Request,
    messages::{
        AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, DescribeTransactionsRequest,
        EndTxnRequest, FetchRequest, FetchResponse, InitProducerIdRequest, ListOffsetsRequest,
        OffsetFetchRequest, ProduceRequest, TxnOffsetCommitRequest,
        add_partitions_to_txn_request::AddPartitionsToTxnTopic,
        fetch_request::{FetchPartition, FetchTopic},
        fetch_response::PartitionData,
        list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
        offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
        produce_request::{PartitionProduceData, TopicProduceData},
        txn_offset_commit_request::{TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic},
    },
    records::{BatchBuilder, Codec},
};

use crate::{
    fetched,
    history::{
        Act, Event, Group, Id, Log, Outcome, Part, Producer, Seen, Transaction, TransactionalId,
        Txn, Value,
    },
    outages::Clock,
    random::Chance,
    wire::{Answer, Fate, Wire},
};

/// Kafka's codes that leave it open whether something was done.
const OPEN: [i16; 6] = [-1, 7, 15, 16, 20, 56];
/// What the latest offset is asked by.
const LATEST: i64 = -1;

/// What the clients of one history share.
#[derive(Debug)]
pub(crate) struct World {
    pub address: String,
    pub clock: Arc<Clock>,
    pub events: RefCell<Vec<Event>>,
    pub transactions: RefCell<Vec<Transaction>>,
    pub ids: Vec<TransactionalId>,
    /// How all who use an id speak. A zombie of version 2 and an owner of version 1 are told apart by no server: to the
    /// coordinator, the epoch before the owner's with an EndTxn of version 2 is the owner's own, asking again.
    pub dialects: Vec<Dialect>,
    pub partitions: Vec<(String, i32)>,
    pub groups: Vec<Group>,
    /// The last number that a value has.
    pub values: Cell<u32>,
    /// How many write still.
    pub busy: Cell<usize>,
}

impl World {
    pub(crate) fn value(&self, copy_of: u32) -> Value {
        self.values.set(self.values.get() + 1);
        Value {
            number: self.values.get(),
            copy_of,
        }
    }

    /// A transaction that a client is about to mean.
    pub(crate) fn transaction(&self, id: Id, actor: &str) -> Txn {
        let mut all = self.transactions.borrow_mut();
        all.push(Transaction {
            id,
            actor: actor.to_owned(),
        });
        all.len() - 1
    }
}

/// How a client speaks of transactions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    /// Transaction version 1: partitions are added before they are written, the epoch stays.
    One,
    /// Transaction version 2: writing adds, each end raises the epoch.
    Two,
}

#[derive(Debug)]
pub(crate) struct Client {
    pub world: Rc<World>,
    pub name: String,
    pub chance: Chance,
    wire: Wire,
}

impl Client {
    pub(crate) fn new(world: &Rc<World>, name: &str, chance: Chance) -> Self {
        Self {
            world: Rc::clone(world),
            name: name.to_owned(),
            chance,
            wire: Wire::new(&world.address),
        }
    }

    pub(crate) async fn pause(&mut self, from_ms: u64, to_ms: u64) {
        let time = self.chance.within(from_ms * 1000, to_ms * 1000 + 1);
        tokio::time::sleep(Duration::from_micros(time)).await;
    }

    async fn ask<R: Request>(
        &mut self,
        version: i16,
        body: &R,
        fate: Fate,
    ) -> (u64, Answer<R::Response>) {
        let invoked = self.world.clock.now();
        let answer = self.wire.ask(version, body, fate).await;
        if answer == Answer::Silence && !self.world.clock.away_since(invoked) {
            let request = std::any::type_name::<R>().rsplit("::").next().unwrap_or("");
            self.note(invoked, Act::Silence { request });
        }
        (invoked, answer)
    }

    fn note(&self, invoked: u64, act: Act) {
        self.world.events.borrow_mut().push(Event {
            actor: self.name.clone(),
            invoked,
            completed: self.world.clock.now(),
            act,
        });
    }

    /// InitProducerId.
    pub(crate) async fn init(
        &mut self,
        id: Id,
        resume: Option<Producer>,
        dialect: Dialect,
        fate: Fate,
    ) -> Outcome<Producer> {
        let of = &self.world.ids[id];
        let was = resume.unwrap_or(Producer { id: -1, epoch: -1 });
        let request = InitProducerIdRequest {
            transactional_id: Some(of.name.clone()),
            transaction_timeout_ms: of.timeout as i32,
            producer_id: was.id,
            producer_epoch: was.epoch,
            ..Default::default()
        };
        let version = if dialect == Dialect::One { 4 } else { 5 };
        let (invoked, answer) = self.ask(version, &request, fate).await;
        let outcome = outcome(answer, |answer| {
            (
                answer.error_code,
                Producer {
                    id: answer.producer_id,
                    epoch: answer.producer_epoch,
                },
            )
        });
        let act = Act::Init {
            id,
            resume,
            outcome: outcome.clone(),
        };
        self.note(invoked, act);
        outcome
    }

    /// InitProducerId without a transactional id: not noted, no rule is about it.
    pub(crate) async fn init_idempotent(&mut self) -> Option<Producer> {
        let request = InitProducerIdRequest {
            transactional_id: None,
            transaction_timeout_ms: i32::MAX,
            ..Default::default()
        };
        match self.ask(4, &request, Fate::Read).await.1 {
            Answer::Got(answer) if answer.error_code == 0 => Some(Producer {
                id: answer.producer_id,
                epoch: answer.producer_epoch,
            }),
            _ => None,
        }
    }

    /// AddPartitionsToTxn.
    pub(crate) async fn add(
        &mut self,
        txn: Txn,
        producer: Producer,
        partition: Part,
        fate: Fate,
    ) -> Outcome<()> {
        let (topic, index) = self.world.partitions[partition].clone();
        let request = AddPartitionsToTxnRequest {
            v3_and_below_transactional_id: self.id_of(txn),
            v3_and_below_producer_id: producer.id,
            v3_and_below_producer_epoch: producer.epoch,
            v3_and_below_topics: vec![AddPartitionsToTxnTopic {
                name: topic,
                partitions: vec![index],
                ..Default::default()
            }],
            ..Default::default()
        };
        let (invoked, answer) = self.ask(3, &request, fate).await;
        let outcome = outcome(answer, |answer| {
            let topics = answer.results_by_topic_v3_and_below;
            let result = &topics[0].results_by_partition[0];
            (result.partition_error_code, ())
        });
        let act = Act::Add {
            txn,
            producer,
            partition: Some(partition),
            outcome: outcome.clone(),
        };
        self.note(invoked, act);
        outcome
    }

    /// AddOffsetsToTxn.
    pub(crate) async fn add_offsets(
        &mut self,
        txn: Txn,
        producer: Producer,
        group: usize,
        fate: Fate,
    ) -> Outcome<()> {
        let request = AddOffsetsToTxnRequest {
            transactional_id: self.id_of(txn),
            producer_id: producer.id,
            producer_epoch: producer.epoch,
            group_id: self.world.groups[group].name.clone(),
            ..Default::default()
        };
        let (invoked, answer) = self.ask(3, &request, fate).await;
        let outcome = outcome(answer, |answer| (answer.error_code, ()));
        let act = Act::Add {
            txn,
            producer,
            partition: None,
            outcome: outcome.clone(),
        };
        self.note(invoked, act);
        outcome
    }

    fn id_of(&self, txn: Txn) -> String {
        let id = self.world.transactions.borrow()[txn].id;
        self.world.ids[id].name.clone()
    }

    /// Produce of one batch.
    pub(crate) async fn produce(
        &mut self,
        txn: Option<(Txn, Dialect)>,
        partition: Part,
        producer: Option<(Producer, i32)>,
        values: &[Value],
        fate: Fate,
    ) -> Outcome<i64> {
        let (topic, index) = self.world.partitions[partition].clone();
        let records = batch(producer, txn.is_some(), values);
        let request = ProduceRequest {
            transactional_id: txn.map(|(txn, _)| self.id_of(txn)),
            acks: -1,
            timeout_ms: 10_000,
            topic_data: vec![TopicProduceData {
                name: topic,
                partition_data: vec![PartitionProduceData {
                    index,
                    records: Some(records),
                    ..Default::default()
                }],
                ..Default::default()
            }],
            ..Default::default()
        };
        let version = match txn {
            Some((_, Dialect::One)) => 11,
            _ => 12,
        };
        let (invoked, answer) = self.ask(version, &request, fate).await;
        /// DUPLICATE_SEQUENCE_NUMBER: the server has it, and does not know where.
        const DUPLICATE: i16 = 46;
        let outcome = outcome(answer, |answer| {
            let result = &answer.responses[0].partition_responses[0];
            match result.error_code {
                DUPLICATE => (0, -1),
                code => (code, result.base_offset),
            }
        });
        let act = Act::Produce {
            txn: txn.map(|(txn, _)| txn),
            partition,
            producer,
            values: values.to_vec(),
            outcome: outcome.clone(),
        };
        self.note(invoked, act);
        outcome
    }

    /// TxnOffsetCommit of `to`, with `from` as what was read.
    pub(crate) async fn commit_offset(
        &mut self,
        (txn, dialect): (Txn, Dialect),
        producer: Producer,
        group: usize,
        (from, to): (i64, i64),
        fate: Fate,
    ) -> Outcome<()> {
        let of = self.world.groups[group].clone();
        let (topic, index) = self.world.partitions[of.from].clone();
        let request = TxnOffsetCommitRequest {
            transactional_id: self.id_of(txn),
            group_id: of.name,
            producer_id: producer.id,
            producer_epoch: producer.epoch,
            topics: vec![TxnOffsetCommitRequestTopic {
                name: topic,
                partitions: vec![TxnOffsetCommitRequestPartition {
                    partition_index: index,
                    committed_offset: to,
                    ..Default::default()
                }],
                ..Default::default()
            }],
            ..Default::default()
        };
        let version = if dialect == Dialect::One { 3 } else { 5 };
        let (invoked, answer) = self.ask(version, &request, fate).await;
        let outcome = outcome(answer, |answer| {
            (answer.topics[0].partitions[0].error_code, ())
        });
        let act = Act::CommitOffset {
            txn,
            producer,
            group,
            from,
            to,
            outcome: outcome.clone(),
        };
        self.note(invoked, act);
        outcome
    }

    /// EndTxn.
    pub(crate) async fn end(
        &mut self,
        (txn, dialect): (Txn, Dialect),
        producer: Producer,
        commit: bool,
        fate: Fate,
    ) -> Outcome<Producer> {
        let request = EndTxnRequest {
            transactional_id: self.id_of(txn),
            producer_id: producer.id,
            producer_epoch: producer.epoch,
            committed: commit,
            ..Default::default()
        };
        let version = if dialect == Dialect::One { 4 } else { 5 };
        let (invoked, answer) = self.ask(version, &request, fate).await;
        let outcome = outcome(answer, |answer| {
            let next = match dialect {
                Dialect::One => producer,
                Dialect::Two => Producer {
                    id: answer.producer_id,
                    epoch: answer.producer_epoch,
                },
            };
            (answer.error_code, next)
        });
        let act = Act::End {
            txn,
            producer,
            commit,
            outcome: outcome.clone(),
        };
        self.note(invoked, act);
        outcome
    }

    /// Fetch of one partition, waiting at most `wait` ms for something; takes out what is not for the reader.
    pub(crate) async fn read(
        &mut self,
        partition: Part,
        committed: bool,
        from: i64,
        (wait, most): (i32, i32),
    ) -> Outcome<Seen> {
        let request = self.fetch_request(partition, committed, from, (wait, most));
        let (invoked, answer) = self.ask(12, &request, Fate::Read).await;
        let outcome = outcome(answer, |answer| {
            let data = only_partition(answer);
            let code = data.error_code;
            let seen = if code == 0 {
                fetched::seen(&data, from, committed)
                    .unwrap_or_else(|why| panic!("fetched from {from}: {why}"))
            } else {
                Seen::default()
            };
            (code, seen)
        });
        let act = Act::Read {
            partition,
            committed,
            from,
            outcome: outcome.clone(),
        };
        self.note(invoked, act);
        outcome
    }

    fn fetch_request(
        &self,
        partition: Part,
        committed: bool,
        from: i64,
        (wait, most): (i32, i32),
    ) -> FetchRequest {
        let (topic, index) = self.world.partitions[partition].clone();
        FetchRequest {
            replica_id: -1,
            max_wait_ms: wait,
            min_bytes: 1,
            max_bytes: i32::MAX,
            isolation_level: i8::from(committed),
            topics: vec![FetchTopic {
                topic,
                partitions: vec![FetchPartition {
                    partition: index,
                    fetch_offset: from,
                    partition_max_bytes: most,
                    ..Default::default()
                }],
                ..Default::default()
            }],
            ..Default::default()
        }
    }

    /// A partition's log from its beginning, as it is; none if the server is away.
    pub(crate) async fn log(&mut self, partition: Part) -> Option<Log> {
        let mut log = Log::default();
        loop {
            let from = log.batches.last().map_or(0, |batch| batch.last + 1);
            let request = self.fetch_request(partition, false, from, (0, 1 << 20));
            let Answer::Got(answer) = self.ask(12, &request, Fate::Read).await.1 else {
                return None;
            };
            let data = only_partition(answer);
            if data.error_code != 0 {
                return None;
            }
            log.high_watermark = data.high_watermark;
            log.last_stable = data.last_stable_offset;
            let before = log.batches.len();
            match fetched::batches(&data) {
                Ok(batches) => log.batches.extend(batches),
                Err(why) => {
                    log.trouble = Some(format!("fetched from {from}: {why}"));
                    return Some(log);
                }
            }
            if log.batches.len() == before {
                return Some(log);
            }
        }
    }

    /// ListOffsets of the latest.
    pub(crate) async fn latest(&mut self, partition: Part, committed: bool) -> Outcome<i64> {
        let (topic, partition_index) = self.world.partitions[partition].clone();
        let request = ListOffsetsRequest {
            replica_id: -1,
            isolation_level: i8::from(committed),
            topics: vec![ListOffsetsTopic {
                name: topic,
                partitions: vec![ListOffsetsPartition {
                    partition_index,
                    timestamp: LATEST,
                    ..Default::default()
                }],
                ..Default::default()
            }],
            ..Default::default()
        };
        let (invoked, answer) = self.ask(7, &request, Fate::Read).await;
        let outcome = outcome(answer, |answer| {
            let result = &answer.topics[0].partitions[0];
            (result.error_code, result.offset)
        });
        let act = Act::Latest {
            partition,
            committed,
            outcome: outcome.clone(),
        };
        self.note(invoked, act);
        outcome
    }

    /// OffsetFetch of a group's input.
    pub(crate) async fn offset(&mut self, group: usize, stable: bool) -> Outcome<i64> {
        let of = self.world.groups[group].clone();
        let (topic, index) = self.world.partitions[of.from].clone();
        let request = OffsetFetchRequest {
            groups: vec![OffsetFetchRequestGroup {
                group_id: of.name,
                topics: Some(vec![OffsetFetchRequestTopics {
                    name: topic,
                    partition_indexes: vec![index],
                    ..Default::default()
                }]),
                ..Default::default()
            }],
            require_stable: stable,
            ..Default::default()
        };
        let (invoked, answer) = self.ask(8, &request, Fate::Read).await;
        let outcome = outcome(answer, |answer| {
            let group = &answer.groups[0];
            match group.topics.first() {
                Some(topic) if group.error_code == 0 => {
                    let partition = &topic.partitions[0];
                    (partition.error_code, partition.committed_offset)
                }
                _ => (group.error_code, -1),
            }
        });
        let act = Act::Offset {
            group,
            stable,
            outcome: outcome.clone(),
        };
        self.note(invoked, act);
        outcome
    }

    /// DescribeTransactions: whether the id has nothing open and nothing that is being ended.
    pub(crate) async fn settled(&mut self, id: Id) -> Outcome<bool> {
        /// TRANSACTIONAL_ID_NOT_FOUND: nobody ever used it.
        const NOT_FOUND: i16 = 105;
        let request = DescribeTransactionsRequest {
            transactional_ids: vec![self.world.ids[id].name.clone()],
            ..Default::default()
        };
        let (invoked, answer) = self.ask(0, &request, Fate::Read).await;
        let outcome = outcome(answer, |answer| {
            let state = &answer.transaction_states[0];
            let quiet = ["Empty", "CompleteCommit", "CompleteAbort"];
            match state.error_code {
                NOT_FOUND => (0, true),
                code => (code, quiet.contains(&&*state.transaction_state)),
            }
        });
        let act = Act::Settled {
            id,
            outcome: outcome.clone(),
        };
        self.note(invoked, act);
        outcome
    }
}

fn only_partition(answer: FetchResponse) -> PartitionData {
    let code = answer.error_code;
    let mut topics = answer.responses.into_iter();
    let partition = topics
        .next()
        .and_then(|topic| topic.partitions.into_iter().next());
    partition.unwrap_or(PartitionData {
        error_code: if code == 0 { -1 } else { code },
        ..Default::default()
    })
}

fn outcome<A, T>(answer: Answer<A>, read: impl FnOnce(A) -> (i16, T)) -> Outcome<T> {
    match answer {
        Answer::NotSent => Outcome::NotSent,
        Answer::Unknown | Answer::Silence => Outcome::Unknown,
        Answer::Got(answer) => match read(answer) {
            (0, value) => Outcome::Ok(value),
            (code, _) if OPEN.contains(&code) => Outcome::Unknown,
            (code, _) => Outcome::Refused(code),
        },
    }
}

fn batch(producer: Option<(Producer, i32)>, transactional: bool, values: &[Value]) -> Records {
    // Not any time: the producers of old records are forgotten at a restart.
    let time = milliseconds();
    let mut builder = BatchBuilder::new(Codec::None).transactional(transactional);
    if let Some((producer, sequence)) = producer {
        builder = builder.producer(producer.id, producer.epoch, sequence);
    }
    for value in values {
        let bytes = fetched::encode(*value);
        builder
            .append(time, None, Some(&bytes), &[])
            .expect("a record");
    }
    Records::Bytes(builder.build().expect("a batch").to_bytes())
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared by servers with their clocks"
)]
fn milliseconds() -> i64 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    since.as_millis() as i64
}
