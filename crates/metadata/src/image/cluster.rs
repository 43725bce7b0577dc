//! The nodes: brokers and controllers, as they registered.

use std::collections::BTreeMap;

use ottla_wire::{
    Uuid,
    messages::{
        register_broker_record::{BrokerEndpoint, BrokerFeature, RegisterBrokerRecord},
        register_controller_record::{
            ControllerEndpoint, ControllerFeature, RegisterControllerRecord,
        },
    },
};

use super::directory;
use crate::{record::Record, version::MetadataVersion};

/// Where a node listens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    /// The listener's name.
    pub name: String,
    /// Its advertised host.
    pub host: String,
    /// Its advertised port.
    pub port: u16,
    /// Kafka's number of its security protocol (0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL).
    pub security_protocol: i16,
}

/// A feature's lowest and highest level that a node supports, by name.
pub type SupportedFeatures = BTreeMap<String, (i16, i16)>;

/// A broker's registration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broker {
    /// Its node id.
    pub id: i32,
    /// The offset of its registration.
    pub epoch: i64,
    /// New for each start of the process.
    pub incarnation_id: Uuid,
    /// Its listeners, in the order it named them.
    pub endpoints: Vec<Endpoint>,
    /// What it supports.
    pub features: SupportedFeatures,
    /// Its rack.
    pub rack: Option<String>,
    /// Fenced: registered, and not (or no longer) serving.
    pub fenced: bool,
    /// Asked to shut down, and waits until it leads nothing.
    pub in_controlled_shutdown: bool,
    /// From the time of the migration from ZooKeeper; always false today.
    pub is_migrating_zk_broker: bool,
    /// Its log directories that are online, in Kafka's order of ids.
    pub directories: Vec<Uuid>,
    /// Its log directories that take no new replicas; `None` before it said so.
    pub cordoned: Option<Vec<Uuid>>,
}

/// Kafka orders ids as two signed numbers.
fn in_kafkas_order(ids: &[Uuid]) -> Vec<Uuid> {
    let mut sorted = ids.to_vec();
    sorted.sort_by_key(|id| {
        let value = u128::from_be_bytes(id.0);
        (
            ((value >> 64) as u64).cast_signed(),
            (value as u64).cast_signed(),
        )
    });
    sorted
}

impl Broker {
    /// From its record.
    pub fn from_record(record: &RegisterBrokerRecord) -> Self {
        let endpoint = |from: &BrokerEndpoint| Endpoint {
            name: from.name.clone(),
            host: from.host.clone(),
            port: from.port,
            security_protocol: from.security_protocol,
        };
        let feature = |from: &BrokerFeature| {
            let range = (from.min_supported_version, from.max_supported_version);
            (from.name.clone(), range)
        };
        Self {
            id: record.broker_id,
            epoch: record.broker_epoch,
            incarnation_id: record.incarnation_id,
            endpoints: record.end_points.iter().map(endpoint).collect(),
            features: record.features.iter().map(feature).collect(),
            rack: record.rack.clone(),
            fenced: record.fenced,
            in_controlled_shutdown: record.in_controlled_shutdown,
            is_migrating_zk_broker: record.is_migrating_zk_broker,
            directories: in_kafkas_order(&record.log_dirs),
            cordoned: record.cordoned_log_dirs.as_deref().map(in_kafkas_order),
        }
    }

    /// The record that registers this broker, as `version` writes it: what it has no place for is left out.
    pub fn to_record(&self, version: MetadataVersion) -> Record {
        let endpoint = |from: &Endpoint| BrokerEndpoint {
            name: from.name.clone(),
            host: from.host.clone(),
            port: from.port,
            security_protocol: from.security_protocol,
            ..BrokerEndpoint::default()
        };
        let feature = |(name, (min, max)): (&String, &(i16, i16))| BrokerFeature {
            name: name.clone(),
            min_supported_version: *min,
            max_supported_version: *max,
            ..BrokerFeature::default()
        };
        let record = RegisterBrokerRecord {
            broker_id: self.id,
            is_migrating_zk_broker: self.is_migrating_zk_broker && version.level() >= 8,
            incarnation_id: self.incarnation_id,
            broker_epoch: self.epoch,
            end_points: self.endpoints.iter().map(endpoint).collect(),
            features: self.features.iter().map(feature).collect(),
            rack: self.rack.clone(),
            fenced: self.fenced,
            in_controlled_shutdown: self.in_controlled_shutdown,
            log_dirs: if version.has_directories() {
                self.directories.clone()
            } else {
                Vec::new()
            },
            cordoned_log_dirs: if version.has_cordoned_directories() {
                self.cordoned.clone()
            } else {
                None
            },
            ..RegisterBrokerRecord::default()
        };
        Record::new(record, version.register_broker_record())
    }

