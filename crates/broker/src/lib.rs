//! The broker: sockets, request handlers, partitions, and the loop that drives the controller.
//!
//! **Invariant:** this crate knows nothing of HTTP or of the command line. Clock and entropy are read in `clock.rs` only,
//! tasks are spawned in `task.rs` only.

mod api;
mod apply;
mod assignments;
mod broker;
mod cleaner;
pub mod clock;
mod coordinators;
mod deadline;
mod disk_turns;
mod fetch_sessions;
pub mod format;
pub mod journal;
mod loading;
mod log_dirs;
mod maintenance;
mod markers;
mod memory;
mod moves;
mod net;
mod node;
mod offline;
mod partition;
mod partitions;
mod producer_ids;
mod quorum;
mod quotas;
mod reply;
mod settings;
mod shard;
pub mod task;
mod topic_settings;
pub mod verify;

pub use node::{Endpoint, ListenerKind, Node};
