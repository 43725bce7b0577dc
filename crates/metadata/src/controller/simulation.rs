//! Random days of a controller, from a seed: whatever is asked in whatever order, its state is the fold of its log, can
//! be taken back and snapshotted, and no partition is ever in an impossible state.

use std::collections::BTreeSet;

use ottla_machine::{Entropy, Machine, Moment, Out, Revert, Ticket};
use ottla_wire::messages::{
    AlterPartitionReassignmentsRequest, AlterPartitionRequest, CreatePartitionsRequest,
    DeleteTopicsRequest, ElectLeadersRequest, IncrementalAlterConfigsRequest, MetadataRecord,
    UnregisterBrokerRequest,
    alter_partition_reassignments_request::{ReassignablePartition, ReassignableTopic},
    alter_partition_request::{BrokerState, PartitionData, TopicData},
    create_partitions_request::CreatePartitionsTopic,
    create_topics_request::CreatableTopicConfig,
    incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
};

use super::{
    Input, Settings,
    testing::{World, asked, registration, settings, topic},
};
use crate::{
    Image, MetadataVersion, Record,
    delta::Delta,
    image::{LeaderRecoveryState, ResourceType, directory},
    loader::{Batch, Change, Loader},
};

const BROKERS: i32 = 5;
const TOPICS: u64 = 6;

struct Day {
    world: World,
    random: Entropy,
    incarnations: u8,
}

impl Day {
    fn new(seed: u64, settings: Settings) -> Self {
        let mut world = World::inactive(settings);
        world.entropy = Entropy::new(seed);
        world.ask(Input::Activate { epoch: 1 });
        Self {
            world,
            random: Entropy::new(seed ^ 0xD1CE),
            incarnations: 0,
        }
    }

    fn below(&mut self, n: u64) -> u64 {
        self.random.below(n)
    }

    fn broker(&mut self) -> i32 {
        1 + self.below(BROKERS as u64) as i32
    }

    fn topic_name(&mut self) -> String {
        format!("t{}", self.below(TOPICS))
    }

    fn some_brokers(&mut self) -> Vec<i32> {
        let count = 1 + self.below(3) as usize;
        let ids: BTreeSet<i32> = (0..count).map(|_| self.broker()).collect();
        let mut ids: Vec<i32> = ids.into_iter().collect();
        if self.below(2) == 0 {
            ids.reverse();
        }
        ids
    }

    /// Something happens to a broker.
    fn broker_event(&mut self) {
        let id = self.broker();
        match self.below(8) {
            0 => {
                self.incarnations += 1;
                let mut request = registration(id, self.incarnations);
                if self.below(2) == 0 {
                    let broker = self.world.image().broker(id);
                    request.previous_broker_epoch = broker.map_or(-1, |broker| broker.epoch);
                }
                self.world.register(request);
            }
            1 => {
                self.world.beat_with(id, |of| of.want_fence = true);
            }
            2 => {
                self.world.beat_with(id, |of| of.want_shut_down = true);
            }
            3 if self.below(6) == 0 => {
                let request = UnregisterBrokerRequest {
                    broker_id: id,
                    ..UnregisterBrokerRequest::default()
                };
                self.world.ask(Input::UnregisterBroker(asked(request, 0)));
            }
            4 => {
                let ms = self.below(12_000);
                self.world.pass(ms);
            }
            _ => {
                self.world.beat(id);
            }
        }
    }

