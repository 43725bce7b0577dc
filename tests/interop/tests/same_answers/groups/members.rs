//! Classic groups with a member, from its joining to its leaving.

use bytes::{BufMut, Bytes, BytesMut};
use ottla_wire::{
    Message,
    messages::{
        ConsumerProtocolSubscription, HeartbeatRequest, JoinGroupRequest, JoinGroupResponse,
        LeaveGroupRequest, LeaveGroupResponse, OffsetCommitRequest, OffsetDeleteRequest,
        SyncGroupRequest, join_group_request::JoinGroupRequestProtocol,
        leave_group_request::MemberIdentity, offset_delete_request as delete,
        sync_group_request::SyncGroupRequestAssignment,
    },
};

use super::{TOPIC, describe, offsets::commit_of, versions};
use crate::both::{Both, Side};

/// The group of a version.
pub(super) fn group(version: i16) -> String {
    format!("classic {version}")
}

/// A first join, of no group yet.
pub(crate) fn join(protocol_type: &str) -> JoinGroupRequest {
    let subscription = ConsumerProtocolSubscription {
        topics: vec![TOPIC.to_owned()],
        ..ConsumerProtocolSubscription::default()
    };
    let mut metadata = BytesMut::new();
    metadata.put_i16(0);
    metadata.put_slice(&subscription.encode(0).expect("a subscription"));
    JoinGroupRequest {
        session_timeout_ms: 60_000,
        rebalance_timeout_ms: 60_000,
        protocol_type: protocol_type.to_owned(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".to_owned(),
            metadata: metadata.freeze(),
            ..JoinGroupRequestProtocol::default()
        }],
        ..JoinGroupRequest::default()
    }
}

/// A member id that the coordinator made is its own; that it made one is the same.
pub(super) fn hide(id: &mut String) {
    if let Some(uuid_at) = id.len().checked_sub(36)
        && id.is_char_boundary(uuid_at)
        && id[uuid_at..].matches('-').count() == 4
    {
        id.truncate(uuid_at);
        id.push_str("some id");
    }
}

pub(crate) fn settle_join(answer: &mut JoinGroupResponse) {
    let is_leader = answer.leader == answer.member_id;
    hide(&mut answer.member_id);
    hide(&mut answer.leader);
    if is_leader {
        answer.leader += " itself";
    }
    for member in &mut answer.members {
        hide(&mut member.member_id);
    }
}

fn settle_leave(answer: &mut LeaveGroupResponse) {
    for member in &mut answer.members {
        hide(&mut member.member_id);
    }
}

pub(super) fn ask(both: &mut Both) {
    for version in versions::<JoinGroupRequest>() {
        dynamic(both, version);
    }
    for version in 5..=9 {
        fixed(both, version);
    }
    let all: Vec<_> = versions::<JoinGroupRequest>().map(group).collect();
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    describe(both, "stable", &all, true);
    let groups = [(group(4), "stable"), (group(0), "stable, too")];
    for (group, what) in groups {
        as_member(both, what, &group);
    }
    other_protocols(both);
    leave(both);
    describe(both, "left", &all, false);
}

/// A member joins and leads its group of one.
fn dynamic(both: &mut Both, version: i16) {
    let name = format!("member of {version}");
    let first = |_: &mut Side, _: i16| JoinGroupRequest {
        group_id: group(version),
        ..join("consumer")
    };
    let learn = |answer: &JoinGroupResponse| Some((name.clone(), answer.member_id.clone()));
    both.once_learn("first", version, first, settle_join, learn);
    let again = |side: &mut Side, _: i16| JoinGroupRequest {
        group_id: group(version),
        member_id: side.recall(&name),
        ..join("consumer")
    };
    if version >= 4 {
        both.once_then("with its id", version, again, settle_join);
    }
    let sync = |generation: i32, protocol: &'static str| {
        let name = name.clone();
        move |side: &mut Side, _: i16| SyncGroupRequest {
            group_id: group(version),
            member_id: side.recall(&name),
            generation_id: generation,
            protocol_type: Some("consumer".to_owned()),
            protocol_name: Some(protocol.to_owned()),
            assignments: vec![SyncGroupRequestAssignment {
                member_id: side.recall(&name),
                assignment: Bytes::from_static(b"\0\0whatever"),
                ..SyncGroupRequestAssignment::default()
            }],
            ..SyncGroupRequest::default()
        }
    };
    let sync_version = version.min(5);
    both.once("an old generation", sync_version, sync(0, "range"));
    both.once("a new generation", sync_version, sync(2, "range"));
    both.once("another protocol", sync_version, sync(1, "none"));
    if version < 5 {
        // The one before was taken.
        both.once("again", sync_version, sync(1, "range"));
    } else {
        both.once("its assignment", sync_version, sync(1, "range"));
    }
}

