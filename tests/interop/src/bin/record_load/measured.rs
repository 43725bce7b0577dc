//! Threads that load a broker, and what it takes while they do.

use std::{sync::Barrier, thread, time::Duration};

use ottla_interop::load::{Gauge, Plan, Reading};
use serde_json::{Map, Value, json};

use super::gauge::now;

/// How often the broker's memory is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// What one thread did.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) records: u64,
    /// Of batches, as they are on the wire.
    pub(crate) bytes: u64,
    /// From each request to its answer, in microseconds.
    pub(crate) micros: Vec<u32>,
}

/// What all did, and what it took.
pub(crate) struct Measured {
    pub(crate) tally: Tally,
    seconds: f64,
    cpu_s: f64,
    user_s: f64,
    own_cpu_s: f64,
    rss_before: u64,
    rss_most: u64,
}

/// Runs a thread for each of `states`, all from the same moment.
pub(crate) fn run<S: Send>(
    plan: &Plan,
    states: Vec<S>,
    each: impl Fn(S) -> Result<Tally, String> + Sync,
) -> Result<Measured, String> {
    let (broker, own) = (Gauge::of(plan.pid), Gauge::of(std::process::id()));
    let barrier = Barrier::new(states.len() + 1);
    thread::scope(|scope| {
        let start = |state: S| {
            let (barrier, each) = (&barrier, &each);
            scope.spawn(move || {
                barrier.wait();
                each(state)
            })
        };
        let threads: Vec<_> = states.into_iter().map(start).collect();
        let before: (Reading, Reading) = (broker.read()?, own.read()?);
        barrier.wait();
        let start = now();
        let mut rss_most = before.0.rss;
        while threads.iter().any(|thread| !thread.is_finished()) {
            rss_most = rss_most.max(broker.read()?.rss);
            thread::sleep(LOOK);
        }
        let seconds = start.elapsed().as_secs_f64();
        let after = (broker.read()?, own.read()?);
        let mut tally = Tally::default();
        for thread in threads {
            let of = thread.join();
            let of = of.map_err(|_| "a thread panicked".to_owned())??;
            tally.records += of.records;
            tally.bytes += of.bytes;
            tally.micros.extend(of.micros);
        }
        Ok(Measured {
            tally,
            seconds,
            cpu_s: after.0.cpu_s - before.0.cpu_s,
            user_s: after.0.user_s - before.0.user_s,
            own_cpu_s: after.1.cpu_s - before.1.cpu_s,
            rss_before: before.0.rss,
            rss_most,
        })
    })
}

impl Measured {
    pub(crate) fn json(mut self) -> Value {
        let (records, bytes) = (self.tally.records as f64, self.tally.bytes as f64);
        let mut told = Map::new();
        let mut add = |name: &str, value: f64| {
            told.insert(name.to_owned(), json!(value));
        };
        add("records_s", records / self.seconds);
        add("mb_s", bytes / 1e6 / self.seconds);
        add("cpu_s_per_gb", self.cpu_s * 1e9 / bytes.max(1.0));
        add("user_s_per_gb", self.user_s * 1e9 / bytes.max(1.0));
        add("cpu_s_per_million", self.cpu_s * 1e6 / records.max(1.0));
        add("seconds", self.seconds);
        add("bytes", bytes);
        add("rss_mb", self.rss_most as f64 / 1e6);
        add("rss_before_mb", self.rss_before as f64 / 1e6);
        add("own_cpu_share", self.own_cpu_s / self.seconds);
        percentiles(&mut self.tally.micros, "", &mut add);
        Value::Object(told)
    }
}

/// The middle and the tail, in milliseconds.
pub(crate) fn percentiles(micros: &mut [u32], prefix: &str, add: &mut impl FnMut(&str, f64)) {
    if micros.is_empty() {
        return;
    }
    micros.sort_unstable();
    for (name, of) in [("p50", 0.5), ("p99", 0.99), ("p999", 0.999), ("most", 1.0)] {
        let at = ((micros.len() as f64 * of).ceil() as usize).clamp(1, micros.len());
        add(
            &format!("{prefix}{name}_ms"),
            f64::from(micros[at - 1]) / 1e3,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_values() {
        let mut micros: Vec<u32> = (1..=1000).rev().map(|ms| ms * 1000).collect();
        let mut told = Vec::new();
        percentiles(&mut micros, "x_", &mut |name, value| {
            told.push((name.to_owned(), value));
        });
        let expected = [
            ("x_p50_ms", 500.0),
            ("x_p99_ms", 990.0),
            ("x_p999_ms", 999.0),
            ("x_most_ms", 1000.0),
        ];
        assert_eq!(told, expected.map(|(name, value)| (name.to_owned(), value)));
    }
}
