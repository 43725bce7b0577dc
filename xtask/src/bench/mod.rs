//! `cargo xtask bench`: measures a whole node beside Apache Kafka, and holds it to its limits.

mod broker;
mod groups;
mod node;
mod probe;
mod start;
mod table;

const USAGE: &str = "usage: cargo xtask bench <command>
  start [--runs N] [--kafka-runs N]  from exec to the first answers, to the end after SIGTERM, and what an idle node takes
                                     (5 runs of Ottla, 2 of Apache Kafka; 0 leaves Apache Kafka out)
  groups [--quick] [--runs N] [--seconds N] [--members N] [--groups N] [--committers N] [--only PART]... [--no-kafka]
                                     the load of groups: heartbeats, commits, joins (of N members into one group), idle (N
                                     groups of ten), recovery (after kill -9, with N groups of 200 offsets each)
                                     (3 runs of 3 seconds, 1000, 10000, 5000; --quick: smaller, one run)
measures the release build, or $OTTLA_BIN (groups: with the load of $OTTLA_GROUP_LOAD, if it is built); `start` fails if Ottla's medians exceed its limits";

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let (command, rest) = args.split_first().ok_or(USAGE)?;
    match command.as_str() {
        "start" => start::run(&runs(rest)?),
        "groups" => groups::run(&of_groups(rest)?),
        _ => Err(USAGE.to_owned()),
    }
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

fn of_groups(args: &[String]) -> Result<groups::Options, String> {
    let is_quick = args.iter().any(|arg| arg == "--quick");
    let mut options = match is_quick {
        true => groups::Options::quick(),
        false => groups::Options::full(),
    };
    let mut rest = args.iter().filter(|arg| *arg != "--quick");
    while let Some(arg) = rest.next() {
        let place = match arg.as_str() {
            "--no-kafka" => {
                options.kafka = false;
                continue;
            }
            "--only" => {
                let part = rest
                    .next()
                    .filter(|part| groups::Options::PARTS.contains(&part.as_str()));
                options.only.push(part.ok_or(USAGE)?.clone());
                continue;
            }
            "--runs" => &mut options.runs,
            "--seconds" => &mut options.seconds,
            "--members" => &mut options.members,
            "--groups" => &mut options.groups,
            "--committers" => &mut options.committers,
            _ => return Err(USAGE.to_owned()),
        };
        let number = rest.next().and_then(|text| text.parse().ok());
        *place = number.filter(|number| *number > 0).ok_or(USAGE)?;
    }
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
