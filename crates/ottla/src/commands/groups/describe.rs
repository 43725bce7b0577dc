//! `ottla groups describe`: offsets and lag, members, or the state of groups.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use ottla_client::{
    Admin, TopicPartition,
    admin::{CommittedOffset, GroupDescription, GroupState, MemberDescription, OffsetSpec},
};
use serde_json::{Value, json};

use super::{
    Said, Selection, all_of, committed,
    logs::{self, Offsets},
    table::{self, NOTHING},
};
use crate::output::{self, Stop};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    groups: Selection,
    #[command(flatten)]
    what: What,
    /// Print more: leader epochs, assignments or epochs
    #[arg(long)]
    verbose: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct What {
    /// Offsets and lag of all partitions; this is so if nothing else is asked for
    #[arg(long)]
    offsets: bool,
    /// Members and what is assigned to them
    #[arg(long)]
    members: bool,
    /// State, assignor and coordinator
    #[arg(long)]
    state: bool,
}

pub(super) async fn run(admin: &Admin, args: Args) -> Result<Said, Stop> {
    let ids = args.groups.ids(admin).await?;
    let mut groups = all_of(admin.describe_groups(ids).await?)?;
    groups.sort_by(|(one, _), (other, _)| one.cmp(other));
    let groups: Vec<GroupDescription> = groups.into_iter().map(|(_, group)| group).collect();
    let mut offsets = if args.what.members || args.what.state {
        BTreeMap::new()
    } else {
        rows(admin, &groups).await?
    };
    let mut said = Said::default();
    let mut values = Vec::with_capacity(groups.len());
    for group in &groups {
        let rows = offsets.remove(&group.group).unwrap_or_default();
        let can_be_shown = remark(group, &mut said)?;
        if args.json {
            values.push(as_json(group, &args.what, &rows));
        } else if args.what.members {
            let is_shown = can_be_shown && !group.members.is_empty();
            said.text.push_str(&members(group, args.verbose, is_shown));
        } else if args.what.state {
            if can_be_shown {
                said.text.push_str(&state(group, args.verbose));
            }
        } else if can_be_shown && !rows.is_empty() {
            said.text
                .push_str(&partitions(&group.group, &rows, args.verbose));
        }
    }
    if args.json {
        said.text = format!("{}\n", Value::Array(values));
    }
    Ok(said)
}

/// Says what is to be known of a group's state; whether there is anything to show.
fn remark(group: &GroupDescription, said: &mut Said) -> Result<bool, Stop> {
    let id = &group.group;
    match group.state {
        GroupState::Stable => {}
        GroupState::Dead => said.failures.push(format!("group {id} does not exist")),
        GroupState::Empty => output::complain(&format!("group {id} has no members now")),
        GroupState::PreparingRebalance
        | GroupState::CompletingRebalance
        | GroupState::Assigning
        | GroupState::Reconciling => {
            output::complain(&format!("group {id} is rebalancing: this will change soon"));
        }
        GroupState::Unknown | GroupState::NotReady => {
            return Err(Stop::Failed(format!(
                "group {id} is in a state that this program does not know: use a newer one"
            )));
        }
    }
    Ok(group.state != GroupState::Dead)
}

/// A partition of a group.
#[derive(Debug)]
struct Row {
    at: TopicPartition,
    committed: Option<CommittedOffset>,
    end: Option<i64>,
    member: Option<[String; 3]>,
}

impl Row {
    fn lag(&self) -> Option<i64> {
        Some(self.end? - self.committed.as_ref()?.offset)
    }

    fn leader_epoch(&self) -> Option<i32> {
        self.committed.as_ref()?.leader_epoch
    }

    /// Cells without the group's id: topic, partition, leader epoch, offset, end, lag, member id, host, client id.
    fn cells(&self) -> [String; 9] {
        let nobody = || [NOTHING, NOTHING, NOTHING].map(str::to_owned);
        let [member, host, client] = self.member.clone().unwrap_or_else(nobody);
        [
            self.at.topic.to_string(),
            self.at.partition.to_string(),
            table::number(self.leader_epoch()),
            table::number(self.committed.as_ref().map(|committed| committed.offset)),
            table::number(self.end),
            table::number(self.lag()),
            member,
            host,
            client,
        ]
    }
}

