//! Transactions outlive the program that coordinates them: Apache Kafka and ottla take turns on one data directory in the
//! middle of transactions, and each ends rightly what it finds.

mod files;
mod picture;
mod writer;

use std::{thread, time::Duration};

use ottla_interop::{
    dump::{self, assert_dumps_are_the_same},
    offsets::{await_coordinator, create_topic},
    oracle::wait_until,
    raw::Connection,
    server::{Kind, Node},
};
use ottla_wire::messages::{
    FindCoordinatorRequest, WriteTxnMarkersRequest,
    write_txn_markers_request::{WritableTxnMarker, WritableTxnMarkerTopic},
};
use picture::{Picture, await_state, end, offset_of, producers, read};
use writer::{LONG_MS, Outcome, PARTITIONS, Style, TOPIC, Writer, Written, ask, batch};

const PROPERTIES: &[&str] = &[
    "offsets.topic.num.partitions=4",
    "transaction.state.log.num.partitions=4",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms=500",
];
/// What only those write to whom nothing happens while the program changes.
const CALM: [i32; 3] = [0, 1, 2];
/// Of transactions that are decided while it changes, or time out.
const DECIDED: i32 = 3;
const LATE: i32 = 4;
/// Of a producer that no coordinator knows.
const HANGING: i32 = 5;
/// After a program is started, until transactions have timed out.
const SOON_MS: i32 = 3000;
const RACERS: usize = 12;
const STYLES: [Style; 2] = [Style::Old, Style::New];
/// What who is not the producer any more is told.
const FENCED: [i16; 2] = [47, 90];
/// What one is told that would commit, and was aborted in time, if epochs are raised by each end.
const INVALID_TXN_STATE: i16 = 48;
const UNSTABLE_OFFSET: i16 = 88;

/// All who are in the middle of something when the program changes.
struct Cast {
    /// Of the turn before, which made them.
    turn: usize,
    /// Transactions go on and are committed, or are aborted.
    going_on: Vec<(Writer, bool)>,
    /// Others take their ids over.
    replaced: Vec<Writer>,
    /// With offsets, too; committed or not.
    consuming: Vec<(Writer, bool)>,
    /// They have ended their transactions.
    done: Vec<Writer>,
    late: Vec<Writer>,
    /// Decided, without markers.
    prepared: Vec<(Writer, bool)>,
    /// Whether they are.
    decided: bool,
    /// They said that it ends, and have not heard that it did.
    racing: Vec<(Writer, bool)>,
}

impl Cast {
    /// `forgets`: the program that comes next may lose markers while it starts, so nothing times out meanwhile.
    fn begin(
        connection: &mut Connection,
        turn: usize,
        forgets: bool,
        written: &mut Written,
    ) -> Self {
        let mut make = |what: &str, style: Style, timeout: i32| {
            Writer::new(
                connection,
                &format!("{what} {style:?} {turn}"),
                style,
                timeout,
            )
        };
        let mut cast = Self {
            turn,
            going_on: Vec::new(),
            replaced: Vec::new(),
            consuming: Vec::new(),
            done: Vec::new(),
            late: Vec::new(),
            prepared: Vec::new(),
            decided: false,
            racing: Vec::new(),
        };
        for style in STYLES {
            for commit in [true, false] {
                let name = |what: &str| format!("{what} {commit}");
                cast.going_on
                    .push((make(&name("going on"), style, LONG_MS), commit));
                cast.consuming
                    .push((make(&name("consuming"), style, LONG_MS), commit));
                cast.prepared
                    .push((make(&name("prepared"), style, LONG_MS), commit));
                cast.done.push(make(&name("done"), style, LONG_MS));
            }
            cast.replaced.push(make("replaced", style, LONG_MS));
            if !forgets {
                cast.late.push(make("late", style, SOON_MS));
            }
        }
        for number in 0..RACERS {
            let style = STYLES[number % 2];
            let racer = make(&format!("racing {number}"), style, LONG_MS);
            cast.racing.push((racer, number % 3 > 0));
        }
        cast.write(connection, written);
        cast
    }

