//! `StreamsGroupTopologyDescriptionUpdateRequest`: API key 93, versions 0. Written by `cargo xtask codegen`: do not edit.

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

/// `StreamsGroupTopologyDescriptionUpdateRequest`: API key 93, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StreamsGroupTopologyDescriptionUpdateRequest {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub member_id: String,
    /// Versions 0+.
    pub topology_epoch: i32,
    /// Versions 0+.
    pub topology_description: TopologyDescription,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for StreamsGroupTopologyDescriptionUpdateRequest {
    const NAME: &'static str = "StreamsGroupTopologyDescriptionUpdateRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(true)?;
        it.member_id = from.string(true)?;
        it.topology_epoch = from.i32()?;
        it.topology_description = TopologyDescription::read(from, version)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, true),
            "StreamsGroupTopologyDescriptionUpdateRequest",
            "group_id",
        )?;
        place(
            to.string(&self.member_id, true),
            "StreamsGroupTopologyDescriptionUpdateRequest",
            "member_id",
        )?;
        to.i32(self.topology_epoch);
        self.topology_description.write(to, version)?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl StreamsGroupTopologyDescriptionUpdateRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.member_id = source.string();
        }
        if source.sets() {
            it.topology_epoch = source.i32();
        }
        if source.sets() {
            it.topology_description = TopologyDescription::random(source, version);
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for StreamsGroupTopologyDescriptionUpdateRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("group", Name::Text(Some(&self.group_id))),
            ("member", Name::Text(Some(&self.member_id))),
        ]);
    }
}

/// Part of [`StreamsGroupTopologyDescriptionUpdateRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopologyDescription {
    /// Versions 0+.
    pub subtopologies: Vec<TopologyDescriptionSubtopology>,
    /// Versions 0+.
    pub global_stores: Vec<TopologyDescriptionGlobalStore>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopologyDescription {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.subtopologies = from.items(true, |from| {
            TopologyDescriptionSubtopology::read(from, version)
        })?;
        it.global_stores = from.items(true, |from| {
            TopologyDescriptionGlobalStore::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.subtopologies.len()), true);
        for item in &self.subtopologies {
            item.write(to, version)?;
        }
        to.length(Some(self.global_stores.len()), true);
        for item in &self.global_stores {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopologyDescription {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.subtopologies =
                source.items(|source| TopologyDescriptionSubtopology::random(source, version));
        }
        if source.sets() {
            it.global_stores =
                source.items(|source| TopologyDescriptionGlobalStore::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupTopologyDescriptionUpdateRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopologyDescriptionSubtopology {
    /// Versions 0+.
    pub subtopology_id: String,
    /// Versions 0+.
    pub nodes: Vec<TopologyDescriptionNode>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopologyDescriptionSubtopology {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.subtopology_id = from.string(true)?;
        it.nodes = from.items(true, |from| TopologyDescriptionNode::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.subtopology_id, true),
            "TopologyDescriptionSubtopology",
            "subtopology_id",
        )?;
        to.length(Some(self.nodes.len()), true);
        for item in &self.nodes {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopologyDescriptionSubtopology {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.subtopology_id = source.string();
        }
        if source.sets() {
            it.nodes = source.items(|source| TopologyDescriptionNode::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupTopologyDescriptionUpdateRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopologyDescriptionNode {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub node_type: i8,
    /// Versions 0+ (`topicName`).
    pub source_topics: Vec<String>,
    /// Versions 0+, nullable 0+; null by default (`topicName`).
    pub sink_topic: Option<String>,
    /// Versions 0+.
    pub stores: Vec<String>,
    /// Versions 0+.
    pub successors: Vec<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopologyDescriptionNode {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.node_type = from.i8()?;
        it.source_topics = from.items(true, |from| from.string(true))?;
        it.sink_topic = from.nullable_string(true)?;
        it.stores = from.items(true, |from| from.string(true))?;
        it.successors = from.items(true, |from| from.string(true))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.name, true),
            "TopologyDescriptionNode",
            "name",
        )?;
        to.i8(self.node_type);
        to.length(Some(self.source_topics.len()), true);
        for item in &self.source_topics {
            place(
                to.string(item, true),
                "TopologyDescriptionNode",
                "source_topics",
            )?;
        }
        place(
            to.nullable_string(self.sink_topic.as_deref(), true),
            "TopologyDescriptionNode",
            "sink_topic",
        )?;
        to.length(Some(self.stores.len()), true);
        for item in &self.stores {
            place(to.string(item, true), "TopologyDescriptionNode", "stores")?;
        }
        to.length(Some(self.successors.len()), true);
        for item in &self.successors {
            place(
                to.string(item, true),
                "TopologyDescriptionNode",
                "successors",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopologyDescriptionNode {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.node_type = source.i8();
        }
        if source.sets() {
            it.source_topics = source.items(|source| source.string());
        }
        if source.sets() {
            it.sink_topic = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.stores = source.items(|source| source.string());
        }
        if source.sets() {
            it.successors = source.items(|source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupTopologyDescriptionUpdateRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopologyDescriptionGlobalStore {
    /// Versions 0+.
    pub source: TopologyDescriptionNode,
    /// Versions 0+.
    pub processor: TopologyDescriptionNode,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopologyDescriptionGlobalStore {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.source = TopologyDescriptionNode::read(from, version)?;
        it.processor = TopologyDescriptionNode::read(from, version)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        self.source.write(to, version)?;
        self.processor.write(to, version)?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopologyDescriptionGlobalStore {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.source = TopologyDescriptionNode::random(source, version);
        }
        if source.sets() {
            it.processor = TopologyDescriptionNode::random(source, version);
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for StreamsGroupTopologyDescriptionUpdateRequest {
    const KEY: i16 = 93;
    type Response = super::StreamsGroupTopologyDescriptionUpdateResponse;
}
