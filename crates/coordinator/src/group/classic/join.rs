//! JoinGroup: becoming a member, and joining the next generation as one.

use std::sync::Arc;

use ottla_machine::Ticket;
use ottla_wire::{
    errors::Code,
    messages::{JoinGroupRequest, JoinGroupResponse},
};

use super::{
    ClassicTimer, OpenGroup,
    group::State,
    member::{Member, ParkedJoin, join_refusal, new_id, protocols},
};
use crate::group::{Caller, Turn};

/// From this version on a member gets its id before it joins.
const MEMBER_ID_REQUIRED: i16 = 4;

/// From this version on a leader can be told that there is nothing to assign.
const SKIP_ASSIGNMENT: i16 = 9;

/// A JoinGroup request and who waits for its answer.
#[derive(Clone, Copy)]
pub(super) struct Join<'a> {
    pub(super) caller: &'a Caller,
    pub(super) request: &'a JoinGroupRequest,
    pub(super) ticket: Ticket,
}

impl Join<'_> {
    pub(super) fn parked(&self) -> ParkedJoin {
        ParkedJoin {
            ticket: self.ticket,
            version: self.caller.version,
        }
    }

    pub(super) fn answer(&self, turn: &mut Turn<'_, '_>, answer: JoinGroupResponse) {
        self.parked().answer(turn, answer);
    }

    /// Refuses, in the name of this member id.
    pub(super) fn refuse(&self, turn: &mut Turn<'_, '_>, code: Code, member_id: &str) {
        self.answer(turn, join_refusal(code, member_id));
    }

    fn rebalance_timeout_ms(&self) -> i32 {
        match self.caller.version {
            // One timeout for both.
            0 => self.request.session_timeout_ms,
            _ => self.request.rebalance_timeout_ms,
        }
    }

    /// Puts what the request says into a member.
    fn describe(&self, member: &mut Member) {
        member.rebalance_timeout_ms = self.rebalance_timeout_ms();
        member.session_timeout_ms = self.request.session_timeout_ms;
    }
}

