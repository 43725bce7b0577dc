//! What a record changes: the state of the coordinator is a fold of the log by this.

use std::sync::Arc;

use ottla_machine::Time;

use super::{
    Record, TransactionCoordinator,
    state::{State, Transaction},
    timer::Timer,
};

impl TransactionCoordinator {
    pub(super) fn replay_record(&mut self, record: &Record) {
        let id = record.key.transactional_id.as_str();
        let Some(next) = record.transaction() else {
            if let Some((id, _)) = self.transactions.remove_entry(id) {
                self.settle(&id);
            }
            return;
        };
        match self.transactions.get_key_value(id) {
            Some((id, before)) => {
                let id = id.clone();
                let before = Some((before.state, before.deadline()));
                self.follow(&id, before, &next);
                if let Some(of) = self.transactions.get_mut(&id) {
                    **of = next;
                }
            }
            None => {
                let id = id.into();
                self.follow(&id, None, &next);
                self.transactions.insert(id, Box::new(next));
            }
        }
    }

    /// What is to be done by itself in the new state: at most one timer per transaction. About `before`: its state, and
    /// when it would have timed out.
    fn follow(&mut self, id: &Arc<str>, before: Option<(State, Option<Time>)>, next: &Transaction) {
        if next.state == State::Ongoing {
            self.ending.forget(id);
            match next.deadline() {
                // More partitions do not move the deadline.
                Some(at) if before.and_then(|(_, at)| at) == Some(at) => {}
                Some(at) => self.timers.arm(Timer::Of(id.clone()), at),
                None => self.timers.disarm(&Timer::Of(id.clone())),
            }
        } else if !next.state.is_prepared() {
            if before.is_some_and(|(state, _)| !state.is_idle()) {
                self.settle(id);
            }
        } else if next.partitions.is_empty() {
            // The record that completes it follows, or its append was lost.
            self.ending.forget(id);
            self.timers.arm(Timer::Of(id.clone()), Time(0));
        } else {
            self.timers.disarm(&Timer::Of(id.clone()));
            self.ending.begin(id, &next.partitions);
        }
    }

    fn settle(&mut self, id: &Arc<str>) {
        self.ending.forget(id);
        self.timers.disarm(&Timer::Of(id.clone()));
    }
}
