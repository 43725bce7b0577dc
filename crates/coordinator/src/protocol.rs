//! What consumers put into the opaque bytes of the classic protocol: subscriptions and assignments, behind two bytes of
//! version (`ConsumerProtocol` in Kafka).
//!
//! A version newer than those we know is read and written as the newest that we know: later ones only append fields,
//! and bytes after the last known field are ignored. What ends too early is malformed.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use ottla_wire::{
    Malformed, Message, Reader, Unencodable,
    messages::rpc::{
        consumer_protocol_assignment::ConsumerProtocolAssignment,
        consumer_protocol_subscription::ConsumerProtocolSubscription,
    },
};

/// The protocol type of consumers in JoinGroup and SyncGroup.
pub const PROTOCOL_TYPE: &str = "consumer";

/// Why bytes are not a subscription or assignment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProtocolError {
    /// There never was such a version.
    Version(i16),
    /// Not what the version says.
    Malformed(Malformed),
    /// A name that is too long to be written.
    Unencodable(Unencodable),
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "version {version} of the consumer protocol"),
            Self::Malformed(why) => write!(f, "malformed consumer protocol: {why}"),
            Self::Unencodable(why) => write!(f, "no place in the consumer protocol: {why}"),
        }
    }
}

impl std::error::Error for ProtocolError {}

impl From<Malformed> for ProtocolError {
    fn from(why: Malformed) -> Self {
        Self::Malformed(why)
    }
}

impl From<Unencodable> for ProtocolError {
    fn from(why: Unencodable) -> Self {
        Self::Unencodable(why)
    }
}

/// The version that `bytes` begin with, as their sender has it: an answer is written in it.
///
/// # Errors
/// If there are fewer than two bytes.
pub fn read_version(bytes: &Bytes) -> Result<i16, ProtocolError> {
    Ok(Reader::new(bytes.clone()).i16()?)
}

/// `version`, or the newest that `M` has.
fn known<M: Message>(version: i16) -> Result<i16, ProtocolError> {
    if version < 0 {
        return Err(ProtocolError::Version(version));
    }
    Ok(version.min(*M::VERSIONS.end()))
}

fn read<M: Message>(bytes: &Bytes) -> Result<M, ProtocolError> {
    let mut from = Reader::new(bytes.clone());
    let version = known::<M>(from.i16()?)?;
    Ok(M::read(&mut from, version)?)
}

/// What a member subscribes to: the metadata of a protocol in JoinGroup.
///
/// # Errors
/// If the version is negative or `bytes` end before the last field of their version.
pub fn read_subscription(bytes: &Bytes) -> Result<ConsumerProtocolSubscription, ProtocolError> {
    read(bytes)
}

/// The topics of a subscription, and nothing else of it: whatever the version, and even if what follows is malformed.
///
/// # Errors
/// If `bytes` end before the user data does.
pub fn read_topics(bytes: &Bytes) -> Result<Vec<String>, ProtocolError> {
    let mut from = Reader::new(bytes.clone());
    from.i16()?;
    Ok(ConsumerProtocolSubscription::read(&mut from, 0)?.topics)
}

/// What a member is told to read: the assignment of SyncGroup.
///
/// # Errors
/// If the version is negative or `bytes` end before the last field of their version.
pub fn read_assignment(bytes: &Bytes) -> Result<ConsumerProtocolAssignment, ProtocolError> {
    read(bytes)
}

/// An assignment for a member whose subscription was of `version`.
///
/// # Errors
/// If the version is negative or a topic's name is longer than the 32,767 bytes that a string may have.
pub fn write_assignment(
    version: i16,
    assignment: &ConsumerProtocolAssignment,
) -> Result<Bytes, ProtocolError> {
    write(version, assignment)
}

