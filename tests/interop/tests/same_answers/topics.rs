//! Requests that make, change, delete and describe topics.

use ottla_wire::{
    Uuid,
    messages::{
        CreatePartitionsRequest, CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest,
        DescribeTopicPartitionsRequest, ElectLeadersRequest, ListPartitionReassignmentsRequest,
        MetadataRequest, MetadataResponse, create_partitions_request as grow,
        create_topics_request as create, delete_topics_request as delete,
        describe_topic_partitions_request as describe, elect_leaders_request as elect,
        metadata_request as metadata,
    },
};

use crate::both::{Both, Side};

fn topic(name: &str, partitions: i32, replication_factor: i16) -> create::CreatableTopic {
    create::CreatableTopic {
        name: name.to_owned(),
        num_partitions: partitions,
        replication_factor,
        ..create::CreatableTopic::default()
    }
}

fn with_configs(
    mut topic: create::CreatableTopic,
    configs: &[(&str, Option<&str>)],
) -> create::CreatableTopic {
    topic.configs = configs
        .iter()
        .map(|(name, value)| create::CreatableTopicConfig {
            name: (*name).to_owned(),
            value: value.map(str::to_owned),
            ..create::CreatableTopicConfig::default()
        })
        .collect();
    topic
}

fn with_replicas(
    mut topic: create::CreatableTopic,
    replicas: &[(i32, &[i32])],
) -> create::CreatableTopic {
    topic.assignments = replicas
        .iter()
        .map(
            |(partition_index, broker_ids)| create::CreatableReplicaAssignment {
                partition_index: *partition_index,
                broker_ids: broker_ids.to_vec(),
                ..create::CreatableReplicaAssignment::default()
            },
        )
        .collect();
    topic
}

/// Topics and their configurations come in no order.
pub(crate) fn settle_create(answer: &mut CreateTopicsResponse) {
    answer.topics.sort_by(|a, b| a.name.cmp(&b.name));
    for topic in &mut answer.topics {
        if let Some(configs) = &mut topic.configs {
            configs.sort_by(|a, b| a.name.cmp(&b.name));
        }
    }
}

fn create(
    both: &mut Both,
    what: &str,
    validate_only: bool,
    build: impl Fn(i16) -> Vec<create::CreatableTopic>,
) {
    both.each_then(
        what,
        |_, version| CreateTopicsRequest {
            topics: build(version),
            timeout_ms: 10_000,
            validate_only,
            ..CreateTopicsRequest::default()
        },
        settle_create,
    );
}

pub(crate) fn ask(both: &mut Both) {
    creations(both);
    both.wait_for("configured-7", 0);
    descriptions(both);
    growth(both);
    deletions(both);
}

fn creations(both: &mut Both) {
    create(both, "one", false, |version| {
        vec![topic(&format!("made-{version}"), 3, 1)]
    });
    create(both, "the same again", false, |version| {
        vec![topic(&format!("made-{version}"), 3, 1)]
    });
    create(both, "none", false, |_| vec![]);
    create(both, "by the defaults", false, |version| {
        vec![topic(&format!("default-{version}"), -1, -1)]
    });
    create(both, "only checked", true, |_| vec![topic("checked", 2, 1)]);
    create(both, "twice in one request", false, |_| {
        vec![topic("twice", 1, 1), topic("twice", 1, 1)]
    });
    for (what, partitions, factor) in [
        ("no partitions", 0, 1),
        ("less than no partitions", -2, 1),
        ("no replicas", 1, 0),
        ("more replicas than brokers", 1, 3),
        ("very many partitions", 1_000_000, 1),
    ] {
        create(both, what, false, |_| {
            vec![topic("refused", partitions, factor)]
        });
    }
    let long = "x".repeat(250);
    for name in ["", ".", "..", "a b", "a/b", "käse", &long, &long[..249]] {
        create(both, &format!("name {name:?}"), true, |_| {
            vec![topic(name, 1, 1)]
        });
    }
    create(both, "names that collide", false, |version| {
        vec![
            topic(&format!("one.two-{version}"), 1, 1),
            topic(&format!("one_two-{version}"), 1, 1),
        ]
    });
    for configs in [
        &[("retention.ms", Some("1000"))][..],
        &[("retention.ms", Some("x"))],
        &[("retention.ms", None)],
        &[("no.such.key", Some("1"))],
        &[
            ("cleanup.policy", Some("compact,delete")),
            ("segment.bytes", Some("1048576")),
        ],
        &[("min.insync.replicas", Some("0"))],
        &[
            ("local.retention.ms", Some("100")),
            ("retention.ms", Some("10")),
        ],
        &[("remote.storage.enable", Some("true"))],
        &[
            ("compression.type", Some("gzip")),
            ("compression.gzip.level", Some("10")),
        ],
    ] {
        create(both, &format!("{configs:?}"), true, |_| {
            vec![with_configs(topic("configured", 1, 1), configs)]
        });
    }
    create(both, "with configurations", false, |version| {
        vec![with_configs(
            topic(&format!("configured-{version}"), 1, 1),
            &[("retention.ms", Some("77"))],
        )]
    });
    for replicas in [
        &[(0, &[1][..])][..],
        &[(0, &[1]), (1, &[1])],
        &[(1, &[1])],
        &[(0, &[1]), (0, &[1])],
        &[(0, &[])],
        &[(0, &[2])],
        &[(0, &[1, 1])],
        &[(0, &[-1])],
    ] {
        create(both, &format!("replicas {replicas:?}"), true, |_| {
            vec![with_replicas(topic("placed", -1, -1), replicas)]
        });
        create(
            both,
            &format!("replicas {replicas:?} and counts"),
            true,
            |_| vec![with_replicas(topic("placed", 1, 1), replicas)],
        );
    }
}

