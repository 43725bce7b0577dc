//! Consumer groups, decision by decision.

mod classic_members;
mod offsets;
mod regular_expressions;
mod simulation;
mod static_members;
mod topics;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_metadata::Image;
use ottla_wire::{
    Uuid,
    errors::Code,
    messages::{
        ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, MetadataRecord,
        PartitionRecord, TopicRecord, consumer_group_describe_response::DescribedGroup,
        consumer_group_heartbeat_request::TopicPartitions,
    },
};

use super::super::{
    Entry, Input, MetadataChange, Reply, Settings,
    testing::{World, caller, settings},
};

pub(super) const GROUP: &str = "readers";
pub(super) const SESSION_MS: u64 = 45_000;

pub(super) fn topic_id(name: &str) -> Uuid {
    let sum = name
        .bytes()
        .fold(7, |sum: u128, byte| sum * 257 + u128::from(byte));
    Uuid::from_u128(sum << 32)
}

/// Adds a topic, or partitions to it.
pub(super) fn add_topic(image: &mut Image, name: &str, partitions: i32) {
    let topic_id = topic_id(name);
    if image.topic(name).is_none() {
        let record = TopicRecord {
            name: name.to_owned(),
            topic_id,
            ..TopicRecord::default()
        };
        image.apply(&MetadataRecord::Topic(record)).unwrap();
    }
    for partition_id in 0..partitions {
        let record = PartitionRecord {
            partition_id,
            topic_id,
            replicas: vec![1],
            isr: vec![1],
            leader: 1,
            directories: vec![Uuid::from_u128(1 << 100)],
            ..PartitionRecord::default()
        };
        image.apply(&MetadataRecord::Partition(record)).unwrap();
    }
}

pub(super) fn image(topics: &[(&str, i32)]) -> Image {
    let mut image = Image::default();
    for (name, partitions) in topics {
        add_topic(&mut image, name, *partitions);
    }
    image
}

/// A coordinator that computes a new target whenever it can.
pub(super) fn world(topics: &[(&str, i32)]) -> World {
    world_with(topics, |_| {})
}

pub(super) fn world_with(topics: &[(&str, i32)], change: impl FnOnce(&mut Settings)) -> World {
    let mut settings = settings();
    change(&mut settings);
    World::with(settings, image(topics))
}

/// A member as a client has it.
#[derive(Clone, Debug, Default)]
pub(super) struct Client {
    pub(super) id: String,
    pub(super) epoch: i32,
    pub(super) instance: Option<String>,
    pub(super) topics: Vec<String>,
    pub(super) regex: Option<String>,
    pub(super) assignor: Option<String>,
    /// What it reads.
    pub(super) owned: BTreeMap<Uuid, BTreeSet<i32>>,
    /// What it was told to read.
    pub(super) told: BTreeMap<Uuid, BTreeSet<i32>>,
}

impl Client {
    pub(super) fn new(id: &str, topics: &[&str]) -> Self {
        Self {
            id: id.to_owned(),
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            ..Self::default()
        }
    }

    pub(super) fn joining(&self) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest {
            group_id: GROUP.to_owned(),
            member_id: self.id.clone(),
            member_epoch: 0,
            instance_id: self.instance.clone(),
            rebalance_timeout_ms: 60_000,
            subscribed_topic_names: Some(self.topics.clone()),
            subscribed_topic_regex: self.regex.clone(),
            server_assignor: self.assignor.clone(),
            topic_partitions: Some(Vec::new()),
            ..ConsumerGroupHeartbeatRequest::default()
        }
    }

    /// A heartbeat that says nothing but what the client owns, if that is new.
    pub(super) fn beating(&self) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest {
            group_id: GROUP.to_owned(),
            member_id: self.id.clone(),
            member_epoch: self.epoch,
            instance_id: self.instance.clone(),
            topic_partitions: Some(self.owned_topics()),
            ..ConsumerGroupHeartbeatRequest::default()
        }
    }

    pub(super) fn leaving(&self, epoch: i32) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest {
            group_id: GROUP.to_owned(),
            member_id: self.id.clone(),
            member_epoch: epoch,
            instance_id: self.instance.clone(),
            ..ConsumerGroupHeartbeatRequest::default()
        }
    }

    fn owned_topics(&self) -> Vec<TopicPartitions> {
        let topics = self.owned.iter().map(|(topic, indexes)| TopicPartitions {
            topic_id: *topic,
            partitions: indexes.iter().copied().collect(),
            ..TopicPartitions::default()
        });
        topics.collect()
    }

    pub(super) fn join(&mut self, world: &mut World) -> ConsumerGroupHeartbeatResponse {
        self.owned.clear();
        self.take(beat(world, self.joining()))
    }

    pub(super) fn beat(&mut self, world: &mut World) -> ConsumerGroupHeartbeatResponse {
        self.take(beat(world, self.beating()))
    }

    /// Does what it is told, as a consumer does: gives up at once, and reads what is new.
    fn take(&mut self, answer: ConsumerGroupHeartbeatResponse) -> ConsumerGroupHeartbeatResponse {
        assert_eq!(answer.error_code, 0, "{:?}", answer.error_message);
        self.id = answer.member_id.clone().unwrap();
        self.epoch = answer.member_epoch;
        if let Some(assignment) = &answer.assignment {
            let topics = assignment.topic_partitions.iter();
            self.told = topics
                .map(|topic| (topic.topic_id, topic.partitions.iter().copied().collect()))
                .collect();
            self.owned = self.told.clone();
        }
        answer
    }

    pub(super) fn indexes(&self, topic: &str) -> Vec<i32> {
        let of = self.owned.get(&topic_id(topic));
        of.into_iter().flatten().copied().collect()
    }
}

