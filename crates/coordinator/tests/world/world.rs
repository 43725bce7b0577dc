//! The world: time, a network, a log, members, and a coordinator that crashes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_config::BrokerConfig;
use ottla_coordinator::group::{
    Caller, FetchOffsets, GroupCoordinator, Input, MetadataChange, Record, Reply, Settings,
};
use ottla_machine::{Entropy, Machine, Moment, Out, Ticket, Time};
use ottla_wire::{
    Uuid,
    errors::Code,
    messages::{
        ListGroupsRequest, OffsetCommitRequest,
        list_groups_response::ListedGroup,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_fetch_request::OffsetFetchRequestGroup,
    },
};

use crate::{
    checker::Checker,
    classic::{self, Classic},
    consumer::{self, Consumer},
    member::{Connection, Member, Partition, Protocol},
    topics::{NAMES, Topics, id_of, name_of},
};

pub(crate) const GROUP: &str = "g";
pub(crate) const SESSION_MS: u64 = 6_000;
pub(crate) const REBALANCE_MS: u64 = 10_000;
pub(crate) const HEARTBEAT_MS: u64 = 1_000;
pub(crate) const REQUEST_MS: u64 = 4_000;
/// Faults and changes happen until then...
const TROUBLE_MS: u64 = 60_000;
/// ...and then everything has this long to settle.
const QUIET_MS: u64 = 60_000;
const START_MS: u64 = 1_000_000;
const MEMBERS: u64 = 5;

/// What has to have happened in a run of all seeds.
pub(crate) const WANTED: &[&str] = &[
    "a request was lost",
    "an answer was lost",
    "a request came twice",
    "an append failed",
    "the coordinator crashed",
    "a log was compacted",
    "a member died",
    "a member left",
    "a member came back",
    "a topic grew",
    "an offset was committed",
    "the fold was compared",
];

/// Who is in the group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mix {
    Classic,
    Consumer,
    Both,
}

impl Mix {
    pub(crate) fn wanted(self) -> &'static [&'static str] {
        match self {
            Self::Classic => &["a member is static"],
            Self::Consumer => &["a member is static", "a member subscribed by pattern"],
            Self::Both => &[],
        }
    }
}

/// What an answer does to a member.
pub(crate) enum Effect {
    DropAll,
    Dropped(BTreeSet<Partition>),
    Took(BTreeSet<Partition>),
    Left,
}

enum Event {
    Step(usize),
    Arrives {
        member: usize,
        connection: u64,
        input: Input,
        is_repeat: bool,
    },
    Answered {
        member: usize,
        connection: u64,
        outcome: Result<Reply, Code>,
    },
    Trouble,
    Recovered,
}

pub(crate) struct World {
    mix: Mix,
    tells: bool,
    now: u64,
    entropy: Entropy,
    of_machine: Entropy,
    settings: Arc<Settings>,
    topics: Topics,
    /// `None` while it is being loaded.
    machine: Option<GroupCoordinator>,
    log: Vec<Record>,
    events: BTreeMap<(u64, u64), Event>,
    sequence: u64,
    members: Vec<Member>,
    asked: BTreeMap<Ticket, (usize, u64)>,
    last_ticket: u64,
    checker: Checker,
    seen: BTreeMap<&'static str, u64>,
}

fn settings() -> Settings {
    let mut pairs = ottla_config::zero_configuration();
    for (key, value) in [
        ("group.initial.rebalance.delay.ms", "500"),
        ("group.consumer.min.session.timeout.ms", "6000"),
        ("group.consumer.session.timeout.ms", "6000"),
        ("group.consumer.min.heartbeat.interval.ms", "1000"),
        ("group.consumer.heartbeat.interval.ms", "1000"),
        ("group.consumer.assignment.interval.ms", "100"),
    ] {
        pairs.push((key.to_owned(), value.to_owned()));
    }
    let config = BrokerConfig::load(&[pairs], &mut |_| Ok(None))
        .unwrap()
        .config;
    Settings::of(Arc::new(config))
}

