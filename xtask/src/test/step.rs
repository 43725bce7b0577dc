//! The steps of `cargo xtask test`, in order.

use std::{
    env,
    io::{BufRead, BufReader, Write as _},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    time::Instant,
};

use xtask::oracle::{self, Home, checkout};

use super::{
    beside,
    count::{Heard, Tally},
};

/// One step.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    /// Left out by `--quick`.
    pub(crate) slow: bool,
    what: What,
}

enum What {
    /// A function of ours.
    Call(fn() -> Result<(), String>),
    /// `cargo` with arguments: one thing.
    Cargo(&'static [&'static str]),
    /// `cargo` with arguments: its tests are counted.
    Tests(&'static [&'static str]),
    /// Tests that count themselves.
    Counted(fn(&mut Tally, &str)),
}

const fn step(name: &'static str, slow: bool, what: What) -> Step {
    Step { name, slow, what }
}

/// All steps: what is quick to fail comes first.
pub(crate) const STEPS: &[Step] = &[
    step("fmt", false, What::Cargo(&["fmt", "--all", "--check"])),
    step("tidy", false, What::Call(|| crate::tidy::run(&[]))),
    step(
        "codegen",
        false,
        What::Call(|| crate::codegen::run(&["--check".to_owned()])),
    ),
    step(
        "oracle",
        true,
        What::Call(|| oracle::install(&Home::find())),
    ),
    step(
        "clippy",
        false,
        What::Cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]),
    ),
    step(
        "unit",
        false,
        What::Tests(&[
            "test",
            "--workspace",
            "--exclude",
            "ottla-interop",
            "--no-fail-fast",
        ]),
    ),
    step(
        "tested",
        true,
        What::Cargo(&["build", "--profile", TESTED, "-p", "ottla"]),
    ),
    step("interop", true, What::Counted(beside::run)),
    // After what builds the programs that load the broker, and alone.
    step("budget", true, What::Call(crate::budget::step)),
];

/// A test run says the same twice: the fuzz targets begin at this seed. `cargo xtask fuzz` draws new ones.
const FUZZ_SEED: &str = "4400";
/// The profile of the binary that other programs meet.
pub(crate) const TESTED: &str = "tested";
/// The longest that a step may take, in seconds: something hangs.
const LIMIT: &str = "1800";

impl Step {
    /// Runs it and counts.
    pub(crate) fn run(&self, tally: &mut Tally) {
        say(&format!("--- {}", self.name));
        let start = now();
        match &self.what {
            What::Call(call) => tally.one(self.name, call()),
            What::Cargo(arguments) => match missing(arguments) {
                Some(why) => tally.not_run(self.name, &why),
                None => tally.one(self.name, cargo(arguments, |_| {})),
            },
            What::Tests(arguments) => {
                let mut heard = Heard::default();
                let outcome = cargo(arguments, |line| heard.line(line));
                tally.tests(self.name, heard, outcome);
            }
            What::Counted(run) => run(tally, self.name),
        }
        say(&format!(
            "--- {}: {} s",
            self.name,
            start.elapsed().as_secs()
        ));
    }
}

/// Why cargo has no such command: fmt and clippy are components of their own.
fn missing(arguments: &[&str]) -> Option<String> {
    let command = arguments.first()?;
    let there = *command == "build"
        || Command::new(cargo_program())
            .args([command, "--version"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
    (!there).then(|| format!("cargo {command} is not installed"))
}

fn cargo_program() -> String {
    env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// Runs cargo; each line of its output is shown and heard.
pub(crate) fn cargo(arguments: &[&str], mut hear: impl FnMut(&str)) -> Result<(), String> {
    cargo_heard(arguments, |line| {
        say(line);
        hear(line);
    })
}

/// Runs cargo; each line of its output is heard.
pub(super) fn cargo_heard(arguments: &[&str], mut hear: impl FnMut(&str)) -> Result<(), String> {
    let mut child = limited(LIMIT, cargo_program().as_ref())
        .args(arguments)
        .current_dir(checkout())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("timeout: {error}"))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(|error| error.to_string())?;
            hear(&String::from_utf8_lossy(&line));
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    ended(status, LIMIT)
}

/// A program that is killed after `limit` seconds, with what tests are told by the environment.
pub(super) fn limited(limit: &str, program: &Path) -> Command {
    let mut command = Command::new("timeout");
    command
        .args(["-k", "10", limit])
        .arg(program)
        .env("OTTLA_BIN", binary_of(TESTED))
        .env("BOLERO_RANDOM_SEED", FUZZ_SEED);
    command
}

/// Whether a program of [`limited`] ended well.
pub(super) fn ended(status: ExitStatus, limit: &str) -> Result<(), String> {
    match status.code() {
        Some(0) => Ok(()),
        Some(124) => Err(format!("not done after {limit} s")),
        _ => Err(status.to_string()),
    }
}

/// Where the release build puts the binary, unless `$OTTLA_BIN` names another.
pub(crate) fn ottla_binary() -> String {
    binary_of("release")
}

pub(crate) fn binary_of(profile: &str) -> String {
    env::var("OTTLA_BIN").unwrap_or_else(|_| {
        let target = env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
        let binary = checkout().join(target).join(profile).join("ottla");
        binary.display().to_string()
    })
}

/// One line on stdout.
pub(crate) fn say(line: &str) {
    // Nobody to read it is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a step took decides nothing"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
