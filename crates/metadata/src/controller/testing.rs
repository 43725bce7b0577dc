//! A controller with a log and a clock, for tests.

use std::sync::Arc;

use ottla_config::{BrokerConfig, zero_configuration};
use ottla_machine::{Entropy, Machine, Moment, Out, Revert, Ticket, Time};
use ottla_wire::{
    Uuid,
    messages::{
        BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerRegistrationRequest,
        CreateTopicsRequest, MetadataRecord,
        broker_registration_request::{Feature, Listener},
        create_topics_request::CreatableTopic,
        create_topics_response::CreatableTopicResult,
    },
};

use super::{Asked, Controller, Describable, Input, Reply, Settings};
use crate::{
    Image, MetadataVersion, Record,
    bootstrap::{Format, Quorum},
    features::all_supported,
    image::{Partition, Topic},
};

pub(super) const CLUSTER: &str = "5L6g3nShT-eMCtK--X86sw";

pub(super) fn settings() -> Settings {
    let loaded = BrokerConfig::load(&[zero_configuration()], &mut |_| Ok(None)).unwrap();
    let mut settings = Settings::new(Arc::new(loaded.config), CLUSTER);
    settings.bootstrap = bootstrap(MetadataVersion::LATEST);
    settings.max_idle_interval_ms = 0;
    settings
}

pub(super) fn bootstrap(version: MetadataVersion) -> Vec<Record> {
    let mut format = Format::new(Quorum::NotInitial, "CONTROLLER");
    format.release = Some(version);
    format.run().unwrap().records
}

pub(super) fn asked<R>(request: R, version: i16) -> Asked<R> {
    Asked {
        request,
        version,
        principal: "User:test".to_owned(),
        client_id: "test".to_owned(),
    }
}

/// The id of a broker's `number`th directory.
pub(super) fn directory(broker: i32, number: u8) -> Uuid {
    Uuid::from_u128((broker as u128) << 64 | 1 << 100 | u128::from(number))
}

pub(super) fn registration(id: i32, incarnation: u8) -> BrokerRegistrationRequest {
    let feature = |(name, min, max): (&str, i16, i16)| Feature {
        name: name.to_owned(),
        min_supported_version: min,
        max_supported_version: max,
        ..Feature::default()
    };
    BrokerRegistrationRequest {
        broker_id: id,
        cluster_id: CLUSTER.to_owned(),
        incarnation_id: Uuid::from_u128(u128::from(incarnation) << 32 | id as u128),
        listeners: vec![Listener {
            name: "PLAINTEXT".to_owned(),
            host: "localhost".to_owned(),
            port: 9092,
            ..Listener::default()
        }],
        features: all_supported().map(feature).collect(),
        rack: None,
        log_dirs: vec![directory(id, 0)],
        ..BrokerRegistrationRequest::default()
    }
}

pub(super) fn topic(name: &str, partitions: i32, factor: i16) -> CreatableTopic {
    CreatableTopic {
        name: name.to_owned(),
        num_partitions: partitions,
        replication_factor: factor,
        ..CreatableTopic::default()
    }
}

pub(super) struct World {
    pub(super) controller: Controller,
    pub(super) now: Time,
    pub(super) entropy: Entropy,
    /// Every record written, by offset.
    pub(super) log: Vec<Record>,
}

impl World {
    pub(super) fn inactive(settings: Settings) -> Self {
        Self {
            controller: Controller::new(settings),
            now: Time(1_000_000),
            entropy: Entropy::new(11),
            log: Vec::new(),
        }
    }

    /// Active, with no broker.
    pub(super) fn new() -> Self {
        let mut world = Self::inactive(settings());
        world.ask(Input::Activate { epoch: 1 });
        world
    }

    /// Active, with these brokers serving.
    pub(super) fn with_brokers(ids: impl IntoIterator<Item = i32>) -> Self {
        let mut world = Self::new();
        for id in ids {
            world.start(id, 1);
        }
        world
    }

    pub(super) fn next_offset(&self) -> i64 {
        self.log.len() as i64
    }

