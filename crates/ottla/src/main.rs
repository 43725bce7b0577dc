//! The `ottla` binary: one file per command, no logic.

mod commands;
mod dump;
mod logging;
mod output;

use std::process::ExitCode;

use clap::Parser;

use output::Stop;

/// Apache Kafka, in Rust: same wire, same disk, same quorum.
#[derive(Debug, Parser)]
#[command(
    name = "ottla",
    version,
    propagate_version = true,
    max_term_width = 100
)]
struct Cli {
    #[command(flatten)]
    globals: commands::Globals,
    #[command(subcommand)]
    command: Option<commands::Command>,
}

fn main() -> ExitCode {
    // Wrong usage ends here, with 2.
    let cli = Cli::parse();
    match commands::run(&cli.globals, cli.command) {
        Ok(()) | Err(Stop::ClosedPipe) => ExitCode::SUCCESS,
        Err(Stop::Interrupted) => ExitCode::from(130),
        Err(Stop::Ended(code)) => ExitCode::from(code),
        Err(Stop::Unable(why)) => {
            output::complain(&why);
            ExitCode::from(2)
        }
        Err(Stop::Failed(why)) => {
            output::complain(&why);
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_make_sense() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_bootstrap_server_may_stand_anywhere_and_has_a_default() {
        let server = |line: &str| {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            cli.globals.bootstrap_server
        };
        assert_eq!(server("ottla topics list"), "127.0.0.1:9092");
        assert_eq!(server("ottla --bootstrap-server a:1 topics list"), "a:1");
        assert_eq!(server("ottla topics list --bootstrap-server a:1"), "a:1");
        assert!(Cli::try_parse_from(["ottla", "topics", "frobnicate"]).is_err());
    }
}
