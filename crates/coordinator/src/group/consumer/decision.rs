//! One decision about a consumer group: what it knows, and the records it comes to.

use std::sync::Arc;

use ottla_machine::{Time, Timers};
use ottla_metadata::Image;
use ottla_wire::errors::Refusal;

use super::{
    ConsumerTimer, ConsumerTopics,
    group::{ConsumerGroup, Refresh},
    member::{Member, MemberState},
    reconcile::Reconcile,
    records,
};
use crate::{
    assign::Assignment,
    group::{Entry, GroupSettings, Settings, classic::ClassicGroup, timer::Timer},
};
use ottla_wire::messages::consumer_group_heartbeat_request::TopicPartitions as Owned;

/// How long it takes until something that could not be written is tried again, in ms.
pub(super) const RETRY_MS: u64 = 500;

/// What a decision knows and comes to. Its records count only if it is not refused.
pub(super) struct Decision<'a> {
    pub(super) id: Arc<str>,
    pub(super) group: &'a ConsumerGroup,
    pub(super) image: &'a Image,
    pub(super) settings: &'a Settings,
    pub(super) own: GroupSettings,
    pub(super) topics: &'a mut ConsumerTopics,
    pub(super) timers: &'a mut Timers<Timer>,
    pub(super) now: Time,
    pub(super) records: Vec<Entry>,
    /// When to look at the topics again, if that changes.
    pub(super) refresh: Option<Refresh>,
    /// The classic group that it becomes, if it does.
    pub(super) downgrade: Option<Downgrade>,
}

/// What a decision comes to.
pub(super) struct Outcome {
    pub(super) records: Vec<Entry>,
    pub(super) refresh: Option<Refresh>,
    pub(super) downgrade: Option<Downgrade>,
}

/// The classic group that a consumer group becomes.
pub(super) struct Downgrade {
    pub(super) group: ClassicGroup,
}

/// The target of a member, and the epoch that it is of.
pub(super) struct Target {
    pub(super) epoch: i32,
    pub(super) assignment: Arc<Assignment>,
}

impl Decision<'_> {
    pub(super) fn now_ms(&self) -> i64 {
        i64::try_from(self.now.0).unwrap_or(i64::MAX)
    }

    /// What was decided.
    pub(super) fn end(self) -> Outcome {
        Outcome {
            records: self.records,
            refresh: self.refresh,
            downgrade: self.downgrade,
        }
    }

    pub(super) fn arm(&mut self, timer: ConsumerTimer, after_ms: i32) {
        let at = self.now.after(u64::try_from(after_ms).unwrap_or(0));
        self.timers.arm(Timer::Consumer(self.id.clone(), timer), at);
    }

    pub(super) fn disarm(&mut self, timer: ConsumerTimer) {
        self.timers.disarm(&Timer::Consumer(self.id.clone(), timer));
    }

    /// The member after its next step towards `target`; `None` if it takes none.
    pub(super) fn reconcile(
        &mut self,
        member: &Member,
        target: &Target,
        has_subscription_changed: bool,
        owned: Option<&[Owned]>,
    ) -> Result<Option<Member>, Refusal> {
        if !has_subscription_changed && member.is_reconciled_to(target.epoch) {
            return Ok(None);
        }
        let next = Reconcile {
            group: self.group,
            image: self.image,
            member,
            epoch: target.epoch,
            target: &target.assignment,
            has_subscription_changed,
            owned,
        }
        .next()?;
        let Some(next) = next.filter(|next| next != member) else {
            return Ok(None);
        };
        self.records.push(records::current(&self.id, &next));
        if next.classic.is_none() {
            if next.state == MemberState::UnrevokedPartitions {
                let timer = ConsumerTimer::Rebalance(next.id.clone(), next.epoch);
                self.arm(timer, next.rebalance_timeout_ms);
            } else {
                self.disarm(ConsumerTimer::Rebalance(member.id.clone(), member.epoch));
            }
        }
        Ok(Some(next))
    }
}
