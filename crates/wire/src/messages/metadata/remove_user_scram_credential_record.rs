//! `RemoveUserScramCredentialRecord`: record type 22, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `RemoveUserScramCredentialRecord`: record type 22, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RemoveUserScramCredentialRecord {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub mechanism: i8,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for RemoveUserScramCredentialRecord {
    const NAME: &'static str = "RemoveUserScramCredentialRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.mechanism = from.i8()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.name, true),
            "RemoveUserScramCredentialRecord",
            "name",
        )?;
        to.i8(self.mechanism);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl RemoveUserScramCredentialRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
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

impl RemoveUserScramCredentialRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 22;
}
