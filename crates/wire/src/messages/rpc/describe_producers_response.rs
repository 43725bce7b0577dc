//! `DescribeProducersResponse`: API key 61, versions 0. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeProducersResponse`: API key 61, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeProducersResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub topics: Vec<TopicResponse>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DescribeProducersResponse {
    const NAME: &'static str = "DescribeProducersResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.topics = from.items(true, |from| TopicResponse::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
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
impl DescribeProducersResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.topics = source.items(|source| TopicResponse::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for DescribeProducersResponse {
    fn failed(_version: i16, _code: i16) -> Option<Self> {
        None
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        for at0 in &self.topics {
            for at1 in &at0.partitions {
                to.code(Level::Part, at1.error_code);
                if at1.error_code != 0 {
                    to.refused(
                        Level::Part,
                        &[
                            ("topic", Name::Text(Some(&at0.name))),
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

impl AmendTexts for DescribeProducersResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        for at0 in &mut self.topics {
            for at1 in &mut at0.partitions {
                if at1.error_code == code {
                    amend(&mut at1.error_message);
                }
            }
        }
    }
}

/// Part of [`DescribeProducersResponse`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicResponse {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: Vec<PartitionResponse>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicResponse {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.partitions = from.items(true, |from| PartitionResponse::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "TopicResponse", "name")?;
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicResponse {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| PartitionResponse::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`DescribeProducersResponse`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartitionResponse {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+; null by default.
    pub error_message: Option<String>,
    /// Versions 0+.
    pub active_producers: Vec<ProducerState>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl PartitionResponse {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        it.active_producers = from.items(true, |from| ProducerState::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "PartitionResponse",
            "error_message",
        )?;
        to.length(Some(self.active_producers.len()), true);
        for item in &self.active_producers {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionResponse {
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
            it.active_producers = source.items(|source| ProducerState::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`DescribeProducersResponse`], versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct ProducerState {
    /// Versions 0+ (`producerId`).
    pub producer_id: i64,
    /// Versions 0+.
    pub producer_epoch: i32,
    /// Versions 0+; -1 by default.
    pub last_sequence: i32,
    /// Versions 0+; -1 by default.
    pub last_timestamp: i64,
    /// Versions 0+.
    pub coordinator_epoch: i32,
    /// Versions 0+; -1 by default.
    pub current_txn_start_offset: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ProducerState {
    fn default() -> Self {
        Self {
            producer_id: 0,
            producer_epoch: 0,
            last_sequence: -1,
            last_timestamp: -1,
            coordinator_epoch: 0,
            current_txn_start_offset: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl ProducerState {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.producer_id = from.i64()?;
        it.producer_epoch = from.i32()?;
        it.last_sequence = from.i32()?;
        it.last_timestamp = from.i64()?;
        it.coordinator_epoch = from.i32()?;
        it.current_txn_start_offset = from.i64()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i64(self.producer_id);
        to.i32(self.producer_epoch);
        to.i32(self.last_sequence);
        to.i64(self.last_timestamp);
        to.i32(self.coordinator_epoch);
        to.i64(self.current_txn_start_offset);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ProducerState {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.producer_id = source.i64();
        }
        if source.sets() {
            it.producer_epoch = source.i32();
        }
        if source.sets() {
            it.last_sequence = source.i32();
        }
        if source.sets() {
            it.last_timestamp = source.i64();
        }
        if source.sets() {
            it.coordinator_epoch = source.i32();
        }
        if source.sets() {
            it.current_txn_start_offset = source.i64();
        }
        it.unknown_tags = source.tags();
        it
    }
}