impl OpenGroup<'_> {
    /// Lets somebody join.
    pub(super) fn join(&mut self, turn: &mut Turn<'_, '_>, join: Join<'_>) {
        let id = join.request.member_id.as_str();
        if !self.has_room_for(id) {
            self.remove(turn, id);
            return join.refuse(turn, Code::GROUP_MAX_SIZE_REACHED, "");
        }
        let names = join.request.protocols.iter().map(|of| of.name.as_str());
        if !self.group.supports(&join.request.protocol_type, names) {
            return join.refuse(turn, Code::INCONSISTENT_GROUP_PROTOCOL, id);
        }
        if id.is_empty() {
            self.join_new(turn, join);
        } else {
            self.join_known(turn, join);
        }
    }

    fn has_room_for(&self, id: &str) -> bool {
        let max = self.settings.classic_max_size;
        let member = self.group.members.get(id);
        match self.group.state {
            State::Empty => true,
            State::PreparingRebalance => {
                member.is_some_and(|of| of.join.is_some()) || self.group.awaiting_join() < max
            }
            State::CompletingRebalance | State::Stable => {
                member.is_some() || self.group.members.len() < max
            }
        }
    }

    fn join_new(&mut self, turn: &mut Turn<'_, '_>, join: Join<'_>) {
        let instance_id = join.request.group_instance_id.as_deref();
        let name = instance_id.unwrap_or(&join.caller.client_id);
        let id = new_id(turn.entropy(), name);
        match instance_id {
            Some(instance_id) => match self.group.static_member(instance_id).cloned() {
                Some(old_id) => self.succeed(turn, join, &old_id, id),
                None => self.add(turn, join, id),
            },
            None if join.caller.version >= MEMBER_ID_REQUIRED => {
                if let Some(displaced) = self.group.pending.insert(id.clone()) {
                    self.disarm(ClassicTimer::Session(displaced));
                }
                let timeout = u64::try_from(join.request.session_timeout_ms).unwrap_or(0);
                self.arm(turn, ClassicTimer::Session(id.clone()), timeout);
                join.refuse(turn, Code::MEMBER_ID_REQUIRED, &id);
            }
            None => self.add(turn, join, id),
        }
    }

    fn add(&mut self, turn: &mut Turn<'_, '_>, join: Join<'_>, id: Arc<str>) {
        let mut member = Member::new(id.clone(), join.request.group_instance_id.clone());
        member.client_id.clone_from(&join.caller.client_id);
        member.client_host.clone_from(&join.caller.client_host);
        member.protocols = protocols(&join.request.protocols);
        member.is_new = true;
        member.join = Some(join.parked());
        join.describe(&mut member);
        if let Some(initial) = &mut self.group.initial {
            initial.grew = true;
        }
        self.group.add(member, &join.request.protocol_type);
        self.expect(turn, id);
        self.rebalance_or_complete(turn);
    }

    fn join_known(&mut self, turn: &mut Turn<'_, '_>, join: Join<'_>) {
        let id = join.request.member_id.as_str();
        let instance_id = join.request.group_instance_id.as_deref();
        if self.group.pending.contains(id) {
            if instance_id.is_some() {
                // The id was not given to a static member.
                return join.refuse(turn, Code::UNKNOWN_SERVER_ERROR, "");
            }
            return self.add(turn, join, id.into());
        }
        if let Err(refusal) = self.group.check_member(id, instance_id) {
            return join.refuse(turn, refusal.code, id);
        }
        let has_changed = self
            .group
            .members
            .get(id)
            .is_some_and(|member| member.protocols != protocols(&join.request.protocols));
        let joins_again = match self.group.state {
            State::PreparingRebalance => true,
            // It has not got the answer.
            State::CompletingRebalance => has_changed,
            // A leader that joins again wants to assign anew.
            State::Stable => has_changed || self.group.is_leader(id),
            State::Empty => return join.refuse(turn, Code::UNKNOWN_MEMBER_ID, id),
        };
        if joins_again {
            self.update(turn, join, id);
            self.rebalance_or_complete(turn);
        } else {
            let answer = self.group.joined(id);
            join.answer(turn, answer);
        }
    }

    /// A member joins the next generation, with what its request says.
    fn update(&mut self, turn: &mut Turn<'_, '_>, join: Join<'_>, id: &str) {
        self.group
            .set_protocols(id, protocols(&join.request.protocols));
        if let Some(member) = self.group.members.get_mut(id) {
            join.describe(member);
        }
        if let Some(before) = self.group.park_join(id, join.parked()) {
            // One request of a member waits; the one before it has lost its client.
            before.answer(turn, join_refusal(Code::REBALANCE_IN_PROGRESS, id));
        }
    }

    /// A static member is back without its member id: it gets a new one, and what it had before.
    fn succeed(&mut self, turn: &mut Turn<'_, '_>, join: Join<'_>, old_id: &str, id: Arc<str>) {
        let Some(old) = self.group.members.get(old_id) else {
            return join.refuse(turn, Code::UNKNOWN_SERVER_ERROR, "");
        };
        let mut successor = Member::new(id.clone(), old.instance_id.clone());
        successor.client_id.clone_from(&old.client_id);
        successor.client_host.clone_from(&old.client_host);
        successor.assignment = old.assignment.clone();
        successor.protocols = protocols(&join.request.protocols);
        join.describe(&mut successor);
        if self.group.state == State::Stable {
            let old_leader = self.group.leader.clone();
            let Some(old) = self.group.succeed(old_id, successor) else {
                return;
            };
            if self.group.select_protocol() == self.group.protocol {
                return self.write_successor(turn, join, old, &id, old_leader.as_deref());
            }
            self.disarm(ClassicTimer::Session(old.id));
        } else {
            self.group
                .answer_join(turn, old_id, join_refusal(Code::FENCED_INSTANCE_ID, old_id));
            if let Some(mut old) = self.group.succeed(old_id, successor) {
                old.refuse_sync(turn, Code::FENCED_INSTANCE_ID);
            }
            self.disarm(ClassicTimer::Session(old_id.into()));
        }
        self.heard(turn, &id);
        self.group.park_join(&id, join.parked());
        if self.group.state == State::PreparingRebalance {
            self.complete_if_all_joined(turn);
        } else {
            self.prepare_rebalance(turn);
        }
    }

    /// Nothing changes but the member id: that is written, and nobody is disturbed.
    fn write_successor(
        &mut self,
        turn: &mut Turn<'_, '_>,
        join: Join<'_>,
        old: Member,
        id: &Arc<str>,
        old_leader: Option<&str>,
    ) {
        turn.emit(self.group.record(&self.id, |of| of.assignment.clone()));
        let mut answer = self.group.joined(id);
        let leads = self.group.is_leader(id);
        if join.caller.version >= SKIP_ASSIGNMENT {
            answer.skip_assignment = leads;
        } else {
            // Who does not know that it leads does not assign.
            answer.members.clear();
            answer.leader = old_leader.unwrap_or("").to_owned();
        }
        join.answer(turn, answer);
        self.heard(turn, id);
        // As it was until it is written.
        self.group.successor = self.group.succeed(id, old);
    }
}
