//! Producers that are too late: replaced, killed, or slow.

use std::time::Duration;

use ottla_interop::{
    offsets::{committed, create_topic},
    raw::Connection,
    transactional::{Client, Contents, Outcome, Program},
};

use crate::{
    Place,
    isolation::{MARKER_LIMIT, ends, settled},
};

/// `transaction.timeout.ms` of the slow ones.
const TIMEOUT_MS: u64 = 1500;
/// A stable end may be held this long, not longer; the last second is for seeing it.
const HELD_LIMIT: Duration = Duration::from_millis(TIMEOUT_MS + 10_000 + 1000);
/// How a zombie goes on.
const LAST_WORDS: [&str; 3] = ["send", "commit", "abort"];

fn values(contents: &Contents) -> Vec<&str> {
    let all = contents.values().flatten();
    all.map(|(_, value)| value.as_str()).collect()
}

/// What its program writes for `send … TEXT COUNT SIZE`.
fn filled(text: &str, count: usize, size: usize) -> Vec<String> {
    let value = |number| format!("{:.<size$}", format!("{text}-{number}"));
    (0..count).map(value).collect()
}

/// What a zombie is told, in the words of its client, when it sends and then commits, when it commits, and when it aborts.
fn zombie_is_told(client: Client) -> [&'static str; 4] {
    match client {
        Client::Java | Client::OlderJava => [
            "InvalidProducerEpochException",
            "InvalidProducerEpochException",
            "ProducerFencedException",
            "ProducerFencedException",
        ],
        Client::Librdkafka => ["_FENCED"; 4],
        Client::Aiokafka => ["ProducerFenced"; 4],
    }
}

/// Two programs have the same transactional id: the first is told, whatever it tries.
pub(crate) fn zombie(place: Place<'_>, client: Client) {
    let start = |who| {
        let name = format!("{}-{who}", client.name());
        Program::start(client, place.address, place.dir, &name)
    };
    let (mut old, mut new) = (start("old"), start("new"));
    let mut told = Vec::new();
    for words in LAST_WORDS {
        let topic = format!("zombie-{}-{words}", client.name());
        create_topic(&mut Connection::new(place.address), &topic, 1);
        told.extend(replaced(&mut old, &mut new, words, &topic));
        let connection = &mut Connection::new(place.address);
        assert_eq!(settled(connection, &topic, 0, MARKER_LIMIT), 10);
        let found = new.read(&topic, 1, "read_committed");
        assert_eq!(values(&found), ["done-0", "kept-0", "kept-1", "more-0"]);
        let found = new.read(&topic, 1, "read_uncommitted");
        let all = ["done-0", "lost-0", "lost-1", "kept-0", "kept-1", "more-0"];
        assert_eq!(values(&found), all);
    }
    let told: Vec<String> = told
        .into_iter()
        .map(|one| one.err().unwrap_or_default())
        .collect();
    assert_eq!(told, zombie_is_told(client), "{}", client.name());
}

/// The successor aborts what is open; its first transaction is open while the zombie goes on.
fn replaced(old: &mut Program, new: &mut Program, words: &str, topic: &str) -> Vec<Outcome> {
    let name = words;
    let open = format!("open {name} {topic} none 600000");
    let send = |text: &str, count| format!("send {name} {topic} 0 {text} {count} 6");
    let line = |verb: &str| format!("{verb} {name}");
    let (init, begin, flush, commit) = (line("init"), line("begin"), line("flush"), line("commit"));
    old.must(&[&open, &init, &begin, &send("done", 1), &commit]);
    old.must(&[&begin, &send("lost", 2), &flush]);
    new.must(&[&open, &init, &begin, &send("kept", 2), &flush]);
    let outcomes = if words == "send" {
        old.tell(&send("late", 2));
        old.tell(&flush);
        let sent = old.answer();
        vec![sent.and(old.answer()), old.ask(&commit)]
    } else {
        vec![old.ask(&line(words))]
    };
    new.must(&[&commit, &begin, &send("more", 1), &commit]);
    outcomes
}

