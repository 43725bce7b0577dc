//! What the members of a group said, and whether it is what a group promises: every record processed, by one member at a
//! time, and again only where a member ended before it had committed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// One line of a member; times are ms since 1970.
#[expect(missing_docs, reason = "the fields are the words of the lines")]
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// Partitions came.
    Assigned { partitions: Vec<i32>, at: u64 },
    /// Partitions went, with everything processed of them committed.
    Revoked { partitions: Vec<i32>, at: u64 },
    /// Partitions went without a chance to commit.
    Lost { partitions: Vec<i32>, at: u64 },
    /// A record was processed.
    Record {
        partition: i32,
        offset: i64,
        key: String,
        value: String,
    },
    /// The server took a commit: the next offset.
    Committed { partition: i32, offset: i64 },
    /// The server did not.
    CommitFailed(String),
    /// It left the group and ends.
    Left,
}

/// How a member ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// It left.
    Left,
    /// It was killed.
    Crashed {
        /// When, in ms since 1970.
        at: u64,
    },
}

/// A member from its start to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Life {
    /// What the test calls it.
    pub name: String,
    /// All it said.
    pub events: Vec<Event>,
    /// How it ended.
    pub end: End,
    /// Its client may tell the coordinator that a partition is given up before the application has heard that it came, as
    /// that of librdkafka does with the consumer protocol: nothing was read by then.
    pub hears_late: bool,
}

/// Reads what a member said.
pub fn events(text: &str) -> Result<Vec<Event>, String> {
    text.lines()
        .map(|line| event(line).ok_or_else(|| format!("not an event: {line}")))
        .collect()
}

fn event(line: &str) -> Option<Event> {
    let value: Value = serde_json::from_str(line).ok()?;
    let number = |name: &str| value.get(name)?.as_i64();
    let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
    let partition = || i32::try_from(number("partition")?).ok();
    let partitions = || -> Option<Vec<i32>> {
        let all = value.get("partitions")?.as_array()?.iter();
        all.map(|number| i32::try_from(number.as_i64()?).ok())
            .collect()
    };
    let at = || u64::try_from(number("at")?).ok();
    Some(match value.get("event")?.as_str()? {
        "assigned" => Event::Assigned {
            partitions: partitions()?,
            at: at()?,
        },
        "revoked" => Event::Revoked {
            partitions: partitions()?,
            at: at()?,
        },
        "lost" => Event::Lost {
            partitions: partitions()?,
            at: at()?,
        },
        "record" => Event::Record {
            partition: partition()?,
            offset: number("offset")?,
            key: text("key")?,
            value: text("value")?,
        },
        "committed" => Event::Committed {
            partition: partition()?,
            offset: number("offset")?,
        },
        "commit_failed" => Event::CommitFailed(text("error")?),
        "left" => Event::Left,
        _ => return None,
    })
}

/// The partitions that a member has after these events.
pub fn owned(events: &[Event]) -> BTreeSet<i32> {
    let mut owned = BTreeSet::new();
    for event in events {
        match event {
            Event::Assigned { partitions, .. } => owned.extend(partitions),
            Event::Revoked { partitions, .. } | Event::Lost { partitions, .. } => {
                for partition in partitions {
                    owned.remove(partition);
                }
            }
            _ => {}
        }
    }
    owned
}

/// How a tenure ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Over {
    /// In order: everything processed was committed before.
    Revoked,
    /// Others had the partition before the member knew.
    Lost,
    /// With the member.
    Crashed,
}

/// One member's time with one partition.
#[derive(Debug)]
#[expect(dead_code, reason = "`member` is for messages")]
struct Tenure {
    member: String,
    hears_late: bool,
    partition: i32,
    from: u64,
    until: u64,
    over: Over,
    /// First and next offset of what was processed: without gaps.
    processed: Option<(i64, i64)>,
    committed: i64,
}

/// What a check saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Records processed, those processed again included.
    pub processed: u64,
    /// Of those, processed again.
    pub again: u64,
    /// How often a partition came to a member.
    pub tenures: usize,
    /// How often a partition was lost.
    pub lost: usize,
}

/// Checks the lives of all members of a group that reads a topic whose partitions end at `ends`, and whose values are
/// `PARTITION:OFFSET` and keys `OFFSET`: each breach, a line each.
pub fn check(lives: &[Life], ends: &BTreeMap<i32, i64>) -> Result<Seen, String> {
    let mut breaches = Vec::new();
    let mut tenures = Vec::new();
    for life in lives {
        tenures.extend(tenures_of(life, &mut breaches));
    }
    let mut seen = Seen {
        tenures: tenures.len(),
        lost: tenures.iter().filter(|one| one.over == Over::Lost).count(),
        ..Seen::default()
    };
    for (&partition, &end) in ends {
        let mut of_it: Vec<&Tenure> = tenures
            .iter()
            .filter(|one| one.partition == partition)
            .collect();
        of_it.sort_by_key(|one| (one.from, one.until));
        one_at_a_time(&of_it, &mut breaches);
        nothing_skipped(partition, &of_it, end, &mut breaches);
        again_only_without_commit(&of_it, &mut breaches);
        let sizes = of_it.iter().filter_map(|one| one.processed);
        let processed: i64 = sizes.map(|(first, next)| next - first).sum();
        seen.processed += processed.unsigned_abs();
        seen.again += (processed - end).unsigned_abs();
    }
    if let Some(stray) = tenures
        .iter()
        .find(|one| !ends.contains_key(&one.partition))
    {
        breaches.push(format!("no such partition: {stray:?}"));
    }
    if breaches.is_empty() {
        Ok(seen)
    } else {
        let count = breaches.len();
        breaches.truncate(20);
        Err(format!("{count} breaches:\n{}", breaches.join("\n")))
    }
}

