//! Rules between keys: what a broker's configuration must be as a whole.

use crate::broker::BrokerConfig;
use crate::key::Invalid;
use crate::listener::read_overrides;

/// How two whole numbers must relate.
#[derive(Clone, Copy)]
enum Must {
    /// The first is at least the second.
    AtLeast,
    /// The first is at most the second.
    AtMost,
    /// The first is less than the second.
    Below,
}

use Must::{AtLeast, AtMost, Below};

/// Pairs of numbers that must relate whatever the node's roles are.
const NUMBERS: &[(&str, Must, &str)] = &[
    (
        "replica.fetch.wait.max.ms",
        AtMost,
        "replica.socket.timeout.ms",
    ),
    (
        "replica.fetch.wait.max.ms",
        AtMost,
        "replica.lag.time.max.ms",
    ),
    (
        "log.cleaner.min.compaction.lag.ms",
        AtMost,
        "log.cleaner.max.compaction.lag.ms",
    ),
    (
        "group.consumer.max.heartbeat.interval.ms",
        AtLeast,
        "group.consumer.min.heartbeat.interval.ms",
    ),
    (
        "group.consumer.heartbeat.interval.ms",
        AtLeast,
        "group.consumer.min.heartbeat.interval.ms",
    ),
    (
        "group.consumer.heartbeat.interval.ms",
        AtMost,
        "group.consumer.max.heartbeat.interval.ms",
    ),
    (
        "group.consumer.max.session.timeout.ms",
        AtLeast,
        "group.consumer.min.session.timeout.ms",
    ),
    (
        "group.consumer.session.timeout.ms",
        AtLeast,
        "group.consumer.min.session.timeout.ms",
    ),
    (
        "group.consumer.session.timeout.ms",
        AtMost,
        "group.consumer.max.session.timeout.ms",
    ),
    (
        "group.consumer.max.assignment.interval.ms",
        AtLeast,
        "group.consumer.min.assignment.interval.ms",
    ),
    (
        "group.consumer.assignment.interval.ms",
        AtLeast,
        "group.consumer.min.assignment.interval.ms",
    ),
    (
        "group.consumer.assignment.interval.ms",
        AtMost,
        "group.consumer.max.assignment.interval.ms",
    ),
    (
        "group.consumer.heartbeat.interval.ms",
        Below,
        "group.consumer.session.timeout.ms",
    ),
    (
        "group.share.max.heartbeat.interval.ms",
        AtLeast,
        "group.share.min.heartbeat.interval.ms",
    ),
    (
        "group.share.heartbeat.interval.ms",
        AtLeast,
        "group.share.min.heartbeat.interval.ms",
    ),
    (
        "group.share.heartbeat.interval.ms",
        AtMost,
        "group.share.max.heartbeat.interval.ms",
    ),
    (
        "group.share.max.session.timeout.ms",
        AtLeast,
        "group.share.min.session.timeout.ms",
    ),
    (
        "group.share.session.timeout.ms",
        AtLeast,
        "group.share.min.session.timeout.ms",
    ),
    (
        "group.share.session.timeout.ms",
        AtMost,
        "group.share.max.session.timeout.ms",
    ),
    (
        "group.share.max.assignment.interval.ms",
        AtLeast,
        "group.share.min.assignment.interval.ms",
    ),
    (
        "group.share.assignment.interval.ms",
        AtLeast,
        "group.share.min.assignment.interval.ms",
    ),
    (
        "group.share.assignment.interval.ms",
        AtMost,
        "group.share.max.assignment.interval.ms",
    ),
    (
        "group.share.heartbeat.interval.ms",
        Below,
        "group.share.session.timeout.ms",
    ),
    (
        "group.share.delivery.count.limit",
        AtMost,
        "group.share.max.delivery.count.limit",
    ),
    (
        "group.share.delivery.count.limit",
        AtLeast,
        "group.share.min.delivery.count.limit",
    ),
    (
        "group.share.partition.max.record.locks",
        AtMost,
        "group.share.max.partition.max.record.locks",
    ),
    (
        "group.share.partition.max.record.locks",
        AtLeast,
        "group.share.min.partition.max.record.locks",
    ),
    (
        "group.share.record.lock.duration.ms",
        AtLeast,
        "group.share.min.record.lock.duration.ms",
    ),
    (
        "group.share.record.lock.duration.ms",
        AtMost,
        "group.share.max.record.lock.duration.ms",
    ),
    (
        "group.share.max.share.sessions",
        AtLeast,
        "group.share.max.size",
    ),
    (
        "group.streams.max.heartbeat.interval.ms",
        AtLeast,
        "group.streams.min.heartbeat.interval.ms",
    ),
    (
        "group.streams.heartbeat.interval.ms",
        AtLeast,
        "group.streams.min.heartbeat.interval.ms",
    ),
    (
        "group.streams.heartbeat.interval.ms",
        AtMost,
        "group.streams.max.heartbeat.interval.ms",
    ),
    (
        "group.streams.max.session.timeout.ms",
        AtLeast,
        "group.streams.min.session.timeout.ms",
    ),
    (
        "group.streams.session.timeout.ms",
        AtLeast,
        "group.streams.min.session.timeout.ms",
    ),
    (
        "group.streams.session.timeout.ms",
        AtMost,
        "group.streams.max.session.timeout.ms",
    ),
    (
        "group.streams.max.assignment.interval.ms",
        AtLeast,
        "group.streams.min.assignment.interval.ms",
    ),
    (
        "group.streams.assignment.interval.ms",
        AtLeast,
        "group.streams.min.assignment.interval.ms",
    ),
    (
        "group.streams.assignment.interval.ms",
        AtMost,
        "group.streams.max.assignment.interval.ms",
    ),
    (
        "group.streams.heartbeat.interval.ms",
        Below,
        "group.streams.session.timeout.ms",
    ),
    (
        "group.streams.num.standby.replicas",
        AtMost,
        "group.streams.max.standby.replicas",
    ),
    (
        "group.streams.num.warmup.replicas",
        AtMost,
        "group.streams.max.warmup.replicas",
    ),
    (
        "group.streams.task.offset.interval.ms",
        AtLeast,
        "group.streams.min.task.offset.interval.ms",
    ),
];

