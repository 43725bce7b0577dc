//! Reads that wait for a disk, away from the threads that serve connections.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::task;

/// How many wait at once, as many as Apache Kafka has threads for requests if nothing else is configured. Others wait for their
/// turn; who reads from memory needs none.
const AT_ONCE: usize = 8;

/// The turns.
pub(crate) struct DiskReads {
    turns: Arc<Semaphore>,
}

impl Default for DiskReads {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl DiskReads {
    /// Runs `read` on another thread when it has its turn, which lasts as long as the read, also when nobody waits for it any more.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        // Nobody closes them.
        let turn = self.turns.clone().acquire_owned().await;
        let read = move || {
            let _turn = turn;
            read()
        };
        match task::blocking(read).await {
            Ok(done) => done,
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime ends, and with it whoever waits.
                Err(_) => std::future::pending().await,
            },
        }
    }
}
