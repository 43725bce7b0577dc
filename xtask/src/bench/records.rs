//! `cargo xtask bench load`: records written and read in many shapes, on Ottla, Apache Kafka and a server that only moves
//! bytes, in turns; what connections and partitions cost; and what Kafka's own tools measure.

use std::path::Path;

use super::{
    broker::{Broker, Kind, wall_ms},
    floor::Floor,
    goals,
    load::{FLOOR, Loaded, Numbers, RECORD_LOAD, Results, build_with, load_by, number},
    perf_tools,
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
    pub(crate) connections: usize,
    pub(crate) partitions: usize,
    pub(crate) only: Vec<String>,
    pub(crate) kafka: bool,
}

impl Options {
    pub(crate) const PARTS: [&'static str; 8] = [
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
            runs: 3,
            megabytes: 1000,
            seconds: 10,
            connections: 5000,
            partitions: 10_000,
            only: Vec::new(),
            kafka: true,
        }
    }

    pub(crate) fn quick() -> Self {
        Self {
            runs: 1,
            megabytes: 200,
            seconds: 3,
            connections: 1000,
            partitions: 1000,
            ..Self::full()
        }
    }

    fn has(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == part)
    }
}

/// A shape of records and requests: KiB of a record and of a batch.
struct Cell {
    name: &'static str,
    shape: &'static str,
    /// Of the megabytes of a cell: small batches take long.
    share: f64,
    /// Whether the bare server is asked, too.
    floor: bool,
}

const fn cell(name: &'static str, shape: &'static str, share: f64, floor: bool) -> Cell {
    Cell {
        name,
        shape,
        share,
        floor,
    }
}

const CELLS: [Cell; 13] = [
    cell(
        "1 KiB, batches of 16 KiB",
        "record_bytes=1024 batch_bytes=16384 partitions=6",
        1.0,
        false,
    ),
    cell(
        "1 KiB, batches of 128 KiB",
        "record_bytes=1024 batch_bytes=131072 partitions=6",
        1.0,
        true,
    ),
    cell(
        "1 KiB, batches of 1 MiB",
        "record_bytes=1024 batch_bytes=1000000 partitions=6",
        1.0,
        true,
    ),
    cell(
        "1 KiB, one a batch",
        "record_bytes=1024 batch_bytes=1024 partitions=6 window=32",
        0.1,
        false,
    ),
    cell(
        "100 B, batches of 16 KiB",
        "record_bytes=100 batch_bytes=16384 partitions=6",
        0.5,
        false,
    ),
    cell(
        "100 KiB, one a batch",
        "record_bytes=102400 batch_bytes=102400 partitions=6",
        1.0,
        true,
    ),
    cell(
        "lz4, batches of 128 KiB",
        "record_bytes=1024 batch_bytes=131072 partitions=6 codec=lz4",
        1.0,
        true,
    ),
    cell(
        "zstd, batches of 128 KiB",
        "record_bytes=1024 batch_bytes=131072 partitions=6 codec=zstd",
        1.0,
        true,
    ),
    cell(
        "1 partition, batches of 16 KiB",
        "record_bytes=1024 batch_bytes=16384 partitions=1",
        1.0,
        false,
    ),
    cell(
        "100 partitions, 25 batches of 16 KiB a request",
        "record_bytes=1024 batch_bytes=16384 partitions=100 spread=25",
        1.0,
        false,
    ),
    cell(
        "6 connections, batches of 16 KiB",
        "record_bytes=1024 batch_bytes=16384 partitions=6 connections=6",
        1.0,
        false,
    ),
    cell(
        "acks=1, batches of 16 KiB",
        "record_bytes=1024 batch_bytes=16384 partitions=6 acks=1",
        1.0,
        false,
    ),
    cell(
        "idempotent, batches of 16 KiB",
        "record_bytes=1024 batch_bytes=16384 partitions=6 idempotent=1",
        1.0,
        false,
    ),
];

