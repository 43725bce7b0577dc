//! `VoteRequest`: API key 52, versions 0-2. Written by `cargo xtask codegen`: do not edit.

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

/// `VoteRequest`: API key 52, versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct VoteRequest {
    /// Versions 0+, nullable 0+; null by default.
    pub cluster_id: Option<String>,
    /// Versions 1+; -1 by default (`brokerId`).
    pub voter_id: i32,
    /// Versions 0+.
    pub topics: Vec<TopicData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for VoteRequest {
    fn default() -> Self {
        Self {
            cluster_id: None,
            voter_id: -1,
            topics: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for VoteRequest {
    const NAME: &'static str = "VoteRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=2;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.cluster_id = from.nullable_string(true)?;
        if version >= 1 {
            it.voter_id = from.i32()?;
        }
        it.topics = from.items(true, |from| TopicData::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.nullable_string(self.cluster_id.as_deref(), true),
            "VoteRequest",
            "cluster_id",
        )?;
        if version >= 1 {
            to.i32(self.voter_id);
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
impl VoteRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.cluster_id = source.nullable(true, |source| source.string());
        }
        if version >= 1 && source.sets() {
            it.voter_id = source.i32();
        }
        if source.sets() {
            it.topics = source.items(|source| TopicData::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for VoteRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`VoteRequest`], versions 0-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicData {
    /// Versions 0+ (`topicName`).
    pub topic_name: String,
    /// Versions 0+.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_name = from.string(true)?;
        it.partitions = from.items(true, |from| PartitionData::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.topic_name, true), "TopicData", "topic_name")?;
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_name = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| PartitionData::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`VoteRequest`], versions 0-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartitionData {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub replica_epoch: i32,
    /// Versions 0+ (`brokerId`).
    pub replica_id: i32,
    /// Versions 1+.
    pub replica_directory_id: Uuid,
    /// Versions 1+.
    pub voter_directory_id: Uuid,
    /// Versions 0+.
    pub last_offset_epoch: i32,
    /// Versions 0+.
    pub last_offset: i64,
    /// Versions 2+.
    pub pre_vote: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl PartitionData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.replica_epoch = from.i32()?;
        it.replica_id = from.i32()?;
        if version >= 1 {
            it.replica_directory_id = from.uuid()?;
        }
        if version >= 1 {
            it.voter_directory_id = from.uuid()?;
        }
        it.last_offset_epoch = from.i32()?;
        it.last_offset = from.i64()?;
        if version >= 2 {
            it.pre_vote = from.bool()?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.i32(self.replica_epoch);
        to.i32(self.replica_id);
        if version >= 1 {
            to.uuid(self.replica_directory_id);
        }
        if version >= 1 {
            to.uuid(self.voter_directory_id);
        }
        to.i32(self.last_offset_epoch);
        to.i64(self.last_offset);
        if version >= 2 {
            to.bool(self.pre_vote);
        } else {
            place(!self.pre_vote, "PartitionData", "pre_vote")?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.replica_epoch = source.i32();
        }
        if source.sets() {
            it.replica_id = source.i32();
        }
        if version >= 1 && source.sets() {
            it.replica_directory_id = source.uuid();
        }
        if version >= 1 && source.sets() {
            it.voter_directory_id = source.uuid();
        }
        if source.sets() {
            it.last_offset_epoch = source.i32();
        }
        if source.sets() {
            it.last_offset = source.i64();
        }
        if version >= 2 && source.sets() {
            it.pre_vote = source.bool();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for VoteRequest {
    const KEY: i16 = 52;
    type Response = super::VoteResponse;
}
