//! `ottla topics`: list, describe, create, delete and alter topics. The output is that of `kafka-topics`, or JSON.

use std::{collections::BTreeMap, fmt::Write as _, io::Write as _};

use ottla_client::{
    Admin, ClientError, Cluster,
    admin::{
        ConfigEntry, ConfigOperation, ConfigSource, NewPartitions, NewTopic, Outcomes,
        PartitionDescription, Resource, TopicDescription,
    },
};
use ottla_wire::errors::Code;
use serde_json::{Value, json};

use crate::output::{self, Stop};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the names of all topics
    List {
        /// Leave out topics that belong to the brokers
        #[arg(long)]
        exclude_internal: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Describe topics and their partitions
    Describe(Describe),
    /// Create a topic
    Create(Create),
    /// Delete topics with all their records
    Delete {
        /// The topics
        #[arg(required = true, value_name = "TOPIC")]
        topics: Vec<String>,
        /// Topics that do not exist are no failure
        #[arg(long)]
        if_exists: bool,
    },
    /// Add partitions, set and delete configurations
    Alter(Alter),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Describe {
    /// The topics; all if none is named
    #[arg(value_name = "TOPIC")]
    topics: Vec<String>,
    /// Leave out topics that belong to the brokers
    #[arg(long)]
    exclude_internal: bool,
    /// Only partitions with fewer in-sync replicas than replicas
    #[arg(long)]
    under_replicated_partitions: bool,
    /// Only partitions without a leader
    #[arg(long)]
    unavailable_partitions: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// Its name
    topic: String,
    /// How many partitions; the broker's default if not given
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..))]
    partitions: Option<i32>,
    /// How many replicas; the broker's default if not given
    #[arg(long, value_parser = clap::value_parser!(i16).range(1..))]
    replication_factor: Option<i16>,
    /// Replicas of each partition in place of the two, e.g. 1:2,2:3
    #[arg(long, value_parser = parse_assignment, conflicts_with_all = ["partitions", "replication_factor"])]
    replica_assignment: Option<Assignment>,
    /// A configuration; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    config: Vec<(String, String)>,
    /// A topic that exists is no failure
    #[arg(long)]
    if_not_exists: bool,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Changes {
    /// How many partitions it is to have in all
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..))]
    partitions: Option<i32>,
    /// A configuration to set; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    config: Vec<(String, String)>,
    /// A configuration to set back to its default; may be repeated
    #[arg(long, value_name = "KEY")]
    delete_config: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Alter {
    /// The topic
    topic: String,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Assignment(Vec<Vec<i32>>);

fn parse_assignment(text: &str) -> Result<Assignment, String> {
    let partition = |text: &str| -> Result<Vec<i32>, String> {
        let replica = |id: &str| {
            id.trim()
                .parse::<i32>()
                .map_err(|_| format!("`{id}` is no node id"))
        };
        text.split(':').map(replica).collect()
    };
    text.split(',')
        .map(partition)
        .collect::<Result<_, _>>()
        .map(Assignment)
}

/// `KEY=VALUE`; the value may have further `=`.
pub(crate) fn parse_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE".into()),
    }
}

pub(crate) async fn run(command: Command, cluster: Cluster) -> Result<(), Stop> {
    let admin = Admin::new(cluster);
    let text = match command {
        Command::List {
            exclude_internal,
            json,
        } => list(&admin, exclude_internal, json).await?,
        Command::Describe(args) => describe(&admin, args).await?,
        Command::Create(args) => create(&admin, args).await?,
        Command::Delete { topics, if_exists } => delete(&admin, topics, if_exists).await?,
        Command::Alter(args) => alter(&admin, args).await?,
    };
    let mut to = output::stdout();
    to.write_all(text.as_bytes())?;
    to.flush()?;
    Ok(())
}

async fn list(admin: &Admin, exclude_internal: bool, json: bool) -> Result<String, Stop> {
    let topics = admin.list_topics().await?;
    let names: Vec<&str> = topics
        .iter()
        .filter(|topic| !(exclude_internal && topic.internal))
        .map(|topic| &*topic.name)
        .collect();
    Ok(if json {
        format!("{}\n", json!(names))
    } else {
        names.iter().map(|name| format!("{name}\n")).collect()
    })
}

