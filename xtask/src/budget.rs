//! `cargo xtask budget`: instructions that a broker needs for a request, held to `xtask/budget.txt` (by hand, before and after a change of the hot path).
//!
//! Seconds depend on what else a machine does; instructions, counted by valgrind's callgrind, do not. A broker serves a small
//! and a large number of requests: what the difference took is what the requests took.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use xtask::oracle::{Settings, checkout, free_ports, output, signal};

use crate::{
    bench::{Question, Running, Scratch, prepare_ottla, wait_for},
    test::{TESTED, binary_of, cargo, say},
};

const USAGE: &str = "usage: cargo xtask budget [--update]
  --update  write what was counted to xtask/budget.txt";
const FILE: &str = "xtask/budget.txt";
/// What a count may differ from the budget, in percent: hash tables are seeded, and threads take turns.
const TOLERANCE: f64 = 4.0;

/// What is counted: its name, what is done before, the load, and how many records a request has.
struct Row {
    name: &'static str,
    /// A phase of `record_load`, without megabytes.
    load: &'static str,
    /// Bytes of a request's batches, about.
    request_bytes: f64,
}

const ROWS: [Row; 4] = [
    Row {
        name: "write a batch of 16 KiB",
        load: "produce topic=a partitions=1 record_bytes=1024 batch_bytes=16384 window=1",
        request_bytes: 16_553.0,
    },
    Row {
        name: "write a batch of 16 KiB, idempotent",
        load: "produce topic=a partitions=1 record_bytes=1024 batch_bytes=16384 window=1 idempotent=1",
        request_bytes: 16_553.0,
    },
    Row {
        name: "write 25 batches of 1 KiB in one request",
        load: "produce topic=a partitions=25 spread=25 record_bytes=1024 batch_bytes=1024 window=1",
        request_bytes: 27_325.0,
    },
    Row {
        name: "read 64 KiB",
        load: "fetch topic=a partitions=1 partition_bytes=65536 max_bytes=65536",
        request_bytes: 65_536.0,
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
    cargo(
        &["build", "-p", "ottla-interop", "--bin", "record_load"],
        |_| {},
    )?;
    let scratch = Scratch::new("budget")?;
    let mut counted = BTreeMap::new();
    for (number, row) in ROWS.iter().enumerate() {
        let each = each(row, &scratch.0.join(number.to_string()))?;
        say(&format!("{each:>9} instructions to {}", row.name));
        counted.insert(row.name.to_owned(), each);
    }
    let path = checkout().join(FILE);
    if update {
        return fs::write(&path, written(&counted)).map_err(|error| error.to_string());
    }
    let budget = fs::read_to_string(&path).map_err(|error| format!("{FILE}: {error}"))?;
    judge(&read(&budget)?, &counted)
}

/// Instructions of one request.
fn each(row: &Row, dir: &Path) -> Result<u64, String> {
    const SMALL: f64 = 2.0;
    const LARGE: f64 = 122.0;
    let mut totals = [0; 2];
    for (total, megabytes) in totals.iter_mut().zip([SMALL, LARGE]) {
        *total = count(row, &dir.join(megabytes.to_string()), megabytes)?;
    }
    let requests = (LARGE - SMALL) * 1e6 / row.request_bytes;
    Ok((totals[1].saturating_sub(totals[0]) as f64 / requests) as u64)
}

/// All instructions of a broker that served so many megabytes.
fn count(row: &Row, dir: &Path, megabytes: f64) -> Result<u64, String> {
    let [port, controller_port] = free_ports()?;
    let mut settings = Settings::new(port, controller_port);
    // One thread for connections, and nothing that comes by the clock.
    settings.properties = ["num.network.threads=1", "log.cleaner.enable=false"]
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
            load(port, running.id(), fill, None)?;
            return load(
                port,
                running.id(),
                row.load,
                Some(format!("laps={}", megabytes / 2.0)),
            );
        }
        load(
            port,
            running.id(),
            row.load,
            Some(format!("megabytes={megabytes}")),
        )
    })();
    signal(running.id(), "TERM")?;
    let said = running.ended_with(&log);
    loaded?;
    collected(&said?)
}

fn load(port: u16, pid: u32, phase: &str, more: Option<String>) -> Result<(), String> {
    let program: PathBuf = checkout().join("target/debug/record_load");
    let mut command = Command::new(program);
    command
        .arg(format!("127.0.0.1:{port}"))
        .arg(pid.to_string());
    command.args(phase.split_whitespace()).args(more);
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
        if percent.abs() > TOLERANCE {
            wrong.push(format!(
                "{name}: {each} instructions, {percent:+.1} % of the {allowed} in {FILE}"
            ));
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
    fn counts_are_held_to_the_budget_in_both_directions() {
        let table = |each: u64| BTreeMap::from([("a b".to_owned(), each)]);
        assert_eq!(read(&written(&table(1000))), Ok(table(1000)));
        assert_eq!(judge(&table(1000), &table(1039)), Ok(()));
        assert_eq!(judge(&table(1000), &table(961)), Ok(()));
        for wrong in [table(1041), table(959), BTreeMap::new()] {
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
