//! Configurations of topics, brokers and whatever else has some.

use std::fmt;

use ottla_wire::messages::{
    describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource},
    incremental_alter_configs_request::{
        AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
    },
};

use super::{Admin, Outcomes, outcome, topics::unanswered, was_not_made};
use crate::{Connection, Result, connection::request_name};

/// What kind of thing a configuration belongs to. The number is the wire's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(i8)]
pub enum ResourceType {
    /// A topic.
    Topic = 2,
    /// A broker by node id, or all brokers if the name is empty.
    Broker = 4,
    /// A broker's loggers.
    BrokerLogger = 8,
    /// A subscription to client metrics.
    ClientMetrics = 16,
    /// A group.
    Group = 32,
}

/// A thing with a configuration.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Resource {
    /// Its kind.
    pub kind: ResourceType,
    /// Its name.
    pub name: String,
}

impl Resource {
    /// A topic.
    pub fn topic(name: impl Into<String>) -> Self {
        Self {
            kind: ResourceType::Topic,
            name: name.into(),
        }
    }

    /// The broker that alone can answer for it.
    fn node(&self) -> Option<i32> {
        let of_one = matches!(self.kind, ResourceType::Broker | ResourceType::BrokerLogger);
        of_one.then(|| self.name.parse().ok()).flatten()
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ResourceType::Topic => "topic",
            ResourceType::Broker => "broker",
            ResourceType::BrokerLogger => "loggers of broker",
            ResourceType::ClientMetrics => "client metrics",
            ResourceType::Group => "group",
        };
        write!(f, "{kind} {}", self.name)
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConfigSource {
    /// Set on the topic.
    DynamicTopic,
    /// Set on this broker while it runs.
    DynamicBroker,
    /// Set on all brokers while they run.
    DynamicDefaultBroker,
    /// From the broker's configuration file.
    StaticBroker,
    /// Nobody set it.
    Default,
    /// Another, by the wire's number.
    Other(i8),
}

impl ConfigSource {
    fn of(number: i8) -> Self {
        match number {
            1 => Self::DynamicTopic,
            2 => Self::DynamicBroker,
            3 => Self::DynamicDefaultBroker,
            4 => Self::StaticBroker,
            5 => Self::Default,
            other => Self::Other(other),
        }
    }
}

/// A configuration's value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigEntry {
    /// Its key.
    pub name: String,
    /// Its value; none if it is a secret or not set.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: ConfigSource,
    /// Whether the value is kept from readers.
    pub sensitive: bool,
    /// Whether it cannot be changed while the broker runs.
    pub read_only: bool,
}

/// A change of one configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConfigOperation {
    /// Set it.
    Set(String),
    /// Back to its default.
    Delete,
    /// Add values to a list.
    Append(String),
    /// Remove values from a list.
    Subtract(String),
}

impl Admin {
    /// All configurations of resources, defaults included.
    ///
    /// # Errors
    /// Those of asking; each resource has its own outcome.
    pub async fn describe_configs(
        &self,
        resources: Vec<Resource>,
    ) -> Result<Outcomes<Resource, Vec<ConfigEntry>>> {
        let answers = self.settle(
            "describing configurations",
            resources,
            was_not_made,
            |resources| async move {
                let mut outcomes = Vec::with_capacity(resources.len());
                for (node, resources) in by_node(resources) {
                    let connection = match node {
                        Some(node) => self.to_broker(node).await?,
                        None => self.cluster.any().await?,
                    };
                    describe(&connection, resources, &mut outcomes).await?;
                }
                Ok(outcomes)
            },
        );
        answers.await
    }

