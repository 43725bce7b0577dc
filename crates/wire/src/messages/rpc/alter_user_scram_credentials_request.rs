//! `AlterUserScramCredentialsRequest`: API key 51, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Request;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;
use bytes::Bytes;

/// `AlterUserScramCredentialsRequest`: API key 51, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterUserScramCredentialsRequest {
    /// Versions 0+.
    pub deletions: Vec<ScramCredentialDeletion>,
    /// Versions 0+.
    pub upsertions: Vec<ScramCredentialUpsertion>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for AlterUserScramCredentialsRequest {
    const NAME: &'static str = "AlterUserScramCredentialsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.deletions = from.items(true, |from| ScramCredentialDeletion::read(from, version))?;
        it.upsertions = from.items(true, |from| ScramCredentialUpsertion::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.deletions.len()), true);
        for item in &self.deletions {
            item.write(to, version)?;
        }
        to.length(Some(self.upsertions.len()), true);
        for item in &self.upsertions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterUserScramCredentialsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.deletions = source.items(|source| ScramCredentialDeletion::random(source, version));
        }
        if source.sets() {
            it.upsertions =
                source.items(|source| ScramCredentialUpsertion::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for AlterUserScramCredentialsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`AlterUserScramCredentialsRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ScramCredentialDeletion {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub mechanism: i8,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ScramCredentialDeletion {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.mechanism = from.i8()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.name, true),
            "ScramCredentialDeletion",
            "name",
        )?;
        to.i8(self.mechanism);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ScramCredentialDeletion {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.mechanism = source.i8();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`AlterUserScramCredentialsRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ScramCredentialUpsertion {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub mechanism: i8,
    /// Versions 0+.
    pub iterations: i32,
    /// Versions 0+.
    pub salt: Bytes,
    /// Versions 0+.
    pub salted_password: Bytes,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ScramCredentialUpsertion {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.mechanism = from.i8()?;
        it.iterations = from.i32()?;
        it.salt = from.bytes(true)?;
        it.salted_password = from.bytes(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.name, true),
            "ScramCredentialUpsertion",
            "name",
        )?;
        to.i8(self.mechanism);
        to.i32(self.iterations);
        to.bytes(&self.salt, true);
        to.bytes(&self.salted_password, true);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ScramCredentialUpsertion {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.mechanism = source.i8();
        }
        if source.sets() {
            it.iterations = source.i32();
        }
        if source.sets() {
            it.salt = source.bytes();
        }
        if source.sets() {
            it.salted_password = source.bytes();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for AlterUserScramCredentialsRequest {
    const KEY: i16 = 51;
    type Response = super::AlterUserScramCredentialsResponse;
}
