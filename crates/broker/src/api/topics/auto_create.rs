//! Topics that come into being because somebody asked about them: `auto.create.topics.enable`, and the brokers' own
//! topics when the first coordinator is looked for.
//!
//! Nobody waits for the controller: who asked gets an error that says "ask again", as from Apache Kafka.

use std::{collections::BTreeSet, sync::Arc};

use ottla_config::BrokerConfig;
use ottla_wire::{
    Message,
    messages::{
        CreateTopicsRequest,
        create_topics_request::{CreatableTopic, CreatableTopicConfig},
    },
};
use parking_lot::Mutex;

use super::name::{CONSUMER_OFFSETS, SHARE_GROUP_STATE, TRANSACTION_STATE, is_internal, is_valid};
use crate::{
    api::{
        Cx,
        controller::{self, Caller},
    },
    broker::Broker,
    task,
};

/// The most topics that are being created at a time; more have to be asked for again.
const MOST: usize = 10_000;

/// The topics that the controller was asked to create and has not answered for.
#[derive(Debug, Default)]
pub(crate) struct UnderWay(Mutex<BTreeSet<String>>);

impl UnderWay {
    /// Takes those that can be created and are not under way yet.
    fn begin(&self, names: &[&str]) -> Vec<String> {
        let mut under_way = self.0.lock();
        let mut begun: Vec<String> = Vec::new();
        for name in names {
            if under_way.len() < MOST && is_valid(name) && under_way.insert((*name).to_owned()) {
                begun.push((*name).to_owned());
            }
        }
        begun
    }

    fn end(&self, names: &[String]) {
        let mut under_way = self.0.lock();
        for name in names {
            under_way.remove(name);
        }
    }
}

/// Asks the controller to create topics, unless that is under way.
pub(crate) fn ask_for(cx: &Cx, names: Vec<&str>) {
    let names = cx.broker.auto_created.begin(&names);
    if names.is_empty() {
        return;
    }
    let broker = Arc::clone(&cx.broker);
    let principal = Arc::clone(&cx.principal);
    let client_id = cx.client_id.clone().unwrap_or_default();
    task::spawn("create topics", async move {
        create(&broker, &principal, &client_id, &names).await;
        broker.auto_created.end(&names);
    });
}

async fn create(broker: &Arc<Broker>, principal: &str, client_id: &str, names: &[String]) {
    // A coordinator's topic is the broker's own, and no client's change.
    let principal = if names.iter().all(|name| is_internal(name)) {
        ""
    } else {
        principal
    };
    let config = broker.config();
    let request = CreateTopicsRequest {
        topics: names.iter().map(|name| topic(&config, name)).collect(),
        timeout_ms: config.int("request.timeout.ms"),
        ..CreateTopicsRequest::default()
    };
    let caller = Caller {
        principal,
        client_id,
        version: *CreateTopicsRequest::VERSIONS.end(),
        patience_ms: Some(request.timeout_ms),
    };
    match controller::create_topics(broker, caller, request).await {
        Ok(response) => {
            for topic in response.topics.iter().filter(|topic| topic.error_code != 0) {
                let (name, code, why) = (
                    &topic.name,
                    topic.error_code,
                    topic.error_message.as_deref(),
                );
                tracing::info!(
                    name,
                    code,
                    why,
                    "a topic could not be created for a client that asked about it"
                );
            }
        }
        Err(refusal) => tracing::info!(?names, why = refusal.text(), "topics could not be created"),
    }
}

/// A topic as it is created without anybody saying how.
pub(crate) fn topic(config: &BrokerConfig, name: &str) -> CreatableTopic {
    let (num_partitions, replication_factor) = match name {
        CONSUMER_OFFSETS => (
            config.int("offsets.topic.num.partitions"),
            config.short("offsets.topic.replication.factor"),
        ),
        TRANSACTION_STATE => (
            config.int("transaction.state.log.num.partitions"),
            config.short("transaction.state.log.replication.factor"),
        ),
        SHARE_GROUP_STATE => (
            config.int("share.coordinator.state.topic.num.partitions"),
            config.short("share.coordinator.state.topic.replication.factor"),
        ),
        _ => (
            given(config, "num.partitions"),
            given(config, "default.replication.factor") as i16,
        ),
    };
    CreatableTopic {
        name: name.to_owned(),
        num_partitions,
        replication_factor,
        configs: configs(config, name),
        ..CreatableTopic::default()
    }
}