    fn write(&mut self, connection: &mut Connection, written: &mut Written) {
        for (writer, commit) in self.done.iter_mut().zip([true, false, true, false]) {
            for place in CALM {
                writer.write(connection, place, written);
            }
            // A log that is closed without a snapshot of producers is taken for one without producers.
            writer.write(connection, HANGING, written);
            writer.end(connection, commit, written);
        }
        for (writer, _) in &mut self.consuming {
            writer.commit_offset(connection, 7, written);
            writer.end(connection, true, written);
        }
        for (writer, _) in &mut self.going_on {
            for place in CALM {
                writer.write(connection, place, written);
                writer.write(connection, place, written);
            }
        }
        for writer in &mut self.replaced {
            writer.write(connection, CALM[1], written);
        }
        for (writer, _) in &mut self.consuming {
            writer.write(connection, CALM[2], written);
            writer.commit_offset(connection, 8, written);
        }
        for (writer, _) in &mut self.prepared {
            writer.write(connection, DECIDED, written);
            writer.commit_offset(connection, 9, written);
        }
        for (writer, _) in &mut self.racing {
            writer.write(connection, DECIDED, written);
            writer.write(connection, LATE, written);
        }
        // Last of all, so that they are still open when the program ends.
        for writer in &mut self.late {
            writer.init(connection);
            writer.write(connection, LATE, written);
        }
    }

    /// The ids of those to whom nothing happens.
    fn calm(&self) -> Vec<String> {
        let pairs = self.going_on.iter().chain(&self.consuming);
        let all = pairs.map(|(writer, _)| writer);
        let all = all.chain(&self.replaced).chain(&self.done);
        all.map(|writer| writer.id.clone()).collect()
    }

    fn picture(&self, connection: &mut Connection) -> Picture {
        Picture::of(connection, &self.calm(), &CALM)
    }

    /// The other program serves: everybody goes on.
    fn go_on(mut self, connection: &mut Connection, written: &mut Written) {
        self.check_decided(connection, written);
        for (writer, commit) in &mut self.racing {
            // Whether it was decided before or not, the answer is the same.
            writer.end(connection, *commit, written);
        }
        self.check_late(connection, written);
        for writer in &mut self.replaced {
            let mut zombie = writer.clone();
            let transaction = writer.transaction.expect("open");
            writer.init(connection);
            written.end(transaction, Outcome::Aborted);
            for place in [CALM[0], CALM[1]] {
                let code = zombie.try_write(connection, place, written);
                assert!(FENCED.contains(&code), "{zombie:?} may write: {code}");
            }
            let code = zombie.try_end(connection, true, written);
            assert!(FENCED.contains(&code), "{zombie:?} may commit: {code}");
            writer.write(connection, CALM[0], written);
            writer.end(connection, true, written);
        }
        for (writer, commit) in &mut self.going_on {
            writer.write(connection, CALM[1], written);
            writer.end(connection, *commit, written);
            writer.write(connection, CALM[1], written);
            writer.end(connection, !*commit, written);
        }
        for (writer, commit) in &mut self.consuming {
            let id = writer.id.clone();
            assert_eq!(offset_of(connection, &id, false), Ok(7), "{id}");
            assert_eq!(
                offset_of(connection, &id, true),
                Err(UNSTABLE_OFFSET),
                "{id}"
            );
            writer.write(connection, CALM[0], written);
            writer.end(connection, *commit, written);
            // Markers are on their way when EndTxn is answered.
            let state = if *commit {
                "CompleteCommit"
            } else {
                "CompleteAbort"
            };
            await_state(connection, &id, state);
            let offset = if *commit { 8 } else { 7 };
            assert_eq!(stable_offset(connection, &id), offset, "{id}");
        }
        for writer in &mut self.done {
            writer.write(connection, CALM[2], written);
            writer.end(connection, true, written);
        }
        self.check_ended(connection);
    }

    fn check_decided(&mut self, connection: &mut Connection, written: &mut Written) {
        for (writer, commit) in &mut self.prepared {
            if !self.decided {
                writer.end(connection, *commit, written);
            }
            let (state, outcome) = match commit {
                true => ("CompleteCommit", Outcome::Committed),
                false => ("CompleteAbort", Outcome::Aborted),
            };
            await_state(connection, &writer.id, state);
            if let Some(transaction) = writer.transaction.take() {
                written.end(transaction, outcome);
            }
            let offset = if *commit { 9 } else { -1 };
            assert_eq!(stable_offset(connection, &writer.id), offset, "{writer:?}");
        }
    }

