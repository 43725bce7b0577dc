//! After the same requests, the counters are those that Apache Kafka shows over JMX.

use std::{collections::BTreeMap, time::Duration};

use ottla_interop::{
    oracle::{Home, compile, output, wait_until},
    raw::{Connection, NoAnswer},
    server::{Kind, Node, Server},
};
use ottla_wire::{
    Request, Uuid,
    errors::Code,
    messages::{
        ApiVersionsRequest, DescribeConfigsRequest, DescribeGroupsRequest, DescribeLogDirsRequest,
        DescribeProducersRequest, DescribeTopicPartitionsRequest, DescribeTransactionsRequest,
        FetchRequest, FindCoordinatorRequest, HeartbeatRequest, InitProducerIdRequest,
        JoinGroupRequest, LeaveGroupRequest, ListGroupsRequest, ListOffsetsRequest,
        MetadataRequest, OffsetCommitRequest, OffsetFetchRequest, OffsetForLeaderEpochRequest,
        ProduceRequest, SyncGroupRequest,
        describe_configs_request::DescribeConfigsResource,
        describe_producers_request as producers, describe_topic_partitions_request as describe,
        fetch_request as fetch, list_offsets_request as list,
        metadata_request::MetadataRequestTopic,
        offset_commit_request as commit, offset_fetch_request as offsets,
        offset_for_leader_epoch_request as epochs,
        produce_request::{PartitionProduceData, TopicProduceData},
    },
};

use crate::site::run;

type Counts = BTreeMap<(String, String), u64>;

const TOPICS: [&str; 2] = ["there", "none"];
const PARTITIONS: [i32; 2] = [0, 9];

/// No topic has it; each name has another.
fn unknown_id(name: &str) -> Uuid {
    Uuid::from_u128(name.len() as u128)
}

/// Every version of a request; what a version has no place for is not sent to either.
fn every_version<R: Request>(to: &mut Connection, request: impl Fn(i16) -> R) {
    for version in R::VERSIONS {
        match to.ask(version, &request(version)) {
            Ok(_) | Err(NoAnswer::Unencodable | NoAnswer::Closed) => {}
            Err(why) => panic!("{} {version}: {why:?}", R::NAME),
        }
    }
}

fn records(to: &mut Connection) {
    every_version(to, |_| ProduceRequest {
        acks: 1,
        timeout_ms: 1_000,
        topic_data: TOPICS
            .map(|name| TopicProduceData {
                name: name.to_owned(),
                topic_id: unknown_id(name),
                partition_data: PARTITIONS
                    .map(|index| PartitionProduceData {
                        index,
                        records: Some(ottla_wire::Records::Bytes("no batch".into())),
                        ..PartitionProduceData::default()
                    })
                    .to_vec(),
                ..TopicProduceData::default()
            })
            .to_vec(),
        ..ProduceRequest::default()
    });
    every_version(to, |version| FetchRequest {
        max_bytes: 1 << 20,
        session_id: if version >= 7 { 4711 } else { 0 },
        session_epoch: if version >= 7 { 3 } else { -1 },
        ..FetchRequest::default()
    });
    every_version(to, |_| FetchRequest {
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: TOPICS
            .map(|topic| fetch::FetchTopic {
                topic: topic.to_owned(),
                // From version 13 on; Apache Kafka fails without one.
                topic_id: unknown_id(topic),
                partitions: PARTITIONS
                    .map(|partition| fetch::FetchPartition {
                        partition,
                        partition_max_bytes: 1 << 20,
                        ..fetch::FetchPartition::default()
                    })
                    .to_vec(),
                ..fetch::FetchTopic::default()
            })
            .to_vec(),
        ..FetchRequest::default()
    });
    every_version(to, |_| ListOffsetsRequest {
        replica_id: -1,
        topics: TOPICS
            .map(|name| list::ListOffsetsTopic {
                name: name.to_owned(),
                partitions: PARTITIONS
                    .map(|partition_index| list::ListOffsetsPartition {
                        partition_index,
                        timestamp: -1,
                        ..list::ListOffsetsPartition::default()
                    })
                    .to_vec(),
                ..list::ListOffsetsTopic::default()
            })
            .to_vec(),
        ..ListOffsetsRequest::default()
    });
    every_version(to, |_| OffsetForLeaderEpochRequest {
        topics: TOPICS
            .map(|topic| epochs::OffsetForLeaderTopic {
                topic: topic.to_owned(),
                partitions: PARTITIONS
                    .map(|partition| epochs::OffsetForLeaderPartition {
                        partition,
                        ..epochs::OffsetForLeaderPartition::default()
                    })
                    .to_vec(),
                ..epochs::OffsetForLeaderTopic::default()
            })
            .to_vec(),
        ..OffsetForLeaderEpochRequest::default()
    });
}

