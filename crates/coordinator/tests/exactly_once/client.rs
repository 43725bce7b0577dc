//! Transactional producers with the rules of Kafka's client: what is tried again, what aborts, what ends it.

use std::rc::Rc;

use ottla_wire::errors::Code;

use crate::{
    message::{Answer, DATA, From, IDS, INPUT, OFFSETS, Request, Writer},
    seen,
    truth::{Consumed, Outcome},
    world::{Event, MAX_TIMEOUT_MS, World},
};

/// How long a client waits for an answer.
const REQUEST_MS: u64 = 800;
/// So often a batch is sent before its client gives it up, and anything else.
const BATCH_ATTEMPTS: u32 = 6;
const ATTEMPTS: u32 = 40;

struct Call {
    number: u32,
    attempt: u32,
    /// How often it went out.
    sent: u32,
    request: Rc<Request>,
}

enum Phase {
    /// InitProducerId is next.
    Starting,
    /// OffsetFetch is next.
    Fetching,
    Idle,
    Running(Transaction),
    /// Until it is started anew, if ever.
    Down,
}

struct ToSend {
    partition: usize,
    values: Vec<u32>,
    /// Once it went out.
    sequence: Option<i32>,
    is_acknowledged: bool,
}

struct Transaction {
    tag: u32,
    batches: Vec<ToSend>,
    /// What is committed with it.
    offset: Option<i64>,
    stage: Stage,
    commits: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Adding,
    Producing,
    AddingOffsets,
    CommittingOffsets,
    Ending(bool),
}

/// A transactional producer; one that also reads is a processor.
pub(crate) struct Client {
    is_processor: bool,
    timeout_ms: i32,
    incarnation: u32,
    writer: Writer,
    sequences: [i32; DATA],
    phase: Phase,
    calls: Vec<Call>,
    last_call: u32,
    asleep_until: u64,
    position: i64,
    /// So many transactions are still to be done, and it may be started anew so often.
    left: u64,
    starts: u64,
    /// Whether it must get another epoch before its next transaction: what it gave up may still be on its way.
    needs_epoch: bool,
}

impl World {
    pub(crate) fn new_client(&mut self, slot: usize) -> Client {
        let id = match slot {
            0 | 1 => slot,
            _ => self.entropy.below(IDS.len() as u64) as usize,
        };
        let v2 = self.settings.transaction_version >= 2 && self.entropy.below(4) != 0;
        Client {
            is_processor: id == 1,
            timeout_ms: 1_500 + self.entropy.below(MAX_TIMEOUT_MS as u64 - 1_500) as i32,
            incarnation: 0,
            writer: Writer {
                id,
                producer_id: -1,
                epoch: -1,
                v2,
            },
            sequences: [0; DATA],
            phase: Phase::Starting,
            calls: Vec::new(),
            last_call: 0,
            // The second one of an id comes later.
            asleep_until: match slot {
                2 => self.now + 2_000 + self.entropy.below(8_000),
                _ => 0,
            },
            position: 0,
            left: 3 + self.entropy.below(4),
            starts: 1 + self.entropy.below(6),
            needs_epoch: false,
        }
    }

    // Failures of clients.

    pub(crate) fn dies(&mut self, slot: usize) {
        if !matches!(self.clients[slot].phase, Phase::Down) {
            self.saw(seen::CLIENT_DIED);
            self.tell(|| format!("c{slot} dies"));
            self.starts_anew(slot);
        }
    }

    pub(crate) fn sleeps(&mut self, slot: usize) {
        self.saw(seen::CLIENT_SLEPT);
        let until = self.now + self.entropy.below(2 * MAX_TIMEOUT_MS as u64);
        self.tell(|| format!("c{slot} sleeps until {until}"));
        self.clients[slot].asleep_until = until;
    }

    pub(crate) fn wake_up(&mut self, slot: usize) {
        let client = &mut self.clients[slot];
        client.asleep_until = client.asleep_until.min(self.now);
    }

    /// It ends without a word, and comes back without a memory.
    fn starts_anew(&mut self, slot: usize) {
        self.gives_up_transaction(slot);
        let client = &mut self.clients[slot];
        client.incarnation += 1;
        client.calls.clear();
        client.phase = Phase::Down;
        client.needs_epoch = false;
        if client.starts == 0 {
            self.saw(seen::CLIENT_CLOSED);
            return;
        }
        client.starts -= 1;
        client.phase = Phase::Starting;
        client.writer.producer_id = -1;
        client.writer.epoch = -1;
        let pause = 1 + self.entropy.below(2_000);
        self.step_after(slot, pause);
    }

