//! `FetchResponse`: API key 1, versions 4-18. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
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

/// `FetchResponse`: API key 1, versions 4-18.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FetchResponse {
    /// Versions 1+.
    pub throttle_time_ms: i32,
    /// Versions 7+.
    pub error_code: i16,
    /// Versions 7+; 0 by default.
    pub session_id: i32,
    /// Versions 0+.
    pub responses: Vec<FetchableTopicResponse>,
    /// Versions 16+, tagged 16+.
    pub node_endpoints: Vec<NodeEndpoint>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for FetchResponse {
    const NAME: &'static str = "FetchResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 4..=18;
    const FLEXIBLE: Option<i16> = Some(12);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 12;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        if version >= 7 {
            it.error_code = from.i16()?;
        }
        if version >= 7 {
            it.session_id = from.i32()?;
        }
        it.responses = from.items(flexible, |from| FetchableTopicResponse::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|tag, from| {
                match tag {
                    0 if version >= 16 => {
                        it.node_endpoints =
                            from.items(true, |from| NodeEndpoint::read(from, version))?
                    }
                    0 => return Err(from.malformed("tagged field of another version")),
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 12;
        to.i32(self.throttle_time_ms);
        if version >= 7 {
            to.i16(self.error_code);
        }
        if version >= 7 {
            to.i32(self.session_id);
        } else {
            place(self.session_id == 0, "FetchResponse", "session_id")?;
        }
        to.length(Some(self.responses.len()), flexible);
        for item in &self.responses {
            item.write(to, version)?;
        }
        if version < 16 {
            place(
                self.node_endpoints.is_empty(),
                "FetchResponse",
                "node_endpoints",
            )?;
        }
        if flexible {
            let mut tags = TagWriter::new(&self.unknown_tags, "FetchResponse");
            if version >= 16 && !self.node_endpoints.is_empty() {
                tags.field(0, |to| {
                    to.length(Some(self.node_endpoints.len()), true);
                    for item in &self.node_endpoints {
                        item.write(to, version)?;
                    }
                    Ok(())
                })?;
            }
            tags.finish(to);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "FetchResponse",
                "unknown_tags",
            )?;
        }
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl FetchResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 12;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if version >= 7 && source.sets() {
            it.error_code = source.i16();
        }
        if version >= 7 && source.sets() {
            it.session_id = source.i32();
        }
        if source.sets() {
            it.responses = source.items(|source| FetchableTopicResponse::random(source, version));
        }
        if version >= 16 && source.sets() {
            it.node_endpoints = source.items(|source| NodeEndpoint::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for FetchResponse {
    fn failed(version: i16, code: i16) -> Option<Self> {
        (version >= 7).then(|| Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(Level::Answer, &[], self.error_code, None);
        }
        for at0 in &self.responses {
            for at1 in &at0.partitions {
                to.code(Level::Part, at1.error_code);
                if at1.error_code != 0 {
                    to.refused(
                        Level::Part,
                        &[
                            ("topic", Name::Text(Some(&at0.topic))),
                            ("topic_id", Name::Id(at0.topic_id)),
                            ("partition", Name::Number(at1.partition_index.into())),
                        ],
                        at1.error_code,
                        None,
                    );
                }
            }
        }
    }
}

impl AmendTexts for FetchResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`FetchResponse`], versions 4-18.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FetchableTopicResponse {
    /// Versions 0-12 (`topicName`).
    pub topic: String,
    /// Versions 13+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl FetchableTopicResponse {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 12;
        let mut it = Self::default();
        if version <= 12 {
            it.topic = from.string(flexible)?;
        }
        if version >= 13 {
            it.topic_id = from.uuid()?;
        }
        it.partitions = from.items(flexible, |from| PartitionData::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 12;
        if version <= 12 {
            place(
                to.string(&self.topic, flexible),
                "FetchableTopicResponse",
                "topic",
            )?;
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
            place(
                self.unknown_tags.is_empty(),
                "FetchableTopicResponse",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl FetchableTopicResponse {
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
            it.partitions = source.items(|source| PartitionData::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`FetchResponse`], versions 4-18.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionData {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub high_watermark: i64,
    /// Versions 4+; -1 by default.
    pub last_stable_offset: i64,
    /// Versions 5+; -1 by default.
    pub log_start_offset: i64,
    /// Versions 12+, tagged 12+.
    pub diverging_epoch: EpochEndOffset,
    /// Versions 12+, tagged 12+.
    pub current_leader: LeaderIdAndEpoch,
    /// Versions 12+, tagged 12+.
    pub snapshot_id: SnapshotId,
    /// Versions 4+, nullable 4+.
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    /// Versions 11+; -1 by default (`brokerId`).
    pub preferred_read_replica: i32,
    /// Versions 0+, nullable 0+.
    pub records: Option<Records>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: 0,
            high_watermark: 0,
            last_stable_offset: -1,
            log_start_offset: -1,
            diverging_epoch: EpochEndOffset::default(),
            current_leader: LeaderIdAndEpoch::default(),
            snapshot_id: SnapshotId::default(),
            aborted_transactions: Some(Vec::new()),
            preferred_read_replica: -1,
            records: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl PartitionData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 12;
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.error_code = from.i16()?;
        it.high_watermark = from.i64()?;
        it.last_stable_offset = from.i64()?;
        if version >= 5 {
            it.log_start_offset = from.i64()?;
        }
        it.aborted_transactions =
            from.nullable_items(flexible, |from| AbortedTransaction::read(from, version))?;
        if version >= 11 {
            it.preferred_read_replica = from.i32()?;
        }
        it.records = from.nullable_records(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|tag, from| {
                match tag {
                    0 => it.diverging_epoch = EpochEndOffset::read(from, version)?,
                    1 => it.current_leader = LeaderIdAndEpoch::read(from, version)?,
                    2 => it.snapshot_id = SnapshotId::read(from, version)?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 12;
        to.i32(self.partition_index);
        to.i16(self.error_code);
        to.i64(self.high_watermark);
        to.i64(self.last_stable_offset);
        if version >= 5 {
            to.i64(self.log_start_offset);
        }
        if version < 12 {
            place(
                self.diverging_epoch == EpochEndOffset::default(),
                "PartitionData",
                "diverging_epoch",
            )?;
        }
        if version < 12 {
            place(
                self.current_leader == LeaderIdAndEpoch::default(),
                "PartitionData",
                "current_leader",
            )?;
        }
        if version < 12 {
            place(
                self.snapshot_id == SnapshotId::default(),
                "PartitionData",
                "snapshot_id",
            )?;
        }
        to.length(self.aborted_transactions.as_ref().map(Vec::len), flexible);
        for item in self.aborted_transactions.iter().flatten() {
            item.write(to, version)?;
        }
        if version >= 11 {
            to.i32(self.preferred_read_replica);
        } else {
            place(
                self.preferred_read_replica == -1,
                "PartitionData",
                "preferred_read_replica",
            )?;
        }
        to.records(self.records.as_ref(), flexible);
        if flexible {
            let mut tags = TagWriter::new(&self.unknown_tags, "PartitionData");
            if self.diverging_epoch != EpochEndOffset::default() {
                tags.field(0, |to| {
                    self.diverging_epoch.write(to, version)?;
                    Ok(())
                })?;
            }
            if self.current_leader != LeaderIdAndEpoch::default() {
                tags.field(1, |to| {
                    self.current_leader.write(to, version)?;
                    Ok(())
                })?;
            }
            if self.snapshot_id != SnapshotId::default() {
                tags.field(2, |to| {
                    self.snapshot_id.write(to, version)?;
                    Ok(())
                })?;
            }
            tags.finish(to);
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
        let flexible = version >= 12;
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.high_watermark = source.i64();
        }
        if source.sets() {
            it.last_stable_offset = source.i64();
        }
        if version >= 5 && source.sets() {
            it.log_start_offset = source.i64();
        }
        if version >= 12 && source.sets() {
            it.diverging_epoch = EpochEndOffset::random(source, version);
        }
        if version >= 12 && source.sets() {
            it.current_leader = LeaderIdAndEpoch::random(source, version);
        }
        if version >= 12 && source.sets() {
            it.snapshot_id = SnapshotId::random(source, version);
        }
        if source.sets() {
            it.aborted_transactions = source.nullable(true, |source| {
                source.items(|source| AbortedTransaction::random(source, version))
            });
        }
        if version >= 11 && source.sets() {
            it.preferred_read_replica = source.i32();
        }
        it.records = source.nullable(true, |source| source.records());
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`FetchResponse`], versions 12-18.
#[derive(Clone, PartialEq, Debug)]
pub struct EpochEndOffset {
    /// Versions 12+; -1 by default.
    pub epoch: i32,
    /// Versions 12+; -1 by default.
    pub end_offset: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self {
            epoch: -1,
            end_offset: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl EpochEndOffset {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.epoch = from.i32()?;
        it.end_offset = from.i64()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.epoch);
        to.i64(self.end_offset);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl EpochEndOffset {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.epoch = source.i32();
        }
        if source.sets() {
            it.end_offset = source.i64();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`FetchResponse`], versions 12-18.
#[derive(Clone, PartialEq, Debug)]
pub struct LeaderIdAndEpoch {
    /// Versions 12+; -1 by default (`brokerId`).
    pub leader_id: i32,
    /// Versions 12+; -1 by default.
    pub leader_epoch: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> Self {
        Self {
            leader_id: -1,
            leader_epoch: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
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

/// Part of [`FetchResponse`], versions 12-18.
#[derive(Clone, PartialEq, Debug)]
pub struct SnapshotId {
    /// Versions 0+; -1 by default.
    pub end_offset: i64,
    /// Versions 0+; -1 by default.
    pub epoch: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for SnapshotId {
    fn default() -> Self {
        Self {
            end_offset: -1,
            epoch: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
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

/// Part of [`FetchResponse`], versions 4-18.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AbortedTransaction {
    /// Versions 4+ (`producerId`).
    pub producer_id: i64,
    /// Versions 4+.
    pub first_offset: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AbortedTransaction {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 12;
        let mut it = Self::default();
        it.producer_id = from.i64()?;
        it.first_offset = from.i64()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 12;
        to.i64(self.producer_id);
        to.i64(self.first_offset);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AbortedTransaction",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AbortedTransaction {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 12;
        let mut it = Self::default();
        if source.sets() {
            it.producer_id = source.i64();
        }
        if source.sets() {
            it.first_offset = source.i64();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`FetchResponse`], versions 16-18.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NodeEndpoint {
    /// Versions 16+ (`brokerId`).
    pub node_id: i32,
    /// Versions 16+.
    pub host: String,
    /// Versions 16+.
    pub port: i32,
    /// Versions 16+, nullable 16+; null by default.
    pub rack: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl NodeEndpoint {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.node_id = from.i32()?;
        it.host = from.string(true)?;
        it.port = from.i32()?;
        it.rack = from.nullable_string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.node_id);
        place(to.string(&self.host, true), "NodeEndpoint", "host")?;
        to.i32(self.port);
        place(
            to.nullable_string(self.rack.as_deref(), true),
            "NodeEndpoint",
            "rack",
        )?;
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
            it.port = source.i32();
        }
        if source.sets() {
            it.rack = source.nullable(true, |source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}
