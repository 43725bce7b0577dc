//! Requests about groups.

pub(crate) mod find_coordinator;