    /// What becomes of a transaction whose client knows no more of it.
    fn gives_up_transaction(&mut self, slot: usize) {
        if let Phase::Running(of) = &self.clients[slot].phase {
            let (tag, asked) = (of.tag, of.stage == Stage::Ending(true));
            if asked {
                self.saw(seen::UNKNOWN);
            } else {
                self.truth.meant(tag).outcome = Outcome::NotCommitted;
            }
        }
    }

    // Steps.

    fn step_after(&mut self, slot: usize, pause: u64) {
        let incarnation = self.clients[slot].incarnation;
        self.at(self.now + pause, Event::Step { slot, incarnation });
    }

    pub(crate) fn step(&mut self, slot: usize, incarnation: u32) {
        let client = &self.clients[slot];
        if client.incarnation != incarnation || !client.calls.is_empty() {
            return;
        }
        if client.asleep_until > self.now {
            self.step_after(slot, client.asleep_until - self.now);
            return;
        }
        match &client.phase {
            Phase::Starting => {
                let request = Request::Init {
                    writer: client.writer,
                    timeout_ms: client.timeout_ms,
                };
                self.call(slot, request);
            }
            Phase::Fetching => self.call(slot, Request::FetchOffset),
            Phase::Idle => self.begins(slot),
            Phase::Running(_) => self.goes_on(slot),
            Phase::Down => {}
        }
    }

    fn begins(&mut self, slot: usize) {
        if self.is_quiet() || self.clients[slot].left == 0 {
            return;
        }
        let (writer, timeout_ms) = (self.clients[slot].writer, self.clients[slot].timeout_ms);
        let (consumed, count) = if self.clients[slot].is_processor {
            let from = self.clients[slot].position;
            let (mut seen, _) = self.brokers.partitions[INPUT].read_committed(from, 64);
            seen.truncate(1 + self.entropy.below(3) as usize);
            let Some((last, _)) = seen.last() else {
                self.step_after(slot, 300);
                return;
            };
            let (to, count) = (last + 1, seen.len());
            let consumed = Consumed {
                from,
                to,
                seen,
                acknowledged: false,
            };
            (Some(consumed), count)
        } else {
            (None, 1 + self.entropy.below(4) as usize)
        };
        let tag = self.truth.begin(writer, timeout_ms);
        let offset = consumed.as_ref().map(|of| of.to);
        let is_processor = consumed.is_some();
        self.truth.meant(tag).consumed = consumed;
        let batches = self.batches(tag, count, is_processor);
        let commits = self.entropy.below(4) != 0;
        let is_empty_abort = writer.v2 && !commits && self.entropy.below(4) == 0;
        let stage = match writer.v2 {
            _ if is_empty_abort => Stage::Ending(false),
            true => Stage::Producing,
            false => Stage::Adding,
        };
        let client = &mut self.clients[slot];
        client.left -= 1;
        client.phase = Phase::Running(Transaction {
            tag,
            batches,
            offset,
            stage,
            commits,
        });
        self.goes_on(slot);
    }

    fn batches(&mut self, tag: u32, count: usize, is_processor: bool) -> Vec<ToSend> {
        let mut batches: Vec<ToSend> = Vec::new();
        for number in 0..count as u32 {
            let partition = match is_processor {
                true => DATA - 1 - self.entropy.below(2) as usize,
                false if self.entropy.below(2) == 0 => INPUT,
                false => self.entropy.below(DATA as u64) as usize,
            };
            let value = tag << 8 | number;
            match batches.last_mut() {
                Some(last) if last.partition == partition && self.entropy.below(2) == 0 => {
                    last.values.push(value);
                }
                _ => batches.push(ToSend {
                    partition,
                    values: vec![value],
                    sequence: None,
                    is_acknowledged: false,
                }),
            }
        }
        batches
    }

