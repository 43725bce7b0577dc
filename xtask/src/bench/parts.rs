//! The parts of `cargo xtask bench load` beside its cells.

use std::path::Path;

use super::{
    broker::{Broker, Kind, wall_ms},
    course::Course,
    load::{Loaded, Numbers, RECORD_LOAD, load_by, number},
    perf_tools,
    records::{Options, SETTINGS, delete, rates},
    results::Results,
    start,
    table::Better,
};

/// What a round knows.
pub(crate) struct Known {
    round: usize,
    /// Records a second that Apache Kafka takes.
    pub(crate) capacity: f64,
}

impl Known {
    pub(crate) fn new(round: usize) -> Self {
        Self {
            round,
            capacity: 0.0,
        }
    }
}

type Turn = fn(&Options, &Loaded, &Known, &mut Results) -> Result<(), String>;
type Seconds = fn(&Options) -> f64;

/// What brokers are asked by turns, and about how many seconds it takes.
pub(crate) const TURNS: [(&str, Seconds, Turn); 6] = [
    (
        "latency",
        |options| 3.0 * (options.seconds as f64 + 2.0),
        latency,
    ),
    ("fanout", |options| options.megabytes as f64 / 50.0, fan_out),
    ("cold", |options| options.megabytes as f64 / 80.0, cold),
    ("flush", |_| 8.0, flush),
    (
        "connections",
        |options| 8.0 + options.connections as f64 / 1500.0,
        connections,
    ),
    (
        "tools",
        |options| 12.0 + options.megabytes as f64 / 20.0,
        tools,
    ),
];

/// Records whose latency is measured.
const PACED: &str = "record_bytes=1024 batch_bytes=16384 partitions=6";
/// Shares of what Apache Kafka can take.
const RATES: [f64; 3] = [0.1, 0.5, 0.8];

/// Records a second that a broker takes while a reader reads along.
pub(crate) fn capacity(loaded: &Loaded, round: usize) -> Result<f64, String> {
    let topic = format!("capacity-{round}");
    let take = format!("topic={topic} {PACED} readers=1 seconds=4");
    let told = load_by(RECORD_LOAD, loaded, "produce", &take)?;
    delete(loaded, &topic)?;
    number(&told, "records_s")
}

/// At shares of what Apache Kafka takes. The bare server only answers.
pub(crate) fn latency(
    options: &Options,
    loaded: &Loaded,
    known: &Known,
    results: &mut Results,
) -> Result<(), String> {
    if known.capacity < 100.0 {
        return Err("the capacity is not known".to_owned());
    }
    for share in RATES {
        let rate = (known.capacity * share) as usize;
        let topic = format!("paced-{}-{rate}", known.round);
        let floor = usize::from(loaded.kind == Kind::Floor);
        let shape = format!(
            "topic={topic} {PACED} rate={rate} seconds={} floor={floor}",
            options.seconds
        );
        let told = load_by(RECORD_LOAD, loaded, "pace", &shape)?;
        let mut add = |of: &str, better, value| {
            let what = format!("at {:.0} % of capacity, {of}", share * 100.0);
            results.add(loaded.kind, what, better, value);
        };
        let ends = if floor == 1 {
            &["answer"][..]
        } else {
            &["answer", "reader"]
        };
        for end in ends {
            for (of, tail) in [("p50", "p50"), ("p99", "p99"), ("p999", "p99.9")] {
                let value = number(&told, &format!("{end}_{of}_ms"))?;
                add(&format!("{end} {tail}, ms"), Better::Less, value);
            }
        }
        // Part of the times above, and the load's own doing unless the broker takes nothing.
        let late = number(&told, "late_p99_ms")?;
        add("sent late in 1 of 100, ms", Better::Less, late);
        if loaded.kind == Kind::Floor {
            continue;
        }
        add("records/s", Better::More, rate as f64);
        let cpu = number(&told, "cpu_share")? * 100.0;
        add("CPU %", Better::Less, cpu);
        add("MB resident", Better::Less, number(&told, "rss_mb")?);
        delete(loaded, &topic)?;
    }
    Ok(())
}

