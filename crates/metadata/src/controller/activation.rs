//! The first records of a new active controller: those of a new cluster, or the end of what its predecessor left open.

use ottla_wire::messages::{
    AbortTransactionRecord, BeginTransactionRecord, ConfigRecord, EndTransactionRecord,
    MetadataRecord,
};

use super::{Controller, rules};
use crate::{
    Record,
    features::ELIGIBLE_LEADER_REPLICAS,
    image::{ConfigResource, ResourceType},
    version::MetadataVersion,
};

fn abort() -> Record {
    Record::from(AbortTransactionRecord {
        reason: Some("Controller failover".to_owned()),
        ..AbortTransactionRecord::default()
    })
}

fn begin() -> Record {
    Record::from(BeginTransactionRecord {
        name: Some("Bootstrap records".to_owned()),
        ..BeginTransactionRecord::default()
    })
}

/// The level that bootstrap records give a feature; 0 if none.
fn bootstrap_level(records: &[Record], feature: &str) -> i16 {
    let level = |record: &Record| match &record.value {
        MetadataRecord::FeatureLevel(of) if of.name == feature => Some(of.feature_level),
        _ => None,
    };
    records.iter().rev().find_map(level).unwrap_or(0)
}

impl Controller {
    /// A log that never had a `metadata.version` is that of a new cluster.
    pub(super) fn activation_records(&self) -> Vec<Record> {
        let open = self.ledger.is_in_transaction();
        if self
            .ledger
            .outside_transaction()
            .metadata_version()
            .is_some()
        {
            return if open { vec![abort()] } else { Vec::new() };
        }
        let bootstrap = &self.settings.bootstrap;
        let level = bootstrap_level(bootstrap, crate::features::METADATA_VERSION);
        let version = MetadataVersion::from_level(level);
        let in_transaction = version.is_some_and(MetadataVersion::has_transactions);
        let mut records = Vec::new();
        if open {
            records.push(abort());
        }
        if in_transaction {
            records.push(begin());
        }
        records.extend(bootstrap.iter().cloned());
        if bootstrap_level(bootstrap, ELIGIBLE_LEADER_REPLICAS) > 0 {
            records.push(self.cluster_min_isr());
        }
        if in_transaction {
            records.push(Record::from(EndTransactionRecord::default()));
        }
        records
    }

    /// With eligible leader replicas, all brokers must agree on the minimum: what this node is configured with becomes
    /// the cluster's default.
    pub(super) fn cluster_min_isr(&self) -> Record {
        Record::from(ConfigRecord {
            resource_type: ResourceType::BROKER.0,
            resource_name: ConfigResource::all_brokers().name,
            name: rules::MIN_ISR.to_owned(),
            value: Some(self.settings.broker.int(rules::MIN_ISR).to_string()),
            ..ConfigRecord::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::messages::MetadataRecord;

    use super::super::{
        Input, Reply,
        testing::{World, bootstrap, settings},
    };
    use super::*;

    fn names(records: &[MetadataRecord]) -> Vec<&'static str> {
        records.iter().map(MetadataRecord::name).collect()
    }

    #[test]
    fn a_new_cluster_begins_as_kafkas() {
        let mut world = World::inactive(settings());
        let (records, reply) = world.decide(Input::Activate { epoch: 1 });
        assert_eq!(reply, Reply::Done);
        let mut expected = vec!["BEGIN_TRANSACTION_RECORD"];
        expected.extend(["FEATURE_LEVEL_RECORD"; 6]);
        expected.extend(["CONFIG_RECORD", "END_TRANSACTION_RECORD"]);
        assert_eq!(names(&records), expected);
        let image = world.image();
        assert_eq!(image.metadata_version(), Some(MetadataVersion::LATEST));
        let all = ConfigResource::all_brokers();
        assert_eq!(image.config(&all, rules::MIN_ISR), Some("1"));
        // Another leader has nothing to add.
        assert_eq!(world.decide(Input::Activate { epoch: 2 }).0, []);
    }

    #[test]
    fn old_clusters_begin_without_what_they_lack() {
        for (level, expected) in [(12, 1), (13, 3)] {
            let mut settings = settings();
            settings.bootstrap = bootstrap(MetadataVersion::from_level(level).unwrap());
            let mut world = World::inactive(settings);
            let (records, _) = world.decide(Input::Activate { epoch: 1 });
            assert_eq!(records.len(), expected, "{records:?}");
        }
    }

    #[test]
    fn what_a_predecessor_left_open_is_aborted() {
        let mut world = World::inactive(settings());
        let level = settings().bootstrap.remove(0);
        world.append(vec![begin(), level]);
        let (records, _) = world.decide(Input::Activate { epoch: 2 });
        assert_eq!(
            names(&records)[..2],
            ["ABORT_TRANSACTION_RECORD", "BEGIN_TRANSACTION_RECORD"]
        );
        assert_eq!(
            world.image().metadata_version(),
            Some(MetadataVersion::LATEST)
        );

        world.append(vec![begin()]);
        let (records, _) = world.decide(Input::Activate { epoch: 3 });
        assert_eq!(names(&records), ["ABORT_TRANSACTION_RECORD"]);
    }
}
