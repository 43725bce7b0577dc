//! `ConsumerGroupPartitionMetadataValue`: record type 4, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ConsumerGroupPartitionMetadataValue`: record type 4, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ConsumerGroupPartitionMetadataValue {
    /// Versions 0+.
    pub topics: Vec<TopicMetadata>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ConsumerGroupPartitionMetadataValue {
    const NAME: &'static str = "ConsumerGroupPartitionMetadataValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topics = from.items(true, |from| TopicMetadata::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ConsumerGroupPartitionMetadataValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topics = source.items(|source| TopicMetadata::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ConsumerGroupPartitionMetadataValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicMetadata {
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub topic_name: String,
    /// Versions 0+.
    pub num_partitions: i32,
    /// Versions 0+.
    pub partition_metadata: Vec<PartitionMetadata>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicMetadata {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_id = from.uuid()?;
        it.topic_name = from.string(true)?;
        it.num_partitions = from.i32()?;
        it.partition_metadata = from.items(true, |from| PartitionMetadata::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.uuid(self.topic_id);
        place(
            to.string(&self.topic_name, true),
            "TopicMetadata",
            "topic_name",
        )?;
        to.i32(self.num_partitions);
        to.length(Some(self.partition_metadata.len()), true);
        for item in &self.partition_metadata {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicMetadata {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.topic_name = source.string();
        }
        if source.sets() {
            it.num_partitions = source.i32();
        }
        if source.sets() {
            it.partition_metadata =
                source.items(|source| PartitionMetadata::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ConsumerGroupPartitionMetadataValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartitionMetadata {
    /// Versions 0+.
    pub partition: i32,
    /// Versions 0+.
    pub racks: Vec<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl PartitionMetadata {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition = from.i32()?;
        it.racks = from.items(true, |from| from.string(true))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition);
        to.length(Some(self.racks.len()), true);
        for item in &self.racks {
            place(to.string(item, true), "PartitionMetadata", "racks")?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionMetadata {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition = source.i32();
        }
        if source.sets() {
            it.racks = source.items(|source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}
