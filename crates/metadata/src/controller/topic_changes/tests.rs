//! Topics that go or grow.

use ottla_wire::messages::{
    create_partitions_request::CreatePartitionsAssignment, delete_topics_request::DeleteTopicState,
};

use super::*;
use crate::controller::{
    Input, Reply,
    testing::{World, asked, topic},
};
use crate::image::ConfigResource;

fn state(name: Option<&str>, id: Uuid) -> DeleteTopicState {
    DeleteTopicState {
        name: name.map(str::to_owned),
        topic_id: id,
        ..DeleteTopicState::default()
    }
}

fn delete(world: &mut World, topics: Vec<DeleteTopicState>) -> Vec<DeletableTopicResult> {
    let request = DeleteTopicsRequest {
        topics,
        ..DeleteTopicsRequest::default()
    };
    match world.ask(Input::DeleteTopics(asked(request, 6))) {
        Reply::DeleteTopics(answer) => answer.responses,
        other => panic!("{other:?}"),
    }
}

fn codes(results: &[DeletableTopicResult]) -> Vec<Code> {
    results.iter().map(|of| Code(of.error_code)).collect()
}

#[test]
fn topics_go_by_name_and_by_id() {
    let mut world = World::with_brokers([1]);
    world.create(["a", "b", "c", "d"].map(|name| topic(name, 2, 1)).into());
    let id = |name: &str| world.topic(name).id;
    let (a, b, c) = (id("a"), id("b"), id("c"));
    let results = delete(
        &mut world,
        vec![
            state(Some("a"), Uuid::ZERO),
            state(None, b),
            state(None, Uuid::ZERO),
            state(Some("c"), c),
            state(Some("no"), Uuid::ZERO),
            state(None, Uuid::from_u128(5)),
        ],
    );
    assert_eq!(
        codes(&results),
        [
            Code::NONE,
            Code::NONE,
            Code::INVALID_REQUEST,
            Code::INVALID_REQUEST,
            Code::UNKNOWN_TOPIC_OR_PARTITION,
            Code::UNKNOWN_TOPIC_ID,
        ]
    );
    assert_eq!(
        (results[0].name.as_deref(), results[0].topic_id),
        (Some("a"), a)
    );
    assert_eq!(
        (results[1].name.as_deref(), results[1].topic_id),
        (Some("b"), b)
    );
    let left: Vec<&str> = world.image().topics().map(|of| &*of.name).collect();
    assert_eq!(left, ["c", "d"]);

    let request = DeleteTopicsRequest {
        topic_names: vec!["c".to_owned(), "d".to_owned(), "d".to_owned()],
        ..DeleteTopicsRequest::default()
    };
    let Reply::DeleteTopics(answer) = world.ask(Input::DeleteTopics(asked(request, 5))) else {
        panic!("another reply");
    };
    assert_eq!(
        codes(&answer.responses),
        [Code::NONE, Code::INVALID_REQUEST]
    );
    assert!(world.image().topic("d").is_some());
}

#[test]
fn one_topic_by_name_and_by_id_stays() {
    let mut world = World::with_brokers([1]);
    world.create(vec![topic("a", 1, 1)]);
    let id = world.topic("a").id;
    let results = delete(
        &mut world,
        vec![state(Some("a"), Uuid::ZERO), state(None, id)],
    );
    assert_eq!(codes(&results), [Code::INVALID_REQUEST; 2]);
    assert!(world.image().topic("a").is_some());
}

#[test]
fn configurations_go_with_their_topic() {
    use ottla_wire::messages::create_topics_request::CreatableTopicConfig;
    let mut world = World::with_brokers([1]);
    let mut wanted = topic("a", 1, 1);
    wanted.configs.push(CreatableTopicConfig {
        name: "retention.ms".to_owned(),
        value: Some("1".to_owned()),
        ..CreatableTopicConfig::default()
    });
    world.create(vec![wanted]);
    let resource = ConfigResource::topic("a");
    assert_eq!(world.image().config(&resource, "retention.ms"), Some("1"));
    delete(&mut world, vec![state(Some("a"), Uuid::ZERO)]);
    assert!(world.image().configs(&resource).is_empty());
}

