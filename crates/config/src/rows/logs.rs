//! Broker keys of logs, retention, compaction, replication and tiering.

use crate::rule::{LIST_OR_NULL, SOME_LIST, SOME_LIST_OR_NULL, list_of};

rows! {
    "auto.create.topics.enable" Boolean "true", Any, High ReadOnly,
        "Whether asking for metadata of a missing topic creates it.";
    "compression.gzip.level" Int "-1", BetweenOr(1, 9, -1), Medium ClusterWide,
        "Level used when the broker compresses with gzip.";
    "compression.lz4.level" Int "9", Between(1, 17), Medium ClusterWide,
        "Level used when the broker compresses with lz4.";
    "compression.type" String "producer", OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]), High ClusterWide,
        "Codec of stored batches; `producer` keeps what the producer chose.";
    "compression.zstd.level" Int "3", Between(-131072, 22), Medium ClusterWide,
        "Level used when the broker compresses with zstd.";
    "cordoned.log.dirs" List "", LIST_OR_NULL, Medium PerBroker,
        "Log directories that get no new partitions; `*` for all.";
    "default.replication.factor" Int "1", Any, Medium ReadOnly,
        "Replicas of topics created automatically or without a number.";
    "follower.fetch.last.tiered.offset.enable" Boolean "false", Any, Medium ClusterWide,
        "Whether an empty follower starts at the last tiered offset instead of the start of the log.";
    "log.cleaner.backoff.ms" Long "15000", AtLeast(0), Medium ClusterWide,
        "Rest of a cleaner thread that found nothing to compact.";
    "log.cleaner.dedupe.buffer.size" Long "134217728", Any, Medium ClusterWide,
        "Memory for compaction's map of keys, of all threads together.";
    "log.cleaner.delete.retention.ms" Long "86400000", AtLeast(0), Medium ClusterWide,
        "How long tombstones survive compaction.";
    "log.cleaner.enable" Boolean "true", Any, Medium ReadOnly,
        "Whether logs are compacted; turning it off breaks internal topics.";
    "log.cleaner.io.buffer.load.factor" Double "0.9", Any, Medium ClusterWide,
        "How full compaction's map of keys may get.";
    "log.cleaner.io.buffer.size" Int "524288", AtLeast(0), Medium ClusterWide,
        "Memory for compaction's reads and writes, of all threads together.";
    "log.cleaner.io.max.bytes.per.second" Double "1.7976931348623157E308", Any, Medium ClusterWide,
        "Limit of compaction's reads and writes.";
    "log.cleaner.max.compaction.lag.ms" Long "9223372036854775807", AtLeast(1), Medium ClusterWide,
        "Age at which a record must become compactable.";
    "log.cleaner.min.cleanable.ratio" Double "0.5", Between(0, 1), Medium ClusterWide,
        "Share of a log that must be dirty before it is compacted.";
    "log.cleaner.min.compaction.lag.ms" Long "0", AtLeast(0), Medium ClusterWide,
        "Age below which a record is not compacted.";
    "log.cleaner.threads" Int "1", AtLeast(0), Medium ClusterWide,
        "Threads that compact.";
    "log.cleanup.policy" List "delete", list_of(&["compact", "delete"]), Medium ClusterWide,
        "What happens to old segments: delete, compact, both, or neither.";
    "log.dir" List "/tmp/kafka-logs", SOME_LIST, High ReadOnly,
        "Where logs are kept, if `log.dirs` is not given.";
    "log.dir.failure.timeout.ms" Long "30000", AtLeast(1), Low ReadOnly,
        "Time to report a failed log directory to the controller before the broker stops.";
    "log.dirs" List null, SOME_LIST_OR_NULL, High ReadOnly,
        "Directories where logs are kept.";
    "log.flush.interval.messages" Long "9223372036854775807", AtLeast(1), High ClusterWide,
        "Records written to a partition before it is flushed to disk.";
    "log.flush.interval.ms" Long null, Any, High ClusterWide,
        "Age of an unflushed record that forces a flush.";
    "log.flush.offset.checkpoint.interval.ms" Int "60000", AtLeast(0), High ReadOnly,
        "How often recovery points are written down.";
    "log.flush.scheduler.interval.ms" Long "9223372036854775807", Any, High ReadOnly,
        "How often the flusher looks for logs that are due.";
    "log.flush.start.offset.checkpoint.interval.ms" Int "60000", AtLeast(0), High ReadOnly,
        "How often log start offsets are written down.";
    "log.index.interval.bytes" Int "4096", AtLeast(0), Medium ClusterWide,
        "Bytes of records between two entries of the offset index.";
    "log.index.size.max.bytes" Int "10485760", AtLeast(4), Medium ClusterWide,
        "Largest size of an offset index.";
    "log.initial.task.delay.ms" Long "30000", AtLeast(0), Low ReadOnly internal,
        "Wait after start before the log's periodic tasks run.";
    "log.local.retention.bytes" Long "-2", AtLeast(-2), Medium ClusterWide,
        "Bytes kept locally of a tiered partition; -2 follows `log.retention.bytes`.";
    "log.local.retention.ms" Long "-2", AtLeast(-2), Medium ClusterWide,
        "Time that segments of a tiered partition stay local; -2 follows `log.retention.ms`.";
    "log.message.timestamp.after.max.ms" Long "3600000", AtLeast(0), Medium ClusterWide,
        "How far ahead of the broker's clock a record's time may be.";
    "log.message.timestamp.before.max.ms" Long "9223372036854775807", AtLeast(0), Medium ClusterWide,
        "How far behind the broker's clock a record's time may be.";
    "log.message.timestamp.type" String "CreateTime", OneOf(&["CreateTime", "LogAppendTime"]), Medium ClusterWide,
        "Whether a record's time is the producer's or that of the append.";
    "log.preallocate" Boolean "false", Any, Medium ClusterWide,
        "Whether a new segment's file gets its full size at once.";
    "log.remote.copy.lag.bytes" Long "-1", AtLeast(-1), Medium ClusterWide,
        "Bytes of newest segments that are not copied to remote storage yet; -1 waits for local retention.";
    "log.remote.copy.lag.ms" Long "0", AtLeast(-1), Medium ClusterWide,
        "Age before which a segment is not copied to remote storage; -1 waits for local retention.";
    "log.retention.bytes" Long "-1", Any, High ClusterWide,
        "Size at which a partition's oldest segments go; -1 for no limit.";
    "log.retention.check.interval.ms" Long "300000", AtLeast(1), Medium ReadOnly,
        "How often segments are checked for deletion.";
    "log.retention.hours" Int "168", Any, High ReadOnly,
        "Age at which segments go, in hours, if neither minutes nor milliseconds are given.";
    "log.retention.minutes" Int null, Any, High ReadOnly,
        "Age at which segments go, in minutes, if milliseconds are not given.";
    "log.retention.ms" Long null, Any, High ClusterWide,
        "Age at which segments go; -1 for never.";
    "log.roll.hours" Int "168", AtLeast(1), High ReadOnly,
        "Age at which a new segment begins, in hours, if milliseconds are not given.";
    "log.roll.jitter.hours" Int "0", AtLeast(0), High ReadOnly,
        "Random part taken off that age, in hours, if milliseconds are not given.";
    "log.roll.jitter.ms" Long null, Any, High ClusterWide,
        "Random part taken off that age.";
    "log.roll.ms" Long null, Any, High ClusterWide,
        "Age at which a new segment begins.";
    "log.segment.bytes" Int "1073741824", AtLeast(1048576), High ClusterWide,
        "Largest size of a segment.";
    "log.segment.delete.delay.ms" Long "60000", AtLeast(0), High ClusterWide,
        "Wait before a removed segment's files are deleted.";
    "max.decompressed.message.bytes" Int "2147483639", Between(1, 2147483639), Medium ClusterWide,
        "Largest size of a batch once decompressed.";
    "message.max.bytes" Int "1048588", AtLeast(0), High ClusterWide,
        "Largest size of a batch as the producer sends it.";
    "min.insync.replicas" Int "1", AtLeast(1), High ClusterWide,
        "Replicas that must have a record before `acks=all` is answered.";
    "num.partitions" Int "1", AtLeast(1), Medium ReadOnly,
        "Partitions of topics created automatically or without a number.";
    "num.recovery.threads.per.data.dir" Int "2", AtLeast(1), High ClusterWide,
        "Threads of a log directory for recovery at start and flush at stop.";
    "num.replica.alter.log.dirs.threads" Int null, Any, High ReadOnly,
        "Threads that move replicas between log directories.";
    "num.replica.fetchers" Int "1", AtLeast(1), High ClusterWide,
        "Fetchers for each broker that this one follows.";
    "remote.fetch.max.wait.ms" Int "500", AtLeast(1), Medium ClusterWide,
        "Longest wait of a fetch for remote storage.";
    "remote.list.offsets.request.timeout.ms" Long "30000", AtLeast(1), Medium ClusterWide,
        "Longest wait of ListOffsets for remote storage.";
    "remote.log.index.file.cache.total.size.bytes" Long "1073741824", AtLeast(1), Low ClusterWide,
        "Disk space for cached indexes of remote segments.";
    "remote.log.index.file.cache.ttl.ms" Long "900000", AtLeast(-1), Low ReadOnly internal,
        "Idle time after which such a cached index goes; -1 for never.";
    "remote.log.manager.copier.thread.pool.size" Int "10", AtLeast(1), Medium ClusterWide,
        "Threads that copy segments to remote storage.";
    "remote.log.manager.copy.max.bytes.per.second" Long "9223372036854775807", AtLeast(1), Medium ClusterWide,
        "Limit of copies to remote storage.";
    "remote.log.manager.copy.quota.window.num" Int "11", AtLeast(1), Medium ReadOnly,
        "Samples kept to measure those copies.";
    "remote.log.manager.copy.quota.window.size.seconds" Int "1", AtLeast(1), Medium ReadOnly,
        "Length of one of those samples.";
    "remote.log.manager.expiration.thread.pool.size" Int "10", AtLeast(1), Medium ClusterWide,
        "Threads that remove expired remote segments.";
    "remote.log.manager.fetch.max.bytes.per.second" Long "9223372036854775807", AtLeast(1), Medium ClusterWide,
        "Limit of reads from remote storage.";
    "remote.log.manager.fetch.quota.window.num" Int "11", AtLeast(1), Medium ReadOnly,
        "Samples kept to measure those reads.";
    "remote.log.manager.fetch.quota.window.size.seconds" Int "1", AtLeast(1), Medium ReadOnly,
        "Length of one of those samples.";
    "remote.log.manager.follower.thread.pool.size" Int "2", AtLeast(1), Medium ClusterWide,
        "Threads that follow remote metadata on followers.";
    "remote.log.manager.task.interval.ms" Long "30000", AtLeast(1), Low ReadOnly,
        "How often a partition's tiering work runs.";
    "remote.log.manager.task.retry.backoff.max.ms" Long "30000", AtLeast(1), Low ReadOnly internal,
        "Longest pause between retries of tiering work.";
    "remote.log.manager.task.retry.backoff.ms" Long "500", AtLeast(1), Low ReadOnly internal,
        "First pause between retries of tiering work.";
    "remote.log.manager.task.retry.jitter" Double "0.2", BetweenReal(0.0, 0.5, "[0,...,0.5]"), Low ReadOnly internal,
        "Random part of those pauses.";
    "remote.log.manager.thread.pool.size" Int "2", AtLeast(1), Medium ReadOnly,
        "Threads of tiering work that has no pool of its own.";
    "remote.log.metadata.custom.metadata.max.bytes" Int "128", AtLeast(0), Low ReadOnly,
        "Longest extra metadata a remote storage may attach to a segment.";
    "remote.log.metadata.manager.class.name" String "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager", NotEmpty, Medium ReadOnly,
        "Class that keeps the list of remote segments.";
    "remote.log.metadata.manager.class.path" String null, Any, Medium ReadOnly,
        "Class path of that class.";
    "remote.log.metadata.manager.impl.prefix" String "rlmm.config.", NotEmpty, Medium ReadOnly,
        "Prefix of the keys handed to that class.";
    "remote.log.metadata.manager.listener.name" String null, NotEmpty, Medium ReadOnly,
        "Listener through which that class reaches the brokers.";
    "remote.log.reader.max.pending.tasks" Int "100", AtLeast(1), Medium ReadOnly,
        "Remote reads that may wait; beyond it fetches fail.";
    "remote.log.reader.threads" Int "10", AtLeast(1), Medium ClusterWide,
        "Threads that read from remote storage.";
    "remote.log.storage.manager.class.name" String null, NotEmpty, Medium ReadOnly,
        "Class that stores remote segments.";
    "remote.log.storage.manager.class.path" String null, Any, Medium ReadOnly,
        "Class path of that class.";
    "remote.log.storage.manager.impl.prefix" String "rsm.config.", NotEmpty, Medium ReadOnly,
        "Prefix of the keys handed to that class.";
    "remote.log.storage.system.enable" Boolean "false", Any, Medium ReadOnly,
        "Whether topics of this cluster may be tiered.";
    "replica.fetch.backoff.ms" Int "1000", AtLeast(0), Medium ReadOnly,
        "Pause of a follower after a failed fetch.";
    "replica.fetch.max.bytes" Int "1048576", AtLeast(0), Medium ReadOnly,
        "Bytes a follower asks for of each partition.";
    "replica.fetch.min.bytes" Int "1", Any, High ReadOnly,
        "Bytes a follower's fetch waits for.";
    "replica.fetch.response.max.bytes" Int "10485760", AtLeast(0), Medium ReadOnly,
        "Bytes a follower asks for in one fetch.";
    "replica.fetch.wait.max.ms" Int "500", Any, High ReadOnly,
        "Longest wait of a follower's fetch.";
    "replica.high.watermark.checkpoint.interval.ms" Long "5000", Any, High ReadOnly,
        "How often high watermarks are written down.";
    "replica.lag.time.max.ms" Long "30000", Any, High ReadOnly,
        "Time a follower may lag before it leaves the in-sync replicas.";
    "replica.selector.class" String null, Any, Medium ReadOnly,
        "Class that picks the replica a consumer reads from.";
    "replica.socket.receive.buffer.bytes" Int "65536", Any, High ReadOnly,
        "Socket receive buffer of followers.";
    "replica.socket.timeout.ms" Int "30000", Any, High ReadOnly,
        "Socket timeout of followers.";
    "replication.quota.window.num" Int "11", AtLeast(1), Low ReadOnly,
        "Samples kept to measure replication throttles.";
    "replication.quota.window.size.seconds" Int "1", AtLeast(1), Low ReadOnly,
        "Length of one of those samples.";
    "unclean.leader.election.enable" Boolean "false", Any, High ClusterWide,
        "Whether a replica that may lack records can become leader when no other is left.";
}
