//! What the logs of partitions have: which partitions there are, which have a leader, where they begin and end.

use std::collections::{BTreeMap, BTreeSet};

use ottla_client::{
    Admin, Isolation, TopicPartition,
    admin::{OffsetSpec, TopicDescription},
};
use ottla_wire::errors::Code;

use super::all_of;
use crate::output::{self, Stop};

/// Offsets by partition.
pub(super) type Offsets = BTreeMap<TopicPartition, i64>;

/// A topic as an argument: its name, and partitions if some are named.
pub(super) type Named = (String, Option<Vec<i32>>);

/// `topic` or `topic:0,1,2`.
pub(super) fn parse_topic(text: &str) -> Result<Named, String> {
    let Some((topic, partitions)) = text.split_once(':') else {
        return Ok((text.to_owned(), None));
    };
    let partition = |text: &str| match text.parse::<i32>() {
        Ok(index) if index >= 0 => Ok(index),
        _ => Err(format!(
            "`{text}` is no number of a partition: write TOPIC:0,1,2"
        )),
    };
    if topic.is_empty() {
        return Err("the topic has no name: write TOPIC or TOPIC:0,1,2".into());
    }
    let partitions: Result<Vec<i32>, String> = partitions.split(',').map(partition).collect();
    Ok((topic.to_owned(), Some(partitions?)))
}

/// Topics by name; those that do not exist are left out.
pub(super) async fn topics<'a>(
    admin: &Admin,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<BTreeMap<String, TopicDescription>, Stop> {
    let names: BTreeSet<&str> = names.into_iter().collect();
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let mut topics = BTreeMap::new();
    for (name, outcome) in admin.describe_topics(&names).await? {
        match outcome {
            Ok(topic) => drop(topics.insert(name, topic)),
            Err(error) if error.code() == Some(Code::UNKNOWN_TOPIC_OR_PARTITION) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(topics)
}

/// Whether each partition has a leader; those that do not exist are left out.
pub(super) async fn leaders(
    admin: &Admin,
    partitions: impl IntoIterator<Item = &TopicPartition>,
) -> Result<BTreeMap<TopicPartition, bool>, Stop> {
    let names = partitions.into_iter().map(|at| &*at.topic);
    let mut leaders = BTreeMap::new();
    for (name, topic) in topics(admin, names).await? {
        let name: std::sync::Arc<str> = name.into();
        for one in topic.partitions {
            let at = TopicPartition::new(name.clone(), one.partition.index);
            leaders.insert(at, one.partition.leader.is_some());
        }
    }
    Ok(leaders)
}

/// Refuses partitions that do not exist or have no leader.
pub(super) async fn check(
    admin: &Admin,
    partitions: &BTreeSet<TopicPartition>,
) -> Result<(), Stop> {
    let leaders = leaders(admin, partitions).await?;
    let which = |is_wrong: &dyn Fn(&&TopicPartition) -> bool| {
        let wrong: Vec<String> = partitions
            .iter()
            .filter(is_wrong)
            .map(ToString::to_string)
            .collect();
        wrong.join(", ")
    };
    let missing = which(&|at| !leaders.contains_key(*at));
    if !missing.is_empty() {
        return Err(Stop::Failed(format!(
            "these partitions do not exist: {missing}; `ottla topics describe` shows which do"
        )));
    }
    let headless = which(&|at| leaders.get(*at) == Some(&false));
    if headless.is_empty() {
        Ok(())
    } else {
        Err(Stop::Failed(format!(
            "these partitions have no leader now: {headless}; try again when their brokers are back"
        )))
    }
}

/// The same offset of each partition.
pub(super) async fn offsets<'a>(
    admin: &Admin,
    partitions: impl IntoIterator<Item = &'a TopicPartition>,
    spec: OffsetSpec,
) -> Result<Offsets, Stop> {
    let asked: Vec<_> = partitions
        .into_iter()
        .map(|at| (at.clone(), spec))
        .collect();
    if asked.is_empty() {
        return Ok(Offsets::new());
    }
    let listed = all_of(
        admin
            .list_offsets(&asked, Isolation::ReadUncommitted)
            .await?,
    )?;
    Ok(listed
        .into_iter()
        .map(|(at, listed)| (at, listed.offset))
        .collect())
}

/// The first offsets that are not older than a time, in milliseconds since 1970; the ends of logs that have none.
pub(super) async fn offsets_at(
    admin: &Admin,
    partitions: &BTreeSet<TopicPartition>,
    time: i64,
) -> Result<Offsets, Stop> {
    // Smaller numbers mean something else than a time.
    let spec = OffsetSpec::Timestamp(time.max(0));
    let mut found = offsets(admin, partitions, spec).await?;
    let too_old: Vec<TopicPartition> = found
        .iter()
        .filter(|(_, offset)| **offset < 0)
        .map(|(at, _)| at.clone())
        .collect();
    for at in &too_old {
        output::complain(&format!(
            "{at} has no record that is not older: its end is taken"
        ));
    }
    found.extend(offsets(admin, &too_old, OffsetSpec::Latest).await?);
    Ok(found)
}

/// Moves offsets that are not in their logs to the nearest end.
pub(super) async fn within(admin: &Admin, wanted: Offsets) -> Result<Offsets, Stop> {
    let begins = offsets(admin, wanted.keys(), OffsetSpec::Earliest).await?;
    let ends = offsets(admin, wanted.keys(), OffsetSpec::Latest).await?;
    let moved = wanted.into_iter().map(|(at, offset)| {
        let (begin, end) = (begins.get(&at).copied(), ends.get(&at).copied());
        let nearest = match (begin, end) {
            (_, Some(end)) if offset > end => end,
            (Some(begin), _) if offset < begin => begin,
            _ => offset,
        };
        if nearest != offset {
            let (begin, end) = (begin.unwrap_or(-1), end.unwrap_or(-1));
            output::complain(&format!(
                "{at} has no offset {offset}: it begins at {begin} and ends at {end}; {nearest} is taken"
            ));
        }
        (at, nearest)
    });
    Ok(moved.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_may_name_partitions() {
        assert_eq!(parse_topic("a"), Ok(("a".into(), None)));
        assert_eq!(parse_topic("a:0,12"), Ok(("a".into(), Some(vec![0, 12]))));
        for wrong in ["a:", "a:x", "a:1:2", "a:-1", ":1", "a:1,"] {
            assert!(parse_topic(wrong).is_err(), "{wrong}");
        }
    }
}
