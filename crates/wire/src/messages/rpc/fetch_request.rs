//! `FetchRequest`: API key 1, versions 4-18. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Request;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `FetchRequest`: API key 1, versions 4-18.
#[derive(Clone, PartialEq, Debug)]
pub struct FetchRequest {
    /// Versions 12+, tagged 12+, nullable 12+; null by default.
    pub cluster_id: Option<String>,
    /// Versions 0-14; -1 by default (`brokerId`).
    pub replica_id: i32,
    /// Versions 15+, tagged 15+.
    pub replica_state: ReplicaState,
    /// Versions 0+.
    pub max_wait_ms: i32,
    /// Versions 0+.
    pub min_bytes: i32,
    /// Versions 3+; 0x7fffffff by default.
    pub max_bytes: i32,
    /// Versions 4+; 0 by default.
    pub isolation_level: i8,
    /// Versions 7+; 0 by default.
    pub session_id: i32,
    /// Versions 7+; -1 by default.
    pub session_epoch: i32,
    /// Versions 0+.
    pub topics: Vec<FetchTopic>,
    /// Versions 7+.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    /// Versions 11+; empty by default.
    pub rack_id: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for FetchRequest {
    fn default() -> Self {
        Self {
            cluster_id: None,
            replica_id: -1,
            replica_state: ReplicaState::default(),
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: 0x7fffffff,
            isolation_level: 0,
            session_id: 0,
            session_epoch: -1,
            topics: Vec::new(),
            forgotten_topics_data: Vec::new(),
            rack_id: String::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for FetchRequest {
    const NAME: &'static str = "FetchRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 4..=18;
    const FLEXIBLE: Option<i16> = Some(12);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 12;
        let mut it = Self::default();
        if version <= 14 {
            it.replica_id = from.i32()?;
        }
        it.max_wait_ms = from.i32()?;
        it.min_bytes = from.i32()?;
        it.max_bytes = from.i32()?;
        it.isolation_level = from.i8()?;
        if version >= 7 {
            it.session_id = from.i32()?;
        }
        if version >= 7 {
            it.session_epoch = from.i32()?;
        }
        it.topics = from.items(flexible, |from| FetchTopic::read(from, version))?;
        if version >= 7 {
            it.forgotten_topics_data =
                from.items(flexible, |from| ForgottenTopic::read(from, version))?;
        }
        if version >= 11 {
            it.rack_id = from.string(flexible)?;
        }
        if flexible {
            it.unknown_tags = from.tags(|tag, from| {
                match tag {
                    0 => it.cluster_id = from.nullable_string(true)?,
                    1 if version >= 15 => it.replica_state = ReplicaState::read(from, version)?,
                    1 => return Err(from.malformed("tagged field of another version")),
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 12;
        if version <= 14 {
            to.i32(self.replica_id);
        } else {
            place(self.replica_id == -1, "FetchRequest", "replica_id")?;
        }
        if version < 15 {
            place(
                self.replica_state == ReplicaState::default(),
                "FetchRequest",
                "replica_state",
            )?;
        }
        to.i32(self.max_wait_ms);
        to.i32(self.min_bytes);
        to.i32(self.max_bytes);
        to.i8(self.isolation_level);
        if version >= 7 {
            to.i32(self.session_id);
        }
        if version >= 7 {
            to.i32(self.session_epoch);
        }
        to.length(Some(self.topics.len()), flexible);
        for item in &self.topics {
            item.write(to, version)?;
        }
        if version >= 7 {
            to.length(Some(self.forgotten_topics_data.len()), flexible);
            for item in &self.forgotten_topics_data {
                item.write(to, version)?;
            }
        } else {
            place(
                self.forgotten_topics_data.is_empty(),
                "FetchRequest",
                "forgotten_topics_data",
            )?;
        }
        if version >= 11 {
            place(
                to.string(&self.rack_id, flexible),
                "FetchRequest",
                "rack_id",
            )?;
        }
        if flexible {
            let mut tags = TagWriter::new(&self.unknown_tags, "FetchRequest");
            if self.cluster_id.is_some() {
                tags.field(0, |to| {
                    place(
                        to.nullable_string(self.cluster_id.as_deref(), true),
                        "FetchRequest",
                        "cluster_id",
                    )?;
                    Ok(())
                })?;
            }
            if version >= 15 && self.replica_state != ReplicaState::default() {
                tags.field(1, |to| {
                    self.replica_state.write(to, version)?;
                    Ok(())
                })?;
            }
            tags.finish(to);
        } else {
            place(self.unknown_tags.is_empty(), "FetchRequest", "unknown_tags")?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl FetchRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 12;
        let mut it = Self::default();
        if version >= 12 && source.sets() {
            it.cluster_id = source.nullable(true, |source| source.string());
        }
        if version <= 14 && source.sets() {
            it.replica_id = source.i32();
        }
        if version >= 15 && source.sets() {
            it.replica_state = ReplicaState::random(source, version);
        }
        if source.sets() {
            it.max_wait_ms = source.i32();
        }
        if source.sets() {
            it.min_bytes = source.i32();
        }
        if source.sets() {
            it.max_bytes = source.i32();
        }
        if source.sets() {
            it.isolation_level = source.i8();
        }
        if version >= 7 && source.sets() {
            it.session_id = source.i32();
        }
        if version >= 7 && source.sets() {
            it.session_epoch = source.i32();
        }
        if source.sets() {
            it.topics = source.items(|source| FetchTopic::random(source, version));
        }
        if version >= 7 && source.sets() {
            it.forgotten_topics_data =
                source.items(|source| ForgottenTopic::random(source, version));
        }
        if version >= 11 && source.sets() {
            it.rack_id = source.string();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for FetchRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`FetchRequest`], versions 15-18.
#[derive(Clone, PartialEq, Debug)]
pub struct ReplicaState {
    /// Versions 15+; -1 by default (`brokerId`).
    pub replica_id: i32,
    /// Versions 15+; -1 by default.
    pub replica_epoch: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self {
            replica_id: -1,
            replica_epoch: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl ReplicaState {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.replica_id = from.i32()?;
        it.replica_epoch = from.i64()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.replica_id);
        to.i64(self.replica_epoch);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ReplicaState {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.replica_id = source.i32();
        }
        if source.sets() {
            it.replica_epoch = source.i64();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`FetchRequest`], versions 4-18.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FetchTopic {
    /// Versions 0-12 (`topicName`).
    pub topic: String,
    /// Versions 13+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<FetchPartition>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl FetchTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 12;
        let mut it = Self::default();
        if version <= 12 {
            it.topic = from.string(flexible)?;
        }
        if version >= 13 {
            it.topic_id = from.uuid()?;
        }
        it.partitions = from.items(flexible, |from| FetchPartition::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 12;
        if version <= 12 {
            place(to.string(&self.topic, flexible), "FetchTopic", "topic")?;
        }
        if version >= 13 {
            to.uuid(self.topic_id);
        }
        to.length(Some(self.partitions.len()), flexible);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(self.unknown_tags.is_empty(), "FetchTopic", "unknown_tags")?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl FetchTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 12;
        let mut it = Self::default();
        if version <= 12 && source.sets() {
            it.topic = source.string();
        }
        if version >= 13 && source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partitions = source.items(|source| FetchPartition::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`FetchRequest`], versions 4-18.
#[derive(Clone, PartialEq, Debug)]
pub struct FetchPartition {
    /// Versions 0+.
    pub partition: i32,
    /// Versions 9+; -1 by default.
    pub current_leader_epoch: i32,
    /// Versions 0+.
    pub fetch_offset: i64,
    /// Versions 12+; -1 by default.
    pub last_fetched_epoch: i32,
    /// Versions 5+; -1 by default.
    pub log_start_offset: i64,
    /// Versions 0+.
    pub partition_max_bytes: i32,
    /// Versions 17+, tagged 17+.
    pub replica_directory_id: Uuid,
    /// Versions 18+, tagged 18+; 9223372036854775807 by default.
    pub high_watermark: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for FetchPartition {
    fn default() -> Self {
        Self {
            partition: 0,
            current_leader_epoch: -1,
            fetch_offset: 0,
            last_fetched_epoch: -1,
            log_start_offset: -1,
            partition_max_bytes: 0,
            replica_directory_id: Uuid::ZERO,
            high_watermark: 9223372036854775807,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl FetchPartition {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 12;
        let mut it = Self::default();
        it.partition = from.i32()?;
        if version >= 9 {
            it.current_leader_epoch = from.i32()?;
        }
        it.fetch_offset = from.i64()?;
        if version >= 12 {
            it.last_fetched_epoch = from.i32()?;
        }
        if version >= 5 {
            it.log_start_offset = from.i64()?;
        }
        it.partition_max_bytes = from.i32()?;
        if flexible {
            it.unknown_tags = from.tags(|tag, from| {
                match tag {
                    0 if version >= 17 => it.replica_directory_id = from.uuid()?,
                    0 => return Err(from.malformed("tagged field of another version")),
                    1 if version >= 18 => it.high_watermark = from.i64()?,
                    1 => return Err(from.malformed("tagged field of another version")),
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 12;
        to.i32(self.partition);
        if version >= 9 {
            to.i32(self.current_leader_epoch);
        }
        to.i64(self.fetch_offset);
        if version >= 12 {
            to.i32(self.last_fetched_epoch);
        } else {
            place(
                self.last_fetched_epoch == -1,
                "FetchPartition",
                "last_fetched_epoch",
            )?;
        }
        if version >= 5 {
            to.i64(self.log_start_offset);
        }
        to.i32(self.partition_max_bytes);
        if flexible {
            let mut tags = TagWriter::new(&self.unknown_tags, "FetchPartition");
            if version >= 17 && !self.replica_directory_id.is_zero() {
                tags.field(0, |to| {
                    to.uuid(self.replica_directory_id);
                    Ok(())
                })?;
            }
            if version >= 18 && self.high_watermark != 9223372036854775807 {
                tags.field(1, |to| {
                    to.i64(self.high_watermark);
                    Ok(())
                })?;
            }
            tags.finish(to);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "FetchPartition",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl FetchPartition {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 12;
        let mut it = Self::default();
        if source.sets() {
            it.partition = source.i32();
        }
        if version >= 9 && source.sets() {
            it.current_leader_epoch = source.i32();
        }
        if source.sets() {
            it.fetch_offset = source.i64();
        }
        if version >= 12 && source.sets() {
            it.last_fetched_epoch = source.i32();
        }
        if version >= 5 && source.sets() {
            it.log_start_offset = source.i64();
        }
        if source.sets() {
            it.partition_max_bytes = source.i32();
        }
        if version >= 17 && source.sets() {
            it.replica_directory_id = source.uuid();
        }
        if version >= 18 && source.sets() {
            it.high_watermark = source.i64();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`FetchRequest`], versions 7-18.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ForgottenTopic {
    /// Versions 7-12 (`topicName`).
    pub topic: String,
    /// Versions 13+.
    pub topic_id: Uuid,
    /// Versions 7+.
    pub partitions: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ForgottenTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 12;
        let mut it = Self::default();
        if version <= 12 {
            it.topic = from.string(flexible)?;
        }
        if version >= 13 {
            it.topic_id = from.uuid()?;
        }
        it.partitions = from.items(flexible, Reader::i32)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 12;
        if version <= 12 {
            place(to.string(&self.topic, flexible), "ForgottenTopic", "topic")?;
        }
        if version >= 13 {
            to.uuid(self.topic_id);
        }
        to.length(Some(self.partitions.len()), flexible);
        for item in &self.partitions {
            to.i32(*item);
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ForgottenTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ForgottenTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 12;
        let mut it = Self::default();
        if version <= 12 && source.sets() {
            it.topic = source.string();
        }
        if version >= 13 && source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partitions = source.items(|source| source.i32());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for FetchRequest {
    const KEY: i16 = 1;
    type Response = super::FetchResponse;
}
