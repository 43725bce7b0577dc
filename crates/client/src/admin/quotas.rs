//! Quotas of users, client ids and addresses.

use std::{collections::BTreeMap, fmt};

use ottla_wire::messages::{
    alter_client_quotas_request::{AlterClientQuotasRequest, EntityData, EntryData, OpData},
    describe_client_quotas_request::{ComponentData, DescribeClientQuotasRequest},
};

use super::{Admin, outcome, topics::unanswered, was_not_made};
use crate::{Result, connection::request_name};

/// Whom quotas are for: `user`, `client-id` or `ip`, and the name; none for all that have no quotas of their own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct QuotaEntity(pub BTreeMap<String, Option<String>>);

impl fmt::Display for QuotaEntity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The user is the larger part.
        for (at, (kind, name)) in self.0.iter().rev().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            match name {
                Some(name) => write!(f, "{comma}{kind} {name}")?,
                None => write!(f, "{comma}any {kind}")?,
            }
        }
        Ok(())
    }
}

/// What of one entity type is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum QuotaMatch {
    /// This name.
    Name(String),
    /// The default.
    Default,
    /// Names and the default.
    Any,
}

/// Quotas by key, e.g. `producer_byte_rate`.
pub type Quotas = BTreeMap<String, f64>;

impl Admin {
    /// The quotas of entities that match each of these, which are entity types; strictly, of those that have no other types.
    /// Without any, all quotas.
    ///
    /// # Errors
    /// Those of asking, and what the cluster refuses.
    pub async fn describe_quotas(
        &self,
        filter: Vec<(String, QuotaMatch)>,
        strict: bool,
    ) -> Result<Vec<(QuotaEntity, Quotas)>> {
        let name = request_name::<DescribeClientQuotasRequest>();
        let asked = |(kind, wanted): &(String, QuotaMatch)| {
            let (match_type, name) = match wanted {
                QuotaMatch::Name(name) => (0, Some(name.clone())),
                QuotaMatch::Default => (1, None),
                QuotaMatch::Any => (2, None),
            };
            ComponentData {
                entity_type: kind.clone(),
                match_type,
                r#match: name,
                ..ComponentData::default()
            }
        };
        let request = DescribeClientQuotasRequest {
            components: filter.iter().map(asked).collect(),
            strict,
            ..DescribeClientQuotasRequest::default()
        };
        let connection = self.cluster.any().await?;
        let answer = connection.send(&request).await?;
        let entries = answer.entries.unwrap_or_default().into_iter();
        let described = entries.map(|entry| {
            let parts = entry.entity.into_iter();
            let values = entry.values.into_iter();
            (
                QuotaEntity(
                    parts
                        .map(|part| (part.entity_type, part.entity_name))
                        .collect(),
                ),
                values.map(|value| (value.key, value.value)).collect(),
            )
        });
        let mut described: Vec<_> = described.collect();
        described.sort_by(|a: &(QuotaEntity, Quotas), b| a.0.cmp(&b.0));
        let message = answer.error_message.as_deref();
        outcome(
            name,
            connection.broker(),
            "quotas",
            answer.error_code,
            message,
            described,
        )
    }

    /// Sets quotas of an entity, or removes those that are `None`; the others stay.
    ///
    /// # Errors
    /// Those of asking, and what the cluster refuses.
    pub async fn alter_quotas(
        &self,
        entity: QuotaEntity,
        changes: BTreeMap<String, Option<f64>>,
        validate_only: bool,
    ) -> Result<()> {
        let name = request_name::<AlterClientQuotasRequest>();
        let request = altered(&entity, &changes, validate_only);
        let answers = self.settle("altering quotas", vec![entity], was_not_made, |entities| {
            let request = request.clone();
            async move {
                let connection = self.cluster.controller().await?;
                let answer = connection.send(&request).await?;
                let result = answer.entries.first();
                let each = entities.into_iter().map(|entity| {
                    let what = entity.to_string();
                    let outcome = match result {
                        Some(result) => outcome(
                            name,
                            connection.broker(),
                            what,
                            result.error_code,
                            result.error_message.as_deref(),
                            (),
                        ),
                        None => Err(unanswered(name, connection.broker(), &what)),
                    };
                    (entity, outcome)
                });
                Ok(each.collect())
            }
        });
        let answers = answers.await?;
        answers.into_iter().try_for_each(|(_, outcome)| outcome)
    }
}

fn altered(
    entity: &QuotaEntity,
    changes: &BTreeMap<String, Option<f64>>,
    validate_only: bool,
) -> AlterClientQuotasRequest {
    let part = |(kind, name): (&String, &Option<String>)| EntityData {
        entity_type: kind.clone(),
        entity_name: name.clone(),
        ..EntityData::default()
    };
    let op = |(key, value): (&String, &Option<f64>)| OpData {
        key: key.clone(),
        value: value.unwrap_or_default(),
        remove: value.is_none(),
        ..OpData::default()
    };
    AlterClientQuotasRequest {
        entries: vec![EntryData {
            entity: entity.0.iter().map(part).collect(),
            ops: changes.iter().map(op).collect(),
            ..EntryData::default()
        }],
        validate_only,
        ..AlterClientQuotasRequest::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_named_and_changes_are_told() {
        let parts = [("user", Some("alice".to_owned())), ("client-id", None)];
        let entity = QuotaEntity(parts.map(|(kind, name)| (kind.to_owned(), name)).into());
        assert_eq!(entity.to_string(), "user alice, any client-id");
        let changes = [("a".to_owned(), Some(1.5)), ("b".to_owned(), None)].into();
        let entry = altered(&entity, &changes, true).entries.remove(0);
        assert_eq!(entry.entity.len(), 2);
        assert_eq!((entry.ops[0].value, entry.ops[0].remove), (1.5, false));
        assert!(entry.ops[1].remove);
    }
}
