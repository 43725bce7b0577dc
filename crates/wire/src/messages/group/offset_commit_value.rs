//! `OffsetCommitValue`: record type 1, versions 0-4. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `OffsetCommitValue`: record type 1, versions 0-4.
#[derive(Clone, PartialEq, Debug)]
pub struct OffsetCommitValue {
    /// Versions 0+.
    pub offset: i64,
    /// Versions 3+; -1 by default.
    pub leader_epoch: i32,
    /// Versions 0+.
    pub metadata: String,
    /// Versions 0+.
    pub commit_timestamp: i64,
    /// Versions 1; -1 by default.
    pub expire_timestamp: i64,
    /// Versions 4+, tagged 4+.
    pub topic_id: Uuid,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for OffsetCommitValue {
    fn default() -> Self {
        Self {
            offset: 0,
            leader_epoch: -1,
            metadata: String::new(),
            commit_timestamp: 0,
            expire_timestamp: -1,
            topic_id: Uuid::ZERO,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for OffsetCommitValue {
    const NAME: &'static str = "OffsetCommitValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=4;
    const FLEXIBLE: Option<i16> = Some(4);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.offset = from.i64()?;
        if version >= 3 {
            it.leader_epoch = from.i32()?;
        }
        it.metadata = from.string(flexible)?;
        it.commit_timestamp = from.i64()?;
        if (1..=1).contains(&version) {
            it.expire_timestamp = from.i64()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|tag, from| {
                match tag {
                    0 => it.topic_id = from.uuid()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        to.i64(self.offset);
        if version >= 3 {
            to.i32(self.leader_epoch);
        }
        place(
            to.string(&self.metadata, flexible),
            "OffsetCommitValue",
            "metadata",
        )?;
        to.i64(self.commit_timestamp);
        if (1..=1).contains(&version) {
            to.i64(self.expire_timestamp);
        }
        if flexible {
            let mut tags = TagWriter::new(&self.unknown_tags, "OffsetCommitValue");
            if !self.topic_id.is_zero() {
                tags.field(0, |to| {
                    to.uuid(self.topic_id);
                    Ok(())
                })?;
            }
            tags.finish(to);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetCommitValue",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetCommitValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.offset = source.i64();
        }
        if version >= 3 && source.sets() {
            it.leader_epoch = source.i32();
        }
        if source.sets() {
            it.metadata = source.string();
        }
        if source.sets() {
            it.commit_timestamp = source.i64();
        }
        if (1..=1).contains(&version) && source.sets() {
            it.expire_timestamp = source.i64();
        }
        if version >= 4 && source.sets() {
            it.topic_id = source.uuid();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
