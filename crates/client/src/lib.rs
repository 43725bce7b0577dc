//! A client for Apache Kafka: producer, consumer and admin.
//!
//! It speaks the protocol of Apache Kafka 4.4 and picks, per broker, the highest version of each request that both
//! sides know, so it works with any broker that does; nothing in it depends on which program answers.
//!
//! ```no_run
//! # async fn example() -> Result<(), ottla_client::ClientError> {
//! use ottla_client::{ClientConfig, Cluster, Producer, ProducerConfig, Record};
//!
//! let cluster = Cluster::new(ClientConfig::new("127.0.0.1:9092")?);
//! let producer = Producer::open(cluster, ProducerConfig::default()).await?;
//! let delivery = producer.send(Record::to("orders").value("hello")).await?;
//! println!("stored at offset {}", delivery.await?.offset);
//! # Ok(()) }
//! ```

pub mod admin;
pub mod cluster;
pub mod config;
pub mod connection;
pub mod consumer;
mod coordinators;
pub mod error;
pub mod producer;
pub mod retry;
mod runtime;

pub use admin::Admin;
pub use cluster::{Cluster, view};
pub use config::{Acks, ClientConfig, ConsumerConfig, Isolation, OffsetReset, ProducerConfig};
pub use connection::Connection;
pub use consumer::{Consumer, ConsumerRecord, Start};
pub use coordinators::CoordinatorType;
pub use error::ClientError;
pub use producer::{Delivery, GroupMetadata, Producer, Record, RecordMetadata};

/// What this crate's functions return.
pub type Result<T, E = ClientError> = std::result::Result<T, E>;

/// A topic's name and a partition's number.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: std::sync::Arc<str>,
    /// The partition's number, from 0.
    pub partition: i32,
}

impl TopicPartition {
    /// Of its two parts.
    pub fn new(topic: impl Into<std::sync::Arc<str>>, partition: i32) -> Self {
        Self {
            topic: topic.into(),
            partition,
        }
    }
}

impl std::fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}
