//! Transactions from beginning to end.

use std::sync::Arc;

use ottla_machine::Machine;
use ottla_wire::errors::Code;

use super::{
    Input, ListFilter, Record, Reply, Settings,
    state::{State, Transaction},
    testing::{BEGIN, World, add, end, init, init_of, settings},
};

fn version(level: i16) -> World {
    World::new(Settings {
        transaction_version: level,
        ..settings()
    })
}

fn states(world: &World) -> Vec<State> {
    let transactions = world.log.iter().map(|of| of.transaction());
    transactions.map(|of| of.unwrap().state).collect()
}

#[test]
fn a_transaction_of_version_2_raises_the_epoch() {
    let mut world = version(2);
    let producer = world.init(init("x"));
    assert_eq!((producer.producer_id, producer.producer_epoch), (1_000, 0));
    for epoch in 0..3 {
        assert_eq!(world.add(add("x", (1_000, epoch), "t", &[0, 1])), [0, 0]);
        assert_eq!(world.add(add("x", (1_000, epoch), "s", &[0])), [0]);
        let answer = world.end(end("x", (1_000, epoch), epoch != 1), 5);
        assert_eq!(answer.error_code, 0);
        assert_eq!(
            (answer.producer_id, answer.producer_epoch),
            (1_000, epoch + 1)
        );
        let markers = world.marked.last().unwrap();
        assert_eq!(markers.producer_epoch, epoch + 1);
        assert_eq!(
            (markers.committed, markers.transaction_version),
            (epoch != 1, 2)
        );
        let partitions = [("s", 0), ("t", 0), ("t", 1)];
        assert_eq!(markers.partitions, partitions.map(|(t, p)| (t.into(), p)));
    }
    assert_eq!(world.describe("x").transaction_state, "CompleteCommit");
    use State::*;
    let one = |prepared, complete| [Ongoing, Ongoing, prepared, complete];
    let mut all = vec![Empty];
    all.extend(one(PrepareCommit, CompleteCommit));
    all.extend(one(PrepareAbort, CompleteAbort));
    all.extend(one(PrepareCommit, CompleteCommit));
    assert_eq!(states(&world), all);
}

#[test]
fn a_transaction_of_version_1_keeps_the_epoch() {
    for level in [0, 1] {
        let mut world = version(level);
        world.init(init("x"));
        for _ in 0..2 {
            let mut request = add("x", (1_000, 0), "t", &[0]);
            request.client_transaction_version = 0;
            assert_eq!(world.add(request), [0]);
            let answer = world.end(end("x", (1_000, 0), true), 4);
            assert_eq!((answer.error_code, answer.producer_id), (0, -1));
            assert_eq!(world.marked.last().unwrap().producer_epoch, 0);
        }
        assert_eq!(world.log.last().unwrap().value_version, level);
        assert_eq!(world.describe("x").producer_epoch, 0);
    }
}

#[test]
fn an_end_of_version_2_does_not_give_away_the_epoch_of_a_producer_of_version_1() {
    let mut world = version(2);
    world.init(init("x"));
    world.add(add("x", (1_000, 0), "t", &[0]));
    assert_eq!(world.end(end("x", (1_000, 0), false), 5).producer_epoch, 1);
    // Another producer takes over, and ends a transaction of version 1.
    assert_eq!(world.init(init("x")).producer_epoch, 2);
    let mut request = add("x", (1_000, 2), "t", &[0]);
    request.client_transaction_version = 0;
    assert_eq!(world.add(request), [0]);
    assert_eq!(world.end(end("x", (1_000, 2), false), 4).error_code, 0);
    // The first one does not know.
    let answer = world.end(end("x", (1_000, 1), false), 5);
    assert_eq!(Code(answer.error_code), Code::PRODUCER_FENCED);
    assert_eq!((answer.producer_id, answer.producer_epoch), (-1, -1));
}

