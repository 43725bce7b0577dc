//! `ListOffsetsRequest`: API key 2, versions 1-11. Written by `cargo xtask codegen`: do not edit.

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

/// `ListOffsetsRequest`: API key 2, versions 1-11.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListOffsetsRequest {
    /// Versions 0+ (`brokerId`).
    pub replica_id: i32,
    /// Versions 2+.
    pub isolation_level: i8,
    /// Versions 0+.
    pub topics: Vec<ListOffsetsTopic>,
    /// Versions 10+.
    pub timeout_ms: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ListOffsetsRequest {
    const NAME: &'static str = "ListOffsetsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=11;
    const FLEXIBLE: Option<i16> = Some(6);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        it.replica_id = from.i32()?;
        if version >= 2 {
            it.isolation_level = from.i8()?;
        }
        it.topics = from.items(flexible, |from| ListOffsetsTopic::read(from, version))?;
        if version >= 10 {
            it.timeout_ms = from.i32()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        to.i32(self.replica_id);
        if version >= 2 {
            to.i8(self.isolation_level);
        } else {
            place(
                self.isolation_level == 0,
                "ListOffsetsRequest",
                "isolation_level",
            )?;
        }
        to.length(Some(self.topics.len()), flexible);
        for item in &self.topics {
            item.write(to, version)?;
        }
        if version >= 10 {
            to.i32(self.timeout_ms);
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ListOffsetsRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ListOffsetsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if source.sets() {
            it.replica_id = source.i32();
        }
        if version >= 2 && source.sets() {
            it.isolation_level = source.i8();
        }
        if source.sets() {
            it.topics = source.items(|source| ListOffsetsTopic::random(source, version));
        }
        if version >= 10 && source.sets() {
            it.timeout_ms = source.i32();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for ListOffsetsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`ListOffsetsRequest`], versions 1-11.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListOffsetsTopic {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: Vec<ListOffsetsPartition>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ListOffsetsTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.partitions = from.items(flexible, |from| ListOffsetsPartition::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        place(to.string(&self.name, flexible), "ListOffsetsTopic", "name")?;
        to.length(Some(self.partitions.len()), flexible);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ListOffsetsTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ListOffsetsTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| ListOffsetsPartition::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`ListOffsetsRequest`], versions 1-11.
#[derive(Clone, PartialEq, Debug)]
pub struct ListOffsetsPartition {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 4+; -1 by default.
    pub current_leader_epoch: i32,
    /// Versions 0+.
    pub timestamp: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ListOffsetsPartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            current_leader_epoch: -1,
            timestamp: 0,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl ListOffsetsPartition {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        if version >= 4 {
            it.current_leader_epoch = from.i32()?;
        }
        it.timestamp = from.i64()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        to.i32(self.partition_index);
        if version >= 4 {
            to.i32(self.current_leader_epoch);
        }
        to.i64(self.timestamp);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ListOffsetsPartition",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ListOffsetsPartition {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if version >= 4 && source.sets() {
            it.current_leader_epoch = source.i32();
        }
        if source.sets() {
            it.timestamp = source.i64();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for ListOffsetsRequest {
    const KEY: i16 = 2;
    type Response = super::ListOffsetsResponse;
}
