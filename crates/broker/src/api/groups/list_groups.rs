//! ListGroups (key 16, versions 0-5): the groups that this broker coordinates.
//!
//! Versions: 4 states, and only those that are asked for; 5 types likewise. No filter lets all through.
//!
//! Refuses: `COORDINATOR_LOAD_IN_PROGRESS` while any coordinator still reads its log.
//!
//! Not yet: authorization.

use ottla_coordinator::group::Input;
use ottla_wire::{
    errors::Code,
    messages::{ListGroupsRequest, ListGroupsResponse},
};

use super::{caller, gather, only};
use crate::{api::Cx, reply::Reply};

/// Serves the request.
pub(crate) async fn handle(cx: &Cx, request: ListGroupsRequest) -> Reply<ListGroupsResponse> {
    let groups = &cx.broker.groups;
    let ask = |shard| {
        let input = Input::ListGroups(caller(cx), request.clone());
        ((), groups.ask_shard(&cx.broker, shard, input))
    };
    let shards = groups.shards();
    let asked = shards.iter().map(ask).collect();
    gather(asked, |outcomes| {
        let mut answer = ListGroupsResponse::default();
        for ((), outcome) in outcomes {
            match only!(ListGroups, outcome) {
                Ok(listed) => answer.groups.extend(listed),
                // It moved to another broker, which lists its groups.
                Err(refusal) if refusal.code == Code::NOT_COORDINATOR => {}
                Err(refusal) => {
                    return ListGroupsResponse {
                        error_code: refusal.code.0,
                        ..ListGroupsResponse::default()
                    };
                }
            }
        }
        answer
    })
}
