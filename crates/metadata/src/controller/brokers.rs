//! Brokers and controllers: registration, heartbeats, fencing, controlled shutdown.
//!
//! A broker registers fenced, reads the log up to its own registration, asks by heartbeat to be unfenced, and serves.
//! It is fenced again when it is not heard of for a session timeout, when it asks for it, and at the end of a
//! controlled shutdown, which waits until it leads nothing and all others know.

use std::collections::BTreeSet;

use ottla_machine::{Moment, Time};
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::{
        BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerRegistrationChangeRecord,
        BrokerRegistrationRequest, BrokerRegistrationResponse, ControllerRegistrationRequest,
        ControllerRegistrationResponse, RegisterBrokerRecord, RegisterControllerRecord,
        UnregisterBrokerRecord, UnregisterBrokerRequest, UnregisterBrokerResponse,
        UnregisterControllerRecord, UnregisterControllerRequest, UnregisterControllerResponse,
        register_broker_record::{BrokerEndpoint, BrokerFeature},
        register_controller_record::{ControllerEndpoint, ControllerFeature},
    },
};

use super::{Asked, Controller, Decision, Task, message, nothing, partition_change::Turn};
use crate::{
    Record,
    features::{KRAFT_VERSION, METADATA_VERSION},
    image::{Broker, Image, directory},
};

/// What a broker is allowed, from its heartbeats.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    Fenced,
    Unfenced,
    ControlledShutdown,
    ShutDownNow,
}

/// A change of a broker, all fields "no change".
fn change(broker: &Broker) -> BrokerRegistrationChangeRecord {
    BrokerRegistrationChangeRecord {
        broker_id: broker.id,
        broker_epoch: broker.epoch,
        ..BrokerRegistrationChangeRecord::default()
    }
}

fn fence(broker: &Broker) -> Record {
    Record::from(BrokerRegistrationChangeRecord {
        fenced: 1,
        ..change(broker)
    })
}

/// The broker of that id, if it has that epoch.
pub(super) fn broker_of_epoch(image: &Image, id: i32, epoch: i64) -> Result<&Broker, Refusal> {
    let broker = image.broker(id).ok_or_else(|| {
        Code::STALE_BROKER_EPOCH.because(format!("broker {id} is not registered"))
    })?;
    if broker.epoch != epoch {
        return Err(Code::STALE_BROKER_EPOCH.because(format!(
            "broker {id} has epoch {}, not {epoch}",
            broker.epoch
        )));
    }
    Ok(broker)
}

impl Controller {
    pub(super) fn register_broker(
        &mut self,
        moment: &Moment<'_>,
        asked: &Asked<BrokerRegistrationRequest>,
    ) -> Decision<BrokerRegistrationResponse> {
        match self.registration(moment, asked) {
            Ok((records, broker_epoch)) => {
                let answer = BrokerRegistrationResponse {
                    broker_epoch,
                    ..BrokerRegistrationResponse::default()
                };
                (records, answer)
            }
            Err(refusal) => nothing(BrokerRegistrationResponse {
                error_code: refusal.code.0,
                ..BrokerRegistrationResponse::default()
            }),
        }
    }

    fn registration(
        &mut self,
        moment: &Moment<'_>,
        asked: &Asked<BrokerRegistrationRequest>,
    ) -> Result<(Vec<Record>, i64), Refusal> {
        let request = &asked.request;
        let id = request.broker_id;
        self.check_registration(moment.now, request)?;
        let image = self.ledger.latest();
        let existing = image.broker(id);
        let version = image.metadata_version_or_minimum();
        let mut record = registration_record(request);
        if !version.has_directories() {
            record.log_dirs = Vec::new();
        }
        let again = existing.filter(|broker| broker.incarnation_id == request.incarnation_id);
        let mut records = Vec::new();
        if let Some(broker) = again {
            record.fenced = broker.fenced;
            record.in_controlled_shutdown = broker.in_controlled_shutdown;
            record.broker_epoch = broker.epoch;
        } else {
            record.broker_epoch = moment.next_offset;
            // Only a broker that names the epoch it stopped in says that it stopped cleanly.
            let stopped_in = existing.map(|broker| broker.epoch);
            let clean = asked.version >= 3 && stopped_in == Some(request.previous_broker_epoch);
            records = self.restart_records(id, clean);
        }
        let epoch = record.broker_epoch;
        let is_new = again.is_none();
        records.push(Record::new(record, version.register_broker_record()));
        if is_new {
            self.sessions.forget(id);
            self.timers.disarm(&Task::Session(id));
        }
        Ok((records, epoch))
    }

