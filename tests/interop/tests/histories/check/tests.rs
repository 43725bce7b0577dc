//! Each rule is broken by hand, and found.

use super::{Rule, check};
use crate::history::{
    Act, Batch, Event, Group, History, Log, Outcome, Producer, Seen, Transaction, TransactionalId,
    Txn, Value, What,
};

const A: Producer = Producer { id: 7, epoch: 0 };
const A1: Producer = Producer { id: 7, epoch: 1 };
const COPIER: Producer = Producer { id: 9, epoch: 0 };
const COPIER1: Producer = Producer { id: 9, epoch: 1 };

fn value(number: u32) -> Value {
    Value { number, copy_of: 0 }
}

fn copy(number: u32, copy_of: u32) -> Value {
    Value { number, copy_of }
}

fn data(base: i64, producer: Option<(Producer, i32)>, txn: bool, values: &[Value]) -> Batch {
    Batch {
        base,
        last: base + values.len() as i64 - 1,
        producer,
        transactional: txn,
        what: What::Data(values.to_vec()),
    }
}

fn marker(base: i64, producer: Producer, commit: bool) -> Batch {
    Batch {
        base,
        last: base,
        producer: Some((producer, -1)),
        transactional: true,
        what: What::Marker(commit),
    }
}

fn log(batches: Vec<Batch>) -> Log {
    let end = batches.last().map_or(0, |batch| batch.last + 1);
    Log {
        high_watermark: end,
        last_stable: end,
        batches,
        trouble: None,
    }
}

/// Each event takes 10 ms, from `at` ms on.
fn event(at: u64, actor: &str, act: Act) -> Event {
    Event {
        actor: actor.to_owned(),
        invoked: at * 1000,
        completed: at * 1000 + 10_000,
        act,
    }
}

fn init(id: usize, given: Producer) -> Act {
    Act::Init {
        id,
        resume: None,
        outcome: Outcome::Ok(given),
    }
}

fn produce(txn: Txn, partition: usize, as_: (Producer, i32), values: &[Value], at: i64) -> Act {
    Act::Produce {
        txn: Some(txn),
        partition,
        producer: Some(as_),
        values: values.to_vec(),
        outcome: Outcome::Ok(at),
    }
}

fn end(txn: Txn, producer: Producer, commit: bool, outcome: Outcome<Producer>) -> Act {
    Act::End {
        txn,
        producer,
        commit,
        outcome,
    }
}

fn read(partition: usize, committed: bool, from: i64, seen: Seen) -> Act {
    Act::Read {
        partition,
        committed,
        from,
        outcome: Outcome::Ok(seen),
    }
}

fn seen(high_watermark: i64, last_stable: i64, next: i64, records: &[(i64, Value)]) -> Seen {
    Seen {
        high_watermark,
        last_stable,
        next,
        records: records.to_vec(),
    }
}

fn offset(stable: bool, offset: i64) -> Act {
    Act::Offset {
        group: 0,
        stable,
        outcome: Outcome::Ok(offset),
    }
}

