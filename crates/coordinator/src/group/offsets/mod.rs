//! Committed offsets: committing, reading, deleting, expiring.

use ottla_machine::Ticket;
use ottla_wire::messages::{
    LegacyOffsetCommitKey, LegacyOffsetCommitValue, OffsetCommitKey, OffsetCommitRequest,
    OffsetCommitValue, OffsetDeleteRequest, TxnOffsetCommitRequest,
    offset_fetch_response::OffsetFetchResponseGroup,
};

use super::{Caller, DeletedTopic, GroupCoordinator, Producer, Turn, input::FetchOffsets};

/// The committed offsets of all groups of the coordinator.
#[derive(Debug, Default)]
pub(crate) struct Offsets {}

impl Offsets {
    /// What is in the log of them, by its name: see `testing`.
    #[cfg(test)]
    pub(crate) fn durable(&self, _put: &mut dyn FnMut(String, String)) {}
}

impl GroupCoordinator {
    pub(super) fn offset_commit(
        &mut self,
        _turn: &mut Turn<'_, '_>,
        _ticket: Ticket,
        _caller: &Caller,
        _request: OffsetCommitRequest,
    ) {
    }
    pub(super) fn txn_offset_commit(
        &mut self,
        _turn: &mut Turn<'_, '_>,
        _ticket: Ticket,
        _caller: &Caller,
        _request: TxnOffsetCommitRequest,
    ) {
    }
    pub(super) fn offset_fetch(
        &self,
        _turn: &Turn<'_, '_>,
        _caller: &Caller,
        _request: FetchOffsets,
    ) -> OffsetFetchResponseGroup {
        OffsetFetchResponseGroup::default()
    }
    pub(super) fn offset_delete(
        &mut self,
        _turn: &mut Turn<'_, '_>,
        _ticket: Ticket,
        _caller: &Caller,
        _request: OffsetDeleteRequest,
    ) {
    }
    pub(super) fn expire_offsets(&mut self, _turn: &mut Turn<'_, '_>) {}
    pub(super) fn offsets_loaded(&mut self, _turn: &mut Turn<'_, '_>) {}
    pub(super) fn offsets_topics_deleted(
        &mut self,
        _turn: &mut Turn<'_, '_>,
        _topics: Vec<DeletedTopic>,
    ) {
    }
    pub(super) fn delete_offsets_of_deleted_topics(&mut self, _turn: &mut Turn<'_, '_>) {}
    pub(super) fn replay_offset(
        &mut self,
        _offset: i64,
        _producer: Option<Producer>,
        _key: &OffsetCommitKey,
        _value: Option<&OffsetCommitValue>,
    ) {
    }
    pub(super) fn replay_legacy_offset(
        &mut self,
        _offset: i64,
        _key: &LegacyOffsetCommitKey,
        _value: Option<&LegacyOffsetCommitValue>,
    ) {
    }
    pub(super) fn replay_end_transaction(&mut self, _producer: Producer, _committed: bool) {}
}
