//! Messages of the group `raft`. Written by `cargo xtask codegen`: do not edit.

pub mod quorum_state_data;

pub use quorum_state_data::QuorumStateData;
