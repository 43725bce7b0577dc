//! Classic groups: the members choose a leader, and the leader assigns.
//!
//! [`ClassicGroup`] is a group; [`OpenGroup`] is one in a decision, with its timers. A request goes from here to the
//! file that bears its name, and what it sets in motion goes on in `rebalance`. A generation with its assignments
//! counts, and an empty group is empty, when the record of it is replayed.

mod checks;
mod convert;
mod describe;
mod group;
mod heartbeat;
mod join;
mod leave;
mod member;
mod pending;
mod rebalance;
mod replay;
mod sync;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ottla_machine::Ticket;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, LeaveGroupRequest,
        LeaveGroupResponse, SyncGroupRequest,
    },
};

pub(crate) use self::{
    group::{ClassicGroup, State},
    leave::{leaving, left, member_left},
    member::{Member, ParkedJoin, Protocol, join_refusal, sync_refusal},
};
use self::{join::Join, rebalance::OpenGroup};
use super::{
    Caller, GroupCoordinator, Reply, Turn,
    groups::{Group, Groups},
};

/// What a classic group wants to be woken for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum ClassicTimer {
    /// The time that members have to join is over.
    Join,
    /// The time that members have to ask for their assignment is over.
    Sync,
    /// A member, or somebody who was given a member id, was silent for too long.
    Session(Arc<str>),
    /// The group could not be founded, since its first record could not be written.
    Founding,
}

/// From this version on a SyncGroup says of which protocol it is.
const SYNC_NAMES_PROTOCOL: i16 = 5;

impl Groups {
    /// The group that will be there once its record is written, if it is this one.
    fn take_founding(&mut self, id: &str) -> Option<(Arc<str>, ClassicGroup)> {
        let (id, group) = *self.founding.take_if(|of| *of.0 == *id)?;
        Some((id, group))
    }
}

