//! The producers that a partition knows, as one of its replicas tells.

use std::collections::BTreeMap;

use ottla_wire::{
    errors::Code,
    messages::{
        describe_producers_request::{DescribeProducersRequest, TopicRequest},
        describe_producers_response as response,
    },
};

use super::super::{Admin, Outcomes, outcome, topics::unanswered};
use crate::{ClientError, Connection, Result, TopicPartition, connection::request_name};

/// A producer that has written to a partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProducerState {
    /// Its id.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i32,
    /// The sequence number of its last record; -1 if the last thing was the end of a transaction.
    pub last_sequence: i32,
    /// The timestamp of its last batch, in milliseconds since 1970.
    pub last_timestamp: i64,
    /// The epoch of the coordinator that last ended a transaction of it here; `None` if none did.
    pub coordinator_epoch: Option<i32>,
    /// The first offset of its open transaction, if it has one.
    pub transaction_start: Option<i64>,
}

impl Admin {
    /// The producers of partitions, as their leaders know them, or as the broker with node id `replica` does.
    ///
    /// # Errors
    /// Those of asking; each partition has its own outcome. A replica that does not have the partition gives
    /// NOT_LEADER_OR_FOLLOWER.
    pub async fn describe_producers(
        &self,
        partitions: Vec<TopicPartition>,
        replica: Option<i32>,
    ) -> Result<Outcomes<TopicPartition, Vec<ProducerState>>> {
        let passes = |error: &ClientError| {
            let moved = error.code() == Some(Code::NOT_LEADER_OR_FOLLOWER);
            error.is_retriable() && !(replica.is_some() && moved)
        };
        let what = "describing producers";
        self.settle(what, partitions, passes, |partitions| async move {
            let mut outcomes = Vec::with_capacity(partitions.len());
            let asked = match replica {
                Some(node) => vec![(self.connection_in_cluster(node).await?, partitions)],
                None => self.by_leader(partitions, |at| at, &mut outcomes).await?,
            };
            for (connection, partitions) in asked {
                outcomes.extend(describe(&connection, partitions).await?);
            }
            self.forget_stale(&outcomes, |at| at);
            Ok(outcomes)
        })
        .await
    }

    /// A connection to a broker of which nothing may be known yet.
    async fn connection_in_cluster(&self, node: i32) -> Result<std::sync::Arc<Connection>> {
        if !self.cluster.view().brokers.contains_key(&node) {
            self.cluster
                .refresh(&crate::cluster::Scope::Brokers)
                .await?;
        }
        if !self.cluster.view().brokers.contains_key(&node) {
            return Err(ClientError::Config(format!(
                "the cluster has no broker {node} now"
            )));
        }
        self.cluster.connection(node).await
    }
}

async fn describe(
    connection: &Connection,
    partitions: Vec<TopicPartition>,
) -> Result<Outcomes<TopicPartition, Vec<ProducerState>>> {
    let name = request_name::<DescribeProducersRequest>();
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for at in &partitions {
        topics.entry(&at.topic).or_default().push(at.partition);
    }
    let topics = topics.into_iter().map(|(name, indexes)| TopicRequest {
        name: name.to_owned(),
        partition_indexes: indexes,
        ..TopicRequest::default()
    });
    let request = DescribeProducersRequest {
        topics: topics.collect(),
        ..DescribeProducersRequest::default()
    };
    let answer = connection.send(&request).await?;
    let mut answered = BTreeMap::new();
    for topic in answer.topics {
        for one in topic.partitions {
            answered.insert((topic.name.clone(), one.partition_index), one);
        }
    }
    let broker = connection.broker();
    let outcomes = partitions.into_iter().map(|at| {
        let outcome = match answered.remove(&(at.topic.to_string(), at.partition)) {
            Some(one) => {
                let producers = one.active_producers.iter().map(state).collect();
                let message = one.error_message.as_deref();
                outcome(name, broker, &at, one.error_code, message, producers)
            }
            None => Err(unanswered(name, broker, &at.to_string())),
        };
        (at, outcome)
    });
    Ok(outcomes.collect())
}

fn state(one: &response::ProducerState) -> ProducerState {
    ProducerState {
        producer_id: one.producer_id,
        producer_epoch: one.producer_epoch,
        last_sequence: one.last_sequence,
        last_timestamp: one.last_timestamp,
        coordinator_epoch: (one.coordinator_epoch >= 0).then_some(one.coordinator_epoch),
        transaction_start: (one.current_txn_start_offset >= 0)
            .then_some(one.current_txn_start_offset),
    }
}
