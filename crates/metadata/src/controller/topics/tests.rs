//! New topics, and what is refused.

use ottla_wire::messages::{
    MetadataRecord,
    create_topics_request::{CreatableReplicaAssignment, CreatableTopicConfig},
};

use super::*;
use crate::controller::{
    Input, Reply,
    testing::{World, asked, directory, topic},
};

fn config(name: &str, value: Option<&str>) -> CreatableTopicConfig {
    CreatableTopicConfig {
        name: name.to_owned(),
        value: value.map(str::to_owned),
        ..CreatableTopicConfig::default()
    }
}

fn with_configs(name: &str, configs: &[(&str, Option<&str>)]) -> CreatableTopic {
    CreatableTopic {
        configs: configs
            .iter()
            .map(|(name, value)| config(name, *value))
            .collect(),
        ..topic(name, 1, 1)
    }
}

fn assigned(name: &str, assignments: &[(i32, &[i32])]) -> CreatableTopic {
    let assignment = |(index, brokers): &(i32, &[i32])| CreatableReplicaAssignment {
        partition_index: *index,
        broker_ids: brokers.to_vec(),
        ..CreatableReplicaAssignment::default()
    };
    CreatableTopic {
        assignments: assignments.iter().map(assignment).collect(),
        ..topic(name, -1, -1)
    }
}

fn create(
    world: &mut World,
    change: impl FnOnce(&mut CreateTopicsRequest),
    version: i16,
    describable: Describable,
) -> (Vec<MetadataRecord>, Vec<CreatableTopicResult>) {
    let mut request = CreateTopicsRequest::default();
    change(&mut request);
    match world.decide(Input::CreateTopics(asked(request, version), describable)) {
        (records, Reply::CreateTopics(answer)) => (records, answer.topics),
        (_, other) => panic!("{other:?}"),
    }
}

#[test]
fn topics_with_their_records_and_answers() {
    let mut world = World::with_brokers([1, 2, 3]);
    let wanted = CreatableTopic {
        configs: vec![
            config("retention.ms", Some("-1")),
            config("min.insync.replicas", Some("2")),
        ],
        ..topic("t", 4, 2)
    };
    let (records, results) = create(
        &mut world,
        |request| request.topics.push(wanted),
        7,
        Describable::All,
    );
    let names: Vec<_> = records.iter().map(MetadataRecord::name).collect();
    let mut expected = vec![
        "TOPIC_RECORD",
        "CONFIG_RECORD",
        "CONFIG_RECORD",
        "CLEAR_ELR_RECORD",
    ];
    expected.extend(["PARTITION_RECORD"; 4]);
    assert_eq!(names, expected);

    let result = &results[0];
    assert_eq!((result.error_code, &result.error_message), (0, &None));
    assert_eq!((result.num_partitions, result.replication_factor), (4, 2));
    let topic = world.topic("t");
    assert_eq!(topic.id, result.topic_id);
    assert!(topic.partitions.keys().copied().eq(0..4));
    for partition in topic.partitions.values() {
        assert_eq!(partition.isr, partition.replicas);
        assert_eq!(partition.leader, partition.replicas[0]);
        let of = |id: &i32| directory(*id, 0);
        let directories: Vec<_> = partition.replicas.iter().map(of).collect();
        assert_eq!(partition.directories[..], directories);
    }
    let shown = result.configs.as_ref().unwrap();
    let of = |name: &str| shown.iter().find(|of| of.name == name).unwrap();
    let retention = of("retention.ms");
    assert_eq!(
        (retention.value.as_deref(), retention.config_source),
        (Some("-1"), 1)
    );
    assert_eq!(of("segment.bytes").config_source, 5);
    assert!(shown.is_sorted_by_key(|of| &of.name));
}

