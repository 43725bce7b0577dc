//! `ottla transactions`: list and describe transactions, find what hangs and what holds readers back, and end it. The
//! output is that of `kafka-transactions`, or JSON.

mod abort;
mod describe;
mod describe_producers;
mod find_hanging;
mod force_terminate;
mod list;
mod stuck;
mod table;

use std::{io::Write as _, time::Duration};

use ottla_client::{Admin, ClientConfig, Cluster, TopicPartition};
use serde_json::Value;

use crate::output::{self, Stop};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How long each question to the cluster may take
    #[arg(
        long,
        global = true,
        value_name = "MS",
        default_value_t = 30_000,
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    timeout: u64,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List transactional ids and where their transactions are
    List(list::Args),
    /// Describe the last transaction of a transactional id
    Describe(describe::Args),
    /// Describe the producers that a partition knows
    DescribeProducers(describe_producers::Args),
    /// Find transactions in partitions that no coordinator will end
    FindHanging(find_hanging::Args),
    /// Say who holds the last stable offset of partitions back, since when, and what frees it
    Stuck(stuck::Args),
    /// Abort a transaction in one partition without its coordinator: for one that hangs
    Abort(abort::Args),
    /// Abort the open transaction of a transactional id and fence its producer
    #[command(alias = "forceTerminateTransaction")]
    ForceTerminate(force_terminate::Args),
}

/// A partition by topic and number.
#[derive(Debug, clap::Args)]
struct Partition {
    /// The topic
    #[arg(long)]
    topic: String,
    /// The partition
    #[arg(long, value_parser = clap::value_parser!(i32).range(0..))]
    partition: i32,
}

impl Partition {
    fn at(&self) -> TopicPartition {
        TopicPartition::new(self.topic.as_str(), self.partition)
    }
}

impl Args {
    /// Bounds what is asked of the cluster.
    pub(crate) fn configure(&self, config: &mut ClientConfig) {
        config.api_timeout = Duration::from_millis(self.timeout);
        config.request_timeout = config.request_timeout.min(config.api_timeout);
    }
}

/// Runs a command; `server` is how commands that it proposes reach the cluster.
pub(crate) async fn run(args: Args, cluster: Cluster, server: &str) -> Result<(), Stop> {
    let admin = Admin::new(cluster);
    let text = match args.command {
        Command::List(args) => list::run(&admin, args, server).await?,
        Command::Describe(args) => describe::run(&admin, args).await?,
        Command::DescribeProducers(args) => describe_producers::run(&admin, args).await?,
        Command::FindHanging(args) => find_hanging::run(&admin, args).await?,
        Command::Stuck(args) => stuck::run(&admin, args, server).await?,
        Command::Abort(args) => abort::run(&admin, args).await?,
        Command::ForceTerminate(args) => force_terminate::run(&admin, args).await?,
    };
    let mut to = output::stdout();
    to.write_all(text.as_bytes())?;
    to.flush()?;
    Ok(())
}

/// The partitions of a topic, or of all; with `replica`, those that the broker with that node id has.
async fn partitions(
    admin: &Admin,
    topic: Option<&str>,
    replica: Option<i32>,
) -> Result<Vec<TopicPartition>, Stop> {
    let mut found = Vec::new();
    let mut take = |name: &str, index: i32, replicas: &[i32]| {
        if replica.is_none_or(|node| replicas.contains(&node)) {
            found.push(TopicPartition::new(name, index));
        }
    };
    match topic {
        Some(name) => {
            for (_, topic) in admin.describe_topics(&[name.to_owned()]).await? {
                for one in topic?.partitions {
                    take(name, one.partition.index, &one.partition.replicas);
                }
            }
        }
        None => {
            for topic in admin.list_topics().await? {
                for one in &topic.partitions {
                    take(&topic.name, one.index, &one.replicas);
                }
            }
        }
    }
    Ok(found)
}

fn as_lines(values: Vec<Value>) -> String {
    format!("{}\n", Value::Array(values))
}

/// Milliseconds since 1970.
#[allow(clippy::disallowed_methods)]
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::Cli;

    fn is_accepted(line: &str) -> bool {
        Cli::try_parse_from(format!("ottla transactions {line}").split(' ')).is_ok()
    }

    #[test]
    fn arguments_that_contradict_each_other_or_are_missing_are_refused() {
        for line in [
            "list",
            "list --duration-filter -1 --transactional-id-pattern a.* --state Ongoing,Empty",
            "list --stuck --json",
            "describe --transactional-id a",
            "describe-producers --topic t --partition 0 --broker-id 1",
            "find-hanging --topic t --partition 3 --max-transaction-timeout 20",
            "find-hanging --broker-id 1",
            "stuck",
            "stuck --topic t --partition 0 --json",
            "abort --topic t --partition 0 --start-offset 7",
            "abort --topic t --partition 0 --producer-id 1 --producer-epoch 2 --coordinator-epoch -1",
            "force-terminate --transactional-id a",
            "forceTerminateTransaction --transactionalId a",
        ] {
            assert!(is_accepted(line), "{line}");
        }
        for line in [
            "list --state ongoing",
            "list --stuck --state Ongoing",
            "describe",
            "describe-producers --topic t",
            "find-hanging",
            "find-hanging --broker-id 1 --partition 3",
            "stuck --partition 3",
            "abort --topic t --partition 0",
            "abort --topic t --partition 0 --start-offset 7 --producer-id 1",
            "abort --topic t --partition 0 --producer-id 1 --producer-epoch 2",
            "force-terminate",
        ] {
            assert!(!is_accepted(line), "{line}");
        }
    }
}