/// A member without an id is one of version 0, which gets one from the coordinator.
pub(super) fn beat(
    world: &mut World,
    request: ConsumerGroupHeartbeatRequest,
) -> ConsumerGroupHeartbeatResponse {
    let version = i16::from(!request.member_id.is_empty());
    let input = Input::ConsumerGroupHeartbeat(caller("test", version), request);
    match world.reply(input) {
        Reply::ConsumerGroupHeartbeat(answer) => answer,
        other => panic!("{other:?}"),
    }
}

/// The code that a request is refused with, and that it wrote nothing.
pub(super) fn refused(world: &mut World, request: ConsumerGroupHeartbeatRequest) -> Code {
    let before = world.log.len();
    let answer = beat(world, request);
    assert_eq!(world.log.len(), before, "a refusal writes nothing");
    assert!(answer.error_message.is_some_and(|text| !text.is_empty()));
    Code(answer.error_code)
}

pub(super) fn describe(world: &mut World) -> DescribedGroup {
    let input = Input::ConsumerGroupDescribe(caller("admin", 1), vec![GROUP.to_owned()]);
    match world.reply(input) {
        Reply::ConsumerGroupDescribe(mut groups) => groups.remove(0),
        other => panic!("{other:?}"),
    }
}

pub(super) fn state(world: &mut World) -> String {
    describe(world).group_state
}

/// The metadata changes.
pub(super) fn change_topics(world: &mut World, change: impl FnOnce(&mut Image), changed: &[&str]) {
    let mut image = (*world.image).clone();
    change(&mut image);
    world.image = Arc::new(image);
    let change = MetadataChange {
        image: world.image.clone(),
        version: world.log.len() as i64 + 100,
        changed_topics: changed.iter().map(|name| Arc::from(*name)).collect(),
        deleted_topics: Vec::new(),
    };
    world.tell(Input::Metadata(change));
}

/// Everybody sends heartbeats, until nothing changes any more. No partition ever has two readers.
pub(super) fn settle(world: &mut World, clients: &mut [Client]) {
    for _ in 0..20 {
        let before = world.log.len();
        world.pass(5_000);
        for at in 0..clients.len() {
            clients[at].beat(world);
            check_owners(clients);
        }
        if world.log.len() == before {
            return;
        }
    }
    panic!("the group does not come to rest: {:#?}", describe(world));
}

pub(super) fn check_owners(clients: &[Client]) {
    let mut readers = BTreeMap::new();
    for client in clients {
        for (topic, indexes) in &client.owned {
            for index in indexes {
                let other = readers.insert((*topic, *index), &client.id);
                assert!(
                    other.is_none(),
                    "{index} is read by {other:?} and {}",
                    client.id
                );
            }
        }
    }
}

fn types(entries: &[Entry]) -> Vec<&'static str> {
    let name = |entry: &Entry| match entry {
        Entry::ConsumerGroupMetadata(_, Some(_)) => "epoch",
        Entry::ConsumerGroupMemberMetadata(_, Some(_)) => "member",
        Entry::ConsumerGroupTargetAssignmentMetadata(_, Some(_)) => "target epoch",
        Entry::ConsumerGroupTargetAssignmentMember(_, Some(_)) => "target",
        Entry::ConsumerGroupCurrentMemberAssignment(_, Some(_)) => "current",
        Entry::ConsumerGroupRegularExpression(_, Some(_)) => "regex",
        Entry::ConsumerGroupMetadata(_, None) => "no epoch",
        Entry::ConsumerGroupPartitionMetadata(_, None) => "no partition metadata",
        Entry::ConsumerGroupMemberMetadata(_, None) => "no member",
        Entry::ConsumerGroupTargetAssignmentMetadata(_, None) => "no target epoch",
        Entry::ConsumerGroupTargetAssignmentMember(_, None) => "no target",
        Entry::ConsumerGroupCurrentMemberAssignment(_, None) => "no current",
        Entry::ConsumerGroupRegularExpression(_, None) => "no regex",
        Entry::GroupMetadata(_, None) => "no classic group",
        Entry::GroupMetadata(_, Some(_)) => "classic group",
        other => panic!("{other:?}"),
    };
    entries.iter().map(name).collect()
}

