//! Consumer groups of other people's clients: members come, crash, leave and are restarted while records keep coming, and
//! every record is processed, by one member at a time, and again only where a member crashed before it had committed.

mod rolling;
mod streams;

use std::{sync::Mutex, thread, time::Duration};

use ottla_interop::{
    members::{Client, Group},
    offsets::create_topic,
    oracle::{Home, compile},
    raw::Connection,
    scenario::{PARTITIONS, Run},
    server::{Kind, Node},
};

/// How long a member may be silent.
const SESSION: Duration = Duration::from_secs(6);
/// They mostly wait, but virtual machines take a while to start.
const AT_ONCE: usize = 5;
/// Quick, so that tests are: a crash is noticed after [`SESSION`].
const PROPERTIES: &[&str] = &[
    "offsets.topic.num.partitions=4",
    "group.min.session.timeout.ms=1000",
    "group.consumer.min.session.timeout.ms=1000",
    "group.consumer.session.timeout.ms=6000",
    "group.consumer.min.heartbeat.interval.ms=100",
    "group.consumer.heartbeat.interval.ms=500",
];

/// What runs beside others: name, client, protocol, what happens.
type Scenario = (&'static str, Client, &'static str, fn(&mut Run));

/// KafkaJS knows neither instance ids nor the newer protocol; librdkafka knows both.
const SCENARIOS: &[Scenario] = &[
    (
        "java-classic",
        Client::Java,
        "classic",
        rolling::come_and_go,
    ),
    (
        "rdkafka-classic",
        Client::Librdkafka,
        "classic",
        rolling::come_and_go,
    ),
    ("kafkajs", Client::KafkaJs, "classic", rolling::come_and_go),
    (
        "java-consumer",
        Client::Java,
        "consumer",
        rolling::come_and_go,
    ),
    (
        "aiokafka",
        Client::Aiokafka,
        "classic",
        rolling::come_and_go,
    ),
    (
        "kafka-python",
        Client::KafkaPython,
        "classic",
        rolling::come_and_go,
    ),
    (
        "java-cooperative",
        Client::Java,
        "cooperative",
        rolling::come_and_go,
    ),
    (
        "rdkafka-consumer",
        Client::Librdkafka,
        "consumer",
        rolling::come_and_go,
    ),
    (
        "rdkafka-cooperative",
        Client::Librdkafka,
        "cooperative",
        rolling::come_and_go,
    ),
];

/// As [`SCENARIOS`], of what not every client can.
const STATIC_AND_MIXED: &[Scenario] = &[
    (
        "static-java-consumer",
        Client::Java,
        "consumer",
        rolling::static_members,
    ),
    (
        "upgrade-eager",
        Client::Java,
        "classic",
        rolling::upgrade_and_downgrade,
    ),
    (
        "static-rdkafka-consumer",
        Client::Librdkafka,
        "consumer",
        rolling::static_members,
    ),
    (
        "static-aiokafka",
        Client::Aiokafka,
        "classic",
        rolling::static_members,
    ),
    (
        "static-kafka-python",
        Client::KafkaPython,
        "classic",
        rolling::static_members,
    ),
    (
        "static-java-classic",
        Client::Java,
        "classic",
        rolling::static_members,
    ),
    (
        "upgrade-cooperative",
        Client::Java,
        "cooperative",
        rolling::upgrade_and_downgrade,
    ),
    (
        "static-rdkafka-classic",
        Client::Librdkafka,
        "classic",
        rolling::static_members,
    ),
];

/// Runs scenarios, some at once, and says which failed.
fn run_all(scenarios: &[Scenario]) {
    compile(&Home::find()).expect("javac");
    let only = std::env::var("OTTLA_GROUPS").unwrap_or_default();
    let is_wanted = |(name, ..): &&Scenario| name.contains(&only);
    let all = || SCENARIOS.iter().chain(STATIC_AND_MIXED);
    assert!(
        all().any(|one| is_wanted(&one)),
        "OTTLA_GROUPS={only} names none"
    );
    let wanted: Vec<&Scenario> = scenarios.iter().filter(is_wanted).collect();
    if wanted.is_empty() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let node = Node::new(&dir.path().join("node"), PROPERTIES);
    let server = node.start(Kind::under_test());
    let queue = Mutex::new(wanted.into_iter());
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        let work = || {
            loop {
                let Some(scenario) = queue.lock().expect("not poisoned").next() else {
                    return;
                };
                let (name, client, protocol, happens) = scenario;
                let group = Group {
                    address: node.address(),
                    id: format!("group-{name}"),
                    topic: name.to_string(),
                    session: SESSION,
                    dir: dir.path().join(name),
                };
                let all = move || {
                    let mut connection = Connection::new(&group.address);
                    create_topic(&mut connection, &group.topic, PARTITIONS);
                    let mut run = Run::new(group, *client, protocol);
                    happens(&mut run);
                    run.finish();
                };
                // A thread of its own has its name in front of what goes wrong.
                let builder = thread::Builder::new().name(name.to_string());
                let thread = builder.spawn_scoped(scope, all).expect("a thread");
                if thread.join().is_err() {
                    failed.lock().expect("not poisoned").push(*name);
                }
            }
        };
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    let failed = failed.into_inner().expect("not poisoned");
    assert!(failed.is_empty(), "failed: {failed:?}");
    server.stop();
}

#[test]
fn members_come_and_go_and_every_record_is_processed() {
    run_all(SCENARIOS);
}

#[test]
fn static_members_keep_their_partitions_and_groups_change_their_protocol() {
    run_all(STATIC_AND_MIXED);
}

#[test]
fn streams_count_every_word() {
    compile(&Home::find()).expect("javac");
    let dir = tempfile::tempdir().expect("a folder");
    let node = Node::new(&dir.path().join("node"), PROPERTIES);
    let server = node.start(Kind::under_test());
    let (address, dir) = (&node.address(), dir.path());
    thread::scope(|scope| {
        for (id, crash) in [("stopped", false), ("killed", true)] {
            scope.spawn(move || streams::count_words(address, dir, id, crash));
        }
    });
    server.stop();
}
