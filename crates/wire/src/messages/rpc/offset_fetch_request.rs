//! `OffsetFetchRequest`: API key 9, versions 1-10. Written by `cargo xtask codegen`: do not edit.

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
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `OffsetFetchRequest`: API key 9, versions 1-10.
#[derive(Clone, PartialEq, Debug)]
pub struct OffsetFetchRequest {
    /// Versions 0-7 (`groupId`).
    pub group_id: String,
    /// Versions 0-7, nullable 2-7.
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    /// Versions 8+.
    pub groups: Vec<OffsetFetchRequestGroup>,
    /// Versions 7+; false by default.
    pub require_stable: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for OffsetFetchRequest {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            topics: Some(Vec::new()),
            groups: Vec::new(),
            require_stable: false,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for OffsetFetchRequest {
    const NAME: &'static str = "OffsetFetchRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=10;
    const FLEXIBLE: Option<i16> = Some(6);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        if version <= 7 {
            it.group_id = from.string(flexible)?;
        }
        if version <= 7 {
            it.topics = if version >= 2 {
                from.nullable_items(flexible, |from| {
                    OffsetFetchRequestTopic::read(from, version)
                })?
            } else {
                Some(from.items(flexible, |from| {
                    OffsetFetchRequestTopic::read(from, version)
                })?)
            };
        }
        if version >= 8 {
            it.groups = from.items(true, |from| OffsetFetchRequestGroup::read(from, version))?;
        }
        if version >= 7 {
            it.require_stable = from.bool()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        if version <= 7 {
            place(
                to.string(&self.group_id, flexible),
                "OffsetFetchRequest",
                "group_id",
            )?;
        } else {
            place(self.group_id.is_empty(), "OffsetFetchRequest", "group_id")?;
        }
        if version <= 7 {
            place(
                version >= 2 || self.topics.is_some(),
                "OffsetFetchRequest",
                "topics",
            )?;
            to.length(self.topics.as_ref().map(Vec::len), flexible);
            for item in self.topics.iter().flatten() {
                item.write(to, version)?;
            }
        } else {
            place(
                self.topics.as_ref().is_some_and(|value| value.is_empty()),
                "OffsetFetchRequest",
                "topics",
            )?;
        }
        if version >= 8 {
            to.length(Some(self.groups.len()), true);
            for item in &self.groups {
                item.write(to, version)?;
            }
        } else {
            place(self.groups.is_empty(), "OffsetFetchRequest", "groups")?;
        }
        if version >= 7 {
            to.bool(self.require_stable);
        } else {
            place(!self.require_stable, "OffsetFetchRequest", "require_stable")?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetFetchRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetFetchRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if version <= 7 && source.sets() {
            it.group_id = source.string();
        }
        if version <= 7 && source.sets() {
            it.topics = source.nullable(version >= 2, |source| {
                source.items(|source| OffsetFetchRequestTopic::random(source, version))
            });
        }
        if version >= 8 && source.sets() {
            it.groups = source.items(|source| OffsetFetchRequestGroup::random(source, version));
        }
        if version >= 7 && source.sets() {
            it.require_stable = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for OffsetFetchRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[("group", Name::Text(Some(&self.group_id)))]);
    }
}

/// Part of [`OffsetFetchRequest`], versions 1-7.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetFetchRequestTopic {
    /// Versions 0-7 (`topicName`).
    pub name: String,
    /// Versions 0-7.
    pub partition_indexes: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl OffsetFetchRequestTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.partition_indexes = from.items(flexible, Reader::i32)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        place(
            to.string(&self.name, flexible),
            "OffsetFetchRequestTopic",
            "name",
        )?;
        to.length(Some(self.partition_indexes.len()), flexible);
        for item in &self.partition_indexes {
            to.i32(*item);
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetFetchRequestTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetFetchRequestTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partition_indexes = source.items(|source| source.i32());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`OffsetFetchRequest`], versions 8-10.
#[derive(Clone, PartialEq, Debug)]
pub struct OffsetFetchRequestGroup {
    /// Versions 8+ (`groupId`).
    pub group_id: String,
    /// Versions 9+, nullable 9+; null by default.
    pub member_id: Option<String>,
    /// Versions 9+; -1 by default.
    pub member_epoch: i32,
    /// Versions 8+, nullable 8+.
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for OffsetFetchRequestGroup {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            member_id: None,
            member_epoch: -1,
            topics: Some(Vec::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl OffsetFetchRequestGroup {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(true)?;
        if version >= 9 {
            it.member_id = from.nullable_string(true)?;
        }
        if version >= 9 {
            it.member_epoch = from.i32()?;
        }
        it.topics =
            from.nullable_items(true, |from| OffsetFetchRequestTopics::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, true),
            "OffsetFetchRequestGroup",
            "group_id",
        )?;
        if version >= 9 {
            place(
                to.nullable_string(self.member_id.as_deref(), true),
                "OffsetFetchRequestGroup",
                "member_id",
            )?;
        }
        if version >= 9 {
            to.i32(self.member_epoch);
        }
        to.length(self.topics.as_ref().map(Vec::len), true);
        for item in self.topics.iter().flatten() {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetFetchRequestGroup {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if version >= 9 && source.sets() {
            it.member_id = source.nullable(true, |source| source.string());
        }
        if version >= 9 && source.sets() {
            it.member_epoch = source.i32();
        }
        if source.sets() {
            it.topics = source.nullable(true, |source| {
                source.items(|source| OffsetFetchRequestTopics::random(source, version))
            });
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`OffsetFetchRequest`], versions 8-10.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetFetchRequestTopics {
    /// Versions 8-9 (`topicName`).
    pub name: String,
    /// Versions 10+.
    pub topic_id: Uuid,
    /// Versions 8+.
    pub partition_indexes: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl OffsetFetchRequestTopics {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        if version <= 9 {
            it.name = from.string(true)?;
        }
        if version >= 10 {
            it.topic_id = from.uuid()?;
        }
        it.partition_indexes = from.items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        if version <= 9 {
            place(
                to.string(&self.name, true),
                "OffsetFetchRequestTopics",
                "name",
            )?;
        }
        if version >= 10 {
            to.uuid(self.topic_id);
        }
        to.length(Some(self.partition_indexes.len()), true);
        for item in &self.partition_indexes {
            to.i32(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetFetchRequestTopics {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if version <= 9 && source.sets() {
            it.name = source.string();
        }
        if version >= 10 && source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partition_indexes = source.items(|source| source.i32());
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for OffsetFetchRequest {
    const KEY: i16 = 9;
    type Response = super::OffsetFetchResponse;
}
