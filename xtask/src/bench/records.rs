//! `cargo xtask bench load`: records written and read in many shapes, on Ottla, Apache Kafka and a server that only moves
//! bytes, in turns; what connections and partitions cost; and what Kafka's own tools measure.

use std::path::Path;

use super::{
    broker::{Broker, Kind},
    cells::{self, Cell},
    course::Course,
    floor::Floor,
    goals, limits,
    load::{FLOOR, Loaded, Numbers, RECORD_LOAD, build_with, load_by, number},
    parts,
    results::Results,
    start::Scratch,
    table::Better,
};
use crate::test::say;

/// What is measured, how large, and how often.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Options {
    pub(crate) runs: usize,
    /// Megabytes that are written, a cell and round.
    pub(crate) megabytes: usize,
    /// How long a rate is held.
    pub(crate) seconds: usize,
    /// The most connections, and the most partitions; Apache Kafka's are fewer, because it takes long to make them.
    pub(crate) connections: usize,
    pub(crate) partitions: usize,
    pub(crate) kafka_partitions: usize,
    pub(crate) only: Vec<String>,
    /// Parts of the names of cells.
    pub(crate) cells: Vec<String>,
    pub(crate) kafka: bool,
}

impl Options {
    pub(crate) const PARTS: [&'static str; 9] = [
        "start",
        "records",
        "latency",
        "fanout",
        "cold",
        "flush",
        "connections",
        "partitions",
        "tools",
    ];

    pub(crate) fn full() -> Self {
        Self {
            runs: 4,
            megabytes: 400,
            seconds: 8,
            connections: 10_000,
            partitions: 100_000,
            kafka_partitions: 10_000,
            only: Vec::new(),
            cells: Vec::new(),
            kafka: true,
        }
    }

    pub(crate) fn quick() -> Self {
        Self {
            runs: 1,
            megabytes: 100,
            seconds: 3,
            connections: 1000,
            partitions: 1000,
            kafka_partitions: 1000,
            ..Self::full()
        }
    }

    pub(crate) fn has(&self, part: &str) -> bool {
        match (self.only.is_empty(), self.cells.is_empty()) {
            (true, true) => true,
            // Cells are of records.
            (true, false) => part == "records",
            _ => self.only.iter().any(|only| only == part),
        }
    }

    pub(crate) fn kinds(&self) -> &'static [Kind] {
        match self.kafka {
            true => &[Kind::Ottla, Kind::Kafka],
            false => &[Kind::Ottla],
        }
    }
}

/// The longest that one cell is written or read, in seconds.
const CELL_SECONDS: usize = 10;
/// What a reader is given at once by the bare server.
const FLOOR_BYTES: usize = 6 << 20;
pub(crate) const SETTINGS: [&str; 4] = [
    // Files of topics that were deleted do not fill the disk.
    "log.segment.delete.delay.ms=100",
    "log.retention.ms=-1",
    "max.connections=100000",
    "message.max.bytes=2000000",
];

/// Measures, prints the table, and says where Ottla falls short.
pub(crate) fn run(options: &Options, mut course: Course) -> Result<(), String> {
    if cells::chosen(&options.cells).next().is_none() {
        return Err(format!(
            "{}: no cell's name contains that",
            options.cells.join(", ")
        ));
    }
    build_with(&[RECORD_LOAD, FLOOR])?;
    limits::raise();
    let scratch = Scratch::new("load")?;
    measure(options, &scratch.0, &mut course);
    for line in goals::shortfalls(&course.results.rows()) {
        say(&format!("falls short: {line}"));
    }
    course.end("1 MB = 1,000,000 bytes of batches as they are on the wire")
}

fn measure(options: &Options, dir: &Path, course: &mut Course) {
    if options.has("partitions") {
        parts::expect_partitions(options, course);
    }
    if options.has("start") {
        parts::starts(options, dir, course);
    }
    if Options::PARTS
        .iter()
        .any(|part| options.has(part) && !["start", "partitions"].contains(part))
    {
        rounds(options, dir, course);
    }
    if options.has("partitions") {
        parts::partitions(options, dir, course);
    }
}

