//! `ottla log repair`: makes anew what a check found broken, and keeps what it removes.

use std::{io::Write, path::PathBuf};

use ottla_broker::{clock, verify::How};

use crate::output::{self, Stop};

/// Repair what `ottla log verify` finds, keeping everything that is removed or rewritten
///
/// Indexes, producer snapshots, leader epochs and checkpoints are made anew from the log; after an unclean stop, logs are
/// recovered as a start would. A damaged log is cut at its first damaged batch only with --truncate. Exits with 0 if
/// nothing is left to repair, with 1 if something is, with 2 if nothing can be done.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    directory: super::Directory,
    /// Let a damaged log end before its first damaged batch: what follows is lost to readers, and kept in a folder
    #[arg(long)]
    truncate: bool,
    /// The folder for what is removed or rewritten, in no log directory [default: ottla-repair-TIME beside the log directory]
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Stop> {
    let verified = args.directory.check()?;
    let now_ms = clock::wall_ms();
    let keep = match &args.keep {
        Some(keep) => keep.clone(),
        None => verified.default_keep(now_ms).map_err(Stop::Unable)?,
    };
    let how = How {
        keep,
        truncate: args.truncate,
        dry_run: args.dry_run,
        now_ms,
    };
    let repaired = verified.repair(&how).map_err(Stop::Unable)?;
    let mut to = output::stdout();
    let would = if args.dry_run { "would do: " } else { "" };
    for sentence in &repaired.done {
        writeln!(to, "{would}{sentence}")?;
    }
    for sentence in &repaired.left {
        writeln!(to, "not repaired: {sentence}")?;
    }
    let done = repaired.done.len();
    match (args.dry_run, done) {
        (_, 0) => writeln!(to, "nothing was changed")?,
        (true, _) => {}
        (false, _) => writeln!(
            to,
            "what was removed or rewritten is in {}",
            how.keep.display()
        )?,
    }
    to.flush()?;
    if repaired.left.is_empty() {
        Ok(())
    } else {
        Err(Stop::Ended(1))
    }
}
