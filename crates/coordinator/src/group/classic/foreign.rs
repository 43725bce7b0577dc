//! What classic members are told by a consumer group while it cannot take them in.

use ottla_machine::Ticket;
use ottla_wire::{
    errors::Code,
    messages::{HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest, SyncGroupRequest},
};

use super::{ParkedJoin, beaten, join_refusal, leaving, left, member_left, sync_refusal};
use crate::group::{Caller, GroupCoordinator, Reply, Turn};

impl GroupCoordinator {
    pub(super) fn classic_join_to_consumer_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        caller: &Caller,
        _request: JoinGroupRequest,
    ) {
        let version = caller.version;
        let refusal = join_refusal(Code::INCONSISTENT_GROUP_PROTOCOL, "");
        ParkedJoin { ticket, version }.answer(turn, refusal);
    }

    pub(super) fn classic_sync_to_consumer_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        _caller: &Caller,
        _request: SyncGroupRequest,
    ) {
        let refusal = sync_refusal(Code::UNKNOWN_MEMBER_ID);
        turn.answer(ticket, Reply::SyncGroup(refusal));
    }

    pub(super) fn classic_heartbeat_to_consumer_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        _caller: &Caller,
        _request: HeartbeatRequest,
    ) {
        let refusal = beaten(Err(Code::UNKNOWN_MEMBER_ID.into()));
        turn.answer(ticket, Reply::Heartbeat(refusal));
    }

    pub(super) fn classic_leave_to_consumer_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        caller: &Caller,
        request: LeaveGroupRequest,
    ) {
        let members = leaving(caller.version, &request);
        let answers = members
            .iter()
            .map(|of| member_left(of, Code::UNKNOWN_MEMBER_ID));
        let answer = left(caller.version, answers.collect());
        turn.answer(ticket, Reply::LeaveGroup(answer));
    }
}
