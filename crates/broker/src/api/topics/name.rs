//! What a topic may be called.

use ottla_wire::errors::Code;

/// The most bytes of a name: a directory is named after it, with room for the partition and a suffix.
const MOST: usize = 249;

/// The topic of group offsets and memberships.
pub(crate) const CONSUMER_OFFSETS: &str = "__consumer_offsets";
/// The topic of transactions.
pub(crate) const TRANSACTION_STATE: &str = "__transaction_state";
/// The topic of share groups.
pub(crate) const SHARE_GROUP_STATE: &str = "__share_group_state";

/// Whether a topic may be called so.
pub(crate) fn is_valid(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !matches!(name, "" | "." | "..") && name.len() <= MOST && name.bytes().all(allowed)
}

/// Whether the topic belongs to the brokers.
pub(crate) fn is_internal(name: &str) -> bool {
    matches!(
        name,
        CONSUMER_OFFSETS | TRANSACTION_STATE | SHARE_GROUP_STATE
    )
}

/// What is answered for a topic that does not exist.
pub(crate) fn missing(name: &str) -> Code {
    if is_valid(name) {
        Code::UNKNOWN_TOPIC_OR_PARTITION
    } else {
        Code::INVALID_TOPIC_EXCEPTION
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "A-1_2.x", "...", &"x".repeat(249)] {
            assert!(is_valid(good), "{good}");
        }
        for bad in ["", ".", "..", "a b", "ä", "a/b", "a:b", &"x".repeat(250)] {
            assert!(!is_valid(bad), "{bad}");
        }
        assert_eq!(missing("a"), Code::UNKNOWN_TOPIC_OR_PARTITION);
        assert_eq!(missing("a b"), Code::INVALID_TOPIC_EXCEPTION);
        assert!(is_internal("__transaction_state") && !is_internal("__cluster_metadata"));
    }
}
