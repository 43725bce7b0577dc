//! `TxnOffsetCommitRequest`: API key 28, versions 0-6. Written by `cargo xtask codegen`: do not edit.

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

/// `TxnOffsetCommitRequest`: API key 28, versions 0-6.
#[derive(Clone, PartialEq, Debug)]
pub struct TxnOffsetCommitRequest {
    /// Versions 0+ (`transactionalId`).
    pub transactional_id: String,
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+ (`producerId`).
    pub producer_id: i64,
    /// Versions 0+.
    pub producer_epoch: i16,
    /// Versions 3+; -1 by default.
    pub generation_id_or_member_epoch: i32,
    /// Versions 3+; empty by default.
    pub member_id: String,
    /// Versions 3+, nullable 3+; null by default.
    pub group_instance_id: Option<String>,
    /// Versions 0+.
    pub topics: Vec<TxnOffsetCommitRequestTopic>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for TxnOffsetCommitRequest {
    fn default() -> Self {
        Self {
            transactional_id: String::new(),
            group_id: String::new(),
            producer_id: 0,
            producer_epoch: 0,
            generation_id_or_member_epoch: -1,
            member_id: String::new(),
            group_instance_id: None,
            topics: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for TxnOffsetCommitRequest {
    const NAME: &'static str = "TxnOffsetCommitRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=6;
    const FLEXIBLE: Option<i16> = Some(3);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        it.transactional_id = from.string(flexible)?;
        it.group_id = from.string(flexible)?;
        it.producer_id = from.i64()?;
        it.producer_epoch = from.i16()?;
        if version >= 3 {
            it.generation_id_or_member_epoch = from.i32()?;
        }
        if version >= 3 {
            it.member_id = from.string(true)?;
        }
        if version >= 3 {
            it.group_instance_id = from.nullable_string(true)?;
        }
        it.topics = from.items(flexible, |from| {
            TxnOffsetCommitRequestTopic::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        place(
            to.string(&self.transactional_id, flexible),
            "TxnOffsetCommitRequest",
            "transactional_id",
        )?;
        place(
            to.string(&self.group_id, flexible),
            "TxnOffsetCommitRequest",
            "group_id",
        )?;
        to.i64(self.producer_id);
        to.i16(self.producer_epoch);
        if version >= 3 {
            to.i32(self.generation_id_or_member_epoch);
        } else {
            place(
                self.generation_id_or_member_epoch == -1,
                "TxnOffsetCommitRequest",
                "generation_id_or_member_epoch",
            )?;
        }
        if version >= 3 {
            place(
                to.string(&self.member_id, true),
                "TxnOffsetCommitRequest",
                "member_id",
            )?;
        } else {
            place(
                self.member_id.is_empty(),
                "TxnOffsetCommitRequest",
                "member_id",
            )?;
        }
        if version >= 3 {
            place(
                to.nullable_string(self.group_instance_id.as_deref(), true),
                "TxnOffsetCommitRequest",
                "group_instance_id",
            )?;
        } else {
            place(
                self.group_instance_id.is_none(),
                "TxnOffsetCommitRequest",
                "group_instance_id",
            )?;
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
                "TxnOffsetCommitRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TxnOffsetCommitRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if source.sets() {
            it.transactional_id = source.string();
        }
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.producer_id = source.i64();
        }
        if source.sets() {
            it.producer_epoch = source.i16();
        }
        if version >= 3 && source.sets() {
            it.generation_id_or_member_epoch = source.i32();
        }
        if version >= 3 && source.sets() {
            it.member_id = source.string();
        }
        if version >= 3 && source.sets() {
            it.group_instance_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.topics = source.items(|source| TxnOffsetCommitRequestTopic::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for TxnOffsetCommitRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("transactional_id", Name::Text(Some(&self.transactional_id))),
            ("group", Name::Text(Some(&self.group_id))),
            ("producer_id", Name::Number(self.producer_id)),
            ("member", Name::Text(Some(&self.member_id))),
            ("instance", Name::Text(self.group_instance_id.as_deref())),
        ]);
    }
}

/// Part of [`TxnOffsetCommitRequest`], versions 0-6.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TxnOffsetCommitRequestTopic {
    /// Versions 0-5 (`topicName`).
    pub name: String,
    /// Versions 6+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<TxnOffsetCommitRequestPartition>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TxnOffsetCommitRequestTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version <= 5 {
            it.name = from.string(flexible)?;
        }
        if version >= 6 {
            it.topic_id = from.uuid()?;
        }
        it.partitions = from.items(flexible, |from| {
            TxnOffsetCommitRequestPartition::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        if version <= 5 {
            place(
                to.string(&self.name, flexible),
                "TxnOffsetCommitRequestTopic",
                "name",
            )?;
        }
        if version >= 6 {
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
                "TxnOffsetCommitRequestTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TxnOffsetCommitRequestTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version <= 5 && source.sets() {
            it.name = source.string();
        }
        if version >= 6 && source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| TxnOffsetCommitRequestPartition::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`TxnOffsetCommitRequest`], versions 0-6.
#[derive(Clone, PartialEq, Debug)]
pub struct TxnOffsetCommitRequestPartition {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub committed_offset: i64,
    /// Versions 2+; -1 by default.
    pub committed_leader_epoch: i32,
    /// Versions 0+, nullable 0+.
    pub committed_metadata: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for TxnOffsetCommitRequestPartition {
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

impl TxnOffsetCommitRequestPartition {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.committed_offset = from.i64()?;
        if version >= 2 {
            it.committed_leader_epoch = from.i32()?;
        }
        it.committed_metadata = from.nullable_string(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        to.i32(self.partition_index);
        to.i64(self.committed_offset);
        if version >= 2 {
            to.i32(self.committed_leader_epoch);
        }
        place(
            to.nullable_string(self.committed_metadata.as_deref(), flexible),
            "TxnOffsetCommitRequestPartition",
            "committed_metadata",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "TxnOffsetCommitRequestPartition",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TxnOffsetCommitRequestPartition {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.committed_offset = source.i64();
        }
        if version >= 2 && source.sets() {
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

impl Request for TxnOffsetCommitRequest {
    const KEY: i16 = 28;
    type Response = super::TxnOffsetCommitResponse;
}