    /// Something is asked of a topic.
    fn topic_event(&mut self) -> Input {
        let name = self.topic_name();
        match self.below(6) {
            0 => {
                let request = DeleteTopicsRequest {
                    topic_names: vec![name],
                    ..DeleteTopicsRequest::default()
                };
                Input::DeleteTopics(asked(request, 5))
            }
            1 => {
                let request = CreatePartitionsRequest {
                    topics: vec![CreatePartitionsTopic {
                        name,
                        count: 1 + self.below(6) as i32,
                        assignments: None,
                        ..CreatePartitionsTopic::default()
                    }],
                    ..CreatePartitionsRequest::default()
                };
                Input::CreatePartitions(asked(request, 3))
            }
            2 => {
                let settings = [
                    ("min.insync.replicas", ["1", "2", "3"]),
                    ("unclean.leader.election.enable", ["true", "false", "x"]),
                ];
                let (key, values) = settings[self.below(2) as usize];
                let config = AlterableConfig {
                    name: key.to_owned(),
                    config_operation: self.below(2) as i8,
                    value: Some(values[self.below(3) as usize].to_owned()),
                    ..AlterableConfig::default()
                };
                let request = IncrementalAlterConfigsRequest {
                    resources: vec![AlterConfigsResource {
                        resource_type: ResourceType::TOPIC.0,
                        resource_name: name,
                        configs: vec![config],
                        ..AlterConfigsResource::default()
                    }],
                    ..IncrementalAlterConfigsRequest::default()
                };
                Input::IncrementalAlterConfigs(asked(request, 1))
            }
            3 => {
                let request = ElectLeadersRequest {
                    election_type: self.below(2) as i8,
                    topic_partitions: None,
                    ..ElectLeadersRequest::default()
                };
                Input::ElectLeaders(asked(request, 2))
            }
            4 => {
                let replicas = (self.below(3) > 0).then(|| self.some_brokers());
                let request = AlterPartitionReassignmentsRequest {
                    topics: vec![ReassignableTopic {
                        name,
                        partitions: vec![ReassignablePartition {
                            partition_index: self.below(2) as i32,
                            replicas,
                            ..ReassignablePartition::default()
                        }],
                        ..ReassignableTopic::default()
                    }],
                    ..AlterPartitionReassignmentsRequest::default()
                };
                Input::AlterPartitionReassignments(asked(request, 1))
            }
            _ => self.alter_partition(&name),
        }
    }

    /// A leader says who is in sync: itself, and any of the others.
    fn alter_partition(&mut self, name: &str) -> Input {
        let image = self.world.image().clone();
        let mut request = AlterPartitionRequest::default();
        let led = image.topic(name).and_then(|topic| {
            let mut partitions = topic.partitions.iter();
            let (index, partition) = partitions.find(|(_, of)| of.has_leader())?;
            Some((topic, *index, partition))
        });
        if let Some((topic, index, partition)) = led {
            request.broker_id = partition.leader;
            let broker = image.broker(partition.leader);
            request.broker_epoch = broker.map_or(-1, |broker| broker.epoch);
            let others = partition.replicas.iter().copied();
            let isr: Vec<i32> = others
                .filter(|id| *id == partition.leader || self.random.below(3) > 0)
                .collect();
            let state = |id: &i32| BrokerState {
                broker_id: *id,
                broker_epoch: -1,
                ..BrokerState::default()
            };
            request.topics.push(TopicData {
                topic_id: topic.id,
                partitions: vec![PartitionData {
                    partition_index: index,
                    leader_epoch: partition.leader_epoch,
                    partition_epoch: partition.partition_epoch,
                    new_isr_with_epochs: isr.iter().map(state).collect(),
                    ..PartitionData::default()
                }],
                ..TopicData::default()
            });
        }
        Input::AlterPartition(asked(request, 3))
    }

    fn create(&mut self) {
        let mut wanted = topic(
            &self.topic_name(),
            1 + self.below(4) as i32,
            1 + self.below(3) as i16,
        );
        if self.below(2) == 0 {
            wanted.configs.push(CreatableTopicConfig {
                name: "min.insync.replicas".to_owned(),
                value: Some("2".to_owned()),
                ..CreatableTopicConfig::default()
            });
        }
        self.world.create(vec![wanted]);
    }