/// The partitions of each group: those of members, of whom the busiest come first, then those that nobody reads.
async fn rows(
    admin: &Admin,
    groups: &[GroupDescription],
) -> Result<BTreeMap<String, Vec<Row>>, Stop> {
    let ids: Vec<String> = groups.iter().map(|group| group.group.clone()).collect();
    let committed: BTreeMap<String, BTreeMap<TopicPartition, CommittedOffset>> =
        committed(admin, &ids)
            .await?
            .into_iter()
            .map(|(group, offsets)| (group, offsets.into_iter().collect()))
            .collect();
    let assigned = groups.iter().flat_map(|group| &group.members);
    let mut all: BTreeSet<TopicPartition> = assigned
        .flat_map(|member| member.assignment.clone())
        .collect();
    all.extend(
        committed
            .values()
            .flat_map(|offsets| offsets.keys().cloned()),
    );
    let leaders = logs::leaders(admin, &all).await?;
    let led = all.iter().filter(|at| leaders.get(*at) == Some(&true));
    let ends = logs::offsets(admin, led, OffsetSpec::Latest).await?;
    let none = BTreeMap::new();
    let rows = groups.iter().map(|group| {
        let committed = committed.get(&group.group).unwrap_or(&none);
        (group.group.clone(), rows_of(group, committed, &ends))
    });
    Ok(rows.collect())
}

fn rows_of(
    group: &GroupDescription,
    committed: &BTreeMap<TopicPartition, CommittedOffset>,
    ends: &Offsets,
) -> Vec<Row> {
    let row = |at: &TopicPartition, member: Option<[String; 3]>| Row {
        committed: committed.get(at).cloned(),
        end: ends.get(at).copied(),
        at: at.clone(),
        member,
    };
    let mut members: Vec<&MemberDescription> = group.members.iter().collect();
    members.sort_by_key(|member| Reverse(member.assignment.len()));
    let mut rows = Vec::new();
    let mut assigned = BTreeSet::new();
    for member in members {
        let who = [&member.member_id, &member.host, &member.client_id].map(String::clone);
        for at in &member.assignment {
            assigned.insert(at);
            rows.push(row(at, Some(who.clone())));
        }
    }
    let left = committed.keys().filter(|at| !assigned.contains(at));
    rows.extend(left.map(|at| row(at, None)));
    rows
}

fn partitions(group: &str, rows: &[Row], verbose: bool) -> String {
    let cells: Vec<[String; 9]> = rows.iter().map(Row::cells).collect();
    let widest = |place: usize| table::width(15, cells.iter().map(|row| row[place].as_str()));
    let widths = [
        table::width(15, [group]),
        widest(0),
        10,
        15,
        15,
        15,
        15,
        widest(6),
        widest(7),
        0,
    ];
    let header = [
        "GROUP",
        "TOPIC",
        "PARTITION",
        "LEADER-EPOCH",
        "CURRENT-OFFSET",
        "LOG-END-OFFSET",
        "LAG",
        "CONSUMER-ID",
        "HOST",
        "CLIENT-ID",
    ];
    let line = |[a, b, c, epoch, d, e, f, g, h, i]: [&str; 10]| {
        if verbose {
            return table::line(widths, [a, b, c, epoch, d, e, f, g, h, i]);
        }
        let [one, two, three, _, four, five, six, seven, eight, nine] = widths;
        let widths = [one, two, three, four, five, six, seven, eight, nine];
        table::line(widths, [a, b, c, d, e, f, g, h, i])
    };
    let mut text = format!("\n{}", line(header));
    for [a, b, epoch, c, d, e, f, g, h] in &cells {
        text.push('\n');
        text.push_str(&line([group, a, b, epoch, c, d, e, f, g, h]));
    }
    text.push('\n');
    text
}

/// Kafka's tool prints the header even if there is nobody; `is_shown` lets the members widen it.
fn members(group: &GroupDescription, verbose: bool, is_shown: bool) -> String {
    let members: &[MemberDescription] = if is_shown { &group.members } else { &[] };
    let widest = |least: usize, text: &dyn Fn(&MemberDescription) -> String| {
        let texts: Vec<String> = members.iter().map(text).collect();
        table::width(least, texts.iter().map(String::as_str))
    };
    let target = |member: &MemberDescription| assignment(member.target.as_deref().unwrap_or(&[]));
    let instance = |member: &MemberDescription| member.instance_id.clone().unwrap_or_default();
    let widths = [
        widest(15, &|_| group.group.clone()),
        widest(15, &|member| member.member_id.clone()),
        widest(17, &instance),
        widest(15, &|member| member.host.clone()),
        widest(15, &|member| member.client_id.clone()),
        15,
    ];
    let more_widths = [
        15,
        widest(20, &|member| assignment(&member.assignment)),
        15,
        widest(20, &target),
    ];
    let has_instances = members.iter().any(|member| !instance(member).is_empty());
    let has = |upgraded: bool| {
        members
            .iter()
            .any(|member| member.upgraded == Some(upgraded))
    };
    let is_migrating = has(true) && has(false);
    let line = |cells: [&str; 6], more: [&str; 4], upgraded: &str| {
        let [a, b, _, c, d, e] = cells;
        let mut line = if has_instances {
            table::line(widths, cells)
        } else {
            let [one, two, _, three, four, five] = widths;
            table::line([one, two, three, four, five], [a, b, c, d, e])
        };
        line.push(' ');
        if verbose {
            line.push_str(&table::line(more_widths, more));
            if is_migrating {
                line.push(' ');
                line.push_str(upgraded);
            }
        }
        line.push('\n');
        line
    };
    let header = [
        "GROUP",
        "CONSUMER-ID",
        "GROUP-INSTANCE-ID",
        "HOST",
        "CLIENT-ID",
        "#PARTITIONS",
    ];
    let more = [
        "CURRENT-EPOCH",
        "CURRENT-ASSIGNMENT",
        "TARGET-EPOCH",
        "TARGET-ASSIGNMENT",
    ];
    let mut text = format!("\n{}", line(header, more, "UPGRADED"));
    for member in members {
        let count = member.assignment.len().to_string();
        let (id, instance) = (&member.member_id, instance(member));
        let cells = [
            &group.group,
            id,
            &instance,
            &member.host,
            &member.client_id,
            &count,
        ];
        let more = [
            table::number(member.epoch),
            assignment(&member.assignment),
            table::number(group.assignment_epoch),
            target(member),
        ];
        let more = [&*more[0], &*more[1], &*more[2], &*more[3]];
        text.push_str(&line(
            cells.map(String::as_str),
            more,
            &table::number(member.upgraded),
        ));
    }
    text
}