/// The kinds of the records that `ask` writes.
pub(super) fn written(world: &mut World, ask: impl FnOnce(&mut World)) -> Vec<&'static str> {
    let before = world.log.len();
    ask(world);
    let entries: Vec<_> = world.log[before..]
        .iter()
        .map(|of| of.entry.clone())
        .collect();
    types(&entries)
}

#[test]
fn the_first_member_gets_everything_at_once() {
    let mut world = world(&[("t", 3)]);
    let mut client = Client::new("", &["t"]);
    let records = written(&mut world, |world| {
        client.join(world);
    });
    assert_eq!(
        records,
        ["member", "epoch", "target", "target epoch", "current"]
    );
    assert_eq!((client.epoch, client.indexes("t")), (2, vec![0, 1, 2]));
    assert!(Uuid::parse(&client.id).is_some(), "{}", client.id);
    let group = describe(&mut world);
    assert_eq!(
        (group.group_state.as_str(), group.group_epoch),
        ("Stable", 2)
    );
    assert_eq!(
        (group.assignment_epoch, group.assignor_name.as_str()),
        (2, "uniform")
    );
    let member = &group.members[0];
    assert_eq!((member.member_type, member.member_epoch), (1, 2));
    assert_eq!(member.assignment, member.target_assignment);
    assert_eq!(member.assignment.topic_partitions[0].topic_name, "t");
    let idle = written(&mut world, |world| {
        assert_eq!(client.beat(world).assignment, None);
    });
    assert!(idle.is_empty());
}

#[test]
fn partitions_move_only_after_they_were_given_up() {
    let mut world = world(&[("t", 4)]);
    let (mut a, mut b) = (Client::new("a", &["t"]), Client::new("b", &["t"]));
    a.join(&mut world);
    world.pass(5_000);
    b.join(&mut world);
    assert_eq!((b.epoch, b.indexes("t")), (3, vec![]));
    assert_eq!(state(&mut world), "Reconciling");
    // It is told to give up two, and stays at its epoch until it did.
    let before = a.clone();
    let answer = beat(&mut world, a.beating());
    assert_eq!(
        (answer.member_epoch, answer.assignment.is_some()),
        (2, true)
    );
    assert_eq!(beat(&mut world, before.beating()).assignment, None);
    b.beat(&mut world);
    assert_eq!(b.indexes("t"), []);
    a.take(answer);
    assert_eq!(a.beat(&mut world).member_epoch, 3);
    b.beat(&mut world);
    assert_eq!((a.indexes("t").len(), b.indexes("t").len()), (2, 2));
    assert_eq!(state(&mut world), "Stable");
}

#[test]
fn a_member_that_does_not_give_up_is_given_up() {
    let mut world = world(&[("t", 4)]);
    let (mut a, mut b) = (Client::new("a", &["t"]), Client::new("b", &["t"]));
    a.join(&mut world);
    world.pass(5_000);
    b.join(&mut world);
    for _ in 0..13 {
        beat(
            &mut world,
            ConsumerGroupHeartbeatRequest {
                topic_partitions: None,
                ..a.beating()
            },
        );
        b.beat(&mut world);
        world.pass(5_000);
    }
    assert_eq!(refused(&mut world, a.beating()), Code::UNKNOWN_MEMBER_ID);
    settle(&mut world, std::slice::from_mut(&mut b));
    assert_eq!(b.indexes("t"), [0, 1, 2, 3]);
}

#[test]
fn a_silent_member_is_given_up_and_an_empty_group_stays() {
    let mut world = world(&[("t", 2)]);
    let (mut a, mut b) = (Client::new("a", &["t"]), Client::new("b", &["t"]));
    a.join(&mut world);
    world.pass(5_000);
    b.join(&mut world);
    let mut both = [a, b];
    settle(&mut world, &mut both);
    let [mut a, _] = both;
    for _ in 0..5 {
        world.pass(SESSION_MS / 4);
        a.beat(&mut world);
    }
    let group = describe(&mut world);
    assert_eq!(
        (group.members.len(), group.members[0].member_id.as_str()),
        (1, "a")
    );
    settle(&mut world, std::slice::from_mut(&mut a));
    assert_eq!(a.indexes("t"), [0, 1]);
    let entries = world.pass(SESSION_MS);
    assert_eq!(
        types(&entries),
        [
            "no current",
            "no target",
            "no member",
            "epoch",
            "target epoch"
        ]
    );
    assert_eq!(state(&mut world), "Empty");
}