    /// Decides, appends, and loses what it appended.
    fn lose(&mut self) {
        let input = self.topic_event();
        let before = self.world.image().clone();
        let next_offset = self.world.next_offset();
        let mut out = Out::default();
        let mut moment = Moment {
            now: self.world.now,
            next_offset,
            entropy: &mut self.world.entropy,
        };
        self.world
            .controller
            .handle(&mut moment, Ticket::default(), input, &mut out);
        for (offset, record) in (next_offset..).zip(&out.records) {
            self.world.controller.replay(offset, record);
        }
        self.world.controller.revert(next_offset - 1);
        assert_eq!(*self.world.image(), before);
        assert_eq!(self.world.controller.fault(), None);
    }

    fn step(&mut self) {
        match self.below(10) {
            0..=3 => self.broker_event(),
            4 => self.create(),
            5 => self.lose(),
            _ => {
                let input = self.topic_event();
                self.world.ask(input);
            }
        }
    }

    fn check(&self) {
        let image = self.world.image();
        assert_eq!(image, self.world.controller.committed_image());
        assert_eq!(*image, fold(self.world.log.iter()), "the fold of the log");
        let snapshot: Vec<Record> = image.to_records().collect();
        assert_eq!(*image, fold(snapshot.iter()), "the fold of its own records");
        check_partitions(image);
    }
}

fn fold<'a>(records: impl Iterator<Item = &'a Record>) -> Image {
    let mut image = Image::default();
    for record in records {
        let bytes = record.value.encode(record.version).unwrap();
        let (value, _) = MetadataRecord::decode(bytes).unwrap();
        image.apply(&value).unwrap();
    }
    image
}

/// What holds for every partition at any time.
fn check_partitions(image: &Image) {
    let elr = image.keeps_elr();
    for (topic, index, partition) in image.partitions() {
        let what = format!("{}-{index}: {partition:?}", topic.name);
        let set = |ids: &[i32]| ids.iter().copied().collect::<BTreeSet<_>>();
        let (replicas, isr) = (set(&partition.replicas), set(&partition.isr));
        assert_eq!(
            replicas.len(),
            partition.replicas.len(),
            "replicas differ: {what}"
        );
        assert_eq!(
            isr.len(),
            partition.isr.len(),
            "in-sync replicas differ: {what}"
        );
        assert!(
            isr.is_subset(&replicas),
            "only replicas are in sync: {what}"
        );
        assert!(
            set(&partition.elr).is_subset(&replicas),
            "or eligible: {what}"
        );
        assert!(
            isr.is_disjoint(&set(&partition.elr)),
            "in sync or eligible: {what}"
        );
        assert!(
            elr || partition.elr.is_empty(),
            "eligible without the feature: {what}"
        );
        assert!(elr || !isr.is_empty(), "somebody is in sync: {what}");
        assert_eq!(
            partition.directories.len(),
            partition.replicas.len(),
            "{what}"
        );
        assert!(!partition.directories.contains(&directory::LOST), "{what}");
        if partition.has_leader() {
            assert!(
                isr.contains(&partition.leader),
                "the leader is in sync: {what}"
            );
            assert!(image.is_active(partition.leader), "and serves: {what}");
            assert!(
                partition.last_known_elr.is_empty(),
                "and is the last known: {what}"
            );
        }
        for id in &isr {
            // Without eligible leader replicas the last one in sync stays when it goes.
            let alone = !elr && isr.len() == 1;
            assert!(
                alone || image.is_active(*id),
                "who is in sync serves: {what}"
            );
        }
        let moving = set(&partition.adding_replicas);
        assert!(moving.is_subset(&replicas), "{what}");
        assert!(
            moving.is_disjoint(&set(&partition.removing_replicas)),
            "{what}"
        );
    }
    for topic in image.topics() {
        let indexes = topic.partitions.keys().copied();
        assert!(
            indexes.eq(0..topic.partitions.len() as i32),
            "{}",
            topic.name
        );
        assert_eq!(image.topic_id(&topic.name), Some(topic.id));
    }
}

/// What a day had of what there is: kinds of records, and states of partitions.
type Seen = BTreeSet<&'static str>;

