//! Records that are too large for the topic of the groups' coordinators, whose `max.message.bytes` was lowered.

use bytes::Bytes;
use ottla_wire::messages::{
    ConsumerGroupHeartbeatRequest, DescribeConfigsRequest, IncrementalAlterConfigsRequest,
    JoinGroupRequest, JoinGroupResponse, OffsetCommitRequest, SyncGroupRequest,
    describe_configs_request::DescribeConfigsResource,
    incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
    sync_group_request::SyncGroupRequestAssignment,
};

use super::{
    asks::{commit_offsets, settle_committed},
    looks::group,
    states::{READ, State, Style, Txn, topics},
};
use crate::{
    both::{Both, Side},
    groups,
};

const TOPIC: &str = "of-narrow-groups";
const KEY: &str = "max.message.bytes";
/// What is written is within this, or beyond it several times.
const MOST: &str = "1500";

pub(super) fn ask(both: &mut Both) {
    topics(both, &[TOPIC], 2);
    fixed(both);
    let mut begun = Vec::new();
    for style in [Style::Old, Style::New] {
        let mut txn = Txn::new(&format!("narrow {style:?}"), style, TOPIC, 0);
        txn.prepare(both, State::Offsets);
        begun.push(txn);
    }
    narrow(both, Some(MOST));
    offsets(both);
    for txn in &begun {
        in_transaction(both, txn);
    }
    joins_again(both);
    assignments(both);
    subscription(both);
    for txn in &mut begun {
        txn.end(both, true);
    }
    narrow(both, None);
}

/// Sets the limit of the topic, or takes it back.
fn narrow(both: &mut Both, most: Option<&str>) {
    let what = format!("{KEY} {most:?}");
    both.once(&what, 1, |_, _| IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: 2,
            resource_name: "__consumer_offsets".to_owned(),
            configs: vec![AlterableConfig {
                name: KEY.to_owned(),
                config_operation: i8::from(most.is_none()),
                value: most.map(str::to_owned),
                ..AlterableConfig::default()
            }],
            ..AlterConfigsResource::default()
        }],
        ..IncrementalAlterConfigsRequest::default()
    });
    let settings = DescribeConfigsRequest {
        resources: vec![DescribeConfigsResource {
            resource_type: 2,
            resource_name: "__consumer_offsets".to_owned(),
            configuration_keys: Some(vec![KEY.to_owned()]),
            ..DescribeConfigsResource::default()
        }],
        ..DescribeConfigsRequest::default()
    };
    both.wait_for_answer(&what, 4, &settings, |answer| {
        let mut of = answer.results.iter().flat_map(|result| &result.configs);
        of.any(|config| (config.value.as_deref() == Some(MOST)) == most.is_some())
    });
    both.pause();
}

fn long() -> String {
    "x".repeat(3000)
}

fn offsets(both: &mut Both) {
    both.each("more than a record may be", |side, version| {
        let group = format!("narrow {version}");
        let mut request: OffsetCommitRequest =
            groups::simple_commit(side, &group, &[(READ, &[0, 1])]);
        request.topics[0].partitions[1].committed_metadata = Some(long());
        request
    });
    // The other partition is in the same batch, which was not written.
    group(both, "narrow", "narrow 5", READ, &[0, 1]);
}

fn in_transaction(both: &mut Both, txn: &Txn) {
    let versions = if txn.style == Style::Old {
        3..=4
    } else {
        5..=6
    };
    for version in versions {
        let build = |side: &mut Side, _: i16| {
            let producer = side.producer(&txn.id);
            let mut request =
                commit_offsets(side, &txn.id, producer, &txn.group(), &[(READ, &[0, 1])]);
            request.topics[0].partitions[1].committed_metadata = Some(long());
            request
        };
        both.once_then(&txn.id, version, build, settle_committed);
    }
}

const FIXED: &str = "narrow and static";

fn joining(metadata: usize) -> JoinGroupRequest {
    let mut request = JoinGroupRequest {
        group_id: FIXED.to_owned(),
        group_instance_id: Some("i".to_owned()),
        ..groups::join("connect")
    };
    request.protocols[0].metadata = vec![7; metadata].into();
    request
}

fn sync(group: &str, member: String, assignment: usize) -> SyncGroupRequest {
    SyncGroupRequest {
        group_id: group.to_owned(),
        member_id: member.clone(),
        generation_id: 1,
        protocol_type: Some("connect".to_owned()),
        protocol_name: Some("range".to_owned()),
        assignments: vec![SyncGroupRequestAssignment {
            member_id: member,
            assignment: Bytes::from(vec![7; assignment]),
            ..SyncGroupRequestAssignment::default()
        }],
        ..SyncGroupRequest::default()
    }
}

/// A static member that needs much room, while there is.
fn fixed(both: &mut Both) {
    both.once_learn(
        FIXED,
        5,
        |_, _| joining(3000),
        groups::settle_join,
        |answer| Some((FIXED.to_owned(), answer.member_id.clone())),
    );
    both.once(FIXED, 3, |side, _| SyncGroupRequest {
        group_instance_id: Some("i".to_owned()),
        ..sync(FIXED, side.recall(FIXED), 10)
    });
}

/// Who takes the static member's place is to be written down.
fn joins_again(both: &mut Both) {
    for version in 5..=9 {
        both.once_then(
            "a successor that does not fit",
            version,
            |_, _| joining(3000),
            groups::settle_join,
        );
        // What stands beside the code is no promise.
        both.once_then(
            "the code for one that does not fit",
            version,
            |_, _| joining(3000),
            |answer| {
                *answer = JoinGroupResponse {
                    error_code: answer.error_code,
                    ..JoinGroupResponse::default()
                }
            },
        );
    }
}

fn assignments(both: &mut Both) {
    for version in 0..=5 {
        let group = format!("narrow assignment {version}");
        both.once_learn(
            &group,
            3,
            |_, _| JoinGroupRequest {
                group_id: group.clone(),
                ..groups::join("connect")
            },
            groups::settle_join,
            |answer| Some((group.clone(), answer.member_id.clone())),
        );
        both.once(&group, version, |side, _| {
            sync(&group, side.recall(&group), 3000)
        });
    }
}

fn subscription(both: &mut Both) {
    for version in 0..=1 {
        let topics = (0..20).map(|number| format!("{number}{}", "t".repeat(150)));
        let topics: Vec<String> = topics.collect();
        both.once("a subscription that does not fit", version, |_, _| {
            ConsumerGroupHeartbeatRequest {
                group_id: format!("narrow subscription {version}"),
                member_id: "m".to_owned(),
                rebalance_timeout_ms: 60_000,
                subscribed_topic_names: Some(topics.clone()),
                topic_partitions: Some(vec![]),
                ..ConsumerGroupHeartbeatRequest::default()
            }
        });
    }
}