    fn check_late(&mut self, connection: &mut Connection, written: &mut Written) {
        for writer in &mut self.late {
            await_state(connection, &writer.id, "CompleteAbort");
            let transaction = writer.transaction.expect("open");
            written.end(transaction, Outcome::Aborted);
            let code = writer.try_end(connection, true, written);
            let refused =
                FENCED.contains(&code) || writer.style == Style::New && code == INVALID_TXN_STATE;
            assert!(refused, "{writer:?} may commit: {code}");
            assert_eq!(written.outcome(transaction), Outcome::Aborted);
            writer.init(connection);
            writer.write(connection, LATE, written);
            writer.end(connection, true, written);
        }
    }

    fn check_ended(&self, connection: &mut Connection) {
        let pairs = self.going_on.iter().chain(&self.consuming);
        let pairs = pairs.chain(&self.prepared).chain(&self.racing);
        let all = pairs.map(|(writer, _)| writer);
        for writer in all
            .chain(&self.replaced)
            .chain(&self.done)
            .chain(&self.late)
        {
            let answer = ask(
                connection,
                4,
                &ottla_wire::messages::InitProducerIdRequest {
                    transactional_id: Some(writer.id.clone()),
                    transaction_timeout_ms: LONG_MS,
                    producer_id: -1,
                    producer_epoch: -1,
                    ..Default::default()
                },
                |answer| vec![answer.error_code],
            );
            assert_eq!(answer.1, 0, "{writer:?} of turn {}: {answer:?}", self.turn);
        }
    }
}

/// The offset that a group has committed, once no transaction is open in which it commits another. Apache Kafka may take
/// a moment after it said that the transaction is complete.
fn stable_offset(connection: &mut Connection, group: &str) -> i64 {
    let mut offset = Err(UNSTABLE_OFFSET);
    wait_until(Duration::from_secs(10), || {
        offset = offset_of(connection, group, true);
        offset != Err(UNSTABLE_OFFSET)
    });
    offset.unwrap_or_else(|code| panic!("{group}: {code}"))
}

/// A transaction that no coordinator knows holds readers up, until an operator aborts it.
fn free(connection: &mut Connection, hung: (i64, i16)) {
    let (stable, all) = (end(connection, HANGING, 1), end(connection, HANGING, 0));
    assert!(stable < all, "{stable} {all}");
    let seen = producers(connection, HANGING);
    assert!(
        seen.contains(&format!("current_txn_start_offset: {stable}")),
        "{seen}"
    );
    let marker = WritableTxnMarker {
        producer_id: hung.0,
        producer_epoch: hung.1,
        transaction_result: false,
        topics: vec![WritableTxnMarkerTopic {
            name: TOPIC.to_owned(),
            partition_indexes: vec![HANGING],
            ..WritableTxnMarkerTopic::default()
        }],
        coordinator_epoch: 0,
        ..WritableTxnMarker::default()
    };
    let request = WriteTxnMarkersRequest {
        markers: vec![marker],
        ..WriteTxnMarkersRequest::default()
    };
    let (answer, code) = ask(connection, 1, &request, |answer| {
        let topics = answer.markers.iter().flat_map(|marker| &marker.topics);
        let partitions = topics.flat_map(|topic| &topic.partitions);
        partitions.map(|of| of.error_code).collect()
    });
    assert_eq!(code, 0, "{answer:?}");
    assert_eq!(end(connection, HANGING, 1), all + 1);
}

/// Readers of both kinds get what was written and no more.
fn check_read(connection: &mut Connection, written: &Written, what: &str) {
    for place in CALM.into_iter().chain([DECIDED, LATE, HANGING]) {
        let what = format!("{what}, partition {place}");
        assert_eq!(
            read(connection, place, 1).values(),
            written.committed(place),
            "{what}"
        );
        assert_eq!(read_all(connection, place), written.all(place), "{what}");
    }
}

fn read_all(connection: &mut Connection, place: i32) -> Vec<String> {
    read(connection, place, 0).values()
}

