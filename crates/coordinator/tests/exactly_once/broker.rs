//! The broker of the world: the real machines on logs in memory, and what is between them and the network.

use std::{rc::Rc, sync::Arc};

use ottla_coordinator::{
    group::{Caller, Entry, FetchOffsets, GroupCoordinator, Input as GroupInput, Producer},
    group::{Record as GroupRecord, Reply as GroupReply},
    transaction::{AddPartitions, Input, Marked, Markers, Record, Reply, TransactionCoordinator},
};
use ottla_log::{Marker, VerificationGuard};
use ottla_machine::{Entropy, Machine, Moment, Out, Ticket, Time};
use ottla_wire::{
    errors::Code,
    messages::{
        EndTxnRequest, InitProducerIdRequest, OffsetCommitRequest,
        add_partitions_to_txn_request::AddPartitionsToTxnTopic,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
    },
};

use crate::{
    message::{
        Answer, From, GROUP, IDS, INPUT, OFFSETS, PARTITIONS, Request, Writer, index_of, name_of,
    },
    partition::{Appended, Batch, Body, Partition, by_client, by_coordinator},
    seen,
    world::{Event, World},
};

/// The transaction coordinator with its log.
pub(crate) struct Coordinator {
    /// `None` while it is away.
    pub(crate) machine: Option<TransactionCoordinator>,
    pub(crate) log: Vec<(i64, Record)>,
    pub(crate) next: i64,
    /// Of the leader of its partition.
    pub(crate) epoch: i32,
}

/// The brokers' side of the world.
pub(crate) struct Brokers {
    pub(crate) coordinator: Coordinator,
    pub(crate) group: Option<GroupCoordinator>,
    pub(crate) partitions: [Partition; PARTITIONS],
    /// Raised when all go down: what was going on in memory is lost.
    pub(crate) generation: u32,
    pub(crate) is_up: bool,
    pub(crate) next_producer_id: i64,
    pub(crate) entropy: Entropy,
}

/// What leads to a decision of the transaction coordinator.
pub(crate) enum Turn {
    /// A question, or news.
    Asked(Input),
    /// Something is due.
    Due,
    /// Its log was read.
    Loaded,
}

/// What a machine did with a question.
type Told<R> = Result<R, Code>;

impl World {
    // The transaction coordinator.

    /// One decision; the answer that it gave, if any.
    pub(crate) fn decide(&mut self, turn: Turn) -> Option<Told<Reply>> {
        let mut machine = self.brokers.coordinator.machine.take()?;
        let mut out = Out::default();
        let mut moment = Moment {
            now: Time(self.now),
            next_offset: self.brokers.coordinator.next,
            entropy: &mut self.brokers.entropy,
        };
        match turn {
            Turn::Asked(input) => machine.handle(&mut moment, Ticket(1), input, &mut out),
            Turn::Due => machine.wake(&mut moment, &mut out),
            Turn::Loaded => machine.loaded(&mut moment, &mut out),
        }
        let fails = !out.records.is_empty() && self.strikes(12);
        if fails {
            self.saw(seen::APPEND_FAILED);
            self.tell(|| format!("append fails: {:?}", out.records));
        } else {
            for record in out.records {
                let offset = self.brokers.coordinator.next;
                self.tell(|| format!("{offset:>5} {:?}", record.value));
                machine.replay(offset, &record);
                self.truth.decided(&record);
                self.note(&record);
                self.brokers.coordinator.log.push((offset, record));
                self.brokers.coordinator.next += 1;
            }
        }
        let markers = machine.markers();
        let needs_id = machine.needs_producer_id();
        self.brokers.coordinator.machine = Some(machine);
        for set in markers {
            self.send_markers(set);
        }
        if needs_id {
            let id = self.fresh();
            self.decide(Turn::Asked(Input::ProducerId(id)));
        }
        assert!(out.replies.len() <= 1, "{:?}", out.replies);
        let (_, reply) = out.replies.pop()?;
        Some(match fails {
            true => Err(Code::NOT_COORDINATOR),
            false => Ok(reply),
        })
    }

    fn note(&mut self, record: &Record) {
        let Some(value) = &record.value else {
            self.saw(seen::ID_EXPIRED);
            return;
        };
        match value.transaction_status {
            4 => self.saw(seen::COMMITTED),
            5 => self.saw(seen::ABORTED),
            _ => {}
        }
        if value.next_producer_id != -1 {
            self.saw(seen::EXHAUSTED);
        }
    }

