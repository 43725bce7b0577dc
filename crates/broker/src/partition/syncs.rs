//! The syncs that partitions of a log directory wait for: a queue of partitions, and a few threads that work on it.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use parking_lot::Mutex;

use super::Partition;
use crate::task;

/// Syncs of one directory at a time: more share the journal's commits on most file systems, and hold no other's up.
const AT_ONCE: usize = 8;

/// One per log directory. A partition is in it at most once: [`super::GroupCommit`] sees to it.
#[derive(Default)]
pub(crate) struct Syncs(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: VecDeque<Arc<Partition>>,
    threads: usize,
}

impl Syncs {
    /// Has a partition synced, and again as long as it asks for it.
    pub(super) fn put(self: &Arc<Self>, partition: Arc<Partition>) {
        let mut state = self.0.lock();
        state.waiting.push_back(partition);
        if state.threads < AT_ONCE {
            state.threads += 1;
            let syncs = self.clone();
            task::blocking(move || syncs.work());
        }
    }

    fn work(self: &Arc<Self>) {
        while let Some(partition) = self.next() {
            // What panicked was reported where it did; this thread is one that others wait for.
            let again = catch_unwind(AssertUnwindSafe(|| partition.sync()));
            match again {
                Ok(Ok(true)) => self.0.lock().waiting.push_back(partition),
                // Those who wait know.
                Ok(Ok(false) | Err(_)) => {}
                Err(_) => partition.sync_failed(),
            }
        }
    }

    /// The next in the queue; without one, the thread ends.
    fn next(&self) -> Option<Arc<Partition>> {
        let mut state = self.0.lock();
        let next = state.waiting.pop_front();
        if next.is_none() {
            state.threads -= 1;
        }
        next
    }
}

impl std::fmt::Debug for Syncs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.0.lock();
        f.debug_struct("Syncs")
            .field("waiting", &state.waiting.len())
            .field("threads", &state.threads)
            .finish()
    }
}
