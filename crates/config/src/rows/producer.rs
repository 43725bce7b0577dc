//! Keys of a producer, beyond those all clients share.

use crate::rule::{LIST, SOME_LIST};

rows! {
    "acks" String "all", OneOf(&["all", "-1", "0", "1"]), Low ReadOnly,
        "Replicas that must have a record before it counts as sent: 0, 1 or all.";
    "batch.size" Int "16384", AtLeast(0), Medium ReadOnly,
        "Bytes to gather for a partition before a batch is sent.";
    "bootstrap.servers" List required, SOME_LIST, High ReadOnly,
        "Brokers to connect to first, as host:port.";
    "buffer.memory" Long "33554432", AtLeast(0), High ReadOnly,
        "Bytes of records that may wait to be sent.";
    "buffer.memory.allocation.strategy" String "full", OneOfAnyCase(&["FULL", "INCREMENTAL"]), Medium ReadOnly internal,
        "How memory for a batch is taken: all at once or as it grows.";
    "client.id" String "", Any, Medium ReadOnly,
        "Name of this client in logs, quotas and metrics.";
    "client.rack" String "", Any, Low ReadOnly,
        "Rack or zone of this client, to read from or write to near replicas.";
    "compression.gzip.level" Int "-1", BetweenOr(1, 9, -1), Medium ReadOnly,
        "Level for gzip.";
    "compression.lz4.level" Int "9", Between(1, 17), Medium ReadOnly,
        "Level for lz4.";
    "compression.type" String "none", OneOf(&["none", "gzip", "snappy", "lz4", "zstd"]), High ReadOnly,
        "Codec of the batches to send.";
    "compression.zstd.level" Int "3", Between(-131072, 22), Medium ReadOnly,
        "Level for zstd.";
    "connections.max.idle.ms" Long "540000", Any, Medium ReadOnly,
        "Idle time after which a connection is closed.";
    "delivery.timeout.ms" Int "120000", AtLeast(0), Medium ReadOnly,
        "Time from send until success or failure is reported.";
    "enable.idempotence" Boolean "true", Any, Low ReadOnly,
        "Whether each record is written exactly once, in order.";
    "enable.metrics.push" Boolean "true", Any, Low ReadOnly,
        "Whether metrics that the cluster asks for are sent to it.";
    "interceptor.classes" List "", LIST, Low ReadOnly,
        "Classes that see records on their way.";
    "key.serializer" Class required, Any, High ReadOnly,
        "Class that writes keys.";
    "linger.ms" Long "5", AtLeast(0), Medium ReadOnly,
        "Time a record may wait for others to fill its batch.";
    "max.block.ms" Long "60000", AtLeast(0), Medium ReadOnly,
        "Longest time that sending may block for memory or metadata.";
    "max.in.flight.requests.per.connection" Int "5", AtLeast(1), Low ReadOnly,
        "Requests sent without an answer on a connection.";
    "max.request.size" Int "1048576", AtLeast(0), Medium ReadOnly,
        "Largest request, and largest record, to send.";
    "metadata.max.idle.ms" Long "300000", AtLeast(5000), Low ReadOnly,
        "Time a topic's metadata is kept while nothing is sent to it.";
    "partitioner.adaptive.partitioning.enable" Boolean "true", Any, Low ReadOnly,
        "Whether slower brokers get fewer of the records without key.";
    "partitioner.availability.timeout.ms" Long "0", AtLeast(0), Low ReadOnly,
        "Time after which a partition that does not take records is avoided; 0 for never.";
    "partitioner.class" Class null, Any, Medium ReadOnly,
        "Class that picks the partition of a record.";
    "partitioner.ignore.keys" Boolean "false", Any, Medium ReadOnly,
        "Whether the partition is picked as if records had no key.";
    "partitioner.rack.aware" Boolean "false", Any, Low ReadOnly,
        "Whether records without key go to leaders in the same rack.";
    "receive.buffer.bytes" Int "32768", AtLeast(-1), Medium ReadOnly,
        "Socket receive buffer; -1 for the system's own.";
    "retries" Int "2147483647", Between(0, 2147483647), High ReadOnly,
        "How often a failed request is sent again.";
    "transaction.timeout.ms" Int "60000", Any, Low ReadOnly,
        "Time after which the coordinator aborts an open transaction.";
    "transaction.two.phase.commit.enable" Boolean "false", Any, Low ReadOnly,
        "Whether transactions are prepared for an outside coordinator.";
    "transactional.id" String null, NotEmpty, Low ReadOnly,
        "Name under which transactions survive restarts; needs idempotence.";
    "value.serializer" Class required, Any, High ReadOnly,
        "Class that writes values.";
}
