//! What the broker takes from its static configuration, once, at the start.

use std::{path::PathBuf, time::Duration};

use ottla_config::BrokerConfig;
use ottla_wire::Uuid;

use crate::{
    net::{ConnectionLimits, SocketSettings},
    node::ListenerKind,
};

/// The static settings of a node. Names are those of the configuration keys, `.` as `_`.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// `node.id`.
    pub(crate) node_id: i32,
    /// From `meta.properties` or the format.
    pub(crate) cluster_id: String,
    /// This start of the process.
    pub(crate) incarnation_id: Uuid,
    /// `broker.rack`.
    pub(crate) rack: Option<String>,
    /// The listeners of brokers and of the controller.
    pub(crate) listeners: Vec<crate::node::Endpoint>,
    /// `log.dirs`.
    pub(crate) log_dirs: Vec<PathBuf>,
    /// `metadata.log.dir`, or the first of `log.dirs`.
    pub(crate) metadata_log_dir: PathBuf,
    /// Threads that serve connections.
    pub(crate) network_threads: usize,
    /// `socket.request.max.bytes`.
    pub(crate) socket_request_max_bytes: usize,
    /// `socket.listen.backlog.size`, `socket.receive.buffer.bytes`, `socket.send.buffer.bytes`.
    pub(crate) sockets: SocketSettings,
    /// `connections.max.idle.ms`; a negative number is never.
    pub(crate) connections_max_idle: Duration,
    /// `max.incremental.fetch.session.cache.slots`.
    pub(crate) fetch_session_slots: usize,
    /// `fetch.max.bytes`.
    pub(crate) fetch_max_bytes: i32,
    /// `auto.create.topics.enable`.
    pub(crate) auto_create_topics_enable: bool,
    /// `max.request.partition.size.limit`.
    pub(crate) max_request_partition_size_limit: i32,
    /// Whether metrics of clients are taken in: what a telemetry reporter's class does for Kafka.
    pub(crate) telemetry_receiver: bool,
    /// `unstable.api.versions.enable`: whether versions of requests that may still change are spoken.
    pub(crate) unstable_api_versions_enable: bool,
    /// `producer.id.expiration.ms`, for the metadata log.
    pub(crate) producer_id_expiration_ms: i64,
    /// `producer.id.expiration.check.interval.ms`.
    pub(crate) producer_expiry_check: Duration,
    /// `broker.heartbeat.interval.ms`.
    pub(crate) heartbeat_interval: Duration,
    /// `log.flush.offset.checkpoint.interval.ms` and its like: how often checkpoints are written.
    pub(crate) checkpoint_interval: Duration,
    /// `replica.high.watermark.checkpoint.interval.ms`; `None`: only when the node stops.
    pub(crate) high_watermark_interval: Option<Duration>,
    /// `log.initial.task.delay.ms`: when retention first runs.
    pub(crate) initial_task_delay: Duration,
    /// `log.retention.check.interval.ms`.
    pub(crate) retention_check_interval: Duration,
    /// `num.recovery.threads.per.data.dir`.
    pub(crate) recovery_threads: usize,
    /// `num.replica.alter.log.dirs.threads`.
    pub(crate) mover_threads: usize,
    /// `metadata.log.max.record.bytes.between.snapshots`.
    pub(crate) snapshot_after_bytes: u64,
    /// `metadata.log.max.snapshot.interval.ms`; 0 is never.
    pub(crate) snapshot_interval_ms: u64,
    /// `metadata.log.segment.bytes`.
    pub(crate) metadata_log_segment_bytes: u32,
    /// `metadata.log.segment.ms`.
    pub(crate) metadata_log_segment_ms: i64,
    /// `metadata.max.retention.bytes`; -1 for all.
    pub(crate) metadata_max_retention_bytes: i64,
    /// `metadata.max.retention.ms`; -1 for ever.
    pub(crate) metadata_max_retention_ms: i64,
}

impl Settings {
    /// The limits of connections to the listeners of a kind.
    pub(crate) fn connection_limits(
        &self,
        config: &BrokerConfig,
        kind: ListenerKind,
    ) -> ConnectionLimits {
        let of_kind = self.listeners.iter().filter(|of| of.kind == kind);
        let names: Vec<String> = of_kind.map(|of| of.name.clone()).collect();
        ConnectionLimits::of(config, &names)
    }
}
