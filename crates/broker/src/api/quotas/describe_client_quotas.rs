//! DescribeClientQuotas (key 48, versions 0-1): the quotas of the entities that match a filter.
//!
//! A filter has one component per entity type: a name, the default, or any of the two. Strict, it matches entities of
//! just these types; otherwise also those that have more. Without components it matches all, or strictly none.
//!
//! Refuses: `UNSUPPORTED_VERSION` (an entity type that is none); `INVALID_REQUEST` (an empty or repeated type, a match
//! that does not fit its kind, an ip with a user or client-id).
//!
//! Differs from Apache Kafka: nothing known. Entities are in order.
//!
//! Not yet: authorization.

use std::collections::BTreeMap;

use ottla_metadata::{
    Image,
    image::{QuotaEntity, Quotas},
};
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        DescribeClientQuotasRequest, DescribeClientQuotasResponse,
        describe_client_quotas_request::ComponentData,
        describe_client_quotas_response::{EntityData, EntryData, ValueData},
    },
};

use crate::{api::Cx, reply::Reply};

/// Kinds of match.
const EXACT: i8 = 0;
const DEFAULT: i8 = 1;
const ANY: i8 = 2;

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: DescribeClientQuotasRequest,
) -> Reply<DescribeClientQuotasResponse> {
    Reply::Now(
        describe(&cx.broker.image(), &request).unwrap_or_else(|refusal| {
            DescribeClientQuotasResponse {
                error_code: refusal.code.0,
                error_message: Some(refusal.text().to_owned()),
                entries: None,
                ..DescribeClientQuotasResponse::default()
            }
        }),
    )
}

/// What an entity must have of one type.
#[derive(Debug, PartialEq, Eq)]
enum Wanted<'a> {
    Name(&'a str),
    Default,
    Any,
}

impl Wanted<'_> {
    fn is_met(&self, name: Option<&str>) -> bool {
        match self {
            Self::Name(wanted) => name == Some(*wanted),
            Self::Default => name.is_none(),
            Self::Any => true,
        }
    }
}

type Filter<'a> = BTreeMap<&'a str, Wanted<'a>>;

fn describe(
    image: &Image,
    request: &DescribeClientQuotasRequest,
) -> Result<DescribeClientQuotasResponse, Refusal> {
    let filter = filter(&request.components)?;
    let matches = |entity: &QuotaEntity| {
        // Nothing has no types at all, so that a strict filter without components matches nothing.
        (!request.strict || entity.0.len() == filter.len())
            && filter.iter().all(|(kind, wanted)| {
                let name = entity.0.get(*kind);
                name.is_some_and(|name| wanted.is_met(name.as_deref()))
            })
    };
    let entries = image.all_quotas().filter(|(entity, _)| matches(entity));
    Ok(DescribeClientQuotasResponse {
        entries: Some(
            entries
                .map(|(entity, quotas)| entry(entity, quotas))
                .collect(),
        ),
        ..DescribeClientQuotasResponse::default()
    })
}

fn filter(components: &[ComponentData]) -> Result<Filter<'_>, Refusal> {
    let refuse = |why: String| Err(Code::INVALID_REQUEST.because(why));
    let mut filter = Filter::new();
    for component in components {
        let kind = component.entity_type.as_str();
        if kind.is_empty() {
            return refuse("a component of the filter has no entity type".to_owned());
        }
        if filter.contains_key(kind) {
            return refuse(format!("the filter has the entity type {kind} twice"));
        }
        if !["user", "client-id", "ip"].contains(&kind) {
            return Err(Code::UNSUPPORTED_VERSION
                .because(format!("entity type {kind} is none of user, client-id, ip")));
        }
        let wanted = match (component.match_type, component.r#match.as_deref()) {
            (EXACT, Some(name)) => Wanted::Name(name),
            (DEFAULT, None) => Wanted::Default,
            (ANY, None) => Wanted::Any,
            (EXACT, None) => {
                return refuse(format!("an exact match of a {kind} needs its name"));
            }
            (DEFAULT | ANY, Some(name)) => {
                return refuse(format!(
                    "a match of type {} of a {kind} has no name, and {name} is given",
                    component.match_type
                ));
            }
            (other, _) => {
                return refuse(format!(
                    "match type {other} is none of 0 (exact), 1 (default), 2 (any)"
                ));
            }
        };
        filter.insert(kind, wanted);
    }
    if filter.contains_key("ip") && filter.len() > 1 {
        return refuse("a filter for an ip cannot ask for a user or client-id".to_owned());
    }
    Ok(filter)
}

fn entry(entity: &QuotaEntity, quotas: &Quotas) -> EntryData {
    let part = |(kind, name): (&String, &Option<String>)| EntityData {
        entity_type: kind.clone(),
        entity_name: name.clone(),
        ..EntityData::default()
    };
    let value = |(key, value): (&String, &f64)| ValueData {
        key: key.clone(),
        value: *value,
        ..ValueData::default()
    };
    EntryData {
        entity: entity.0.iter().map(part).collect(),
        values: quotas.iter().map(value).collect(),
        ..EntryData::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(kind: &str, match_type: i8, name: Option<&str>) -> ComponentData {
        ComponentData {
            entity_type: kind.to_owned(),
            match_type,
            r#match: name.map(str::to_owned),
            ..ComponentData::default()
        }
    }

    #[test]
    fn filters_that_are_refused() {
        let (invalid, unsupported) = (Code::INVALID_REQUEST, Code::UNSUPPORTED_VERSION);
        let table = [
            (vec![component("", 0, Some("a"))], invalid),
            (vec![component("team", 0, Some("a"))], unsupported),
            (vec![component("user", 0, None)], invalid),
            (vec![component("user", 1, Some("a"))], invalid),
            (vec![component("user", 2, Some("a"))], invalid),
            (vec![component("user", 3, None)], invalid),
            (
                vec![component("user", 1, None), component("user", 2, None)],
                invalid,
            ),
            (
                vec![component("ip", 1, None), component("client-id", 2, None)],
                invalid,
            ),
        ];
        for (components, code) in table {
            let refusal = filter(&components).unwrap_err();
            assert_eq!(refusal.code, code, "{components:?}");
            assert!(!refusal.text().is_empty());
        }
        let fine = [component("user", 1, None), component("client-id", 2, None)];
        assert_eq!(filter(&fine).unwrap().len(), 2);
    }
}
