//! `ottla transactions describe`: what the coordinator knows of a transactional id.

use ottla_client::{Admin, TopicPartition, admin::TransactionDescription};
use serde_json::{Value, json};

use super::{
    now,
    table::{or_none, table},
};
use crate::output::Stop;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The transactional id
    #[arg(long, value_name = "ID")]
    transactional_id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(admin: &Admin, args: Args) -> Result<String, Stop> {
    let described = admin
        .describe_transactions(vec![args.transactional_id])
        .await?;
    let mut text = String::new();
    for (_, one) in described {
        let one = one?;
        if args.json {
            text.push_str(&format!("{}\n", as_json(&one)));
        } else {
            text.push_str(&as_table(&one, now()));
        }
    }
    Ok(text)
}

fn as_table(one: &TransactionDescription, now: i64) -> String {
    let headers = [
        "CoordinatorId",
        "TransactionalId",
        "ProducerId",
        "ProducerEpoch",
        "TransactionState",
        "TransactionTimeoutMs",
        "CurrentTransactionStartTimeMs",
        "TransactionDurationMs",
        "TopicPartitions",
    ];
    let mut partitions: Vec<&TopicPartition> = one.partitions.iter().collect();
    partitions.sort();
    let partitions: Vec<String> = partitions.iter().map(|at| at.to_string()).collect();
    let row = [
        one.coordinator.id.to_string(),
        one.transactional_id.clone(),
        one.producer_id.to_string(),
        one.producer_epoch.to_string(),
        one.state.to_string(),
        one.timeout_ms.to_string(),
        or_none(one.start_ms),
        or_none(one.start_ms.map(|start| now - start)),
        partitions.join(","),
    ];
    table(headers, &[row])
}

/// The same for other commands, which have more to say of it.
pub(super) fn as_json(one: &TransactionDescription) -> Value {
    let partition = |at: &TopicPartition| json!({"topic": *at.topic, "partition": at.partition});
    json!({
        "transactionalId": one.transactional_id,
        "coordinator": one.coordinator.id,
        "producerId": one.producer_id,
        "producerEpoch": one.producer_epoch,
        "state": one.state.name(),
        "timeoutMs": one.timeout_ms,
        "startTimeMs": one.start_ms,
        "partitions": one.partitions.iter().map(partition).collect::<Vec<_>>(),
    })
}
