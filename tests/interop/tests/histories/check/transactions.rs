//! Rules about transactions: one outcome everywhere, the one that was answered, and an end.

use std::collections::BTreeMap;

use super::{Breaches, Rule, facts::Facts};
use crate::history::{Act, Outcome};

pub(super) fn check(facts: &Facts<'_>, breaches: &mut Breaches) {
    for piece in &facts.pieces {
        if piece.txns.len() > 1 {
            breaches.add(Rule::Atomic, format!("several transactions in {piece:?}"));
        }
        if piece.marker.is_none() {
            breaches.add(Rule::Ended, format!("without an end: {piece:?}"));
        }
    }
    for txn in 0..facts.meant.len() {
        one_outcome(facts, txn, breaches);
        right_outcome(facts, txn, breaches);
    }
    let mut settled = BTreeMap::new();
    for event in &facts.history.events {
        if let Act::Settled {
            id,
            outcome: Outcome::Ok(is),
        } = &event.act
        {
            settled.insert(id, (is, event));
        }
    }
    for (is, event) in settled.values() {
        if !**is {
            breaches.add(Rule::Ended, format!("still not: {event}"));
        }
    }
}

fn one_outcome(facts: &Facts<'_>, txn: usize, breaches: &mut Breaches) {
    let pieces = &facts.meant[txn].pieces;
    let outcomes: Vec<_> = pieces
        .iter()
        .filter_map(|&piece| facts.pieces[piece].marker)
        .map(|(_, commit)| commit)
        .collect();
    if outcomes.contains(&true) && outcomes.contains(&false) {
        let text = format!("t{txn} is committed and aborted");
        breaches.add(Rule::Atomic, text);
    }
    let mut partitions: Vec<_> = pieces
        .iter()
        .map(|&piece| facts.pieces[piece].partition)
        .collect();
    partitions.sort_unstable();
    if partitions.windows(2).any(|two| two[0] == two[1]) {
        let text = format!("t{txn} is in several pieces of a partition");
        breaches.add(Rule::Atomic, text);
    }
}

fn right_outcome(facts: &Facts<'_>, txn: usize, breaches: &mut Breaches) {
    let meant = &facts.meant[txn];
    let Some(committed) = facts.outcome(txn) else {
        return;
    };
    let answered = |commit: bool| meant.acknowledged(commit);
    let mut wrong = |what: &str| breaches.add(Rule::Outcome, format!("t{txn} is {what}"));
    if committed {
        let possible = meant
            .ends_of(true)
            .any(|(_, outcome)| outcome.may_be_done());
        if !possible {
            wrong("committed, and nobody managed to ask for it");
        }
        if answered(false) {
            wrong("committed, and the answer was that it was aborted");
        }
    } else {
        if answered(true) {
            wrong("aborted, and the answer was that it was committed");
        }
        let over = facts
            .history
            .events
            .iter()
            .map(|event| event.completed)
            .max();
        let earliest = facts.earliest_end(txn, false);
        if earliest.is_none_or(|earliest| Some(earliest) > over) {
            wrong("aborted, and nobody asked for it");
        }
    }
}
