//! `cargo xtask bench log`: the life of a log, on Ottla and Apache Kafka in turns: starts after a stop and after a kill,
//! compaction, and what retention and compaction do to producers.

use std::{fs, path::Path};

use super::{
    broker::{Broker, Kind, wall_ms},
    course::Course,
    load::{Numbers, build, load, number},
    results::Results,
    start::Scratch,
    table::Better,
};
use crate::test::say;

/// What is measured, how large, and how often.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Options {
    /// Rounds.
    pub(crate) runs: usize,
    /// Partitions of the node that is stopped and started.
    pub(crate) partitions: usize,
    /// Logs of the node that is killed; and MB of records that no log has flushed, together.
    pub(crate) logs: usize,
    pub(crate) tail: usize,
    /// MB that are compacted.
    pub(crate) megabytes: usize,
    /// How long records are sent, a round; and how many batches a second.
    pub(crate) seconds: usize,
    pub(crate) rate: usize,
    pub(crate) only: Vec<String>,
    pub(crate) kafka: bool,
}

impl Options {
    pub(crate) const PARTS: [&'static str; 4] =
        ["restart", "recovery", "compaction", "interference"];

    pub(crate) fn full() -> Self {
        Self {
            runs: 3,
            partitions: 10_000,
            logs: 1000,
            tail: 1000,
            megabytes: 1000,
            seconds: 10,
            rate: 1000,
            only: Vec::new(),
            kafka: true,
        }
    }

    pub(crate) fn quick() -> Self {
        Self {
            runs: 1,
            partitions: 1000,
            logs: 200,
            tail: 100,
            megabytes: 100,
            seconds: 8,
            rate: 500,
            ..Self::full()
        }
    }

    fn has(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == part)
    }

    fn kinds(&self) -> &'static [Kind] {
        match self.kafka {
            true => &[Kind::Ottla, Kind::Kafka],
            false => &[Kind::Ottla],
        }
    }
}

/// How often a key comes, on the average.
const RECORDS_OF_A_KEY: usize = 4;
const PARTITIONS_OF_A_TOPIC: usize = 100;
/// What is to be compacted is found at once.
const CLEANER: [&str; 2] = ["log.cleaner.backoff.ms=50", "log.cleaner.threads=1"];
/// What a partition has that is hardly used.
const SMALL: &str = "batch_bytes=200 value_bytes=100 keys=0 tombstones=0";
const MB: usize = 1_000_000;

/// Measures, and prints the table.
pub(crate) fn run(options: &Options, mut course: Course) -> Result<(), String> {
    build()?;
    let scratch = Scratch::new("log")?;
    measure(options, &scratch.0, &mut course);
    course.end("1 MB = 1,000,000 bytes")
}

fn measure(options: &Options, dir: &Path, course: &mut Course) {
    let steps = options.kinds().len() * (options.runs + 1);
    let shapes = shapes(options);
    for (part, steps, seconds) in [
        ("restart", steps, options.partitions as f64 / 700.0),
        ("recovery", steps * shapes.len(), 5.0),
        ("compaction", steps, options.megabytes as f64 / 70.0),
        ("interference", steps, options.seconds as f64 * 2.0 + 5.0),
    ] {
        if options.has(part) {
            course.expect(part, steps, seconds);
        }
    }
    if options.has("restart") {
        rounds(
            options,
            &dir.join("restart"),
            course,
            "restart",
            &mut |broker, round, results| restart(options, broker, round, results),
        );
    }
    if options.has("recovery") {
        for (what, shape) in &shapes {
            rounds(
                options,
                &dir.join(what),
                course,
                "recovery",
                &mut |broker, round, results| recovery(broker, what, shape, round, results),
            );
        }
    }
    if options.has("compaction") {
        let dir = dir.join("compaction");
        together(
            options,
            &dir,
            &CLEANER,
            course,
            "compaction",
            &mut |broker, round, results| compaction(options, broker, round, results),
        );
    }
    if options.has("interference") {
        let dir = dir.join("interference");
        together(
            options,
            &dir,
            &BUSY,
            course,
            "interference",
            &mut |broker, round, results| interference(options, broker, round, results),
        );
    }
}

/// What is done with a broker in a round.
type Part<'a> = &'a mut dyn FnMut(&mut Broker, usize, &mut Results) -> Result<(), String>;

/// Each broker in its turn, alone on the machine: round 0 prepares, and does not count.
fn rounds(options: &Options, dir: &Path, course: &mut Course, name: &str, part: Part<'_>) {
    for kind in options.kinds() {
        for broker in &mut course.brokers(&[*kind], dir, &[]) {
            for round in 0..=options.runs {
                course.turn(name, broker, round, |broker, results| {
                    part(broker, round, results)
                });
            }
        }
    }
}

