//! `DeleteTopicsRequest`: API key 20, versions 1-6. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
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

/// `DeleteTopicsRequest`: API key 20, versions 1-6.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DeleteTopicsRequest {
    /// Versions 6+.
    pub topics: Vec<DeleteTopicState>,
    /// Versions 0-5 (`topicName`).
    pub topic_names: Vec<String>,
    /// Versions 0+.
    pub timeout_ms: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DeleteTopicsRequest {
    const NAME: &'static str = "DeleteTopicsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=6;
    const FLEXIBLE: Option<i16> = Some(4);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        if version >= 6 {
            it.topics = from.items(true, |from| DeleteTopicState::read(from, version))?;
        }
        if version <= 5 {
            it.topic_names = from.items(flexible, |from| from.string(flexible))?;
        }
        it.timeout_ms = from.i32()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        if version >= 6 {
            to.length(Some(self.topics.len()), true);
            for item in &self.topics {
                item.write(to, version)?;
            }
        } else {
            place(self.topics.is_empty(), "DeleteTopicsRequest", "topics")?;
        }
        if version <= 5 {
            to.length(Some(self.topic_names.len()), flexible);
            for item in &self.topic_names {
                place(
                    to.string(item, flexible),
                    "DeleteTopicsRequest",
                    "topic_names",
                )?;
            }
        }
        to.i32(self.timeout_ms);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DeleteTopicsRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DeleteTopicsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if version >= 6 && source.sets() {
            it.topics = source.items(|source| DeleteTopicState::random(source, version));
        }
        if version <= 5 && source.sets() {
            it.topic_names = source.items(|source| source.string());
        }
        if source.sets() {
            it.timeout_ms = source.i32();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for DeleteTopicsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`DeleteTopicsRequest`], versions 6.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DeleteTopicState {
    /// Versions 6+, nullable 6+; null by default (`topicName`).
    pub name: Option<String>,
    /// Versions 6+.
    pub topic_id: Uuid,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DeleteTopicState {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.nullable_string(true)?;
        it.topic_id = from.uuid()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.nullable_string(self.name.as_deref(), true),
            "DeleteTopicState",
            "name",
        )?;
        to.uuid(self.topic_id);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DeleteTopicState {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.topic_id = source.uuid();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for DeleteTopicsRequest {
    const KEY: i16 = 20;
    type Response = super::DeleteTopicsResponse;
}
