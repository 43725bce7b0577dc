//! An image as the records that make it: the contents of a snapshot.

use ottla_wire::messages::{
    config_record::ConfigRecord, feature_level_record::FeatureLevelRecord,
    producer_ids_record::ProducerIdsRecord,
};

use super::{Image, quotas};
use crate::record::Record;

impl Image {
    /// The records of a snapshot, in Kafka's order: features first (readers need `metadata.version` for what comes
    /// after), then nodes, topics, configurations, quotas, producer ids, access control, credentials, tokens.
    pub fn to_records(&self) -> impl Iterator<Item = Record> {
        let version = self.metadata_version_or_minimum();
        let with_elr = self.keeps_elr();
        let levels = self.features().map(|(name, level)| {
            Record::from(FeatureLevelRecord {
                name: name.to_owned(),
                feature_level: level,
                ..FeatureLevelRecord::default()
            })
        });
        let brokers = self.brokers().map(move |broker| broker.to_record(version));
        let registers = version.has_controller_registration();
        let controllers = self
            .controllers()
            .filter(move |_| registers)
            .map(|controller| controller.to_record());
        let topics = self
            .topics
            .values()
            .flat_map(move |topic| topic.to_records(version, with_elr));
        levels
            .chain(brokers)
            .chain(controllers)
            .chain(topics)
            .chain(self.config_records())
            .chain(self.quota_records())
            .chain(self.access_records())
    }

    fn config_records(&self) -> impl Iterator<Item = Record> {
        self.all_configs().flat_map(|(resource, configs)| {
            configs.iter().map(|(name, value)| {
                Record::from(ConfigRecord {
                    resource_type: resource.kind.0,
                    resource_name: resource.name.clone(),
                    name: name.clone(),
                    value: Some(value.clone()),
                    ..ConfigRecord::default()
                })
            })
        })
    }

    fn quota_records(&self) -> impl Iterator<Item = Record> {
        let quotas = self.all_quotas().flat_map(|(entity, quotas)| {
            let record = |(key, value): (&String, &f64)| quotas::to_record(entity, key, *value);
            quotas.iter().map(record).map(Record::from)
        });
        let producer_ids = self.next_producer_id.map(|next_producer_id| {
            Record::from(ProducerIdsRecord {
                broker_id: -1,
                broker_epoch: -1,
                next_producer_id,
                ..ProducerIdsRecord::default()
            })
        });
        quotas.chain(producer_ids)
    }

    fn access_records(&self) -> impl Iterator<Item = Record> {
        let version = self.metadata_version_or_minimum();
        let acls = self.acls().map(|acl| Record::from((**acl).clone()));
        let scram = self
            .all_scram()
            .filter(move |_| version.has_scram())
            .map(|credential| Record::from((**credential).clone()));
        let tokens = self
            .delegation_tokens()
            .filter(move |_| version.has_delegation_tokens())
            .map(|token| Record::from((**token).clone()));
        acls.chain(scram).chain(tokens)
    }
}
