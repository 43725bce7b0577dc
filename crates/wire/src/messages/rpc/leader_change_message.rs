//! `LeaderChangeMessage`: versions 0-1. Written by `cargo xtask codegen`: do not edit.

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

/// `LeaderChangeMessage`: versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LeaderChangeMessage {
    /// Versions 0+.
    pub version: i16,
    /// Versions 0+ (`brokerId`).
    pub leader_id: i32,
    /// Versions 0+.
    pub voters: Vec<Voter>,
    /// Versions 0+.
    pub granting_voters: Vec<Voter>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for LeaderChangeMessage {
    const NAME: &'static str = "LeaderChangeMessage";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.version = from.i16()?;
        it.leader_id = from.i32()?;
        it.voters = from.items(true, |from| Voter::read(from, version))?;
        it.granting_voters = from.items(true, |from| Voter::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i16(self.version);
        to.i32(self.leader_id);
        to.length(Some(self.voters.len()), true);
        for item in &self.voters {
            item.write(to, version)?;
        }
        to.length(Some(self.granting_voters.len()), true);
        for item in &self.granting_voters {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl LeaderChangeMessage {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.version = source.i16();
        }
        if source.sets() {
            it.leader_id = source.i32();
        }
        if source.sets() {
            it.voters = source.items(|source| Voter::random(source, version));
        }
        if source.sets() {
            it.granting_voters = source.items(|source| Voter::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`LeaderChangeMessage`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Voter {
    /// Versions 0+.
    pub voter_id: i32,
    /// Versions 1+.
    pub voter_directory_id: Uuid,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Voter {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.voter_id = from.i32()?;
        if version >= 1 {
            it.voter_directory_id = from.uuid()?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.voter_id);
        if version >= 1 {
            to.uuid(self.voter_directory_id);
        } else {
            place(
                self.voter_directory_id.is_zero(),
                "Voter",
                "voter_directory_id",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Voter {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.voter_id = source.i32();
        }
        if version >= 1 && source.sets() {
            it.voter_directory_id = source.uuid();
        }
        it.unknown_tags = source.tags();
        it
    }
}
