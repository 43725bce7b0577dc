//! Requests of and about a second broker, which registers and says that it lives, and does nothing else: what only
//! several nodes give rise to.

mod cluster;
mod data;
mod isr;

use ottla_wire::{
    Uuid,
    messages::{
        AlterConfigsRequest, ApiVersionsRequest, BrokerHeartbeatRequest, BrokerRegistrationRequest,
        CreatePartitionsRequest, CreateTopicsRequest, DescribeConfigsRequest,
        IncrementalAlterConfigsRequest, alter_configs_request as legacy,
        broker_registration_request as register, create_partitions_request::CreatePartitionsTopic,
        create_topics_request as create, describe_configs_request as describe,
        incremental_alter_configs_request as alter,
    },
};

pub(crate) use data::{ask as ask_leader, end_once, write_once};

use crate::{
    both::{Both, Side},
    fetches, log_dirs, transactions,
};

/// So that nothing happens by itself: nobody is fenced, nobody leaves the in-sync set.
pub(crate) const SETTINGS: &[&str] = &[
    "broker.session.timeout.ms=1800000",
    "replica.lag.time.max.ms=1800000",
    "replica.fetch.backoff.ms=10000",
    "auto.leader.rebalance.enable=false",
    "leader.imbalance.check.interval.seconds=3600",
    "log.initial.task.delay.ms=3600000",
    "group.initial.rebalance.delay.ms=0",
    "offsets.topic.num.partitions=1",
    "transaction.state.log.num.partitions=1",
    "default.replication.factor=1",
    "offsets.topic.replication.factor=1",
];

/// The second broker.
const PUPPET: i32 = 2;
const EPOCH: &str = "the puppet's epoch";

/// Partitions of this one: led by the first broker, with the second as a follower.
const HERE: &str = "here";
/// Led by the second, with the first as a follower.
const THERE: &str = "there";
/// On the second alone.
const ONLY_THERE: &str = "only-there";
/// On the second alone, until it moves to the first.
const LEAVING: &str = "leaving";
/// On the first alone.
const ONLY_HERE: &str = "only-here";

pub(crate) fn ask(both: &mut Both) {
    both.at_controllers(cluster::registrations);
    both.at_controllers(cluster::lives);
    both.wait_for_metadata("two brokers", |said| said.brokers.len() == 2);
    topics(both);
    cluster::look(both, "two brokers");
    data::ask(both, "led elsewhere", &[HERE, THERE, ONLY_THERE]);
    data::replicas(both);
    log_dirs::elsewhere(both, ONLY_THERE);
    transactions::coordinators(both);
    transactions::ending(both, "ending", ONLY_THERE);
    both.at_controllers(strangers);
    both.at_controllers(isr::refused);
    both.at_controllers(isr::epochs_of_others);
    isr::moves(both);
    both.at_controllers(cluster::directories);
    cluster::stops(both);
    data::ask(both, "its leader stopped", &[THERE, ONLY_THERE]);
    too_few(both);
    isr::elections(both);
    cluster::elsewhere(both);
    cluster::unregistered(both);
    never_enough(both);
    fetches::ask(both);
}

/// Configurations of a broker that is not registered.
fn strangers(both: &mut Both) {
    for name in ["77", ""] {
        both.each(&format!("of broker {name:?}"), |_, _| {
            IncrementalAlterConfigsRequest {
                resources: vec![alter::AlterConfigsResource {
                    resource_type: 4,
                    resource_name: name.to_owned(),
                    configs: vec![alter::AlterableConfig {
                        name: "log.cleaner.threads".to_owned(),
                        value: Some("1".to_owned()),
                        ..alter::AlterableConfig::default()
                    }],
                    ..alter::AlterConfigsResource::default()
                }],
                validate_only: true,
                ..IncrementalAlterConfigsRequest::default()
            }
        });
        both.each(&format!("of broker {name:?}"), |_, _| AlterConfigsRequest {
            resources: vec![legacy::AlterConfigsResource {
                resource_type: 4,
                resource_name: name.to_owned(),
                configs: vec![legacy::AlterableConfig {
                    name: "log.cleaner.threads".to_owned(),
                    value: Some("1".to_owned()),
                    ..legacy::AlterableConfig::default()
                }],
                ..legacy::AlterConfigsResource::default()
            }],
            validate_only: true,
            ..AlterConfigsRequest::default()
        });
    }
}

