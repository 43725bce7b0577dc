//! SyncGroup: the leader brings the assignment of all, and everybody gets its own.

use std::collections::BTreeMap;

use ottla_machine::Ticket;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::SyncGroupRequest,
};

use super::{OpenGroup, group::State, member::sync_refusal};
use crate::group::{Reply, Turn};

/// Answers a SyncGroup with a refusal.
pub(super) fn refuse(turn: &mut Turn<'_, '_>, ticket: Ticket, code: Code) {
    turn.answer(ticket, Reply::SyncGroup(sync_refusal(code)));
}

impl OpenGroup<'_> {
    pub(super) fn sync(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        request: &SyncGroupRequest,
    ) {
        if let Err(refusal) = self.check_sync(request) {
            return refuse(turn, ticket, refusal.code);
        }
        let id = request.member_id.as_str();
        match self.group.state {
            State::Empty => refuse(turn, ticket, Code::UNKNOWN_MEMBER_ID),
            State::PreparingRebalance => refuse(turn, ticket, Code::REBALANCE_IN_PROGRESS),
            State::CompletingRebalance => {
                self.park_sync(turn, ticket, id);
                self.synced(id);
                if self.group.is_leader(id) {
                    self.assign(turn, request);
                }
            }
            State::Stable => {
                self.synced(id);
                let member = self.group.members.get(id);
                let assignment = member.map(|of| of.assignment.clone()).unwrap_or_default();
                let answer = self.assigned(assignment);
                turn.answer(ticket, Reply::SyncGroup(answer));
            }
        }
    }

    fn check_sync(&self, request: &SyncGroupRequest) -> Result<(), Refusal> {
        if self.group.state == State::Empty {
            return Err(Code::UNKNOWN_MEMBER_ID.because("the group has no members"));
        }
        let instance_id = request.group_instance_id.as_deref();
        self.group.check_member(&request.member_id, instance_id)?;
        self.group.check_generation(request.generation_id)?;
        let differs = |theirs: &Option<String>, ours: &Option<String>| {
            theirs.is_some() && ours.is_some() && theirs != ours
        };
        if differs(&request.protocol_type, &self.group.protocol_type)
            || differs(&request.protocol_name, &self.group.protocol)
        {
            return Err(Code::INCONSISTENT_GROUP_PROTOCOL
                .because("the group has chosen another protocol than the member says"));
        }
        Ok(())
    }

    fn park_sync(&mut self, turn: &mut Turn<'_, '_>, ticket: Ticket, id: &str) {
        if let Some(member) = self.group.members.get_mut(id)
            && let Some(before) = member.sync.replace(ticket)
        {
            // One request of a member waits; the one before it has lost its client.
            refuse(turn, before, Code::REBALANCE_IN_PROGRESS);
        }
    }

    /// The leader has assigned. The group is Stable once that is written; those who wait are answered then. If it cannot
    /// be written they are told so, and begin again.
    fn assign(&mut self, turn: &mut Turn<'_, '_>, request: &SyncGroupRequest) {
        let assignments: BTreeMap<&str, _> = request
            .assignments
            .iter()
            .map(|of| (of.member_id.as_str(), &of.assignment))
            .collect();
        let of = |id: &str| assignments.get(id).copied().cloned().unwrap_or_default();
        turn.emit(self.group.record(&self.id, |member| of(&member.id)));
        let waiting = self.group.members.values().filter(|of| of.sync.is_some());
        let waiting: Vec<_> = waiting.map(|of| of.id.clone()).collect();
        for id in waiting {
            let answer = self.assigned(of(&id));
            if let Some(member) = self.group.members.get_mut(&id) {
                member.answer_sync(turn, answer);
            }
            self.heard(turn, &id);
        }
    }
}
