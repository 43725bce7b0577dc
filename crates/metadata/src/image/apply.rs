//! One record applied to an image.

use std::{fmt, sync::Arc};

use ottla_wire::{
    Uuid,
    messages::{
        MetadataRecord, broker_registration_change_record::BrokerRegistrationChangeRecord,
        client_quota_record::ClientQuotaRecord, config_record::ConfigRecord,
        feature_level_record::FeatureLevelRecord, partition_change_record::PartitionChangeRecord,
        partition_record::PartitionRecord,
    },
};

use super::{
    Broker, ConfigResource, ControllerRegistration, Image, Partition, QuotaEntity, ResourceType,
    Topic,
};
use crate::{
    features::{KRAFT_VERSION, METADATA_VERSION},
    version::MetadataVersion,
};

/// A record that does not fit the image: the log is not one that a controller wrote, or a newer one's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ApplyError {
    /// A `metadata.version` that this build does not know.
    MetadataVersion(i16),
    /// No such topic id.
    TopicId(Uuid),
    /// No such topic.
    TopicName(String),
    /// No such partition.
    Partition(Uuid, i32),
    /// The topic's name is taken by another id.
    TopicExists(String, Uuid),
    /// A partition whose directories do not match its replicas, or with an unknown recovery state.
    PartitionFields(Uuid, i32),
    /// No such broker.
    Broker(i32),
    /// Another epoch than the broker's: id, the record's epoch, the broker's.
    BrokerEpoch(i32, i64, i64),
    /// A broker change with a value that is none of -1, 0, 1.
    BrokerChange(i32, i8),
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MetadataVersion(level) => write!(
                f,
                "metadata.version {level} is not one of {} to {} that this build supports",
                MetadataVersion::MINIMUM.level(),
                MetadataVersion::LATEST.level()
            ),
            Self::TopicId(id) => write!(f, "no topic has the id {id}"),
            Self::TopicName(name) => write!(f, "no topic is named {name}"),
            Self::Partition(id, index) => write!(f, "topic id {id} has no partition {index}"),
            Self::TopicExists(name, id) => write!(f, "topic {name} exists already, with id {id}"),
            Self::PartitionFields(id, index) => write!(
                f,
                "partition {index} of topic id {id} has directories that do not match its replicas, \
                 or an unknown recovery state"
            ),
            Self::Broker(id) => write!(f, "broker {id} is not registered"),
            Self::BrokerEpoch(id, given, known) => write!(
                f,
                "the record is of epoch {given} of broker {id}, which has epoch {known}"
            ),
            Self::BrokerChange(id, value) => {
                write!(
                    f,
                    "{value} is no change of broker {id}: it must be -1, 0 or 1"
                )
            }
        }
    }
}

impl std::error::Error for ApplyError {}

impl Image {
    /// Applies one record. On an error nothing has changed.
    ///
    /// The records of metadata transactions, like those that only fill the log, change nothing here: whoever reads
    /// the log decides when the records in between count ([`crate::loader::Loader`]).
    pub fn apply(&mut self, record: &MetadataRecord) -> Result<(), ApplyError> {
        match record {
            MetadataRecord::NoOp(_)
            | MetadataRecord::ZkMigrationState(_)
            | MetadataRecord::BeginTransaction(_)
            | MetadataRecord::EndTransaction(_)
            | MetadataRecord::AbortTransaction(_) => Ok(()),
            MetadataRecord::Topic(_)
            | MetadataRecord::RemoveTopic(_)
            | MetadataRecord::Partition(_)
            | MetadataRecord::PartitionChange(_)
            | MetadataRecord::ClearElr(_) => self.apply_topics(record),
            MetadataRecord::RegisterBroker(_)
            | MetadataRecord::UnregisterBroker(_)
            | MetadataRecord::FenceBroker(_)
            | MetadataRecord::UnfenceBroker(_)
            | MetadataRecord::BrokerRegistrationChange(_)
            | MetadataRecord::RegisterController(_)
            | MetadataRecord::UnregisterController(_) => self.apply_cluster(record),
            MetadataRecord::FeatureLevel(record) => self.apply_feature(record),
            _ => {
                self.apply_settings(record);
                Ok(())
            }
        }
    }