    fn check_registration(
        &self,
        now: Time,
        request: &BrokerRegistrationRequest,
    ) -> Result<(), Refusal> {
        let (id, image) = (request.broker_id, self.ledger.latest());
        if request.cluster_id != self.settings.cluster_id {
            return Err(Code::INCONSISTENT_CLUSTER_ID.because(format!(
                "this is cluster {}, not {}",
                self.settings.cluster_id, request.cluster_id
            )));
        }
        if let Some(broker) = image.broker(id) {
            let timeout = self.settings.session_timeout_ms;
            let lives = self.sessions.is_valid(id, broker.epoch, now, timeout);
            if lives && broker.incarnation_id != request.incarnation_id {
                return Err(Code::DUPLICATE_BROKER_REGISTRATION.because(format!(
                    "another process is registered as broker {id}; if it is the one before a \
                     restart, its session ends in at most {timeout} ms"
                )));
            }
        }
        if request.is_migrating_zk_broker {
            return Err(Code::BROKER_ID_NOT_REGISTERED
                .because("brokers of a ZooKeeper cluster cannot register"));
        }
        check_directories(image, request)?;
        for listener in &request.listeners {
            if !(0..=3).contains(&listener.security_protocol) {
                return Err(Code::INVALID_REGISTRATION.because(format!(
                    "listener {} has the unknown security protocol {}",
                    listener.name, listener.security_protocol
                )));
            }
        }
        self.check_features(request)
    }

    /// A broker must support the finalized level of every feature.
    fn check_features(&self, request: &BrokerRegistrationRequest) -> Result<(), Refusal> {
        let image = self.ledger.latest();
        let level = |name: &str| match name {
            KRAFT_VERSION => self.kraft_version,
            name => image.feature_level(name),
        };
        let refuse = |name: &str, min: i16, max: i16| {
            Code::UNSUPPORTED_VERSION.because(format!(
                "broker {} supports {name} {min} to {max}, and the cluster is at {}",
                request.broker_id,
                level(name)
            ))
        };
        for feature in &request.features {
            let (min, max) = (feature.min_supported_version, feature.max_supported_version);
            if !(min..=max).contains(&level(&feature.name)) {
                return Err(refuse(&feature.name, min, max));
            }
        }
        let names = |name: &str| request.features.iter().any(|of| of.name == name);
        if !names(METADATA_VERSION) {
            return Err(Code::INVALID_REGISTRATION.because(format!(
                "broker {} does not say which {METADATA_VERSION} it supports",
                request.broker_id
            )));
        }
        let finalized = image.features().map(|(name, _)| name);
        for name in finalized.chain([KRAFT_VERSION]) {
            if !names(name) && level(name) != 0 {
                return Err(refuse(name, 0, 0));
            }
        }
        Ok(())
    }

    /// A broker's former process is gone, whatever it was doing.
    fn restart_records(&self, id: i32, clean: bool) -> Vec<Record> {
        if self.ledger.latest().keeps_elr() && !clean {
            let turn = Turn {
                lost: Some(id),
                ..Turn::default()
            };
            let mut records = self.updates(turn, |partition| partition.isr.contains(&id));
            records.extend(self.updates(turn, |partition| partition.elr.contains(&id)));
            return records;
        }
        self.leaving_records(id)
    }

    /// A broker leaves the in-sync replicas of everything, and leads no more.
    fn leaving_records(&self, id: i32) -> Vec<Record> {
        let turn = Turn {
            leaves: Some(id),
            ..Turn::default()
        };
        self.updates(turn, |partition| partition.isr.contains(&id))
    }

    fn fencing_records(&self, broker: &Broker) -> Vec<Record> {
        let mut records = self.leaving_records(broker.id);
        records.push(fence(broker));
        records
    }

