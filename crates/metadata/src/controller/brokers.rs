//! Brokers: registration, heartbeats, fencing, controlled shutdown.
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
        BrokerRegistrationRequest, BrokerRegistrationResponse, RegisterBrokerRecord,
        UnregisterBrokerRecord, UnregisterBrokerRequest, UnregisterBrokerResponse,
        register_broker_record::{BrokerEndpoint, BrokerFeature},
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
            // A process that began to shut down does not come back.
            Standing::Fenced if broker.in_controlled_shutdown => Standing::Fenced,
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
mod tests;