/// Records whose latency is measured.
const PACED: &str = "record_bytes=1024 batch_bytes=16384 partitions=6";
/// Shares of what Apache Kafka can take.
const RATES: [f64; 3] = [0.1, 0.5, 0.8];
/// What a reader is given at once by the bare server.
const FLOOR_BYTES: usize = 6 << 20;
const SETTINGS: [&str; 4] = [
    // Files of topics that were deleted do not fill the disk.
    "log.segment.delete.delay.ms=100",
    "log.retention.ms=-1",
    "max.connections=100000",
    "message.max.bytes=2000000",
];

/// Measures, prints the table, and says where Ottla falls short.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    build_with(&[RECORD_LOAD, FLOOR])?;
    let scratch = Scratch::new("load")?;
    let mut results = Results::default();
    let outcome = measure(options, &scratch.0, &mut results);
    // What was measured before something failed is worth seeing.
    results.print();
    say("1 MB = 1,000,000 bytes of batches as they are on the wire");
    goals::tell(&results.rows());
    outcome
}

/// Those who take part.
struct Bench<'a> {
    options: &'a Options,
    brokers: Vec<Broker>,
    floor: Floor,
    results: &'a mut Results,
    /// The round; the first one is for Java, which translates what it runs often, and does not count.
    round: usize,
}

fn measure(options: &Options, dir: &Path, results: &mut Results) -> Result<(), String> {
    let kinds: &[Kind] = match options.kafka {
        true => &[Kind::Ottla, Kind::Kafka],
        false => &[Kind::Ottla],
    };
    let start = |kind: &Kind| Broker::start(*kind, &dir.join(kind.name()), &SETTINGS);
    let mut bench = Bench {
        options,
        brokers: kinds.iter().map(start).collect::<Result<_, _>>()?,
        floor: Floor::start(&dir.join("floor"), FLOOR_BYTES)?,
        results,
        round: 0,
    };
    for round in 0..=options.runs {
        bench.round = round;
        bench.all()?;
    }
    drop(bench.brokers);
    if options.has("partitions") {
        for kind in kinds {
            let broker =
                Broker::start(*kind, &dir.join(format!("{}-many", kind.name())), &SETTINGS)?;
            partitions(options, broker, results)?;
        }
    }
    Ok(())
}

