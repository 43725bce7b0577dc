//! `SnapshotHeaderRecord`: versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `SnapshotHeaderRecord`: versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SnapshotHeaderRecord {
    /// Versions 0+.
    pub version: i16,
    /// Versions 0+.
    pub last_contained_log_timestamp: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for SnapshotHeaderRecord {
    const NAME: &'static str = "SnapshotHeaderRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.version = from.i16()?;
        it.last_contained_log_timestamp = from.i64()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i16(self.version);
        to.i64(self.last_contained_log_timestamp);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl SnapshotHeaderRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.version = source.i16();
        }
        if source.sets() {
            it.last_contained_log_timestamp = source.i64();
        }
        it.unknown_tags = source.tags();
        it
    }
}
