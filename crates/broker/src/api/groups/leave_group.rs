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
    messages::{LeaveGroupRequest, LeaveGroupResponse, leave_group_request::MemberIdentity},
};

use super::{ask, caller, only};
use crate::{api::Cx, reply::Reply};

const MANY: i16 = 3;

/// Serves the request.
pub(crate) async fn handle(cx: &Cx, mut request: LeaveGroupRequest) -> Reply<LeaveGroupResponse> {
    let version = cx.version;
    if request.group_id.is_empty() {
        return Reply::Now(refused(&Code::INVALID_GROUP_ID.into()));
    }
    if version < MANY {
        request.members = vec![MemberIdentity {
            member_id: std::mem::take(&mut request.member_id),
            ..MemberIdentity::default()
        }];
    }
    let group = request.group_id.clone();
    let asked = ask(cx, &group, Input::LeaveGroup(caller(cx), request));
    asked.reply(move |outcome| {
        let answer = only!(LeaveGroup, outcome);
        fit(answer.unwrap_or_else(|refusal| refused(&refusal)), version)
    })
}

fn refused(refusal: &Refusal) -> LeaveGroupResponse {
    LeaveGroupResponse {
        error_code: refusal.code.0,
        ..LeaveGroupResponse::default()
    }
}

/// With one member, its outcome is that of the request.
fn fit(mut answer: LeaveGroupResponse, version: i16) -> LeaveGroupResponse {
    if version >= MANY {
        return answer;
    }
    if let Some(member) = std::mem::take(&mut answer.members).first()
        && answer.error_code == 0
    {
        answer.error_code = member.error_code;
    }
    answer
}

#[cfg(test)]
mod tests {
    use ottla_wire::{Message, messages::leave_group_response::MemberResponse};

    use super::*;

    #[test]
    fn the_outcome_of_one_member() {
        for version in LeaveGroupResponse::VERSIONS {
            let answer = LeaveGroupResponse {
                members: vec![MemberResponse {
                    error_code: Code::UNKNOWN_MEMBER_ID.0,
                    ..MemberResponse::default()
                }],
                ..LeaveGroupResponse::default()
            };
            let answer = fit(answer, version);
            let is_single = version < MANY;
            assert_eq!(answer.error_code != 0, is_single);
            assert_eq!(answer.members.is_empty(), is_single);
            assert!(answer.encode(version).is_ok(), "{version}");
        }
    }
}
