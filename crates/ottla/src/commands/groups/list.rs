//! `ottla groups list`: ids, or a table with types and states.

use ottla_client::{
    Admin,
    admin::{GroupFilter, GroupListing, GroupState, GroupType},
};
use serde_json::{Value, json};

use super::table;
use crate::output::Stop;

/// States that groups of consumers can have.
const STATES: [GroupState; 7] = [
    GroupState::PreparingRebalance,
    GroupState::CompletingRebalance,
    GroupState::Stable,
    GroupState::Dead,
    GroupState::Empty,
    GroupState::Assigning,
    GroupState::Reconciling,
];
/// Types of groups of consumers.
const TYPES: [GroupType; 2] = [GroupType::Classic, GroupType::Consumer];

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print states too; with a list such as stable,empty: only groups in one of them
    #[arg(long, value_name = "STATE,...", num_args = 0..=1, default_missing_value = "", value_parser = parse_states)]
    state: Option<States>,
    /// Print types too; with classic or consumer: only groups of that type
    #[arg(long = "type", value_name = "TYPE,...", num_args = 0..=1, default_missing_value = "", value_parser = parse_types)]
    kind: Option<Types>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct States(Vec<GroupState>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Types(Vec<GroupType>);

fn parse_states(text: &str) -> Result<States, String> {
    let parse = |name: &str| GroupState::parse(name);
    parse_some(text, &STATES, parse, GroupState::name).map(States)
}

fn parse_types(text: &str) -> Result<Types, String> {
    let parse = |name: &str| GroupType::parse(name);
    parse_some(text, &TYPES, parse, GroupType::name).map(Types)
}

fn parse_some<T: Copy + PartialEq>(
    text: &str,
    all: &[T],
    parse: impl Fn(&str) -> T,
    name: impl Fn(T) -> &'static str,
) -> Result<Vec<T>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let one = |part: &str| {
        let parsed = parse(part.trim());
        all.contains(&parsed).then_some(parsed).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|&one| name(one)).collect();
            format!("`{}` is none of {}", part.trim(), names.join(", "))
        })
    };
    text.split(',').map(one).collect()
}

pub(super) async fn run(admin: &Admin, args: Args) -> Result<String, Stop> {
    let mut filter = GroupFilter::consumers();
    if args.state.is_some() || args.kind.is_some() {
        filter.states = args
            .state
            .clone()
            .map_or_else(Vec::new, |States(states)| states);
        filter.types = args
            .kind
            .clone()
            .map_or_else(Vec::new, |Types(types)| types);
    }
    let groups = listed(admin, &filter).await?;
    Ok(if args.json {
        let values: Vec<Value> = groups.iter().map(as_json).collect();
        format!("{}\n", Value::Array(values))
    } else if args.state.is_none() && args.kind.is_none() {
        groups
            .iter()
            .map(|one| format!("{}\n", one.group))
            .collect()
    } else {
        with_columns(&groups, args.kind.is_some(), args.state.is_some())
    })
}

/// All groups, or the failure of a broker that did not list its own.
pub(super) async fn listed(admin: &Admin, filter: &GroupFilter) -> Result<Vec<GroupListing>, Stop> {
    let listed = admin.list_groups(filter).await?;
    match listed.failures.into_iter().next() {
        Some((broker, error)) => Err(Stop::Failed(format!("broker {broker}: {error}"))),
        None => Ok(listed.groups),
    }
}

fn with_columns(groups: &[GroupListing], has_type: bool, has_state: bool) -> String {
    let width = 10 + table::width(15, groups.iter().map(|one| one.group.as_str()));
    let line = |group: &str, kind: &str, state: &str| {
        let mut line = table::cell(group, width);
        for text in [(has_type, kind), (has_state, state)] {
            if let (true, text) = text {
                line.push(' ');
                line.push_str(&table::cell(text, 20));
            }
        }
        line.push('\n');
        line
    };
    let mut text = line("GROUP", "TYPE", "STATE");
    for one in groups {
        let kind = one.group_type.unwrap_or(GroupType::Unknown);
        let state = one.state.unwrap_or(GroupState::Unknown);
        text.push_str(&line(&one.group, kind.name(), state.name()));
    }
    text
}

fn as_json(one: &GroupListing) -> Value {
    json!({
        "group": one.group,
        "type": one.group_type.map(GroupType::name),
        "protocolType": one.protocol_type,
        "state": one.state.map(GroupState::name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_lists_in_any_case() {
        let states = vec![GroupState::Stable, GroupState::PreparingRebalance];
        assert_eq!(
            parse_states("stable, PREPARINGREBALANCE"),
            Ok(States(states))
        );
        assert_eq!(parse_states(""), Ok(States(Vec::new())));
        assert_eq!(
            parse_types("Consumer"),
            Ok(Types(vec![GroupType::Consumer]))
        );
        assert_eq!(
            parse_types("classic,share").unwrap_err(),
            "`share` is none of Classic, Consumer"
        );
        assert!(parse_states("notready").is_err());
    }

    #[test]
    fn columns_are_those_of_kafka_consumer_groups() {
        let one = |group: &str, kind| GroupListing {
            group: group.into(),
            group_type: kind,
            protocol_type: "consumer".into(),
            state: Some(GroupState::Empty),
        };
        let groups = [
            one("a", Some(GroupType::Classic)),
            one("sixteen-letters-", None),
        ];
        let expected = [
            "GROUP                      TYPE                 STATE               \n",
            "a                          Classic              Empty               \n",
            "sixteen-letters-           Unknown              Empty               \n",
        ];
        assert_eq!(with_columns(&groups, true, true), expected.concat());
        assert!(
            with_columns(&groups, false, true).starts_with("GROUP                      STATE ")
        );
    }
}
