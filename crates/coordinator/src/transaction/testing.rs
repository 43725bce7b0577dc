//! A transaction coordinator with a log and a clock, for tests.
//!
//! After every decision a second machine is folded from the bytes of the log, and both must have the same durable
//! state: see [`TransactionCoordinator::durable`].

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_machine::{Entropy, Machine, Moment, Out, Ticket, Time};
use ottla_wire::messages::{
    EndTxnRequest, EndTxnResponse, InitProducerIdRequest, InitProducerIdResponse,
    add_partitions_to_txn_request::AddPartitionsToTxnTopic, describe_transactions_response,
};

use super::{
    AddPartitions, Input, Marked, Markers, Record, Reply, Settings, TransactionCoordinator,
    state::Transaction,
};

/// When tests begin, in ms.
pub(super) const BEGIN: u64 = 1_700_000_000_000;

/// A broker's settings without a configuration file, at the highest `transaction.version`.
pub(super) fn settings() -> Settings {
    Settings {
        max_timeout_ms: 900_000,
        id_expiration_ms: 604_800_000,
        remove_expired_interval_ms: 3_600_000,
        abort_timed_out_interval_ms: 10_000,
        two_phase_commit: false,
        transaction_version: 2,
    }
}

/// A coordinator, its log, its clock, and the partitions that it marks.
pub(super) struct World {
    pub(super) machine: TransactionCoordinator,
    pub(super) settings: Arc<Settings>,
    pub(super) now: Time,
    entropy: Entropy,
    /// Every record written, by offset.
    pub(super) log: Vec<Record>,
    /// While it is set, nothing can be appended.
    pub(super) append_fails: bool,
    /// The next producer id that nobody has; none while they cannot be had.
    pub(super) next_id: Option<i64>,
    /// Whether markers are written as soon as they are handed out. They are kept in `markers` otherwise.
    pub(super) marks: bool,
    /// Handed out, and not yet written.
    pub(super) markers: Vec<Markers>,
    /// Every marker that was written.
    pub(super) marked: Vec<Markers>,
    answers: BTreeMap<Ticket, Reply>,
    open: BTreeSet<Ticket>,
    last_ticket: u64,
}

impl World {
    /// Without transactional ids.
    pub(super) fn new(settings: Settings) -> Self {
        let settings = Arc::new(settings);
        let mut world = Self {
            machine: TransactionCoordinator::new(settings.clone()),
            settings,
            now: Time(BEGIN),
            entropy: Entropy::new(11),
            log: Vec::new(),
            append_fails: false,
            next_id: Some(1_000),
            marks: true,
            markers: Vec::new(),
            marked: Vec::new(),
            answers: BTreeMap::new(),
            open: BTreeSet::new(),
            last_ticket: 0,
        };
        world.decide(TransactionCoordinator::loaded);
        world
    }

    /// A producer id that nobody has.
    pub(super) fn fresh(&mut self) -> Option<i64> {
        let fresh = self.next_id?;
        self.next_id = Some(fresh + 1);
        Some(fresh)
    }

    /// Asks, and gives the answer; `None` if what it says could not be written.
    pub(super) fn ask(&mut self, input: Input) -> Option<Reply> {
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        self.open.insert(ticket);
        self.decide(|machine, moment, out| machine.handle(moment, ticket, input, out));
        assert!(
            !self.open.contains(&ticket),
            "a question is answered by its own decision"
        );
        self.answers.remove(&ticket)
    }

    /// Asks as a handler does: again with a fresh producer id if one is needed. `None` if there is none, or if what was
    /// decided could not be written.
    pub(super) fn ask_with_id(&mut self, input: impl Fn(Option<i64>) -> Input) -> Option<Reply> {
        match self.ask(input(None))? {
            Reply::ProducerIdNeeded => {
                let fresh = self.fresh()?;
                let reply = self.ask(input(Some(fresh)));
                assert_ne!(reply, Some(Reply::ProducerIdNeeded), "one is enough");
                reply
            }
            reply => Some(reply),
        }
    }

