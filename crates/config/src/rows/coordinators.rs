//! Broker keys of groups, offsets, transactions and share state.

use crate::rule::{LIST, SOME_LIST, some_of};

rows! {
    "add.partitions.to.txn.retry.backoff.max.ms" Int "100", AtLeast(0), High ReadOnly,
        "Longest time the broker itself keeps retrying when a partition of a transaction is still busy with the one before.";
    "add.partitions.to.txn.retry.backoff.ms" Int "20", AtLeast(1), High ReadOnly,
        "Pause between those retries inside the broker.";
    "errors.deadletterqueue.auto.create.topics.enable" Boolean "false", Any, Medium ClusterWide,
        "Whether a share group's missing dead letter topic is created.";
    "errors.deadletterqueue.topic.name.prefix" String "dlq.", Any, Medium ClusterWide,
        "Prefix that a dead letter topic's name must have.";
    "group.consumer.assignment.interval.ms" Int "1000", AtLeast(0), Medium ClusterWide,
        "Least time between two assignments of a consumer group.";
    "group.consumer.assignor.offload.enable" Boolean "true", Any, Medium ClusterWide internal,
        "Whether a consumer group's assignor runs off the coordinator's thread.";
    "group.consumer.assignors" List "uniform,range", SOME_LIST, Medium ReadOnly,
        "Server-side assignors of consumer groups; the first is the default.";
    "group.consumer.heartbeat.interval.ms" Int "5000", AtLeast(1), Medium ReadOnly,
        "Heartbeat interval given to members of consumer groups.";
    "group.consumer.max.assignment.interval.ms" Int "15000", AtLeast(0), Medium ReadOnly,
        "Upper bound of a group's own assignment interval.";
    "group.consumer.max.heartbeat.interval.ms" Int "15000", AtLeast(1), Medium ReadOnly,
        "Upper bound of a group's own heartbeat interval.";
    "group.consumer.max.session.timeout.ms" Int "60000", AtLeast(1), Medium ReadOnly,
        "Upper bound of a group's own session timeout.";
    "group.consumer.max.size" Int "2147483647", AtLeast(1), Medium ReadOnly,
        "Most members of a consumer group.";
    "group.consumer.migration.policy" String "bidirectional", OneOfAnyCase(&["DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"]), Medium ReadOnly,
        "Which of classic and consumer groups may turn into the other while running.";
    "group.consumer.min.assignment.interval.ms" Int "0", AtLeast(0), Medium ReadOnly,
        "Lower bound of a group's own assignment interval.";
    "group.consumer.min.heartbeat.interval.ms" Int "5000", AtLeast(1), Medium ReadOnly,
        "Lower bound of a group's own heartbeat interval.";
    "group.consumer.min.session.timeout.ms" Int "45000", AtLeast(1), Medium ReadOnly,
        "Lower bound of a group's own session timeout.";
    "group.consumer.regex.refresh.interval.ms" Int "600000", AtLeast(10000), Medium ReadOnly internal,
        "How often a regular expression subscription looks for new topics.";
    "group.consumer.session.timeout.ms" Int "45000", AtLeast(1), Medium ReadOnly,
        "Silence after which a member of a consumer group is removed.";
    "group.coordinator.append.linger.ms" Int "-1", AtLeast(-1), Medium ReadOnly,
        "How long the group coordinator gathers writes; -1 adapts to the load.";
    "group.coordinator.background.threads" Int "2", AtLeast(1), High ReadOnly,
        "Threads for the group coordinator's long computations.";
    "group.coordinator.cached.buffer.max.bytes" Int "1048588", AtLeast(524288), Medium ClusterWide,
        "Largest write buffer the group coordinator keeps for reuse.";
    "group.coordinator.rebalance.protocols" List "classic,consumer,streams", some_of(&["consumer", "classic", "share", "streams"]), Medium ReadOnly,
        "Group protocols that are on; `share` has to be asked for.";
    "group.coordinator.threads" Int "4", AtLeast(1), High ReadOnly,
        "Threads of the group coordinator.";
    "group.initial.rebalance.delay.ms" Int "3000", Any, Medium ReadOnly,
        "Wait for more members before the first rebalance of an empty classic group.";
    "group.max.session.timeout.ms" Int "1800000", Any, Medium ReadOnly,
        "Longest session timeout a classic member may ask for.";
    "group.max.size" Int "2147483647", AtLeast(1), Medium ReadOnly,
        "Most members of a classic group.";
    "group.min.session.timeout.ms" Int "6000", Any, Medium ReadOnly,
        "Shortest session timeout a classic member may ask for.";
    "group.share.assignment.interval.ms" Int "1000", AtLeast(0), Medium ClusterWide,
        "Least time between two assignments of a share group.";
    "group.share.assignor.offload.enable" Boolean "true", Any, Medium ClusterWide internal,
        "Whether a share group's assignor runs off the coordinator's thread.";
    "group.share.assignors" List "simple", SOME_LIST, Medium ReadOnly,
        "Server-side assignor of share groups.";
    "group.share.delivery.count.limit" Int "5", Between(2, 10), Medium ReadOnly,
        "Deliveries of a record to a share group before it is given up.";
    "group.share.dlq.manager.class.name" String "org.apache.kafka.server.share.dlq.DefaultShareGroupDLQManager", Any, Medium ReadOnly internal,
        "Class that writes share groups' dead letters.";
    "group.share.heartbeat.interval.ms" Int "5000", AtLeast(1), Medium ReadOnly,
        "Heartbeat interval given to members of share groups.";
    "group.share.initialize.retry.interval.ms" Int "30000", AtLeast(1), Low ReadOnly internal,
        "Pause before share state that failed to initialize is tried again.";
    "group.share.max.assignment.interval.ms" Int "15000", AtLeast(0), Medium ReadOnly,
        "Upper bound of a share group's own assignment interval.";
    "group.share.max.delivery.count.limit" Int "10", Between(5, 25), Medium ReadOnly,
        "Upper bound of a share group's own delivery limit.";
    "group.share.max.heartbeat.interval.ms" Int "15000", AtLeast(1), Medium ReadOnly,
        "Upper bound of a share group's own heartbeat interval.";
    "group.share.max.partition.max.record.locks" Int "4000", Between(2000, 10000), Medium ReadOnly,
        "Upper bound of a share group's own limit of records in flight.";
    "group.share.max.record.lock.duration.ms" Int "60000", Between(30000, 3600000), Medium ReadOnly,
        "Upper bound of a share group's own lock duration.";
    "group.share.max.session.timeout.ms" Int "60000", AtLeast(1), Medium ReadOnly,
        "Upper bound of a share group's own session timeout.";
    "group.share.max.share.sessions" Int "2000", AtLeast(1), Medium ReadOnly,
        "Most share sessions of a broker.";
    "group.share.max.size" Int "200", Between(1, 1000), Medium ReadOnly,
        "Most members of a share group.";
    "group.share.min.assignment.interval.ms" Int "0", AtLeast(0), Medium ReadOnly,
        "Lower bound of a share group's own assignment interval.";
    "group.share.min.delivery.count.limit" Int "2", Between(2, 5), Medium ReadOnly,
        "Lower bound of a share group's own delivery limit.";
    "group.share.min.heartbeat.interval.ms" Int "5000", AtLeast(1), Medium ReadOnly,
        "Lower bound of a share group's own heartbeat interval.";
    "group.share.min.partition.max.record.locks" Int "100", Between(100, 2000), Medium ReadOnly,
        "Lower bound of a share group's own limit of records in flight.";
    "group.share.min.record.lock.duration.ms" Int "15000", Between(1000, 30000), Medium ReadOnly,
        "Lower bound of a share group's own lock duration.";
    "group.share.min.session.timeout.ms" Int "45000", AtLeast(1), Medium ReadOnly,
        "Lower bound of a share group's own session timeout.";
    "group.share.partition.max.record.locks" Int "2000", Between(100, 10000), Medium ReadOnly,
        "Records of a partition that a share group may have in flight.";
    "group.share.persister.class.name" String "org.apache.kafka.server.share.persister.DefaultStatePersister", Any, Medium ReadOnly internal,
        "Class that keeps share groups' state.";
    "group.share.record.lock.duration.ms" Int "30000", Between(1000, 3600000), Medium ReadOnly,
        "How long a record belongs to the member that acquired it.";
    "group.share.session.timeout.ms" Int "45000", AtLeast(1), Medium ReadOnly,
        "Silence after which a member of a share group is removed.";
    "group.streams.acceptable.recovery.lag" Long "10000", AtLeast(0), Medium ReadOnly internal,
        "Lag up to which a warm-up task counts as caught up.";
    "group.streams.assignment.interval.ms" Int "1000", AtLeast(0), Medium ClusterWide,
        "Least time between two assignments of a streams group.";
    "group.streams.assignor.offload.enable" Boolean "true", Any, Medium ClusterWide internal,
        "Whether a streams group's assignor runs off the coordinator's thread.";
    "group.streams.assignors" List "sticky", SOME_LIST, Medium ReadOnly,
        "Server-side assignors of streams groups; the first is the default.";
    "group.streams.heartbeat.interval.ms" Int "5000", AtLeast(1), Medium ReadOnly,
        "Heartbeat interval given to members of streams groups.";
    "group.streams.initial.rebalance.delay.ms" Int "3000", AtLeast(0), Medium ReadOnly,
        "Wait for more members before a streams group's first assignment.";
    "group.streams.max.assignment.interval.ms" Int "15000", AtLeast(0), Medium ReadOnly,
        "Upper bound of a streams group's own assignment interval.";
    "group.streams.max.heartbeat.interval.ms" Int "15000", AtLeast(1), Medium ReadOnly,
        "Upper bound of a streams group's own heartbeat interval.";
    "group.streams.max.session.timeout.ms" Int "60000", AtLeast(1), Medium ReadOnly,
        "Upper bound of a streams group's own session timeout.";
    "group.streams.max.size" Int "2147483647", AtLeast(1), Medium ReadOnly,
        "Most members of a streams group.";
    "group.streams.max.standby.replicas" Int "2", AtLeast(0), Medium ReadOnly,
        "Upper bound of a streams group's own standby replicas.";
    "group.streams.max.warmup.replicas" Int "20", AtLeast(0), Medium ReadOnly internal,
        "Upper bound of a streams group's own warm-up replicas.";
    "group.streams.min.assignment.interval.ms" Int "0", AtLeast(0), Medium ReadOnly,
        "Lower bound of a streams group's own assignment interval.";
    "group.streams.min.heartbeat.interval.ms" Int "5000", AtLeast(1), Medium ReadOnly,
        "Lower bound of a streams group's own heartbeat interval.";
    "group.streams.min.session.timeout.ms" Int "45000", AtLeast(1), Medium ReadOnly,
        "Lower bound of a streams group's own session timeout.";
    "group.streams.min.task.offset.interval.ms" Int "15000", AtLeast(1), Medium ReadOnly internal,
        "Lower bound of a streams group's own task offset interval.";
    "group.streams.num.standby.replicas" Int "0", AtLeast(0), Medium ReadOnly,
        "Standby copies of a stateful task.";
    "group.streams.num.warmup.replicas" Int "2", AtLeast(0), Medium ReadOnly internal,
        "Tasks that may warm up elsewhere at a time.";
    "group.streams.rack.aware.assignment.tags" List "", LIST, Low ReadOnly,
        "Client tags over which standby copies are spread.";
    "group.streams.session.timeout.ms" Int "45000", AtLeast(1), Medium ReadOnly,
        "Silence after which a member of a streams group is removed.";
    "group.streams.task.offset.interval.ms" Int "60000", AtLeast(1), Medium ReadOnly internal,
        "How often members report their tasks' offsets.";
    "group.streams.topology.description.plugin.class" Class null, Any, Medium ReadOnly,
        "Class that receives descriptions of streams topologies.";
    "offset.metadata.max.bytes" Int "4096", Any, High ReadOnly,
        "Longest text a client may attach to a committed offset.";
    "offsets.commit.timeout.ms" Int "5000", AtLeast(1), High ReadOnly,
        "How long an offset commit waits for its replicas.";
    "offsets.load.buffer.size" Int "5242880", AtLeast(1), High ReadOnly,
        "Bytes read at a time when group state is loaded.";
    "offsets.retention.check.interval.ms" Long "600000", AtLeast(1), High ReadOnly,
        "How often expired offsets are looked for.";
    "offsets.retention.minutes" Int "10080", AtLeast(1), High ReadOnly,
        "How long the offsets of an empty group are kept.";
    "offsets.topic.compression.codec" Int "0", Any, High ReadOnly,
        "Codec number of `__consumer_offsets`.";
    "offsets.topic.num.partitions" Int "50", AtLeast(1), High ReadOnly,
        "Partitions of `__consumer_offsets`; do not change it later.";
    "offsets.topic.replication.factor" Short "3", AtLeast(1), High ReadOnly,
        "Replicas of `__consumer_offsets`.";
    "offsets.topic.segment.bytes" Int "104857600", AtLeast(1), High ReadOnly,
        "Segment size of `__consumer_offsets`.";
    "producer.id.expiration.check.interval.ms" Int "600000", AtLeast(1), Low ReadOnly internal,
        "How often expired producer ids are looked for.";
    "producer.id.expiration.ms" Int "86400000", AtLeast(1), Low ClusterWide,
        "Time a partition remembers a silent producer.";
    "share.coordinator.append.linger.ms" Int "-1", AtLeast(-1), Medium ReadOnly,
        "How long the share coordinator gathers writes; -1 adapts to the load.";
    "share.coordinator.cached.buffer.max.bytes" Int "1048588", AtLeast(524288), Medium ClusterWide,
        "Largest write buffer the share coordinator keeps for reuse.";
    "share.coordinator.cold.partition.snapshot.interval.ms" Int "300000", AtLeast(1), Low ReadOnly internal,
        "Age at which idle share state is written anew.";
    "share.coordinator.load.buffer.size" Int "5242880", AtLeast(1), High ReadOnly,
        "Bytes read at a time when share state is loaded.";
    "share.coordinator.snapshot.update.records.per.snapshot" Int "500", Between(0, 500), Medium ReadOnly,
        "Updates of share state between two full snapshots of it.";
    "share.coordinator.state.topic.compression.codec" Int "0", Any, High ReadOnly,
        "Codec number of `__share_group_state`.";
    "share.coordinator.state.topic.min.isr" Short "2", AtLeast(1), High ReadOnly,
        "In-sync replicas `__share_group_state` needs.";
    "share.coordinator.state.topic.num.partitions" Int "50", AtLeast(1), High ReadOnly,
        "Partitions of `__share_group_state`; do not change it later.";
    "share.coordinator.state.topic.prune.interval.ms" Int "300000", AtLeast(1), Low ReadOnly internal,
        "How often `__share_group_state` is pruned.";
    "share.coordinator.state.topic.replication.factor" Short "3", AtLeast(1), High ReadOnly,
        "Replicas of `__share_group_state`.";
    "share.coordinator.state.topic.segment.bytes" Int "104857600", AtLeast(1), High ReadOnly,
        "Segment size of `__share_group_state`.";
    "share.coordinator.threads" Int "1", AtLeast(1), Medium ReadOnly,
        "Threads of the share coordinator.";
    "share.coordinator.write.timeout.ms" Int "5000", AtLeast(1), High ReadOnly,
        "How long a write of share state waits for its replicas.";
    "share.fetch.purgatory.purge.interval.requests" Int "1000", Any, Medium ReadOnly,
        "Finished share fetch waits that may pile up before they are dropped.";
    "transaction.abort.timed.out.transaction.cleanup.interval.ms" Int "10000", AtLeast(1), Low ReadOnly,
        "How often transactions that ran too long are aborted.";
    "transaction.max.timeout.ms" Int "900000", AtLeast(1), High ReadOnly,
        "Longest transaction a producer may ask for.";
    "transaction.partition.verification.enable" Boolean "true", Any, Low ClusterWide,
        "Whether a partition checks that its transaction really began.";
    "transaction.remove.expired.transaction.cleanup.interval.ms" Int "3600000", AtLeast(1), Low ReadOnly,
        "How often expired transactional ids are looked for.";
    "transaction.state.log.load.buffer.size" Int "5242880", AtLeast(1), High ReadOnly,
        "Bytes read at a time when transaction state is loaded.";
    "transaction.state.log.min.isr" Int "2", AtLeast(1), High ReadOnly,
        "In-sync replicas `__transaction_state` needs.";
    "transaction.state.log.num.partitions" Int "50", AtLeast(1), High ReadOnly,
        "Partitions of `__transaction_state`; do not change it later.";
    "transaction.state.log.replication.factor" Short "3", AtLeast(1), High ReadOnly,
        "Replicas of `__transaction_state`.";
    "transaction.state.log.segment.bytes" Int "104857600", AtLeast(1), High ReadOnly,
        "Segment size of `__transaction_state`.";
    "transaction.two.phase.commit.enable" Boolean "false", Any, Low ReadOnly,
        "Whether producers may prepare transactions for an outside coordinator.";
    "transactional.id.expiration.ms" Int "604800000", AtLeast(1), High ReadOnly,
        "Time a silent transactional id is remembered.";
}
