//! Requests that reach a limit, or meet what is turned off.

use bytes::Bytes;
use ottla_wire::{
    Records,
    messages::{
        ApiVersionsRequest, ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest,
        ConsumerGroupHeartbeatResponse, CreateTopicsRequest, DeleteTopicsRequest,
        GetTelemetrySubscriptionsRequest, HeartbeatRequest, InitProducerIdRequest,
        JoinGroupRequest, OffsetCommitRequest, OffsetDeleteRequest, ProduceRequest,
        PushTelemetryRequest, SyncGroupRequest, UpdateFeaturesRequest,
        create_topics_request as create, delete_topics_request::DeleteTopicState,
        offset_delete_request as delete, produce_request as produce,
        update_features_request::FeatureUpdateKey,
    },
    records::{BatchBuilder, Codec, compress::compress},
};

use crate::{
    both::{Both, Side},
    groups,
};

/// Little of everything.
pub(crate) const SETTINGS: &[&str] = &[
    "delete.topic.enable=false",
    "group.max.size=1",
    "group.consumer.max.size=1",
    "group.initial.rebalance.delay.ms=0",
    "offsets.topic.num.partitions=3",
    "telemetry.max.bytes=1000",
    "auto.leader.rebalance.enable=false",
    "log.initial.task.delay.ms=3600000",
];

const START: i64 = 1_750_000_000_000;

pub(crate) fn ask(both: &mut Both) {
    // The first of all: the controller has granted no ids yet.
    both.once("the first producer", 4, |_, _| InitProducerIdRequest {
        transactional_id: None,
        transaction_timeout_ms: 1000,
        ..InitProducerIdRequest::default()
    });
    topics(both);
    sizes(both);
    times(both);
    deletions(both);
    groups::coordinators(both);
    full_groups(both);
    telemetry(both);
    odd_telemetry(both);
    off(both);
}

/// What is off after its feature was taken back.
fn off(both: &mut Both) {
    both.once("groups of the newer protocol are turned off", 1, |_, _| {
        UpdateFeaturesRequest {
            timeout_ms: 10_000,
            feature_updates: vec![FeatureUpdateKey {
                feature: "group.version".to_owned(),
                max_version_level: 0,
                upgrade_type: 2,
                ..FeatureUpdateKey::default()
            }],
            ..UpdateFeaturesRequest::default()
        }
    });
    let features = ApiVersionsRequest {
        client_software_name: "interop".to_owned(),
        client_software_version: "1".to_owned(),
        ..ApiVersionsRequest::default()
    };
    both.wait_for_answer("groups turned off", 3, &features, |answer| {
        let mut finalized = answer.finalized_features.iter();
        !finalized.any(|feature| feature.name == "group.version" && feature.max_version_level > 0)
    });
    both.pause();
    both.each("turned off", |_, _| consumer("none", "m"));
    both.each("turned off", |_, _| ConsumerGroupDescribeRequest {
        group_ids: vec!["none".to_owned(), "full 0".to_owned()],
        ..ConsumerGroupDescribeRequest::default()
    });
}

fn topics(both: &mut Both) {
    let wanted: [(&str, &[(&str, &str)]); 4] = [
        (
            "short",
            &[
                ("segment.bytes", "1048576"),
                ("max.message.bytes", "1500000"),
            ],
        ),
        ("timely", &[("message.timestamp.before.max.ms", "1000")]),
        (
            "not-too-soon",
            &[("message.timestamp.after.max.ms", "1000")],
        ),
        ("stamped", &[("message.timestamp.type", "LogAppendTime")]),
    ];
    both.once("topics with limits", 5, |_, _| CreateTopicsRequest {
        topics: wanted
            .map(|(name, configs)| create::CreatableTopic {
                name: name.to_owned(),
                num_partitions: 1,
                replication_factor: 1,
                configs: configs
                    .iter()
                    .map(|(key, value)| create::CreatableTopicConfig {
                        name: (*key).to_owned(),
                        value: Some((*value).to_owned()),
                        ..create::CreatableTopicConfig::default()
                    })
                    .collect(),
                ..create::CreatableTopic::default()
            })
            .into(),
        timeout_ms: 10_000,
        ..CreateTopicsRequest::default()
    });
    for (name, _) in wanted {
        both.wait_for(name, 0);
    }
}

