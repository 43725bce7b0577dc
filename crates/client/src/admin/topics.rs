//! Topics: list, describe, create, delete, add partitions.

use std::{collections::BTreeMap, sync::Arc};

use ottla_wire::{
    Uuid,
    messages::{
        create_partitions_request::{
            CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
        },
        create_topics_request::{
            CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
        },
        delete_topics_request::{DeleteTopicState, DeleteTopicsRequest},
        describe_topic_partitions_request::{Cursor, DescribeTopicPartitionsRequest, TopicRequest},
        describe_topic_partitions_response::DescribeTopicPartitionsResponseTopic,
    },
};

use super::{Admin, Outcomes, millis, outcome, was_not_made};
use crate::{
    ClientError, Connection, Result,
    cluster::Scope,
    connection::request_name,
    runtime,
    view::{Partition, Topic},
};

/// The first version of DeleteTopics that can name topics by id.
const FIRST_BY_STATE: i16 = 6;
/// The newest version of CreateTopics in which the counts have no broker defaults.
const LAST_WITHOUT_DEFAULTS: i16 = 3;

/// A topic to create.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// How many partitions; the broker's default if none.
    pub partitions: Option<i32>,
    /// How many replicas; the broker's default if none.
    pub replication_factor: Option<i16>,
    /// Replicas by partition, in place of the two counts.
    pub assignment: Vec<Vec<i32>>,
    /// Configurations.
    pub configs: BTreeMap<String, String>,
}

/// Partitions to add to a topic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPartitions {
    /// The topic.
    pub topic: String,
    /// How many partitions it is to have in all.
    pub count: i32,
    /// Replicas by new partition, if the broker is not to choose.
    pub assignment: Option<Vec<Vec<i32>>>,
}

/// A topic that was created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreatedTopic {
    /// Its id; zero if the broker is too old to say.
    pub id: Uuid,
    /// How many partitions; -1 if the broker does not say.
    pub partitions: i32,
    /// How many replicas; -1 if the broker does not say.
    pub replication_factor: i16,
}

/// A topic and its partitions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopicDescription {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: Uuid,
    /// Whether it belongs to the brokers.
    pub internal: bool,
    /// Its partitions by number.
    pub partitions: Vec<PartitionDescription>,
}

/// A partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionDescription {
    /// Its leader and replicas.
    pub partition: Partition,
    /// Replicas that may be elected though they are not in sync; `None` if the broker does not say.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// The last replicas that were eligible; `None` if the broker does not say.
    pub last_known_elr: Option<Vec<i32>>,
}

impl Admin {
    /// All topics.
    ///
    /// # Errors
    /// Those of asking for metadata.
    pub async fn list_topics(&self) -> Result<Vec<Arc<Topic>>> {
        let deadline = runtime::now() + self.cluster.config().api_timeout;
        let all = self.cluster.retry("listing topics", deadline, || {
            self.cluster.refresh(&Scope::All)
        });
        let (view, _) = all.await?;
        Ok(view.topics.values().cloned().collect())
    }

