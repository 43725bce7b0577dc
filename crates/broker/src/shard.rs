//! The loop around a ledger machine on one partition: decide, append, replay, answer when committed.
//!
//! There is no thread and no queue in it: whoever asks takes the lock, and decides and appends in his own thread, as a
//! produce does. An answer waits until everything that the decision saw is committed; on a partition with one replica
//! that is at once.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use ottla_log::{AppendError, ReadError, UpperBound, VerificationGuard};
use ottla_machine::{Entropy, Machine, Moment, Out, Ticket, Time};
use ottla_wire::{
    errors::{Code, Refusal},
    records::Batch,
};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tracing::{error, warn};

use crate::{
    clock,
    markers::Marker,
    partition::{Appender, NotAppended, Partition, Waiting},
    reply::Reply,
};

/// "Nothing is due."
const NEVER: u64 = u64::MAX;

/// A ledger machine whose records are in a partition.
pub(crate) trait Ledger:
    Machine<Input: Send, Reply: Send, Record: Send> + Send + Sized + 'static
{
    /// Something that a decision wants done outside its log, once it is committed.
    type Errand: Send;

    /// The batches of a decision: one, so that it is all or nothing, unless nothing is lost by splitting it.
    ///
    /// # Errors
    /// If a record cannot be written, or the decision is too large for one batch.
    fn write(records: &[Self::Record], limits: &Limits) -> Result<Vec<Written>, Refusal>;

    /// Reads a batch that [`Ledger::write`] or Apache Kafka wrote.
    ///
    /// # Errors
    /// A sentence that says what is wrong with which record.
    fn read(batch: &Batch, each: &mut dyn FnMut(i64, Self::Record)) -> Result<(), String>;

    /// Everything was replayed.
    fn loaded(&mut self, moment: &mut Moment<'_>, out: &mut Out<Self::Record, Self::Reply>);

    /// The answers of those who wait when the machine goes away.
    fn unload(&mut self) -> Vec<(Ticket, Self::Reply)>;

    /// What is to be done outside now; each errand is handed out once.
    fn errands(&mut self) -> Vec<Self::Errand>;

    /// What a transaction's marker in its log is to it; `None` if its log has no transactions.
    fn marker(marker: &Marker) -> Option<Self::Record>;

    /// Adds what comes in while the log is read to what has come in, so that it stays small.
    fn keep(kept: &mut Vec<Self::Input>, input: Self::Input);
}

/// What batches must obey.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// `max.message.bytes` of the topic.
    pub(crate) max_batch: usize,
    /// The codec, by its number in Kafka's configuration.
    pub(crate) codec: i16,
    /// The records' timestamp.
    pub(crate) now_ms: i64,
}

/// A batch, and how many of the decision's records it has.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) batch: Batch,
    pub(crate) records: usize,
}

/// What became of a question.
pub(crate) type Outcome<M> = Result<<M as Machine>::Reply, Refusal>;

/// A question's answer, there or to come.
pub(crate) enum Asked<A> {
    /// It is there.
    Now(Result<A, Refusal>),
    /// It comes with a later decision.
    Later(oneshot::Receiver<Result<A, Refusal>>),
}

impl<A: Send + 'static> Asked<A> {
    /// As a handler's reply.
    pub(crate) fn reply<T>(
        self,
        answer: impl FnOnce(Result<A, Refusal>) -> T + Send + 'static,
    ) -> Reply<T> {
        match self {
            Self::Now(outcome) => Reply::Now(answer(outcome)),
            later @ Self::Later(_) => {
                Reply::Later(Box::pin(async move { answer(later.wait().await) }))
            }
        }
    }

    /// Waits for it.
    pub(crate) async fn wait(self) -> Result<A, Refusal> {
        match self {
            Self::Now(outcome) => outcome,
            Self::Later(receiver) => receiver.await.unwrap_or_else(|_| Err(moved())),
        }
    }
}

fn moved() -> Refusal {
    Code::NOT_COORDINATOR
        .because("this broker is not the coordinator any more: ask for the coordinator again")
}

fn loading() -> Refusal {
    Code::COORDINATOR_LOAD_IN_PROGRESS
        .because("the coordinator is still reading its log: ask again shortly")
}

/// A machine on its partition.
pub(crate) struct Shard<M: Ledger> {
    partition: Arc<Partition>,
    codec: i16,
    /// Rung when answers that wait for the high watermark may have become due.
    alarm: Arc<Notify>,
    inner: Mutex<Inner<M>>,
    /// When the machine wants to be woken, in ms.
    wake_at: AtomicU64,
    is_parked: AtomicBool,
    has_errands: AtomicBool,
}

