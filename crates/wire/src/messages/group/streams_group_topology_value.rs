//! `StreamsGroupTopologyValue`: record type 23, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `StreamsGroupTopologyValue`: record type 23, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StreamsGroupTopologyValue {
    /// Versions 0+.
    pub epoch: i32,
    /// Versions 0+.
    pub subtopologies: Vec<Subtopology>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for StreamsGroupTopologyValue {
    const NAME: &'static str = "StreamsGroupTopologyValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.epoch = from.i32()?;
        it.subtopologies = from.items(true, |from| Subtopology::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.epoch);
        to.length(Some(self.subtopologies.len()), true);
        for item in &self.subtopologies {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl StreamsGroupTopologyValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.epoch = source.i32();
        }
        if source.sets() {
            it.subtopologies = source.items(|source| Subtopology::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupTopologyValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Subtopology {
    /// Versions 0+.
    pub subtopology_id: String,
    /// Versions 0+.
    pub source_topics: Vec<String>,
    /// Versions 0+.
    pub source_topic_regex: Vec<String>,
    /// Versions 0+.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// Versions 0+.
    pub repartition_sink_topics: Vec<String>,
    /// Versions 0+.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// Versions 0+.
    pub copartition_groups: Vec<CopartitionGroup>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Subtopology {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.subtopology_id = from.string(true)?;
        it.source_topics = from.items(true, |from| from.string(true))?;
        it.source_topic_regex = from.items(true, |from| from.string(true))?;
        it.state_changelog_topics = from.items(true, |from| TopicInfo::read(from, version))?;
        it.repartition_sink_topics = from.items(true, |from| from.string(true))?;
        it.repartition_source_topics = from.items(true, |from| TopicInfo::read(from, version))?;
        it.copartition_groups = from.items(true, |from| CopartitionGroup::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.subtopology_id, true),
            "Subtopology",
            "subtopology_id",
        )?;
        to.length(Some(self.source_topics.len()), true);
        for item in &self.source_topics {
            place(to.string(item, true), "Subtopology", "source_topics")?;
        }
        to.length(Some(self.source_topic_regex.len()), true);
        for item in &self.source_topic_regex {
            place(to.string(item, true), "Subtopology", "source_topic_regex")?;
        }
        to.length(Some(self.state_changelog_topics.len()), true);
        for item in &self.state_changelog_topics {
            item.write(to, version)?;
        }
        to.length(Some(self.repartition_sink_topics.len()), true);
        for item in &self.repartition_sink_topics {
            place(
                to.string(item, true),
                "Subtopology",
                "repartition_sink_topics",
            )?;
        }
        to.length(Some(self.repartition_source_topics.len()), true);
        for item in &self.repartition_source_topics {
            item.write(to, version)?;
        }
        to.length(Some(self.copartition_groups.len()), true);
        for item in &self.copartition_groups {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Subtopology {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.subtopology_id = source.string();
        }
        if source.sets() {
            it.source_topics = source.items(|source| source.string());
        }
        if source.sets() {
            it.source_topic_regex = source.items(|source| source.string());
        }
        if source.sets() {
            it.state_changelog_topics = source.items(|source| TopicInfo::random(source, version));
        }
        if source.sets() {
            it.repartition_sink_topics = source.items(|source| source.string());
        }
        if source.sets() {
            it.repartition_source_topics =
                source.items(|source| TopicInfo::random(source, version));
        }
        if source.sets() {
            it.copartition_groups =
                source.items(|source| CopartitionGroup::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupTopologyValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CopartitionGroup {
    /// Versions 0+.
    pub source_topics: Vec<i16>,
    /// Versions 0+.
    pub source_topic_regex: Vec<i16>,
    /// Versions 0+.
    pub repartition_source_topics: Vec<i16>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl CopartitionGroup {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.source_topics = from.items(true, Reader::i16)?;
        it.source_topic_regex = from.items(true, Reader::i16)?;
        it.repartition_source_topics = from.items(true, Reader::i16)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.source_topics.len()), true);
        for item in &self.source_topics {
            to.i16(*item);
        }
        to.length(Some(self.source_topic_regex.len()), true);
        for item in &self.source_topic_regex {
            to.i16(*item);
        }
        to.length(Some(self.repartition_source_topics.len()), true);
        for item in &self.repartition_source_topics {
            to.i16(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CopartitionGroup {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.source_topics = source.items(|source| source.i16());
        }
        if source.sets() {
            it.source_topic_regex = source.items(|source| source.i16());
        }
        if source.sets() {
            it.repartition_source_topics = source.items(|source| source.i16());
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupTopologyValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicConfig {
    /// Versions 0+.
    pub key: String,
    /// Versions 0+.
    pub value: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicConfig {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.key = from.string(true)?;
        it.value = from.string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.key, true), "TopicConfig", "key")?;
        place(to.string(&self.value, true), "TopicConfig", "value")?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicConfig {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.key = source.string();
        }
        if source.sets() {
            it.value = source.string();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupTopologyValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicInfo {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub partitions: i32,
    /// Versions 0+.
    pub replication_factor: i16,
    /// Versions 0+.
    pub topic_configs: Vec<TopicConfig>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicInfo {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.partitions = from.i32()?;
        it.replication_factor = from.i16()?;
        it.topic_configs = from.items(true, |from| TopicConfig::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "TopicInfo", "name")?;
        to.i32(self.partitions);
        to.i16(self.replication_factor);
        to.length(Some(self.topic_configs.len()), true);
        for item in &self.topic_configs {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicInfo {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions = source.i32();
        }
        if source.sets() {
            it.replication_factor = source.i16();
        }
        if source.sets() {
            it.topic_configs = source.items(|source| TopicConfig::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}
