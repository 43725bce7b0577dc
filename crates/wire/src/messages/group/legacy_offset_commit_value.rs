//! `LegacyOffsetCommitValue`: record type 0, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `LegacyOffsetCommitValue`: record type 0, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LegacyOffsetCommitValue {
    /// Versions 0.
    pub offset: i64,
    /// Versions 0.
    pub metadata: String,
    /// Versions 0.
    pub commit_timestamp: i64,
}

impl Message for LegacyOffsetCommitValue {
    const NAME: &'static str = "LegacyOffsetCommitValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.offset = from.i64()?;
        it.metadata = from.string(false)?;
        it.commit_timestamp = from.i64()?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i64(self.offset);
        place(
            to.string(&self.metadata, false),
            "LegacyOffsetCommitValue",
            "metadata",
        )?;
        to.i64(self.commit_timestamp);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl LegacyOffsetCommitValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.offset = source.i64();
        }
        if source.sets() {
            it.metadata = source.string();
        }
        if source.sets() {
            it.commit_timestamp = source.i64();
        }
        it
    }
}