/// Those that stay while they are measured.
fn rounds(options: &Options, dir: &Path, course: &mut Course) {
    let mut brokers = course.brokers(options.kinds(), dir, &SETTINGS);
    let start = || Floor::start(&dir.join("floor"), FLOOR_BYTES);
    let floor = course.given("start of the floor", "a server", start);
    let cells: Vec<&Cell> = cells::chosen(&options.cells).collect();
    // Only Java has to translate what it runs often.
    let turns = brokers.iter().map(|broker| match broker.kind {
        Kind::Kafka => options.runs + 1,
        _ => options.runs,
    });
    let turns: usize = turns.sum();
    if options.has("records") {
        let floors = cells.len() * options.runs;
        let steps = turns * cells.len() + floors;
        course.expect("records", steps, options.megabytes as f64 / 125.0);
    }
    for (part, seconds, _) in parts::TURNS.iter().filter(|(part, ..)| options.has(part)) {
        let floors = if *part == "latency" { options.runs } else { 0 };
        course.expect(part, turns + floors, seconds(options));
    }
    for round in 0..=options.runs {
        // The first round does not count: half of it is enough.
        let short = Options {
            megabytes: options.megabytes.div_ceil(2),
            seconds: options.seconds.div_ceil(2),
            ..options.clone()
        };
        let options = if round == 0 { &short } else { options };
        if options.has("records") {
            for (number, cell) in cells.iter().enumerate() {
                for broker in in_turn(&mut brokers, round) {
                    course.turn("records", broker, round, |broker, results| {
                        let topic = format!("cell-{number}-{round}");
                        records(options, &broker.loaded(), cell, &topic, results)
                    });
                }
                if let Some(floor) = floor.as_ref().filter(|_| round > 0) {
                    course.step("records", "floor", true, |results| {
                        records(options, &floor.loaded(), cell, "floor", results)
                    });
                }
            }
        }
        for (part, _, turn) in parts::TURNS.iter().filter(|(part, ..)| options.has(part)) {
            let mut known = parts::Known::new(round);
            // Apache Kafka's capacity is what rates are shares of: it comes first where it is measured.
            if *part == "latency" {
                course.step(part, "capacity", false, |_| {
                    let last = brokers.last().ok_or("no broker")?;
                    known.capacity = parts::capacity(&last.loaded(), round)?;
                    Ok(())
                });
            }
            for broker in in_turn(&mut brokers, round) {
                course.turn(part, broker, round, |broker, results| {
                    turn(options, &broker.loaded(), &known, results)
                });
            }
            if let Some(floor) = floor.as_ref().filter(|_| round > 0 && *part == "latency") {
                course.step(part, "floor", true, |results| {
                    parts::latency(options, &floor.loaded(), &known, results)
                });
            }
        }
    }
}

/// The brokers of a round. Who comes second finds memory that the one before has just used, which is cheaper to use again: so
/// they come first by turns.
fn in_turn(brokers: &mut [Broker], round: usize) -> Vec<&mut Broker> {
    let takes_part = |broker: &&mut Broker| round > 0 || broker.kind == Kind::Kafka;
    let mut turn: Vec<_> = brokers.iter_mut().filter(takes_part).collect();
    if round.is_multiple_of(2) {
        turn.reverse();
    }
    turn
}

/// Writes and reads a cell.
fn records(
    options: &Options,
    loaded: &Loaded,
    cell: &Cell,
    topic: &str,
    results: &mut Results,
) -> Result<(), String> {
    let (kind, name) = (loaded.kind, cell.name);
    let megabytes = (options.megabytes as f64 * cell.share).max(1.0) as usize;
    let floor = usize::from(kind == Kind::Floor);
    let common = format!("topic={topic} {} floor={floor}", cell.shape);
    let touch = megabytes * 5 / 4;
    let write = format!("{common} megabytes={megabytes} seconds={CELL_SECONDS} touch={touch}");
    let told = load_by(RECORD_LOAD, loaded, "produce", &write)?;
    rates(kind, &format!("write, {name}"), &told, results)?;
    if cell.read {
        let end = match kind {
            Kind::Floor => "seconds=1".to_owned(),
            _ => format!(
                "laps={} seconds={CELL_SECONDS}",
                if cell.share < 1.0 { 4 } else { 6 }
            ),
        };
        let told = load_by(RECORD_LOAD, loaded, "fetch", &format!("{common} {end}"))?;
        rates(kind, &format!("read, {name}"), &told, results)?;
    }
    match kind {
        Kind::Floor => Ok(()),
        _ => delete(loaded, topic),
    }
}

pub(crate) fn delete(loaded: &Loaded, topic: &str) -> Result<(), String> {
    load_by(RECORD_LOAD, loaded, "delete", &format!("topic={topic}")).map(|_| ())
}

pub(crate) fn rates(
    kind: Kind,
    name: &str,
    told: &Numbers,
    results: &mut Results,
) -> Result<(), String> {
    for (of, unit, better) in [
        ("mb_s", "MB/s", Better::More),
        ("records_s", "records/s", Better::More),
        ("cpu_s_per_gb", "CPU s a GB", Better::Less),
        ("user_s_per_gb", "user CPU s a GB", Better::Less),
        ("cpu_s_per_million", "CPU s a million", Better::Less),
        ("p99_ms", "p99 ms", Better::Less),
        ("rss_mb", "MB resident", Better::Less),
    ] {
        // The bare server's readers do not count records, and its memory is no measure.
        if kind == Kind::Floor && !["mb_s", "cpu_s_per_gb", "user_s_per_gb"].contains(&of) {
            continue;
        }
        results.add(kind, format!("{name}, {unit}"), better, number(told, of)?);
    }
    Ok(())
}
