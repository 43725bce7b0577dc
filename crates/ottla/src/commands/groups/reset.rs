//! `ottla groups reset-offsets`: plans offsets by one of Kafka's scenarios, and sets them with `--execute`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use ottla_client::{
    Admin, TopicPartition,
    admin::{CommittedOffset, GroupState, OffsetSpec},
};
use ottla_wire::errors::Code;
use serde_json::{Value, json};

use super::{
    Said, Selection, committed,
    csv::{self, Plan},
    logs::{self, Named, Offsets, parse_topic},
    table,
    times::{Span, parse_datetime, parse_span},
};
use crate::output::{self, Stop};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    groups: Selection,
    /// A topic, or some of its partitions as TOPIC:0,1,2; may be repeated
    #[arg(
        long,
        value_name = "TOPIC[:0,1,2]",
        value_parser = parse_topic,
        required_unless_present_any = ["all_topics", "from_file"]
    )]
    topic: Vec<Named>,
    /// All partitions of which the group has an offset
    #[arg(long, conflicts_with = "topic")]
    all_topics: bool,
    #[command(flatten)]
    scenario: Scenario,
    /// Only say what would be set; this is so without --execute too
    #[arg(long, conflicts_with = "execute")]
    dry_run: bool,
    /// Set the offsets
    #[arg(long)]
    execute: bool,
    /// Print CSV that --from-file reads
    #[arg(long)]
    export: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "export")]
    json: bool,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Scenario {
    /// To the first offset
    #[arg(long)]
    to_earliest: bool,
    /// To the end
    #[arg(long)]
    to_latest: bool,
    /// To what it is; where there is none, to the end
    #[arg(long)]
    to_current: bool,
    /// To this offset
    #[arg(long, value_name = "OFFSET", allow_hyphen_values = true)]
    to_offset: Option<i64>,
    /// So many records forward, or back if negative
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    shift_by: Option<i64>,
    /// To the first record that is not older than so long before now, e.g. PT1H30M
    #[arg(long, value_name = "PnDTnHnMnS", value_parser = parse_span, allow_hyphen_values = true)]
    by_duration: Option<Span>,
    /// To the first record that is not older than this, in UTC or with +hh:mm at the end
    #[arg(long, value_name = "YYYY-MM-DDThh:mm:ss.sss", value_parser = parse_datetime)]
    to_datetime: Option<i64>,
    /// To what a CSV file says: [group,]topic,partition,offset
    #[arg(long, value_name = "FILE", conflicts_with_all = ["topic", "all_topics"])]
    from_file: Option<PathBuf>,
}

impl Scenario {
    fn starts_from_committed(&self) -> bool {
        self.to_current || self.shift_by.is_some()
    }
}

pub(super) async fn run(admin: &Admin, args: Args) -> Result<Said, Stop> {
    let ids = args.groups.ids(admin).await?;
    let mut said = Said::default();
    let inactive = inactive(admin, &ids, &mut said).await?;
    let mut plan = planned(admin, &args, &inactive, &mut said).await?;
    if args.execute {
        for (group, offsets) in &mut plan {
            set(admin, group, offsets, &mut said).await?;
        }
    } else if !args.dry_run {
        output::complain("nothing was changed: add --execute to set these offsets");
    }
    for id in ids {
        plan.entry(id).or_default();
    }
    said.text = if args.export {
        let with_group = args.groups.group.len() != 1;
        format!("{}\n", csv::write(&plan, with_group))
    } else if args.json {
        format!("{}\n", as_json(&plan))
    } else {
        as_table(&plan)
    };
    Ok(said)
}