impl World {
    pub(crate) fn new(seed: u64, mix: Mix, tells: bool) -> Self {
        let mut entropy = Entropy::new(seed);
        let mut topics = Topics::default();
        topics.grow(NAMES[0], 1 + entropy.below(4) as i32);
        topics.grow(NAMES[1], 1 + entropy.below(4) as i32);
        let settings = Arc::new(settings());
        let mut world = Self {
            mix,
            tells,
            now: START_MS,
            of_machine: Entropy::new(entropy.draw()),
            machine: Some(GroupCoordinator::new(
                settings.clone(),
                topics.image.clone(),
                topics.version,
            )),
            settings,
            topics,
            log: Vec::new(),
            events: BTreeMap::new(),
            sequence: 0,
            members: Vec::new(),
            asked: BTreeMap::new(),
            last_ticket: 0,
            checker: Checker::default(),
            seen: BTreeMap::new(),
            entropy,
        };
        for number in 0..2 + world.entropy.below(MEMBERS - 1) as usize {
            let member = world.member(number);
            world.members.push(member);
            let at = world.now + world.entropy.below(3_000);
            world.at(at, Event::Step(number));
        }
        world.at(START_MS + 500, Event::Trouble);
        world
    }

    fn member(&mut self, number: usize) -> Member {
        let is_classic = match self.mix {
            Mix::Classic => true,
            Mix::Consumer => false,
            Mix::Both => self.entropy.below(2) == 0,
        };
        let instance_id = (self.entropy.below(4) == 0).then(|| format!("i{number}"));
        let by_pattern = !is_classic && self.entropy.below(4) == 0;
        let mut topics = BTreeSet::from([NAMES[self.entropy.below(2) as usize]]);
        topics.extend((self.entropy.below(2) == 0).then_some(NAMES[2]));
        if by_pattern {
            self.saw("a member subscribed by pattern");
            topics = NAMES.into();
        }
        if instance_id.is_some() {
            self.saw("a member is static");
        }
        let protocol = if is_classic {
            Protocol::Classic(Classic::new())
        } else {
            Protocol::Consumer(Consumer::new(Uuid(self.entropy.bytes16())))
        };
        Member {
            number,
            is_alive: true,
            instance_id,
            topics,
            by_pattern,
            positions: BTreeMap::new(),
            committed: BTreeMap::new(),
            connection: Connection::default(),
            protocol,
        }
    }

