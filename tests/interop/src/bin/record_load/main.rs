//! Load of records on a broker, for `cargo xtask bench load`: one phase, one line of JSON.
//!
//! `record_load ADDRESS PID PHASE [KEY=VALUE]...`. Frames are built before the clock starts, an answer with an error ends the
//! program: what is counted was served. One thread for each connection, blocking.

mod answers;
mod connections;
mod fetch;
mod frames;
mod measured;
mod pace;
mod partitions;
mod produce;
mod target;
mod touch;

use std::process::ExitCode;

use ottla_interop::load::{Plan, gauge, link};
use serde_json::Value;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match Plan::of("record_load", &args).and_then(|(plan, phase)| run(&plan, &phase)) {
        Ok(line) => {
            print(&line.to_string());
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("record_load: {why}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is the program's output")]
fn print(line: &str) {
    println!("{line}");
}

fn run(plan: &Plan, phase: &str) -> Result<Value, String> {
    match phase {
        "produce" => produce::run(plan),
        "fetch" => fetch::run(plan),
        "pace" => pace::run(plan),
        "delete" => target::delete(plan),
        "connections" => connections::run(plan),
        "partitions" => partitions::create(plan),
        "ready" => partitions::ready(plan),
        "touch" => touch::run(plan),
        _ => Err(format!("{phase}: no such phase")),
    }
}
