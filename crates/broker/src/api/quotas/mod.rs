//! Requests about quotas of clients.

pub(crate) mod alter_client_quotas;
pub(crate) mod describe_client_quotas;