    fn fresh(&mut self) -> i64 {
        self.brokers.next_producer_id += 1;
        self.brokers.next_producer_id
    }

    fn ask(&mut self, input: Input) -> Told<Reply> {
        if self.brokers.coordinator.machine.is_none() {
            return Err(match self.entropy.below(2) {
                0 => Code::COORDINATOR_LOAD_IN_PROGRESS,
                _ => Code::NOT_COORDINATOR,
            });
        }
        let told = self.decide(Turn::Asked(input));
        told.expect("each question is answered by the decision that it leads to")
    }

    /// The same, with a producer id if one is needed.
    fn ask_with_id(&mut self, input: impl Fn(Option<i64>) -> Input) -> Told<Reply> {
        match self.ask(input(None)) {
            Ok(Reply::ProducerIdNeeded) => {
                let fresh = self.fresh();
                self.ask(input(Some(fresh)))
            }
            told => told,
        }
    }

    fn init(&mut self, writer: Writer, timeout_ms: i32) -> Answer {
        let told = self.ask_with_id(|fresh| Input::InitProducerId {
            request: InitProducerIdRequest {
                transactional_id: Some(IDS[writer.id].to_owned()),
                transaction_timeout_ms: timeout_ms,
                producer_id: writer.producer_id,
                producer_epoch: writer.epoch,
                ..InitProducerIdRequest::default()
            },
            fresh,
        });
        match told {
            Ok(Reply::InitProducerId(answer)) => Answer {
                producer_id: answer.producer_id,
                epoch: answer.producer_epoch,
                ..Answer::of(Code(answer.error_code))
            },
            Ok(other) => panic!("another answer: {other:?}"),
            Err(code) => Answer::of(code),
        }
    }

    fn end(&mut self, writer: Writer, committed: bool) -> Answer {
        let told = self.ask_with_id(|fresh| Input::EndTransaction {
            request: EndTxnRequest {
                transactional_id: IDS[writer.id].to_owned(),
                producer_id: writer.producer_id,
                producer_epoch: writer.epoch,
                committed,
                ..EndTxnRequest::default()
            },
            version: if writer.v2 { 5 } else { 4 },
            fresh,
        });
        match told {
            Ok(Reply::EndTransaction(answer)) => Answer {
                producer_id: answer.producer_id,
                epoch: answer.producer_epoch,
                ..Answer::of(Code(answer.error_code))
            },
            Ok(other) => panic!("another answer: {other:?}"),
            Err(code) => Answer::of(code),
        }
    }

    fn add(&mut self, writer: Writer, partitions: &[usize], verify_only: bool) -> Code {
        let topics = partitions.iter().map(|partition| {
            let (name, number) = name_of(*partition);
            AddPartitionsToTxnTopic {
                name: name.to_owned(),
                partitions: vec![number],
                ..AddPartitionsToTxnTopic::default()
            }
        });
        let told = self.ask(Input::AddPartitions(AddPartitions {
            transactional_id: IDS[writer.id].to_owned(),
            producer_id: writer.producer_id,
            producer_epoch: writer.epoch,
            verify_only,
            client_transaction_version: if writer.v2 { 2 } else { 0 },
            topics: topics.collect(),
        }));
        match told {
            Ok(Reply::AddPartitions(answer)) => {
                let mut codes = answer
                    .topic_results
                    .iter()
                    .flat_map(|topic| &topic.results_by_partition)
                    .map(|partition| Code(partition.partition_error_code));
                codes.find(|code| *code != Code::NONE).unwrap_or(Code::NONE)
            }
            Ok(other) => panic!("another answer: {other:?}"),
            Err(code) => code,
        }
    }

    // Markers.

