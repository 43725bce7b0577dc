//! Groups outlive the program that coordinates them: Apache Kafka and ottla take turns on one data directory, and members of
//! both protocols go on where they were.

use std::{thread, time::Duration};

use ottla_interop::{
    members::{Client, Group, Member},
    offsets::{await_coordinator, create_topic},
    oracle::{Home, compile},
    raw::Connection,
    scenario::{PARTITIONS, Run},
    server::{Kind, Node},
    takeover::{
        classic::{Classic, commit, commits},
        modern::{Modern, Wants, settle, state},
        picture::{Age, Picture},
    },
};
use ottla_wire::messages::{
    DeleteGroupsRequest, OffsetDeleteRequest,
    offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
};

const PROPERTIES: &[&str] = &[
    "offsets.topic.num.partitions=4",
    "group.consumer.max.session.timeout.ms=600000",
    "group.consumer.session.timeout.ms=600000",
    "group.consumer.min.heartbeat.interval.ms=100",
    "group.consumer.heartbeat.interval.ms=300",
    "group.consumer.assignment.interval.ms=0",
];
const BOTH: Wants = Wants::Names(&["one", "two"]);

/// All members that run.
struct Members {
    classic: Vec<Classic>,
    modern: Vec<Modern>,
    regex: Modern,
    mixed: (Modern, Classic),
    /// The first has yet to give up what the second is to get.
    halfway: [Modern; 2],
}

/// Groups of all kinds, in all states that last.
fn make(connection: &mut Connection, address: &str) -> Members {
    create_topic(connection, "one", 3);
    create_topic(connection, "two", 2);
    await_coordinator(connection);
    commits(connection, 9, &commit("simple", "one", 100));
    commits(connection, 2, &{
        let mut old = commit("simple-old", "two", 200);
        // The version has no place for it.
        old.topics[0].partitions[0].committed_leader_epoch = -1;
        old
    });
    let mut gone = Classic::new("classic-empty", None);
    gone.join(connection);
    gone.sync(connection);
    gone.commit(connection, "one", 300);
    gone.leave(connection);
    let gone = Modern::join(connection, "consumer-empty", "gone", None, BOTH);
    let mut gone = [gone];
    settle(connection, &mut gone, &mut []);
    gone[0].commit(connection, "two", 400);
    let [gone] = gone;
    gone.leave(connection);
    let classic = two_classic(connection, address, "classic-stable");
    classic[0].commit(connection, "one", 500);
    classic[1].commit(connection, "two", 600);
    let mut modern = vec![
        Modern::join(connection, "consumer-stable", "first", None, BOTH),
        Modern::join(
            connection,
            "consumer-stable",
            "second",
            Some("static"),
            BOTH,
        ),
    ];
    settle(connection, &mut modern, &mut []);
    modern[0].commit(connection, "one", 700);
    modern[1].commit(connection, "two", 800);
    let expression = Wants::Expression("t[vw]o");
    let mut regex = [Modern::join(
        connection,
        "consumer-regex",
        "of-regex",
        None,
        expression,
    )];
    settle(connection, &mut regex, &mut []);
    let [regex] = regex;
    Members {
        classic,
        modern,
        regex,
        mixed: mixed(connection),
        halfway: halfway(connection),
    }
}

/// A dynamic and a static member.
fn two_classic(connection: &mut Connection, address: &str, group: &str) -> Vec<Classic> {
    let mut first = Classic::new(group, None);
    first.join(connection);
    first.sync(connection);
    let mut second = Classic::new(group, Some("static"));
    thread::scope(|scope| {
        // It is answered when the first has joined again.
        let joining = scope.spawn(|| second.join(&mut Connection::new(address)));
        while !first.keep_up(connection) {
            thread::sleep(Duration::from_millis(20));
        }
        joining.join().expect("joins");
    });
    second.sync(connection);
    vec![first, second]
}

/// A member of each protocol in one group.
fn mixed(connection: &mut Connection) -> (Modern, Classic) {
    let mut modern = [Modern::join(connection, "mixed", "newer", None, BOTH)];
    settle(connection, &mut modern, &mut []);
    let mut older = Classic::new("mixed", None);
    older.join(connection);
    older.sync(connection);
    let mut classic = [older];
    settle(connection, &mut modern, &mut classic);
    classic[0].commit(connection, "one", 900);
    let ([modern], [classic]) = (modern, classic);
    (modern, classic)
}

fn halfway(connection: &mut Connection) -> [Modern; 2] {
    let mut first = [Modern::join(connection, "halfway", "giving", None, BOTH)];
    settle(connection, &mut first, &mut []);
    let second = Modern::join(connection, "halfway", "waiting", None, BOTH);
    let [first] = first;
    let mut both = [first, second];
    // Told, but it does not say yet that it did.
    let waits = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(20));
        both[0].hear(connection);
        both[1].keep_up(connection);
        state(connection, "halfway") == "Reconciling"
    });
    assert!(waits, "{}", state(connection, "halfway"));
    both
}