/// Two transactions of one writer in partitions 0 and 1, the first committed (its answer lost at first), the second
/// aborted by a fencer; a plain record; a copier that copied partition 0 to partition 2.
pub(crate) fn good() -> History {
    let last = |at, act| event(at, "last", act);
    let events = vec![
        event(0, "writer", init(0, A)),
        event(
            20,
            "writer",
            produce(0, 0, (A, 0), &[value(1), value(2)], 0),
        ),
        event(40, "writer", produce(0, 1, (A, 0), &[value(3)], 0)),
        event(50, "reader", read(0, true, 0, seen(2, 0, 0, &[]))),
        event(
            51,
            "reader",
            read(0, false, 0, seen(2, 0, 2, &[(0, value(1)), (1, value(2))])),
        ),
        event(70, "writer", end(0, A, true, Outcome::Unknown)),
        event(90, "writer", end(0, A, true, Outcome::Ok(A))),
        event(
            110,
            "plain",
            Act::Produce {
                txn: None,
                partition: 0,
                producer: None,
                values: vec![value(4)],
                outcome: Outcome::Ok(3),
            },
        ),
        event(130, "writer", produce(1, 0, (A, 2), &[value(5)], 4)),
        event(150, "writer", produce(1, 1, (A, 1), &[value(6)], 2)),
        event(
            160,
            "reader",
            read(
                0,
                true,
                0,
                seen(5, 4, 4, &[(0, value(1)), (1, value(2)), (3, value(4))]),
            ),
        ),
        event(200, "fencer", init(0, A1)),
        event(
            220,
            "writer",
            Act::Produce {
                txn: Some(1),
                partition: 0,
                producer: Some((A, 3)),
                values: vec![value(7)],
                outcome: Outcome::Refused(47),
            },
        ),
        event(240, "writer", end(1, A, true, Outcome::Refused(90))),
        event(300, "copier", init(1, COPIER)),
        event(320, "copier", offset(true, -1)),
        event(
            340,
            "copier",
            read(
                0,
                true,
                0,
                seen(6, 6, 6, &[(0, value(1)), (1, value(2)), (3, value(4))]),
            ),
        ),
        event(
            360,
            "copier",
            produce(2, 2, (COPIER, 0), &[copy(8, 1), copy(9, 2), copy(10, 4)], 0),
        ),
        event(
            380,
            "copier",
            Act::CommitOffset {
                txn: 2,
                producer: COPIER,
                group: 0,
                from: 0,
                to: 6,
                outcome: Outcome::Ok(()),
            },
        ),
        event(400, "copier", end(2, COPIER, true, Outcome::Ok(COPIER1))),
        event(
            420,
            "reader",
            read(1, true, 0, seen(4, 4, 4, &[(0, value(3))])),
        ),
        event(
            440,
            "waiting",
            Act::Settled {
                id: 0,
                outcome: Outcome::Ok(true),
            },
        ),
        last(
            460,
            read(
                0,
                true,
                0,
                seen(6, 6, 6, &[(0, value(1)), (1, value(2)), (3, value(4))]),
            ),
        ),
        last(
            480,
            read(
                2,
                true,
                0,
                seen(
                    4,
                    4,
                    4,
                    &[(0, copy(8, 1)), (1, copy(9, 2)), (2, copy(10, 4))],
                ),
            ),
        ),
        last(
            500,
            Act::Latest {
                partition: 0,
                committed: true,
                outcome: Outcome::Ok(6),
            },
        ),
        last(520, offset(true, 6)),
    ];
    let logs = vec![
        log(vec![
            data(0, Some((A, 0)), true, &[value(1), value(2)]),
            marker(2, A, true),
            data(3, None, false, &[value(4)]),
            data(4, Some((A, 2)), true, &[value(5)]),
            marker(5, A1, false),
        ]),
        log(vec![
            data(0, Some((A, 0)), true, &[value(3)]),
            marker(1, A, true),
            data(2, Some((A, 1)), true, &[value(6)]),
            marker(3, A1, false),
        ]),
        log(vec![
            data(
                0,
                Some((COPIER, 0)),
                true,
                &[copy(8, 1), copy(9, 2), copy(10, 4)],
            ),
            marker(3, COPIER1, true),
        ]),
    ];
    let of = |id, actor: &str| Transaction {
        id,
        actor: actor.to_owned(),
    };
    let id = |name: &str| TransactionalId {
        name: name.to_owned(),
        timeout: 60_000,
    };
    History {
        seed: 0,
        events,
        transactions: vec![of(0, "writer"), of(0, "writer"), of(1, "copier")],
        ids: vec![id("id"), id("copier")],
        partitions: (0..3).map(|index| ("topic".to_owned(), index)).collect(),
        groups: vec![Group {
            name: "group".to_owned(),
            from: 0,
            to: 2,
        }],
        outages: Vec::new(),
        again: logs.clone(),
        logs,
    }
}

/// The good history, made bad, breaks the rule.
fn broken(rule: Rule, damage: impl FnOnce(&mut History)) {
    let mut history = good();
    damage(&mut history);
    // Whatever else it is, a restart did not do it.
    if rule != Rule::Durable {
        history.again = history.logs.clone();
    }
    let breaches = check(&history);
    assert!(
        breaches.iter().any(|breach| breach.rule == rule),
        "{rule:?} not found in {breaches:?}\n{}",
        history.text()
    );
}

/// The event that begins at so many ms.
fn at(history: &mut History, ms: u64) -> &mut Event {
    let found = history
        .events
        .iter_mut()
        .find(|event| event.invoked == ms * 1000);
    found.expect("an event")
}

