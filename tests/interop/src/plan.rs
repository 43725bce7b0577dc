//! Transactions to carry out, drawn by a seed, and what readers must find afterwards.

use std::collections::BTreeMap;

use crate::{lines::Numbers, transactional::Contents};

/// What one producer does to one topic.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What its program is told.
    pub lines: Vec<String>,
    /// The values of transactions that are committed, by partition.
    pub committed: BTreeMap<i32, Vec<String>>,
    /// Those of all.
    pub all: BTreeMap<i32, Vec<String>>,
    /// The group's offset of the topic's partition 0 in the end, if any is committed.
    pub offset: Option<i64>,
    /// How many transactions are committed, and aborted.
    pub ends: (usize, usize),
}

/// Who does it, and to what.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// The producer's name in its program; what it writes begins with it and `.`.
    pub name: &'a str,
    /// The topic.
    pub topic: &'a str,
    /// How many partitions the topic has.
    pub partitions: u32,
    /// The group whose offsets are part of some transactions.
    pub group: &'a str,
}

impl Plan {
    /// So many transactions: most small, some of several batches; every third or so is aborted.
    pub fn draw(author: &Author<'_>, seed: u64, transactions: usize) -> Self {
        let mut plan = Self::default();
        let mut numbers = Numbers::new(seed);
        for number in 0..transactions {
            plan.transaction(author, &mut numbers, number);
        }
        plan
    }

    fn transaction(&mut self, author: &Author<'_>, numbers: &mut Numbers, number: usize) {
        let (name, topic, group) = (author.name, author.topic, author.group);
        // At least one of each end, however few there are.
        let commits = number == 0 || (number > 1 && numbers.below(3) > 0);
        let mut written = Vec::new();
        self.lines.push(format!("begin {name}"));
        for part in 0..=numbers.below(4) {
            let partition = numbers.below(author.partitions as usize);
            let (count, size) = match numbers.below(15) {
                0 => (200 + numbers.below(200), 150),
                _ => (1 + numbers.below(6), 10 + numbers.below(60)),
            };
            let text = format!("{name}.{number}.{part}");
            let line = format!("send {name} {topic} {partition} {text} {count} {size}");
            self.lines.push(line);
            let partition = i32::try_from(partition).unwrap_or(i32::MAX);
            let values = (0..count).map(|place| format!("{:.<size$}", format!("{text}-{place}")));
            written.extend(values.map(|value| (partition, value)));
        }
        let offset = i64::try_from(number).unwrap_or(i64::MAX) + 1;
        let moves = numbers.below(3) == 0;
        if moves {
            self.lines
                .push(format!("offsets {name} {group} {topic} 0 {offset}"));
        }
        if commits {
            self.lines.push(format!("commit {name}"));
            self.offset = if moves { Some(offset) } else { self.offset };
            self.ends.0 += 1;
        } else {
            // What a client has not sent yet when it aborts, it never sends.
            self.lines.push(format!("flush {name}"));
            self.lines.push(format!("abort {name}"));
            self.ends.1 += 1;
        }
        for (partition, value) in written {
            if commits {
                let of = self.committed.entry(partition).or_default();
                of.push(value.clone());
            }
            self.all.entry(partition).or_default().push(value);
        }
    }
}

/// The values that begin with `name` and `.`, by partition; partitions without any are left out.
pub fn of(contents: &Contents, name: &str) -> BTreeMap<i32, Vec<String>> {
    let prefix = format!("{name}.");
    let mut found: BTreeMap<i32, Vec<String>> = BTreeMap::new();
    for (partition, records) in contents {
        let own = records
            .iter()
            .map(|(_, value)| value)
            .filter(|value| value.starts_with(&prefix));
        let own: Vec<String> = own.cloned().collect();
        if !own.is_empty() {
            found.insert(*partition, own);
        }
    }
    found
}

/// Asserts that a reader found what it must, and says where not.
///
/// # Panics
/// If it did not.
pub fn assert_found(
    what: &str,
    found: &BTreeMap<i32, Vec<String>>,
    expected: &BTreeMap<i32, Vec<String>>,
) {
    if found == expected {
        return;
    }
    for partition in found.keys().chain(expected.keys()) {
        let empty = Vec::new();
        let (is, must) = (
            found.get(partition).unwrap_or(&empty),
            expected.get(partition).unwrap_or(&empty),
        );
        let place = (0..is.len().max(must.len())).find(|&place| is.get(place) != must.get(place));
        if let Some(place) = place {
            panic!(
                "{what}, partition {partition}: {} values, {} expected; in place {place}: {:?}, not {:?}",
                is.len(),
                must.len(),
                is.get(place),
                must.get(place)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_says_what_readers_find() {
        let author = Author {
            name: "a",
            topic: "t",
            partitions: 3,
            group: "g",
        };
        let plan = Plan::draw(&author, 7, 40);
        assert_eq!(plan.ends.0 + plan.ends.1, 40);
        assert!(plan.ends.0 > 10 && plan.ends.1 > 5, "{:?}", plan.ends);
        let begun = plan.lines.iter().filter(|line| *line == "begin a").count();
        assert_eq!(begun, 40);
        let count =
            |values: &BTreeMap<i32, Vec<String>>| values.values().map(Vec::len).sum::<usize>();
        assert!(count(&plan.committed) < count(&plan.all));
        assert!(plan.offset.is_some());
        let longest = plan.all.values().flatten().map(String::len).max();
        assert_eq!(longest, Some(150));
        assert!(plan.lines != Plan::draw(&author, 8, 40).lines);
    }

    #[test]
    fn what_is_found_is_compared_in_order() {
        let contents: Contents = [
            (
                0,
                vec![
                    (0, "a.1".to_owned()),
                    (1, "b.1".to_owned()),
                    (3, "a.2".to_owned()),
                ],
            ),
            (1, vec![(0, "b.2".to_owned())]),
        ]
        .into();
        let found = of(&contents, "a");
        let right = [(0, vec!["a.1".to_owned(), "a.2".to_owned()])].into();
        assert_found("right", &found, &right);
        let wrong = [(0, vec!["a.2".to_owned(), "a.1".to_owned()])].into();
        let caught = std::panic::catch_unwind(|| assert_found("wrong", &found, &wrong));
        assert!(caught.is_err());
    }
}