    /// Appends, replays and commits.
    pub(super) fn append(&mut self, records: Vec<Record>) {
        for record in records {
            let bytes = record.value.encode(record.version);
            bytes.expect("a record that can be written in its version");
            self.controller.replay(self.next_offset(), &record);
            self.log.push(record);
        }
        let last = self.next_offset() - 1;
        self.controller.commit(last);
        assert_eq!(self.controller.fault(), None);
    }

    /// The records and the answer.
    pub(super) fn decide(&mut self, input: Input) -> (Vec<MetadataRecord>, Reply) {
        let mut out = Out::default();
        let next_offset = self.next_offset();
        let mut moment = Moment {
            now: self.now,
            next_offset,
            entropy: &mut self.entropy,
        };
        self.controller
            .handle(&mut moment, Ticket::default(), input, &mut out);
        let values = out.records.iter().map(|of| of.value.clone()).collect();
        self.append(out.records);
        (values, out.replies.pop().expect("an answer").1)
    }

    pub(super) fn ask(&mut self, input: Input) -> Reply {
        self.decide(input).1
    }

    /// Lets time pass, and returns the records that it brought.
    pub(super) fn pass(&mut self, ms: u64) -> Vec<MetadataRecord> {
        let end = self.now.after(ms);
        let mut records = Vec::new();
        while let Some(at) = self.controller.wake_at().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            let mut out = Out::default();
            let next_offset = self.next_offset();
            let mut moment = Moment {
                now: self.now,
                next_offset,
                entropy: &mut self.entropy,
            };
            self.controller.wake(&mut moment, &mut out);
            records.extend(out.records.iter().map(|of| of.value.clone()));
            self.append(out.records);
        }
        self.now = end;
        records
    }

    pub(super) fn image(&self) -> &Image {
        self.controller.image()
    }

    pub(super) fn register(&mut self, request: BrokerRegistrationRequest) -> (i16, i64) {
        let input = Input::BrokerRegistration(asked(request, 4));
        match self.ask(input) {
            Reply::BrokerRegistration(of) => (of.error_code, of.broker_epoch),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn beat_with(
        &mut self,
        id: i32,
        change: impl FnOnce(&mut BrokerHeartbeatRequest),
    ) -> (Vec<MetadataRecord>, BrokerHeartbeatResponse) {
        let epoch = self.image().broker(id).map_or(-1, |broker| broker.epoch);
        let mut request = BrokerHeartbeatRequest {
            broker_id: id,
            broker_epoch: epoch,
            current_metadata_offset: self.next_offset() - 1,
            ..BrokerHeartbeatRequest::default()
        };
        change(&mut request);
        let input = Input::BrokerHeartbeat(asked(request, 2));
        match self.decide(input) {
            (records, Reply::BrokerHeartbeat(answer)) => (records, answer),
            (_, other) => panic!("{other:?}"),
        }
    }

    pub(super) fn beat(&mut self, id: i32) -> BrokerHeartbeatResponse {
        self.beat_with(id, |_| {}).1
    }

    /// Registers and unfences.
    pub(super) fn start(&mut self, id: i32, incarnation: u8) {
        let (error, _) = self.register(registration(id, incarnation));
        assert_eq!(error, 0);
        assert!(!self.beat(id).is_fenced);
    }

    pub(super) fn create(&mut self, topics: Vec<CreatableTopic>) -> Vec<CreatableTopicResult> {
        let request = CreateTopicsRequest {
            topics,
            ..CreateTopicsRequest::default()
        };
        match self.ask(Input::CreateTopics(asked(request, 7), Describable::All)) {
            Reply::CreateTopics(answer) => answer.topics,
            other => panic!("{other:?}"),
        }
    }

    /// A topic with replicas as given.
    pub(super) fn create_on(&mut self, name: &str, replicas: &[i32]) {
        use ottla_wire::messages::create_topics_request::CreatableReplicaAssignment;
        let mut topic = topic(name, -1, -1);
        topic.assignments.push(CreatableReplicaAssignment {
            broker_ids: replicas.to_vec(),
            ..CreatableReplicaAssignment::default()
        });
        assert_eq!(self.create(vec![topic])[0].error_code, 0);
    }

    pub(super) fn topic(&self, name: &str) -> &Topic {
        self.image().topic(name).unwrap()
    }

    pub(super) fn partition(&self, name: &str) -> &Partition {
        &self.topic(name).partitions[&0]
    }
}
