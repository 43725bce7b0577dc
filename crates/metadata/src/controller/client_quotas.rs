//! Client quotas.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        AlterClientQuotasRequest, AlterClientQuotasResponse, ClientQuotaRecord,
        alter_client_quotas_request::{EntityData, EntryData, OpData},
        alter_client_quotas_response::{EntityData as EntityAnswer, EntryData as EntryAnswer},
    },
};

use super::{
    Asked, Controller, Decision, MAX_RECORDS, message,
    topics::{duplicates, too_many},
};
use crate::{Record, image::QuotaEntity};

/// The keys of users and clients, and the greatest value of those that are whole numbers.
const OF_CLIENTS: &[(&str, Option<f64>)] = &[
    ("producer_byte_rate", Some(i64::MAX as f64)),
    ("consumer_byte_rate", Some(i64::MAX as f64)),
    ("request_percentage", None),
    ("controller_mutation_rate", None),
];
/// The keys of addresses.
const OF_ADDRESSES: &[(&str, Option<f64>)] = &[("connection_creation_rate", Some(i32::MAX as f64))];

type Keys = &'static [(&'static str, Option<f64>)];

/// The keys that an entity can have.
fn keys_of(entity: &QuotaEntity) -> Result<Keys, Refusal> {
    let refuse = |why: String| Err(Code::INVALID_REQUEST.because(why));
    for (kind, name) in &entity.0 {
        if !matches!(kind.as_str(), "user" | "client-id" | "ip") {
            return refuse(format!("entity type {kind} is none of user, client-id, ip"));
        }
        if name.as_deref() == Some("") {
            return refuse(format!(
                "a {kind} must not be empty: without a name it is the default"
            ));
        }
    }
    match entity.0.get("ip") {
        None if entity.0.is_empty() => refuse("a quota needs an entity".to_owned()),
        None => Ok(OF_CLIENTS),
        Some(_) if entity.0.len() > 1 => {
            refuse("an ip cannot be combined with a user or client-id".to_owned())
        }
        Some(Some(ip)) if ip.parse::<IpAddr>().is_err() => refuse(format!("{ip} is no IP address")),
        Some(_) => Ok(OF_ADDRESSES),
    }
}

fn check_value(keys: Keys, key: &str, value: f64) -> Result<(), Refusal> {
    let refuse = |why: String| Err(Code::INVALID_REQUEST.because(why));
    let Some((_, whole)) = keys.iter().find(|(name, _)| *name == key) else {
        let names: Vec<_> = keys.iter().map(|(name, _)| *name).collect();
        return refuse(format!("{key} is none of {}", names.join(", ")));
    };
    if !value.is_finite() || value <= 0.0 {
        return refuse(format!("{key}={value}: must be a finite number above 0"));
    }
    match whole {
        Some(most) if value > *most => refuse(format!("{key}={value}: must be at most {most}")),
        Some(_) if (value % 1.0).abs() > 1e-6 => {
            refuse(format!("{key}={value}: must be a whole number"))
        }
        _ => Ok(()),
    }
}

impl Controller {
    pub(super) fn alter_client_quotas(
        &self,
        asked: &Asked<AlterClientQuotasRequest>,
    ) -> Decision<AlterClientQuotasResponse> {
        let request = &asked.request;
        let entity = |entry: &EntryData| {
            let part = |of: &EntityData| (of.entity_type.clone(), of.entity_name.clone());
            QuotaEntity(entry.entity.iter().map(part).collect())
        };
        let entities: Vec<QuotaEntity> = request.entries.iter().map(entity).collect();
        let twice = duplicates(entities.iter());
        let (mut records, mut results) = (Vec::new(), Vec::new());
        let mut answered = Vec::new();
        let mut seen = BTreeSet::new();
        for (entry, entity) in request.entries.iter().zip(&entities) {
            // As by Kafka, an entity that is named twice is answered once.
            if !seen.insert(entity) {
                continue;
            }
            let altered = if twice.contains(entity) {
                Err(Code::INVALID_REQUEST.because("the entity is named more than once"))
            } else if entity.0.len() != entry.entity.len() {
                Err(Code::INVALID_REQUEST.because("the entity has a type more than once"))
            } else {
                self.quota_records(entity, &entry.ops)
            };
            results.push(altered.as_ref().err().cloned());
            answered.push(entry);
            records.extend(altered.unwrap_or_default());
        }
        if records.len() > MAX_RECORDS {
            let refusal = too_many(records.len());
            results = results.iter().map(|_| Some(refusal.clone())).collect();
            records.clear();
        }
        if request.validate_only {
            records.clear();
        }
        let answered = answered.into_iter().zip(&results).map(|(entry, refusal)| {
            let part = |of: &EntityData| EntityAnswer {
                entity_type: of.entity_type.clone(),
                entity_name: of.entity_name.clone(),
                ..EntityAnswer::default()
            };
            EntryAnswer {
                error_code: refusal.as_ref().map_or(0, |refusal| refusal.code.0),
                error_message: refusal.as_ref().and_then(message),
                entity: entry.entity.iter().map(part).collect(),
                ..EntryAnswer::default()
            }
        });
        let answer = AlterClientQuotasResponse {
            entries: answered.collect(),
            ..AlterClientQuotasResponse::default()
        };
        (records, answer)
    }

