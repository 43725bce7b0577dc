//! Client quotas by entity.

use std::collections::BTreeMap;

use ottla_wire::messages::client_quota_record::{ClientQuotaRecord, EntityData};

/// Who a quota is for: entity type (`user`, `client-id`, `ip`) → name, `None` meaning the default of that type.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct QuotaEntity(pub BTreeMap<String, Option<String>>);

impl QuotaEntity {
    /// From a record's list.
    pub fn from_data(data: &[EntityData]) -> Self {
        let part = |from: &EntityData| (from.entity_type.clone(), from.entity_name.clone());
        Self(data.iter().map(part).collect())
    }

    /// As a record's list.
    pub fn to_data(&self) -> Vec<EntityData> {
        let part = |(kind, name): (&String, &Option<String>)| EntityData {
            entity_type: kind.clone(),
            entity_name: name.clone(),
            ..EntityData::default()
        };
        self.0.iter().map(part).collect()
    }
}

/// The quotas of one entity: key (e.g. `producer_byte_rate`) → value.
pub type Quotas = BTreeMap<String, f64>;

/// The record that sets one quota.
pub(super) fn to_record(entity: &QuotaEntity, key: &str, value: f64) -> ClientQuotaRecord {
    ClientQuotaRecord {
        entity: entity.to_data(),
        key: key.to_owned(),
        value,
        ..ClientQuotaRecord::default()
    }
}
