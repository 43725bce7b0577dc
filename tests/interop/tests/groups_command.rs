//! `ottla groups` beside Apache Kafka's own tool: the same lines about live and dead groups of every kind, and the same
//! offsets after every kind of reset.

use std::{collections::BTreeSet, path::Path, process::Command, time::Duration};

use ottla_interop::{
    clients::{self, create_topic, file, ottla, python},
    members::{Client, Group, Member},
    oracle::{Home, output, wait_until},
    server::{Kind, Node},
};
use serde_json::Value;

/// Long enough for a client that starts beside others.
const PATIENCE: Duration = Duration::from_secs(60);
const HOUR_MS: &str = "3600000";
/// Quoted in CSV because of its length.
const LONG: &str = "a-topic-with-a-rather-long-name";

/// What a command wrote to standard output; `None` if it failed.
fn try_ours(address: &str, arguments: &[&str]) -> Option<String> {
    let mut command = ottla(&["groups", "--bootstrap-server", address]);
    command.args(arguments);
    let out = clients::try_run(&command).ok()?;
    Some(String::from_utf8(out).expect("UTF-8"))
}

fn ours(address: &str, arguments: &[&str]) -> String {
    let mut command = ottla(&["groups", "--bootstrap-server", address]);
    command.args(arguments);
    String::from_utf8(clients::run(&command)).expect("UTF-8")
}

fn theirs(address: &str, arguments: &[&str]) -> String {
    let mut java = Home::find()
        .tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand")
        .unwrap_or_else(|why| panic!("{why}"));
    java.args(["--bootstrap-server", address]).args(arguments);
    String::from_utf8(clients::run(&java)).expect("UTF-8")
}

/// Lines that say something, for tools that print them in different orders and warn in different places.
fn sorted_lines(text: &str) -> Vec<&str> {
    let is_row = |line: &&str| !(line.is_empty() || line.starts_with("Warn: "));
    let mut lines: Vec<&str> = text.lines().filter(is_row).collect();
    lines.sort_unstable();
    lines
}

fn assert_same_lines(what: &str, theirs: &str, ours: &str) {
    assert_eq!(
        sorted_lines(theirs),
        sorted_lines(ours),
        "{what}:\n{theirs}\n{ours}"
    );
}

/// What `ottla groups describe` says of a group as JSON, once it is so.
fn wait(address: &str, group: &str, what: &str, is_so: impl Fn(&Value) -> bool) {
    let arguments = ["describe", "--group", group, "--json", what];
    let mut last = Value::Null;
    let came = wait_until(PATIENCE, || {
        if let Some(text) = try_ours(address, &arguments) {
            let all: Value = serde_json::from_str(&text).expect("JSON");
            last = all[0].clone();
        }
        is_so(&last)
    });
    assert!(
        came,
        "group {group} did not come to be as it should: {last}"
    );
}

/// Waits until a group has so many members that have all they should, and has read everything.
fn settle(address: &str, group: &str, members: usize) {
    wait(address, group, "--members", |said| {
        let all = said["members"].as_array().map_or(&[][..], Vec::as_slice);
        let has_all = |member: &Value| {
            let target = &member["targetAssignment"];
            let reached = target.is_null() || *target == member["assignment"];
            reached
                && member["assignment"]
                    .as_array()
                    .is_some_and(|all| !all.is_empty())
        };
        said["state"] == "Stable" && all.len() == members && all.iter().all(has_all)
    });
    wait(address, group, "--offsets", |said| {
        let all = said["offsets"].as_array().map_or(&[][..], Vec::as_slice);
        let is_read = |row: &Value| row["lag"] == 0 || row["logEndOffset"] == 0;
        !all.is_empty() && all.iter().all(is_read)
    });
}

fn produce(address: &str, topic: &str, partition: &str, count: &str, age_ms: &str) {
    let arguments = [address, topic, partition, count, age_ms];
    clients::run(&python("produce_aged.py", &arguments));
}

fn groups(ids: &[String]) -> Vec<&str> {
    ids.iter().flat_map(|id| ["--group", id.as_str()]).collect()
}

