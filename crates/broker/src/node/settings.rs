//! From the configuration to the settings of the broker and of the controller.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ottla_config::{BrokerConfig, SecurityProtocol};
use ottla_machine::Entropy;
use ottla_metadata::{Record, bootstrap, controller, features};
use ottla_wire::{Uuid, messages::MetadataRecord};

use super::{Endpoint, ListenerKind};
use crate::{
    log_dirs::Identity,
    net::SocketSettings,
    quorum::{
        METADATA_DIRECTORY, MetadataLog,
        snapshot::{self, SnapshotId},
    },
    settings::Settings,
};

/// In `metric.reporters`: takes in the metrics that clients push, and keeps the last of each. Kafka's own reporters are
/// Java classes, and none of those that come with it takes in metrics of clients.
const CLIENT_TELEMETRY: &str = "ottla.ClientTelemetry";
/// What the format of Kafka up to 4.3 wrote for the first start.
const BOOTSTRAP: &str = "bootstrap.checkpoint";

/// `log.dirs`, and `metadata.log.dir` if it is none of them, absolute.
pub(crate) fn log_directories(config: &BrokerConfig) -> Result<Vec<PathBuf>, String> {
    let mut paths = Vec::new();
    let named = config
        .log_dirs()
        .iter()
        .map(String::as_str)
        .chain([config.metadata_log_dir()]);
    for name in named {
        let path = absolute(name)?;
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// `metadata.log.dir`, or the first of `log.dirs`, absolute.
pub(crate) fn metadata_directory(config: &BrokerConfig) -> Result<PathBuf, String> {
    absolute(config.metadata_log_dir())
}

/// `log.dirs`, absolute.
pub(super) fn data_directories(config: &BrokerConfig) -> Result<Vec<PathBuf>, String> {
    config
        .log_dirs()
        .iter()
        .map(|path| absolute(path))
        .collect()
}

fn absolute(path: &str) -> Result<PathBuf, String> {
    std::path::absolute(path).map_err(|error| format!("{path}: {error}"))
}

/// The broker's settings.
pub(super) fn of(
    config: &BrokerConfig,
    identity: &Identity,
    seed: u64,
) -> Result<Settings, String> {
    for (role, has) in [
        ("broker", config.is_broker()),
        ("controller", config.is_controller()),
    ] {
        if !has {
            return Err(format!(
                "process.roles={}: this version runs nodes that are broker and controller, so add {role}",
                config.given("process.roles").unwrap_or_default()
            ));
        }
    }
    let natural = |key: &str| usize::try_from(config.int(key)).unwrap_or(0);
    let idle = config.long("connections.max.idle.ms");
    Ok(Settings {
        node_id: config.node_id(),
        cluster_id: identity.cluster_id.clone(),
        incarnation_id: incarnation(seed),
        rack: config.opt_text("broker.rack").map(str::to_owned),
        listeners: endpoints(config)?,
        log_dirs: data_directories(config)?,
        metadata_log_dir: absolute(config.metadata_log_dir())?,
        network_threads: network_threads(config),
        socket_request_max_bytes: natural("socket.request.max.bytes"),
        sockets: SocketSettings::of(config),
        connections_max_idle: match u64::try_from(idle) {
            Ok(ms) => Duration::from_millis(ms),
            Err(_) => Duration::from_secs(u64::from(u32::MAX)),
        },
        fetch_session_slots: natural("max.incremental.fetch.session.cache.slots"),
        fetch_max_bytes: config.int("fetch.max.bytes"),
        auto_create_topics_enable: config.boolean("auto.create.topics.enable"),
        max_request_partition_size_limit: config.int("max.request.partition.size.limit"),
        // Reporters are Java classes (`metric.reporters`): none of them can be had here.
        unstable_api_versions_enable: config.boolean("unstable.api.versions.enable"),
        telemetry_receiver: config
            .list("metric.reporters")
            .iter()
            .any(|name| name == CLIENT_TELEMETRY),
        producer_id_expiration_ms: i64::from(config.int("producer.id.expiration.ms")),
        producer_expiry_check: Duration::from_millis(natural(
            "producer.id.expiration.check.interval.ms",
        ) as u64),
        heartbeat_interval: Duration::from_millis(natural("broker.heartbeat.interval.ms") as u64),
        checkpoint_interval: Duration::from_millis(natural(
            "log.flush.offset.checkpoint.interval.ms",
        ) as u64),
        high_watermark_interval: u64::try_from(
            config.long("replica.high.watermark.checkpoint.interval.ms"),
        )
        .ok()
        .filter(|ms| *ms > 0)
        .map(Duration::from_millis),
        initial_task_delay: Duration::from_millis(
            config.long("log.initial.task.delay.ms").max(0) as u64
        ),
        retention_check_interval: Duration::from_millis(
            config.long("log.retention.check.interval.ms").max(1000) as u64,
        ),
        mover_threads: mover_threads(config)?,
        recovery_threads: natural("num.recovery.threads.per.data.dir").max(1),
        snapshot_after_bytes: config
            .long("metadata.log.max.record.bytes.between.snapshots")
            .max(1) as u64,
        snapshot_interval_ms: config.long("metadata.log.max.snapshot.interval.ms").max(0) as u64,
        metadata_log_segment_bytes: natural("metadata.log.segment.bytes") as u32,
        metadata_log_segment_ms: config.long("metadata.log.segment.ms"),
        metadata_max_retention_bytes: config.long("metadata.max.retention.bytes"),
        metadata_max_retention_ms: config.long("metadata.max.retention.ms"),
    })
}

/// Unless it is set, one for each log directory, as with Kafka.
fn mover_threads(config: &BrokerConfig) -> Result<usize, String> {
    let threads = config.opt_long("num.replica.alter.log.dirs.threads");
    let threads = threads.and_then(|threads| usize::try_from(threads).ok());
    Ok(threads.unwrap_or(data_directories(config)?.len()).max(1))
}

/// `num.network.threads` if somebody chose it, else one per core: these threads also do what Kafka's I/O threads do.
fn network_threads(config: &BrokerConfig) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    match config.is_set("num.network.threads") {
        true => usize::try_from(config.int("num.network.threads"))
            .unwrap_or(cores)
            .max(1),
        false => cores,
    }
}

fn incarnation(seed: u64) -> Uuid {
    let mut entropy = Entropy::new(seed);
    loop {
        if let Some(id) = Uuid::from_entropy(entropy.bytes16()) {
            return id;
        }
    }
}

fn endpoints(config: &BrokerConfig) -> Result<Vec<Endpoint>, String> {
    let listeners = config.listeners();
    let mut endpoints = Vec::new();
    for listener in &listeners.all {
        if listener.protocol != SecurityProtocol::Plaintext {
            return Err(format!(
                "listener {}: {} is not served by this version; use PLAINTEXT on a network that you trust",
                listener.listener,
                listener.protocol.name()
            ));
        }
        let advertised = listeners
            .advertised
            .iter()
            .find(|other| other.listener == listener.listener);
        let told = advertised.unwrap_or(listener);
        endpoints.push(Endpoint {
            name: listener.listener.clone(),
            kind: match listeners.is_controller(listener) {
                true => ListenerKind::Controller,
                false => ListenerKind::Broker,
            },
            host: listener.host.clone(),
            port: listener.port,
            advertised_host: if told.host.is_empty() {
                host_name()
            } else {
                told.host.clone()
            },
            advertised_port: told.port,
            security_protocol: listener.protocol as i16,
        });
    }
    Ok(endpoints)
}

/// What Kafka advertises for a listener without a host: the machine's name.
fn host_name() -> String {
    let name = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    if name.is_empty() {
        "localhost".to_owned()
    } else {
        name
    }
}

/// The controller's settings.
pub(super) fn of_controller(
    config: &BrokerConfig,
    settings: &Settings,
    log: &MetadataLog,
    bootstrap: Vec<Record>,
) -> controller::Settings {
    let defaults =
        controller::Settings::new(Arc::new(config.clone()), settings.cluster_id.as_str());
    controller::Settings {
        voters: log.quorum().voters().iter().map(|voter| voter.id).collect(),
        kraft_version: log.kraft_version(),
        bootstrap,
        ..defaults
    }
}

/// What the first controller of the cluster begins with: what the format left beside the metadata log (up to Kafka 4.3)
/// or in its first snapshot.
///
/// # Errors
/// If it cannot be read, or asks for features that are newer than this version. Nothing is written before that is known.
pub(super) fn bootstrap_records(metadata_log_dir: &Path) -> Result<Vec<Record>, String> {
    let first_snapshot = SnapshotId::default().path(&metadata_log_dir.join(METADATA_DIRECTORY));
    for path in [metadata_log_dir.join(BOOTSTRAP), first_snapshot] {
        if path.is_file() {
            let records = snapshot::read(&path)?.records;
            check_features(&path, &records)?;
            if !records.is_empty() {
                return Ok(records);
            }
        }
    }
    Ok(bootstrap::without_format())
}

fn check_features(path: &Path, records: &[Record]) -> Result<(), String> {
    for record in records {
        let MetadataRecord::FeatureLevel(feature) = &record.value else {
            continue;
        };
        let (level, (_, max)) = (feature.feature_level, features::supported(&feature.name));
        if level > max {
            return Err(format!(
                "{}: {} is at level {level}, and this version knows levels up to {max}; if a newer version formatted \
                 the directory, use that version",
                path.display(),
                feature.name
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn movers_are_as_many_as_directories_unless_set() {
        let threads = |lines: &[(&str, &str)]| {
            let given = lines.iter();
            let given = given.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            let layers = [ottla_config::zero_configuration(), given.collect()];
            let loaded = BrokerConfig::load(&layers, &mut |_| Ok(None)).unwrap();
            mover_threads(&loaded.config).unwrap()
        };
        let key = "num.replica.alter.log.dirs.threads";
        assert_eq!(threads(&[]), 1);
        assert_eq!(threads(&[("log.dirs", "/a,/b,/c")]), 3);
        assert_eq!(threads(&[("log.dirs", "/a,/b,/c"), (key, "2")]), 2);
        assert_eq!(threads(&[(key, "0")]), 1);
    }
}