impl Bench<'_> {
    fn all(&mut self) -> Result<(), String> {
        if self.options.has("records") {
            for (number, cell) in CELLS.iter().enumerate() {
                self.records(number, cell)?;
            }
        }
        for (part, of) in [
            (
                "latency",
                Self::latency as fn(&mut Self) -> Result<(), String>,
            ),
            ("fanout", Self::fanout),
            ("cold", Self::cold),
            ("flush", Self::flush),
            ("connections", Self::connections),
            ("tools", Self::tools),
        ] {
            if self.options.has(part) {
                of(self)?;
            }
        }
        Ok(())
    }

    /// Megabytes of a cell: enough in the first round for Java to translate what it runs.
    fn megabytes(&self, share: f64) -> usize {
        let all = self.options.megabytes as f64 * share;
        (all as usize).max(1)
    }

    fn add(&mut self, kind: Kind, what: String, better: Better, value: f64) {
        if self.round > 0 {
            self.results.add(kind, what, better, value);
        }
    }

    fn loads(&self) -> Vec<Loaded> {
        self.brokers.iter().map(Broker::loaded).collect()
    }

    /// Writes and reads a cell.
    fn records(&mut self, number: usize, cell: &Cell) -> Result<(), String> {
        let (megabytes, name) = (self.megabytes(cell.share), cell.name);
        let mut all = self.loads();
        if cell.floor {
            all.push(self.floor.loaded());
        }
        for loaded in all {
            let (kind, topic) = (loaded.kind, format!("cell-{number}-{}", self.round));
            let floor = usize::from(kind == Kind::Floor);
            let common = format!("topic={topic} {} floor={floor}", cell.shape);
            let write = format!("{common} megabytes={megabytes}");
            let told = load_by(RECORD_LOAD, &loaded, "produce", &write)?;
            self.rates(kind, &format!("write, {name}"), &told)?;
            let end = match kind {
                Kind::Floor => "seconds=2".to_owned(),
                _ => format!("laps={}", if cell.share < 1.0 { 5 } else { 2 }),
            };
            let told = load_by(RECORD_LOAD, &loaded, "fetch", &format!("{common} {end}"))?;
            self.rates(kind, &format!("read, {name}"), &told)?;
            if kind != Kind::Floor {
                load_by(RECORD_LOAD, &loaded, "delete", &format!("topic={topic}"))?;
            }
        }
        Ok(())
    }

    fn rates(&mut self, kind: Kind, name: &str, told: &Numbers) -> Result<(), String> {
        for (of, unit, better) in [
            ("mb_s", "MB/s", Better::More),
            ("cpu_s_per_gb", "CPU s a GB", Better::Less),
            ("p99_ms", "p99 ms", Better::Less),
            ("rss_mb", "MB resident", Better::Less),
        ] {
            // The bare server's readers do not count records, and its memory is no measure.
            if kind == Kind::Floor && better == Better::Less && of != "cpu_s_per_gb" {
                continue;
            }
            self.add(kind, format!("{name}, {unit}"), better, number(told, of)?);
        }
        if kind != Kind::Floor {
            let of = number(told, "cpu_s_per_million")?;
            self.add(kind, format!("{name}, CPU s a million"), Better::Less, of);
        }
        Ok(())
    }

    /// At shares of what Apache Kafka takes with a reader that reads along.
    fn latency(&mut self) -> Result<(), String> {
        let all = self.loads();
        let last = all.last().ok_or("no broker")?;
        let topic = format!("paced-{}", self.round);
        let take = format!("topic={topic} {PACED} readers=1 seconds=4");
        let most = number(&load_by(RECORD_LOAD, last, "produce", &take)?, "records_s")?;
        for share in RATES {
            let rate = (most * share) as usize;
            for loaded in &all {
                let shape = format!(
                    "topic={topic}-{rate} {PACED} rate={rate} seconds={}",
                    self.options.seconds
                );
                let told = load_by(RECORD_LOAD, loaded, "pace", &shape)?;
                for of in [
                    "answer_p50",
                    "answer_p99",
                    "reader_p50",
                    "reader_p99",
                    "reader_p999",
                ] {
                    let value = number(&told, &format!("{of}_ms"))?;
                    let what = format!(
                        "at {:.0} % of capacity, {}, ms",
                        share * 100.0,
                        of.replace('_', " ")
                    );
                    self.add(loaded.kind, what, Better::Less, value);
                }
                let what = format!("at {:.0} % of capacity, CPU %", share * 100.0);
                let cpu = number(&told, "cpu_share")? * 100.0;
                self.add(loaded.kind, what, Better::Less, cpu);
                load_by(
                    RECORD_LOAD,
                    loaded,
                    "delete",
                    &format!("topic={topic}-{rate}"),
                )?;
            }
        }
        for loaded in &all[all.len() - 1..] {
            load_by(RECORD_LOAD, loaded, "delete", &format!("topic={topic}"))?;
        }
        Ok(())
    }

    /// Ten readers of one topic.
    fn fanout(&mut self) -> Result<(), String> {
        self.filled("fanout", "10 readers", |loaded, topic| {
            let shape = format!("topic={topic} partitions=6 consumers=10 laps=1");
            load_by(RECORD_LOAD, loaded, "fetch", &shape)
        })
    }

    /// One reader of what is only on the disk.
    fn cold(&mut self) -> Result<(), String> {
        self.filled("cold", "read from disk", |loaded, topic| {
            drop_caches()?;
            let shape = format!("topic={topic} partitions=6 laps=1");
            load_by(RECORD_LOAD, loaded, "fetch", &shape)
        })
    }

    fn filled(
        &mut self,
        topic: &str,
        name: &str,
        read: impl Fn(&Loaded, &str) -> Result<Numbers, String>,
    ) -> Result<(), String> {
        let topic = format!("{topic}-{}", self.round);
        let megabytes = self.megabytes(1.0);
        for loaded in self.loads() {
            let fill = format!(
                "topic={topic} record_bytes=1024 batch_bytes=131072 partitions=6 megabytes={megabytes}"
            );
            load_by(RECORD_LOAD, &loaded, "produce", &fill)?;
            let told = read(&loaded, &topic)?;
            self.rates(loaded.kind, name, &told)?;
            load_by(RECORD_LOAD, &loaded, "delete", &format!("topic={topic}"))?;
        }
        Ok(())
    }

    /// Each batch is on the disk before it is answered.
    fn flush(&mut self) -> Result<(), String> {
        for connections in [1, 16] {
            let topic = format!("flush-{connections}-{}", self.round);
            for loaded in self.loads() {
                let shape = format!(
                    "topic={topic} partitions=1 record_bytes=1024 batch_bytes=1024 window=1 connections={connections} \
                     config=flush.messages:1 seconds=3"
                );
                let told = load_by(RECORD_LOAD, &loaded, "produce", &shape)?;
                let name = format!("each batch flushed, {connections} connections");
                let (rate, tail) = (number(&told, "records_s")?, number(&told, "p99_ms")?);
                self.add(loaded.kind, format!("{name}, a second"), Better::More, rate);
                self.add(loaded.kind, format!("{name}, p99 ms"), Better::Less, tail);
                load_by(RECORD_LOAD, &loaded, "delete", &format!("topic={topic}"))?;
            }
        }
        Ok(())
    }

    fn connections(&mut self) -> Result<(), String> {
        let count = self.options.connections;
        for loaded in self.loads() {
            let told = load_by(
                RECORD_LOAD,
                &loaded,
                "connections",
                &format!("count={count} seconds=3"),
            )?;
            for (of, unit, better) in [
                ("opened_s", "opened a second", Better::More),
                ("bytes_each", "bytes each", Better::Less),
                ("idle_cpu_share", "idle, CPU share", Better::Less),
            ] {
                let what = format!("{count} connections, {unit}");
                self.add(loaded.kind, what, better, number(&told, of)?);
            }
        }
        Ok(())
    }

    /// Kafka's own tools.
    fn tools(&mut self) -> Result<(), String> {
        let records = self.options.megabytes * 1000;
        for at in 0..self.brokers.len() {
            let topic = format!("tools-{}", self.round);
            let loaded = self.brokers[at].loaded();
            let told = perf_tools::run(&loaded, &topic, records)?;
            for (what, better, value) in told {
                self.add(loaded.kind, what, better, value);
            }
            load_by(RECORD_LOAD, &loaded, "delete", &format!("topic={topic}"))?;
        }
        Ok(())
    }
}

