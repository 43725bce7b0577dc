//! Requests about the cluster and its nodes.

pub(crate) mod api_versions;
pub(crate) mod describe_cluster;
pub(crate) mod describe_log_dirs;
pub(crate) mod update_features;
