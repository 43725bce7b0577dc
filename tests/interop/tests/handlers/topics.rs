//! Requests about topics and partitions.

use std::time::Duration;

use ottla_wire::{
    Request, Uuid,
    messages::{
        CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest,
        DescribeTopicPartitionsRequest, MetadataRequest, create_partitions_request,
        create_topics_request, delete_topics_request, describe_topic_partitions_request,
        metadata_request,
    },
};

use crate::both::{Both, strings};

pub(crate) fn create(
    name: &str,
    partitions: i32,
    replicas: i16,
    configs: &[(&str, &str)],
) -> create_topics_request::CreatableTopic {
    create_topics_request::CreatableTopic {
        name: name.to_owned(),
        num_partitions: partitions,
        replication_factor: replicas,
        configs: configs
            .iter()
            .map(
                |(name, value)| create_topics_request::CreatableTopicConfig {
                    name: (*name).to_owned(),
                    value: Some((*value).to_owned()),
                    ..Default::default()
                },
            )
            .collect(),
        ..Default::default()
    }
}

pub(crate) fn topics(both: &mut Both) {
    let request =
        |topics: Vec<create_topics_request::CreatableTopic>, validate_only| CreateTopicsRequest {
            topics,
            timeout_ms: 20_000,
            validate_only,
            ..Default::default()
        };
    let tidy = |answer: &mut <CreateTopicsRequest as Request>::Response| {
        answer.topics.sort_by(|a, b| a.name.cmp(&b.name));
        for topic in &mut answer.topics {
            for configs in topic.configs.iter_mut() {
                configs.sort_by(|a, b| a.name.cmp(&b.name));
            }
        }
    };
    both.ask(
        "good",
        2..=7,
        |v| {
            request(
                vec![create(&format!("t{v}"), 3, 1, &[("retention.ms", "12345")])],
                false,
            )
        },
        tidy,
    );
    both.ask(
        "there is one",
        2..=7,
        |v| request(vec![create(&format!("t{v}"), 3, 1, &[])], false),
        tidy,
    );
    both.ask(
        "only validated",
        2..=7,
        |_| {
            request(
                vec![create("never", 2, 1, &[("cleanup.policy", "compact")])],
                true,
            )
        },
        tidy,
    );
    both.ask(
        "defaults",
        4..=7,
        |v| request(vec![create(&format!("d{v}"), -1, -1, &[])], false),
        tidy,
    );
    for (what, topic) in [
        ("bad name", create("b d", 1, 1, &[])),
        ("empty name", create("", 1, 1, &[])),
        ("colliding name", create("t.7_x", 1, 1, &[])),
        ("metadata", create("__cluster_metadata", 1, 1, &[])),
        ("no partitions", create("x", 0, 1, &[])),
        ("negative partitions", create("x", -2, 1, &[])),
        ("too many replicas", create("x", 1, 2, &[])),
        ("no replicas", create("x", 1, 0, &[])),
        ("unknown config", create("x", 1, 1, &[("no.such", "1")])),
        ("bad config", create("x", 1, 1, &[("retention.ms", "soon")])),
        (
            "impossible config",
            create("x", 1, 1, &[("retention.ms", "-9")]),
        ),
    ] {
        both.ask(what, 2..=7, |_| request(vec![topic.clone()], false), tidy);
    }
    both.ask(
        "twice",
        2..=7,
        |_| request(vec![create("x", 1, 1, &[]), create("x", 1, 1, &[])], false),
        tidy,
    );
    both.ask(
        "no time",
        7..=7,
        |_| CreateTopicsRequest {
            timeout_ms: 0,
            ..request(vec![create("late", 1, 1, &[])], false)
        },
        tidy,
    );
    let assigned = |partitions: &[(i32, &[i32])]| create_topics_request::CreatableTopic {
        assignments: partitions
            .iter()
            .map(
                |(index, brokers)| create_topics_request::CreatableReplicaAssignment {
                    partition_index: *index,
                    broker_ids: brokers.to_vec(),
                    ..Default::default()
                },
            )
            .collect(),
        ..create("assigned", -1, -1, &[])
    };
    for (what, topic) in [
        ("assigned to nobody", assigned(&[(0, &[77])])),
        ("assigned with a gap", assigned(&[(1, &[1])])),
        ("assigned twice", assigned(&[(0, &[1, 1])])),
        ("assigned to none", assigned(&[(0, &[])])),
        ("assigned", assigned(&[(0, &[1]), (1, &[1])])),
    ] {
        both.ask(what, 7..=7, |_| request(vec![topic.clone()], false), tidy);
    }
    partitions(both);
    deletion(both);
}

