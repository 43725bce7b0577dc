//! One Fetch to one leader, or one question for metadata, as a task of its own.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use ottla_wire::{
    Uuid,
    errors::Code,
    messages::{
        fetch_request::{FetchPartition, FetchRequest, FetchTopic},
        fetch_response::FetchResponse,
    },
};

use crate::{
    ClientError, Cluster, ConsumerConfig, Result, TopicPartition, cluster::Scope, view::View,
};

/// The newest version of Fetch that names topics instead of using their ids.
const LAST_BY_NAME: i16 = 12;

/// What is asked of a partition.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) at: TopicPartition,
    pub(super) offset: i64,
    pub(super) generation: u64,
    pub(super) leader_epoch: i32,
}

/// What came back.
pub(super) struct Answer {
    pub(super) node: i32,
    pub(super) broker: Arc<str>,
    pub(super) asked: Vec<(TopicPartition, u64)>,
    pub(super) ids: HashMap<Uuid, Arc<str>>,
    pub(super) result: Result<FetchResponse>,
}

/// In place of a node: asking for metadata.
pub(super) const METADATA: i32 = i32::MIN;

/// Asks for the leaders of topics.
pub(super) async fn learn(cluster: Cluster, topics: HashSet<Arc<str>>) -> Answer {
    let names = topics.into_iter().collect();
    let scope = Scope::Topics {
        names,
        create: false,
    };
    let result = match cluster.refresh(&scope).await {
        Ok((_, refused)) => match refused.first() {
            Some((topic, code)) => Err(ClientError::Refused {
                request: "Metadata",
                broker: "the cluster".into(),
                resource: format!("topic {topic}"),
                code: Code(*code),
                message: None,
            }),
            None => Ok(FetchResponse::default()),
        },
        Err(error) => Err(error),
    };
    Answer {
        node: METADATA,
        broker: "the cluster".into(),
        asked: Vec::new(),
        ids: HashMap::new(),
        result,
    }
}

/// Asks a leader for records.
pub(super) async fn fetch(
    cluster: Cluster,
    config: ConsumerConfig,
    node: i32,
    partitions: Vec<Ask>,
) -> Answer {
    let (topics, ids) = by_topic(&partitions, &cluster.view(), &config);
    let request = FetchRequest {
        max_wait_ms: i32::try_from(config.fetch_max_wait.as_millis()).unwrap_or(i32::MAX),
        min_bytes: config.fetch_min_bytes,
        max_bytes: config.fetch_max_bytes,
        isolation_level: config.isolation.number(),
        topics,
        ..FetchRequest::default()
    };
    let mut broker = Arc::from(format!("broker {node}"));
    let result = async {
        let connection = cluster.connection(node).await?;
        broker = Arc::clone(connection.broker());
        let mut version = connection.version::<FetchRequest>()?;
        if ids.contains_key(&Uuid::ZERO) {
            version = version.min(LAST_BY_NAME);
        }
        let pending = connection.submit(&request, version).await?;
        let patience = cluster.config().request_timeout + config.fetch_max_wait;
        pending.with_timeout(patience).answer().await
    }
    .await;
    Answer {
        node,
        broker,
        asked: partitions
            .into_iter()
            .map(|ask| (ask.at, ask.generation))
            .collect(),
        ids,
        result,
    }
}

/// Partitions by topic, as the request has them, and the names of the topics by id.
fn by_topic(
    asks: &[Ask],
    view: &View,
    config: &ConsumerConfig,
) -> (Vec<FetchTopic>, HashMap<Uuid, Arc<str>>) {
    let mut topics: Vec<FetchTopic> = Vec::new();
    let mut ids = HashMap::new();
    for ask in asks {
        let at = &ask.at;
        if topics.last().is_none_or(|last| *last.topic != *at.topic) {
            let id = view
                .topics
                .get(&at.topic)
                .map_or(Uuid::ZERO, |topic| topic.id);
            ids.insert(id, Arc::clone(&at.topic));
            topics.push(FetchTopic {
                topic: at.topic.to_string(),
                topic_id: id,
                ..FetchTopic::default()
            });
        }
        if let Some(topic) = topics.last_mut() {
            topic.partitions.push(FetchPartition {
                partition: at.partition,
                current_leader_epoch: ask.leader_epoch,
                fetch_offset: ask.offset,
                partition_max_bytes: config.partition_max_bytes,
                ..FetchPartition::default()
            });
        }
    }
    (topics, ids)
}
