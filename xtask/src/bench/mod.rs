//! `cargo xtask bench`: measures a whole node beside Apache Kafka, and holds it to its limits.

mod node;
mod probe;
mod start;
mod table;

const USAGE: &str = "usage: cargo xtask bench <command>
  start [--runs N] [--kafka-runs N]  from exec to the first answers, to the end after SIGTERM, and what an idle node takes
                                     (5 runs of Ottla, 2 of Apache Kafka; 0 leaves Apache Kafka out)
measures the release build, or $OTTLA_BIN; fails if Ottla's medians exceed its limits";

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let (command, rest) = args.split_first().ok_or(USAGE)?;
    match command.as_str() {
        "start" => start::run(&runs(rest)?),
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

#[cfg(test)]
mod tests {
    use super::*;

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
