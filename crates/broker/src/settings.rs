//! What the broker takes from its static configuration, once, at the start.

use std::{path::PathBuf, time::Duration};

use ottla_wire::Uuid;

/// The static settings of a node. Names are those of the configuration keys, `.` as `_`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `node.id`.
    pub node_id: i32,
    /// From `meta.properties` or the format.
    pub cluster_id: String,
    /// This start of the process.
    pub incarnation_id: Uuid,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// The listeners of brokers and of the controller.
    pub listeners: Vec<crate::node::Endpoint>,
    /// `log.dirs`.
    pub log_dirs: Vec<PathBuf>,
    /// `metadata.log.dir`, or the first of `log.dirs`.
    pub metadata_log_dir: PathBuf,
    /// Threads that serve connections.
    pub network_threads: usize,
    /// `socket.request.max.bytes`.
    pub socket_request_max_bytes: usize,
    /// `socket.listen.backlog.size`.
    pub socket_listen_backlog_size: i32,
    /// `connections.max.idle.ms`; a negative number is never.
    pub connections_max_idle: Duration,
    /// `max.connections`.
    pub max_connections: usize,
    /// `max.connections.per.ip`.
    pub max_connections_per_ip: usize,
    /// `max.incremental.fetch.session.cache.slots`.
    pub fetch_session_slots: usize,
    /// `fetch.max.bytes`.
    pub fetch_max_bytes: i32,
    /// `auto.create.topics.enable`.
    pub auto_create_topics_enable: bool,
    /// `max.request.partition.size.limit`.
    pub max_request_partition_size_limit: i32,
    /// `producer.id.expiration.ms`.
    pub producer_id_expiration_ms: i64,
    /// `log.flush.offset.checkpoint.interval.ms` and its like: how often checkpoints are written.
    pub checkpoint_interval: Duration,
    /// `log.retention.check.interval.ms`.
    pub retention_check_interval: Duration,
    /// `num.recovery.threads.per.data.dir`.
    pub recovery_threads: usize,
    /// `metadata.log.max.record.bytes.between.snapshots`.
    pub snapshot_after_bytes: u64,
    /// `metadata.log.max.snapshot.interval.ms`; 0 is never.
    pub snapshot_interval_ms: u64,
    /// `metadata.log.segment.bytes`.
    pub metadata_log_segment_bytes: u32,
    /// `metadata.log.segment.ms`.
    pub metadata_log_segment_ms: i64,
    /// `metadata.max.retention.bytes`; -1 for all.
    pub metadata_max_retention_bytes: i64,
    /// `metadata.max.retention.ms`; -1 for ever.
    pub metadata_max_retention_ms: i64,
}