/// Ten readers of one topic.
fn fan_out(
    options: &Options,
    loaded: &Loaded,
    known: &Known,
    results: &mut Results,
) -> Result<(), String> {
    let topic = format!("fanout-{}", known.round);
    let told = filled(options.megabytes, loaded, &topic, || {
        let shape = format!("topic={topic} partitions=6 consumers=10 laps=1");
        load_by(RECORD_LOAD, loaded, "fetch", &shape)
    })?;
    rates(loaded.kind, "10 readers", &told, results)
}

/// How many times as much is read from the disk as in other parts: disks are less even than memory.
const COLD: usize = 4;

/// One reader of what is only on the disk.
fn cold(
    options: &Options,
    loaded: &Loaded,
    known: &Known,
    results: &mut Results,
) -> Result<(), String> {
    let topic = format!("cold-{}", known.round);
    let told = filled(COLD * options.megabytes, loaded, &topic, || {
        drop_caches()?;
        let shape = format!("topic={topic} partitions=6 laps=1");
        load_by(RECORD_LOAD, loaded, "fetch", &shape)
    })?;
    rates(loaded.kind, "read from disk", &told, results)
}

fn filled(
    megabytes: usize,
    loaded: &Loaded,
    topic: &str,
    read: impl FnOnce() -> Result<Numbers, String>,
) -> Result<Numbers, String> {
    let fill = format!(
        "topic={topic} record_bytes=1024 batch_bytes=131072 partitions=6 megabytes={megabytes}"
    );
    load_by(RECORD_LOAD, loaded, "produce", &fill)?;
    let told = read()?;
    delete(loaded, topic)?;
    Ok(told)
}

/// Makes the kernel forget what it has of files.
fn drop_caches() -> Result<(), String> {
    let path = "/proc/sys/vm/drop_caches";
    xtask::oracle::output(&mut std::process::Command::new("sync"))?;
    std::fs::write(path, "1").map_err(|error| format!("{path}: {error} (this part needs root)"))
}

/// Each batch is on the disk before it is answered.
fn flush(_: &Options, loaded: &Loaded, known: &Known, results: &mut Results) -> Result<(), String> {
    for connections in [1, 16] {
        let topic = format!("flush-{connections}-{}", known.round);
        let shape = format!(
            "topic={topic} partitions=1 record_bytes=1024 batch_bytes=1024 window=1 connections={connections} \
             config=flush.messages:1 seconds=3"
        );
        let told = load_by(RECORD_LOAD, loaded, "produce", &shape)?;
        let name = format!("each batch flushed, {connections} connections");
        for (of, unit, better) in [
            ("records_s", "a second", Better::More),
            ("p99_ms", "p99 ms", Better::Less),
            ("cpu_s_per_million", "CPU s a million", Better::Less),
        ] {
            let what = format!("{name}, {unit}");
            results.add(loaded.kind, what, better, number(&told, of)?);
        }
        delete(loaded, &topic)?;
    }
    Ok(())
}

/// 1,000, and ten times as many until it is the most.
fn sizes(most: usize) -> Vec<usize> {
    let tens = [1000, 10_000, 100_000].into_iter();
    let mut sizes: Vec<usize> = tens.filter(|size| *size < most).collect();
    sizes.push(most);
    sizes
}

fn connections(
    options: &Options,
    loaded: &Loaded,
    _: &Known,
    results: &mut Results,
) -> Result<(), String> {
    for count in sizes(options.connections) {
        let shape = format!("count={count} seconds=3");
        let told = load_by(RECORD_LOAD, loaded, "connections", &shape)?;
        for (of, unit, better) in [
            ("opened_s", "opened a second", Better::More),
            ("open_cpu_us", "CPU us each to open", Better::Less),
            ("bytes_each", "bytes each", Better::Less),
            ("rss_mb", "MB resident", Better::Less),
            ("idle_cpu_share", "idle CPU share", Better::Less),
        ] {
            let what = format!("{count} connections, {unit}");
            results.add(loaded.kind, what, better, number(&told, of)?);
        }
    }
    Ok(())
}

