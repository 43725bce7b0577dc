//! Requests about groups: of groups that there are and that there are not, by members and by strangers.

mod members;
mod offsets;

use ottla_interop::oracle::wait_until;
use ottla_wire::{Request, messages::list_groups_response::ListedGroup};
use ottla_wire::{
    apis,
    messages::{
        ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, ConsumerGroupHeartbeatRequest,
        CreateTopicsRequest, DeleteGroupsRequest, DeleteGroupsResponse, DescribeGroupsRequest,
        DescribeGroupsResponse, FindCoordinatorRequest, HeartbeatRequest, JoinGroupRequest,
        LeaveGroupRequest, ListGroupsRequest, ListGroupsResponse, OffsetCommitRequest,
        OffsetDeleteRequest, OffsetFetchRequest, SyncGroupRequest, create_topics_request as create,
        leave_group_request::MemberIdentity, offset_fetch_request::OffsetFetchRequestGroup,
    },
};

use crate::both::{Both, READY_LIMIT, Side};

const TOPIC: &str = "read-by-groups";

pub(crate) fn ask(both: &mut Both) {
    strangers(both, "before there is a coordinator");
    coordinators(both);
    topic(both);
    strangers(both, "of a group that there is not");
    members_that_cannot_be(both);
    offsets::ask(both);
    members::ask(both);
    list(both);
    delete(both);
}

pub(crate) use members::{join, settle_join};

/// A commit of offsets by nobody who is a member.
pub(crate) fn simple_commit(
    side: &mut Side,
    group: &str,
    topics: &[(&str, &[i32])],
) -> OffsetCommitRequest {
    offsets::commit_of(side, group, topics)
}

/// Deletes a group, or tries to.
pub(crate) fn delete_one(both: &mut Both, what: &str, group: &str) {
    both.once(what, 2, |_, _| DeleteGroupsRequest {
        groups_names: vec![group.to_owned()],
        ..DeleteGroupsRequest::default()
    });
}

fn versions<R: Request>() -> std::ops::RangeInclusive<i16> {
    let api = apis::api(R::KEY).expect("a row");
    api.first..=api.latest(false)
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|&of| of.to_owned()).collect()
}

/// Until both coordinate groups of every partition of their topic.
pub(crate) fn coordinators(both: &mut Both) {
    for side in both.sides() {
        let find = FindCoordinatorRequest {
            coordinator_keys: texts(&["a"]),
            ..FindCoordinatorRequest::default()
        };
        let ready = wait_until(READY_LIMIT, || {
            let found = side.connection.ask(4, &find);
            let found = found.is_ok_and(|found| found.coordinators[0].error_code == 0);
            found
                && (0..400).all(|number| {
                    let beat = HeartbeatRequest {
                        group_id: format!("nobody {number}"),
                        member_id: "m".to_owned(),
                        generation_id: 1,
                        ..HeartbeatRequest::default()
                    };
                    // Of a coordinator that has read its log.
                    let answer = side.connection.ask(4, &beat);
                    answer.is_ok_and(|answer| answer.error_code == 25)
                })
        });
        assert!(ready, "{:?} coordinates no groups", side.connection);
    }
}

fn topic(both: &mut Both) {
    both.once("a topic for groups", 7, |_, _| CreateTopicsRequest {
        topics: vec![create::CreatableTopic {
            name: TOPIC.to_owned(),
            num_partitions: 3,
            replication_factor: 1,
            ..create::CreatableTopic::default()
        }],
        timeout_ms: 10_000,
        ..CreateTopicsRequest::default()
    });
    both.wait_for(TOPIC, 0);
}

/// Everything that can be asked of a group by somebody who is no member.
pub(crate) fn strangers(both: &mut Both, what: &str) {
    for group in ["nobody", ""] {
        let what = format!("{what}, {group:?}");
        let group = group.to_owned();
        stranger_members(both, &what, &group);
        both.each(&what, |_, version| {
            fetch(version, &group, Some(&[("nothing", &[0])]))
        });
        both.each(&format!("{what}, all"), |_, version| {
            fetch(version, &group, None)
        });
        both.each(&what, |_, _| OffsetDeleteRequest {
            group_id: group.clone(),
            ..OffsetDeleteRequest::default()
        });
        for include in [false, true] {
            describe(both, &format!("{what} {include}"), &[&group], include);
        }
        both.each(&what, |_, _| DeleteGroupsRequest {
            groups_names: vec![group.clone()],
            ..DeleteGroupsRequest::default()
        });
    }
}

