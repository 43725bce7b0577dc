//! `FetchSnapshotRequest`: API key 59, versions 0-1. Written by `cargo xtask codegen`: do not edit.

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

/// `FetchSnapshotRequest`: API key 59, versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct FetchSnapshotRequest {
    /// Versions 0+, tagged 0+, nullable 0+; null by default.
    pub cluster_id: Option<String>,
    /// Versions 0+; -1 by default (`brokerId`).
    pub replica_id: i32,
    /// Versions 0+; 0x7fffffff by default.
    pub max_bytes: i32,
    /// Versions 0+.
    pub topics: Vec<TopicSnapshot>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for FetchSnapshotRequest {
    fn default() -> Self {
        Self {
            cluster_id: None,
            replica_id: -1,
            max_bytes: 0x7fffffff,
            topics: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for FetchSnapshotRequest {
    const NAME: &'static str = "FetchSnapshotRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.replica_id = from.i32()?;
        it.max_bytes = from.i32()?;
        it.topics = from.items(true, |from| TopicSnapshot::read(from, version))?;
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 => it.cluster_id = from.nullable_string(true)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.replica_id);
        to.i32(self.max_bytes);
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        let mut tags = TagWriter::new(&self.unknown_tags, "FetchSnapshotRequest");
        if self.cluster_id.is_some() {
            tags.field(0, |to| {
                place(
                    to.nullable_string(self.cluster_id.as_deref(), true),
                    "FetchSnapshotRequest",
                    "cluster_id",
                )?;
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl FetchSnapshotRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.cluster_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.replica_id = source.i32();
        }
        if source.sets() {
            it.max_bytes = source.i32();
        }
        if source.sets() {
            it.topics = source.items(|source| TopicSnapshot::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for FetchSnapshotRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`FetchSnapshotRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicSnapshot {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: Vec<PartitionSnapshot>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicSnapshot {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.partitions = from.items(true, |from| PartitionSnapshot::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "TopicSnapshot", "name")?;
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicSnapshot {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| PartitionSnapshot::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`FetchSnapshotRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartitionSnapshot {
    /// Versions 0+.
    pub partition: i32,
    /// Versions 0+.
    pub current_leader_epoch: i32,
    /// Versions 0+.
    pub snapshot_id: SnapshotId,
    /// Versions 0+.
    pub position: i64,
    /// Versions 1+, tagged 1+.
    pub replica_directory_id: Uuid,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl PartitionSnapshot {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition = from.i32()?;
        it.current_leader_epoch = from.i32()?;
        it.snapshot_id = SnapshotId::read(from, version)?;
        it.position = from.i64()?;
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 if version >= 1 => it.replica_directory_id = from.uuid()?,
                0 => return Err(from.malformed("tagged field of another version")),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition);
        to.i32(self.current_leader_epoch);
        self.snapshot_id.write(to, version)?;
        to.i64(self.position);
        let mut tags = TagWriter::new(&self.unknown_tags, "PartitionSnapshot");
        if version >= 1 && !self.replica_directory_id.is_zero() {
            tags.field(0, |to| {
                to.uuid(self.replica_directory_id);
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionSnapshot {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition = source.i32();
        }
        if source.sets() {
            it.current_leader_epoch = source.i32();
        }
        if source.sets() {
            it.snapshot_id = SnapshotId::random(source, version);
        }
        if source.sets() {
            it.position = source.i64();
        }
        if version >= 1 && source.sets() {
            it.replica_directory_id = source.uuid();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`FetchSnapshotRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SnapshotId {
    /// Versions 0+.
    pub end_offset: i64,
    /// Versions 0+.
    pub epoch: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl SnapshotId {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.end_offset = from.i64()?;
        it.epoch = from.i32()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i64(self.end_offset);
        to.i32(self.epoch);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl SnapshotId {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.end_offset = source.i64();
        }
        if source.sets() {
            it.epoch = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for FetchSnapshotRequest {
    const KEY: i16 = 59;
    type Response = super::FetchSnapshotResponse;
}