/// Checks everything and reports every rule that is broken.
pub(crate) fn check(config: &BrokerConfig) -> Result<(), Vec<Invalid>> {
    let mut errors = Vec::new();
    for (one, must, other) in NUMBERS {
        errors.extend(relate(config, one, *must, other));
    }
    check_node(config, &mut errors);
    check_logs(config, &mut errors);
    check_connections(config, &mut errors);
    check_groups(config, &mut errors);
    check_quorum(config, &mut errors);
    check_controller_listeners(config, &mut errors);
    check_advertised(config, &mut errors);
    check_inter_broker(config, &mut errors);
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors),
    }
}

fn relate(config: &BrokerConfig, one: &str, must: Must, other: &str) -> Option<Invalid> {
    let (left, right) = (config.opt_long(one)?, config.opt_long(other)?);
    let (holds, words) = match must {
        AtLeast => (left >= right, "must be at least"),
        AtMost => (left <= right, "must be at most"),
        Below => (left < right, "must be less than"),
    };
    (!holds).then(|| config.refuse(one, format!("{words} {other}={right}")))
}

fn check_node(config: &BrokerConfig, errors: &mut Vec<Invalid>) {
    if config.int("node.id") != config.int("broker.id") {
        let rule = format!(
            "must be the same as node.id={}, or better not be given",
            config.node_id()
        );
        errors.push(config.refuse("broker.id", rule));
    }
}

fn check_logs(config: &BrokerConfig, errors: &mut Vec<Invalid>) {
    if config.log_roll_ms() < 1 {
        errors.push(config.refuse("log.roll.ms", "must be at least 1"));
    }
    if config.log_roll_jitter_ms() < 0 {
        errors.push(config.refuse("log.roll.jitter.ms", "must be at least 0"));
    }
    if config.log_retention_ms() == Some(0) {
        errors.push(config.refuse(
            "log.retention.ms",
            "must be at least 1, or -1 for no limit (also in minutes or hours)",
        ));
    }
    let threads = config.long("log.cleaner.threads");
    if threads < 1 || config.long("log.cleaner.dedupe.buffer.size") / threads <= 1024 * 1024 {
        let rule = format!(
            "must be more than 1 MiB for each of log.cleaner.threads={threads}, at least one of which there must be"
        );
        errors.push(config.refuse("log.cleaner.dedupe.buffer.size", rule));
    }
    let cordoned = config.list("cordoned.log.dirs");
    let stranger = config
        .cordoned_log_dirs()
        .iter()
        .find(|dir| !config.log_dirs().contains(dir));
    if let Some(dir) = stranger {
        let rule = match cordoned.iter().any(|dir| dir == "*") {
            true => "must not have anything besides *".to_owned(),
            false => format!("must only have log directories, {dir} is not in log.dirs or log.dir"),
        };
        errors.push(config.refuse("cordoned.log.dirs", rule));
    }
    if config.boolean("remote.log.storage.system.enable") {
        check_local_retention(config, errors);
    }
}

