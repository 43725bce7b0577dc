//! A cluster at the oldest `metadata.version` that there still is: what came with later ones is refused.

use ottla_wire::{
    Uuid,
    messages::{
        AssignReplicasToDirsRequest, ConsumerGroupDescribeRequest, ControllerRegistrationRequest,
        DescribeClusterRequest, UnregisterControllerRequest,
        assign_replicas_to_dirs_request as assign,
    },
};

use crate::{both::Both, groups, rebalances};

pub(crate) const SETTINGS: &[&str] = &[
    "offsets.topic.num.partitions=1",
    "group.initial.rebalance.delay.ms=0",
    "auto.leader.rebalance.enable=false",
    "log.initial.task.delay.ms=3600000",
];

/// What both are formatted with; controllers are in the configuration then.
pub(crate) const FORMAT: &[&str] = &["--release-version", "3.3-IV3"];

pub(crate) fn ask(both: &mut Both) {
    both.at_controllers(controllers);
    for endpoint_type in [1, 2, 3] {
        both.each(&format!("endpoint type {endpoint_type}"), |_, _| {
            DescribeClusterRequest {
                endpoint_type,
                ..DescribeClusterRequest::default()
            }
        });
    }
    groups::coordinators(both);
    groups::strangers(both, "at an old version");
    for version in [0, 1] {
        both.once("at an old version", version, |_, _| {
            rebalances::beat("newer", "m", None, 0)
        });
    }
    both.each("at an old version", |_, _| ConsumerGroupDescribeRequest {
        group_ids: vec!["newer".to_owned()],
        ..ConsumerGroupDescribeRequest::default()
    });
}

fn controllers(both: &mut Both) {
    for endpoint_type in [1, 2, 3] {
        both.each(&format!("endpoint type {endpoint_type}"), |_, _| {
            DescribeClusterRequest {
                endpoint_type,
                ..DescribeClusterRequest::default()
            }
        });
    }
    both.each("a controller", |_, _| ControllerRegistrationRequest {
        controller_id: 77,
        incarnation_id: Uuid::from_u128(0x77),
        ..ControllerRegistrationRequest::default()
    });
    for controller_id in [1, 77] {
        both.each(&format!("controller {controller_id}"), |_, _| {
            UnregisterControllerRequest {
                controller_id,
                ..UnregisterControllerRequest::default()
            }
        });
    }
    for broker_id in [1, 77] {
        both.each(&format!("directories of {broker_id}"), |_, _| {
            AssignReplicasToDirsRequest {
                broker_id,
                broker_epoch: 7,
                directories: vec![assign::DirectoryData {
                    id: Uuid::from_u128(0xd1d1),
                    ..assign::DirectoryData::default()
                }],
                ..AssignReplicasToDirsRequest::default()
            }
        });
    }
}
