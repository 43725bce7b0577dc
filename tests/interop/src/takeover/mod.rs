//! Members of groups by raw requests, whose sessions outlive a restart of the server, and what servers tell before and
//! after it.

pub mod classic;
pub mod modern;
pub mod picture;

/// Sessions and rebalances end only when a test wants it.
pub const LONG_MS: i32 = 600_000;
/// What a node must be told for members of the newer protocol that are away for so long.
pub const PROPERTIES: &[&str] = &[
    "group.consumer.max.session.timeout.ms=600000",
    "group.consumer.session.timeout.ms=600000",
    "group.consumer.min.heartbeat.interval.ms=100",
    "group.consumer.heartbeat.interval.ms=300",
    "group.consumer.assignment.interval.ms=0",
];