async fn describe(admin: &Admin, args: Describe) -> Result<String, Stop> {
    let names = if args.topics.is_empty() {
        let all = admin.list_topics().await?;
        let shown = all
            .iter()
            .filter(|topic| !(args.exclude_internal && topic.internal));
        shown.map(|topic| topic.name.to_string()).collect()
    } else {
        args.topics.clone()
    };
    let described = all_of(admin.describe_topics(&names).await?)?;
    let resources = names.into_iter().map(Resource::topic).collect();
    let mut configs: BTreeMap<String, Vec<ConfigEntry>> =
        all_of(admin.describe_configs(resources).await?)?
            .into_iter()
            .map(|(resource, entries)| (resource.name, entries))
            .collect();
    let only_some = args.under_replicated_partitions || args.unavailable_partitions;
    let mut text = String::new();
    let mut values = Vec::new();
    for (name, topic) in described {
        let entries: Vec<ConfigEntry> = configs
            .remove(&name)
            .unwrap_or_default()
            .into_iter()
            .filter(|entry| entry.source != ConfigSource::Default)
            .collect();
        let partitions: Vec<&PartitionDescription> = topic
            .partitions
            .iter()
            .filter(|one| is_shown(one, &args))
            .collect();
        if args.json {
            values.push(as_json(&topic, &partitions, &entries));
            continue;
        }
        if !only_some {
            print_topic(&mut text, &topic, &entries);
        }
        for partition in partitions {
            print_partition(&mut text, &name, partition);
        }
    }
    if args.json {
        text = format!("{}\n", Value::Array(values));
    }
    Ok(text)
}

fn is_shown(one: &PartitionDescription, args: &Describe) -> bool {
    let partition = &one.partition;
    let behind = partition.isr.len() < partition.replicas.len();
    let headless = partition.leader.is_none();
    match (
        args.under_replicated_partitions,
        args.unavailable_partitions,
    ) {
        (false, false) => true,
        (under, unavailable) => (under && behind) || (unavailable && headless),
    }
}

fn print_topic(to: &mut String, topic: &TopicDescription, entries: &[ConfigEntry]) {
    let configs: Vec<String> = entries
        .iter()
        .map(|entry| {
            format!(
                "{}={}",
                entry.name,
                entry.value.as_deref().unwrap_or_default()
            )
        })
        .collect();
    let replicas = topic
        .partitions
        .first()
        .map_or(0, |one| one.partition.replicas.len());
    // Writing to a string does not fail, here and below.
    let _ = writeln!(
        to,
        "Topic: {}\tTopicId: {}\tPartitionCount: {}\tReplicationFactor: {replicas}\tConfigs: {}",
        topic.name,
        topic.id,
        topic.partitions.len(),
        configs.join(",")
    );
}

fn print_partition(to: &mut String, topic: &str, one: &PartitionDescription) {
    let partition = &one.partition;
    let leader = partition
        .leader
        .map_or_else(|| "none".into(), |leader| leader.to_string());
    let optional =
        |ids: &Option<Vec<i32>>| ids.as_ref().map_or_else(|| "N/A".into(), |ids| joined(ids));
    let _ = writeln!(
        to,
        "\tTopic: {topic}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}\tElr: {}\tLastKnownElr: {}",
        partition.index,
        joined(&partition.replicas),
        joined(&partition.isr),
        optional(&one.eligible_leader_replicas),
        optional(&one.last_known_elr),
    );
}

fn joined(ids: &[i32]) -> String {
    let ids: Vec<String> = ids.iter().map(i32::to_string).collect();
    ids.join(",")
}

fn as_json(
    topic: &TopicDescription,
    partitions: &[&PartitionDescription],
    entries: &[ConfigEntry],
) -> Value {
    let configs: BTreeMap<&str, Option<&str>> = entries
        .iter()
        .map(|entry| (entry.name.as_str(), entry.value.as_deref()))
        .collect();
    let partitions: Vec<Value> = partitions
        .iter()
        .map(|one| {
            json!({
                "partition": one.partition.index,
                "leader": one.partition.leader,
                "leaderEpoch": one.partition.leader_epoch,
                "replicas": one.partition.replicas,
                "isr": one.partition.isr,
                "offline": one.partition.offline,
                "elr": one.eligible_leader_replicas,
                "lastKnownElr": one.last_known_elr,
            })
        })
        .collect();
    json!({
        "topic": topic.name,
        "topicId": topic.id.to_string(),
        "internal": topic.internal,
        "configs": configs,
        "partitions": partitions,
    })
}

