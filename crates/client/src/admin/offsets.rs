//! Offsets of partitions: where they begin and end, and deleting what is before one.

use std::{collections::BTreeMap, sync::Arc};

use ottla_wire::messages::{
    delete_records_request::{DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic},
    list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
};

use super::{Admin, Outcomes, millis, outcome, topics::unanswered};
use crate::{
    ClientError, Connection, Isolation, Result, TopicPartition, connection::request_name, runtime,
};

/// Which offset of a partition is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OffsetSpec {
    /// The log start offset.
    Earliest,
    /// The high watermark, or the last stable offset with [`Isolation::ReadCommitted`].
    Latest,
    /// That of the record with the largest timestamp.
    MaxTimestamp,
    /// That of the first record that is not older than this.
    Timestamp(i64),
}

impl OffsetSpec {
    /// The wire's number, which is a timestamp or stands for none.
    pub fn number(self) -> i64 {
        match self {
            Self::Latest => -1,
            Self::Earliest => -2,
            Self::MaxTimestamp => -3,
            Self::Timestamp(at) => at,
        }
    }
}

/// An offset that a broker found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ListedOffset {
    /// The offset; -1 if there is none such.
    pub offset: i64,
    /// The record's timestamp, where one was asked for; else -1.
    pub timestamp: i64,
    /// The epoch of the leader that appended it; -1 if not known.
    pub leader_epoch: i32,
}

type Asked = (TopicPartition, i64);

impl Admin {
    /// Offsets of partitions.
    ///
    /// # Errors
    /// Those of asking; each partition has its own outcome.
    pub async fn list_offsets(
        &self,
        asked: &[(TopicPartition, OffsetSpec)],
        isolation: Isolation,
    ) -> Result<Outcomes<TopicPartition, ListedOffset>> {
        let keys = asked
            .iter()
            .map(|(at, spec)| (at.clone(), spec.number()))
            .collect();
        let answers = self.settle(
            "listing offsets",
            keys,
            ClientError::is_retriable,
            |keys| async move {
                let mut outcomes = Vec::with_capacity(keys.len());
                for (connection, keys) in self.by_leader(keys, |(at, _)| at, &mut outcomes).await? {
                    let timeout = millis(self.cluster.config().request_timeout);
                    list(&connection, keys, isolation, timeout, &mut outcomes).await?;
                }
                self.forget_stale(&outcomes, |(at, _)| at);
                Ok(outcomes)
            },
        );
        let answers = answers.await?;
        Ok(answers
            .into_iter()
            .map(|((at, _), outcome)| (at, outcome))
            .collect())
    }

    /// Deletes the records before an offset, -1 being the high watermark: the new low watermarks.
    ///
    /// # Errors
    /// Those of asking; each partition has its own outcome.
    pub async fn delete_records(
        &self,
        before: &[(TopicPartition, i64)],
    ) -> Result<Outcomes<TopicPartition, i64>> {
        let keys = before.to_vec();
        let answers = self.settle(
            "deleting records",
            keys,
            ClientError::is_retriable,
            |keys| async move {
                let mut outcomes = Vec::with_capacity(keys.len());
                for (connection, keys) in self.by_leader(keys, |(at, _)| at, &mut outcomes).await? {
                    let timeout = millis(self.cluster.config().request_timeout);
                    delete(&connection, keys, timeout, &mut outcomes).await?;
                }
                self.forget_stale(&outcomes, |(at, _)| at);
                Ok(outcomes)
            },
        );
        let answers = answers.await?;
        Ok(answers
            .into_iter()
            .map(|((at, _), outcome)| (at, outcome))
            .collect())
    }

    /// Connections to the leaders of partitions. A partition that does not exist gets its outcome here.
    pub(super) async fn by_leader<K, V>(
        &self,
        keys: Vec<K>,
        partition: impl Fn(&K) -> &TopicPartition,
        outcomes: &mut Outcomes<K, V>,
    ) -> Result<Vec<(Arc<Connection>, Vec<K>)>> {
        let deadline = runtime::now() + self.cluster.config().api_timeout;
        let mut by_node: BTreeMap<i32, Vec<K>> = BTreeMap::new();
        for key in keys {
            let at = partition(&key).clone();
            let topic = match self.cluster.topic(&at.topic, false, deadline).await {
                Ok(topic) => topic,
                Err(error) => {
                    outcomes.push((key, Err(error.into_final())));
                    continue;
                }
            };
            let leader = topic
                .partition(at.partition)
                .map(|partition| partition.leader);
            let code = match leader {
                Some(Some(leader)) => {
                    by_node.entry(leader).or_default().push(key);
                    continue;
                }
                Some(None) => ottla_wire::errors::Code::LEADER_NOT_AVAILABLE,
                None => ottla_wire::errors::Code::UNKNOWN_TOPIC_OR_PARTITION,
            };
            let refusal = ClientError::Refused {
                request: "Metadata",
                broker: "the cluster".into(),
                resource: at.to_string(),
                code,
                message: None,
            };
            self.cluster.forget_topic(&at.topic);
            let refusal = if leader.is_none() {
                refusal.into_final()
            } else {
                refusal
            };
            outcomes.push((key, Err(refusal)));
        }
        let mut leaders = Vec::with_capacity(by_node.len());
        for (node, keys) in by_node {
            match self.cluster.connection(node).await {
                Ok(connection) => leaders.push((connection, keys)),
                Err(error) => {
                    outcomes.extend(keys.into_iter().map(|key| (key, Err(error.clone()))));
                }
            }
        }
        Ok(leaders)
    }

