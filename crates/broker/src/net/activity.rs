//! When something last went over a connection, in either direction.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::clock;

/// Shared by the two halves of a connection, so that a long answer does not make it look idle.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    last: Arc<AtomicU64>,
    /// `connections.max.idle.ms`.
    limit: Duration,
}

impl Activity {
    pub(crate) fn new(limit: Duration) -> Self {
        Self {
            last: Arc::new(AtomicU64::new(clock::now().0)),
            limit,
        }
    }

    /// Something was sent or received.
    pub(crate) fn note(&self) {
        self.last.store(clock::now().0, Ordering::Relaxed);
    }

    /// How long nothing may happen from the last time on that something did.
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// How long nothing may happen from now on; zero if it was too long.
    pub(crate) fn left(&self) -> Duration {
        let quiet = clock::now()
            .0
            .saturating_sub(self.last.load(Ordering::Relaxed));
        self.limit.saturating_sub(Duration::from_millis(quiet))
    }
}
