//! Who may commit and read a consumer group's offsets.

use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
};

use super::{group::ConsumerGroup, member::Member};
use crate::group::groups::{CommitCheck, Committer, ExpiryBase};

/// From this version on, OffsetCommit knows member epochs.
const KNOWS_EPOCHS: i16 = 9;

/// The epochs at which a member got each of its partitions, and the epoch that a commit claims.
#[derive(Debug)]
pub(crate) struct AssignmentEpochs<'a> {
    member: &'a Member,
    claimed: i32,
}

impl AssignmentEpochs<'_> {
    /// Whether the partition was the member's already at the epoch that it claims, and is so still.
    pub(crate) fn check(&self, topic: &str, topic_id: Uuid, index: i32) -> Result<(), Refusal> {
        let why = match self.member.epoch_of(topic_id, index) {
            Some(epoch) if self.claimed >= epoch => return Ok(()),
            Some(epoch) => format!(
                "member {} got {topic}-{index} at epoch {epoch}, and commits as of epoch {}",
                self.member.id, self.claimed
            ),
            None => format!("member {} does not have {topic}-{index}", self.member.id),
        };
        Err(at_another_epoch(self.member).because(why))
    }
}

/// What a member is told whose epoch is not the one that it says.
fn at_another_epoch(member: &Member) -> Code {
    match member.classic {
        Some(_) => Code::ILLEGAL_GENERATION,
        None => Code::STALE_MEMBER_EPOCH,
    }
}

impl ConsumerGroup {
    /// Whether this committer may commit offsets.
    pub(crate) fn check_commit(&self, by: Committer<'_>) -> Result<CommitCheck<'_>, Refusal> {
        let claimed = by.generation_or_epoch;
        let is_nobody = by.member_id.is_empty() && by.instance_id.is_none() && claimed == -1;
        if (claimed < 0 && self.members.is_empty()) || (by.transactional && is_nobody) {
            return Ok(CommitCheck::Passed);
        }
        let member = self.checked(by.member_id)?;
        if !by.transactional && member.classic.is_none() && by.version < KNOWS_EPOCHS {
            return Err(Code::UNSUPPORTED_VERSION.because(format!(
                "member {} is one of the consumer protocol: it has to commit with version {KNOWS_EPOCHS} or later, not {}",
                member.id, by.version
            )));
        }
        if claimed > member.epoch {
            return Err(at_another_epoch(member).because(format!(
                "member {} commits as of epoch {claimed}, and is at {}",
                member.id, member.epoch
            )));
        }
        Ok(if claimed == member.epoch {
            CommitCheck::Passed
        } else {
            CommitCheck::Epochs(AssignmentEpochs { member, claimed })
        })
    }

    fn checked(&self, member: &str) -> Result<&Member, Refusal> {
        self.member(member).ok_or_else(|| {
            Code::UNKNOWN_MEMBER_ID.because(format!("the group has no member {member}"))
        })
    }

    /// Whether a member of this epoch may read the group's offsets.
    pub(crate) fn check_fetch(&self, member_id: Option<&str>, epoch: i32) -> Result<(), Refusal> {
        if member_id.is_none() && epoch < 0 {
            return Ok(());
        }
        let member = self.checked(member_id.unwrap_or_default())?;
        if member.epoch == epoch {
            return Ok(());
        }
        Err(at_another_epoch(member).because(format!(
            "member {} says that it is at epoch {epoch}, and is at {}",
            member.id, member.epoch
        )))
    }

    /// Whether offsets of topics that nobody is subscribed to may be deleted: always.
    #[allow(clippy::unnecessary_wraps)] // As groups of other types have it.
    pub(crate) fn check_offset_delete(&self) -> Result<(), Refusal> {
        Ok(())
    }

    /// Whether the group may be deleted: it has no members.
    pub(crate) fn check_delete(&self) -> Result<(), Refusal> {
        if self.members.is_empty() {
            return Ok(());
        }
        let has = self.members.len();
        Err(Code::NON_EMPTY_GROUP.because(format!("the group has {has} members")))
    }

    /// Whether a member is subscribed to the topic, by name or by regular expression.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        self.subscriptions.contains_key(topic)
    }

    /// From when the retention of its offsets counts.
    pub(crate) fn expiry_base(&self) -> Option<ExpiryBase> {
        Some(ExpiryBase::Commit)
    }
}
