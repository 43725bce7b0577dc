//! Asked what Kafka's controller was asked, ours writes what Kafka's wrote.

mod support;

use std::{collections::BTreeMap, sync::Arc};

use ottla_config::{BrokerConfig, zero_configuration};
use ottla_machine::{Entropy, Machine, Moment, Out, Revert, Ticket, Time};
use ottla_metadata::{
    Record,
    controller::{Asked, Controller, Describable, Input, Settings},
};
use ottla_wire::{
    Uuid,
    messages::{
        BrokerHeartbeatRequest, BrokerRegistrationRequest, ControllerRegistrationRequest,
        CreateTopicsRequest, MetadataRecord, broker_registration_request,
        controller_registration_request,
        create_topics_request::{CreatableTopic, CreatableTopicConfig},
    },
};

const CLUSTER: &str = "5L6g3nShT-eMCtK--X86sw";

fn controller() -> Controller {
    let loaded = BrokerConfig::load(&[zero_configuration()], &mut |_| Ok(None));
    let loaded = loaded.expect("a configuration");
    let mut settings = Settings::new(Arc::new(loaded.config), CLUSTER);
    let bootstrap = support::records("4.3.1.bootstrap.checkpoint");
    settings.bootstrap = bootstrap.into_iter().map(|of| Record::new(of, 0)).collect();
    Controller::new(settings)
}

fn asked<R>(request: R, version: i16) -> Asked<R> {
    Asked {
        request,
        version,
        principal: "User:ANONYMOUS".to_owned(),
        client_id: String::new(),
    }
}

/// The records of Kafka's log, and a controller that has replayed those before some offset.
struct Replay {
    batches: BTreeMap<i64, Vec<Record>>,
    controller: Controller,
    next: i64,
}

impl Replay {
    fn new() -> Self {
        Self {
            batches: support::log("4.3.1.log").into_iter().collect(),
            controller: controller(),
            next: 0,
        }
    }

    fn replay_to(&mut self, offset: i64) {
        for (base, records) in self.batches.range(self.next..offset) {
            for (at, record) in (*base..).zip(records) {
                self.controller.replay(at, record);
            }
        }
        self.controller.commit(offset - 1);
        self.next = offset;
        assert_eq!(self.controller.fault(), None);
    }

    fn ask(&mut self, input: Input) -> Vec<Record> {
        let mut out = Out::default();
        let mut moment = Moment {
            now: Time(1),
            next_offset: self.next,
            entropy: &mut Entropy::new(1),
        };
        self.controller
            .handle(&mut moment, Ticket::default(), input, &mut out);
        assert_eq!(out.replies.len(), 1);
        out.records
    }

    fn activate(&mut self) {
        assert_eq!(self.ask(Input::Activate { epoch: 1 }), []);
    }

    /// Kafka's batch at an offset.
    fn kafkas(&self, offset: i64) -> Vec<Record> {
        self.batches[&offset].clone()
    }

    /// One of the records of Kafka's batch at an offset.
    fn heartbeat(&self, shut_down: bool, cordoned: Option<Vec<Uuid>>) -> Input {
        let broker = self.controller.image().broker(1).expect("registered");
        Input::BrokerHeartbeat(asked(
            BrokerHeartbeatRequest {
                broker_id: 1,
                broker_epoch: broker.epoch,
                current_metadata_offset: self.next - 1,
                want_shut_down: shut_down,
                cordoned_log_dirs: cordoned,
                ..BrokerHeartbeatRequest::default()
            },
            2,
        ))
    }
}

/// The order of partitions is that of Kafka's hash maps.
fn sorted(records: Vec<Record>) -> Vec<String> {
    let mut texts: Vec<_> = records.iter().map(|of| format!("{of:?}")).collect();
    texts.sort();
    texts
}

/// Idle records come in between.
fn without_idle(records: Vec<Record>) -> Vec<Record> {
    let is_idle = |of: &Record| matches!(of.value, MetadataRecord::NoOp(_));
    records.into_iter().filter(|of| !is_idle(of)).collect()
}

#[test]
fn bootstrap() {
    let mut replay = Replay::new();
    replay.replay_to(3);
    assert_eq!(replay.ask(Input::Activate { epoch: 1 }), replay.kafkas(3));
}

