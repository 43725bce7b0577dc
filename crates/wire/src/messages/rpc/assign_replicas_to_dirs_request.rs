//! `AssignReplicasToDirsRequest`: API key 73, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::answer::Name;
use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Request;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `AssignReplicasToDirsRequest`: API key 73, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct AssignReplicasToDirsRequest {
    /// Versions 0+ (`brokerId`).
    pub broker_id: i32,
    /// Versions 0+; -1 by default.
    pub broker_epoch: i64,
    /// Versions 0+.
    pub directories: Vec<DirectoryData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for AssignReplicasToDirsRequest {
    fn default() -> Self {
        Self {
            broker_id: 0,
            broker_epoch: -1,
            directories: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for AssignReplicasToDirsRequest {
    const NAME: &'static str = "AssignReplicasToDirsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.broker_id = from.i32()?;
        it.broker_epoch = from.i64()?;
        it.directories = from.items(true, |from| DirectoryData::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.broker_id);
        to.i64(self.broker_epoch);
        to.length(Some(self.directories.len()), true);
        for item in &self.directories {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AssignReplicasToDirsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.broker_id = source.i32();
        }
        if source.sets() {
            it.broker_epoch = source.i64();
        }
        if source.sets() {
            it.directories = source.items(|source| DirectoryData::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for AssignReplicasToDirsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[("broker", Name::Number(self.broker_id.into()))]);
    }
}

/// Part of [`AssignReplicasToDirsRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DirectoryData {
    /// Versions 0+.
    pub id: Uuid,
    /// Versions 0+.
    pub topics: Vec<TopicData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DirectoryData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.id = from.uuid()?;
        it.topics = from.items(true, |from| TopicData::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.uuid(self.id);
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DirectoryData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.id = source.uuid();
        }
        if source.sets() {
            it.topics = source.items(|source| TopicData::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`AssignReplicasToDirsRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicData {
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicData {
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
impl TopicData {
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

/// Part of [`AssignReplicasToDirsRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartitionData {
    /// Versions 0+.
    pub partition_index: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl PartitionData {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionData {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for AssignReplicasToDirsRequest {
    const KEY: i16 = 73;
    type Response = super::AssignReplicasToDirsResponse;
}
