//! Broker keys of the node itself: roles, quorum, listeners, threads, quotas, metrics.

use crate::rule::{LIST, LIST_OR_NULL, SOME_LIST, SOME_LIST_OR_NULL, some_of};

rows! {
    "advertised.listeners" List null, SOME_LIST_OR_NULL, High ReadOnly,
        "Addresses handed to clients and other brokers, where they differ from `listeners`.";
    "alter.config.policy.class.name" Class null, Any, Low ReadOnly,
        "Class that may veto a change of configuration.";
    "alter.log.dirs.replication.quota.window.num" Int "11", AtLeast(1), Low ReadOnly,
        "Samples kept to measure the speed of moves between log directories.";
    "alter.log.dirs.replication.quota.window.size.seconds" Int "1", AtLeast(1), Low ReadOnly,
        "Length of one of those samples.";
    "auto.leader.rebalance.enable" Boolean "true", Any, High ReadOnly,
        "Whether the controller gives leadership back to preferred replicas by itself.";
    "background.threads" Int "10", AtLeast(1), High ClusterWide,
        "Threads for periodic work.";
    "broker.heartbeat.interval.ms" Int "2000", Any, Medium ReadOnly,
        "How often a broker tells the active controller that it is alive.";
    "broker.id" Int "-1", Any, High ReadOnly,
        "Former name of `node.id`; both must agree when both are given.";
    "broker.rack" String null, Any, Medium ReadOnly,
        "Rack or zone of this broker; replicas are spread over racks, and consumers can read from their own.";
    "broker.session.timeout.ms" Int "9000", Any, Medium ReadOnly,
        "Silence after which the controller fences a broker.";
    "client.quota.callback.class" Class null, Any, Low ReadOnly,
        "Class that computes client quotas instead of the built-in one.";
    "config.providers" List "", LIST, Low ClusterWide,
        "Names of sources that replace `${name:path:key}` in values: env, file, dir.";
    "connections.max.idle.ms" Long "600000", Any, Medium ReadOnly,
        "Idle time after which a connection is closed.";
    "controlled.shutdown.enable" Boolean "true", Any, Medium ReadOnly,
        "Whether a stopping broker first hands over its leaderships.";
    "controller.listener.names" List required, SOME_LIST, High ReadOnly,
        "Listeners that controllers use; the first is the one brokers connect to.";
    "controller.performance.always.log.threshold.ms" Long "2000", AtLeast(0), Medium ReadOnly internal,
        "Controller events slower than this are always logged.";
    "controller.performance.sample.period.ms" Long "60000", AtLeast(100), Medium ReadOnly internal,
        "Period over which controller event times are summed up in the log.";
    "controller.quorum.append.linger.ms" Int "25", AtLeast(0), Medium ReadOnly,
        "How long the quorum leader gathers records before it writes them.";
    "controller.quorum.auto.join.enable" Boolean "false", Any, Low ReadOnly,
        "Whether an observer controller adds itself to the voters.";
    "controller.quorum.bootstrap.servers" List "", BootstrapServers, High ReadOnly,
        "Controllers to find the quorum through, as host:port.";
    "controller.quorum.election.backoff.max.ms" Int "1000", AtLeast(0), High ReadOnly,
        "Longest random wait after a lost election.";
    "controller.quorum.election.timeout.ms" Int "1000", AtLeast(0), High ReadOnly,
        "Time a candidate waits for votes before a new election.";
    "controller.quorum.fetch.max.bytes" Int "1048576", AtLeast(1), Low ReadOnly,
        "Most bytes of a fetch of the metadata log.";
    "controller.quorum.fetch.snapshot.max.bytes" Int "1048576", AtLeast(1), Low ReadOnly,
        "Most bytes of one part of a metadata snapshot.";
    "controller.quorum.fetch.timeout.ms" Int "2000", AtLeast(0), High ReadOnly,
        "Time without the leader's answer after which a voter runs for election.";
    "controller.quorum.request.timeout.ms" Int "2000", AtLeast(0), Medium ReadOnly,
        "Time after which a quorum request counts as failed.";
    "controller.quorum.retry.backoff.ms" Int "20", AtLeast(0), Low ReadOnly,
        "Pause before a quorum request is sent again.";
    "controller.quorum.voters" List "", QuorumVoters, High ReadOnly,
        "Fixed voters as id@host:port; empty when the quorum is dynamic.";
    "controller.quota.window.num" Int "11", AtLeast(1), Low ReadOnly,
        "Samples kept to measure the rate of topic and partition changes.";
    "controller.quota.window.size.seconds" Int "1", AtLeast(1), Low ReadOnly,
        "Length of one of those samples.";
    "controller.socket.timeout.ms" Int "30000", Any, Medium ReadOnly,
        "Socket timeout between a broker and the controller.";
    "create.topic.policy.class.name" Class null, Any, Low ReadOnly,
        "Class that may veto the creation of a topic.";
    "delete.records.purgatory.purge.interval.requests" Int "1", Any, Medium ReadOnly,
        "Finished DeleteRecords waits that may pile up before they are dropped.";
    "delete.topic.enable" Boolean "true", Any, High ReadOnly,
        "Whether topics can be deleted.";
    "early.start.listeners" List null, LIST_OR_NULL, High ReadOnly,
        "Listeners opened before the authorizer is ready; the controllers' unless given.";
    "fetch.max.bytes" Int "57671680", AtLeast(1024), Medium ReadOnly,
        "Most bytes of a fetch answer, whatever the client asks.";
    "fetch.purgatory.purge.interval.requests" Int "1000", Any, Medium ReadOnly,
        "Finished fetch waits that may pile up before they are dropped.";
    "initial.broker.registration.timeout.ms" Int "60000", Any, Medium ReadOnly,
        "How long a starting broker tries to register before it gives up.";
    "inter.broker.listener.name" String null, Any, Medium ReadOnly,
        "Listener that brokers use among themselves; by `security.inter.broker.protocol` unless given.";
    "internal.metadata.delete.delay.millis" Long "60000", Any, Low ReadOnly internal,
        "Wait before a removed file of the metadata log is deleted.";
    "internal.metadata.log.segment.bytes" Int null, Any, Low ReadOnly internal,
        "Segment size of the metadata log in tests.";
    "internal.metadata.max.batch.size.in.bytes" Int "8388608", Any, Low ReadOnly internal,
        "Largest batch of the metadata log.";
    "kafka.metrics.polling.interval.secs" Int "10", AtLeast(1), Low ReadOnly,
        "Polling interval of the old metrics reporters.";
    "kafka.metrics.reporters" List "", LIST, Low ReadOnly,
        "Old metrics reporters.";
    "leader.imbalance.check.interval.seconds" Long "300", AtLeast(1), High ReadOnly,
        "How often the controller looks for leaders that are not preferred.";
    "listener.security.protocol.map" String "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT", Any, Low PerBroker,
        "Security protocol of each listener name.";
    "listeners" List "PLAINTEXT://:9092", SOME_LIST, High PerBroker,
        "Addresses to listen on, as NAME://host:port; an empty host is every interface.";
    "max.connection.creation.rate" Int "2147483647", AtLeast(0), Medium ClusterWide,
        "New connections a second.";
    "max.connections" Int "2147483647", AtLeast(0), Medium ClusterWide,
        "Connections at a time; beyond it a new one waits, or an idle one is closed.";
    "max.connections.per.ip" Int "2147483647", AtLeast(0), Medium ClusterWide,
        "Connections at a time from one address.";
    "max.connections.per.ip.overrides" String "", Any, Medium ClusterWide,
        "Limits of single addresses, as host:count.";
    "max.incremental.fetch.session.cache.slots" Int "1000", AtLeast(0), Medium ReadOnly,
        "Incremental fetch sessions a broker keeps.";
    "max.request.partition.size.limit" Int "2000", AtLeast(1), Medium ReadOnly,
        "Most partitions of one answer to DescribeTopicPartitions.";
    "metadata.log.dir" String null, Any, High ReadOnly,
        "Where the metadata log is kept; the first log directory unless given.";
    "metadata.log.max.record.bytes.between.snapshots" Long "20971520", AtLeast(1), High ReadOnly,
        "Bytes of metadata records after which a snapshot is written.";
    "metadata.log.max.snapshot.interval.ms" Long "3600000", AtLeast(0), High ReadOnly,
        "Age of the last snapshot at which a new one is written; 0 for no such limit.";
    "metadata.log.segment.bytes" Int "1073741824", AtLeast(8388608), High ReadOnly,
        "Largest size of a segment of the metadata log.";
    "metadata.log.segment.ms" Long "604800000", Any, High ReadOnly,
        "Age at which the metadata log begins a new segment.";
    "metadata.max.idle.interval.ms" Int "500", AtLeast(0), Low ReadOnly,
        "How often the active controller writes when nothing happens; 0 for never.";
    "metadata.max.retention.bytes" Long "104857600", Any, High ReadOnly,
        "Size of metadata log and snapshots at which the oldest go.";
    "metadata.max.retention.ms" Long "604800000", Any, High ReadOnly,
        "Age at which metadata log segments and snapshots go.";
    "metric.reporters" List "org.apache.kafka.common.metrics.JmxReporter", LIST, Low ClusterWide,
        "Classes that publish metrics.";
    "metrics.num.samples" Int "2", AtLeast(1), Low ReadOnly,
        "Samples kept for a metric.";
    "metrics.recording.level" String "INFO", Any, Low ReadOnly,
        "Finest level of metrics that are recorded.";
    "metrics.sample.window.ms" Long "30000", AtLeast(1), Low ReadOnly,
        "Length of one of those samples.";
    "node.id" Int required, AtLeast(0), High ReadOnly,
        "Number of this node, unique in the cluster.";
    "num.io.threads" Int "8", AtLeast(1), High ClusterWide,
        "Threads that handle requests.";
    "num.network.threads" Int "3", AtLeast(1), High ClusterWide,
        "Threads of a listener that read and write sockets.";
    "process.roles" List required, some_of(&["broker", "controller"]), High ReadOnly,
        "What this node is: broker, controller, or both.";
    "producer.purgatory.purge.interval.requests" Int "1000", Any, Medium ReadOnly,
        "Finished produce waits that may pile up before they are dropped.";
    "queued.max.request.bytes" Long "-1", Any, Medium ReadOnly,
        "Bytes of requests waiting, before sockets are no longer read; -1 for no limit.";
    "queued.max.requests" Int "500", AtLeast(1), High ReadOnly,
        "Requests waiting, before sockets are no longer read.";
    "quota.window.num" Int "11", AtLeast(1), Low ReadOnly,
        "Samples kept to measure client quotas.";
    "quota.window.size.seconds" Int "1", AtLeast(1), Low ReadOnly,
        "Length of one of those samples.";
    "request.timeout.ms" Int "30000", Any, High ReadOnly,
        "Time the broker's own client waits for an answer.";
    "server.max.startup.time.ms" Long "9223372036854775807", AtLeast(0), Medium ReadOnly internal,
        "Longest time a start may take.";
    "socket.connection.setup.timeout.max.ms" Long "30000", Any, Medium ReadOnly,
        "Longest wait for a connection to be set up, after retries.";
    "socket.connection.setup.timeout.ms" Long "10000", Any, Medium ReadOnly,
        "First wait for a connection to be set up.";
    "socket.listen.backlog.size" Int "50", AtLeast(1), Medium ReadOnly,
        "Connections the system queues before they are accepted.";
    "socket.receive.buffer.bytes" Int "102400", Any, High ReadOnly,
        "Socket receive buffer; -1 for the system's own, also if it is not given.";
    "socket.request.max.bytes" Int "104857600", AtLeast(1), High ReadOnly,
        "Largest request.";
    "socket.send.buffer.bytes" Int "102400", Any, High ReadOnly,
        "Socket send buffer; -1 for the system's own, 256 KiB if it is not given.";
    "telemetry.max.bytes" Int "1048576", AtLeast(1), Low ReadOnly,
        "Largest telemetry message of a client.";
    "unclean.leader.election.interval.ms" Long "300000", AtLeast(1), Medium ReadOnly internal,
        "How often such elections are tried.";
    "unstable.api.versions.enable" Boolean "false", Any, High ReadOnly internal,
        "Whether request versions still in development are served.";
    "unstable.feature.versions.enable" Boolean "false", Any, High ReadOnly internal,
        "Whether feature levels still in development may be used.";
}
