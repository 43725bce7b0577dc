//! Requests about topics and their partitions.

pub(crate) mod alter_partition;
pub(crate) mod alter_partition_reassignments;
pub(crate) mod assign_replicas_to_dirs;
pub(crate) mod auto_create;
pub(crate) mod create_partitions;
pub(crate) mod create_topics;
pub(crate) mod delete_topics;
pub(crate) mod describe_topic_partitions;
pub(crate) mod elect_leaders;
pub(crate) mod list_partition_reassignments;
pub(crate) mod metadata;
pub(crate) mod name;
