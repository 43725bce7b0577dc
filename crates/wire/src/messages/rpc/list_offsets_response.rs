//! `ListOffsetsResponse`: API key 2, versions 1-11. Written by `cargo xtask codegen`: do not edit.

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

/// `ListOffsetsResponse`: API key 2, versions 1-11.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListOffsetsResponse {
    /// Versions 2+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub topics: Vec<ListOffsetsTopicResponse>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ListOffsetsResponse {
    const NAME: &'static str = "ListOffsetsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=11;
    const FLEXIBLE: Option<i16> = Some(6);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        if version >= 2 {
            it.throttle_time_ms = from.i32()?;
        }
        it.topics = from.items(flexible, |from| {
            ListOffsetsTopicResponse::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        if version >= 2 {
            to.i32(self.throttle_time_ms);
        }
        to.length(Some(self.topics.len()), flexible);
        for item in &self.topics {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ListOffsetsResponse",
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
impl ListOffsetsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if version >= 2 && source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.topics = source.items(|source| ListOffsetsTopicResponse::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for ListOffsetsResponse {
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
                        None,
                    );
                }
            }
        }
    }
}

impl AmendTexts for ListOffsetsResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`ListOffsetsResponse`], versions 1-11.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListOffsetsTopicResponse {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: Vec<ListOffsetsPartitionResponse>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ListOffsetsTopicResponse {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.partitions = from.items(flexible, |from| {
            ListOffsetsPartitionResponse::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        place(
            to.string(&self.name, flexible),
            "ListOffsetsTopicResponse",
            "name",
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
                "ListOffsetsTopicResponse",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ListOffsetsTopicResponse {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| ListOffsetsPartitionResponse::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`ListOffsetsResponse`], versions 1-11.
#[derive(Clone, PartialEq, Debug)]
pub struct ListOffsetsPartitionResponse {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 1+; -1 by default.
    pub timestamp: i64,
    /// Versions 1+; -1 by default.
    pub offset: i64,
    /// Versions 4+; -1 by default.
    pub leader_epoch: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ListOffsetsPartitionResponse {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: 0,
            timestamp: -1,
            offset: -1,
            leader_epoch: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl ListOffsetsPartitionResponse {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.error_code = from.i16()?;
        it.timestamp = from.i64()?;
        it.offset = from.i64()?;
        if version >= 4 {
            it.leader_epoch = from.i32()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        to.i32(self.partition_index);
        to.i16(self.error_code);
        to.i64(self.timestamp);
        to.i64(self.offset);
        if version >= 4 {
            to.i32(self.leader_epoch);
        } else {
            place(
                self.leader_epoch == -1,
                "ListOffsetsPartitionResponse",
                "leader_epoch",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ListOffsetsPartitionResponse",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ListOffsetsPartitionResponse {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.timestamp = source.i64();
        }
        if source.sets() {
            it.offset = source.i64();
        }
        if version >= 4 && source.sets() {
            it.leader_epoch = source.i32();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