/// Kafka's own tools, and librdkafka.
fn tools(
    options: &Options,
    loaded: &Loaded,
    known: &Known,
    results: &mut Results,
) -> Result<(), String> {
    let topic = format!("tools-{}", known.round);
    for (what, better, value) in perf_tools::run(loaded, &topic, options.megabytes * 1000)? {
        results.add(loaded.kind, what, better, value);
    }
    delete(loaded, &topic)
}

/// From exec to the first answer, on new directories.
pub(crate) fn starts(options: &Options, dir: &Path, course: &mut Course) {
    course.expect("start", options.kinds().len() * options.runs, 10.0);
    for run in 1..=options.runs {
        for kind in options.kinds() {
            course.step(
                "start",
                &format!("{}, {run}", kind.name()),
                true,
                |results| {
                    let dir = dir.join(format!("start-{}-{run}", kind.name()));
                    for (what, value) in start::once(*kind, &dir)? {
                        results.add(*kind, format!("new node, {what}"), Better::Less, value);
                    }
                    Ok(())
                },
            );
        }
    }
}

fn counts(options: &Options, kind: Kind) -> Vec<usize> {
    sizes(match kind {
        Kind::Kafka => options.kafka_partitions,
        _ => options.partitions,
    })
}

/// Says how many steps [`partitions`] takes.
pub(crate) fn expect_partitions(options: &Options, course: &mut Course) {
    for kind in options.kinds() {
        course.expect("partitions", counts(options, *kind).len(), 40.0);
    }
}

/// Partitions that are made, idle, and there again after a restart; each number on a new node, once.
pub(crate) fn partitions(options: &Options, dir: &Path, course: &mut Course) {
    for kind in options.kinds() {
        for count in counts(options, *kind) {
            let name = format!("{count}, {}", kind.name());
            course.step("partitions", &name, true, |results| {
                let dir = dir.join(format!("{}-{count}", kind.name()));
                let broker = Broker::start(*kind, &dir, &SETTINGS)?;
                let done = of_many(broker, count, results);
                // Files of very many partitions are not kept until the end.
                let _ = std::fs::remove_dir_all(&dir);
                done
            });
        }
    }
}

fn of_many(broker: Broker, count: usize, results: &mut Results) -> Result<(), String> {
    let kind = broker.kind;
    let made = format!("count={count} seconds=5");
    let told = load_by(RECORD_LOAD, &broker.loaded(), "partitions", &made)?;
    let mut add = |of: &str, value| {
        results.add(
            kind,
            format!("{count} partitions, {of}"),
            Better::Less,
            value,
        );
    };
    add("made in s", number(&told, "seconds")?);
    add("MB resident", number(&told, "rss_mb")?);
    add("idle CPU share", number(&told, "idle_cpu_share")?);
    let stopping = wall_ms();
    let broker = broker.stop_and_start()?;
    let started = wall_ms();
    let shape = format!("count={count} record_bytes=100 batch_bytes=100");
    let told = load_by(RECORD_LOAD, &broker.loaded(), "ready", &shape)?;
    add("stopped in ms", started - stopping);
    add("restarted in ms", number(&told, "last_at_ms")? - started);
    add("restarted MB resident", number(&told, "rss_mb")?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_grow_to_the_most() {
        assert_eq!(sizes(100), [100]);
        assert_eq!(sizes(1000), [1000]);
        assert_eq!(sizes(100_000), [1000, 10_000, 100_000]);
        assert_eq!(sizes(2500), [1000, 2500]);
    }
}
