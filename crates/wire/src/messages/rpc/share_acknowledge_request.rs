//! `ShareAcknowledgeRequest`: API key 79, versions 1-2. Written by `cargo xtask codegen`: do not edit.

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

/// `ShareAcknowledgeRequest`: API key 79, versions 1-2.
#[derive(Clone, PartialEq, Debug)]
pub struct ShareAcknowledgeRequest {
    /// Versions 0+, nullable 0+; null by default (`groupId`).
    pub group_id: Option<String>,
    /// Versions 0+, nullable 0+.
    pub member_id: Option<String>,
    /// Versions 0+.
    pub share_session_epoch: i32,
    /// Versions 2+; false by default.
    pub is_renew_ack: bool,
    /// Versions 0+.
    pub topics: Vec<AcknowledgeTopic>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ShareAcknowledgeRequest {
    fn default() -> Self {
        Self {
            group_id: None,
            member_id: Some(String::new()),
            share_session_epoch: 0,
            is_renew_ack: false,
            topics: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for ShareAcknowledgeRequest {
    const NAME: &'static str = "ShareAcknowledgeRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=2;
    const FLEXIBLE: Option<i16> = Some(1);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.nullable_string(true)?;
        it.member_id = from.nullable_string(true)?;
        it.share_session_epoch = from.i32()?;
        if version >= 2 {
            it.is_renew_ack = from.bool()?;
        }
        it.topics = from.items(true, |from| AcknowledgeTopic::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.nullable_string(self.group_id.as_deref(), true),
            "ShareAcknowledgeRequest",
            "group_id",
        )?;
        place(
            to.nullable_string(self.member_id.as_deref(), true),
            "ShareAcknowledgeRequest",
            "member_id",
        )?;
        to.i32(self.share_session_epoch);
        if version >= 2 {
            to.bool(self.is_renew_ack);
        } else {
            place(
                !self.is_renew_ack,
                "ShareAcknowledgeRequest",
                "is_renew_ack",
            )?;
        }
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ShareAcknowledgeRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.member_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.share_session_epoch = source.i32();
        }
        if version >= 2 && source.sets() {
            it.is_renew_ack = source.bool();
        }
        if source.sets() {
            it.topics = source.items(|source| AcknowledgeTopic::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for ShareAcknowledgeRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("group", Name::Text(self.group_id.as_deref())),
            ("member", Name::Text(self.member_id.as_deref())),
        ]);
    }
}

/// Part of [`ShareAcknowledgeRequest`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AcknowledgeTopic {
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<AcknowledgePartition>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AcknowledgeTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_id = from.uuid()?;
        it.partitions = from.items(true, |from| AcknowledgePartition::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.uuid(self.topic_id);
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AcknowledgeTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partitions = source.items(|source| AcknowledgePartition::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ShareAcknowledgeRequest`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AcknowledgePartition {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AcknowledgePartition {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.acknowledgement_batches =
            from.items(true, |from| AcknowledgementBatch::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.length(Some(self.acknowledgement_batches.len()), true);
        for item in &self.acknowledgement_batches {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AcknowledgePartition {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.acknowledgement_batches =
                source.items(|source| AcknowledgementBatch::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ShareAcknowledgeRequest`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AcknowledgementBatch {
    /// Versions 0+.
    pub first_offset: i64,
    /// Versions 0+.
    pub last_offset: i64,
    /// Versions 0+.
    pub acknowledge_types: Vec<i8>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AcknowledgementBatch {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.first_offset = from.i64()?;
        it.last_offset = from.i64()?;
        it.acknowledge_types = from.items(true, Reader::i8)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i64(self.first_offset);
        to.i64(self.last_offset);
        to.length(Some(self.acknowledge_types.len()), true);
        for item in &self.acknowledge_types {
            to.i8(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AcknowledgementBatch {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.first_offset = source.i64();
        }
        if source.sets() {
            it.last_offset = source.i64();
        }
        if source.sets() {
            it.acknowledge_types = source.items(|source| source.i8());
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for ShareAcknowledgeRequest {
    const KEY: i16 = 79;
    type Response = super::ShareAcknowledgeResponse;
}
