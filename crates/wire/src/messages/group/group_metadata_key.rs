//! `GroupMetadataKey`: record type 2, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `GroupMetadataKey`: record type 2, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct GroupMetadataKey {
    /// Versions 0.
    pub group: String,
}

impl Message for GroupMetadataKey {
    const NAME: &'static str = "GroupMetadataKey";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group = from.string(false)?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.group, false), "GroupMetadataKey", "group")?;
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl GroupMetadataKey {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group = source.string();
        }
        it
    }
}

impl GroupMetadataKey {
    /// The record type: what precedes the key's bytes.
    pub const KEY_TYPE: i16 = 2;
}
