//! Good histories, damaged: a checker that does not notice is worth nothing.

use std::collections::BTreeMap;

use crate::{
    check::check,
    history::{Act, History, Log, Outcome, Seen, Value, What},
    random::Chance,
};

/// How many damages are tried on a round's histories.
const DAMAGES: usize = 200;
/// Of those, how many percent must be found.
const MOST: usize = 95;

/// Changes a history, if there is something to change.
type Damage = fn(&mut History, &mut Chance) -> bool;

/// What can be done to a history. Each either changes it such that something promised is broken, or does nothing.
const KINDS: [(&str, Damage); 16] = [
    ("a committed reader misses a record", |history, chance| {
        with_read(history, chance, true, |seen, chance| {
            seen.records.remove(chance.below(seen.records.len()));
        })
    }),
    (
        "an uncommitted reader misses a record",
        |history, chance| {
            with_read(history, chance, false, |seen, chance| {
                seen.records.remove(chance.below(seen.records.len()));
            })
        },
    ),
    ("a reader sees a record twice", |history, chance| {
        with_read(history, chance, true, |seen, chance| {
            let at = chance.below(seen.records.len());
            seen.records.insert(at, seen.records[at]);
        })
    }),
    ("a reader sees another record", |history, chance| {
        with_read(history, chance, true, |seen, chance| {
            let at = chance.below(seen.records.len());
            seen.records[at].1.number += 1;
        })
    }),
    ("a reader sees what was aborted", see_aborted),
    (
        "a reader gets past an open transaction",
        |history, chance| {
            let held = |event: &Act| match event {
                Act::Read {
                    outcome: Outcome::Ok(seen),
                    ..
                } => seen.last_stable < seen.high_watermark,
                _ => false,
            };
            with_act(history, chance, held, |act| {
                if let Act::Read {
                    outcome: Outcome::Ok(seen),
                    ..
                } = act
                {
                    seen.last_stable += 1;
                }
            })
        },
    ),
    ("a marker says the opposite", |history, chance| {
        with_batch(history, chance, is_marker, |log, at| {
            if let What::Marker(commit) = &mut log.batches[at].what {
                *commit = !*commit;
            }
        })
    }),
    ("a marker is missing", |history, chance| {
        with_batch(history, chance, is_marker, |log, at| {
            log.batches.remove(at);
            renumber(log);
        })
    }),
    ("a batch is missing", |history, chance| {
        with_batch(history, chance, is_data, |log, at| {
            log.batches.remove(at);
            renumber(log);
        })
    }),
    ("a batch is twice", |history, chance| {
        with_batch(history, chance, is_data, |log, at| {
            log.batches.push(log.batches[at].clone());
            renumber(log);
        })
    }),
    ("two batches have changed places", |history, chance| {
        with_batch(
            history,
            chance,
            |log, at| at > 0 && is_data(log, at),
            |log, at| {
                log.batches.swap(at - 1, at);
                renumber(log);
            },
        )
    }),
    ("a refused batch is there", refused_is_there),
    (
        "a commit was acknowledged as an abort",
        |history, chance| with_end(history, chance, |commit, _| *commit = !*commit),
    ),
    ("a commit was refused", |history, chance| {
        with_end(history, chance, |_, refused| *refused = true)
    }),
    ("a batch was acknowledged elsewhere", |history, chance| {
        let done = |act: &Act| {
            matches!(
                act,
                Act::Produce {
                    outcome: Outcome::Ok(0..),
                    ..
                }
            )
        };
        with_act(history, chance, done, |act| {
            if let Act::Produce {
                outcome: Outcome::Ok(offset),
                ..
            } = act
            {
                *offset += 1;
            }
        })
    }),
    ("a group's offset is another", |history, chance| {
        let known = |act: &Act| matches!(act, Act::Offset { stable: true, outcome: Outcome::Ok(offset), .. } if *offset > 0);
        with_act(history, chance, known, |act| {
            if let Act::Offset {
                outcome: Outcome::Ok(offset),
                ..
            } = act
            {
                *offset -= 1;
            }
        })
    }),
];

/// What was tried on good histories, by kind: how often, and how often it was found.
#[derive(Debug, Default)]
pub(crate) struct Damages {
    histories: usize,
    counts: BTreeMap<&'static str, (usize, usize)>,
}

