//! `DescribeTopicPartitionsRequest`: API key 75, versions 0. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeTopicPartitionsRequest`: API key 75, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeTopicPartitionsRequest {
    /// Versions 0+.
    pub topics: Vec<TopicRequest>,
    /// Versions 0+; 2000 by default.
    pub response_partition_limit: i32,
    /// Versions 0+, nullable 0+; null by default.
    pub cursor: Option<Cursor>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeTopicPartitionsRequest {
    fn default() -> Self {
        Self {
            topics: Vec::new(),
            response_partition_limit: 2000,
            cursor: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for DescribeTopicPartitionsRequest {
    const NAME: &'static str = "DescribeTopicPartitionsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topics = from.items(true, |from| TopicRequest::read(from, version))?;
        it.response_partition_limit = from.i32()?;
        it.cursor = if from.i8()? < 0 {
            None
        } else {
            Some(Cursor::read(from, version)?)
        };
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.i32(self.response_partition_limit);
        match &self.cursor {
            Some(value) => {
                to.i8(1);
                value.write(to, version)?;
            }
            None => to.i8(-1),
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeTopicPartitionsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topics = source.items(|source| TopicRequest::random(source, version));
        }
        if source.sets() {
            it.response_partition_limit = source.i32();
        }
        if source.sets() {
            it.cursor = source.nullable(true, |source| Cursor::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for DescribeTopicPartitionsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`DescribeTopicPartitionsRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicRequest {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicRequest {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "TopicRequest", "name")?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicRequest {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`DescribeTopicPartitionsRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Cursor {
    /// Versions 0+ (`topicName`).
    pub topic_name: String,
    /// Versions 0+.
    pub partition_index: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Cursor {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_name = from.string(true)?;
        it.partition_index = from.i32()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.topic_name, true), "Cursor", "topic_name")?;
        to.i32(self.partition_index);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Cursor {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_name = source.string();
        }
        if source.sets() {
            it.partition_index = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for DescribeTopicPartitionsRequest {
    const KEY: i16 = 75;
    type Response = super::DescribeTopicPartitionsResponse;
}
