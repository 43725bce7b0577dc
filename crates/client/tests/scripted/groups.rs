//! Requests about groups: where they go, what is asked again and where, which answer falls back to which request.

use ottla_client::{
    Admin, ClientError, CoordinatorType, TopicPartition,
    admin::{CommittedOffset, GroupFilter, GroupMember, GroupState, GroupType},
};
use ottla_wire::{
    errors::Code,
    messages::{
        consumer_group_describe_request::ConsumerGroupDescribeRequest,
        consumer_group_describe_response::{self as new, ConsumerGroupDescribeResponse},
        delete_groups_request::DeleteGroupsRequest,
        delete_groups_response::{DeletableGroupResult, DeleteGroupsResponse},
        describe_groups_request::DescribeGroupsRequest,
        describe_groups_response::{self as classic, DescribeGroupsResponse},
        find_coordinator_request::FindCoordinatorRequest,
        find_coordinator_response::{Coordinator, FindCoordinatorResponse},
        leave_group_request::LeaveGroupRequest,
        leave_group_response::{LeaveGroupResponse, MemberResponse},
        list_groups_request::ListGroupsRequest,
        list_groups_response::{ListGroupsResponse, ListedGroup},
        offset_commit_request::OffsetCommitRequest,
        offset_commit_response::{
            OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
        },
        offset_delete_request::OffsetDeleteRequest,
        offset_delete_response::{
            OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
        },
        offset_fetch_request::OffsetFetchRequest,
        offset_fetch_response::{
            OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartition,
            OffsetFetchResponsePartitions, OffsetFetchResponseTopic, OffsetFetchResponseTopics,
        },
    },
};

use crate::brokers::{Brokers, with};

/// The next lookup says that the node coordinates each group; a code may be said of each instead.
fn coordinated(brokers: &Brokers, node: i32, code: i16) {
    let port = brokers.port(node);
    brokers.then(move |asked: FindCoordinatorRequest| {
        let answer = |key: String| Coordinator {
            key,
            node_id: node,
            host: "127.0.0.1".into(),
            port,
            error_code: code,
            ..Coordinator::default()
        };
        with(|response: &mut FindCoordinatorResponse| {
            response.coordinators = asked.coordinator_keys.into_iter().map(answer).collect();
        })
    });
}

fn deleted(brokers: &Brokers, codes: &'static [i16]) {
    brokers.then(move |asked: DeleteGroupsRequest| {
        let results = asked.groups_names.into_iter().zip(codes);
        with(|response: &mut DeleteGroupsResponse| {
            response.results = results
                .map(|(group_id, code)| DeletableGroupResult {
                    group_id,
                    error_code: *code,
                    ..DeletableGroupResult::default()
                })
                .collect();
        })
    });
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.into()).collect()
}

fn nodes<R: ottla_wire::Request>(brokers: &Brokers) -> Vec<i32> {
    brokers
        .came::<R>()
        .into_iter()
        .map(|(node, _)| node)
        .collect()
}

#[tokio::test]
async fn a_coordinator_that_loads_is_asked_again_and_one_that_moved_is_looked_up_again() {
    let brokers = Brokers::start().await;
    coordinated(&brokers, 1, 0);
    deleted(&brokers, &[14]);
    deleted(&brokers, &[16]);
    coordinated(&brokers, 1, 15);
    coordinated(&brokers, 2, 0);
    deleted(&brokers, &[15]);
    coordinated(&brokers, 2, 0);
    brokers.then_close::<DeleteGroupsRequest>();
    coordinated(&brokers, 2, 0);
    deleted(&brokers, &[0]);
    let admin = Admin::new(brokers.cluster());
    let outcomes = admin.delete_groups(names(&["a"])).await.unwrap();
    assert_eq!(outcomes, [("a".to_owned(), Ok(()))]);
    assert!(brokers.is_done());
    assert_eq!(nodes::<DeleteGroupsRequest>(&brokers), [1, 1, 2, 2, 2]);
}

