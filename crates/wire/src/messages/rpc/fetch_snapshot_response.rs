//! `FetchSnapshotResponse`: API key 59, versions 0-1. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::Name;
use crate::answer::SeesCodes;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Records;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `FetchSnapshotResponse`: API key 59, versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FetchSnapshotResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub topics: Vec<TopicSnapshot>,
    /// Versions 1+, tagged 1+.
    pub node_endpoints: Vec<NodeEndpoint>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for FetchSnapshotResponse {
    const NAME: &'static str = "FetchSnapshotResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.topics = from.items(true, |from| TopicSnapshot::read(from, version))?;
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 if version >= 1 => {
                    it.node_endpoints =
                        from.items(true, |from| NodeEndpoint::read(from, version))?
                }
                0 => return Err(from.malformed("tagged field of another version")),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        if version < 1 {
            place(
                self.node_endpoints.is_empty(),
                "FetchSnapshotResponse",
                "node_endpoints",
            )?;
        }
        let mut tags = TagWriter::new(&self.unknown_tags, "FetchSnapshotResponse");
        if version >= 1 && !self.node_endpoints.is_empty() {
            tags.field(0, |to| {
                to.length(Some(self.node_endpoints.len()), true);
                for item in &self.node_endpoints {
                    item.write(to, version)?;
                }
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl FetchSnapshotResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.topics = source.items(|source| TopicSnapshot::random(source, version));
        }
        if version >= 1 && source.sets() {
            it.node_endpoints = source.items(|source| NodeEndpoint::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for FetchSnapshotResponse {
    fn failed(_version: i16, code: i16) -> Option<Self> {
        Some(Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(Level::Answer, &[], self.error_code, None);
        }
        for at0 in &self.topics {
            for at1 in &at0.partitions {
                to.code(Level::Part, at1.error_code);
                if at1.error_code != 0 {
                    to.refused(
                        Level::Part,
                        &[
                            ("topic", Name::Text(Some(&at0.name))),
                            ("partition", Name::Number(at1.index.into())),
                        ],
                        at1.error_code,
                        None,
                    );
                }
            }
        }
    }
}

impl AmendTexts for FetchSnapshotResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`FetchSnapshotResponse`], versions 0-1.
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

/// Part of [`FetchSnapshotResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartitionSnapshot {
    /// Versions 0+.
    pub index: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub snapshot_id: SnapshotId,
    /// Versions 0+, tagged 0+.
    pub current_leader: LeaderIdAndEpoch,
    /// Versions 0+.
    pub size: i64,
    /// Versions 0+.
    pub position: i64,
    /// Versions 0+.
    pub unaligned_records: Option<Records>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl PartitionSnapshot {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.index = from.i32()?;
        it.error_code = from.i16()?;
        it.snapshot_id = SnapshotId::read(from, version)?;
        it.size = from.i64()?;
        it.position = from.i64()?;
        it.unaligned_records = Some(from.records(true)?);
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 => it.current_leader = LeaderIdAndEpoch::read(from, version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.index);
        to.i16(self.error_code);
        self.snapshot_id.write(to, version)?;
        to.i64(self.size);
        to.i64(self.position);
        to.records(
            Some(
                self.unaligned_records
                    .as_ref()
                    .unwrap_or(&Records::default()),
            ),
            true,
        );
        let mut tags = TagWriter::new(&self.unknown_tags, "PartitionSnapshot");
        if self.current_leader != LeaderIdAndEpoch::default() {
            tags.field(0, |to| {
                self.current_leader.write(to, version)?;
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
            it.index = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.snapshot_id = SnapshotId::random(source, version);
        }
        if source.sets() {
            it.current_leader = LeaderIdAndEpoch::random(source, version);
        }
        if source.sets() {
            it.size = source.i64();
        }
        if source.sets() {
            it.position = source.i64();
        }
        it.unaligned_records = Some(source.records());
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`FetchSnapshotResponse`], versions 0-1.
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

/// Part of [`FetchSnapshotResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LeaderIdAndEpoch {
    /// Versions 0+ (`brokerId`).
    pub leader_id: i32,
    /// Versions 0+.
    pub leader_epoch: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl LeaderIdAndEpoch {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.leader_id = from.i32()?;
        it.leader_epoch = from.i32()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.leader_id);
        to.i32(self.leader_epoch);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl LeaderIdAndEpoch {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.leader_id = source.i32();
        }
        if source.sets() {
            it.leader_epoch = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`FetchSnapshotResponse`], versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NodeEndpoint {
    /// Versions 1+ (`brokerId`).
    pub node_id: i32,
    /// Versions 1+.
    pub host: String,
    /// Versions 1+.
    pub port: u16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl NodeEndpoint {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.node_id = from.i32()?;
        it.host = from.string(true)?;
        it.port = from.u16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.node_id);
        place(to.string(&self.host, true), "NodeEndpoint", "host")?;
        to.u16(self.port);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl NodeEndpoint {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.node_id = source.i32();
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