/// What is kept locally is a part of what is kept.
fn check_local_retention(config: &BrokerConfig, errors: &mut Vec<Invalid>) {
    let kept = [
        ("log.local.retention.ms", config.log_retention_ms()),
        (
            "log.local.retention.bytes",
            Some(config.long("log.retention.bytes")).filter(|bytes| *bytes >= 0),
        ),
    ];
    for (key, whole) in kept {
        let local = config.long(key);
        if let Some(whole) = whole.filter(|whole| local == -1 || local > *whole) {
            errors.push(config.refuse(
                key,
                format!("must be at most what the whole log keeps, {whole}; -2 follows it"),
            ));
        }
    }
}

fn check_connections(config: &BrokerConfig, errors: &mut Vec<Invalid>) {
    let queued = config.long("queued.max.request.bytes");
    if queued > 0 && queued < config.long("socket.request.max.bytes") {
        let rule = format!(
            "must be at least socket.request.max.bytes={}, or -1",
            config.long("socket.request.max.bytes")
        );
        errors.push(config.refuse("queued.max.request.bytes", rule));
    }
    let overrides = read_overrides(config.text("max.connections.per.ip.overrides"));
    if config.int("max.connections.per.ip") == 0
        && overrides.as_ref().is_ok_and(|map| map.is_empty())
    {
        let rule = "must be more than 0 unless max.connections.per.ip.overrides admits someone";
        errors.push(config.refuse("max.connections.per.ip", rule));
    }
    if let Err(rule) = overrides {
        errors.push(config.refuse("max.connections.per.ip.overrides", rule));
    }
    let idle = config.long("connections.max.idle.ms");
    if idle >= 0 && config.long("connection.failed.authentication.delay.ms") >= idle {
        let rule = format!("must be less than connections.max.idle.ms={idle}");
        errors.push(config.refuse("connection.failed.authentication.delay.ms", rule));
    }
}

fn check_groups(config: &BrokerConfig, errors: &mut Vec<Invalid>) {
    let protocols = "group.coordinator.rebalance.protocols";
    if !config
        .list(protocols)
        .iter()
        .any(|protocol| protocol == "classic")
    {
        errors.push(config.refuse(protocols, "must have classic, which cannot be turned off"));
    }
    if config.list("group.share.assignors").len() != 1 {
        errors.push(config.refuse("group.share.assignors", "must have exactly one item"));
    }
}

fn check_quorum(config: &BrokerConfig, errors: &mut Vec<Invalid>) {
    let (voters, key) = (config.quorum_voters(), "controller.quorum.voters");
    if voters.is_empty()
        && config
            .list("controller.quorum.bootstrap.servers")
            .is_empty()
    {
        let rule = format!("must name a controller, unless {key} does");
        errors.push(config.refuse("controller.quorum.bootstrap.servers", rule));
    }
    let (id, is_voter) = (
        config.node_id(),
        voters.iter().any(|voter| voter.id == config.node_id()),
    );
    if config.is_controller() && !voters.is_empty() && !is_voter {
        errors.push(config.refuse(
            key,
            format!("must have node.id={id}, since process.roles has controller"),
        ));
    }
    if !config.is_controller() && is_voter {
        errors.push(config.refuse(
            key,
            format!("must not have node.id={id}, since process.roles lacks controller"),
        ));
    }
    if !config.is_controller() && config.boolean("controller.quorum.auto.join.enable") {
        errors.push(config.refuse(
            "controller.quorum.auto.join.enable",
            "must be false unless process.roles has controller",
        ));
    }
}

