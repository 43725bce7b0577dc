//! The cluster's metadata as an immutable value: cheap to clone, changed only by applying records.
//!
//! An [`Image`] is a fold of metadata records and nothing else: two nodes that applied the same records have equal
//! images, and [`Image::to_records`] gives records whose fold is the image again (a snapshot). Clones share
//! everything that did not change since.

mod apply;
mod cluster;
mod configs;
pub mod directory;
mod quotas;
mod records;
mod topics;

use std::{collections::BTreeMap, ops::Bound, sync::Arc};

use imbl::OrdMap;
use ottla_wire::{
    Uuid,
    messages::{
        access_control_entry_record::AccessControlEntryRecord,
        delegation_token_record::DelegationTokenRecord,
        user_scram_credential_record::UserScramCredentialRecord,
    },
};

pub use apply::ApplyError;
pub use cluster::{Broker, ControllerRegistration, Endpoint, SupportedFeatures};
pub use configs::{ConfigResource, Configs, ResourceType};
pub use quotas::{QuotaEntity, Quotas};
pub use topics::{LeaderRecoveryState, NO_LEADER, NO_LEADER_CHANGE, Partition, Topic};

use crate::{
    features::{ELIGIBLE_LEADER_REPLICAS, METADATA_VERSION},
    version::MetadataVersion,
};

/// The whole of the cluster's metadata at one point of its log.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Image {
    metadata_version: Option<MetadataVersion>,
    features: Arc<BTreeMap<String, i16>>,
    brokers: OrdMap<i32, Arc<Broker>>,
    controllers: OrdMap<i32, Arc<ControllerRegistration>>,
    topics: OrdMap<Uuid, Arc<Topic>>,
    topic_ids: OrdMap<Arc<str>, Uuid>,
    configs: OrdMap<ConfigResource, Arc<Configs>>,
    client_quotas: OrdMap<QuotaEntity, Arc<Quotas>>,
    next_producer_id: Option<i64>,
    acls: OrdMap<Uuid, Arc<AccessControlEntryRecord>>,
    scram: OrdMap<(i8, String), Arc<UserScramCredentialRecord>>,
    delegation_tokens: OrdMap<String, Arc<DelegationTokenRecord>>,
}

impl Image {
    /// The finalized `metadata.version`; `None` before the first record that sets it.
    pub fn metadata_version(&self) -> Option<MetadataVersion> {
        self.metadata_version
    }

    /// The finalized `metadata.version`, or the oldest one before anything is known.
    pub fn metadata_version_or_minimum(&self) -> MetadataVersion {
        self.metadata_version.unwrap_or(MetadataVersion::MINIMUM)
    }

    /// The finalized level of a feature; 0 if it is not enabled. `kraft.version` is not known here.
    pub fn feature_level(&self, name: &str) -> i16 {
        if name == METADATA_VERSION {
            return self.metadata_version.map_or(0, MetadataVersion::level);
        }
        self.features.get(name).copied().unwrap_or(0)
    }

    /// All finalized features with their levels, `metadata.version` first and `kraft.version` absent.
    pub fn features(&self) -> impl Iterator<Item = (&str, i16)> {
        let version = self.metadata_version.map(MetadataVersion::level);
        let features = self.features.iter();
        version
            .map(|level| (METADATA_VERSION, level))
            .into_iter()
            .chain(features.map(|(name, level)| (name.as_str(), *level)))
    }

    /// Whether the cluster keeps eligible leader replicas (KIP-966).
    pub fn keeps_elr(&self) -> bool {
        self.feature_level(ELIGIBLE_LEADER_REPLICAS) >= 1
    }

    /// A broker by id.
    pub fn broker(&self, id: i32) -> Option<&Arc<Broker>> {
        self.brokers.get(&id)
    }

    /// All registered brokers, fenced ones too, by id.
    pub fn brokers(&self) -> impl ExactSizeIterator<Item = &Arc<Broker>> {
        self.brokers.values()
    }

    /// Whether a broker is registered, not fenced and not shutting down.
    pub fn is_active(&self, broker: i32) -> bool {
        self.broker(broker).is_some_and(|broker| broker.is_active())
    }

    /// A registered controller by id.
    pub fn controller(&self, id: i32) -> Option<&Arc<ControllerRegistration>> {
        self.controllers.get(&id)
    }

