//! `ConsumerGroupMetadataValue`: record type 3, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ConsumerGroupMetadataValue`: record type 3, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ConsumerGroupMetadataValue {
    /// Versions 0+.
    pub epoch: i32,
    /// Versions 0+, tagged 0+; 0 by default.
    pub metadata_hash: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ConsumerGroupMetadataValue {
    const NAME: &'static str = "ConsumerGroupMetadataValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.epoch = from.i32()?;
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 => it.metadata_hash = from.i64()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.epoch);
        let mut tags = TagWriter::new(&self.unknown_tags, "ConsumerGroupMetadataValue");
        if self.metadata_hash != 0 {
            tags.field(0, |to| {
                to.i64(self.metadata_hash);
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ConsumerGroupMetadataValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.epoch = source.i32();
        }
        if source.sets() {
            it.metadata_hash = source.i64();
        }
        it.unknown_tags = source.tags();
        it
    }
}
