//! The second broker joins, lives, stops, comes back with other listeners, and is forgotten.

use ottla_wire::{
    Uuid,
    messages::{
        AssignReplicasToDirsRequest, BrokerHeartbeatRequest, BrokerRegistrationRequest,
        BrokerRegistrationResponse, DescribeClusterRequest, DescribeTopicPartitionsRequest,
        DescribeTopicPartitionsResponse, ListPartitionReassignmentsRequest, MetadataRequest,
        MetadataResponse, UnregisterBrokerRequest, UnregisterControllerRequest,
        assign_replicas_to_dirs_request as assign, describe_topic_partitions_request as describe,
        metadata_request::MetadataRequestTopic,
    },
};

use super::{
    EPOCH, HERE, LEAVING, ONLY_HERE, ONLY_THERE, PUPPET, THERE, heartbeat, listener, registration,
};
use crate::both::{Both, Side};

/// A broker's epoch is where its registration is in the log: only whether there is one is the same.
fn settle(answer: &mut BrokerRegistrationResponse) {
    answer.broker_epoch = answer.broker_epoch.signum();
}

fn register(both: &mut Both, what: &str, id: i32, change: impl Fn(&mut BrokerRegistrationRequest)) {
    both.each_then(
        what,
        |side, version| {
            let mut request = registration(side, id);
            // What a version has no place for is its default.
            if version < 3 {
                request.previous_broker_epoch = -1;
            }
            change(&mut request);
            request
        },
        settle,
    );
}

/// Registrations that are refused.
pub(super) fn registrations(both: &mut Both) {
    type Change = fn(&mut BrokerRegistrationRequest);
    let refused: [(&str, i32, Change); 13] = [
        ("another cluster", PUPPET, |of| {
            of.cluster_id = "x".to_owned()
        }),
        ("no cluster", PUPPET, |of| of.cluster_id.clear()),
        ("the id of one that lives", 1, |_| {}),
        ("no directories", PUPPET, |of| of.log_dirs.clear()),
        ("a directory that is none", PUPPET, |of| {
            of.log_dirs = vec![Uuid::ZERO];
        }),
        ("a reserved directory", PUPPET, |of| {
            of.log_dirs = vec![Uuid::from_u128(1)];
        }),
        ("another reserved directory", PUPPET, |of| {
            of.log_dirs = vec![Uuid::from_u128(99)];
        }),
        ("a directory twice", PUPPET, |of| {
            of.log_dirs = vec![of.log_dirs[0]; 2];
        }),
        ("no incarnation, the id of one that lives", 1, |of| {
            of.incarnation_id = Uuid::ZERO;
        }),
        ("an old metadata.version", PUPPET, |of| {
            let features = of.features.iter_mut();
            for feature in features.filter(|of| of.name == "metadata.version") {
                (feature.min_supported_version, feature.max_supported_version) = (1, 8);
            }
        }),
        ("no metadata.version", PUPPET, |of| {
            of.features.retain(|of| of.name != "metadata.version");
        }),
        ("an old group.version", PUPPET, |of| {
            let features = of.features.iter_mut();
            for feature in features.filter(|of| of.name == "group.version") {
                feature.max_supported_version = 0;
            }
        }),
        ("from ZooKeeper", PUPPET, |of| {
            of.is_migrating_zk_broker = true
        }),
    ];
    for (what, id, change) in refused {
        register(both, what, id, change);
    }
}

/// It registers, and says that it lives.
pub(super) fn lives(both: &mut Both) {
    both.each("nobody", |_, _| BrokerHeartbeatRequest {
        broker_id: PUPPET,
        broker_epoch: 3,
        ..BrokerHeartbeatRequest::default()
    });
    for version in 0..=4 {
        joins(both, "a broker", version, |_| {});
    }
    register(both, "a directory of another", 3, |_| {});
    both.each("of another epoch", |side, _| BrokerHeartbeatRequest {
        broker_epoch: side.number(EPOCH) + 1,
        ..heartbeat(side)
    });
    both.each("behind", |side, _| BrokerHeartbeatRequest {
        current_metadata_offset: 0,
        ..heartbeat(side)
    });
    both.each("fenced by its own wish", |side, _| BrokerHeartbeatRequest {
        want_fence: true,
        ..heartbeat(side)
    });
    both.each("alive", |side, _| heartbeat(side));
    register(both, "another process while it lives", PUPPET, |of| {
        of.incarnation_id = Uuid::from_u128(0x8888);
    });
}

fn joins(
    both: &mut Both,
    what: &str,
    version: i16,
    change: impl Fn(&mut BrokerRegistrationRequest),
) {
    both.once_seen(
        what,
        version,
        |side, version| {
            let mut request = registration(side, PUPPET);
            if version < 2 {
                request.log_dirs.clear();
            }
            change(&mut request);
            request
        },
        |side, answer| {
            if answer.error_code == 0 {
                side.remember(EPOCH, answer.broker_epoch);
            }
            settle(answer);
        },
    );
}

