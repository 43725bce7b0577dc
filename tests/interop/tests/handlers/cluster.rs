//! Requests about the cluster, its quorum and features, coordinators and clients.

use std::time::Duration;

use ottla_wire::{
    Request, Uuid,
    messages::{
        AllocateProducerIdsRequest, AlterPartitionReassignmentsRequest, AlterPartitionRequest,
        ApiVersionsRequest, ApiVersionsResponse, BrokerHeartbeatRequest, BrokerRegistrationRequest,
        DescribeClusterRequest, DescribeLogDirsRequest, DescribeQuorumRequest, ElectLeadersRequest,
        FindCoordinatorRequest, GetTelemetrySubscriptionsRequest,
        ListPartitionReassignmentsRequest, PushTelemetryRequest, UnregisterBrokerRequest,
        UnregisterControllerRequest, UpdateFeaturesRequest, alter_partition_reassignments_request,
        describe_log_dirs_request, describe_quorum_request, elect_leaders_request,
        update_features_request,
    },
};

use crate::both::{Both, Client, strings};

pub(crate) fn cluster(both: &mut Both) {
    both.ask(
        "brokers",
        0..=2,
        |_| DescribeClusterRequest {
            include_cluster_authorized_operations: true,
            ..Default::default()
        },
        |_| {},
    );
    both.ask(
        "fenced too",
        2..=2,
        |_| DescribeClusterRequest {
            include_fenced_brokers: true,
            ..Default::default()
        },
        |_| {},
    );
    for kind in [2, 77] {
        let tidy =
            |answer: &mut <DescribeClusterRequest as Request>::Response| answer.endpoint_type = 0;
        both.ask(
            &format!("endpoint type {kind}"),
            1..=2,
            |_| DescribeClusterRequest {
                endpoint_type: kind,
                ..Default::default()
            },
            tidy,
        );
    }
    let dirs = |answer: &mut <DescribeLogDirsRequest as Request>::Response| {
        for dir in &mut answer.results {
            dir.topics.sort_by(|a, b| a.name.cmp(&b.name));
            dir.topics.iter_mut().for_each(|topic| {
                topic
                    .partitions
                    .sort_by_key(|partition| partition.partition_index)
            });
        }
    };
    both.ask(
        "all",
        1..=5,
        |_| DescribeLogDirsRequest {
            topics: None,
            ..Default::default()
        },
        dirs,
    );
    let one = describe_log_dirs_request::DescribableLogDirTopic {
        topic: "t7".to_owned(),
        partitions: vec![0, 2, 99],
        ..Default::default()
    };
    both.ask(
        "some",
        1..=5,
        |_| DescribeLogDirsRequest {
            topics: Some(vec![one.clone()]),
            ..Default::default()
        },
        dirs,
    );
    both.ask(
        "none",
        1..=5,
        |_| DescribeLogDirsRequest {
            topics: Some(vec![]),
            ..Default::default()
        },
        dirs,
    );
    quorum(both);
    features(both);
    both.ask(
        "unknown broker",
        0..=0,
        |_| UnregisterBrokerRequest {
            broker_id: 77,
            ..Default::default()
        },
        |_| {},
    );
    both.ask(
        "unknown controller",
        0..=0,
        |_| UnregisterControllerRequest {
            controller_id: 77,
            ..Default::default()
        },
        |_| {},
    );
    movement(both);
}

pub(crate) fn quorum(both: &mut Both) {
    use describe_quorum_request::{PartitionData, TopicData};
    for (what, topics) in [
        ("good", &[("__cluster_metadata", &[0][..])][..]),
        ("bad", &[("x", &[0, 1])]),
        ("two", &[("__cluster_metadata", &[0, 0])]),
        ("none", &[]),
    ] {
        let request = |_| DescribeQuorumRequest {
            topics: topics
                .iter()
                .map(|(name, partitions)| TopicData {
                    topic_name: (*name).to_owned(),
                    partitions: partitions
                        .iter()
                        .map(|index| PartitionData {
                            partition_index: *index,
                            ..Default::default()
                        })
                        .collect(),
                    ..Default::default()
                })
                .collect(),
            ..Default::default()
        };
        let tidy = |answer: &mut <DescribeQuorumRequest as Request>::Response| {
            answer
                .topics
                .iter_mut()
                .flat_map(|topic| &mut topic.partitions)
                .for_each(|partition| partition.leader_epoch = 0);
        };
        both.ask(what, 0..=2, request, tidy);
    }
}