/// Both brokers run, and one at a time is asked. Round 0 is for Java, which translates what it runs often.
fn together(
    options: &Options,
    dir: &Path,
    properties: &[&str],
    course: &mut Course,
    name: &str,
    part: Part<'_>,
) {
    let mut brokers = course.brokers(options.kinds(), dir, properties);
    for round in 0..=options.runs {
        for broker in &mut brokers {
            course.turn(name, broker, round, |broker, results| {
                part(broker, round, results)
            });
        }
    }
}

/// Topics of 100 partitions (or fewer) that are as many as wanted.
fn topics_of(partitions: usize) -> (usize, usize) {
    let each = PARTITIONS_OF_A_TOPIC.min(partitions);
    (partitions / each, each)
}

/// A node with many partitions that have a few records: it is stopped properly and started.
fn restart(
    options: &Options,
    broker: &mut Broker,
    round: usize,
    results: &mut Results,
) -> Result<(), String> {
    let (topics, partitions) = topics_of(options.partitions);
    let shape = format!("prefix=log topics={topics} partitions={partitions} {SMALL}");
    if round == 0 {
        let fill = format!("{shape} batches=2 connections=2 configs=retention.ms:-1");
        let told = load(broker, "logs", &fill)?;
        let what = format!("{} partitions, created a second", options.partitions);
        let per_second = options.partitions as f64 / number(&told, "created_s")?;
        say(&format!("{}: {what}: {per_second:.0}", broker.kind.name()));
    }
    let stopped = broker.stop()?;
    let started_at = wall_ms();
    broker.start_again()?;
    let told = load(broker, "serving", &format!("{shape} sample=100"))?;
    let mut add = |of: &str, value| {
        let what = format!("{} partitions, {of}", options.partitions);
        results.add(broker.kind, what, Better::Less, value);
    };
    add(
        "start to first served, ms",
        number(&told, "first_at_ms")? - started_at,
    );
    add(
        "start to 100 of them, ms",
        number(&told, "last_at_ms")? - started_at,
    );
    add(
        "start to a leader of each, ms",
        number(&told, "led_at_ms")? - started_at,
    );
    add("CPU s until then", number(&told, "cpu_s")?);
    add("Metadata of all, ms", number(&told, "metadata_ms")?);
    add("resident MB", number(&told, "rss")? / 1e6);
    add("stop, ms", stopped.as_secs_f64() * 1e3);
    Ok(())
}

