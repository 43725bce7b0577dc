//! `cargo xtask bench transactions`: small transactions, what waiting for their end costs readers, and many transactional
//! ids, on Ottla and Apache Kafka in turns.

use std::path::Path;

use super::{
    broker::{Broker, Kind, wall_ms},
    course::Course,
    load::{build, load, number},
    results::Results,
    start::Scratch,
    table::Better,
};

/// What is measured, how large, and how often.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Options {
    /// Rounds of what takes seconds; what takes minutes is measured once.
    pub(crate) runs: usize,
    /// How long transactions are sent, a round.
    pub(crate) seconds: usize,
    /// Producers at once.
    pub(crate) producers: usize,
    /// Transactions whose way to a reader is timed, a round.
    pub(crate) times: usize,
    /// Transactional ids that are idle.
    pub(crate) ids: usize,
    pub(crate) only: Vec<String>,
    pub(crate) kafka: bool,
}

impl Options {
    pub(crate) const PARTS: [&'static str; 3] = ["commits", "readers", "ids"];

    pub(crate) fn full() -> Self {
        Self {
            runs: 3,
            seconds: 3,
            producers: 16,
            times: 100,
            ids: 100_000,
            only: Vec::new(),
            kafka: true,
        }
    }

    pub(crate) fn quick() -> Self {
        Self {
            runs: 1,
            seconds: 2,
            times: 20,
            ids: 5000,
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

/// How much longer the round is that does not count.
const WARM: usize = 4;
/// Partitions and offsets of a transaction, and how it is called.
const SHAPES: [(usize, usize, &str); 3] = [
    (1, 0, "1 partition"),
    (10, 0, "10 partitions"),
    (1, 1, "1 partition, 1 offset"),
];

/// What is measured by turns.
type Turn = fn(&Options, &Broker, usize, &mut Results) -> Result<(), String>;
/// About how many seconds one takes, a second of load.
const TURNS: [(&str, f64, Turn); 2] = [("commits", 3.5, commits), ("readers", 1.0, readers)];

/// Measures, and prints the table.
pub(crate) fn run(options: &Options, mut course: Course) -> Result<(), String> {
    build()?;
    let scratch = Scratch::new("transactions")?;
    measure(options, &scratch.0, &mut course);
    course.end(
        "each transaction is of version 2; 1 MB = 1,000,000 bytes; a refusal that does not pass fails its step",
    )
}

fn measure(options: &Options, dir: &Path, course: &mut Course) {
    let kinds = options.kinds();
    if options.has("ids") {
        course.expect("ids", kinds.len(), 30.0);
    }
    if TURNS.iter().any(|(part, ..)| options.has(part)) {
        turns(options, &dir.join("turns"), course);
    }
    for kind in kinds.iter().filter(|_| options.has("ids")) {
        course.step("ids", kind.name(), true, |results| {
            let dir = dir.join(format!("ids-{}", kind.name()));
            ids(options, Broker::start(*kind, &dir, &[])?, results)
        });
    }
}

/// Both brokers run, and one at a time is asked.
fn turns(options: &Options, dir: &Path, course: &mut Course) {
    let mut brokers = course.brokers(options.kinds(), dir, &[]);
    let parts = TURNS.iter().filter(|(part, ..)| options.has(part));
    for (part, seconds, _) in parts.clone() {
        let steps = brokers.len() * (options.runs + 1);
        course.expect(part, steps, options.seconds as f64 * seconds);
    }
    for round in 0..=options.runs {
        // The first round is for Java, which translates what it runs often: it is longer and does not count.
        let warm = Options {
            seconds: options.seconds * WARM,
            ..options.clone()
        };
        let options = if round == 0 { &warm } else { options };
        for broker in &mut brokers {
            for (part, _, turn) in parts.clone() {
                course.turn(part, broker, round, |broker, results| {
                    turn(options, broker, round, results)
                });
            }
        }
    }
}

fn commits(
    options: &Options,
    broker: &Broker,
    round: usize,
    results: &mut Results,
) -> Result<(), String> {
    for (partitions, offsets, name) in SHAPES {
        let options = format!(
            "prefix=txn-{partitions}-{offsets}-{round} topic=of-{partitions} partitions={partitions} offsets={offsets} \
             producers={} seconds={}",
            options.producers, options.seconds
        );
        let told = load(broker, "transactions", &options)?;
        for (of, unit, better) in [
            ("per_second", "a second", Better::More),
            ("cpu_s_per_million", "CPU s a million", Better::Less),
            ("p50_ms", "p50 ms", Better::Less),
            ("p99_ms", "p99 ms", Better::Less),
        ] {
            let what = format!("{name}, {unit}");
            results.add(broker.kind, what, better, number(&told, of)?);
        }
    }
    Ok(())
}

fn readers(
    options: &Options,
    broker: &Broker,
    round: usize,
    results: &mut Results,
) -> Result<(), String> {
    let options = format!("prefix=read-{round} topic=read times={}", options.times);
    let told = load(broker, "readers", &options)?;
    for isolation in ["uncommitted", "committed"] {
        for part in ["p50", "p99"] {
            let value = number(&told, &format!("{isolation}_{part}_ms"))?;
            let what = format!("record to reader, read_{isolation}, {part} ms");
            results.add(broker.kind, what, Better::Less, value);
        }
    }
    let added = number(&told, "committed_p50_ms")? - number(&told, "uncommitted_p50_ms")?;
    let what = "added by read_committed, p50 ms".to_owned();
    results.add(broker.kind, what, Better::Less, added);
    Ok(())
}

fn ids(options: &Options, mut broker: Broker, results: &mut Results) -> Result<(), String> {
    let shape = format!("ids={} connections=4 sample=200", options.ids);
    let told = load(&broker, "ids", &shape)?;
    let ids = number(&told, "ids")?;
    let grown = number(&told, "rss")? - number(&told, "rss_before")?;
    let per_second = ids / number(&told, "seconds")?;
    let killed_at = wall_ms();
    broker.kill_and_start()?;
    let recovered = load(&broker, "recover-ids", &shape)?;
    let (first, last) = (
        number(&recovered, "first_at_ms")?,
        number(&recovered, "last_at_ms")?,
    );
    let kind = broker.kind;
    let mut add = |of: &str, better, value| {
        results.add(kind, format!("{ids} ids, {of}"), better, value);
    };
    add("initialized a second", Better::More, per_second);
    add("MB more", Better::Less, grown / 1e6);
    add("bytes each", Better::Less, grown / ids);
    add(
        "kill -9 to first answer, ms",
        Better::Less,
        first - killed_at,
    );
    add("kill -9 to all shards, ms", Better::Less, last - killed_at);
    Ok(())
}