    pub(super) fn heartbeat(
        &mut self,
        moment: &Moment<'_>,
        asked: &Asked<BrokerHeartbeatRequest>,
    ) -> Decision<BrokerHeartbeatResponse> {
        let request = &asked.request;
        let id = request.broker_id;
        let image = self.ledger.latest().clone();
        let broker = match broker_of_epoch(&image, id, request.broker_epoch) {
            Ok(broker) => broker,
            Err(refusal) => {
                return nothing(BrokerHeartbeatResponse {
                    error_code: refusal.code.0,
                    ..BrokerHeartbeatResponse::default()
                });
            }
        };
        self.sessions.heard(id, broker.epoch, moment.now);
        let ends = moment.now.after(self.settings.session_timeout_ms + 1);
        self.timers.arm(Task::Session(id), ends);

        let registered_at = self.ledger.registered_at(id).unwrap_or(i64::MAX);
        let is_caught_up = request.current_metadata_offset >= registered_at;
        let now = self.standing(broker);
        let next = self.next_standing(broker, now, request, is_caught_up);
        let mut records = match next {
            _ if next == now => Vec::new(),
            Standing::Fenced | Standing::ShutDownNow => self.fencing_records(broker),
            Standing::Unfenced => self.unfencing_records(broker),
            Standing::ControlledShutdown => self.shutdown_records(broker),
        };
        self.sessions
            .caught_up_to(id, request.current_metadata_offset);
        records.extend(self.directory_records(&image, broker, request));
        let is_fenced = matches!(next, Standing::Fenced | Standing::ShutDownNow);
        if is_fenced {
            self.sessions.ended_shutdown(id);
        }
        if next == Standing::ControlledShutdown {
            let end = moment.next_offset + records.len() as i64 - 1;
            self.sessions.began_shutdown(id, end);
        }
        let answer = BrokerHeartbeatResponse {
            is_caught_up,
            is_fenced,
            should_shut_down: next == Standing::ShutDownNow,
            ..BrokerHeartbeatResponse::default()
        };
        (records, answer)
    }

    fn standing(&self, broker: &Broker) -> Standing {
        if self.sessions.shutdown_offset(broker.id).is_some() {
            Standing::ControlledShutdown
        } else if broker.fenced {
            Standing::Fenced
        } else {
            Standing::Unfenced
        }
    }

    fn next_standing(
        &self,
        broker: &Broker,
        now: Standing,
        request: &BrokerHeartbeatRequest,
        is_caught_up: bool,
    ) -> Standing {
        match now {
            Standing::Fenced if request.want_shut_down => Standing::ShutDownNow,
            Standing::Fenced if !request.want_fence && is_caught_up => Standing::Unfenced,
            Standing::Fenced => Standing::Fenced,
            Standing::Unfenced => match (request.want_fence, request.want_shut_down) {
                (true, true) => Standing::ShutDownNow,
                (true, false) => Standing::Fenced,
                (false, true) if self.leads_any(broker.id) => Standing::ControlledShutdown,
                (false, true) => Standing::ShutDownNow,
                (false, false) => Standing::Unfenced,
            },
            Standing::ControlledShutdown => {
                let began = self.sessions.shutdown_offset(broker.id).unwrap_or(i64::MAX);
                let others = self.ledger.latest().brokers();
                let active = others.filter(|of| of.is_active()).map(|of| of.id);
                if !self.leads_any(broker.id) && self.sessions.have_reached(active, began) {
                    Standing::ShutDownNow
                } else {
                    Standing::ControlledShutdown
                }
            }
            Standing::ShutDownNow => Standing::ShutDownNow,
        }
    }

    fn leads_any(&self, id: i32) -> bool {
        let mut partitions = self.ledger.latest().partitions();
        partitions.any(|(_, _, partition)| partition.leader == id)
    }

    fn unfencing_records(&self, broker: &Broker) -> Vec<Record> {
        let mut records = vec![Record::from(BrokerRegistrationChangeRecord {
            fenced: -1,
            ..change(broker)
        })];
        let turn = Turn {
            joins: Some(broker.id),
            ..Turn::default()
        };
        records.extend(self.updates(turn, |partition| !partition.has_leader()));
        records
    }

    fn shutdown_records(&self, broker: &Broker) -> Vec<Record> {
        let mut records = Vec::new();
        if !broker.in_controlled_shutdown {
            let begin = BrokerRegistrationChangeRecord {
                in_controlled_shutdown: 1,
                ..change(broker)
            };
            records.push(Record::new(begin, 1));
        }
        records.extend(self.leaving_records(broker.id));
        records
    }

