//! Which group a decision is about: one that is there, a new one, or a classic one that becomes a consumer group.

use std::sync::Arc;

use ottla_machine::Time;
use ottla_wire::errors::{Code, Refusal};

use super::{
    ConsumerTimer, Turn,
    decision::{Decision, Outcome},
    group::ConsumerGroup,
    migration::upgrade,
};
use crate::group::{
    Entry, GroupCoordinator,
    groups::{Group, Groups},
    timer::Timer,
};

/// The group that a decision is about.
pub(super) struct Entered {
    pub(super) id: Arc<str>,
    /// The group if it comes to be with this decision.
    new: Option<Box<ConsumerGroup>>,
    /// What makes it come to be.
    records: Vec<Entry>,
    /// The members that it had as a classic group, and how long each may be silent, in ms.
    sessions: Vec<(Arc<str>, i32)>,
}

impl GroupCoordinator {
    /// The consumer group of that id. With `creates` a group that is not there comes to be, an empty classic group makes
    /// place, and one with members becomes a consumer group.
    ///
    /// # Errors
    /// `GROUP_ID_NOT_FOUND` if there is none, or one of another type that cannot become one.
    pub(super) fn enter_consumer_group(
        &mut self,
        id: &str,
        creates: bool,
    ) -> Result<Entered, Refusal> {
        let known = self.groups.id(id);
        let mut entered = Entered {
            id: known.unwrap_or_else(|| Arc::from(id)),
            new: None,
            records: Vec::new(),
            sessions: Vec::new(),
        };
        match self.groups.get(id) {
            Some(of @ Group::Classic(group)) if creates => {
                of.tombstones(id, &mut |entry| entered.records.push(entry));
                if group.is_empty() {
                    entered.new = Some(Box::default());
                    return Ok(entered);
                }
                let topics = &mut self.consumer_topics;
                let upgraded = upgrade(id, group, &self.settings, &self.image, topics)?;
                entered.records.extend(upgraded.records);
                entered.sessions = upgraded.sessions;
                entered.new = Some(Box::new(upgraded.group));
            }
            None if creates => entered.new = Some(Box::default()),
            _ => {
                self.groups.existing_consumer(id)?;
            }
        }
        Ok(entered)
    }

    /// A decision about the group that was entered.
    pub(super) fn decision<'a>(
        &'a mut self,
        entered: &'a mut Entered,
        now: Time,
    ) -> Result<Decision<'a>, Refusal> {
        let records = std::mem::take(&mut entered.records);
        let group = match &entered.new {
            Some(new) => new,
            None => self.groups.existing_consumer(&entered.id)?,
        };
        Ok(Decision {
            id: entered.id.clone(),
            group,
            image: &self.image,
            settings: &self.settings,
            own: self.settings.of_group(&self.image, &entered.id),
            topics: &mut self.consumer_topics,
            timers: &mut self.timers,
            now,
            records,
            refresh: None,
            downgrade: None,
        })
    }

    /// A decision about a consumer group that is there.
    ///
    /// # Errors
    /// `GROUP_ID_NOT_FOUND` if it is not.
    pub(super) fn consumer_decision(
        &mut self,
        id: &str,
        now: Time,
    ) -> Result<Decision<'_>, Refusal> {
        let shared = self.groups.id(id).unwrap_or_else(|| Arc::from(id));
        Ok(Decision {
            own: self.settings.of_group(&self.image, id),
            id: shared,
            group: self.groups.existing_consumer(id)?,
            image: &self.image,
            settings: &self.settings,
            topics: &mut self.consumer_topics,
            timers: &mut self.timers,
            now,
            records: Vec::new(),
            refresh: None,
            downgrade: None,
        })
    }

    /// Writes what was decided.
    pub(super) fn carry_out(&mut self, turn: &mut Turn<'_, '_>, id: &str, outcome: Outcome) {
        for record in outcome.records {
            turn.emit(record);
        }
        if let Some(refresh) = outcome.refresh
            && let Some(group) = self.groups.consumer_mut(id)
        {
            group.refresh_at(refresh);
        }
        if let Some(downgrade) = outcome.downgrade {
            self.convert_to_classic(turn, id, downgrade.group);
        }
    }

    /// The group was entered. If it was a classic one, those who wait in it are told to begin anew, and its members have
    /// their sessions here.
    pub(super) fn was_entered(&mut self, turn: &mut Turn<'_, '_>, entered: &Entered) {
        if let Some(group) = self.groups.classic_mut(&entered.id) {
            for (ticket, reply) in group.refuse_all(Code::REBALANCE_IN_PROGRESS) {
                turn.answer(ticket, reply);
            }
        }
        for (member, timeout_ms) in &entered.sessions {
            let session = ConsumerTimer::Session(member.clone());
            self.arm(turn, &entered.id, session, *timeout_ms);
        }
    }

    pub(super) fn arm(
        &mut self,
        turn: &Turn<'_, '_>,
        id: &Arc<str>,
        timer: ConsumerTimer,
        after_ms: i32,
    ) {
        let at = turn.now().after(u64::try_from(after_ms).unwrap_or(0));
        self.timers.arm(Timer::Consumer(id.clone(), timer), at);
    }

    pub(super) fn disarm(&mut self, id: &Arc<str>, timer: ConsumerTimer) {
        self.timers.disarm(&Timer::Consumer(id.clone(), timer));
    }
}

impl Groups {
    /// The consumer group of that id.
    ///
    /// # Errors
    /// `GROUP_ID_NOT_FOUND` if there is none, or one of another type.
    fn existing_consumer(&self, id: &str) -> Result<&ConsumerGroup, Refusal> {
        let why = match self.get(id) {
            Some(Group::Consumer(group)) => return Ok(group),
            Some(group) => format!("group {id} is a {} group", group.group_type().name()),
            None => format!("there is no group {id}"),
        };
        Err(Code::GROUP_ID_NOT_FOUND.because(why))
    }
}
