//! The records of `__consumer_offsets`: typed, and as bytes in Kafka's formats.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use ottla_wire::{
    Message,
    messages::{
        ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue,
        ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataKey,
        ConsumerGroupMetadataValue, ConsumerGroupPartitionMetadataKey,
        ConsumerGroupPartitionMetadataValue, ConsumerGroupRegularExpressionKey,
        ConsumerGroupRegularExpressionValue, ConsumerGroupTargetAssignmentMemberKey,
        ConsumerGroupTargetAssignmentMemberValue, ConsumerGroupTargetAssignmentMetadataKey,
        ConsumerGroupTargetAssignmentMetadataValue, GroupMetadataKey, GroupMetadataValue,
        LegacyOffsetCommitKey, LegacyOffsetCommitValue, OffsetCommitKey, OffsetCommitValue,
        ShareGroupCurrentMemberAssignmentKey, ShareGroupCurrentMemberAssignmentValue,
        ShareGroupMemberMetadataKey, ShareGroupMemberMetadataValue, ShareGroupMetadataKey,
        ShareGroupMetadataValue, ShareGroupStatePartitionMetadataKey,
        ShareGroupStatePartitionMetadataValue, ShareGroupTargetAssignmentMemberKey,
        ShareGroupTargetAssignmentMemberValue, ShareGroupTargetAssignmentMetadataKey,
        ShareGroupTargetAssignmentMetadataValue, StreamsGroupCurrentMemberAssignmentKey,
        StreamsGroupCurrentMemberAssignmentValue, StreamsGroupMemberMetadataKey,
        StreamsGroupMemberMetadataValue, StreamsGroupMetadataKey, StreamsGroupMetadataValue,
        StreamsGroupTargetAssignmentMemberKey, StreamsGroupTargetAssignmentMemberValue,
        StreamsGroupTargetAssignmentMetadataKey, StreamsGroupTargetAssignmentMetadataValue,
        StreamsGroupTopologyKey, StreamsGroupTopologyValue,
    },
};

/// A producer whose transaction a record belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Producer {
    /// Its id.
    pub id: i64,
    /// Its epoch.
    pub epoch: i16,
}

/// One record of the coordinator's log.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// The producer of the transaction that it belongs to, if any.
    pub producer: Option<Producer>,
    /// What it says.
    pub entry: Entry,
}

/// Why bytes are not a record of `__consumer_offsets`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordError {
    /// Of a newer version than this one: it is left alone.
    UnknownType(i16),
    /// The bytes contradict the type that they claim.
    Malformed(String),
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownType(id) => write!(f, "record type {id} is not known"),
            Self::Malformed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for RecordError {}