    /// Directories that went offline, or were cordoned.
    fn directory_records(
        &self,
        image: &Image,
        broker: &Broker,
        request: &BrokerHeartbeatRequest,
    ) -> Vec<Record> {
        let version = image.metadata_version_or_minimum();
        let mut records = Vec::new();
        let is_offline = |id: &&Uuid| request.offline_log_dirs.contains(id);
        let offline: Vec<Uuid> = broker
            .directories
            .iter()
            .filter(is_offline)
            .copied()
            .collect();
        if version.has_directories() && !offline.is_empty() {
            let turn = Turn {
                leaves: Some(broker.id),
                ..Turn::default()
            };
            records.extend(self.updates(turn, |partition| {
                let directory = partition.directory(broker.id);
                directory.is_some_and(|id| offline.contains(&id))
            }));
            let online = broker.directories.iter().filter(|id| !offline.contains(id));
            let left = BrokerRegistrationChangeRecord {
                log_dirs: online.copied().collect(),
                ..change(broker)
            };
            records.push(Record::new(left, 2));
        }
        let cordoned = request.cordoned_log_dirs.as_ref();
        if let Some(cordoned) = cordoned.filter(|_| version.has_cordoned_directories()) {
            let set = |ids: &[Uuid]| ids.iter().copied().collect::<BTreeSet<_>>();
            if broker.cordoned.as_deref().map(set) != Some(set(cordoned)) {
                let change = BrokerRegistrationChangeRecord {
                    cordoned_log_dirs: Some(cordoned.clone()),
                    ..change(broker)
                };
                records.push(Record::new(change, 3));
            }
        }
        records
    }

    /// A broker was not heard of for too long.
    pub(super) fn end_session(&mut self, id: i32, now: Time) -> Vec<Record> {
        let Some(broker) = self.ledger.latest().broker(id).cloned() else {
            return Vec::new();
        };
        let timeout = self.settings.session_timeout_ms;
        if self.sessions.is_valid(id, broker.epoch, now, timeout) {
            return Vec::new();
        }
        self.sessions.forget(id);
        if broker.fenced {
            return Vec::new();
        }
        self.fencing_records(&broker)
    }

    pub(super) fn unregister_broker(
        &mut self,
        asked: &Asked<UnregisterBrokerRequest>,
    ) -> Decision<UnregisterBrokerResponse> {
        let id = asked.request.broker_id;
        let Some(broker) = self.ledger.latest().broker(id) else {
            let refusal =
                Code::BROKER_ID_NOT_REGISTERED.because(format!("broker {id} is not registered"));
            return nothing(UnregisterBrokerResponse {
                error_code: refusal.code.0,
                error_message: message(&refusal),
                ..UnregisterBrokerResponse::default()
            });
        };
        let mut records = self.leaving_records(id);
        let turn = Turn {
            leaves: Some(id),
            ..Turn::default()
        };
        records.extend(self.updates(turn, |partition| partition.elr.contains(&id)));
        if records.len() >= super::MAX_RECORDS {
            let refusal = Code::POLICY_VIOLATION.because(format!(
                "broker {id} is in sync with {} partitions, and one request may change {}: move \
                 its partitions first",
                records.len(),
                super::MAX_RECORDS
            ));
            return nothing(UnregisterBrokerResponse {
                error_code: refusal.code.0,
                error_message: message(&refusal),
                ..UnregisterBrokerResponse::default()
            });
        }
        records.push(Record::from(UnregisterBrokerRecord {
            broker_id: id,
            broker_epoch: broker.epoch,
            ..UnregisterBrokerRecord::default()
        }));
        self.sessions.forget(id);
        self.timers.disarm(&Task::Session(id));
        (records, UnregisterBrokerResponse::default())
    }