    /// Describes topics by name.
    ///
    /// # Errors
    /// Those of asking. A topic that does not exist is its own outcome.
    pub async fn describe_topics(
        &self,
        names: &[String],
    ) -> Result<Outcomes<String, TopicDescription>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let deadline = runtime::now() + self.cluster.config().api_timeout;
        let described = self.cluster.retry("describing topics", deadline, || async {
            let connection = self.cluster.any().await?;
            match connection.version::<DescribeTopicPartitionsRequest>() {
                Ok(_) => describe(&connection, names).await,
                Err(_) => self.describe_by_metadata(names).await,
            }
        });
        let mut described = described.await?;
        described.sort_by_key(|(name, _)| names.iter().position(|other| other == name));
        Ok(described)
    }

    /// For brokers that know nothing of eligible leader replicas.
    async fn describe_by_metadata(
        &self,
        names: &[String],
    ) -> Result<Outcomes<String, TopicDescription>> {
        let scope = Scope::Topics {
            names: names.iter().map(|name| name.as_str().into()).collect(),
            create: false,
        };
        let (view, refused) = self.cluster.refresh(&scope).await?;
        let mut described: Outcomes<String, TopicDescription> = refused
            .into_iter()
            .map(|(name, code)| {
                let refusal = ClientError::Refused {
                    request: "Metadata",
                    broker: "the cluster".into(),
                    resource: format!("topic {name}"),
                    code: ottla_wire::errors::Code(code),
                    message: None,
                };
                (name, Err(refusal))
            })
            .collect();
        for name in names {
            if let Some(topic) = view.topics.get(name.as_str()) {
                described.push((name.clone(), Ok(of_metadata(topic))));
            }
        }
        Ok(described)
    }

    /// Creates topics, or with `validate_only` says what would happen.
    ///
    /// # Errors
    /// Those of asking; each topic has its own outcome.
    pub async fn create_topics(
        &self,
        topics: Vec<NewTopic>,
        validate_only: bool,
    ) -> Result<Outcomes<NewTopic, CreatedTopic>> {
        let name = request_name::<CreateTopicsRequest>();
        let answers = self.settle(
            "creating topics",
            topics,
            was_not_made,
            |topics| async move {
                let connection = self.cluster.controller().await?;
                let version = connection.version::<CreateTopicsRequest>()?;
                let request = CreateTopicsRequest {
                    topics: topics
                        .iter()
                        .map(|topic| creatable(topic, version))
                        .collect(),
                    timeout_ms: millis(self.cluster.config().request_timeout),
                    validate_only,
                    ..CreateTopicsRequest::default()
                };
                let answer = connection.send_as(&request, version).await?;
                let broker = connection.broker();
                let mut outcomes = Vec::with_capacity(topics.len());
                for topic in topics {
                    let result = answer
                        .topics
                        .iter()
                        .find(|result| result.name == topic.name);
                    let outcome = match result {
                        Some(result) => outcome(
                            name,
                            broker,
                            format_args!("topic {}", topic.name),
                            result.error_code,
                            result.error_message.as_deref(),
                            CreatedTopic {
                                id: result.topic_id,
                                partitions: result.num_partitions,
                                replication_factor: result.replication_factor,
                            },
                        ),
                        None => Err(unanswered(name, broker, &topic.name)),
                    };
                    outcomes.push((topic, outcome));
                }
                Ok(outcomes)
            },
        );
        answers.await
    }

    /// Deletes topics by name.
    ///
    /// # Errors
    /// Those of asking; each topic has its own outcome.
    pub async fn delete_topics(&self, names: Vec<String>) -> Result<Outcomes<String, ()>> {
        let request_name = request_name::<DeleteTopicsRequest>();
        let answers = self.settle("deleting topics", names, was_not_made, |names| async move {
            let connection = self.cluster.controller().await?;
            let version = connection.version::<DeleteTopicsRequest>()?;
            let mut request = DeleteTopicsRequest {
                timeout_ms: millis(self.cluster.config().request_timeout),
                ..DeleteTopicsRequest::default()
            };
            if version >= FIRST_BY_STATE {
                let state = |name: &String| DeleteTopicState {
                    name: Some(name.clone()),
                    ..DeleteTopicState::default()
                };
                request.topics = names.iter().map(state).collect();
            } else {
                request.topic_names = names.clone();
            }
            let answer = connection.send_as(&request, version).await?;
            let broker = connection.broker();
            let mut outcomes = Vec::with_capacity(names.len());
            for name in names {
                self.cluster.forget_topic(&name);
                let named = |other: &Option<String>| other.as_deref() == Some(name.as_str());
                let result = answer.responses.iter().find(|result| named(&result.name));
                let outcome = match result {
                    Some(result) => outcome(
                        request_name,
                        broker,
                        format_args!("topic {name}"),
                        result.error_code,
                        result.error_message.as_deref(),
                        (),
                    ),
                    None => Err(unanswered(request_name, broker, &name)),
                };
                outcomes.push((name, outcome));
            }
            Ok(outcomes)
        });
        answers.await
    }

    /// Adds partitions to topics.
    ///
    /// # Errors
    /// Those of asking; each topic has its own outcome.
    pub async fn create_partitions(
        &self,
        topics: Vec<NewPartitions>,
        validate_only: bool,
    ) -> Result<Outcomes<String, ()>> {
        let name = request_name::<CreatePartitionsRequest>();
        let topics: Vec<CreatePartitionsTopic> = topics
            .into_iter()
            .map(|new| CreatePartitionsTopic {
                name: new.topic,
                count: new.count,
                assignments: new
                    .assignment
                    .map(|partitions| partitions.into_iter().map(assigned).collect()),
                ..CreatePartitionsTopic::default()
            })
            .collect();
        let answers = self.settle(
            "adding partitions",
            topics,
            was_not_made,
            |topics| async move {
                let connection = self.cluster.controller().await?;
                let request = CreatePartitionsRequest {
                    topics: topics.clone(),
                    timeout_ms: millis(self.cluster.config().request_timeout),
                    validate_only,
                    ..CreatePartitionsRequest::default()
                };
                let answer = connection.send(&request).await?;
                let broker = connection.broker();
                let mut outcomes = Vec::with_capacity(topics.len());
                for topic in topics {
                    self.cluster.forget_topic(&topic.name);
                    let result = answer
                        .results
                        .iter()
                        .find(|result| result.name == topic.name);
                    let outcome = match result {
                        Some(result) => outcome(
                            name,
                            broker,
                            format_args!("topic {}", topic.name),
                            result.error_code,
                            result.error_message.as_deref(),
                            (),
                        ),
                        None => Err(unanswered(name, broker, &topic.name)),
                    };
                    outcomes.push((topic, outcome));
                }
                Ok(outcomes)
            },
        );
        let answers = answers.await?;
        Ok(answers
            .into_iter()
            .map(|(topic, outcome)| (topic.name, outcome))
            .collect())
    }
}

