//! What a server tells, to be compared with what the next one tells: all of its groups, and whatever a test adds.

use std::collections::{BTreeMap, BTreeSet};

use ottla_wire::messages::{
    ConsumerGroupDescribeRequest, DescribeGroupsRequest, ListGroupsRequest, OffsetFetchRequest,
    offset_fetch_request::OffsetFetchRequestGroup,
};

use crate::{offsets::committed, raw::Connection};

/// Which requests there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Age {
    /// Those of 3.9, without the newer protocol of groups.
    Older,
    /// Those of 4.4.
    Newer,
}

/// Answers as text, by what was asked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Picture(BTreeMap<String, String>);

impl Picture {
    /// Of a server that takes over the groups of `before`: waits until they are loaded.
    pub fn after(before: &Self, connection: &mut Connection) -> Self {
        for name in before.0.keys() {
            if let Some(id) = name.strip_prefix("list ") {
                committed(connection, id, "one", 1);
            }
        }
        Self::of(connection, Age::Newer)
    }

    /// Of all groups.
    pub fn of(connection: &mut Connection, age: Age) -> Self {
        let mut all = BTreeMap::new();
        let ids = list(connection, &mut all);
        for id in &ids {
            let mut own = BTreeMap::new();
            let members = describe_classic(connection, id, age, &mut own);
            let topics = offsets(connection, id, 8, &mut own);
            if age == Age::Older && members == 0 && topics == 0 {
                // Until 4.0, nothing is kept of a group whose only offsets were in an aborted transaction.
                all.remove(&format!("list {id}"));
                continue;
            }
            all.extend(own);
            if age == Age::Newer {
                describe(connection, id, &mut all);
                offsets(connection, id, 10, &mut all);
            }
        }
        Self(all)
    }

    /// Adds an answer.
    ///
    /// # Panics
    /// If there is one of that name.
    pub fn add(&mut self, name: String, answer: String) {
        let before = self.0.insert(name, answer);
        assert_eq!(before, None, "two answers of one name");
    }

    /// Adds an answer that may be there already.
    ///
    /// # Panics
    /// If it is another.
    pub fn note(&mut self, name: String, answer: String) {
        let before = self.0.entry(name).or_insert_with(|| answer.clone());
        assert_eq!(*before, answer, "two answers");
    }

    /// As it is, without the answers whose names begin so.
    #[must_use]
    pub fn without(mut self, beginnings: &[String]) -> Self {
        let leaves = |name: &String| beginnings.iter().any(|it| name.starts_with(it));
        self.0.retain(|name, _| !leaves(name));
        self
    }

    /// Asserts that `later` is the same.
    ///
    /// # Panics
    /// With all differences, if it is not.
    pub fn is(&self, later: &Self, what: &str) {
        let mut differences = Vec::new();
        let both = self.0.keys().chain(later.0.keys());
        for name in both.collect::<BTreeSet<_>>() {
            let (before, after) = (self.0.get(name), later.0.get(name));
            if before != after {
                let nothing = &"nothing".to_owned();
                let (before, after) = (before.unwrap_or(nothing), after.unwrap_or(nothing));
                differences.push(format!("{name}\n{}", lines_apart(before, after)));
            }
        }
        assert!(
            differences.is_empty(),
            "{what}: {} differences\n{}",
            differences.len(),
            differences.join("\n\n")
        );
    }

    /// Whether nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many answers.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// The lines that only one of them has.
fn lines_apart(before: &str, after: &str) -> String {
    let only = |of: &str, other: &str, sign: &str| -> String {
        let lines = of.lines();
        let only = lines.filter(|line| !other.lines().any(|it| it == *line));
        only.map(|line| format!("{sign} {line}\n")).collect()
    };
    only(before, after, "before:") + &only(after, before, "after: ")
}

fn list(connection: &mut Connection, all: &mut BTreeMap<String, String>) -> Vec<String> {
    let answer = connection.ask(5, &ListGroupsRequest::default());
    let mut answer = answer.expect("an answer");
    assert_eq!(answer.error_code, 0, "{answer:?}");
    answer.groups.sort_by(|a, b| a.group_id.cmp(&b.group_id));
    let ids = answer.groups.iter().map(|group| group.group_id.clone());
    let ids = ids.collect();
    for group in answer.groups {
        all.insert(format!("list {}", group.group_id), format!("{group:?}"));
    }
    ids
}

/// How many members there are.
fn describe_classic(
    connection: &mut Connection,
    id: &str,
    age: Age,
    all: &mut BTreeMap<String, String>,
) -> usize {
    let request = DescribeGroupsRequest {
        groups: vec![id.to_owned()],
        // There are more of them since 4.0.
        include_authorized_operations: age == Age::Newer,
        ..Default::default()
    };
    let mut answer = connection.ask(5, &request).expect("an answer");
    let group = &mut answer.groups[0];
    group.members.sort_by(|a, b| a.member_id.cmp(&b.member_id));
    all.insert(format!("classic {id}"), format!("{group:#?}"));
    group.members.len()
}

fn describe(connection: &mut Connection, id: &str, all: &mut BTreeMap<String, String>) {
    let request = ConsumerGroupDescribeRequest {
        group_ids: vec![id.to_owned()],
        include_authorized_operations: true,
        ..Default::default()
    };
    let mut answer = connection.ask(1, &request).expect("an answer");
    let group = &mut answer.groups[0];
    // Whether there is one is Kafka's to say, the words are not.
    group.error_message = group.error_message.as_ref().map(|_| "…".to_owned());
    group.members.sort_by(|a, b| a.member_id.cmp(&b.member_id));
    for member in &mut group.members {
        member.subscribed_topic_names.sort();
        for assignment in [&mut member.assignment, &mut member.target_assignment] {
            let topics = &mut assignment.topic_partitions;
            topics.sort_by(|a, b| a.topic_name.cmp(&b.topic_name));
            topics.iter_mut().for_each(|topic| topic.partitions.sort());
        }
    }
    all.insert(format!("consumer {id}"), format!("{group:#?}"));
}

/// How many topics it has offsets of.
fn offsets(
    connection: &mut Connection,
    id: &str,
    version: i16,
    all: &mut BTreeMap<String, String>,
) -> usize {
    let group = OffsetFetchRequestGroup {
        group_id: id.to_owned(),
        topics: None,
        ..Default::default()
    };
    let request = OffsetFetchRequest {
        groups: vec![group],
        require_stable: true,
        ..Default::default()
    };
    let mut answer = connection.ask(version, &request).expect("an answer");
    let topics = &mut answer.groups[0].topics;
    topics.sort_by_key(|topic| (topic.name.clone(), topic.topic_id));
    for topic in topics {
        topic
            .partitions
            .sort_by_key(|partition| partition.partition_index);
    }
    all.insert(format!("offsets {version} {id}"), format!("{answer:#?}"));
    answer.groups[0].topics.len()
}
