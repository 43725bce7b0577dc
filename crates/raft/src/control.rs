//! The control records of the quorum: in the log at the start of an epoch, in snapshots at their ends.

use bytes::Bytes;
use ottla_wire::{
    Malformed, Message, Unencodable,
    messages::{
        KRaftVersionRecord, LeaderChangeMessage, SnapshotFooterRecord, SnapshotHeaderRecord,
        VotersRecord, leader_change_message,
    },
};

use crate::VoterSet;

/// A control record of the metadata log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Control {
    /// An epoch begins under this leader.
    LeaderChange {
        /// The leader's node id.
        leader: i32,
        /// All voters.
        voters: Vec<i32>,
        /// Those who voted for it.
        granting: Vec<i32>,
    },
    /// A snapshot begins; its last record was appended at this time (milliseconds).
    SnapshotHeader {
        /// Milliseconds since 1970.
        last_contained_log_timestamp: i64,
    },
    /// A snapshot is complete.
    SnapshotFooter,
    /// `kraft.version` from here on.
    KraftVersion(i16),
    /// The voters from here on.
    Voters(VoterSet),
}

/// Why a control record cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ControlError {
    /// A type that this log does not hold.
    Type(i16),
    /// Its value is not a message.
    Malformed(Malformed),
}

impl Control {
    /// The type in the record's key (`ControlRecordType`).
    pub fn kind(&self) -> i16 {
        match self {
            Self::LeaderChange { .. } => 2,
            Self::SnapshotHeader { .. } => 3,
            Self::SnapshotFooter => 4,
            Self::KraftVersion(_) => 5,
            Self::Voters(_) => 6,
        }
    }

    /// The record's value.
    ///
    /// # Errors
    /// If a voter's name or host is longer than the wire can say.
    pub fn value(&self) -> Result<Bytes, Unencodable> {
        match self {
            Self::LeaderChange {
                leader,
                voters,
                granting,
            } => {
                let list = |ids: &[i32]| {
                    ids.iter()
                        .map(|id| leader_change_message::Voter {
                            voter_id: *id,
                            ..Default::default()
                        })
                        .collect()
                };
                LeaderChangeMessage {
                    version: 0,
                    leader_id: *leader,
                    voters: list(voters),
                    granting_voters: list(granting),
                    ..Default::default()
                }
                .encode(0)
            }
            Self::SnapshotHeader {
                last_contained_log_timestamp,
            } => SnapshotHeaderRecord {
                version: 0,
                last_contained_log_timestamp: *last_contained_log_timestamp,
                ..Default::default()
            }
            .encode(0),
            Self::SnapshotFooter => SnapshotFooterRecord::default().encode(0),
            Self::KraftVersion(version) => KRaftVersionRecord {
                version: 0,
                kraft_version: *version,
                ..Default::default()
            }
            .encode(0),
            Self::Voters(voters) => voters.to_record().encode(0),
        }
    }

    /// From the type in the record's key and the record's value.
    ///
    /// # Errors
    /// If the type is not one of these, or the value is not its message.
    pub fn read(kind: i16, value: Bytes) -> Result<Self, ControlError> {
        let malformed = ControlError::Malformed;
        Ok(match kind {
            2 => {
                let message = LeaderChangeMessage::decode(value, 0).map_err(malformed)?;
                let ids = |list: &[leader_change_message::Voter]| {
                    list.iter().map(|v| v.voter_id).collect()
                };
                Self::LeaderChange {
                    leader: message.leader_id,
                    voters: ids(&message.voters),
                    granting: ids(&message.granting_voters),
                }
            }
            3 => Self::SnapshotHeader {
                last_contained_log_timestamp: SnapshotHeaderRecord::decode(value, 0)
                    .map_err(malformed)?
                    .last_contained_log_timestamp,
            },
            4 => Self::SnapshotFooter,
            5 => Self::KraftVersion(
                KRaftVersionRecord::decode(value, 0)
                    .map_err(malformed)?
                    .kraft_version,
            ),
            6 => Self::Voters(VoterSet::from_record(
                &VotersRecord::decode(value, 0).map_err(malformed)?,
            )),
            other => return Err(ControlError::Type(other)),
        })
    }
}
