//! Deadlines of members: who says nothing, or does not do what it has to, is given up.

use std::sync::Arc;

use ottla_machine::Time;

use super::{ConsumerTimer, Turn, decision::RETRY_MS, group::Session, member::MemberState};
use crate::group::{GroupCoordinator, groups::Group, timer::Timer};

fn ms(timeout_ms: i32) -> u64 {
    u64::try_from(timeout_ms).unwrap_or(0)
}

impl GroupCoordinator {
    /// A member gave a sign of life: it is given up after so long without another one.
    pub(super) fn renew_session(
        &mut self,
        turn: &Turn<'_, '_>,
        id: &Arc<str>,
        member: &Arc<str>,
        timeout_ms: i32,
    ) {
        let expires = turn.now().after(ms(timeout_ms));
        let group = self.groups.consumer_mut(id);
        if let Some(slot) = group.and_then(|group| group.members.get_mut(member)) {
            slot.session.expires = expires;
            // The timer is not moved with each heartbeat: when it fires, it looks here.
            if slot.session.wakes.is_some_and(|wakes| wakes <= expires) {
                return;
            }
            slot.session.wakes = Some(expires);
        }
        self.arm_session(id, member, expires);
    }

    fn arm_session(&mut self, id: &Arc<str>, member: &Arc<str>, at: Time) {
        let timer = ConsumerTimer::Session(member.clone());
        self.timers.arm(Timer::Consumer(id.clone(), timer), at);
    }

    /// The deadlines of the members that were loaded.
    pub(in crate::group) fn consumer_loaded(&mut self, turn: &mut Turn<'_, '_>) {
        let now = turn.now();
        let mut due = Vec::new();
        for (id, group) in self.groups.iter() {
            let Group::Consumer(group) = group else {
                continue;
            };
            let timeout = self.settings.of_group(&self.image, id).session_timeout_ms;
            for member in group.all() {
                let session = ConsumerTimer::Session(member.id.clone());
                due.push((id.clone(), session, timeout));
                if member.state == MemberState::UnrevokedPartitions {
                    let timer = ConsumerTimer::Rebalance(member.id.clone(), member.epoch);
                    due.push((id.clone(), timer, member.rebalance_timeout_ms));
                }
            }
        }
        for (id, timer, timeout) in due {
            let at = now.after(ms(timeout));
            self.timers.arm(Timer::Consumer(id, timer), at);
        }
    }

    /// Something is due.
    pub(in crate::group) fn consumer_timer(
        &mut self,
        turn: &mut Turn<'_, '_>,
        id: &Arc<str>,
        timer: ConsumerTimer,
    ) {
        let member = match &timer {
            ConsumerTimer::Regexes => return self.look_up_regexes(turn, id),
            ConsumerTimer::Session(member) => self.has_expired(turn.now(), id, member),
            ConsumerTimer::Rebalance(member, epoch) => {
                let group = self.groups.consumer(id);
                let known = group.and_then(|group| group.member(member));
                known
                    .is_some_and(|member| {
                        member.epoch == *epoch && member.state == MemberState::UnrevokedPartitions
                    })
                    .then(|| member.clone())
            }
            ConsumerTimer::Join(member) | ConsumerTimer::Sync(member) => Some(member.clone()),
        };
        if let Some(member) = member {
            self.give_up(turn, id, &member, timer);
        }
    }

    /// The member, if it said nothing for too long. If it did say something, the timer is moved.
    fn has_expired(&mut self, now: Time, id: &Arc<str>, member: &Arc<str>) -> Option<Arc<str>> {
        let group = self.groups.consumer_mut(id)?;
        let session = &mut group.members.get_mut(member)?.session;
        if session.expires <= now {
            *session = Session::default();
            return Some(member.clone());
        }
        let expires = session.expires;
        session.wakes = Some(expires);
        self.arm_session(id, member, expires);
        None
    }

    fn give_up(
        &mut self,
        turn: &mut Turn<'_, '_>,
        id: &Arc<str>,
        member: &str,
        timer: ConsumerTimer,
    ) {
        let Ok(mut decision) = self.consumer_decision(id, turn.now()) else {
            return;
        };
        let Some(member) = decision.group.member(member) else {
            return;
        };
        // A group that cannot do without the member now is asked again.
        let outcome = decision.fence(&[member]);
        // If this cannot be written, it is tried again a little later.
        let again = decision.now.after(RETRY_MS);
        decision
            .timers
            .arm(Timer::Consumer(id.clone(), timer), again);
        if outcome.is_ok() {
            let outcome = decision.end();
            self.carry_out(turn, id, outcome);
        }
    }
}
