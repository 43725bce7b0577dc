//! What members of groups send within requests: expressions that match topics, subscriptions and assignments.

use bytes::{BufMut, Bytes};
use ottla_coordinator::{
    protocol::{read_assignment, read_subscription, read_topics, read_version, write_assignment},
    regex::{RegexError, SubscriptionRegex},
};
use ottla_wire::{
    Message,
    messages::rpc::{ConsumerProtocolAssignment, ConsumerProtocolSubscription},
};

use super::pick;
use crate::Target;

/// Parts of expressions that can stand next to each other.
const PARTS: [&str; 20] = [
    "orders",
    "[a-z]+",
    "(?:a|b)",
    "(x*)+",
    ".{2,30}",
    r"\d",
    r"\Q.*\E",
    "(?i)",
    r"\p{Lu}",
    "[[:word:]-]",
    "(?P<n>k)",
    "[^&&a]",
    "|",
    r"\x{41}",
    r"\102",
    "^",
    "$",
    r"\b",
    "(?s:.)",
    "{",
];

/// An expression.
pub(super) static REGEX: Target = Target {
    name: "subscription_regex",
    valid: |source| {
        let mut named = false;
        let parts = (0..source.below(8)).map(|_| *pick(source, &PARTS));
        // A name can be given once.
        let parts =
            parts.filter(|part| !part.contains("<n>") || !std::mem::replace(&mut named, true));
        parts.collect::<String>().into_bytes()
    },
    check: |input| {
        let Ok(pattern) = std::str::from_utf8(input) else {
            return false;
        };
        match SubscriptionRegex::compile(pattern) {
            Ok(regex) => {
                let longest = "a-b.".repeat(64);
                for topic in ["", "orders", "größe", &longest, pattern] {
                    regex.matches(topic);
                }
                true
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                // Each level takes a character at least.
                assert!(
                    error != RegexError::TooDeep || pattern.len() > 150,
                    "{pattern:?}"
                );
                false
            }
        }
    },
};

/// A subscription or an assignment: both are read, whichever it is.
pub(super) static PROTOCOL: Target = Target {
    name: "consumer_protocol",
    valid: |source| {
        let version = source.below(4) as i16;
        let message = if source.below(2) == 0 {
            ConsumerProtocolSubscription::random(source, version).encode(version)
        } else {
            ConsumerProtocolAssignment::random(source, version).encode(version)
        };
        let mut bytes = Vec::new();
        bytes.put_i16(version);
        bytes.put_slice(&message.expect("a drawn message"));
        bytes
    },
    check: |input| {
        let bytes = Bytes::copy_from_slice(input);
        let subscription = read_subscription(&bytes);
        if let Ok(subscription) = &subscription {
            assert_eq!(read_topics(&bytes).as_ref(), Ok(&subscription.topics));
        }
        let assignment = read_assignment(&bytes);
        if let Ok(assignment) = &assignment {
            let version = read_version(&bytes).expect("an assignment has a version");
            let again = write_assignment(version, assignment).expect("what was read");
            assert_eq!(read_assignment(&again).as_ref(), Ok(assignment));
        }
        subscription.is_ok() || assignment.is_ok()
    },
};