pub(crate) fn features(both: &mut Both) {
    for (what, feature, level, upgrade) in [
        ("unknown", "no.such", 1, 1),
        ("as it is", "group.version", 1, 1),
        ("too high", "group.version", 9, 1),
        ("too low", "metadata.version", 1, 3),
        ("down without leave", "share.version", 1, 1),
        ("bad kind", "group.version", 1, 9),
    ] {
        let request = |version: i16| UpdateFeaturesRequest {
            timeout_ms: 20_000,
            feature_updates: vec![update_features_request::FeatureUpdateKey {
                feature: feature.to_owned(),
                max_version_level: level,
                upgrade_type: if version >= 1 { upgrade } else { 1 },
                ..Default::default()
            }],
            validate_only: version >= 1,
            ..Default::default()
        };
        both.ask(what, 0..=2, request, |_| {});
    }
}

pub(crate) fn movement(both: &mut Both) {
    use alter_partition_reassignments_request::{ReassignablePartition, ReassignableTopic};
    both.ask(
        "moving",
        0..=0,
        |_| ListPartitionReassignmentsRequest {
            timeout_ms: 20_000,
            topics: None,
            ..Default::default()
        },
        |_| {},
    );
    for (what, name, index, replicas) in [
        ("nowhere", "t7", 0, Some(vec![])),
        ("to nobody", "t7", 0, Some(vec![9])),
        ("where it is", "t7", 0, Some(vec![1])),
        ("given up", "t7", 0, None),
        ("of nothing", "nope", 0, Some(vec![1])),
        ("of no partition", "t7", 99, Some(vec![1])),
    ] {
        let request = |_| AlterPartitionReassignmentsRequest {
            timeout_ms: 20_000,
            topics: vec![ReassignableTopic {
                name: name.to_owned(),
                partitions: vec![ReassignablePartition {
                    partition_index: index,
                    replicas: replicas.clone(),
                    ..Default::default()
                }],
                ..Default::default()
            }],
            ..Default::default()
        };
        both.ask(what, 0..=1, request, |_| {});
    }
    for (what, kind, topics) in [
        ("all", 0, None),
        ("some", 0, Some(&["t7", "nope"][..])),
        ("unclean", 1, Some(&["t7"])),
        ("unknown kind", 9, Some(&["t7"])),
    ] {
        let request = |version: i16| ElectLeadersRequest {
            election_type: if version >= 1 { kind } else { 0 },
            timeout_ms: 20_000,
            topic_partitions: topics.map(|names| {
                names
                    .iter()
                    .map(|name| elect_leaders_request::TopicPartitions {
                        topic: (*name).to_owned(),
                        partitions: vec![0, 99],
                        ..Default::default()
                    })
                    .collect()
            }),
            ..Default::default()
        };
        let tidy = |answer: &mut <ElectLeadersRequest as Request>::Response| {
            answer
                .replica_election_results
                .sort_by(|a, b| a.topic.cmp(&b.topic));
            answer
                .replica_election_results
                .iter_mut()
                .for_each(|topic| topic.partition_result.sort_by_key(|one| one.partition_id));
        };
        both.ask(what, 0..=2, request, tidy);
    }
}

pub(crate) fn versions(both: &mut Both, cluster_id: &str) {
    let tidy = |answer: &mut ApiVersionsResponse| {
        answer.api_keys.clear();
        answer
            .supported_features
            .sort_by(|a, b| a.name.cmp(&b.name));
        answer
            .finalized_features
            .sort_by(|a, b| a.name.cmp(&b.name));
    };
    let request = |name: &str, cluster: Option<&str>, node_id| ApiVersionsRequest {
        client_software_name: name.to_owned(),
        client_software_version: "1.0".to_owned(),
        cluster_id: cluster.map(str::to_owned),
        node_id,
        ..Default::default()
    };
    both.ask("good", 0..=5, |_| request("me", None, -1), tidy);
    both.ask("bad name", 0..=5, |_| request("m e", None, -1), tidy);
    for (cluster, node) in [
        (Some(cluster_id), 1),
        (Some(cluster_id), 2),
        (Some("x"), 1),
        (Some(cluster_id), -1),
        (None, 1),
    ] {
        both.ask(
            &format!("{cluster:?} {node}"),
            5..=5,
            |_| request("me", cluster, node),
            tidy,
        );
    }
    let said = [&mut both.kafka, &mut both.ottla]
        .map(|client| client.ask(5, &request("me", None, -1)).api_keys);
    let of_kafka = |key: i16| said[0].iter().find(|api| api.api_key == key);
    for api in &said[1] {
        let (key, range) = (api.api_key, (api.min_version, api.max_version));
        assert_eq!(
            of_kafka(key).map(|api| (api.min_version, api.max_version)),
            Some(range),
            "key {key}"
        );
    }
}

