//! Rules about readers: all that is for them, nothing else, and never beyond what is stable.

use std::collections::BTreeMap;

use super::{
    Breaches, Rule,
    facts::{Facts, Piece},
};
use crate::{
    history::{Act, Event, Log, Outcome, Part, Seen, Value},
    run::GRACE,
};

pub(super) fn check(facts: &Facts<'_>, breaches: &mut Breaches) {
    for event in &facts.history.events {
        if let Act::Read {
            partition,
            committed,
            from,
            outcome: Outcome::Ok(seen),
        } = &event.act
        {
            records(
                facts,
                event,
                (*partition, *committed, *from),
                seen,
                breaches,
            );
        }
    }
    for (partition, log) in facts.history.logs.iter().enumerate() {
        let marks = marks(facts, partition);
        let pieces = facts
            .pieces
            .iter()
            .filter(|piece| piece.partition == partition);
        let pieces: Vec<&Piece> = pieces.collect();
        for mark in &marks {
            stable(facts, mark, &pieces, breaches);
        }
        forward(facts, partition, &marks, &pieces, breaches);
        within(log, &marks, breaches);
    }
}

fn records(
    facts: &Facts<'_>,
    event: &Event,
    (partition, committed, from): (Part, bool, i64),
    seen: &Seen,
    breaches: &mut Breaches,
) {
    let mut breach = |rule, what: &str| breaches.add(rule, format!("{what}: {event}"));
    let limit = if committed {
        seen.last_stable
    } else {
        seen.high_watermark
    };
    if seen.next > limit {
        breach(Rule::Stable, "beyond the limit");
    }
    if !seen.records.is_sorted_by(|(a, _), (b, _)| a < b) {
        breach(Rule::Faithful, "not in order");
    }
    let found: BTreeMap<i64, Value> = seen.records.iter().copied().collect();
    let range = |offset: i64| offset >= from && offset < seen.next;
    let mut log = BTreeMap::new();
    for datum in facts.data[partition]
        .iter()
        .filter(|datum| range(datum.offset))
    {
        log.insert(datum.offset, datum.value);
        let wanted = !committed || facts.is_committed(datum);
        let is = found.get(&datum.offset) == Some(&datum.value);
        match (wanted, is) {
            (true, false) => breach(Rule::Complete, &format!("{} is missing", datum.offset)),
            (false, true) => breach(Rule::Clean, &format!("{} is not committed", datum.offset)),
            _ => {}
        }
    }
    for (offset, value) in &seen.records {
        if log.get(offset) != Some(value) {
            breach(Rule::Faithful, &format!("{offset} is not {value}"));
        }
    }
}

/// What a client was told about a partition.
struct Mark<'a> {
    event: &'a Event,
    high_watermark: Option<i64>,
    last_stable: Option<i64>,
}

fn marks<'a>(facts: &Facts<'a>, of: Part) -> Vec<Mark<'a>> {
    let marks = facts
        .history
        .events
        .iter()
        .filter_map(|event| match &event.act {
            Act::Read {
                partition,
                outcome: Outcome::Ok(seen),
                ..
            } if *partition == of => Some(Mark {
                event,
                high_watermark: Some(seen.high_watermark),
                last_stable: Some(seen.last_stable),
            }),
            Act::Latest {
                partition,
                committed,
                outcome: Outcome::Ok(offset),
            } if *partition == of => Some(Mark {
                event,
                high_watermark: (!committed).then_some(*offset),
                last_stable: committed.then_some(*offset),
            }),
            _ => None,
        });
    marks.collect()
}