#[tokio::test]
async fn only_what_passed_is_asked_again_and_final_codes_are_told_at_once() {
    let brokers = Brokers::start().await;
    coordinated(&brokers, 2, 0);
    // Retriable for others, but not here: no group becomes empty by asking again.
    deleted(&brokers, &[0, 68, 14, 7]);
    deleted(&brokers, &[69]);
    let admin = Admin::new(brokers.cluster());
    let outcomes = admin
        .delete_groups(names(&["a", "b", "c", "d"]))
        .await
        .unwrap();
    let codes: Vec<(&str, Option<Code>)> = outcomes
        .iter()
        .map(|(group, outcome)| {
            (
                group.as_str(),
                outcome.as_ref().err().and_then(ClientError::code),
            )
        })
        .collect();
    assert_eq!(
        codes,
        [
            ("a", None),
            ("b", Some(Code::NON_EMPTY_GROUP)),
            ("c", Some(Code::GROUP_ID_NOT_FOUND)),
            ("d", Some(Code::REQUEST_TIMED_OUT)),
        ]
    );
    let asked = brokers.came::<DeleteGroupsRequest>();
    assert_eq!(asked[1].1.groups_names, ["c"]);
    assert_eq!(brokers.came::<FindCoordinatorRequest>().len(), 1);
}

#[tokio::test]
async fn a_refused_lookup_is_the_groups_outcome_and_old_brokers_are_asked_one_by_one() {
    let brokers = Brokers::start().await;
    coordinated(&brokers, 1, 30);
    let admin = Admin::new(brokers.cluster());
    let outcomes = admin
        .find_coordinators(CoordinatorType::Group, names(&["a"]))
        .await
        .unwrap();
    let error = outcomes[0].1.as_ref().unwrap_err();
    assert_eq!(error.code(), Some(Code::GROUP_AUTHORIZATION_FAILED));

    let brokers = Brokers::start().await;
    brokers.knows::<FindCoordinatorRequest>(3);
    for node in [1, 2] {
        let port = brokers.port(node);
        brokers.then(move |_: FindCoordinatorRequest| {
            with(|response: &mut FindCoordinatorResponse| {
                (response.node_id, response.port) = (node, port);
                response.host = "127.0.0.1".into();
            })
        });
    }
    let admin = Admin::new(brokers.cluster());
    let outcomes = admin
        .find_coordinators(CoordinatorType::Group, names(&["a", "b"]))
        .await
        .unwrap();
    let found: Vec<(&str, i32)> = outcomes
        .iter()
        .map(|(group, outcome)| (group.as_str(), outcome.as_ref().unwrap().id))
        .collect();
    assert_eq!(found, [("a", 1), ("b", 2)]);
    let asked = brokers.came::<FindCoordinatorRequest>();
    assert_eq!([&asked[0].1.key, &asked[1].1.key], ["a", "b"]);
}

#[tokio::test]
async fn time_that_is_up_names_what_stood_in_the_way() {
    let brokers = Brokers::start().await;
    let mut config = brokers.cluster().config().clone();
    config.api_timeout = std::time::Duration::from_millis(150);
    for _ in 0..150 {
        coordinated(&brokers, 1, 15);
    }
    let admin = Admin::new(ottla_client::Cluster::new(config));
    let outcomes = admin
        .find_coordinators(CoordinatorType::Group, names(&["a"]))
        .await
        .unwrap();
    let error = outcomes[0].1.as_ref().unwrap_err();
    assert!(matches!(error, ClientError::Expired { .. }), "{error}");
    assert_eq!(error.code(), Some(Code::COORDINATOR_NOT_AVAILABLE));
}

fn listed(group: &str, protocol: &str, kind: &str, state: &str) -> ListedGroup {
    ListedGroup {
        group_id: group.into(),
        protocol_type: protocol.into(),
        group_type: kind.into(),
        group_state: state.into(),
        ..ListedGroup::default()
    }
}