/// Groups that have no members, among them those that do not exist; the others are failures.
async fn inactive(admin: &Admin, ids: &[String], said: &mut Said) -> Result<Vec<String>, Stop> {
    let mut inactive = Vec::with_capacity(ids.len());
    for (group, outcome) in admin.describe_groups(ids.to_vec()).await? {
        match outcome.map(|description| description.state) {
            Ok(GroupState::Empty | GroupState::Dead) => inactive.push(group),
            Ok(state) => said.failures.push(format!(
                "group {group} is {state}: stop its members before its offsets are reset"
            )),
            Err(error) if error.code() == Some(Code::GROUP_ID_NOT_FOUND) => inactive.push(group),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(inactive)
}

/// What the scenario gives for each group.
async fn planned(
    admin: &Admin,
    args: &Args,
    groups: &[String],
    said: &mut Said,
) -> Result<Plan, Stop> {
    if let Some(path) = &args.scenario.from_file {
        let text = fs::read_to_string(path).map_err(|error| Stop::file(path, &error))?;
        let only = match args.groups.group.as_slice() {
            [group] => Some(group.as_str()),
            _ => None,
        };
        let file = csv::read(&text, only)
            .map_err(|what| Stop::Failed(format!("{}: {what}", path.display())))?;
        return from_file(admin, file, groups, said).await;
    }
    let has_committed = args.all_topics || args.scenario.starts_from_committed();
    let current: BTreeMap<String, Offsets> = if has_committed {
        let all = committed(admin, groups).await?.into_iter();
        all.map(|(group, offsets)| (group, only_offsets(offsets)))
            .collect()
    } else {
        BTreeMap::new()
    };
    let none = Offsets::new();
    let named = if args.all_topics {
        let mut all = BTreeSet::new();
        all.extend(current.values().flat_map(|offsets| offsets.keys().cloned()));
        logs::check(admin, &all).await?;
        None
    } else {
        Some(partitions(admin, &args.topic).await?)
    };
    let mut plan = Plan::new();
    for group in groups {
        let current = current.get(group).unwrap_or(&none);
        let partitions = named
            .clone()
            .unwrap_or_else(|| current.keys().cloned().collect());
        let offsets = offsets(admin, &args.scenario, group, &partitions, current).await?;
        plan.insert(group.clone(), offsets);
    }
    Ok(plan)
}

fn only_offsets(committed: Vec<(TopicPartition, CommittedOffset)>) -> Offsets {
    committed
        .into_iter()
        .map(|(at, committed)| (at, committed.offset))
        .collect()
}

async fn from_file(
    admin: &Admin,
    mut file: Plan,
    groups: &[String],
    said: &mut Said,
) -> Result<Plan, Stop> {
    let mut wanted = Plan::new();
    for group in groups {
        match file.remove(group) {
            Some(offsets) => drop(wanted.insert(group.clone(), offsets)),
            None => said
                .failures
                .push(format!("the file has no row for group {group}")),
        }
    }
    let all = wanted
        .values()
        .flat_map(|offsets| offsets.keys().cloned())
        .collect();
    logs::check(admin, &all).await?;
    let mut plan = Plan::new();
    for (group, offsets) in wanted {
        plan.insert(group, logs::within(admin, offsets).await?);
    }
    Ok(plan)
}

/// The partitions of topics as they were named.
async fn partitions(admin: &Admin, named: &[Named]) -> Result<BTreeSet<TopicPartition>, Stop> {
    let whole = named.iter().filter(|(_, partitions)| partitions.is_none());
    let whole: BTreeSet<&str> = whole.map(|(topic, _)| topic.as_str()).collect();
    let topics = logs::topics(admin, whole.iter().copied()).await?;
    if let Some(missing) = whole.iter().find(|topic| !topics.contains_key(**topic)) {
        return Err(Stop::Failed(format!(
            "topic {missing} does not exist; `ottla topics list` shows which do"
        )));
    }
    let mut all = BTreeSet::new();
    for (topic, partitions) in named {
        let indexes = match (partitions, topics.get(topic)) {
            (Some(partitions), _) => partitions.clone(),
            (None, Some(topic)) => topic
                .partitions
                .iter()
                .map(|one| one.partition.index)
                .collect(),
            (None, None) => Vec::new(),
        };
        all.extend(
            indexes
                .into_iter()
                .map(|index| TopicPartition::new(topic.as_str(), index)),
        );
    }
    logs::check(admin, &all).await?;
    Ok(all)
}

async fn offsets(
    admin: &Admin,
    scenario: &Scenario,
    group: &str,
    partitions: &BTreeSet<TopicPartition>,
    current: &Offsets,
) -> Result<Offsets, Stop> {
    if let Some(offset) = scenario.to_offset {
        let wanted = partitions.iter().map(|at| (at.clone(), offset)).collect();
        return logs::within(admin, wanted).await;
    }
    if let Some(by) = scenario.shift_by {
        let mut wanted = Offsets::new();
        for at in partitions {
            let Some(offset) = current.get(at) else {
                return Err(Stop::Failed(format!(
                    "group {group} has no offset of {at} that could be shifted: leave it out, or use --to-offset"
                )));
            };
            wanted.insert(at.clone(), offset.saturating_add(by));
        }
        return logs::within(admin, wanted).await;
    }
    if let Some(time) = scenario.to_datetime {
        return logs::offsets_at(admin, partitions, time).await;
    }
    if let Some(span) = scenario.by_duration {
        return logs::offsets_at(admin, partitions, span.before_now()).await;
    }
    if scenario.to_earliest {
        return logs::offsets(admin, partitions, OffsetSpec::Earliest).await;
    }
    if scenario.to_latest {
        return logs::offsets(admin, partitions, OffsetSpec::Latest).await;
    }
    let has_none = |at: &&TopicPartition| !current.contains_key(*at);
    let without: Vec<&TopicPartition> = partitions.iter().filter(has_none).collect();
    let mut offsets = logs::offsets(admin, without, OffsetSpec::Latest).await?;
    let with = partitions
        .iter()
        .filter_map(|at| Some((at.clone(), *current.get(at)?)));
    offsets.extend(with);
    Ok(offsets)
}

/// Sets the offsets of a group; those that are refused are left out of what is printed.
async fn set(
    admin: &Admin,
    group: &str,
    offsets: &mut Offsets,
    said: &mut Said,
) -> Result<(), Stop> {
    if offsets.is_empty() {
        return Ok(());
    }
    let wanted: Vec<_> = offsets
        .iter()
        .map(|(at, offset)| (at.clone(), CommittedOffset::at(*offset)))
        .collect();
    match admin.alter_group_offsets(group, &wanted).await {
        Ok(outcomes) => {
            for (at, outcome) in outcomes {
                if let Err(error) = outcome {
                    offsets.remove(&at);
                    said.failures.push(error.to_string());
                }
            }
        }
        Err(error) => {
            offsets.clear();
            said.failures.push(error.to_string());
        }
    }
    Ok(())
}

fn as_table(plan: &Plan) -> String {
    let topics = plan
        .values()
        .flat_map(|offsets| offsets.keys().map(|at| &*at.topic));
    let widths = [
        table::width(15, plan.keys().map(String::as_str)),
        table::width(15, topics),
        10,
        0,
    ];
    let mut text = String::new();
    if !plan.is_empty() {
        let header = ["GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"];
        text = format!("\n{}", table::line(widths, header));
    }
    for (group, offsets) in plan {
        for (at, offset) in offsets {
            let (partition, offset) = (at.partition.to_string(), offset.to_string());
            let line = table::line(widths, [group, &at.topic, &partition, &offset]);
            text.push('\n');
            text.push_str(&line);
        }
    }
    text.push('\n');
    text
}

fn as_json(plan: &Plan) -> Value {
    let rows = plan.iter().flat_map(|(group, offsets)| {
        offsets.iter().map(move |(at, offset)| {
            json!({
                "group": group,
                "topic": &*at.topic,
                "partition": at.partition,
                "newOffset": offset,
            })
        })
    });
    Value::Array(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_kafka_consumer_groups() {
        let offsets = Offsets::from([(TopicPartition::new("t", 0), 7)]);
        let plan = Plan::from([("a".to_owned(), offsets), ("b".to_owned(), Offsets::new())]);
        assert_eq!(
            as_table(&plan),
            "\nGROUP           TOPIC           PARTITION  NEW-OFFSET\n\
             a               t               0          7\n"
        );
        assert_eq!(as_table(&Plan::new()), "\n");
        let row = r#"[{"group":"a","newOffset":7,"partition":0,"topic":"t"}]"#;
        assert_eq!(as_json(&plan).to_string(), row);
    }
}