fn by_name(name: &str) -> metadata::MetadataRequestTopic {
    metadata::MetadataRequestTopic {
        name: Some(name.to_owned()),
        ..metadata::MetadataRequestTopic::default()
    }
}

fn settle_metadata(answer: &mut MetadataResponse) {
    answer.topics.sort_by(|a, b| a.name.cmp(&b.name));
    for topic in &mut answer.topics {
        topic
            .partitions
            .sort_by_key(|partition| partition.partition_index);
    }
}

type Topics = Option<Vec<metadata::MetadataRequestTopic>>;

fn metadata(both: &mut Both, what: &str, topics: impl Fn(&mut Side) -> Topics) {
    for operations in [false, true] {
        both.each_then(
            what,
            |side, version| MetadataRequest {
                topics: topics(side),
                allow_auto_topic_creation: version < 4,
                include_cluster_authorized_operations: operations && (8..=10).contains(&version),
                include_topic_authorized_operations: operations && version >= 8,
                ..MetadataRequest::default()
            },
            settle_metadata,
        );
    }
}

fn descriptions(both: &mut Both) {
    metadata(both, "all", |_| None);
    metadata(both, "none", |_| Some(vec![]));
    metadata(both, "one", |_| Some(vec![by_name("made-7")]));
    metadata(both, "one twice", |_| {
        Some(vec![by_name("made-7"), by_name("made-7")])
    });
    metadata(both, "a name that is none", |_| Some(vec![by_name("a b")]));
    metadata(both, "an empty name", |_| Some(vec![by_name("")]));
    let by_id = |topic_id, name: Option<&str>| {
        Some(vec![metadata::MetadataRequestTopic {
            topic_id,
            name: name.map(str::to_owned),
            ..metadata::MetadataRequestTopic::default()
        }])
    };
    metadata(both, "by id", |side| by_id(side.id("made-7"), None));
    metadata(both, "by an id that is none", |_| {
        by_id(Uuid::from_u128(77), None)
    });
    metadata(both, "by neither", |_| by_id(Uuid::ZERO, None));
    metadata(both, "by both", |side| {
        by_id(side.id("made-7"), Some("made-7"))
    });
    // Not from version 4 on, where it can be refused; before, it would make the topic.
    for version in 4..=13 {
        both.once("unknown", version, |_, _| MetadataRequest {
            topics: Some(vec![by_name("unknown")]),
            allow_auto_topic_creation: false,
            ..MetadataRequest::default()
        });
    }
    for (names, limit, cursor) in [
        (&["made-7", "made-2", "unknown"][..], 2000, None),
        (&["made-7", "made-2"], 2, None),
        (&["made-7", "made-2"], 4, Some(("made-2", 1))),
        (&["made-7"], 2, Some(("made-7", 9))),
        (&["made-7"], 2, Some(("made-7", -1))),
        (&["made-7"], 0, None),
        (&["a b", "made-7", "made-7"], 10, None),
    ] {
        both.each(&format!("{names:?}, {limit} from {cursor:?}"), |_, _| {
            DescribeTopicPartitionsRequest {
                topics: names
                    .iter()
                    .map(|name| describe::TopicRequest {
                        name: (*name).to_owned(),
                        ..describe::TopicRequest::default()
                    })
                    .collect(),
                response_partition_limit: limit,
                cursor: cursor.map(|(topic, partition_index)| describe::Cursor {
                    topic_name: topic.to_owned(),
                    partition_index,
                    ..describe::Cursor::default()
                }),
                ..DescribeTopicPartitionsRequest::default()
            }
        });
    }
    both.each("all", |_, _| ListPartitionReassignmentsRequest::default());
    for (topic, partition) in [("made-7", 0), ("made-7", 9), ("unknown", 0)] {
        for election_type in [0, 1] {
            both.each(
                &format!("{topic}-{partition}, {election_type}"),
                |_, version| ElectLeadersRequest {
                    election_type: if version == 0 { 0 } else { election_type },
                    topic_partitions: Some(vec![elect::TopicPartitions {
                        topic: topic.to_owned(),
                        partitions: vec![partition],
                        ..elect::TopicPartitions::default()
                    }]),
                    timeout_ms: 10_000,
                    ..ElectLeadersRequest::default()
                },
            );
        }
    }
}

