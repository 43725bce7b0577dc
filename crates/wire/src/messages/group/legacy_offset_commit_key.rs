//! `LegacyOffsetCommitKey`: record type 0, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `LegacyOffsetCommitKey`: record type 0, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LegacyOffsetCommitKey {
    /// Versions 0.
    pub group: String,
    /// Versions 0.
    pub topic: String,
    /// Versions 0.
    pub partition: i32,
}

impl Message for LegacyOffsetCommitKey {
    const NAME: &'static str = "LegacyOffsetCommitKey";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group = from.string(false)?;
        it.topic = from.string(false)?;
        it.partition = from.i32()?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group, false),
            "LegacyOffsetCommitKey",
            "group",
        )?;
        place(
            to.string(&self.topic, false),
            "LegacyOffsetCommitKey",
            "topic",
        )?;
        to.i32(self.partition);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl LegacyOffsetCommitKey {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group = source.string();
        }
        if source.sets() {
            it.topic = source.string();
        }
        if source.sets() {
            it.partition = source.i32();
        }
        it
    }
}

impl LegacyOffsetCommitKey {
    /// The record type: what precedes the key's bytes.
    pub const KEY_TYPE: i16 = 0;
}