    /// The next thing to do for the open transaction.
    fn goes_on(&mut self, slot: usize) {
        let client = &mut self.clients[slot];
        let writer = client.writer;
        let Phase::Running(of) = &mut client.phase else {
            return;
        };
        let request = match of.stage {
            Stage::Adding => {
                let mut partitions: Vec<_> = of.batches.iter().map(|of| of.partition).collect();
                partitions.sort_unstable();
                partitions.dedup();
                Request::Add { writer, partitions }
            }
            Stage::Producing => {
                let tag = of.tag;
                let mut requests = Vec::new();
                for batch in of.batches.iter_mut().filter(|of| of.sequence.is_none()) {
                    let sequence = &mut client.sequences[batch.partition];
                    requests.push(Request::Produce {
                        writer,
                        partition: batch.partition,
                        sequence: *sequence,
                        tag,
                        values: batch.values.clone(),
                    });
                    batch.sequence = Some(*sequence);
                    *sequence += batch.values.len() as i32;
                }
                for request in requests {
                    self.call(slot, request);
                }
                return;
            }
            Stage::AddingOffsets => Request::Add {
                writer,
                partitions: vec![OFFSETS],
            },
            Stage::CommittingOffsets => Request::Commit {
                writer,
                tag: of.tag,
                offset: of.offset.expect("there is one to commit"),
            },
            Stage::Ending(committed) => {
                let tag = of.tag;
                if !committed {
                    self.truth.meant(tag).outcome = Outcome::NotCommitted;
                }
                Request::End { writer, committed }
            }
        };
        self.call(slot, request);
    }

    fn enter(&mut self, slot: usize, stage: Stage) {
        if let Phase::Running(of) = &mut self.clients[slot].phase {
            of.stage = stage;
        }
        // A client thinks now and then.
        let pause = match self.entropy.below(8) {
            0 if !self.is_quiet() => 1 + self.entropy.below(400),
            _ => 0,
        };
        self.step_after(slot, pause);
    }

    /// What comes after the batches.
    fn after_batches(&mut self, slot: usize) {
        let client = &self.clients[slot];
        let Phase::Running(of) = &client.phase else {
            return;
        };
        let next = match of.offset {
            Some(_) if client.writer.v2 => Stage::CommittingOffsets,
            Some(_) => Stage::AddingOffsets,
            None => Stage::Ending(of.commits),
        };
        self.enter(slot, next);
    }

    // Calls.

    fn call(&mut self, slot: usize, request: Request) {
        let client = &mut self.clients[slot];
        client.last_call += 1;
        let number = client.last_call;
        client.calls.push(Call {
            number,
            attempt: 0,
            sent: 0,
            request: Rc::new(request),
        });
        let from = From {
            slot,
            incarnation: client.incarnation,
            call: number,
        };
        self.out_of_patience(from, 0);
    }

    /// Sends a call that has waited long enough, for an answer or to be sent again.
    pub(crate) fn out_of_patience(&mut self, from: From, attempt: u32) {
        let client = &mut self.clients[from.slot];
        if client.incarnation != from.incarnation {
            return;
        }
        let asleep_until = client.asleep_until;
        let Some(call) = client.calls.iter_mut().find(|of| of.number == from.call) else {
            return;
        };
        if call.attempt != attempt {
            return;
        }
        if asleep_until > self.now {
            self.at(asleep_until, Event::Patience { from, attempt });
            return;
        }
        let is_batch = matches!(&*call.request, Request::Produce { .. });
        let most = if is_batch { BATCH_ATTEMPTS } else { ATTEMPTS };
        if call.attempt >= most && !self.is_quiet() {
            match is_batch {
                true => self.abortable(from.slot, true),
                false => self.starts_anew(from.slot),
            }
            return;
        }
        let call = self.clients[from.slot]
            .calls
            .iter_mut()
            .find(|of| of.number == from.call);
        let call = call.expect("it was there");
        call.attempt += 1;
        call.sent += 1;
        let (request, attempt) = (call.request.clone(), call.attempt);
        self.at(self.now + REQUEST_MS, Event::Patience { from, attempt });
        self.send(from, &request);
    }

    fn again(&mut self, from: From, pause: u64) {
        let pause = pause + self.entropy.below(pause);
        let client = &mut self.clients[from.slot];
        let Some(call) = client.calls.iter_mut().find(|of| of.number == from.call) else {
            return;
        };
        call.attempt += 1;
        let attempt = call.attempt;
        self.at(self.now + pause, Event::Patience { from, attempt });
    }