    /// Changes single configurations and leaves the others.
    ///
    /// # Errors
    /// Those of asking; each resource has its own outcome.
    pub async fn alter_configs(
        &self,
        changes: Vec<(Resource, Vec<(String, ConfigOperation)>)>,
        validate_only: bool,
    ) -> Result<Outcomes<Resource, ()>> {
        let name = request_name::<IncrementalAlterConfigsRequest>();
        let answers = self.settle(
            "altering configurations",
            changes,
            was_not_made,
            |changes| async move {
                let mut outcomes = Vec::with_capacity(changes.len());
                for change in changes {
                    let connection = match change.0.node() {
                        Some(node) => self.to_broker(node).await?,
                        None => self.cluster.controller().await?,
                    };
                    let request = IncrementalAlterConfigsRequest {
                        resources: vec![altered(&change)],
                        validate_only,
                        ..IncrementalAlterConfigsRequest::default()
                    };
                    let answer = connection.send(&request).await?;
                    let outcome = match answer.responses.first() {
                        Some(result) => outcome(
                            name,
                            connection.broker(),
                            &change.0,
                            result.error_code,
                            result.error_message.as_deref(),
                            (),
                        ),
                        None => Err(unanswered(name, connection.broker(), &change.0.to_string())),
                    };
                    outcomes.push((change, outcome));
                }
                Ok(outcomes)
            },
        );
        let answers = answers.await?;
        Ok(answers
            .into_iter()
            .map(|((resource, _), outcome)| (resource, outcome))
            .collect())
    }

    /// A connection to a broker that may not be known yet.
    async fn to_broker(&self, node: i32) -> Result<std::sync::Arc<Connection>> {
        if !self.cluster.view().brokers.contains_key(&node) {
            self.cluster
                .refresh(&crate::cluster::Scope::Brokers)
                .await?;
        }
        self.cluster.connection(node).await
    }
}

fn by_node(resources: Vec<Resource>) -> Vec<(Option<i32>, Vec<Resource>)> {
    let mut groups: Vec<(Option<i32>, Vec<Resource>)> = Vec::new();
    for resource in resources {
        let node = resource.node();
        match groups.iter_mut().find(|(other, _)| *other == node) {
            Some((_, group)) => group.push(resource),
            None => groups.push((node, vec![resource])),
        }
    }
    groups
}

async fn describe(
    connection: &Connection,
    resources: Vec<Resource>,
    outcomes: &mut Outcomes<Resource, Vec<ConfigEntry>>,
) -> Result<()> {
    let name = request_name::<DescribeConfigsRequest>();
    let asked = |resource: &Resource| DescribeConfigsResource {
        resource_type: resource.kind as i8,
        resource_name: resource.name.clone(),
        configuration_keys: None,
        ..DescribeConfigsResource::default()
    };
    let request = DescribeConfigsRequest {
        resources: resources.iter().map(asked).collect(),
        ..DescribeConfigsRequest::default()
    };
    let mut answer = connection.send(&request).await?;
    for resource in resources {
        let place = answer.results.iter().position(|result| {
            result.resource_type == resource.kind as i8 && result.resource_name == resource.name
        });
        let outcome = match place.map(|place| answer.results.swap_remove(place)) {
            Some(result) => {
                let entries = result.configs.into_iter().map(|entry| ConfigEntry {
                    name: entry.name,
                    value: entry.value,
                    source: ConfigSource::of(entry.config_source),
                    sensitive: entry.is_sensitive,
                    read_only: entry.read_only,
                });
                let message = result.error_message.as_deref();
                let entries = entries.collect();
                outcome(
                    name,
                    connection.broker(),
                    &resource,
                    result.error_code,
                    message,
                    entries,
                )
            }
            None => Err(unanswered(name, connection.broker(), &resource.to_string())),
        };
        outcomes.push((resource, outcome));
    }
    Ok(())
}

fn altered(
    (resource, changes): &(Resource, Vec<(String, ConfigOperation)>),
) -> AlterConfigsResource {
    let configs = changes.iter().map(|(name, operation)| {
        let (number, value) = match operation {
            ConfigOperation::Set(value) => (0, Some(value)),
            ConfigOperation::Delete => (1, None),
            ConfigOperation::Append(value) => (2, Some(value)),
            ConfigOperation::Subtract(value) => (3, Some(value)),
        };
        AlterableConfig {
            name: name.clone(),
            config_operation: number,
            value: value.cloned(),
            ..AlterableConfig::default()
        }
    });
    AlterConfigsResource {
        resource_type: resource.kind as i8,
        resource_name: resource.name.clone(),
        configs: configs.collect(),
        ..AlterConfigsResource::default()
    }
}
