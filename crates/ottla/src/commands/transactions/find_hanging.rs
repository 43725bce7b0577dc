//! `ottla transactions find-hanging`: transactions that are open in a partition and that no coordinator will end.

use ottla_client::{Admin, TopicPartition, admin::OpenTransaction};
use serde_json::{Value, json};

use super::{as_lines, describe_producers, now, partitions, table::table};
use crate::output::Stop;

const MINUTE_MS: i64 = 60_000;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scope: Scope,
    /// Only this partition of the topic
    #[arg(long, requires = "topic", value_parser = clap::value_parser!(i32).range(0..))]
    partition: Option<i32>,
    /// The longest that a transaction may be open, in minutes: younger ones are left out
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    max_transaction_timeout: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
struct Scope {
    /// Search this topic
    #[arg(long)]
    topic: Option<String>,
    /// Search what this broker has, and ask it instead of the leaders
    #[arg(long, value_name = "ID")]
    broker_id: Option<i32>,
}

pub(super) async fn run(admin: &Admin, args: Args) -> Result<String, Stop> {
    let (topic, replica) = (args.scope.topic.as_deref(), args.scope.broker_id);
    let searched = match (topic, args.partition) {
        (Some(topic), Some(partition)) => vec![TopicPartition::new(topic, partition)],
        _ => partitions(admin, topic, replica).await?,
    };
    let limit_ms = i64::from(args.max_transaction_timeout) * MINUTE_MS;
    let found = admin
        .find_hanging_transactions(searched, replica, limit_ms)
        .await?;
    if args.json {
        return Ok(as_lines(found.iter().map(as_json).collect()));
    }
    let headers = [
        "Topic",
        "Partition",
        "ProducerId",
        "ProducerEpoch",
        "CoordinatorEpoch",
        "StartOffset",
        "LastTimestamp",
        "Duration(min)",
    ];
    let now = now();
    let rows: Vec<_> = found.iter().map(|one| row(one, now)).collect();
    Ok(table(headers, &rows))
}

fn row(one: &OpenTransaction, now: i64) -> [String; 8] {
    let OpenTransaction { at, producer } = one;
    [
        at.topic.to_string(),
        at.partition.to_string(),
        producer.producer_id.to_string(),
        producer.producer_epoch.to_string(),
        producer.coordinator_epoch.unwrap_or(-1).to_string(),
        producer.transaction_start.unwrap_or(-1).to_string(),
        producer.last_timestamp.to_string(),
        ((now - producer.last_timestamp) / MINUTE_MS).to_string(),
    ]
}

fn as_json(one: &OpenTransaction) -> Value {
    json!({
        "topic": *one.at.topic,
        "partition": one.at.partition,
        "producer": describe_producers::as_json(&one.producer),
    })
}