    fn apply_feature(&mut self, record: &FeatureLevelRecord) -> Result<(), ApplyError> {
        let level = record.feature_level;
        match record.name.as_str() {
            METADATA_VERSION => {
                let version = MetadataVersion::from_level(level);
                self.metadata_version = Some(version.ok_or(ApplyError::MetadataVersion(level))?);
            }
            // Its level is a control record of the raft log.
            KRAFT_VERSION => {}
            name => {
                let features = Arc::make_mut(&mut self.features);
                if level == 0 {
                    features.remove(name);
                } else {
                    features.insert(name.to_owned(), level);
                }
            }
        }
        Ok(())
    }

    fn apply_topics(&mut self, record: &MetadataRecord) -> Result<(), ApplyError> {
        match record {
            MetadataRecord::Topic(record) => {
                if let Some(id) = self.topic_ids.get(record.name.as_str()) {
                    return Err(ApplyError::TopicExists(record.name.clone(), *id));
                }
                let topic = Topic::new(record.name.as_str(), record.topic_id);
                self.topic_ids.insert(topic.name.clone(), topic.id);
                self.topics.insert(topic.id, Arc::new(topic));
                Ok(())
            }
            MetadataRecord::RemoveTopic(record) => {
                let topic = self.topics.remove(&record.topic_id);
                let topic = topic.ok_or(ApplyError::TopicId(record.topic_id))?;
                self.topic_ids.remove(&topic.name);
                self.configs
                    .remove(&ConfigResource::topic(topic.name.to_string()));
                Ok(())
            }
            MetadataRecord::Partition(record) => self.apply_partition(record),
            MetadataRecord::PartitionChange(record) => self.apply_partition_change(record),
            MetadataRecord::ClearElr(record) => self.clear_elr(&record.topic_name),
            _ => Ok(()),
        }
    }

    fn topic_mut(&mut self, id: Uuid) -> Result<&mut Topic, ApplyError> {
        let topic = self.topics.get_mut(&id).ok_or(ApplyError::TopicId(id))?;
        Ok(Arc::make_mut(topic))
    }

    fn apply_partition(&mut self, record: &PartitionRecord) -> Result<(), ApplyError> {
        let (topic, index) = (record.topic_id, record.partition_id);
        let partition = Partition::from_record(record);
        let partition = partition.ok_or(ApplyError::PartitionFields(topic, index))?;
        let topic = self.topic_mut(topic)?;
        topic.partitions.insert(index, Arc::new(partition));
        Ok(())
    }

    fn apply_partition_change(&mut self, record: &PartitionChangeRecord) -> Result<(), ApplyError> {
        let (topic, index) = (record.topic_id, record.partition_id);
        let partition = self.topic_mut(topic)?.partitions.get_mut(&index);
        let partition = partition.ok_or(ApplyError::Partition(topic, index))?;
        let changed = partition.changed(record);
        *partition = Arc::new(changed.ok_or(ApplyError::PartitionFields(topic, index))?);
        Ok(())
    }

    /// The empty name means all topics.
    fn clear_elr(&mut self, name: &str) -> Result<(), ApplyError> {
        let touched: Vec<Uuid> = if name.is_empty() {
            let with_elr = self.topics.values().filter(|topic| topic.has_elr());
            with_elr.map(|topic| topic.id).collect()
        } else {
            let id = self.topic_id(name);
            vec![id.ok_or_else(|| ApplyError::TopicName(name.to_owned()))?]
        };
        for id in touched {
            let topic = self.topic_mut(id)?;
            let indexes: Vec<i32> = topic.partitions_with_elr().collect();
            for index in indexes {
                if let Some(partition) = topic.partitions.get_mut(&index) {
                    let partition = Arc::make_mut(partition);
                    partition.elr = Box::default();
                    partition.last_known_elr = Box::default();
                }
            }
        }
        Ok(())
    }

    fn apply_cluster(&mut self, record: &MetadataRecord) -> Result<(), ApplyError> {
        match record {
            MetadataRecord::RegisterBroker(record) => {
                let broker = Arc::new(Broker::from_record(record));
                self.brokers.insert(broker.id, broker);
            }
            MetadataRecord::UnregisterBroker(record) => {
                self.brokers.remove(&record.broker_id);
            }
            MetadataRecord::FenceBroker(record) => {
                self.change_broker(record.id, record.epoch, |broker| {
                    broker.changed(Some(true), None, None, None)
                })?;
            }
            MetadataRecord::UnfenceBroker(record) => {
                self.change_broker(record.id, record.epoch, |broker| {
                    broker.changed(Some(false), None, None, None)
                })?;
            }
            MetadataRecord::BrokerRegistrationChange(record) => self.apply_broker_change(record)?,
            MetadataRecord::RegisterController(record) => {
                let controller = Arc::new(ControllerRegistration::from_record(record));
                self.controllers.insert(controller.id, controller);
            }
            MetadataRecord::UnregisterController(record) => {
                self.controllers.remove(&record.controller_id);
            }
            _ => {}
        }
        Ok(())
    }