/// The last stable offset has passed only what was decided, and is held by something that may still be open.
fn stable(facts: &Facts<'_>, mark: &Mark<'_>, pieces: &[&Piece], breaches: &mut Breaches) {
    let Some(last_stable) = mark.last_stable else {
        return;
    };
    for piece in pieces.iter().filter(|piece| piece.first < last_stable) {
        let Some((_, commit)) = piece.marker else {
            breaches.add(Rule::Stable, format!("past {piece:?}: {}", mark.event));
            continue;
        };
        let txns = piece.txns.iter().flatten();
        for earliest in txns.filter_map(|&txn| facts.earliest_end(txn, commit)) {
            if mark.event.completed < earliest {
                let text = format!("past {piece:?}, which was open: {}", mark.event);
                breaches.add(Rule::Stable, text);
            }
        }
    }
    if mark.high_watermark.is_none_or(|high| high <= last_stable) {
        return;
    }
    let Some(holder) = pieces.iter().find(|piece| piece.first == last_stable) else {
        breaches.add(Rule::Prompt, format!("held by nobody: {}", mark.event));
        return;
    };
    for &txn in holder.txns.iter().flatten() {
        let sent = facts.sent.iter().filter(|sent| sent.txn == Some(txn));
        let Some(began) = sent.filter_map(|sent| sent.acknowledged()).min() else {
            continue;
        };
        let timeout = facts.history.ids[facts.history.transactions[txn].id].timeout;
        let away = facts.away(began, mark.event.invoked);
        if mark.event.invoked > began + (timeout + GRACE) * 1000 + away {
            breaches.add(Rule::Prompt, format!("held by t{txn}: {}", mark.event));
        }
    }
}

/// What one client was told, another is told who asks later; what was acknowledged is below the high watermark.
fn forward(
    facts: &Facts<'_>,
    partition: Part,
    marks: &[Mark<'_>],
    pieces: &[&Piece],
    breaches: &mut Breaches,
) {
    // When it was known, and what: high watermark, last stable offset.
    let mut known: Vec<(u64, i64, i64)> = Vec::new();
    for mark in marks {
        let stable = mark.last_stable.unwrap_or(0);
        let passed = pieces.iter().filter(|piece| piece.first < stable);
        let ended = passed.filter_map(|piece| Some(piece.marker?.0 + 1)).max();
        let high = mark
            .high_watermark
            .unwrap_or(0)
            .max(stable)
            .max(ended.unwrap_or(0));
        known.push((mark.event.completed, high, stable));
    }
    for sent in facts.sent.iter().filter(|sent| sent.partition == partition) {
        let last = sent
            .values
            .last()
            .and_then(|value| facts.places.get(&value.number));
        if let (Some(at), Some(place)) = (sent.acknowledged(), last)
            && place.partition == partition
        {
            known.push((at, place.offset + 1, 0));
        }
    }
    known.sort_unstable();
    let mut asked: Vec<&Mark<'_>> = marks.iter().collect();
    asked.sort_by_key(|mark| mark.event.invoked);
    let mut known = known.into_iter().peekable();
    let (mut high, mut stable) = (0, 0);
    for mark in asked {
        while let Some((_, more, settled)) = known.next_if(|(at, _, _)| *at < mark.event.invoked) {
            high = high.max(more);
            stable = stable.max(settled);
        }
        let low = |told: Option<i64>, least: i64| told.is_some_and(|told| told < least);
        if low(mark.high_watermark, high) {
            let text = format!("the high watermark was at least {high}: {}", mark.event);
            breaches.add(Rule::Forward, text);
        }
        if low(mark.last_stable, stable) {
            let text = format!(
                "the last stable offset was at least {stable}: {}",
                mark.event
            );
            breaches.add(Rule::Forward, text);
        }
    }
}

fn within(log: &Log, marks: &[Mark<'_>], breaches: &mut Breaches) {
    for mark in marks {
        let told = [mark.high_watermark, mark.last_stable]
            .into_iter()
            .flatten();
        if told.max() > Some(log.high_watermark) {
            let text = format!("the log ends at {}: {}", log.high_watermark, mark.event);
            breaches.add(Rule::Forward, text);
        }
        if let (Some(high), Some(stable)) = (mark.high_watermark, mark.last_stable)
            && stable > high
        {
            let text = format!("stable beyond the high watermark: {}", mark.event);
            breaches.add(Rule::Stable, text);
        }
    }
}
