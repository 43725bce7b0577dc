//! Transactional ids that nobody has used for `transactional.id.expiration.ms` are forgotten.

use std::{ops::Bound, sync::Arc};

use super::{Record, TransactionCoordinator, timer::Timer, turn::Turn};

/// After so many transactional ids, a search goes on in another decision.
const LOOK_AT: usize = 20_000;
/// So many bytes of transactional ids are forgotten in one decision, and the one that goes beyond.
const FORGET_BYTES: usize = 16 << 10;
/// What a tombstone takes beside its transactional id.
const TOMBSTONE_BYTES: usize = 16;
/// After so many ms it goes on: others have been served meanwhile.
const PAUSE_MS: u64 = 1;

impl TransactionCoordinator {
    /// Searches later.
    pub(super) fn expire_later(&mut self, turn: &Turn<'_>) {
        let interval = self.settings.remove_expired_interval_ms.max(1);
        self.timers.arm(Timer::Expire, turn.now().after(interval));
    }

    /// Looks for what has expired: so much at a time that others are not kept waiting. What could not be written is found
    /// again by the next search.
    pub(super) fn expire(&mut self, turn: &mut Turn<'_>) {
        let from = match self.expiring.take() {
            Some(last) => Bound::Excluded(last),
            None => Bound::Unbounded,
        };
        let before = turn.now_ms().saturating_sub(self.settings.id_expiration_ms);
        let mut bytes = 0;
        let range = self
            .transactions
            .range::<Arc<str>, _>((from, Bound::Unbounded));
        for (looked_at, (id, of)) in range.enumerate() {
            if of.state.is_idle() && of.updated <= before {
                turn.emit(Record::tombstone(id));
                bytes += TOMBSTONE_BYTES + id.len();
            }
            if bytes >= FORGET_BYTES || looked_at + 1 >= LOOK_AT {
                self.expiring = Some(id.clone());
                break;
            }
        }
        match self.expiring {
            Some(_) => self.timers.arm(Timer::Expire, turn.now().after(PAUSE_MS)),
            None => self.expire_later(turn),
        }
    }
}
