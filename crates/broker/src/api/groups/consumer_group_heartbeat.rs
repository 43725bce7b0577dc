//! ConsumerGroupHeartbeat (key 68, versions 0-1): a member of a group of KIP-848 joins, is alive, or leaves.
//!
//! Versions: 0 the coordinator may give a member its id; 1 it brings one, and may subscribe by a regular expression.
//!
//! Refuses: `UNSUPPORTED_VERSION` (consumer groups are off in this cluster or on this broker), `INVALID_REQUEST` (ids that
//! are empty or missing, a first heartbeat without what a member needs, an epoch below -2), `UNSUPPORTED_ASSIGNOR`;
//! whatever the group's coordinator refuses.
//!
//! Not yet: authorization.

use ottla_coordinator::group::{Input, check_heartbeat};
use ottla_wire::{
    errors::Refusal,
    messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse},
};

use super::{ask, caller, has_consumer_groups, only};
use crate::{api::Cx, reply::Reply};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: ConsumerGroupHeartbeatRequest,
) -> Reply<ConsumerGroupHeartbeatResponse> {
    if let Err(refusal) = has_consumer_groups(cx, &cx.broker.image_arc()) {
        return Reply::Now(ConsumerGroupHeartbeatResponse {
            error_code: refusal.code.0,
            ..ConsumerGroupHeartbeatResponse::default()
        });
    }
    let config = cx.broker.config();
    let assignors = config.list("group.consumer.assignors");
    if let Err(refusal) = check_heartbeat(&request, cx.version, assignors) {
        return Reply::Now(refused(&refusal));
    }
    let group = request.group_id.clone();
    let asked = ask(
        cx,
        &group,
        Input::ConsumerGroupHeartbeat(caller(cx), request),
    );
    asked.reply(|outcome| {
        only!(ConsumerGroupHeartbeat, outcome).unwrap_or_else(|refusal| refused(&refusal))
    })
}

fn refused(refusal: &Refusal) -> ConsumerGroupHeartbeatResponse {
    ConsumerGroupHeartbeatResponse {
        error_code: refusal.code.0,
        error_message: Some(refusal.text().to_owned()),
        ..ConsumerGroupHeartbeatResponse::default()
    }
}