/// Every member is known as it was, commits, and goes on.
fn go_on(connection: &mut Connection, address: &str, members: &mut Members, round: i64) {
    for member in &members.classic {
        assert_eq!(member.heartbeat(connection), 0, "{member:?}");
        member.commit(connection, "one", 1000 * round);
    }
    let (newer, older) = &mut members.mixed;
    assert_eq!(older.heartbeat(connection), 0, "{older:?}");
    newer.idle(connection);
    members.regex.idle(connection);
    for member in &mut members.modern {
        member.idle(connection);
        member.commit(connection, "two", 1000 * round + 10);
    }
    settle(connection, &mut members.halfway, &mut []);
    for member in members.halfway.clone() {
        member.leave(connection);
    }
    members.halfway = halfway(connection);
    // A static member that is started again has its place, under a new id; the old one is fenced.
    const FENCED_INSTANCE_ID: i16 = 82;
    let before = members.classic[1].clone();
    members.classic[1] = Classic::new("classic-stable", Some("static"));
    members.classic[1].join(connection);
    assert_eq!(before.heartbeat(connection), FENCED_INSTANCE_ID);
    assert_eq!(members.classic[1].generation, before.generation);
    members.classic[1].sync(connection);
    // Groups come and go.
    let new = two_classic(connection, address, &format!("classic-of-{round}"));
    new[0].commit(connection, "two", 1100 * round);
    members.classic.extend(new);
    commits(connection, 9, &commit(&format!("simple-{round}"), "one", 7));
    forget(connection, &format!("simple-{}", round - 1));
}

/// Deletes some offsets of one group, and another group.
fn forget(connection: &mut Connection, group: &str) {
    let partition = OffsetDeleteRequestPartition { partition_index: 1 };
    let topic = OffsetDeleteRequestTopic {
        name: "one".to_owned(),
        partitions: vec![partition],
    };
    let request = OffsetDeleteRequest {
        group_id: "simple".to_owned(),
        topics: vec![topic],
    };
    let answer = connection.ask(0, &request).expect("an answer");
    assert_eq!(answer.error_code, 0, "{answer:?}");
    let request = DeleteGroupsRequest {
        groups_names: vec![group.to_owned()],
        ..Default::default()
    };
    let answer = connection.ask(2, &request).expect("an answer");
    const GROUP_ID_NOT_FOUND: i16 = 69;
    let code = answer.results[0].error_code;
    assert!(code == 0 || code == GROUP_ID_NOT_FOUND, "{answer:?}");
}

fn take_over(turns: [Kind; 4]) {
    let dir = tempfile::tempdir().expect("a folder");
    let node = Node::new(&dir.path().join("node"), PROPERTIES);
    let address = node.address();
    let mut connection = Connection::new(&address);
    let server = node.start(turns[0]);
    let mut members = make(&mut connection, &address);
    let mut picture = Picture::of(&mut connection, Age::Newer);
    assert!(picture.len() > 40, "{picture:?}");
    server.stop();
    for (turn, round) in turns[1..].iter().zip(1..) {
        let server = node.start(*turn);
        let mut connection = Connection::new(&address);
        let what = format!("turn {round}, {turn:?}");
        picture.is(&Picture::after(&picture, &mut connection), &what);
        go_on(&mut connection, &address, &mut members, round);
        picture = Picture::of(&mut connection, Age::Newer);
        if round == 2 {
            server.kill();
        } else {
            server.stop();
        }
    }
}

#[test]
fn groups_of_apache_kafka_are_taken_over_and_given_back() {
    let other = Kind::under_test();
    take_over([Kind::Kafka, other, Kind::Kafka, other]);
}

#[test]
fn groups_are_given_to_apache_kafka_and_taken_back() {
    let other = Kind::under_test();
    take_over([other, Kind::Kafka, other, Kind::Kafka]);
}

/// Members are real clients that notice nothing but a pause.
#[test]
fn clients_go_on_when_the_other_program_serves() {
    compile(&Home::find()).expect("javac");
    let dir = tempfile::tempdir().expect("a folder");
    let node = Node::new(&dir.path().join("node"), PROPERTIES);
    let mut server = node.start(Kind::Kafka);
    let mut connection = Connection::new(&node.address());
    let mut runs: Vec<Run> = [
        (Client::Java, "consumer"),
        (Client::Librdkafka, "consumer"),
        (Client::Aiokafka, "classic"),
    ]
    .into_iter()
    .map(|(client, protocol)| {
        let name = format!("{client:?}").to_lowercase();
        create_topic(&mut connection, &name, PARTITIONS);
        let group = Group {
            address: node.address(),
            id: format!("group-{name}"),
            dir: dir.path().join(&name),
            topic: name,
            session: Duration::from_secs(60),
        };
        let mut run = Run::new(group, client, protocol);
        run.join(None);
        run.join(None);
        run
    })
    .collect();
    runs.iter_mut().for_each(|run| run.settle("both joined"));
    let owned = |runs: &mut [Run]| -> Vec<_> {
        let members = runs.iter_mut().flat_map(|run| &mut run.members);
        members.map(Member::owned).collect()
    };
    let had = owned(&mut runs);
    for (turn, crash) in [(Kind::under_test(), false), (Kind::Kafka, true)] {
        if crash {
            server.kill();
        } else {
            server.stop();
        }
        server = node.start(turn);
        for run in &mut runs {
            run.settle(&format!("{turn:?} serves"));
        }
        assert_eq!(owned(&mut runs), had, "{turn:?} serves: partitions moved");
    }
    runs.into_iter().for_each(Run::finish);
    server.stop();
}
