//! `QuorumStateData`: versions 0-1. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `QuorumStateData`: versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct QuorumStateData {
    /// Versions 0.
    pub cluster_id: String,
    /// Versions 0+; -1 by default.
    pub leader_id: i32,
    /// Versions 0+; -1 by default.
    pub leader_epoch: i32,
    /// Versions 0+; -1 by default.
    pub voted_id: i32,
    /// Versions 1+.
    pub voted_directory_id: Uuid,
    /// Versions 0.
    pub applied_offset: i64,
    /// Versions 0, nullable 0.
    pub current_voters: Option<Vec<Voter>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for QuorumStateData {
    fn default() -> Self {
        Self {
            cluster_id: String::new(),
            leader_id: -1,
            leader_epoch: -1,
            voted_id: -1,
            voted_directory_id: Uuid::ZERO,
            applied_offset: 0,
            current_voters: Some(Vec::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for QuorumStateData {
    const NAME: &'static str = "QuorumStateData";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        if version <= 0 {
            it.cluster_id = from.string(true)?;
        }
        it.leader_id = from.i32()?;
        it.leader_epoch = from.i32()?;
        it.voted_id = from.i32()?;
        if version >= 1 {
            it.voted_directory_id = from.uuid()?;
        }
        if version <= 0 {
            it.applied_offset = from.i64()?;
        }
        if version <= 0 {
            it.current_voters = from.nullable_items(true, |from| Voter::read(from, version))?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        if version <= 0 {
            place(
                to.string(&self.cluster_id, true),
                "QuorumStateData",
                "cluster_id",
            )?;
        } else {
            place(self.cluster_id.is_empty(), "QuorumStateData", "cluster_id")?;
        }
        to.i32(self.leader_id);
        to.i32(self.leader_epoch);
        to.i32(self.voted_id);
        if version >= 1 {
            to.uuid(self.voted_directory_id);
        } else {
            place(
                self.voted_directory_id.is_zero(),
                "QuorumStateData",
                "voted_directory_id",
            )?;
        }
        if version <= 0 {
            to.i64(self.applied_offset);
        } else {
            place(
                self.applied_offset == 0,
                "QuorumStateData",
                "applied_offset",
            )?;
        }
        if version <= 0 {
            to.length(self.current_voters.as_ref().map(Vec::len), true);
            for item in self.current_voters.iter().flatten() {
                item.write(to, version)?;
            }
        } else {
            place(
                self.current_voters
                    .as_ref()
                    .is_some_and(|value| value.is_empty()),
                "QuorumStateData",
                "current_voters",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl QuorumStateData {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if version <= 0 && source.sets() {
            it.cluster_id = source.string();
        }
        if source.sets() {
            it.leader_id = source.i32();
        }
        if source.sets() {
            it.leader_epoch = source.i32();
        }
        if source.sets() {
            it.voted_id = source.i32();
        }
        if version >= 1 && source.sets() {
            it.voted_directory_id = source.uuid();
        }
        if version <= 0 && source.sets() {
            it.applied_offset = source.i64();
        }
        if version <= 0 && source.sets() {
            it.current_voters = source.nullable(true, |source| {
                source.items(|source| Voter::random(source, version))
            });
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`QuorumStateData`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Voter {
    /// Versions 0.
    pub voter_id: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Voter {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.voter_id = from.i32()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.voter_id);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Voter {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.voter_id = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}
