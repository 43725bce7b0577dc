//! Asking at the coordinators of groups and transactional ids: the way of every request about them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Admin, Outcomes};
use crate::{
    ClientError, Connection, Result,
    coordinators::{CoordinatorType, is_elsewhere, look_up, may_pass},
    view::Broker,
};

/// Coordinators that one call has found so far.
#[derive(Debug, Default)]
struct Found {
    by_key: Mutex<BTreeMap<String, Broker>>,
}

impl Found {
    fn map(&self) -> MutexGuard<'_, BTreeMap<String, Broker>> {
        // Nothing panics while it is held, and each change is whole.
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A coordinator and the connection to it.
pub(super) struct At {
    pub(super) broker: Broker,
    pub(super) connection: Arc<Connection>,
}

impl Admin {
    /// The coordinators of groups, or of transactional ids.
    ///
    /// # Errors
    /// Those of asking; each key has its own outcome.
    pub async fn find_coordinators(
        &self,
        kind: CoordinatorType,
        keys: Vec<String>,
    ) -> Result<Outcomes<String, Broker>> {
        self.settle("finding coordinators", keys, may_pass, |keys| {
            look_up(&self.cluster, kind, keys)
        })
        .await
    }

    /// Asks the coordinators of keys, once each a round. A failure that `cures` calls a passing one is tried again,
    /// after the coordinator was looked up anew if it may have changed.
    pub(super) async fn at_coordinators<V, F>(
        &self,
        what: &str,
        kind: CoordinatorType,
        keys: Vec<String>,
        cures: impl Fn(&ClientError) -> bool,
        ask: impl Fn(At, Vec<String>) -> F,
    ) -> Result<Outcomes<String, V>>
    where
        F: Future<Output = Result<Outcomes<String, V>>>,
    {
        let (found, ask) = (&Found::default(), &ask);
        self.settle(what, keys, cures, |keys| async move {
            let mut outcomes = Vec::with_capacity(keys.len());
            for (broker, keys) in self
                .by_coordinator(kind, found, keys, &mut outcomes)
                .await?
            {
                let address = broker.address.clone();
                let answer = match self.cluster.connection_to(address).await {
                    Ok(connection) => ask(At { broker, connection }, keys.clone()).await,
                    Err(error) => Err(error),
                };
                match answer {
                    Ok(answered) => outcomes.extend(answered),
                    Err(error) => {
                        let failed = keys.into_iter().map(|key| (key, Err(error.clone())));
                        outcomes.extend(failed);
                    }
                }
            }
            let mut known = found.map();
            for (key, outcome) in &outcomes {
                if outcome.as_ref().is_err_and(is_elsewhere) {
                    known.remove(key);
                }
            }
            drop(known);
            Ok(outcomes)
        })
        .await
    }

    /// Keys by coordinator; those that have none now get their outcome here.
    async fn by_coordinator<V>(
        &self,
        kind: CoordinatorType,
        found: &Found,
        keys: Vec<String>,
        outcomes: &mut Outcomes<String, V>,
    ) -> Result<Vec<(Broker, Vec<String>)>> {
        let unknown: Vec<String> = {
            let known = found.map();
            let is_new = |key: &&String| !known.contains_key(*key);
            keys.iter().filter(is_new).cloned().collect()
        };
        if !unknown.is_empty() {
            for (key, outcome) in look_up(&self.cluster, kind, unknown).await? {
                match outcome {
                    Ok(broker) => drop(found.map().insert(key, broker)),
                    Err(error) => outcomes.push((key, Err(error))),
                }
            }
        }
        let known = found.map();
        let mut by_node: BTreeMap<i32, (Broker, Vec<String>)> = BTreeMap::new();
        for key in keys {
            if let Some(broker) = known.get(&key) {
                let entry = by_node.entry(broker.id);
                let (_, keys) = entry.or_insert_with(|| (broker.clone(), Vec::new()));
                keys.push(key);
            }
        }
        Ok(by_node.into_values().collect())
    }
}