    /// The broker after a change; what is `None` stays.
    #[must_use]
    pub fn changed(
        &self,
        fenced: Option<bool>,
        in_controlled_shutdown: Option<bool>,
        directories: Option<&[Uuid]>,
        cordoned: Option<&[Uuid]>,
    ) -> Self {
        Self {
            fenced: fenced.unwrap_or(self.fenced),
            in_controlled_shutdown: in_controlled_shutdown.unwrap_or(self.in_controlled_shutdown),
            directories: directories.map_or_else(|| self.directories.clone(), in_kafkas_order),
            cordoned: cordoned
                .map(in_kafkas_order)
                .or_else(|| self.cordoned.clone()),
            ..self.clone()
        }
    }

    /// Whether it may lead: neither fenced nor shutting down.
    pub fn is_active(&self) -> bool {
        !self.fenced && !self.in_controlled_shutdown
    }

    /// Whether a replica in `id` can be read and written. Without any known directory it is taken to be.
    pub fn has_online_directory(&self, id: Uuid) -> bool {
        if id == directory::MIGRATING || id == directory::UNASSIGNED {
            return true;
        }
        id != directory::LOST && (self.directories.is_empty() || self.directories.contains(&id))
    }

    /// Whether a new replica could go to any of its directories.
    pub fn takes_replicas(&self) -> bool {
        let Some(cordoned) = &self.cordoned else {
            return true;
        };
        self.directories.is_empty() || self.directories.iter().any(|id| !cordoned.contains(id))
    }

    /// The directory of a new replica, as far as the controller can tell: only one, or left to the broker.
    pub fn default_directory(&self) -> Uuid {
        match self.directories.as_slice() {
            [] => directory::MIGRATING,
            [only] => *only,
            _ => directory::UNASSIGNED,
        }
    }

    /// A listener by name.
    pub fn endpoint(&self, name: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.name == name)
    }
}

/// A controller's registration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ControllerRegistration {
    /// Its node id.
    pub id: i32,
    /// New for each start of the process.
    pub incarnation_id: Uuid,
    /// From the time of the migration from ZooKeeper; always false today.
    pub zk_migration_ready: bool,
    /// Its listeners, in the order it named them.
    pub endpoints: Vec<Endpoint>,
    /// What it supports.
    pub features: SupportedFeatures,
}

impl ControllerRegistration {
    /// From its record.
    pub fn from_record(record: &RegisterControllerRecord) -> Self {
        let endpoint = |from: &ControllerEndpoint| Endpoint {
            name: from.name.clone(),
            host: from.host.clone(),
            port: from.port,
            security_protocol: from.security_protocol,
        };
        let feature = |from: &ControllerFeature| {
            let range = (from.min_supported_version, from.max_supported_version);
            (from.name.clone(), range)
        };
        Self {
            id: record.controller_id,
            incarnation_id: record.incarnation_id,
            zk_migration_ready: record.zk_migration_ready,
            endpoints: record.end_points.iter().map(endpoint).collect(),
            features: record.features.iter().map(feature).collect(),
        }
    }

    /// The record that registers this controller.
    pub fn to_record(&self) -> Record {
        let endpoint = |from: &Endpoint| ControllerEndpoint {
            name: from.name.clone(),
            host: from.host.clone(),
            port: from.port,
            security_protocol: from.security_protocol,
            ..ControllerEndpoint::default()
        };
        let feature = |(name, (min, max)): (&String, &(i16, i16))| ControllerFeature {
            name: name.clone(),
            min_supported_version: *min,
            max_supported_version: *max,
            ..ControllerFeature::default()
        };
        Record::from(RegisterControllerRecord {
            controller_id: self.id,
            incarnation_id: self.incarnation_id,
            zk_migration_ready: self.zk_migration_ready,
            end_points: self.endpoints.iter().map(endpoint).collect(),
            features: self.features.iter().map(feature).collect(),
            ..RegisterControllerRecord::default()
        })
    }
}
