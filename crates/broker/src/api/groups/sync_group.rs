//! SyncGroup (key 14, versions 0-5): a member of a classic group asks for its assignment; the leader brings all.
//!
//! Versions: 3 static members; 5 the protocol's type and name, which the member believes to be the group's.
//!
//! Refuses: `INCONSISTENT_GROUP_PROTOCOL` (without type or name, from version 5 on), `INVALID_GROUP_ID` (empty); whatever
//! the group's coordinator refuses.
//!
//! Not yet: authorization.

use ottla_coordinator::group::Input;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{SyncGroupRequest, SyncGroupResponse},
};

use super::{ask, caller, only};
use crate::{
    api::{Cx, WithReasons},
    reply::Reply,
};

const NAMES_PROTOCOL: i16 = 5;

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: SyncGroupRequest,
) -> Reply<WithReasons<SyncGroupResponse>> {
    let names_protocol = request.protocol_type.is_some() && request.protocol_name.is_some();
    if cx.version >= NAMES_PROTOCOL && !names_protocol {
        return Reply::Now(refused(&Code::INCONSISTENT_GROUP_PROTOCOL.because(
            "the member names neither the type nor the name of its protocol",
        )));
    }
    if request.group_id.is_empty() {
        return Reply::Now(refused(
            &Code::INVALID_GROUP_ID.because("the group id is empty"),
        ));
    }
    let group = request.group_id.clone();
    let asked = ask(cx, &group, Input::SyncGroup(caller(cx), request));
    asked.reply(|outcome| match only!(SyncGroup, outcome) {
        Ok(answer) => answer.into(),
        Err(refusal) => refused(&refusal),
    })
}

fn refused(refusal: &Refusal) -> WithReasons<SyncGroupResponse> {
    let message = SyncGroupResponse {
        error_code: refusal.code.0,
        ..SyncGroupResponse::default()
    };
    WithReasons::because(message, refusal)
}
