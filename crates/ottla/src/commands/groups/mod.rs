//! `ottla groups`: list, describe and delete consumer groups, reset and delete their offsets. The output is that of
//! `kafka-consumer-groups`, or JSON.

mod csv;
mod delete;
mod describe;
mod list;
mod logs;
mod reset;
mod table;
mod times;

use std::{io::Write as _, time::Duration};

use ottla_client::{
    Admin, ClientConfig, ClientError, Cluster, TopicPartition,
    admin::{CommittedOffset, GroupFilter, Outcomes},
};

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
    /// List the ids of all groups of consumers
    List(list::Args),
    /// Describe groups: their offsets and lag, or their members, or their state
    Describe(describe::Args),
    /// Set the offsets of groups that have no members; without --execute, say which would be set
    ResetOffsets(reset::Args),
    /// Delete groups that have no members, with their offsets
    Delete(delete::Groups),
    /// Delete offsets of a group that is not subscribed to their topics
    DeleteOffsets(delete::Offsets),
}

/// Which groups a command is about.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Selection {
    /// A group; may be repeated
    #[arg(long, value_name = "GROUP")]
    group: Vec<String>,
    /// All groups of consumers
    #[arg(long)]
    all_groups: bool,
}

impl Selection {
    /// Their ids, each once.
    async fn ids(&self, admin: &Admin) -> Result<Vec<String>, Stop> {
        if self.all_groups {
            let listed = list::listed(admin, &GroupFilter::consumers()).await?;
            return Ok(listed.into_iter().map(|one| one.group).collect());
        }
        let mut ids: Vec<String> = Vec::with_capacity(self.group.len());
        for group in &self.group {
            if !ids.contains(group) {
                ids.push(group.clone());
            }
        }
        Ok(ids)
    }
}

/// What a command has to say: the text goes to standard output even if some of the work failed.
#[derive(Debug, Default)]
struct Said {
    text: String,
    failures: Vec<String>,
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self {
            text,
            failures: Vec::new(),
        }
    }
}

impl Args {
    /// Bounds what is asked of the cluster.
    pub(crate) fn configure(&self, config: &mut ClientConfig) {
        config.api_timeout = Duration::from_millis(self.timeout);
        config.request_timeout = config.request_timeout.min(config.api_timeout);
    }
}

pub(crate) async fn run(args: Args, cluster: Cluster) -> Result<(), Stop> {
    let admin = Admin::new(cluster);
    let said = match args.command {
        Command::List(args) => list::run(&admin, args).await?.into(),
        Command::Describe(args) => describe::run(&admin, args).await?,
        Command::ResetOffsets(args) => reset::run(&admin, args).await?,
        Command::Delete(args) => delete::groups(&admin, args).await?,
        Command::DeleteOffsets(args) => delete::offsets(&admin, args).await?,
    };
    let mut to = output::stdout();
    to.write_all(said.text.as_bytes())?;
    to.flush()?;
    if said.failures.is_empty() {
        Ok(())
    } else {
        Err(Stop::Failed(said.failures.join("; ")))
    }
}

/// All or the first failure.
fn all_of<K, V>(outcomes: Outcomes<K, V>) -> Result<Vec<(K, V)>, ClientError> {
    outcomes
        .into_iter()
        .map(|(key, outcome)| outcome.map(|value| (key, value)))
        .collect()
}

/// The committed offsets of each group, in the order of the question. Partitions whose offset is refused are left out.
async fn committed(
    admin: &Admin,
    groups: &[String],
) -> Result<Vec<(String, Vec<(TopicPartition, CommittedOffset)>)>, Stop> {
    let asked = groups.iter().map(|group| (group.clone(), None)).collect();
    let answered = all_of(admin.list_group_offsets(asked, false).await?)?;
    let mut all = Vec::with_capacity(answered.len());
    for (group, offsets) in answered {
        let mut kept = Vec::with_capacity(offsets.len());
        for (partition, outcome) in offsets {
            match outcome {
                Ok(Some(offset)) => kept.push((partition, offset)),
                Ok(None) => {}
                Err(error) => output::complain(&format!("left out: {error}")),
            }
        }
        all.push((group, kept));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::Cli;

    fn is_accepted(line: &str) -> bool {
        Cli::try_parse_from(format!("ottla groups {line}").split(' ')).is_ok()
    }

    #[test]
    fn arguments_that_contradict_each_other_or_are_missing_are_refused() {
        for line in [
            "list --state --type",
            "list --state stable,empty --json",
            "describe --group a --group b --members --verbose",
            "describe --all-groups --timeout 5000",
            "reset-offsets --group g --topic t:0,1 --topic u --to-earliest",
            "reset-offsets --group g --all-topics --shift-by -5 --execute",
            "reset-offsets --all-groups --all-topics --by-duration PT1H --dry-run --export",
            "reset-offsets --group g --all-topics --to-datetime 2026-01-01T00:00:00.000",
            "reset-offsets --group g --from-file plan.csv",
            "delete --group a --group b",
            "delete-offsets --group g --topic t:0 --topic u",
        ] {
            assert!(is_accepted(line), "{line}");
        }
        for line in [
            "describe",
            "describe --group a --all-groups",
            "describe --group a --members --state",
            "list --state nonsense",
            "reset-offsets --group g --topic t",
            "reset-offsets --group g --to-latest",
            "reset-offsets --group g --topic t --to-latest --to-earliest",
            "reset-offsets --group g --topic t --all-topics --to-latest",
            "reset-offsets --group g --topic t --to-latest --dry-run --execute",
            "reset-offsets --group g --topic t --from-file plan.csv",
            "reset-offsets --topic t --to-latest",
            "reset-offsets --group g --topic t --by-duration 1h",
            "delete",
            "delete-offsets --group g",
            "delete-offsets --topic t",
            "list --timeout 0",
        ] {
            assert!(!is_accepted(line), "{line}");
        }
    }
}
