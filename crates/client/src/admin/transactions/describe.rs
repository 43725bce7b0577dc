//! What a coordinator knows of a transactional id.

use std::collections::BTreeMap;

use ottla_wire::messages::{
    describe_transactions_request::DescribeTransactionsRequest,
    describe_transactions_response::TransactionState as Described,
};

use super::{
    super::{Admin, Outcomes, coordinators::At, topics::unanswered},
    TransactionState,
};
use crate::{
    ClientError, CoordinatorType, Result, TopicPartition, connection::request_name,
    coordinators::may_pass, view::Broker,
};

/// A transactional id and its last transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransactionDescription {
    /// The id.
    pub transactional_id: String,
    /// The broker that coordinates it.
    pub coordinator: Broker,
    /// Where the transaction is.
    pub state: TransactionState,
    /// The id of the producer.
    pub producer_id: i64,
    /// The epoch of the producer.
    pub producer_epoch: i16,
    /// How long its transactions may be open, in milliseconds.
    pub timeout_ms: i32,
    /// When it was begun, in milliseconds since 1970; `None` if none is open.
    pub start_ms: Option<i64>,
    /// Its partitions that do not know its end yet, in the order of the answer.
    pub partitions: Vec<TopicPartition>,
}

impl Admin {
    /// Describes transactional ids.
    ///
    /// # Errors
    /// Those of asking; each id has its own outcome, which is TRANSACTIONAL_ID_NOT_FOUND if nobody uses it.
    pub async fn describe_transactions(
        &self,
        ids: Vec<String>,
    ) -> Result<Outcomes<String, TransactionDescription>> {
        let kind = CoordinatorType::Transaction;
        self.at_coordinators("describing transactions", kind, ids, may_pass, describe)
            .await
    }
}

async fn describe(at: At, ids: Vec<String>) -> Result<Outcomes<String, TransactionDescription>> {
    let name = request_name::<DescribeTransactionsRequest>();
    let request = DescribeTransactionsRequest {
        transactional_ids: ids.clone(),
        ..DescribeTransactionsRequest::default()
    };
    let answer = at.connection.send(&request).await?;
    let answered = answer.transaction_states.into_iter();
    let mut answered: BTreeMap<_, _> = answered
        .map(|one| (one.transactional_id.clone(), one))
        .collect();
    let broker = at.connection.broker();
    let described = ids.into_iter().map(|id| {
        let Some(one) = answered.remove(&id) else {
            let missing = unanswered(name, broker, &id);
            return (id, Err(missing));
        };
        let what = format_args!("transactional id {id}");
        let outcome = match ClientError::refusal(name, broker, what, one.error_code, None) {
            Some(refusal) => Err(refusal),
            None => Ok(description(&at.broker, one)),
        };
        (id, outcome)
    });
    Ok(described.collect())
}

fn description(coordinator: &Broker, one: Described) -> TransactionDescription {
    let mut partitions = Vec::new();
    for topic in one.topics {
        let name: std::sync::Arc<str> = topic.topic.into();
        let all = topic.partitions.into_iter();
        partitions.extend(all.map(|index| TopicPartition::new(name.clone(), index)));
    }
    TransactionDescription {
        coordinator: coordinator.clone(),
        state: TransactionState::parse(&one.transaction_state),
        producer_id: one.producer_id,
        producer_epoch: one.producer_epoch,
        timeout_ms: one.transaction_timeout_ms,
        start_ms: (one.transaction_start_time_ms >= 0).then_some(one.transaction_start_time_ms),
        partitions,
        transactional_id: one.transactional_id,
    }
}
