//! Producer epochs that run out.

use std::thread;

use ottla_interop::raw::Connection;
use ottla_wire::messages::InitProducerIdResponse;

use super::{
    asks::{add, end, init, settle_added},
    looks::{describe, partition, settle},
    states::{LONG, Style, Txn, topics},
};
use crate::both::{Both, Producer, Side};

const TOPIC: &str = "last-epochs";
/// Epochs that are left when the comparison begins.
const LEFT: i16 = 6;
/// Requests that are sent without waiting for answers.
const AT_ONCE: usize = 500;

pub(super) fn ask(both: &mut Both) {
    topics(both, &[TOPIC], 4);
    let [old, taken, ended] = ["old", "taken over", "ended"].map(|of| format!("last epochs {of}"));
    run_down(both, &[&old, &taken, &ended]);
    // These ends leave the epochs as they are.
    ends(both, &old, Style::Old, 0);
    takeovers(both, &old, Style::Old, false, 1);
    takeovers(both, &taken, Style::New, true, 2);
    ends(both, &ended, Style::New, 3);
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

/// Takes the ids over until few epochs are left: all at once, on both sides.
fn run_down(both: &mut Both, ids: &[&str]) {
    thread::scope(|scope| {
        for side in both.sides() {
            scope.spawn(move || {
                let connection = &side.connection;
                let producers: Vec<Producer> = thread::scope(|scope| {
                    let each = ids.iter().map(|id| {
                        let mut own = connection.another();
                        scope.spawn(move || last_epochs(&mut own, id))
                    });
                    let each: Vec<_> = each.collect();
                    let each = each.into_iter().map(|of| of.join().expect("its epochs"));
                    each.collect()
                });
                for (id, producer) in ids.iter().zip(producers) {
                    side.name(id, producer);
                }
            });
        }
    });
}

fn last_epochs(connection: &mut Connection, id: &str) -> Producer {
    let request = init(Some(id), LONG, (-1, -1));
    let mut producer = (-1, -1);
    while producer.1 < i16::MAX - LEFT {
        let left = usize::try_from(i16::MAX - LEFT - producer.1).expect("some");
        let answers = connection.ask_times(left.min(AT_ONCE), 4, &request);
        for answer in answers.expect("answers") {
            assert_eq!(answer.error_code, 0, "{answer:?}");
            assert_eq!(answer.producer_epoch, producer.1 + 1);
            producer = (answer.producer_id, answer.producer_epoch);
        }
    }
    producer
}

/// Transactions up to the last epoch: each raises it, or none does.
fn ends(both: &mut Both, ended: &str, style: Style, index: i32) {
    let mut txn = Txn::new(ended, style, TOPIC, index);
    for number in 0..10 {
        txn.sequence = 0;
        if style == Style::Old {
            txn.sequence = 2 * number;
            let mine = [(TOPIC, &[txn.partition][..])];
            both.once_then(
                &format!("{ended} {number}, add"),
                3,
                |side, _| add(3, ended, side.producer(ended), &mine),
                settle_added,
            );
        }
        both.once(&format!("{ended} {number}, write"), 12, |side, _| {
            let producer = side.producer(ended);
            txn.produce(side, producer)
        });
        let version = if style == Style::Old { 4 } else { 5 };
        let what = format!("{ended} {number}");
        both.once_seen(
            &what,
            version,
            |side, _| end(ended, side.producer(ended), number % 2 == 0),
            |side, answer| {
                if answer.error_code == 0 && answer.producer_id >= 0 {
                    side.name(ended, (answer.producer_id, answer.producer_epoch));
                }
            },
        );
        settle(both, ended);
        describe(both, &what, &[ended]);
        partition(both, &what, TOPIC, txn.partition);
    }
    txn.init(both, LONG);
    describe(both, &format!("{ended}, taken over"), &[ended]);
}
