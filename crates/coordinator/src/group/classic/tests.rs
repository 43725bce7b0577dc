//! Classic groups, as members see them.

use bytes::Bytes;
use ottla_machine::{Machine, Ticket};
use ottla_wire::{
    Message,
    errors::Code,
    messages::{
        ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, GroupMetadataKey,
        GroupMetadataValue, HeartbeatRequest, JoinGroupRequest, JoinGroupResponse,
        LeaveGroupRequest, SyncGroupRequest, SyncGroupResponse,
        group_metadata_value::MemberMetadata, join_group_request::JoinGroupRequestProtocol,
        sync_group_request::SyncGroupRequestAssignment,
    },
};

use super::{ClassicGroup, Member, member::protocols};
use crate::group::{
    Entry, Input, Record, Reply, Settings, Turn,
    groups::ExpiryBase,
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

/// A group that another one turns into: its members join again.
fn converted(world: &mut World) -> Vec<Entry> {
    world.decide(|machine, moment, out| {
        let mut turn = Turn::new(moment, out);
        let members = ["a", "b"].map(|id| {
            let mut member = Member::new(id.into(), None);
            member.session_timeout_ms = 10_000;
            member.rebalance_timeout_ms = 20_000;
            member.protocols = protocols(&joining("").protocols);
            member
        });
        let mut group = ClassicGroup::of_members(turn.now_ms(), 7, members).unwrap();
        group.set_assignment("a", Bytes::from_static(b"A"));
        group.set_assignment("b", Bytes::from_static(b"B"));
        machine.convert_to_classic(&mut turn, "g", group);
    })
}

#[test]
fn another_groups_members_can_become_a_classic_group() {
    let mut world = world();
    assert_eq!(converted(&mut world).len(), 1);
    assert_eq!(state(&world), "PreparingRebalance");
    // Also if the coordinator was loaded anew meanwhile.
    world.reload();
    assert_eq!(state(&world), "PreparingRebalance");
    assert_eq!(beat(&mut world, "a", 7), Code::REBALANCE_IN_PROGRESS);
    let a = ask_join(&mut world, joining("a"));
    let b = ask_join(&mut world, joining("b"));
    assert_eq!(joined(&mut world, a).generation_id, 8);
    assert_eq!(joined(&mut world, b).generation_id, 8);
    assert!(ClassicGroup::of_members(0, 7, []).is_none());
}

#[test]
fn a_group_that_cannot_be_founded_leaves_nothing() {
    let mut world = world();
    world.append_fails = true;
    // The one with an instance id waits for the rebalance; the other is answered at once.
    let fixed = ask_join(&mut world, fixed("", "i"));
    assert!(world.machine.groups.get("g").is_none());
    world.pass(1);
    let answer = joined(&mut world, fixed);
    assert_eq!(answer.error_code, Code::COORDINATOR_NOT_AVAILABLE.0);
    let new = ask_join(&mut world, joining(""));
    assert!(world.failed.contains(&new));
    // Asked at once, before it was woken.
    let again = ask_join(&mut world, self::fixed("", "i"));
    let last = ask_join(&mut world, self::fixed("", "i"));
    assert!(world.failed.contains(&again), "with the decision after it");
    world.pass(60_000);
    let answer = joined(&mut world, last);
    assert_eq!(answer.error_code, Code::COORDINATOR_NOT_AVAILABLE.0);
    assert_eq!(
        (world.waiting(), world.machine.wake_at()),
        (0, world.machine.wake_at())
    );
    assert!(world.machine.groups.get("g").is_none());
    world.append_fails = false;
    stable(&mut world, vec![self::fixed("", "i")]);
}

#[test]
fn an_assignment_that_cannot_be_written_is_asked_for_again() {
    let mut world = world();
    let ids = [new_id(&mut world), new_id(&mut world)];
    let tickets = ids.clone().map(|id| ask_join(&mut world, joining(&id)));
    world.pass(2 * DELAY);
    let answers = tickets.map(|of| joined(&mut world, of));
    world.append_fails = true;
    let (follower, _) = ask_sync(&mut world, &answers[1]);
    let (leader, _) = ask_sync(&mut world, &answers[0]);
    assert!(world.failed.contains(&follower) && world.failed.contains(&leader));
    assert_eq!(state(&world), "CompletingRebalance");
    // They join again with what they had, and are in the same generation.
    for id in &ids {
        let ticket = ask_join(&mut world, joining(id));
        let answer = joined(&mut world, ticket);
        assert_eq!((answer.error_code, answer.generation_id), (0, 1));
    }
    world.append_fails = false;
    let (leader, _) = ask_sync(&mut world, &answers[0]);
    let (follower, _) = ask_sync(&mut world, &answers[1]);
    assert_eq!(
        synced(&mut world, leader).assignment,
        format!("for {}", ids[0])
    );
    assert_eq!(
        synced(&mut world, follower).assignment,
        format!("for {}", ids[1])
    );
}

#[test]
fn an_empty_generation_is_written_once_it_can_be() {
    let mut world = world();
    let members = stable(&mut world, vec![fixed("", "i")]);
    world.append_fails = true;
    let request = LeaveGroupRequest {
        group_id: "g".to_owned(),
        member_id: members[0].member_id.clone(),
        ..LeaveGroupRequest::default()
    };
    let (left, _) = world.ask(Input::LeaveGroup(caller("c", 1), request));
    assert!(world.failed.contains(&left));
    world.pass(10_000);
    assert_eq!(state(&world), "PreparingRebalance");
    world.append_fails = false;
    let entries = world.pass(1_000);
    assert_eq!((entries.len(), state(&world)), (1, "Empty"));
    assert_eq!(world.pass(60_000), vec![], "nothing is left to do");

    // Who joins meanwhile is in the next generation.
    let mut world = self::world();
    let members = stable(&mut world, vec![fixed("", "i")]);
    world.append_fails = true;
    leave_failing(&mut world, &members[0].member_id);
    let back = ask_join(&mut world, fixed("", "i"));
    assert_eq!(joined(&mut world, back).generation_id, 2);
}

fn leave_failing(world: &mut World, id: &str) {
    let request = LeaveGroupRequest {
        group_id: "g".to_owned(),
        member_id: id.to_owned(),
        ..LeaveGroupRequest::default()
    };
    let (ticket, _) = world.ask(Input::LeaveGroup(caller("c", 1), request));
    assert!(world.failed.contains(&ticket));
}

#[test]
fn a_static_member_keeps_its_id_if_the_new_one_cannot_be_written() {
    let mut world = world();
    let before = stable(&mut world, vec![fixed("", "i")]).remove(0);
    world.append_fails = true;
    let ticket = ask_join(&mut world, fixed("", "i"));
    assert!(world.failed.contains(&ticket));
    assert_eq!(beat(&mut world, &before.member_id, 1), Code::NONE);
    world.append_fails = false;
    let ticket = ask_join(&mut world, fixed("", "i"));
    let after = joined(&mut world, ticket);
    assert_eq!((after.error_code, after.generation_id), (0, 1));
    assert!(after.skip_assignment && after.leader == after.member_id);
    assert_eq!(
        beat(&mut world, &before.member_id, 1),
        Code::UNKNOWN_MEMBER_ID
    );
    assert_eq!(beat(&mut world, &after.member_id, 1), Code::NONE);
}

#[test]
fn ids_that_nobody_uses_are_bounded() {
    let mut world = world();
    for _ in 0..100 {
        new_id(&mut world);
    }
    let last = new_id(&mut world);
    let first = new_id(&mut world);
    let decide = |world: &mut World| {
        // Without the check of the log after each.
        let mut out = ottla_machine::Out::default();
        for _ in 0..20_000 {
            let mut moment = ottla_machine::Moment {
                now: world.now,
                next_offset: world.log.len() as i64,
                entropy: &mut world.entropy,
            };
            let input = Input::JoinGroup(caller("c", 9), joining(""));
            world
                .machine
                .handle(&mut moment, Ticket(u64::MAX), input, &mut out);
            out.replies.clear();
        }
        assert!(out.records.is_empty());
    };
    decide(&mut world);
    let group = world.machine.groups.classic("g").unwrap();
    assert_eq!(group.pending.len(), super::pending::MAX_PENDING);
    assert!(!group.pending.contains(&last) && !group.pending.contains(&first));
    // All of them end with their sessions, and so do their timers.
    world.pass(10_000);
    let group = world.machine.groups.classic("g").unwrap();
    assert!(group.pending.is_empty());
    assert_eq!(world.pass(60_000), vec![]);
}

/// A member joins a consumer group, or leaves it.
fn consumer_beat(world: &mut World, id: &str, epoch: i32) -> ConsumerGroupHeartbeatResponse {
    let joins = epoch == 0;
    let request = ConsumerGroupHeartbeatRequest {
        group_id: "g".to_owned(),
        member_id: id.to_owned(),
        member_epoch: epoch,
        rebalance_timeout_ms: if joins { 10_000 } else { -1 },
        subscribed_topic_names: joins.then(|| vec!["t".to_owned()]),
        topic_partitions: joins.then(Vec::new),
        ..ConsumerGroupHeartbeatRequest::default()
    };
    match world.reply(Input::ConsumerGroupHeartbeat(caller("c", 1), request)) {
        Reply::ConsumerGroupHeartbeat(answer) => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_empty_group_takes_the_type_of_who_joins() {
    let mut world = world();
    assert_eq!(consumer_beat(&mut world, "m", 0).error_code, 0);
    assert_eq!(consumer_beat(&mut world, "m", -1).error_code, 0);
    // Not written: it stays what it was, and nobody is forgotten.
    world.append_fails = true;
    let ticket = ask_join(&mut world, fixed("", "i"));
    assert!(world.machine.groups.consumer("g").is_some());
    world.pass(1);
    let refusal = joined(&mut world, ticket);
    assert_eq!(refusal.error_code, Code::COORDINATOR_NOT_AVAILABLE.0);
    world.append_fails = false;
    let member = stable(&mut world, vec![fixed("", "i")]).remove(0);
    assert!(world.machine.groups.consumer("g").is_none());
    world.reload();
    assert_eq!(state(&world), "Stable");
    // And back.
    assert_eq!(leave(&mut world, &member.member_id), Code::NONE);
    assert_eq!(consumer_beat(&mut world, "m", 0).error_code, 0);
    assert!(world.machine.groups.classic("g").is_none());
    world.reload();
    assert!(world.machine.groups.consumer("g").is_some());
}

#[test]
fn records_of_all_versions_are_groups() {
    let member = |id: &str| MemberMetadata {
        member_id: id.to_owned(),
        client_id: "c".to_owned(),
        session_timeout: 7_000,
        subscription: joining("").protocols[0].metadata.clone(),
        assignment: Bytes::from_static(b"A"),
        ..MemberMetadata::default()
    };
    let value = GroupMetadataValue {
        protocol_type: "consumer".to_owned(),
        generation: 4,
        protocol: Some("range".to_owned()),
        leader: Some("b".to_owned()),
        members: vec![member("b"), member("a")],
        ..GroupMetadataValue::default()
    };
    for version in 0..=4 {
        let mut world = world();
        let group = "g".to_owned();
        let bytes = value.encode(version).unwrap();
        let value = GroupMetadataValue::decode(bytes, version).unwrap();
        world.append(vec![Record {
            producer: None,
            entry: Entry::GroupMetadata(GroupMetadataKey { group }, Some(value)),
        }]);
        world.reload();
        let group = world.machine.groups.classic("g").unwrap();
        assert_eq!((group.state_name(), group.generation()), ("Stable", 4));
        assert!(group.is_leader("b"));
        assert!(group.is_subscribed_to("t") && !group.is_subscribed_to("u"));
        assert_eq!(group.member("a").unwrap().rebalance_timeout_ms, 7_000);
        assert_eq!(beat(&mut world, "a", 4), Code::NONE);
        world.pass(7_000);
        assert_eq!(state(&world), "Empty");
    }
}

#[test]
fn offsets_of_a_group_expire_by_its_state() {
    let mut world = world();
    let base = |world: &World| world.machine.groups.get("g").unwrap().expiry_base();
    assert_eq!(
        ClassicGroup::simple(5).expiry_base(),
        Some(ExpiryBase::Commit)
    );
    let id = new_id(&mut world);
    assert_eq!(
        base(&world),
        Some(ExpiryBase::Commit),
        "nobody has joined yet"
    );
    let ticket = ask_join(&mut world, joining(&id));
    assert_eq!(base(&world), None);
    world.pass(DELAY);
    let member = joined(&mut world, ticket);
    assert_eq!(base(&world), None);
    ask_sync(&mut world, &member);
    assert_eq!(base(&world), Some(ExpiryBase::Commit));
    leave(&mut world, &id);
    assert_eq!(base(&world), Some(ExpiryBase::EmptySince(world.now_ms())));
}
