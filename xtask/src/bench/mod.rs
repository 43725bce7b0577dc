//! `cargo xtask bench`: measures a whole node beside Apache Kafka, and holds it to its limits.

mod broker;
mod cells;
mod course;
mod document;
mod floor;
mod goals;
mod groups;
mod json;
mod limits;
mod load;
mod log;
mod machine;
mod node;
mod page;
mod parts;
mod perf_tools;
mod probe;
mod records;
mod results;
mod start;
mod svg;
mod table;
mod transactions;

use std::path::PathBuf;

use course::Course;
pub(crate) use node::Running;
pub(crate) use probe::{Question, wait_for};
pub(crate) use start::{Scratch, prepare_ottla};

const USAGE: &str = "usage: cargo xtask bench <command>
  start [--runs N] [--kafka-runs N]  from exec to the first answers, to the end after SIGTERM, and what an idle node takes
                                     (5 runs of Ottla, 2 of Apache Kafka; 0 leaves Apache Kafka out)
  groups [--quick] [--runs N] [--seconds N] [--members N] [--groups N] [--committers N] [--only PART]... [--no-kafka]
                                     the load of groups: heartbeats, commits, joins (of N members into one group), idle (N
                                     groups of ten), recovery (after kill -9, with N groups of 200 offsets each)
                                     (3 runs of 3 seconds, 1000, 10000, 5000; --quick: smaller, one run)
  transactions [--quick] [--runs N] [--seconds N] [--producers N] [--times N] [--ids N] [--only PART]... [--no-kafka]
                                     small transactions: commits (of N producers at once), readers (N transactions on their
                                     way to readers), ids (N idle transactional ids, and kill -9 with them)
                                     (3 runs of 3 seconds, 16, 100, 100000; --quick: smaller, one run)
  load [--quick] [--runs N] [--megabytes N] [--seconds N] [--connections N] [--partitions N] [--kafka-partitions N]
       [--only PART]... [--cell NAME-PART]... [--no-kafka]
                                     records beside a server that only moves bytes: start, records (N megabytes in each shape;
                                     --cell: those whose names contain that), latency (at fixed rates), fanout, cold, flush,
                                     connections, partitions (1000, 10000 … to N), tools (Kafka's own)
                                     (4 runs of 400 MB, 8 s a rate, 10000, 100000, Apache Kafka 10000; --quick: smaller, one run)
  log [--quick] [--runs N] [--partitions N] [--logs N] [--tail MB] [--megabytes N] [--seconds N] [--rate N] [--only PART]...
      [--no-kafka]                   the life of a log: restart (of a node with N partitions), recovery (kill -9 with N logs,
                                     and that many MB not flushed), compaction (of N MB), interference (of retention and
                                     compaction with N batches a second)
                                     (3 runs, 10000, 1000, 1000, 1000, 10, 1000; --quick: smaller, one run)
  page [--check]                     writes the tables and plots of docs/reference/performance.md from the JSON files beside them
groups, transactions, load and log take --json FILE: what is measured goes there, after each step. A step that fails is
named at the end, and the others go on.
measures the release build, or $OTTLA_BIN (groups, transactions and log: with the load of $OTTLA_COORDINATOR_LOAD, if it is built); `start` fails if Ottla's medians exceed its limits";

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let (command, rest) = args.split_first().ok_or(USAGE)?;
    let mut rest = rest.to_vec();
    let json = match &taken(&mut rest, "--json")?[..] {
        [] => None,
        [file] if command != "start" => Some(PathBuf::from(file)),
        _ => return Err(USAGE.to_owned()),
    };
    let course = Course::new(command, &rest, json);
    match command.as_str() {
        "start" => start::run(&runs(&rest)?),
        "groups" => groups::run(&of_groups(&rest)?, course),
        "load" => records::run(&of_load(&rest)?, course),
        "log" => log::run(&of_log(&rest)?, course),
        "page" => page::run(&rest),
        "transactions" => transactions::run(&of_transactions(&rest)?, course),
        _ => Err(USAGE.to_owned()),
    }
}

/// Takes each `flag TEXT` out: the texts.
fn taken(args: &mut Vec<String>, flag: &str) -> Result<Vec<String>, String> {
    let mut texts = Vec::new();
    while let Some(at) = args.iter().position(|arg| arg == flag) {
        let text = args.get(at + 1).filter(|text| !text.starts_with("--"));
        texts.push(text.ok_or(USAGE)?.clone());
        args.drain(at..at + 2);
    }
    Ok(texts)
}

/// How often each is started.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Runs {
    ottla: usize,
    kafka: usize,
}

fn runs(args: &[String]) -> Result<Runs, String> {
    let mut runs = Runs { ottla: 5, kafka: 2 };
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let number = rest.next().and_then(|text| text.parse().ok());
        match (arg.as_str(), number) {
            ("--runs", Some(number)) if number > 0 => runs.ottla = number,
            ("--kafka-runs", Some(number)) => runs.kafka = number,
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(runs)
}

/// Reads the options of a benchmark with parts: `place` says where a number goes.
fn of_parts<O>(
    args: &[String],
    options: &mut O,
    parts: &[&str],
    only: impl Fn(&mut O) -> &mut Vec<String>,
    kafka: impl Fn(&mut O) -> &mut bool,
    place: impl for<'o> Fn(&'o mut O, &str) -> Option<&'o mut usize>,
) -> Result<(), String> {
    let mut rest = args.iter().filter(|arg| *arg != "--quick");
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--no-kafka" => *kafka(options) = false,
            "--only" => {
                let part = rest.next().filter(|part| parts.contains(&part.as_str()));
                only(options).push(part.ok_or(USAGE)?.clone());
            }
            name => {
                let place = place(options, name).ok_or(USAGE)?;
                let number = rest.next().and_then(|text| text.parse().ok());
                *place = number.filter(|number| *number > 0).ok_or(USAGE)?;
            }
        }
    }
    Ok(())
}

