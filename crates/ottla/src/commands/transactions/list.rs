//! `ottla transactions list`: transactional ids, with their coordinators and states.

use ottla_client::{
    Admin,
    admin::{TransactionFilter, TransactionListing, TransactionState},
};
use serde_json::json;

use super::{as_lines, stuck, table::table};
use crate::output::Stop;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only transactions that have been open for longer than so many milliseconds; below 0: all
    #[arg(long, value_name = "MS", allow_negative_numbers = true)]
    duration_filter: Option<i64>,
    /// Only transactional ids that this regular expression matches
    #[arg(long, value_name = "REGEX")]
    transactional_id_pattern: Option<String>,
    /// Only transactions in one of these states
    #[arg(long, value_name = "STATE,...", value_delimiter = ',', value_parser = parse_state)]
    state: Vec<TransactionState>,
    /// Instead, list the partitions whose last stable offset is held back: as `stuck`
    #[arg(long, conflicts_with_all = ["duration_filter", "transactional_id_pattern", "state"])]
    stuck: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn parse_state(text: &str) -> Result<TransactionState, String> {
    match TransactionState::parse(text) {
        TransactionState::Unknown => {
            let names = TransactionState::ALL.map(TransactionState::name);
            Err(format!("it is none of {}", names.join(", ")))
        }
        state => Ok(state),
    }
}

pub(super) async fn run(admin: &Admin, args: Args, server: &str) -> Result<String, Stop> {
    if args.stuck {
        return stuck::run(admin, stuck::Args::of_all(args.json), server).await;
    }
    let filter = TransactionFilter {
        states: args.state,
        duration_ms: args.duration_filter,
        id_pattern: args.transactional_id_pattern,
        ..TransactionFilter::default()
    };
    let listed = admin.list_transactions(&filter).await?;
    if let Some((broker, error)) = listed.failures.into_iter().next() {
        return Err(Stop::Failed(format!("broker {broker}: {error}")));
    }
    let all = listed.transactions;
    if args.json {
        return Ok(as_lines(all.iter().map(as_json).collect()));
    }
    let rows: Vec<_> = all.iter().map(row).collect();
    let headers = [
        "TransactionalId",
        "Coordinator",
        "ProducerId",
        "TransactionState",
    ];
    Ok(table(headers, &rows))
}

fn row(one: &TransactionListing) -> [String; 4] {
    [
        one.transactional_id.clone(),
        one.coordinator.to_string(),
        one.producer_id.to_string(),
        one.state.to_string(),
    ]
}

fn as_json(one: &TransactionListing) -> serde_json::Value {
    json!({
        "transactionalId": one.transactional_id,
        "coordinator": one.coordinator,
        "producerId": one.producer_id,
        "state": one.state.name(),
    })
}
