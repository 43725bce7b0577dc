//! A classic group that is made of another group's members, and what that other group needs of a classic one.

use bytes::Bytes;

use super::{ClassicGroup, Member, State};
use crate::{
    group::{Entry, GroupCoordinator, Turn},
    protocol::PROTOCOL_TYPE,
};

impl ClassicGroup {
    /// A stable group of consumers. The first member leads. `None` if there are no members or they have no protocol in
    /// common.
    pub(crate) fn of_members(
        now_ms: i64,
        generation: i32,
        members: impl IntoIterator<Item = Member>,
    ) -> Option<Self> {
        let mut group = Self::new(now_ms);
        for member in members {
            group.add(member, PROTOCOL_TYPE);
        }
        group.generation = generation;
        group.protocol = Some(group.select_protocol()?);
        group.subscribed = group.compute_subscribed();
        group.enter(State::Stable, now_ms);
        Some(group)
    }

    /// The chosen protocol, of a generation that has one.
    pub(crate) fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    /// What a member has to read, as its leader would say it.
    pub(crate) fn set_assignment(&mut self, id: &str, assignment: Bytes) {
        if let Some(member) = self.members.get_mut(id) {
            member.assignment = assignment;
        }
    }

    /// The group with its assignments as it is written to the log. Nobody has been told that he leads, so nobody does.
    fn written(&self, id: &str) -> Entry {
        let mut entry = self.record(id, |member| member.assignment.clone());
        if let Entry::GroupMetadata(_, Some(value)) = &mut entry {
            value.leader = None;
        }
        entry
    }
}

impl GroupCoordinator {
    /// Puts a classic group in the place of the one that the records emitted before remove: emits its record, and gives
    /// its members their sessions. They have to join again at once.
    pub(crate) fn convert_to_classic(
        &mut self,
        turn: &mut Turn<'_, '_>,
        id: &str,
        group: ClassicGroup,
    ) {
        turn.emit(group.written(id));
        let Some(mut open) = self.found_classic(turn, id, group) else {
            return;
        };
        let members: Vec<_> = open.group.members.keys().cloned().collect();
        for member in &members {
            open.heard(turn, member);
        }
        open.prepare_rebalance(turn);
    }
}
