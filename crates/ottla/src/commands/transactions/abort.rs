//! `ottla transactions abort`: a marker in one partition, for a transaction that no coordinator will end.

use ottla_client::{
    Admin, TopicPartition,
    admin::{AbortTransaction, ProducerState},
};

use super::Partition;
use crate::output::Stop;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    partition: Partition,
    #[command(flatten)]
    which: Which,
    /// With --producer-id: the producer's epoch
    #[arg(long, value_name = "EPOCH", requires = "producer_id")]
    producer_epoch: Option<i16>,
    /// With --producer-id: the epoch of the coordinator that last ended a transaction of it here; -1 if none did
    #[arg(
        long,
        value_name = "EPOCH",
        requires = "producer_id",
        allow_negative_numbers = true
    )]
    coordinator_epoch: Option<i32>,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The transaction that begins at this offset
    #[arg(long, value_name = "OFFSET")]
    start_offset: Option<i64>,
    /// The transaction of this producer, for brokers that do not describe producers
    #[arg(long, value_name = "ID", requires_all = ["producer_epoch", "coordinator_epoch"])]
    producer_id: Option<i64>,
}

pub(super) async fn run(admin: &Admin, args: Args) -> Result<String, Stop> {
    let at = args.partition.at();
    let abort = match (args.which.start_offset, args.which.producer_id) {
        (Some(start), _) => found(admin, &at, start).await?,
        (None, producer_id) => AbortTransaction {
            at,
            producer_id: producer_id.unwrap_or(-1),
            producer_epoch: args.producer_epoch.unwrap_or(-1),
            // Before its first end a producer has none; 0 is older than any coordinator.
            coordinator_epoch: args.coordinator_epoch.unwrap_or(-1).max(0),
        },
    };
    admin.abort_transaction(&abort).await?;
    Ok(String::new())
}

/// The transaction that begins at an offset.
async fn found(admin: &Admin, at: &TopicPartition, start: i64) -> Result<AbortTransaction, Stop> {
    let mut open = Vec::new();
    for (_, producers) in admin.describe_producers(vec![at.clone()], None).await? {
        let producers = producers?.into_iter();
        open.extend(producers.filter(|one| one.transaction_start.is_some()));
    }
    let starts_there = |one: &&ProducerState| one.transaction_start == Some(start);
    let Some(producer) = open.iter().find(starts_there) else {
        let others: Vec<String> = open
            .iter()
            .filter_map(|one| one.transaction_start)
            .map(|start| start.to_string())
            .collect();
        let others = if others.is_empty() {
            "none is open there".to_owned()
        } else {
            format!("open ones begin at {}", others.join(", "))
        };
        return Err(Stop::Failed(format!(
            "no open transaction of {at} begins at offset {start}: {others}"
        )));
    };
    let producer_epoch = i16::try_from(producer.producer_epoch).map_err(|_| {
        Stop::Failed(format!(
            "the epoch {} of producer {} is no epoch: it must fit 16 bits",
            producer.producer_epoch, producer.producer_id
        ))
    })?;
    Ok(AbortTransaction {
        at: at.clone(),
        producer_id: producer.producer_id,
        producer_epoch,
        coordinator_epoch: producer.coordinator_epoch.unwrap_or(0),
    })
}
