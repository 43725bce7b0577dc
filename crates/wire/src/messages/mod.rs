//! Every message of Apache Kafka 4.4: requests and responses, headers, control records, metadata
//! records, and what the coordinators, the tiers and the quorum keep. Written by `cargo xtask codegen`: do not edit.

#![allow(
    clippy::field_reassign_with_default,
    reason = "a version sets some fields only"
)]

pub mod group;
pub mod metadata;
pub mod raft;
#[cfg(any(test, feature = "random"))]
pub mod random;
pub(crate) mod requests;
pub mod rpc;
pub mod share;
pub mod storage;
pub mod transaction;

pub use group::*;
pub use metadata::*;
pub use raft::*;
pub use rpc::*;
pub use share::*;
pub use storage::*;
pub use transaction::*;
