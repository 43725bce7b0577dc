//! `cargo xtask`: all automation of the project.

mod bench;
mod budget;
mod codegen;
mod fuzz;
mod test;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <command>
  bench     measure a node beside Apache Kafka
  budget    count the instructions of requests, and hold them to xtask/budget.txt
  codegen   write crates/wire/src/messages from crates/wire/schemas (--check: only compare)
  fuzz      break inputs of everything that reads bytes, for longer than tests do
  oracle    install and run Apache Kafka (the oracle) and other people's clients
  test      install what tests need and run everything
  tidy      check the rules that the compiler cannot hold";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let outcome = match command.as_str() {
        "bench" => bench::run(&rest),
        "budget" => budget::run(&rest),
        "codegen" => codegen::run(&rest),
        "fuzz" => fuzz::run(&rest),
        "oracle" => xtask::oracle::run(&rest),
        "test" => test::run(&rest),
        "tidy" => tidy::run(&rest),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // A command that already said all gives no reason.
            if !why.is_empty() {
                eprintln!("{why}");
            }
            ExitCode::FAILURE
        }
    }
}
