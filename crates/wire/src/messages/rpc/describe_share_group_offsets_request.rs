//! `DescribeShareGroupOffsetsRequest`: API key 90, versions 0-1. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeShareGroupOffsetsRequest`: API key 90, versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeShareGroupOffsetsRequest {
    /// Versions 0+.
    pub groups: Vec<DescribeShareGroupOffsetsRequestGroup>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DescribeShareGroupOffsetsRequest {
    const NAME: &'static str = "DescribeShareGroupOffsetsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.groups = from.items(true, |from| {
            DescribeShareGroupOffsetsRequestGroup::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.groups.len()), true);
        for item in &self.groups {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeShareGroupOffsetsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.groups = source
                .items(|source| DescribeShareGroupOffsetsRequestGroup::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for DescribeShareGroupOffsetsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`DescribeShareGroupOffsetsRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeShareGroupOffsetsRequestGroup {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+, nullable 0+.
    pub topics: Option<Vec<DescribeShareGroupOffsetsRequestTopic>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeShareGroupOffsetsRequestGroup {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            topics: Some(Vec::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DescribeShareGroupOffsetsRequestGroup {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(true)?;
        it.topics = from.nullable_items(true, |from| {
            DescribeShareGroupOffsetsRequestTopic::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, true),
            "DescribeShareGroupOffsetsRequestGroup",
            "group_id",
        )?;
        to.length(self.topics.as_ref().map(Vec::len), true);
        for item in self.topics.iter().flatten() {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeShareGroupOffsetsRequestGroup {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.topics = source.nullable(true, |source| {
                source
                    .items(|source| DescribeShareGroupOffsetsRequestTopic::random(source, version))
            });
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`DescribeShareGroupOffsetsRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeShareGroupOffsetsRequestTopic {
    /// Versions 0+ (`topicName`).
    pub topic_name: String,
    /// Versions 0+.
    pub partitions: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DescribeShareGroupOffsetsRequestTopic {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_name = from.string(true)?;
        it.partitions = from.items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.topic_name, true),
            "DescribeShareGroupOffsetsRequestTopic",
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
impl DescribeShareGroupOffsetsRequestTopic {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
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

impl Request for DescribeShareGroupOffsetsRequest {
    const KEY: i16 = 90;
    type Response = super::DescribeShareGroupOffsetsResponse;
}
