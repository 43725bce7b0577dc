//! The KRaft quorum as a protocol machine: it takes what happened and says what must be done, in order.
//!
//! It knows no clock, disk, socket or thread, and not what a metadata record means.
//!
//! Today it serves quorums of one voter: the node elects itself, and a record is committed when it is flushed. A quorum
//! of several voters is refused with a sentence that says so.

mod control;
mod election;
mod quorum;
mod voters;

pub use control::{Control, ControlError};
pub use election::Election;
pub use quorum::{Effect, Quorum, Refused, Start};
pub use voters::{Voter, VoterEndpoint, VoterSet};
