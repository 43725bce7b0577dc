//! What changed between two images, so that a broker acts on changes only.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_wire::{Uuid, messages::MetadataRecord};

use crate::image::{ConfigResource, Image, Partition, QuotaEntity, ResourceType, Topic};

/// The names of all that records touched. Whether it came, changed or went is told by the images around it
/// ([`crate::loader::Change`]).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Delta {
    /// A feature level changed, or may have.
    pub features: bool,
    /// Brokers.
    pub brokers: BTreeSet<i32>,
    /// Controllers.
    pub controllers: BTreeSet<i32>,
    /// Topics, with those of their partitions that were touched.
    pub topics: BTreeMap<Uuid, BTreeSet<i32>>,
    /// Resources whose configurations were touched.
    pub configs: BTreeSet<ConfigResource>,
    /// Entities whose quotas were touched.
    pub client_quotas: BTreeSet<QuotaEntity>,
    /// Producer ids were given away.
    pub producer_ids: bool,
    /// Access control entries.
    pub acls: BTreeSet<Uuid>,
    /// SCRAM credentials: mechanism and user.
    pub scram: BTreeSet<(i8, String)>,
    /// Delegation tokens.
    pub delegation_tokens: BTreeSet<String>,
}

impl Delta {
    /// Whether nothing was touched.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Notes what `record` is about to touch in `before`.
    pub fn note(&mut self, before: &Image, record: &MetadataRecord) {
        match record {
            MetadataRecord::FeatureLevel(_) => self.features = true,
            MetadataRecord::RegisterBroker(of) => self.broker(of.broker_id),
            MetadataRecord::UnregisterBroker(of) => self.broker(of.broker_id),
            MetadataRecord::FenceBroker(of) => self.broker(of.id),
            MetadataRecord::UnfenceBroker(of) => self.broker(of.id),
            MetadataRecord::BrokerRegistrationChange(of) => self.broker(of.broker_id),
            MetadataRecord::RegisterController(of) => self.controller(of.controller_id),
            MetadataRecord::UnregisterController(of) => self.controller(of.controller_id),
            MetadataRecord::Topic(of) => {
                self.topics.entry(of.topic_id).or_default();
            }
            MetadataRecord::Partition(of) => self.partition(of.topic_id, of.partition_id),
            MetadataRecord::PartitionChange(of) => self.partition(of.topic_id, of.partition_id),
            MetadataRecord::RemoveTopic(of) => self.removed_topic(before, of.topic_id),
            MetadataRecord::ClearElr(of) => self.cleared_elr(before, &of.topic_name),
            _ => self.note_settings(record),
        }
    }

    fn note_settings(&mut self, record: &MetadataRecord) {
        match record {
            MetadataRecord::Config(of) => {
                let kind = ResourceType(of.resource_type);
                let resource = ConfigResource::new(kind, of.resource_name.as_str());
                self.configs.insert(resource);
            }
            MetadataRecord::ClientQuota(of) => {
                self.client_quotas
                    .insert(QuotaEntity::from_data(&of.entity));
            }
            MetadataRecord::ProducerIds(_) => self.producer_ids = true,
            MetadataRecord::AccessControlEntry(of) => {
                self.acls.insert(of.id);
            }
            MetadataRecord::RemoveAccessControlEntry(of) => {
                self.acls.insert(of.id);
            }
            MetadataRecord::UserScramCredential(of) => {
                self.scram.insert((of.mechanism, of.name.clone()));
            }
            MetadataRecord::RemoveUserScramCredential(of) => {
                self.scram.insert((of.mechanism, of.name.clone()));
            }
            MetadataRecord::DelegationToken(of) => {
                self.delegation_tokens.insert(of.token_id.clone());
            }
            MetadataRecord::RemoveDelegationToken(of) => {
                self.delegation_tokens.insert(of.token_id.clone());
            }
            _ => {}
        }
    }

    fn broker(&mut self, id: i32) {
        self.brokers.insert(id);
    }

    fn controller(&mut self, id: i32) {
        self.controllers.insert(id);
    }

    fn partition(&mut self, topic: Uuid, index: i32) {
        self.topics.entry(topic).or_default().insert(index);
    }

    fn removed_topic(&mut self, before: &Image, id: Uuid) {
        self.topics.entry(id).or_default();
        let Some(topic) = before.topic_by_id(id) else {
            return;
        };
        let resource = ConfigResource::topic(topic.name.to_string());
        if !before.configs(&resource).is_empty() {
            self.configs.insert(resource);
        }
    }

    fn cleared_elr(&mut self, before: &Image, name: &str) {
        for (topic, index, partition) in before.partitions() {
            let has_elr = !partition.elr.is_empty() || !partition.last_known_elr.is_empty();
            if has_elr && (name.is_empty() || &*topic.name == name) {
                self.partition(topic.id, index);
            }
        }
    }

    /// What differs between two images: for a snapshot, which replaces an image as a whole.
    pub fn between(old: &Image, new: &Image) -> Self {
        let mut delta = Self {
            features: old.features().ne(new.features()),
            producer_ids: old.next_producer_id() != new.next_producer_id(),
            ..Self::default()
        };
        delta.brokers = differing(old.brokers(), new.brokers(), |broker| broker.id);
        delta.controllers = differing(old.controllers(), new.controllers(), |node| node.id);
        delta.configs = differing(old.all_configs(), new.all_configs(), |(of, _)| {
            (*of).clone()
        });
        delta.client_quotas =
            differing(old.all_quotas(), new.all_quotas(), |(of, _)| (*of).clone());
        delta.acls = differing(old.acls(), new.acls(), |acl| acl.id);
        delta.scram = differing(old.all_scram(), new.all_scram(), |of| {
            (of.mechanism, of.name.clone())
        });
        delta.delegation_tokens =
            differing(old.delegation_tokens(), new.delegation_tokens(), |of| {
                of.token_id.clone()
            });
        for id in differing(old.topics(), new.topics(), |topic| topic.id) {
            let partitions = |image: &Image| image.topic_by_id(id).cloned();
            let changed = changed_partitions(partitions(old), partitions(new));
            delta.topics.insert(id, changed);
        }
        delta
    }
}

/// The keys of the items that only one side has, or that differ.
fn differing<T: PartialEq, K: Ord + Clone>(
    old: impl Iterator<Item = T>,
    new: impl Iterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> BTreeSet<K> {
    let mut rest: BTreeMap<K, T> = old.map(|item| (key(&item), item)).collect();
    let mut keys = BTreeSet::new();
    for item in new {
        let key = key(&item);
        if rest.remove(&key).as_ref() != Some(&item) {
            keys.insert(key);
        }
    }
    keys.extend(rest.into_keys());
    keys
}

fn changed_partitions(old: Option<Arc<Topic>>, new: Option<Arc<Topic>>) -> BTreeSet<i32> {
    let partitions = |topic: &Option<Arc<Topic>>| -> Vec<(i32, Arc<Partition>)> {
        let partitions = topic.iter().flat_map(|topic| topic.partitions.iter());
        partitions.map(|(index, it)| (*index, it.clone())).collect()
    };
    let (old, new) = (partitions(&old), partitions(&new));
    differing(old.into_iter(), new.into_iter(), |(index, _)| *index)
}