fn seen_at(history: &mut History, ms: u64) -> &mut Seen {
    match &mut at(history, ms).act {
        Act::Read {
            outcome: Outcome::Ok(seen),
            ..
        } => seen,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_good_history_breaks_no_rule() {
    assert_eq!(check(&good()), []);
}

#[test]
fn a_gap_in_a_log_or_a_batch_that_nobody_sent_so_is_not_sound() {
    broken(Rule::Sound, |history| {
        history.logs[0].batches.remove(2);
    });
    broken(Rule::Sound, |history| {
        history.logs[1].batches[0].transactional = false
    });
    broken(Rule::Sound, |history| history.logs[1].high_watermark = 9);
    broken(Rule::Sound, |history| {
        history.logs[1].trouble = Some("a wrong checksum".to_owned())
    });
}

#[test]
fn what_was_acknowledged_must_be_there() {
    broken(Rule::Kept, |history| {
        history.logs[1].batches = vec![];
        history.logs[1] = log(vec![]);
    });
    broken(Rule::Kept, |history| {
        if let Act::Produce { outcome, .. } = &mut at(history, 110).act {
            *outcome = Outcome::Ok(2);
        }
    });
}

#[test]
fn nothing_is_twice() {
    broken(Rule::Once, |history| {
        let batches = &mut history.logs[0].batches;
        batches.push(data(6, None, false, &[value(4)]));
        history.logs[0] = log(batches.clone());
    });
}

#[test]
fn what_was_refused_or_never_sent_must_not_be_there() {
    broken(Rule::Refused, |history| {
        let batches = &mut history.logs[0].batches;
        batches.insert(4, data(5, Some((A, 3)), true, &[value(7)]));
        batches[5] = marker(6, A1, false);
        history.logs[0] = log(batches.clone());
    });
    broken(Rule::Refused, |history| {
        let batches = &mut history.logs[0].batches;
        batches.push(data(6, None, false, &[value(99)]));
        history.logs[0] = log(batches.clone());
    });
}

#[test]
fn order_is_that_of_the_answers() {
    broken(Rule::Order, |history| {
        let batches = &mut history.logs[0].batches;
        batches[2] = data(3, Some((A, 2)), true, &[value(5)]);
        batches[3] = data(4, None, false, &[value(4)]);
    });
}

#[test]
fn sequences_have_no_gap() {
    broken(Rule::Sequences, |history| {
        history.logs[0].batches[3].producer = Some((A, 3));
    });
}

#[test]
fn an_epoch_that_is_over_gets_nothing_in() {
    // In the log.
    broken(Rule::Fenced, |history| {
        let batches = &mut history.logs[0].batches;
        batches.push(data(6, Some((A, 3)), true, &[value(7)]));
        batches.push(marker(7, A1, false));
        history.logs[0] = log(batches.clone());
    });
    // Taken, wherever it may be.
    broken(Rule::Fenced, |history| {
        if let Act::Produce { outcome, .. } = &mut at(history, 220).act {
            *outcome = Outcome::Ok(-1);
        }
    });
    broken(Rule::Fenced, |history| {
        at(history, 240).act = end(1, A, true, Outcome::Ok(A))
    });
    // Given to two.
    broken(Rule::Fenced, |history| at(history, 200).act = init(0, A));
}

#[test]
fn a_transaction_has_one_outcome_and_nothing_of_another() {
    broken(Rule::Atomic, |history| {
        history.logs[1].batches[1] = marker(1, A, false);
    });
    // No marker between the two.
    broken(Rule::Atomic, |history| {
        history.logs[1].batches[1] = data(1, Some((A, 1)), true, &[value(6)]);
        history.logs[1].batches[2] = marker(2, A, true);
    });
    // One in the middle.
    broken(Rule::Atomic, |history| {
        at(history, 70).act = produce(0, 1, (A, 1), &[value(70)], 2);
        history.logs[1].batches[2] = data(2, Some((A, 1)), true, &[value(70)]);
    });
}

#[test]
fn the_outcome_is_the_one_that_was_answered() {
    // Committed, and then it was not.
    broken(Rule::Outcome, |history| {
        history.logs[0].batches[1] = marker(2, A, false);
        history.logs[1].batches[1] = marker(1, A, false);
    });
    // Refused, and then it was.
    broken(Rule::Outcome, |history| {
        history.logs[0].batches[4] = marker(5, A1, true);
        history.logs[1].batches[3] = marker(3, A1, true);
    });
    // Aborted, and then it was not.
    broken(Rule::Outcome, |history| {
        at(history, 90).act = end(0, A, false, Outcome::Ok(A));
    });
    // Nobody asked for that.
    broken(Rule::Outcome, |history| {
        history.events.retain(|event| event.actor != "fencer");
    });
}

#[test]
fn nothing_stays_open() {
    broken(Rule::Ended, |history| {
        history.logs[0].batches.pop();
        history.logs[0] = log(history.logs[0].batches.clone());
        history.logs[0].last_stable = 4;
    });
    broken(Rule::Ended, |history| {
        at(history, 440).act = Act::Settled {
            id: 0,
            outcome: Outcome::Ok(false),
        };
    });
}

#[test]
fn readers_see_all_that_is_committed_and_nothing_else() {
    broken(Rule::Clean, |history| {
        seen_at(history, 340).records.push((4, value(5)));
    });
    broken(Rule::Complete, |history| {
        seen_at(history, 340).records.remove(1);
    });
    // Who reads everything, sees everything.
    broken(Rule::Complete, |history| {
        seen_at(history, 51).records.remove(0);
    });
    broken(Rule::Faithful, |history| {
        seen_at(history, 340).records[2].1 = value(77);
    });
    broken(Rule::Faithful, |history| {
        let again = seen_at(history, 340).records[2];
        seen_at(history, 340).records.push(again);
    });
}

#[test]
fn nobody_gets_past_what_is_open() {
    // Before anybody wanted to commit.
    broken(Rule::Stable, |history| {
        *seen_at(history, 50) = seen(2, 2, 0, &[])
    });
    broken(Rule::Stable, |history| seen_at(history, 51).last_stable = 1);
    // Beyond what the server calls stable.
    broken(Rule::Stable, |history| seen_at(history, 160).next = 5);
    broken(Rule::Stable, |history| {
        at(history, 50).act = Act::Latest {
            partition: 0,
            committed: true,
            outcome: Outcome::Ok(1),
        };
    });
}

#[test]
fn nothing_goes_back() {
    broken(Rule::Forward, |history| {
        *seen_at(history, 460) = seen(5, 5, 4, &[(0, value(1)), (1, value(2)), (3, value(4))]);
    });
    // Acknowledged, and below no high watermark.
    broken(Rule::Forward, |history| {
        *seen_at(history, 51) = seen(1, 0, 1, &[(0, value(1))])
    });
    broken(Rule::Forward, |history| {
        at(history, 500).act = Act::Latest {
            partition: 0,
            committed: true,
            outcome: Outcome::Ok(4),
        };
    });
}

#[test]
fn what_is_held_is_held_by_somebody_and_not_for_long() {
    broken(Rule::Prompt, |history| {
        seen_at(history, 160).last_stable = 3
    });
    broken(Rule::Prompt, |history| {
        history.ids[0].timeout = 100;
        let late = read(0, true, 0, seen(5, 4, 0, &[]));
        // 130 ms, the timeout, and ten seconds.
        history.events.insert(11, event(10_300, "reader", late));
    });
}

#[test]
fn offsets_are_those_of_committed_transactions() {
    broken(Rule::Offsets, |history| {
        at(history, 520).act = offset(true, -1)
    });
    broken(Rule::Offsets, |history| {
        at(history, 520).act = offset(true, 5)
    });
    // Before it was committed.
    broken(Rule::Offsets, |history| {
        at(history, 320).act = offset(false, 6)
    });
}

#[test]
fn each_input_is_copied_once() {
    broken(Rule::Copied, |history| {
        history.logs[2].batches.remove(0);
        history.logs[2].batches.insert(
            0,
            data(
                0,
                Some((COPIER, 0)),
                true,
                &[copy(8, 1), copy(9, 1), copy(10, 4)],
            ),
        );
    });
    broken(Rule::Copied, |history| {
        history.logs[2].batches[0] = data(0, Some((COPIER, 0)), true, &[copy(8, 1), copy(9, 2)]);
        history.logs[2].batches[1] = marker(2, COPIER1, true);
        history.logs[2] = log(history.logs[2].batches.clone());
    });
}

#[test]
fn a_restart_changes_nothing() {
    broken(Rule::Durable, |history| {
        history.again[1].batches.pop();
    });
}

#[test]
fn a_server_answers() {
    broken(Rule::Answers, |history| {
        at(history, 420).act = Act::Silence { request: "Fetch" };
    });
}