pub(crate) fn partitions(both: &mut Both) {
    let more = |name: &str, count, brokers: Option<&[i32]>| {
        create_partitions_request::CreatePartitionsTopic {
            name: name.to_owned(),
            count,
            assignments: brokers.map(|ids| {
                vec![create_partitions_request::CreatePartitionsAssignment {
                    broker_ids: ids.to_vec(),
                    ..Default::default()
                }]
            }),
            ..Default::default()
        }
    };
    let tidy = |answer: &mut <CreatePartitionsRequest as Request>::Response| {
        answer.results.sort_by(|a, b| a.name.cmp(&b.name))
    };
    for (what, topics) in [
        ("good", vec![more("t7", 4, None)]),
        ("fewer", vec![more("t6", 2, None), more("t5", 3, None)]),
        ("unknown", vec![more("nope", 4, None)]),
        ("bad name", vec![more("no pe", 4, None)]),
        ("twice", vec![more("t6", 5, None), more("t6", 5, None)]),
        ("assigned", vec![more("t4", 4, Some(&[1]))]),
        ("assigned badly", vec![more("t4", 6, Some(&[1]))]),
        ("assigned to nobody", vec![more("t4", 5, Some(&[9]))]),
    ] {
        for validate_only in [true, false] {
            let request = |_| CreatePartitionsRequest {
                topics: topics.clone(),
                timeout_ms: 20_000,
                validate_only,
                ..Default::default()
            };
            both.ask(
                what,
                if validate_only { 0..=3 } else { 3..=3 },
                request,
                tidy,
            );
        }
    }
}

pub(crate) fn deletion(both: &mut Both) {
    let tidy = |answer: &mut <DeleteTopicsRequest as Request>::Response| {
        answer
            .responses
            .sort_by(|a, b| (&a.name, a.error_code).cmp(&(&b.name, b.error_code)));
    };
    let named = |version: i16, names: &[&str]| {
        let mut request = DeleteTopicsRequest {
            timeout_ms: 20_000,
            ..Default::default()
        };
        if version < 6 {
            request.topic_names = strings(names);
        } else {
            request.topics = names
                .iter()
                .map(|name| delete_topics_request::DeleteTopicState {
                    name: Some((*name).to_owned()),
                    ..Default::default()
                })
                .collect();
        }
        request
    };
    both.ask(
        "unknown, bad, twice",
        1..=6,
        |v| named(v, &["nope", "no pe", "t2", "t2"]),
        tidy,
    );
    both.ask("good", 5..=6, |v| named(v, &[&format!("d{v}")]), tidy);
    let by_id = |name: Option<&str>, id| DeleteTopicsRequest {
        timeout_ms: 20_000,
        topics: vec![delete_topics_request::DeleteTopicState {
            name: name.map(str::to_owned),
            topic_id: Uuid::from_u128(id),
            ..Default::default()
        }],
        ..Default::default()
    };
    both.ask("unknown id", 6..=6, |_| by_id(None, 12_345_678), tidy);
    both.ask(
        "name and id",
        6..=6,
        |_| by_id(Some("t2"), 12_345_678),
        tidy,
    );
    both.ask("neither", 6..=6, |_| by_id(None, 0), tidy);
}