fn note_states(image: &Image, seen: &mut Seen) {
    for (_, _, partition) in image.partitions() {
        let states = [
            ("nobody leads", !partition.has_leader()),
            ("eligible", !partition.elr.is_empty()),
            ("moving", partition.is_reassigning()),
            (
                "recovering",
                partition.leader_recovery_state == LeaderRecoveryState::Recovering,
            ),
            ("shrunk", partition.isr.len() < partition.replicas.len()),
        ];
        seen.extend(states.iter().filter(|(_, is)| *is).map(|(name, _)| name));
    }
    for broker in image.brokers() {
        if broker.in_controlled_shutdown && !broker.fenced {
            seen.insert("shutting down");
        }
    }
}

/// A broker that reads the log comes to the same image, and is told of everything that changed.
fn check_loader(log: &[Record], image: &Image) {
    let mut loader = Loader::new();
    let mut faults = Vec::new();
    let mut covers = |change: Change| {
        let exact = Delta::between(&change.previous, &change.image);
        let told = change.delta;
        assert!(told.features || !exact.features);
        assert!(exact.brokers.is_subset(&told.brokers));
        assert!(exact.configs.is_subset(&told.configs));
        for (topic, indexes) in &exact.topics {
            let told = told.topics.get(topic).expect("a topic that is told of");
            // Those of a topic that is gone go without saying.
            let gone = change.image.topic_by_id(*topic).is_none();
            assert!(gone || indexes.is_subset(told));
        }
    };
    for (at, records) in (0_i64..).step_by(7).zip(log.chunks(7)) {
        let batch = Batch {
            base_offset: at,
            epoch: 1,
            timestamp: 0,
            records: records.iter().map(|of| of.value.clone()).collect(),
            last_offset: at + records.len() as i64 - 1,
        };
        let early = loader.load(&batch, &mut faults);
        early
            .into_iter()
            .chain(loader.flush())
            .for_each(&mut covers);
    }
    assert_eq!(faults, []);
    assert_eq!(loader.image(), image);
}

fn run(seed: u64, settings: &Settings, steps: usize, seen: &mut Seen) -> (Image, Vec<Record>) {
    let mut day = Day::new(seed, settings.clone());
    for step in 0..steps {
        day.step();
        check_partitions(day.world.image());
        note_states(day.world.image(), seen);
        if step % 25 == 0 {
            day.check();
        }
    }
    day.check();
    check_loader(&day.world.log, day.world.image());
    seen.extend(day.world.log.iter().map(|record| record.value.name()));
    (day.world.image().clone(), day.world.log)
}

#[test]
fn random_days() {
    let mut seen = Seen::new();
    for seed in 0..50 {
        run(seed, &settings(), 200, &mut seen);
    }
    // Days on which nothing happens would find nothing.
    for must in [
        "nobody leads",
        "eligible",
        "moving",
        "recovering",
        "shrunk",
        "shutting down",
        "REGISTER_BROKER_RECORD",
        "UNREGISTER_BROKER_RECORD",
        "BROKER_REGISTRATION_CHANGE_RECORD",
        "TOPIC_RECORD",
        "REMOVE_TOPIC_RECORD",
        "PARTITION_RECORD",
        "PARTITION_CHANGE_RECORD",
        "CONFIG_RECORD",
        "CLEAR_ELR_RECORD",
    ] {
        assert!(seen.contains(must), "never seen: {must}");
    }
}

#[test]
fn random_days_of_an_older_cluster() {
    let mut settings = settings();
    for level in [17, 21, 25] {
        let version = MetadataVersion::from_level(level).unwrap();
        settings.bootstrap = super::testing::bootstrap(version);
        for seed in 0..15 {
            run(seed, &settings, 150, &mut Seen::new());
        }
    }
}

#[test]
fn one_seed_one_day() {
    let day = || run(5, &settings(), 150, &mut Seen::new());
    assert_eq!(day(), day());
}