#[test]
fn what_apache_kafka_left_open_is_taken_up() {
    let mut world = version(2);
    world.marks = false;
    let base = Transaction::new(7, 60_000, BEGIN as i64).initialized(0, -1, 60_000, 0);
    let open = base.added([("t", 3)].into_iter(), 2, BEGIN as i64);
    let prepared = |state, version| Transaction {
        state,
        client_version: version,
        next_producer_id: if version == 2 { 9 } else { -1 },
        ..open.clone()
    };
    let nothing = Transaction {
        partitions: Default::default(),
        ..prepared(State::PrepareAbort, 2)
    };
    world.append(vec![
        Record::of("abort", &prepared(State::PrepareAbort, 0), 2),
        Record::of("commit", &prepared(State::PrepareCommit, 2), 2),
        Record::of("nothing", &nothing, 2),
        Record::of("open", &open, 2),
        Record::of("ended", &prepared(State::PrepareCommit, 0), 2),
        Record::of("ended", &prepared(State::PrepareCommit, 0).completed(0), 2),
        Record::of("gone", &prepared(State::PrepareCommit, 0), 2),
        Record::tombstone("gone"),
    ]);
    world.reload();
    let handed_out: Vec<_> = world
        .markers
        .iter()
        .map(|of| &of.transactional_id[..])
        .collect();
    assert_eq!(handed_out, ["abort", "commit"]);
    world.write_markers();
    world.pass(0);
    for (id, state, producer) in [
        ("abort", "CompleteAbort", 7),
        ("commit", "CompleteCommit", 9),
        ("nothing", "CompleteAbort", 9),
        ("open", "Ongoing", 7),
        ("ended", "CompleteCommit", 7),
    ] {
        let of = world.describe(id);
        assert_eq!(of.transaction_state, state, "{id}");
        assert_eq!(of.producer_id, producer, "{id}");
    }
    world.pass(60_000);
    assert_eq!(world.describe("open").transaction_state, "Ongoing");
    world.pass(1);
    assert_eq!(world.describe("open").transaction_state, "PrepareAbort");
    world.write_markers();
    assert_eq!(world.describe("open").transaction_state, "CompleteAbort");
}

#[test]
fn markers_that_cannot_be_written_are_tried_again() {
    let mut world = version(2);
    world.init(init("x"));
    world.add(add("x", (1_000, 0), "t", &[0, 1, 2]));
    world.marks = false;
    world.end(end("x", (1_000, 0), true), 5);
    let mut waited = 0;
    for left in [2, 2, 1, 1, 1, 1, 1, 1] {
        assert_eq!(world.markers.len(), 1);
        let markers = world.markers.remove(0);
        let again: Vec<_> = markers.partitions.iter().take(left).cloned().collect();
        world.report(markers, again.clone(), false);
        assert!(world.markers.is_empty(), "it pauses");
        let of = world.describe("x");
        assert_eq!(of.transaction_state, "PrepareCommit");
        assert_eq!(of.topics[0].partitions.len(), left);
        let pause = world.machine.wake_at().unwrap().0 - world.now.0;
        assert!((50..=1_000).contains(&pause), "{pause}");
        waited += pause;
        world.pass(pause);
        assert_eq!(world.markers[0].partitions, again);
    }
    assert!(waited > 1_000);
    assert_eq!(
        world.add(add("x", (1_000, 1), "t", &[0])),
        [Code::CONCURRENT_TRANSACTIONS.0]
    );
    world.append_fails = true;
    world.write_markers();
    assert_eq!(world.describe("x").transaction_state, "PrepareCommit");
    world.pass(3_000);
    world.append_fails = false;
    world.pass(1_000);
    assert_eq!(world.describe("x").transaction_state, "CompleteCommit");
    assert!(world.markers.is_empty());
}

#[test]
fn what_is_said_of_other_markers_changes_nothing() {
    let mut world = version(2);
    world.init(init("x"));
    world.add(add("x", (1_000, 0), "t", &[0]));
    world.marks = false;
    world.end(end("x", (1_000, 0), true), 5);
    let markers = world.markers.remove(0);
    let mut other = markers.clone();
    other.producer_epoch -= 1;
    world.report(other, vec![], true);
    let mut other = markers.clone();
    other.partitions = vec![("t".into(), 1), ("s".into(), 0)];
    world.report(other, vec![("u".into(), 1)], false);
    let mut other = markers.clone();
    other.transactional_id = "y".into();
    world.report(other, vec![], false);
    assert_eq!(world.describe("x").transaction_state, "PrepareCommit");
    assert_eq!(states(&world).len(), 3);
    world.report(markers, vec![], false);
    assert_eq!(world.describe("x").transaction_state, "CompleteCommit");
}

#[test]
fn a_fenced_coordinator_tries_no_more() {
    let mut world = version(2);
    world.init(init("x"));
    world.add(add("x", (1_000, 0), "t", &[0, 1]));
    world.marks = false;
    world.end(end("x", (1_000, 0), true), 5);
    let markers = world.markers.remove(0);
    world.report(markers, vec![("t".into(), 0)], true);
    world.pass(100_000);
    assert!(world.markers.is_empty());
    assert_eq!(world.describe("x").transaction_state, "PrepareCommit");
    world.reload();
    assert_eq!(world.markers.len(), 1);
}