struct Inner<M: Ledger> {
    phase: Phase<M>,
    entropy: Entropy,
    last_ticket: u64,
    /// Those whose answer comes with a later decision: one per question that a member may have open.
    waiting: HashMap<Ticket, oneshot::Sender<Outcome<M>>>,
    /// Answers that wait for the high watermark: with a single replica there are none.
    parked: VecDeque<Parked<M>>,
    /// What is to be done outside, and is committed.
    errands: Vec<M::Errand>,
}

struct Parked<M: Ledger> {
    until: i64,
    replies: Vec<(Ticket, Outcome<M>)>,
    errands: Vec<M::Errand>,
    /// Rings the alarm when the partition's offsets move.
    _ring: Waiting,
}

enum Phase<M: Ledger> {
    /// The log is being read; what comes in meanwhile without a question is kept.
    Loading(Vec<M::Input>),
    Active(M),
    /// The partition moved away, or its log cannot be read.
    Closed,
}

impl<M: Ledger> Shard<M> {
    /// Of a partition whose log is to be read: see [`Shard::load`].
    pub(crate) fn new(
        partition: Arc<Partition>,
        codec: i16,
        alarm: Arc<Notify>,
        seed: u64,
    ) -> Self {
        Self {
            partition,
            codec,
            alarm,
            inner: Mutex::new(Inner {
                phase: Phase::Loading(Vec::new()),
                entropy: Entropy::new(seed),
                last_ticket: 0,
                waiting: HashMap::new(),
                parked: VecDeque::new(),
                errands: Vec::new(),
            }),
            wake_at: AtomicU64::new(NEVER),
            is_parked: AtomicBool::new(false),
            has_errands: AtomicBool::new(false),
        }
    }

    /// The partition.
    pub(crate) fn partition(&self) -> &Arc<Partition> {
        &self.partition
    }

    /// When it wants to be woken, in ms.
    pub(crate) fn wake_at(&self) -> u64 {
        self.wake_at.load(Ordering::SeqCst)
    }

    /// Reads the partition's log into `machine`, in the caller's thread, and serves from then on.
    pub(crate) fn load(&self, mut machine: M, buffer: usize) {
        let started = clock::now();
        match replay_log(&self.partition, &mut machine, buffer) {
            Ok(records) => {
                self.activate(machine);
                if records > 0 {
                    tracing::info!(
                        target: "kafka.coordinator",
                        "read {records} records of {}-{} in {} ms",
                        self.partition.topic, self.partition.index, clock::now().0.saturating_sub(started.0)
                    );
                }
            }
            Err(why) => {
                error!(
                    target: "kafka.coordinator",
                    "{}-{} cannot be read, so nobody coordinates what belongs to it: {why}",
                    self.partition.topic, self.partition.index
                );
                self.inner.lock().phase = Phase::Closed;
            }
        }
    }

    fn activate(&self, machine: M) {
        let mut inner = self.inner.lock();
        let Phase::Loading(kept) = std::mem::replace(&mut inner.phase, Phase::Active(machine))
        else {
            // It moved away while it was read.
            inner.phase = Phase::Closed;
            return;
        };
        let by = Appender::COORDINATOR;
        self.decide(&mut inner, by, |machine, moment, out| {
            machine.loaded(moment, out);
        });
        for input in kept {
            self.decide(&mut inner, by, |machine, moment, out| {
                machine.handle(moment, Ticket::default(), input, out);
            });
        }
    }

    /// The partition moved away: everybody who waits is told.
    pub(crate) fn close(&self) {
        let mut inner = self.inner.lock();
        if let Phase::Active(mut machine) = std::mem::replace(&mut inner.phase, Phase::Closed) {
            let replies = machine.unload();
            inner.release(
                replies
                    .into_iter()
                    .map(|(ticket, reply)| (ticket, Ok(reply))),
            );
        }
        inner.parked.clear();
        inner.errands.clear();
        // Dropping a sender tells the one who waits.
        inner.waiting.clear();
        self.wake_at.store(NEVER, Ordering::SeqCst);
    }

    /// Tells the machine something that has no answer.
    pub(crate) fn tell(&self, input: M::Input) {
        let mut inner = self.inner.lock();
        match &mut inner.phase {
            Phase::Loading(kept) => M::keep(kept, input),
            Phase::Active(_) => {
                self.decide(&mut inner, Appender::COORDINATOR, |machine, moment, out| {
                    machine.handle(moment, Ticket::default(), input, out);
                });
            }
            Phase::Closed => {}
        }
    }

