//! Which group a heartbeat is for: one that is there, a new one, or a classic one that becomes a consumer group.

use std::sync::Arc;

use ottla_machine::Time;
use ottla_wire::errors::{Code, Refusal};

use super::{Turn, decision::Decision, group::ConsumerGroup, member::Member};
use crate::group::{
    Entry, GroupCoordinator,
    groups::{Group, Groups},
};

/// The group that a decision is about.
pub(super) struct Entered {
    pub(super) id: Arc<str>,
    /// The group if it comes to be with this decision.
    new: Option<Box<ConsumerGroup>>,
    /// What makes it come to be.
    records: Vec<Entry>,
}

impl GroupCoordinator {
    /// The consumer group of that id; a new one if there is none or an empty one of another type, and `creates`.
    ///
    /// # Errors
    /// `GROUP_ID_NOT_FOUND` if there is none, or one of another type that cannot become one.
    pub(super) fn enter_consumer_group(
        &mut self,
        _turn: &Turn<'_, '_>,
        id: &str,
        creates: bool,
    ) -> Result<Entered, Refusal> {
        let known = self.groups.id(id);
        let mut entered = Entered {
            id: known.unwrap_or_else(|| Arc::from(id)),
            new: None,
            records: Vec::new(),
        };
        match self.groups.get(id) {
            Some(Group::Consumer(_)) => return Ok(entered),
            Some(group @ Group::Classic(_)) if creates && group.is_empty() => {
                group.tombstones(id, &mut |entry| entered.records.push(entry));
            }
            None if creates => {}
            _ => {
                self.groups.existing_consumer(id)?;
            }
        }
        entered.new = Some(Box::default());
        Ok(entered)
    }

    /// A decision about the group that was entered.
    pub(super) fn decision<'a>(
        &'a mut self,
        entered: &'a mut Entered,
        now: Time,
    ) -> Result<Decision<'a>, Refusal> {
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
            records: std::mem::take(&mut entered.records),
            refresh: None,
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
        })
    }

    /// The group was entered: those who waited in its former shape are told.
    pub(super) fn entered(&mut self, _turn: &mut Turn<'_, '_>, _entered: &Entered) {}
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

impl Decision<'_> {
    /// Removes these members. If only members of the classic protocol stay, the group becomes a classic one.
    pub(super) fn fence(&mut self, members: &[&Member]) -> Result<(), Refusal> {
        self.remove(members);
        Ok(())
    }
}
