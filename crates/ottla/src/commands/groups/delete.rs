//! `ottla groups delete` and `ottla groups delete-offsets`.

use std::collections::{BTreeMap, BTreeSet};

use ottla_client::{Admin, ClientError, TopicPartition};

use super::{
    Said, Selection,
    logs::{self, Named, parse_topic},
    table,
};
use crate::output::Stop;

#[derive(Debug, clap::Args)]
pub(super) struct Groups {
    #[command(flatten)]
    groups: Selection,
}

#[derive(Debug, clap::Args)]
pub(super) struct Offsets {
    /// The group
    #[arg(long)]
    group: String,
    /// A topic, or some of its partitions as TOPIC:0,1,2; may be repeated
    #[arg(long, required = true, value_name = "TOPIC[:0,1,2]", value_parser = parse_topic)]
    topic: Vec<Named>,
}

pub(super) async fn groups(admin: &Admin, args: Groups) -> Result<Said, Stop> {
    let ids = args.groups.ids(admin).await?;
    let mut said = Said::default();
    let mut deleted = Vec::with_capacity(ids.len());
    for (group, outcome) in admin.delete_groups(ids).await? {
        match outcome {
            Ok(()) => deleted.push(format!("'{group}'")),
            Err(error) => said.failures.push(error.to_string()),
        }
    }
    let deleted = deleted.join(", ");
    if said.failures.is_empty() {
        said.text = format!("Deletion of requested consumer groups ({deleted}) was successful.\n");
    } else if !deleted.is_empty() {
        said.text = format!("Deleted: {deleted}\n");
    }
    Ok(said)
}

/// What became of a partition, or of a topic (partition -1) that cannot be looked up.
type Fates = BTreeMap<(String, i32), Option<String>>;

pub(super) async fn offsets(admin: &Admin, args: Offsets) -> Result<Said, Stop> {
    let mut fates = Fates::new();
    let partitions = partitions(admin, &args.topic, &mut fates).await?;
    let asked: Vec<TopicPartition> = partitions.into_iter().collect();
    let mut failed = None;
    match admin.delete_group_offsets(&args.group, &asked).await {
        Ok(outcomes) => {
            for (at, outcome) in outcomes {
                let why = outcome.err().as_ref().map(ClientError::to_string);
                fates.insert((at.topic.to_string(), at.partition), why);
            }
        }
        Err(error) => {
            let why = error.to_string();
            for at in asked {
                fates.insert((at.topic.to_string(), at.partition), Some(why.clone()));
            }
            failed = Some(why);
        }
    }
    let count = fates.values().flatten().count();
    let mut said = Said::default();
    if let Some(why) = failed {
        said.failures.push(why);
    } else if count > 0 {
        said.failures.push(format!(
            "{count} of {} could not be deleted from group {}: see their status",
            fates.len(),
            args.group
        ));
    } else {
        let group = &args.group;
        said.text = format!("Request succeeded for deleting offsets from group {group}.\n");
    }
    said.text.push_str(&as_table(&fates));
    Ok(said)
}

/// The partitions of topics as they were named; a topic that does not exist has its fate already.
async fn partitions(
    admin: &Admin,
    named: &[Named],
    fates: &mut Fates,
) -> Result<BTreeSet<TopicPartition>, Stop> {
    let whole = named.iter().filter(|(_, partitions)| partitions.is_none());
    let topics = logs::topics(admin, whole.map(|(topic, _)| topic.as_str())).await?;
    let mut all = BTreeSet::new();
    for (name, partitions) in named {
        let indexes = match (partitions, topics.get(name)) {
            (Some(partitions), _) => partitions.clone(),
            (None, Some(topic)) => topic
                .partitions
                .iter()
                .map(|one| one.partition.index)
                .collect(),
            (None, None) => {
                fates.insert((name.clone(), -1), Some("there is no such topic".into()));
                continue;
            }
        };
        all.extend(
            indexes
                .into_iter()
                .map(|index| TopicPartition::new(name.as_str(), index)),
        );
    }
    Ok(all)
}

fn as_table(fates: &Fates) -> String {
    let widths = [
        table::width(15, fates.keys().map(|(topic, _)| topic.as_str())),
        10,
        15,
    ];
    let mut rows: Vec<_> = fates.iter().collect();
    // As Kafka's tool sorts: by the text of both.
    rows.sort_by_cached_key(|((topic, partition), _)| format!("{topic}{partition}"));
    let mut text = format!(
        "\n{}",
        table::line(widths, ["TOPIC", "PARTITION", "STATUS"])
    );
    for ((topic, partition), why) in rows {
        let partition = table::number(Some(partition).filter(|index| **index >= 0));
        let status = why
            .as_ref()
            .map_or_else(|| "Successful".into(), |why| format!("Error: {why}"));
        text.push('\n');
        text.push_str(&table::line(widths, [topic, &partition, &status]));
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_kafka_consumer_groups() {
        let fate = |topic: &str, partition, why: Option<&str>| {
            ((topic.to_owned(), partition), why.map(str::to_owned))
        };
        let fates = Fates::from([
            fate("t", 2, None),
            fate("t", 10, Some("no")),
            fate("gone", -1, Some("there is no such topic")),
        ]);
        let expected = [
            "\nTOPIC           PARTITION  STATUS         \n",
            "gone            -          Error: there is no such topic\n",
            "t               10         Error: no      \n",
            "t               2          Successful     \n",
        ];
        assert_eq!(as_table(&fates), expected.concat());
    }
}
