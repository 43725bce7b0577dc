//! Records: writing, reading, finding and deleting them.

pub(crate) mod delete_records;
pub(crate) mod fetch;
pub(crate) mod list_offsets;
pub(crate) mod offset_for_leader_epoch;
pub(crate) mod produce;

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::Arc,
};

use ottla_wire::{Uuid, errors::Code};

use super::Cx;
use crate::partition::Partition;

/// How a request names a topic: by name, or by id in newer versions.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TopicRef<'a> {
    Name(&'a str),
    Id(Uuid),
}

/// The hosted partition that a request names.
///
/// # Errors
/// `UNKNOWN_TOPIC_ID` or `UNKNOWN_TOPIC_OR_PARTITION` if the cluster has none, `NOT_LEADER_OR_FOLLOWER` if this broker
/// has none, `KAFKA_STORAGE_ERROR` if its directory failed.
pub(crate) fn hosted(cx: &Cx, topic: TopicRef<'_>, index: i32) -> Result<Arc<Partition>, Code> {
    let image = cx.broker.image();
    let (topic, unknown) = match topic {
        TopicRef::Name(name) => (image.topic(name), Code::UNKNOWN_TOPIC_OR_PARTITION),
        TopicRef::Id(id) => (image.topic_by_id(id), Code::UNKNOWN_TOPIC_ID),
    };
    let topic = topic.ok_or(unknown)?;
    if !topic.partitions.contains_key(&index) {
        return Err(Code::UNKNOWN_TOPIC_OR_PARTITION);
    }
    match cx.broker.partitions.get(topic.id, index) {
        Some(partition) if partition.log_dir().has_failed() => Err(Code::KAFKA_STORAGE_ERROR),
        Some(partition) => Ok(partition),
        None if cx.broker.partitions.is_offline(topic.id, index) => Err(Code::KAFKA_STORAGE_ERROR),
        None => Err(Code::NOT_LEADER_OR_FOLLOWER),
    }
}

/// Names up to which each is compared with each.
const FEW: usize = 32;

/// Whether a name is there twice.
pub(crate) fn names_twice<'a, T, N: Eq + Hash>(of: &'a [T], name: impl Fn(&'a T) -> N) -> bool {
    if of.len() <= FEW {
        let mut rest = of.iter().enumerate();
        return rest.any(|(at, one)| of[..at].iter().any(|before| name(before) == name(one)));
    }
    let mut named = HashSet::with_capacity(of.len());
    !of.iter().all(|one| named.insert(name(one)))
}

/// Topics that are named twice as one, and of partitions that are named twice the last, as Apache Kafka takes them.
pub(crate) fn last_of_each<T, P>(
    topics: &mut Vec<T>,
    name: impl Fn(&T) -> (&str, Uuid),
    partitions: impl Fn(&mut T) -> &mut Vec<P>,
    index: impl Fn(&P) -> i32,
) {
    if names_twice(topics, &name) {
        let mut joined: Vec<T> = Vec::new();
        let mut places = HashMap::new();
        for mut topic in topics.drain(..) {
            let (of, id) = name(&topic);
            let place = *places.entry((of.to_owned(), id)).or_insert(joined.len());
            match joined.get_mut(place) {
                Some(first) => partitions(first).append(partitions(&mut topic)),
                None => joined.push(topic),
            }
        }
        *topics = joined;
    }
    for topic in topics {
        let of = partitions(topic);
        if names_twice(of, &index) {
            let mut named = HashSet::new();
            of.reverse();
            of.retain(|partition| named.insert(index(partition)));
            of.reverse();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_partitions_are_told_apart_as_few_are() {
        for count in [2, FEW, FEW + 1, 500] {
            let numbers: Vec<usize> = (0..count).collect();
            assert!(!names_twice(&numbers, |of| *of), "{count}");
            assert!(names_twice(&numbers, |of| of % (count - 1)), "{count}");
        }
    }

    /// A name, an id, and partitions with a value each.
    type Named = (&'static str, u128, Vec<(i32, i64)>);

    fn kept(mut topics: Vec<Named>) -> Vec<Named> {
        last_of_each(
            &mut topics,
            |of| (of.0, Uuid::from_u128(of.1)),
            |of| &mut of.2,
            |partition| partition.0,
        );
        topics
    }

    #[test]
    fn topics_are_joined_and_the_last_of_a_partition_is_kept() {
        let twice = vec![
            ("b", 0, vec![(0, 1), (1, 2)]),
            ("a", 0, vec![(0, 3)]),
            ("b", 0, vec![(0, 4)]),
        ];
        let once = vec![("b", 0, vec![(1, 2), (0, 4)]), ("a", 0, vec![(0, 3)])];
        assert_eq!(kept(twice), once);
        assert_eq!(kept(once.clone()), once);
        assert_eq!(kept(vec![]), vec![]);
        // Within one naming of a topic, and over two that name no partition.
        let within = vec![("a", 0, vec![(0, 1), (1, 2), (0, 3)])];
        assert_eq!(kept(within), [("a", 0, vec![(1, 2), (0, 3)])]);
        assert_eq!(kept(vec![("b", 0, vec![]), ("b", 0, vec![])]).len(), 1);
        // Newer versions name topics by their ids.
        let ids = vec![("", 1, vec![(0, 1)]), ("", 2, vec![(0, 2)])];
        assert_eq!(kept(ids.clone()), ids);
        // More than are compared each with each.
        let many: Vec<Named> = (0..500)
            .map(|at| ("m", at % 100, (0..40).map(|of| (of, at as i64)).collect()))
            .collect();
        let kept = kept(many);
        assert_eq!(kept.len(), 100);
        for (_, id, of) in kept {
            let last = (0..40).map(|index| (index, 400 + id as i64));
            assert_eq!(of, last.collect::<Vec<_>>());
        }
    }
}