fn tenures_of(life: &Life, breaches: &mut Vec<String>) -> Vec<Tenure> {
    let mut open: BTreeMap<i32, Tenure> = BTreeMap::new();
    let mut closed = Vec::new();
    for event in &life.events {
        let mut breach = |what: &str| breaches.push(format!("{}: {what}: {event:?}", life.name));
        match event {
            Event::Assigned { partitions, at } => {
                for &partition in partitions {
                    let tenure = Tenure {
                        member: life.name.clone(),
                        hears_late: life.hears_late,
                        partition,
                        from: *at,
                        until: u64::MAX,
                        over: Over::Crashed,
                        processed: None,
                        committed: 0,
                    };
                    if open.insert(partition, tenure).is_some() {
                        breach("had it already");
                    }
                }
            }
            Event::Revoked { partitions, at } | Event::Lost { partitions, at } => {
                for partition in partitions {
                    let Some(mut tenure) = open.remove(partition) else {
                        breach("did not have it");
                        continue;
                    };
                    tenure.until = *at;
                    let in_order = matches!(event, Event::Revoked { .. });
                    tenure.over = if in_order { Over::Revoked } else { Over::Lost };
                    closed.push(tenure);
                }
            }
            Event::Record {
                partition,
                offset,
                key,
                value,
            } => {
                if *value != format!("{partition}:{offset}") || *key != offset.to_string() {
                    breach("not what was produced");
                }
                let Some(tenure) = open.get_mut(partition) else {
                    breach("processed while it did not have the partition");
                    continue;
                };
                let (first, next) = tenure.processed.unwrap_or((*offset, *offset));
                if next != *offset {
                    breach(&format!("{next} was next"));
                }
                tenure.processed = Some((first, offset + 1));
            }
            Event::Committed { partition, offset } => {
                if let Some(tenure) = open.get_mut(partition) {
                    tenure.committed = tenure.committed.max(*offset);
                } else {
                    breach("committed while it did not have the partition");
                }
            }
            Event::CommitFailed(_) | Event::Left => {}
        }
    }
    if life.end == End::Left && !open.is_empty() {
        breaches.push(format!("{} left with {:?}", life.name, open.keys()));
    }
    if let End::Crashed { at } = life.end {
        open.values_mut().for_each(|tenure| tenure.until = at);
    }
    closed.extend(open.into_values());
    closed
}

/// No member had the partition while another had it and could know so: who lost it, knows later.
fn one_at_a_time(tenures: &[&Tenure], breaches: &mut Vec<String>) {
    for (number, one) in tenures.iter().enumerate() {
        let knew = one.over != Over::Lost;
        let heard_late = one.hears_late && one.over == Over::Revoked && one.processed.is_none();
        for other in &tenures[number + 1..] {
            let at_once = other.from < one.until && other.until > one.from;
            if at_once && knew && !heard_late {
                breaches.push(format!("at once: {one:?} and {other:?}"));
            }
        }
    }
}

fn nothing_skipped(partition: i32, tenures: &[&Tenure], end: i64, breaches: &mut Vec<String>) {
    let mut ranges: Vec<(i64, i64)> = tenures.iter().filter_map(|one| one.processed).collect();
    ranges.sort_unstable();
    let mut next = 0;
    for (first, after) in ranges {
        if first > next {
            breaches.push(format!(
                "partition {partition}: nobody processed {next} to {}",
                first - 1
            ));
        }
        next = next.max(after);
    }
    if next != end {
        breaches.push(format!(
            "partition {partition}: processed up to {next} of {end}"
        ));
    }
}

