//! What the transaction coordinator wants to be woken for.

use std::sync::Arc;

/// A deadline's key; arming it again moves the deadline.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Timer {
    /// Of a transaction: while it is open, when it times out; while it is being ended, when that goes on.
    Of(Arc<str>),
    /// To look for transactional ids that have expired.
    Expire,
}
