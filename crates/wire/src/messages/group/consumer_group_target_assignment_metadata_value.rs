//! `ConsumerGroupTargetAssignmentMetadataValue`: record type 6, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ConsumerGroupTargetAssignmentMetadataValue`: record type 6, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ConsumerGroupTargetAssignmentMetadataValue {
    /// Versions 0+.
    pub assignment_epoch: i32,
    /// Versions 0+, tagged 0+; 0 by default.
    pub assignment_timestamp: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ConsumerGroupTargetAssignmentMetadataValue {
    const NAME: &'static str = "ConsumerGroupTargetAssignmentMetadataValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.assignment_epoch = from.i32()?;
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 => it.assignment_timestamp = from.i64()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.assignment_epoch);
        let mut tags = TagWriter::new(
            &self.unknown_tags,
            "ConsumerGroupTargetAssignmentMetadataValue",
        );
        if self.assignment_timestamp != 0 {
            tags.field(0, |to| {
                to.i64(self.assignment_timestamp);
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ConsumerGroupTargetAssignmentMetadataValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.assignment_epoch = source.i32();
        }
        if source.sets() {
            it.assignment_timestamp = source.i64();
        }
        it.unknown_tags = source.tags();
        it
    }
}