fn batch(size: usize, timestamp: i64) -> Bytes {
    let mut builder = BatchBuilder::new(Codec::None);
    let record = builder.append(timestamp, None, Some(&vec![b'x'; size]), &[]);
    record.expect("a record");
    builder.build().expect("a batch").to_bytes()
}

fn write(both: &mut Both, what: &str, topic: &str, records: &Bytes) {
    both.each(what, |side, _| ProduceRequest {
        acks: -1,
        timeout_ms: 5000,
        topic_data: vec![produce::TopicProduceData {
            name: topic.to_owned(),
            topic_id: side.id(topic),
            partition_data: vec![produce::PartitionProduceData {
                records: Some(Records::Bytes(records.clone())),
                ..produce::PartitionProduceData::default()
            }],
            ..produce::TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    });
}

fn sizes(both: &mut Both) {
    write(both, "one batch", "short", &batch(700_000, START));
    write(
        both,
        "a batch beyond the limit",
        "short",
        &batch(1_600_000, START),
    );
    write(
        both,
        "more than a segment",
        "short",
        &batch(1_200_000, START),
    );
}

fn times(both: &mut Both) {
    for topic in ["timely", "not-too-soon", "stamped"] {
        for (what, timestamp) in [
            ("long ago", START),
            ("to come", 33_000_000_000_000),
            ("none", -1),
            ("before there was time", -2),
        ] {
            if timestamp >= -1 {
                write(
                    both,
                    &format!("{what}, {topic}"),
                    topic,
                    &batch(5, timestamp),
                );
            }
        }
    }
}

fn deletions(both: &mut Both) {
    for name in ["short", "nothing"] {
        both.each(name, |side, version| DeleteTopicsRequest {
            topic_names: if version < 6 {
                vec![name.to_owned()]
            } else {
                vec![]
            },
            topics: if version < 6 {
                vec![]
            } else {
                vec![DeleteTopicState {
                    topic_id: side.id(name),
                    ..DeleteTopicState::default()
                }]
            },
            timeout_ms: 1000,
            ..DeleteTopicsRequest::default()
        });
    }
}

fn consumer(group: &str, member: &str) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest {
        group_id: group.to_owned(),
        member_id: member.to_owned(),
        rebalance_timeout_ms: 60_000,
        subscribed_topic_names: Some(vec!["short".to_owned()]),
        topic_partitions: Some(vec![]),
        ..ConsumerGroupHeartbeatRequest::default()
    }
}

fn settle_beat(answer: &mut ConsumerGroupHeartbeatResponse) {
    if answer.member_id.as_deref().is_some_and(|id| id.len() == 22) {
        answer.member_id = Some("some id".to_owned());
    }
}

/// A group of one, and whoever comes second.
fn full_groups(both: &mut Both) {
    for version in [0, 1] {
        let group = format!("full {version}");
        for member in ["m", "m", "n"] {
            both.once_then(
                member,
                version,
                |_, _| consumer(&group, member),
                settle_beat,
            );
        }
        both.once_then(
            "of a classic group",
            version,
            |_, _| consumer("crowded 5", "n"),
            settle_beat,
        );
    }
    for version in 0..=9 {
        let group = format!("crowded {version}");
        let joining = |id: String| JoinGroupRequest {
            group_id: group.clone(),
            member_id: id,
            ..groups::join("consumer")
        };
        let first = format!("first of {version}");
        both.once_learn(
            "one",
            version,
            |_, _| joining(String::new()),
            groups::settle_join,
            |answer| Some((first.clone(), answer.member_id.clone())),
        );
        if version >= 4 {
            both.once_then(
                "one with its id",
                version,
                |side, _| joining(side.recall(&first)),
                groups::settle_join,
            );
        }
        both.once_then(
            "another",
            version,
            |_, _| joining(String::new()),
            groups::settle_join,
        );
        both.once_then(
            "a stranger",
            version,
            |_, _| joining("n".to_owned()),
            groups::settle_join,
        );
        both.once_then(
            "of a consumer group",
            version,
            |_, _| JoinGroupRequest {
                group_id: "full 0".to_owned(),
                ..groups::join("consumer")
            },
            groups::settle_join,
        );
        unsettled(both, &group, &first, version);
    }
    for group in ["crowded 5", "full 0", "crowded 6"] {
        groups::delete_one(both, "with a member", group);
        both.each(group, |_, _| OffsetDeleteRequest {
            group_id: group.to_owned(),
            topics: vec![delete::OffsetDeleteRequestTopic {
                name: "short".to_owned(),
                partitions: vec![delete::OffsetDeleteRequestPartition { partition_index: 0 }],
            }],
        });
    }
}

/// A member whose group waits for the assignment.
fn unsettled(both: &mut Both, group: &str, member: &str, version: i16) {
    let id = |side: &mut Side| side.recall(member);
    both.each(&format!("{group} waits"), |side, _| HeartbeatRequest {
        group_id: group.to_owned(),
        member_id: id(side),
        generation_id: 1,
        ..HeartbeatRequest::default()
    });
    both.each(&format!("{group} waits"), |side, _| OffsetCommitRequest {
        member_id: id(side),
        generation_id_or_member_epoch: 1,
        ..groups::simple_commit(side, group, &[("short", &[0])])
    });
    // One stays as it is, for what asks of it later.
    if version != 6 {
        both.once("its assignment", version.min(5), |side, _| {
            SyncGroupRequest {
                group_id: group.to_owned(),
                member_id: id(side),
                generation_id: 1,
                protocol_type: Some("consumer".to_owned()),
                protocol_name: Some("range".to_owned()),
                ..SyncGroupRequest::default()
            }
        });
    }
}

fn telemetry(both: &mut Both) {
    let client = ottla_wire::Uuid::from_u128(0x7e1e);
    both.once_seen(
        "a client",
        0,
        |_, _| GetTelemetrySubscriptionsRequest {
            client_instance_id: client,
            ..GetTelemetrySubscriptionsRequest::default()
        },
        |side, answer| {
            side.remember("subscription", answer.subscription_id);
            answer.subscription_id = answer.subscription_id.signum().abs();
        },
    );
    for (what, size, compression) in [
        ("too much", 1001, 0),
        ("much more", 100_000, 0),
        ("too much, damaged", 1001, 1),
    ] {
        both.once(what, 0, |side, _| PushTelemetryRequest {
            client_instance_id: client,
            subscription_id: side.number("subscription") as i32,
            compression_type: compression,
            metrics: Bytes::from(vec![0; size]),
            ..PushTelemetryRequest::default()
        });
    }
}

/// Each as the first push of a client of its own: whoever pushes again is to wait.
fn odd_telemetry(both: &mut Both) {
    let noise = Bytes::from_static(b"\xff\xff\xff\xff\xff");
    let mut pushes = vec![
        ("no such codec".to_owned(), 9, Bytes::from_static(b"x")),
        ("a negative codec".to_owned(), -1, Bytes::from_static(b"x")),
        ("nothing".to_owned(), 0, Bytes::new()),
    ];
    for codec in 0..=4 {
        let of = |bytes: &[u8]| {
            let codec = Codec::from_id(codec.into()).expect("a codec");
            compress(codec, None, bytes)
        };
        let sound = of(&[7; 900]);
        for (what, metrics) in [
            ("noise", noise.clone()),
            ("nothing, compressed", of(b"")),
            ("cut short", sound.slice(..sound.len() - 1)),
            ("much, decompressed", of(&[7; 1001])),
            ("much more, decompressed", of(&[7; 100_000])),
            ("sound", sound),
        ] {
            pushes.push((format!("{what}, codec {codec}"), codec, metrics));
        }
    }
    for (at, (what, compression, metrics)) in pushes.iter().enumerate() {
        let client = ottla_wire::Uuid::from_u128(0x7e1f + at as u128);
        both.once_seen(
            what,
            0,
            |_, _| GetTelemetrySubscriptionsRequest {
                client_instance_id: client,
                ..GetTelemetrySubscriptionsRequest::default()
            },
            |side, answer| {
                side.remember("subscription", answer.subscription_id);
                answer.subscription_id = answer.subscription_id.signum().abs();
            },
        );
        both.once(what, 0, |side, _| PushTelemetryRequest {
            client_instance_id: client,
            subscription_id: side.number("subscription") as i32,
            compression_type: *compression,
            metrics: metrics.clone(),
            ..PushTelemetryRequest::default()
        });
    }
}
