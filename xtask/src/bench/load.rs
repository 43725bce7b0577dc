//! The load generator (`coordinator_load` of the tests), and what it measures.

use std::{collections::BTreeMap, path::PathBuf, process::Command};

use xtask::oracle::{checkout, output};

use super::broker::{Broker, Kind, last_lines};
use crate::test::{cargo, say};

/// A program that loads a broker, or stands in for one: of the tests' package.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Program(&'static str);

/// Loads the coordinators.
pub(crate) const COORDINATOR_LOAD: Program = Program("coordinator_load");
/// Writes and reads records.
pub(crate) const RECORD_LOAD: Program = Program("record_load");
/// Only moves bytes.
pub(crate) const FLOOR: Program = Program("floor");

impl Program {
    /// The variable that names one that is built already: `OTTLA_COORDINATOR_LOAD` and so on.
    fn variable(self) -> String {
        format!("OTTLA_{}", self.0.to_uppercase())
    }

    /// Where it is.
    pub(crate) fn path(self) -> PathBuf {
        std::env::var_os(self.variable()).map_or_else(
            || checkout().join("target/release").join(self.0),
            PathBuf::from,
        )
    }
}

/// Builds what is measured and what loads the coordinators, unless they are given.
pub(crate) fn build() -> Result<(), String> {
    build_with(&[COORDINATOR_LOAD])
}

/// Builds what is measured and these programs, unless they are given.
pub(crate) fn build_with(programs: &[Program]) -> Result<(), String> {
    if std::env::var_os("OTTLA_BIN").is_none() {
        cargo(&["build", "--release", "-p", "ottla"], |_| {})?;
    }
    let missing = programs
        .iter()
        .filter(|program| std::env::var_os(program.variable()).is_none());
    let bins: Vec<&str> = missing.flat_map(|program| ["--bin", program.0]).collect();
    if !bins.is_empty() {
        let package = ["build", "--release", "-p", "ottla-interop"];
        cargo(&[&package[..], &bins].concat(), |_| {})?;
    }
    Ok(())
}

/// The numbers of one line of the load generator, by name.
pub(crate) type Numbers = BTreeMap<String, f64>;

/// Runs a phase of the coordinators' load generator against a broker.
pub(crate) fn load(broker: &Broker, phase: &str, options: &str) -> Result<Numbers, String> {
    load_by(COORDINATOR_LOAD, &broker.loaded(), phase, options)
}

/// What a load generator is pointed at.
pub(crate) struct Loaded {
    pub(crate) kind: Kind,
    pub(crate) address: String,
    pub(crate) pid: u32,
    /// The file with what it says.
    pub(crate) log: PathBuf,
}

/// Runs a phase of a load generator.
pub(crate) fn load_by(
    program: Program,
    loaded: &Loaded,
    phase: &str,
    options: &str,
) -> Result<Numbers, String> {
    let name = loaded.kind.name();
    let failed = |why: String| {
        let said = last_lines(&loaded.log);
        format!("{name}: {phase} {options}: {why}\n{said}")
    };
    let mut command = Command::new(program.path());
    command.arg(&loaded.address).arg(loaded.pid.to_string());
    command.arg(phase).args(options.split_whitespace());
    let line = output(&mut command).map_err(failed)?;
    let line = String::from_utf8_lossy(&line);
    say(&format!("{name:<6} {phase} {options}: {}", line.trim()));
    numbers(&line).ok_or_else(|| failed(format!("{line}: not an object of numbers")))
}

/// A flat JSON object of numbers, which is all that the load generator writes.
pub(crate) fn numbers(line: &str) -> Option<Numbers> {
    let inner = line.trim().strip_prefix('{')?.strip_suffix('}')?;
    let pairs = inner.split(',').map(|pair| {
        let (name, value) = pair.split_once(':')?;
        let name = name.trim().strip_prefix('"')?.strip_suffix('"')?;
        Some((name.to_owned(), value.trim().parse().ok()?))
    });
    pairs.collect()
}

/// A number that the load generator must say.
pub(crate) fn number(told: &Numbers, name: &str) -> Result<f64, String> {
    let found = told.get(name).copied();
    found.ok_or_else(|| format!("the load generator does not say {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_generator_writes_is_understood() {
        let told = numbers("{\"a\":1.5,\"b_c\":20}\n").unwrap();
        assert_eq!(
            told,
            [("a".to_owned(), 1.5), ("b_c".to_owned(), 20.0)].into()
        );
        assert_eq!(number(&told, "a"), Ok(1.5));
        assert!(number(&told, "c").is_err());
        for wrong in ["", "{}", "{\"a\":null}", "{\"a\":\"b\"}", "[1]"] {
            assert_eq!(numbers(wrong), None, "{wrong}");
        }
    }
}
