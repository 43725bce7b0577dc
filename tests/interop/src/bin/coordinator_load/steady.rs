//! Records that come at a fixed rate, whatever becomes of those before: how long each takes from when it was to be sent.

use std::{
    io::{BufReader, Read, Write},
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use ottla_interop::load::{
    Gauge, Plan,
    gauge::now,
    link::{Link, decode, frame},
};
use ottla_wire::{errors::Code, messages::ProduceRequest};
use serde_json::{Value, json};

use super::logs::{Content, PRODUCE, code_of, create_of, produce};

/// Requests are built beforehand, so many for a connection.
const FRAMES: usize = 64;

/// `rate` batches a second to the partitions of a new topic in turn, over `connections`, for `seconds`; those of the first
/// `warm` seconds do not count.
pub(crate) fn steady(plan: &Plan) -> Result<Value, String> {
    let topic = plan.text("topic")?;
    let partitions = plan.number("partitions")?;
    create_of(plan, topic, partitions)?;
    let connections = plan.number("connections")?.max(1);
    let rate = plan.number("rate")?.max(1);
    let pace = Pace {
        interval: Duration::from_secs_f64(connections as f64 / rate as f64),
        warm: Duration::from_secs(plan.number("warm")? as u64),
        time: Duration::from_secs(plan.number("seconds")? as u64),
    };
    let content = Content::of(plan)?;
    let mut senders = Vec::new();
    for number in 0..connections {
        let index = (number % partitions) as i32;
        let frames = (0..FRAMES).map(|frame| shot(content, topic, index, number * FRAMES + frame));
        let frames = frames.collect::<Result<Vec<_>, _>>()?;
        let mut link = Link::open(&plan.address)?;
        ready(&mut link, topic, index, &content.batch(0)?)?;
        senders.push((link, frames));
    }
    let (broker, own) = (Gauge::of(plan.pid), Gauge::of(std::process::id()));
    let (before, own_before, start) = (broker.read()?, own.read()?, now());
    let took = thread::scope(|scope| {
        let threads = senders
            .into_iter()
            .enumerate()
            .map(|(number, (link, frames))| {
                // Connections are not in step with each other.
                let first = start + pace.interval * number as u32 / connections as u32;
                scope.spawn(move || pace.run(link, &frames, first))
            });
        let threads: Vec<_> = threads.collect();
        let panicked = |_| Err("a thread panicked".to_owned());
        let all = threads
            .into_iter()
            .map(|of| of.join().unwrap_or_else(panicked));
        all.collect::<Vec<_>>()
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let mut took: Vec<f64> = took.into_iter().flatten().collect();
    took.sort_by(f64::total_cmp);
    let quantile = |part: f64| {
        let at = ((took.len() as f64 * part) as usize).min(took.len().saturating_sub(1));
        took.get(at).map_or(0.0, |seconds| seconds * 1e3)
    };
    let after = broker.read()?;
    Ok(json!({
        "answers": took.len(),
        "seconds": seconds,
        "p50_ms": quantile(0.5),
        "p99_ms": quantile(0.99),
        "p999_ms": quantile(0.999),
        "max_ms": quantile(1.0),
        "cpu_s": after.cpu_s - before.cpu_s,
        "own_cpu_share": (own.read()?.cpu_s - own_before.cpu_s) / seconds,
        "rss": after.rss,
    }))
}

fn shot(content: Content, topic: &str, index: i32, number: usize) -> Result<Bytes, String> {
    let batch = content.batch(number as u64)?;
    frame(PRODUCE, 0, &produce(topic, [(index, batch)].into_iter()))
}

/// The first append waits until the partition is there.
fn ready(link: &mut Link, topic: &str, index: i32, batch: &Bytes) -> Result<(), String> {
    let request = produce(topic, [(index, batch.clone())].into_iter());
    for _ in 0..5000 {
        match code_of(&link.ask(PRODUCE, &request)?) {
            Code::NONE => return Ok(()),
            Code::NOT_LEADER_OR_FOLLOWER | Code::UNKNOWN_TOPIC_OR_PARTITION => {
                thread::sleep(Duration::from_millis(2));
            }
            code => return Err(format!("Produce: {code:?}")),
        }
    }
    Err(format!("{topic}-{index} does not become ready"))
}

/// When the requests of a connection are due.
#[derive(Clone, Copy)]
struct Pace {
    interval: Duration,
    warm: Duration,
    time: Duration,
}

impl Pace {
    fn count(self) -> u32 {
        ((self.warm + self.time).as_secs_f64() / self.interval.as_secs_f64()) as u32
    }

    /// Sends when it is time, while another thread receives; seconds from the time to the answer.
    fn run(self, link: Link, frames: &[Bytes], first: Instant) -> Result<Vec<f64>, String> {
        let said = |error: std::io::Error| format!("while sending: {error}");
        let reader = link.stream.try_clone().map_err(said)?;
        let mut writer = link.stream;
        thread::scope(|scope| {
            let receiving = scope.spawn(move || self.receive(BufReader::new(reader), first));
            for number in 0..self.count() {
                let due = first + self.interval * number;
                thread::sleep(due.saturating_duration_since(now()));
                let frame = &frames[number as usize % frames.len()];
                writer.write_all(frame).map_err(said)?;
            }
            let panicked = |_| Err("a thread panicked".to_owned());
            receiving.join().unwrap_or_else(panicked)
        })
    }

    fn receive(self, mut from: impl Read, first: Instant) -> Result<Vec<f64>, String> {
        let said = |error: std::io::Error| format!("while receiving: {error}");
        let mut took = Vec::with_capacity(self.count() as usize);
        for number in 0..self.count() {
            let mut size = [0; 4];
            from.read_exact(&mut size).map_err(said)?;
            let mut answer = vec![0; u32::from_be_bytes(size).min(1 << 20) as usize];
            from.read_exact(&mut answer).map_err(said)?;
            let arrived = now();
            let answer = decode::<ProduceRequest>(PRODUCE, answer.into())?;
            match code_of(&answer) {
                Code::NONE => {}
                code => return Err(format!("Produce: {code:?}")),
            }
            let due = first + self.interval * number;
            if self.interval * number >= self.warm {
                took.push(arrived.saturating_duration_since(due).as_secs_f64());
            }
        }
        Ok(took)
    }
}
