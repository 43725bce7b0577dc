//! Producer epochs that run out.

use std::thread;

use ottla_wire::messages::InitProducerIdResponse;

use super::{
    asks::{add, end, init, settle_added},
    looks::{describe, partition, settle},
    states::{LONG, Style, Txn, topics},
};
use crate::both::{Both, Side};

const TOPIC: &str = "last-epochs";
/// Epochs that are left when the comparison begins.
const LEFT: i16 = 6;

pub(super) fn ask(both: &mut Both) {
    topics(both, &[TOPIC], 4);
    for (style, known) in [(Style::Old, false), (Style::New, true)] {
        let index = i32::from(known);
        let id = format!("last epochs {style:?}");
        run_down(both, &id);
        takeovers(both, &id, style, known, index);
        ends(both, &id, style, index + 2);
    }
}

/// The last takeovers with an id, by producers that say who they are or not, with transactions in between.
fn takeovers(both: &mut Both, id: &str, style: Style, known: bool, index: i32) {
    let mut txn = Txn::new(id, style, TOPIC, index);
    for number in 0..12 {
        let what = format!("{id}, {number}");
        let build = |side: &mut Side, _| {
            let producer = if known { side.producer(id) } else { (-1, -1) };
            init(Some(id), LONG, producer)
        };
        both.once_seen(&what, 5, build, |side, answer| take(side, id, answer));
        settle(both, id);
        describe(both, &what, &[id]);
        txn.sequence = 0;
        if number % 3 == 0 {
            txn.write(both);
            describe(both, &format!("{what}, open"), &[id]);
        }
        if number % 6 == 0 {
            txn.end(both, true);
            describe(both, &format!("{what}, ended"), &[id]);
        }
    }
    partition(both, id, TOPIC, index);
}

fn take(side: &mut Side, id: &str, answer: &InitProducerIdResponse) {
    if answer.error_code == 0 {
        side.name(id, (answer.producer_id, answer.producer_epoch));
    }
}

/// Takes the id over until few epochs are left: on both sides at once.
fn run_down(both: &mut Both, id: &str) {
    let request = init(Some(id), LONG, (-1, -1));
    thread::scope(|scope| {
        for side in both.sides() {
            let request = &request;
            scope.spawn(move || {
                loop {
                    let answer = side.connection.ask(4, request).expect("an answer");
                    assert_eq!(answer.error_code, 0, "{answer:?}");
                    take(side, id, &answer);
                    if answer.producer_epoch >= i16::MAX - LEFT {
                        return;
                    }
                }
            });
        }
    });
}

/// Transactions up to the last epoch: each raises it, or none does.
fn ends(both: &mut Both, id: &str, style: Style, index: i32) {
    let ended = format!("{id}, by ending");
    run_down(both, &ended);
    let mut txn = Txn::new(&ended, style, TOPIC, index);
    for number in 0..10 {
        txn.sequence = 0;
        if style == Style::Old {
            txn.sequence = 2 * number;
            let mine = [(TOPIC, &[txn.partition][..])];
            both.once_then(
                &format!("{ended} {number}, add"),
                3,
                |side, _| add(3, &ended, side.producer(&ended), &mine),
                settle_added,
            );
        }
        both.once(&format!("{ended} {number}, write"), 12, |side, _| {
            let producer = side.producer(&ended);
            txn.produce(side, producer)
        });
        let version = if style == Style::Old { 4 } else { 5 };
        let what = format!("{ended} {number}");
        both.once_seen(
            &what,
            version,
            |side, _| end(&ended, side.producer(&ended), number % 2 == 0),
            |side, answer| {
                if answer.error_code == 0 && answer.producer_id >= 0 {
                    side.name(&ended, (answer.producer_id, answer.producer_epoch));
                }
            },
        );
        settle(both, &ended);
        describe(both, &what, &[&ended]);
        partition(both, &what, TOPIC, txn.partition);
    }
    txn.init(both, LONG);
    describe(both, &format!("{ended}, taken over"), &[&ended]);
}
