//! How many files the processes of a benchmark may have open.

use std::process::Command;

use xtask::oracle::output;

/// What Linux allows a process by default (`fs.nr_open`).
const FILES: &str = "1048576";

/// Lets this process, and those that it starts, open that many, if it may: brokers with very many partitions want them.
pub(crate) fn raise() {
    let mut command = Command::new("prlimit");
    command.arg(format!("--pid={}", std::process::id()));
    command.arg(format!("--nofile={FILES}:{FILES}"));
    if let Err(why) = output(&mut command) {
        eprintln!("no more open files than before are allowed (that needs root): {why}");
    }
}
