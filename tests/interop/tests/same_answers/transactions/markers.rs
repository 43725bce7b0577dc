//! WriteTxnMarkers by hand, and the sequences and epochs of producers that partitions know.

use ottla_wire::messages::{WriteTxnMarkersRequest, write_txn_markers_request::WritableTxnMarker};

use super::{
    asks::{batch, marker, markers, produce, settle_markers},
    looks::partition,
    matrix::versions,
    states::{LONG, State, Style, Txn, topics},
};
use crate::both::{Both, Side};

const TOPIC: &str = "marked-by-hand";

pub(super) fn ask(both: &mut Both) {
    topics(both, &[TOPIC, "sequences-by-hand"], 8);
    for version in versions::<WriteTxnMarkersRequest>() {
        for transaction_version in if version < 2 { 0..=0 } else { 0..=3 } {
            write(both, version, transaction_version);
            of_a_transaction(both, version, transaction_version);
        }
    }
    for version in [11, 12] {
        sequences(both, version);
    }
}

fn one(both: &mut Both, what: &str, version: i16, markers_of: &[WritableTxnMarker]) {
    let build = |_: &mut Side, _| markers(markers_of.to_vec());
    both.once_then(what, version, build, settle_markers);
    partition(both, what, TOPIC, 0);
}

/// Of producers that the partition may not know, and in an order that cannot be.
fn write(both: &mut Both, version: i16, transaction_version: i8) {
    let base = 5000 + i64::from(version) * 100 + i64::from(transaction_version) * 10;
    let marker = |producer, committed, coordinator_epoch, topics| WritableTxnMarker {
        transaction_version,
        ..marker(producer, committed, coordinator_epoch, topics)
    };
    let asked = [
        ("none", vec![]),
        ("without topics", vec![marker((base, 0), true, 0, &[])]),
        (
            "without partitions",
            vec![marker((base, 0), true, 0, &[(TOPIC, &[])])],
        ),
        (
            "of nobody",
            vec![marker((-1, -1), true, 0, &[(TOPIC, &[0])])],
        ),
        (
            "without an epoch",
            vec![marker((base, -1), true, 0, &[(TOPIC, &[0])])],
        ),
        (
            "unknown topic",
            vec![marker((base, 0), false, 0, &[("none", &[0])])],
        ),
        (
            "unknown partitions",
            vec![marker((base, 0), false, 0, &[(TOPIC, &[-1, 99])])],
        ),
        (
            "some unknown",
            vec![marker(
                (base, 0),
                false,
                0,
                &[(TOPIC, &[0, 99]), ("none", &[3])],
            )],
        ),
        (
            "unknown producer commits",
            vec![marker((base + 1, 3), true, 4, &[(TOPIC, &[0])])],
        ),
        (
            "again",
            vec![marker((base + 1, 3), true, 4, &[(TOPIC, &[0])])],
        ),
        (
            "an older coordinator",
            vec![marker((base + 1, 3), true, 3, &[(TOPIC, &[0])])],
        ),
        (
            "an older epoch",
            vec![marker((base + 1, 2), true, 4, &[(TOPIC, &[0])])],
        ),
        (
            "a later epoch",
            vec![marker((base + 1, 4), false, 5, &[(TOPIC, &[0])])],
        ),
        (
            "no coordinator epoch",
            vec![marker((base + 1, 5), false, -1, &[(TOPIC, &[0])])],
        ),
        (
            "the last epoch",
            vec![marker((base + 1, i16::MAX), true, 5, &[(TOPIC, &[0])])],
        ),
        (
            "several",
            vec![
                marker((base + 2, 0), true, 0, &[(TOPIC, &[0, 1, 2])]),
                marker((base + 3, 0), false, 0, &[(TOPIC, &[1]), ("none", &[0])]),
            ],
        ),
        (
            "a producer twice",
            vec![
                marker((base + 4, 0), true, 0, &[(TOPIC, &[1])]),
                marker((base + 4, 1), false, 0, &[(TOPIC, &[2])]),
            ],
        ),
        (
            "to internal topics",
            vec![marker(
                (base + 5, 0),
                true,
                0,
                &[("__consumer_offsets", &[0]), ("__transaction_state", &[0])],
            )],
        ),
        (
            "to an internal topic, older",
            vec![marker(
                (base + 5, 0),
                true,
                -1,
                &[("__consumer_offsets", &[0])],
            )],
        ),
    ];
    for (what, asked) in asked {
        let what = format!("version {transaction_version}, {what}");
        one(both, &what, version, &asked);
    }
    for place in 1..3 {
        let what = format!("version {transaction_version}, all");
        partition(both, &what, TOPIC, place);
    }
}

