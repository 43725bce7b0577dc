//! InitProducerId 6: transactions that a coordinator outside of Kafka decides about.

use ottla_wire::messages::InitProducerIdRequest;

use super::{
    asks::{end, init},
    looks::{describe, partition, settle},
    states::{LONG, State, Style, Txn, topics},
};
use crate::both::{Both, Side};

const TOPIC: &str = "two-phases";

/// Both with the unstable version of InitProducerId, and with or without the switch of two-phase commit.
pub(super) fn ask(both: &mut Both) {
    topics(both, &[TOPIC], 3);
    for (style, index) in [(Style::Old, 0), (Style::New, 1)] {
        for two_phase in [false, true] {
            for keep in [false, true] {
                for state in [State::New, State::Open, State::Committed] {
                    for known in [false, true] {
                        let id = format!("{style:?} {two_phase} {keep} {state:?} {known}");
                        let mut txn = Txn::new(&id, style, TOPIC, index);
                        txn.prepare(both, state);
                        takeover(both, &txn, two_phase, keep, known);
                        txn.init(both, LONG);
                        describe(both, &format!("{id}, finished"), &[&id]);
                        partition(both, &id, TOPIC, index);
                    }
                }
            }
        }
    }
    for (two_phase, timeout) in [(true, -1), (true, 0), (true, 900_001), (false, 900_001)] {
        let id = format!("timeout {two_phase} {timeout}");
        for time in ["once", "twice"] {
            both.once(&format!("{id} {time}"), 6, |_, _| InitProducerIdRequest {
                enable2_pc: two_phase,
                ..init(Some(&id), timeout, (-1, -1))
            });
            describe(both, &format!("{id} {time}"), &[&id]);
        }
    }
    for (two_phase, keep) in [(true, false), (false, true), (true, true)] {
        for id in [None, Some(""), Some("nobody")] {
            let what = format!("{id:?} {two_phase} {keep}");
            both.once(&what, 6, |_, _| InitProducerIdRequest {
                enable2_pc: two_phase,
                keep_prepared_txn: keep,
                ..init(id, LONG, (-1, -1))
            });
        }
    }
}

/// What an application does that was restarted before it said how its transaction ends.
fn takeover(both: &mut Both, txn: &Txn, two_phase: bool, keep: bool, known: bool) {
    let id = &*txn.id;
    for time in ["once", "twice", "three times"] {
        let what = format!("{id} {time}");
        let build = |side: &mut Side, _| {
            let producer = if known { side.producer(id) } else { (-1, -1) };
            InitProducerIdRequest {
                enable2_pc: two_phase,
                keep_prepared_txn: keep,
                ..init(Some(id), LONG, producer)
            }
        };
        both.once_seen(&what, 6, build, |side, answer| {
            if answer.error_code == 0 {
                side.name(id, (answer.producer_id, answer.producer_epoch));
            }
        });
        settle(both, id);
        describe(both, &what, &[id]);
    }
    // The new producer may end what it kept, and nothing else.
    both.once(&format!("{id}, writes"), 12, |side, _| {
        let producer = side.producer(id);
        txn.produce(side, producer)
    });
    for version in [4, 5] {
        both.once(&format!("{id}, commits"), version, |side, _| {
            end(id, side.producer(id), true)
        });
        settle(both, id);
        describe(both, &format!("{id}, committed by {version}"), &[id]);
    }
}
