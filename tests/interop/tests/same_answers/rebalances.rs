//! Groups whose members come in the way of each other: static members, epochs of the past, joins that wait.

use std::time::Duration;

use ottla_interop::{oracle::wait_until, raw::Connection};
use ottla_wire::messages::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, CreateTopicsRequest,
    DeleteRecordsRequest, DescribeProducersRequest, HeartbeatRequest, JoinGroupRequest,
    LeaveGroupRequest, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest,
    SyncGroupRequest, create_topics_request as create, delete_records_request as cut,
    describe_producers_request as producers, leave_group_request::MemberIdentity,
    offset_delete_request as delete, offset_fetch_request as fetch,
};

use crate::{
    both::{Both, Side},
    groups,
};

const TOPIC: &str = "shared";

pub(crate) fn ask(both: &mut Both) {
    groups::coordinators(both);
    topics(both);
    fixed(both);
    epochs(both);
    waiting(both);
    classic_fixed(both);
    upgraded(both);
    other_topics(both);
}

fn topics(both: &mut Both) {
    let wanted = [(TOPIC, "delete"), ("compacted", "compact")];
    both.once("topics of groups", 5, |_, _| CreateTopicsRequest {
        topics: wanted
            .map(|(name, policy)| create::CreatableTopic {
                name: name.to_owned(),
                num_partitions: 2,
                replication_factor: 1,
                configs: vec![create::CreatableTopicConfig {
                    name: "cleanup.policy".to_owned(),
                    value: Some(policy.to_owned()),
                    ..create::CreatableTopicConfig::default()
                }],
                ..create::CreatableTopic::default()
            })
            .into(),
        timeout_ms: 10_000,
        ..CreateTopicsRequest::default()
    });
    both.wait_for(TOPIC, 0);
    both.wait_for("compacted", 0);
}

fn settle(answer: &mut ConsumerGroupHeartbeatResponse) {
    if answer.member_id.as_deref().is_some_and(|id| id.len() == 22) {
        answer.member_id = Some("some id".to_owned());
    }
}

pub(crate) fn beat(
    group: &str,
    member: &str,
    instance: Option<&str>,
    epoch: i32,
) -> ConsumerGroupHeartbeatRequest {
    let joins = epoch == 0;
    ConsumerGroupHeartbeatRequest {
        group_id: group.to_owned(),
        member_id: member.to_owned(),
        instance_id: instance.map(str::to_owned),
        member_epoch: epoch,
        rebalance_timeout_ms: if joins { 60_000 } else { -1 },
        subscribed_topic_names: joins.then(|| vec![TOPIC.to_owned()]),
        topic_partitions: joins.then(Vec::new),
        ..ConsumerGroupHeartbeatRequest::default()
    }
}

fn beats(both: &mut Both, what: &str, version: i16, beat: &ConsumerGroupHeartbeatRequest) {
    both.once_then(what, version, |_, _| beat.clone(), settle);
}

/// Static members of consumer groups.
fn fixed(both: &mut Both) {
    for version in [0, 1] {
        let group = &*format!("fixed {version}");
        for (what, member, instance, epoch) in [
            ("in no group", "m", None, 3),
            ("leaves no group", "m", None, -1),
            ("joins", "m", Some("i"), 0),
            ("joins again", "m", Some("i"), 0),
            ("takes a place that is held", "n", Some("i"), 0),
            ("another of this place", "n", Some("i"), 1),
            ("of another place", "m", Some("j"), 1),
            ("of no place", "m", None, 1),
            ("an epoch to come", "m", Some("i"), 7),
            ("a stranger", "x", None, 1),
            ("a stranger leaves", "x", None, -1),
            ("a stranger leaves a place", "x", Some("i"), -2),
            ("nobody's place", "x", Some("z"), -2),
            ("lends its place", "m", Some("i"), -2),
            ("takes a place that is free", "n", Some("i"), 0),
            ("wants it back", "m", Some("i"), 1),
            ("has left", "m", None, 1),
        ] {
            beats(both, what, version, &beat(group, member, instance, epoch));
        }
        beats(both, "no group", version, &beat("", "m", None, 0));
    }
    for regex in ["[", "(a", "a{2,1}", "*", "", "sha.*"] {
        both.once_then(
            &format!("a regex {regex:?}"),
            1,
            |_, _| ConsumerGroupHeartbeatRequest {
                subscribed_topic_names: None,
                subscribed_topic_regex: Some(regex.to_owned()),
                ..beat("of regexes", "m", None, 0)
            },
            settle,
        );
    }
}