/// What this broker was told, or -1: then the controller's own setting counts.
fn given(config: &BrokerConfig, key: &str) -> i32 {
    if config.is_set(key) {
        config.int(key)
    } else {
        -1
    }
}

fn configs(config: &BrokerConfig, name: &str) -> Vec<CreatableTopicConfig> {
    let pairs: Vec<(&str, String)> = match name {
        CONSUMER_OFFSETS => vec![
            ("cleanup.policy", "compact".to_owned()),
            ("compression.type", "producer".to_owned()),
            (
                "segment.bytes",
                config.int("offsets.topic.segment.bytes").to_string(),
            ),
        ],
        TRANSACTION_STATE => vec![
            ("unclean.leader.election.enable", "false".to_owned()),
            ("compression.type", "uncompressed".to_owned()),
            ("cleanup.policy", "compact".to_owned()),
            (
                "min.insync.replicas",
                config.int("transaction.state.log.min.isr").to_string(),
            ),
            (
                "segment.bytes",
                config
                    .int("transaction.state.log.segment.bytes")
                    .to_string(),
            ),
        ],
        SHARE_GROUP_STATE => vec![
            ("cleanup.policy", "delete".to_owned()),
            ("compression.type", "producer".to_owned()),
            (
                "segment.bytes",
                config
                    .int("share.coordinator.state.topic.segment.bytes")
                    .to_string(),
            ),
            (
                "min.insync.replicas",
                config
                    .short("share.coordinator.state.topic.min.isr")
                    .to_string(),
            ),
            ("retention.ms", "-1".to_owned()),
        ],
        _ => Vec::new(),
    };
    let config = |(name, value): (&str, String)| CreatableTopicConfig {
        name: name.to_owned(),
        value: Some(value),
        ..CreatableTopicConfig::default()
    };
    pairs.into_iter().map(config).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The zero configuration, and more.
    pub(crate) fn config(more: &[(&str, &str)]) -> BrokerConfig {
        let mut pairs = ottla_config::zero_configuration();
        pairs.extend(
            more.iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
        );
        BrokerConfig::load(&[pairs], &mut |_| Ok(None))
            .unwrap()
            .config
    }

    #[test]
    fn a_topic_is_begun_once_until_it_ends() {
        let under_way = UnderWay::default();
        assert_eq!(
            under_way.begin(&["a", "no such name", "b", "a"]),
            ["a", "b"]
        );
        assert_eq!(under_way.begin(&["b", "c"]), ["c"]);
        under_way.end(&["a".to_owned(), "b".to_owned()]);
        assert_eq!(under_way.begin(&["b", "c"]), ["b"]);
    }

    #[test]
    fn so_many_at_a_time() {
        let under_way = UnderWay::default();
        let names: Vec<String> = (0..MOST + 5).map(|number| number.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(under_way.begin(&names).len(), MOST);
    }

    #[test]
    fn what_the_broker_was_not_told_is_left_to_the_controller() {
        let plain = topic(&config(&[]), "x");
        assert_eq!(
            (
                plain.num_partitions,
                plain.replication_factor,
                plain.configs.len()
            ),
            (-1, -1, 0)
        );
        let told = topic(
            &config(&[("num.partitions", "3"), ("default.replication.factor", "2")]),
            "x",
        );
        assert_eq!((told.num_partitions, told.replication_factor), (3, 2));
    }

    #[test]
    fn the_brokers_own_topics() {
        let config = config(&[("offsets.topic.segment.bytes", "1048576")]);
        let offsets = topic(&config, CONSUMER_OFFSETS);
        assert_eq!(
            (offsets.num_partitions, offsets.replication_factor),
            (50, 1)
        );
        let value = |key: &str| {
            offsets
                .configs
                .iter()
                .find(|pair| pair.name == key)
                .and_then(|pair| pair.value.as_deref())
        };
        assert_eq!(
            (value("cleanup.policy"), value("segment.bytes")),
            (Some("compact"), Some("1048576"))
        );
        assert_eq!(topic(&config, TRANSACTION_STATE).configs.len(), 5);
        assert_eq!(topic(&config, SHARE_GROUP_STATE).configs.len(), 5);
    }
}
