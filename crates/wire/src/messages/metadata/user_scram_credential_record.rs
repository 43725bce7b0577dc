//! `UserScramCredentialRecord`: record type 11, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;
use bytes::Bytes;

/// `UserScramCredentialRecord`: record type 11, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct UserScramCredentialRecord {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub mechanism: i8,
    /// Versions 0+.
    pub salt: Bytes,
    /// Versions 0+.
    pub stored_key: Bytes,
    /// Versions 0+.
    pub server_key: Bytes,
    /// Versions 0+.
    pub iterations: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for UserScramCredentialRecord {
    const NAME: &'static str = "UserScramCredentialRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.mechanism = from.i8()?;
        it.salt = from.bytes(true)?;
        it.stored_key = from.bytes(true)?;
        it.server_key = from.bytes(true)?;
        it.iterations = from.i32()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.name, true),
            "UserScramCredentialRecord",
            "name",
        )?;
        to.i8(self.mechanism);
        to.bytes(&self.salt, true);
        to.bytes(&self.stored_key, true);
        to.bytes(&self.server_key, true);
        to.i32(self.iterations);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl UserScramCredentialRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.mechanism = source.i8();
        }
        if source.sets() {
            it.salt = source.bytes();
        }
        if source.sets() {
            it.stored_key = source.bytes();
        }
        if source.sets() {
            it.server_key = source.bytes();
        }
        if source.sets() {
            it.iterations = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl UserScramCredentialRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 11;
}
