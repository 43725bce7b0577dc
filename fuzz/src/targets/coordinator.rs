//! What members of groups send within requests (expressions that match topics, subscriptions and assignments), and the
//! records that coordinators are loaded from.

use bytes::{BufMut, Bytes};
use ottla_coordinator::{
    group::Entry,
    protocol::{read_assignment, read_subscription, read_topics, read_version, write_assignment},
    regex::{RegexError, SubscriptionRegex},
    transaction::Record,
};
use ottla_wire::{
    Message,
    messages::{
        ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue, GroupMetadataKey,
        GroupMetadataValue, OffsetCommitKey, OffsetCommitValue, TransactionLogKey,
        TransactionLogValue,
        rpc::{ConsumerProtocolAssignment, ConsumerProtocolSubscription},
    },
};

use super::{Choices, pick, put_piece};
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

/// A key and a value with the versions that stand before them; a value that is cut off is none.
fn record(key_type: i16, key: Bytes, version: i16, value: Bytes) -> Vec<u8> {
    let mut input = Vec::new();
    for (number, body) in [(key_type, key), (version, value)] {
        let mut piece = number.to_be_bytes().to_vec();
        piece.extend_from_slice(&body);
        put_piece(&mut input, &piece);
    }
    input
}

/// Key and value of an input.
fn key_and_value(input: &[u8]) -> (Bytes, Option<Bytes>) {
    let mut choices = Choices(input);
    let key = Bytes::copy_from_slice(choices.piece());
    let value = Bytes::copy_from_slice(choices.piece());
    (key, Some(value).filter(|value| !value.is_empty()))
}

/// A record of `__transaction_state`.
pub(super) static TRANSACTION_STATE: Target = Target {
    name: "transaction_state",
    valid: |source| {
        let version = source.below(2) as i16;
        let key = TransactionLogKey::random(source, 0).encode(0);
        let mut value = TransactionLogValue::random(source, version);
        value.transaction_status = source.below(6) as i8;
        record(
            0,
            key.expect("a drawn key"),
            version,
            value.encode(version).expect("a drawn value"),
        )
    },
    check: |input| {
        let (key, value) = key_and_value(input);
        let Ok(Some(record)) = Record::decode(&key, value.as_ref()) else {
            return false;
        };
        let (key, value) = record.encode().expect("what was read");
        let again = Record::decode(&key, value.as_ref());
        assert_eq!(again, Ok(Some(record)));
        true
    },
};

/// A record of `__consumer_offsets`.
pub(super) static GROUP_STATE: Target = Target {
    name: "group_state",
    valid: |source| {
        fn pair<K: Message, V: Message>(key: K, version: i16, value: V) -> (Bytes, Bytes) {
            let value = value.encode(version).expect("a drawn value");
            (key.encode(0).expect("a drawn key"), value)
        }
        let (kind, version) = *pick(source, &[(1, 4), (2, 4), (5, 0)]);
        let (key, value) = match kind {
            1 => pair(
                OffsetCommitKey::random(source, 0),
                version,
                OffsetCommitValue::random(source, version),
            ),
            2 => pair(
                GroupMetadataKey::random(source, 0),
                version,
                GroupMetadataValue::random(source, version),
            ),
            _ => pair(
                ConsumerGroupMemberMetadataKey::random(source, 0),
                version,
                ConsumerGroupMemberMetadataValue::random(source, version),
            ),
        };
        record(kind, key, version, value)
    },
    check: |input| {
        let (key, value) = key_and_value(input);
        let Ok(entry) = Entry::decode(&key, value.as_ref()) else {
            return false;
        };
        // A version of a value that only older releases write is written anew in another.
        if let Ok(Some((key, value))) = entry.encode() {
            Entry::decode(&key, value.as_ref()).expect("what was written");
        }
        true
    },
};
