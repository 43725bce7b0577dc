//! Who coordinates a group, and asking there: the way of every request about groups.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ottla_wire::{
    errors::Code,
    messages::{
        find_coordinator_request::FindCoordinatorRequest, find_coordinator_response::Coordinator,
    },
};

use super::super::{Admin, Outcomes, outcome, topics::unanswered};
use crate::{
    ClientError, Connection, Result,
    connection::request_name,
    view::{Broker, join_address},
};

/// The first version of FindCoordinator that takes several keys.
const FIRST_BATCHED: i16 = 4;
/// The key type of groups.
const GROUP: i8 = 0;

/// Coordinators that one call has found so far.
#[derive(Debug, Default)]
struct Found {
    by_group: Mutex<BTreeMap<String, Broker>>,
}

impl Found {
    fn map(&self) -> MutexGuard<'_, BTreeMap<String, Broker>> {
        // Nothing panics while it is held, and each change is whole.
        self.by_group.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A coordinator and the connection to it.
pub(super) struct At {
    pub(super) broker: Broker,
    pub(super) connection: Arc<Connection>,
}

impl Admin {
    /// The coordinators of groups.
    ///
    /// # Errors
    /// Those of asking; each group has its own outcome.
    pub async fn find_coordinators(&self, groups: Vec<String>) -> Result<Outcomes<String, Broker>> {
        self.settle(
            "finding coordinators",
            groups,
            may_pass,
            |groups| async move { self.look_up(groups).await },
        )
        .await
    }

    /// Asks the coordinators of groups, once each a round. A failure that `cures` calls a passing one is tried again,
    /// after the coordinator was looked up anew if it may have changed.
    pub(super) async fn at_coordinators<V, F>(
        &self,
        what: &str,
        groups: Vec<String>,
        cures: impl Fn(&ClientError) -> bool,
        ask: impl Fn(At, Vec<String>) -> F,
    ) -> Result<Outcomes<String, V>>
    where
        F: Future<Output = Result<Outcomes<String, V>>>,
    {
        let (found, ask) = (&Found::default(), &ask);
        self.settle(what, groups, cures, |groups| async move {
            let mut outcomes = Vec::with_capacity(groups.len());
            for (broker, groups) in self.by_coordinator(found, groups, &mut outcomes).await? {
                let address = broker.address.clone();
                let answer = match self.cluster.connection_to(address).await {
                    Ok(connection) => ask(At { broker, connection }, groups.clone()).await,
                    Err(error) => Err(error),
                };
                match answer {
                    Ok(answered) => outcomes.extend(answered),
                    Err(error) => {
                        let failed = groups.into_iter().map(|group| (group, Err(error.clone())));
                        outcomes.extend(failed);
                    }
                }
            }
            let mut known = found.map();
            for (group, outcome) in &outcomes {
                if outcome.as_ref().is_err_and(is_elsewhere) {
                    known.remove(group);
                }
            }
            drop(known);
            Ok(outcomes)
        })
        .await
    }

    /// Groups by coordinator; those that have none now get their outcome here.
    async fn by_coordinator<V>(
        &self,
        found: &Found,
        groups: Vec<String>,
        outcomes: &mut Outcomes<String, V>,
    ) -> Result<Vec<(Broker, Vec<String>)>> {
        let unknown: Vec<String> = {
            let known = found.map();
            let is_new = |group: &&String| !known.contains_key(*group);
            groups.iter().filter(is_new).cloned().collect()
        };
        if !unknown.is_empty() {
            for (group, outcome) in self.look_up(unknown).await? {
                match outcome {
                    Ok(broker) => drop(found.map().insert(group, broker)),
                    Err(error) => outcomes.push((group, Err(error))),
                }
            }
        }
        let known = found.map();
        let mut by_node: BTreeMap<i32, (Broker, Vec<String>)> = BTreeMap::new();
        for group in groups {
            if let Some(broker) = known.get(&group) {
                let entry = by_node.entry(broker.id);
                let (_, groups) = entry.or_insert_with(|| (broker.clone(), Vec::new()));
                groups.push(group);
            }
        }
        Ok(by_node.into_values().collect())
    }

    /// Asks any broker once.
    async fn look_up(&self, groups: Vec<String>) -> Result<Outcomes<String, Broker>> {
        let connection = self.cluster.any().await?;
        let name = request_name::<FindCoordinatorRequest>();
        let version = connection.version::<FindCoordinatorRequest>()?;
        if version >= FIRST_BATCHED {
            let request = FindCoordinatorRequest {
                key_type: GROUP,
                coordinator_keys: groups.clone(),
                ..FindCoordinatorRequest::default()
            };
            let answer = connection.send_as(&request, version).await?;
            let answered = answer
                .coordinators
                .into_iter()
                .map(|one| (one.key.clone(), one));
            let mut answered: BTreeMap<_, _> = answered.collect();
            let found = groups.into_iter().map(|group| {
                let found = match answered.remove(&group) {
                    Some(one) => broker_of(name, &connection, one),
                    None => Err(unanswered(name, connection.broker(), &group)),
                };
                (group, found)
            });
            return Ok(found.collect());
        }
        let mut found = Vec::with_capacity(groups.len());
        for group in groups {
            let request = FindCoordinatorRequest {
                key_type: GROUP,
                key: group.clone(),
                ..FindCoordinatorRequest::default()
            };
            let answer = connection.send_as(&request, version).await?;
            let answer = Coordinator {
                key: group.clone(),
                node_id: answer.node_id,
                host: answer.host,
                port: answer.port,
                error_code: answer.error_code,
                error_message: answer.error_message,
                ..Coordinator::default()
            };
            found.push((group, broker_of(name, &connection, answer)));
        }
        Ok(found)
    }
}

fn broker_of(name: &'static str, asked: &Connection, answer: Coordinator) -> Result<Broker> {
    let what = format_args!("group {}", answer.key);
    let message = answer.error_message.as_deref();
    let broker = Broker {
        id: answer.node_id,
        address: join_address(&answer.host, answer.port),
        rack: None,
    };
    outcome(
        name,
        asked.broker(),
        what,
        answer.error_code,
        message,
        broker,
    )
}

/// Failures that time cures: the coordinator is loading, moving, or cannot be reached.
pub(super) fn may_pass(error: &ClientError) -> bool {
    is_elsewhere(error) || error.code() == Some(Code::COORDINATOR_LOAD_IN_PROGRESS)
}

/// Failures after which the coordinator may be another broker.
fn is_elsewhere(error: &ClientError) -> bool {
    match error {
        ClientError::Connect { .. }
        | ClientError::Disconnected { .. }
        | ClientError::Timeout { .. } => true,
        ClientError::Refused { code, .. } => {
            matches!(
                *code,
                Code::COORDINATOR_NOT_AVAILABLE | Code::NOT_COORDINATOR
            )
        }
        _ => false,
    }
}