#[tokio::test]
async fn every_broker_lists_its_groups_and_other_protocols_are_left_out() {
    let brokers = Brokers::start().await;
    let answer = |groups: Vec<ListedGroup>, code: i16| {
        move |_: ListGroupsRequest| {
            with(|response: &mut ListGroupsResponse| {
                (response.groups, response.error_code) = (groups, code);
            })
        }
    };
    let first = vec![
        listed("z", "consumer", "consumer", "Stable"),
        listed("connect-x", "connect", "classic", "Stable"),
    ];
    brokers
        .then(answer(Vec::new(), 14))
        .then(answer(vec![listed("a", "", "classic", "Empty")], 0))
        .then(answer(first, 0));
    let admin = Admin::new(brokers.cluster());
    let filter = GroupFilter {
        states: vec![GroupState::Stable, GroupState::Empty],
        ..GroupFilter::consumers()
    };
    let listed = admin.list_groups(&filter).await.unwrap();
    assert!(listed.failures.is_empty(), "{:?}", listed.failures);
    let groups: Vec<_> = listed
        .groups
        .iter()
        .map(|one| (one.group.as_str(), one.group_type, one.state))
        .collect();
    assert_eq!(
        groups,
        [
            ("a", Some(GroupType::Classic), Some(GroupState::Empty)),
            ("z", Some(GroupType::Consumer), Some(GroupState::Stable)),
        ]
    );
    let asked = brokers.came::<ListGroupsRequest>();
    let asked_of: Vec<i32> = asked.iter().map(|(node, _)| *node).collect();
    assert_eq!(asked_of, [1, 2, 1]);
    assert_eq!(asked[0].1.states_filter, ["Stable", "Empty"]);
    assert_eq!(asked[0].1.types_filter, ["Classic", "Consumer"]);
}

#[tokio::test]
async fn a_broker_that_fails_is_listed_and_old_ones_need_no_types() {
    let brokers = Brokers::start().await;
    brokers.knows::<ListGroupsRequest>(4);
    brokers
        .then(|_: ListGroupsRequest| {
            with(|response: &mut ListGroupsResponse| response.error_code = 29)
        })
        .then(|_: ListGroupsRequest| {
            with(|response: &mut ListGroupsResponse| {
                response.groups = vec![listed("a", "consumer", "", "Dead")];
            })
        });
    let admin = Admin::new(brokers.cluster());
    let found = admin.list_groups(&GroupFilter::consumers()).await.unwrap();
    assert_eq!(found.groups[0].group_type, None);
    assert_eq!(found.failures[0].0, 1);
    assert_eq!(
        found.failures[0].1.code(),
        Some(Code::TOPIC_AUTHORIZATION_FAILED)
    );
    let filter = GroupFilter {
        types: vec![GroupType::Consumer],
        ..GroupFilter::default()
    };
    let found = admin.list_groups(&filter).await.unwrap();
    assert_eq!(found.failures.len(), 2);
    assert!(matches!(
        found.failures[0].1,
        ClientError::Unsupported { .. }
    ));
}

fn partitions(topic: &str, indexes: &[i32]) -> Vec<TopicPartition> {
    indexes
        .iter()
        .map(|&index| TopicPartition::new(topic, index))
        .collect()
}

/// A classic member's assignment in a version that nobody knows yet: `t` with partitions 2 and 0, user data, more.
const ASSIGNMENT: &[u8] = b"\0\x09\0\0\0\x01\0\x01t\0\0\0\x02\0\0\0\x02\0\0\0\0\0\0\0\x01!more";

fn described_new(
    codes: &'static [i16],
) -> impl FnOnce(ConsumerGroupDescribeRequest) -> ConsumerGroupDescribeResponse {
    move |asked| {
        let member = new::Member {
            member_id: "m".into(),
            member_epoch: 5,
            assignment: new::Assignment {
                topic_partitions: vec![new::TopicPartitions {
                    topic_name: "t".into(),
                    partitions: vec![1, 0],
                    ..new::TopicPartitions::default()
                }],
                ..new::Assignment::default()
            },
            member_type: 0,
            ..new::Member::default()
        };
        let group = |(group_id, code): (String, &i16)| new::DescribedGroup {
            group_id,
            error_code: *code,
            error_message: (*code != 0).then(|| "first words".into()),
            group_state: "Reconciling".into(),
            group_epoch: 7,
            assignment_epoch: 6,
            members: vec![member.clone()],
            ..new::DescribedGroup::default()
        };
        with(|response: &mut ConsumerGroupDescribeResponse| {
            response.groups = asked.group_ids.into_iter().zip(codes).map(group).collect();
        })
    }
}

