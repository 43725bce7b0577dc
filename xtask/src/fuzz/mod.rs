//! `cargo xtask fuzz`: every fuzz target for longer than a test run gives it.

use std::process::Command;

use xtask::oracle::checkout;

const USAGE: &str = "usage: cargo xtask fuzz [--seconds N] [TARGET]...
  --seconds N  how long each target gets; 60 if it is not said
  TARGET       only this one; more than one may be named";

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let (mut seconds, mut targets) = (60_u32, Vec::new());
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--seconds" => {
                let number = rest.next().and_then(|number| number.parse().ok());
                seconds = number.ok_or(USAGE)?;
            }
            flag if flag.starts_with('-') => return Err(USAGE.to_owned()),
            target => targets.push(target),
        }
    }
    // A target is a test: were there none of that name, no test would fail.
    let folder = checkout().join("fuzz/corpus");
    let unknown = targets.iter().find(|target| !folder.join(target).is_dir());
    if let Some(unknown) = unknown {
        return Err(format!("{unknown}: not a folder of {}", folder.display()));
    }
    let status = Command::new(env!("CARGO"))
        .current_dir(checkout())
        .args(["test", "--profile", "fuzz", "--package", "ottla-fuzz"])
        .args(["--test", "targets", "--", "--exact"])
        .args(targets)
        .env("OTTLA_FUZZ_SECONDS", seconds.to_string())
        .status()
        .map_err(|error| format!("cargo test: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err("an input failed: see target/fuzz-found".to_owned())
    }
}
