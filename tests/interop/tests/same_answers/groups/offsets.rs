//! Offsets of groups: by somebody who is no member.

use ottla_wire::messages::{
    OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest, OffsetFetchResponse,
    offset_commit_request as commit, offset_delete_request as delete,
    offset_fetch_request as fetch,
};

use super::TOPIC;
use crate::both::{Both, Side};

/// A topic's name, and the partitions.
type Topics<'a> = &'a [(&'a str, &'a [i32])];

pub(super) fn ask(both: &mut Both) {
    commits(both);
    fetches(both);
    deletes(both);
    // After the deletion.
    fetches(both);
}

fn partition(index: i32, metadata: Option<String>) -> commit::OffsetCommitRequestPartition {
    commit::OffsetCommitRequestPartition {
        partition_index: index,
        committed_offset: i64::from(index) + 100,
        committed_leader_epoch: 2,
        committed_metadata: metadata,
        ..commit::OffsetCommitRequestPartition::default()
    }
}

pub(super) fn commit_of(side: &mut Side, group: &str, topics: Topics<'_>) -> OffsetCommitRequest {
    let topics = topics.iter().map(|(name, partitions)| {
        let name = (*name).to_owned();
        let all = partitions.iter();
        commit::OffsetCommitRequestTopic {
            topic_id: side.id(&name),
            name,
            partitions: all
                .map(|index| partition(*index, Some("noted".to_owned())))
                .collect(),
            ..commit::OffsetCommitRequestTopic::default()
        }
    });
    OffsetCommitRequest {
        group_id: group.to_owned(),
        topics: topics.collect(),
        ..OffsetCommitRequest::default()
    }
}

