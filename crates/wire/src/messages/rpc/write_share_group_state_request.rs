//! `WriteShareGroupStateRequest`: API key 85, versions 0-1. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Request;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `WriteShareGroupStateRequest`: API key 85, versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WriteShareGroupStateRequest {
    /// Versions 0+.
    pub group_id: String,
    /// Versions 0+.
    pub topics: Vec<WriteStateData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for WriteShareGroupStateRequest {
    const NAME: &'static str = "WriteShareGroupStateRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(true)?;
        it.topics = from.items(true, |from| WriteStateData::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, true),
            "WriteShareGroupStateRequest",
            "group_id",
        )?;
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl WriteShareGroupStateRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.topics = source.items(|source| WriteStateData::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for WriteShareGroupStateRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`WriteShareGroupStateRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WriteStateData {
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl WriteStateData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_id = from.uuid()?;
        it.partitions = from.items(true, |from| PartitionData::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.uuid(self.topic_id);
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl WriteStateData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partitions = source.items(|source| PartitionData::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`WriteShareGroupStateRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionData {
    /// Versions 0+.
    pub partition: i32,
    /// Versions 0+.
    pub state_epoch: i32,
    /// Versions 0+.
    pub leader_epoch: i32,
    /// Versions 0+.
    pub start_offset: i64,
    /// Versions 1+; -1 by default.
    pub delivery_complete_count: i32,
    /// Versions 0+.
    pub state_batches: Vec<StateBatch>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition: 0,
            state_epoch: 0,
            leader_epoch: 0,
            start_offset: 0,
            delivery_complete_count: -1,
            state_batches: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl PartitionData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition = from.i32()?;
        it.state_epoch = from.i32()?;
        it.leader_epoch = from.i32()?;
        it.start_offset = from.i64()?;
        if version >= 1 {
            it.delivery_complete_count = from.i32()?;
        }
        it.state_batches = from.items(true, |from| StateBatch::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition);
        to.i32(self.state_epoch);
        to.i32(self.leader_epoch);
        to.i64(self.start_offset);
        if version >= 1 {
            to.i32(self.delivery_complete_count);
        }
        to.length(Some(self.state_batches.len()), true);
        for item in &self.state_batches {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition = source.i32();
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
        if version >= 1 && source.sets() {
            it.delivery_complete_count = source.i32();
        }
        if source.sets() {
            it.state_batches = source.items(|source| StateBatch::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`WriteShareGroupStateRequest`], versions 0-1.
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

impl Request for WriteShareGroupStateRequest {
    const KEY: i16 = 85;
    type Response = super::WriteShareGroupStateResponse;
}
