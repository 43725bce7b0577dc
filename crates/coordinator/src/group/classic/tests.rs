//! Classic groups, as members see them.

use bytes::Bytes;
use ottla_machine::Ticket;
use ottla_wire::{
    errors::Code,
    messages::{
        HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, SyncGroupRequest,
        SyncGroupResponse, join_group_request::JoinGroupRequestProtocol,
        sync_group_request::SyncGroupRequestAssignment,
    },
};

use crate::group::{
    Entry, Input, Reply, Settings,
    testing::{World, caller, settings},
};

const DELAY: u64 = 3_000;

fn world() -> World {
    world_with(|_| {})
}

fn world_with(change: impl FnOnce(&mut Settings)) -> World {
    let mut settings = settings();
    settings.initial_rebalance_delay_ms = DELAY;
    change(&mut settings);
    World::with(settings, ottla_metadata::Image::default())
}

fn joining(id: &str) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: "g".to_owned(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 60_000,
        member_id: id.to_owned(),
        protocol_type: "consumer".to_owned(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".to_owned(),
            metadata: Bytes::from_static(&[0, 0, 0, 0, 0, 1, 0, 1, b't', 0, 0, 0, 0]),
            ..JoinGroupRequestProtocol::default()
        }],
        ..JoinGroupRequest::default()
    }
}

fn fixed(id: &str, instance: &str) -> JoinGroupRequest {
    JoinGroupRequest {
        group_instance_id: Some(instance.to_owned()),
        ..joining(id)
    }
}

fn ask_join(world: &mut World, request: JoinGroupRequest) -> Ticket {
    world.ask(Input::JoinGroup(caller("c", 9), request)).0
}

fn joined(world: &mut World, ticket: Ticket) -> JoinGroupResponse {
    match world.answer(ticket) {
        Some(Reply::JoinGroup(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

fn synced(world: &mut World, ticket: Ticket) -> SyncGroupResponse {
    match world.answer(ticket) {
        Some(Reply::SyncGroup(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

/// A member id.
fn new_id(world: &mut World) -> String {
    let ticket = ask_join(world, joining(""));
    let answer = joined(world, ticket);
    assert_eq!(answer.error_code, Code::MEMBER_ID_REQUIRED.0);
    answer.member_id
}

fn ask_sync(world: &mut World, of: &JoinGroupResponse) -> (Ticket, Vec<Entry>) {
    let assignments = of.members.iter().map(|member| SyncGroupRequestAssignment {
        member_id: member.member_id.clone(),
        assignment: Bytes::from(format!("for {}", member.member_id)),
        ..SyncGroupRequestAssignment::default()
    });
    let request = SyncGroupRequest {
        group_id: "g".to_owned(),
        generation_id: of.generation_id,
        member_id: of.member_id.clone(),
        protocol_type: of.protocol_type.clone(),
        protocol_name: of.protocol_name.clone(),
        assignments: assignments.collect(),
        ..SyncGroupRequest::default()
    };
    world.ask(Input::SyncGroup(caller("c", 5), request))
}

fn beat(world: &mut World, id: &str, generation: i32) -> Code {
    let request = HeartbeatRequest {
        group_id: "g".to_owned(),
        generation_id: generation,
        member_id: id.to_owned(),
        ..HeartbeatRequest::default()
    };
    match world.reply(Input::Heartbeat(caller("c", 4), request)) {
        Reply::Heartbeat(answer) => Code(answer.error_code),
        other => panic!("{other:?}"),
    }
}

fn leave(world: &mut World, id: &str) -> Code {
    let request = LeaveGroupRequest {
        group_id: "g".to_owned(),
        member_id: id.to_owned(),
        ..LeaveGroupRequest::default()
    };
    match world.reply(Input::LeaveGroup(caller("c", 1), request)) {
        Reply::LeaveGroup(answer) => Code(answer.error_code),
        other => panic!("{other:?}"),
    }
}

fn state(world: &World) -> &'static str {
    world.machine.groups.classic("g").unwrap().state_name()
}

/// A stable group of these members; the leader first.
fn stable(world: &mut World, requests: Vec<JoinGroupRequest>) -> Vec<JoinGroupResponse> {
    let tickets: Vec<_> = requests
        .into_iter()
        .map(|request| ask_join(world, request))
        .collect();
    world.pass(DELAY);
    world.pass(DELAY);
    let mut answers: Vec<_> = tickets.into_iter().map(|of| joined(world, of)).collect();
    answers.sort_by_key(|of| of.member_id != of.leader);
    for answer in answers.iter().rev() {
        assert_eq!(answer.error_code, 0);
        ask_sync(world, answer);
    }
    assert_eq!(state(world), "Stable");
    world.answers.clear();
    answers
}

#[test]
fn two_members_agree_and_leave() {
    let mut world = world();
    let (first, second) = (new_id(&mut world), new_id(&mut world));
    let one = ask_join(&mut world, joining(&first));
    let two = ask_join(&mut world, joining(&second));
    assert_eq!(state(&world), "PreparingRebalance");
    world.pass(2 * DELAY);
    let (one, two) = (joined(&mut world, one), joined(&mut world, two));
    assert_eq!((one.generation_id, two.generation_id), (1, 1));
    assert_eq!((&one.leader, &two.leader), (&first, &first));
    assert_eq!((one.members.len(), two.members.len()), (2, 0));
    let (follower, entries) = ask_sync(&mut world, &two);
    assert!(entries.is_empty() && world.answer(follower).is_none());
    let (leader, entries) = ask_sync(&mut world, &one);
    assert_eq!(entries.len(), 1);
    assert_eq!(
        synced(&mut world, leader).assignment,
        format!("for {first}")
    );
    assert_eq!(
        synced(&mut world, follower).assignment,
        format!("for {second}")
    );
    assert_eq!(beat(&mut world, &first, 1), Code::NONE);
    assert_eq!(beat(&mut world, &first, 2), Code::ILLEGAL_GENERATION);
    assert_eq!(leave(&mut world, &first), Code::NONE);
    assert_eq!(beat(&mut world, &second, 1), Code::REBALANCE_IN_PROGRESS);
    assert_eq!(leave(&mut world, &second), Code::NONE);
    assert_eq!(state(&world), "Empty");
    assert_eq!(world.reload(), vec![]);
    assert_eq!(state(&world), "Empty");
}

#[test]
fn a_loaded_group_goes_on() {
    let mut world = world();
    let first = new_id(&mut world);
    let members = stable(&mut world, vec![joining(&first), fixed("", "i")]);
    world.reload();
    for member in &members {
        assert_eq!(beat(&mut world, &member.member_id, 1), Code::NONE);
    }
    // One falls silent.
    world.pass(9_000);
    assert_eq!(beat(&mut world, &first, 1), Code::NONE);
    world.pass(1_000);
    assert_eq!(beat(&mut world, &first, 1), Code::REBALANCE_IN_PROGRESS);
}