    pub(super) fn register_controller(
        &mut self,
        asked: &Asked<ControllerRegistrationRequest>,
    ) -> Decision<ControllerRegistrationResponse> {
        let request = &asked.request;
        let version = self.ledger.latest().metadata_version_or_minimum();
        if !version.has_controller_registration() {
            let refusal = Code::UNSUPPORTED_VERSION.because(format!(
                "controllers register from metadata.version 3.7-IV0 on, and the cluster is at {version}"
            ));
            return nothing(ControllerRegistrationResponse {
                error_code: refusal.code.0,
                error_message: message(&refusal),
                ..ControllerRegistrationResponse::default()
            });
        }
        let endpoints = request.listeners.iter().map(|from| ControllerEndpoint {
            name: from.name.clone(),
            host: from.host.clone(),
            port: from.port,
            security_protocol: from.security_protocol,
            ..ControllerEndpoint::default()
        });
        let features = request.features.iter().map(|from| ControllerFeature {
            name: from.name.clone(),
            min_supported_version: from.min_supported_version,
            max_supported_version: from.max_supported_version,
            ..ControllerFeature::default()
        });
        let record = Record::from(RegisterControllerRecord {
            controller_id: request.controller_id,
            incarnation_id: request.incarnation_id,
            zk_migration_ready: false,
            end_points: endpoints.collect(),
            features: features.collect(),
            ..RegisterControllerRecord::default()
        });
        (vec![record], ControllerRegistrationResponse::default())
    }

    pub(super) fn unregister_controller(
        &mut self,
        asked: &Asked<UnregisterControllerRequest>,
    ) -> Decision<UnregisterControllerResponse> {
        let id = asked.request.controller_id;
        let image = self.ledger.latest();
        let version = image.metadata_version_or_minimum();
        let refusal = if !version.has_controller_unregistration() {
            Code::UNSUPPORTED_VERSION.because(format!(
                "controllers can be unregistered from metadata.version 4.4-IV2 on, and the \
                 cluster is at {version}"
            ))
        } else if image.controller(id).is_none() {
            Code::CONTROLLER_ID_NOT_REGISTERED.because(format!("controller {id} is not registered"))
        } else {
            let record = Record::from(UnregisterControllerRecord {
                controller_id: id,
                ..UnregisterControllerRecord::default()
            });
            return (vec![record], UnregisterControllerResponse::default());
        };
        nothing(UnregisterControllerResponse {
            error_code: refusal.code.0,
            error_message: message(&refusal),
            ..UnregisterControllerResponse::default()
        })
    }
}

/// Each broker has directories of its own.
fn check_directories(image: &Image, request: &BrokerRegistrationRequest) -> Result<(), Refusal> {
    if !image.metadata_version_or_minimum().has_directories() {
        return Ok(());
    }
    let invalid = |why: String| Err(Code::INVALID_REGISTRATION.because(why));
    let id = request.broker_id;
    if request.log_dirs.is_empty() {
        return invalid(format!("broker {id} names no log directory"));
    }
    let mut seen = BTreeSet::new();
    for directory in &request.log_dirs {
        if directory::is_reserved(*directory) {
            return invalid(format!("log directory id {directory} is reserved"));
        }
        if !seen.insert(*directory) {
            return invalid(format!("log directory id {directory} is named twice"));
        }
        let mut others = image.brokers().filter(|other| other.id != id);
        if let Some(other) = others.find(|other| other.directories.contains(directory)) {
            return invalid(format!(
                "log directory {directory} is registered by broker {}",
                other.id
            ));
        }
    }
    Ok(())
}