/// The table of record types: variant, key, value, the version that its values are written in.
macro_rules! entries {
    ($($(#[$doc:meta])* $variant:ident: $key:ident => $value:ident $version:literal;)*) => {
        /// What a record says. Without a value it is a tombstone: what it was about is gone.
        #[derive(Clone, PartialEq, Debug)]
        #[allow(clippy::large_enum_variant)] // An entry lives for one decision.
        pub enum Entry {
            $($(#[$doc])* $variant($key, Option<$value>),)*
            /// A transaction marker: not a record of its own, but the control record that ends the producer's transaction.
            EndTransaction {
                /// Whether its offsets count.
                committed: bool,
            },
        }

        impl Entry {
            /// Key and value as they are written; `None` for a transaction marker, which is a control record.
            ///
            /// # Errors
            /// If a text or an array is too long for its field.
            pub fn encode(&self) -> Result<Option<(Bytes, Option<Bytes>)>, RecordError> {
                let of = |why| RecordError::Malformed(format!("{why}"));
                Ok(match self {
                    $(Self::$variant(key, value) => {
                        let head = versioned($key::KEY_TYPE, &key.encode(0).map_err(of)?);
                        let version = self.value_version();
                        let body = match value {
                            Some(value) => Some(versioned(version, &value.encode(version).map_err(of)?)),
                            None => None,
                        };
                        Some((head, body))
                    })*
                    Self::EndTransaction { .. } => None,
                })
            }

            /// Reads a record.
            ///
            /// # Errors
            /// If its type is not known, or its bytes do not fit its type.
            pub fn decode(key: &Bytes, value: Option<&Bytes>) -> Result<Self, RecordError> {
                let (id, key) = split(key).ok_or_else(|| malformed("a key without a type"))?;
                let value = match value {
                    Some(value) => Some(split(value).ok_or_else(|| malformed("a value without a version"))?),
                    None => None,
                };
                let of = |why| RecordError::Malformed(format!("{why}"));
                match id {
                    $($key::KEY_TYPE => {
                        let key = $key::decode(key, 0).map_err(of)?;
                        let value = match value {
                            Some((version, body)) => Some($value::decode(body, version).map_err(of)?),
                            None => None,
                        };
                        Ok(Self::$variant(key, value))
                    })*
                    other => Err(RecordError::UnknownType(other)),
                }
            }

            fn value_version(&self) -> i16 {
                match self {
                    // The expiry of a commit is a field of version 1 alone.
                    Self::OffsetCommit(_, Some(value)) if value.expire_timestamp != -1 => 1,
                    $(Self::$variant(..) => $version,)*
                    Self::EndTransaction { .. } => 0,
                }
            }

            /// Whether it says that something is gone.
            pub fn is_tombstone(&self) -> bool {
                match self {
                    $(Self::$variant(_, value) => value.is_none(),)*
                    Self::EndTransaction { .. } => false,
                }
            }
        }
    };
}

entries! {
    /// A committed offset, as up to Kafka 0.8.
    LegacyOffsetCommit: LegacyOffsetCommitKey => LegacyOffsetCommitValue 0;
    /// A committed offset.
    OffsetCommit: OffsetCommitKey => OffsetCommitValue 4;
    /// A classic group with its members.
    GroupMetadata: GroupMetadataKey => GroupMetadataValue 3;
    /// A consumer group's epoch.
    ConsumerGroupMetadata: ConsumerGroupMetadataKey => ConsumerGroupMetadataValue 0;
    /// What a consumer group knew of its topics, up to Kafka 4.0.
    ConsumerGroupPartitionMetadata: ConsumerGroupPartitionMetadataKey => ConsumerGroupPartitionMetadataValue 0;
    /// A member of a consumer group.
    ConsumerGroupMemberMetadata: ConsumerGroupMemberMetadataKey => ConsumerGroupMemberMetadataValue 0;
    /// The epoch of a consumer group's target assignment.
    ConsumerGroupTargetAssignmentMetadata: ConsumerGroupTargetAssignmentMetadataKey => ConsumerGroupTargetAssignmentMetadataValue 0;
    /// What a member of a consumer group should have.
    ConsumerGroupTargetAssignmentMember: ConsumerGroupTargetAssignmentMemberKey => ConsumerGroupTargetAssignmentMemberValue 0;
    /// What a member of a consumer group has.
    ConsumerGroupCurrentMemberAssignment: ConsumerGroupCurrentMemberAssignmentKey => ConsumerGroupCurrentMemberAssignmentValue 0;
    /// The topics that a regular expression stands for.
    ConsumerGroupRegularExpression: ConsumerGroupRegularExpressionKey => ConsumerGroupRegularExpressionValue 0;
    /// A share group's epoch.
    ShareGroupMetadata: ShareGroupMetadataKey => ShareGroupMetadataValue 0;
    /// A member of a share group.
    ShareGroupMemberMetadata: ShareGroupMemberMetadataKey => ShareGroupMemberMetadataValue 0;
    /// The epoch of a share group's target assignment.
    ShareGroupTargetAssignmentMetadata: ShareGroupTargetAssignmentMetadataKey => ShareGroupTargetAssignmentMetadataValue 0;
    /// What a member of a share group should have.
    ShareGroupTargetAssignmentMember: ShareGroupTargetAssignmentMemberKey => ShareGroupTargetAssignmentMemberValue 0;
    /// What a member of a share group has.
    ShareGroupCurrentMemberAssignment: ShareGroupCurrentMemberAssignmentKey => ShareGroupCurrentMemberAssignmentValue 0;
    /// The partitions that a share group has state for.
    ShareGroupStatePartitionMetadata: ShareGroupStatePartitionMetadataKey => ShareGroupStatePartitionMetadataValue 0;
    /// A streams group's epoch.
    StreamsGroupMetadata: StreamsGroupMetadataKey => StreamsGroupMetadataValue 0;
    /// A member of a streams group.
    StreamsGroupMemberMetadata: StreamsGroupMemberMetadataKey => StreamsGroupMemberMetadataValue 0;
    /// The epoch of a streams group's target assignment.
    StreamsGroupTargetAssignmentMetadata: StreamsGroupTargetAssignmentMetadataKey => StreamsGroupTargetAssignmentMetadataValue 0;
    /// What a member of a streams group should have.
    StreamsGroupTargetAssignmentMember: StreamsGroupTargetAssignmentMemberKey => StreamsGroupTargetAssignmentMemberValue 0;
    /// What a member of a streams group has.
    StreamsGroupCurrentMemberAssignment: StreamsGroupCurrentMemberAssignmentKey => StreamsGroupCurrentMemberAssignmentValue 0;
    /// The topology of a streams group.
    StreamsGroupTopology: StreamsGroupTopologyKey => StreamsGroupTopologyValue 0;
}

fn malformed(why: &str) -> RecordError {
    RecordError::Malformed(why.to_owned())
}

fn versioned(version: i16, body: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(2 + body.len());
    bytes.put_i16(version);
    bytes.put_slice(body);
    bytes.freeze()
}

fn split(bytes: &Bytes) -> Option<(i16, Bytes)> {
    let (head, _) = bytes.split_first_chunk::<2>()?;
    Some((i16::from_be_bytes(*head), bytes.slice(2..)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(expire_timestamp: i64) -> Entry {
        Entry::OffsetCommit(
            OffsetCommitKey {
                group: "g".to_owned(),
                topic: "t".to_owned(),
                partition: 3,
            },
            Some(OffsetCommitValue {
                offset: 7,
                expire_timestamp,
                ..OffsetCommitValue::default()
            }),
        )
    }

    #[test]
    fn what_is_written_is_read() {
        for entry in [
            commit(-1),
            commit(99),
            Entry::GroupMetadata(
                GroupMetadataKey {
                    group: "g".to_owned(),
                },
                None,
            ),
        ] {
            let (key, value) = entry.encode().unwrap().unwrap();
            assert_eq!(Entry::decode(&key, value.as_ref()).unwrap(), entry);
            assert_eq!(entry.is_tombstone(), value.is_none());
        }
    }

    #[test]
    fn versions_are_kafkas() {
        let version = |entry: &Entry| {
            let (key, value) = entry.encode().unwrap().unwrap();
            (key[..2].to_vec(), value.unwrap()[..2].to_vec())
        };
        assert_eq!(version(&commit(-1)), (vec![0, 1], vec![0, 4]));
        assert_eq!(version(&commit(5)), (vec![0, 1], vec![0, 1]));
    }

    #[test]
    fn strange_bytes_are_refused() {
        let unknown = Bytes::from_static(&[0, 99, 1, 2]);
        assert_eq!(
            Entry::decode(&unknown, None),
            Err(RecordError::UnknownType(99))
        );
        for key in [&b""[..], &[0], &[0, 1, 0, 9, 1]] {
            let key = Bytes::copy_from_slice(key);
            assert!(matches!(
                Entry::decode(&key, None),
                Err(RecordError::Malformed(_))
            ));
        }
    }
}