/// Makes the kernel forget what it has of files.
fn drop_caches() -> Result<(), String> {
    let path = "/proc/sys/vm/drop_caches";
    xtask::oracle::output(&mut std::process::Command::new("sync"))?;
    std::fs::write(path, "1").map_err(|error| format!("{path}: {error} (this part needs root)"))
}

fn partitions(options: &Options, broker: Broker, results: &mut Results) -> Result<(), String> {
    let (kind, count) = (broker.kind, options.partitions);
    let told = load_by(
        RECORD_LOAD,
        &broker.loaded(),
        "partitions",
        &format!("count={count} seconds=5"),
    )?;
    let mut add = |of: &str, better, value| {
        results.add(kind, format!("{count} partitions, {of}"), better, value);
    };
    add("made in s", Better::Less, number(&told, "seconds")?);
    add("MB resident", Better::Less, number(&told, "rss_mb")?);
    add(
        "idle, CPU share",
        Better::Less,
        number(&told, "idle_cpu_share")?,
    );
    let stopping = wall_ms();
    let broker = broker.stop_and_start()?;
    let started = wall_ms();
    let shape = format!("count={count} record_bytes=100 batch_bytes=100");
    let told = load_by(RECORD_LOAD, &broker.loaded(), "ready", &shape)?;
    add("stopped in ms", Better::Less, started - stopping);
    add(
        "restarted in ms",
        Better::Less,
        number(&told, "last_at_ms")? - started,
    );
    add(
        "restarted, MB resident",
        Better::Less,
        number(&told, "rss_mb")?,
    );
    Ok(())
}
