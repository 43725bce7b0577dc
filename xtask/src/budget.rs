//! `cargo xtask budget`: instructions that a broker needs for a request, held to `xtask/budget.txt`; a step of `cargo xtask test`.
//!
//! Seconds depend on what else a machine does; instructions, counted by valgrind's callgrind, do not. A broker serves a small
//! and a large number of requests: what the difference took is what the requests took.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    thread,
};

use xtask::oracle::{Settings, checkout, free_ports, output, signal};

use crate::{
    bench::{Question, Running, Scratch, prepare_ottla, wait_for},
    test::{TESTED, binary_of, cargo, say},
};

const USAGE: &str = "usage: cargo xtask budget [--update]
  --update  write what was counted to xtask/budget.txt";
const FILE: &str = "xtask/budget.txt";
/// How much more than the budget a count may be, in percent: hash tables are seeded, and threads take turns. Of five runs on
/// a busy machine the most was 2.2 % above the least.
const TOLERANCE: f64 = 5.0;
/// How many brokers are counted at once: what two cores bear.
const AT_ONCE: usize = 2;
/// What loads the broker.
const RECORDS: &str = "record_load";
const GROUPS: &str = "coordinator_load";

/// What is counted.
struct Row {
    name: &'static str,
    /// Who loads, with which phase; `COUNT` stands for how much.
    program: &'static str,
    load: &'static str,
    /// Requests of one of `COUNT`.
    requests: f64,
    /// The small and the large `COUNT`.
    counts: [usize; 2],
}

/// Bytes of a batch of 16 records of 1 KiB, and of one with 1 record.
const LARGE_BATCH: f64 = 16_553.0;
const SMALL_BATCH: f64 = 1093.0;

const ROWS: [Row; 8] = [
    Row {
        name: "write a batch of 1 KiB",
        program: RECORDS,
        load: "produce topic=a partitions=1 record_bytes=1024 batch_bytes=1024 window=1 megabytes=COUNT",
        requests: 1e6 / SMALL_BATCH,
        counts: [1, 4],
    },
    Row {
        name: "write a batch of 16 KiB",
        program: RECORDS,
        load: "produce topic=a partitions=1 record_bytes=1024 batch_bytes=16384 window=1 megabytes=COUNT",
        requests: 1e6 / LARGE_BATCH,
        counts: [2, 32],
    },
    Row {
        name: "write a batch of 1 MB",
        program: RECORDS,
        load: "produce topic=a partitions=1 record_bytes=1024 batch_bytes=1000000 window=1 megabytes=COUNT",
        requests: 1.0,
        counts: [2, 102],
    },
    Row {
        name: "write a batch of 16 KiB, idempotent",
        program: RECORDS,
        load: "produce topic=a partitions=1 record_bytes=1024 batch_bytes=16384 window=1 idempotent=1 megabytes=COUNT",
        requests: 1e6 / LARGE_BATCH,
        counts: [2, 32],
    },
    Row {
        name: "write 25 batches of 1 KiB in one request",
        program: RECORDS,
        load: "produce topic=a partitions=25 spread=25 record_bytes=1024 batch_bytes=1024 window=1 megabytes=COUNT",
        requests: 1e6 / SMALL_BATCH / 25.0,
        counts: [1, 11],
    },
    Row {
        name: "read 64 KiB",
        program: RECORDS,
        load: "fetch topic=a partitions=1 partition_bytes=65536 max_bytes=65536 laps=COUNT",
        // Laps of 2 MB.
        requests: 2e6 / 65_536.0,
        counts: [1, 31],
    },
    Row {
        name: "a heartbeat of a group",
        program: GROUPS,
        load: "heartbeats protocol=classic prefix=a groups=1 members=1 topic=b partitions=1 connections=1 window=1 joining=1 \
               seconds=1 count=COUNT",
        requests: 1.0,
        counts: [100, 3100],
    },
    Row {
        name: "commit an offset",
        program: GROUPS,
        load: "commits protocol=classic prefix=a groups=1 members=1 topic=b partitions=1 offsets=1 connections=1 window=1 joining=1 \
               seconds=1 count=COUNT",
        requests: 1.0,
        counts: [100, 1600],
    },
];

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let update = match args {
        [] => false,
        [only] if only == "--update" => true,
        _ => return Err(USAGE.to_owned()),
    };
    if std::env::var_os("OTTLA_BIN").is_none() {
        cargo(&["build", "--profile", TESTED, "-p", "ottla"], |_| {})?;
    }
    let bins = ["--bin", RECORDS, "--bin", GROUPS];
    let package = ["build", "-p", "ottla-interop"];
    cargo(&[&package[..], &bins].concat(), |_| {})?;
    let counted = counted()?;
    let path = checkout().join(FILE);
    if update {
        return fs::write(&path, written(&counted)).map_err(|error| error.to_string());
    }
    held(&counted)
}

