//! Heartbeat (key 12, versions 0-4): a member of a classic group is alive.
//!
//! Versions: 3 static members.
//!
//! Refuses: `INVALID_GROUP_ID` (empty); whatever the group's coordinator refuses. While that still reads its log, all is
//! well: a member would only join anew.
//!
//! Not yet: authorization.

use ottla_coordinator::group::Input;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{HeartbeatRequest, HeartbeatResponse},
};

use super::{ask, caller, only};
use crate::{
    api::{Cx, WithReasons},
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: HeartbeatRequest,
) -> Reply<WithReasons<HeartbeatResponse>> {
    if request.group_id.is_empty() {
        return Reply::Now(refused(
            &Code::INVALID_GROUP_ID.because("the group id is empty"),
        ));
    }
    let group = request.group_id.clone();
    let asked = ask(cx, &group, Input::Heartbeat(caller(cx), request));
    asked.reply(|outcome| match only!(Heartbeat, outcome) {
        Ok(answer) => answer.into(),
        Err(refusal) if refusal.code == Code::COORDINATOR_LOAD_IN_PROGRESS => {
            HeartbeatResponse::default().into()
        }
        Err(refusal) => refused(&refusal),
    })
}

fn refused(refusal: &Refusal) -> WithReasons<HeartbeatResponse> {
    let message = HeartbeatResponse {
        error_code: refusal.code.0,
        ..HeartbeatResponse::default()
    };
    WithReasons::because(message, refusal)
}