    pub(crate) fn answered(&mut self, from: From, answer: Answer) {
        let client = &self.clients[from.slot];
        if client.incarnation != from.incarnation {
            return;
        }
        if client.asleep_until > self.now {
            self.at(client.asleep_until, Event::Answered { from, answer });
            return;
        }
        let Some(at) = client.calls.iter().position(|of| of.number == from.call) else {
            return;
        };
        if is_retriable(answer.code) {
            if answer.code == Code::CONCURRENT_TRANSACTIONS {
                self.saw(seen::CONCURRENT);
            }
            self.again(from, 20);
            return;
        }
        let request = client.calls[at].request.clone();
        if matches!(&*request, Request::Produce { .. })
            && answer.code == Code::OUT_OF_ORDER_SEQUENCE_NUMBER
            && self.overtook(from.slot, &request)
        {
            self.saw(seen::OUT_OF_ORDER);
            self.again(from, 20);
            return;
        }
        let call = self.clients[from.slot].calls.remove(at);
        match &*call.request {
            Request::Init { .. } => self.initialized(from.slot, answer),
            Request::FetchOffset => {
                assert_eq!(answer.code, Code::NONE, "OffsetFetch");
                let client = &mut self.clients[from.slot];
                client.position = answer.offset;
                client.phase = Phase::Idle;
                self.step_after(from.slot, 0);
            }
            Request::Add { .. } => self.added(from.slot, answer.code),
            Request::Produce {
                partition,
                sequence,
                ..
            } => self.produced(from.slot, *partition, *sequence, answer.code),
            Request::Commit { .. } => self.offset_committed(from.slot, answer.code),
            Request::End { committed, .. } => {
                self.ended(from.slot, *committed, call.sent, answer);
            }
        }
    }

    /// Whether a batch before it has no answer yet.
    fn overtook(&self, slot: usize, request: &Request) -> bool {
        let Request::Produce {
            partition,
            sequence,
            ..
        } = request
        else {
            return false;
        };
        self.clients[slot]
            .calls
            .iter()
            .any(|call| match &*call.request {
                Request::Produce {
                    partition: other,
                    sequence: before,
                    ..
                } => other == partition && before < sequence,
                _ => false,
            })
    }

    // Answers.

    fn initialized(&mut self, slot: usize, answer: Answer) {
        let code = answer.code;
        if code != Code::NONE {
            let exhausted = code == Code::UNKNOWN_SERVER_ERROR;
            assert!(is_fenced(code) || exhausted, "InitProducerId got {code:?}");
            self.fatal(slot);
            return;
        }
        let client = &mut self.clients[slot];
        client.writer.producer_id = answer.producer_id;
        client.writer.epoch = answer.epoch;
        client.sequences = [0; DATA];
        client.needs_epoch = false;
        client.phase = match client.is_processor {
            true => Phase::Fetching,
            false => Phase::Idle,
        };
        self.step_after(slot, 0);
    }

    fn added(&mut self, slot: usize, code: Code) {
        let Phase::Running(of) = &self.clients[slot].phase else {
            return;
        };
        match code {
            Code::NONE if of.stage == Stage::Adding => self.enter(slot, Stage::Producing),
            Code::NONE => self.enter(slot, Stage::CommittingOffsets),
            Code::INVALID_PRODUCER_ID_MAPPING => self.mapped_to_another(slot),
            code if is_fenced(code) => self.fatal(slot),
            code => panic!("AddPartitionsToTxn got {code:?}"),
        }
    }

    fn produced(&mut self, slot: usize, partition: usize, sequence: i32, code: Code) {
        let Phase::Running(of) = &mut self.clients[slot].phase else {
            return;
        };
        match code {
            Code::NONE => {
                let batch = of
                    .batches
                    .iter_mut()
                    .find(|batch| batch.partition == partition && batch.sequence == Some(sequence));
                let batch = batch.expect("it was sent");
                batch.is_acknowledged = true;
                let written = batch.values.iter().map(|value| (partition, *value));
                self.truth.meant(of.tag).acknowledged.extend(written);
                if of.batches.iter().all(|batch| batch.is_acknowledged) {
                    self.after_batches(slot);
                }
            }
            Code::OUT_OF_ORDER_SEQUENCE_NUMBER => self.abortable(slot, true),
            Code::TRANSACTION_ABORTABLE => self.abortable(slot, false),
            Code::INVALID_PRODUCER_ID_MAPPING => self.mapped_to_another(slot),
            Code::INVALID_TXN_STATE => self.fatal(slot),
            // It is told for good when it aborts.
            code if is_fenced(code) => self.abortable(slot, false),
            code => panic!("Produce got {code:?}"),
        }
    }