fn assigned(broker_ids: Vec<i32>) -> CreatePartitionsAssignment {
    CreatePartitionsAssignment {
        broker_ids,
        ..CreatePartitionsAssignment::default()
    }
}

pub(super) fn unanswered(request: &'static str, broker: &Arc<str>, resource: &str) -> ClientError {
    ClientError::Protocol {
        request,
        broker: Arc::clone(broker),
        what: format!("its answer does not name {resource}"),
    }
}

fn creatable(topic: &NewTopic, version: i16) -> CreatableTopic {
    // Brokers of old want numbers; 1 is what their defaults come to.
    let default = if version <= LAST_WITHOUT_DEFAULTS {
        1
    } else {
        -1
    };
    let assigned = !topic.assignment.is_empty();
    CreatableTopic {
        name: topic.name.clone(),
        num_partitions: if assigned {
            -1
        } else {
            topic.partitions.unwrap_or(default)
        },
        replication_factor: if assigned {
            -1
        } else {
            topic.replication_factor.unwrap_or(default as i16)
        },
        assignments: (0..)
            .zip(&topic.assignment)
            .map(|(partition_index, broker_ids)| CreatableReplicaAssignment {
                partition_index,
                broker_ids: broker_ids.clone(),
                ..CreatableReplicaAssignment::default()
            })
            .collect(),
        configs: topic
            .configs
            .iter()
            .map(|(name, value)| CreatableTopicConfig {
                name: name.clone(),
                value: Some(value.clone()),
                ..CreatableTopicConfig::default()
            })
            .collect(),
        ..CreatableTopic::default()
    }
}

/// Asks page by page; the broker decides how many partitions a page has.
async fn describe(
    connection: &Connection,
    names: &[String],
) -> Result<Outcomes<String, TopicDescription>> {
    let request_name = request_name::<DescribeTopicPartitionsRequest>();
    let mut names = names.to_vec();
    names.sort();
    names.dedup();
    let mut topics: BTreeMap<String, Result<TopicDescription>> = BTreeMap::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let from = cursor
            .as_ref()
            .map_or("", |cursor| cursor.topic_name.as_str());
        let named = |name: &String| TopicRequest {
            name: name.clone(),
            ..TopicRequest::default()
        };
        let request = DescribeTopicPartitionsRequest {
            topics: names
                .iter()
                .filter(|name| name.as_str() >= from)
                .map(named)
                .collect(),
            cursor: cursor.clone(),
            ..DescribeTopicPartitionsRequest::default()
        };
        let answer = connection.send(&request).await?;
        for topic in answer.topics {
            let name = topic.name.clone().unwrap_or_default();
            let code = topic.error_code;
            let page = outcome(
                request_name,
                connection.broker(),
                format_args!("topic {name}"),
                code,
                None,
                of_page(topic),
            );
            match (topics.get_mut(&name), page) {
                (Some(Ok(known)), Ok(page)) => known.partitions.extend(page.partitions),
                (_, page) => {
                    topics.insert(name, page);
                }
            }
        }
        let next = answer.next_cursor.map(|next| Cursor {
            topic_name: next.topic_name,
            partition_index: next.partition_index,
            ..Cursor::default()
        });
        // A broker that names the same place again would be asked for ever.
        if next.is_none() || next == cursor {
            return Ok(topics.into_iter().collect());
        }
        cursor = next;
    }
}

fn of_page(topic: DescribeTopicPartitionsResponseTopic) -> TopicDescription {
    let partitions = topic
        .partitions
        .into_iter()
        .map(|partition| PartitionDescription {
            partition: Partition {
                index: partition.partition_index,
                leader: (partition.leader_id >= 0).then_some(partition.leader_id),
                leader_epoch: partition.leader_epoch,
                replicas: partition.replica_nodes,
                isr: partition.isr_nodes,
                offline: partition.offline_replicas,
            },
            eligible_leader_replicas: partition.eligible_leader_replicas,
            last_known_elr: partition.last_known_elr,
        });
    TopicDescription {
        name: topic.name.unwrap_or_default(),
        id: topic.topic_id,
        internal: topic.is_internal,
        partitions: partitions.collect(),
    }
}

fn of_metadata(topic: &Topic) -> TopicDescription {
    let partitions = topic
        .partitions
        .iter()
        .map(|partition| PartitionDescription {
            partition: partition.clone(),
            eligible_leader_replicas: None,
            last_known_elr: None,
        });
    TopicDescription {
        name: topic.name.to_string(),
        id: topic.id,
        internal: topic.internal,
        partitions: partitions.collect(),
    }
}
