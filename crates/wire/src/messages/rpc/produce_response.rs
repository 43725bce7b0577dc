//! `ProduceResponse`: API key 0, versions 3-13. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::Name;
use crate::answer::SeesCodes;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ProduceResponse`: API key 0, versions 3-13.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ProduceResponse {
    /// Versions 0+.
    pub responses: Vec<TopicProduceResponse>,
    /// Versions 1+; 0 by default.
    pub throttle_time_ms: i32,
    /// Versions 10+, tagged 10+.
    pub node_endpoints: Vec<NodeEndpoint>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ProduceResponse {
    const NAME: &'static str = "ProduceResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 3..=13;
    const FLEXIBLE: Option<i16> = Some(9);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 9;
        let mut it = Self::default();
        it.responses = from.items(flexible, |from| TopicProduceResponse::read(from, version))?;
        it.throttle_time_ms = from.i32()?;
        if flexible {
            it.unknown_tags = from.tags(|tag, from| {
                match tag {
                    0 if version >= 10 => {
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
        let flexible = version >= 9;
        to.length(Some(self.responses.len()), flexible);
        for item in &self.responses {
            item.write(to, version)?;
        }
        to.i32(self.throttle_time_ms);
        if version < 10 {
            place(
                self.node_endpoints.is_empty(),
                "ProduceResponse",
                "node_endpoints",
            )?;
        }
        if flexible {
            let mut tags = TagWriter::new(&self.unknown_tags, "ProduceResponse");
            if version >= 10 && !self.node_endpoints.is_empty() {
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
                "ProduceResponse",
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
impl ProduceResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 9;
        let mut it = Self::default();
        if source.sets() {
            it.responses = source.items(|source| TopicProduceResponse::random(source, version));
        }
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if version >= 10 && source.sets() {
            it.node_endpoints = source.items(|source| NodeEndpoint::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for ProduceResponse {
    fn failed(_version: i16, _code: i16) -> Option<Self> {
        None
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        for at0 in &self.responses {
            for at1 in &at0.partition_responses {
                to.code(Level::Part, at1.error_code);
                if at1.error_code != 0 {
                    to.refused(
                        Level::Part,
                        &[
                            ("topic", Name::Text(Some(&at0.name))),
                            ("topic_id", Name::Id(at0.topic_id)),
                            ("partition", Name::Number(at1.index.into())),
                        ],
                        at1.error_code,
                        at1.error_message.as_deref(),
                    );
                }
            }
        }
    }
}

impl AmendTexts for ProduceResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        for at0 in &mut self.responses {
            for at1 in &mut at0.partition_responses {
                if at1.error_code == code {
                    amend(&mut at1.error_message);
                }
            }
        }
    }
}

/// Part of [`ProduceResponse`], versions 3-13.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicProduceResponse {
    /// Versions 0-12 (`topicName`).
    pub name: String,
    /// Versions 13+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partition_responses: Vec<PartitionProduceResponse>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicProduceResponse {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 9;
        let mut it = Self::default();
        if version <= 12 {
            it.name = from.string(flexible)?;
        }
        if version >= 13 {
            it.topic_id = from.uuid()?;
        }
        it.partition_responses = from.items(flexible, |from| {
            PartitionProduceResponse::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 9;
        if version <= 12 {
            place(
                to.string(&self.name, flexible),
                "TopicProduceResponse",
                "name",
            )?;
        }
        if version >= 13 {
            to.uuid(self.topic_id);
        }
        to.length(Some(self.partition_responses.len()), flexible);
        for item in &self.partition_responses {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "TopicProduceResponse",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicProduceResponse {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 9;
        let mut it = Self::default();
        if version <= 12 && source.sets() {
            it.name = source.string();
        }
        if version >= 13 && source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partition_responses =
                source.items(|source| PartitionProduceResponse::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`ProduceResponse`], versions 3-13.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionProduceResponse {
    /// Versions 0+.
    pub index: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub base_offset: i64,
    /// Versions 2+; -1 by default.
    pub log_append_time_ms: i64,
    /// Versions 5+; -1 by default.
    pub log_start_offset: i64,
    /// Versions 8+.
    pub record_errors: Vec<BatchIndexAndErrorMessage>,
    /// Versions 8+, nullable 8+; null by default.
    pub error_message: Option<String>,
    /// Versions 10+, tagged 10+.
    pub current_leader: LeaderIdAndEpoch,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for PartitionProduceResponse {
    fn default() -> Self {
        Self {
            index: 0,
            error_code: 0,
            base_offset: 0,
            log_append_time_ms: -1,
            log_start_offset: -1,
            record_errors: Vec::new(),
            error_message: None,
            current_leader: LeaderIdAndEpoch::default(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl PartitionProduceResponse {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 9;
        let mut it = Self::default();
        it.index = from.i32()?;
        it.error_code = from.i16()?;
        it.base_offset = from.i64()?;
        it.log_append_time_ms = from.i64()?;
        if version >= 5 {
            it.log_start_offset = from.i64()?;
        }
        if version >= 8 {
            it.record_errors = from.items(flexible, |from| {
                BatchIndexAndErrorMessage::read(from, version)
            })?;
        }
        if version >= 8 {
            it.error_message = from.nullable_string(flexible)?;
        }
        if flexible {
            it.unknown_tags = from.tags(|tag, from| {
                match tag {
                    0 if version >= 10 => {
                        it.current_leader = LeaderIdAndEpoch::read(from, version)?
                    }
                    0 => return Err(from.malformed("tagged field of another version")),
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 9;
        to.i32(self.index);
        to.i16(self.error_code);
        to.i64(self.base_offset);
        to.i64(self.log_append_time_ms);
        if version >= 5 {
            to.i64(self.log_start_offset);
        }
        if version >= 8 {
            to.length(Some(self.record_errors.len()), flexible);
            for item in &self.record_errors {
                item.write(to, version)?;
            }
        }
        if version >= 8 {
            place(
                to.nullable_string(self.error_message.as_deref(), flexible),
                "PartitionProduceResponse",
                "error_message",
            )?;
        }
        if version < 10 {
            place(
                self.current_leader == LeaderIdAndEpoch::default(),
                "PartitionProduceResponse",
                "current_leader",
            )?;
        }
        if flexible {
            let mut tags = TagWriter::new(&self.unknown_tags, "PartitionProduceResponse");
            if version >= 10 && self.current_leader != LeaderIdAndEpoch::default() {
                tags.field(0, |to| {
                    self.current_leader.write(to, version)?;
                    Ok(())
                })?;
            }
            tags.finish(to);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "PartitionProduceResponse",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionProduceResponse {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 9;
        let mut it = Self::default();
        if source.sets() {
            it.index = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.base_offset = source.i64();
        }
        if source.sets() {
            it.log_append_time_ms = source.i64();
        }
        if version >= 5 && source.sets() {
            it.log_start_offset = source.i64();
        }
        if version >= 8 && source.sets() {
            it.record_errors =
                source.items(|source| BatchIndexAndErrorMessage::random(source, version));
        }
        if version >= 8 && source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if version >= 10 && source.sets() {
            it.current_leader = LeaderIdAndEpoch::random(source, version);
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`ProduceResponse`], versions 8-13.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BatchIndexAndErrorMessage {
    /// Versions 8+.
    pub batch_index: i32,
    /// Versions 8+, nullable 8+; null by default.
    pub batch_index_error_message: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl BatchIndexAndErrorMessage {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 9;
        let mut it = Self::default();
        it.batch_index = from.i32()?;
        it.batch_index_error_message = from.nullable_string(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 9;
        to.i32(self.batch_index);
        place(
            to.nullable_string(self.batch_index_error_message.as_deref(), flexible),
            "BatchIndexAndErrorMessage",
            "batch_index_error_message",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "BatchIndexAndErrorMessage",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl BatchIndexAndErrorMessage {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 9;
        let mut it = Self::default();
        if source.sets() {
            it.batch_index = source.i32();
        }
        if source.sets() {
            it.batch_index_error_message = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`ProduceResponse`], versions 10-13.
#[derive(Clone, PartialEq, Debug)]
pub struct LeaderIdAndEpoch {
    /// Versions 10+; -1 by default (`brokerId`).
    pub leader_id: i32,
    /// Versions 10+; -1 by default.
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

/// Part of [`ProduceResponse`], versions 10-13.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NodeEndpoint {
    /// Versions 10+ (`brokerId`).
    pub node_id: i32,
    /// Versions 10+.
    pub host: String,
    /// Versions 10+.
    pub port: i32,
    /// Versions 10+, nullable 10+; null by default.
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
