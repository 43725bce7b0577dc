//! Rules about what was written: kept if acknowledged, absent if refused, in the order of the answers.

use super::{Breaches, Rule, facts::Facts};

pub(super) fn check(facts: &Facts<'_>, breaches: &mut Breaches) {
    for sent in &facts.sent {
        let Some(first) = sent.values.first() else {
            continue;
        };
        let place = facts.places.get(&first.number);
        let text = |what: &str| {
            let attempts = sent.attempts.iter().map(|(event, _)| event.to_string());
            format!(
                "{what}, found {place:?}: {}",
                attempts.collect::<Vec<_>>().join("; ")
            )
        };
        for (_, outcome) in &sent.attempts {
            match (outcome.ok(), place) {
                (None, _) | (Some(-1), Some(_)) => {}
                (Some(offset), Some(place)) if place.offset == *offset => {}
                _ => breaches.add(Rule::Kept, text("acknowledged")),
            }
        }
        let possible = sent
            .attempts
            .iter()
            .any(|(_, outcome)| outcome.may_be_done());
        if !possible && place.is_some() {
            breaches.add(Rule::Refused, text("refused"));
        }
    }
    order(facts, breaches);
}

/// What was acknowledged before another was sent is before it.
fn order(facts: &Facts<'_>, breaches: &mut Breaches) {
    for partition in 0..facts.data.len() {
        let there = facts.sent.iter().filter_map(|sent| {
            let place = facts.places.get(&sent.values.first()?.number)?;
            (place.partition == partition).then_some((place.offset, sent))
        });
        let mut there: Vec<_> = there.collect();
        there.sort_by_key(|(offset, _)| *offset);
        // From the end: when the first of all that come later was acknowledged.
        let mut later: Option<(u64, i64)> = None;
        for (offset, sent) in there.iter().rev() {
            if let Some((acknowledged, other)) = later
                && acknowledged < sent.invoked()
            {
                let text = format!(
                    "partition {partition}: {other} was acknowledged before {offset} was sent"
                );
                breaches.add(Rule::Order, text);
            }
            let own = sent.acknowledged().map(|at| (at, *offset));
            later = [own, later].into_iter().flatten().min();
        }
    }
}