fn described_classic(
    told: &'static [(i16, &'static str)],
) -> impl FnOnce(DescribeGroupsRequest) -> DescribeGroupsResponse {
    move |asked| {
        let group =
            |(group_id, (code, protocol)): (String, &(i16, &str))| classic::DescribedGroup {
                group_id,
                error_code: *code,
                error_message: (*code != 0).then(|| "second words".into()),
                protocol_type: (*protocol).into(),
                protocol_data: "range".into(),
                group_state: "Stable".into(),
                members: vec![classic::DescribedGroupMember {
                    member_id: "m".into(),
                    group_instance_id: Some("i".into()),
                    member_assignment: ASSIGNMENT.into(),
                    ..classic::DescribedGroupMember::default()
                }],
                ..classic::DescribedGroup::default()
            };
        with(|response: &mut DescribeGroupsResponse| {
            response.groups = asked.groups.into_iter().zip(told).map(group).collect();
        })
    }
}

#[tokio::test]
async fn groups_are_described_by_the_new_protocol_and_else_by_the_classic_one() {
    let brokers = Brokers::start().await;
    coordinated(&brokers, 2, 0);
    brokers
        .then(described_new(&[0, 69, 35, 69, 69]))
        .then(described_classic(&[
            (14, ""),
            (0, "consumer"),
            (69, ""),
            (0, "connect"),
        ]))
        .then(described_classic(&[(0, "")]));
    let admin = Admin::new(brokers.cluster());
    let groups = names(&["new", "simple", "classic", "none", "connect"]);
    let outcomes = admin.describe_groups(groups).await.unwrap();
    let one = |place: usize| outcomes[place].1.as_ref().unwrap();
    let group = one(0);
    assert_eq!(
        (group.group_type, group.state),
        (GroupType::Consumer, GroupState::Reconciling)
    );
    assert_eq!((group.epoch, group.assignment_epoch), (Some(7), Some(6)));
    assert_eq!(
        group.coordinator.address,
        format!("127.0.0.1:{}", brokers.port(2))
    );
    let member = &group.members[0];
    assert_eq!(member.assignment, partitions("t", &[0, 1]));
    assert_eq!(
        (member.target.as_deref(), member.epoch, member.upgraded),
        (Some(&[][..]), Some(5), Some(false))
    );
    assert!(one(1).is_simple && one(1).group_type == GroupType::Classic);
    let member = &one(2).members[0];
    assert_eq!(
        (member.assignment.clone(), member.target.clone()),
        (partitions("t", &[0, 2]), None)
    );
    assert_eq!(
        (member.instance_id.as_deref(), one(2).assignor.as_str()),
        (Some("i"), "range")
    );
    let missing = outcomes[3].1.as_ref().unwrap_err();
    assert_eq!(missing.code(), Some(Code::GROUP_ID_NOT_FOUND));
    assert!(missing.to_string().contains("first words"), "{missing}");
    let other = outcomes[4].1.as_ref().unwrap_err();
    assert!(matches!(other, ClientError::Config(_)), "{other}");
    assert_eq!(brokers.came::<ConsumerGroupDescribeRequest>().len(), 1);
    assert_eq!(
        brokers.came::<DescribeGroupsRequest>()[1].1.groups,
        ["simple"]
    );
}

#[tokio::test]
async fn a_broker_without_the_new_protocol_is_asked_the_classic_way_at_once() {
    let brokers = Brokers::start().await;
    brokers.knows::<ConsumerGroupDescribeRequest>(-1);
    coordinated(&brokers, 1, 0);
    brokers.then(described_classic(&[(0, "consumer")]));
    let admin = Admin::new(brokers.cluster());
    let outcomes = admin.describe_groups(names(&["a"])).await.unwrap();
    assert_eq!(outcomes[0].1.as_ref().unwrap().state, GroupState::Stable);
}