#[test]
fn what_is_refused_is_refused_alone() {
    let mut world = World::with_brokers([1, 2]);
    world.create(vec![topic("old.name", 1, 1)]);
    let long = "x".repeat(250);
    let ok = Code::NONE;
    let table = [
        (topic("good", 1, 1), ok),
        (topic("defaults", -1, -1), ok),
        (topic("old.name", 1, 1), Code::TOPIC_ALREADY_EXISTS),
        (topic("old_name", 1, 1), Code::INVALID_TOPIC_EXCEPTION),
        (topic("", 1, 1), Code::INVALID_TOPIC_EXCEPTION),
        (topic("..", 1, 1), Code::INVALID_TOPIC_EXCEPTION),
        (topic("a b", 1, 1), Code::INVALID_TOPIC_EXCEPTION),
        (topic("ä", 1, 1), Code::INVALID_TOPIC_EXCEPTION),
        (topic(&long, 1, 1), Code::INVALID_TOPIC_EXCEPTION),
        (topic(&long[1..], 1, 1), ok),
        (topic("__cluster_metadata", 1, 1), Code::INVALID_REQUEST),
        (topic("p0", 0, 1), Code::INVALID_PARTITIONS),
        (topic("p-2", -2, 1), Code::INVALID_PARTITIONS),
        (topic("f0", 1, 0), Code::INVALID_REPLICATION_FACTOR),
        (topic("f3", 1, 3), Code::INVALID_REPLICATION_FACTOR),
        (
            with_configs("c1", &[("retention.ms", None)]),
            Code::INVALID_CONFIG,
        ),
        (
            with_configs("c2", &[("retention.ms", Some("x"))]),
            Code::INVALID_CONFIG,
        ),
        (
            with_configs("c3", &[("no.such.key", Some("1"))]),
            Code::INVALID_CONFIG,
        ),
        (
            with_configs("c4", &[("cleanup.policy", Some("compact,delete"))]),
            ok,
        ),
        (assigned("a1", &[(0, &[1, 2]), (1, &[2, 1])]), ok),
        (
            assigned("a2", &[(0, &[1]), (2, &[2])]),
            Code::INVALID_REPLICA_ASSIGNMENT,
        ),
        (
            assigned("a3", &[(0, &[1]), (0, &[2])]),
            Code::INVALID_REPLICA_ASSIGNMENT,
        ),
        (
            assigned("a4", &[(0, &[1]), (1, &[1, 2])]),
            Code::INVALID_REPLICA_ASSIGNMENT,
        ),
        (
            assigned("a5", &[(0, &[1, 1])]),
            Code::INVALID_REPLICA_ASSIGNMENT,
        ),
        (
            assigned("a6", &[(0, &[7])]),
            Code::INVALID_REPLICA_ASSIGNMENT,
        ),
        (
            assigned("a7", &[(0, &[])]),
            Code::INVALID_REPLICA_ASSIGNMENT,
        ),
        (
            CreatableTopic {
                num_partitions: 1,
                ..assigned("a8", &[(0, &[1])])
            },
            Code::INVALID_REQUEST,
        ),
        (
            CreatableTopic {
                replication_factor: 1,
                ..assigned("a9", &[(0, &[1])])
            },
            Code::INVALID_REQUEST,
        ),
    ];
    let before = world.image().topic_count();
    let results = world.create(table.iter().map(|(topic, _)| topic.clone()).collect());
    for ((topic, code), result) in table.iter().zip(&results) {
        assert_eq!(result.name, topic.name);
        assert_eq!(
            Code(result.error_code),
            *code,
            "{}: {:?}",
            topic.name,
            result.error_message
        );
        assert_eq!(result.error_message.is_some(), *code != ok);
        assert_eq!(
            world.image().topic(&topic.name).is_some(),
            *code == ok || topic.name == "old.name"
        );
    }
    let good = table.iter().filter(|(_, code)| *code == ok).count();
    assert_eq!(world.image().topic_count(), before + good);
}

#[test]
fn a_name_twice_is_answered_once() {
    let mut world = World::with_brokers([1]);
    let results = world.create(vec![topic("a", 1, 1), topic("b", 1, 1), topic("a", 2, 1)]);
    let codes: Vec<_> = results
        .iter()
        .map(|of| (of.name.as_str(), Code(of.error_code)))
        .collect();
    assert_eq!(codes, [("a", Code::INVALID_REQUEST), ("b", Code::NONE)]);
    assert!(world.image().topic("a").is_none());
}

#[test]
fn validation_only_writes_nothing() {
    let mut world = World::with_brokers([1]);
    let (records, results) = create(
        &mut world,
        |request| {
            request.topics = vec![topic("t", 3, 1), topic("u", 1, 9)];
            request.validate_only = true;
        },
        7,
        Describable::All,
    );
    assert_eq!(records, []);
    assert_eq!((results[0].error_code, results[0].num_partitions), (0, 3));
    assert_eq!(
        Code(results[1].error_code),
        Code::INVALID_REPLICATION_FACTOR
    );
}

#[test]
fn configurations_are_shown_to_whom_they_may() {
    let mut world = World::with_brokers([1]);
    let (_, results) = create(
        &mut world,
        |request| request.topics = vec![topic("a", 1, 1), topic("b", 1, 1)],
        7,
        Describable::Only(["b".to_owned()].into()),
    );
    assert_eq!(
        Code(results[0].topic_config_error_code),
        Code::TOPIC_AUTHORIZATION_FAILED
    );
    assert_eq!(
        (results[0].num_partitions, &results[0].configs),
        (-1, &Some(Vec::new()))
    );
    assert_eq!(
        (
            results[1].topic_config_error_code,
            results[1].num_partitions
        ),
        (0, 1)
    );
    assert!(results[1].configs.as_ref().unwrap().len() > 20);
}

#[test]
fn too_many_partitions_at_once() {
    let mut world = World::with_brokers([1]);
    let results = world.create(vec![topic("a", 9_000, 1), topic("b", 1_001, 1)]);
    for result in &results {
        assert_eq!(Code(result.error_code), Code::POLICY_VIOLATION);
    }
    let results = world.create(vec![topic("a", 9_990, 1)]);
    assert_eq!(results[0].error_code, 0);
    assert_eq!(world.topic("a").partitions.len(), 9_990);
}

#[test]
fn nobody_serves() {
    let mut world = World::new();
    let code = |world: &mut World, topic| Code(world.create(vec![topic])[0].error_code);
    assert_eq!(
        code(&mut world, topic("a", 1, 1)),
        Code::INVALID_REPLICATION_FACTOR
    );
    world.start(1, 1);
    world.beat_with(1, |of| of.want_fence = true);
    assert_eq!(
        code(&mut world, topic("a", 1, 1)),
        Code::INVALID_REPLICATION_FACTOR
    );
    assert_eq!(
        code(&mut world, assigned("a", &[(0, &[1])])),
        Code::INVALID_REPLICA_ASSIGNMENT
    );
    world.start(2, 1);
    assert_eq!(code(&mut world, assigned("a", &[(0, &[1, 2])])), Code::NONE);
    let partition = world.partition("a");
    assert_eq!((partition.leader, &partition.isr[..]), (2, &[2][..]));
}
