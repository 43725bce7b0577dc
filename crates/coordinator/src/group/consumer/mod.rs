//! Consumer groups (KIP-848): the coordinator assigns, and members follow epoch by epoch.

mod classic_member;
mod commit;
mod decision;
mod describe;
mod enter;
mod group;
mod hash;
mod heartbeat;
mod join;
mod leave;
mod member;
mod migration;
mod reconcile;
mod records;
mod regular_expressions;
mod replay;
mod target;
#[cfg(test)]
mod tests;
mod timers;
mod topics;

use std::sync::Arc;

pub(crate) use self::{commit::AssignmentEpochs, group::ConsumerGroup, topics::ConsumerTopics};
use super::{Caller, Reply, Turn};
pub use heartbeat::check_heartbeat;

/// What a consumer group wants to be woken for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum ConsumerTimer {
    /// A member gave no sign of life.
    Session(Arc<str>),
    /// A member did not give up partitions that it got before the epoch after this one.
    Rebalance(Arc<str>, i32),
    /// A member of the classic protocol did not join again.
    Join(Arc<str>),
    /// A member of the classic protocol did not ask for its assignment.
    Sync(Arc<str>),
    /// Regular expressions are to be looked up.
    Regexes,
}
