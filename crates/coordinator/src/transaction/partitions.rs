//! A set of partitions that takes no memory while it is empty.

use std::sync::Arc;

use ottla_wire::messages::transaction_log_value::PartitionsSchema;

/// Partitions, by topic and number.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Partitions(Vec<(Arc<str>, Vec<i32>)>);

impl Partitions {
    /// Those of a record.
    pub(super) fn of(topics: &[PartitionsSchema]) -> Self {
        let mut all = Self::default();
        for of in topics {
            let numbers = all.topic_mut(&of.topic);
            numbers.extend(&of.partition_ids);
            numbers.sort_unstable();
            numbers.dedup();
        }
        all.0.retain(|(_, numbers)| !numbers.is_empty());
        all
    }

    /// As a record has them.
    pub(super) fn to_record(&self) -> Vec<PartitionsSchema> {
        let topic = |(topic, numbers): &(Arc<str>, Vec<i32>)| PartitionsSchema {
            topic: topic.to_string(),
            partition_ids: numbers.clone(),
            ..PartitionsSchema::default()
        };
        self.0.iter().map(topic).collect()
    }

    fn find(&self, topic: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(name, _)| (**name).cmp(topic))
    }

    fn topic_mut(&mut self, topic: &str) -> &mut Vec<i32> {
        let at = self.find(topic).unwrap_or_else(|at| {
            self.0.insert(at, (topic.into(), Vec::new()));
            at
        });
        &mut self.0[at].1
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this one is there.
    pub(super) fn contains(&self, topic: &str, partition: i32) -> bool {
        self.find(topic)
            .is_ok_and(|at| self.0[at].1.binary_search(&partition).is_ok())
    }

    /// Adds one, if it is not there.
    pub(super) fn insert(&mut self, topic: &str, partition: i32) {
        let numbers = self.topic_mut(topic);
        if let Err(at) = numbers.binary_search(&partition) {
            numbers.insert(at, partition);
        }
    }

    /// Takes one out, if it is there; whether it was.
    pub(super) fn remove(&mut self, topic: &str, partition: i32) -> bool {
        let Ok(topic) = self.find(topic) else {
            return false;
        };
        let numbers = &mut self.0[topic].1;
        let Ok(at) = numbers.binary_search(&partition) else {
            return false;
        };
        numbers.remove(at);
        if numbers.is_empty() {
            self.0.remove(topic);
        }
        true
    }

    /// The topics with their partitions.
    pub(super) fn topics(&self) -> impl Iterator<Item = (&Arc<str>, &[i32])> {
        self.0.iter().map(|(topic, numbers)| (topic, &numbers[..]))
    }

    /// All.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, i32)> {
        self.topics()
            .flat_map(|(topic, numbers)| numbers.iter().map(move |number| (topic, *number)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(topic: &str, numbers: &[i32]) -> PartitionsSchema {
        PartitionsSchema {
            topic: topic.to_owned(),
            partition_ids: numbers.to_vec(),
            ..PartitionsSchema::default()
        }
    }

    #[test]
    fn a_set_is_what_was_put_in() {
        let mut set = Partitions::default();
        for (topic, number) in [("b", 1), ("a", 2), ("a", 0), ("b", 1), ("a", 1)] {
            set.insert(topic, number);
        }
        assert_eq!(
            set.to_record(),
            [schema("a", &[0, 1, 2]), schema("b", &[1])]
        );
        assert!(set.contains("a", 2) && !set.contains("a", 3) && !set.contains("c", 1));
        assert!(set.remove("b", 1) && !set.remove("b", 1) && !set.remove("a", 7));
        assert_eq!(set.topics().count(), 1);
        assert_eq!(set.iter().count(), 3);
    }

    #[test]
    fn a_record_of_another_order_gives_the_same_set() {
        let mixed = [
            schema("b", &[3, 1, 3]),
            schema("e", &[]),
            schema("a", &[0]),
            schema("b", &[2]),
        ];
        let set = Partitions::of(&mixed);
        assert_eq!(
            set.to_record(),
            [schema("a", &[0]), schema("b", &[1, 2, 3])]
        );
        assert_eq!(Partitions::of(&set.to_record()), set);
    }
}
