//! JoinGroup (key 11, versions 0-9): a member of a classic group joins, or joins again.
//!
//! The answer comes when the group has settled on its next generation.
//!
//! Versions: 0 the session timeout is also the rebalance timeout; 4 a member is first given its id
//! (`MEMBER_ID_REQUIRED`); 5 static members; 7 the type of protocol; 8 the reason; 9 the leader may be told not to assign.
//!
//! Refuses: `INVALID_GROUP_ID` (empty), `INVALID_SESSION_TIMEOUT` (outside of the broker's bounds); whatever the group's
//! coordinator refuses.
//!
//! Not yet: authorization.

use ottla_coordinator::group::Input;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{JoinGroupRequest, JoinGroupResponse},
};

use super::{ask, caller, only};
use crate::{
    api::{Cx, WithReasons},
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    mut request: JoinGroupRequest,
) -> Reply<WithReasons<JoinGroupResponse>> {
    let version = cx.version;
    if version == 0 {
        request.rebalance_timeout_ms = request.session_timeout_ms;
    }
    if let Err(refusal) = check(cx, &request) {
        let answer = JoinGroupResponse {
            member_id: request.member_id,
            ..refused(&refusal)
        };
        return Reply::Now(WithReasons::because(fit(answer, version), &refusal));
    }
    let group = request.group_id.clone();
    let asked = ask(cx, &group, Input::JoinGroup(caller(cx), request));
    asked.reply(move |outcome| match only!(JoinGroup, outcome) {
        Ok(answer) => fit(answer, version).into(),
        Err(refusal) => WithReasons::because(fit(refused(&refusal), version), &refusal),
    })
}

fn check(cx: &Cx, request: &JoinGroupRequest) -> Result<(), Refusal> {
    if request.group_id.is_empty() {
        return Err(Code::INVALID_GROUP_ID.because("the group id is empty"));
    }
    let config = cx.broker.config();
    let bounds =
        config.int("group.min.session.timeout.ms")..=config.int("group.max.session.timeout.ms");
    if !bounds.contains(&request.session_timeout_ms) {
        return Err(Code::INVALID_SESSION_TIMEOUT.because(format!(
            "session.timeout.ms of the client is {}; group.min.session.timeout.ms is {} and \
             group.max.session.timeout.ms {}",
            request.session_timeout_ms,
            bounds.start(),
            bounds.end()
        )));
    }
    Ok(())
}

fn refused(refusal: &Refusal) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: refusal.code.0,
        ..JoinGroupResponse::default()
    }
}

/// No protocol is null from version 7 on, and empty before.
fn fit(mut answer: JoinGroupResponse, version: i16) -> JoinGroupResponse {
    let name = answer.protocol_name.take().unwrap_or_default();
    answer.protocol_name = (version < 7 || !name.is_empty()).then_some(name);
    answer
}

#[cfg(test)]
mod tests {
    use ottla_wire::Message;

    use super::*;

    #[test]
    fn a_refusal_can_be_written_in_every_version() {
        for version in JoinGroupResponse::VERSIONS {
            let answer = fit(refused(&Code::NOT_COORDINATOR.into()), version);
            assert_eq!(answer.protocol_name.is_none(), version >= 7);
            assert!(answer.encode(version).is_ok(), "{version}");
        }
    }
}
