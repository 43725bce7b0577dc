//! `cargo xtask bench groups`: the load that groups put on their coordinator, on Ottla and Apache Kafka in turns.

use std::path::Path;

use super::{
    broker::{Broker, Kind, wall_ms},
    course::Course,
    load::{Numbers, build, load, number},
    results::Results,
    start::Scratch,
    table::Better,
};

/// What is measured, how large, and how often.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Options {
    /// Rounds of what takes seconds; what takes minutes is measured once.
    pub(crate) runs: usize,
    /// How long heartbeats and commits are sent, a round.
    pub(crate) seconds: usize,
    /// Members of the group that is joined at once.
    pub(crate) members: usize,
    /// Groups of ten idle members.
    pub(crate) groups: usize,
    /// Groups with 200 offsets each.
    pub(crate) committers: usize,
    pub(crate) only: Vec<String>,
    pub(crate) kafka: bool,
}

impl Options {
    pub(crate) const PARTS: [&'static str; 5] =
        ["heartbeats", "commits", "joins", "idle", "recovery"];

    pub(crate) fn full() -> Self {
        Self {
            runs: 3,
            seconds: 3,
            members: 1000,
            groups: 10_000,
            committers: 5000,
            only: Vec::new(),
            kafka: true,
        }
    }

    pub(crate) fn quick() -> Self {
        Self {
            runs: 1,
            seconds: 2,
            members: 200,
            groups: 500,
            committers: 250,
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

/// Members stay, however long others take to come.
const PROPERTIES: [&str; 2] = [
    "group.consumer.max.session.timeout.ms=1800000",
    "group.consumer.session.timeout.ms=1800000",
];
const PROTOCOLS: [&str; 2] = ["classic", "consumer"];
const MEMBERS_OF_A_GROUP: usize = 10;
/// How much longer the round is that does not count.
const WARM: usize = 4;
const TOPICS: usize = 2;
const PARTITIONS: usize = 100;
/// What members do by default: `heartbeat.interval.ms` and `group.consumer.heartbeat.interval.ms`.
const INTERVALS_MS: [usize; 2] = [3000, 5000];

/// What is measured by turns.
type Turn = fn(&Options, &Broker, usize, &mut Results) -> Result<(), String>;
/// About how many seconds one takes, a second of load.
const TURNS: [(&str, f64, Turn); 3] = [
    ("heartbeats", 2.5, heartbeats),
    ("commits", 2.5, commits),
    ("joins", 1.5, joins),
];

/// Measures, and prints the table.
pub(crate) fn run(options: &Options, mut course: Course) -> Result<(), String> {
    build()?;
    let scratch = Scratch::new("groups")?;
    measure(options, &scratch.0, &mut course);
    course.end("1 MB = 1,000,000 bytes; an answer with an error fails its step")
}

fn measure(options: &Options, dir: &Path, course: &mut Course) {
    let kinds = options.kinds();
    if options.has("idle") {
        course.expect("idle", kinds.len() * PROTOCOLS.len(), 30.0);
    }
    if options.has("recovery") {
        course.expect("recovery", kinds.len(), 40.0);
    }
    if TURNS.iter().any(|(part, ..)| options.has(part)) {
        turns(options, &dir.join("turns"), course);
    }
    for kind in kinds {
        if options.has("idle") {
            for (protocol, interval_ms) in PROTOCOLS.into_iter().zip(INTERVALS_MS) {
                let name = format!("{protocol}, {}", kind.name());
                course.step("idle", &name, true, |results| {
                    let dir = dir.join(format!("idle-{protocol}-{}", kind.name()));
                    let broker = Broker::start(*kind, &dir, &PROPERTIES)?;
                    idle(options, &broker, protocol, interval_ms, results)
                });
            }
        }
        if options.has("recovery") {
            course.step("recovery", kind.name(), true, |results| {
                let dir = dir.join(format!("recovery-{}", kind.name()));
                recovery(options, Broker::start(*kind, &dir, &PROPERTIES)?, results)
            });
        }
    }
}

/// Both brokers run, and one at a time is asked.
fn turns(options: &Options, dir: &Path, course: &mut Course) {
    let mut brokers = course.brokers(options.kinds(), dir, &PROPERTIES);
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

fn heartbeats(
    options: &Options,
    broker: &Broker,
    round: usize,
    results: &mut Results,
) -> Result<(), String> {
    for protocol in PROTOCOLS {
        let options = format!(
            "protocol={protocol} prefix=beat-{protocol}-{round} groups=100 members={MEMBERS_OF_A_GROUP} topic=ten \
             partitions=10 connections=8 window=64 joining=100 seconds={}",
            options.seconds
        );
        let told = load(broker, "heartbeats", &options)?;
        let what = format!("heartbeats, {protocol}");
        rates(broker.kind, &what, &told, results)?;
    }
    Ok(())
}

fn commits(
    options: &Options,
    broker: &Broker,
    round: usize,
    results: &mut Results,
) -> Result<(), String> {
    for offsets in [1, 10] {
        let options = format!(
            "protocol=classic prefix=commit-{offsets}-{round} groups=100 members=1 topic=ten partitions=10 \
             offsets={offsets} connections=8 window=16 joining=20 seconds={}",
            options.seconds
        );
        let told = load(broker, "commits", &options)?;
        rates(
            broker.kind,
            &format!("commits of {offsets}"),
            &told,
            results,
        )?;
    }
    Ok(())
}

fn rates(kind: Kind, what: &str, told: &Numbers, results: &mut Results) -> Result<(), String> {
    let rate = number(told, "per_second")?;
    let cpu = number(told, "cpu_s_per_million")?;
    results.add(kind, format!("{what}, a second"), Better::More, rate);
    results.add(kind, format!("{what}, CPU s a million"), Better::Less, cpu);
    Ok(())
}

fn joins(
    options: &Options,
    broker: &Broker,
    round: usize,
    results: &mut Results,
) -> Result<(), String> {
    let members = options.members;
    for protocol in PROTOCOLS {
        let options = format!(
            "protocol={protocol} prefix=join-{protocol}-{round} members={members} topic=hundred partitions=100 \
             connections=16 pause_ms=100"
        );
        let told = load(broker, "join", &options)?;
        let (took, cpu) = (number(&told, "seconds")?, number(&told, "cpu_s")?);
        let what = format!("{members} join, {protocol}");
        results.add(broker.kind, format!("{what}, s"), Better::Less, took);
        results.add(broker.kind, format!("{what}, CPU s"), Better::Less, cpu);
    }
    Ok(())
}

fn idle(
    options: &Options,
    broker: &Broker,
    protocol: &str,
    interval_ms: usize,
    results: &mut Results,
) -> Result<(), String> {
    let of_groups = |groups: usize, prefix: &str, seconds: usize| {
        format!(
            "protocol={protocol} prefix={prefix} groups={groups} members={MEMBERS_OF_A_GROUP} topic=ten partitions=10 \
             connections=8 window=32 joining=400 interval_ms={interval_ms} seconds={seconds}"
        )
    };
    load(broker, "idle", &of_groups(20, "warm", 1))?;
    let seconds = interval_ms * 2 / 1000;
    let told = load(broker, "idle", &of_groups(options.groups, "idle", seconds))?;
    let members = number(&told, "members")?;
    let grown = number(&told, "rss")? - number(&told, "rss_before")?;
    let share = number(&told, "cpu_s")? / number(&told, "seconds")?;
    let settled = number(&told, "settle_cpu_s")?;
    let what = |of: &str| format!("{members} idle, {protocol}, {of}");
    for (of, value) in [
        ("MB more", grown / 1e6),
        ("bytes each", grown / members),
        ("CPU %", share * 100.0),
        ("CPU s to settle", settled),
    ] {
        results.add(broker.kind, what(of), Better::Less, value);
    }
    Ok(())
}

fn recovery(options: &Options, mut broker: Broker, results: &mut Results) -> Result<(), String> {
    let shape = format!(
        "groups={} topics={TOPICS} partitions={PARTITIONS} connections=4 sample=200",
        options.committers
    );
    let filled = load(&broker, "fill", &shape)?;
    let offsets = number(&filled, "offsets")?;
    let per_second = offsets / number(&filled, "seconds")?;
    let killed_at = wall_ms();
    broker.kill_and_start()?;
    let told = load(&broker, "recover", &shape)?;
    let (first, last) = (number(&told, "first_at_ms")?, number(&told, "last_at_ms")?);
    let found = number(&load(&broker, "count", &shape)?, "offsets")?;
    let kind = broker.kind;
    let what = |of: &str| format!("{offsets} offsets, {of}");
    let mut add = |of: &str, better, value| results.add(kind, what(of), better, value);
    add("written a second", Better::More, per_second);
    add(
        "kill -9 to first commit, ms",
        Better::Less,
        first - killed_at,
    );
    add("kill -9 to all shards, ms", Better::Less, last - killed_at);
    add("read back", Better::More, found);
    if found < offsets {
        return Err(format!(
            "{}: {found} of {offsets} offsets are there after kill -9",
            kind.name()
        ));
    }
    Ok(())
}
