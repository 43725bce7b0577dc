//! Control records: what brokers and controllers write into a log about the log itself.
//!
//! Their key is a version and a type, each i16; their value is a message of the type.

use super::BatchError;

/// What a control record is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ControlType {
    /// A transaction was aborted (value: `EndTxnMarker`).
    Abort,
    /// A transaction was committed (value: `EndTxnMarker`).
    Commit,
    /// The quorum has a leader (`LeaderChangeMessage`).
    LeaderChange,
    /// A snapshot begins (`SnapshotHeaderRecord`).
    SnapshotHeader,
    /// A snapshot ends (`SnapshotFooterRecord`).
    SnapshotFooter,
    /// The quorum's protocol (`KRaftVersionRecord`).
    KRaftVersion,
    /// The quorum's voters (`VotersRecord`).
    KRaftVoters,
    /// A type of a later release: readers pass over it.
    Unknown(i16),
}

/// The version of keys that is written.
const KEY_VERSION: i16 = 0;
/// All types with a name, at the place of their number.
const TYPES: [ControlType; 7] = [
    ControlType::Abort,
    ControlType::Commit,
    ControlType::LeaderChange,
    ControlType::SnapshotHeader,
    ControlType::SnapshotFooter,
    ControlType::KRaftVersion,
    ControlType::KRaftVoters,
];

impl ControlType {
    /// From the wire's number.
    pub fn from_id(id: i16) -> Self {
        usize::try_from(id)
            .ok()
            .and_then(|id| TYPES.get(id).copied())
            .unwrap_or(Self::Unknown(id))
    }

    /// The wire's number.
    pub fn id(self) -> i16 {
        match self {
            Self::Abort => 0,
            Self::Commit => 1,
            Self::LeaderChange => 2,
            Self::SnapshotHeader => 3,
            Self::SnapshotFooter => 4,
            Self::KRaftVersion => 5,
            Self::KRaftVoters => 6,
            Self::Unknown(id) => id,
        }
    }

    /// From the key of a control record. Keys of later versions begin as this one does.
    pub fn of_key(key: Option<&[u8]>) -> Result<Self, BatchError> {
        let Some(&[v0, v1, t0, t1]) = key.and_then(|key| key.first_chunk::<4>()) else {
            return Err(BatchError::Record("a control record's key is cut short"));
        };
        if i16::from_be_bytes([v0, v1]) < 0 {
            return Err(BatchError::Record(
                "a control record's key has a negative version",
            ));
        }
        Ok(Self::from_id(i16::from_be_bytes([t0, t1])))
    }

    /// The key of a control record of this type.
    pub fn key(self) -> [u8; 4] {
        let [v0, v1] = KEY_VERSION.to_be_bytes();
        let [t0, t1] = self.id().to_be_bytes();
        [v0, v1, t0, t1]
    }

    /// Whether it ends a transaction.
    pub fn ends_transaction(self) -> bool {
        matches!(self, Self::Abort | Self::Commit)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BatchBuilder, Codec, build::BuildError};
    use super::*;

    #[test]
    fn keys_are_version_and_type() {
        for (id, kind) in (0i16..).zip(TYPES) {
            assert_eq!(kind.id(), id);
            assert_eq!(kind.key(), [0, 0, 0, id as u8]);
            assert_eq!(ControlType::of_key(Some(&kind.key())), Ok(kind));
        }
        let later = [0, 7, 0, 99, 1, 2];
        assert_eq!(
            ControlType::of_key(Some(&later)),
            Ok(ControlType::Unknown(99))
        );
        assert!(ControlType::of_key(Some(&[0, 0, 0])).is_err());
        assert!(ControlType::of_key(Some(&[0x80, 0, 0, 1])).is_err());
        assert!(ControlType::of_key(None).is_err());
    }

    #[test]
    fn a_marker_is_a_control_batch_of_one_record() {
        let mut builder = BatchBuilder::new(Codec::None)
            .producer(15, 3, -1)
            .transactional(true)
            .control(true);
        assert_eq!(builder.append(1, None, None, &[]), Err(BuildError::Control));
        builder
            .append_control(1, ControlType::Commit, b"marker")
            .unwrap();
        let batch = builder.build().unwrap();
        assert!(batch.attributes().is_control() && batch.attributes().is_transactional());
        let records: Vec<_> = batch.records().unwrap().map(Result::unwrap).collect();
        let kind = ControlType::of_key(records[0].key.as_deref());
        assert_eq!(kind, Ok(ControlType::Commit));
        assert_eq!(records[0].value.as_deref(), Some(&b"marker"[..]));
    }
}
