//! `ottla log dump`: what files say.

use std::{io::Write, path::PathBuf};

use crate::{
    dump::{self, Decoder, Options, Remark},
    output::{self, Stop},
};

/// Print what .log, .checkpoint, .index, .timeindex, .txnindex, .snapshot and checkpoint files say
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print keys and values of records
    #[arg(long)]
    print_data_log: bool,
    /// Print records, and not only their batches
    #[arg(long)]
    deep_iteration: bool,
    /// Print records without their offsets and sizes
    #[arg(long)]
    skip_record_metadata: bool,
    /// Read no more than so many bytes of a .log file
    #[arg(long, value_name = "BYTES", default_value_t = u64::MAX, hide_default_value = true)]
    max_bytes: u64,
    /// Decode values as records of the cluster's metadata
    #[arg(long, group = "decoder")]
    cluster_metadata_decoder: bool,
    /// Decode as records of __consumer_offsets
    #[arg(long, group = "decoder")]
    offsets_decoder: bool,
    /// Decode as records of __transaction_state
    #[arg(long, group = "decoder")]
    transaction_log_decoder: bool,
    /// Decode as records of __share_group_state
    #[arg(long, group = "decoder")]
    share_group_state_decoder: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Stop> {
    let decoder = match args {
        Args {
            cluster_metadata_decoder: true,
            ..
        } => Some(Decoder::Metadata),
        Args {
            offsets_decoder: true,
            ..
        } => Some(Decoder::Groups),
        Args {
            transaction_log_decoder: true,
            ..
        } => Some(Decoder::Transactions),
        Args {
            share_group_state_decoder: true,
            ..
        } => Some(Decoder::Share),
        _ => None,
    };
    let options = Options {
        data: args.print_data_log || decoder.is_some(),
        records: args.deep_iteration || args.print_data_log || decoder.is_some(),
        skip_record_metadata: args.skip_record_metadata,
        max_bytes: args.max_bytes,
        decoder,
    };
    let mut to = output::stdout();
    let mut complaints = Vec::new();
    for file in &args.files {
        for remark in dump::file(&mut to, file, &options)? {
            match remark {
                Remark::Wrong(what) => complaints.push(what),
                // Apache Kafka's tool names them too, and does not fail for it.
                Remark::Gaps(what) => output::complain(&what),
            }
        }
    }
    to.flush()?;
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(Stop::Failed(complaints.join("\n")))
    }
}