#[test]
fn registrations() {
    let mut replay = Replay::new();
    replay.replay_to(17);
    replay.activate();
    let theirs = without_idle(replay.kafkas(17));
    let MetadataRecord::RegisterController(record) = &theirs[0].value else {
        panic!("{theirs:?}");
    };
    let listener = |of: &ottla_wire::messages::register_controller_record::ControllerEndpoint| {
        controller_registration_request::Listener {
            name: of.name.clone(),
            host: of.host.clone(),
            port: of.port,
            security_protocol: of.security_protocol,
            ..Default::default()
        }
    };
    let feature = |of: &ottla_wire::messages::register_controller_record::ControllerFeature| {
        controller_registration_request::Feature {
            name: of.name.clone(),
            min_supported_version: of.min_supported_version,
            max_supported_version: of.max_supported_version,
            ..Default::default()
        }
    };
    let request = ControllerRegistrationRequest {
        controller_id: record.controller_id,
        incarnation_id: record.incarnation_id,
        listeners: record.end_points.iter().map(listener).collect(),
        features: record.features.iter().map(feature).collect(),
        ..ControllerRegistrationRequest::default()
    };
    assert_eq!(
        replay.ask(Input::ControllerRegistration(asked(request, 0))),
        theirs
    );

    for (offset, previous) in [(21, -1), (406, 21)] {
        replay.replay_to(offset);
        // The second is after a restart of controller and broker.
        replay.ask(Input::Activate { epoch: 2 });
        let theirs = without_idle(replay.kafkas(offset));
        let MetadataRecord::RegisterBroker(record) = &theirs[0].value else {
            panic!("{theirs:?}");
        };
        let listener = |of: &ottla_wire::messages::register_broker_record::BrokerEndpoint| {
            broker_registration_request::Listener {
                name: of.name.clone(),
                host: of.host.clone(),
                port: of.port,
                security_protocol: of.security_protocol,
                ..Default::default()
            }
        };
        let feature = |of: &ottla_wire::messages::register_broker_record::BrokerFeature| {
            broker_registration_request::Feature {
                name: of.name.clone(),
                min_supported_version: of.min_supported_version,
                max_supported_version: of.max_supported_version,
                ..Default::default()
            }
        };
        let request = BrokerRegistrationRequest {
            broker_id: record.broker_id,
            cluster_id: CLUSTER.to_owned(),
            incarnation_id: record.incarnation_id,
            listeners: record.end_points.iter().map(listener).collect(),
            features: record.features.iter().map(feature).collect(),
            log_dirs: record.log_dirs.clone(),
            rack: None,
            previous_broker_epoch: previous,
            ..BrokerRegistrationRequest::default()
        };
        assert_eq!(
            replay.ask(Input::BrokerRegistration(asked(request, 4))),
            theirs
        );
    }
}

#[test]
fn a_start_and_two_stops() {
    let mut replay = Replay::new();
    replay.replay_to(28);
    replay.activate();
    let beat = replay.heartbeat(false, None);
    assert_eq!(replay.ask(beat), without_idle(replay.kafkas(28)));

    for stop in [365, 467] {
        replay.replay_to(stop);
        replay.ask(Input::Activate { epoch: 1 });
        let theirs = without_idle(replay.kafkas(stop));
        assert!(theirs.len() >= 29);
        let beat = replay.heartbeat(true, None);
        assert_eq!(sorted(replay.ask(beat)), sorted(theirs));
    }
}

#[test]
fn a_stop_to_its_end_and_a_start_with_partitions() {
    let mut replay = Replay::new();
    replay.replay_to(365);
    replay.activate();
    let beat = replay.heartbeat(true, None);
    replay.ask(beat);
    replay.replay_to(396);
    let beat = replay.heartbeat(true, None);
    assert_eq!(replay.ask(beat), without_idle(replay.kafkas(396)));

    replay.replay_to(413);
    replay.ask(Input::Activate { epoch: 2 });
    let theirs = without_idle(replay.kafkas(413));
    let beat = replay.heartbeat(false, Some(Vec::new()));
    let ours = replay.ask(beat);
    assert_eq!(ours.len(), theirs.len());
    assert_eq!(sorted(ours), sorted(theirs));
}

/// But for its id, which is drawn, and the order of its configurations.
#[test]
fn a_topic() {
    let mut replay = Replay::new();
    replay.replay_to(194);
    replay.activate();
    let theirs = without_idle(replay.kafkas(194));
    let configs = theirs.iter().filter_map(|record| match &record.value {
        MetadataRecord::Config(of) => Some(CreatableTopicConfig {
            name: of.name.clone(),
            value: of.value.clone(),
            ..CreatableTopicConfig::default()
        }),
        _ => None,
    });
    let request = CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: "__share_group_state".to_owned(),
            num_partitions: 3,
            replication_factor: 1,
            configs: configs.collect(),
            ..CreatableTopic::default()
        }],
        ..CreateTopicsRequest::default()
    };
    let ours = replay.ask(Input::CreateTopics(asked(request, 7), Describable::All));
    let with_id_of = |records: Vec<Record>| {
        let MetadataRecord::Topic(topic) = &records[0].value else {
            panic!("{records:?}");
        };
        let id = topic.topic_id.to_string();
        let kinds: Vec<&str> = records.iter().map(|of| of.value.name()).collect();
        let texts = sorted(records.clone()).into_iter();
        let texts: Vec<_> = texts.map(|text| text.replace(&id, "ID")).collect();
        (kinds.join(" "), texts)
    };
    assert_eq!(with_id_of(ours), with_id_of(theirs));
}