/// The step of a test run: all is built by the steps before it.
pub(crate) fn step() -> Result<(), String> {
    let missing = [RECORDS, GROUPS].map(program);
    if let Some(missing) = missing.iter().find(|path| !path.exists()) {
        return Err(format!(
            "{} is missing: the step `interop` builds it",
            missing.display()
        ));
    }
    held(&counted()?)
}

fn held(counted: &BTreeMap<String, u64>) -> Result<(), String> {
    let path = checkout().join(FILE);
    let budget = fs::read_to_string(path).map_err(|error| format!("{FILE}: {error}"))?;
    judge(&read(&budget)?, counted)
}

/// Instructions of a request, of all rows.
fn counted() -> Result<BTreeMap<String, u64>, String> {
    let there = output(Command::new("valgrind").arg("--version"));
    there.map_err(|why| {
        format!("valgrind is missing, which `cargo xtask oracle install` installs: {why}")
    })?;
    let scratch = Scratch::new("budget")?;
    let left = Mutex::new(ROWS.iter().enumerate());
    let counted = Mutex::new(BTreeMap::new());
    let lane = || {
        loop {
            let next = left.lock().map_or(None, |mut left| left.next());
            let Some((number, row)) = next else {
                return Ok(());
            };
            let each = each(row, &scratch.0.join(number.to_string()))
                .map_err(|why| format!("{}: {why}", row.name))?;
            say(&format!("{each:>9} instructions to {}", row.name));
            if let Ok(mut counted) = counted.lock() {
                counted.insert(row.name.to_owned(), each);
            }
        }
    };
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(lane)).collect();
        let ended = lanes.into_iter().map(|lane| {
            let ended = lane.join();
            ended.unwrap_or_else(|_| Err("a lane panicked".to_owned()))
        });
        ended.collect::<Result<Vec<()>, String>>()
    })?;
    counted.into_inner().map_err(|error| error.to_string())
}

/// Instructions of one request.
fn each(row: &Row, dir: &Path) -> Result<u64, String> {
    let [small, large] = row.counts;
    let few = count(row, &dir.join("few"), small)?;
    let many = count(row, &dir.join("many"), large)?;
    let requests = (large - small) as f64 * row.requests;
    Ok((many.saturating_sub(few) as f64 / requests) as u64)
}

/// All instructions of a broker that served so much.
fn count(row: &Row, dir: &Path, number: usize) -> Result<u64, String> {
    let [port, controller_port] = free_ports()?;
    let mut settings = Settings::new(port, controller_port);
    // One thread for connections, and nothing that comes by the clock.
    settings.properties = [
        "num.network.threads=1",
        "log.cleaner.enable=false",
        "message.max.bytes=2000000",
        "offsets.topic.num.partitions=1",
    ]
    .map(str::to_owned)
    .to_vec();
    let serve = prepare_ottla(Path::new(&binary_of(TESTED)), dir, &settings)?;
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(serve.get_program())
        .args(serve.get_args());
    let log = dir.join("said.log");
    let mut running = Running::start(&mut command, &log)?;
    wait_for(Question::Metadata, &mut running, port)?;
    let loaded = (|| {
        // What is read was written by the same broker: both runs write the same.
        if row.load.starts_with("fetch") {
            let fill =
                "produce topic=a partitions=1 record_bytes=1024 batch_bytes=16384 megabytes=2";
            load(row.program, port, running.id(), fill)?;
        }
        let phase = row.load.replace("COUNT", &number.to_string());
        load(row.program, port, running.id(), &phase)
    })();
    signal(running.id(), "TERM")?;
    let said = running.ended_with(&log);
    loaded?;
    collected(&said?)
}

