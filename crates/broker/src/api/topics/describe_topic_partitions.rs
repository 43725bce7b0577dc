//! DescribeTopicPartitions (key 75, version 0): partitions of topics, page by page, with what Metadata has no place for
//! (eligible leader replicas).
//!
//! Topics come sorted by name. A page has at most `max.request.partition.size.limit` partitions, and what the client
//! asks for if that is less; the cursor of an answer is the first partition that did not fit.
//!
//! Refuses: per topic `UNKNOWN_TOPIC_OR_PARTITION`, `INVALID_TOPIC_EXCEPTION` (only for topics that are named), and
//! `INVALID_REQUEST` on every topic for a cursor outside of the request or a negative partition in it.
//!
//! Differs from Apache Kafka: a cursor beyond a topic's last partition is served as "nothing left of it"; Kafka's
//! arithmetic may overflow there.
//!
//! Not yet: authorization.

use std::{cmp::Ordering, collections::BTreeMap};

use ottla_metadata::{
    Image,
    image::{Partition, Topic},
};
use ottla_wire::{
    errors::Code,
    messages::{
        DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
        describe_topic_partitions_response::{
            Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
        },
    },
};

use super::name;
use crate::{
    api::{Cx, nodes, operations},
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: DescribeTopicPartitionsRequest,
) -> Reply<DescribeTopicPartitionsResponse> {
    let limit = cx.broker.settings.max_request_partition_size_limit;
    Reply::Now(page(
        &cx.broker.image_arc(),
        &cx.endpoint.name,
        &request,
        limit,
    ))
}

fn page(
    image: &Image,
    listener: &str,
    request: &DescribeTopicPartitionsRequest,
    limit: i32,
) -> DescribeTopicPartitionsResponse {
    let Some(names) = names(image, request) else {
        return refused(request);
    };
    let mut left = usize::try_from(limit.min(request.response_partition_limit).max(1)).unwrap_or(1);
    let mut response = DescribeTopicPartitionsResponse::default();
    for (name, start) in names {
        if left == 0 {
            response.next_cursor = Some(cursor(name, 0));
            break;
        }
        let Some(topic) = image.topic(name) else {
            response.topics.push(missing(name));
            continue;
        };
        let partitions: Vec<_> = topic
            .partitions
            .range(start..)
            .take(left)
            .map(|(index, partition)| describe(image, listener, *index, partition))
            .collect();
        left -= partitions.len();
        let next = partitions
            .last()
            .map_or(start, |last| last.partition_index + 1);
        let is_complete = topic.partitions.range(next..).next().is_none();
        response.topics.push(known(topic, partitions));
        if !is_complete {
            response.next_cursor = Some(cursor(name, next));
            break;
        }
    }
    response
}

/// The topics to describe, sorted as Java sorts strings, with the first partition of each. `None` for a cursor that
/// does not fit the request.
fn names<'a>(
    image: &'a Image,
    request: &'a DescribeTopicPartitionsRequest,
) -> Option<impl Iterator<Item = (&'a str, i32)>> {
    let (from, first) = request
        .cursor
        .as_ref()
        .map_or(("", 0), |at| (at.topic_name.as_str(), at.partition_index));
    let asked: BTreeMap<Utf16<'a>, i32> = if request.topics.is_empty() {
        image
            .topics()
            .map(|topic| (Utf16(&topic.name), 0))
            .collect()
    } else {
        request
            .topics
            .iter()
            .map(|topic| (Utf16(&topic.name), 0))
            .collect()
    };
    let has_cursor = request.cursor.is_some();
    if first < 0 || (has_cursor && !request.topics.is_empty() && !asked.contains_key(&Utf16(from)))
    {
        return None;
    }
    let start = move |name: &str| if has_cursor && name == from { first } else { 0 };
    let rest = asked.into_keys().filter(move |name| *name >= Utf16(from));
    Some(rest.map(move |Utf16(name)| (name, start(name))))
}

/// Text in the order of Java's strings.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Utf16<'a>(&'a str);

impl Ord for Utf16<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.encode_utf16().cmp(other.0.encode_utf16())
    }
}

impl PartialOrd for Utf16<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn cursor(topic: &str, partition: i32) -> Cursor {
    Cursor {
        topic_name: topic.to_owned(),
        partition_index: partition,
        ..Cursor::default()
    }
}

fn known(
    topic: &Topic,
    partitions: Vec<DescribeTopicPartitionsResponsePartition>,
) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic {
        name: Some(topic.name.to_string()),
        topic_id: topic.id,
        is_internal: name::is_internal(&topic.name),
        partitions,
        topic_authorized_operations: operations::TOPIC,
        ..DescribeTopicPartitionsResponseTopic::default()
    }
}

fn missing(name: &str) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic {
        error_code: name::missing(name).0,
        name: Some(name.to_owned()),
        is_internal: name::is_internal(name),
        topic_authorized_operations: operations::TOPIC,
        ..DescribeTopicPartitionsResponseTopic::default()
    }
}