    /// Inline, or over a network that takes its time, for some partitions later than for others.
    fn send_markers(&mut self, set: Markers) {
        let set = Rc::new(set);
        let epoch = self.brokers.coordinator.epoch;
        let all: Vec<usize> = (0..set.partitions.len()).collect();
        if self.is_quiet() || self.entropy.below(2) == 0 {
            self.write_markers(&set, epoch, &all);
            return;
        }
        self.saw(seen::MARKER_LATE);
        let parts: Vec<Vec<usize>> = match self.entropy.below(2) {
            0 => vec![all],
            _ => all.into_iter().map(|at| vec![at]).collect(),
        };
        for which in parts {
            let at = self.now + self.delay(300);
            if set.transaction_version >= 2 && self.strikes(30) {
                // From version 2 on, a marker that comes once more, much later, harms nobody.
                self.saw(seen::MARKER_REPEATED);
                let at = at + self.entropy.below(3_000);
                let event = Event::Markers {
                    set: set.clone(),
                    epoch,
                    which: which.clone(),
                    is_repeat: true,
                };
                self.at(at, event);
            }
            let event = Event::Markers {
                set: set.clone(),
                epoch,
                which,
                is_repeat: false,
            };
            self.at(at, event);
        }
    }

    /// Writes markers, and tells the coordinator that wanted them, if it is still there.
    pub(crate) fn write_markers(&mut self, set: &Rc<Markers>, epoch: i32, which: &[usize]) {
        let mut marked = Marked {
            transactional_id: set.transactional_id.clone(),
            producer_id: set.producer_id,
            producer_epoch: set.producer_epoch,
            done: Vec::new(),
            again: Vec::new(),
            fenced: false,
        };
        for at in which {
            let (topic, number) = &set.partitions[*at];
            let partition = index_of(topic, *number);
            match self.write_marker(set, epoch, partition, false) {
                Ok(()) => marked.done.push(set.partitions[*at].clone()),
                Err(true) => marked.fenced = true,
                Err(false) => marked.again.push(set.partitions[*at].clone()),
            }
        }
        if epoch == self.brokers.coordinator.epoch {
            assert!(!marked.fenced, "the partitions refuse {set:?}");
            self.decide(Turn::Asked(Input::Marked(marked)));
        }
    }

    /// Whether it is refused for good, if it cannot be written.
    pub(crate) fn write_marker(
        &mut self,
        set: &Markers,
        epoch: i32,
        partition: usize,
        is_repeat: bool,
    ) -> Result<(), bool> {
        let away = partition == OFFSETS && self.brokers.group.is_none();
        if !self.brokers.is_up || away || self.strikes(60) {
            self.saw(seen::MARKER_FAILED);
            return Err(false);
        }
        let batch = Batch {
            base: 0,
            producer_id: set.producer_id,
            epoch: set.producer_epoch,
            sequence: -1,
            timestamp: self.now as i64,
            body: Body::Marker(Marker {
                commit: set.committed,
                coordinator_epoch: epoch,
                timestamp: self.now as i64,
            }),
            tag: 0,
        };
        let checks = by_coordinator(VerificationGuard::NONE, set.transaction_version);
        let of = &mut self.brokers.partitions[partition];
        let offset = of.end;
        let appended = of.append(batch, &checks);
        self.tell(|| format!("p{partition} {offset} {set:?} of {epoch}: {appended:?}"));
        let Ok(appended) = appended else {
            return Err(true);
        };
        let id = IDS.iter().position(|id| *id == &*set.transactional_id);
        let id = id.expect("an id of ours");
        let (producer_id, raised) = (set.producer_id, set.producer_epoch);
        if let Appended::Ended { tag, aborted } = appended {
            assert_eq!(aborted, !set.committed);
            self.truth
                .ended(partition, id, tag, set.committed, self.now);
        }
        if !is_repeat {
            self.truth.marked(id, partition, producer_id, raised);
        }
        if partition == OFFSETS {
            let record = GroupRecord {
                producer: Some(Producer {
                    id: producer_id,
                    epoch: raised,
                }),
                entry: Entry::EndTransaction {
                    committed: set.committed,
                },
            };
            if let Some(group) = &mut self.brokers.group {
                group.replay(offset, &record);
            }
            self.compare_group();
        }
        Ok(())
    }

    // Requests.