fn check_controller_listeners(config: &BrokerConfig, errors: &mut Vec<Invalid>) {
    let (listeners, key) = (config.listeners(), "controller.listener.names");
    if !config.is_controller() {
        if let Some(endpoint) = listeners.controller().next() {
            let rule = format!(
                "must not have {}, which is in listeners, on a node that is only a broker",
                endpoint.listener
            );
            errors.push(config.refuse(key, rule));
        }
        let unmapped = listeners
            .controller_names
            .iter()
            .find(|name| !listeners.protocols.contains_key(&name.to_uppercase()));
        if let Some(name) = unmapped {
            let rule = format!(
                "must only have names of listener.security.protocol.map, {name} is not there"
            );
            errors.push(config.refuse(key, rule));
        }
        return;
    }
    let absent = |name: &&String| {
        !listeners
            .all
            .iter()
            .any(|endpoint| endpoint.listener == **name)
    };
    if let Some(name) = listeners.controller_names.iter().find(absent) {
        let rule =
            format!("must only have names of listeners on a controller, {name} is not there");
        errors.push(config.refuse(key, rule));
    }
    if config.is_broker() {
        return;
    }
    if let Some(endpoint) = listeners.broker().next() {
        let rule = format!(
            "must only have controller listeners on a node that is only a controller, {} is none",
            endpoint.listener
        );
        errors.push(config.refuse("listeners", rule));
    }
    if config.opt_text("inter.broker.listener.name").is_some()
        && listeners.controller_names.contains(&listeners.inter_broker)
    {
        let rule = "must not be a controller listener";
        errors.push(config.refuse("inter.broker.listener.name", rule));
    }
}

fn check_advertised(config: &BrokerConfig, errors: &mut Vec<Invalid>) {
    let listeners = config.listeners();
    let key = match config.get("advertised.listeners") {
        Some(_) => "advertised.listeners",
        None => "listeners",
    };
    let controllers = listeners.advertised_controller();
    let mut advertised = listeners.advertised_broker().chain(&controllers);
    if let Some(endpoint) = advertised.find(|endpoint| endpoint.host == "0.0.0.0") {
        let rule = format!(
            "must advertise addresses that others can reach, 0.0.0.0 of {} is not: give advertised.listeners",
            endpoint.listener
        );
        errors.push(config.refuse(key, rule));
    }
    if !config.is_broker() {
        return;
    }
    if listeners.advertised_broker().next().is_none() {
        let rule = "must have one that is not in controller.listener.names, since process.roles has broker";
        errors.push(config.refuse(key, rule));
        return;
    }
    let absent = |endpoint: &&crate::endpoint::Endpoint| {
        !listeners
            .all
            .iter()
            .any(|other| other.listener == endpoint.listener)
    };
    if let Some(endpoint) = listeners.advertised_broker().find(absent) {
        let rule = format!(
            "must only have names of listeners, {} is not there",
            endpoint.listener
        );
        errors.push(config.refuse(key, rule));
    }
    if !listeners
        .advertised_broker()
        .any(|endpoint| endpoint.listener == listeners.inter_broker)
    {
        let rule = format!(
            "must be advertised, {} is not among {key}",
            listeners.inter_broker
        );
        errors.push(config.refuse("inter.broker.listener.name", rule));
    }
}

fn check_inter_broker(config: &BrokerConfig, errors: &mut Vec<Invalid>) {
    let listeners = config.listeners();
    if !listeners.inter_broker_protocol.uses_sasl() {
        return;
    }
    let mechanism = config.text("sasl.mechanism.inter.broker.protocol");
    let enabled = config
        .for_listener(&listeners.inter_broker, "sasl.enabled.mechanisms")
        .unwrap_or_default();
    if !enabled.split(',').any(|name| name.trim() == mechanism) {
        let rule = format!(
            "must be among sasl.enabled.mechanisms of {}, which are {enabled}",
            listeners.inter_broker
        );
        errors.push(config.refuse("sasl.mechanism.inter.broker.protocol", rule));
    }
}

/// What is allowed and probably not meant.
pub(crate) fn doubts(config: &BrokerConfig) -> Vec<String> {
    let mut doubts = Vec::new();
    let (heartbeat, session) = (
        config.long("broker.heartbeat.interval.ms"),
        config.long("broker.session.timeout.ms"),
    );
    if heartbeat * 2 > session {
        doubts.push(format!(
            "broker.heartbeat.interval.ms={heartbeat}: should be at most half of broker.session.timeout.ms={session}, \
             one late heartbeat fences the broker"
        ));
    }
    if !config.is_controller() && config.listeners().controller_names.len() > 1 {
        doubts.push(
            "controller.listener.names: only the first is used on a node that is only a broker"
                .to_owned(),
        );
    }
    if !config.is_controller() {
        for key in [
            "create.topic.policy.class.name",
            "alter.config.policy.class.name",
        ] {
            if config.is_set(key) {
                doubts.push(format!("{key}: only controllers use it"));
            }
        }
    }
    if config.is_set("group.coordinator.rebalance.protocols") {
        doubts.push("group.coordinator.rebalance.protocols: Kafka 5 drops it, features turn protocols on and off".to_owned());
    }
    doubts
}