fn growth(both: &mut Both) {
    let no_replicas: Option<&[&[i32]]> = None;
    for (what, name, count, replicas, validate_only) in [
        ("only checked", "made-2", 5, no_replicas, true),
        ("more", "made-2", 5, no_replicas, false),
        ("as many", "made-2", 5, no_replicas, false),
        ("fewer", "made-2", 2, no_replicas, false),
        ("none", "made-2", 0, no_replicas, false),
        ("less than none", "made-2", -1, no_replicas, false),
        ("very many", "made-2", 2_000_000, no_replicas, true),
        ("unknown", "unknown", 5, no_replicas, false),
        ("placed", "made-3", 4, Some(&[&[1]]), true),
        ("placed, too few", "made-3", 5, Some(&[&[1]]), true),
        ("placed, too many", "made-3", 4, Some(&[&[1], &[1]]), true),
        ("placed nowhere", "made-3", 4, Some(&[&[]]), true),
        (
            "placed on an unknown broker",
            "made-3",
            4,
            Some(&[&[5]]),
            true,
        ),
        ("placed twice on one", "made-3", 4, Some(&[&[1, 1]]), true),
    ] {
        both.each(what, |_, _| CreatePartitionsRequest {
            topics: vec![grow::CreatePartitionsTopic {
                name: name.to_owned(),
                count,
                assignments: replicas.map(|replicas| {
                    replicas
                        .iter()
                        .map(|broker_ids| grow::CreatePartitionsAssignment {
                            broker_ids: broker_ids.to_vec(),
                            ..grow::CreatePartitionsAssignment::default()
                        })
                        .collect()
                }),
                ..grow::CreatePartitionsTopic::default()
            }],
            timeout_ms: 10_000,
            validate_only,
            ..CreatePartitionsRequest::default()
        });
    }
}

fn deletions(both: &mut Both) {
    let request = |version: i16, names: &[&str]| DeleteTopicsRequest {
        topic_names: if version < 6 {
            names.iter().map(|&name| name.to_owned()).collect()
        } else {
            vec![]
        },
        topics: if version < 6 {
            vec![]
        } else {
            let states = names.iter().map(|&name| delete::DeleteTopicState {
                name: Some(name.to_owned()),
                ..delete::DeleteTopicState::default()
            });
            states.collect()
        },
        timeout_ms: 10_000,
        ..DeleteTopicsRequest::default()
    };
    both.each("unknown", |_, version| request(version, &["unknown"]));
    both.each("none", |_, version| request(version, &[]));
    both.each("one", |_, version| {
        request(version, &[&format!("default-{}", version.max(2))])
    });
    both.each("twice in one request", |_, version| {
        request(version, &["made-4", "made-4"])
    });
    for (what, id, name) in [
        ("id", true, false),
        ("id and name", true, true),
        ("neither", false, false),
    ] {
        both.once(&format!("by {what}"), 6, |side, _| DeleteTopicsRequest {
            topics: vec![delete::DeleteTopicState {
                topic_id: if id { side.id("made-5") } else { Uuid::ZERO },
                name: name.then(|| "made-5".to_owned()),
                ..delete::DeleteTopicState::default()
            }],
            timeout_ms: 10_000,
            ..DeleteTopicsRequest::default()
        });
    }
    both.forget("made-5");
    both.once("by an id that is none", 6, |_, _| DeleteTopicsRequest {
        topics: vec![delete::DeleteTopicState {
            topic_id: Uuid::from_u128(77),
            ..delete::DeleteTopicState::default()
        }],
        timeout_ms: 10_000,
        ..DeleteTopicsRequest::default()
    });
}