    pub(crate) fn arrive(&mut self, from: From, request: Rc<Request>) {
        if !self.brokers.is_up {
            return;
        }
        self.tell(|| format!("{from:?} asks {request:?}"));
        let answer = match &*request {
            Request::Init { writer, timeout_ms } => self.init(*writer, *timeout_ms),
            Request::Add { writer, partitions } => Answer::of(self.add(*writer, partitions, false)),
            Request::End { writer, committed } => self.end(*writer, *committed),
            Request::FetchOffset => self.fetch_offset(),
            Request::Produce {
                writer,
                partition,
                sequence,
                ..
            } => {
                let (writer, partition, sequence) = (*writer, *partition, *sequence);
                self.verify(from, request, writer, partition, sequence);
                return;
            }
            Request::Commit { writer, .. } => {
                let writer = *writer;
                self.verify(from, request, writer, OFFSETS, -1);
                return;
            }
        };
        self.answer(from, answer);
    }

    /// A transaction is verified with its coordinator before its first write to a partition, and written after that: other
    /// things may happen in between.
    fn verify(
        &mut self,
        from: From,
        request: Rc<Request>,
        writer: Writer,
        partition: usize,
        sequence: i32,
    ) {
        let now = self.now as i64;
        let guard = self.brokers.partitions[partition]
            .producers
            .start_verification(writer.producer_id, sequence, writer.epoch, writer.v2, now);
        let guard = match guard {
            Ok(guard) => guard,
            Err(error) => return self.answer(from, Answer::of(error.code())),
        };
        if guard == VerificationGuard::NONE {
            return self.write(from, &request, guard);
        }
        self.saw(seen::VERIFIED);
        let code = match self.add(writer, &[partition], !writer.v2) {
            Code::PRODUCER_FENCED => Code::INVALID_PRODUCER_EPOCH,
            code => code,
        };
        if code != Code::NONE {
            return self.answer(from, Answer::of(code));
        }
        if self.is_quiet() || self.entropy.below(3) != 0 {
            return self.write(from, &request, guard);
        }
        let event = Event::Write {
            from,
            request,
            guard,
            generation: self.brokers.generation,
        };
        let at = self.now + self.delay(200);
        self.at(at, event);
    }

    pub(crate) fn write(&mut self, from: From, request: &Request, guard: VerificationGuard) {
        let answer = match request {
            Request::Produce {
                writer,
                partition,
                sequence,
                tag,
                values,
            } => {
                let batch = Batch {
                    base: 0,
                    producer_id: writer.producer_id,
                    epoch: writer.epoch,
                    sequence: *sequence,
                    timestamp: self.now as i64,
                    body: Body::Values(values.clone()),
                    tag: *tag,
                };
                self.produce(*writer, *partition, batch, guard)
            }
            Request::Commit {
                writer,
                tag,
                offset,
            } => self.commit(*writer, *tag, *offset, guard),
            other => panic!("{other:?} writes nothing"),
        };
        self.answer(from, Answer::of(answer));
    }

    fn produce(
        &mut self,
        writer: Writer,
        partition: usize,
        batch: Batch,
        guard: VerificationGuard,
    ) -> Code {
        if self.strikes(10) {
            self.saw(seen::PRODUCE_FAILED);
            return Code::NOT_ENOUGH_REPLICAS;
        }
        let tag = batch.tag;
        let of = &mut self.brokers.partitions[partition];
        let offset = of.end;
        let appended = of.append(batch, &by_client(guard));
        self.tell(|| format!("p{partition} {offset} {writer:?} {tag}: {appended:?}"));
        match appended {
            Ok(Appended::Written) => self.truth.written(partition, writer, tag, self.now),
            Ok(Appended::Repetition) => self.saw(seen::REPETITION),
            Ok(Appended::Ended { .. }) => panic!("data ended a transaction"),
            Err(error) => return error.code(),
        }
        Code::NONE
    }

    // The group coordinator.

    fn group(&mut self, input: GroupInput) -> Result<(Vec<GroupRecord>, GroupReply), Code> {
        let machine = self.brokers.group.as_mut().ok_or(Code::NOT_COORDINATOR)?;
        let mut out = Out::default();
        let mut moment = Moment {
            now: Time(self.now),
            next_offset: self.brokers.partitions[OFFSETS].end,
            entropy: &mut self.brokers.entropy,
        };
        machine.handle(&mut moment, Ticket(1), input, &mut out);
        let (_, reply) = out.replies.pop().expect("an answer at once");
        Ok((out.records, reply))
    }

