//! Which broker coordinates a group or a transactional id: one question, and what a failure says about the answer.

use std::collections::BTreeMap;

use ottla_wire::{
    errors::Code,
    messages::{
        find_coordinator_request::FindCoordinatorRequest, find_coordinator_response::Coordinator,
    },
};

use crate::{
    ClientError, Cluster, Connection, Result,
    connection::request_name,
    view::{Broker, join_address},
};

/// The first version of FindCoordinator that takes several keys.
const FIRST_BATCHED: i16 = 4;

/// What is coordinated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CoordinatorType {
    /// A group, by its id.
    Group,
    /// The transactions of a producer, by its transactional id.
    Transaction,
}

impl CoordinatorType {
    /// The wire's number.
    pub fn number(self) -> i8 {
        match self {
            Self::Group => 0,
            Self::Transaction => 1,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Transaction => "transactional id",
        }
    }
}

/// Asks any broker once for the coordinators of `keys`; each has its own outcome.
pub(crate) async fn look_up(
    cluster: &Cluster,
    kind: CoordinatorType,
    keys: Vec<String>,
) -> Result<Vec<(String, Result<Broker>)>> {
    let connection = cluster.any().await?;
    let name = request_name::<FindCoordinatorRequest>();
    let version = connection.version::<FindCoordinatorRequest>()?;
    if version >= FIRST_BATCHED {
        let request = FindCoordinatorRequest {
            key_type: kind.number(),
            coordinator_keys: keys.clone(),
            ..FindCoordinatorRequest::default()
        };
        let answer = connection.send_as(&request, version).await?;
        let answered = answer
            .coordinators
            .into_iter()
            .map(|one| (one.key.clone(), one));
        let mut answered: BTreeMap<_, _> = answered.collect();
        let found = keys.into_iter().map(|key| {
            let found = match answered.remove(&key) {
                Some(one) => broker_of(kind, &connection, one),
                None => Err(ClientError::Protocol {
                    request: name,
                    broker: connection.broker().clone(),
                    what: format!("its answer does not name {} {key}", kind.noun()),
                }),
            };
            (key, found)
        });
        return Ok(found.collect());
    }
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let request = FindCoordinatorRequest {
            key_type: kind.number(),
            key: key.clone(),
            ..FindCoordinatorRequest::default()
        };
        let answer = connection.send_as(&request, version).await?;
        let answer = Coordinator {
            key: key.clone(),
            node_id: answer.node_id,
            host: answer.host,
            port: answer.port,
            error_code: answer.error_code,
            error_message: answer.error_message,
            ..Coordinator::default()
        };
        found.push((key, broker_of(kind, &connection, answer)));
    }
    Ok(found)
}

fn broker_of(kind: CoordinatorType, asked: &Connection, answer: Coordinator) -> Result<Broker> {
    let refusal = ClientError::refusal(
        request_name::<FindCoordinatorRequest>(),
        asked.broker(),
        format_args!("{} {}", kind.noun(), answer.key),
        answer.error_code,
        answer.error_message.as_deref(),
    );
    match refusal {
        Some(refusal) => Err(refusal),
        None => Ok(Broker {
            id: answer.node_id,
            address: join_address(&answer.host, answer.port),
            rack: None,
        }),
    }
}

/// Failures that time cures: the coordinator is loading, moving, or cannot be reached.
pub(crate) fn may_pass(error: &ClientError) -> bool {
    is_elsewhere(error) || error.code() == Some(Code::COORDINATOR_LOAD_IN_PROGRESS)
}

/// Failures after which the coordinator may be another broker.
pub(crate) fn is_elsewhere(error: &ClientError) -> bool {
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
