//! `ottla transactions describe-producers`: who has written to a partition, and whose transaction is open there.

use ottla_client::{Admin, admin::ProducerState};
use serde_json::{Value, json};

use super::{
    Partition, as_lines,
    table::{or_none, table},
};
use crate::output::Stop;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    partition: Partition,
    /// Ask this replica instead of the leader
    #[arg(long, value_name = "ID")]
    broker_id: Option<i32>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(admin: &Admin, args: Args) -> Result<String, Stop> {
    let asked = vec![args.partition.at()];
    let mut all = Vec::new();
    for (_, producers) in admin.describe_producers(asked, args.broker_id).await? {
        all.extend(producers?);
    }
    if args.json {
        return Ok(as_lines(all.iter().map(as_json).collect()));
    }
    let headers = [
        "ProducerId",
        "ProducerEpoch",
        "LatestCoordinatorEpoch",
        "LastSequence",
        "LastTimestamp",
        "CurrentTransactionStartOffset",
    ];
    let rows: Vec<_> = all.iter().map(row).collect();
    Ok(table(headers, &rows))
}

fn row(one: &ProducerState) -> [String; 6] {
    [
        one.producer_id.to_string(),
        one.producer_epoch.to_string(),
        one.coordinator_epoch.unwrap_or(-1).to_string(),
        one.last_sequence.to_string(),
        one.last_timestamp.to_string(),
        or_none(one.transaction_start),
    ]
}

/// The same for other commands, which have more to say of it.
pub(super) fn as_json(one: &ProducerState) -> Value {
    json!({
        "producerId": one.producer_id,
        "producerEpoch": one.producer_epoch,
        "latestCoordinatorEpoch": one.coordinator_epoch,
        "lastSequence": one.last_sequence,
        "lastTimestamp": one.last_timestamp,
        "transactionStartOffset": one.transaction_start,
    })
}
