//! AlterClientQuotas (key 49, versions 0-1): sets and removes quotas of users, client ids and addresses.
//!
//! The active controller decides, on a broker's listener as on its own.
//!
//! Refuses, per entity: `INVALID_REQUEST` (unknown types, keys and values, entities and keys that are named twice), and
//! for all of them what concerns the request as a whole: `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: of an entity that is named twice nothing is changed, where Kafka makes the first change
//! and says that it failed; an ip is an address, where Kafka admits names of hosts and resolves them once.
//!
//! Not yet: authorization.

use ottla_wire::{
    errors::Refusal,
    messages::{
        AlterClientQuotasRequest, AlterClientQuotasResponse,
        alter_client_quotas_response::{EntityData, EntryData},
    },
};

use crate::{
    api::{
        Cx,
        controller::{self, Caller},
    },
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: AlterClientQuotasRequest,
) -> Reply<AlterClientQuotasResponse> {
    let named = named(&request);
    let answer = controller::alter_client_quotas(&cx.broker, Caller::of(cx), request).await;
    Reply::Now(answer.unwrap_or_else(|refusal| refused(named, &refusal)))
}

fn named(request: &AlterClientQuotasRequest) -> Vec<EntryData> {
    let entry = |entry: &ottla_wire::messages::alter_client_quotas_request::EntryData| {
        let parts = entry.entity.iter().map(|part| EntityData {
            entity_type: part.entity_type.clone(),
            entity_name: part.entity_name.clone(),
            ..EntityData::default()
        });
        EntryData {
            entity: parts.collect(),
            ..EntryData::default()
        }
    };
    request.entries.iter().map(entry).collect()
}

fn refused(named: Vec<EntryData>, refusal: &Refusal) -> AlterClientQuotasResponse {
    let entry = |entry| EntryData {
        error_code: refusal.code.0,
        error_message: Some(refusal.text().to_owned()),
        ..entry
    };
    AlterClientQuotasResponse {
        entries: named.into_iter().map(entry).collect(),
        ..AlterClientQuotasResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::{Message, errors::Code};

    use super::*;

    #[test]
    fn a_refusal_of_the_whole_is_one_of_each() {
        let entry = EntryData {
            entity: vec![EntityData {
                entity_type: "user".to_owned(),
                ..EntityData::default()
            }],
            ..EntryData::default()
        };
        let answer = refused(vec![entry; 2], &Code::NOT_CONTROLLER.because("elsewhere"));
        assert_eq!(answer.entries.len(), 2);
        assert!(answer.entries.iter().all(|of| of.error_code == 41));
        for version in AlterClientQuotasResponse::VERSIONS {
            assert!(answer.encode(version).is_ok(), "{version}");
        }
    }
}
