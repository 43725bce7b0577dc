//! `OffsetCommitRequest`: API key 8, versions 2-10. Written by `cargo xtask codegen`: do not edit.

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

/// `OffsetCommitRequest`: API key 8, versions 2-10.
#[derive(Clone, PartialEq, Debug)]
pub struct OffsetCommitRequest {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 1+; -1 by default.
    pub generation_id_or_member_epoch: i32,
    /// Versions 1+.
    pub member_id: String,
    /// Versions 7+, nullable 7+; null by default.
    pub group_instance_id: Option<String>,
    /// Versions 2-4; -1 by default.
    pub retention_time_ms: i64,
    /// Versions 0+.
    pub topics: Vec<OffsetCommitRequestTopic>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for OffsetCommitRequest {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            generation_id_or_member_epoch: -1,
            member_id: String::new(),
            group_instance_id: None,
            retention_time_ms: -1,
            topics: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for OffsetCommitRequest {
    const NAME: &'static str = "OffsetCommitRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 2..=10;
    const FLEXIBLE: Option<i16> = Some(8);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 8;
        let mut it = Self::default();
        it.group_id = from.string(flexible)?;
        it.generation_id_or_member_epoch = from.i32()?;
        it.member_id = from.string(flexible)?;
        if version >= 7 {
            it.group_instance_id = from.nullable_string(flexible)?;
        }
        if version <= 4 {
            it.retention_time_ms = from.i64()?;
        }
        it.topics = from.items(flexible, |from| {
            OffsetCommitRequestTopic::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 8;
        place(
            to.string(&self.group_id, flexible),
            "OffsetCommitRequest",
            "group_id",
        )?;
        to.i32(self.generation_id_or_member_epoch);
        place(
            to.string(&self.member_id, flexible),
            "OffsetCommitRequest",
            "member_id",
        )?;
        if version >= 7 {
            place(
                to.nullable_string(self.group_instance_id.as_deref(), flexible),
                "OffsetCommitRequest",
                "group_instance_id",
            )?;
        } else {
            place(
                self.group_instance_id.is_none(),
                "OffsetCommitRequest",
                "group_instance_id",
            )?;
        }
        if version <= 4 {
            to.i64(self.retention_time_ms);
        }
        to.length(Some(self.topics.len()), flexible);
        for item in &self.topics {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetCommitRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetCommitRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 8;
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.generation_id_or_member_epoch = source.i32();
        }
        if source.sets() {
            it.member_id = source.string();
        }
        if version >= 7 && source.sets() {
            it.group_instance_id = source.nullable(true, |source| source.string());
        }
        if version <= 4 && source.sets() {
            it.retention_time_ms = source.i64();
        }
        if source.sets() {
            it.topics = source.items(|source| OffsetCommitRequestTopic::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for OffsetCommitRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("group", Name::Text(Some(&self.group_id))),
            ("member", Name::Text(Some(&self.member_id))),
            ("instance", Name::Text(self.group_instance_id.as_deref())),
        ]);
    }
}

/// Part of [`OffsetCommitRequest`], versions 2-10.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetCommitRequestTopic {
    /// Versions 0-9 (`topicName`).
    pub name: String,
    /// Versions 10+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<OffsetCommitRequestPartition>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl OffsetCommitRequestTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 8;
        let mut it = Self::default();
        if version <= 9 {
            it.name = from.string(flexible)?;
        }
        if version >= 10 {
            it.topic_id = from.uuid()?;
        }
        it.partitions = from.items(flexible, |from| {
            OffsetCommitRequestPartition::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 8;
        if version <= 9 {
            place(
                to.string(&self.name, flexible),
                "OffsetCommitRequestTopic",
                "name",
            )?;
        }
        if version >= 10 {
            to.uuid(self.topic_id);
        }
        to.length(Some(self.partitions.len()), flexible);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetCommitRequestTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetCommitRequestTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 8;
        let mut it = Self::default();
        if version <= 9 && source.sets() {
            it.name = source.string();
        }
        if version >= 10 && source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| OffsetCommitRequestPartition::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`OffsetCommitRequest`], versions 2-10.
#[derive(Clone, PartialEq, Debug)]
pub struct OffsetCommitRequestPartition {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub committed_offset: i64,
    /// Versions 6+; -1 by default.
    pub committed_leader_epoch: i32,
    /// Versions 0+, nullable 0+.
    pub committed_metadata: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for OffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            committed_metadata: Some(String::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl OffsetCommitRequestPartition {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 8;
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.committed_offset = from.i64()?;
        if version >= 6 {
            it.committed_leader_epoch = from.i32()?;
        }
        it.committed_metadata = from.nullable_string(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 8;
        to.i32(self.partition_index);
        to.i64(self.committed_offset);
        if version >= 6 {
            to.i32(self.committed_leader_epoch);
        }
        place(
            to.nullable_string(self.committed_metadata.as_deref(), flexible),
            "OffsetCommitRequestPartition",
            "committed_metadata",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetCommitRequestPartition",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetCommitRequestPartition {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 8;
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.committed_offset = source.i64();
        }
        if version >= 6 && source.sets() {
            it.committed_leader_epoch = source.i32();
        }
        if source.sets() {
            it.committed_metadata = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for OffsetCommitRequest {
    const KEY: i16 = 8;
    type Response = super::OffsetCommitResponse;
}
