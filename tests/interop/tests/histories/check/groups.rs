//! Rules about groups that copy: their offsets are those of committed transactions, and each input record is copied once.

use std::collections::BTreeSet;

use super::{
    Breaches, Rule,
    facts::{Datum, Facts},
};
use crate::history::{Act, Event, Outcome, Txn};

pub(super) fn check(facts: &Facts<'_>, breaches: &mut Breaches) {
    for group in 0..facts.history.groups.len() {
        let commits = commits(facts, group);
        offsets(facts, group, &commits, breaches);
        let end = commits.last().map_or(0, |commit| commit.to);
        copies(facts, group, end, breaches);
    }
}

/// A committed transaction with an offset.
struct Commit {
    to: i64,
    /// Where its marker is in the group's output.
    marker: i64,
    /// When it was first asked to be committed, and when that was first acknowledged.
    asked: u64,
    acknowledged: Option<u64>,
}

/// In the order of their markers.
fn commits(facts: &Facts<'_>, group: usize) -> Vec<Commit> {
    let committed = |txn: Txn| -> Option<Commit> {
        let meant = &facts.meant[txn];
        let mut of_group = meant
            .offsets
            .iter()
            .filter(|(of, _, outcome)| *of == group && outcome.may_be_done());
        let (_, to, _) = of_group.next_back()?;
        let piece = meant.pieces.first()?;
        let (marker, true) = facts.pieces[*piece].marker? else {
            return None;
        };
        let ok = meant
            .ends_of(true)
            .filter(|(_, outcome)| outcome.ok().is_some());
        Some(Commit {
            to: *to,
            marker,
            asked: facts.earliest_end(txn, true)?,
            acknowledged: ok.map(|(event, _)| event.completed).min(),
        })
    };
    let mut commits: Vec<Commit> = (0..facts.meant.len()).filter_map(committed).collect();
    commits.sort_by_key(|commit| commit.marker);
    commits
}

fn offsets(facts: &Facts<'_>, group: usize, commits: &[Commit], breaches: &mut Breaches) {
    let mut known: Vec<(u64, i64)> = Vec::new();
    let mut asked: Vec<(&Event, bool, i64)> = Vec::new();
    for event in &facts.history.events {
        if let Act::Offset {
            group: of,
            stable,
            outcome: Outcome::Ok(offset),
        } = &event.act
            && *of == group
        {
            asked.push((event, *stable, *offset));
            if *stable {
                known.push((event.completed, *offset));
            }
        }
    }
    let acknowledged = commits
        .iter()
        .filter_map(|commit| Some((commit.acknowledged?, commit.to)));
    known.extend(acknowledged);
    for (event, stable, offset) in &asked {
        let mut breach = |what: &str| breaches.add(Rule::Offsets, format!("{what}: {event}"));
        let same = commits.iter().filter(|commit| commit.to == *offset);
        let possible = *offset == -1 || same.clone().any(|commit| commit.asked <= event.completed);
        if !possible {
            breach("no committed transaction says so");
        }
        let before = known.iter().filter(|(at, _)| *at < event.invoked);
        let least = before.map(|(_, offset)| *offset).max().unwrap_or(-1);
        if *stable && *offset < least {
            breach(&format!("it was {least} before"));
        }
    }
    let last = asked
        .iter()
        .rev()
        .find(|(event, _, _)| event.actor == "last");
    let end = commits.last().map_or(-1, |commit| commit.to);
    if let Some((event, _, offset)) = last
        && *offset != end
    {
        breaches.add(Rule::Offsets, format!("in the end {end}: {event}"));
    }
}

fn copies(facts: &Facts<'_>, group: usize, end: i64, breaches: &mut Breaches) {
    let of = &facts.history.groups[group];
    let committed = |datum: &&Datum| facts.is_committed(datum);
    let inputs = facts.data[of.from].iter().filter(committed);
    let wanted: Vec<u32> = inputs
        .filter(|datum| datum.offset < end)
        .map(|datum| datum.value.number)
        .collect();
    let outputs = facts.data[of.to].iter().filter(committed);
    let found: Vec<u32> = outputs.map(|datum| datum.value.copy_of).collect();
    if wanted == found {
        return;
    }
    let all: BTreeSet<u32> = found.iter().copied().collect();
    let missing: Vec<_> = wanted.iter().filter(|one| !all.contains(one)).collect();
    let text = format!(
        "group {group}: {} records copied of {}, {} of them more than once; missing {missing:?}: {found:?}",
        found.len(),
        wanted.len(),
        found.len() - all.len()
    );
    breaches.add(Rule::Copied, text);
}
