//! DeleteGroups (key 42, versions 0-3): groups without members, with their offsets.
//!
//! Versions: 3 a text (which is not used yet by Apache Kafka either, but for groups of other types).
//!
//! Refuses, per group: `GROUP_ID_NOT_FOUND`, `NON_EMPTY_GROUP`; what its coordinator's being elsewhere or not ready gives.
//!
//! Not yet: authorization; groups of Kafka Streams and share groups.

use std::collections::BTreeSet;

use ottla_coordinator::group::{Input, Reply as Answer};
use ottla_wire::messages::{
    DeleteGroupsRequest, DeleteGroupsResponse, delete_groups_response::DeletableGroupResult,
};

use super::{Each, ask_each};
use crate::{api::Cx, reply::Reply};

/// Serves the request.
pub(crate) async fn handle(cx: &Cx, request: DeleteGroupsRequest) -> Reply<DeleteGroupsResponse> {
    let mut seen = BTreeSet::new();
    let mut ids = request.groups_names;
    ids.retain(|id| seen.insert(id.clone()));
    let deleted = ask_each(
        cx,
        ids,
        Each {
            input: Input::DeleteGroups,
            take: |answer| match answer {
                Answer::DeleteGroups(results) => Some(results),
                _ => None,
            },
            refused: |group_id, refusal| DeletableGroupResult {
                group_id,
                error_code: refusal.code.0,
                ..DeletableGroupResult::default()
            },
        },
    );
    deleted.map(|results| DeleteGroupsResponse {
        results,
        ..DeleteGroupsResponse::default()
    })
}
