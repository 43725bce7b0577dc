//! LeaveGroup: members go without waiting for their sessions to end.

use ottla_wire::{
    errors::Code,
    messages::{
        LeaveGroupRequest, LeaveGroupResponse, leave_group_request::MemberIdentity,
        leave_group_response::MemberResponse,
    },
};

use super::{OpenGroup, group::State};
use crate::group::Turn;

/// From this version on several members can leave at once, static ones among them.
const BATCH: i16 = 3;

/// Those who leave. Before version 3 it is one.
pub(crate) fn leaving(version: i16, request: &LeaveGroupRequest) -> Vec<MemberIdentity> {
    if version >= BATCH {
        return request.members.clone();
    }
    vec![MemberIdentity {
        member_id: request.member_id.clone(),
        ..MemberIdentity::default()
    }]
}

/// The answer: a code for each. Before version 3 it is the code of the one that leaves.
pub(crate) fn left(version: i16, members: Vec<MemberResponse>) -> LeaveGroupResponse {
    if version >= BATCH {
        return LeaveGroupResponse {
            members,
            ..LeaveGroupResponse::default()
        };
    }
    let error_code = members.first().map_or(0, |of| of.error_code);
    LeaveGroupResponse {
        error_code,
        ..LeaveGroupResponse::default()
    }
}

/// A code for one of those who leave.
pub(crate) fn member_left(of: &MemberIdentity, code: Code) -> MemberResponse {
    MemberResponse {
        member_id: of.member_id.clone(),
        group_instance_id: of.group_instance_id.clone(),
        error_code: code.0,
        ..MemberResponse::default()
    }
}

impl OpenGroup<'_> {
    pub(super) fn leave(
        &mut self,
        turn: &mut Turn<'_, '_>,
        members: &[MemberIdentity],
    ) -> Vec<MemberResponse> {
        let answers: Vec<_> = members
            .iter()
            .map(|of| member_left(of, self.leave_one(turn, of)))
            .collect();
        if answers.iter().any(|of| of.error_code == Code::NONE.0) {
            match self.group.state {
                State::Empty => {}
                State::PreparingRebalance => self.complete_if_all_joined(turn),
                State::CompletingRebalance | State::Stable => self.prepare_rebalance(turn),
            }
        }
        answers
    }

    fn leave_one(&mut self, turn: &mut Turn<'_, '_>, of: &MemberIdentity) -> Code {
        let instance_id = of.group_instance_id.as_deref();
        let id = if of.member_id.is_empty() {
            // Removed by an administrator, who knows the instance alone.
            match instance_id.and_then(|of| self.group.static_member(of)) {
                Some(id) => id.clone(),
                None => return Code::UNKNOWN_MEMBER_ID,
            }
        } else {
            of.member_id.as_str().into()
        };
        if !self.group.pending.contains(&id)
            && let Err(refusal) = self.group.check_member(&id, instance_id)
        {
            return refusal.code;
        }
        self.remove(turn, &id);
        Code::NONE
    }
}