/// Says that the racers' transactions end, and kills the server before it can answer all.
fn race(address: &str, cast: &Cast, turn: usize) {
    for (writer, commit) in &cast.racing {
        let (version, request) = writer.ending(*commit);
        let mut own = Connection::new(address);
        own.tell(version, &request).expect("sent");
        // Gone without having heard.
        drop(own);
    }
    thread::sleep(Duration::from_millis(3 * turn as u64));
}

fn find_coordinator(connection: &mut Connection) {
    await_coordinator(connection);
    let request = FindCoordinatorRequest {
        key_type: 1,
        coordinator_keys: vec!["any".to_owned()],
        ..FindCoordinatorRequest::default()
    };
    let (answer, code) = ask(connection, 4, &request, |answer| {
        answer.coordinators.iter().map(|of| of.error_code).collect()
    });
    assert_eq!(code, 0, "{answer:?}");
}

fn take_over(turns: [Kind; 5]) {
    let dir = tempfile::tempdir().expect("a folder");
    let node = Node::new(&dir.path().join("node"), PROPERTIES);
    let address = node.address();
    let mut written = Written::default();
    let mut before: Option<(Cast, Picture)> = None;
    for (number, turn) in turns.iter().enumerate() {
        let what = format!("turn {number}, {turn:?}");
        let server = node.start(*turn);
        let mut connection = Connection::new(&address);
        if let Some((cast, picture)) = before.take() {
            picture.is(&cast.picture(&mut connection), &what);
            cast.go_on(&mut connection, &mut written);
            free(&mut connection, (70_000 + number as i64 - 1, 3));
        } else {
            find_coordinator(&mut connection);
            create_topic(&mut connection, TOPIC, PARTITIONS);
        }
        check_read(&mut connection, &written, &what);
        let is_killed = number % 2 == 1;
        // Apache Kafka that starts after an unclean stop, of its own or another's, has partitions without leaders for a
        // moment, takes them for deleted, and forgets the markers of transactions that are decided or time out: their
        // records hang from then on, and count to what the producer ends next.
        let forgets = is_killed && turns.get(number + 1) == Some(&Kind::Kafka);
        let mut cast = Cast::begin(&mut connection, number, forgets, &mut written);
        let picture = cast.picture(&mut connection);
        if is_killed {
            if !forgets {
                race(&address, &cast, number);
            }
            server.kill();
        } else {
            server.stop();
        }
        cast.decided = !forgets;
        if cast.decided {
            for (writer, commit) in &mut cast.prepared {
                files::prepare(&node.data(), writer, *commit);
            }
        }
        let values = [format!("hung {number}")];
        let hung = batch((70_000 + number as i64, 3), 0, &values);
        let [value] = values;
        let transaction = written.begin();
        written.add(HANGING, value, transaction);
        written.end(transaction, Outcome::Aborted);
        files::hang(&node.data(), &format!("{TOPIC}-{HANGING}"), &hung);
        check_files(&node, number + 1 == turns.len());
        before = Some((cast, picture));
    }
}

/// What both programs' tools say of the files is the same; in the end, Apache Kafka's tool looks into each.
fn check_files(node: &Node, is_last: bool) {
    let data = node.data();
    let option = "--transaction-log-decoder";
    assert_dumps_are_the_same(&data, "__transaction_state-", &["log"], option);
    let kinds = ["log", "txnindex", "snapshot"];
    assert_dumps_are_the_same(&data, &format!("{TOPIC}-"), &kinds, "--print-data-log");
    if !is_last {
        return;
    }
    let compacted = ["__consumer_offsets", "__transaction_state"];
    let checked = dump::check(&data, &compacted).unwrap_or_else(|why| panic!("{why}"));
    assert!(checked.transactions >= 3, "{checked:?}");
}

#[test]
fn transactions_of_apache_kafka_are_taken_over_and_given_back() {
    let other = Kind::under_test();
    take_over([Kind::Kafka, other, Kind::Kafka, other, Kind::Kafka]);
}

#[test]
fn transactions_are_given_to_apache_kafka_and_taken_back() {
    let other = Kind::under_test();
    take_over([other, Kind::Kafka, other, Kind::Kafka, other]);
}