async fn create(admin: &Admin, args: Create) -> Result<String, Stop> {
    let topic = NewTopic {
        name: args.topic,
        partitions: args.partitions,
        replication_factor: args.replication_factor,
        assignment: args
            .replica_assignment
            .map(|Assignment(of)| of)
            .unwrap_or_default(),
        configs: args.config.into_iter().collect(),
    };
    let mut text = String::new();
    for (topic, outcome) in admin.create_topics(vec![topic], false).await? {
        match outcome {
            Ok(_) => text = format!("Created topic {}.\n", topic.name),
            Err(error)
                if args.if_not_exists && error.code() == Some(Code::TOPIC_ALREADY_EXISTS) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(text)
}

async fn delete(admin: &Admin, topics: Vec<String>, if_exists: bool) -> Result<String, Stop> {
    let outcomes = admin.delete_topics(topics).await?;
    let missing = |error: &ClientError| error.code() == Some(Code::UNKNOWN_TOPIC_OR_PARTITION);
    let failures: Vec<String> = outcomes
        .into_iter()
        .filter_map(|(_, outcome)| outcome.err())
        .filter(|error| !(if_exists && missing(error)))
        .map(|error| error.to_string())
        .collect();
    if failures.is_empty() {
        Ok(String::new())
    } else {
        Err(Stop::Failed(failures.join("; ")))
    }
}

async fn alter(admin: &Admin, args: Alter) -> Result<String, Stop> {
    let Alter { topic, changes } = args;
    let sets = changes
        .config
        .into_iter()
        .map(|(key, value)| (key, ConfigOperation::Set(value)));
    let deletes = changes
        .delete_config
        .into_iter()
        .map(|key| (key, ConfigOperation::Delete));
    let operations: Vec<(String, ConfigOperation)> = sets.chain(deletes).collect();
    if !operations.is_empty() {
        let change = (Resource::topic(topic.clone()), operations);
        all_of(admin.alter_configs(vec![change], false).await?)?;
    }
    if let Some(count) = changes.partitions {
        let new = NewPartitions {
            topic,
            count,
            assignment: None,
        };
        all_of(admin.create_partitions(vec![new], false).await?)?;
    }
    Ok(String::new())
}

/// All or the first failure.
fn all_of<K, V>(outcomes: Outcomes<K, V>) -> Result<Vec<(K, V)>, ClientError> {
    outcomes
        .into_iter()
        .map(|(key, outcome)| outcome.map(|value| (key, value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use ottla_client::view::Partition;

    use super::*;

    fn partition(leader: Option<i32>, elr: Option<Vec<i32>>) -> PartitionDescription {
        PartitionDescription {
            partition: Partition {
                index: 0,
                leader,
                leader_epoch: 4,
                replicas: vec![1, 2],
                isr: vec![1],
                offline: vec![],
            },
            eligible_leader_replicas: elr.clone(),
            last_known_elr: elr,
        }
    }

    #[test]
    fn lines_are_those_of_kafka_topics() {
        let mut text = String::new();
        print_partition(&mut text, "t", &partition(Some(1), Some(vec![])));
        print_partition(&mut text, "t", &partition(None, None));
        assert_eq!(
            text,
            "\tTopic: t\tPartition: 0\tLeader: 1\tReplicas: 1,2\tIsr: 1\tElr: \tLastKnownElr: \n\
             \tTopic: t\tPartition: 0\tLeader: none\tReplicas: 1,2\tIsr: 1\tElr: N/A\tLastKnownElr: N/A\n"
        );
        let topic = TopicDescription {
            name: "t".into(),
            id: ottla_wire::Uuid::METADATA_TOPIC,
            internal: false,
            partitions: vec![partition(Some(1), None)],
        };
        let entry = |name: &str, value: &str| ConfigEntry {
            name: name.into(),
            value: Some(value.into()),
            source: ConfigSource::DynamicTopic,
            sensitive: false,
            read_only: false,
        };
        let mut text = String::new();
        print_topic(&mut text, &topic, &[entry("a", "1"), entry("b", "2")]);
        assert_eq!(
            text,
            "Topic: t\tTopicId: AAAAAAAAAAAAAAAAAAAAAQ\tPartitionCount: 1\tReplicationFactor: 2\tConfigs: a=1,b=2\n"
        );
    }

    #[test]
    fn assignments_and_pairs_are_parsed() {
        assert_eq!(
            parse_assignment("1:2,3"),
            Ok(Assignment(vec![vec![1, 2], vec![3]]))
        );
        assert!(parse_assignment("1:x").is_err());
        assert_eq!(parse_pair("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert!(parse_pair("=b").is_err() && parse_pair("a").is_err());
    }
}