    /// TxnOffsetCommit, once it is verified.
    fn commit(&mut self, writer: Writer, tag: u32, offset: i64, guard: VerificationGuard) -> Code {
        let (name, number) = name_of(INPUT);
        let request = OffsetCommitRequest {
            group_id: GROUP.to_owned(),
            generation_id_or_member_epoch: -1,
            topics: vec![OffsetCommitRequestTopic {
                name: name.to_owned(),
                partitions: vec![OffsetCommitRequestPartition {
                    partition_index: number,
                    committed_offset: offset,
                    ..OffsetCommitRequestPartition::default()
                }],
                ..OffsetCommitRequestTopic::default()
            }],
            ..OffsetCommitRequest::default()
        };
        let producer = Producer {
            id: writer.producer_id,
            epoch: writer.epoch,
        };
        let caller = Caller {
            version: if writer.v2 { 5 } else { 4 },
            ..Caller::default()
        };
        let (records, reply) =
            match self.group(GroupInput::TxnOffsetCommit(caller, producer, request)) {
                Ok(told) => told,
                Err(code) => return code,
            };
        let GroupReply::TxnOffsetCommit(reply) = reply else {
            panic!("another answer: {reply:?}");
        };
        let code = Code(reply.topics[0].partitions[0].error_code);
        if records.is_empty() {
            return code;
        }
        if self.strikes(10) {
            self.saw(seen::PRODUCE_FAILED);
            return Code::NOT_COORDINATOR;
        }
        let batch = Batch {
            base: 0,
            producer_id: writer.producer_id,
            epoch: writer.epoch,
            sequence: -1,
            timestamp: self.now as i64,
            body: Body::Offsets(records.clone()),
            tag,
        };
        let of = &mut self.brokers.partitions[OFFSETS];
        let at = of.end;
        let appended = of.append(batch, &by_coordinator(guard, 0));
        self.tell(|| format!("p{OFFSETS} {at} {writer:?} {tag}: {offset} {appended:?}"));
        match appended {
            Ok(Appended::Written) => self.truth.written(OFFSETS, writer, tag, self.now),
            Ok(other) => panic!("an offset was {other:?}"),
            Err(error) => return error.code(),
        }
        if let Some(group) = &mut self.brokers.group {
            for (offset, record) in (at..).zip(&records) {
                group.replay(offset, record);
            }
        }
        code
    }

    fn fetch_offset(&mut self) -> Answer {
        match self.fetched(true) {
            Ok((code, offset)) => Answer {
                offset,
                ..Answer::of(code)
            },
            Err(code) => Answer::of(code),
        }
    }

    fn fetched(&mut self, require_stable: bool) -> Result<(Code, i64), Code> {
        let (name, number) = name_of(INPUT);
        let fetch = FetchOffsets {
            group: OffsetFetchRequestGroup {
                group_id: GROUP.to_owned(),
                member_epoch: -1,
                topics: Some(vec![OffsetFetchRequestTopics {
                    name: name.to_owned(),
                    partition_indexes: vec![number],
                    ..OffsetFetchRequestTopics::default()
                }]),
                ..OffsetFetchRequestGroup::default()
            },
            require_stable,
        };
        let (_, reply) = self.group(GroupInput::OffsetFetch(Caller::default(), fetch))?;
        let GroupReply::OffsetFetch(reply) = reply else {
            panic!("another answer: {reply:?}");
        };
        let of = &reply.topics[0].partitions[0];
        // A group that has committed nothing begins at the beginning.
        Ok((Code(of.error_code), of.committed_offset.max(0)))
    }

    /// The group is where its committed transactions took it.
    pub(crate) fn compare_group(&mut self) {
        if let Ok((_, offset)) = self.fetched(false) {
            assert_eq!(offset, self.truth.group, "the group's offset");
        }
    }

    // Failures.

    pub(crate) fn coordinator_goes(&mut self) {
        self.compare_with_fold();
        if let Some(mut machine) = self.brokers.coordinator.machine.take() {
            assert!(machine.unload().is_empty());
        }
        // Whatever it still has on the way is that of a coordinator that was replaced.
        self.brokers.coordinator.epoch += 1;
    }

    pub(crate) fn coordinator_comes(&mut self) {
        if self.brokers.coordinator.machine.is_some() {
            return;
        }
        if self.entropy.below(2) == 0 {
            self.saw(seen::COMPACTED);
            self.compact();
        }
        self.brokers.coordinator.machine = Some(self.fold());
        self.decide(Turn::Loaded);
    }

