//! Until when a connection rests: its peer used more than it may, and its next request is not served before.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use ottla_machine::Time;

use super::activity::Activity;
use crate::clock;

/// Shared by a connection's reader and the answers that make it rest.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    until_ms: AtomicU64,
}

impl Rest {
    /// The connection rests until then, or longer if it does already.
    pub(crate) fn until(&self, time: Time) {
        self.until_ms.fetch_max(time.0, Ordering::Relaxed);
    }

    fn left(&self) -> Duration {
        match self.until_ms.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            until => Duration::from_millis(until.saturating_sub(clock::now().0)),
        }
    }

    /// Waits until the rest is over; `false` if the connection became too old meanwhile.
    pub(crate) async fn over(&self, activity: &Activity) -> bool {
        loop {
            let left = self.left();
            if left.is_zero() {
                return true;
            }
            if activity.left().is_zero() {
                return false;
            }
            tokio::time::sleep(left.min(activity.left())).await;
        }
    }
}
