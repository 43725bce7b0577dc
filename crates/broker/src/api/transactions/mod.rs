//! Producers and their transactions.

pub(crate) mod describe_producers;
pub(crate) mod init_producer_id;
