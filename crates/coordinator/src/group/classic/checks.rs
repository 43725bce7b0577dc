//! What a classic group lets others do with its offsets and with itself, in each of its states.

use ottla_wire::errors::{Code, Refusal};

use super::{ClassicGroup, group::State};
use crate::group::groups::{Committer, ExpiryBase};

impl ClassicGroup {
    /// Whether a request is of the group's generation.
    pub(super) fn check_generation(&self, generation: i32) -> Result<(), Refusal> {
        if generation == self.generation {
            return Ok(());
        }
        Err(Code::ILLEGAL_GENERATION.because(format!(
            "the group is in generation {}, the member in {generation}",
            self.generation
        )))
    }

    pub(crate) fn check_commit(&self, by: Committer<'_>) -> Result<(), Refusal> {
        if by.generation_or_epoch < 0 && self.state == State::Empty {
            return Ok(());
        }
        let is_member =
            by.generation_or_epoch >= 0 || !by.member_id.is_empty() || by.instance_id.is_some();
        if is_member {
            self.check_member(by.member_id, by.instance_id)?;
            self.check_generation(by.generation_or_epoch)?;
        } else if !by.transactional {
            return Err(Code::UNKNOWN_MEMBER_ID
                .because("the group has members: they alone may commit, each with its id"));
        }
        if !by.transactional && self.state == State::CompletingRebalance {
            return Err(Code::REBALANCE_IN_PROGRESS
                .because("the group waits for its leader to assign partitions"));
        }
        Ok(())
    }

    /// Everybody may.
    pub(crate) fn check_fetch(&self, _member_id: Option<&str>, _epoch: i32) -> Result<(), Refusal> {
        Ok(())
    }

    /// Of a group of consumers one can tell which topics it needs (see `is_subscribed_to`), of others one cannot.
    pub(crate) fn check_offset_delete(&self) -> Result<(), Refusal> {
        if self.is_empty() || self.uses_consumer_protocol() {
            return Ok(());
        }
        Err(self.not_empty())
    }

    pub(crate) fn check_delete(&self) -> Result<(), Refusal> {
        if self.is_empty() {
            return Ok(());
        }
        Err(self.not_empty())
    }

    fn not_empty(&self) -> Refusal {
        Code::NON_EMPTY_GROUP.because(format!(
            "the group is {} with {} members",
            self.state.name(),
            self.members.len()
        ))
    }

    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        match &self.subscribed {
            Some(topics) => topics.contains(topic),
            None => self.uses_consumer_protocol(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.state == State::Empty
    }

    pub(crate) fn expiry_base(&self) -> Option<ExpiryBase> {
        match self.state {
            _ if self.protocol_type.is_none() => Some(ExpiryBase::Commit),
            State::Empty => Some(match self.since_ms {
                Some(since) => ExpiryBase::EmptySince(since),
                None => ExpiryBase::Commit,
            }),
            State::Stable if self.subscribed.is_some() => Some(ExpiryBase::Commit),
            _ => None,
        }
    }
}