/// The groups of the first test while they live.
fn live_groups(address: &str, dir: &Path) -> Vec<Member> {
    let group = |id: &str| Group {
        address: address.to_owned(),
        id: id.to_owned(),
        topic: "t".to_owned(),
        session: Duration::from_secs(30),
        dir: dir.join(id),
    };
    let (classic, new) = (group("live-classic"), group("live-consumer-of-a-long-name"));
    let gone = group("gone");
    let client = Client::Librdkafka;
    let gone = gone.join(client, "classic", "gone", None);
    let members = vec![
        classic.join(client, "classic", "a", None),
        classic.join(client, "classic", "b", Some("static")),
        new.join(client, "consumer", "c", None),
        new.join(client, "consumer", "d", None),
    ];
    settle(address, "live-classic", 2);
    settle(address, "live-consumer-of-a-long-name", 2);
    settle(address, "gone", 1);
    gone.leave();
    wait(address, "gone", "--state", |said| said["state"] == "Empty");
    members
}

/// A group of the new protocol with a member that speaks the classic one.
fn mixed_group(address: &str, dir: &Path) -> [Member; 2] {
    let group = Group {
        address: address.to_owned(),
        id: "mixed".to_owned(),
        topic: "t".to_owned(),
        session: Duration::from_secs(30),
        dir: dir.join("mixed"),
    };
    let first = group.join(Client::Librdkafka, "consumer", "e", None);
    settle(address, "mixed", 1);
    let second = group.join(Client::Librdkafka, "classic", "f", None);
    settle(address, "mixed", 2);
    [first, second]
}

fn descriptions_are_the_same(address: &str, has_members: bool) {
    let verbosities: &[&[&str]] = if has_members {
        &[&[], &["--verbose"]]
    } else {
        &[&[]]
    };
    for more in [&[][..], &["--members"], &["--state"]] {
        for &verbose in verbosities {
            let (mut kafka, mut own) = (vec!["--describe"], vec!["describe"]);
            for arguments in [&mut kafka, &mut own] {
                arguments.push("--all-groups");
                arguments.extend(more);
                arguments.extend(verbose);
            }
            let (kafka, own) = (theirs(address, &kafka), ours(address, &own));
            assert_eq!(kafka, own, "{more:?} {verbose:?}:\n{kafka}\n{own}");
            // A static member stays when its client goes, so there may be a client afterwards too.
            let has_client = own.contains("rdkafka") || more == ["--state"];
            assert!(has_client || !has_members, "{own}");
            assert!(own.contains("simple") || more == ["--members"], "{own}");
            let shows_mixed = has_members && more == ["--members"] && verbose == ["--verbose"];
            assert_eq!(own.contains("UPGRADED"), shows_mixed, "{own}");
        }
    }
}

fn lists_are_the_same(address: &str) {
    for more in [
        &[][..],
        &["--state"],
        &["--type", "consumer"],
        &["--type", "--state", "empty"],
    ] {
        let (mut kafka, mut own) = (vec!["--list"], vec!["list"]);
        kafka.extend(more);
        own.extend(more);
        let (kafka, own) = (theirs(address, &kafka), ours(address, &own));
        assert!(own.lines().count() > 1, "{own}");
        assert_same_lines(&format!("{more:?}"), &kafka, &own);
    }
}

fn what_lives_is_left_alone(address: &str) {
    let before = ours(address, &["describe", "--group", "live-classic"]);
    let reset = [
        "reset-offsets",
        "--group",
        "live-classic",
        "--all-topics",
        "--to-earliest",
        "--execute",
    ];
    assert_eq!(
        try_ours(address, &reset),
        None,
        "its members are in the way"
    );
    assert_eq!(
        try_ours(address, &["delete", "--group", "live-classic"]),
        None
    );
    let offsets = [
        "--group",
        "live-classic",
        "--topic",
        "t:0",
        "--topic",
        "nowhere",
    ];
    let mut kafka = vec!["--delete-offsets"];
    kafka.extend(offsets);
    let kafka = theirs(address, &kafka);
    assert!(kafka.contains("Error: "), "{kafka}");
    let mut own = vec!["delete-offsets"];
    own.extend(offsets);
    assert_eq!(try_ours(address, &own), None);
    assert_eq!(
        ours(address, &["describe", "--group", "live-classic"]),
        before
    );
}

#[test]
fn lists_and_descriptions_on_apache_kafka() {
    lists_and_descriptions_are_those_of_kafka_consumer_groups(Kind::Kafka);
}

#[test]
fn lists_and_descriptions_on_ottla() {
    lists_and_descriptions_are_those_of_kafka_consumer_groups(Kind::Ottla);
}

