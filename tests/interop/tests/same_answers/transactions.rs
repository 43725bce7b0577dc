//! Requests about transactions: of every state, by everybody, in every version, at each level of `transaction.version`.

mod asks;
mod beside;
mod epochs;
mod ledger;
mod loading;
mod looks;
mod markers;
mod matrix;
mod narrow;
mod requests;
mod states;
mod two_phase;
mod whole;

use ottla_interop::oracle::wait_until;
use ottla_wire::messages::FindCoordinatorRequest;
use states::{READ, STATES, State, Style, Txn};

use crate::both::{Both, READY_LIMIT, Side};

/// So that nothing happens by itself but what a test waits for.
pub(crate) const SETTINGS: &[&str] = &[
    "transaction.state.log.num.partitions=5",
    "offsets.topic.num.partitions=5",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms=300",
    "auto.leader.rebalance.enable=false",
    // The records of the tests are older than a week, and their markers are not.
    "log.retention.ms=-1",
    "log.roll.hours=1000000",
];
const PARTITIONS: i32 = 5;

/// A topic that transactions write to.
pub(crate) const TOPIC: &str = READ;

pub(crate) use asks::add_offsets;
pub(crate) use loading::compare as compare_while_loading;

/// A transaction with a partition whose leader never hears of its end, so that it is always being ended.
pub(crate) fn ending(both: &mut Both, id: &str, unheard: &str) {
    both.once_seen(
        "begun",
        4,
        |_, _| asks::init(Some(id), states::LONG, (-1, -1)),
        |side, answer| side.name(id, (answer.producer_id, answer.producer_epoch)),
    );
    let producer = |side: &Side| side.producer(id);
    both.once_then(
        "a partition whose leader does not hear",
        3,
        |side, version| asks::add(version, id, producer(side), &[(unheard, &[0])]),
        asks::settle_added,
    );
    both.once("ended", 3, |side, _| asks::end(id, producer(side), true));
    let what = "while it is ended";
    for committed in [true, false] {
        both.each(&format!("{what}, {committed}"), |side, _| {
            asks::end(id, producer(side), committed)
        });
    }
    both.each_then(
        what,
        |side, version| asks::add(version, id, producer(side), &[(TOPIC, &[0])]),
        asks::settle_added,
    );
    both.each(what, |side, _| add_offsets(id, producer(side), id));
    both.each_then(
        what,
        |side, _| asks::commit_offsets(side, id, producer(side), id, &[(TOPIC, &[0])]),
        asks::settle_committed,
    );
    both.each_then(
        what,
        |side, _| {
            let records = asks::batch(producer(side), 0, true);
            asks::produce(side, Some(id), &[(TOPIC, 0, records)])
        },
        asks::settle_produced,
    );
    looks::describe(both, what, &[id]);
    for version in 0..=5 {
        both.once(what, version, |_, _| {
            asks::init(Some(id), states::LONG, (-1, -1))
        });
    }
}

/// A transaction that has offsets of a group, in a topic of its name.
pub(crate) fn with_offsets(both: &mut Both, id: &str) -> [Txn; 2] {
    states::topics(both, &[READ], 2);
    [Style::Old, Style::New].map(|style| {
        let mut txn = Txn::new(&format!("{id}, {style:?}"), style, READ, 0);
        txn.prepare(both, State::Offsets);
        txn
    })
}

/// Commits offsets in such transactions once more.
pub(crate) fn commit_offsets_of(both: &mut Both, txns: &[Txn]) {
    for txn in txns {
        let first = if txn.style == Style::Old { 0 } else { 5 };
        for version in first..first + 2 {
            let build = |side: &mut Side, _: i16| {
                let producer = side.producer(&txn.id);
                asks::commit_offsets(side, &txn.id, producer, &txn.group(), &[(READ, &[0])])
            };
            both.once_then(&txn.id, version, build, asks::settle_committed);
        }
    }
}