/// Who gets a partition goes on where its predecessor committed.
fn again_only_without_commit(tenures: &[&Tenure], breaches: &mut Vec<String>) {
    for (number, one) in tenures.iter().enumerate() {
        for other in &tenures[number + 1..] {
            let Some((first, _)) = other.processed else {
                continue;
            };
            if first < one.committed {
                breaches.push(format!("committed, and again: {one:?}, {other:?}"));
            }
            let next = one.processed.map_or(0, |(_, next)| next);
            if one.over == Over::Revoked && first < next {
                breaches.push(format!("given up in order, and again: {one:?}, {other:?}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(partition: i32, offset: i64) -> Event {
        Event::Record {
            partition,
            offset,
            key: offset.to_string(),
            value: format!("{partition}:{offset}"),
        }
    }

    fn assigned(at: u64) -> Event {
        Event::Assigned {
            partitions: vec![0],
            at,
        }
    }

    fn revoked(at: u64) -> Event {
        Event::Revoked {
            partitions: vec![0],
            at,
        }
    }

    fn committed(offset: i64) -> Event {
        Event::Committed {
            partition: 0,
            offset,
        }
    }

    fn life(name: &str, events: Vec<Event>, end: End) -> Life {
        Life {
            name: name.to_owned(),
            events,
            end,
            hears_late: false,
        }
    }

    fn checked(first: Vec<Event>, first_end: End, second: Vec<Event>) -> Result<Seen, String> {
        let second = [second, vec![Event::Left]].concat();
        let lives = [life("a", first, first_end), life("b", second, End::Left)];
        check(&lives, &BTreeMap::from([(0, 3)]))
    }

    fn breach(outcome: Result<Seen, String>, what: &str) {
        let breaches = outcome.expect_err(what);
        assert!(breaches.contains(what), "{breaches}");
    }

    #[test]
    fn lines_are_events() {
        let text = "{\"event\":\"assigned\",\"partitions\":[0],\"at\":5}\n\
                    {\"event\":\"record\",\"partition\":0,\"offset\":2,\"key\":\"2\",\"value\":\"0:2\"}\n\
                    {\"event\":\"committed\",\"partition\":0,\"offset\":3}\n";
        assert_eq!(
            events(text),
            Ok(vec![assigned(5), record(0, 2), committed(3)])
        );
        assert_eq!(owned(&events(text).unwrap()), BTreeSet::from([0]));
        assert!(events("{\"event\":\"else\"}\n").is_err());
    }

    #[test]
    fn what_follows_a_commit_is_sound_and_so_is_again_after_a_crash() {
        let first = vec![assigned(1), record(0, 0), committed(1), revoked(5)];
        let second = vec![assigned(5), record(0, 1), record(0, 2), revoked(9)];
        let seen = checked(first, End::Left, second).unwrap();
        assert_eq!((seen.processed, seen.again, seen.lost), (3, 0, 0));
        let first = vec![assigned(1), record(0, 0), committed(1), record(0, 1)];
        let second = vec![assigned(8), record(0, 1), record(0, 2), revoked(9)];
        let seen = checked(first, End::Crashed { at: 4 }, second).unwrap();
        assert_eq!((seen.processed, seen.again, seen.lost), (4, 1, 0));
    }

    #[test]
    fn who_hears_late_may_give_up_late_what_it_has_not_read() {
        let all = [0, 1, 2].map(|offset| record(0, offset));
        let second = [
            vec![assigned(6)],
            all.to_vec(),
            vec![revoked(9), Event::Left],
        ]
        .concat();
        let with = |events: Vec<Event>, hears_late: bool| {
            let mut first = life("a", events, End::Left);
            first.hears_late = hears_late;
            let lives = [first, life("b", second.clone(), End::Left)];
            check(&lives, &BTreeMap::from([(0, 3)]))
        };
        let unread = || vec![assigned(1), revoked(7)];
        assert!(with(unread(), true).is_ok());
        breach(with(unread(), false), "at once");
        let read = vec![assigned(1), record(0, 0), revoked(7)];
        breach(with(read, true), "at once");
    }

    #[test]
    fn each_breach_is_noticed() {
        let all = || {
            vec![
                assigned(6),
                record(0, 0),
                record(0, 1),
                record(0, 2),
                revoked(9),
            ]
        };
        let none = || vec![assigned(1), revoked(2)];
        let with = |events: Vec<Event>| checked(events, End::Left, all());
        assert!(with(none()).is_ok());
        breach(with(vec![assigned(1), revoked(7)]), "at once");
        breach(with(vec![assigned(1)]), "left with");
        breach(
            with(vec![assigned(1), record(0, 0), revoked(2)]),
            "given up in order, and again",
        );
        breach(
            with(vec![record(0, 0), assigned(1), revoked(2)]),
            "while it did not have",
        );
        breach(
            with(vec![assigned(1), record(0, 0), record(0, 2), revoked(2)]),
            "1 was next",
        );
        let second = vec![assigned(6), record(0, 1), record(0, 2), revoked(9)];
        breach(
            checked(none(), End::Left, second),
            "nobody processed 0 to 0",
        );
        let second = vec![assigned(6), record(0, 0), revoked(9)];
        breach(checked(none(), End::Left, second), "up to 1 of 3");
        let first = vec![assigned(1), record(0, 0), committed(1)];
        breach(
            checked(first, End::Crashed { at: 2 }, all()),
            "committed, and again",
        );
        let other = Event::Record {
            partition: 0,
            offset: 0,
            key: "0".to_owned(),
            value: "1:0".to_owned(),
        };
        breach(
            with(vec![assigned(1), other, revoked(2)]),
            "not what was produced",
        );
    }
}
