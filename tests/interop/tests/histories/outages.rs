//! The time of a round, and when its server was away.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

/// One clock for all histories of a round.
#[derive(Debug)]
pub(crate) struct Clock {
    began: Instant,
    outages: Mutex<Vec<(u64, Option<u64>)>>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            outages: Mutex::new(Vec::new()),
        }
    }

    /// Microseconds since the round began.
    pub(crate) fn now(&self) -> u64 {
        self.began.elapsed().as_micros() as u64
    }

    /// The server goes.
    pub(crate) fn down(&self) {
        let now = self.now();
        self.all().push((now, None));
    }

    /// The server is back.
    pub(crate) fn up(&self) {
        let now = self.now();
        if let Some(last) = self.all().last_mut() {
            last.1 = Some(now);
        }
    }

    /// Whether it was away at any time since then.
    pub(crate) fn away_since(&self, since: u64) -> bool {
        let is = |until: Option<u64>| until.is_none_or(|until| until >= since);
        self.all().iter().any(|&(_, until)| is(until))
    }

    /// When it was away.
    pub(crate) fn outages(&self) -> Vec<(u64, u64)> {
        let all = self.all();
        let ended = all
            .iter()
            .map(|&(from, until)| (from, until.unwrap_or(u64::MAX)));
        ended.collect()
    }

    fn all(&self) -> std::sync::MutexGuard<'_, Vec<(u64, Option<u64>)>> {
        self.outages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
