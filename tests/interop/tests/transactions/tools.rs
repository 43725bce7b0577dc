//! Apache Kafka's tool for transactions: what it lists and describes, and what it ends.

use std::collections::BTreeMap;

use bytes::Bytes;
use ottla_interop::{
    clients,
    offsets::create_topic,
    oracle::Home,
    raw::Connection,
    transactional::{Client, Program},
};
use ottla_wire::{
    Records,
    messages::{
        InitProducerIdRequest, ProduceRequest,
        produce_request::{PartitionProduceData, TopicProduceData},
    },
    records::{BatchBuilder, Codec},
};

use crate::{
    Place,
    isolation::{ends, settle_all},
};

const TOPIC: &str = "described";
/// Long ago: in ms since 1970.
const LONG_AGO: i64 = 1_750_000_000_000;

/// Rows of the tool's table: cells by the names of their columns.
type Table = Vec<BTreeMap<String, String>>;

fn run(place: Place<'_>, arguments: &[&str]) -> String {
    let tool = Home::find().tool("org.apache.kafka.tools.TransactionsCommand");
    let mut tool = tool.unwrap_or_else(|why| panic!("{why}"));
    tool.args(["--bootstrap-server", place.address])
        .args(arguments);
    String::from_utf8(clients::run(&tool)).expect("UTF-8")
}

fn table(place: Place<'_>, arguments: &[&str]) -> Table {
    let text = run(place, arguments);
    let mut lines = text.lines().map(|line| {
        let cells = line.split('\t').map(|cell| cell.trim().to_owned());
        cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>()
    });
    let columns = lines
        .next()
        .unwrap_or_else(|| panic!("{arguments:?}: {text}"));
    lines
        .filter(|cells| !cells.is_empty())
        .map(|cells| {
            assert_eq!(cells.len(), columns.len(), "{arguments:?}: {text}");
            columns.iter().cloned().zip(cells).collect()
        })
        .collect()
}

/// One open, one done, one whose partition hangs.
pub(crate) fn ask(place: Place<'_>) {
    let mut connection = Connection::new(place.address);
    create_topic(&mut connection, TOPIC, 3);
    let mut program = Program::start(Client::Librdkafka, place.address, place.dir, "described");
    for name in ["held", "done"] {
        let open = format!("open {name} id-{name} none 60000");
        program.must(&[open, format!("init {name}"), format!("begin {name}")]);
    }
    program.must(&["send done described 0 x 2 5", "commit done"]);
    settle_all(&mut connection, TOPIC, 1);
    program.must(&[
        "send held described 0 x 3 5",
        "send held described 1 x 1 5",
        "flush held",
        "offsets held group-held described 0 7",
    ]);
    let (producer_id, producer_epoch) = hang(&mut connection);
    lists_and_describes(place);
    finds_and_aborts(place, &mut connection, producer_id, producer_epoch);
    run(
        place,
        &["forceTerminateTransaction", "--transactionalId", "id-held"],
    );
    settle_all(&mut connection, TOPIC, 3);
    let found = program.read(TOPIC, 3, "read_committed");
    let counts: Vec<usize> = found.values().map(Vec::len).collect();
    assert_eq!(counts, [2, 0, 0]);
    assert_eq!(program.ask("commit held"), Err("_FENCED".to_owned()));
}