    fn offset_committed(&mut self, slot: usize, code: Code) {
        let Phase::Running(of) = &self.clients[slot].phase else {
            return;
        };
        match code {
            Code::NONE => {
                let (tag, commits) = (of.tag, of.commits);
                let consumed = self.truth.meant(tag).consumed.as_mut();
                consumed.expect("it has read").acknowledged = true;
                self.enter(slot, Stage::Ending(commits));
            }
            Code::TRANSACTION_ABORTABLE => self.abortable(slot, false),
            Code::INVALID_PRODUCER_ID_MAPPING => self.mapped_to_another(slot),
            Code::INVALID_TXN_STATE => self.fatal(slot),
            code if is_fenced(code) => self.fatal(slot),
            code => panic!("TxnOffsetCommit got {code:?}"),
        }
    }

    fn ended(&mut self, slot: usize, committed: bool, sent: u32, answer: Answer) {
        let Phase::Running(of) = &self.clients[slot].phase else {
            return;
        };
        let (tag, offset) = (of.tag, of.offset);
        match answer.code {
            Code::NONE => {}
            Code::INVALID_TXN_STATE | Code::INVALID_PRODUCER_ID_MAPPING => {
                return self.refused_to_end(slot, tag, committed, sent);
            }
            code if is_fenced(code) => return self.refused_to_end(slot, tag, committed, sent),
            code => panic!("EndTxn got {code:?}"),
        }
        if committed {
            self.knows_commit(tag);
        }
        let client = &mut self.clients[slot];
        client.phase = Phase::Idle;
        if client.writer.v2 {
            let before = (client.writer.producer_id, client.writer.epoch);
            client.writer.producer_id = answer.producer_id;
            client.writer.epoch = answer.epoch;
            assert_ne!(
                before,
                (answer.producer_id, answer.epoch),
                "an end raises the epoch"
            );
            client.sequences = [0; DATA];
            client.needs_epoch = false;
        }
        if let (true, Some(offset)) = (committed, offset) {
            client.position = offset;
        }
        if client.needs_epoch {
            self.saw(seen::EPOCH_RAISED);
            self.clients[slot].phase = Phase::Starting;
        }
        let pause = self.entropy.below(1_000);
        self.step_after(slot, pause);
    }

    fn knows_commit(&mut self, tag: u32) {
        let meant = self.truth.meant(tag);
        meant.outcome = Outcome::Committed;
        let (v2, offsets) = (meant.writer.v2, meant.consumed.is_some());
        self.saw(if v2 { seen::KNOWN_V2 } else { seen::KNOWN_V1 });
        if offsets {
            self.saw(seen::OFFSETS_COMMITTED);
        }
    }

    fn refused_to_end(&mut self, slot: usize, tag: u32, committed: bool, sent: u32) {
        // What was asked once, and cannot have come twice, was not done.
        if committed && sent == 1 && !self.clients[slot].writer.v2 {
            self.truth.meant(tag).outcome = Outcome::NotCommitted;
        }
        self.fatal(slot);
    }

    /// The transaction is aborted. `is_open`: something of it may still be on its way.
    fn abortable(&mut self, slot: usize, is_open: bool) {
        self.saw(seen::ABORTABLE);
        let client = &mut self.clients[slot];
        let is_open = is_open || !client.calls.is_empty();
        client.calls.clear();
        client.needs_epoch |= is_open && !client.writer.v2;
        self.enter(slot, Stage::Ending(false));
    }

    /// The coordinator knows nothing of it, or another producer id: there is nothing to abort.
    fn mapped_to_another(&mut self, slot: usize) {
        self.saw(seen::FENCED);
        if self.clients[slot].writer.v2 {
            self.fatal(slot);
            return;
        }
        self.gives_up_transaction(slot);
        self.saw(seen::EPOCH_RAISED);
        let client = &mut self.clients[slot];
        client.calls.clear();
        client.phase = Phase::Starting;
        self.step_after(slot, 0);
    }

    /// It is closed; another one of the same transactional id may be started.
    fn fatal(&mut self, slot: usize) {
        self.saw(seen::FENCED);
        self.tell(|| format!("c{slot} is closed"));
        self.starts_anew(slot);
    }
}

fn is_retriable(code: Code) -> bool {
    matches!(
        code,
        Code::CONCURRENT_TRANSACTIONS
            | Code::COORDINATOR_LOAD_IN_PROGRESS
            | Code::COORDINATOR_NOT_AVAILABLE
            | Code::NOT_COORDINATOR
            | Code::NOT_ENOUGH_REPLICAS
            | Code::UNSTABLE_OFFSET_COMMIT
    )
}

fn is_fenced(code: Code) -> bool {
    matches!(code, Code::PRODUCER_FENCED | Code::INVALID_PRODUCER_EPOCH)
}
