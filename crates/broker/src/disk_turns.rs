//! What waits for a disk, away from the threads that serve connections.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::Semaphore;

use crate::task;

/// How many wait at once, as many as Apache Kafka has threads for requests if nothing else is configured. Others wait for their
/// turn; who has to do with memory alone needs none.
const AT_ONCE: usize = 8;
/// A write into the page cache takes microseconds. The system makes a writer wait longer when the disk takes less than is
/// written.
const SLOW: Duration = Duration::from_millis(20);
/// How long after such a write another one says that the disk is slow, and for how long: one may be the machine's.
const STAYS_SLOW_NS: u64 = 5_000_000_000;

/// The turns.
pub(crate) struct DiskTurns {
    turns: Arc<Semaphore>,
}

impl Default for DiskTurns {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl DiskTurns {
    /// Does `work` on another thread when it has its turn, which lasts as long as the work, also when nobody waits for it any more.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        // Nobody closes them.
        let turn = self.turns.clone().acquire_owned().await;
        let work = move || {
            let _turn = turn;
            work()
        };
        match task::blocking(work).await {
            Ok(done) => done,
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime ends, and with it whoever waits.
                Err(_) => std::future::pending().await,
            },
        }
    }
}

/// Whether a disk takes its time with what is written. Times are nanoseconds since the start of the process.
#[derive(Default)]
pub(crate) struct Slowness {
    /// When the last slow write ended.
    last: AtomicU64,
    until: AtomicU64,
}

impl Slowness {
    /// Whether who writes now may have to wait.
    pub(crate) fn is_slow(&self, now: impl FnOnce() -> u64) -> bool {
        let until = self.until.load(Ordering::Relaxed);
        until > 0 && now() < until
    }

    /// That something was written, and how long it took.
    pub(crate) fn wrote(&self, took: Duration, now: impl FnOnce() -> u64) {
        if took < SLOW {
            return;
        }
        let ended = now();
        let last = self.last.swap(ended, Ordering::Relaxed);
        if last > 0 && ended.saturating_sub(last) < STAYS_SLOW_NS {
            self.until.store(ended + STAYS_SLOW_NS, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_slow_for_a_while_after_the_second_slow_write() {
        let disk = Slowness::default();
        let mut now = 200;
        disk.wrote(SLOW - Duration::from_nanos(1), || now);
        disk.wrote(SLOW, || now);
        assert!(!disk.is_slow(|| now));
        // The next one comes too late to be its second.
        now += STAYS_SLOW_NS;
        disk.wrote(SLOW, || now);
        assert!(!disk.is_slow(|| now));
        now += STAYS_SLOW_NS - 1;
        disk.wrote(SLOW, || now);
        assert!(disk.is_slow(|| now));
        // A quick one does not end it.
        disk.wrote(Duration::from_nanos(5), || now + 5);
        assert!(disk.is_slow(|| now + STAYS_SLOW_NS - 1));
        assert!(!disk.is_slow(|| now + STAYS_SLOW_NS));
    }
}