/// Killed in the middle of a transaction, and started again with the same id, several times.
pub(crate) fn killed(place: Place<'_>, client: Client) {
    const LIVES: usize = 3;
    let topic = format!("killed-{}", client.name());
    let group = format!("group-{topic}");
    let mut connection = Connection::new(place.address);
    create_topic(&mut connection, &topic, 2);
    let (mut kept, mut all) = (Vec::new(), Vec::new());
    let start = |life| {
        let name = format!("{}-life-{life}", client.name());
        let mut program = Program::start(client, place.address, place.dir, &name);
        program.must(&[&format!("open a {topic} lz4 600000"), "init a"]);
        program
    };
    for life in 0..LIVES {
        let mut program = start(life);
        // Its predecessor's transaction has ended.
        settled(&mut connection, &topic, 1, MARKER_LIMIT);
        let send = |text, partition, count, size| {
            format!("send a {topic} {partition} {text}.{life} {count} {size}")
        };
        program.must(&["begin a", &send("kept", 0, 3, 20), "commit a"]);
        let before = settled(&mut connection, &topic, 0, MARKER_LIMIT);
        program.must(&[
            "begin a",
            &send("lost", 0, 100, 200),
            &send("lost", 1, 1, 9),
        ]);
        program.must(&["flush a", &format!("offsets a {group} {topic} 0 {life}")]);
        assert_eq!(ends(&mut connection, &topic, 0), (before, before + 100));
        kept.extend(filled(&format!("kept.{life}"), 3, 20));
        all.extend(filled(&format!("kept.{life}"), 3, 20));
        all.extend(filled(&format!("lost.{life}"), 100, 200));
        program.crash();
    }
    let mut program = start(LIVES);
    settled(&mut connection, &topic, 0, MARKER_LIMIT);
    let found = program.read(&topic, 2, "read_committed");
    assert_eq!(values(&found), kept);
    let found = program.read(&topic, 2, "read_uncommitted");
    let first = found[&0].iter().map(|(_, value)| value);
    assert!(first.eq(&all), "{found:?}");
    assert_eq!(found[&1].len(), LIVES);
    let offset = committed(&mut connection, &group, &topic, 1)[&0];
    assert_eq!(offset, -1, "none of these transactions is committed");
}

/// What a producer is told that commits what was aborted because it took too long.
fn too_slow_is_told(client: Client) -> &'static str {
    match client {
        // From version 2 on the abort does not look like a successor: the next epoch is for the producer itself.
        Client::Java => "InvalidTxnStateException",
        Client::OlderJava => "ProducerFencedException",
        Client::Librdkafka => "_FENCED",
        Client::Aiokafka => "ProducerFenced",
    }
}

/// A transaction that is not ended in time is aborted by the coordinator, and its producer hears of it.
pub(crate) fn too_slow(place: Place<'_>, client: Client) {
    let topic = format!("slow-{}", client.name());
    let mut connection = Connection::new(place.address);
    create_topic(&mut connection, &topic, 1);
    let mut program = Program::start(client, place.address, place.dir, client.name());
    for (name, timeout) in [("slow", TIMEOUT_MS), ("steady", 600_000)] {
        let open = format!("open {name} {topic}-{name} none {timeout}");
        program.must(&[open, format!("init {name}")]);
    }
    let send = |name: &str, text: &str| format!("send {name} {topic} 0 {text} 5 30");
    program.must(&["begin slow", &send("slow", "lost"), "flush slow"]);
    // Others go on, but what they commit is not stable before the slow one has ended.
    program.must(&["begin steady", &send("steady", "kept"), "commit steady"]);
    let (stable, end) = ends(&mut connection, &topic, 0);
    assert!(stable == 0 && end >= 10, "{stable} {end}");
    let end = settled(&mut connection, &topic, 0, HELD_LIMIT);
    assert_eq!(end, 12, "two markers");
    let outcome = program.ask("commit slow");
    let found = program.read(&topic, 1, "read_committed");
    assert_eq!(values(&found), filled("kept", 5, 30));
    // Somebody new with its id begins anew.
    program.must(&[
        &format!("open again {topic}-slow none 600000"),
        "init again",
    ]);
    program.must(&["begin again", &send("again", "new"), "commit again"]);
    settled(&mut connection, &topic, 0, MARKER_LIMIT);
    let found = program.read(&topic, 1, "read_committed");
    let all = [filled("kept", 5, 30), filled("new", 5, 30)].concat();
    assert_eq!(values(&found), all);
    assert_eq!(outcome, Err(too_slow_is_told(client).to_owned()));
}