    fn change_broker(
        &mut self,
        id: i32,
        epoch: i64,
        change: impl FnOnce(&Broker) -> Broker,
    ) -> Result<(), ApplyError> {
        let broker = self.brokers.get_mut(&id).ok_or(ApplyError::Broker(id))?;
        if broker.epoch != epoch {
            return Err(ApplyError::BrokerEpoch(id, epoch, broker.epoch));
        }
        *broker = Arc::new(change(broker));
        Ok(())
    }

    fn apply_broker_change(
        &mut self,
        record: &BrokerRegistrationChangeRecord,
    ) -> Result<(), ApplyError> {
        let id = record.broker_id;
        let switch = |value: i8| match value {
            -1 => Ok(Some(false)),
            0 => Ok(None),
            1 => Ok(Some(true)),
            other => Err(ApplyError::BrokerChange(id, other)),
        };
        let fenced = switch(record.fenced)?;
        let in_controlled_shutdown = switch(record.in_controlled_shutdown)?;
        let directories = (!record.log_dirs.is_empty()).then_some(record.log_dirs.as_slice());
        let cordoned = record.cordoned_log_dirs.as_deref();
        self.change_broker(id, record.broker_epoch, |broker| {
            broker.changed(fenced, in_controlled_shutdown, directories, cordoned)
        })
    }

    /// Records that always fit.
    fn apply_settings(&mut self, record: &MetadataRecord) {
        match record {
            MetadataRecord::Config(record) => self.apply_config(record),
            MetadataRecord::ClientQuota(record) => self.apply_quota(record),
            MetadataRecord::ProducerIds(record) => {
                self.next_producer_id = Some(record.next_producer_id);
            }
            MetadataRecord::AccessControlEntry(record) => {
                self.acls.insert(record.id, Arc::new(record.clone()));
            }
            MetadataRecord::RemoveAccessControlEntry(record) => {
                self.acls.remove(&record.id);
            }
            MetadataRecord::UserScramCredential(record) => {
                let key = (record.mechanism, record.name.clone());
                self.scram.insert(key, Arc::new(record.clone()));
            }
            MetadataRecord::RemoveUserScramCredential(record) => {
                self.scram.remove(&(record.mechanism, record.name.clone()));
            }
            MetadataRecord::DelegationToken(record) => {
                let token = Arc::new(record.clone());
                self.delegation_tokens
                    .insert(record.token_id.clone(), token);
            }
            MetadataRecord::RemoveDelegationToken(record) => {
                self.delegation_tokens.remove(&record.token_id);
            }
            _ => {}
        }
    }

    fn apply_config(&mut self, record: &ConfigRecord) {
        let kind = ResourceType(record.resource_type);
        let resource = ConfigResource::new(kind, record.resource_name.as_str());
        let mut configs = self.configs.get(&resource).cloned().unwrap_or_default();
        match &record.value {
            Some(value) => {
                Arc::make_mut(&mut configs).insert(record.name.clone(), value.clone());
            }
            None => {
                Arc::make_mut(&mut configs).remove(&record.name);
            }
        }
        if configs.is_empty() {
            self.configs.remove(&resource);
        } else {
            self.configs.insert(resource, configs);
        }
    }

    fn apply_quota(&mut self, record: &ClientQuotaRecord) {
        let entity = QuotaEntity::from_data(&record.entity);
        let mut quotas = self.client_quotas.get(&entity).cloned().unwrap_or_default();
        if record.remove {
            Arc::make_mut(&mut quotas).remove(&record.key);
        } else {
            Arc::make_mut(&mut quotas).insert(record.key.clone(), record.value);
        }
        if quotas.is_empty() {
            self.client_quotas.remove(&entity);
        } else {
            self.client_quotas.insert(entity, quotas);
        }
    }
}

impl Topic {
    fn partitions_with_elr(&self) -> impl Iterator<Item = i32> {
        let has_elr = |partition: &Partition| {
            !partition.elr.is_empty() || !partition.last_known_elr.is_empty()
        };
        let partitions = self.partitions.iter();
        partitions.filter_map(move |(index, partition)| has_elr(partition).then_some(*index))
    }

    pub(crate) fn has_elr(&self) -> bool {
        self.partitions_with_elr().next().is_some()
    }
}
