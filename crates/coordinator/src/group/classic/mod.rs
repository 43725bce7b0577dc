//! Classic groups: the members choose a leader, and the leader assigns.

use std::sync::Arc;

use ottla_machine::Ticket;
use ottla_wire::{
    errors::Refusal,
    messages::{
        GroupMetadataKey, GroupMetadataValue, HeartbeatRequest, JoinGroupRequest,
        LeaveGroupRequest, SyncGroupRequest, describe_groups_response::DescribedGroup,
    },
};

use super::{
    Caller, Entry, GroupCoordinator, Reply, Turn,
    groups::{Committer, ExpiryBase},
};

/// A classic group.
#[derive(Debug, Default)]
pub(crate) struct ClassicGroup {}

/// What a classic group wants to be woken for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum ClassicTimer {}

impl ClassicGroup {
    /// What is in the log of it: see `testing`.
    #[cfg(test)]
    pub(crate) fn durable(&self, put: &mut dyn FnMut(String, Option<String>)) {
        put(String::new(), Some(String::new()));
    }

    /// A group that exists because somebody commits offsets in its name.
    pub(crate) fn simple(_now_ms: i64) -> Self {
        Self::default()
    }
    pub(crate) fn state_name(&self) -> &'static str {
        "Empty"
    }
    pub(crate) fn protocol_type(&self) -> &str {
        ""
    }
    pub(crate) fn check_commit(&self, _by: Committer<'_>) -> Result<(), Refusal> {
        Ok(())
    }
    pub(crate) fn check_fetch(&self, _member_id: Option<&str>, _epoch: i32) -> Result<(), Refusal> {
        Ok(())
    }
    pub(crate) fn check_offset_delete(&self) -> Result<(), Refusal> {
        Ok(())
    }
    pub(crate) fn check_delete(&self) -> Result<(), Refusal> {
        Ok(())
    }
    pub(crate) fn is_subscribed_to(&self, _topic: &str) -> bool {
        false
    }
    pub(crate) fn tombstones(&self, _id: &str, _emit: &mut dyn FnMut(Entry)) {}
    pub(crate) fn is_empty(&self) -> bool {
        true
    }
    pub(crate) fn expiry_base(&self) -> Option<ExpiryBase> {
        None
    }
    pub(crate) fn describe(&self, _id: &str) -> DescribedGroup {
        DescribedGroup::default()
    }
}

impl GroupCoordinator {
    pub(super) fn join_group(
        &mut self,
        _turn: &mut Turn<'_, '_>,
        _ticket: Ticket,
        _caller: &Caller,
        _request: JoinGroupRequest,
    ) {
    }
    pub(super) fn sync_group(
        &mut self,
        _turn: &mut Turn<'_, '_>,
        _ticket: Ticket,
        _caller: &Caller,
        _request: SyncGroupRequest,
    ) {
    }
    pub(super) fn heartbeat(
        &mut self,
        _turn: &mut Turn<'_, '_>,
        _ticket: Ticket,
        _caller: &Caller,
        _request: HeartbeatRequest,
    ) {
    }
    pub(super) fn leave_group(
        &mut self,
        _turn: &mut Turn<'_, '_>,
        _ticket: Ticket,
        _caller: &Caller,
        _request: LeaveGroupRequest,
    ) {
    }
    pub(super) fn classic_timer(
        &mut self,
        _turn: &mut Turn<'_, '_>,
        _group: &Arc<str>,
        _timer: ClassicTimer,
    ) {
    }
    pub(super) fn classic_loaded(&mut self, _turn: &mut Turn<'_, '_>) {}
    pub(super) fn classic_unload(&mut self) -> Vec<(Ticket, Reply)> {
        Vec::new()
    }
    /// A commit counts as a sign of life of a classic member.
    pub(super) fn classic_committed(
        &mut self,
        _turn: &mut Turn<'_, '_>,
        _group: &str,
        _member_id: &str,
    ) {
    }
    pub(super) fn replay_classic(
        &mut self,
        _key: &GroupMetadataKey,
        _value: Option<&GroupMetadataValue>,
    ) {
    }
}