/// What both say of brokers and partitions.
pub(super) fn look(both: &mut Both, what: &str) {
    let settle = |answer: &mut MetadataResponse| {
        answer.brokers.sort_by_key(|broker| broker.node_id);
        // Any broker will do: all of them forward.
        answer.controller_id = 0;
        answer.topics.sort_by(|a, b| a.name.cmp(&b.name));
    };
    let topics = [HERE, THERE, ONLY_THERE, ONLY_HERE, LEAVING];
    both.each_then(
        what,
        |_, version| MetadataRequest {
            topics: Some(
                topics
                    .map(|name| MetadataRequestTopic {
                        name: Some(name.to_owned()),
                        ..MetadataRequestTopic::default()
                    })
                    .into(),
            ),
            // Versions up to 3 ask for it all the same.
            allow_auto_topic_creation: version < 4,
            ..MetadataRequest::default()
        },
        settle,
    );
    both.each_then(
        what,
        |_, _| DescribeTopicPartitionsRequest {
            topics: topics
                .map(|name| describe::TopicRequest {
                    name: name.to_owned(),
                    ..describe::TopicRequest::default()
                })
                .into(),
            ..DescribeTopicPartitionsRequest::default()
        },
        |answer: &mut DescribeTopicPartitionsResponse| {
            answer.topics.sort_by(|a, b| a.name.cmp(&b.name));
        },
    );
    for fenced in [false, true] {
        both.each_then(
            &format!("{what}, fenced too: {fenced}"),
            |_, _| DescribeClusterRequest {
                include_fenced_brokers: fenced,
                ..DescribeClusterRequest::default()
            },
            |answer| {
                answer.brokers.sort_by_key(|broker| broker.broker_id);
                answer.controller_id = 0;
            },
        );
    }
    both.each(what, |_, _| ListPartitionReassignmentsRequest {
        timeout_ms: 10_000,
        ..ListPartitionReassignmentsRequest::default()
    });
}

/// In which directories its replicas are.
pub(super) fn directories(both: &mut Both) {
    let request = |side: &mut Side, topic: &str, partition: i32, directory: u128| {
        AssignReplicasToDirsRequest {
            broker_id: PUPPET,
            broker_epoch: side.number(EPOCH),
            directories: vec![assign::DirectoryData {
                id: Uuid::from_u128(directory),
                topics: vec![assign::TopicData {
                    topic_id: side.id(topic),
                    partitions: vec![assign::PartitionData {
                        partition_index: partition,
                        ..assign::PartitionData::default()
                    }],
                    ..assign::TopicData::default()
                }],
                ..assign::DirectoryData::default()
            }],
            ..AssignReplicasToDirsRequest::default()
        }
    };
    for (what, topic, partition, directory) in [
        ("its directory", ONLY_THERE, 0, 0xd1d1),
        ("again", ONLY_THERE, 0, 0xd1d1),
        ("no such topic", "nothing", 0, 0xd1d1),
        ("no such partition", ONLY_THERE, 7, 0xd1d1),
        ("not its replica", ONLY_HERE, 0, 0xd1d1),
        ("a directory of nobody", THERE, 0, 0xabcd),
        ("a lost directory", THERE, 0, 1),
        ("no directory", THERE, 0, 0),
    ] {
        both.each(what, |side, _| request(side, topic, partition, directory));
    }
    both.each("of another epoch", |side, _| AssignReplicasToDirsRequest {
        broker_epoch: side.number(EPOCH) + 1,
        ..request(side, ONLY_THERE, 0, 0xd1d1)
    });
    both.each("of nobody", |side, _| AssignReplicasToDirsRequest {
        broker_id: 77,
        ..request(side, ONLY_THERE, 0, 0xd1d1)
    });
    both.each("nothing", |side, _| AssignReplicasToDirsRequest {
        directories: vec![],
        ..request(side, ONLY_THERE, 0, 0xd1d1)
    });
}

/// It is fenced by its own wish.
pub(super) fn stops(both: &mut Both) {
    both.at_controllers(|both| {
        both.each("fenced", |side, _| BrokerHeartbeatRequest {
            want_fence: true,
            ..heartbeat(side)
        });
    });
    both.wait_for_metadata("one broker", |said| said.brokers.len() == 1);
    both.wait_for(THERE, 0);
    look(both, "it stopped");
}

/// It comes back, where its clients do not see it.
pub(super) fn elsewhere(both: &mut Both) {
    both.at_controllers(|both| {
        joins(both, "elsewhere", 4, |of| {
            of.listeners = vec![listener("ELSEWHERE")];
        });
        both.each("alive again", |side, _| heartbeat(side));
    });
    both.wait_for_metadata("its leader", |said| {
        let mut topics = said.topics.iter();
        topics.any(|topic| {
            topic.name.as_deref() == Some(ONLY_THERE) && topic.partitions[0].error_code != 5
        })
    });
    look(both, "it listens elsewhere");
}

/// Nobody knows it any more.
pub(super) fn unregistered(both: &mut Both) {
    for what in ["forgotten", "forgotten before"] {
        both.each(what, |_, _| UnregisterBrokerRequest {
            broker_id: PUPPET,
            ..UnregisterBrokerRequest::default()
        });
    }
    for id in [-1, 1, 77] {
        both.each(&format!("controller {id}"), |_, _| {
            UnregisterControllerRequest {
                controller_id: id,
                ..UnregisterControllerRequest::default()
            }
        });
    }
    both.wait_for_metadata("no leader", |said| {
        let mut topics = said.topics.iter();
        topics.any(|topic| {
            topic.name.as_deref() == Some(ONLY_THERE) && topic.partitions[0].error_code == 5
        })
    });
    look(both, "it is forgotten");
    both.at_controllers(|both| {
        both.each("forgotten", |side, _| heartbeat(side));
    });
}