fn describe(
    image: &Image,
    listener: &str,
    index: i32,
    partition: &Partition,
) -> DescribeTopicPartitionsResponsePartition {
    DescribeTopicPartitionsResponsePartition {
        partition_index: index,
        leader_id: nodes::leader(image, partition, listener).map_or(-1, |node| node.id),
        leader_epoch: partition.leader_epoch,
        replica_nodes: partition.replicas.to_vec(),
        isr_nodes: partition.isr.to_vec(),
        eligible_leader_replicas: Some(partition.elr.to_vec()),
        last_known_elr: Some(partition.last_known_elr.to_vec()),
        offline_replicas: nodes::offline_replicas(image, partition, listener),
        ..DescribeTopicPartitionsResponsePartition::default()
    }
}

fn refused(request: &DescribeTopicPartitionsRequest) -> DescribeTopicPartitionsResponse {
    let topic = |name: &str| DescribeTopicPartitionsResponseTopic {
        error_code: Code::INVALID_REQUEST.0,
        name: Some(name.to_owned()),
        is_internal: name::is_internal(name),
        ..DescribeTopicPartitionsResponseTopic::default()
    };
    DescribeTopicPartitionsResponse {
        topics: request
            .topics
            .iter()
            .map(|asked| topic(&asked.name))
            .collect(),
        ..DescribeTopicPartitionsResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::messages::describe_topic_partitions_request::{self, TopicRequest};

    use super::*;
    use crate::api::nodes::tests::image;

    fn request(
        topics: &[&str],
        limit: i32,
        at: Option<(&str, i32)>,
    ) -> DescribeTopicPartitionsRequest {
        let topic = |name: &&str| TopicRequest {
            name: (*name).to_owned(),
            ..TopicRequest::default()
        };
        DescribeTopicPartitionsRequest {
            topics: topics.iter().map(topic).collect(),
            response_partition_limit: limit,
            cursor: at.map(|(name, index)| describe_topic_partitions_request::Cursor {
                topic_name: name.to_owned(),
                partition_index: index,
                ..describe_topic_partitions_request::Cursor::default()
            }),
            ..DescribeTopicPartitionsRequest::default()
        }
    }

    type Page = (Vec<(String, i16, usize)>, Option<(String, i32)>);

    fn paged(request: &DescribeTopicPartitionsRequest) -> Page {
        let answer = page(&image(), "INSIDE", request, 2000);
        let topics = answer.topics.into_iter();
        let topics = topics
            .map(|topic| {
                (
                    topic.name.unwrap(),
                    topic.error_code,
                    topic.partitions.len(),
                )
            })
            .collect();
        (
            topics,
            answer
                .next_cursor
                .map(|at| (at.topic_name, at.partition_index)),
        )
    }

    fn topics(list: &[(&str, i16, usize)]) -> Vec<(String, i16, usize)> {
        list.iter()
            .map(|(name, code, count)| ((*name).to_owned(), *code, *count))
            .collect()
    }

    #[test]
    fn pages_follow_each_other() {
        let (first, at) = paged(&request(&["b", "a"], 3, None));
        assert_eq!(
            (first, at),
            (
                topics(&[("a", 0, 2), ("b", 0, 1)]),
                Some(("b".to_owned(), 1))
            )
        );
        let (second, at) = paged(&request(&["b", "a"], 3, Some(("b", 1))));
        assert_eq!((second, at), (topics(&[("b", 0, 2)]), None));
        // A page that ends with a topic points to the next one.
        assert_eq!(
            paged(&request(&["a", "b"], 2, None)).1,
            Some(("b".to_owned(), 0))
        );
        // At least one partition.
        assert_eq!(
            paged(&request(&["a"], -5, None)),
            (topics(&[("a", 0, 1)]), Some(("a".to_owned(), 1)))
        );
    }

    #[test]
    fn all_topics_come_sorted_and_once() {
        let (all, at) = paged(&request(&[], 100, None));
        assert_eq!(
            (all, at),
            (
                topics(&[("__consumer_offsets", 0, 1), ("a", 0, 2), ("b", 0, 3)]),
                None
            )
        );
        let (named, _) = paged(&request(&["a", "x", "a", "x y"], 100, None));
        assert_eq!(named, topics(&[("a", 0, 2), ("x", 3, 0), ("x y", 17, 0)]));
        // A cursor at a topic that is gone goes on with the next.
        assert_eq!(
            paged(&request(&[], 100, Some(("aa", 4)))).0,
            topics(&[("b", 0, 3)])
        );
        assert_eq!(
            paged(&request(&["a"], 100, Some(("a", i32::MAX)))).0,
            topics(&[("a", 0, 0)])
        );
    }

    #[test]
    fn cursors_that_do_not_fit() {
        assert_eq!(
            paged(&request(&["a"], 100, Some(("b", 0)))).0,
            topics(&[("a", 42, 0)])
        );
        assert_eq!(
            paged(&request(&["a"], 100, Some(("a", -1)))).0,
            topics(&[("a", 42, 0)])
        );
        assert_eq!(paged(&request(&[], 100, Some(("a", -1)))).0, topics(&[]));
    }
}
