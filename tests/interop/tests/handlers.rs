//! The same requests to Apache Kafka and to ottla, in every version: the answers are the same, but for texts, ids, ports
//! and the like.

use std::{
    io::{Read, Write},
    net::TcpStream,
    ops::RangeInclusive,
    time::Duration,
};

use bytes::Bytes;
use ottla_interop::server::{Kind, Node};
use ottla_wire::{
    Message, Request, Uuid, frame,
    messages::{
        AllocateProducerIdsRequest, AlterConfigsRequest, AlterPartitionReassignmentsRequest,
        AlterPartitionRequest, ApiVersionsRequest, ApiVersionsResponse, BrokerHeartbeatRequest,
        BrokerRegistrationRequest, CreatePartitionsRequest, CreateTopicsRequest,
        DeleteTopicsRequest, DescribeClusterRequest, DescribeConfigsRequest,
        DescribeLogDirsRequest, DescribeQuorumRequest, DescribeTopicPartitionsRequest,
        ElectLeadersRequest, FindCoordinatorRequest, GetTelemetrySubscriptionsRequest,
        IncrementalAlterConfigsRequest, ListConfigResourcesRequest,
        ListPartitionReassignmentsRequest, MetadataRequest, PushTelemetryRequest,
        UnregisterBrokerRequest, UnregisterControllerRequest, UpdateFeaturesRequest,
        alter_configs_request, alter_partition_reassignments_request, create_partitions_request,
        create_topics_request, delete_topics_request, describe_configs_request,
        describe_log_dirs_request, describe_quorum_request, describe_topic_partitions_request,
        elect_leaders_request, incremental_alter_configs_request, metadata_request,
        update_features_request,
    },
};

/// One connection.
struct Client {
    stream: TcpStream,
    correlation_id: i32,
}

impl Client {
    fn new(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("connects");
        stream
            .set_read_timeout(Some(Duration::from_secs(40)))
            .expect("a timeout");
        Self {
            stream,
            correlation_id: 0,
        }
    }

    fn ask<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        self.correlation_id += 1;
        let frame = frame::request(version, self.correlation_id, Some("me"), request)
            .expect("fits the version");
        self.stream
            .write_all(&frame.into_bytes().expect("bytes"))
            .expect("writes");
        let mut size = [0; 4];
        let name = R::NAME;
        self.stream
            .read_exact(&mut size)
            .unwrap_or_else(|why| panic!("{name} {version}: {why}"));
        let mut body = vec![0; u32::from_be_bytes(size) as usize];
        self.stream.read_exact(&mut body).expect("reads");
        let (id, body) =
            frame::read_response(R::KEY, version, Bytes::from(body)).expect("a header");
        assert_eq!(id, self.correlation_id);
        R::Response::decode(body, version).unwrap_or_else(|why| panic!("{name} {version}: {why}"))
    }
}

/// Apache Kafka and ottla.
struct Both {
    kafka: Client,
    ottla: Client,
    differences: Vec<String>,
}

impl Both {
    /// The same question to both, in each of the versions.
    fn ask<R: Request>(
        &mut self,
        what: &str,
        versions: RangeInclusive<i16>,
        request: impl Fn(i16) -> R,
        tidy: impl Fn(&mut R::Response),
    ) {
        for version in versions {
            let request = request(version);
            let answers = [&mut self.kafka, &mut self.ottla].map(|client| {
                let mut answer = client.ask(version, &request);
                tidy(&mut answer);
                plain(&format!("{answer:#?}"))
            });
            if answers[0] != answers[1] {
                let name = R::NAME;
                let difference = difference(&answers[0], &answers[1]);
                self.differences
                    .push(format!("== {name} {version}, {what}\n{difference}"));
            }
        }
    }
}