impl GroupCoordinator {
    /// A classic group, to decide on: one that is there, or is about to be.
    fn open_classic(&mut self, id: &str) -> Option<OpenGroup<'_>> {
        let founding = self.groups.founding.as_ref();
        let (id, group) = if founding.is_some_and(|of| *of.0 == *id) {
            let (id, group) = self.groups.founding.as_deref_mut()?;
            (id.clone(), group)
        } else {
            (self.groups.id(id)?, self.groups.classic_mut(id)?)
        };
        Some(OpenGroup {
            id,
            group,
            timers: &mut self.timers,
            settings: &self.settings,
        })
    }

    /// A classic group that comes into being with this decision, which must emit its record. In the log it takes the
    /// place of what the decision removes; here it takes it when its record is replayed, which alone makes it count.
    pub(crate) fn found_classic(
        &mut self,
        turn: &mut Turn<'_, '_>,
        id: &str,
        group: ClassicGroup,
    ) -> Option<OpenGroup<'_>> {
        let id = self.groups.id(id).unwrap_or_else(|| id.into());
        self.groups.founding = Some(Box::new((id.clone(), group)));
        let mut open = self.open_classic(&id)?;
        // To be told soon if it is not replayed.
        open.arm(turn, ClassicTimer::Founding, 1);
        Some(open)
    }

    /// A group could not be founded: those who have joined it are told.
    pub(super) fn abandon_founding(&mut self, turn: &mut Turn<'_, '_>) {
        if let Some(founding) = self.groups.founding.take() {
            let (id, mut group) = *founding;
            for (ticket, reply) in group.refuse_all(Code::COORDINATOR_NOT_AVAILABLE) {
                turn.answer(ticket, reply);
            }
            group.disarm(&id, &mut self.timers);
        }
    }

    pub(super) fn join_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        caller: &Caller,
        request: JoinGroupRequest,
    ) {
        let join = Join {
            caller,
            request: &request,
            ticket,
        };
        let id = request.group_id.as_str();
        let timeouts = self.settings.min_session_timeout_ms..=self.settings.max_session_timeout_ms;
        if id.is_empty() {
            return join.refuse(turn, Code::INVALID_GROUP_ID, &request.member_id);
        }
        if !timeouts.contains(&request.session_timeout_ms) {
            return join.refuse(turn, Code::INVALID_SESSION_TIMEOUT, &request.member_id);
        }
        match self.groups.get(id) {
            Some(Group::Classic(_)) => {
                if let Some(mut group) = self.open_classic(id) {
                    group.join(turn, join);
                }
            }
            Some(Group::Consumer(group)) if !group.is_empty() => {
                self.classic_join_to_consumer_group(turn, ticket, caller, request);
            }
            Some(Group::Foreign(_)) => join.refuse(turn, Code::INCONSISTENT_GROUP_PROTOCOL, ""),
            // An empty consumer group makes place.
            Some(Group::Consumer(_)) | None => self.join_to_new_group(turn, join),
        }
    }

    fn join_to_new_group(&mut self, turn: &mut Turn<'_, '_>, join: Join<'_>) {
        let id = join.request.group_id.as_str();
        if !join.request.member_id.is_empty() {
            return join.refuse(turn, Code::UNKNOWN_MEMBER_ID, &join.request.member_id);
        }
        if let Some(group) = self.groups.get(id) {
            group.tombstones(id, &mut |entry| turn.emit(entry));
        }
        let now_ms = turn.now_ms();
        turn.emit(ClassicGroup::empty_record(id, now_ms));
        if let Some(mut group) = self.found_classic(turn, id, ClassicGroup::new(now_ms)) {
            group.join(turn, join);
        }
    }

    pub(super) fn sync_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        caller: &Caller,
        request: SyncGroupRequest,
    ) {
        let id = request.group_id.as_str();
        let names_protocol = request.protocol_type.is_some() && request.protocol_name.is_some();
        if caller.version >= SYNC_NAMES_PROTOCOL && !names_protocol {
            return sync::refuse(turn, ticket, Code::INCONSISTENT_GROUP_PROTOCOL);
        }
        if id.is_empty() {
            return sync::refuse(turn, ticket, Code::INVALID_GROUP_ID);
        }
        match self.groups.get(id) {
            Some(Group::Classic(_)) => {
                if let Some(mut group) = self.open_classic(id) {
                    group.sync(turn, ticket, &request);
                }
            }
            Some(Group::Consumer(group)) if !group.is_empty() => {
                self.classic_sync_to_consumer_group(turn, ticket, caller, request);
            }
            _ => sync::refuse(turn, ticket, Code::UNKNOWN_MEMBER_ID),
        }
    }

    pub(super) fn heartbeat(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        caller: &Caller,
        request: HeartbeatRequest,
    ) {
        let id = request.group_id.as_str();
        let outcome = match self.groups.get(id) {
            _ if id.is_empty() => Err(Code::INVALID_GROUP_ID.because("a group has a name")),
            Some(Group::Classic(_)) => match self.open_classic(id) {
                Some(mut group) => group.beat(turn, &request),
                None => Ok(()),
            },
            Some(Group::Consumer(_)) => {
                return self.classic_heartbeat_to_consumer_group(turn, ticket, caller, request);
            }
            _ => Err(Code::UNKNOWN_MEMBER_ID.because(format!("there is no group {id}"))),
        };
        turn.answer(ticket, Reply::Heartbeat(beaten(outcome)));
    }

    pub(super) fn leave_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        caller: &Caller,
        request: LeaveGroupRequest,
    ) {
        let id = request.group_id.as_str();
        if id.is_empty() {
            let refusal = LeaveGroupResponse {
                error_code: Code::INVALID_GROUP_ID.0,
                ..LeaveGroupResponse::default()
            };
            return turn.answer(ticket, Reply::LeaveGroup(refusal));
        }
        let members = leaving(caller.version, &request);
        let answers = match self.groups.get(id) {
            Some(Group::Classic(_)) => match self.open_classic(id) {
                Some(mut group) => group.leave(turn, &members),
                None => Vec::new(),
            },
            Some(Group::Consumer(_)) => {
                return self.classic_leave_to_consumer_group(turn, ticket, caller, request);
            }
            _ => members
                .iter()
                .map(|of| member_left(of, Code::UNKNOWN_MEMBER_ID))
                .collect(),
        };
        turn.answer(ticket, Reply::LeaveGroup(left(caller.version, answers)));
    }

    pub(super) fn classic_timer(
        &mut self,
        turn: &mut Turn<'_, '_>,
        group: &Arc<str>,
        timer: ClassicTimer,
    ) {
        let Some(mut group) = self.open_classic(group) else {
            return;
        };
        match timer {
            ClassicTimer::Join => group.join_expired(turn),
            ClassicTimer::Sync => group.sync_expired(turn),
            ClassicTimer::Session(member) => group.session_expired(turn, &member),
            ClassicTimer::Founding => {}
        }
    }

    /// Members that were loaded have their session from now on. A group that is too large for the limit of today
    /// rebalances, so that those who do not fit can commit before they go.
    pub(super) fn classic_loaded(&mut self, turn: &mut Turn<'_, '_>) {
        let ids: Vec<_> = self.groups.iter().map(|(id, _)| id.clone()).collect();
        for id in ids {
            let Some(mut group) = self.open_classic(&id) else {
                continue;
            };
            let members: Vec<_> = group.group.members.keys().cloned().collect();
            for member in &members {
                group.heard(turn, member);
            }
            if members.len() > group.settings.classic_max_size || group.group.is_unled {
                group.prepare_rebalance(turn);
            }
        }
    }

    pub(super) fn classic_unload(&mut self) -> Vec<(Ticket, Reply)> {
        let ids: Vec<_> = self.groups.iter().map(|(id, _)| id.clone()).collect();
        let founding = self.groups.founding.iter_mut();
        let mut answers: Vec<_> = founding
            .flat_map(|of| of.1.refuse_all(Code::NOT_COORDINATOR))
            .collect();
        for id in ids {
            if let Some(group) = self.groups.classic_mut(&id) {
                answers.extend(group.refuse_all(Code::NOT_COORDINATOR));
            }
        }
        answers
    }

    /// A commit counts as a sign of life of a classic member.
    pub(super) fn classic_committed(
        &mut self,
        turn: &mut Turn<'_, '_>,
        group: &str,
        member_id: &str,
    ) {
        if let Some(mut group) = self.open_classic(group)
            && matches!(group.group.state, State::Stable | State::PreparingRebalance)
        {
            group.heard(turn, member_id);
        }
    }
}

/// The answer to a heartbeat.
pub(crate) fn beaten(outcome: Result<(), Refusal>) -> HeartbeatResponse {
    HeartbeatResponse {
        error_code: outcome.err().map_or(Code::NONE, |of| of.code).0,
        ..HeartbeatResponse::default()
    }
}
