//! In-sync replicas, elections, directories.

use ottla_wire::{
    Uuid,
    messages::{
        alter_partition_request::TopicData, assign_replicas_to_dirs_request,
        elect_leaders_request::TopicPartitions,
    },
};

use super::*;
use crate::controller::{
    Input, Reply,
    testing::{World, asked, directory, registration},
};
use crate::image::NO_LEADER;

fn alter(
    world: &mut World,
    leader: i32,
    isr: &[(i32, i64)],
    change: impl FnOnce(&mut PartitionData),
) -> PartitionAnswer {
    let epoch = world.image().broker(leader).unwrap().epoch;
    let partition = world.partition("t");
    let mut wanted = PartitionData {
        leader_epoch: partition.leader_epoch,
        partition_epoch: partition.partition_epoch,
        new_isr_with_epochs: isr
            .iter()
            .map(|(broker_id, broker_epoch)| BrokerState {
                broker_id: *broker_id,
                broker_epoch: *broker_epoch,
                ..BrokerState::default()
            })
            .collect(),
        ..PartitionData::default()
    };
    change(&mut wanted);
    let request = AlterPartitionRequest {
        broker_id: leader,
        broker_epoch: epoch,
        topics: vec![TopicData {
            topic_id: world.topic("t").id,
            partitions: vec![wanted],
            ..TopicData::default()
        }],
        ..AlterPartitionRequest::default()
    };
    match world.ask(Input::AlterPartition(asked(request, 3))) {
        Reply::AlterPartition(answer) => answer.topics[0].partitions[0].clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn leaders_change_who_is_in_sync() {
    let mut world = World::with_brokers([1, 2, 3]);
    world.create_on("t", &[1, 2, 3]);
    let answer = alter(&mut world, 1, &[(1, -1), (2, -1)], |_| {});
    assert_eq!((answer.error_code, &answer.isr[..]), (0, &[1, 2][..]));
    assert_eq!((answer.leader_epoch, answer.partition_epoch), (0, 1));
    assert_eq!(world.partition("t").isr[..], [1, 2]);
    let epoch = world.image().broker(3).unwrap().epoch;
    let answer = alter(&mut world, 1, &[(1, -1), (2, -1), (3, epoch)], |_| {});
    assert_eq!((answer.error_code, answer.isr.len()), (0, 3));
    // The same again changes nothing, not even the epoch.
    let answer = alter(&mut world, 1, &[(1, -1), (2, -1), (3, epoch)], |_| {});
    assert_eq!((answer.error_code, answer.partition_epoch), (0, 2));
}

#[test]
fn changes_that_are_refused() {
    type Spoil = fn(&mut PartitionData);
    let mut world = World::with_brokers([1, 2, 3]);
    world.create_on("t", &[1, 2, 3]);
    alter(&mut world, 1, &[(1, -1), (2, -1)], |_| {});
    type Isr<'a> = &'a [(i32, i64)];
    let table: &[(i32, Isr<'_>, Spoil, Code)] = &[
        (
            1,
            &[(1, -1)],
            |of| of.partition_index = 9,
            Code::UNKNOWN_TOPIC_OR_PARTITION,
        ),
        (
            1,
            &[(1, -1)],
            |of| of.leader_epoch += 1,
            Code::NOT_CONTROLLER,
        ),
        (
            1,
            &[(1, -1)],
            |of| of.partition_epoch += 1,
            Code::NOT_CONTROLLER,
        ),
        (
            1,
            &[(1, -1)],
            |of| of.leader_epoch -= 1,
            Code::FENCED_LEADER_EPOCH,
        ),
        (2, &[(2, -1)], |_| {}, Code::INVALID_REQUEST),
        (
            1,
            &[(1, -1)],
            |of| of.partition_epoch -= 1,
            Code::INVALID_UPDATE_VERSION,
        ),
        (1, &[(1, -1), (7, -1)], |_| {}, Code::INVALID_REQUEST),
        (1, &[(1, -1), (1, -1)], |_| {}, Code::INVALID_REQUEST),
        (1, &[(2, -1)], |_| {}, Code::INVALID_REQUEST),
        (1, &[], |_| {}, Code::INVALID_REQUEST),
        (
            1,
            &[(1, -1)],
            |of| of.leader_recovery_state = 1,
            Code::INVALID_REQUEST,
        ),
        (
            1,
            &[(1, -1)],
            |of| of.leader_recovery_state = 7,
            Code::INVALID_REQUEST,
        ),
        (1, &[(1, -1), (3, 99_999)], |_| {}, Code::INELIGIBLE_REPLICA),
    ];
    for (at, (leader, isr, spoil, code)) in table.iter().enumerate() {
        let answer = alter(&mut world, *leader, isr, spoil);
        assert_eq!(Code(answer.error_code), *code, "row {at}");
    }
    world.beat_with(3, |of| of.want_fence = true);
    let answer = alter(&mut world, 1, &[(1, -1), (3, -1)], |_| {});
    assert_eq!(Code(answer.error_code), Code::INELIGIBLE_REPLICA);

    let mut request = AlterPartitionRequest {
        broker_id: 1,
        broker_epoch: 0,
        ..AlterPartitionRequest::default()
    };
    let Reply::AlterPartition(answer) = world.ask(Input::AlterPartition(asked(request.clone(), 3)))
    else {
        panic!("another reply");
    };
    assert_eq!(Code(answer.error_code), Code::STALE_BROKER_EPOCH);
    request.broker_epoch = world.image().broker(1).unwrap().epoch;
    request.topics.push(TopicData {
        topic_id: Uuid::from_u128(77),
        partitions: vec![PartitionData::default()],
        ..TopicData::default()
    });
    let Reply::AlterPartition(answer) = world.ask(Input::AlterPartition(asked(request, 3))) else {
        panic!("another reply");
    };
    let code = answer.topics[0].partitions[0].error_code;
    assert_eq!(Code(code), Code::UNKNOWN_TOPIC_ID);
}

/// With a minimum of two, what falls out of sync stays eligible, and can lead again without loss.
#[test]
fn eligible_leaders() {
    use ottla_wire::messages::create_topics_request::{
        CreatableReplicaAssignment, CreatableTopicConfig,
    };
    let mut world = World::with_brokers([1, 2, 3]);
    let mut wanted = crate::controller::testing::topic("t", -1, -1);
    wanted.assignments.push(CreatableReplicaAssignment {
        broker_ids: vec![1, 2, 3],
        ..CreatableReplicaAssignment::default()
    });
    wanted.configs.push(CreatableTopicConfig {
        name: "min.insync.replicas".to_owned(),
        value: Some("2".to_owned()),
        ..CreatableTopicConfig::default()
    });
    world.create(vec![wanted]);
    let state = |world: &World| {
        let of = world.partition("t");
        (
            of.leader,
            of.isr.to_vec(),
            of.elr.to_vec(),
            of.last_known_elr.to_vec(),
        )
    };
    let fence = |world: &mut World, id| {
        world.beat_with(id, |of| of.want_fence = true);
    };
    fence(&mut world, 3);
    assert_eq!(state(&world), (1, vec![1, 2], vec![], vec![]));
    fence(&mut world, 2);
    assert_eq!(state(&world), (1, vec![1], vec![2], vec![]));
    fence(&mut world, 1);
    assert_eq!(state(&world), (NO_LEADER, vec![], vec![1, 2], vec![1]));
    // 3 left while two were in sync: it may lack what they committed.
    world.beat(3);
    assert_eq!(state(&world).0, NO_LEADER);
    world.beat(2);
    assert_eq!(state(&world), (2, vec![2], vec![1], vec![]));
    alter(&mut world, 2, &[(2, -1), (3, -1)], |_| {});
    assert_eq!(state(&world), (2, vec![2, 3], vec![], vec![]));
    world.beat(1);
    assert_eq!(state(&world), (2, vec![2, 3], vec![], vec![]));

    // Gone uncleanly is not eligible any more.
    fence(&mut world, 3);
    fence(&mut world, 2);
    assert_eq!(state(&world), (NO_LEADER, vec![], vec![2, 3], vec![2]));
    world.pass(9_001);
    assert_eq!(world.register(registration(3, 2)).0, 0);
    assert_eq!(state(&world), (NO_LEADER, vec![], vec![2], vec![2]));
    world.beat(3);
    assert_eq!(state(&world).0, NO_LEADER);
}

fn elect(world: &mut World, kind: i8, topics: Option<&[(&str, i32)]>) -> (i16, Vec<(i32, Code)>) {
    let topic = |(name, index): &(&str, i32)| TopicPartitions {
        topic: (*name).to_owned(),
        partitions: vec![*index],
        ..TopicPartitions::default()
    };
    let request = ElectLeadersRequest {
        election_type: kind,
        topic_partitions: topics.map(|all| all.iter().map(topic).collect()),
        ..ElectLeadersRequest::default()
    };
    let Reply::ElectLeaders(answer) = world.ask(Input::ElectLeaders(asked(request, 2))) else {
        panic!("another reply");
    };
    let results = answer.replica_election_results.iter();
    let results = results.flat_map(|of| &of.partition_result);
    let results = results.map(|of| (of.partition_id, Code(of.error_code)));
    (answer.error_code, results.collect())
}

#[test]
fn elections_on_demand() {
    let mut world = World::with_brokers([1, 2]);
    world.create_on("t", &[1, 2]);
    assert_eq!(
        elect(&mut world, 0, Some(&[("t", 0)])),
        (0, vec![(0, Code::ELECTION_NOT_NEEDED)])
    );
    assert_eq!(elect(&mut world, 0, None), (0, vec![]));
    for missing in [("no", 0), ("t", 1)] {
        let (_, results) = elect(&mut world, 0, Some(&[missing]));
        assert_eq!(results[0].1, Code::UNKNOWN_TOPIC_OR_PARTITION);
    }
    assert_eq!(Code(elect(&mut world, 5, None).0), Code::INVALID_REQUEST);

    world.beat_with(1, |of| of.want_fence = true);
    assert_eq!(world.partition("t").leader, 2);
    let (_, results) = elect(&mut world, 0, None);
    assert_eq!(results, [(0, Code::PREFERRED_LEADER_NOT_AVAILABLE)]);
    world.beat(1);
    alter(&mut world, 2, &[(1, -1), (2, -1)], |_| {});
    assert_eq!(elect(&mut world, 0, None), (0, vec![(0, Code::NONE)]));
    assert_eq!(world.partition("t").leader, 1);

    alter(&mut world, 1, &[(1, -1)], |_| {});
    world.beat_with(1, |of| of.want_fence = true);
    assert_eq!(world.partition("t").leader, NO_LEADER);
    assert_eq!(elect(&mut world, 1, None), (0, vec![(0, Code::NONE)]));
    let partition = world.partition("t");
    assert_eq!((partition.leader, &partition.isr[..]), (2, &[2][..]));
    assert_eq!(
        partition.leader_recovery_state,
        LeaderRecoveryState::Recovering
    );
    let answer = alter(&mut world, 2, &[(2, -1)], |of| of.leader_recovery_state = 0);
    assert_eq!((answer.error_code, answer.leader_recovery_state), (0, 0));
    world.beat_with(2, |of| of.want_fence = true);
    let (_, results) = elect(&mut world, 1, None);
    assert_eq!(results, [(0, Code::ELIGIBLE_LEADERS_NOT_AVAILABLE)]);
}

#[test]
fn preferred_leaders_lead_again_in_time() {
    let mut world = World::with_brokers([1, 2]);
    world.create_on("t", &[1, 2]);
    world.beat_with(1, |of| of.want_fence = true);
    world.beat(1);
    alter(&mut world, 2, &[(1, -1), (2, -1)], |_| {});
    for _ in 0..59 {
        world.pass(5_000);
        world.beat(1);
        world.beat(2);
    }
    assert_eq!(world.partition("t").leader, 2);
    world.pass(5_000);
    assert_eq!(world.partition("t").leader, 1);
}

#[test]
fn brokers_say_where_their_replicas_are() {
    let mut world = World::new();
    let mut request = registration(1, 1);
    request.log_dirs.push(directory(1, 1));
    world.register(request);
    world.beat(1);
    world.start(2, 1);
    world.create_on("t", &[1, 2]);
    let topic_id = world.topic("t").id;
    let epoch = world.image().broker(1).unwrap().epoch;
    let assign = |world: &mut World, epoch, id, topic_id, index| {
        let partition = assign_replicas_to_dirs_request::PartitionData {
            partition_index: index,
            ..Default::default()
        };
        let topic = AssignedTopic {
            topic_id,
            partitions: vec![partition],
            ..AssignedTopic::default()
        };
        let request = AssignReplicasToDirsRequest {
            broker_id: 1,
            broker_epoch: epoch,
            directories: vec![assign_replicas_to_dirs_request::DirectoryData {
                id,
                topics: vec![topic],
                ..Default::default()
            }],
            ..AssignReplicasToDirsRequest::default()
        };
        let input = Input::AssignReplicasToDirs(asked(request, 0));
        let Reply::AssignReplicasToDirs(answer) = world.ask(input) else {
            panic!("another reply");
        };
        let nested = answer
            .directories
            .first()
            .map(|of| &of.topics[0].partitions[0]);
        Code(nested.map_or(answer.error_code, |of| of.error_code))
    };
    let home = directory(1, 1);
    assert_eq!(assign(&mut world, epoch, home, topic_id, 0), Code::NONE);
    assert_eq!(
        world.partition("t").directories[..],
        [home, directory(2, 0)]
    );
    let stale = Code::STALE_BROKER_EPOCH;
    assert_eq!(assign(&mut world, epoch + 1, home, topic_id, 0), stale);
    let unknown = Uuid::from_u128(9);
    assert_eq!(
        assign(&mut world, epoch, home, unknown, 0),
        Code::UNKNOWN_TOPIC_ID
    );
    let missing = Code::UNKNOWN_TOPIC_OR_PARTITION;
    assert_eq!(assign(&mut world, epoch, home, topic_id, 3), missing);
    // To a directory that failed: the replica is no longer in sync.
    assert_eq!(
        assign(&mut world, epoch, directory(1, 7), topic_id, 0),
        Code::NONE
    );
    assert_eq!(
        (world.partition("t").leader, &world.partition("t").isr[..]),
        (2, &[2][..])
    );
}