/// All that can be asked of transactions in their usual states.
pub(crate) fn ask(both: &mut Both) {
    states::topics(both, &[READ], 2);
    requests::strangers(both, "before there is a coordinator");
    coordinators(both);
    requests::strangers(both, "of what there is not");
    matrix::ask(both, "two", 2, &[Style::Old, Style::New], &STATES);
    ledger::compare(both, PARTITIONS);
}

/// What does not fit into the order of things, and whole transactions.
pub(crate) fn ask_oddly(both: &mut Both) {
    states::topics(both, &[READ], 2);
    coordinators(both);
    requests::ask(both);
    markers::ask(both);
    beside::ask(both);
    whole::ask(both, "two", 2, &[Style::Old, Style::New]);
    epochs::ask(both);
    narrow::ask(both);
    ledger::compare(both, PARTITIONS);
}

/// At the levels of `transaction.version` before, with clients of both kinds.
pub(crate) fn ask_at_other_levels(both: &mut Both) {
    states::topics(both, &[READ], 2);
    coordinators(both);
    let states = [State::New, State::Open, State::Aborted, State::Succeeded];
    for (level, name) in [(1, "one"), (0, "none"), (2, "again")] {
        // Transactions that were begun at the level before are ended at this one.
        let styles = if level == 1 {
            &[Style::Old, Style::New][..]
        } else {
            &[Style::Old]
        };
        let mut begun = Vec::new();
        for &style in styles {
            let id = format!("from-before-{name}-{style:?}");
            states::topics(both, &[&id], 1);
            let mut txn = Txn::new(&id, style, &id, 0);
            txn.prepare(both, State::Open);
            begun.push(txn);
        }
        states::transaction_version(both, level);
        for txn in &mut begun {
            looks::describe(both, &txn.id, &[&txn.id]);
            txn.end(both, true);
            looks::describe(both, &format!("{}, ended", txn.id), &[&txn.id]);
            txn.init(both, states::LONG);
            looks::partition(both, &txn.id, &txn.topic, 0);
        }
        matrix::ask(both, name, level, &[Style::Old], &states);
        whole::ask(both, name, level, &[Style::Old]);
    }
    ledger::compare(both, PARTITIONS);
}

/// With the version of InitProducerId that may still change.
pub(crate) fn ask_in_two_phases(both: &mut Both) {
    states::topics(both, &[READ], 2);
    coordinators(both);
    two_phase::ask(both);
    ledger::compare(both, PARTITIONS);
}

/// Until both coordinate every partition of their topics.
pub(crate) fn coordinators(both: &mut Both) {
    for side in both.sides() {
        let find = |key_type| FindCoordinatorRequest {
            key_type,
            coordinator_keys: vec!["a".to_owned()],
            ..FindCoordinatorRequest::default()
        };
        let ready = wait_until(READY_LIMIT, || {
            let mut found = [0, 1].iter().map(|key_type| {
                let found = side.connection.ask(4, &find(*key_type));
                found.is_ok_and(|found| found.coordinators[0].error_code == 0)
            });
            found.all(|found| found)
        });
        let loaded = ready
            && (0..100).all(|number| {
                wait_until(READY_LIMIT, || {
                    let ask = add_offsets(&format!("nobody {number}"), (5, 0), "g");
                    let answer = side.connection.ask(3, &ask);
                    // Of a coordinator that has read its log: the producer does not fit the transactional id.
                    answer.is_ok_and(|answer| answer.error_code == 49)
                })
            });
        // The first producer ids come a moment later.
        let numbered = loaded
            && wait_until(READY_LIMIT, || {
                let answer = side.connection.ask(4, &asks::init(None, 0, (-1, -1)));
                answer.is_ok_and(|answer| answer.error_code == 0)
            });
        assert!(
            numbered,
            "{:?} coordinates no transactions",
            side.connection
        );
    }
}
