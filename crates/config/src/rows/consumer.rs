//! Keys of a consumer, beyond those all clients share.

use crate::rule::{LIST, SOME_LIST};

rows! {
    "allow.auto.create.topics" Boolean "true", Any, Medium ReadOnly,
        "Whether subscribing may create a missing topic.";
    "auto.commit.interval.ms" Int "5000", AtLeast(0), Low ReadOnly,
        "How often offsets are committed automatically.";
    "auto.offset.reset" String "latest", OffsetReset(&["latest", "earliest", "none"]), Medium ReadOnly,
        "Where to begin in a partition without a committed offset.";
    "bootstrap.servers" List required, SOME_LIST, High ReadOnly,
        "Brokers to connect to first, as host:port.";
    "check.crcs" Boolean "true", Any, Low ReadOnly,
        "Whether the checksum of received batches is verified.";
    "client.id" String "", Any, Low ReadOnly,
        "Name of this client in logs, quotas and metrics.";
    "client.rack" String "", Any, Low ReadOnly,
        "Rack or zone of this client, to read from or write to near replicas.";
    "connections.max.idle.ms" Long "540000", Any, Medium ReadOnly,
        "Idle time after which a connection is closed.";
    "default.api.timeout.ms" Int "60000", AtLeast(0), Medium ReadOnly,
        "Time of a call that gives none itself.";
    "enable.auto.commit" Boolean "true", Any, Medium ReadOnly,
        "Whether offsets are committed in the background.";
    "enable.metrics.push" Boolean "true", Any, Low ReadOnly,
        "Whether metrics that the cluster asks for are sent to it.";
    "exclude.internal.topics" Boolean "true", Any, Medium ReadOnly,
        "Whether pattern subscriptions leave out internal topics.";
    "fetch.max.bytes" Int "52428800", AtLeast(0), Medium ReadOnly,
        "Bytes asked for in one fetch.";
    "fetch.max.wait.ms" Int "500", AtLeast(0), Low ReadOnly,
        "Longest wait of a fetch that finds too little.";
    "fetch.min.bytes" Int "1", AtLeast(0), High ReadOnly,
        "Bytes a fetch waits for.";
    "group.id" String null, Any, High ReadOnly,
        "Group of this consumer.";
    "group.instance.id" String null, NotEmpty, Medium ReadOnly,
        "Name of a static member, that survives its restarts.";
    "group.protocol" String "classic", OneOfAnyCase(&["CONSUMER", "CLASSIC"]), High ReadOnly,
        "Rebalance protocol: classic or consumer.";
    "group.remote.assignor" String null, Any, Medium ReadOnly,
        "Server-side assignor of the consumer protocol.";
    "heartbeat.interval.ms" Int "3000", Any, High ReadOnly,
        "Heartbeat interval of the classic protocol.";
    "interceptor.classes" List "", LIST, Low ReadOnly,
        "Classes that see records on their way.";
    "internal.throw.on.fetch.stable.offset.unsupported" Boolean "false", Any, Low ReadOnly internal,
        "Whether an old broker without stable offsets is an error.";
    "isolation.level" String "read_uncommitted", OneOf(&["read_committed", "read_uncommitted"]), Medium ReadOnly,
        "Whether records of open and aborted transactions are returned.";
    "key.deserializer" Class required, Any, High ReadOnly,
        "Class that reads keys.";
    "max.partition.fetch.bytes" Int "1048576", AtLeast(0), High ReadOnly,
        "Bytes asked for of one partition.";
    "max.poll.interval.ms" Int "300000", AtLeast(1), Medium ReadOnly,
        "Longest time between two polls before the member leaves its group.";
    "max.poll.records" Int "500", AtLeast(1), Medium ReadOnly,
        "Most records of one poll.";
    "partition.assignment.strategy" List "class org.apache.kafka.clients.consumer.RangeAssignor,class org.apache.kafka.clients.consumer.CooperativeStickyAssignor", LIST, Medium ReadOnly,
        "Assignors of the classic protocol, best first.";
    "receive.buffer.bytes" Int "65536", AtLeast(-1), Medium ReadOnly,
        "Socket receive buffer; -1 for the system's own.";
    "session.timeout.ms" Int "45000", Any, High ReadOnly,
        "Silence after which the classic protocol removes this member.";
    "share.acknowledgement.mode" String "implicit", Word(&["implicit", "explicit"]), Medium ReadOnly,
        "Whether a share consumer's poll acknowledges the records of the one before.";
    "share.acquire.mode" String "BATCH_OPTIMIZED", Word(&["batch_optimized", "record_limit"]), Medium ReadOnly,
        "Whether a share consumer takes whole batches or exactly as many records as it asks for.";
    "value.deserializer" Class required, Any, High ReadOnly,
        "Class that reads values.";
}