/// `topic:0,1;other:2`; partitions come sorted.
fn assignment(partitions: &[TopicPartition]) -> String {
    let mut topics: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for at in partitions {
        topics
            .entry(&at.topic)
            .or_default()
            .push(at.partition.to_string());
    }
    if topics.is_empty() {
        return NOTHING.into();
    }
    let mut topics: Vec<String> = topics
        .into_iter()
        .map(|(topic, partitions)| format!("{topic}:{}", partitions.join(",")))
        .collect();
    // As texts, as Kafka's tool does: `a-b:0` before `a:0`.
    topics.sort_unstable();
    topics.join(";")
}

fn state(group: &GroupDescription, verbose: bool) -> String {
    let coordinator = format!("{}  ({})", group.coordinator.address, group.coordinator.id);
    let assignor = Some(group.assignor.as_str())
        .filter(|name| !name.is_empty())
        .unwrap_or(NOTHING);
    let count = group.members.len().to_string();
    let (epoch, target) = (
        table::number(group.epoch),
        table::number(group.assignment_epoch),
    );
    let first = [
        table::width(15, [group.group.as_str()]),
        table::width(25, [coordinator.as_str()]),
    ];
    let line = |[a, b, c, d, epoch, target, e]: [&str; 7]| {
        let [one, two] = first;
        if verbose {
            table::line(
                [one, two, 20, 20, 15, 25, 0],
                [a, b, c, d, epoch, target, e],
            )
        } else {
            table::line([one, two, 20, 20, 0], [a, b, c, d, e])
        }
    };
    let header = line([
        "GROUP",
        "COORDINATOR (ID)",
        "ASSIGNMENT-STRATEGY",
        "STATE",
        "GROUP-EPOCH",
        "TARGET-ASSIGNMENT-EPOCH",
        "#MEMBERS",
    ]);
    let state = group.state.name();
    let row = line([
        &group.group,
        &coordinator,
        assignor,
        state,
        &epoch,
        &target,
        &count,
    ]);
    format!("\n{header}\n{row}\n")
}

fn as_json(group: &GroupDescription, what: &What, rows: &[Row]) -> Value {
    let mut value = json!({
        "group": group.group,
        "type": group.group_type.name(),
        "state": group.state.name(),
    });
    if what.members {
        value["members"] = group
            .members
            .iter()
            .map(|one| member_as_json(group, one))
            .collect();
    } else if what.state {
        value["coordinator"] = json!({
            "id": group.coordinator.id,
            "address": group.coordinator.address,
        });
        value["assignor"] = json!(Some(&group.assignor).filter(|name| !name.is_empty()));
        value["groupEpoch"] = json!(group.epoch);
        value["targetAssignmentEpoch"] = json!(group.assignment_epoch);
        value["members"] = json!(group.members.len());
    } else {
        value["offsets"] = rows.iter().map(row_as_json).collect();
    }
    value
}

fn row_as_json(row: &Row) -> Value {
    let member = |place: usize| row.member.as_ref().map(|member| &member[place]);
    json!({
        "topic": &*row.at.topic,
        "partition": row.at.partition,
        "leaderEpoch": row.leader_epoch(),
        "currentOffset": row.committed.as_ref().map(|committed| committed.offset),
        "logEndOffset": row.end,
        "lag": row.lag(),
        "consumerId": member(0),
        "host": member(1),
        "clientId": member(2),
    })
}

