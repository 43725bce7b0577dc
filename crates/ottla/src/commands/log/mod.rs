//! `ottla log`: what is in the files of a log, and whether it is sound, without a broker.

mod dump;
mod repair;
mod verify;

use std::path::PathBuf;

use ottla_broker::verify::{Check, Verified};

use crate::output::Stop;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Dump(dump::Args),
    Verify(verify::Args),
    Repair(repair::Args),
}

pub(crate) fn run(command: Command) -> Result<(), Stop> {
    match command {
        Command::Dump(args) => dump::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Repair(args) => repair::run(&args),
    }
}

/// What is checked.
#[derive(Debug, clap::Args)]
struct Directory {
    /// A log directory (one of log.dirs), or the directory of one partition; no node may run on it
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// So many partitions at a time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..))]
    threads: u8,
    /// The node's producer.id.expiration.ms: snapshots may lack producers that wrote nothing for so long
    #[arg(long, value_name = "MS", default_value_t = 86_400_000)]
    producer_id_expiration_ms: i64,
}

impl Directory {
    fn check(&self) -> Result<Verified, Stop> {
        let check = Check {
            path: self.dir.clone(),
            threads: self.threads.into(),
            producer_expiry_ms: self.producer_id_expiration_ms,
        };
        check.run().map_err(Stop::Unable)
    }
}
