//! What the group coordinator wants to be woken for.

use std::sync::Arc;

use super::{classic::ClassicTimer, consumer::ConsumerTimer};

/// A deadline's key; arming it again moves the deadline.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Timer {
    /// Of a classic group.
    Classic(Arc<str>, ClassicTimer),
    /// Of a consumer group.
    Consumer(Arc<str>, ConsumerTimer),
    /// To look for offsets and groups that have expired.
    ExpireOffsets,
    /// To go on with the offsets of topics that were deleted.
    DeleteOffsets,
}