fn lists_and_descriptions_are_those_of_kafka_consumer_groups(kind: Kind) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let properties = [
        "group.initial.rebalance.delay.ms=0",
        "offsets.topic.num.partitions=3",
    ];
    let server = Node::new(&dir.path().join("node"), &properties).start(kind);
    let address = server.address();
    create_topic(&address, "t", 3, &[]);
    create_topic(&address, LONG, 1, &[]);
    for partition in ["0", "1", "2"] {
        produce(&address, "t", partition, "20", "0");
    }
    let simple = [
        "reset-offsets",
        "--group",
        "simple",
        "--topic",
        LONG,
        "--topic",
        "t:2,0",
    ];
    let mut arguments = simple.to_vec();
    arguments.extend(["--to-offset", "5", "--execute"]);
    ours(&address, &arguments);
    let mut members = live_groups(&address, dir.path());
    members.extend(mixed_group(&address, dir.path()));
    descriptions_are_the_same(&address, true);
    lists_are_the_same(&address);
    what_lives_is_left_alone(&address);
    for member in members {
        member.leave();
    }
    wait(
        &address,
        "live-consumer-of-a-long-name",
        "--state",
        |said| said["state"] == "Empty",
    );
    descriptions_are_the_same(&address, false);
    server.stop();
}

/// What each scenario adds to the command, `{}` standing for the moment between old and young records.
const SCENARIOS: [&[&str]; 11] = [
    &["--topic", "t", "--to-earliest"],
    &["--topic", "t:0,2", "--topic", LONG, "--to-latest"],
    &[
        "--topic",
        "t",
        "--topic",
        "a-topic-with-a-rather-long-name:0",
        "--to-offset",
        "13",
    ],
    &["--all-topics", "--shift-by", "-4"],
    &["--topic", "t:1", "--shift-by", "1000"],
    &["--topic", "t", "--by-duration", "PT1H"],
    &["--all-topics", "--by-duration", "-PT1H"],
    &["--topic", "t", "--to-datetime", "{}"],
    &[
        "--topic",
        "t",
        "--to-datetime",
        "1999-12-31T23:59:59.999+01:30",
    ],
    &["--topic", "t", "--to-current"],
    &["--from-file", "plan.csv"],
];

/// An hour ago, as an argument.
fn an_hour_ago() -> String {
    let date =
        output(Command::new("date").args(["-u", "-d", "1 hour ago", "+%Y-%m-%dT%H:%M:%S.000"]));
    String::from_utf8(date.expect("date"))
        .expect("UTF-8")
        .trim()
        .to_owned()
}

/// Resets a group of each tool, which had the same offsets; the rows must be the same, up to the group's id.
fn reset_both(address: &str, scenario: &[String], [kafka_group, own_group]: [&str; 2]) {
    let scenario: Vec<&str> = scenario.iter().map(String::as_str).collect();
    let mut kafka = vec!["--reset-offsets", "--execute", "--group", kafka_group];
    let mut own = vec!["reset-offsets", "--execute", "--group", own_group];
    kafka.extend(&scenario);
    own.extend(&scenario);
    let planned = own
        .iter()
        .map(|&one| if one == "--execute" { "--dry-run" } else { one });
    let planned: Vec<&str> = planned.collect();
    let (kafka, planned, own) = (
        theirs(address, &kafka),
        ours(address, &planned),
        ours(address, &own),
    );
    assert_eq!(planned, own, "{scenario:?}: what was planned was done");
    let kafka = kafka.replace(kafka_group, own_group);
    assert!(own.lines().count() > 2, "{own}");
    assert_same_lines(&format!("{scenario:?}"), &kafka, &own);
}

/// Files that one tool exports are read by the other.
fn plans_are_exchanged(address: &str, dir: &Path, ids: &[String]) {
    let named = groups(ids);
    let both = |arguments: &[&str]| {
        let (mut kafka, mut own) = (
            vec!["--reset-offsets", "--dry-run"],
            vec!["reset-offsets", "--dry-run"],
        );
        for all in [&mut kafka, &mut own] {
            all.extend(&named);
            all.extend(arguments);
        }
        (theirs(address, &kafka), ours(address, &own))
    };
    let (exported, own) = both(&["--all-topics", "--to-current", "--export"]);
    assert_same_lines("export", &exported, &own);
    let path = file(dir, "exported.csv", own.as_bytes())
        .display()
        .to_string();
    let (kafka, from_own) = both(&["--from-file", &path]);
    assert_same_lines("what we exported", &kafka, &from_own);
    let path = file(dir, "exported.csv", exported.as_bytes())
        .display()
        .to_string();
    let mut arguments = vec!["reset-offsets", "--dry-run", "--from-file", &path];
    arguments.extend(&named);
    assert_eq!(from_own, ours(address, &arguments));
}

