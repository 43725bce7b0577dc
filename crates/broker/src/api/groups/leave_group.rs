//! LeaveGroup (key 13, versions 0-5): members leave a classic group.
//!
//! Versions: up to 2 one member; 3 many, each with its own outcome, and static ones by their instance id; 5 the reason.
//!
//! Refuses: `INVALID_GROUP_ID` (empty); whatever the group's coordinator refuses.
//!
//! Not yet: authorization.

use ottla_coordinator::group::Input;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{LeaveGroupRequest, LeaveGroupResponse},
};

use super::{ask, caller, only};
use crate::{
    api::{Cx, WithReasons},
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: LeaveGroupRequest,
) -> Reply<WithReasons<LeaveGroupResponse>> {
    if request.group_id.is_empty() {
        return Reply::Now(refused(
            &Code::INVALID_GROUP_ID.because("the group id is empty"),
        ));
    }
    let group = request.group_id.clone();
    let asked = ask(cx, &group, Input::LeaveGroup(caller(cx), request));
    asked.reply(|outcome| match only!(LeaveGroup, outcome) {
        Ok(answer) => answer.into(),
        Err(refusal) => refused(&refusal),
    })
}

fn refused(refusal: &Refusal) -> WithReasons<LeaveGroupResponse> {
    let message = LeaveGroupResponse {
        error_code: refusal.code.0,
        ..LeaveGroupResponse::default()
    };
    WithReasons::because(message, refusal)
}
