//! Which of the broker's own faults go to its log: the first for each cause, then one a minute, so that a client which
//! tries again and again does not fill the disk.

use std::collections::BTreeMap;

use parking_lot::Mutex;

/// How long what comes again for the same cause is only counted, in ms.
const QUIET_MS: u64 = 60_000;
/// Causes that are told apart; what is caused otherwise shares one.
const CAUSES_MAX: usize = 16;
/// How much of a reason tells causes apart, in bytes.
const REASON_MAX: usize = 128;

/// The faults of the last minute, by cause.
#[derive(Debug, Default)]
pub(super) struct Incidents {
    causes: Mutex<BTreeMap<Cause, Known>>,
}

/// The request's key, and the reason without its numbers, so that offsets and ports do not make one cause many.
type Cause = (i16, String);

/// The cause of whatever has no room of its own; it has its own room.
const SHARED: Cause = (i16::MIN, String::new());

#[derive(Debug)]
struct Known {
    id: String,
    since: u64,
    left_out: u64,
}

/// What a fault is called, and whether it goes to the log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Met {
    /// Its number, or that of the one before for the same cause.
    pub(super) id: String,
    /// It goes to the log.
    pub(super) is_new: bool,
    /// The number of the one before, and how many after it did not go to the log.
    pub(super) others: Option<(String, u64)>,
}

impl Incidents {
    /// Notes a fault at `now`, in ms.
    pub(super) fn meet(
        &self,
        key: i16,
        reason: &str,
        now: u64,
        new_id: impl FnOnce() -> String,
    ) -> Met {
        let mut causes = self.causes.lock();
        let mut cause = cause(key, reason);
        if !causes.contains_key(&cause) && named(&causes) >= CAUSES_MAX {
            // What was left out is still to be said.
            causes.retain(|_, known| known.left_out > 0 || now < known.since + QUIET_MS);
            if named(&causes) >= CAUSES_MAX {
                let over = |(cause, known): (&Cause, &Known)| {
                    (*cause != SHARED && now >= known.since + QUIET_MS).then(|| cause.clone())
                };
                let old = causes.iter().find_map(over);
                match old {
                    Some(old) => {
                        let known = causes.remove(&old);
                        let others = known.map(|known| (known.id, known.left_out));
                        return first(&mut causes, cause, now, new_id(), others);
                    }
                    None => cause = SHARED,
                }
            }
        }
        match causes.get_mut(&cause) {
            Some(known) if now < known.since + QUIET_MS => {
                known.left_out += 1;
                Met {
                    id: known.id.clone(),
                    is_new: false,
                    others: None,
                }
            }
            _ => {
                let known = causes.remove(&cause);
                let others = known.map(|known| (known.id, known.left_out));
                first(&mut causes, cause, now, new_id(), others)
            }
        }
    }
}

/// How many causes have room of their own.
fn named(causes: &BTreeMap<Cause, Known>) -> usize {
    causes.len() - usize::from(causes.contains_key(&SHARED))
}

fn first(
    causes: &mut BTreeMap<Cause, Known>,
    cause: Cause,
    now: u64,
    id: String,
    others: Option<(String, u64)>,
) -> Met {
    let known = Known {
        id: id.clone(),
        since: now,
        left_out: 0,
    };
    causes.insert(cause, known);
    Met {
        id,
        is_new: true,
        others: others.filter(|(_, left_out)| *left_out > 0),
    }
}

fn cause(key: i16, reason: &str) -> Cause {
    let words = reason.chars().filter(|of| !of.is_ascii_digit());
    let mut kept = String::new();
    for letter in words {
        if kept.len() + letter.len_utf8() > REASON_MAX {
            break;
        }
        kept.push(letter);
    }
    (key, kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meet(all: &Incidents, key: i16, reason: &str, now: u64) -> Met {
        all.meet(key, reason, now, || format!("{key}@{now}"))
    }

    fn again(id: &str) -> Met {
        Met {
            id: id.to_owned(),
            is_new: false,
            others: None,
        }
    }

    fn new(id: &str, others: Option<(&str, u64)>) -> Met {
        Met {
            id: id.to_owned(),
            is_new: true,
            others: others.map(|(id, count)| (id.to_owned(), count)),
        }
    }

    #[test]
    fn a_cause_is_told_once_a_minute_and_what_was_left_out_is_counted() {
        let all = Incidents::default();
        assert_eq!(meet(&all, 9, "at offset 7", 0), new("9@0", None));
        for now in 1..=1000 {
            let reason = format!("at offset {now}");
            assert_eq!(meet(&all, 9, &reason, now), again("9@0"));
        }
        assert_eq!(meet(&all, 9, "elsewhere", 1001), new("9@1001", None));
        assert_eq!(meet(&all, 8, "at offset 7", 1002), new("8@1002", None));
        assert_eq!(meet(&all, 9, "at offset 7", QUIET_MS - 1), again("9@0"));
        let next = meet(&all, 9, "at offset 7", QUIET_MS);
        assert_eq!(next, new("9@60000", Some(("9@0", 1001))));
        let next = meet(&all, 8, "at offset 7", 1002 + QUIET_MS);
        assert_eq!(next, new("8@61002", None));
    }

    #[test]
    fn very_many_causes_share_one() {
        let all = Incidents::default();
        let letters = |number: u32| {
            format!(
                "{}{}",
                "a".repeat(number as usize % 100),
                "b".repeat(number as usize / 100)
            )
        };
        let told = (0..2000).filter(|number| meet(&all, 1, &letters(*number), 5).is_new);
        assert_eq!(told.count(), CAUSES_MAX + 1);
        assert_eq!(all.causes.lock().len(), CAUSES_MAX + 1);
        // A minute later there is room again, and never more than that.
        for round in 1..5 {
            let now = 5 + round * QUIET_MS;
            let met: Vec<Met> = (0..2000)
                .map(|number| meet(&all, 1, &letters(number), now))
                .collect();
            let told = met.iter().filter(|met| met.is_new).count();
            assert!(told <= 2 * (CAUSES_MAX + 1), "{told}");
            assert!(all.causes.lock().len() <= CAUSES_MAX + 1);
        }
    }

    #[test]
    fn a_long_reason_is_told_apart_by_its_beginning() {
        let all = Incidents::default();
        let long = "ü".repeat(10_000);
        assert!(meet(&all, 1, &long, 0).is_new);
        assert!(!meet(&all, 1, &format!("{long}!"), 1).is_new);
    }
}