#[tokio::test]
async fn offsets_of_several_groups_come_in_one_answer_each_with_its_own_codes() {
    let brokers = Brokers::start().await;
    coordinated(&brokers, 2, 0);
    let partition = |index: i32, offset: i64, code: i16| OffsetFetchResponsePartitions {
        partition_index: index,
        committed_offset: offset,
        committed_leader_epoch: 3,
        metadata: Some("note".into()),
        error_code: code,
        ..OffsetFetchResponsePartitions::default()
    };
    let told = move |codes: [i16; 2]| {
        move |asked: OffsetFetchRequest| {
            let group = |(group, code): (
                ottla_wire::messages::offset_fetch_request::OffsetFetchRequestGroup,
                i16,
            )| OffsetFetchResponseGroup {
                group_id: group.group_id,
                error_code: code,
                topics: vec![OffsetFetchResponseTopics {
                    name: "t".into(),
                    partitions: vec![
                        partition(1, 9, 0),
                        partition(0, -1, 0),
                        partition(2, -1, 88),
                    ],
                    ..OffsetFetchResponseTopics::default()
                }],
                ..OffsetFetchResponseGroup::default()
            };
            with(|response: &mut OffsetFetchResponse| {
                response.groups = asked.groups.into_iter().zip(codes).map(group).collect();
            })
        }
    };
    brokers.then(told([16, 0]));
    coordinated(&brokers, 1, 0);
    brokers.then(told([0, 0]));
    let admin = Admin::new(brokers.cluster());
    let groups = vec![
        ("a".to_owned(), Some(partitions("t", &[0, 1, 2]))),
        ("b".to_owned(), None),
    ];
    let outcomes = admin.list_group_offsets(groups, true).await.unwrap();
    for (_, outcome) in &outcomes {
        let offsets = outcome.as_ref().unwrap();
        assert_eq!(offsets[0].1, Ok(None));
        let committed = CommittedOffset {
            offset: 9,
            leader_epoch: Some(3),
            metadata: "note".into(),
        };
        assert_eq!(offsets[1].1, Ok(Some(committed)));
        let unstable = offsets[2].1.as_ref().unwrap_err();
        assert_eq!(unstable.code(), Some(Code::UNSTABLE_OFFSET_COMMIT));
    }
    let asked = brokers.came::<OffsetFetchRequest>();
    assert_eq!((asked[0].0, asked[1].0), (2, 1));
    assert!(asked[0].1.require_stable);
    let topics = asked[0].1.groups[0].topics.as_ref().unwrap();
    assert_eq!(
        (
            topics[0].name.as_str(),
            topics[0].partition_indexes.as_slice()
        ),
        ("t", &[0, 1, 2][..])
    );
    assert_eq!(asked[0].1.groups[1].topics, None);
    assert_eq!(asked[1].1.groups.len(), 1, "b has its answer already");
}

#[tokio::test]
async fn old_brokers_are_asked_for_the_offsets_of_one_group_at_a_time() {
    let brokers = Brokers::start().await;
    brokers.knows::<OffsetFetchRequest>(7);
    coordinated(&brokers, 1, 0);
    for offset in [4, 5] {
        brokers.then(move |_: OffsetFetchRequest| {
            with(|response: &mut OffsetFetchResponse| {
                response.topics = vec![OffsetFetchResponseTopic {
                    name: "t".into(),
                    partitions: vec![OffsetFetchResponsePartition {
                        committed_offset: offset,
                        ..OffsetFetchResponsePartition::default()
                    }],
                    ..OffsetFetchResponseTopic::default()
                }];
            })
        });
    }
    let admin = Admin::new(brokers.cluster());
    let groups = vec![("a".to_owned(), None), ("b".to_owned(), None)];
    let outcomes = admin.list_group_offsets(groups, false).await.unwrap();
    let offset = |place: usize| {
        let offsets = outcomes[place].1.as_ref().unwrap();
        offsets[0].1.as_ref().unwrap().as_ref().unwrap().offset
    };
    assert_eq!([offset(0), offset(1)], [4, 5]);
    let asked = brokers.came::<OffsetFetchRequest>();
    assert_eq!(
        (asked[0].1.group_id.as_str(), &asked[0].1.topics),
        ("a", &None)
    );
}

