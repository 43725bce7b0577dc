//! `AlterShareGroupOffsetsRequest`: API key 91, versions 0. Written by `cargo xtask codegen`: do not edit.

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
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `AlterShareGroupOffsetsRequest`: API key 91, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterShareGroupOffsetsRequest {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub topics: Vec<AlterShareGroupOffsetsRequestTopic>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for AlterShareGroupOffsetsRequest {
    const NAME: &'static str = "AlterShareGroupOffsetsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(true)?;
        it.topics = from.items(true, |from| {
            AlterShareGroupOffsetsRequestTopic::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, true),
            "AlterShareGroupOffsetsRequest",
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
impl AlterShareGroupOffsetsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.topics =
                source.items(|source| AlterShareGroupOffsetsRequestTopic::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for AlterShareGroupOffsetsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[("group", Name::Text(Some(&self.group_id)))]);
    }
}

/// Part of [`AlterShareGroupOffsetsRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterShareGroupOffsetsRequestTopic {
    /// Versions 0+ (`topicName`).
    pub topic_name: String,
    /// Versions 0+.
    pub partitions: Vec<AlterShareGroupOffsetsRequestPartition>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AlterShareGroupOffsetsRequestTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_name = from.string(true)?;
        it.partitions = from.items(true, |from| {
            AlterShareGroupOffsetsRequestPartition::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.topic_name, true),
            "AlterShareGroupOffsetsRequestTopic",
            "topic_name",
        )?;
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterShareGroupOffsetsRequestTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_name = source.string();
        }
        if source.sets() {
            it.partitions = source
                .items(|source| AlterShareGroupOffsetsRequestPartition::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`AlterShareGroupOffsetsRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterShareGroupOffsetsRequestPartition {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub start_offset: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AlterShareGroupOffsetsRequestPartition {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.start_offset = from.i64()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.i64(self.start_offset);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterShareGroupOffsetsRequestPartition {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.start_offset = source.i64();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for AlterShareGroupOffsetsRequest {
    const KEY: i16 = 91;
    type Response = super::AlterShareGroupOffsetsResponse;
}
