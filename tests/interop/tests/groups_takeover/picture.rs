//! All that a server tells of its groups.

use std::collections::{BTreeMap, BTreeSet};

use ottla_interop::{offsets::committed, raw::Connection};
use ottla_wire::messages::{
    ConsumerGroupDescribeRequest, DescribeGroupsRequest, ListGroupsRequest, OffsetFetchRequest,
    offset_fetch_request::OffsetFetchRequestGroup,
};

/// Answers as text, by what was asked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Picture(BTreeMap<String, String>);

impl Picture {
    /// Of a server that takes over the groups of `before`: waits until they are loaded.
    pub(crate) fn after(before: &Self, connection: &mut Connection) -> Self {
        for name in before.0.keys() {
            if let Some(id) = name.strip_prefix("list ") {
                committed(connection, id, "one", 1);
            }
        }
        Self::of(connection)
    }

    pub(crate) fn of(connection: &mut Connection) -> Self {
        let mut all = BTreeMap::new();
        let ids = list(connection, &mut all);
        for id in &ids {
            describe(connection, id, &mut all);
            offsets(connection, id, &mut all);
        }
        Self(all)
    }

    /// Asserts that `later` is the same.
    pub(crate) fn is(&self, later: &Self, what: &str) {
        let mut differences = Vec::new();
        let both = self.0.keys().chain(later.0.keys());
        for name in both.collect::<BTreeSet<_>>() {
            let (before, after) = (self.0.get(name), later.0.get(name));
            if before != after {
                let nothing = &"nothing".to_owned();
                let (before, after) = (before.unwrap_or(nothing), after.unwrap_or(nothing));
                differences.push(format!("{name}\nbefore: {before}\nafter:  {after}"));
            }
        }
        assert!(
            differences.is_empty(),
            "{what}: {} differences\n{}",
            differences.len(),
            differences.join("\n\n")
        );
    }

    /// How many answers.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
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

fn describe(connection: &mut Connection, id: &str, all: &mut BTreeMap<String, String>) {
    let request = DescribeGroupsRequest {
        groups: vec![id.to_owned()],
        include_authorized_operations: true,
        ..Default::default()
    };
    let mut answer = connection.ask(6, &request).expect("an answer");
    let group = &mut answer.groups[0];
    group.members.sort_by(|a, b| a.member_id.cmp(&b.member_id));
    // Whether there is one is Kafka's to say, the words are not.
    group.error_message = group.error_message.as_ref().map(|_| "…".to_owned());
    all.insert(format!("classic {id}"), format!("{group:#?}"));
    let request = ConsumerGroupDescribeRequest {
        group_ids: vec![id.to_owned()],
        include_authorized_operations: true,
        ..Default::default()
    };
    let mut answer = connection.ask(1, &request).expect("an answer");
    let group = &mut answer.groups[0];
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

fn offsets(connection: &mut Connection, id: &str, all: &mut BTreeMap<String, String>) {
    for version in [8, 10] {
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
    }
}
