//! `cargo xtask test`: installs what tests need, runs everything, and ends with `N passed, N failed`.

mod beside;
mod count;
mod step;

use std::env;

use count::Tally;
use step::STEPS;
pub(crate) use step::{TESTED, binary_of, cargo, ottla_binary, say};

const USAGE: &str = "usage: cargo xtask test [--quick] [--only NAME]...
  --quick      without Apache Kafka, other people's clients and the optimized binary
  --only NAME  only this step; more than one may be named; see the names by --only help";

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let (mut quick, mut only) = (false, Vec::new());
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--quick" => quick = true,
            "--only" => only.push(rest.next().ok_or(USAGE)?.as_str()),
            _ => return Err(USAGE.to_owned()),
        }
    }
    let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
    if let Some(unknown) = only.iter().find(|name| !names.contains(name)) {
        return Err(format!("{unknown}: not one of {}", names.join(", ")));
    }
    let mut tally = Tally::default();
    for step in STEPS {
        let wanted = if only.is_empty() {
            !(quick && step.slow)
        } else {
            only.contains(&step.name)
        };
        if wanted {
            step.run(&mut tally);
        }
    }
    let ci = env::var("CI").is_ok_and(|value| value == "true");
    let (lines, passed, failed) = tally.report(ci);
    lines.iter().for_each(|line| say(line));
    say(&format!("{passed} passed, {failed} failed"));
    if failed > 0 {
        return Err(String::new());
    }
    Ok(())
}