pub(crate) fn metadata(both: &mut Both) {
    let tidy = |answer: &mut <MetadataRequest as Request>::Response| {
        answer.topics.sort_by(|a, b| a.name.cmp(&b.name))
    };
    let topic = |name: Option<&str>, id| metadata_request::MetadataRequestTopic {
        name: name.map(str::to_owned),
        topic_id: Uuid::from_u128(id),
        ..Default::default()
    };
    let some = |version: i16, topics: &[metadata_request::MetadataRequestTopic]| MetadataRequest {
        topics: Some(topics.to_vec()),
        allow_auto_topic_creation: version < 4,
        include_cluster_authorized_operations: (8..=10).contains(&version),
        include_topic_authorized_operations: version >= 8,
        ..Default::default()
    };
    let named = |names: &[&str]| {
        names
            .iter()
            .map(|name| topic(Some(name), 0))
            .collect::<Vec<_>>()
    };
    both.ask(
        "all",
        0..=13,
        |v| MetadataRequest {
            topics: if v == 0 { Some(vec![]) } else { None },
            ..Default::default()
        },
        tidy,
    );
    both.ask("none", 1..=13, |v| some(v, &[]), tidy);
    both.ask(
        "named",
        0..=13,
        |v| some(v, &named(&["t7", "t6", "t7"])),
        tidy,
    );
    both.ask(
        "missing",
        4..=13,
        |v| some(v, &named(&["t7", "nope", "no pe", "__consumer_offsets"])),
        tidy,
    );
    both.ask(
        "unknown id",
        12..=13,
        |v| some(v, &[topic(None, 12_345_678)]),
        tidy,
    );
    both.ask(
        "unknown id and a name",
        12..=13,
        |v| some(v, &[topic(None, 12_345_678), topic(Some("t7"), 0)]),
        tidy,
    );
    both.ask(
        "an id too early",
        10..=11,
        |v| some(v, &[topic(Some("t7"), 12_345_678)]),
        tidy,
    );
    both.ask(
        "a null name too early",
        10..=11,
        |v| some(v, &[topic(None, 0)]),
        tidy,
    );
    let auto = |name: &'static str| {
        move |_| MetadataRequest {
            topics: Some(vec![topic(Some(name), 0)]),
            allow_auto_topic_creation: true,
            ..Default::default()
        }
    };
    both.ask("created", 4..=4, auto("auto"), tidy);
    both.ask("created badly", 4..=4, auto("au to"), tidy);
    std::thread::sleep(Duration::from_secs(1));
    both.ask("created before", 4..=13, auto("auto"), tidy);
    pages(both);
}

pub(crate) fn pages(both: &mut Both) {
    use describe_topic_partitions_request::{Cursor, TopicRequest};
    for (what, names, limit, cursor) in [
        ("all", &[][..], 2000, None),
        ("some", &["t7", "t5", "nope", "no pe", "t7"], 2000, None),
        ("a page", &["t7", "t5"], 2, None),
        ("the next page", &["t7", "t5"], 2, Some(("t5", 2))),
        ("no limit", &["t7"], 0, None),
        ("beyond", &["t7"], 10, Some(("t7", 70))),
        ("another cursor", &["t7"], 10, Some(("t5", 0))),
        ("a negative cursor", &["t7"], 10, Some(("t7", -1))),
    ] {
        let request = |_| DescribeTopicPartitionsRequest {
            topics: names
                .iter()
                .map(|name| TopicRequest {
                    name: (*name).to_owned(),
                    ..Default::default()
                })
                .collect(),
            response_partition_limit: limit,
            cursor: cursor.map(|(topic, index): (&str, i32)| Cursor {
                topic_name: topic.to_owned(),
                partition_index: index,
                ..Default::default()
            }),
            ..Default::default()
        };
        both.ask(what, 0..=0, request, |_| {});
    }
}