fn stranger_members(both: &mut Both, what: &str, group: &str) {
    let (group_id, member_id) = (group.to_owned(), "a stranger".to_owned());
    both.each(what, |_, _| HeartbeatRequest {
        group_id: group_id.clone(),
        member_id: member_id.clone(),
        generation_id: 1,
        ..HeartbeatRequest::default()
    });
    for protocol in [Some("consumer"), None] {
        both.each(&format!("{what} {protocol:?}"), |_, _| SyncGroupRequest {
            group_id: group_id.clone(),
            member_id: member_id.clone(),
            generation_id: 1,
            protocol_type: protocol.map(str::to_owned),
            protocol_name: Some("range".to_owned()),
            ..SyncGroupRequest::default()
        });
    }
    both.each(what, |_, version| LeaveGroupRequest {
        group_id: group_id.clone(),
        member_id: if version < 3 { "m" } else { "" }.to_owned(),
        members: match version {
            ..3 => vec![],
            _ => vec![
                MemberIdentity {
                    member_id: "m".to_owned(),
                    ..MemberIdentity::default()
                },
                MemberIdentity {
                    group_instance_id: Some("i".to_owned()),
                    ..MemberIdentity::default()
                },
            ],
        },
        ..LeaveGroupRequest::default()
    });
    both.each_then(
        what,
        |_, _| JoinGroupRequest {
            group_id: group_id.clone(),
            member_id: member_id.clone(),
            ..join("consumer")
        },
        settle_join,
    );
}

/// What no member may say of itself.
fn members_that_cannot_be(both: &mut Both) {
    let join = || JoinGroupRequest {
        group_id: "cannot be".to_owned(),
        ..join("consumer")
    };
    type Change = fn(&mut JoinGroupRequest);
    let changes: [(&str, Change); 5] = [
        ("a short session", |of| of.session_timeout_ms = 5_999),
        ("a long session", |of| of.session_timeout_ms = 1_800_001),
        ("no session", |of| of.session_timeout_ms = -1),
        ("no protocols", |of| of.protocols.clear()),
        ("no type of protocol", |of| of.protocol_type.clear()),
    ];
    for (what, change) in changes {
        let build = || {
            let mut request = join();
            change(&mut request);
            request
        };
        both.each_then(what, |_, _| build(), settle_join);
    }
    consumers_that_cannot_be(both);
}

fn consumers_that_cannot_be(both: &mut Both) {
    let joining = || ConsumerGroupHeartbeatRequest {
        group_id: "cannot be".to_owned(),
        member_id: "m".to_owned(),
        rebalance_timeout_ms: 1000,
        subscribed_topic_names: Some(vec![]),
        topic_partitions: Some(vec![]),
        ..ConsumerGroupHeartbeatRequest::default()
    };
    type Change = fn(&mut ConsumerGroupHeartbeatRequest);
    let changes: [(&str, Change); 12] = [
        ("no group", |of| of.group_id.clear()),
        ("a blank group", |of| of.group_id = " \t".to_owned()),
        ("a blank instance", |of| {
            of.instance_id = Some(" ".to_owned())
        }),
        ("an empty rack", |of| of.rack_id = Some(String::new())),
        ("no rebalance timeout", |of| of.rebalance_timeout_ms = -1),
        ("partitions when joining", |of| of.topic_partitions = None),
        ("no subscription", |of| of.subscribed_topic_names = None),
        ("no member", |of| {
            of.member_id.clear();
            of.member_epoch = 1;
        }),
        ("no member that leaves", |of| {
            of.member_id.clear();
            of.member_epoch = -1;
        }),
        ("no instance that leaves", |of| of.member_epoch = -2),
        ("an epoch that cannot be", |of| of.member_epoch = -3),
        ("an assignor that is none", |of| {
            of.server_assignor = Some("none".to_owned());
        }),
    ];
    for (what, change) in changes {
        both.each(what, |_, _| {
            let mut request = joining();
            change(&mut request);
            request
        });
    }
}