/// The markers of an operator who ends what its coordinator holds open.
fn of_a_transaction(both: &mut Both, version: i16, transaction_version: i8) {
    for style in [Style::Old, Style::New] {
        for epochs in [0, 1, -1] {
            let id = format!("by hand {version} {transaction_version} {style:?} {epochs}");
            let mut txn = Txn::new(&id, style, TOPIC, 0);
            txn.prepare(both, State::Open);
            let build = |side: &mut Side, _| {
                let (producer, epoch) = side.producer(&id);
                let of = marker((producer, epoch + epochs), false, 0, &[(TOPIC, &[0])]);
                markers(vec![WritableTxnMarker {
                    transaction_version,
                    ..of
                }])
            };
            both.once_then(&id, version, build, settle_markers);
            partition(both, &id, TOPIC, 0);
            // The producer does not know.
            for produced in [11, 12] {
                both.once(&format!("{id}, writes on"), produced, |side, _| {
                    let producer = side.producer(&id);
                    txn.produce(side, producer)
                });
            }
            partition(both, &format!("{id}, written on"), TOPIC, 0);
            txn.init(both, LONG);
            partition(both, &format!("{id}, ended"), TOPIC, 0);
        }
    }
}

/// Sequences in and out of order, transactional or not, of producers with and without a past.
fn sequences(both: &mut Both, version: i16) {
    const TOPIC: &str = "sequences-by-hand";
    let place = i32::from(version) % 8;
    let id = format!("sequences {version}");
    let style = if version < 12 { Style::Old } else { Style::New };
    let mut txn = Txn::new(&id, style, TOPIC, place);
    txn.prepare(
        both,
        if version < 12 {
            State::Added
        } else {
            State::New
        },
    );
    // What is added to the epoch, the sequence, whether transactional.
    let asked = [
        ("not from 0", 0, 7, true),
        ("the first", 0, 0, true),
        ("the first again", 0, 0, true),
        ("a gap", 0, 5, true),
        ("the next", 0, 2, true),
        ("backwards", 0, 1, true),
        ("half of it again", 0, 3, true),
        ("not in the transaction", 0, 4, false),
        ("an older epoch", -1, 4, true),
        ("a later epoch", 1, 0, true),
        ("a later epoch, not from 0", 1, 4, true),
        ("a negative sequence", 0, -1, true),
        ("five more", 0, 4, true),
        ("", 0, 6, true),
        ("", 0, 8, true),
        ("", 0, 10, true),
        ("", 0, 12, true),
        ("one of the last five again", 0, 6, true),
        ("one before the last five again", 0, 2, true),
        ("around the end", 0, i32::MAX, true),
    ];
    for (what, epochs, sequence, transactional) in asked {
        let what = format!("{id}, {what} {sequence}");
        both.once(&what, version, |side, _| {
            let (producer, epoch) = side.producer(&id);
            let records = batch((producer, epoch + epochs), sequence, transactional);
            let id = transactional.then_some(&*id);
            produce(side, id, &[(TOPIC, place, records)])
        });
        partition(both, &what, TOPIC, place);
    }
    txn.end(both, true);
    partition(both, &id, TOPIC, place);
    let goes_on = [
        ("goes on", 14, true),
        ("starts again", 0, true),
        ("", 14, false),
    ];
    for (what, sequence, transactional) in goes_on {
        let what = format!("{id}, {what} {sequence} {transactional}");
        both.once(&what, version, |side, _| {
            let records = batch(side.producer(&id), sequence, transactional);
            let id = transactional.then_some(&*id);
            produce(side, id, &[(TOPIC, place, records)])
        });
        partition(both, &what, TOPIC, place);
    }
    txn.init(both, LONG);
    partition(both, &format!("{id}, ended"), TOPIC, place);
}