/// Without what differs from run to run, and without the words of texts.
fn plain(answer: &str) -> Vec<String> {
    const DIFFERS: &[&str] = &[
        "port",
        "topic_id",
        "replica_directory_id",
        "client_instance_id",
        "subscription_id",
        "total_bytes",
        "usable_bytes",
        "log_dir",
        "last_fetch_timestamp",
        "last_caught_up_timestamp",
        "high_watermark",
        "log_end_offset",
        "finalized_features_epoch",
        "partition_size",
    ];
    const TEXTS: &[&str] = &["error_message", "documentation"];
    let mut lines = Vec::new();
    let mut text = answer.lines().map(str::trim);
    while let Some(line) = text.next() {
        let key = line.split(':').next().unwrap_or_default();
        if TEXTS.contains(&key) {
            // Also whether there is a text at all: Kafka leaves many out.
            if line.ends_with("Some(") {
                text.nth(1);
            }
            continue;
        }
        lines.push(match DIFFERS.contains(&key) {
            true if line.ends_with(": -1,") || line.ends_with(": 0,") => line.to_owned(),
            true => format!("{key}: something"),
            false => line.to_owned(),
        });
    }
    lines
}

fn difference(kafka: &[String], ottla: &[String]) -> String {
    let same_start = kafka.iter().zip(ottla).take_while(|(a, b)| a == b).count();
    let same_end = kafka[same_start..]
        .iter()
        .rev()
        .zip(ottla[same_start..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let context = &kafka[same_start.saturating_sub(12)..same_start];
    let cut = |lines: &[String]| {
        lines[same_start..lines.len() - same_end]
            .iter()
            .take(60)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    };
    format!(
        "  after {}\n-- kafka\n{}\n-- ottla\n{}",
        context.join(" "),
        cut(kafka),
        cut(ottla)
    )
}

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

fn create(
    name: &str,
    partitions: i32,
    replicas: i16,
    configs: &[(&str, &str)],
) -> create_topics_request::CreatableTopic {
    create_topics_request::CreatableTopic {
        name: name.to_owned(),
        num_partitions: partitions,
        replication_factor: replicas,
        configs: configs
            .iter()
            .map(
                |(name, value)| create_topics_request::CreatableTopicConfig {
                    name: (*name).to_owned(),
                    value: Some((*value).to_owned()),
                    ..Default::default()
                },
            )
            .collect(),
        ..Default::default()
    }
}

fn topics(both: &mut Both) {
    let request =
        |topics: Vec<create_topics_request::CreatableTopic>, validate_only| CreateTopicsRequest {
            topics,
            timeout_ms: 20_000,
            validate_only,
            ..Default::default()
        };
    let tidy = |answer: &mut <CreateTopicsRequest as Request>::Response| {
        answer.topics.sort_by(|a, b| a.name.cmp(&b.name));
        for topic in &mut answer.topics {
            for configs in topic.configs.iter_mut() {
                configs.sort_by(|a, b| a.name.cmp(&b.name));
            }
        }
    };
    both.ask(
        "good",
        2..=7,
        |v| {
            request(
                vec![create(&format!("t{v}"), 3, 1, &[("retention.ms", "12345")])],
                false,
            )
        },
        tidy,
    );
    both.ask(
        "there is one",
        2..=7,
        |v| request(vec![create(&format!("t{v}"), 3, 1, &[])], false),
        tidy,
    );
    both.ask(
        "only validated",
        2..=7,
        |_| {
            request(
                vec![create("never", 2, 1, &[("cleanup.policy", "compact")])],
                true,
            )
        },
        tidy,
    );
    both.ask(
        "defaults",
        4..=7,
        |v| request(vec![create(&format!("d{v}"), -1, -1, &[])], false),
        tidy,
    );
    for (what, topic) in [
        ("bad name", create("b d", 1, 1, &[])),
        ("empty name", create("", 1, 1, &[])),
        ("colliding name", create("t.7_x", 1, 1, &[])),
        ("metadata", create("__cluster_metadata", 1, 1, &[])),
        ("no partitions", create("x", 0, 1, &[])),
        ("negative partitions", create("x", -2, 1, &[])),
        ("too many replicas", create("x", 1, 2, &[])),
        ("no replicas", create("x", 1, 0, &[])),
        ("unknown config", create("x", 1, 1, &[("no.such", "1")])),
        ("bad config", create("x", 1, 1, &[("retention.ms", "soon")])),
        (
            "impossible config",
            create("x", 1, 1, &[("retention.ms", "-9")]),
        ),
    ] {
        both.ask(what, 2..=7, |_| request(vec![topic.clone()], false), tidy);
    }
    both.ask(
        "twice",
        2..=7,
        |_| request(vec![create("x", 1, 1, &[]), create("x", 1, 1, &[])], false),
        tidy,
    );
    both.ask(
        "no time",
        7..=7,
        |_| CreateTopicsRequest {
            timeout_ms: 0,
            ..request(vec![create("late", 1, 1, &[])], false)
        },
        tidy,
    );
    let assigned = |partitions: &[(i32, &[i32])]| create_topics_request::CreatableTopic {
        assignments: partitions
            .iter()
            .map(
                |(index, brokers)| create_topics_request::CreatableReplicaAssignment {
                    partition_index: *index,
                    broker_ids: brokers.to_vec(),
                    ..Default::default()
                },
            )
            .collect(),
        ..create("assigned", -1, -1, &[])
    };
    for (what, topic) in [
        ("assigned to nobody", assigned(&[(0, &[77])])),
        ("assigned with a gap", assigned(&[(1, &[1])])),
        ("assigned twice", assigned(&[(0, &[1, 1])])),
        ("assigned to none", assigned(&[(0, &[])])),
        ("assigned", assigned(&[(0, &[1]), (1, &[1])])),
    ] {
        both.ask(what, 7..=7, |_| request(vec![topic.clone()], false), tidy);
    }
    partitions(both);
    deletion(both);
}

fn partitions(both: &mut Both) {
    let more = |name: &str, count, brokers: Option<&[i32]>| {
        create_partitions_request::CreatePartitionsTopic {
            name: name.to_owned(),
            count,
            assignments: brokers.map(|ids| {
                vec![create_partitions_request::CreatePartitionsAssignment {
                    broker_ids: ids.to_vec(),
                    ..Default::default()
                }]
            }),
            ..Default::default()
        }
    };
    let tidy = |answer: &mut <CreatePartitionsRequest as Request>::Response| {
        answer.results.sort_by(|a, b| a.name.cmp(&b.name))
    };
    for (what, topics) in [
        ("good", vec![more("t7", 4, None)]),
        ("fewer", vec![more("t6", 2, None), more("t5", 3, None)]),
        ("unknown", vec![more("nope", 4, None)]),
        ("bad name", vec![more("no pe", 4, None)]),
        ("twice", vec![more("t6", 5, None), more("t6", 5, None)]),
        ("assigned", vec![more("t4", 4, Some(&[1]))]),
        ("assigned badly", vec![more("t4", 6, Some(&[1]))]),
        ("assigned to nobody", vec![more("t4", 5, Some(&[9]))]),
    ] {
        for validate_only in [true, false] {
            let request = |_| CreatePartitionsRequest {
                topics: topics.clone(),
                timeout_ms: 20_000,
                validate_only,
                ..Default::default()
            };
            both.ask(
                what,
                if validate_only { 0..=3 } else { 3..=3 },
                request,
                tidy,
            );
        }
    }
}

fn deletion(both: &mut Both) {
    let tidy = |answer: &mut <DeleteTopicsRequest as Request>::Response| {
        answer
            .responses
            .sort_by(|a, b| (&a.name, a.error_code).cmp(&(&b.name, b.error_code)));
    };
    let named = |version: i16, names: &[&str]| {
        let mut request = DeleteTopicsRequest {
            timeout_ms: 20_000,
            ..Default::default()
        };
        if version < 6 {
            request.topic_names = strings(names);
        } else {
            request.topics = names
                .iter()
                .map(|name| delete_topics_request::DeleteTopicState {
                    name: Some((*name).to_owned()),
                    ..Default::default()
                })
                .collect();
        }
        request
    };
    both.ask(
        "unknown, bad, twice",
        1..=6,
        |v| named(v, &["nope", "no pe", "t2", "t2"]),
        tidy,
    );
    both.ask("good", 5..=6, |v| named(v, &[&format!("d{v}")]), tidy);
    let by_id = |name: Option<&str>, id| DeleteTopicsRequest {
        timeout_ms: 20_000,
        topics: vec![delete_topics_request::DeleteTopicState {
            name: name.map(str::to_owned),
            topic_id: Uuid::from_u128(id),
            ..Default::default()
        }],
        ..Default::default()
    };
    both.ask("unknown id", 6..=6, |_| by_id(None, 12_345_678), tidy);
    both.ask(
        "name and id",
        6..=6,
        |_| by_id(Some("t2"), 12_345_678),
        tidy,
    );
    both.ask("neither", 6..=6, |_| by_id(None, 0), tidy);
}

fn metadata(both: &mut Both) {
    let tidy = |answer: &mut <MetadataRequest as Request>::Response| {
        answer.topics.sort_by(|a, b| a.name.cmp(&b.name))
    };
    let topic = |name: Option<&str>, id| metadata_request::MetadataRequestTopic {
        name: name.map(str::to_owned),
        topic_id: Uuid::from_u128(id),
        ..Default::default()
    };
    let some = |version: i16, topics: &[metadata_request::MetadataRequestTopic]| MetadataRequest {
        topics: Some(topics.to_vec()),
        allow_auto_topic_creation: version < 4,
        include_cluster_authorized_operations: (8..=10).contains(&version),
        include_topic_authorized_operations: version >= 8,
        ..Default::default()
    };
    let named = |names: &[&str]| {
        names
            .iter()
            .map(|name| topic(Some(name), 0))
            .collect::<Vec<_>>()
    };
    both.ask(
        "all",
        0..=13,
        |v| MetadataRequest {
            topics: if v == 0 { Some(vec![]) } else { None },
            ..Default::default()
        },
        tidy,
    );
    both.ask("none", 1..=13, |v| some(v, &[]), tidy);
    both.ask(
        "named",
        0..=13,
        |v| some(v, &named(&["t7", "t6", "t7"])),
        tidy,
    );
    both.ask(
        "missing",
        4..=13,
        |v| some(v, &named(&["t7", "nope", "no pe", "__consumer_offsets"])),
        tidy,
    );
    both.ask(
        "unknown id",
        12..=13,
        |v| some(v, &[topic(None, 12_345_678)]),
        tidy,
    );
    both.ask(
        "unknown id and a name",
        12..=13,
        |v| some(v, &[topic(None, 12_345_678), topic(Some("t7"), 0)]),
        tidy,
    );
    both.ask(
        "an id too early",
        10..=11,
        |v| some(v, &[topic(Some("t7"), 12_345_678)]),
        tidy,
    );
    both.ask(
        "a null name too early",
        10..=11,
        |v| some(v, &[topic(None, 0)]),
        tidy,
    );
    let auto = |name: &'static str| {
        move |_| MetadataRequest {
            topics: Some(vec![topic(Some(name), 0)]),
            allow_auto_topic_creation: true,
            ..Default::default()
        }
    };
    both.ask("created", 4..=4, auto("auto"), tidy);
    both.ask("created badly", 4..=4, auto("au to"), tidy);
    std::thread::sleep(Duration::from_secs(1));
    both.ask("created before", 4..=13, auto("auto"), tidy);
    pages(both);
}

fn pages(both: &mut Both) {
    use describe_topic_partitions_request::{Cursor, TopicRequest};
    for (what, names, limit, cursor) in [
        ("all", &[][..], 2000, None),
        ("some", &["t7", "t5", "nope", "no pe", "t7"], 2000, None),
        ("a page", &["t7", "t5"], 2, None),
        ("the next page", &["t7", "t5"], 2, Some(("t5", 2))),
        ("no limit", &["t7"], 0, None),
        ("beyond", &["t7"], 10, Some(("t7", 70))),
        ("another cursor", &["t7"], 10, Some(("t5", 0))),
        ("a negative cursor", &["t7"], 10, Some(("t7", -1))),
    ] {
        let request = |_| DescribeTopicPartitionsRequest {
            topics: names
                .iter()
                .map(|name| TopicRequest {
                    name: (*name).to_owned(),
                    ..Default::default()
                })
                .collect(),
            response_partition_limit: limit,
            cursor: cursor.map(|(topic, index): (&str, i32)| Cursor {
                topic_name: topic.to_owned(),
                partition_index: index,
                ..Default::default()
            }),
            ..Default::default()
        };
        both.ask(what, 0..=0, request, |_| {});
    }
}

fn configs(both: &mut Both) {
    use describe_configs_request::DescribeConfigsResource;
    let tidy = |answer: &mut <DescribeConfigsRequest as Request>::Response| {
        for result in &mut answer.results {
            if result.resource_type == 8 {
                result.configs.clear();
            }
            result.configs.sort_by(|a, b| a.name.cmp(&b.name));
            // Where the two differ by where they run.
            const PLACES: &[&str] = &[
                "log.dir",
                "listeners",
                "controller.quorum",
                "advertised.listeners",
                "metadata.log.dir",
            ];
            for entry in &mut result.configs {
                if PLACES.iter().any(|place| entry.name.starts_with(place)) {
                    entry.value = None;
                    entry.synonyms.clear();
                }
            }
        }
    };
    for (what, kind, name) in [
        ("topic", 2, "t7"),
        ("unknown topic", 2, "nope"),
        ("bad topic", 2, "no pe"),
        ("broker", 4, "1"),
        ("all brokers", 4, ""),
        ("another broker", 4, "2"),
        ("no broker", 4, "x"),
        ("loggers", 8, "1"),
        ("loggers of nobody", 8, ""),
        ("subscription", 16, "sub"),
        ("no subscription", 16, ""),
        ("group", 32, "g"),
        ("no group", 32, ""),
        ("unknown kind", 3, "x"),
    ] {
        for full in [false, true] {
            let request = |version: i16| DescribeConfigsRequest {
                resources: vec![DescribeConfigsResource {
                    resource_type: kind,
                    resource_name: name.to_owned(),
                    configuration_keys: None,
                    ..Default::default()
                }],
                include_synonyms: full,
                include_documentation: full && version >= 3,
                ..Default::default()
            };
            both.ask(what, 1..=4, request, tidy);
        }
    }
    let named = |_| DescribeConfigsRequest {
        resources: vec![DescribeConfigsResource {
            resource_type: 2,
            resource_name: "t7".to_owned(),
            configuration_keys: Some(strings(&["retention.ms", "nope"])),
            ..Default::default()
        }],
        ..Default::default()
    };
    both.ask("named keys", 4..=4, named, tidy);
}

fn changes(both: &mut Both) {
    use incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
    let tidy = |answer: &mut <IncrementalAlterConfigsRequest as Request>::Response| {
        answer.responses.sort_by(|a, b| {
            (a.resource_type, &a.resource_name).cmp(&(b.resource_type, &b.resource_name))
        });
    };
    type Entry = (&'static str, i8, Option<&'static str>);
    type Case = (&'static str, i8, &'static str, &'static [Entry]);
    let resource = |kind: i8, name: &str, entries: &[Entry]| AlterConfigsResource {
        resource_type: kind,
        resource_name: name.to_owned(),
        configs: entries
            .iter()
            .map(|(key, operation, value)| AlterableConfig {
                name: (*key).to_owned(),
                config_operation: *operation,
                value: value.map(str::to_owned),
                ..Default::default()
            })
            .collect(),
        ..Default::default()
    };
    let cases: &[Case] = &[
        ("set", 2, "t7", &[("retention.ms", 0, Some("99999"))]),
        ("append", 2, "t7", &[("cleanup.policy", 2, Some("compact"))]),
        (
            "subtract",
            2,
            "t7",
            &[("cleanup.policy", 3, Some("compact"))],
        ),
        (
            "append to what is no list",
            2,
            "t7",
            &[("retention.ms", 2, Some("1"))],
        ),
        ("delete", 2, "t7", &[("retention.ms", 1, None)]),
        (
            "unknown topic",
            2,
            "nope",
            &[("retention.ms", 0, Some("1"))],
        ),
        ("bad topic", 2, "no pe", &[("retention.ms", 0, Some("1"))]),
        ("unknown key", 2, "t7", &[("no.such", 0, Some("1"))]),
        ("bad value", 2, "t7", &[("retention.ms", 0, Some("soon"))]),
        ("null", 2, "t7", &[("retention.ms", 0, None)]),
        (
            "a key twice",
            2,
            "t7",
            &[
                ("retention.ms", 0, Some("1")),
                ("retention.ms", 0, Some("1")),
            ],
        ),
        (
            "broker",
            4,
            "1",
            &[("message.max.bytes", 0, Some("1048576"))],
        ),
        (
            "all brokers",
            4,
            "",
            &[("message.max.bytes", 0, Some("1048577"))],
        ),
        (
            "another broker",
            4,
            "2",
            &[("message.max.bytes", 0, Some("1048577"))],
        ),
        (
            "no broker",
            4,
            "x",
            &[("message.max.bytes", 0, Some("1048577"))],
        ),
        ("read-only key", 4, "1", &[("node.id", 0, Some("2"))]),
        (
            "bad broker value",
            4,
            "1",
            &[("message.max.bytes", 0, Some("much"))],
        ),
        (
            "append to a number",
            4,
            "1",
            &[("message.max.bytes", 2, Some("1"))],
        ),
        (
            "append to nothing known",
            4,
            "1",
            &[("no.such", 2, Some("1"))],
        ),
        (
            "broker operation",
            4,
            "1",
            &[("message.max.bytes", 9, Some("1"))],
        ),
        (
            "unknown logger",
            8,
            "1",
            &[("no.such.logger", 0, Some("INFO"))],
        ),
        ("logger append", 8, "1", &[("root", 2, Some("INFO"))]),
        ("loggers elsewhere", 8, "2", &[("root", 0, Some("INFO"))]),
        ("loggers of nobody", 8, "", &[("root", 0, Some("INFO"))]),
        (
            "subscription",
            16,
            "sub",
            &[
                ("interval.ms", 0, Some("5000")),
                ("metrics", 0, Some("a,b")),
            ],
        ),
        (
            "bad subscription",
            16,
            "sub",
            &[("interval.ms", 0, Some("1"))],
        ),
        ("bad match", 16, "sub", &[("match", 0, Some("client_id=("))]),
        (
            "group",
            32,
            "g",
            &[("consumer.session.timeout.ms", 0, Some("50000"))],
        ),
        (
            "bad group",
            32,
            "g",
            &[("consumer.session.timeout.ms", 0, Some("1"))],
        ),
        ("unknown group key", 32, "g", &[("no.such", 0, Some("1"))]),
        (
            "nameless group",
            32,
            "",
            &[("consumer.session.timeout.ms", 0, Some("50000"))],
        ),
        ("unknown kind", 3, "x", &[("a", 0, Some("1"))]),
        ("nothing", 2, "t7", &[]),
    ];
    for (what, kind, name, entries) in cases {
        let request = |_| IncrementalAlterConfigsRequest {
            resources: vec![resource(*kind, name, entries)],
            ..Default::default()
        };
        both.ask(what, 0..=1, request, tidy);
        let only_checked = |_| IncrementalAlterConfigsRequest {
            resources: vec![resource(*kind, name, entries)],
            validate_only: true,
            ..Default::default()
        };
        both.ask(
            &format!("{what}, only validated"),
            1..=1,
            only_checked,
            tidy,
        );
    }
    let twice = |_| IncrementalAlterConfigsRequest {
        resources: vec![
            resource(2, "t7", &[]),
            resource(2, "t6", &[("retention.ms", 0, Some("7"))]),
            resource(2, "t7", &[]),
        ],
        ..Default::default()
    };
    both.ask("a resource twice", 1..=1, twice, tidy);
    replaced(both);
    let listed = |answer: &mut <ListConfigResourcesRequest as Request>::Response| {
        answer.config_resources.sort_by(|a, b| {
            (a.resource_type, &a.resource_name).cmp(&(b.resource_type, &b.resource_name))
        });
    };
    both.ask(
        "all",
        0..=1,
        |_| ListConfigResourcesRequest::default(),
        listed,
    );
    for kinds in [&[2][..], &[16, 32], &[4, 8], &[3], &[2, 3]] {
        let request = |_| ListConfigResourcesRequest {
            resource_types: kinds.to_vec(),
            ..Default::default()
        };
        both.ask(&format!("{kinds:?}"), 1..=1, request, listed);
    }
    // What was changed is described alike.
    configs(both);
}

fn replaced(both: &mut Both) {
    use alter_configs_request::{AlterConfigsResource, AlterableConfig};
    type Case<'a> = (&'a str, i8, &'a str, &'a [(&'a str, Option<&'a str>)]);
    let cases: &[Case<'_>] = &[
        ("topic", 2, "t6", &[("retention.ms", Some("99999"))]),
        ("unknown topic", 2, "nope", &[("retention.ms", Some("1"))]),
        ("unknown key", 2, "t6", &[("no.such", Some("1"))]),
        ("null", 2, "t6", &[("retention.ms", None)]),
        (
            "twice",
            2,
            "t6",
            &[("retention.ms", Some("1")), ("retention.ms", Some("1"))],
        ),
        ("read-only", 4, "1", &[("node.id", Some("1"))]),
        (
            "another broker",
            4,
            "7",
            &[("message.max.bytes", Some("1"))],
        ),
        ("loggers", 8, "1", &[("root", Some("INFO"))]),
        ("unknown kind", 3, "x", &[("root", Some("INFO"))]),
    ];
    for (what, kind, name, entries) in cases {
        let entry = |(key, value): &(&str, Option<&str>)| AlterableConfig {
            name: (*key).to_owned(),
            value: value.map(str::to_owned),
            ..Default::default()
        };
        let request = |_| AlterConfigsRequest {
            resources: vec![AlterConfigsResource {
                resource_type: *kind,
                resource_name: (*name).to_owned(),
                configs: entries.iter().map(entry).collect(),
                ..Default::default()
            }],
            ..Default::default()
        };
        both.ask(what, 0..=2, request, |_| {});
    }
}

fn cluster(both: &mut Both) {
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

fn quorum(both: &mut Both) {
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

fn features(both: &mut Both) {
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

fn movement(both: &mut Both) {
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

fn versions(both: &mut Both, cluster_id: &str) {
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

fn coordinators(both: &mut Both) {
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

fn telemetry(both: &mut Both) {
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
fn controllers(both: &mut Both) {
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
    for difference in controllers.differences {
        both.differences
            .push(format!("on the controller's listener {difference}"));
    }
}

#[test]
fn every_answer_is_that_of_apache_kafka() {
    let dir = tempfile::tempdir().expect("a folder");
    let nodes = ["kafka", "ottla"].map(|name| Node::new(&dir.path().join(name), &[]));
    let servers = [
        nodes[0].start(Kind::Kafka),
        nodes[1].start(Kind::under_test()),
    ];
    let mut both = Both {
        kafka: Client::new(&servers[0].address()),
        ottla: Client::new(&servers[1].address()),
        differences: Vec::new(),
    };
    let cluster_id = both
        .ottla
        .ask(5, &MetadataRequest::default())
        .cluster_id
        .expect("a cluster id");
    versions(&mut both, &cluster_id);
    topics(&mut both);
    metadata(&mut both);
    configs(&mut both);
    changes(&mut both);
    cluster(&mut both);
    telemetry(&mut both);
    coordinators(&mut both);
    controllers(&mut both);
    for server in servers {
        server.stop();
    }
    let count = both.differences.len();
    assert!(
        count == 0,
        "{count} differences\n{}",
        both.differences.join("\n\n")
    );
}
