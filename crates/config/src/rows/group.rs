//! Group keys.

use crate::rule::LIST;

rows! {
    "consumer.assignment.interval.ms" Int "1000", AtLeast(0), Medium PerResource,
        "Least time between two assignments of the group.";
    "consumer.assignor.offload.enable" Boolean "true", Any, Medium PerResource internal,
        "Whether the assignor runs off the coordinator's thread.";
    "consumer.heartbeat.interval.ms" Int "5000", AtLeast(1), Medium PerResource,
        "Heartbeat interval given to the members.";
    "consumer.session.timeout.ms" Int "45000", AtLeast(1), Medium PerResource,
        "Silence after which a member is removed.";
    "errors.deadletterqueue.copy.record.enable" Boolean "false", Any, Medium PerResource,
        "Whether a dead letter has the record's key and value, not only its headers.";
    "errors.deadletterqueue.topic.name" String "", Any, Medium PerResource,
        "Topic for records a share group gives up; empty for none.";
    "share.assignment.interval.ms" Int "1000", AtLeast(0), Medium PerResource,
        "Least time between two assignments of the group.";
    "share.assignor.offload.enable" Boolean "true", Any, Medium PerResource internal,
        "Whether the assignor runs off the coordinator's thread.";
    "share.auto.offset.reset" String "latest", OffsetReset(&["latest", "earliest"]), Medium PerResource,
        "Where a share group begins to read a partition.";
    "share.delivery.count.limit" Int "5", AtLeast(2), Medium PerResource,
        "Deliveries of a record before it is given up.";
    "share.heartbeat.interval.ms" Int "5000", AtLeast(1), Medium PerResource,
        "Heartbeat interval given to the members.";
    "share.isolation.level" String "read_uncommitted", OneOf(&["read_committed", "read_uncommitted"]), Medium PerResource,
        "Whether records of open and aborted transactions are delivered.";
    "share.partition.max.record.locks" Int "2000", AtLeast(100), Medium PerResource,
        "Records of a partition that may be in flight.";
    "share.record.lock.duration.ms" Int "30000", AtLeast(1000), Medium PerResource,
        "How long a record belongs to the member that acquired it.";
    "share.renew.acknowledge.enable" Boolean "true", Any, Medium PerResource,
        "Whether members may prolong their hold on a record.";
    "share.session.timeout.ms" Int "45000", AtLeast(1), Medium PerResource,
        "Silence after which a member is removed.";
    "streams.acceptable.recovery.lag" Long "10000", AtLeast(0), Medium PerResource internal,
        "Lag up to which a warm-up task counts as caught up.";
    "streams.assignment.interval.ms" Int "1000", AtLeast(0), Medium PerResource,
        "Least time between two assignments of the group.";
    "streams.assignor.name" String null, Any, Medium PerResource,
        "Server-side assignor; the broker's first unless given.";
    "streams.assignor.offload.enable" Boolean "true", Any, Medium PerResource internal,
        "Whether the assignor runs off the coordinator's thread.";
    "streams.heartbeat.interval.ms" Int "5000", AtLeast(1), Medium PerResource,
        "Heartbeat interval given to the members.";
    "streams.initial.rebalance.delay.ms" Int "3000", AtLeast(0), Medium PerResource,
        "Wait for more members before the first assignment.";
    "streams.num.standby.replicas" Int "0", AtLeast(0), Medium PerResource,
        "Standby copies of a stateful task.";
    "streams.num.warmup.replicas" Int "2", AtLeast(0), Medium PerResource internal,
        "Tasks that may warm up elsewhere at a time.";
    "streams.rack.aware.assignment.tags" List "", LIST, Low PerResource,
        "Client tags over which standby copies are spread.";
    "streams.session.timeout.ms" Int "45000", AtLeast(1), Medium PerResource,
        "Silence after which a member is removed.";
    "streams.task.offset.interval.ms" Int "60000", AtLeast(1), Medium PerResource internal,
        "How often members report their tasks' offsets.";
}
