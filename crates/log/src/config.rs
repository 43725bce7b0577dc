//! What governs one log: the topic configurations that matter to its files, with Kafka's defaults.

use ottla_wire::records::TimestampType;

/// The settings of one log. Names are those of Kafka's topic configurations, `.` as `_`.
#[derive(Clone, PartialEq, Debug)]
pub struct LogConfig {
    /// `segment.bytes` (or `internal.segment.bytes`): the largest `.log` file, in bytes; at most 2³¹ − 1.
    pub segment_bytes: u32,
    /// `segment.ms`: how long a segment takes records, by their timestamps.
    pub segment_ms: i64,
    /// `segment.jitter.ms`: up to how much earlier, so that not all segments end at once.
    pub segment_jitter_ms: i64,
    /// `segment.index.bytes`: the largest offset index, in bytes.
    pub segment_index_bytes: u32,
    /// `index.interval.bytes`: more than so many bytes lie between two index entries.
    pub index_interval_bytes: u32,
    /// `flush.messages`: fsync after so many records.
    pub flush_messages: i64,
    /// `flush.ms`: fsync at least so often.
    pub flush_ms: i64,
    /// `retention.bytes`: how much to keep; -1 for all.
    pub retention_bytes: i64,
    /// `retention.ms`: how long to keep; -1 for ever.
    pub retention_ms: i64,
    /// `max.message.bytes`: the largest batch that a producer may append.
    pub max_message_bytes: u32,
    /// `max.decompressed.message.bytes`: the largest record in a compressed batch.
    pub max_decompressed_message_bytes: u32,
    /// `file.delete.delay.ms`: how long files that were deleted stay on disk.
    pub file_delete_delay_ms: i64,
    /// `delete.retention.ms`: how long compaction keeps tombstones.
    pub delete_retention_ms: i64,
    /// `min.compaction.lag.ms`: younger records are not compacted.
    pub min_compaction_lag_ms: i64,
    /// `max.compaction.lag.ms`: older records are compacted even if few are dirty.
    pub max_compaction_lag_ms: i64,
    /// `min.cleanable.dirty.ratio`: compaction waits for this share of dirty bytes.
    pub min_cleanable_dirty_ratio: f64,
    /// `cleanup.policy` has `delete`.
    pub delete: bool,
    /// `cleanup.policy` has `compact`.
    pub compact: bool,
    /// `preallocate`: reserve `segment.bytes` for a new segment at once.
    pub preallocate: bool,
    /// `message.timestamp.type`.
    pub message_timestamp_type: TimestampType,
    /// `unclean.leader.election.enable`.
    pub unclean_leader_election_enable: bool,
}

impl Default for LogConfig {
    fn default() -> Self {
        const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;
        Self {
            segment_bytes: 1 << 30,
            segment_ms: WEEK_MS,
            segment_jitter_ms: 0,
            segment_index_bytes: 10 << 20,
            index_interval_bytes: 4096,
            flush_messages: i64::MAX,
            flush_ms: i64::MAX,
            retention_bytes: -1,
            retention_ms: WEEK_MS,
            max_message_bytes: (1 << 20) + 12,
            max_decompressed_message_bytes: i32::MAX as u32,
            file_delete_delay_ms: 60_000,
            delete_retention_ms: 24 * 60 * 60 * 1000,
            min_compaction_lag_ms: 0,
            max_compaction_lag_ms: i64::MAX,
            min_cleanable_dirty_ratio: 0.5,
            delete: true,
            compact: false,
            preallocate: false,
            message_timestamp_type: TimestampType::CreateTime,
            unclean_leader_election_enable: false,
        }
    }
}

impl LogConfig {
    /// How much earlier the segment at `base_offset` of the log in `dir` ends. The same for the same segment, so
    /// that nothing random is needed, and different between partitions.
    pub(crate) fn jitter_ms(&self, dir: &std::path::Path, base_offset: i64) -> i64 {
        if self.segment_jitter_ms <= 0 {
            return 0;
        }
        let seed = dir
            .as_os_str()
            .as_encoded_bytes()
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
            })
            .wrapping_add(base_offset as u64)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = seed ^ (seed >> 31);
        let bound = self.segment_jitter_ms.min(self.segment_ms).max(1);
        (mixed % bound as u64) as i64
    }
}
