//! Keys of an admin client, beyond those all clients share.

use crate::rule::LIST;

rows! {
    "bootstrap.controllers" List "", LIST, High ReadOnly,
        "Controllers to connect to first, instead of brokers.";
    "bootstrap.servers" List "", LIST, High ReadOnly,
        "Brokers to connect to first, as host:port.";
    "client.id" String "", Any, Medium ReadOnly,
        "Name of this client in logs, quotas and metrics.";
    "connections.max.idle.ms" Long "300000", Any, Medium ReadOnly,
        "Idle time after which a connection is closed.";
    "default.api.timeout.ms" Int "60000", AtLeast(0), Medium ReadOnly,
        "Time of a call that gives none itself.";
    "enable.metrics.push" Boolean "false", Any, Low ReadOnly,
        "Whether metrics that the cluster asks for are sent to it.";
    "receive.buffer.bytes" Int "65536", AtLeast(-1), Medium ReadOnly,
        "Socket receive buffer; -1 for the system's own.";
    "retries" Int "2147483647", Between(0, 2147483647), Low ReadOnly,
        "How often a failed request is sent again.";
}