fn is_quick(args: &[String]) -> bool {
    args.iter().any(|arg| arg == "--quick")
}

fn of_groups(args: &[String]) -> Result<groups::Options, String> {
    let mut options = match is_quick(args) {
        true => groups::Options::quick(),
        false => groups::Options::full(),
    };
    of_parts(
        args,
        &mut options,
        &groups::Options::PARTS,
        |options| &mut options.only,
        |options| &mut options.kafka,
        |options, name| match name {
            "--runs" => Some(&mut options.runs),
            "--seconds" => Some(&mut options.seconds),
            "--members" => Some(&mut options.members),
            "--groups" => Some(&mut options.groups),
            "--committers" => Some(&mut options.committers),
            _ => None,
        },
    )?;
    Ok(options)
}

fn of_transactions(args: &[String]) -> Result<transactions::Options, String> {
    let mut options = match is_quick(args) {
        true => transactions::Options::quick(),
        false => transactions::Options::full(),
    };
    of_parts(
        args,
        &mut options,
        &transactions::Options::PARTS,
        |options| &mut options.only,
        |options| &mut options.kafka,
        |options, name| match name {
            "--runs" => Some(&mut options.runs),
            "--seconds" => Some(&mut options.seconds),
            "--producers" => Some(&mut options.producers),
            "--times" => Some(&mut options.times),
            "--ids" => Some(&mut options.ids),
            _ => None,
        },
    )?;
    Ok(options)
}

fn of_load(args: &[String]) -> Result<records::Options, String> {
    let mut options = match is_quick(args) {
        true => records::Options::quick(),
        false => records::Options::full(),
    };
    let mut args = args.to_vec();
    options.cells = taken(&mut args, "--cell")?;
    of_parts(
        &args,
        &mut options,
        &records::Options::PARTS,
        |options| &mut options.only,
        |options| &mut options.kafka,
        |options, name| match name {
            "--runs" => Some(&mut options.runs),
            "--megabytes" => Some(&mut options.megabytes),
            "--seconds" => Some(&mut options.seconds),
            "--connections" => Some(&mut options.connections),
            "--partitions" => Some(&mut options.partitions),
            "--kafka-partitions" => Some(&mut options.kafka_partitions),
            _ => None,
        },
    )?;
    Ok(options)
}

fn of_log(args: &[String]) -> Result<log::Options, String> {
    let mut options = match is_quick(args) {
        true => log::Options::quick(),
        false => log::Options::full(),
    };
    of_parts(
        args,
        &mut options,
        &log::Options::PARTS,
        |options| &mut options.only,
        |options| &mut options.kafka,
        |options, name| match name {
            "--runs" => Some(&mut options.runs),
            "--partitions" => Some(&mut options.partitions),
            "--logs" => Some(&mut options.logs),
            "--tail" => Some(&mut options.tail),
            "--megabytes" => Some(&mut options.megabytes),
            "--seconds" => Some(&mut options.seconds),
            "--rate" => Some(&mut options.rate),
            _ => None,
        },
    )?;
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_groups_are_taken_and_nothing_else() {
        let read = |text: &str| {
            let words = text.split_whitespace().map(str::to_owned);
            of_groups(&words.collect::<Vec<_>>())
        };
        assert_eq!(read(""), Ok(groups::Options::full()));
        let expected = groups::Options {
            runs: 2,
            only: vec!["idle".to_owned()],
            kafka: false,
            ..groups::Options::quick()
        };
        assert_eq!(
            read("--runs 2 --only idle --quick --no-kafka"),
            Ok(expected)
        );
        for wrong in ["--runs 0", "--only", "--only all", "--groups x", "9"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn options_of_loads_are_taken_and_nothing_else() {
        let read = |text: &str| {
            let words = text.split_whitespace().map(str::to_owned);
            of_load(&words.collect::<Vec<_>>())
        };
        let expected = records::Options {
            megabytes: 5,
            only: vec!["cold".to_owned()],
            cells: vec!["100 KiB".to_owned(), "lz4".to_owned()],
            ..records::Options::quick()
        };
        let words = ["--cell", "100 KiB"].map(str::to_owned);
        let mut args: Vec<String> = "--quick --megabytes 5 --only cold --cell lz4"
            .split(' ')
            .map(str::to_owned)
            .collect();
        args.splice(1..1, words);
        assert_eq!(of_load(&args), Ok(expected));
        assert!(read("--cell").is_err() && read("--cell --quick").is_err());
        for wrong in ["--only joins", "--megabytes 0", "--ids 5"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn options_of_the_log_are_taken_and_nothing_else() {
        let read = |text: &str| {
            let words = text.split_whitespace().map(str::to_owned);
            of_log(&words.collect::<Vec<_>>())
        };
        assert_eq!(read(""), Ok(log::Options::full()));
        let expected = log::Options {
            tail: 7,
            only: vec!["recovery".to_owned()],
            ..log::Options::quick()
        };
        assert_eq!(read("--quick --only recovery --tail 7"), Ok(expected));
        for wrong in ["--logs 0", "--only groups", "--rate", "x"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_of_runs_are_taken_and_nothing_else() {
        let read = |text: &str| {
            runs(
                &text
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(read(""), Ok(Runs { ottla: 5, kafka: 2 }));
        assert_eq!(
            read("--kafka-runs 0 --runs 9"),
            Ok(Runs { ottla: 9, kafka: 0 })
        );
        for wrong in ["--runs", "--runs 0", "--runs x", "3"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
