//! A producer: records go into batches by partition, batches to leaders, and each record's fate is a future.

mod exchange;
pub mod partitioner;
mod queue;
mod sender;
pub mod transaction;

use std::{
    collections::HashMap,
    fmt,
    future::IntoFuture,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use ottla_wire::{messages::init_producer_id_request::InitProducerIdRequest, records::Header};
use tokio::{
    sync::watch,
    time::{self, Instant},
};

use crate::{
    ClientError, Cluster, ProducerConfig, Result, TopicPartition, connection::request_name,
    runtime, view::Topic,
};
use partitioner::{Sticky, partition_of_key};
use queue::{Outcome, Parts, Rules};
use sender::Shared;
pub use transaction::GroupMetadata;

/// A record to send.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition, if not the key is to decide.
    pub partition: Option<i32>,
    /// The key.
    pub key: Option<Bytes>,
    /// The value; none is a tombstone.
    pub value: Option<Bytes>,
    /// The headers.
    pub headers: Vec<Header>,
    /// Milliseconds since 1970; the time of sending if none.
    pub timestamp: Option<i64>,
}

impl Record {
    /// An empty record for a topic.
    pub fn to(topic: impl Into<Arc<str>>) -> Self {
        Self {
            topic: topic.into(),
            partition: None,
            key: None,
            value: None,
            headers: Vec::new(),
            timestamp: None,
        }
    }

    /// With this value.
    #[must_use]
    pub fn value(mut self, value: impl Into<Bytes>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// With this key.
    #[must_use]
    pub fn key(mut self, key: impl Into<Bytes>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// For this partition.
    #[must_use]
    pub fn partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }
}

/// Where a record is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordMetadata {
    /// Topic and partition.
    pub at: TopicPartition,
    /// Its offset; -1 if the broker did not say (acks=0, or a retry of what was stored already).
    pub offset: i64,
    /// Its timestamp: the broker's if the topic uses the log append time.
    pub timestamp: i64,
}

/// The fate of a record: await it, or drop it and let the producer do its work.
pub struct Delivery {
    at: TopicPartition,
    index: i64,
    timestamp: i64,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

impl Delivery {
    async fn fate(mut self) -> Result<RecordMetadata> {
        let outcome = match self.outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone(),
            Err(_) => None,
        };
        let (base_offset, append_time) = outcome.unwrap_or(Err(CLOSED))?;
        Ok(RecordMetadata {
            at: self.at,
            offset: if base_offset < 0 {
                -1
            } else {
                base_offset + self.index
            },
            timestamp: if append_time < 0 {
                self.timestamp
            } else {
                append_time
            },
        })
    }
}

impl IntoFuture for Delivery {
    type Output = Result<RecordMetadata>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.fate())
    }
}

const CLOSED: ClientError = ClientError::Closed("the producer");

/// A producer. Records sent and not acknowledged are lost when it is dropped: call [`Producer::flush`] before.
#[derive(Debug)]
pub struct Producer {
    shared: Arc<Shared>,
    sticky: Mutex<HashMap<Arc<str>, Sticky>>,
}

impl Producer {
    /// Opens a producer; with idempotence, it asks the cluster for a producer id. A transactional one does that in
    /// [`Producer::init_transactions`].
    ///
    /// # Errors
    /// [`ClientError::Config`] for settings that contradict each other, and what asking can give.
    pub async fn open(cluster: Cluster, config: ProducerConfig) -> Result<Self> {
        config.check()?;
        let is_transactional = config.transactional_id.is_some();
        let identity = if config.idempotence && !is_transactional {
            Some(producer_id(&cluster).await?)
        } else {
            None
        };
        let rules = Rules {
            codec: config.compression,
            batch_size: config.batch_size,
            linger: config.linger,
            delivery_timeout: config.delivery_timeout,
            backoff: cluster.backoff(),
            idempotent: config.idempotence,
            transactional: is_transactional,
            max_in_flight: if config.idempotence {
                config.max_in_flight
            } else {
                1
            },
        };
        Ok(Self {
            shared: sender::start(cluster, config, rules, identity),
            sticky: Mutex::default(),
        })
    }

    /// Puts a record into a batch. Waits while the buffer is full or the topic is not known yet.
    ///
    /// # Errors
    /// Those of finding the partition or the room for the record; [`ClientError::Expired`] after `max_block`. What
    /// becomes of the record later is the [`Delivery`]'s.
    ///
    /// In a transaction, a record that is refused here is missing from it: only an abort is possible then.
    pub async fn send(&self, record: Record) -> Result<Delivery> {
        if self.shared.config.transactional_id.is_none() {
            return self.accept(record).await;
        }
        self.shared
            .change(|_, transaction| transaction.may_send())?;
        let sent = self.accept(record).await;
        if let Err(error) = &sent {
            let mut state = self.shared.state();
            // Unless somebody ends it meanwhile, and so does without the record.
            if let Some(transaction) = &mut state.transaction
                && transaction.may_send().is_ok()
            {
                transaction.batch_failed(error, false);
            }
            self.shared.sweep(&mut state);
        }
        sent
    }

