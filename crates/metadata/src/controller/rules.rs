//! Configurations as the controller sees them: what counts for a topic, and what may be set.

use ottla_config::{BrokerConfig, Invalid, Kind, Type, check_group, check_topic};
use ottla_wire::errors::{Code, Refusal};

use super::{Controller, topics};
use crate::image::{ConfigResource, Configs, ResourceType};

/// How many replicas must be in sync.
pub(super) const MIN_ISR: &str = "min.insync.replicas";
/// Whether a replica that lost records may lead.
pub(super) const UNCLEAN_LEADER_ELECTION: &str = "unclean.leader.election.enable";
/// Log directories that take no new replicas.
pub(super) const CORDONED: &str = "cordoned.log.dirs";
/// How often clients may be told to push their metrics.
const PUSH_INTERVAL_MS: std::ops::RangeInclusive<i64> = 100..=3_600_000;
/// The longest value, in UTF-16 units as Java counts.
pub(super) const MAX_VALUE: usize = 32_767;

fn invalid(errors: &[Invalid]) -> Refusal {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Code::INVALID_CONFIG.because(texts.join("; "))
}

impl Controller {
    /// A configuration that counts for a topic: its own, or that of this node, of all brokers, of this node's file.
    pub(super) fn topic_config(&self, topic: &str, key: &str) -> Option<String> {
        let image = self.ledger.latest();
        let layers = [
            ConfigResource::topic(topic),
            ConfigResource::broker(self.settings.node_id),
            ConfigResource::all_brokers(),
        ];
        let dynamic = layers.iter().find_map(|of| image.config(of, key));
        let given = dynamic.or_else(|| self.settings.broker.given(key));
        given
            .map(str::to_owned)
            .or_else(|| default_of(Kind::Topic, key))
    }

    /// This node's configuration as it counts now. Costs the check of every key: once for a request, not once for
    /// a topic.
    pub(super) fn broker_config(&self) -> BrokerConfig {
        let image = self.ledger.latest();
        let all = image.configs(&ConfigResource::all_brokers());
        let this = image.configs(&ConfigResource::broker(self.settings.node_id));
        self.settings.broker.with_dynamic(all, this).0
    }

    /// Whether a resource may have these configurations, and may have any at all.
    pub(super) fn check_configs(
        &self,
        resource: &ConfigResource,
        before: &Configs,
        own: &Configs,
    ) -> Result<(), Refusal> {
        let name = &resource.name;
        match resource.kind {
            ResourceType::TOPIC => {
                if name.is_empty() {
                    return Err(Code::INVALID_REQUEST
                        .because("topics have no default: a configuration needs a topic's name"));
                }
                topics::check_name(name)?;
                check_topic(&self.settings.broker, before, own).map_err(|errors| invalid(&errors))
            }
            ResourceType::BROKER => check_broker_name(name),
            ResourceType::CLIENT_METRICS => check_client_metrics(name, own),
            ResourceType::GROUP => {
                if name.is_empty() {
                    return Err(Code::INVALID_REQUEST
                        .because("groups have no default: a configuration needs a group's id"));
                }
                check_group(&self.settings.broker, own).map_err(|errors| invalid(&errors))
            }
            other => Err(Code::INVALID_REQUEST.because(format!("{other} has no configurations"))),
        }
    }
}

fn check_broker_name(name: &str) -> Result<(), Refusal> {
    match name.parse::<i32>() {
        _ if name.is_empty() => Ok(()),
        Ok(0..) => Ok(()),
        Ok(id) => Err(Code::INVALID_REQUEST.because(format!("broker id {id} is negative"))),
        Err(_) => Err(Code::INVALID_REQUEST.because(format!("'{name}' is no broker id"))),
    }
}

fn check_client_metrics(name: &str, own: &Configs) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(Code::INVALID_REQUEST.because("a client metrics subscription needs a name"));
    }
    for (key, value) in own {
        let Some(row) = Kind::ClientMetrics.key(key) else {
            let detail = format!("{key} is not a key of client metrics subscriptions");
            return Err(Code::INVALID_REQUEST.because(detail));
        };
        let parsed = row.parse(value);
        let code = match row.r#type {
            Type::Int => Code::INVALID_REQUEST,
            _ => Code::INVALID_CONFIG,
        };
        let parsed = parsed.map_err(|error| code.because(error.to_string()))?;
        let interval = parsed.as_i64().filter(|_| key == "interval.ms");
        if interval.is_some_and(|ms| !PUSH_INTERVAL_MS.contains(&ms)) {
            return Err(code.because(format!(
                "interval.ms={value}: must be between {} and {}",
                PUSH_INTERVAL_MS.start(),
                PUSH_INTERVAL_MS.end()
            )));
        }
        if key == "match" {
            check_match(value)?;
        }
    }
    Ok(())
}

/// What a subscription may choose clients by.
const SELECTORS: &[&str] = &[
    "client_instance_id",
    "client_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
];

/// Whether a list of `SELECTOR=PATTERN` is one. The patterns are read by whoever matches clients.
fn check_match(value: &str) -> Result<(), Refusal> {
    for item in value
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
    {
        let selector = item.split_once('=').map(|(selector, _)| selector.trim());
        if !selector.is_some_and(|selector| SELECTORS.contains(&selector)) {
            return Err(Code::INVALID_CONFIG.because(format!(
                "match={item}: must be SELECTOR=PATTERN, with one of {}",
                SELECTORS.join(", ")
            )));
        }
    }
    Ok(())
}

/// The table whose keys a resource has.
pub(super) fn kind_of(resource: ResourceType) -> Option<Kind> {
    match resource {
        ResourceType::TOPIC => Some(Kind::Topic),
        ResourceType::BROKER => Some(Kind::Broker),
        ResourceType::CLIENT_METRICS => Some(Kind::ClientMetrics),
        ResourceType::GROUP => Some(Kind::Group),
        _ => None,
    }
}

/// Whether a key's value is a list, so that it can be appended to.
pub(super) fn is_list(resource: ResourceType, key: &str) -> bool {
    let row = kind_of(resource).and_then(|kind| kind.key(key));
    row.is_some_and(|row| row.r#type == Type::List)
}

/// A key's default, as text.
pub(super) fn default_of(kind: Kind, key: &str) -> Option<String> {
    let value = kind.key(key)?.default_value().ok()??;
    Some(value.to_string())
}
