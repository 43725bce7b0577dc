//! Requests about the metadata quorum.

pub(crate) mod describe_quorum;