#[tokio::test]
async fn offsets_are_set_as_a_whole_once_nothing_is_in_the_way() {
    let brokers = Brokers::start().await;
    coordinated(&brokers, 1, 0);
    for codes in [[0, 27], [0, 14], [0, 3]] {
        brokers.then(move |_: OffsetCommitRequest| {
            let partition = |(index, code): (i32, i16)| OffsetCommitResponsePartition {
                partition_index: index,
                error_code: code,
                ..OffsetCommitResponsePartition::default()
            };
            with(|response: &mut OffsetCommitResponse| {
                response.topics = vec![OffsetCommitResponseTopic {
                    name: "t".into(),
                    partitions: (0..).zip(codes).map(partition).collect(),
                    ..OffsetCommitResponseTopic::default()
                }];
            })
        });
    }
    let admin = Admin::new(brokers.cluster());
    let offset = |partition, offset| {
        (
            TopicPartition::new("t", partition),
            CommittedOffset::at(offset),
        )
    };
    let outcomes = admin
        .alter_group_offsets("a", &[offset(0, 5), offset(1, 6)])
        .await
        .unwrap();
    assert_eq!(outcomes[0], (TopicPartition::new("t", 0), Ok(())));
    let missing = outcomes[1].1.as_ref().unwrap_err();
    assert_eq!(missing.code(), Some(Code::UNKNOWN_TOPIC_OR_PARTITION));
    let asked = brokers.came::<OffsetCommitRequest>();
    assert_eq!(asked.len(), 3);
    let request = &asked[2].1;
    assert_eq!(
        (
            request.generation_id_or_member_epoch,
            request.member_id.as_str()
        ),
        (-1, "")
    );
    let partitions = &request.topics[0].partitions;
    assert_eq!(
        (
            partitions[1].committed_offset,
            partitions[1].committed_leader_epoch
        ),
        (6, -1)
    );
}

#[tokio::test]
async fn deleting_offsets_fails_as_a_whole_or_by_partition() {
    let brokers = Brokers::start().await;
    coordinated(&brokers, 1, 0);
    brokers.then(|_: OffsetDeleteRequest| {
        with(|response: &mut OffsetDeleteResponse| response.error_code = 68)
    });
    let admin = Admin::new(brokers.cluster());
    let error = admin
        .delete_group_offsets("a", &partitions("t", &[0]))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(Code::NON_EMPTY_GROUP));
    coordinated(&brokers, 1, 0);
    brokers.then(|_: OffsetDeleteRequest| {
        with(|response: &mut OffsetDeleteResponse| {
            let partition = |partition_index, error_code| OffsetDeleteResponsePartition {
                partition_index,
                error_code,
            };
            response.topics = vec![OffsetDeleteResponseTopic {
                name: "t".into(),
                partitions: vec![partition(1, 86), partition(0, 0)],
            }];
        })
    });
    let outcomes = admin
        .delete_group_offsets("a", &partitions("t", &[0, 1, 2]))
        .await
        .unwrap();
    assert!(outcomes[0].1.is_ok());
    let subscribed = outcomes[1].1.as_ref().unwrap_err();
    assert_eq!(subscribed.code(), Some(Code::GROUP_SUBSCRIBED_TO_TOPIC));
    assert!(
        matches!(outcomes[2].1, Err(ClientError::Protocol { .. })),
        "not answered"
    );
}

#[tokio::test]
async fn all_members_are_removed_by_the_names_that_the_group_has_for_them() {
    let brokers = Brokers::start().await;
    coordinated(&brokers, 1, 0);
    brokers
        .then(described_new(&[69]))
        .then(described_classic(&[(0, "consumer")]));
    coordinated(&brokers, 1, 0);
    brokers.then(|asked: LeaveGroupRequest| {
        let member =
            |member: ottla_wire::messages::leave_group_request::MemberIdentity| MemberResponse {
                member_id: "m".into(),
                group_instance_id: member.group_instance_id,
                error_code: 25,
                ..MemberResponse::default()
            };
        with(|response: &mut LeaveGroupResponse| {
            response.members = asked.members.into_iter().map(member).collect();
        })
    });
    let admin = Admin::new(brokers.cluster());
    let outcomes = admin
        .remove_members("a", Vec::new(), "because")
        .await
        .unwrap();
    assert_eq!(outcomes[0].0, GroupMember::Static("i".into()));
    assert_eq!(
        outcomes[0].1.as_ref().unwrap_err().code(),
        Some(Code::UNKNOWN_MEMBER_ID)
    );
    let asked = &brokers.came::<LeaveGroupRequest>()[0].1.members[0];
    assert_eq!(asked.group_instance_id.as_deref(), Some("i"));
    assert_eq!(
        (asked.member_id.as_str(), asked.reason.as_deref()),
        ("", Some("because"))
    );
}
