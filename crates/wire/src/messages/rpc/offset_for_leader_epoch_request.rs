//! `OffsetForLeaderEpochRequest`: API key 23, versions 2-4. Written by `cargo xtask codegen`: do not edit.

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

/// `OffsetForLeaderEpochRequest`: API key 23, versions 2-4.
#[derive(Clone, PartialEq, Debug)]
pub struct OffsetForLeaderEpochRequest {
    /// Versions 3+; -2 by default (`brokerId`).
    pub replica_id: i32,
    /// Versions 0+.
    pub topics: Vec<OffsetForLeaderTopic>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for OffsetForLeaderEpochRequest {
    fn default() -> Self {
        Self {
            replica_id: -2,
            topics: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for OffsetForLeaderEpochRequest {
    const NAME: &'static str = "OffsetForLeaderEpochRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 2..=4;
    const FLEXIBLE: Option<i16> = Some(4);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        if version >= 3 {
            it.replica_id = from.i32()?;
        }
        it.topics = from.items(flexible, |from| OffsetForLeaderTopic::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        if version >= 3 {
            to.i32(self.replica_id);
        }
        to.length(Some(self.topics.len()), flexible);
        for item in &self.topics {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetForLeaderEpochRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetForLeaderEpochRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if version >= 3 && source.sets() {
            it.replica_id = source.i32();
        }
        if source.sets() {
            it.topics = source.items(|source| OffsetForLeaderTopic::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for OffsetForLeaderEpochRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`OffsetForLeaderEpochRequest`], versions 2-4.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetForLeaderTopic {
    /// Versions 0+ (`topicName`).
    pub topic: String,
    /// Versions 0+.
    pub partitions: Vec<OffsetForLeaderPartition>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl OffsetForLeaderTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.topic = from.string(flexible)?;
        it.partitions = from.items(flexible, |from| {
            OffsetForLeaderPartition::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        place(
            to.string(&self.topic, flexible),
            "OffsetForLeaderTopic",
            "topic",
        )?;
        to.length(Some(self.partitions.len()), flexible);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetForLeaderTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetForLeaderTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.topic = source.string();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| OffsetForLeaderPartition::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`OffsetForLeaderEpochRequest`], versions 2-4.
#[derive(Clone, PartialEq, Debug)]
pub struct OffsetForLeaderPartition {
    /// Versions 0+.
    pub partition: i32,
    /// Versions 2+; -1 by default.
    pub current_leader_epoch: i32,
    /// Versions 0+.
    pub leader_epoch: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for OffsetForLeaderPartition {
    fn default() -> Self {
        Self {
            partition: 0,
            current_leader_epoch: -1,
            leader_epoch: 0,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl OffsetForLeaderPartition {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.partition = from.i32()?;
        it.current_leader_epoch = from.i32()?;
        it.leader_epoch = from.i32()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        to.i32(self.partition);
        to.i32(self.current_leader_epoch);
        to.i32(self.leader_epoch);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetForLeaderPartition",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetForLeaderPartition {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.partition = source.i32();
        }
        if source.sets() {
            it.current_leader_epoch = source.i32();
        }
        if source.sets() {
            it.leader_epoch = source.i32();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for OffsetForLeaderEpochRequest {
    const KEY: i16 = 23;
    type Response = super::OffsetForLeaderEpochResponse;
}