    /// All registered controllers by id.
    pub fn controllers(&self) -> impl ExactSizeIterator<Item = &Arc<ControllerRegistration>> {
        self.controllers.values()
    }

    /// A topic by name.
    pub fn topic(&self, name: &str) -> Option<&Arc<Topic>> {
        self.topic_by_id(*self.topic_ids.get(name)?)
    }

    /// A topic by id.
    pub fn topic_by_id(&self, id: Uuid) -> Option<&Arc<Topic>> {
        self.topics.get(&id)
    }

    /// A topic's id.
    pub fn topic_id(&self, name: &str) -> Option<Uuid> {
        self.topic_ids.get(name).copied()
    }

    /// All topics, by name.
    pub fn topics(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.topic_ids.values().filter_map(|id| self.topics.get(id))
    }

    /// The names of all topics, ascending, from `start` on.
    pub fn topic_names_from(&self, start: &str) -> impl Iterator<Item = &Arc<str>> {
        let from = (Bound::Included(start), Bound::Unbounded);
        self.topic_ids.range::<_, str>(from).map(|(name, _)| name)
    }

    /// How many topics there are.
    pub fn topic_count(&self) -> usize {
        self.topics.len()
    }

    /// A partition.
    pub fn partition(&self, topic: Uuid, index: i32) -> Option<&Arc<Partition>> {
        self.topic_by_id(topic)?.partitions.get(&index)
    }

    /// All partitions with their topic and index.
    pub fn partitions(&self) -> impl Iterator<Item = (&Arc<Topic>, i32, &Arc<Partition>)> {
        self.topics.values().flat_map(|topic| {
            let partitions = topic.partitions.iter();
            partitions.map(move |(index, partition)| (topic, *index, partition))
        })
    }

    /// The dynamic configurations of a resource; empty if it has none.
    pub fn configs(&self, resource: &ConfigResource) -> &Configs {
        static NONE: Configs = Configs::new();
        self.configs.get(resource).map_or(&NONE, |configs| configs)
    }

    /// One dynamic configuration.
    pub fn config(&self, resource: &ConfigResource, key: &str) -> Option<&str> {
        self.configs(resource).get(key).map(String::as_str)
    }

    /// Every resource that has dynamic configurations.
    pub fn all_configs(&self) -> impl Iterator<Item = (&ConfigResource, &Configs)> {
        self.configs
            .iter()
            .map(|(resource, configs)| (resource, &**configs))
    }

    /// The quotas of an entity, if it has any.
    pub fn quotas(&self, entity: &QuotaEntity) -> Option<&Quotas> {
        self.client_quotas.get(entity).map(|quotas| &**quotas)
    }

    /// Every entity that has quotas.
    pub fn all_quotas(&self) -> impl Iterator<Item = (&QuotaEntity, &Quotas)> {
        self.client_quotas
            .iter()
            .map(|(entity, quotas)| (entity, &**quotas))
    }

    /// The first producer id that was not given away.
    pub fn next_producer_id(&self) -> i64 {
        self.next_producer_id.unwrap_or(0)
    }

    /// An access control entry by id.
    pub fn acl(&self, id: Uuid) -> Option<&Arc<AccessControlEntryRecord>> {
        self.acls.get(&id)
    }

    /// All access control entries.
    pub fn acls(&self) -> impl ExactSizeIterator<Item = &Arc<AccessControlEntryRecord>> {
        self.acls.values()
    }

    /// A user's SCRAM credential for a mechanism (1 SCRAM-SHA-256, 2 SCRAM-SHA-512).
    pub fn scram(&self, mechanism: i8, user: &str) -> Option<&Arc<UserScramCredentialRecord>> {
        self.scram.get(&(mechanism, user.to_owned()))
    }

    /// All SCRAM credentials, by mechanism and user.
    pub fn all_scram(&self) -> impl ExactSizeIterator<Item = &Arc<UserScramCredentialRecord>> {
        self.scram.values()
    }

    /// A delegation token by id.
    pub fn delegation_token(&self, id: &str) -> Option<&Arc<DelegationTokenRecord>> {
        self.delegation_tokens.get(id)
    }

    /// All delegation tokens.
    pub fn delegation_tokens(&self) -> impl ExactSizeIterator<Item = &Arc<DelegationTokenRecord>> {
        self.delegation_tokens.values()
    }
}
