//! Which brokers were heard of, when, and how far they have come. Known to the active controller only.

use std::collections::BTreeMap;

use ottla_machine::Time;

/// What is known of one broker.
#[derive(Clone, Debug)]
struct Session {
    epoch: i64,
    heard_at: Time,
    /// How far it has read the metadata log; -1 before it said so.
    metadata_offset: i64,
    /// Where its controlled shutdown began in the log.
    shutdown_offset: Option<i64>,
}

/// What is known of all brokers.
#[derive(Debug, Default)]
pub(super) struct Sessions(BTreeMap<i32, Session>);

impl Sessions {
    /// A broker was heard of. Another epoch begins anew.
    pub(super) fn heard(&mut self, broker: i32, epoch: i64, now: Time) {
        let known = self.0.get(&broker).filter(|of| of.epoch == epoch);
        let session = Session {
            heard_at: now,
            ..known.cloned().unwrap_or(Session {
                epoch,
                heard_at: now,
                metadata_offset: -1,
                shutdown_offset: None,
            })
        };
        self.0.insert(broker, session);
    }

    /// Forgets a broker.
    pub(super) fn forget(&mut self, broker: i32) {
        self.0.remove(&broker);
    }

    /// Whether a broker of this epoch was heard of lately.
    pub(super) fn is_valid(&self, broker: i32, epoch: i64, now: Time, timeout_ms: u64) -> bool {
        let session = self.0.get(&broker).filter(|of| of.epoch == epoch);
        session.is_some_and(|of| of.heard_at.after(timeout_ms) >= now)
    }

    /// How far a broker has read.
    pub(super) fn caught_up_to(&mut self, broker: i32, offset: i64) {
        if let Some(session) = self.0.get_mut(&broker) {
            session.metadata_offset = offset;
        }
    }

    /// A controlled shutdown began, unless it had already.
    pub(super) fn began_shutdown(&mut self, broker: i32, offset: i64) {
        if let Some(session) = self.0.get_mut(&broker) {
            session.shutdown_offset.get_or_insert(offset);
        }
    }

    /// A fenced broker is no longer in a controlled shutdown.
    pub(super) fn ended_shutdown(&mut self, broker: i32) {
        if let Some(session) = self.0.get_mut(&broker) {
            session.shutdown_offset = None;
        }
    }

    /// Where a broker's controlled shutdown began, if one did.
    pub(super) fn shutdown_offset(&self, broker: i32) -> Option<i64> {
        self.0.get(&broker)?.shutdown_offset
    }

    /// Whether all of `brokers` have read up to `offset`.
    pub(super) fn have_reached(&self, mut brokers: impl Iterator<Item = i32>, offset: i64) -> bool {
        brokers.all(|id| {
            self.0
                .get(&id)
                .is_some_and(|of| of.metadata_offset >= offset)
        })
    }
}