fn member_as_json(group: &GroupDescription, member: &MemberDescription) -> Value {
    let partitions = |all: &[TopicPartition]| -> Value {
        let one = |at: &TopicPartition| json!({"topic": &*at.topic, "partition": at.partition});
        all.iter().map(one).collect()
    };
    json!({
        "consumerId": member.member_id,
        "groupInstanceId": member.instance_id,
        "rack": member.rack,
        "host": member.host,
        "clientId": member.client_id,
        "currentEpoch": member.epoch,
        "assignment": partitions(&member.assignment),
        "targetEpoch": group.assignment_epoch,
        "targetAssignment": member.target.as_deref().map(partitions),
        "upgraded": member.upgraded,
    })
}

#[cfg(test)]
mod tests {
    use ottla_client::{admin::GroupType, view::Broker};

    use super::*;

    fn at(topic: &str, partition: i32) -> TopicPartition {
        TopicPartition::new(topic, partition)
    }

    fn member(id: &str, assignment: Vec<TopicPartition>) -> MemberDescription {
        MemberDescription {
            member_id: id.into(),
            instance_id: None,
            rack: None,
            client_id: "c".into(),
            host: "/127.0.0.1".into(),
            assignment,
            target: None,
            epoch: None,
            upgraded: None,
        }
    }

    fn group(members: Vec<MemberDescription>) -> GroupDescription {
        GroupDescription {
            group: "g".into(),
            group_type: GroupType::Consumer,
            is_simple: false,
            state: GroupState::Stable,
            assignor: "uniform".into(),
            coordinator: Broker {
                id: 1,
                address: "127.0.0.1:9092".into(),
                rack: None,
            },
            members,
            epoch: Some(3),
            assignment_epoch: Some(2),
        }
    }

    #[test]
    fn partitions_of_the_busiest_member_come_first_and_those_of_nobody_last() {
        let group = group(vec![
            member("idle", vec![]),
            member("one", vec![at("t", 9)]),
            member("two", vec![at("t", 0), at("t", 10)]),
        ]);
        let committed = CommittedOffset {
            offset: 4,
            leader_epoch: Some(7),
            metadata: String::new(),
        };
        let committed = BTreeMap::from([(at("t", 9), committed.clone()), (at("s", 1), committed)]);
        let ends = Offsets::from([(at("t", 9), 10), (at("t", 0), 5)]);
        let rows = rows_of(&group, &committed, &ends);
        let lines = [
            "\nGROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID\n",
            "g               t               0          -               5               -               two             /127.0.0.1      c\n",
            "g               t               10         -               -               -               two             /127.0.0.1      c\n",
            "g               t               9          4               10              6               one             /127.0.0.1      c\n",
            "g               s               1          4               -               -               -               -               -\n",
        ];
        assert_eq!(partitions("g", &rows, false), lines.concat());
        let verbose = partitions("g", &rows[3..], true);
        let row = verbose.lines().nth(2).unwrap();
        assert_eq!(
            row,
            "g               s               1          7               4               -               -               -               -               -"
        );
    }

    #[test]
    fn members_have_columns_for_what_some_of_them_have() {
        let mut group = group(vec![member("m", vec![at("a", 1), at("a-b", 0)])]);
        let text = members(&group, false, true);
        let lines = [
            "\nGROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     \n",
            "g               m               /127.0.0.1      c               2               \n",
        ];
        assert_eq!(text, lines.concat());
        assert_eq!(members(&group, false, false), lines[0]);
        group.members[0].instance_id = Some("i".into());
        group.members[0].upgraded = Some(true);
        group.members.push(member("n", vec![]));
        group.members[1].upgraded = Some(false);
        group.members[1].target = Some(vec![at("a", 0)]);
        let lines = [
            "\nGROUP           CONSUMER-ID     GROUP-INSTANCE-ID HOST            CLIENT-ID       #PARTITIONS     ",
            "CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT    UPGRADED\n",
            "g               m               i                 /127.0.0.1      c               2               ",
            "-               a-b:0;a:1            2               -                    true\n",
            "g               n                                 /127.0.0.1      c               0               ",
            "-               -                    2               a:0                  false\n",
        ];
        assert_eq!(members(&group, true, true), lines.concat());
    }

    #[test]
    fn states_name_the_coordinator_and_the_assignor() {
        let mut group = group(vec![]);
        let lines = [
            "\nGROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                GROUP-EPOCH     TARGET-ASSIGNMENT-EPOCH   #MEMBERS\n",
            "g               127.0.0.1:9092  (1)       uniform              Stable               3               2                         0\n",
        ];
        assert_eq!(state(&group, true), lines.concat());
        group.assignor.clear();
        assert_eq!(
            state(&group, false).lines().nth(2),
            Some(
                "g               127.0.0.1:9092  (1)       -                    Stable               0"
            )
        );
    }
}
