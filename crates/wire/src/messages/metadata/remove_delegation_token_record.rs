//! `RemoveDelegationTokenRecord`: record type 26, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `RemoveDelegationTokenRecord`: record type 26, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RemoveDelegationTokenRecord {
    /// Versions 0+.
    pub token_id: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for RemoveDelegationTokenRecord {
    const NAME: &'static str = "RemoveDelegationTokenRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.token_id = from.string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.token_id, true),
            "RemoveDelegationTokenRecord",
            "token_id",
        )?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl RemoveDelegationTokenRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.token_id = source.string();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl RemoveDelegationTokenRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 26;
}
