//! The metadata quorum on this node: its log, the controller that decides, and the loop that drives it.

mod batches;
mod controller;
mod metadata_log;
pub(crate) mod snapshot;
pub(crate) mod state_file;

pub(crate) use batches::{Content, read as read_batch};
pub(crate) use controller::{Controller, ControllerLoop, Question, QuorumStatus};
pub(crate) use metadata_log::{DIRECTORY as METADATA_DIRECTORY, MetadataLog};