/// A static member joins, and another takes its place.
fn fixed(both: &mut Both, version: i16) {
    let first = |_: &mut Side, _: i16| JoinGroupRequest {
        group_id: format!("static {version}"),
        group_instance_id: Some("fixed".to_owned()),
        ..join("consumer")
    };
    for (what, name) in [("static", "old"), ("its successor", "new")] {
        let learn = |answer: &JoinGroupResponse| {
            let key = format!("{name} static of {version}");
            Some((key, answer.member_id.clone()))
        };
        both.once_learn(what, version, first, settle_join, learn);
        if name == "old" {
            both.once("static", version.min(5), |side, _| SyncGroupRequest {
                group_id: format!("static {version}"),
                member_id: side.recall(&format!("old static of {version}")),
                group_instance_id: Some("fixed".to_owned()),
                generation_id: 1,
                protocol_type: Some("consumer".to_owned()),
                protocol_name: Some("range".to_owned()),
                ..SyncGroupRequest::default()
            });
        }
    }
    for name in ["old", "new"] {
        for instance in ["fixed", "other"] {
            both.each(&format!("{name} {instance} static {version}"), |side, _| {
                HeartbeatRequest {
                    group_id: format!("static {version}"),
                    member_id: side.recall(&format!("{name} static of {version}")),
                    group_instance_id: Some(instance.to_owned()),
                    generation_id: 1,
                    ..HeartbeatRequest::default()
                }
            });
        }
    }
    both.each_then(
        &format!("static {version}"),
        |_, _| LeaveGroupRequest {
            group_id: format!("static {version}"),
            members: ["fixed", "fixed", "other"]
                .map(|instance| MemberIdentity {
                    group_instance_id: Some(instance.to_owned()),
                    ..MemberIdentity::default()
                })
                .to_vec(),
            ..LeaveGroupRequest::default()
        },
        settle_leave,
    );
}

/// What a member may ask, and others may not.
fn as_member(both: &mut Both, what: &str, group: &str) {
    let name = group.replace("classic", "member of");
    for (who, generation) in [
        (&*name, 1),
        (&name, 0),
        (&name, 2),
        (&name, -1),
        ("a stranger", 1),
        ("", -1),
        ("", 1),
    ] {
        let what = format!("{what}, {who} in {generation}");
        both.each(&what, |side, _| HeartbeatRequest {
            group_id: group.to_owned(),
            member_id: side.recall(who),
            generation_id: generation,
            ..HeartbeatRequest::default()
        });
        both.each(&what, |side, _| OffsetCommitRequest {
            member_id: side.recall(who),
            generation_id_or_member_epoch: generation,
            ..commit_of(side, group, &[(TOPIC, &[0, 1])])
        });
    }
    both.each(what, |_, _| OffsetDeleteRequest {
        group_id: group.to_owned(),
        topics: [TOPIC, "data"]
            .map(|name| delete::OffsetDeleteRequestTopic {
                name: name.to_owned(),
                partitions: vec![delete::OffsetDeleteRequestPartition { partition_index: 0 }],
            })
            .to_vec(),
    });
}

/// Who speaks of other protocols than the group.
fn other_protocols(both: &mut Both) {
    for (what, protocol_type, name) in [
        ("another type", "connect", "range"),
        ("another protocol", "consumer", "sticky"),
    ] {
        both.each_then(
            what,
            |_, _| {
                let mut request = JoinGroupRequest {
                    group_id: group(4),
                    ..join(protocol_type)
                };
                request.protocols[0].name = name.to_owned();
                request
            },
            settle_join,
        );
    }
}

/// Members leave: each by a request of another version.
fn leave(both: &mut Both) {
    for version in versions::<LeaveGroupRequest>() {
        for what in ["leaves", "has left"] {
            both.once_then(
                what,
                version,
                |side, version| {
                    let id = side.recall(&format!("member of {version}"));
                    let members = [&*id, "a stranger"].map(|id| MemberIdentity {
                        member_id: id.to_owned(),
                        ..MemberIdentity::default()
                    });
                    LeaveGroupRequest {
                        group_id: group(version),
                        member_id: if version < 3 { id } else { String::new() },
                        members: if version < 3 {
                            vec![]
                        } else {
                            members.to_vec()
                        },
                        ..LeaveGroupRequest::default()
                    }
                },
                settle_leave,
            );
        }
    }
}