#[test]
fn deletion_can_be_turned_off() {
    for (version, code) in [
        (2, Code::INVALID_REQUEST),
        (3, Code::TOPIC_DELETION_DISABLED),
    ] {
        let mut settings = crate::controller::testing::settings();
        settings.delete_topic_enable = false;
        let mut world = World::inactive(settings);
        world.ask(Input::Activate { epoch: 1 });
        let request = DeleteTopicsRequest {
            topic_names: vec!["a".to_owned()],
            ..DeleteTopicsRequest::default()
        };
        let input = Input::DeleteTopics(asked(request, version));
        let Reply::DeleteTopics(answer) = world.ask(input) else {
            panic!("another reply");
        };
        assert_eq!(codes(&answer.responses), [code]);
    }
}

fn more(name: &str, count: i32, assignments: Option<&[&[i32]]>) -> CreatePartitionsTopic {
    let assignment = |brokers: &&[i32]| CreatePartitionsAssignment {
        broker_ids: brokers.to_vec(),
        ..CreatePartitionsAssignment::default()
    };
    CreatePartitionsTopic {
        name: name.to_owned(),
        count,
        assignments: assignments.map(|all| all.iter().map(assignment).collect()),
        ..CreatePartitionsTopic::default()
    }
}

#[test]
fn topics_get_more_partitions() {
    let mut world = World::with_brokers([1, 2]);
    world.create(
        ["a", "b", "c", "d", "e"]
            .map(|name| topic(name, 2, 1))
            .into(),
    );
    let table = [
        (more("a", 5, None), Code::NONE),
        (more("b", 4, Some(&[&[1], &[2]])), Code::NONE),
        (more("c", 2, None), Code::INVALID_PARTITIONS),
        (more("d", 1, None), Code::INVALID_PARTITIONS),
        (
            more("e", 3, Some(&[&[1], &[2]])),
            Code::INVALID_REPLICA_ASSIGNMENT,
        ),
        (more("no", 3, None), Code::UNKNOWN_TOPIC_OR_PARTITION),
    ];
    let ask = |world: &mut World, topics: Vec<CreatePartitionsTopic>, validate_only| {
        let request = CreatePartitionsRequest {
            topics,
            validate_only,
            ..CreatePartitionsRequest::default()
        };
        match world.ask(Input::CreatePartitions(asked(request, 3))) {
            Reply::CreatePartitions(answer) => {
                let code = |of: &CreatePartitionsTopicResult| Code(of.error_code);
                answer.results.iter().map(code).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        }
    };
    let topics: Vec<_> = table.iter().map(|(topic, _)| topic.clone()).collect();
    let expected: Vec<Code> = table.iter().map(|(_, code)| *code).collect();
    assert_eq!(ask(&mut world, topics.clone(), true), expected);
    assert_eq!(world.topic("a").partitions.len(), 2);
    assert_eq!(ask(&mut world, topics, false), expected);
    assert!(world.topic("a").partitions.keys().copied().eq(0..5));
    assert_eq!(world.topic("b").partitions[&3].leader, 2);

    for (wrong, code) in [
        (
            more("e", 3, Some(&[&[1, 2]])),
            Code::INVALID_REPLICA_ASSIGNMENT,
        ),
        (
            more("e", 3, Some(&[&[9]])),
            Code::INVALID_REPLICA_ASSIGNMENT,
        ),
        (more("e", 20_000, None), Code::POLICY_VIOLATION),
        (more("e", -5, None), Code::INVALID_PARTITIONS),
    ] {
        assert_eq!(ask(&mut world, vec![wrong], false), [code]);
    }
    let twice = vec![more("e", 3, None), more("e", 4, None)];
    assert_eq!(ask(&mut world, twice, false), [Code::INVALID_REQUEST]);
}
