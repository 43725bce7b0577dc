//! Groups as the log has them.

use std::sync::Arc;

use ottla_machine::Timers;
use ottla_wire::messages::{GroupMetadataKey, GroupMetadataValue};

use super::{ClassicGroup, ClassicTimer, group::State, member::Member};
use crate::group::{GroupCoordinator, Timer, groups::Group};

impl GroupCoordinator {
    pub(in crate::group) fn replay_classic(
        &mut self,
        key: &GroupMetadataKey,
        value: Option<&GroupMetadataValue>,
    ) {
        let Some(value) = value else {
            return self.forget_classic(&key.group);
        };
        if let Some((id, group)) = self.groups.take_founding(&key.group) {
            // It knows more than its record says.
            self.timers
                .disarm(&Timer::Classic(id.clone(), ClassicTimer::Founding));
            self.groups.insert(id, Group::Classic(group));
            return;
        }
        let id = self.groups.id(&key.group);
        let id = id.unwrap_or_else(|| key.group.as_str().into());
        match self.groups.classic_mut(&id) {
            Some(group) => group.replay(&id, value, &mut self.timers),
            None => {
                let mut group = ClassicGroup::new(0);
                group.replay(&id, value, &mut self.timers);
                self.groups.insert(id, Group::Classic(group));
            }
        }
    }

    fn forget_classic(&mut self, id: &str) {
        if let (Some(id), Some(group)) = (self.groups.id(id), self.groups.classic(id)) {
            group.disarm(&id, &mut self.timers);
            self.groups.remove(&id);
        }
    }
}

fn session(group: &Arc<str>, member: &Arc<str>) -> Timer {
    Timer::Classic(group.clone(), ClassicTimer::Session(member.clone()))
}

impl ClassicGroup {
    /// Nobody waits for the group any more.
    pub(super) fn disarm(&self, id: &Arc<str>, timers: &mut Timers<Timer>) {
        for member in self.members.keys().chain(self.pending.iter()) {
            timers.disarm(&session(id, member));
        }
        for timer in [
            ClassicTimer::Join,
            ClassicTimer::Sync,
            ClassicTimer::Founding,
        ] {
            timers.disarm(&Timer::Classic(id.clone(), timer));
        }
    }

    /// Becomes what the log says. What it knows beyond that of the members that stay, it keeps.
    fn replay(&mut self, id: &Arc<str>, value: &GroupMetadataValue, timers: &mut Timers<Timer>) {
        let protocol = value.protocol.as_deref().unwrap_or("");
        let mut before = std::mem::take(&mut self.members);
        if let Some(successor) = self.successor.take() {
            before.insert(successor.id.clone(), successor);
        }
        let members: Vec<_> = value
            .members
            .iter()
            .map(|of| match before.remove(of.member_id.as_str()) {
                Some(mut member) => {
                    member.write(of, protocol);
                    member
                }
                None => Member::loaded(of, protocol),
            })
            .collect();
        for gone in before.keys() {
            timers.disarm(&session(id, gone));
        }
        timers.disarm(&Timer::Classic(id.clone(), ClassicTimer::Join));
        self.set_members(members);
        self.state = match self.members.is_empty() {
            true => State::Empty,
            false => State::Stable,
        };
        let is_known = |timestamp: &i64| *timestamp != -1;
        self.since_ms = Some(value.current_state_timestamp).filter(is_known);
        self.generation = value.generation;
        let protocol_type = Some(&value.protocol_type).filter(|of| !of.is_empty());
        self.protocol_type = protocol_type.cloned();
        self.protocol.clone_from(&value.protocol);
        let leader = value.leader.as_deref();
        self.is_unled = leader.is_none() && !value.members.is_empty();
        // A record of a group without a leader elects one.
        self.leader = match leader {
            Some(leader) => Some(leader.into()),
            None => value.members.first().map(|of| of.member_id.as_str().into()),
        };
        self.subscribed = self.compute_subscribed();
        self.initial = None;
    }
}