/// A fetch of offsets in the shape of the version.
fn fetch(version: i16, group: &str, topics: Option<&[(&str, &[i32])]>) -> OffsetFetchRequest {
    use ottla_wire::messages::offset_fetch_request::{
        OffsetFetchRequestTopic, OffsetFetchRequestTopics,
    };
    if version < 8 {
        let topics = topics.map(|topics| {
            let topic = |&(name, partitions): &(&str, &[i32])| OffsetFetchRequestTopic {
                name: name.to_owned(),
                partition_indexes: partitions.to_vec(),
                ..OffsetFetchRequestTopic::default()
            };
            topics.iter().map(topic).collect()
        });
        return OffsetFetchRequest {
            group_id: group.to_owned(),
            topics,
            ..OffsetFetchRequest::default()
        };
    }
    let topics = topics.map(|topics| {
        let topic = |&(name, partitions): &(&str, &[i32])| OffsetFetchRequestTopics {
            name: name.to_owned(),
            topic_id: ottla_wire::Uuid::from_u128(0xabcd),
            partition_indexes: partitions.to_vec(),
            ..OffsetFetchRequestTopics::default()
        };
        topics.iter().map(topic).collect()
    });
    OffsetFetchRequest {
        groups: vec![OffsetFetchRequestGroup {
            group_id: group.to_owned(),
            topics,
            ..OffsetFetchRequestGroup::default()
        }],
        ..OffsetFetchRequest::default()
    }
}

/// Describes groups, as classic ones and as consumer groups.
fn describe(both: &mut Both, what: &str, groups: &[&str], operations: bool) {
    both.each_then(
        what,
        |_, _| DescribeGroupsRequest {
            groups: texts(groups),
            include_authorized_operations: operations,
            ..DescribeGroupsRequest::default()
        },
        |answer: &mut DescribeGroupsResponse| {
            answer.groups.sort_by(|a, b| a.group_id.cmp(&b.group_id));
            for group in &mut answer.groups {
                for member in &mut group.members {
                    members::hide(&mut member.member_id);
                }
            }
        },
    );
    both.each_then(
        what,
        |_, _| ConsumerGroupDescribeRequest {
            group_ids: texts(groups),
            include_authorized_operations: operations,
            ..ConsumerGroupDescribeRequest::default()
        },
        |answer: &mut ConsumerGroupDescribeResponse| {
            answer.groups.sort_by(|a, b| a.group_id.cmp(&b.group_id));
        },
    );
}

fn list(both: &mut Both) {
    for states in [&[][..], &["Stable"], &[" empty ", "DEAD"], &["none"], &[""]] {
        for types in [
            &[][..],
            &["classic"],
            &["Consumer"],
            &["none"],
            &[" classic"],
        ] {
            both.each_then(
                &format!("{states:?} {types:?}"),
                |_, _| ListGroupsRequest {
                    states_filter: texts(states),
                    types_filter: texts(types),
                    ..ListGroupsRequest::default()
                },
                |answer: &mut ListGroupsResponse| {
                    let id = |group: &ListedGroup| group.group_id.clone();
                    answer.groups.sort_by_key(id);
                },
            );
        }
    }
}

fn delete(both: &mut Both) {
    for version in versions::<DeleteGroupsRequest>() {
        let simple = format!("simple {version}");
        let stable = members::group(version);
        let ids = ["nobody", &simple, &stable, &simple, ""].map(str::to_owned);
        both.once_then(
            "of every kind",
            version,
            |_, _| DeleteGroupsRequest {
                groups_names: ids.to_vec(),
                ..DeleteGroupsRequest::default()
            },
            |answer: &mut DeleteGroupsResponse| {
                answer.results.sort_by(|a, b| a.group_id.cmp(&b.group_id));
            },
        );
        describe(both, "deleted", &[&simple, &stable], true);
    }
}
