//! Rules about epochs: each is given once, and whoever has an older one gets nothing in.

use std::collections::BTreeMap;

use super::{Breaches, Rule, facts::Facts};
use crate::history::{Act, Event, Outcome, Producer};

pub(super) fn check(facts: &Facts<'_>, breaches: &mut Breaches) {
    given_once(facts, breaches);
    let fences = fences(facts);
    for event in &facts.history.events {
        let (producer, done) = match &event.act {
            Act::Add {
                producer, outcome, ..
            } => (*producer, outcome.ok().is_some()),
            Act::CommitOffset {
                producer, outcome, ..
            } => (*producer, outcome.ok().is_some()),
            Act::End {
                producer, outcome, ..
            } => (*producer, outcome.ok().is_some()),
            _ => continue,
        };
        let is_end = matches!(event.act, Act::End { .. });
        let fence = fence_before(&fences, producer, event.invoked, is_end);
        if let Some(fence) = fence
            && done
        {
            let text = format!("after {} / {event}", fence.event);
            breaches.add(Rule::Fenced, text);
        }
    }
    for sent in &facts.sent {
        let Some((producer, _)) = sent.producer else {
            continue;
        };
        let Some(fence) = fence_before(&fences, producer, sent.invoked(), false) else {
            continue;
        };
        let there = facts.places.contains_key(&sent.values[0].number);
        if there || sent.acknowledged().is_some() {
            let text = format!("after {} / {}", fence.event, sent.attempts[0].0);
            breaches.add(Rule::Fenced, text);
        }
    }
}

/// From then on, only this epoch or a later one.
struct Fence<'a> {
    at: u64,
    epoch: i16,
    event: &'a Event,
    /// A takeover. What EndTxn gives is no fence for the same EndTxn again.
    taken: bool,
}

fn fences<'a>(facts: &Facts<'a>) -> BTreeMap<i64, Vec<Fence<'a>>> {
    let mut fences: BTreeMap<i64, Vec<Fence<'_>>> = BTreeMap::new();
    for event in &facts.history.events {
        let (given, taken) = match &event.act {
            Act::Init {
                outcome: Outcome::Ok(given),
                ..
            } => (given, true),
            Act::End {
                outcome: Outcome::Ok(given),
                ..
            } => (given, false),
            _ => continue,
        };
        fences.entry(given.id).or_default().push(Fence {
            at: event.completed,
            epoch: given.epoch,
            event,
            taken,
        });
    }
    fences
}

fn fence_before<'a, 'b>(
    fences: &'b BTreeMap<i64, Vec<Fence<'a>>>,
    producer: Producer,
    invoked: u64,
    is_end: bool,
) -> Option<&'b Fence<'a>> {
    fences.get(&producer.id)?.iter().find(|fence| {
        fence.at < invoked && fence.epoch > producer.epoch && (fence.taken || !is_end)
    })
}

fn given_once(facts: &Facts<'_>, breaches: &mut Breaches) {
    let mut given: BTreeMap<usize, Vec<(&Event, Producer)>> = BTreeMap::new();
    for event in &facts.history.events {
        if let Act::Init {
            id,
            outcome: Outcome::Ok(producer),
            ..
        } = &event.act
        {
            given.entry(*id).or_default().push((event, *producer));
        }
    }
    let mut owners = BTreeMap::new();
    for (id, mut all) in given {
        for (event, producer) in &all {
            if owners.insert(*producer, id).is_some() {
                breaches.add(Rule::Fenced, format!("given twice: {event}"));
            }
        }
        all.sort_by_key(|(event, _)| event.completed);
        for (number, (before, older)) in all.iter().enumerate() {
            for (after, newer) in &all[number + 1..] {
                let back = newer.id != older.id || newer.epoch < older.epoch;
                if before.completed < after.invoked && back {
                    breaches.add(Rule::Fenced, format!("back: {before} / {after}"));
                }
            }
        }
    }
}
