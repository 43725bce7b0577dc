//! Members of both protocols in one group, and groups that change their type.

use bytes::{BufMut, Bytes, BytesMut};
use ottla_wire::{
    Message,
    messages::{
        HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, SyncGroupRequest,
        consumer_protocol_assignment::{ConsumerProtocolAssignment, TopicPartition as Assigned},
        consumer_protocol_subscription::{ConsumerProtocolSubscription, TopicPartition},
        join_group_request::JoinGroupRequestProtocol,
        leave_group_request::MemberIdentity,
        sync_group_request::SyncGroupRequestAssignment,
    },
};

use super::*;
use crate::{
    group::{MigrationPolicy, groups::GroupType},
    protocol::{read_assignment, write_assignment},
};

/// A classic consumer that assigns cooperatively.
#[derive(Clone, Debug, Default)]
struct Classic {
    id: String,
    instance: Option<String>,
    generation: i32,
    owned: Vec<i32>,
}

impl Classic {
    fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            ..Self::default()
        }
    }

    fn joining(&self, protocol: &str) -> JoinGroupRequest {
        let owned = (!self.owned.is_empty()).then(|| TopicPartition {
            topic: "t".to_owned(),
            partitions: self.owned.clone(),
        });
        let subscription = ConsumerProtocolSubscription {
            topics: vec!["t".to_owned()],
            owned_partitions: owned.into_iter().collect(),
            ..ConsumerProtocolSubscription::default()
        };
        let mut metadata = BytesMut::new();
        metadata.put_i16(3);
        metadata.put(subscription.encode(3).unwrap());
        JoinGroupRequest {
            group_id: GROUP.to_owned(),
            session_timeout_ms: 30_000,
            rebalance_timeout_ms: 60_000,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            protocol_type: "consumer".to_owned(),
            protocols: vec![JoinGroupRequestProtocol {
                name: protocol.to_owned(),
                metadata: metadata.freeze(),
                ..JoinGroupRequestProtocol::default()
            }],
            ..JoinGroupRequest::default()
        }
    }

    fn ask_join(&self, world: &mut World) -> JoinGroupResponse {
        let input = Input::JoinGroup(caller("test", 9), self.joining("range"));
        match world.reply(input) {
            Reply::JoinGroup(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    /// Joins a consumer group, which answers at once.
    fn join(&mut self, world: &mut World) {
        let mut answer = self.ask_join(world);
        if answer.error_code == Code::MEMBER_ID_REQUIRED.0 {
            self.id = answer.member_id;
            answer = self.ask_join(world);
        }
        assert_eq!(answer.error_code, 0);
        self.id = answer.member_id;
        self.generation = answer.generation_id;
        assert_eq!(
            (answer.leader.as_str(), answer.protocol_name.as_deref()),
            ("", Some("range"))
        );
    }

    fn ask_sync(
        &self,
        world: &mut World,
        assignments: Vec<SyncGroupRequestAssignment>,
    ) -> (Code, Bytes) {
        let request = SyncGroupRequest {
            group_id: GROUP.to_owned(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            protocol_type: Some("consumer".to_owned()),
            protocol_name: Some("range".to_owned()),
            assignments,
            ..SyncGroupRequest::default()
        };
        match world.reply(Input::SyncGroup(caller("test", 5), request)) {
            Reply::SyncGroup(answer) => (Code(answer.error_code), answer.assignment),
            other => panic!("{other:?}"),
        }
    }

    fn sync(&mut self, world: &mut World) {
        let (code, assignment) = self.ask_sync(world, Vec::new());
        assert_eq!(code, Code::NONE);
        self.take(&assignment);
    }

    fn take(&mut self, assignment: &Bytes) {
        let assignment = read_assignment(assignment).unwrap();
        let topics = assignment.assigned_partitions.iter();
        self.owned = topics.flat_map(|topic| topic.partitions.clone()).collect();
    }

    fn beat(&self, world: &mut World) -> Code {
        let request = HeartbeatRequest {
            group_id: GROUP.to_owned(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            ..HeartbeatRequest::default()
        };
        match world.reply(Input::Heartbeat(caller("test", 4), request)) {
            Reply::Heartbeat(answer) => Code(answer.error_code),
            other => panic!("{other:?}"),
        }
    }

    /// Beats, and joins and syncs again if it is told to. Says if it was.
    fn follow(&mut self, world: &mut World) -> bool {
        match self.beat(world) {
            Code::NONE => false,
            Code::REBALANCE_IN_PROGRESS => {
                self.join(world);
                self.sync(world);
                true
            }
            code => panic!("{code}"),
        }
    }

    fn leave(&self, world: &mut World) -> Code {
        let request = LeaveGroupRequest {
            group_id: GROUP.to_owned(),
            members: vec![MemberIdentity {
                member_id: self.id.clone(),
                group_instance_id: self.instance.clone(),
                ..MemberIdentity::default()
            }],
            ..LeaveGroupRequest::default()
        };
        match world.reply(Input::LeaveGroup(caller("test", 5), request)) {
            Reply::LeaveGroup(answer) => Code(answer.members[0].error_code),
            other => panic!("{other:?}"),
        }
    }
}

fn assignment(id: &str, partitions: &[i32]) -> SyncGroupRequestAssignment {
    let assignment = ConsumerProtocolAssignment {
        assigned_partitions: vec![Assigned {
            topic: "t".to_owned(),
            partitions: partitions.to_vec(),
        }],
        user_data: None,
    };
    SyncGroupRequestAssignment {
        member_id: id.to_owned(),
        assignment: write_assignment(3, &assignment).unwrap(),
        ..SyncGroupRequestAssignment::default()
    }
}

/// A stable classic group of one member that reads all four partitions.
fn classic_group(world: &mut World, instance: Option<&str>) -> Classic {
    let mut member = Classic {
        instance: instance.map(str::to_owned),
        ..Classic::default()
    };
    if instance.is_none() {
        member.id = member.ask_join(world).member_id;
    }
    let input = Input::JoinGroup(caller("test", 9), member.joining("range"));
    let (ticket, _) = world.ask(input);
    world.pass(3_000);
    let Some(Reply::JoinGroup(answer)) = world.answer(ticket) else {
        panic!("no answer");
    };
    (member.id, member.generation) = (answer.member_id, answer.generation_id);
    let all = vec![assignment(&member.id, &[0, 1, 2, 3])];
    let (code, assignment) = member.ask_sync(world, all);
    assert_eq!(code, Code::NONE);
    member.take(&assignment);
    member
}

fn group_type(world: &World) -> GroupType {
    world.machine.groups.get(GROUP).unwrap().group_type()
}

fn rest(world: &mut World, classic: &mut [Classic], clients: &mut [Client]) {
    for _ in 0..20 {
        let before = world.log.len();
        world.pass(3_000);
        let mut moved = false;
        for member in classic.iter_mut() {
            moved |= member.follow(world);
        }
        for client in clients.iter_mut() {
            client.beat(world);
        }
        let mut all: Vec<i32> = classic
            .iter()
            .flat_map(|member| member.owned.clone())
            .collect();
        all.extend(clients.iter().flat_map(|client| client.indexes("t")));
        let distinct: BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len(), "a partition has two readers");
        if world.log.len() == before && !moved {
            assert_eq!(all.len(), 4, "all are read");
            return;
        }
    }
    panic!("the group does not come to rest: {:#?}", describe(world));
}

#[test]
fn a_classic_group_becomes_a_consumer_group_and_back() {
    let mut world = world(&[("t", 4)]);
    let mut old = classic_group(&mut world, None);
    assert_eq!(old.owned, [0, 1, 2, 3]);
    let mut new = Client::new("new", &["t"]);
    let records = written(&mut world, |world| {
        new.join(world);
    });
    assert_eq!(
        records,
        [
            "no classic group",
            "member",
            "epoch",
            "target",
            "target epoch",
            "current",
            "member",
            "epoch",
            "target",
            "target",
            "target epoch",
            "current"
        ]
    );
    assert_eq!(group_type(&world), GroupType::Consumer);
    let members = describe(&mut world).members;
    let types: Vec<_> = members.iter().map(|member| member.member_type).collect();
    assert_eq!(types, if *old.id < *new.id { [0, 1] } else { [1, 0] });
    let mut both = [old.clone()];
    rest(&mut world, &mut both, std::slice::from_mut(&mut new));
    assert_eq!((both[0].owned.len(), new.indexes("t").len()), (2, 2));
    [old] = both;
    // A second classic member comes.
    let mut second = Classic::new("");
    second.join(&mut world);
    second.sync(&mut world);
    let mut both = [old, second];
    rest(&mut world, &mut both, std::slice::from_mut(&mut new));
    // The last one of the consumer protocol leaves.
    let records = written(&mut world, |world| {
        assert_eq!(beat(world, new.leaving(-1)).error_code, 0);
    });
    assert_eq!(records.last(), Some(&"classic group"));
    assert_eq!(
        records.iter().filter(|of| of.starts_with("no ")).count(),
        3 * 3 + 3
    );
    assert_eq!(group_type(&world), GroupType::Classic);
    // The classic group rebalances, and knows its members.
    for member in &mut both {
        member.generation = describe_classic(&mut world).1;
        assert_eq!(member.beat(&mut world), Code::REBALANCE_IN_PROGRESS);
    }
    assert_eq!(describe_classic(&mut world).0, "PreparingRebalance");
}

fn describe_classic(world: &mut World) -> (String, i32) {
    let input = Input::DescribeGroups(caller("admin", 5), vec![GROUP.to_owned()]);
    let Reply::DescribeGroups(mut groups) = world.reply(input) else {
        panic!("no description");
    };
    let generation = match world.machine.groups.classic(GROUP) {
        Some(group) => group.generation(),
        None => -1,
    };
    (groups.remove(0).group_state, generation)
}

#[test]
fn what_cannot_be_upgraded_stays_classic() {
    let policies = [MigrationPolicy::Disabled, MigrationPolicy::Downgrade];
    for policy in policies {
        let mut world = world_with(&[("t", 4)], |settings| settings.migration_policy = policy);
        classic_group(&mut world, None);
        let code = refused(&mut world, Client::new("new", &["t"]).joining());
        assert_eq!(code, Code::GROUP_ID_NOT_FOUND);
        assert_eq!(group_type(&world), GroupType::Classic);
    }
    let mut world = world_with(&[("t", 4)], |settings| settings.consumer_max_size = 0);
    classic_group(&mut world, None);
    assert_eq!(
        refused(&mut world, Client::new("new", &["t"]).joining()),
        Code::GROUP_ID_NOT_FOUND
    );
}

#[test]
fn a_group_that_may_not_become_classic_stays_a_consumer_group() {
    let upgrade = |settings: &mut Settings| settings.migration_policy = MigrationPolicy::Upgrade;
    let mut world = world_with(&[("t", 4)], upgrade);
    let old = classic_group(&mut world, None);
    let mut new = Client::new("new", &["t"]);
    new.join(&mut world);
    beat(&mut world, new.leaving(-1));
    assert_eq!(group_type(&world), GroupType::Consumer);
    rest(&mut world, &mut [old], &mut []);
}

#[test]
fn who_waits_in_a_classic_group_begins_anew() {
    let mut world = world(&[("t", 4)]);
    let member = classic_group(&mut world, None);
    let stranger = Classic::new("").ask_join(&mut world).member_id;
    let input = Input::JoinGroup(caller("test", 9), Classic::new(&stranger).joining("range"));
    let (ticket, _) = world.ask(input);
    assert_eq!(member.beat(&mut world), Code::REBALANCE_IN_PROGRESS);
    let mut new = Client::new("new", &["t"]);
    new.join(&mut world);
    let Some(Reply::JoinGroup(answer)) = world.answer(ticket) else {
        panic!("no answer");
    };
    assert_eq!(answer.error_code, Code::REBALANCE_IN_PROGRESS.0);
    assert_eq!(world.waiting(), 0);
    let mut second = Classic::new(&stranger);
    second.join(&mut world);
    second.sync(&mut world);
    rest(
        &mut world,
        &mut [member, second],
        std::slice::from_mut(&mut new),
    );
}

#[test]
fn a_classic_member_that_does_not_come_along_is_given_up() {
    let mut world = world(&[("t", 4)]);
    let old = classic_group(&mut world, None);
    let mut new = Client::new("new", &["t"]);
    new.join(&mut world);
    // It is told to join again, and only beats.
    for _ in 0..12 {
        assert_eq!(old.beat(&mut world), Code::REBALANCE_IN_PROGRESS);
        new.beat(&mut world);
        world.pass(5_000);
    }
    assert_eq!(old.beat(&mut world), Code::UNKNOWN_MEMBER_ID);
    settle(&mut world, std::slice::from_mut(&mut new));
    assert_eq!(new.indexes("t").len(), 4);
    // One that joins and does not ask for its assignment neither.
    let mut second = Classic::new("");
    second.join(&mut world);
    for _ in 0..13 {
        let request = HeartbeatRequest {
            group_id: GROUP.to_owned(),
            generation_id: second.generation,
            member_id: second.id.clone(),
            ..HeartbeatRequest::default()
        };
        world.reply(Input::Heartbeat(caller("test", 4), request));
        new.beat(&mut world);
        world.pass(5_000);
    }
    assert_eq!(second.beat(&mut world), Code::UNKNOWN_MEMBER_ID);
    // A silent one after its own session timeout.
    let mut third = Classic::new("");
    third.join(&mut world);
    third.sync(&mut world);
    world.pass(29_000);
    new.beat(&mut world);
    world.pass(1_000);
    assert_eq!(third.beat(&mut world), Code::UNKNOWN_MEMBER_ID);
}

#[test]
fn classic_members_are_refused_what_makes_no_sense() {
    let mut world = world(&[("t", 4)]);
    let old = classic_group(&mut world, None);
    let mut new = Client::new("new", &["t"]);
    new.join(&mut world);
    let join = |world: &mut World, request: JoinGroupRequest| match world
        .reply(Input::JoinGroup(caller("test", 9), request))
    {
        Reply::JoinGroup(answer) => Code(answer.error_code),
        other => panic!("{other:?}"),
    };
    let other = Classic::new("x");
    assert_eq!(
        join(&mut world, other.joining("sticky")),
        Code::INCONSISTENT_GROUP_PROTOCOL
    );
    let mut broken = other.joining("range");
    broken.protocols[0].metadata = Bytes::from_static(&[0]);
    assert_eq!(join(&mut world, broken), Code::INCONSISTENT_GROUP_PROTOCOL);
    let strange = Classic {
        generation: old.generation + 9,
        ..old.clone()
    };
    assert_eq!(strange.beat(&mut world), Code::ILLEGAL_GENERATION);
    assert_eq!(
        strange.ask_sync(&mut world, Vec::new()).0,
        Code::ILLEGAL_GENERATION
    );
    assert_eq!(
        old.ask_sync(&mut world, Vec::new()).0,
        Code::REBALANCE_IN_PROGRESS
    );
    let modern = Classic {
        generation: new.epoch,
        ..Classic::new("new")
    };
    assert_eq!(modern.beat(&mut world), Code::UNKNOWN_MEMBER_ID);
    assert_eq!(
        Classic::new("nobody").leave(&mut world),
        Code::UNKNOWN_MEMBER_ID
    );
    assert_eq!(old.leave(&mut world), Code::NONE);
    settle(&mut world, std::slice::from_mut(&mut new));
    let disabled = |settings: &mut Settings| settings.migration_policy = MigrationPolicy::Disabled;
    let mut world = world_with(&[("t", 4)], disabled);
    new.join(&mut world);
    assert_eq!(
        join(&mut world, other.joining("range")),
        Code::INCONSISTENT_GROUP_PROTOCOL
    );
}

#[test]
fn a_static_member_changes_its_protocol_and_keeps_its_partitions() {
    let mut world = world(&[("t", 4)]);
    let old = classic_group(&mut world, Some("one"));
    let mut new = Client {
        instance: Some("one".to_owned()),
        ..Client::new("new", &["t"])
    };
    // A classic member's place is taken at once: it does not say when it is away.
    new.join(&mut world);
    assert_eq!(new.indexes("t"), [0, 1, 2, 3]);
    assert_eq!(old.beat(&mut world), Code::FENCED_INSTANCE_ID);
    assert_eq!(describe(&mut world).members.len(), 1);
    // And back, which makes the group a classic one. It learns that it leads when it joins again, also after a restart.
    let mut back = Classic {
        instance: Some("one".to_owned()),
        ..Classic::default()
    };
    let answer = back.ask_join(&mut world);
    assert_eq!(answer.error_code, 0);
    assert_eq!(group_type(&world), GroupType::Classic);
    (back.id, back.generation) = (answer.member_id, answer.generation_id);
    world.reload();
    assert_eq!(describe_classic(&mut world).0, "PreparingRebalance");
    assert_eq!(back.beat(&mut world), Code::REBALANCE_IN_PROGRESS);
    let answer = back.ask_join(&mut world);
    assert_eq!(
        (answer.generation_id, &answer.leader),
        (back.generation + 1, &back.id)
    );
    back.generation = answer.generation_id;
    let all = vec![assignment(&back.id, &[0, 1, 2, 3])];
    let (code, assignment) = back.ask_sync(&mut world, all);
    assert_eq!(code, Code::NONE);
    back.take(&assignment);
    assert_eq!(back.owned, [0, 1, 2, 3]);
    world.reload();
    assert_eq!(back.beat(&mut world), Code::NONE);
    world.pass(30_000);
    assert_eq!(describe_classic(&mut world).0, "Empty");
}

#[test]
fn an_upgrade_that_is_not_written_did_not_happen() {
    let mut world = world(&[("t", 4)]);
    let old = classic_group(&mut world, None);
    world.append_fails = true;
    let request = Client::new("new", &["t"]).joining();
    world.ask(Input::ConsumerGroupHeartbeat(caller("test", 1), request));
    world.append_fails = false;
    assert_eq!(group_type(&world), GroupType::Classic);
    for _ in 0..5 {
        world.pass(20_000);
        assert_eq!(old.beat(&mut world), Code::NONE);
    }
    // Nor does a downgrade.
    let mut new = Client::new("new", &["t"]);
    new.join(&mut world);
    let mut both = [old];
    rest(&mut world, &mut both, std::slice::from_mut(&mut new));
    world.append_fails = true;
    world.ask(Input::ConsumerGroupHeartbeat(
        caller("test", 1),
        new.leaving(-1),
    ));
    world.append_fails = false;
    assert_eq!(group_type(&world), GroupType::Consumer);
    rest(&mut world, &mut both, std::slice::from_mut(&mut new));
}