#[test]
fn who_leaves_is_gone_at_once() {
    let mut world = world(&[("t", 2)]);
    let mut a = Client::new("a", &["t"]);
    a.join(&mut world);
    let answer = beat(&mut world, a.leaving(-1));
    assert_eq!((answer.error_code, answer.member_epoch), (0, -1));
    assert_eq!(refused(&mut world, a.beating()), Code::UNKNOWN_MEMBER_ID);
    assert_eq!(refused(&mut world, a.leaving(-1)), Code::UNKNOWN_MEMBER_ID);
    world.pass(2 * SESSION_MS);
    assert_eq!(state(&mut world), "Empty");
    // The id may come back, also at once.
    a.join(&mut world);
    assert_eq!(a.indexes("t"), [0, 1]);
    world.pass(SESSION_MS / 2);
    assert_eq!(state(&mut world), "Stable");
}

#[test]
fn a_member_at_another_epoch_is_fenced() {
    let mut world = world(&[("t", 4)]);
    let (mut a, mut b) = (Client::new("a", &["t"]), Client::new("b", &["t"]));
    a.join(&mut world);
    let behind = a.clone();
    let at = |epoch| {
        Client {
            epoch,
            ..behind.clone()
        }
        .beating()
    };
    assert_eq!(refused(&mut world, at(3)), Code::FENCED_MEMBER_EPOCH);
    assert_eq!(refused(&mut world, at(1)), Code::FENCED_MEMBER_EPOCH);
    world.pass(5_000);
    b.join(&mut world);
    a.beat(&mut world);
    a.beat(&mut world);
    assert_eq!(a.epoch, 3);
    // An answer behind: it may repeat itself if it has no more than it should.
    let repeated = Client {
        epoch: 2,
        ..a.clone()
    }
    .beating();
    assert_eq!(beat(&mut world, repeated).member_epoch, 3);
    assert_eq!(
        refused(&mut world, behind.beating()),
        Code::FENCED_MEMBER_EPOCH
    );
    // Whoever has lost its place begins anew, under the same id.
    a.join(&mut world);
    settle(&mut world, &mut [a, b]);
}

#[test]
fn a_request_that_makes_no_sense_is_refused() {
    let mut world = world(&[("t", 1)]);
    let ok = Client::new("a", &["t"]).joining();
    let mut refuse = |change: &dyn Fn(&mut ConsumerGroupHeartbeatRequest)| {
        let mut request = ok.clone();
        change(&mut request);
        refused(&mut world, request)
    };
    let invalid: [&dyn Fn(&mut ConsumerGroupHeartbeatRequest); 10] = [
        &|it| it.member_id = " ".to_owned(),
        &|it| it.group_id = " ".to_owned(),
        &|it| it.instance_id = Some(String::new()),
        &|it| it.rack_id = Some(" ".to_owned()),
        &|it| it.rebalance_timeout_ms = -1,
        &|it| it.topic_partitions = None,
        &|it| it.topic_partitions = Some(vec![TopicPartitions::default()]),
        &|it| it.subscribed_topic_names = None,
        &|it| it.member_epoch = -2,
        &|it| it.member_epoch = -3,
    ];
    for (at, change) in invalid.into_iter().enumerate() {
        assert_eq!(refuse(change), Code::INVALID_REQUEST, "{at}");
    }
    let assignor =
        |it: &mut ConsumerGroupHeartbeatRequest| it.server_assignor = Some("best".to_owned());
    assert_eq!(refuse(&assignor), Code::UNSUPPORTED_ASSIGNOR);
    assert_eq!(refuse(&|it| it.member_epoch = 1), Code::GROUP_ID_NOT_FOUND);
    assert_eq!(refuse(&|it| it.member_epoch = -1), Code::GROUP_ID_NOT_FOUND);
}

#[test]
fn a_group_has_a_maximal_size() {
    let mut world = world_with(&[("t", 1)], |settings| settings.consumer_max_size = 2);
    let mut clients = [Client::new("a", &["t"]), Client::new("b", &["t"])];
    for client in &mut clients {
        client.join(&mut world);
    }
    let third = Client::new("c", &["t"]);
    assert_eq!(
        refused(&mut world, third.joining()),
        Code::GROUP_MAX_SIZE_REACHED
    );
    clients[0].join(&mut world);
    beat(&mut world, clients[1].leaving(-1));
    assert_eq!(beat(&mut world, third.joining()).error_code, 0);
}
