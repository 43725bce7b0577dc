//! Asking and changing what a cluster has: topics, configurations, offsets, consumer groups, transactions, brokers.
//!
//! Every resource has its own outcome. What waiting may cure is tried again within the client's API timeout.

mod configs;
mod coordinators;
mod groups;
mod offsets;
mod quotas;
mod topics;
mod transactions;

use std::sync::Arc;

use ottla_wire::{errors::Code, messages::describe_cluster_request::DescribeClusterRequest};
use tokio::time;

use crate::{
    ClientError, Cluster, Result,
    connection::request_name,
    retry::{Attempts, Next},
    runtime,
    view::{Broker, join_address},
};

pub use configs::{ConfigEntry, ConfigOperation, ConfigSource, Resource, ResourceType};
pub use groups::{
    CommittedOffset, GroupDescription, GroupFilter, GroupListing, GroupMember, GroupState,
    GroupType, ListedGroups, MemberDescription,
};
pub use offsets::{ListedOffset, OffsetSpec};
pub use quotas::{QuotaEntity, QuotaMatch, Quotas};
pub use topics::{CreatedTopic, NewPartitions, NewTopic, PartitionDescription, TopicDescription};
pub use transactions::{
    AbortTransaction, Holder, ListedTransactions, OpenTransaction, ProducerState, StuckPartition,
    TransactionDescription, TransactionFilter, TransactionListing, TransactionState,
};

/// Each resource's own outcome, in the order of the question.
pub type Outcomes<K, V> = Vec<(K, Result<V>)>;

/// An administrator of a cluster.
#[derive(Clone, Debug)]
pub struct Admin {
    cluster: Cluster,
}

/// A cluster and its brokers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClusterDescription {
    /// The cluster's id.
    pub cluster_id: String,
    /// The node id of the broker that takes controller requests, if there is one.
    pub controller: Option<i32>,
    /// Its brokers by node id.
    pub brokers: Vec<Broker>,
}

impl Admin {
    /// Of a cluster.
    pub fn new(cluster: Cluster) -> Self {
        Self { cluster }
    }

    /// The cluster and its brokers.
    ///
    /// # Errors
    /// The connection's, or the broker's refusal.
    pub async fn describe_cluster(&self) -> Result<ClusterDescription> {
        let name = request_name::<DescribeClusterRequest>();
        let deadline = runtime::now() + self.cluster.config().api_timeout;
        let answer = self.cluster.retry(name, deadline, || async {
            let connection = self.cluster.any().await?;
            let answer = connection.send(&DescribeClusterRequest::default()).await?;
            let message = answer.error_message.as_deref();
            let (broker, code) = (connection.broker(), answer.error_code);
            match ClientError::refusal(name, broker, "the cluster", code, message) {
                Some(refusal) => Err(refusal),
                None => Ok(answer),
            }
        });
        let answer = answer.await?;
        let mut brokers: Vec<Broker> = answer
            .brokers
            .into_iter()
            .map(|broker| Broker {
                id: broker.broker_id,
                address: join_address(&broker.host, broker.port),
                rack: broker.rack,
            })
            .collect();
        brokers.sort_by_key(|broker| broker.id);
        Ok(ClusterDescription {
            cluster_id: answer.cluster_id,
            controller: (answer.controller_id >= 0).then_some(answer.controller_id),
            brokers,
        })
    }

    /// Asks `round` about `keys`, and again about those whose failure `cures` says may pass, until all have an outcome
    /// or time is up.
    async fn settle<K, V, F>(
        &self,
        what: &str,
        keys: Vec<K>,
        cures: impl Fn(&ClientError) -> bool,
        mut round: impl FnMut(Vec<K>) -> F,
    ) -> Result<Outcomes<K, V>>
    where
        K: Clone + PartialEq,
        F: Future<Output = Result<Outcomes<K, V>>>,
    {
        let begun = runtime::now();
        let deadline = begun + self.cluster.config().api_timeout;
        let mut attempts = Attempts::new(self.cluster.backoff(), deadline);
        let mut done: Outcomes<K, V> = Vec::with_capacity(keys.len());
        let mut left = keys.clone();
        // What stood in the way last; a round that takes too long tells nothing new.
        let mut last = None;
        while !left.is_empty() {
            let mut failed = Vec::new();
            match time::timeout_at(deadline, round(left.clone())).await {
                Ok(Ok(outcomes)) => {
                    for (key, outcome) in outcomes {
                        match outcome {
                            Err(error) if cures(&error) => {
                                last = Some(error);
                                failed.push(key);
                            }
                            outcome => done.push((key, outcome)),
                        }
                    }
                }
                Ok(Err(error)) if error.is_retriable() => {
                    last = Some(error);
                    failed = left;
                }
                Ok(Err(error)) => return Err(error),
                Err(_) => failed = left,
            }
            left = failed;
            if left.is_empty() {
                break;
            }
            match attempts.after_failure(runtime::now(), true, runtime::entropy()) {
                Next::Retry(pause) => time::sleep(pause).await,
                Next::Stop => {
                    let expired = ClientError::Expired {
                        what: what.to_owned(),
                        after: runtime::now() - begun,
                        last: last.take().map(Box::new),
                    };
                    done.extend(left.drain(..).map(|key| (key, Err(expired.clone()))));
                }
            }
        }
        let place = |key: &K| keys.iter().position(|other| other == key);
        done.sort_by_cached_key(|(key, _)| place(key));
        Ok(done)
    }
}

/// Failures of a change that surely was not made, and may be later.
fn was_not_made(error: &ClientError) -> bool {
    matches!(
        error.code(),
        Some(Code::NOT_CONTROLLER | Code::THROTTLING_QUOTA_EXCEEDED)
    )
}

/// An answer's code and text as the outcome of a resource.
fn outcome<V>(
    request: &'static str,
    broker: &Arc<str>,
    resource: impl ToString,
    code: i16,
    message: Option<&str>,
    value: V,
) -> Result<V> {
    match ClientError::refusal(request, broker, resource, code, message) {
        Some(refusal) => Err(refusal),
        None => Ok(value),
    }
}

/// Milliseconds as the wire has them.
fn millis(duration: std::time::Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
