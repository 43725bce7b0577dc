//! What nobody has needed for `offsets.retention.minutes` goes: offsets, and groups without members and offsets.

use std::sync::Arc;

use super::{AT_ONCE, PAUSE_MS, store::Offset, tombstone};
use crate::group::{
    GroupCoordinator, Turn,
    groups::{ExpiryBase, Group},
    timer::Timer,
};

/// After so many offsets, a search goes on in another decision.
const LOOK_AT: usize = 100_000;

/// Where a search goes on.
#[derive(Debug)]
pub(super) struct Progress {
    from: Arc<str>,
    /// The last offset that was to go. If it is still there, its tombstone could not be written.
    gone: Option<(Arc<str>, Arc<str>, i32)>,
}

/// One slice of a search.
struct Slice<'s, 't, 'm> {
    turn: &'s mut Turn<'t, 'm>,
    retention_ms: i64,
    looked_at: usize,
    gone: Option<(Arc<str>, Arc<str>, i32)>,
}

impl GroupCoordinator {
    pub(in crate::group) fn offsets_loaded(&mut self, turn: &mut Turn<'_, '_>) {
        self.expire_later(turn);
    }

    /// Looks for what has expired: so much at a time that others are not kept waiting.
    pub(in crate::group) fn expire_offsets(&mut self, turn: &mut Turn<'_, '_>) {
        let progress = self.offsets.expiring.take();
        let failed = progress.as_ref().and_then(|of| of.gone.as_ref());
        let failed = failed.is_some_and(|(group, topic, partition)| {
            let committed = &self.offsets.committed;
            committed.get(group, topic, *partition).is_some()
        });
        if failed {
            self.expire_later(turn);
            return;
        }
        let from = progress.map(|progress| progress.from).unwrap_or_default();
        let mut slice = Slice {
            turn,
            retention_ms: self.settings.offsets_retention_ms,
            looked_at: 0,
            gone: None,
        };
        let rest = self.expire_from(&mut slice, &from);
        let Slice { turn, gone, .. } = slice;
        match rest {
            Some(from) => {
                self.offsets.expiring = Some(Progress { from, gone });
                let soon = turn.now().after(PAUSE_MS);
                self.timers.arm(Timer::ExpireOffsets, soon);
            }
            None => self.expire_later(turn),
        }
    }

    fn expire_later(&mut self, turn: &Turn<'_, '_>) {
        let interval = self.settings.offsets_retention_check_interval_ms;
        let next = turn.now().after(interval);
        self.timers.arm(Timer::ExpireOffsets, next);
    }

    /// The group to go on with, if not all was looked at.
    fn expire_from(&self, slice: &mut Slice<'_, '_, '_>, from: &str) -> Option<Arc<str>> {
        for (id, group) in self.groups.from(from) {
            if slice.is_full() {
                return Some(id.clone());
            }
            let Some(is_without_offsets) = self.expire_of_group(slice, id, group) else {
                return Some(id.clone());
            };
            if is_without_offsets && group.is_empty() {
                let turn = &mut *slice.turn;
                group.tombstones(id, &mut |entry| turn.emit(entry));
            }
        }
        None
    }

    /// Whether the group has no offset any more; `None` if not all were looked at.
    fn expire_of_group(
        &self,
        slice: &mut Slice<'_, '_, '_>,
        id: &Arc<str>,
        group: &Group,
    ) -> Option<bool> {
        let is_open = self.offsets.open.has_group(id);
        if !self.offsets.committed.has(id) {
            return Some(!is_open);
        }
        let Some(base) = group.expiry_base() else {
            return Some(false);
        };
        let mut all = true;
        for topic in self.offsets.committed.topics(id) {
            let is_subscribed = group.is_subscribed_to(topic.name());
            if is_subscribed {
                all = false;
                continue;
            }
            for of in topic.iter() {
                slice.looked_at += 1;
                let is_open = self.offsets.open.has(id, topic.name(), of.partition);
                if is_open || !slice.has_expired(&of, base) {
                    all = false;
                    continue;
                }
                if slice.turn.emitted() >= AT_ONCE {
                    return None;
                }
                slice.turn.emit(tombstone(id, topic.name(), of.partition));
                slice.gone = Some((id.clone(), topic.name().clone(), of.partition));
            }
        }
        Some(all && !is_open)
    }
}

impl Slice<'_, '_, '_> {
    fn is_full(&self) -> bool {
        self.looked_at >= LOOK_AT || self.turn.emitted() >= AT_ONCE
    }

    fn has_expired(&self, of: &Offset<'_>, base: ExpiryBase) -> bool {
        let now = self.turn.now_ms();
        if of.expires != -1 {
            return now >= of.expires;
        }
        let since = match base {
            ExpiryBase::Commit => of.timestamp,
            ExpiryBase::EmptySince(since) => since,
        };
        now.saturating_sub(since) >= self.retention_ms
    }
}