/// Commits and fetches of members, with epochs that are not theirs.
fn epochs(both: &mut Both) {
    let group = "fixed 0";
    for (member, epoch) in [
        ("n", 0),
        ("n", 1),
        ("n", 2),
        ("n", 9),
        ("n", -1),
        ("m", 1),
        ("x", 1),
        ("", -1),
        ("", 1),
    ] {
        let what = format!("{member:?} in {epoch}");
        both.each(&what, |side, _| OffsetCommitRequest {
            member_id: member.to_owned(),
            generation_id_or_member_epoch: epoch,
            ..groups::simple_commit(side, group, &[(TOPIC, &[0])])
        });
        for group in [group, "nobody's", ""] {
            both.each(&format!("{what} of {group:?}"), |side, version| {
                offsets(side, version, group, member, epoch)
            });
        }
    }
    for group in ["nobody's", ""] {
        for generation in [-1, 0, 3] {
            both.each(&format!("{group:?} in {generation}"), |side, _| {
                OffsetCommitRequest {
                    member_id: if generation < 0 { "" } else { "m" }.to_owned(),
                    generation_id_or_member_epoch: generation,
                    ..groups::simple_commit(side, group, &[(TOPIC, &[0])])
                }
            });
        }
    }
}

fn offsets(
    side: &mut Side,
    version: i16,
    group: &str,
    member: &str,
    epoch: i32,
) -> OffsetFetchRequest {
    if version < 8 {
        return OffsetFetchRequest {
            group_id: group.to_owned(),
            topics: Some(vec![fetch::OffsetFetchRequestTopic {
                name: TOPIC.to_owned(),
                partition_indexes: vec![0],
                ..fetch::OffsetFetchRequestTopic::default()
            }]),
            ..OffsetFetchRequest::default()
        };
    }
    OffsetFetchRequest {
        groups: vec![fetch::OffsetFetchRequestGroup {
            group_id: group.to_owned(),
            member_id: (!member.is_empty()).then(|| member.to_owned()),
            member_epoch: epoch,
            topics: Some(vec![fetch::OffsetFetchRequestTopics {
                name: TOPIC.to_owned(),
                topic_id: side.id(TOPIC),
                partition_indexes: vec![0],
                ..fetch::OffsetFetchRequestTopics::default()
            }]),
            ..fetch::OffsetFetchRequestGroup::default()
        }],
        ..OffsetFetchRequest::default()
    }
}

/// What a member hears while another waits to join.
fn waiting(both: &mut Both) {
    let group = "waits";
    let joining = |id: String| JoinGroupRequest {
        group_id: group.to_owned(),
        member_id: id,
        ..groups::join("connect")
    };
    let learn = |name: &'static str| {
        move |answer: &ottla_wire::messages::JoinGroupResponse| {
            Some((name.to_owned(), answer.member_id.clone()))
        }
    };
    both.once_learn(
        "one",
        3,
        |_, _| joining(String::new()),
        groups::settle_join,
        learn("one"),
    );
    both.once("one", 3, |side, _| sync(group, side.recall("one"), None, 1));
    both.once_learn(
        "another",
        5,
        |_, _| joining(String::new()),
        groups::settle_join,
        learn("other"),
    );
    // Its join is not answered before the first one joins again.
    let mut kept: Vec<Connection> = Vec::new();
    for side in both.sides() {
        let mut connection = side.connection.another();
        connection
            .tell(5, &joining(side.recall("other")))
            .expect("sent");
        kept.push(connection);
        let member = side.recall("one");
        let waits = wait_until(Duration::from_secs(30), || {
            let answer = side
                .connection
                .ask(3, &heartbeat(group, member.clone(), None, 1));
            answer.is_ok_and(|answer| answer.error_code == 27)
        });
        assert!(waits, "{:?}: the join does not wait", side.connection);
    }
    both.each("while another joins", |side, _| {
        heartbeat(group, side.recall("one"), None, 1)
    });
    both.each("while another joins", |side, _| {
        sync(group, side.recall("one"), None, 1)
    });
    both.each("while another joins", |side, _| OffsetCommitRequest {
        member_id: side.recall("one"),
        generation_id_or_member_epoch: 1,
        ..groups::simple_commit(side, group, &[(TOPIC, &[0])])
    });
    both.each("while another joins", |_, _| OffsetDeleteRequest {
        group_id: group.to_owned(),
        topics: vec![delete::OffsetDeleteRequestTopic {
            name: TOPIC.to_owned(),
            partitions: vec![delete::OffsetDeleteRequestPartition { partition_index: 0 }],
        }],
    });
    groups::delete_one(both, "while another joins", group);
    drop(kept);
}

fn heartbeat(
    group: &str,
    member: String,
    instance: Option<&str>,
    generation: i32,
) -> HeartbeatRequest {
    HeartbeatRequest {
        group_id: group.to_owned(),
        member_id: member,
        group_instance_id: instance.map(str::to_owned),
        generation_id: generation,
        ..HeartbeatRequest::default()
    }
}