    /// A question that is answered.
    pub(super) fn init(&mut self, request: InitProducerIdRequest) -> InitProducerIdResponse {
        let input = |fresh| Input::InitProducerId {
            request: request.clone(),
            fresh,
        };
        match self.ask_with_id(input) {
            Some(Reply::InitProducerId(answer)) => answer,
            other => panic!("{other:?}"),
        }
    }

    /// A question that is answered.
    pub(super) fn end(&mut self, request: EndTxnRequest, version: i16) -> EndTxnResponse {
        let input = |fresh| Input::EndTransaction {
            request: request.clone(),
            version,
            fresh,
        };
        match self.ask_with_id(input) {
            Some(Reply::EndTransaction(answer)) => answer,
            other => panic!("{other:?}"),
        }
    }

    /// The codes of the partitions.
    pub(super) fn add(&mut self, request: AddPartitions) -> Vec<i16> {
        match self.ask(Input::AddPartitions(request)) {
            Some(Reply::AddPartitions(answer)) => {
                let topics = answer.topic_results.into_iter();
                let partitions = topics.flat_map(|of| of.results_by_partition);
                partitions.map(|of| of.partition_error_code).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    /// What is said of a transactional id.
    pub(super) fn describe(
        &mut self,
        id: &str,
    ) -> describe_transactions_response::TransactionState {
        match self.ask(Input::Describe(id.to_owned())) {
            Some(Reply::Describe(answer)) => answer,
            other => panic!("{other:?}"),
        }
    }

    /// Tells what has no answer.
    pub(super) fn tell(&mut self, input: Input) {
        self.decide(|machine, moment, out| {
            machine.handle(moment, Ticket::default(), input, out);
        });
    }

    /// Other settings.
    pub(super) fn configure(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut settings = (*self.settings).clone();
        change(&mut settings);
        self.settings = Arc::new(settings);
        self.tell(Input::Settings(self.settings.clone()));
    }

    /// Lets time pass.
    pub(super) fn pass(&mut self, ms: u64) {
        let end = self.now.after(ms);
        let mut wakes = 0;
        while let Some(at) = self.machine.wake_at().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.decide(TransactionCoordinator::wake);
            wakes += 1;
            assert!(wakes < 100_000, "it wants to be woken again and again");
        }
        self.now = end;
    }

    /// Another broker takes over: a new machine is loaded from the log. Markers that were handed out are lost.
    pub(super) fn reload(&mut self) {
        assert_eq!(self.machine.unload(), vec![]);
        self.markers.clear();
        self.machine = self.fold();
        self.decide(TransactionCoordinator::loaded);
    }

    /// A machine that has replayed the log, as bytes.
    pub(super) fn fold(&self) -> TransactionCoordinator {
        let mut machine = TransactionCoordinator::new(self.settings.clone());
        for (offset, record) in self.log.iter().enumerate() {
            let (key, value) = record.encode().expect("a record that can be written");
            let record = Record::decode(&key, value.as_ref()).unwrap().unwrap();
            machine.replay(offset as i64, &record);
        }
        machine
    }

    /// Replays records that another wrote.
    pub(super) fn append(&mut self, records: Vec<Record>) {
        for record in records {
            self.machine.replay(self.log.len() as i64, &record);
            self.log.push(record);
        }
    }

    /// What became of markers that were handed out.
    pub(super) fn report(&mut self, markers: Markers, again: Vec<(Arc<str>, i32)>, fenced: bool) {
        let mut done = markers.partitions.clone();
        done.retain(|partition| !again.contains(partition) && !fenced);
        let marked = Marked {
            transactional_id: markers.transactional_id.clone(),
            producer_id: markers.producer_id,
            producer_epoch: markers.producer_epoch,
            done: done.clone(),
            again,
            fenced,
        };
        self.marked.push(Markers {
            partitions: done,
            ..markers
        });
        self.tell(Input::Marked(marked));
    }

    /// Writes all markers that were handed out.
    pub(super) fn write_markers(&mut self) {
        while !self.markers.is_empty() {
            let markers = self.markers.remove(0);
            self.report(markers, Vec::new(), false);
        }
    }

    /// One decision from beginning to end.
    fn decide(
        &mut self,
        decide: impl FnOnce(&mut TransactionCoordinator, &mut Moment<'_>, &mut Out<Record, Reply>),
    ) {
        let mut out = Out::default();
        let mut moment = Moment {
            now: self.now,
            next_offset: self.log.len() as i64,
            entropy: &mut self.entropy,
        };
        decide(&mut self.machine, &mut moment, &mut out);
        let is_written = !self.append_fails || out.records.is_empty();
        if is_written {
            self.append(out.records);
        }
        for (ticket, reply) in out.replies {
            assert!(self.open.remove(&ticket), "{ticket:?} was answered before");
            if is_written {
                self.answers.insert(ticket, reply);
            }
        }
        self.check();
        if self.machine.needs_producer_id()
            && let Some(fresh) = self.fresh()
        {
            self.tell(Input::ProducerId(fresh));
        }
        self.markers.extend(self.machine.markers());
        if self.marks {
            self.write_markers();
        }
    }

    /// A machine that is folded from the log has the same durable state, and no transaction has more timers than one.
    fn check(&self) {
        let version_0 = self.log.iter().filter(|of| of.value_version == 0);
        let without: BTreeSet<_> = version_0.map(|of| &of.key.transactional_id[..]).collect();
        let durable = |machine: &TransactionCoordinator| -> BTreeMap<String, Transaction> {
            let all = machine.durable().into_iter();
            all.map(|(id, of)| match without.contains(&*id) {
                false => (id, of),
                true => {
                    let of = Transaction {
                        previous_producer_id: -1,
                        next_producer_id: -1,
                        client_version: 0,
                        ..of
                    };
                    (id, of)
                }
            })
            .collect()
        };
        assert_eq!(durable(&self.machine), durable(&self.fold()));
    }
}

impl TransactionCoordinator {
    /// What a load of the log must give again.
    pub(super) fn durable(&self) -> BTreeMap<String, Transaction> {
        let all = self.transactions.iter().map(|(id, of)| {
            let of = Transaction {
                last_epoch: -1,
                ..(**of).clone()
            };
            (id.to_string(), of)
        });
        all.collect()
    }
}

/// InitProducerId of a producer that has nothing.
pub(super) fn init(id: &str) -> InitProducerIdRequest {
    InitProducerIdRequest {
        transactional_id: Some(id.to_owned()),
        transaction_timeout_ms: 60_000,
        producer_id: -1,
        producer_epoch: -1,
        ..InitProducerIdRequest::default()
    }
}

/// InitProducerId of a producer that wants another epoch.
pub(super) fn init_of(id: &str, producer_id: i64, producer_epoch: i16) -> InitProducerIdRequest {
    InitProducerIdRequest {
        producer_id,
        producer_epoch,
        ..init(id)
    }
}

/// AddPartitionsToTxn of one topic, by a client of transaction version 2.
pub(super) fn add(
    id: &str,
    (producer_id, producer_epoch): (i64, i16),
    topic: &str,
    partitions: &[i32],
) -> AddPartitions {
    AddPartitions {
        transactional_id: id.to_owned(),
        producer_id,
        producer_epoch,
        verify_only: false,
        client_transaction_version: 2,
        topics: vec![AddPartitionsToTxnTopic {
            name: topic.to_owned(),
            partitions: partitions.to_vec(),
            ..AddPartitionsToTxnTopic::default()
        }],
    }
}

/// EndTxn.
pub(super) fn end(
    id: &str,
    (producer_id, producer_epoch): (i64, i16),
    committed: bool,
) -> EndTxnRequest {
    EndTxnRequest {
        transactional_id: id.to_owned(),
        producer_id,
        producer_epoch,
        committed,
        ..EndTxnRequest::default()
    }
}
