//! `ShareAcknowledgeResponse`: API key 79, versions 1-2. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::Name;
use crate::answer::SeesCodes;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ShareAcknowledgeResponse`: API key 79, versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ShareAcknowledgeResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+; null by default.
    pub error_message: Option<String>,
    /// Versions 2+.
    pub acquisition_lock_timeout_ms: i32,
    /// Versions 0+.
    pub responses: Vec<ShareAcknowledgeTopicResponse>,
    /// Versions 0+.
    pub node_endpoints: Vec<NodeEndpoint>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ShareAcknowledgeResponse {
    const NAME: &'static str = "ShareAcknowledgeResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=2;
    const FLEXIBLE: Option<i16> = Some(1);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        if version >= 2 {
            it.acquisition_lock_timeout_ms = from.i32()?;
        }
        it.responses = from.items(true, |from| {
            ShareAcknowledgeTopicResponse::read(from, version)
        })?;
        it.node_endpoints = from.items(true, |from| NodeEndpoint::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "ShareAcknowledgeResponse",
            "error_message",
        )?;
        if version >= 2 {
            to.i32(self.acquisition_lock_timeout_ms);
        }
        to.length(Some(self.responses.len()), true);
        for item in &self.responses {
            item.write(to, version)?;
        }
        to.length(Some(self.node_endpoints.len()), true);
        for item in &self.node_endpoints {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl ShareAcknowledgeResponse {
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
            it.error_message = source.nullable(true, |source| source.string());
        }
        if version >= 2 && source.sets() {
            it.acquisition_lock_timeout_ms = source.i32();
        }
        if source.sets() {
            it.responses =
                source.items(|source| ShareAcknowledgeTopicResponse::random(source, version));
        }
        if source.sets() {
            it.node_endpoints = source.items(|source| NodeEndpoint::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for ShareAcknowledgeResponse {
    fn failed(_version: i16, code: i16) -> Option<Self> {
        Some(Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(
                Level::Answer,
                &[],
                self.error_code,
                self.error_message.as_deref(),
            );
        }
        for at0 in &self.responses {
            for at1 in &at0.partitions {
                to.code(Level::Part, at1.error_code);
                if at1.error_code != 0 {
                    to.refused(
                        Level::Part,
                        &[
                            ("topic_id", Name::Id(at0.topic_id)),
                            ("partition", Name::Number(at1.partition_index.into())),
                        ],
                        at1.error_code,
                        at1.error_message.as_deref(),
                    );
                }
            }
        }
    }
}

impl AmendTexts for ShareAcknowledgeResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        if self.error_code == code {
            amend(&mut self.error_message);
        }
        for at0 in &mut self.responses {
            for at1 in &mut at0.partitions {
                if at1.error_code == code {
                    amend(&mut at1.error_message);
                }
            }
        }
    }
}

/// Part of [`ShareAcknowledgeResponse`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ShareAcknowledgeTopicResponse {
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ShareAcknowledgeTopicResponse {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_id = from.uuid()?;
        it.partitions = from.items(true, |from| PartitionData::read(from, version))?;
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
impl ShareAcknowledgeTopicResponse {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partitions = source.items(|source| PartitionData::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ShareAcknowledgeResponse`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartitionData {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+; null by default.
    pub error_message: Option<String>,
    /// Versions 0+.
    pub current_leader: LeaderIdAndEpoch,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl PartitionData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        it.current_leader = LeaderIdAndEpoch::read(from, version)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "PartitionData",
            "error_message",
        )?;
        self.current_leader.write(to, version)?;
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
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.current_leader = LeaderIdAndEpoch::random(source, version);
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ShareAcknowledgeResponse`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LeaderIdAndEpoch {
    /// Versions 0+.
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

/// Part of [`ShareAcknowledgeResponse`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NodeEndpoint {
    /// Versions 0+ (`brokerId`).
    pub node_id: i32,
    /// Versions 0+.
    pub host: String,
    /// Versions 0+.
    pub port: i32,
    /// Versions 0+, nullable 0+; null by default.
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