fn sync(group: &str, member: String, instance: Option<&str>, generation: i32) -> SyncGroupRequest {
    SyncGroupRequest {
        group_id: group.to_owned(),
        member_id: member,
        group_instance_id: instance.map(str::to_owned),
        generation_id: generation,
        protocol_type: Some("connect".to_owned()),
        protocol_name: Some("range".to_owned()),
        ..SyncGroupRequest::default()
    }
}

/// A member joins a classic group, which becomes one of the newer protocol before all others have joined again.
fn upgraded(both: &mut Both) {
    let group = "upgraded";
    let joining = |id: String| JoinGroupRequest {
        group_id: group.to_owned(),
        member_id: id,
        ..groups::join("consumer")
    };
    for (version, name) in [(3, "old"), (4, "waits")] {
        let learn = |answer: &ottla_wire::messages::JoinGroupResponse| {
            Some((format!("{name} {group}"), answer.member_id.clone()))
        };
        both.once_learn(
            name,
            version,
            |_, _| joining(String::new()),
            groups::settle_join,
            learn,
        );
        if name == "old" {
            both.once("its assignment", 5, |side, _| SyncGroupRequest {
                protocol_type: Some("consumer".to_owned()),
                ..sync(group, side.recall("old upgraded"), None, 1)
            });
        }
    }
    let mut kept: Vec<Connection> = Vec::new();
    for side in both.sides() {
        let mut connection = side.connection.another();
        let waits = joining(side.recall("waits upgraded"));
        connection.tell(9, &waits).expect("sent");
        kept.push(connection);
        let old = heartbeat(group, side.recall("old upgraded"), None, 1);
        let rebalances = wait_until(Duration::from_secs(30), || {
            let answer = side.connection.ask(3, &old);
            answer.is_ok_and(|answer| answer.error_code == 27)
        });
        assert!(rebalances, "{:?}: nobody joins", side.connection);
    }
    beats(both, "newer", 1, &beat(group, "newer", None, 0));
    both.heard::<JoinGroupRequest>("upgraded", 9, &mut kept, groups::settle_join);
    both.each("of a group that was upgraded", |side, _| {
        heartbeat(group, side.recall("old upgraded"), None, 1)
    });
}

/// Static members of a classic group, and those who take their names in vain.
fn classic_fixed(both: &mut Both) {
    let group = "classic fixed";
    let joining = |id: &str| JoinGroupRequest {
        group_id: group.to_owned(),
        group_instance_id: Some("i".to_owned()),
        member_id: id.to_owned(),
        ..groups::join("connect")
    };
    let learn = |answer: &ottla_wire::messages::JoinGroupResponse| {
        Some(("fixed".to_owned(), answer.member_id.clone()))
    };
    both.once_learn("one", 5, |_, _| joining(""), groups::settle_join, learn);
    both.once("one", 5, |side, _| {
        sync(group, side.recall("fixed"), Some("i"), 1)
    });
    for version in 5..=9 {
        both.once_then("in vain", version, |_, _| joining("x"), groups::settle_join);
    }
    both.each("in vain", |_, _| {
        heartbeat(group, "x".to_owned(), Some("i"), 1)
    });
    both.each("in vain", |_, _| sync(group, "x".to_owned(), Some("i"), 1));
    both.each("in vain", |side, _| OffsetCommitRequest {
        member_id: "x".to_owned(),
        group_instance_id: Some("i".to_owned()),
        generation_id_or_member_epoch: 1,
        ..groups::simple_commit(side, group, &[(TOPIC, &[0])])
    });
    both.each("in vain", |_, _| LeaveGroupRequest {
        group_id: group.to_owned(),
        members: vec![MemberIdentity {
            member_id: "x".to_owned(),
            group_instance_id: Some("i".to_owned()),
            ..MemberIdentity::default()
        }],
        ..LeaveGroupRequest::default()
    });
    for version in [0, 1] {
        beats(
            both,
            "of a classic group",
            version,
            &beat(group, "m", None, 0),
        );
        beats(
            both,
            "of a classic group, in it",
            version,
            &beat(group, "m", None, 1),
        );
    }
}

/// Topics of which something cannot be done.
fn other_topics(both: &mut Both) {
    for name in ["compacted", "__consumer_offsets", "not a name", "", ".."] {
        both.each(&format!("{name:?}"), |_, _| DeleteRecordsRequest {
            topics: vec![cut::DeleteRecordsTopic {
                name: name.to_owned(),
                partitions: vec![cut::DeleteRecordsPartition::default()],
                ..cut::DeleteRecordsTopic::default()
            }],
            timeout_ms: 1000,
            ..DeleteRecordsRequest::default()
        });
        both.each(&format!("{name:?}"), |_, _| DescribeProducersRequest {
            topics: vec![producers::TopicRequest {
                name: name.to_owned(),
                partition_indexes: vec![0],
                ..producers::TopicRequest::default()
            }],
            ..DescribeProducersRequest::default()
        });
    }
}