/// The record of a registration that is new: fenced, and without an epoch yet.
fn registration_record(request: &BrokerRegistrationRequest) -> RegisterBrokerRecord {
    let endpoints = request.listeners.iter().map(|from| BrokerEndpoint {
        name: from.name.clone(),
        host: from.host.clone(),
        port: from.port,
        security_protocol: from.security_protocol,
        ..BrokerEndpoint::default()
    });
    let features = request.features.iter().map(|from| BrokerFeature {
        name: from.name.clone(),
        min_supported_version: from.min_supported_version,
        max_supported_version: from.max_supported_version,
        ..BrokerFeature::default()
    });
    RegisterBrokerRecord {
        broker_id: request.broker_id,
        incarnation_id: request.incarnation_id,
        end_points: endpoints.collect(),
        features: features.collect(),
        rack: request.rack.clone(),
        fenced: true,
        log_dirs: request.log_dirs.clone(),
        ..RegisterBrokerRecord::default()
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::messages::MetadataRecord;

    use super::super::{
        Input, Reply,
        testing::{World, asked, directory, registration},
    };
    use super::*;
    use crate::image::{LeaderRecoveryState, NO_LEADER};

    /// Fenced, in controlled shutdown, and their change records' versions are Kafka's.
    fn changes(records: &[MetadataRecord]) -> Vec<(i8, i8)> {
        let change = |record: &MetadataRecord| match record {
            MetadataRecord::BrokerRegistrationChange(of) => {
                Some((of.fenced, of.in_controlled_shutdown))
            }
            _ => None,
        };
        records.iter().filter_map(change).collect()
    }

    #[test]
    fn a_broker_registers_fenced_and_serves_once_it_has_read_that() {
        let mut world = World::new();
        let epoch = world.next_offset();
        assert_eq!(world.register(registration(1, 1)), (0, epoch));
        let broker = world.image().broker(1).unwrap();
        assert!(broker.fenced && !broker.in_controlled_shutdown);
        assert_eq!(
            (broker.epoch, &broker.directories[..]),
            (epoch, &[directory(1, 0)][..])
        );

        let (records, answer) = world.beat_with(1, |of| of.current_metadata_offset = epoch - 1);
        assert_eq!(records, []);
        assert!(!answer.is_caught_up && answer.is_fenced);
        let (records, answer) = world.beat_with(1, |of| of.want_fence = true);
        assert_eq!(records, []);
        assert!(answer.is_caught_up && answer.is_fenced);
        let (records, answer) = world.beat_with(1, |_| {});
        assert_eq!(changes(&records), [(-1, 0)]);
        assert!(answer.is_caught_up && !answer.is_fenced && !answer.should_shut_down);
        assert!(world.image().is_active(1));
        assert_eq!(world.beat_with(1, |_| {}).0, [], "nothing new");
    }

    #[test]
    fn registrations_that_are_refused() {
        type Spoil = fn(&mut BrokerRegistrationRequest);
        let table: &[(Spoil, Code)] = &[
            (
                |of| of.cluster_id = "x".to_owned(),
                Code::INCONSISTENT_CLUSTER_ID,
            ),
            (
                |of| of.is_migrating_zk_broker = true,
                Code::BROKER_ID_NOT_REGISTERED,
            ),
            (|of| of.log_dirs = Vec::new(), Code::INVALID_REGISTRATION),
            (
                |of| of.log_dirs.push(directory::LOST),
                Code::INVALID_REGISTRATION,
            ),
            (
                |of| of.log_dirs.push(directory(2, 0)),
                Code::INVALID_REGISTRATION,
            ),
            (
                |of| of.log_dirs.push(directory(1, 0)),
                Code::INVALID_REGISTRATION,
            ),
            (
                |of| of.listeners[0].security_protocol = 9,
                Code::INVALID_REGISTRATION,
            ),
            (
                |of| of.features.retain(|of| of.name != METADATA_VERSION),
                Code::INVALID_REGISTRATION,
            ),
            (
                |of| of.features.retain(|of| of.name != "group.version"),
                Code::UNSUPPORTED_VERSION,
            ),
            (
                |of| of.features.retain(|of| of.name != KRAFT_VERSION),
                Code::UNSUPPORTED_VERSION,
            ),
            (
                |of| {
                    let feature = of
                        .features
                        .iter_mut()
                        .find(|of| of.name == METADATA_VERSION);
                    feature.unwrap().max_supported_version = 30;
                },
                Code::UNSUPPORTED_VERSION,
            ),
            (|_| {}, Code::NONE),
        ];
        let mut world = World::with_brokers([1]);
        for (at, (spoil, code)) in table.iter().enumerate() {
            let mut request = registration(2, 1);
            spoil(&mut request);
            assert_eq!(world.register(request).0, code.0, "row {at}");
        }
    }

    #[test]
    fn a_second_process_waits_for_the_session_of_the_first_to_end() {
        let mut world = World::with_brokers([1]);
        let first = world.image().broker(1).unwrap().epoch;
        assert_eq!(
            world.register(registration(1, 2)).0,
            Code::DUPLICATE_BROKER_REGISTRATION.0
        );
        // The first may register again: it stays what it is.
        assert_eq!(world.register(registration(1, 1)), (0, first));
        assert!(world.image().is_active(1));
        world.pass(9_001);
        let second = world.next_offset();
        assert_eq!(world.register(registration(1, 2)), (0, second));
        assert!(world.image().broker(1).unwrap().fenced);
    }

    #[test]
    fn a_broker_not_heard_of_is_fenced_and_leads_no_more() {
        let mut world = World::with_brokers([1, 2]);
        world.create_on("t", &[1, 2]);
        world.pass(5_000);
        world.beat(2);
        assert_eq!(
            world.pass(4_000),
            [],
            "exactly a session timeout is not too long"
        );
        let records = world.pass(1);
        assert_eq!(changes(&records), [(1, 0)]);
        let partition = world.partition("t");
        assert_eq!((partition.leader, &partition.isr[..]), (2, &[2][..]));
        assert_eq!(partition.leader_epoch, 1);
        assert_eq!(
            world.pass(60_000).len(),
            2,
            "and so does the other, with its partition"
        );
        assert_eq!(world.partition("t").leader, NO_LEADER);
    }

    /// As one node of Kafka that is stopped and started: the leader epoch rises by two.
    #[test]
    fn a_clean_restart_of_the_only_broker() {
        let mut world = World::with_brokers([1]);
        world.create_on("t", &[1]);
        let stopped_in = world.image().broker(1).unwrap().epoch;

        let (records, answer) = world.beat_with(1, |of| of.want_shut_down = true);
        assert_eq!(changes(&records), [(0, 1)]);
        assert!(!answer.should_shut_down && !answer.is_fenced);
        let partition = world.partition("t");
        assert_eq!((partition.leader, partition.leader_epoch), (NO_LEADER, 1));
        assert_eq!(
            (&partition.isr[..], &partition.elr[..]),
            (&[][..], &[1][..])
        );
        assert_eq!(partition.last_known_elr[..], [1]);

        let (records, answer) = world.beat_with(1, |of| of.want_shut_down = true);
        assert_eq!(changes(&records), [(1, 0)]);
        assert!(answer.should_shut_down && answer.is_fenced);

        // A combined node's controller is new, too.
        world.ask(Input::Resign);
        world.ask(Input::Activate { epoch: 2 });
        let mut request = registration(1, 2);
        request.previous_broker_epoch = stopped_in;
        assert_eq!(world.register(request).0, 0);
        assert!(!world.beat(1).is_fenced);
        let partition = world.partition("t");
        assert_eq!((partition.leader, partition.leader_epoch), (1, 2));
        assert_eq!(
            (&partition.isr[..], &partition.elr[..]),
            (&[1][..], &[][..])
        );
        assert_eq!(partition.last_known_elr[..], []);
        assert_eq!(
            partition.leader_recovery_state,
            LeaderRecoveryState::Recovered
        );
    }

    /// It may have lost what it had acknowledged: its leader is elected uncleanly, since nobody has more.
    #[test]
    fn an_unclean_restart_of_the_only_broker() {
        let mut world = World::with_brokers([1]);
        world.create_on("t", &[1]);
        world.pass(9_001);
        assert_eq!(world.register(registration(1, 2)).0, 0);
        let partition = world.partition("t");
        assert_eq!((&partition.isr[..], &partition.elr[..]), (&[][..], &[][..]));
        assert!(!world.beat(1).is_fenced);
        let partition = world.partition("t");
        assert_eq!((partition.leader, &partition.isr[..]), (1, &[1][..]));
        assert_eq!(
            partition.leader_recovery_state,
            LeaderRecoveryState::Recovering
        );
    }

    #[test]
    fn a_controlled_shutdown_waits_for_the_others() {
        let mut world = World::with_brokers([1, 2]);
        world.create_on("t", &[1, 2]);
        let read = world.next_offset() - 1;
        let (records, answer) = world.beat_with(1, |of| of.want_shut_down = true);
        assert_eq!(changes(&records), [(0, 1)]);
        assert!(!answer.should_shut_down);
        assert_eq!(world.partition("t").leader, 2);
        // The other has not read of it.
        world.beat_with(2, |of| of.current_metadata_offset = read);
        let (_, answer) = world.beat_with(1, |of| of.want_shut_down = true);
        assert!(!answer.should_shut_down && !answer.is_fenced);
        world.beat(2);
        let (_, answer) = world.beat_with(1, |of| of.want_shut_down = true);
        assert!(answer.should_shut_down && answer.is_fenced);
    }

    #[test]
    fn brokers_that_lead_nothing_stop_at_once() {
        for fence in [false, true] {
            let mut world = World::with_brokers([1, 2]);
            world.create_on("t", &[1]);
            let (records, answer) = world.beat_with(2, |of| {
                of.want_shut_down = true;
                of.want_fence = fence;
            });
            assert_eq!(changes(&records), [(1, 0)]);
            assert!(answer.should_shut_down);
            let (records, answer) = world.beat_with(1, |of| of.want_fence = true);
            assert_eq!(changes(&records), [(1, 0)]);
            assert!(answer.is_fenced && !answer.should_shut_down);
            let (records, answer) = world.beat_with(1, |of| of.want_shut_down = true);
            assert_eq!(changes(&records), [(1, 0)], "as Kafka: it says it again");
            assert!(answer.should_shut_down);
        }
    }

    #[test]
    fn heartbeats_of_another_epoch() {
        let mut world = World::with_brokers([1]);
        let (records, answer) = world.beat_with(1, |of| of.broker_epoch += 1);
        assert_eq!(
            (records, answer.error_code),
            (vec![], Code::STALE_BROKER_EPOCH.0)
        );
        assert_eq!(world.beat(7).error_code, Code::STALE_BROKER_EPOCH.0);
        world.ask(Input::Resign);
        let input = Input::BrokerHeartbeat(asked(BrokerHeartbeatRequest::default(), 2));
        let Reply::Refused(refusal) = world.ask(input) else {
            panic!("not refused");
        };
        assert_eq!(refusal.code, Code::NOT_CONTROLLER);
    }

    #[test]
    fn directories_that_fail_or_are_cordoned() {
        let mut world = World::new();
        let mut request = registration(1, 1);
        request.log_dirs.push(directory(1, 1));
        world.register(request);
        world.beat(1);
        world.start(2, 1);
        world.create_on("t", &[1, 2]);
        let assigned = world.partition("t").directories.clone();
        assert_eq!(assigned[..], [directory::UNASSIGNED, directory(2, 0)]);
        let (records, _) =
            world.beat_with(2, |of| of.cordoned_log_dirs = Some(vec![directory(2, 0)]));
        assert_eq!(records.len(), 1);
        assert!(!world.image().broker(2).unwrap().takes_replicas());
        let again = world
            .beat_with(2, |of| of.cordoned_log_dirs = Some(vec![directory(2, 0)]))
            .0;
        assert_eq!(again, []);
        let (records, _) = world.beat_with(1, |of| of.offline_log_dirs = vec![directory(1, 1)]);
        assert_eq!(records.len(), 1, "no replica was in it: {records:?}");
        assert_eq!(
            world.image().broker(1).unwrap().directories,
            [directory(1, 0)]
        );
        let (records, _) = world.beat_with(2, |of| of.offline_log_dirs = vec![directory(2, 0)]);
        assert_eq!(records.len(), 2);
        assert_eq!(world.partition("t").isr[..], [1]);
    }

    #[test]
    fn unregistered_nodes_are_forgotten() {
        let mut world = World::with_brokers([1, 2]);
        world.create_on("t", &[1, 2]);
        let unregister = |id| {
            let request = UnregisterBrokerRequest {
                broker_id: id,
                ..UnregisterBrokerRequest::default()
            };
            Input::UnregisterBroker(asked(request, 0))
        };
        let code = |reply| match reply {
            Reply::UnregisterBroker(of) => of.error_code,
            other => panic!("{other:?}"),
        };
        assert_eq!(code(world.ask(unregister(1))), 0);
        assert!(world.image().broker(1).is_none());
        assert_eq!(
            (world.partition("t").leader, &world.partition("t").isr[..]),
            (2, &[2][..])
        );
        assert_eq!(
            code(world.ask(unregister(1))),
            Code::BROKER_ID_NOT_REGISTERED.0
        );

        let register = ControllerRegistrationRequest {
            controller_id: 3,
            ..ControllerRegistrationRequest::default()
        };
        world.ask(Input::ControllerRegistration(asked(register, 0)));
        assert!(world.image().controller(3).is_some());
        let unregister = UnregisterControllerRequest {
            controller_id: 3,
            ..UnregisterControllerRequest::default()
        };
        let mut codes = Vec::new();
        for _ in 0..2 {
            let input = Input::UnregisterController(asked(unregister.clone(), 0));
            let Reply::UnregisterController(of) = world.ask(input) else {
                panic!("another reply");
            };
            codes.push(Code(of.error_code));
        }
        assert_eq!(codes, [Code::NONE, Code::CONTROLLER_ID_NOT_REGISTERED]);
    }
}