fn lists_and_describes(place: Place<'_>) {
    let listed = table(place, &["list"]);
    let states: BTreeMap<&str, &str> = listed
        .iter()
        .map(|row| {
            (
                row["TransactionalId"].as_str(),
                row["TransactionState"].as_str(),
            )
        })
        .collect();
    let all = [
        ("hanging", "Empty"),
        ("id-done", "CompleteCommit"),
        ("id-held", "Ongoing"),
    ];
    assert_eq!(states, all.into());
    assert!(
        listed.iter().all(|row| row["Coordinator"] == "1"),
        "{listed:?}"
    );
    let some = table(place, &["list", "--transactional-id-pattern", "id-.*d"]);
    assert_eq!(some.len(), 1, "{some:?}");
    assert_eq!(some[0]["TransactionalId"], "id-held");
    let long = table(place, &["list", "--duration-filter", "3600000"]);
    // One that never began has been at it since 1970.
    assert_eq!(long.len(), 1, "{long:?}");
    assert_eq!(long[0]["TransactionalId"], "hanging");

    let described = table(place, &["describe", "--transactional-id", "id-held"]);
    let row = &described[0];
    assert_eq!(row["CoordinatorId"], "1");
    assert_eq!(row["TransactionState"], "Ongoing");
    assert_eq!(row["TransactionTimeoutMs"], "60000");
    let started: i64 = row["CurrentTransactionStartTimeMs"]
        .parse()
        .expect("a time");
    assert!(started > LONG_AGO, "{row:?}");
    let duration: i64 = row["TransactionDurationMs"].parse().expect("a time");
    assert!((0..60_000).contains(&duration), "{row:?}");
    let mut partitions: Vec<&str> = row["TopicPartitions"].split(',').collect();
    partitions.sort_unstable();
    assert!(partitions[0].starts_with("__consumer_offsets-"), "{row:?}");
    assert_eq!(partitions[1..], ["described-0", "described-1"]);

    let producers = ["describe-producers", "--topic", TOPIC, "--partition", "0"];
    let producers = table(place, &producers);
    assert_eq!(producers.len(), 2, "{producers:?}");
    for producer in producers {
        let held = producer["ProducerId"] == row["ProducerId"];
        // The first transaction ends with its marker at 2.
        let start = if held { "3" } else { "None" };
        assert_eq!(producer["CurrentTransactionStartOffset"], start);
        let last = if held { "2" } else { "1" };
        assert_eq!(producer["LastSequence"], last);
        let marked = if held { "-1" } else { "0" };
        assert_eq!(producer["LatestCoordinatorEpoch"], marked);
    }
}

/// A transaction in a partition that the coordinator does not know of, as old clients can leave where writes are not
/// verified. The producer: id and epoch.
fn hang(connection: &mut Connection) -> (i64, i16) {
    let request = InitProducerIdRequest {
        transactional_id: Some("hanging".into()),
        transaction_timeout_ms: 60_000,
        ..Default::default()
    };
    let answer = connection.ask(4, &request).expect("an answer");
    assert_eq!(answer.error_code, 0, "{answer:?}");
    let (id, epoch) = (answer.producer_id, answer.producer_epoch);
    let mut builder = BatchBuilder::new(Codec::None)
        .producer(id, epoch, 0)
        .transactional(true);
    builder
        .append(LONG_AGO, None, Some(b"x"), &[])
        .expect("a record");
    let records: Bytes = builder.build().expect("a batch").to_bytes();
    let request = ProduceRequest {
        transactional_id: Some("hanging".into()),
        acks: -1,
        timeout_ms: 5000,
        topic_data: vec![TopicProduceData {
            name: TOPIC.into(),
            partition_data: vec![PartitionProduceData {
                index: 2,
                records: Some(Records::Bytes(records)),
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let answer = connection.ask(11, &request).expect("an answer");
    let partition = &answer.responses[0].partition_responses[0];
    assert_eq!(partition.error_code, 0, "{partition:?}");
    assert_eq!(ends(connection, TOPIC, 2), (0, 1));
    (id, epoch)
}

fn finds_and_aborts(place: Place<'_>, connection: &mut Connection, id: i64, epoch: i16) {
    let hanging = table(place, &["find-hanging", "--broker-id", "1"]);
    assert_eq!(hanging.len(), 1, "{hanging:?}");
    let expected = [
        ("Topic", TOPIC),
        ("Partition", "2"),
        ("ProducerId", &id.to_string()),
        ("ProducerEpoch", &epoch.to_string()),
        ("CoordinatorEpoch", "-1"),
        ("StartOffset", "0"),
        ("LastTimestamp", &LONG_AGO.to_string()),
    ];
    for (column, cell) in expected {
        assert_eq!(hanging[0][column], cell, "{column}");
    }
    let partition = ["--topic", TOPIC, "--partition", "2"];
    run(
        place,
        &[&["abort"], &partition[..], &["--start-offset", "0"]].concat(),
    );
    assert_eq!(ends(connection, TOPIC, 2), (2, 2));
    let found = table(place, &[&["find-hanging"], &partition[..]].concat());
    assert_eq!(found, Table::new());
}
