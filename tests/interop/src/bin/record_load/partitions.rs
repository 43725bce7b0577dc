//! Many partitions: made, idle, and there again after a restart.

use std::{thread, time::Duration};

use ottla_interop::load::{Gauge, Plan};
use ottla_wire::messages::ProduceRequest;
use serde_json::{Value, json};

use super::{
    frames::{PRODUCE, Shape},
    gauge::{now, wall_ms},
    link::{Link, decode},
    target::{Target, leaders, make},
};

/// The most of one topic: more do not fit in one decision of a controller.
const PER_TOPIC: usize = 2000;
const RETRY: Duration = Duration::from_millis(5);
const RETRIES: usize = 60_000;

fn topics(count: usize) -> impl Iterator<Item = (String, usize)> {
    let all = (0..count.div_ceil(PER_TOPIC)).map(move |number| {
        let left = count - number * PER_TOPIC;
        (format!("many-{number}"), left.min(PER_TOPIC))
    });
    all.filter(|(_, partitions)| *partitions > 0)
}

/// Options: count, seconds (idle).
pub(crate) fn create(plan: &Plan) -> Result<Value, String> {
    let count = plan.number("count")?;
    let seconds = plan.number("seconds")?;
    let gauge = Gauge::of(plan.pid);
    let before = gauge.read()?;
    let mut link = Link::open(&plan.address)?;
    let start = now();
    for (topic, partitions) in topics(count) {
        make(&mut link, &topic, partitions as i32, None)?;
        leaders(&mut link, &topic, partitions)?;
    }
    let took = start.elapsed().as_secs_f64();
    let made = gauge.read()?;
    thread::sleep(Duration::from_secs(seconds as u64));
    let after = gauge.read()?;
    Ok(json!({
        "seconds": took,
        "cpu_s": made.cpu_s - before.cpu_s,
        "bytes_each": after.rss.saturating_sub(before.rss) as f64 / count as f64,
        "rss_mb": after.rss as f64 / 1e6,
        "idle_cpu_share": (after.cpu_s - made.cpu_s) / seconds.max(1) as f64,
    }))
}

/// When the last partition of each topic takes a record again. Options: count.
pub(crate) fn ready(plan: &Plan) -> Result<Value, String> {
    let count = plan.number("count")?;
    let shape = Shape::of(plan)?;
    let mut link = connected(plan)?;
    let first = wall_ms();
    for (topic, partitions) in topics(count) {
        let id = leaders(&mut link, &topic, partitions)?;
        let last = partitions as i32 - 1;
        let target = Target {
            id,
            partitions: last + 1,
        };
        let frame = shape.frame(&target, &[last])?;
        written(&mut link, &frame.bytes)?;
    }
    let rss = Gauge::of(plan.pid).read()?.rss;
    Ok(json!({"first_at_ms": first, "last_at_ms": wall_ms(), "rss_mb": rss as f64 / 1e6}))
}

fn connected(plan: &Plan) -> Result<Link, String> {
    let mut last = String::new();
    for _ in 0..RETRIES {
        match Link::open(&plan.address) {
            Ok(link) => return Ok(link),
            Err(why) => last = why,
        }
        thread::sleep(RETRY);
    }
    Err(last)
}

/// Sends the frame again until it is taken.
fn written(link: &mut Link, frame: &[u8]) -> Result<(), String> {
    let mut last = 0;
    for _ in 0..RETRIES {
        let answer = decode::<ProduceRequest>(PRODUCE, link.exchange(frame)?)?;
        let of = answer.responses.first();
        let of = of.and_then(|of| of.partition_responses.first());
        last = of.ok_or("an answer without a partition")?.error_code;
        if last == 0 {
            return Ok(());
        }
        thread::sleep(RETRY);
    }
    Err(format!("no record is taken: error {last}"))
}
