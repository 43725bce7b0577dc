//! `EndQuorumEpochRequest`: API key 54, versions 0-1. Written by `cargo xtask codegen`: do not edit.

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

/// `EndQuorumEpochRequest`: API key 54, versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EndQuorumEpochRequest {
    /// Versions 0+, nullable 0+; null by default.
    pub cluster_id: Option<String>,
    /// Versions 0+.
    pub topics: Vec<TopicData>,
    /// Versions 1+.
    pub leader_endpoints: Vec<LeaderEndpoint>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for EndQuorumEpochRequest {
    const NAME: &'static str = "EndQuorumEpochRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(1);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.cluster_id = from.nullable_string(flexible)?;
        it.topics = from.items(flexible, |from| TopicData::read(from, version))?;
        if version >= 1 {
            it.leader_endpoints = from.items(true, |from| LeaderEndpoint::read(from, version))?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        place(
            to.nullable_string(self.cluster_id.as_deref(), flexible),
            "EndQuorumEpochRequest",
            "cluster_id",
        )?;
        to.length(Some(self.topics.len()), flexible);
        for item in &self.topics {
            item.write(to, version)?;
        }
        if version >= 1 {
            to.length(Some(self.leader_endpoints.len()), true);
            for item in &self.leader_endpoints {
                item.write(to, version)?;
            }
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "EndQuorumEpochRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl EndQuorumEpochRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.cluster_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.topics = source.items(|source| TopicData::random(source, version));
        }
        if version >= 1 && source.sets() {
            it.leader_endpoints = source.items(|source| LeaderEndpoint::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for EndQuorumEpochRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`EndQuorumEpochRequest`], versions 0-1.
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
        let flexible = version >= 1;
        let mut it = Self::default();
        it.topic_name = from.string(flexible)?;
        it.partitions = from.items(flexible, |from| PartitionData::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        place(
            to.string(&self.topic_name, flexible),
            "TopicData",
            "topic_name",
        )?;
        to.length(Some(self.partitions.len()), flexible);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(self.unknown_tags.is_empty(), "TopicData", "unknown_tags")?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.topic_name = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| PartitionData::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`EndQuorumEpochRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartitionData {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+ (`brokerId`).
    pub leader_id: i32,
    /// Versions 0+.
    pub leader_epoch: i32,
    /// Versions 0.
    pub preferred_successors: Vec<i32>,
    /// Versions 1+.
    pub preferred_candidates: Vec<ReplicaInfo>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl PartitionData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.leader_id = from.i32()?;
        it.leader_epoch = from.i32()?;
        if version <= 0 {
            it.preferred_successors = from.items(false, Reader::i32)?;
        }
        if version >= 1 {
            it.preferred_candidates = from.items(true, |from| ReplicaInfo::read(from, version))?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        to.i32(self.partition_index);
        to.i32(self.leader_id);
        to.i32(self.leader_epoch);
        if version <= 0 {
            to.length(Some(self.preferred_successors.len()), false);
            for item in &self.preferred_successors {
                to.i32(*item);
            }
        }
        if version >= 1 {
            to.length(Some(self.preferred_candidates.len()), true);
            for item in &self.preferred_candidates {
                item.write(to, version)?;
            }
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "PartitionData",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.leader_id = source.i32();
        }
        if source.sets() {
            it.leader_epoch = source.i32();
        }
        if version <= 0 && source.sets() {
            it.preferred_successors = source.items(|source| source.i32());
        }
        if version >= 1 && source.sets() {
            it.preferred_candidates = source.items(|source| ReplicaInfo::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`EndQuorumEpochRequest`], versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ReplicaInfo {
    /// Versions 1+ (`brokerId`).
    pub candidate_id: i32,
    /// Versions 1+.
    pub candidate_directory_id: Uuid,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ReplicaInfo {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.candidate_id = from.i32()?;
        it.candidate_directory_id = from.uuid()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.candidate_id);
        to.uuid(self.candidate_directory_id);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ReplicaInfo {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.candidate_id = source.i32();
        }
        if source.sets() {
            it.candidate_directory_id = source.uuid();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`EndQuorumEpochRequest`], versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LeaderEndpoint {
    /// Versions 1+.
    pub name: String,
    /// Versions 1+.
    pub host: String,
    /// Versions 1+.
    pub port: u16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl LeaderEndpoint {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.host = from.string(true)?;
        it.port = from.u16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "LeaderEndpoint", "name")?;
        place(to.string(&self.host, true), "LeaderEndpoint", "host")?;
        to.u16(self.port);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl LeaderEndpoint {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.host = source.string();
        }
        if source.sets() {
            it.port = source.u16();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for EndQuorumEpochRequest {
    const KEY: i16 = 54;
    type Response = super::EndQuorumEpochResponse;
}