    /// Asks the machine.
    pub(crate) fn ask(&self, input: M::Input) -> Asked<M::Reply> {
        self.ask_verified(input, VerificationGuard::NONE)
    }

    /// Asks the machine for something that it will write as part of a transaction, which was verified.
    pub(crate) fn ask_verified(
        &self,
        input: M::Input,
        guard: VerificationGuard,
    ) -> Asked<M::Reply> {
        let mut inner = self.inner.lock();
        match inner.phase {
            Phase::Loading(_) => return Asked::Now(Err(loading())),
            Phase::Closed => return Asked::Now(Err(moved())),
            Phase::Active(_) => {}
        }
        inner.last_ticket += 1;
        let ticket = Ticket(inner.last_ticket);
        let (sender, mut receiver) = oneshot::channel();
        inner.waiting.insert(ticket, sender);
        let by = Appender::COORDINATOR.verified(guard);
        self.decide(&mut inner, by, |machine, moment, out| {
            machine.handle(moment, ticket, input, out);
        });
        drop(inner);
        match receiver.try_recv() {
            Ok(outcome) => Asked::Now(outcome),
            Err(_) => Asked::Later(receiver),
        }
    }

    /// Lets the machine do what is due by `now`, and gives the answers that have been committed meanwhile.
    pub(crate) fn wake(&self, now: Time) {
        if self.is_parked.load(Ordering::SeqCst) {
            self.release_committed(&mut self.inner.lock());
        }
        while self.wake_at() <= now.0 {
            let mut inner = self.inner.lock();
            if !matches!(inner.phase, Phase::Active(_)) {
                return;
            }
            self.decide(&mut inner, Appender::COORDINATOR, |machine, moment, out| {
                machine.wake(moment, out);
            });
        }
    }

    /// Ends a transaction in this log, for the log and for the machine.
    ///
    /// # Errors
    /// As the log refuses it; `COORDINATOR_LOAD_IN_PROGRESS` and `NOT_COORDINATOR` without a machine.
    pub(crate) fn write_marker(&self, marker: &Marker) -> Result<(), Refusal> {
        let mut inner = self.inner.lock();
        let machine = match &mut inner.phase {
            Phase::Loading(_) => return Err(loading()),
            Phase::Closed => return Err(moved()),
            Phase::Active(machine) => machine,
        };
        let appended = marker.append_to(&self.partition)?;
        if let Some(record) = M::marker(marker) {
            machine.replay(appended.first_offset, &record);
        }
        Ok(())
    }

    /// What is to be done outside now. Each errand is handed out once.
    pub(crate) fn take_errands(&self) -> Vec<M::Errand> {
        if !self.has_errands.load(Ordering::SeqCst) {
            return Vec::new();
        }
        let mut inner = self.inner.lock();
        self.has_errands.store(false, Ordering::SeqCst);
        std::mem::take(&mut inner.errands)
    }

    fn release_committed(&self, inner: &mut Inner<M>) {
        let high_watermark = self.partition.reader().offsets().high_watermark;
        while let Some(parked) = inner
            .parked
            .pop_front_if(|parked| parked.until <= high_watermark)
        {
            inner.release(parked.replies);
            self.hand_out(inner, parked.errands);
        }
        self.is_parked
            .store(!inner.parked.is_empty(), Ordering::SeqCst);
    }

    fn hand_out(&self, inner: &mut Inner<M>, errands: Vec<M::Errand>) {
        if !errands.is_empty() {
            inner.errands.extend(errands);
            self.has_errands.store(true, Ordering::SeqCst);
        }
    }