impl Damages {
    /// Damages good histories in random ways.
    pub(crate) fn try_on(&mut self, histories: &[History]) {
        self.histories += histories.len();
        let mut chance = Chance::new(histories.first().map_or(0, |history| history.seed));
        for number in 0..DAMAGES {
            let (name, damage) = KINDS[number % KINDS.len()];
            let mut history = histories[chance.below(histories.len())].clone();
            if damage(&mut history, &mut chance) {
                history.again = history.logs.clone();
                let (done, found) = self.counts.entry(name).or_default();
                *done += 1;
                *found += usize::from(!check(&history).is_empty());
            }
        }
    }

    pub(crate) fn add(&mut self, others: &Self) {
        self.histories += others.histories;
        for (name, (done, found)) in &others.counts {
            let counts = self.counts.entry(name).or_default();
            counts.0 += done;
            counts.1 += found;
        }
    }

    /// Nearly all of it must be found.
    ///
    /// # Panics
    /// With what was not.
    pub(crate) fn most_were_found(&self) {
        let done: usize = self.counts.values().map(|(done, _)| done).sum();
        let found: usize = self.counts.values().map(|(_, found)| found).sum();
        eprintln!("found {found} of {done} damages");
        assert!(
            found * 100 >= done * MOST,
            "found {found} of {done}: {:?}",
            self.counts
        );
        for (name, (done, found)) in &self.counts {
            assert!(found * 2 >= *done, "{name}: found {found} of {done}");
        }
        let all = self.counts.len() == KINDS.len();
        assert!(all || self.histories < 50, "not tried: {:?}", self.counts);
    }
}

fn with_act(
    history: &mut History,
    chance: &mut Chance,
    which: impl Fn(&Act) -> bool,
    change: impl FnOnce(&mut Act),
) -> bool {
    let events = history.events.iter_mut().filter(|event| which(&event.act));
    let mut events: Vec<_> = events.collect();
    if events.is_empty() {
        return false;
    }
    let at = chance.below(events.len());
    change(&mut events[at].act);
    true
}

fn with_read(
    history: &mut History,
    chance: &mut Chance,
    of: bool,
    change: impl FnOnce(&mut Seen, &mut Chance),
) -> bool {
    let some = |act: &Act| match act {
        Act::Read {
            committed,
            outcome: Outcome::Ok(seen),
            ..
        } => *committed == of && !seen.records.is_empty(),
        _ => false,
    };
    let mut own = chance.branch();
    with_act(history, chance, some, |act| {
        if let Act::Read {
            outcome: Outcome::Ok(seen),
            ..
        } = act
        {
            change(seen, &mut own);
        }
    })
}

fn with_end(
    history: &mut History,
    chance: &mut Chance,
    change: impl FnOnce(&mut bool, &mut bool),
) -> bool {
    // Of transactions that show: those with something in a log, and one answer.
    let shows = |txn: usize| {
        let values: Vec<u32> = values_of(history, txn);
        let logs = history.logs.iter().flat_map(|log| &log.batches);
        let mut there = logs.filter_map(|batch| match &batch.what {
            What::Data(all) => all.first(),
            What::Marker(_) => None,
        });
        let is = there.any(|value| values.contains(&value.number));
        let ends = history.events.iter().filter(|event| match &event.act {
            Act::End {
                txn: of, outcome, ..
            } => *of == txn && *outcome != Outcome::NotSent,
            _ => false,
        });
        is && ends.count() == 1
    };
    let candidates: Vec<usize> = (0..history.transactions.len())
        .filter(|&txn| shows(txn))
        .collect();
    let done = |act: &Act| matches!(act, Act::End { txn, commit: true, outcome: Outcome::Ok(_), .. } if candidates.contains(txn));
    with_act(history, chance, done, |act| {
        if let Act::End {
            commit, outcome, ..
        } = act
        {
            let mut refused = false;
            change(commit, &mut refused);
            if refused {
                *outcome = Outcome::Refused(48);
            }
        }
    })
}

fn values_of(history: &History, of: usize) -> Vec<u32> {
    let values = history.events.iter().filter_map(|event| match &event.act {
        Act::Produce { txn, values, .. } if *txn == Some(of) => Some(values),
        _ => None,
    });
    values.flatten().map(|value| value.number).collect()
}