    /// Keeps the last record of each key, and some of the tombstones.
    fn compact(&mut self) {
        let log = std::mem::take(&mut self.brokers.coordinator.log);
        for (at, (offset, record)) in log.iter().enumerate() {
            let is_last = log[at + 1..]
                .iter()
                .all(|(_, later)| later.key != record.key);
            if is_last && (record.value.is_some() || self.entropy.below(2) == 0) {
                self.brokers.coordinator.log.push((*offset, record.clone()));
            }
        }
    }

    /// A coordinator from the bytes of the log.
    fn fold(&self) -> TransactionCoordinator {
        let mut machine = TransactionCoordinator::new(self.settings.clone());
        for (offset, record) in &self.brokers.coordinator.log {
            let (key, value) = record.encode().expect("it was written");
            let read = Record::decode(&key, value.as_ref()).expect("it was written");
            machine.replay(*offset, &read.expect("its type is known"));
        }
        machine
    }

    /// The state is a fold of the records.
    pub(crate) fn compare_with_fold(&mut self) {
        let Some(mut live) = self.brokers.coordinator.machine.take() else {
            return;
        };
        let mut folded = self.fold();
        for id in IDS {
            let (mut ours, mut theirs) = (
                self.described(&mut live, id),
                self.described(&mut folded, id),
            );
            if ours.transaction_state.starts_with("Prepare") {
                // Which partitions have their marker is not in the log.
                ours.topics.clear();
                theirs.topics.clear();
            }
            assert_eq!(ours, theirs, "the state is not a fold of the log");
        }
        self.brokers.coordinator.machine = Some(live);
        self.saw(seen::FOLD_COMPARED);
    }

    fn described(
        &self,
        machine: &mut TransactionCoordinator,
        id: &str,
    ) -> ottla_wire::messages::describe_transactions_response::TransactionState {
        let mut out = Out::default();
        let mut moment = Moment {
            now: Time(self.now),
            next_offset: 0,
            entropy: &mut Entropy::new(1),
        };
        machine.handle(
            &mut moment,
            Ticket(1),
            Input::Describe(id.to_owned()),
            &mut out,
        );
        match out.replies.pop() {
            Some((_, Reply::Describe(state))) => state,
            other => panic!("another answer: {other:?}"),
        }
    }

    pub(crate) fn group_comes(&mut self) {
        if self.brokers.group.is_some() {
            return;
        }
        let mut machine = new_group();
        for batch in &self.brokers.partitions[OFFSETS].log {
            match &batch.body {
                Body::Offsets(records) => {
                    for (offset, record) in (batch.base..).zip(records) {
                        machine.replay(offset, record);
                    }
                }
                Body::Marker(marker) => {
                    let record = GroupRecord {
                        producer: Some(Producer {
                            id: batch.producer_id,
                            epoch: batch.epoch,
                        }),
                        entry: Entry::EndTransaction {
                            committed: marker.commit,
                        },
                    };
                    machine.replay(batch.base, &record);
                }
                Body::Values(values) => panic!("{values:?} among the offsets"),
            }
        }
        let mut out = Out::default();
        let mut moment = Moment {
            now: Time(self.now),
            next_offset: self.brokers.partitions[OFFSETS].end,
            entropy: &mut self.brokers.entropy,
        };
        machine.loaded(&mut moment, &mut out);
        assert!(out.records.is_empty(), "{:?}", out.records);
        self.brokers.group = Some(machine);
        self.compare_group();
    }
}

/// A group coordinator without groups.
pub(crate) fn new_group() -> GroupCoordinator {
    thread_local! {
        static SETTINGS: Arc<ottla_coordinator::group::Settings> = {
            let pairs = ottla_config::zero_configuration();
            let config = ottla_config::BrokerConfig::load(&[pairs], &mut |_| Ok(None)).unwrap().config;
            Arc::new(ottla_coordinator::group::Settings::of(Arc::new(config)))
        };
        static IMAGE: Arc<ottla_metadata::Image> = Arc::default();
    }
    GroupCoordinator::new(SETTINGS.with(Arc::clone), IMAGE.with(Arc::clone), 0)
}