fn topics(to: &mut Connection) {
    every_version(to, |version| MetadataRequest {
        topics: Some(
            TOPICS
                .map(|name| MetadataRequestTopic {
                    name: Some(name.to_owned()),
                    ..MetadataRequestTopic::default()
                })
                .to_vec(),
        ),
        allow_auto_topic_creation: version < 4,
        ..MetadataRequest::default()
    });
    every_version(to, |_| DescribeTopicPartitionsRequest {
        topics: TOPICS
            .map(|name| describe::TopicRequest {
                name: name.to_owned(),
                ..describe::TopicRequest::default()
            })
            .to_vec(),
        response_partition_limit: 10,
        ..DescribeTopicPartitionsRequest::default()
    });
    every_version(to, |_| DescribeConfigsRequest {
        resources: TOPICS
            .map(|name| DescribeConfigsResource {
                resource_type: 2,
                resource_name: name.to_owned(),
                ..DescribeConfigsResource::default()
            })
            .to_vec(),
        ..DescribeConfigsRequest::default()
    });
    every_version(to, |_| DescribeProducersRequest {
        topics: TOPICS
            .map(|name| producers::TopicRequest {
                name: name.to_owned(),
                partition_indexes: PARTITIONS.to_vec(),
                ..producers::TopicRequest::default()
            })
            .to_vec(),
        ..DescribeProducersRequest::default()
    });
    every_version(to, |_| DescribeLogDirsRequest {
        topics: None,
        ..DescribeLogDirsRequest::default()
    });
    every_version(to, |_| ApiVersionsRequest {
        client_software_name: "not a name!".to_owned(),
        client_software_version: "1".to_owned(),
        ..ApiVersionsRequest::default()
    });
}

fn groups(to: &mut Connection) {
    let group_id = || "readers".to_owned();
    every_version(to, |_| HeartbeatRequest {
        group_id: group_id(),
        member_id: "m".to_owned(),
        ..HeartbeatRequest::default()
    });
    every_version(to, |version| JoinGroupRequest {
        group_id: group_id(),
        session_timeout_ms: 1,
        protocol_type: "consumer".to_owned(),
        rebalance_timeout_ms: if version > 0 { 1 } else { -1 },
        ..JoinGroupRequest::default()
    });
    every_version(to, |version| SyncGroupRequest {
        group_id: group_id(),
        member_id: "m".to_owned(),
        protocol_type: (version >= 5).then(|| "consumer".to_owned()),
        protocol_name: (version >= 5).then(|| "range".to_owned()),
        ..SyncGroupRequest::default()
    });
    every_version(to, |version| LeaveGroupRequest {
        group_id: group_id(),
        member_id: if version < 3 {
            "m".to_owned()
        } else {
            String::new()
        },
        ..LeaveGroupRequest::default()
    });
    every_version(to, |_| DescribeGroupsRequest {
        groups: vec![group_id(), "others".to_owned()],
        ..DescribeGroupsRequest::default()
    });
    every_version(to, |_| ListGroupsRequest::default());
    every_version(to, |version| FindCoordinatorRequest {
        key: if version < 4 {
            group_id()
        } else {
            String::new()
        },
        key_type: 7,
        coordinator_keys: if version < 4 {
            vec![]
        } else {
            vec![group_id(); 2]
        },
        ..FindCoordinatorRequest::default()
    });
    every_version(to, |_| OffsetCommitRequest {
        group_id: group_id(),
        generation_id_or_member_epoch: 4,
        member_id: "m".to_owned(),
        topics: TOPICS
            .map(|name| commit::OffsetCommitRequestTopic {
                name: name.to_owned(),
                partitions: PARTITIONS
                    .map(|partition_index| commit::OffsetCommitRequestPartition {
                        partition_index,
                        ..commit::OffsetCommitRequestPartition::default()
                    })
                    .to_vec(),
                ..commit::OffsetCommitRequestTopic::default()
            })
            .to_vec(),
        ..OffsetCommitRequest::default()
    });
    every_version(to, |version| OffsetFetchRequest {
        group_id: if version < 8 {
            group_id()
        } else {
            String::new()
        },
        topics: (version < 8).then(|| {
            TOPICS
                .map(|name| offsets::OffsetFetchRequestTopic {
                    name: name.to_owned(),
                    partition_indexes: PARTITIONS.to_vec(),
                    ..offsets::OffsetFetchRequestTopic::default()
                })
                .to_vec()
        }),
        groups: match version {
            ..8 => vec![],
            _ => vec![
                offsets::OffsetFetchRequestGroup {
                    group_id: group_id(),
                    ..offsets::OffsetFetchRequestGroup::default()
                };
                2
            ],
        },
        ..OffsetFetchRequest::default()
    });
    every_version(to, |_| InitProducerIdRequest {
        transactional_id: Some(String::new()),
        ..InitProducerIdRequest::default()
    });
    every_version(to, |_| DescribeTransactionsRequest {
        transactional_ids: vec!["a".to_owned(), String::new()],
        ..DescribeTransactionsRequest::default()
    });
}

