//! The connection to one address, opened again when it broke, with a pause after each failure.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use tokio::time::{self, Instant};

use crate::{ClientConfig, ClientError, Connection, Result, retry::Backoff, runtime};

/// An address and its connection.
#[derive(Debug)]
pub(crate) struct Node {
    address: String,
    open: Mutex<Option<Arc<Connection>>>,
    /// Held while connecting, so that only one caller does.
    connecting: tokio::sync::Mutex<Trouble>,
    /// Counts attempts to connect: whoever waited for a failed one shares its failure.
    attempts: AtomicU64,
}

#[derive(Debug, Default)]
struct Trouble {
    failures: u32,
    last: Option<(Instant, ClientError)>,
}

impl Node {
    pub(crate) fn new(address: String) -> Self {
        Self {
            address,
            open: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
            attempts: AtomicU64::new(0),
        }
    }

    /// Whether a connection is open now.
    pub(crate) fn is_open(&self) -> bool {
        self.current().is_some()
    }

    /// The open connection, or a new one.
    pub(crate) async fn connection(&self, config: &ClientConfig) -> Result<Arc<Connection>> {
        if let Some(connection) = self.current() {
            return Ok(connection);
        }
        let seen = self.attempts.load(Ordering::Acquire);
        let mut trouble = self.connecting.lock().await;
        if let Some(connection) = self.current() {
            return Ok(connection);
        }
        if let Some((at, error)) = &trouble.last {
            if seen != self.attempts.load(Ordering::Acquire) {
                return Err(error.clone());
            }
            let backoff = Backoff {
                initial: config.reconnect_backoff,
                max: config.reconnect_backoff_max,
            };
            time::sleep_until(*at + backoff.pause(trouble.failures, runtime::entropy())).await;
        }
        let opened = Connection::open(&self.address, config).await;
        self.attempts.fetch_add(1, Ordering::Release);
        match opened {
            Ok(connection) => {
                let connection = Arc::new(connection);
                *trouble = Trouble::default();
                *self.slot() = Some(Arc::clone(&connection));
                Ok(connection)
            }
            Err(error) => {
                trouble.failures = trouble.failures.saturating_add(1);
                trouble.last = Some((runtime::now(), error.clone()));
                Err(error)
            }
        }
    }

    fn current(&self) -> Option<Arc<Connection>> {
        let open = self.slot();
        open.as_ref()
            .filter(|connection| !connection.is_closed())
            .cloned()
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Arc<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