#[test]
fn a_producer_that_takes_over_aborts_what_is_open() {
    for level in [1, 2] {
        let mut world = version(level);
        world.init(init("x"));
        world.add(add("x", (1_000, 0), "t", &[0]));
        let answer = world.init(init("x"));
        assert_eq!(answer.error_code, Code::CONCURRENT_TRANSACTIONS.0);
        let markers = world.marked.last().unwrap();
        assert_eq!((markers.committed, markers.producer_epoch), (false, 1));
        assert_eq!(markers.transaction_version, if level == 2 { 2 } else { 0 });
        let answer = world.init(init("x"));
        assert_eq!((answer.error_code, answer.producer_epoch), (0, 2));
        let fenced = [Code::PRODUCER_FENCED.0];
        assert_eq!(world.add(add("x", (1_000, 0), "t", &[0])), fenced);
        assert_eq!(
            world.end(end("x", (1_000, 0), true), 4).error_code,
            fenced[0]
        );
    }
}

#[test]
fn a_failed_append_leaves_no_trace() {
    let mut world = version(2);
    world.init(init("x"));
    world.add(add("x", (1_000, 0), "t", &[0]));
    let before = world.describe("x");
    world.append_fails = true;
    for fails in [
        Input::InitProducerId {
            request: init("x"),
            fresh: None,
        },
        Input::InitProducerId {
            request: init("y"),
            fresh: Some(5),
        },
        Input::AddPartitions(add("x", (1_000, 0), "t", &[1])),
        Input::EndTransaction {
            request: end("x", (1_000, 0), true),
            version: 5,
            fresh: None,
        },
    ] {
        assert_eq!(world.ask(fails), None);
    }
    world.pass(80_000);
    assert_eq!(world.describe("x"), before);
    assert!(world.marked.is_empty());
    world.append_fails = false;
    world.pass(10_000);
    assert_eq!(world.describe("x").transaction_state, "CompleteAbort");
}

#[test]
fn epochs_that_are_used_up_give_another_producer_id() {
    let mut world = version(2);
    world.init(init("x"));
    let at = |epoch| {
        let base = Transaction::new(7, 60_000, BEGIN as i64);
        Record::of("x", &base.initialized(epoch, -1, 60_000, BEGIN as i64), 2)
    };
    // By the end of a transaction.
    world.append(vec![at(32_766)]);
    world.add(add("x", (7, 32_766), "t", &[0]));
    let answer = world.end(end("x", (7, 32_766), true), 5);
    assert_eq!((answer.producer_id, answer.producer_epoch), (1_001, 0));
    assert_eq!(world.marked.last().unwrap().producer_epoch, 32_767);
    let again = world.end(end("x", (7, 32_766), true), 5);
    assert_eq!((again.error_code, again.producer_id), (0, 1_001));
    let other = world.end(end("x", (7, 32_766), false), 5);
    assert_eq!(other.error_code, Code::INVALID_TXN_STATE.0);
    // By a producer that asks for another epoch, again since it did not hear the answer.
    world.append(vec![at(32_766)]);
    let answer = world.init(init_of("x", 7, 32_766));
    assert_eq!((answer.producer_id, answer.producer_epoch), (1_002, 0));
    let again = world.init(init_of("x", 7, 32_766));
    assert_eq!((again.producer_id, again.producer_epoch), (1_002, 0));
    // By another that takes over.
    world.append(vec![at(32_766)]);
    let answer = world.init(init("x"));
    assert_eq!((answer.producer_id, answer.producer_epoch), (1_003, 0));
    // By a timeout, which waits for an id.
    world.append(vec![at(32_766)]);
    world.next_id = None;
    world.add(add("x", (7, 32_766), "t", &[0]));
    world.pass(70_000);
    assert_eq!(world.describe("x").transaction_state, "Ongoing");
    world.next_id = Some(2_000);
    world.pass(200);
    let of = world.describe("x");
    assert_eq!(of.transaction_state, "CompleteAbort");
    assert_eq!((of.producer_id, of.producer_epoch), (2_000, 0));
    assert_eq!(world.marked.last().unwrap().producer_epoch, 32_767);
}

