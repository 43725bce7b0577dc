//! Consumer groups (KIP-848): the coordinator assigns, and members follow epoch by epoch.

use std::sync::Arc;

use ottla_machine::Ticket;
use ottla_metadata::Image;
use ottla_wire::{
    Uuid,
    errors::Refusal,
    messages::{ConsumerGroupHeartbeatRequest, consumer_group_describe_response::DescribedGroup},
};

use super::{
    Caller, Entry, GroupCoordinator, Turn,
    groups::{CommitCheck, Committer, ExpiryBase},
};

/// A consumer group.
#[derive(Debug, Default)]
pub(crate) struct ConsumerGroup {}

/// What consumer groups know of topics together.
#[derive(Debug)]
pub(crate) struct ConsumerTopics {
    /// The offset of the last metadata record in the image.
    version: i64,
    /// The version with which the last new topic came.
    new_topics_at: i64,
}

impl ConsumerTopics {
    pub(crate) fn new(version: i64) -> Self {
        Self {
            version,
            new_topics_at: version,
        }
    }
}

/// The epochs at which a member got each of its partitions, and the epoch that a commit claims.
#[derive(Debug)]
pub(crate) struct AssignmentEpochs<'a> {
    _group: &'a ConsumerGroup,
}

impl AssignmentEpochs<'_> {
    pub(crate) fn check(&self, _topic: &str, _topic_id: Uuid, _index: i32) -> Result<(), Refusal> {
        Ok(())
    }
}

/// What a consumer group wants to be woken for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum ConsumerTimer {}

impl ConsumerGroup {
    /// What is in the log of it: see `testing`.
    #[cfg(test)]
    pub(crate) fn durable(&self, put: &mut dyn FnMut(String, Option<String>)) {
        put(String::new(), Some(String::new()));
    }

    pub(crate) fn state_name(&self) -> &'static str {
        "Empty"
    }
    pub(crate) fn check_commit(&self, _by: Committer<'_>) -> Result<CommitCheck<'_>, Refusal> {
        Ok(CommitCheck::Passed)
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
    pub(super) fn consumer_group_heartbeat(
        &mut self,
        _turn: &mut Turn<'_, '_>,
        _ticket: Ticket,
        _caller: &Caller,
        _request: ConsumerGroupHeartbeatRequest,
    ) {
    }
    pub(super) fn consumer_timer(
        &mut self,
        _turn: &mut Turn<'_, '_>,
        _group: &Arc<str>,
        _timer: ConsumerTimer,
    ) {
    }
    pub(super) fn consumer_loaded(&mut self, _turn: &mut Turn<'_, '_>) {}
    pub(super) fn consumer_metadata_changed(
        &mut self,
        before: &Image,
        version: i64,
        topics: &[Arc<str>],
    ) {
        self.consumer_topics.version = version;
        let is_new = |name: &Arc<str>| {
            let id = self.image.topic_id(name);
            id.is_some() && id != before.topic_id(name)
        };
        if topics.iter().any(is_new) {
            self.consumer_topics.new_topics_at = version;
        }
    }
    pub(super) fn replay_consumer(&mut self, _entry: &Entry) {}
}
