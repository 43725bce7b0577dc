//! `ShareGroupStatePartitionMetadataValue`: record type 15, versions 0. Written by `cargo xtask codegen`: do not edit.

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

/// `ShareGroupStatePartitionMetadataValue`: record type 15, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ShareGroupStatePartitionMetadataValue {
    /// Versions 0+.
    pub initializing_topics: Vec<TopicPartitionsInfo>,
    /// Versions 0+.
    pub initialized_topics: Vec<TopicPartitionsInfo>,
    /// Versions 0+.
    pub deleting_topics: Vec<TopicInfo>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ShareGroupStatePartitionMetadataValue {
    const NAME: &'static str = "ShareGroupStatePartitionMetadataValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.initializing_topics =
            from.items(true, |from| TopicPartitionsInfo::read(from, version))?;
        it.initialized_topics =
            from.items(true, |from| TopicPartitionsInfo::read(from, version))?;
        it.deleting_topics = from.items(true, |from| TopicInfo::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.initializing_topics.len()), true);
        for item in &self.initializing_topics {
            item.write(to, version)?;
        }
        to.length(Some(self.initialized_topics.len()), true);
        for item in &self.initialized_topics {
            item.write(to, version)?;
        }
        to.length(Some(self.deleting_topics.len()), true);
        for item in &self.deleting_topics {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ShareGroupStatePartitionMetadataValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.initializing_topics =
                source.items(|source| TopicPartitionsInfo::random(source, version));
        }
        if source.sets() {
            it.initialized_topics =
                source.items(|source| TopicPartitionsInfo::random(source, version));
        }
        if source.sets() {
            it.deleting_topics = source.items(|source| TopicInfo::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ShareGroupStatePartitionMetadataValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicPartitionsInfo {
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub topic_name: String,
    /// Versions 0+.
    pub partitions: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicPartitionsInfo {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_id = from.uuid()?;
        it.topic_name = from.string(true)?;
        it.partitions = from.items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.uuid(self.topic_id);
        place(
            to.string(&self.topic_name, true),
            "TopicPartitionsInfo",
            "topic_name",
        )?;
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            to.i32(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicPartitionsInfo {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.topic_name = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| source.i32());
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ShareGroupStatePartitionMetadataValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicInfo {
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub topic_name: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicInfo {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_id = from.uuid()?;
        it.topic_name = from.string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.uuid(self.topic_id);
        place(to.string(&self.topic_name, true), "TopicInfo", "topic_name")?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicInfo {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.topic_name = source.string();
        }
        it.unknown_tags = source.tags();
        it
    }
}