pub(crate) fn coordinators(both: &mut Both) {
    let request = |version: i16, kind: i8, key: &str| {
        let mut request = FindCoordinatorRequest {
            key_type: if version >= 1 { kind } else { 0 },
            ..Default::default()
        };
        if version < 4 {
            request.key = key.to_owned();
        } else {
            request.coordinator_keys = strings(&[key, "another", key]);
        }
        request
    };
    both.ask("the first", 3..=3, |v| request(v, 1, "g"), |_| {});
    // The first question makes the topics.
    for client in [&mut both.kafka, &mut both.ottla] {
        for (kind, key) in [(0, "g"), (1, "g"), (2, "g:AAAAAAAAAAAAAAAAAAAABw:0")] {
            let answered = (0..100).any(|_| {
                std::thread::sleep(Duration::from_millis(100));
                client.ask(6, &request(6, kind, key)).coordinators[0].error_code == 0
            });
            assert!(answered, "no coordinator of kind {kind}");
        }
    }
    let share = "g:AAAAAAAAAAAAAAAAAAAABw:0";
    both.ask("group", 0..=6, |v| request(v, 0, "g"), |_| {});
    both.ask("transaction", 1..=6, |v| request(v, 1, "g"), |_| {});
    both.ask("share", 1..=6, |v| request(v, 2, share), |_| {});
    both.ask("bad share", 6..=6, |v| request(v, 2, "g"), |_| {});
    both.ask("unknown", 1..=6, |v| request(v, 3, "g"), |_| {});
    both.ask("nobody", 0..=6, |v| request(v, 0, ""), |_| {});
}

pub(crate) fn telemetry(both: &mut Both) {
    let client = Uuid::from_u128(0x4000_0000_8000_0000_0000_0001);
    let tidy = |answer: &mut <GetTelemetrySubscriptionsRequest as Request>::Response| {
        answer.requested_metrics.sort()
    };
    let get = |_| GetTelemetrySubscriptionsRequest {
        client_instance_id: client,
        ..Default::default()
    };
    let push = |id: Uuid, subscription_id, compression_type, terminating| {
        move |_| PushTelemetryRequest {
            client_instance_id: id,
            subscription_id,
            compression_type,
            terminating,
            ..Default::default()
        }
    };
    both.ask(
        "new",
        0..=0,
        |_| GetTelemetrySubscriptionsRequest::default(),
        tidy,
    );
    both.ask("first", 0..=0, get, tidy);
    both.ask("again", 0..=0, get, tidy);
    both.ask("no client", 0..=0, push(Uuid::ZERO, 1, 0, false), |_| {});
    both.ask(
        "another subscription",
        0..=0,
        push(client, 1, 0, false),
        |_| {},
    );
    both.ask("after it", 0..=0, get, tidy);
    both.ask("too early", 0..=0, push(client, 1, 0, false), |_| {});
    both.ask("the last", 0..=0, push(client, 1, 0, true), |_| {});
    both.ask("after the last", 0..=0, push(client, 1, 0, false), |_| {});
}

/// The same on the controllers' listeners, which DescribeQuorum tells of.
pub(crate) fn controllers(both: &mut Both) {
    use describe_quorum_request::{PartitionData, TopicData};
    let metadata = DescribeQuorumRequest {
        topics: vec![TopicData {
            topic_name: "__cluster_metadata".to_owned(),
            partitions: vec![PartitionData::default()],
            ..Default::default()
        }],
        ..Default::default()
    };
    let [kafka, ottla] = [&mut both.kafka, &mut both.ottla].map(|client| {
        let nodes = client.ask(2, &metadata).nodes;
        Client::new(&format!("127.0.0.1:{}", nodes[0].listeners[0].port))
    });
    let mut controllers = Both {
        kafka,
        ottla,
        differences: Vec::new(),
        evidence: std::mem::take(&mut both.evidence),
    };
    versions(&mut controllers, "x");
    for kind in [1, 2, 77] {
        let request = |version: i16| DescribeClusterRequest {
            endpoint_type: if version >= 1 { kind } else { 1 },
            include_cluster_authorized_operations: true,
            ..Default::default()
        };
        controllers.ask(&format!("endpoint type {kind}"), 0..=2, request, |answer| {
            if answer.error_code != 0 {
                answer.endpoint_type = 0;
            }
        });
    }
    quorum(&mut controllers);
    features(&mut controllers);
    movement(&mut controllers);
    controllers.ask(
        "unregistered",
        0..=2,
        |_| BrokerHeartbeatRequest {
            broker_id: 77,
            ..Default::default()
        },
        |_| {},
    );
    controllers.ask(
        "unregistered",
        0..=0,
        |_| AllocateProducerIdsRequest {
            broker_id: 77,
            ..Default::default()
        },
        |_| {},
    );
    controllers.ask(
        "unregistered",
        2..=3,
        |_| AlterPartitionRequest {
            broker_id: 77,
            ..Default::default()
        },
        |_| {},
    );
    controllers.ask(
        "of another cluster",
        0..=4,
        |_| BrokerRegistrationRequest {
            broker_id: 77,
            cluster_id: "x".to_owned(),
            ..Default::default()
        },
        |_| {},
    );
    both.evidence = controllers.evidence;
    for difference in controllers.differences {
        both.differences
            .push(format!("on the controller's listener {difference}"));
    }
}