    /// One decision from beginning to end.
    fn decide(
        &self,
        inner: &mut Inner<M>,
        by: Appender,
        decide: impl FnOnce(&mut M, &mut Moment<'_>, &mut Out<M::Record, M::Reply>),
    ) {
        let Inner { phase, entropy, .. } = inner;
        let Phase::Active(machine) = phase else {
            return;
        };
        let mut out = Out::default();
        let mut moment = Moment {
            now: clock::now(),
            next_offset: self.partition.reader().offsets().log_end,
            entropy,
        };
        decide(machine, &mut moment, &mut out);
        let replies: Vec<_> = match self.append(machine, by, &out.records) {
            Ok(()) => of_all(out.replies),
            Err(refusal) => {
                warn!(
                    target: "kafka.coordinator",
                    "a decision could not be written to {}-{}: {}",
                    self.partition.topic, self.partition.index, refusal.text()
                );
                let refused = |(ticket, _)| (ticket, Err(refusal.clone()));
                out.replies.into_iter().map(refused).collect()
            }
        };
        let wake_at = machine.wake_at().map_or(NEVER, |at| at.0);
        self.wake_at.store(wake_at, Ordering::SeqCst);
        let errands = machine.errands();
        let offsets = self.partition.reader().offsets();
        if inner.parked.is_empty() && offsets.high_watermark >= offsets.log_end {
            inner.release(replies);
            self.hand_out(inner, errands);
        } else {
            inner.parked.push_back(Parked {
                until: offsets.log_end,
                replies,
                errands,
                _ring: self.partition.wait(&self.alarm),
            });
            self.release_committed(inner);
        }
    }

    /// Appends and replays. What was not appended is not replayed.
    fn append(&self, machine: &mut M, by: Appender, records: &[M::Record]) -> Result<(), Refusal> {
        if records.is_empty() {
            return Ok(());
        }
        let limits = Limits {
            max_batch: self.partition.settings().log.max_message_bytes as usize,
            codec: self.codec,
            now_ms: clock::wall_ms(),
        };
        let mut rest = records;
        for written in M::write(records, &limits)? {
            let appended = self
                .partition
                .append(written.batch, by)
                .map_err(not_written)?;
            let (these, others) = rest.split_at(written.records.min(rest.len()));
            for (offset, record) in (appended.first_offset..).zip(these) {
                machine.replay(offset, record);
            }
            rest = others;
        }
        Ok(())
    }
}

fn of_all<T>(replies: Vec<(Ticket, T)>) -> Vec<(Ticket, Result<T, Refusal>)> {
    replies
        .into_iter()
        .map(|(ticket, reply)| (ticket, Ok(reply)))
        .collect()
}

/// What a client is told of an append that failed: as Kafka's coordinators translate it.
fn not_written(why: NotAppended) -> Refusal {
    let (code, why) = match why {
        NotAppended::Refused(Code::KAFKA_STORAGE_ERROR) => (
            Code::KAFKA_STORAGE_ERROR,
            "its log directory has failed".to_owned(),
        ),
        NotAppended::Refused(code) => (code, "the partition is not led by this broker".to_owned()),
        // There may be room soon, and this broker still coordinates.
        NotAppended::Log(AppendError::Log(fault)) if fault.is_full() => {
            (Code::NOT_ENOUGH_REPLICAS, fault.to_string())
        }
        // The client's transaction is at fault, not the log.
        NotAppended::Log(AppendError::Producer(error)) => {
            return error.code().because(error.to_string());
        }
        NotAppended::Log(error) => (error.code(), error.to_string()),
    };
    let code = match code {
        Code::NOT_LEADER_OR_FOLLOWER | Code::KAFKA_STORAGE_ERROR => Code::NOT_COORDINATOR,
        Code::UNKNOWN_TOPIC_OR_PARTITION | Code::NOT_ENOUGH_REPLICAS | Code::REQUEST_TIMED_OUT => {
            Code::COORDINATOR_NOT_AVAILABLE
        }
        _ => Code::UNKNOWN_SERVER_ERROR,
    };
    code.because(format!("the coordinator's log could not be written: {why}"))
}

impl<M: Ledger> Inner<M> {
    fn release(&mut self, replies: impl IntoIterator<Item = (Ticket, Outcome<M>)>) {
        for (ticket, outcome) in replies {
            if let Some(sender) = self.waiting.remove(&ticket) {
                // Who went away does not hear it.
                let _ = sender.send(outcome);
            }
        }
    }
}

/// Replays the whole log; how many records it has.
fn replay_log<M: Ledger>(
    partition: &Partition,
    machine: &mut M,
    buffer: usize,
) -> Result<u64, String> {
    let reader = partition.reader();
    let mut offset = reader.offsets().log_start;
    let mut count = 0;
    partition.touch();
    while offset < reader.offsets().log_end {
        let fetched = reader
            .read(offset, buffer, true, UpperBound::LogEnd)
            .map_err(|error| {
                if let ReadError::Log(fault) = &error {
                    partition.noticed(fault);
                }
                format!("from offset {offset} on: {error}")
            })?;
        let Some(slice) = fetched.slice else {
            // A compacted log may end with a hole.
            break;
        };
        let mut bytes: Bytes = slice.read().map_err(|error| error.to_string())?;
        let before = offset;
        while let Ok(batch) = Batch::first(&bytes) {
            bytes = bytes.slice(batch.size_in_bytes()..);
            let from = offset;
            M::read(&batch, &mut |at, record| {
                if at >= from {
                    count += 1;
                    machine.replay(at, &record);
                }
            })?;
            offset = batch.next_offset().max(offset);
        }
        if offset == before {
            return Err(format!("it cannot be read from offset {offset} on"));
        }
    }
    Ok(count)
}
