//! `ShareSnapshotValue`: record type 0, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ShareSnapshotValue`: record type 0, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct ShareSnapshotValue {
    /// Versions 0+.
    pub snapshot_epoch: i32,
    /// Versions 0+.
    pub state_epoch: i32,
    /// Versions 0+.
    pub leader_epoch: i32,
    /// Versions 0+.
    pub start_offset: i64,
    /// Versions 0+, tagged 0+; -1 by default.
    pub delivery_complete_count: i32,
    /// Versions 0+.
    pub create_timestamp: i64,
    /// Versions 0+.
    pub write_timestamp: i64,
    /// Versions 0+.
    pub state_batches: Vec<StateBatch>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ShareSnapshotValue {
    fn default() -> Self {
        Self {
            snapshot_epoch: 0,
            state_epoch: 0,
            leader_epoch: 0,
            start_offset: 0,
            delivery_complete_count: -1,
            create_timestamp: 0,
            write_timestamp: 0,
            state_batches: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for ShareSnapshotValue {
    const NAME: &'static str = "ShareSnapshotValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.snapshot_epoch = from.i32()?;
        it.state_epoch = from.i32()?;
        it.leader_epoch = from.i32()?;
        it.start_offset = from.i64()?;
        it.create_timestamp = from.i64()?;
        it.write_timestamp = from.i64()?;
        it.state_batches = from.items(true, |from| StateBatch::read(from, version))?;
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 => it.delivery_complete_count = from.i32()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.snapshot_epoch);
        to.i32(self.state_epoch);
        to.i32(self.leader_epoch);
        to.i64(self.start_offset);
        to.i64(self.create_timestamp);
        to.i64(self.write_timestamp);
        to.length(Some(self.state_batches.len()), true);
        for item in &self.state_batches {
            item.write(to, version)?;
        }
        let mut tags = TagWriter::new(&self.unknown_tags, "ShareSnapshotValue");
        if self.delivery_complete_count != -1 {
            tags.field(0, |to| {
                to.i32(self.delivery_complete_count);
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ShareSnapshotValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.snapshot_epoch = source.i32();
        }
        if source.sets() {
            it.state_epoch = source.i32();
        }
        if source.sets() {
            it.leader_epoch = source.i32();
        }
        if source.sets() {
            it.start_offset = source.i64();
        }
        if source.sets() {
            it.delivery_complete_count = source.i32();
        }
        if source.sets() {
            it.create_timestamp = source.i64();
        }
        if source.sets() {
            it.write_timestamp = source.i64();
        }
        if source.sets() {
            it.state_batches = source.items(|source| StateBatch::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ShareSnapshotValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StateBatch {
    /// Versions 0+.
    pub first_offset: i64,
    /// Versions 0+.
    pub last_offset: i64,
    /// Versions 0+.
    pub delivery_state: i8,
    /// Versions 0+.
    pub delivery_count: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl StateBatch {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.first_offset = from.i64()?;
        it.last_offset = from.i64()?;
        it.delivery_state = from.i8()?;
        it.delivery_count = from.i16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i64(self.first_offset);
        to.i64(self.last_offset);
        to.i8(self.delivery_state);
        to.i16(self.delivery_count);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl StateBatch {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.first_offset = source.i64();
        }
        if source.sets() {
            it.last_offset = source.i64();
        }
        if source.sets() {
            it.delivery_state = source.i8();
        }
        if source.sets() {
            it.delivery_count = source.i16();
        }
        it.unknown_tags = source.tags();
        it
    }
}
