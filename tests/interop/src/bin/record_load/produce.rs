//! As many records as the broker takes: each connection keeps a window of requests under way. A reader may read along.

use std::{
    collections::VecDeque,
    io::Write,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use ottla_interop::load::Plan;
use ottla_wire::messages::{InitProducerIdRequest, ProduceRequest};
use serde_json::Value;

use super::{
    answers::Answers,
    fetch::Consumer,
    frames::{Frame, PRODUCE, Shape},
    gauge::now,
    link::{Link, decode},
    measured::{self, Tally},
    target::{Target, is_floor},
    touch::touch,
};

/// Options: topic, partitions, record_bytes, batch_bytes, codec, acks, idempotent, connections, window (requests under way on
/// a connection), spread (partitions in a request), readers (that read along), touch (megabytes of the page cache that are
/// used before), and seconds or megabytes.
pub(crate) fn run(plan: &Plan) -> Result<Value, String> {
    let target = Target::of(plan)?;
    let shape = Shape::of(plan)?;
    let limit = Limit::of(plan)?;
    let connections = plan.number_or("connections", 1)?.max(1);
    let mut all = Vec::new();
    for share in 0..connections {
        let producer = Producer::of(plan, &target, &shape, share)?;
        all.push(Side::Producer(Box::new(producer)));
    }
    for _ in 0..plan.number_or("readers", 0)? {
        all.push(Side::Reader(Box::new(Consumer::of(plan, &target)?)));
    }
    touch(plan.number_or("touch", 0)?)?;
    let left = AtomicUsize::new(connections);
    let measured = measured::run(plan, all, |side| match side {
        Side::Producer(producer) => {
            let done = producer.run(&limit);
            left.fetch_sub(1, Ordering::Release);
            done
        }
        Side::Reader(mut consumer) => {
            while left.load(Ordering::Acquire) > 0 {
                consumer.read(|_, _| {})?;
            }
            // What is written counts, once.
            Ok(Tally::default())
        }
    })?;
    Ok(measured.json())
}

/// One of those who load the broker.
enum Side {
    Producer(Box<Producer>),
    Reader(Box<Consumer>),
}

/// When it is enough.
struct Limit {
    time: Duration,
    bytes: u64,
    sent: AtomicU64,
}

impl Limit {
    fn of(plan: &Plan) -> Result<Self, String> {
        const HOUR: usize = 3600;
        let bytes = plan.number_or("megabytes", usize::MAX >> 24)? as u64 * 1_000_000;
        Ok(Self {
            time: Duration::from_secs(plan.number_or("seconds", HOUR)? as u64),
            bytes,
            sent: AtomicU64::new(0),
        })
    }

    /// Whether these bytes may be sent yet.
    fn allows(&self, bytes: u64, since: Instant) -> bool {
        self.sent.fetch_add(bytes, Ordering::Relaxed) < self.bytes && since.elapsed() < self.time
    }
}

/// An id, an epoch, and the next sequence of each frame's partitions.
struct Idempotence {
    id: i64,
    epoch: i16,
    sequences: Vec<i32>,
}

struct Producer {
    link: Link,
    answers: Answers,
    frames: Vec<Frame>,
    idempotence: Option<Idempotence>,
    window: usize,
    checks: bool,
}

impl Producer {
    /// Of the partitions `share`, `share + connections` …
    fn of(plan: &Plan, target: &Target, shape: &Shape, share: usize) -> Result<Self, String> {
        let connections = plan.number_or("connections", 1)?.max(1);
        let spread = plan.number_or("spread", 1)?.max(1);
        let mut mine: Vec<i32> = (0..target.partitions)
            .skip(share)
            .step_by(connections)
            .collect();
        if mine.is_empty() {
            // More connections than partitions: they share.
            mine.push(share as i32 % target.partitions);
        }
        let frames = mine.chunks(spread).map(|of| shape.frame(target, of));
        let frames = frames.collect::<Result<Vec<_>, _>>()?;
        let mut link = Link::open(&plan.address)?;
        // The bare server gives no producer ids, and looks at none.
        let checks = !is_floor(plan)?;
        let idempotence = match plan.number_or("idempotent", 0)? {
            1.. if checks => Some(Idempotence::ask(&mut link, frames.len())?),
            _ => None,
        };
        Ok(Self {
            answers: Answers::of(&link.stream)?,
            link,
            frames,
            idempotence,
            window: plan.number_or("window", 5)?.max(1),
            checks,
        })
    }

    fn run(mut self, limit: &Limit) -> Result<Tally, String> {
        let start = now();
        let mut tally = Tally::default();
        let mut under_way = VecDeque::with_capacity(self.window);
        let (mut number, mut open) = (0, true);
        while open || !under_way.is_empty() {
            while open && under_way.len() < self.window {
                let at = number % self.frames.len();
                open = limit.allows(self.frames[at].batch_bytes(), start);
                if open {
                    self.send(at, number)?;
                    tally.records += self.frames[at].records();
                    tally.bytes += self.frames[at].batch_bytes();
                    under_way.push_back(now());
                    number += 1;
                }
            }
            if let Some(sent) = under_way.pop_front() {
                self.receive()?;
                let micros = sent.elapsed().as_micros();
                tally.micros.push(u32::try_from(micros).unwrap_or(u32::MAX));
            }
        }
        Ok(tally)
    }

    fn send(&mut self, at: usize, number: usize) -> Result<(), String> {
        let frame = &mut self.frames[at];
        frame.set_correlation_id(number as i32 & i32::MAX);
        if let Some(of) = &mut self.idempotence {
            frame.set_producer(of.id, of.epoch, of.sequences[at]);
            // Sequences begin anew after the last one.
            let next = i64::from(of.sequences[at]) + frame.records_each() as i64;
            of.sequences[at] = (next % (i64::from(i32::MAX) + 1)) as i32;
        }
        let sent = self.link.stream.write_all(&frame.bytes);
        sent.map_err(|error| format!("while sending: {error}"))
    }

    fn receive(&mut self) -> Result<(), String> {
        let answer = self.answers.next()?;
        if self.checks {
            check(answer.clone())?;
        }
        self.answers.done(answer);
        Ok(())
    }
}

/// Refuses an answer that refuses.
fn check(answer: bytes::Bytes) -> Result<(), String> {
    let answer = decode::<ProduceRequest>(PRODUCE, answer)?;
    let mut all = answer
        .responses
        .iter()
        .flat_map(|of| &of.partition_responses);
    match all.find(|of| of.error_code != 0) {
        Some(refused) => Err(format!("records were refused: {refused:?}")),
        None => Ok(()),
    }
}

impl Idempotence {
    fn ask(link: &mut Link, frames: usize) -> Result<Self, String> {
        let request = InitProducerIdRequest {
            transactional_id: None,
            transaction_timeout_ms: 60_000,
            producer_id: -1,
            producer_epoch: -1,
            ..InitProducerIdRequest::default()
        };
        let answer = link.ask_until(4, &request, |answer| answer.error_code)?;
        if answer.error_code != 0 {
            return Err(format!("no producer id: {answer:?}"));
        }
        Ok(Self {
            id: answer.producer_id,
            epoch: answer.producer_epoch,
            sequences: vec![0; frames],
        })
    }
}
