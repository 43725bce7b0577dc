//! Requests about the cluster and its nodes.

pub(crate) mod allocate_producer_ids;
pub(crate) mod alter_replica_log_dirs;
pub(crate) mod api_versions;
pub(crate) mod broker_heartbeat;
pub(crate) mod broker_registration;
pub(crate) mod controller_registration;
pub(crate) mod describe_cluster;
pub(crate) mod describe_log_dirs;
pub(crate) mod unregister_broker;
pub(crate) mod unregister_controller;
pub(crate) mod update_features;