/// Too few brokers are left for what topics are to have.
fn too_few(both: &mut Both) {
    both.each("one broker for two replicas", |_, _| {
        CreatePartitionsRequest {
            topics: vec![CreatePartitionsTopic {
                name: HERE.to_owned(),
                count: 2,
                ..CreatePartitionsTopic::default()
            }],
            timeout_ms: 10_000,
            ..CreatePartitionsRequest::default()
        }
    });
    both.once("two in sync", 1, |_, _| IncrementalAlterConfigsRequest {
        resources: vec![alter::AlterConfigsResource {
            resource_type: 2,
            resource_name: HERE.to_owned(),
            configs: vec![alter::AlterableConfig {
                name: "min.insync.replicas".to_owned(),
                value: Some("2".to_owned()),
                ..alter::AlterableConfig::default()
            }],
            ..alter::AlterConfigsResource::default()
        }],
        ..IncrementalAlterConfigsRequest::default()
    });
    let settings = DescribeConfigsRequest {
        resources: vec![describe::DescribeConfigsResource {
            resource_type: 2,
            resource_name: HERE.to_owned(),
            configuration_keys: Some(vec!["min.insync.replicas".to_owned()]),
            ..describe::DescribeConfigsResource::default()
        }],
        ..DescribeConfigsRequest::default()
    };
    both.wait_for_answer("two in sync", 4, &settings, |answer| {
        let mut of = answer.results.iter().flat_map(|result| &result.configs);
        of.any(|config| config.value.as_deref() == Some("2"))
    });
    both.pause();
    data::write(both, "one of two in sync", HERE, 0, -1);
    data::write_damaged(both, "one of two in sync", HERE);
    data::markers(both, "one of two in sync", HERE, 0);
}

/// No broker is registered for the second replica.
fn never_enough(both: &mut Both) {
    both.each("one broker is known for two replicas", |_, _| {
        CreatePartitionsRequest {
            topics: vec![CreatePartitionsTopic {
                name: HERE.to_owned(),
                count: 3,
                assignments: None,
                ..CreatePartitionsTopic::default()
            }],
            timeout_ms: 10_000,
            ..CreatePartitionsRequest::default()
        }
    });
}

/// A registration that is as it should be.
fn registration(side: &mut Side, id: i32) -> BrokerRegistrationRequest {
    let versions = side.connection.ask(
        4,
        &ApiVersionsRequest {
            client_software_name: "interop".to_owned(),
            client_software_version: "1".to_owned(),
            ..ApiVersionsRequest::default()
        },
    );
    let features = versions.expect("versions").supported_features;
    BrokerRegistrationRequest {
        broker_id: id,
        cluster_id: side.cluster_id.clone(),
        incarnation_id: Uuid::from_u128(0x7777),
        listeners: vec![listener("PLAINTEXT")],
        features: features
            .into_iter()
            .map(|feature| register::Feature {
                name: feature.name,
                min_supported_version: feature.min_version,
                max_supported_version: feature.max_version,
                ..register::Feature::default()
            })
            .collect(),
        log_dirs: vec![Uuid::from_u128(0xd1d1)],
        ..BrokerRegistrationRequest::default()
    }
}

/// Where nobody listens.
fn listener(name: &str) -> register::Listener {
    register::Listener {
        name: name.to_owned(),
        host: "127.0.0.1".to_owned(),
        port: 9,
        ..register::Listener::default()
    }
}

fn heartbeat(side: &Side) -> BrokerHeartbeatRequest {
    BrokerHeartbeatRequest {
        broker_id: PUPPET,
        broker_epoch: side.number(EPOCH),
        current_metadata_offset: 1_000_000,
        ..BrokerHeartbeatRequest::default()
    }
}

/// Topics with one partition each, at these brokers.
fn topics(both: &mut Both) {
    let wanted: [(&str, &[i32]); 8] = [
        (HERE, &[1, 2]),
        (THERE, &[2, 1]),
        (ONLY_THERE, &[2]),
        (LEAVING, &[2]),
        (ONLY_HERE, &[1]),
        (transactions::TOPIC, &[1]),
        ("__consumer_offsets", &[1]),
        ("__transaction_state", &[1]),
    ];
    both.once("topics of two brokers", 5, |_, _| CreateTopicsRequest {
        topics: wanted
            .map(|(name, brokers)| create::CreatableTopic {
                name: name.to_owned(),
                num_partitions: -1,
                replication_factor: -1,
                assignments: vec![create::CreatableReplicaAssignment {
                    partition_index: 0,
                    broker_ids: brokers.to_vec(),
                    ..create::CreatableReplicaAssignment::default()
                }],
                ..create::CreatableTopic::default()
            })
            .into(),
        timeout_ms: 10_000,
        ..CreateTopicsRequest::default()
    });
    both.wait_for_metadata("the topics", |said| {
        let is_there = |name: &str| {
            let mut topics = said.topics.iter();
            topics.any(|topic| topic.name.as_deref() == Some(name) && topic.error_code == 0)
        };
        wanted.iter().all(|(name, _)| is_there(name))
    });
    both.wait_for(ONLY_HERE, 0);
    both.wait_for(HERE, 0);
    // Controllers do not say ids.
    for side in both.sides() {
        for (name, _) in wanted {
            side.id(name);
        }
    }
}