    fn saw(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    fn tell(&self, what: &dyn Fn() -> String) {
        if self.tells {
            println!("{:>7} {}", self.now - START_MS, what());
        }
    }

    fn at(&mut self, time: u64, event: Event) {
        self.sequence += 1;
        self.events.insert((time, self.sequence), event);
    }

    fn is_quiet(&self) -> bool {
        self.now >= START_MS + TROUBLE_MS
    }

    /// Whether a fault of this chance, in thousandths, happens now.
    fn strikes(&mut self, chance: u64) -> bool {
        !self.is_quiet() && self.entropy.below(1_000) < chance
    }

    /// Lets everything happen, and checks; what happened how often.
    pub(crate) fn run(mut self) -> BTreeMap<&'static str, u64> {
        while let Some((&(time, _), _)) = self.events.first_key_value() {
            if time > START_MS + TROUBLE_MS + QUIET_MS {
                break;
            }
            self.wake_until(time);
            self.now = time;
            let Some((_, event)) = self.events.pop_first() else {
                break;
            };
            self.happen(event);
        }
        self.settled();
        if self.checker.offsets_checked > 0 {
            self.saw("an offset was committed");
        }
        assert!(
            self.checker.assignments_checked > 0,
            "nobody ever had anything"
        );
        self.seen
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Step(member) => self.step(member),
            Event::Arrives {
                member,
                connection,
                input,
                is_repeat,
            } => {
                self.arrive(member, connection, input, is_repeat);
            }
            Event::Answered {
                member,
                connection,
                outcome,
            } => {
                self.answered(member, connection, outcome);
            }
            Event::Trouble => self.trouble(),
            Event::Recovered => self.recover(),
        }
        if self.entropy.below(500) == 0 {
            self.compare_with_fold();
        }
    }

    // The coordinator.

    fn wake_until(&mut self, time: u64) {
        loop {
            let due = self.machine.as_ref().and_then(Machine::wake_at);
            let Some(at) = due.filter(|at| at.0 <= time) else {
                return;
            };
            self.now = self.now.max(at.0);
            self.decide(|machine, moment, out| machine.wake(moment, out));
        }
    }

    fn decide(
        &mut self,
        decide: impl FnOnce(&mut GroupCoordinator, &mut Moment<'_>, &mut Out<Record, Reply>),
    ) {
        let Some(mut machine) = self.machine.take() else {
            return;
        };
        let mut out = Out::default();
        let next_offset = self.log.len() as i64;
        let mut moment = Moment {
            now: Time(self.now),
            next_offset,
            entropy: &mut self.of_machine,
        };
        decide(&mut machine, &mut moment, &mut out);
        let fails = !out.records.is_empty() && self.strikes(10);
        if fails {
            self.saw("an append failed");
            self.tell(&|| format!("append fails: {:?}", out.records));
        } else {
            for (offset, record) in (next_offset..).zip(&out.records) {
                self.tell(&|| format!("{offset:>5} {:?}", record.entry));
                machine.replay(offset, record);
            }
            self.checker.batch(&out.records);
            self.log.extend(out.records);
        }
        self.machine = Some(machine);
        for (ticket, reply) in out.replies {
            let outcome = if fails {
                Err(Code::NOT_COORDINATOR)
            } else {
                Ok(reply)
            };
            self.answer(ticket, outcome);
        }
    }

    fn answer(&mut self, ticket: Ticket, outcome: Result<Reply, Code>) {
        if ticket == Ticket::default() {
            return;
        }
        let Some((member, connection)) = self.asked.remove(&ticket) else {
            panic!("{ticket:?} was answered twice: {outcome:?}");
        };
        if self.strikes(15) {
            self.saw("an answer was lost");
            return;
        }
        let at = self.now + 1 + self.entropy.below(30);
        self.at(
            at,
            Event::Answered {
                member,
                connection,
                outcome,
            },
        );
    }

    fn crash(&mut self) {
        self.saw("the coordinator crashed");
        self.tell(&|| "the coordinator crashes".to_owned());
        self.compare_with_fold();
        if let Some(mut machine) = self.machine.take() {
            // Sometimes it moves in good order, and those who wait are told.
            if self.entropy.below(2) == 0 {
                for (ticket, reply) in machine.unload() {
                    self.answer(ticket, Ok(reply));
                }
            }
        }
        self.asked.clear();
        let back = self.now + self.entropy.below(2_000);
        self.at(back, Event::Recovered);
    }

    fn recover(&mut self) {
        if self.machine.is_some() {
            return;
        }
        if self.entropy.below(2) == 0 {
            self.saw("a log was compacted");
            self.compact();
        }
        self.machine = Some(self.fold());
        self.decide(GroupCoordinator::loaded);
    }

    /// Keeps the last record of each key, and some of the tombstones.
    fn compact(&mut self) {
        let key = |record: &Record| record.entry.encode().unwrap().unwrap().0;
        let mut last = BTreeMap::new();
        for (offset, record) in self.log.iter().enumerate() {
            last.insert(key(record), offset);
        }
        let log = std::mem::take(&mut self.log);
        for (offset, record) in log.into_iter().enumerate() {
            let is_last = last.get(&key(&record)) == Some(&offset);
            if is_last && (!record.entry.is_tombstone() || self.entropy.below(2) == 0) {
                self.log.push(record);
            }
        }
    }

    fn fold(&self) -> GroupCoordinator {
        let mut machine = GroupCoordinator::new(
            self.settings.clone(),
            self.topics.image.clone(),
            self.topics.version,
        );
        for (offset, record) in (0..).zip(&self.log) {
            machine.replay(offset, record);
        }
        machine
    }

    /// The state is a fold of the records: what a coordinator that was just loaded tells is what this one tells.
    fn compare_with_fold(&mut self) {
        let Some(mut live) = self.machine.take() else {
            return;
        };
        let mut folded = self.fold();
        // What is going on in a classic group before its next generation is written is not in the log.
        let settled = self
            .list(&mut live)
            .iter()
            .all(|group| group.group_type != "classic" || group.group_state == "Stable");
        let (ours, theirs) = (
            self.told_by(&mut live, settled),
            self.told_by(&mut folded, settled),
        );
        assert_eq!(ours, theirs, "the state is not a fold of the log");
        self.machine = Some(live);
        self.saw("the fold was compared");
    }

    fn ask(
        &self,
        machine: &mut GroupCoordinator,
        version: i16,
        ask: impl FnOnce(Caller) -> Input,
    ) -> Reply {
        let mut out = Out::default();
        let mut moment = Moment {
            now: Time(self.now),
            next_offset: 0,
            entropy: &mut Entropy::new(1),
        };
        let caller = Caller {
            version,
            ..Caller::default()
        };
        machine.handle(&mut moment, Ticket(1), ask(caller), &mut out);
        assert!(out.records.is_empty());
        out.replies.pop().expect("an answer").1
    }

    fn list(&self, machine: &mut GroupCoordinator) -> Vec<ListedGroup> {
        let list = |caller| Input::ListGroups(caller, ListGroupsRequest::default());
        match self.ask(machine, 5, list) {
            Reply::ListGroups(listed) => listed,
            other => panic!("another answer: {other:?}"),
        }
    }

    fn told_by(&self, machine: &mut GroupCoordinator, settled: bool) -> Vec<Reply> {
        let ids = || vec![GROUP.to_owned()];
        let all = FetchOffsets {
            group: OffsetFetchRequestGroup {
                group_id: GROUP.to_owned(),
                member_epoch: -1,
                topics: None,
                ..OffsetFetchRequestGroup::default()
            },
            require_stable: false,
        };
        let mut told = vec![
            self.ask(machine, 9, |caller| Input::OffsetFetch(caller, all)),
            self.ask(machine, 1, |caller| {
                Input::ConsumerGroupDescribe(caller, ids())
            }),
        ];
        if settled {
            told.push(Reply::ListGroups(self.list(machine)));
            told.push(self.ask(machine, 6, |caller| Input::DescribeGroups(caller, ids())));
        }
        told
    }

    // The network.

    fn arrive(&mut self, member: usize, connection: u64, input: Input, is_repeat: bool) {
        if self.machine.is_none() {
            let outcome = Err(Code::COORDINATOR_LOAD_IN_PROGRESS);
            if !is_repeat {
                self.at(
                    self.now + 1,
                    Event::Answered {
                        member,
                        connection,
                        outcome,
                    },
                );
            }
            return;
        }
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        // Nobody hears the answer to a repeated request.
        let heard = if is_repeat { u64::MAX } else { connection };
        self.asked.insert(ticket, (member, heard));
        self.tell(&|| format!("m{member} -> {input:?}"));
        self.decide(|machine, moment, out| machine.handle(moment, ticket, input, out));
    }

    fn send(&mut self, number: usize, input: Input, patience: u64) {
        let latency = 1 + self.entropy.below(if self.is_quiet() { 20 } else { 200 });
        let (lost, repeated) = (self.strikes(15), self.strikes(10));
        let member = &mut self.members[number];
        let connection = member.connection.number;
        let at = (self.now + latency).max(member.connection.busy_until + 1);
        member.connection.busy_until = at;
        member.connection.deadline = Some(self.now + patience);
        if lost {
            self.saw("a request was lost");
            return;
        }
        let arrives = |input, is_repeat| Event::Arrives {
            member: number,
            connection,
            input,
            is_repeat,
        };
        if repeated {
            // A client that sends again on purpose says more than the first time; this one comes again unawares.
            self.saw("a request came twice");
            self.at(at, arrives(input.clone(), false));
            self.at(at, arrives(input, true));
        } else {
            self.at(at, arrives(input, false));
        }
    }

    fn answered(&mut self, number: usize, connection: u64, outcome: Result<Reply, Code>) {
        let member = &mut self.members[number];
        if !member.is_alive || member.connection.number != connection {
            return;
        }
        member.connection.deadline = None;
        if self.tells {
            println!("{:>7} m{number} <- {outcome:?}", self.now - START_MS);
        }
        if let Ok(Reply::OffsetCommit(answer)) = outcome {
            let codes = answer.topics.iter().flat_map(|topic| &topic.partitions);
            for code in codes.map(|partition| Code(partition.error_code)) {
                assert!(
                    matches!(
                        code,
                        Code::NONE
                            | Code::ILLEGAL_GENERATION
                            | Code::UNKNOWN_MEMBER_ID
                            | Code::REBALANCE_IN_PROGRESS
                            | Code::STALE_MEMBER_EPOCH
                            | Code::FENCED_INSTANCE_ID
                            | Code::GROUP_ID_NOT_FOUND
                    ),
                    "a commit got {code:?}"
                );
            }
            return;
        }
        let effects = match &member.protocol {
            Protocol::Classic(_) => classic::answer(member, self.now, &self.topics, outcome),
            Protocol::Consumer(_) => consumer::answer(member, self.now, outcome),
        };
        self.carry_out(number, effects);
    }

    // The members.

    fn step(&mut self, number: usize) {
        let pause = 20 + self.entropy.below(150);
        self.at(self.now + pause, Event::Step(number));
        if !self.members[number].is_alive {
            return;
        }
        if let Some(deadline) = self.members[number].connection.deadline {
            if self.now >= deadline {
                self.disconnect(number);
            }
            return;
        }
        let effects = consumer::reconcile(&mut self.members[number]);
        self.carry_out(number, effects);
        self.work(number);
        if self.members[number].is_settled() && self.entropy.below(10) == 0 && self.commit(number) {
            return;
        }
        let member = &mut self.members[number];
        let next = match &member.protocol {
            Protocol::Classic(_) => classic::next(member, self.now, self.topics.version),
            Protocol::Consumer(_) => consumer::next(member, self.now),
        };
        if let Some((input, patience)) = next {
            self.send(number, input, patience);
        }
    }

    fn disconnect(&mut self, number: usize) {
        let member = &mut self.members[number];
        member.connection.number += 1;
        member.connection.deadline = None;
        match &mut member.protocol {
            Protocol::Classic(of) => of.disconnected(self.now),
            Protocol::Consumer(of) => of.disconnected(self.now),
        }
    }

    fn carry_out(&mut self, number: usize, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::DropAll => self.members[number].drop_all(),
                Effect::Dropped(partitions) => {
                    let member = &mut self.members[number];
                    for partition in partitions {
                        member.positions.remove(&partition);
                        member.committed.remove(&partition);
                    }
                }
                Effect::Took(partitions) => {
                    for partition in partitions {
                        let at = self.fetch(partition);
                        let member = &mut self.members[number];
                        member.positions.entry(partition).or_insert(at);
                        member.committed.entry(partition).or_insert(at);
                    }
                }
                Effect::Left => {
                    self.members[number].is_alive = false;
                    self.members[number].drop_all();
                }
            }
        }
    }

    /// Where a new owner begins: the committed offset. Read without a network; what matters is its order with commits.
    fn fetch(&mut self, (topic, index): Partition) -> i64 {
        let offsets = self
            .log
            .iter()
            .rev()
            .find_map(|record| match &record.entry {
                ottla_coordinator::group::Entry::OffsetCommit(key, value)
                    if key.topic == name_of(topic) && key.partition == index =>
                {
                    Some(value.as_ref().map_or(0, |value| value.offset))
                }
                _ => None,
            });
        offsets.unwrap_or(0)
    }

    fn work(&mut self, number: usize) {
        if !self.members[number].is_settled() {
            return;
        }
        let read = self.entropy.below(3) as i64;
        for position in self.members[number].positions.values_mut() {
            *position += read;
        }
    }

    /// Commits what was read since; whether there was something.
    fn commit(&mut self, number: usize) -> bool {
        let member = &mut self.members[number];
        let mut topics: BTreeMap<&'static str, Vec<OffsetCommitRequestPartition>> = BTreeMap::new();
        for (partition, position) in &member.positions {
            let committed = member.committed.entry(*partition).or_default();
            if *committed < *position {
                *committed = *position;
                topics.entry(name_of(partition.0)).or_default().push(
                    OffsetCommitRequestPartition {
                        partition_index: partition.1,
                        committed_offset: *position,
                        ..OffsetCommitRequestPartition::default()
                    },
                );
            }
        }
        if topics.is_empty() {
            return false;
        }
        let request = OffsetCommitRequest {
            group_id: GROUP.to_owned(),
            generation_id_or_member_epoch: member.generation_or_epoch(),
            member_id: member.group_member_id().to_owned(),
            group_instance_id: member.instance_id.clone(),
            topics: topics
                .into_iter()
                .map(|(name, partitions)| OffsetCommitRequestTopic {
                    name: name.to_owned(),
                    topic_id: id_of(name),
                    partitions,
                    ..OffsetCommitRequestTopic::default()
                })
                .collect(),
            ..OffsetCommitRequest::default()
        };
        let caller = Caller {
            version: 9,
            ..Caller::default()
        };
        self.send(number, Input::OffsetCommit(caller, request), REQUEST_MS);
        true
    }

    // What changes, and how it ends.

    fn trouble(&mut self) {
        if self.is_quiet() {
            for number in 0..self.members.len() {
                self.come_back(number);
            }
            return;
        }
        let next = self.now + self.entropy.below(4_000);
        self.at(next.min(START_MS + TROUBLE_MS), Event::Trouble);
        let number = self.entropy.below(self.members.len() as u64) as usize;
        match self.entropy.below(10) {
            0 | 1 => self.crash(),
            2 => {
                let name = NAMES[self.entropy.below(3) as usize];
                self.grow(name);
            }
            3 | 4 if self.members[number].is_alive => {
                self.saw("a member died");
                self.tell(&|| format!("m{number} dies"));
                self.members[number].is_alive = false;
                self.members[number].drop_all();
            }
            5 if self.members[number].is_alive => {
                self.saw("a member left");
                match &mut self.members[number].protocol {
                    Protocol::Classic(of) => of.is_leaving = true,
                    Protocol::Consumer(of) => of.is_leaving = true,
                }
            }
            6 => self.disconnect(number),
            _ => self.come_back(number),
        }
    }

    fn grow(&mut self, name: &'static str) {
        let partitions = self.topics.partitions(name) + 1;
        if partitions > 6 {
            return;
        }
        self.saw("a topic grew");
        self.tell(&|| format!("{name} has {partitions} partitions"));
        self.topics.grow(name, partitions);
        let change = MetadataChange {
            image: self.topics.image.clone(),
            version: self.topics.version,
            changed_topics: vec![name.into()],
            deleted_topics: Vec::new(),
        };
        self.decide(|machine, moment, out| {
            machine.handle(moment, Ticket::default(), Input::Metadata(change), out);
        });
    }

    /// A member that went away is started anew: its instance id is the same, its member id is not.
    fn come_back(&mut self, number: usize) {
        if self.members[number].is_alive {
            return;
        }
        self.saw("a member came back");
        let old = &mut self.members[number];
        let instance_id = old.instance_id.take();
        let (topics, by_pattern) = (old.topics.clone(), old.by_pattern);
        let connection = Connection {
            number: old.connection.number + 1,
            deadline: None,
            busy_until: old.connection.busy_until,
        };
        let mut member = self.member(number);
        if instance_id.is_some() {
            // A classic group takes a static member back without asking what it subscribes to now.
            (member.instance_id, member.topics) = (instance_id, topics);
            member.by_pattern = by_pattern && matches!(member.protocol, Protocol::Consumer(_));
        }
        member.connection = connection;
        self.tell(&|| format!("m{number} comes back"));
        self.members[number] = member;
    }

    /// After all trouble: everybody is settled, and everything that is subscribed to has one owner.
    fn settled(&mut self) {
        self.compare_with_fold();
        let mut owners: BTreeMap<Partition, usize> = BTreeMap::new();
        let mut generations = BTreeSet::new();
        let mut subscribed = BTreeSet::new();
        for member in &self.members {
            if !member.is_alive {
                continue;
            }
            assert!(member.is_settled(), "m{} is not settled", member.number);
            generations.insert(member.generation_or_epoch());
            subscribed.extend(self.topics.all(member.topics.iter().copied()));
            for partition in member.positions.keys() {
                let other = owners.insert(*partition, member.number);
                assert_eq!(other, None, "{partition:?} has two owners");
            }
        }
        assert!(
            generations.len() <= 1,
            "generations differ: {generations:?}"
        );
        let owned: BTreeSet<_> = owners.into_keys().collect();
        assert_eq!(owned, subscribed, "not everything has an owner");
    }
}
