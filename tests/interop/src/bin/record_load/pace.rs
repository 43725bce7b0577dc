//! Records at a fixed rate, whether the broker keeps up or not: how long each batch takes to its answer and to a reader,
//! counted from the moment at which it was due.

use std::{
    collections::HashMap,
    io::Write,
    num::NonZeroU64,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use ottla_interop::load::{Gauge, Plan};
use ottla_wire::messages::ProduceRequest;
use serde_json::{Map, Value, json};

use super::{
    answers::Answers,
    fetch::Consumer,
    frames::{Frame, PRODUCE, Shape},
    gauge::now,
    link::{Link, decode},
    measured::percentiles,
    target::{Target, is_floor},
};

/// From −20, the first, to 19.
const PRIORITY: i32 = -10;
/// How long a reader may need for the last batch.
const LAST: Duration = Duration::from_secs(30);

/// When batches are due.
#[derive(Clone, Copy)]
struct Schedule {
    start: Instant,
    interval: Duration,
    /// Batches that are not counted, and all.
    warm: usize,
    count: usize,
}

impl Schedule {
    fn of(plan: &Plan, records_each: usize) -> Result<Self, String> {
        let rate = plan.number("rate")?.max(1) as f64;
        let per_second = rate / records_each as f64;
        let batches = |seconds: usize| (seconds as f64 * per_second).ceil() as usize;
        let (warm, seconds) = (plan.number_or("warm", 1)?, plan.number("seconds")?);
        Ok(Self {
            start: now() + Duration::from_millis(50),
            interval: Duration::from_secs_f64(1.0 / per_second),
            warm: batches(warm),
            count: batches(warm + seconds),
        })
    }

    fn due(&self, number: usize) -> Instant {
        self.start + Duration::from_secs_f64(self.interval.as_secs_f64() * number as f64)
    }
}

/// A batch's place in the log.
type Place = (i32, i64);

/// Options: topic, partitions, record_bytes, batch_bytes, codec, acks, rate (records a second), warm and seconds; readers=0
/// goes without the reader; with floor=1 the other side is the bare server, which is not read from.
pub(crate) fn run(plan: &Plan) -> Result<Value, String> {
    let target = Target::of(plan)?;
    let shape = Shape::of(plan)?;
    let frames = (0..target.partitions).map(|index| shape.frame(&target, &[index]));
    let mut frames = frames.collect::<Result<Vec<_>, _>>()?;
    let is_floor = is_floor(plan)?;
    let mut consumer = match plan.number_or("readers", 1)? {
        1 if !is_floor => Some(Consumer::of(plan, &target)?),
        0 | 1 => None,
        more => return Err(format!("readers={more}: one, or none")),
    };
    let link = Link::open(&plan.address)?;
    let mut answers = Answers::of(&link.stream)?;
    // The other side opens the files, and what is there already is read.
    if let Some(consumer) = &mut consumer {
        consumer.read(|_, _| {})?;
    }
    be_on_time()?;
    let broker = Gauge::of(plan.pid);
    let before = broker.read()?;
    let schedule = Schedule::of(plan, shape.records)?;
    let (over, written) = (AtomicBool::new(false), AtomicBool::new(false));
    let (acked, read, late) = thread::scope(|scope| {
        let (over, written) = (&over, &written);
        let reads = |consumer| scope.spawn(move || arrivals(consumer, schedule, over, written));
        let reader = consumer.as_mut().map(reads);
        let sender = scope.spawn(|| send(&link, &mut frames, schedule));
        let checked = (!is_floor).then_some(target.partitions);
        let acked = acknowledge(&mut answers, schedule, checked);
        written.store(true, Ordering::Release);
        let sent = sender
            .join()
            .map_err(|_| "the sender panicked".to_owned())?;
        if sent.is_err() || acked.is_err() {
            over.store(true, Ordering::Release);
        }
        let read = reader
            .map(|reader| reader.join())
            .transpose()
            .map_err(|_| "the reader panicked".to_owned())?;
        Ok::<_, String>((acked?, read.transpose()?, sent?))
    })?;
    let seconds = schedule.start.elapsed().as_secs_f64();
    let taken = broker.read()?;
    let mut told = Map::new();
    let mut add = |name: &str, value: f64| {
        told.insert(name.to_owned(), json!(value));
    };
    let (mut to_answer, mut to_reader) = (Vec::new(), Vec::new());
    for (number, (place, at)) in acked.iter().enumerate().skip(schedule.warm) {
        let due = schedule.due(number);
        to_answer.push(micros(due, *at));
        if let Some(read) = &read {
            let seen = read.get(place).ok_or("a batch was never read")?;
            to_reader.push(micros(due, *seen));
        }
    }
    let mut late: Vec<_> = late.into_iter().skip(schedule.warm).collect();
    percentiles(&mut late, "late_", &mut add);
    percentiles(&mut to_answer, "answer_", &mut add);
    percentiles(&mut to_reader, "reader_", &mut add);
    add("cpu_share", (taken.cpu_s - before.cpu_s) / seconds);
    add("rss_mb", taken.rss as f64 / 1e6);
    add("batches", (schedule.count - schedule.warm) as f64);
    Ok(Value::Object(told))
}

/// From here on this thread and those that it begins wake when they want to, rather than up to 50 µs later. They also go before
/// the broker, if the system lets them: what they wait for a processor would be taken for the broker's time.
fn be_on_time() -> Result<(), String> {
    rustix::thread::set_current_timer_slack(NonZeroU64::new(1))
        .map_err(|error| format!("prctl: {error}"))?;
    // Allowed to few.
    let _ = rustix::process::setpriority_process(None, PRIORITY);
    Ok(())
}

fn micros(from: Instant, to: Instant) -> u32 {
    let micros = to.saturating_duration_since(from).as_micros();
    u32::try_from(micros).unwrap_or(u32::MAX)
}

/// Sends each batch when it is due, or as soon after as the connection takes it; how late it began to, in microseconds.
fn send(link: &Link, frames: &mut [Frame], schedule: Schedule) -> Result<Vec<u32>, String> {
    let mut stream = &link.stream;
    let mut late = Vec::with_capacity(schedule.count);
    for number in 0..schedule.count {
        let due = schedule.due(number);
        thread::sleep(due.saturating_duration_since(now()));
        late.push(micros(due, now()));
        let at = number % frames.len();
        frames[at].set_correlation_id(number as i32 & i32::MAX);
        let sent = stream.write_all(&frames[at].bytes);
        sent.map_err(|error| format!("while sending: {error}"))?;
    }
    Ok(late)
}

/// Where each batch went, and when its answer came; without `partitions` nobody says where.
fn acknowledge(
    answers: &mut Answers,
    schedule: Schedule,
    partitions: Option<i32>,
) -> Result<Vec<(Place, Instant)>, String> {
    let mut all = Vec::with_capacity(schedule.count);
    for number in 0..schedule.count {
        let bytes = answers.next()?;
        let at = now();
        let place = match partitions {
            Some(partitions) => place(bytes.clone(), (number % partitions as usize) as i32)?,
            None => (0, number as i64),
        };
        all.push((place, at));
        answers.done(bytes);
    }
    Ok(all)
}

/// The place that an answer names, which is in `partition`.
fn place(answer: Bytes, partition: i32) -> Result<Place, String> {
    let answer = decode::<ProduceRequest>(PRODUCE, answer)?;
    let of = answer.responses.first();
    let of = of.and_then(|of| of.partition_responses.first());
    let of = of.ok_or("an answer without a partition")?;
    if of.error_code != 0 || of.index != partition {
        return Err(format!("records were refused: {of:?}"));
    }
    Ok((of.index, of.base_offset))
}

/// When each batch was read, until all are or nothing more comes.
fn arrivals(
    consumer: &mut Consumer,
    schedule: Schedule,
    over: &AtomicBool,
    written: &AtomicBool,
) -> Result<HashMap<Place, Instant>, String> {
    let mut all = HashMap::with_capacity(schedule.count);
    let mut since = None;
    while all.len() < schedule.count && !over.load(Ordering::Acquire) {
        if written.load(Ordering::Acquire) && since.get_or_insert_with(now).elapsed() > LAST {
            return Err(format!(
                "{} of {} batches were read",
                all.len(),
                schedule.count
            ));
        }
        let mut places = Vec::new();
        consumer.read(|index, seen| places.push((index, seen.base_offset)))?;
        let at = now();
        all.extend(places.into_iter().map(|place| (place, at)));
    }
    Ok(all)
}
