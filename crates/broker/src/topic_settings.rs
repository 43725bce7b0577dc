//! What a topic's configuration means for its partitions, worked out once per change.

use std::sync::Arc;

use ottla_config::{BrokerConfig, Settings as Values, effective_topic};
use ottla_log::LogConfig;
use ottla_metadata::image::Configs;
use ottla_wire::records::{Codec, Origin, Rules, TimestampType};

/// The effective settings of one topic.
#[derive(Clone, Debug)]
pub(crate) struct TopicSettings {
    /// For its logs.
    pub(crate) log: Arc<LogConfig>,
    /// `min.insync.replicas`.
    pub(crate) min_insync_replicas: usize,
    codec: Option<Codec>,
    level: Option<i32>,
    timestamp_type: TimestampType,
    before_max_ms: i64,
    after_max_ms: i64,
    max_batch: usize,
    max_record: usize,
}

impl TopicSettings {
    /// From the topic's own configurations and those that it inherits from the broker.
    pub(crate) fn of(broker: &BrokerConfig, topic: &Configs) -> Self {
        // Values that do not fit were refused when they were set; what a newer version allowed is left out.
        let (values, _) = effective_topic(broker, topic);
        let codec = match values.text("compression.type") {
            "producer" => None,
            "uncompressed" => Some(Codec::None),
            name => Codec::from_name(name),
        };
        let level = match codec {
            Some(Codec::Gzip) => Some(values.int("compression.gzip.level")),
            Some(Codec::Lz4) => Some(values.int("compression.lz4.level")),
            Some(Codec::Zstd) => Some(values.int("compression.zstd.level")),
            _ => None,
        };
        let timestamp_type = match values.text("message.timestamp.type") {
            "LogAppendTime" => TimestampType::LogAppendTime,
            _ => TimestampType::CreateTime,
        };
        Self {
            log: Arc::new(log_config(&values, timestamp_type)),
            min_insync_replicas: usize::try_from(values.int("min.insync.replicas")).unwrap_or(1),
            codec,
            level,
            timestamp_type,
            before_max_ms: values.long("message.timestamp.before.max.ms"),
            after_max_ms: values.long("message.timestamp.after.max.ms"),
            max_batch: values.int("max.message.bytes") as usize,
            max_record: values.int("max.decompressed.message.bytes") as usize,
        }
    }

    /// What a batch must obey.
    pub(crate) fn rules(&self, origin: Origin) -> Rules {
        Rules {
            origin,
            codec: self.codec,
            level: self.level,
            timestamp_type: self.timestamp_type,
            before_max_ms: self.before_max_ms,
            after_max_ms: self.after_max_ms,
            compact: self.log.compact,
            max_batch: self.max_batch,
            max_record: self.max_record,
        }
    }
}

fn log_config(values: &Values, timestamp_type: TimestampType) -> LogConfig {
    let policies = values.list("cleanup.policy");
    let has = |policy: &str| policies.iter().any(|name| name == policy);
    LogConfig {
        segment_bytes: values.int("segment.bytes") as u32,
        segment_ms: values.long("segment.ms"),
        segment_jitter_ms: values.long("segment.jitter.ms"),
        segment_index_bytes: values.int("segment.index.bytes") as u32,
        index_interval_bytes: values.int("index.interval.bytes") as u32,
        flush_messages: values.long("flush.messages"),
        flush_ms: values.long("flush.ms"),
        retention_bytes: values.long("retention.bytes"),
        retention_ms: values.long("retention.ms"),
        max_message_bytes: values.int("max.message.bytes") as u32,
        max_decompressed_message_bytes: values.int("max.decompressed.message.bytes") as u32,
        file_delete_delay_ms: values.long("file.delete.delay.ms"),
        delete_retention_ms: values.long("delete.retention.ms"),
        min_compaction_lag_ms: values.long("min.compaction.lag.ms"),
        max_compaction_lag_ms: values.long("max.compaction.lag.ms"),
        min_cleanable_dirty_ratio: values.double("min.cleanable.dirty.ratio"),
        delete: has("delete"),
        compact: has("compact"),
        preallocate: values.boolean("preallocate"),
        message_timestamp_type: timestamp_type,
        unclean_leader_election_enable: values.boolean("unclean.leader.election.enable"),
    }
}
