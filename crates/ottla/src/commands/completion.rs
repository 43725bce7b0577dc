//! `ottla completion`: the completion script of a shell.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{
    Cli,
    output::{self, Stop},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<(), Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "ottla", &mut script);
    let mut to = output::stdout();
    to.write_all(&script)?;
    to.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_learns_every_command() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "ottla", &mut script);
            let script = String::from_utf8(script).unwrap();
            for word in [
                "topics",
                "groups",
                "reset-offsets",
                "produce",
                "consume",
                "completion",
                "bootstrap-server",
            ] {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }
}