fn commits(both: &mut Both) {
    let asked: [(&str, Topics<'_>); 8] = [
        ("no topics", &[]),
        ("no partitions", &[(TOPIC, &[])]),
        ("an unknown topic", &[("none", &[0, 1])]),
        ("an unknown topic without partitions", &[("none", &[])]),
        ("unknown partitions", &[(TOPIC, &[-1, 99])]),
        ("some unknown", &[("none", &[0]), (TOPIC, &[1, 99, 0])]),
        ("twice", &[(TOPIC, &[0, 0]), (TOPIC, &[0])]),
        ("twice, some unknown", &[(TOPIC, &[0, 7]), (TOPIC, &[0])]),
    ];
    for (what, topics) in asked {
        both.each(what, |side, version| {
            commit_of(side, &format!("simple {version}"), topics)
        });
    }
    for (what, metadata) in [
        ("no metadata", None),
        ("as much metadata as may be", Some("ü".repeat(4096))),
        ("too much metadata", Some("x".repeat(4097))),
    ] {
        both.each(what, |side, version| {
            let mut request = commit_of(side, &format!("simple {version}"), &[(TOPIC, &[])]);
            request.topics[0].partitions = vec![partition(1, metadata.clone()), partition(2, None)];
            request
        });
    }
    type Change = fn(&mut OffsetCommitRequest);
    let changes: [(&str, Change); 8] = [
        ("an age", |of| of.retention_time_ms = 3_600_000),
        ("a negative offset", |of| {
            of.topics[0].partitions[0].committed_offset = -7;
        }),
        ("a generation", |of| of.generation_id_or_member_epoch = 3),
        ("a member", |of| of.member_id = "m".to_owned()),
        ("a member and a generation", |of| {
            of.member_id = "m".to_owned();
            of.generation_id_or_member_epoch = 0;
        }),
        ("a static member", |of| {
            of.group_instance_id = Some("i".to_owned());
        }),
        ("a generation of nobody", |of| {
            of.group_id = "nobody".to_owned();
            of.generation_id_or_member_epoch = 3;
        }),
        ("a group of no name", |of| of.group_id = String::new()),
    ];
    for (what, change) in changes {
        both.each(what, |side, version| {
            let mut request = commit_of(side, &format!("simple {version}"), &[(TOPIC, &[2])]);
            change(&mut request);
            request
        });
    }
}

fn fetch_of(
    side: &mut Side,
    version: i16,
    groups: &[&str],
    topics: Option<Topics<'_>>,
) -> OffsetFetchRequest {
    let topics = topics.map(|topics| {
        let topics = topics.iter().map(|(name, partitions)| {
            let name = (*name).to_owned();
            fetch::OffsetFetchRequestTopics {
                topic_id: side.id(&name),
                name,
                partition_indexes: partitions.to_vec(),
                ..fetch::OffsetFetchRequestTopics::default()
            }
        });
        topics.collect::<Vec<_>>()
    });
    if version >= 8 {
        let group = |group: &&str| fetch::OffsetFetchRequestGroup {
            group_id: (*group).to_owned(),
            topics: topics.clone(),
            ..fetch::OffsetFetchRequestGroup::default()
        };
        return OffsetFetchRequest {
            groups: groups.iter().map(group).collect(),
            ..OffsetFetchRequest::default()
        };
    }
    let topics = topics.map(|topics| {
        let topics = topics
            .into_iter()
            .map(|topic| fetch::OffsetFetchRequestTopic {
                name: topic.name,
                partition_indexes: topic.partition_indexes,
                ..fetch::OffsetFetchRequestTopic::default()
            });
        topics.collect()
    });
    OffsetFetchRequest {
        group_id: groups[0].to_owned(),
        topics,
        ..OffsetFetchRequest::default()
    }
}

/// All offsets come in no order.
fn settle(answer: &mut OffsetFetchResponse) {
    for topic in &mut answer.topics {
        topic.partitions.sort_by_key(|of| of.partition_index);
    }
    for group in &mut answer.groups {
        group.topics.sort_by(|a, b| a.name.cmp(&b.name));
        for topic in &mut group.topics {
            topic.partitions.sort_by_key(|of| of.partition_index);
        }
    }
}

fn fetches(both: &mut Both) {
    let asked: [(&str, Option<Topics<'_>>); 7] = [
        ("all", None),
        ("none", Some(&[])),
        ("one", Some(&[(TOPIC, &[1])])),
        ("never committed", Some(&[(TOPIC, &[-1, 0, 99])])),
        (
            "an unknown topic",
            Some(&[("none", &[0]), (TOPIC, &[0, 2])]),
        ),
        ("no partitions", Some(&[(TOPIC, &[])])),
        ("twice", Some(&[(TOPIC, &[0, 0]), (TOPIC, &[2])])),
    ];
    for (what, topics) in asked {
        for require_stable in [false, true] {
            both.each_then(
                &format!("{what} {require_stable}"),
                |side, version| {
                    let groups = [format!("simple {}", version.max(2)), "nobody".to_owned()];
                    let groups: Vec<_> = groups.iter().map(String::as_str).collect();
                    OffsetFetchRequest {
                        require_stable,
                        ..fetch_of(side, version, &groups, topics)
                    }
                },
                settle,
            );
        }
    }
    both.each_then(
        "no groups, or one of no name",
        |side, version| match version {
            ..8 => fetch_of(side, version, &[""], None),
            _ => OffsetFetchRequest::default(),
        },
        settle,
    );
    both.each_then(
        "of a member of no group",
        |side, version| {
            let mut request = fetch_of(side, version, &["never was"], None);
            for group in &mut request.groups {
                group.member_id = Some("m".to_owned());
                group.member_epoch = 7;
            }
            request
        },
        settle,
    );
    both.each_then(
        "of a member",
        |side, version| {
            let mut request = fetch_of(side, version, &["simple 9"], None);
            for group in &mut request.groups {
                group.member_id = Some("m".to_owned());
                group.member_epoch = 7;
            }
            request
        },
        settle,
    );
}

fn deletes(both: &mut Both) {
    let asked: [(&str, Topics<'_>); 6] = [
        ("no topics", &[]),
        ("no partitions", &[(TOPIC, &[]), ("none", &[])]),
        ("unknown", &[("none", &[0, 1]), (TOPIC, &[-1, 99])]),
        ("some unknown", &[("none", &[0]), (TOPIC, &[1, 99])]),
        ("twice", &[(TOPIC, &[1, 2, 2])]),
        ("again", &[(TOPIC, &[2])]),
    ];
    for (what, topics) in asked {
        for group in ["simple 5", "simple 9", "nobody"] {
            both.each(&format!("{what}, {group}"), |_, _| {
                let topics = topics.iter().map(|(name, partitions)| {
                    let partitions = partitions.iter().map(|&partition_index| {
                        delete::OffsetDeleteRequestPartition { partition_index }
                    });
                    delete::OffsetDeleteRequestTopic {
                        name: (*name).to_owned(),
                        partitions: partitions.collect(),
                    }
                });
                OffsetDeleteRequest {
                    group_id: group.to_owned(),
                    topics: topics.collect(),
                }
            });
        }
    }
}