#[test]
fn what_nobody_uses_is_forgotten_in_slices() {
    let mut world = version(2);
    let old = Transaction::new(7, 60_000, BEGIN as i64).initialized(0, -1, 60_000, BEGIN as i64);
    let open = Transaction {
        timeout_ms: i32::MAX,
        ..old.added([("t", 0)].into_iter(), 2, BEGIN as i64)
    };
    let young = Transaction {
        updated: BEGIN as i64 + 3_600_001,
        ..old.clone()
    };
    let many = (0..500).map(|n| Record::of(&format!("old-{n:0>200}"), &old, 2));
    world.append(many.collect());
    world.append(vec![
        Record::of("open", &open, 2),
        Record::of("young", &young, 2),
    ]);
    world.pass(604_800_000 - 1);
    assert_eq!(world.machine.len(), 502);
    let mut decisions = 0;
    let mut largest = 0;
    let end = world.now.after(3_600_000);
    while world.machine.wake_at().unwrap() <= end {
        let pause = world.machine.wake_at().unwrap().0 - world.now.0;
        let before = world.machine.len();
        world.pass(pause);
        let gone = before - world.machine.len();
        largest = largest.max(gone);
        decisions += usize::from(gone > 0);
    }
    assert!(decisions > 3 && largest < 200, "{decisions} {largest}");
    assert_eq!(world.machine.len(), 2);
    world.pass(3_600_000);
    assert_eq!(world.machine.len(), 1);
    assert_eq!(world.describe("open").transaction_state, "Ongoing");
    assert!(!world.machine.is_empty());
}

#[test]
fn lists_are_filtered() {
    let mut world = version(2);
    for id in ["a-1", "a-2", "b-1", "ö"] {
        world.init(init(id));
    }
    world.add(add("a-2", (1_001, 0), "t", &[0]));
    world.pass(1_000);
    let mut list = |change: &dyn Fn(&mut ottla_wire::messages::ListTransactionsRequest)| {
        let mut request = ottla_wire::messages::ListTransactionsRequest {
            duration_filter: -1,
            ..Default::default()
        };
        change(&mut request);
        let filter = ListFilter::of(&request).unwrap();
        let unknown = filter.unknown_states().join(",");
        match world.ask(Input::List(Arc::new(filter))) {
            Some(Reply::List(states)) => {
                let ids: Vec<_> = states.into_iter().map(|of| of.transactional_id).collect();
                format!("{} {unknown}", ids.join(","))
            }
            other => panic!("{other:?}"),
        }
    };
    let texts = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(list(&|_| {}), "a-1,a-2,b-1,ö ");
    assert_eq!(list(&|of| of.state_filters = texts(&["Ongoing"])), "a-2 ");
    let unknown = texts(&["Empty", "empty", "Dead", "PrepareEpochFence", "empty"]);
    assert_eq!(
        list(&|of| of.state_filters = unknown.clone()),
        "a-1,b-1,ö empty"
    );
    assert_eq!(list(&|of| of.state_filters = texts(&["Dead"])), " ");
    assert_eq!(list(&|of| of.producer_id_filters = vec![1_002, 5]), "b-1 ");
    // Those that never began are as long as time.
    assert_eq!(list(&|of| of.duration_filter = 999), "a-1,a-2,b-1,ö ");
    assert_eq!(list(&|of| of.duration_filter = 1_000), "a-1,b-1,ö ");
    let pattern = |text: &str| Some(text.to_owned());
    assert_eq!(
        list(&|of| of.transactional_id_pattern = pattern("a-.*")),
        "a-1,a-2 "
    );
    assert_eq!(list(&|of| of.transactional_id_pattern = pattern("a")), " ");
    assert_eq!(
        list(&|of| of.transactional_id_pattern = pattern("")),
        "a-1,a-2,b-1,ö "
    );
    assert_eq!(
        list(&|of| of.transactional_id_pattern = pattern("[a-z].*|Ö")),
        "a-1,a-2,b-1 "
    );
    assert_eq!(
        list(&|of| of.transactional_id_pattern = pattern(".?|(?i)A-1")),
        "a-1,ö "
    );
    let refused = ListFilter::of(&ottla_wire::messages::ListTransactionsRequest {
        transactional_id_pattern: pattern("(a"),
        ..Default::default()
    });
    let refusal = refused.unwrap_err();
    assert_eq!(refusal.code, Code::INVALID_REGULAR_EXPRESSION);
    assert!(refusal.text().contains("(a"), "{refusal}");
}