/// Until groups have a coordinator.
fn coordinate(to: &mut Connection) {
    let heartbeat = HeartbeatRequest {
        group_id: "readers".to_owned(),
        member_id: "m".to_owned(),
        ..HeartbeatRequest::default()
    };
    let find = FindCoordinatorRequest {
        key: "readers".to_owned(),
        ..FindCoordinatorRequest::default()
    };
    let there = wait_until(Duration::from_secs(60), || {
        to.ask(1, &find).expect("an answer");
        let code = to.ask(4, &heartbeat).expect("an answer").error_code;
        code == Code::UNKNOWN_MEMBER_ID.0
    });
    assert!(there, "no coordinator");
}

/// Everything, and how often the server says it answered what.
fn counted(server: &Server, read: impl Fn(&Server) -> Counts) -> Counts {
    let mut to = Connection::new(&server.address());
    coordinate(&mut to);
    let before = read(server);
    records(&mut to);
    topics(&mut to);
    groups(&mut to);
    let mut counts = read(server);
    for (which, before) in before {
        let after = counts.entry(which).or_default();
        *after -= before;
    }
    counts.retain(|_, count| *count > 0);
    counts
}

fn of_kafka(server: &Server) -> Counts {
    let home = Home::find();
    let pid = server.pid().to_string();
    let text = output(home.class("ErrorCounts").expect("java").arg(pid)).expect("ErrorCounts");
    let text = String::from_utf8(text).expect("UTF-8");
    let row = |line: &str| {
        let mut words = line.split('\t').map(str::to_owned);
        let (request, error) = (words.next()?, words.next()?);
        Some(((request, error), words.next()?.parse().ok()?))
    };
    text.lines().map(|line| row(line).expect(line)).collect()
}

fn of_ottla(server: &Server) -> Counts {
    let address = server.address();
    let (text, error) = run(&["why", "--counts", "--json", "--bootstrap-server", &address]);
    assert_eq!(error, "");
    let row = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect(line);
        let word = |name: &str| value[name].as_str().expect(name).to_owned();
        let count = value["count"].as_u64().expect("a count");
        ((word("request"), word("error")), count)
    };
    text.lines().map(row).collect()
}

#[test]
fn the_counters_are_those_of_apache_kafka() {
    let dir = tempfile::tempdir().expect("a folder");
    compile(&Home::find()).expect("javac");
    let lines = [
        "auto.create.topics.enable=false",
        "offsets.topic.num.partitions=1",
        "transaction.state.log.num.partitions=1",
        "log.retention.ms=-1",
    ];
    let start = |name: &str, kind| {
        let server = Node::new(&dir.path().join(name), &lines).start(kind);
        let address = server.address();
        ottla_interop::clients::java_topics(
            &address,
            &["--create", "--topic", "there", "--partitions", "1"],
        );
        server
    };
    let kafka = start("kafka", Kind::Kafka);
    let ottla = start("ottla", Kind::Ottla);
    let (mut theirs, mut ours) = (counted(&kafka, of_kafka), counted(&ottla, of_ottla));
    // What Kafka's node says to itself meanwhile.
    for counts in [&mut theirs, &mut ours] {
        counts.retain(|(request, _), _| {
            !["BrokerHeartbeat", "AllocateProducerIds", "Envelope", "CreateTopics"]
                .contains(&request.as_str())
                // Its own fetches of the metadata log, and consumers' under another name.
                && !request.starts_with("FetchFollower")
        });
    }
    assert!(theirs.len() > 25, "{theirs:#?}");
    let all: std::collections::BTreeSet<_> = theirs.keys().chain(ours.keys()).collect();
    let differences: Vec<_> = all
        .into_iter()
        .filter(|which| theirs.get(which) != ours.get(which))
        .map(|which| {
            let (theirs, ours) = (theirs.get(which), ours.get(which));
            format!("{which:?}: Apache Kafka {theirs:?}, ottla {ours:?}")
        })
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    kafka.stop();
    ottla.stop();
}