    fn quota_records(&self, entity: &QuotaEntity, ops: &[OpData]) -> Result<Vec<Record>, Refusal> {
        let keys = keys_of(entity)?;
        let mut wanted = BTreeMap::new();
        for op in ops {
            let value = (!op.remove).then_some(op.value);
            if wanted.insert(op.key.as_str(), value).is_some() {
                return Err(
                    Code::INVALID_REQUEST.because(format!("{} is changed more than once", op.key))
                );
            }
        }
        let now = self.ledger.latest().quotas(entity);
        let mut records = Vec::new();
        for (key, value) in wanted {
            if let Some(value) = value {
                check_value(keys, key, value)?;
            }
            if value == now.and_then(|now| now.get(key)).copied() {
                continue;
            }
            records.push(Record::from(ClientQuotaRecord {
                entity: entity.to_data(),
                key: key.to_owned(),
                value: value.unwrap_or(0.0),
                remove: value.is_none(),
                ..ClientQuotaRecord::default()
            }));
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        Input, Reply,
        testing::{World, asked},
    };
    use super::*;

    type Entity<'a> = &'a [(&'a str, Option<&'a str>)];
    type Entries<'a> = &'a [(&'a str, Option<f64>)];

    fn entry(entity: Entity<'_>, ops: Entries<'_>) -> EntryData {
        let part = |(kind, name): &(&str, Option<&str>)| EntityData {
            entity_type: (*kind).to_owned(),
            entity_name: name.map(str::to_owned),
            ..EntityData::default()
        };
        let op = |(key, value): &(&str, Option<f64>)| OpData {
            key: (*key).to_owned(),
            value: value.unwrap_or(0.0),
            remove: value.is_none(),
            ..OpData::default()
        };
        EntryData {
            entity: entity.iter().map(part).collect(),
            ops: ops.iter().map(op).collect(),
            ..EntryData::default()
        }
    }

    fn alter(world: &mut World, entries: Vec<EntryData>) -> (usize, Vec<Code>) {
        let request = AlterClientQuotasRequest {
            entries,
            ..AlterClientQuotasRequest::default()
        };
        match world.decide(Input::AlterClientQuotas(asked(request, 1))) {
            (records, Reply::AlterClientQuotas(answer)) => {
                let codes = answer.entries.iter().map(|of| Code(of.error_code));
                (records.len(), codes.collect())
            }
            (_, other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn quotas_come_and_go() {
        let mut world = World::new();
        let alice: Entity<'_> = &[("user", Some("alice")), ("client-id", None)];
        let rate = |value| {
            entry(
                alice,
                &[
                    ("producer_byte_rate", value),
                    ("request_percentage", Some(12.5)),
                ],
            )
        };
        assert_eq!(
            alter(&mut world, vec![rate(Some(1024.0))]),
            (2, vec![Code::NONE])
        );
        assert_eq!(
            alter(&mut world, vec![rate(Some(1024.0))]),
            (0, vec![Code::NONE])
        );
        assert_eq!(alter(&mut world, vec![rate(None)]), (1, vec![Code::NONE]));
        assert_eq!(alter(&mut world, vec![rate(None)]), (0, vec![Code::NONE]));
        let (entity, quotas) = world.image().all_quotas().next().unwrap();
        assert_eq!(entity.0.len(), 2);
        assert_eq!(*quotas, [("request_percentage".to_owned(), 12.5)].into());
    }

    #[test]
    fn quotas_that_are_refused() {
        let rate = ("producer_byte_rate", Some(1.0));
        let user: Entity<'_> = &[("user", None)];
        let ip: Entity<'_> = &[("ip", Some("10.0.0.1"))];
        let table: &[(Entity<'_>, Entries<'_>)] = &[
            (&[], &[rate]),
            (&[("team", None)], &[rate]),
            (&[("user", Some(""))], &[rate]),
            (&[("user", None), ("user", None)], &[rate]),
            (&[("user", None), ("ip", None)], &[rate]),
            (
                &[("ip", Some("x y"))],
                &[("connection_creation_rate", Some(1.0))],
            ),
            (ip, &[rate]),
            (user, &[("connection_creation_rate", Some(1.0))]),
            (user, &[("producer_byte_rate", Some(0.0))]),
            (user, &[("producer_byte_rate", Some(f64::NAN))]),
            (user, &[("producer_byte_rate", Some(1.5))]),
            (user, &[rate, rate]),
            (ip, &[("connection_creation_rate", Some(3e9))]),
        ];
        let mut world = World::new();
        for (entity, ops) in table {
            let outcome = alter(&mut world, vec![entry(entity, ops)]);
            assert_eq!(
                outcome,
                (0, vec![Code::INVALID_REQUEST]),
                "{entity:?} {ops:?}"
            );
        }
        let twice = vec![
            entry(user, &[rate]),
            entry(ip, &[("connection_creation_rate", Some(5.0))]),
            entry(user, &[rate]),
        ];
        let refused = Code::INVALID_REQUEST;
        assert_eq!(alter(&mut world, twice), (1, vec![refused, Code::NONE]));
    }
}