    async fn accept(&self, record: Record) -> Result<Delivery> {
        let now = runtime::now();
        let config = &self.shared.config;
        let timestamp = record.timestamp.unwrap_or_else(runtime::wall_clock_ms);
        let parts = Parts {
            timestamp,
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            headers: &record.headers,
        };
        let size = parts.size();
        if size > config.max_request_size {
            return Err(ClientError::RecordTooLarge {
                topic: record.topic,
                size,
                limit: config.max_request_size,
            });
        }
        let deadline = now + config.max_block;
        let cluster = &self.shared.cluster;
        let topic = cluster.topic(&record.topic, true, deadline).await?;
        let partition = self.partition(&topic, &record, size)?;
        self.reserve(size, deadline).await?;
        let at = TopicPartition::new(Arc::clone(&topic.name), partition);
        let appended = self.shared.append(&at, parts, size)?;
        Ok(Delivery {
            at,
            index: appended.index,
            timestamp,
            outcome: appended.outcome,
        })
    }

    /// Sends everything that was accepted before this call, without lingering, and waits until each record's fate is
    /// known.
    pub async fn flush(&self) {
        self.shared.flush().await;
    }

    /// Flushes and closes; an open transaction is aborted, as far as that is possible.
    pub async fn close(self) {
        let is_open = {
            let state = self.shared.state();
            state
                .transaction
                .as_ref()
                .is_some_and(transaction::Transaction::is_open)
        };
        if is_open {
            // If the coordinator cannot be reached, it aborts the transaction by its timeout.
            let _ = self.abort_transaction().await;
        }
        self.flush().await;
    }

    /// Waits for room in the buffer.
    async fn reserve(&self, size: usize, deadline: Instant) -> Result<()> {
        let config = &self.shared.config;
        // A record is at most max_request_size, which is a small number.
        let permits = u32::try_from(size).unwrap_or(u32::MAX);
        match time::timeout_at(deadline, self.shared.room.acquire_many(permits)).await {
            Ok(Ok(room)) => {
                room.forget();
                Ok(())
            }
            Ok(Err(_)) => Err(CLOSED),
            Err(_) => Err(ClientError::Expired {
                what: "waiting for room in the producer's buffer".into(),
                after: config.max_block,
                last: None,
            }),
        }
    }

    fn partition(&self, topic: &Topic, record: &Record, size: usize) -> Result<i32> {
        if let Some(partition) = record.partition {
            return match topic.partition(partition) {
                Some(_) => Ok(partition),
                None => Err(ClientError::Config(format!(
                    "topic {} has no partition {partition}: it has {}",
                    topic.name,
                    topic.partitions.len()
                ))),
            };
        }
        let by_key = record.key.as_deref().and_then(|key| {
            let at = partition_of_key(key, topic.partitions.len());
            topic.partitions.get(at).map(|partition| partition.index)
        });
        let chosen = by_key.or_else(|| {
            let mut sticky = self.sticky.lock().unwrap_or_else(PoisonError::into_inner);
            let sticky = sticky.entry(Arc::clone(&topic.name)).or_default();
            sticky.next(topic, size, self.shared.config.batch_size, runtime::entropy)
        });
        chosen.ok_or_else(|| ClientError::Config(format!("topic {} has no partitions", topic.name)))
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.shared.close();
    }
}

/// A new producer id and its epoch.
async fn producer_id(cluster: &Cluster) -> Result<(i64, i16)> {
    let deadline = runtime::now() + cluster.config().api_timeout;
    let name = request_name::<InitProducerIdRequest>();
    let request = InitProducerIdRequest {
        transactional_id: None,
        transaction_timeout_ms: i32::MAX,
        ..InitProducerIdRequest::default()
    };
    cluster
        .retry(name, deadline, || async {
            let connection = cluster.any().await?;
            // Version 6 is for two-phase commit, which is not asked for.
            let version = connection.version::<InitProducerIdRequest>()?.min(5);
            let answer = connection.send_as(&request, version).await?;
            let refusal = ClientError::refusal(
                name,
                connection.broker(),
                "a producer id",
                answer.error_code,
                None,
            );
            match refusal {
                Some(refusal) => Err(refusal),
                None => Ok((answer.producer_id, answer.producer_epoch)),
            }
        })
        .await
}