/// What is killed: many logs of a few segments, and few with large ones that nobody has flushed.
fn shapes(options: &Options) -> [(&'static str, String); 2] {
    let (topics, partitions) = topics_of(options.logs);
    let batches = (options.tail * MB / options.logs / 10_000).max(1);
    let tail = options.tail * MB / 4 / 100_000;
    [
        (
            "many logs",
            format!(
                "prefix=log topics={topics} partitions={partitions} batches={batches} batch_bytes=10000 value_bytes=1000 \
                 keys=0 tombstones=0 configs=segment.bytes:1048576;retention.ms:-1"
            ),
        ),
        (
            "4 large logs",
            format!(
                "prefix=log topics=1 partitions=4 batches={tail} batch_bytes=100000 value_bytes=1000 keys=0 tombstones=0 \
                 configs=segment.bytes:1073741824;retention.ms:-1"
            ),
        ),
    ]
}

/// A node that is killed, with records that it did not flush.
fn recovery(
    broker: &mut Broker,
    what: &str,
    shape: &str,
    round: usize,
    results: &mut Results,
) -> Result<(), String> {
    if round == 0 {
        load(broker, "logs", &format!("{shape} connections=2"))?;
    }
    let killed_at = wall_ms();
    broker.kill_and_start()?;
    let told = load(broker, "serving", &format!("{shape} sample=100"))?;
    let mut add = |of: &str, value| {
        results.add(
            broker.kind,
            format!("kill -9, {what}, {of}"),
            Better::Less,
            value,
        );
    };
    add(
        "to first served, ms",
        number(&told, "first_at_ms")? - killed_at,
    );
    add(
        "to 100 of them, ms",
        number(&told, "last_at_ms")? - killed_at,
    );
    add("CPU s until then", number(&told, "cpu_s")?);
    Ok(())
}

/// The same records in both, compacted at once.
fn compaction(
    options: &Options,
    broker: &mut Broker,
    round: usize,
    results: &mut Results,
) -> Result<(), String> {
    let batches = options.megabytes * MB / 100_000;
    let segment = (options.megabytes * MB / 8).clamp(1 << 20, 100 << 20);
    let keys = (options.megabytes * MB / 1100 / RECORDS_OF_A_KEY).max(1);
    let fill = format!(
        "prefix=compact-{round} topics=1 partitions=1 batches={batches} batch_bytes=100000 value_bytes=1000 keys={keys} \
         tombstones=5 connections=1 configs=segment.bytes:{segment};retention.ms:-1"
    );
    load(broker, "logs", &fill)?;
    let dir = broker.data().display().to_string();
    let told = load(
        broker,
        "compact",
        &format!("prefix=compact-{round} dir={dir}"),
    )?;
    let kind = broker.kind;
    let megabytes = number(&told, "bytes")? / 1e6;
    let mut add = |of: &str, better, value| {
        results.add(kind, format!("compaction, {of}"), better, value);
    };
    add(
        "MB a second",
        Better::More,
        megabytes / number(&told, "seconds")?,
    );
    let cpu = number(&told, "cpu_s")?;
    add("CPU s a GB", Better::Less, cpu / megabytes * 1e3);
    add(
        "peak resident MB",
        Better::Less,
        number(&told, "rss_peak")? / 1e6,
    );
    let more = number(&told, "rss_peak")? - number(&told, "rss_before")?;
    add("… more than before, MB", Better::Less, more / 1e6);
    add("MB left", Better::Less, number(&told, "left")? / 1e6);
    Ok(())
}

/// Retention and compaction that never rest.
const BUSY: [&str; 5] = [
    "log.cleaner.backoff.ms=50",
    "log.cleaner.threads=1",
    "log.retention.check.interval.ms=1000",
    "log.initial.task.delay.ms=1000",
    "log.segment.delete.delay.ms=1000",
];
/// Segments are small, so that there is always one to delete and one to compact.
const QUIET_TOPIC: &str =
    "cleanup.policy:delete;retention.ms:-1;retention.bytes:-1;segment.bytes:1048576";
const BUSY_TOPIC: &str = "cleanup.policy:compact,delete;min.cleanable.dirty.ratio:0;retention.ms:-1;\
                          retention.bytes:1048576;segment.bytes:1048576";

/// Records at a fixed rate, first without, then with retention and compaction of the very partitions that they go to.
fn interference(
    options: &Options,
    broker: &mut Broker,
    round: usize,
    results: &mut Results,
) -> Result<(), String> {
    let shape = format!(
        "partitions=4 connections=4 rate={} seconds={} warm=2 batch_bytes=4000 value_bytes=1000 keys=10000 tombstones=5",
        options.rate, options.seconds
    );
    let mut medians = Vec::new();
    for (what, configs) in [("quiet", QUIET_TOPIC), ("busy", BUSY_TOPIC)] {
        let told = load(
            broker,
            "steady",
            &format!("topic={what}-{round} configs={configs} {shape}"),
        )?;
        quantiles(broker.kind, what, &told, results)?;
        medians.push(number(&told, "p99_ms")?);
    }
    was_busy(&broker.data(), &format!("busy-{round}-0"))?;
    if let [quiet, busy] = medians[..] {
        let moved = (busy / quiet - 1.0) * 100.0;
        results.add(
            broker.kind,
            "p99 moves by, %".to_owned(),
            Better::Less,
            moved,
        );
    }
    Ok(())
}

/// An error, unless a partition was compacted and lost segments by retention.
fn was_busy(data: &Path, partition: &str) -> Result<(), String> {
    let path = data.join("cleaner-offset-checkpoint");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let line = format!("{} 0 ", partition.strip_suffix("-0").unwrap_or(partition));
    let cleaned = text.lines().find_map(|of| of.strip_prefix(&line));
    let cleaned = cleaned.and_then(|at| at.parse().ok()).unwrap_or(0_i64);
    let entries = fs::read_dir(data.join(partition)).map_err(|error| error.to_string())?;
    let names = entries.flatten().map(|entry| entry.file_name());
    let bases = names.filter_map(|name| name.to_str()?.strip_suffix(".log")?.parse::<i64>().ok());
    match (cleaned, bases.min()) {
        (1.., Some(1..)) => Ok(()),
        (cleaned, first) => Err(format!(
            "{partition} is clean up to {cleaned} and begins at {first:?}: nothing was compacted or deleted"
        )),
    }
}

fn quantiles(kind: Kind, what: &str, told: &Numbers, results: &mut Results) -> Result<(), String> {
    for of in ["p50_ms", "p99_ms", "p999_ms"] {
        let value = number(told, of)?;
        results.add(kind, format!("produce, {what}, {of}"), Better::Less, value);
    }
    let share = number(told, "cpu_s")? / number(told, "seconds")? * 100.0;
    results.add(kind, format!("produce, {what}, CPU %"), Better::Less, share);
    Ok(())
}
