//! From one generation to the next: who is waited for, for how long, and what happens then.

use std::sync::Arc;

use bytes::Bytes;
use ottla_machine::Timers;
use ottla_wire::{errors::Code, messages::SyncGroupResponse};

use super::{
    ClassicTimer,
    group::{ClassicGroup, InitialDelay, State},
    member::join_refusal,
};
use crate::group::{Settings, Timer, Turn};

/// How long a member that has joined for the first time may wait for the others, in ms: longer than its session, since
/// it cannot tell that it is alive before it is answered.
const NEW_MEMBER_JOIN_TIMEOUT_MS: u64 = 300_000;

/// After how long what could not be done is tried again, in ms.
const RETRY_MS: u64 = 1_000;

/// A classic group in a decision, with its timers.
pub(crate) struct OpenGroup<'a> {
    pub(super) id: Arc<str>,
    pub(super) group: &'a mut ClassicGroup,
    pub(super) timers: &'a mut Timers<Timer>,
    pub(super) settings: &'a Settings,
}

impl OpenGroup<'_> {
    fn key(&self, timer: ClassicTimer) -> Timer {
        Timer::Classic(self.id.clone(), timer)
    }

    pub(super) fn arm(&mut self, turn: &Turn<'_, '_>, timer: ClassicTimer, ms: u64) {
        self.timers.arm(self.key(timer), turn.now().after(ms));
    }

    pub(super) fn disarm(&mut self, timer: ClassicTimer) {
        self.timers.disarm(&self.key(timer));
    }

    /// A member told that it is alive.
    pub(crate) fn heard(&mut self, turn: &Turn<'_, '_>, id: &str) {
        if let Some(member) = self.group.members.get(id) {
            let (id, timeout) = (member.id.clone(), member.session_timeout());
            self.arm(turn, ClassicTimer::Session(id), timeout);
        }
    }

    /// A member is new: it has until the others have joined.
    pub(super) fn expect(&mut self, turn: &Turn<'_, '_>, id: Arc<str>) {
        self.arm(turn, ClassicTimer::Session(id), NEW_MEMBER_JOIN_TIMEOUT_MS);
    }

    /// Takes a member or a pending one out. What of it waits is refused.
    pub(super) fn remove(&mut self, turn: &mut Turn<'_, '_>, id: &str) {
        // While it is counted.
        let refusal = join_refusal(Code::UNKNOWN_MEMBER_ID, "");
        self.group.answer_join(turn, id, refusal);
        if let Some(mut member) = self.group.take(id) {
            member.refuse_sync(turn, Code::UNKNOWN_MEMBER_ID);
        }
        self.disarm(ClassicTimer::Session(id.into()));
    }

    /// Begins a rebalance, or goes on with the one that is being prepared.
    pub(super) fn rebalance_or_complete(&mut self, turn: &mut Turn<'_, '_>) {
        if self.group.state == State::PreparingRebalance {
            self.complete_if_all_joined(turn);
        } else {
            self.prepare_rebalance(turn);
        }
    }

    /// Begins a rebalance: all members have to join again.
    pub(crate) fn prepare_rebalance(&mut self, turn: &mut Turn<'_, '_>) {
        if self.group.state == State::CompletingRebalance {
            self.forget_assignments(turn);
        }
        self.group.unsynced.clear();
        self.disarm(ClassicTimer::Sync);
        let was_empty = self.group.state == State::Empty;
        self.group.enter(State::PreparingRebalance, turn.now_ms());
        self.group.initial = None;
        if was_empty {
            let delay = self.settings.initial_rebalance_delay_ms;
            self.group.initial = Some(InitialDelay {
                delay,
                remaining: self.group.rebalance_timeout().saturating_sub(delay),
                grew: false,
            });
            self.arm(turn, ClassicTimer::Join, delay);
        } else if self.group.have_all_joined() {
            self.complete_join(turn);
        } else {
            let timeout = self.group.rebalance_timeout();
            self.arm(turn, ClassicTimer::Join, timeout);
        }
    }

    fn forget_assignments(&mut self, turn: &mut Turn<'_, '_>) {
        let mut answered = Vec::new();
        for member in self.group.members.values_mut() {
            member.assignment = Bytes::new();
            if member.refuse_sync(turn, Code::REBALANCE_IN_PROGRESS) {
                answered.push(member.id.clone());
            }
        }
        for id in answered {
            self.heard(turn, &id);
        }
    }

    /// Completes a rebalance that is not the initial one if nobody is missing.
    pub(super) fn complete_if_all_joined(&mut self, turn: &mut Turn<'_, '_>) {
        if self.group.state == State::PreparingRebalance
            && !self.group.is_initial()
            && self.group.have_all_joined()
        {
            self.complete_join(turn);
        }
    }

    /// Somebody who was waited for is gone: that may have been the last one missing, in an initial rebalance too.
    pub(super) fn complete_without(&mut self, turn: &mut Turn<'_, '_>) {
        if self.group.state == State::PreparingRebalance && self.group.have_all_joined() {
            self.complete_join(turn);
        }
    }

    /// The time to join is over.
    pub(super) fn join_expired(&mut self, turn: &mut Turn<'_, '_>) {
        if self.group.state != State::PreparingRebalance {
            return;
        }
        let longest = self.settings.initial_rebalance_delay_ms;
        if let Some(initial) = &mut self.group.initial
            && initial.grew
            && initial.remaining != 0
        {
            let delay = longest.min(initial.remaining);
            *initial = InitialDelay {
                delay,
                remaining: initial.remaining.saturating_sub(initial.delay),
                grew: false,
            };
            self.arm(turn, ClassicTimer::Join, delay);
            return;
        }
        self.complete_join(turn);
    }

    /// Ends the joining: who has not joined is out unless it is static, and the next generation begins.
    pub(super) fn complete_join(&mut self, turn: &mut Turn<'_, '_>) {
        self.disarm(ClassicTimer::Join);
        let members = self.group.members.values();
        let absent = members.filter(|of| of.join.is_none() && !of.is_static());
        let absent: Vec<_> = absent.map(|of| of.id.clone()).collect();
        for id in absent {
            self.remove(turn, &id);
        }
        if self.group.members.is_empty() {
            return self.write_empty(turn);
        }
        if !self.elect_joined_leader() {
            // All are static, and none of them is there.
            if let Some(initial) = &mut self.group.initial {
                initial.remaining = 0;
            }
            let timeout = self.group.rebalance_timeout().max(RETRY_MS);
            return self.arm(turn, ClassicTimer::Join, timeout);
        }
        self.group.generation = next(self.group.generation);
        let protocol = self.group.select_protocol();
        self.group.protocol = protocol.or_else(|| self.group.protocol.take());
        self.group.subscribed = self.group.compute_subscribed();
        self.group.initial = None;
        self.group.enter(State::CompletingRebalance, turn.now_ms());
        self.answer_joined(turn);
        let timeout = self.group.rebalance_timeout();
        self.arm(turn, ClassicTimer::Sync, timeout);
    }

    /// Everybody is gone. The group is Empty once that is written; until then it is tried again.
    fn write_empty(&mut self, turn: &mut Turn<'_, '_>) {
        let now_ms = turn.now_ms();
        let mut empty = ClassicGroup::new(now_ms);
        empty.generation = next(self.group.generation);
        empty.protocol_type.clone_from(&self.group.protocol_type);
        turn.emit(empty.record(&self.id, |_| Bytes::new()));
        self.arm(turn, ClassicTimer::Join, RETRY_MS);
    }

    /// Whether the leader is one who has joined.
    fn elect_joined_leader(&mut self) -> bool {
        let joined = |id: &Arc<str>| {
            self.group
                .members
                .get(id)
                .is_some_and(|of| of.join.is_some())
        };
        if self.group.leader.as_ref().is_some_and(joined) {
            return true;
        }
        let elected = self.group.members.keys().find(|id| joined(id)).cloned();
        let is_elected = elected.is_some();
        if is_elected {
            self.group.leader = elected;
        }
        is_elected
    }

    fn answer_joined(&mut self, turn: &mut Turn<'_, '_>) {
        let ids: Vec<_> = self.group.members.keys().cloned().collect();
        self.group.unsynced = ids.iter().cloned().collect();
        for id in ids {
            let answer = self.group.joined(&id);
            self.group.answer_join(turn, &id, answer);
            if let Some(member) = self.group.members.get_mut(&id) {
                member.is_new = false;
            }
            self.heard(turn, &id);
        }
    }

    /// A session is over without a sign of life.
    pub(super) fn session_expired(&mut self, turn: &mut Turn<'_, '_>, id: &str) {
        if self.group.pending.remove(id) {
            return self.complete_without(turn);
        }
        match self.group.members.get(id) {
            Some(member) if !member.waits() => {
                self.remove(turn, id);
                if self.group.state == State::PreparingRebalance {
                    self.complete_without(turn);
                } else {
                    self.rebalance_or_complete(turn);
                }
            }
            _ => {}
        }
    }

    /// The time to sync is over: who has not is out.
    pub(super) fn sync_expired(&mut self, turn: &mut Turn<'_, '_>) {
        let is_due = matches!(self.group.state, State::CompletingRebalance | State::Stable);
        if !is_due || self.group.unsynced.is_empty() {
            return;
        }
        for id in std::mem::take(&mut self.group.unsynced) {
            self.remove(turn, &id);
        }
        self.prepare_rebalance(turn);
    }

    /// A member asked for its assignment.
    pub(super) fn synced(&mut self, id: &str) {
        self.group.unsynced.remove(id);
        if self.group.unsynced.is_empty() {
            self.disarm(ClassicTimer::Sync);
        }
    }

    /// What a member of the generation is told when it asks for its assignment.
    pub(super) fn assigned(&self, assignment: Bytes) -> SyncGroupResponse {
        SyncGroupResponse {
            protocol_type: self.group.protocol_type.clone(),
            protocol_name: self.group.protocol.clone(),
            assignment,
            ..SyncGroupResponse::default()
        }
    }
}

fn next(generation: i32) -> i32 {
    generation.checked_add(1).unwrap_or(0)
}
