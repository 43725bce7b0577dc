//! `OffsetForLeaderEpochResponse`: API key 23, versions 2-4. Written by `cargo xtask codegen`: do not edit.

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

/// `OffsetForLeaderEpochResponse`: API key 23, versions 2-4.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetForLeaderEpochResponse {
    /// Versions 2+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub topics: Vec<OffsetForLeaderTopicResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for OffsetForLeaderEpochResponse {
    const NAME: &'static str = "OffsetForLeaderEpochResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 2..=4;
    const FLEXIBLE: Option<i16> = Some(4);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.topics = from.items(flexible, |from| {
            OffsetForLeaderTopicResult::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        to.i32(self.throttle_time_ms);
        to.length(Some(self.topics.len()), flexible);
        for item in &self.topics {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetForLeaderEpochResponse",
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
impl OffsetForLeaderEpochResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.topics = source.items(|source| OffsetForLeaderTopicResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for OffsetForLeaderEpochResponse {
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
                            ("topic", Name::Text(Some(&at0.topic))),
                            ("partition", Name::Number(at1.partition.into())),
                        ],
                        at1.error_code,
                        None,
                    );
                }
            }
        }
    }
}

impl AmendTexts for OffsetForLeaderEpochResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`OffsetForLeaderEpochResponse`], versions 2-4.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetForLeaderTopicResult {
    /// Versions 0+ (`topicName`).
    pub topic: String,
    /// Versions 0+.
    pub partitions: Vec<EpochEndOffset>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl OffsetForLeaderTopicResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.topic = from.string(flexible)?;
        it.partitions = from.items(flexible, |from| EpochEndOffset::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        place(
            to.string(&self.topic, flexible),
            "OffsetForLeaderTopicResult",
            "topic",
        )?;
        to.length(Some(self.partitions.len()), flexible);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetForLeaderTopicResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetForLeaderTopicResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.topic = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| EpochEndOffset::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`OffsetForLeaderEpochResponse`], versions 2-4.
#[derive(Clone, PartialEq, Debug)]
pub struct EpochEndOffset {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub partition: i32,
    /// Versions 1+; -1 by default.
    pub leader_epoch: i32,
    /// Versions 0+; -1 by default.
    pub end_offset: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self {
            error_code: 0,
            partition: 0,
            leader_epoch: -1,
            end_offset: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl EpochEndOffset {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.partition = from.i32()?;
        it.leader_epoch = from.i32()?;
        it.end_offset = from.i64()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        to.i16(self.error_code);
        to.i32(self.partition);
        to.i32(self.leader_epoch);
        to.i64(self.end_offset);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "EpochEndOffset",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl EpochEndOffset {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.partition = source.i32();
        }
        if source.sets() {
            it.leader_epoch = source.i32();
        }
        if source.sets() {
            it.end_offset = source.i64();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
