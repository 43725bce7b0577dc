//! Changes of configurations.

use ottla_wire::messages::{
    MetadataRecord, alter_configs_request, incremental_alter_configs_request::AlterConfigsResource,
};

use super::*;
use crate::controller::{
    Input, Reply,
    testing::{World, asked, topic},
};

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

type Op<'a> = (&'a str, i8, Option<&'a str>);

fn resource(kind: ResourceType, name: &str, ops: &[Op<'_>]) -> AlterConfigsResource {
    let config = |(name, operation, value): &Op<'_>| AlterableConfig {
        name: (*name).to_owned(),
        config_operation: *operation,
        value: value.map(str::to_owned),
        ..AlterableConfig::default()
    };
    AlterConfigsResource {
        resource_type: kind.0,
        resource_name: name.to_owned(),
        configs: ops.iter().map(config).collect(),
        ..AlterConfigsResource::default()
    }
}

fn alter(
    world: &mut World,
    resources: Vec<AlterConfigsResource>,
    validate_only: bool,
) -> (Vec<MetadataRecord>, Vec<Code>) {
    let request = IncrementalAlterConfigsRequest {
        resources,
        validate_only,
        ..IncrementalAlterConfigsRequest::default()
    };
    match world.decide(Input::IncrementalAlterConfigs(asked(request, 1))) {
        (records, Reply::IncrementalAlterConfigs(answer)) => {
            let codes = answer.responses.iter().map(|of| Code(of.error_code));
            (records, codes.collect())
        }
        (_, other) => panic!("{other:?}"),
    }
}

