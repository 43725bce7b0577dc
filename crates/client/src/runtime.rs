//! Where this crate reads clocks, draws entropy and starts tasks; nothing else in it does.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::{task::JoinHandle, time::Instant};

/// The time that deadlines are measured in.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Milliseconds since 1970, for the timestamps of records.
#[allow(clippy::disallowed_methods)]
pub(crate) fn wall_clock_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
}

/// 64 bits that nobody can foresee, good enough to spread retries and partitions.
pub(crate) fn entropy() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Starts a task that ends when its work does.
#[allow(clippy::disallowed_methods)]
pub(crate) fn spawn<F>(task: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    tokio::task::spawn(task)
}
