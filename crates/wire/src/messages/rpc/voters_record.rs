//! `VotersRecord`: versions 0. Written by `cargo xtask codegen`: do not edit.

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

/// `VotersRecord`: versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct VotersRecord {
    /// Versions 0+.
    pub version: i16,
    /// Versions 0+.
    pub voters: Vec<Voter>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for VotersRecord {
    const NAME: &'static str = "VotersRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.version = from.i16()?;
        it.voters = from.items(true, |from| Voter::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i16(self.version);
        to.length(Some(self.voters.len()), true);
        for item in &self.voters {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl VotersRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.version = source.i16();
        }
        if source.sets() {
            it.voters = source.items(|source| Voter::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`VotersRecord`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Voter {
    /// Versions 0+ (`brokerId`).
    pub voter_id: i32,
    /// Versions 0+.
    pub voter_directory_id: Uuid,
    /// Versions 0+.
    pub endpoints: Vec<Endpoint>,
    /// Versions 0+.
    pub kraft_version_feature: KRaftVersionFeature,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Voter {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.voter_id = from.i32()?;
        it.voter_directory_id = from.uuid()?;
        it.endpoints = from.items(true, |from| Endpoint::read(from, version))?;
        it.kraft_version_feature = KRaftVersionFeature::read(from, version)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.voter_id);
        to.uuid(self.voter_directory_id);
        to.length(Some(self.endpoints.len()), true);
        for item in &self.endpoints {
            item.write(to, version)?;
        }
        self.kraft_version_feature.write(to, version)?;
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
        if source.sets() {
            it.voter_directory_id = source.uuid();
        }
        if source.sets() {
            it.endpoints = source.items(|source| Endpoint::random(source, version));
        }
        if source.sets() {
            it.kraft_version_feature = KRaftVersionFeature::random(source, version);
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`VotersRecord`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Endpoint {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub host: String,
    /// Versions 0+.
    pub port: u16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Endpoint {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.host = from.string(true)?;
        it.port = from.u16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "Endpoint", "name")?;
        place(to.string(&self.host, true), "Endpoint", "host")?;
        to.u16(self.port);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Endpoint {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.host = source.string();
        }
        if source.sets() {
            it.port = source.u16();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`VotersRecord`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct KRaftVersionFeature {
    /// Versions 0+.
    pub min_supported_version: i16,
    /// Versions 0+.
    pub max_supported_version: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl KRaftVersionFeature {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.min_supported_version = from.i16()?;
        it.max_supported_version = from.i16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i16(self.min_supported_version);
        to.i16(self.max_supported_version);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl KRaftVersionFeature {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.min_supported_version = source.i16();
        }
        if source.sets() {
            it.max_supported_version = source.i16();
        }
        it.unknown_tags = source.tags();
        it
    }
}