fn write<M: Message>(version: i16, message: &M) -> Result<Bytes, ProtocolError> {
    let version = known::<M>(version)?;
    let message = message.encode(version)?;
    let mut bytes = BytesMut::with_capacity(2 + message.len());
    bytes.put_i16(version);
    bytes.put(message);
    Ok(bytes.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_wire::messages::rpc::{consumer_protocol_assignment, consumer_protocol_subscription};

    fn subscription() -> ConsumerProtocolSubscription {
        ConsumerProtocolSubscription {
            topics: vec!["a".to_owned(), "b".to_owned()],
            user_data: Some(Bytes::from_static(b"mine")),
            owned_partitions: vec![consumer_protocol_subscription::TopicPartition {
                topic: "a".to_owned(),
                partitions: vec![0, 3],
            }],
            generation_id: 7,
            rack_id: Some("r1".to_owned()),
        }
    }

    fn assignment() -> ConsumerProtocolAssignment {
        ConsumerProtocolAssignment {
            assigned_partitions: vec![consumer_protocol_assignment::TopicPartition {
                topic: "a".to_owned(),
                partitions: vec![2, 1],
            }],
            user_data: None,
        }
    }

    #[test]
    fn a_subscription_is_read_as_far_as_its_version_goes() {
        for version in 0..=3 {
            let read = read_subscription(&write(version, &subscription()).unwrap()).unwrap();
            let mut expected = subscription();
            if version < 1 {
                expected.owned_partitions.clear();
            }
            if version < 2 {
                expected.generation_id = -1;
            }
            if version < 3 {
                expected.rack_id = None;
            }
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn an_assignment_is_written_as_kafka_writes_it() {
        let bytes = write_assignment(1, &assignment()).unwrap();
        let expected = b"\0\x01\0\0\0\x01\0\x01a\0\0\0\x02\0\0\0\x02\0\0\0\x01\xFF\xFF\xFF\xFF";
        assert_eq!(&bytes[..], expected);
        assert_eq!(read_assignment(&bytes), Ok(assignment()));
        assert_eq!(read_version(&bytes), Ok(1));
    }

    #[test]
    fn newer_versions_are_read_and_written_as_the_newest_known() {
        let bytes = write_assignment(9, &assignment()).unwrap();
        assert_eq!(bytes, write_assignment(3, &assignment()).unwrap());
        let mut newer = BytesMut::from(&write(3, &subscription()).unwrap()[..]);
        newer[1] = 9;
        newer.put_slice(b"a field of version 9");
        let newer = newer.freeze();
        assert_eq!(read_version(&newer), Ok(9));
        assert_eq!(read_subscription(&newer), Ok(subscription()));
    }

    #[test]
    fn negative_versions_are_refused() {
        let bytes = Bytes::from_static(b"\xFF\xFF\0\0\0\0\xFF\xFF\xFF\xFF");
        assert_eq!(read_subscription(&bytes), Err(ProtocolError::Version(-1)));
        assert_eq!(read_assignment(&bytes), Err(ProtocolError::Version(-1)));
        let none = write_assignment(-1, &assignment());
        assert_eq!(none, Err(ProtocolError::Version(-1)));
        // Only the topics are asked for, and they are where they always were.
        assert_eq!(read_topics(&bytes), Ok(Vec::new()));
    }

    #[test]
    fn what_ends_too_early_is_malformed() {
        for version in 0..=3 {
            let whole = write(version, &subscription()).unwrap();
            for len in 0..whole.len() {
                let error = read_subscription(&whole.slice(..len));
                assert!(
                    matches!(error, Err(ProtocolError::Malformed(_))),
                    "{version} {len}"
                );
            }
            let whole = write(version, &assignment()).unwrap();
            for len in 0..whole.len() {
                let error = read_assignment(&whole.slice(..len));
                assert!(
                    matches!(error, Err(ProtocolError::Malformed(_))),
                    "{version} {len}"
                );
            }
        }
    }

    #[test]
    fn topics_are_read_of_a_subscription_whose_rest_is_malformed() {
        // Consumers exist that say version 1 and leave out its field.
        let mut bytes = BytesMut::from(&write(0, &subscription()).unwrap()[..]);
        bytes[1] = 1;
        let bytes = bytes.freeze();
        assert!(read_subscription(&bytes).is_err());
        assert_eq!(read_topics(&bytes).unwrap(), ["a", "b"]);
    }

    #[test]
    fn a_name_that_is_too_long_is_an_error() {
        let mut long = assignment();
        long.assigned_partitions[0].topic = "t".repeat(1 << 15);
        let error = write_assignment(0, &long);
        assert!(matches!(error, Err(ProtocolError::Unencodable(_))));
    }
}