fn alter_one(world: &mut World, kind: ResourceType, name: &str, ops: &[Op<'_>]) -> Code {
    alter(world, vec![resource(kind, name, ops)], false).1[0]
}

fn world() -> World {
    let mut world = World::with_brokers([1]);
    world.create(vec![topic("t", 1, 1), topic("u", 1, 1)]);
    world
}

#[test]
fn operations() {
    let mut world = world();
    let t = ConfigResource::topic("t");
    let policy = "cleanup.policy";
    let table: &[(Op<'_>, Code, Option<&str>)] = &[
        (
            (policy, APPEND, Some("compact")),
            Code::NONE,
            Some("delete,compact"),
        ),
        (
            (policy, APPEND, Some("compact")),
            Code::NONE,
            Some("delete,compact"),
        ),
        (
            (policy, SUBTRACT, Some("delete")),
            Code::NONE,
            Some("compact"),
        ),
        ((policy, SET, Some("delete")), Code::NONE, Some("delete")),
        (
            (policy, SET, Some("nothing")),
            Code::INVALID_CONFIG,
            Some("delete"),
        ),
        ((policy, SET, None), Code::INVALID_REQUEST, Some("delete")),
        (
            (policy, 9, Some("x")),
            Code::INVALID_REQUEST,
            Some("delete"),
        ),
        ((policy, DELETE, None), Code::NONE, None),
        ((policy, DELETE, None), Code::NONE, None),
        (
            ("retention.ms", APPEND, Some("1")),
            Code::INVALID_CONFIG,
            None,
        ),
        (("no.such.key", SET, Some("1")), Code::INVALID_CONFIG, None),
    ];
    for (at, (op, code, value)) in table.iter().enumerate() {
        assert_eq!(
            alter_one(&mut world, t.kind, "t", &[*op]),
            *code,
            "row {at}"
        );
        assert_eq!(world.image().config(&t, op.0), *value, "row {at}");
    }
}

#[test]
fn resources() {
    let mut world = world();
    let long = "x".repeat(rules::MAX_VALUE + 1);
    let set = |key, value| [(key, SET, Some(value))];
    let table: &[(ResourceType, &str, &[Op<'_>], Code)] = &[
        (
            ResourceType::TOPIC,
            "no",
            &set("retention.ms", "1"),
            Code::UNKNOWN_TOPIC_OR_PARTITION,
        ),
        (
            ResourceType::TOPIC,
            "",
            &set("retention.ms", "1"),
            Code::INVALID_REQUEST,
        ),
        (
            ResourceType::TOPIC,
            "a b",
            &set("retention.ms", "1"),
            Code::INVALID_TOPIC_EXCEPTION,
        ),
        (
            ResourceType::BROKER,
            "",
            &set("log.cleaner.threads", "2"),
            Code::NONE,
        ),
        (
            ResourceType::BROKER,
            "1",
            &set("log.cleaner.threads", "2"),
            Code::NONE,
        ),
        (
            ResourceType::BROKER,
            "7",
            &set("log.cleaner.threads", "2"),
            Code::BROKER_ID_NOT_REGISTERED,
        ),
        (
            ResourceType::BROKER,
            "x",
            &set("log.cleaner.threads", "2"),
            Code::INVALID_REQUEST,
        ),
        (
            ResourceType::BROKER,
            "-1",
            &set("log.cleaner.threads", "2"),
            Code::INVALID_REQUEST,
        ),
        (
            ResourceType::BROKER,
            "",
            &set("any.plugin.key", &long),
            Code::INVALID_CONFIG,
        ),
        (
            ResourceType::BROKER_LOGGER,
            "1",
            &set("kafka", "INFO"),
            Code::INVALID_REQUEST,
        ),
        (
            ResourceType::CLIENT_METRICS,
            "m",
            &set("match", "client_id=a.*,client_software_name=x"),
            Code::NONE,
        ),
        (
            ResourceType::CLIENT_METRICS,
            "m",
            &set("match", "client=a"),
            Code::INVALID_CONFIG,
        ),
        (
            ResourceType::CLIENT_METRICS,
            "m",
            &set("interval.ms", "60000"),
            Code::NONE,
        ),
        (
            ResourceType::CLIENT_METRICS,
            "m",
            &set("interval.ms", "1"),
            Code::INVALID_REQUEST,
        ),
        (
            ResourceType::CLIENT_METRICS,
            "m",
            &set("x", "1"),
            Code::INVALID_REQUEST,
        ),
        (
            ResourceType::CLIENT_METRICS,
            "",
            &set("interval.ms", "60000"),
            Code::INVALID_REQUEST,
        ),
        (
            ResourceType::GROUP,
            "g",
            &set("consumer.session.timeout.ms", "50000"),
            Code::NONE,
        ),
        (
            ResourceType::GROUP,
            "g",
            &set("x", "1"),
            Code::INVALID_CONFIG,
        ),
        (
            ResourceType::GROUP,
            "",
            &set("consumer.session.timeout.ms", "50000"),
            Code::INVALID_REQUEST,
        ),
        (
            ResourceType(99),
            "x",
            &set("x", "1"),
            Code::UNSUPPORTED_VERSION,
        ),
        (
            ResourceType::TOPIC,
            "t",
            &[
                ("retention.ms", SET, Some("1")),
                ("retention.ms", DELETE, None),
            ],
            Code::INVALID_REQUEST,
        ),
    ];
    for (kind, name, ops, code) in table {
        assert_eq!(
            alter_one(&mut world, *kind, name, ops),
            *code,
            "{kind} '{name}' {ops:?}"
        );
    }
}

#[test]
fn each_resource_by_itself_and_once() {
    let mut world = world();
    let t = |name| {
        resource(
            ResourceType::TOPIC,
            name,
            &[("retention.ms", SET, Some("5"))],
        )
    };
    let (records, codes) = alter(&mut world, vec![t("t"), t("no"), t("u"), t("u")], false);
    let unknown = Code::UNKNOWN_TOPIC_OR_PARTITION;
    assert_eq!(codes, [Code::NONE, unknown, Code::INVALID_REQUEST]);
    assert_eq!(records.len(), 1);
    assert_eq!(alter(&mut world, vec![t("t")], false).0, [], "as it was");
    let (records, codes) = alter(&mut world, vec![t("u")], true);
    assert_eq!((records, codes), (vec![], vec![Code::NONE]));
    // A broker hears of it again: it may be a file that changed.
    let b = resource(
        ResourceType::BROKER,
        "1",
        &[("ssl.keystore.location", SET, Some("/k"))],
    );
    for _ in 0..2 {
        assert_eq!(alter(&mut world, vec![b.clone()], false).0.len(), 1);
    }
}

#[test]
fn the_minimum_with_eligible_leader_replicas() {
    let mut world = world();
    let min = rules::MIN_ISR;
    let one = |kind, name, op| vec![resource(kind, name, &[op])];
    let (records, codes) = alter(
        &mut world,
        one(ResourceType::TOPIC, "t", (min, SET, Some("2"))),
        false,
    );
    assert_eq!(codes, [Code::NONE]);
    let clear = |record: &MetadataRecord| match record {
        MetadataRecord::ClearElr(of) => Some(of.topic_name.clone()),
        _ => None,
    };
    assert_eq!(records.iter().filter_map(clear).collect::<Vec<_>>(), ["t"]);
    let (records, _) = alter(
        &mut world,
        one(ResourceType::BROKER, "", (min, SET, Some("1"))),
        false,
    );
    assert_eq!(records.iter().filter_map(clear).collect::<Vec<_>>(), [""]);
    for (name, op) in [("1", (min, SET, Some("1"))), ("", (min, DELETE, None))] {
        let (_, codes) = alter(&mut world, one(ResourceType::BROKER, name, op), false);
        assert_eq!(codes, [Code::INVALID_CONFIG]);
    }
}

#[test]
fn the_older_request_replaces_everything() {
    let mut world = world();
    alter_one(
        &mut world,
        ResourceType::TOPIC,
        "t",
        &[
            ("retention.ms", SET, Some("5")),
            ("segment.ms", SET, Some("7")),
        ],
    );
    let replace = |world: &mut World, configs: &[(&str, Option<&str>)]| {
        let config =
            |(name, value): &(&str, Option<&str>)| alter_configs_request::AlterableConfig {
                name: (*name).to_owned(),
                value: value.map(str::to_owned),
                ..Default::default()
            };
        let request = AlterConfigsRequest {
            resources: vec![alter_configs_request::AlterConfigsResource {
                resource_type: ResourceType::TOPIC.0,
                resource_name: "t".to_owned(),
                configs: configs.iter().map(config).collect(),
                ..Default::default()
            }],
            ..AlterConfigsRequest::default()
        };
        let Reply::AlterConfigs(answer) = world.ask(Input::AlterConfigs(asked(request, 2))) else {
            panic!("another reply");
        };
        Code(answer.responses[0].error_code)
    };
    let t = ConfigResource::topic("t");
    assert_eq!(
        replace(&mut world, &[("segment.ms", Some("8"))]),
        Code::NONE
    );
    assert_eq!(
        *world.image().configs(&t),
        [("segment.ms".to_owned(), "8".to_owned())].into()
    );
    assert_eq!(
        replace(&mut world, &[("segment.ms", Some("x"))]),
        Code::INVALID_CONFIG
    );
    assert_eq!(
        replace(&mut world, &[("segment.ms", None)]),
        Code::INVALID_REQUEST
    );
    assert_eq!(replace(&mut world, &[]), Code::NONE);
    assert!(world.image().configs(&t).is_empty());
}