/// Of the debug build: what loads takes no part in what is counted.
fn program(name: &str) -> PathBuf {
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    checkout().join(target).join("debug").join(name)
}

fn load(name: &str, port: u16, pid: u32, phase: &str) -> Result<(), String> {
    let mut command = Command::new(program(name));
    command
        .arg(format!("127.0.0.1:{port}"))
        .arg(pid.to_string())
        .args(phase.split_whitespace());
    output(&mut command).map(|_| ())
}

/// The total that callgrind wrote.
fn collected(said: &str) -> Result<u64, String> {
    let line = said.lines().rev().find(|line| line.contains("Collected :"));
    let number = line.and_then(|line| line.rsplit(' ').next()?.parse().ok());
    number.ok_or_else(|| format!("callgrind does not say what it counted:\n{said}"))
}

fn written(counted: &BTreeMap<String, u64>) -> String {
    let mut text =
        "# Instructions of one request; written by `cargo xtask budget --update`.\n".to_owned();
    for (name, each) in counted {
        text += &format!("{each} {name}\n");
    }
    text
}

fn read(text: &str) -> Result<BTreeMap<String, u64>, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let rows = lines.map(|line| {
        let (each, name) = line.split_once(' ')?;
        Some((name.to_owned(), each.parse().ok()?))
    });
    let rows: Option<_> = rows.collect();
    rows.ok_or_else(|| format!("{FILE}: not `NUMBER NAME` in each line"))
}

fn judge(budget: &BTreeMap<String, u64>, counted: &BTreeMap<String, u64>) -> Result<(), String> {
    if !budget.keys().eq(counted.keys()) {
        return Err(format!(
            "{FILE} has other rows than are counted: write it with --update"
        ));
    }
    let mut wrong = Vec::new();
    for (name, each) in counted {
        let allowed = budget[name];
        let percent = (*each as f64 / allowed.max(1) as f64 - 1.0) * 100.0;
        let told =
            format!("{name}: {each} instructions, {percent:+.1} % of the {allowed} in {FILE}");
        if percent > TOLERANCE {
            wrong.push(told);
        } else if percent < -TOLERANCE {
            say(&format!("{told}: `cargo xtask budget --update` keeps that"));
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "{}\nmend it, or write the new numbers with `cargo xtask budget --update` and say why",
            wrong.join("\n")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_names_of_their_own_and_say_how_much() {
        let names: BTreeMap<&str, &Row> = ROWS.iter().map(|row| (row.name, row)).collect();
        assert_eq!(names.len(), ROWS.len());
        for row in &ROWS {
            assert!(row.load.contains("=COUNT") && row.counts[0] < row.counts[1]);
        }
    }

    #[test]
    fn counts_are_held_to_the_budget() {
        let table = |each: u64| BTreeMap::from([("a b".to_owned(), each)]);
        assert_eq!(read(&written(&table(1000))), Ok(table(1000)));
        for fine in [table(1049), table(500)] {
            assert_eq!(judge(&table(1000), &fine), Ok(()));
        }
        for wrong in [table(1051), BTreeMap::new()] {
            assert!(judge(&table(1000), &wrong).is_err(), "{wrong:?}");
        }
        assert!(read("a 5\n").is_err());
    }

    #[test]
    fn what_callgrind_writes_is_understood() {
        let said = "==7== Events    : Ir\n==7== Collected : 123456\n==7== \n";
        assert_eq!(collected(said), Ok(123_456));
        assert!(collected("==7== ").is_err());
    }
}
