//! The settings of the group coordinator: the broker's, and each group's own.

use std::{collections::BTreeMap, sync::Arc};

use ottla_config::{BrokerConfig, effective_group};
use ottla_metadata::{
    Image,
    image::{ConfigResource, ResourceType},
};

/// Which groups may change their type while they have members (`group.consumer.migration.policy`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MigrationPolicy {
    /// None.
    Disabled,
    /// From consumer to classic.
    Downgrade,
    /// From classic to consumer.
    Upgrade,
    /// Both.
    Bidirectional,
}

impl MigrationPolicy {
    fn of(name: &str) -> Self {
        match name.to_ascii_uppercase().as_str() {
            "DISABLED" => Self::Disabled,
            "DOWNGRADE" => Self::Downgrade,
            "UPGRADE" => Self::Upgrade,
            _ => Self::Bidirectional,
        }
    }

    /// Whether a classic group may become a consumer group.
    pub fn upgrades(self) -> bool {
        matches!(self, Self::Upgrade | Self::Bidirectional)
    }

    /// Whether a consumer group may become a classic group.
    pub fn downgrades(self) -> bool {
        matches!(self, Self::Downgrade | Self::Bidirectional)
    }
}

/// The broker's settings that coordinators of groups act on. Times in ms.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `group.initial.rebalance.delay.ms`.
    pub initial_rebalance_delay_ms: u64,
    /// `group.min.session.timeout.ms`.
    pub min_session_timeout_ms: i32,
    /// `group.max.session.timeout.ms`.
    pub max_session_timeout_ms: i32,
    /// `group.max.size`, of classic groups.
    pub classic_max_size: usize,
    /// `group.consumer.max.size`.
    pub consumer_max_size: usize,
    /// `group.consumer.assignors`, by name; the first is the default.
    pub consumer_assignors: Vec<String>,
    /// `group.consumer.migration.policy`.
    pub migration_policy: MigrationPolicy,
    /// `group.consumer.regex.refresh.interval.ms`.
    pub regex_refresh_interval_ms: u64,
    /// `offset.metadata.max.bytes`.
    pub offset_metadata_max_bytes: usize,
    /// `offsets.retention.minutes`, in ms.
    pub offsets_retention_ms: i64,
    /// `offsets.retention.check.interval.ms`.
    pub offsets_retention_check_interval_ms: u64,
    broker: Arc<BrokerConfig>,
    without_own: GroupSettings,
}

/// What counts for one group: its own configuration, else the broker's. Times in ms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupSettings {
    /// `consumer.session.timeout.ms`.
    pub session_timeout_ms: i32,
    /// `consumer.heartbeat.interval.ms`.
    pub heartbeat_interval_ms: i32,
    /// `consumer.assignment.interval.ms`.
    pub assignment_interval_ms: u64,
}

impl Settings {
    /// From the broker's configuration.
    pub fn of(broker: Arc<BrokerConfig>) -> Self {
        let natural = |key: &str| u64::try_from(broker.int(key)).unwrap_or(0);
        let size = |key: &str| usize::try_from(broker.int(key)).unwrap_or(usize::MAX);
        Self {
            initial_rebalance_delay_ms: natural("group.initial.rebalance.delay.ms"),
            min_session_timeout_ms: broker.int("group.min.session.timeout.ms"),
            max_session_timeout_ms: broker.int("group.max.session.timeout.ms"),
            classic_max_size: size("group.max.size"),
            consumer_max_size: size("group.consumer.max.size"),
            consumer_assignors: broker.list("group.consumer.assignors").to_vec(),
            migration_policy: MigrationPolicy::of(broker.text("group.consumer.migration.policy")),
            regex_refresh_interval_ms: natural("group.consumer.regex.refresh.interval.ms"),
            offset_metadata_max_bytes: usize::try_from(broker.int("offset.metadata.max.bytes"))
                .unwrap_or(0),
            offsets_retention_ms: i64::from(broker.int("offsets.retention.minutes")) * 60_000,
            offsets_retention_check_interval_ms: broker
                .long("offsets.retention.check.interval.ms")
                .max(1) as u64,
            without_own: group_settings(&broker, &BTreeMap::new()),
            broker,
        }
    }

    /// What counts for a group.
    pub fn of_group(&self, image: &Image, group: &str) -> GroupSettings {
        let own = image.configs(&ConfigResource::new(ResourceType::GROUP, group));
        if own.is_empty() {
            return self.without_own;
        }
        let own = own.iter().map(|(key, value)| (key.clone(), value.clone()));
        group_settings(&self.broker, &own.collect())
    }
}

fn group_settings(broker: &BrokerConfig, own: &BTreeMap<String, String>) -> GroupSettings {
    // Own values that do not fit are moved within the broker's bounds, as Kafka does.
    let (settings, _) = effective_group(broker, own);
    GroupSettings {
        session_timeout_ms: settings.int("consumer.session.timeout.ms"),
        heartbeat_interval_ms: settings.int("consumer.heartbeat.interval.ms"),
        assignment_interval_ms: u64::try_from(settings.int("consumer.assignment.interval.ms"))
            .unwrap_or(0),
    }
}