    pub(super) fn forget_stale<K, V>(
        &self,
        outcomes: &Outcomes<K, V>,
        partition: impl Fn(&K) -> &TopicPartition,
    ) {
        for (key, outcome) in outcomes {
            if outcome.as_ref().is_err_and(ClientError::is_stale_metadata) {
                self.cluster.forget_topic(&partition(key).topic);
            }
        }
    }
}

/// Partitions by topic, as requests have them.
fn by_topic(keys: &[Asked]) -> BTreeMap<&str, Vec<(i32, i64)>> {
    let mut topics: BTreeMap<&str, Vec<(i32, i64)>> = BTreeMap::new();
    for (at, number) in keys {
        topics
            .entry(&at.topic)
            .or_default()
            .push((at.partition, *number));
    }
    topics
}

async fn list(
    connection: &Connection,
    keys: Vec<Asked>,
    isolation: Isolation,
    timeout_ms: i32,
    outcomes: &mut Outcomes<Asked, ListedOffset>,
) -> Result<()> {
    let name = request_name::<ListOffsetsRequest>();
    let partition = |(partition_index, timestamp)| ListOffsetsPartition {
        partition_index,
        timestamp,
        ..ListOffsetsPartition::default()
    };
    let topics = by_topic(&keys)
        .into_iter()
        .map(|(topic, partitions)| ListOffsetsTopic {
            name: topic.to_owned(),
            partitions: partitions.into_iter().map(partition).collect(),
            ..ListOffsetsTopic::default()
        });
    let request = ListOffsetsRequest {
        replica_id: -1,
        isolation_level: isolation.number(),
        topics: topics.collect(),
        timeout_ms,
        ..ListOffsetsRequest::default()
    };
    let answer = connection.send(&request).await?;
    for key in keys {
        let at = &key.0;
        let found = answer
            .topics
            .iter()
            .filter(|topic| *topic.name == *at.topic)
            .flat_map(|topic| &topic.partitions)
            .find(|partition| partition.partition_index == at.partition);
        let outcome = match found {
            Some(found) => {
                let listed = ListedOffset {
                    offset: found.offset,
                    timestamp: found.timestamp,
                    leader_epoch: found.leader_epoch,
                };
                outcome(
                    name,
                    connection.broker(),
                    at,
                    found.error_code,
                    None,
                    listed,
                )
            }
            None => Err(unanswered(name, connection.broker(), &at.to_string())),
        };
        outcomes.push((key, outcome));
    }
    Ok(())
}

async fn delete(
    connection: &Connection,
    keys: Vec<Asked>,
    timeout_ms: i32,
    outcomes: &mut Outcomes<Asked, i64>,
) -> Result<()> {
    let name = request_name::<DeleteRecordsRequest>();
    let partition = |(partition_index, offset)| DeleteRecordsPartition {
        partition_index,
        offset,
        ..DeleteRecordsPartition::default()
    };
    let topics = by_topic(&keys)
        .into_iter()
        .map(|(topic, partitions)| DeleteRecordsTopic {
            name: topic.to_owned(),
            partitions: partitions.into_iter().map(partition).collect(),
            ..DeleteRecordsTopic::default()
        });
    let request = DeleteRecordsRequest {
        topics: topics.collect(),
        timeout_ms,
        ..DeleteRecordsRequest::default()
    };
    let answer = connection.send(&request).await?;
    for key in keys {
        let at = &key.0;
        let found = answer
            .topics
            .iter()
            .filter(|topic| *topic.name == *at.topic)
            .flat_map(|topic| &topic.partitions)
            .find(|partition| partition.partition_index == at.partition);
        let outcome = match found {
            Some(found) => {
                let code = found.error_code;
                outcome(
                    name,
                    connection.broker(),
                    at,
                    code,
                    None,
                    found.low_watermark,
                )
            }
            None => Err(unanswered(name, connection.broker(), &at.to_string())),
        };
        outcomes.push((key, outcome));
    }
    Ok(())
}