fn deletions_are_the_same(address: &str, kafka_group: &str, own_group: &str) {
    let theirs = |arguments: &[&str]| theirs(address, arguments).replace(kafka_group, own_group);
    for topics in [&["--topic", "t:0"][..], &["--topic", LONG]] {
        let (mut kafka, mut own) = (
            vec!["--delete-offsets", "--group", kafka_group],
            vec!["delete-offsets", "--group", own_group],
        );
        kafka.extend(topics);
        own.extend(topics);
        assert_eq!(theirs(&kafka), ours(address, &own));
    }
    let kafka = theirs(&["--describe", "--group", kafka_group]);
    assert_eq!(kafka, ours(address, &["describe", "--group", own_group]));
    let kafka = theirs(&["--delete", "--group", kafka_group]);
    assert_eq!(kafka, ours(address, &["delete", "--group", own_group]));
    let left = ours(address, &["list"]);
    let left: BTreeSet<&str> = left.lines().collect();
    assert!(
        !left.contains(kafka_group) && !left.contains(own_group),
        "{left:?}"
    );
    assert_eq!(try_ours(address, &["describe", "--group", own_group]), None);
    assert_eq!(try_ours(address, &["delete", "--group", own_group]), None);
}

#[test]
fn resets_on_apache_kafka() {
    every_reset_leaves_the_offsets_that_kafka_consumer_groups_leaves(Kind::Kafka);
}

#[test]
fn resets_on_ottla() {
    every_reset_leaves_the_offsets_that_kafka_consumer_groups_leaves(Kind::Ottla);
}

fn every_reset_leaves_the_offsets_that_kafka_consumer_groups_leaves(kind: Kind) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let server = Node::new(&dir.path().join("node"), &[]).start(kind);
    let address = server.address();
    create_topic(&address, "t", 3, &[]);
    create_topic(&address, LONG, 1, &[]);
    for (partition, old, young) in [("0", "10", "10"), ("1", "3", "30")] {
        let two_hours = (2 * HOUR_MS.parse::<u64>().expect("a number")).to_string();
        produce(&address, "t", partition, old, &two_hours);
        produce(&address, "t", partition, young, "0");
    }
    produce(&address, LONG, "0", "7", "0");
    let plan = file(
        dir.path(),
        "plan.csv",
        b"t,1,9\na-topic-with-a-rather-long-name,0,1000\n\n",
    );
    let hour_ago = an_hour_ago();
    let ids = |place: usize| [format!("kafka-{place:02}"), format!("ottla-{place:02}")];
    let all: Vec<String> = (0..SCENARIOS.len()).flat_map(ids).collect();
    let mut begin = vec![
        "reset-offsets",
        "--execute",
        "--to-offset",
        "6",
        "--topic",
        "t:0,1",
        "--topic",
        LONG,
    ];
    begin.extend(groups(&all));
    ours(&address, &begin);
    for (place, scenario) in SCENARIOS.iter().enumerate() {
        let scenario: Vec<String> = scenario
            .iter()
            .map(|&part| match part {
                "{}" => hour_ago.clone(),
                "plan.csv" => plan.display().to_string(),
                part => part.to_owned(),
            })
            .collect();
        let [kafka, own] = ids(place);
        reset_both(&address, &scenario, [&kafka, &own]);
    }
    let mut describe = vec!["--describe"];
    describe.extend(groups(&all));
    let told = theirs(&address, &describe);
    let of = |who: &str| -> Vec<String> {
        let rows = told.lines().filter(|line| line.starts_with(who));
        rows.map(|row| row.replace(who, "group-")).collect()
    };
    assert!(of("kafka-").len() > 2 * SCENARIOS.len(), "{told}");
    assert_eq!(of("kafka-"), of("ottla-"), "{told}");
    let exchanged = [ids(1)[1].clone(), ids(3)[0].clone()];
    plans_are_exchanged(&address, dir.path(), &exchanged);
    let [kafka, own] = ids(2);
    deletions_are_the_same(&address, &kafka, &own);
    server.stop();
}
