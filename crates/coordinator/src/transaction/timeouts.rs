//! Transactions that are open for too long are aborted, and their producers fenced.
//!
//! Kafka looks for them every `transaction.abort.timed.out.transaction.cleanup.interval.ms`; here each has a timer of its
//! own, so that none is open longer than it may be.

use std::sync::Arc;

use ottla_machine::Time;

use super::{
    TransactionCoordinator,
    end::Missing,
    state::{State, Transaction},
    timer::Timer,
    turn::Turn,
};

/// After so many ms, an abort that needs a producer id looks for one again.
const ASK_AGAIN_MS: u64 = 100;

impl Transaction {
    /// When it is aborted if it is still open then.
    pub(super) fn deadline(&self) -> Option<Time> {
        if self.state != State::Ongoing || self.is_two_phase() {
            return None;
        }
        // As in Kafka, it may take just as long as it said.
        let at = self.started.saturating_add(i64::from(self.timeout_ms));
        Some(Time(u64::try_from(at).unwrap_or(0)).after(1))
    }
}

impl TransactionCoordinator {
    /// A transaction's timer has run out.
    pub(super) fn transaction_timer(&mut self, turn: &mut Turn<'_>, id: &Arc<str>) {
        let Some(of) = self.transaction(id) else {
            return;
        };
        if of.state.is_prepared() {
            self.go_on_ending(turn, id);
            return;
        }
        let Some(deadline) = of.deadline() else {
            return;
        };
        if deadline > turn.now() {
            self.timers.arm(Timer::Of(id.clone()), deadline);
            return;
        }
        let next = self.aborted(of, self.spare_producer_id, turn.now_ms());
        // Should the record not be written, or a producer id be missing, this comes again.
        let again = match &next {
            Ok(_) => self.settings.abort_timed_out_interval_ms,
            Err(_) => ASK_AGAIN_MS,
        };
        match next {
            Ok(next) => {
                if self.spare_producer_id == Some(next.next_producer_id) {
                    self.spare_producer_id = None;
                }
                self.emit(turn, id, &next);
            }
            Err(Missing::ProducerId) => self.needs_producer_id = true,
            Err(Missing::Right(_)) => {}
        }
        self.timers
            .arm(Timer::Of(id.clone()), turn.now().after(again.max(1)));
    }
}
