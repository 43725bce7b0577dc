//! Broker keys that exist only as dynamic configuration: replication throttles.

rows! {
    "follower.replication.throttled.rate" Long "9223372036854775807", AtLeast(0), Medium ClusterWide,
        "Bytes a second of throttled replication that this broker fetches; only dynamic.";
    "leader.replication.throttled.rate" Long "9223372036854775807", AtLeast(0), Medium ClusterWide,
        "Bytes a second of throttled replication that this broker serves; only dynamic.";
    "replica.alter.log.dirs.io.max.bytes.per.second" Long "9223372036854775807", AtLeast(0), Medium ClusterWide,
        "Bytes a second of moves between this broker's log directories; only dynamic.";
}
