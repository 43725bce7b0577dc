//! What the node's configuration tells the controller.

use std::sync::Arc;

use ottla_config::BrokerConfig;

use crate::{Record, bootstrap, quotas::Window};

/// What the controller is told when it is made. Times are in milliseconds; 0 turns a period off.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `node.id`.
    pub node_id: i32,
    /// The cluster's id, which brokers must name.
    pub cluster_id: String,
    /// The ids of the quorum's voters.
    pub voters: Vec<i32>,
    /// The level of `kraft.version` at the start.
    pub kraft_version: i16,
    /// `broker.session.timeout.ms`: a broker not heard of for so long is fenced.
    pub session_timeout_ms: u64,
    /// `metadata.max.idle.interval.ms`: how often the log gets a record that says nothing.
    pub max_idle_interval_ms: u64,
    /// `leader.imbalance.check.interval.seconds`; 0 without `auto.leader.rebalance.enable`.
    pub leader_imbalance_check_interval_ms: u64,
    /// `unclean.leader.election.interval.ms`.
    pub unclean_leader_election_interval_ms: u64,
    /// `default.replication.factor`.
    pub default_replication_factor: i16,
    /// `num.partitions`.
    pub num_partitions: i32,
    /// `delete.topic.enable`.
    pub delete_topic_enable: bool,
    /// `controller.quota.window.num` samples of `controller.quota.window.size.seconds`: how much of a quota of changes
    /// may be used at once.
    pub change_window: Window,
    /// The node's configuration without its dynamic part: what topics inherit.
    pub broker: Arc<BrokerConfig>,
    /// The records of a new cluster, written when the log has no `metadata.version`: those of `bootstrap.checkpoint`,
    /// or else [`bootstrap::without_format`].
    pub bootstrap: Vec<Record>,
}

impl Settings {
    /// As the node is configured, with the one voter that it is itself.
    pub fn new(broker: Arc<BrokerConfig>, cluster_id: impl Into<String>) -> Self {
        let millis = |key: &str| u64::try_from(broker.long(key)).unwrap_or(0);
        let natural = |key: &str| u64::try_from(broker.int(key)).unwrap_or(1).max(1);
        let balances = broker.boolean("auto.leader.rebalance.enable");
        let imbalance = millis("leader.imbalance.check.interval.seconds").saturating_mul(1_000);
        Self {
            node_id: broker.node_id(),
            cluster_id: cluster_id.into(),
            voters: vec![broker.node_id()],
            kraft_version: 1,
            session_timeout_ms: millis("broker.session.timeout.ms"),
            max_idle_interval_ms: millis("metadata.max.idle.interval.ms"),
            leader_imbalance_check_interval_ms: if balances { imbalance } else { 0 },
            unclean_leader_election_interval_ms: millis("unclean.leader.election.interval.ms"),
            default_replication_factor: i16::try_from(broker.int("default.replication.factor"))
                .unwrap_or(i16::MAX),
            num_partitions: broker.int("num.partitions"),
            delete_topic_enable: broker.boolean("delete.topic.enable"),
            change_window: Window {
                samples: natural("controller.quota.window.num"),
                sample_ms: natural("controller.quota.window.size.seconds") * 1000,
            },
            broker,
            bootstrap: bootstrap::without_format(),
        }
    }
}
