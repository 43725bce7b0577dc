//! Topic keys.

use crate::rule::list_of;

rows! {
    "cleanup.policy" List "delete", list_of(&["compact", "delete"]), Medium PerResource,
        "What happens to old segments: delete, compact, both, or neither.";
    "compression.gzip.level" Int "-1", BetweenOr(1, 9, -1), Medium PerResource,
        "Level used when the broker compresses with gzip.";
    "compression.lz4.level" Int "9", Between(1, 17), Medium PerResource,
        "Level used when the broker compresses with lz4.";
    "compression.type" String "producer", OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]), Medium PerResource,
        "Codec of stored batches; `producer` keeps what the producer chose.";
    "compression.zstd.level" Int "3", Between(-131072, 22), Medium PerResource,
        "Level used when the broker compresses with zstd.";
    "delete.retention.ms" Long "86400000", AtLeast(0), Medium PerResource,
        "How long tombstones survive compaction.";
    "errors.deadletterqueue.group.enable" Boolean "false", Any, Medium PerResource,
        "Whether share groups may write their dead letters here.";
    "file.delete.delay.ms" Long "60000", AtLeast(0), Medium PerResource,
        "Wait before a removed segment's files are deleted.";
    "flush.messages" Long "9223372036854775807", AtLeast(1), Medium PerResource,
        "Records written to a partition before it is flushed to disk.";
    "flush.ms" Long "9223372036854775807", AtLeast(0), Medium PerResource,
        "Age of an unflushed record that forces a flush.";
    "follower.replication.throttled.replicas" List "", ThrottledReplicas, Medium PerResource,
        "Replicas whose fetching is throttled, as partition:broker, or `*`.";
    "index.interval.bytes" Int "4096", AtLeast(0), Medium PerResource,
        "Bytes of records between two entries of the offset index.";
    "internal.segment.bytes" Int null, Any, Medium PerResource internal,
        "Segment size in tests, without a lower bound.";
    "leader.replication.throttled.replicas" List "", ThrottledReplicas, Medium PerResource,
        "Replicas whose serving to followers is throttled, as partition:broker, or `*`.";
    "local.retention.bytes" Long "-2", AtLeast(-2), Medium PerResource,
        "Bytes kept locally of a tiered partition; -2 follows `retention.bytes`.";
    "local.retention.ms" Long "-2", AtLeast(-2), Medium PerResource,
        "Time that segments of a tiered partition stay local; -2 follows `retention.ms`.";
    "max.compaction.lag.ms" Long "9223372036854775807", AtLeast(1), Medium PerResource,
        "Age at which a record must become compactable.";
    "max.decompressed.message.bytes" Int "2147483639", Between(1, 2147483639), Medium PerResource,
        "Largest size of a batch once decompressed.";
    "max.message.bytes" Int "1048588", AtLeast(0), Medium PerResource,
        "Largest size of a batch as the producer sends it.";
    "message.timestamp.after.max.ms" Long "3600000", AtLeast(0), Medium PerResource,
        "How far ahead of the broker's clock a record's time may be.";
    "message.timestamp.before.max.ms" Long "9223372036854775807", AtLeast(0), Medium PerResource,
        "How far behind the broker's clock a record's time may be.";
    "message.timestamp.type" String "CreateTime", OneOf(&["CreateTime", "LogAppendTime"]), Medium PerResource,
        "Whether a record's time is the producer's or that of the append.";
    "min.cleanable.dirty.ratio" Double "0.5", Between(0, 1), Medium PerResource,
        "Share of a log that must be dirty before it is compacted.";
    "min.compaction.lag.ms" Long "0", AtLeast(0), Medium PerResource,
        "Age below which a record is not compacted.";
    "min.insync.replicas" Int "1", AtLeast(1), Medium PerResource,
        "Replicas that must have a record before `acks=all` is answered.";
    "preallocate" Boolean "false", Any, Medium PerResource,
        "Whether a new segment's file gets its full size at once.";
    "remote.copy.lag.bytes" Long "-1", AtLeast(-1), Medium PerResource,
        "Bytes of newest segments that are not copied to remote storage yet; -1 waits for local retention.";
    "remote.copy.lag.ms" Long "0", AtLeast(-1), Medium PerResource,
        "Age before which a segment is not copied to remote storage; -1 waits for local retention.";
    "remote.log.copy.disable" Boolean "false", Any, Medium PerResource,
        "Whether nothing more is copied to remote storage, which stays readable.";
    "remote.log.delete.on.disable" Boolean "false", Any, Medium PerResource,
        "Whether turning tiering off deletes what is in remote storage.";
    "remote.storage.enable" Boolean "false", Any, Medium PerResource,
        "Whether the topic is tiered.";
    "retention.bytes" Long "-1", Any, Medium PerResource,
        "Size at which a partition's oldest segments go; -1 for no limit.";
    "retention.ms" Long "604800000", AtLeast(-1), Medium PerResource,
        "Age at which segments go; -1 for never.";
    "segment.bytes" Int "1073741824", AtLeast(1048576), Medium PerResource,
        "Largest size of a segment.";
    "segment.index.bytes" Int "10485760", AtLeast(4), Medium PerResource,
        "Largest size of an offset index.";
    "segment.jitter.ms" Long "0", AtLeast(0), Medium PerResource,
        "Random part taken off `segment.ms`.";
    "segment.ms" Long "604800000", AtLeast(1), Medium PerResource,
        "Age at which a new segment begins.";
    "unclean.leader.election.enable" Boolean "false", Any, Medium PerResource,
        "Whether a replica that may lack records can become leader when no other is left.";
}