fn is_marker(log: &Log, at: usize) -> bool {
    // Of a transaction that wrote something here: a marker for nothing says nothing.
    let Some((producer, _)) = log.batches[at].producer else {
        return false;
    };
    let own = log.batches[..at].iter().rev().find(|batch| {
        batch
            .producer
            .is_some_and(|(before, _)| before.id == producer.id)
    });
    matches!(log.batches[at].what, What::Marker(_))
        && own.is_some_and(|batch| matches!(batch.what, What::Data(_)))
}

fn is_data(log: &Log, at: usize) -> bool {
    matches!(log.batches[at].what, What::Data(_))
}

fn with_batch(
    history: &mut History,
    chance: &mut Chance,
    which: impl Fn(&Log, usize) -> bool,
    change: impl FnOnce(&mut Log, usize),
) -> bool {
    let mut places = Vec::new();
    for (partition, log) in history.logs.iter().enumerate() {
        let here = (0..log.batches.len()).filter(|&at| which(log, at));
        places.extend(here.map(|at| (partition, at)));
    }
    if places.is_empty() {
        return false;
    }
    let (partition, at) = places[chance.below(places.len())];
    change(&mut history.logs[partition], at);
    true
}

/// Offsets as if nothing had happened.
fn renumber(log: &mut Log) {
    let mut next = 0;
    for batch in &mut log.batches {
        let more = batch.last - batch.base;
        batch.base = next;
        batch.last = next + more;
        next = batch.last + 1;
    }
    log.high_watermark = next;
    log.last_stable = next;
}

fn see_aborted(history: &mut History, chance: &mut Chance) -> bool {
    let mut aborted: Vec<(usize, i64, Value)> = Vec::new();
    for (partition, log) in history.logs.iter().enumerate() {
        for (at, batch) in log.batches.iter().enumerate() {
            let end = log.batches[at..].iter().find(|later| {
                matches!(later.what, What::Marker(_))
                    && later.producer.map(|(who, _)| who.id)
                        == batch.producer.map(|(who, _)| who.id)
            });
            if let (What::Data(values), true, Some(What::Marker(false))) =
                (&batch.what, batch.transactional, end.map(|end| &end.what))
            {
                aborted.push((partition, batch.base, values[0]));
            }
        }
    }
    if aborted.is_empty() {
        return false;
    }
    let (of, offset, value) = aborted[chance.below(aborted.len())];
    let over = |act: &Act| match act {
        Act::Read {
            partition,
            committed: true,
            from,
            outcome: Outcome::Ok(seen),
        } => *partition == of && *from <= offset && seen.next > offset,
        _ => false,
    };
    with_act(history, chance, over, |act| {
        if let Act::Read {
            outcome: Outcome::Ok(seen),
            ..
        } = act
        {
            seen.records.push((offset, value));
            seen.records.sort_unstable();
        }
    })
}

fn refused_is_there(history: &mut History, chance: &mut Chance) -> bool {
    let mut refused = Vec::new();
    for event in &history.events {
        if let Act::Produce {
            partition,
            values,
            producer,
            txn,
            outcome: Outcome::Refused(_),
        } = &event.act
        {
            let again = history.events.iter().any(|other| match &other.act {
                Act::Produce {
                    values: same,
                    outcome,
                    ..
                } => same == values && outcome.may_be_done(),
                _ => false,
            });
            if !again {
                refused.push((*partition, values.clone(), *producer, txn.is_some()));
            }
        }
    }
    if refused.is_empty() {
        return false;
    }
    let (partition, values, producer, transactional) = refused[chance.below(refused.len())].clone();
    let log = &mut history.logs[partition];
    log.batches.push(crate::history::Batch {
        base: 0,
        last: values.len() as i64 - 1,
        producer,
        transactional,
        what: What::Data(values),
    });
    renumber(log);
    true
}

#[cfg(test)]
mod tests {
    use super::{super::check::tests::good, *};

    #[test]
    fn damage_to_a_small_history_is_found() {
        let mut chance = Chance::new(1);
        for (name, damage) in KINDS {
            let mut tried = 0;
            for _ in 0..20 {
                let mut history = good();
                if damage(&mut history, &mut chance) {
                    history.again = history.logs.clone();
                    assert_ne!(check(&history), [], "{name}\n{}", history.text());
                    tried += 1;
                }
            }
            assert!(tried > 0, "{name} was not tried");
        }
    }
}
