//! `OffsetCommitResponse`: API key 8, versions 2-10. Written by `cargo xtask codegen`: do not edit.

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

/// `OffsetCommitResponse`: API key 8, versions 2-10.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetCommitResponse {
    /// Versions 3+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub topics: Vec<OffsetCommitResponseTopic>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for OffsetCommitResponse {
    const NAME: &'static str = "OffsetCommitResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 2..=10;
    const FLEXIBLE: Option<i16> = Some(8);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 8;
        let mut it = Self::default();
        if version >= 3 {
            it.throttle_time_ms = from.i32()?;
        }
        it.topics = from.items(flexible, |from| {
            OffsetCommitResponseTopic::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 8;
        if version >= 3 {
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
                "OffsetCommitResponse",
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
impl OffsetCommitResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 8;
        let mut it = Self::default();
        if version >= 3 && source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.topics = source.items(|source| OffsetCommitResponseTopic::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for OffsetCommitResponse {
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

impl AmendTexts for OffsetCommitResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`OffsetCommitResponse`], versions 2-10.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetCommitResponseTopic {
    /// Versions 0-9 (`topicName`).
    pub name: String,
    /// Versions 10+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<OffsetCommitResponsePartition>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl OffsetCommitResponseTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 8;
        let mut it = Self::default();
        if version <= 9 {
            it.name = from.string(flexible)?;
        }
        if version >= 10 {
            it.topic_id = from.uuid()?;
        }
        it.partitions = from.items(flexible, |from| {
            OffsetCommitResponsePartition::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 8;
        if version <= 9 {
            place(
                to.string(&self.name, flexible),
                "OffsetCommitResponseTopic",
                "name",
            )?;
        }
        if version >= 10 {
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
                "OffsetCommitResponseTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetCommitResponseTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 8;
        let mut it = Self::default();
        if version <= 9 && source.sets() {
            it.name = source.string();
        }
        if version >= 10 && source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| OffsetCommitResponsePartition::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`OffsetCommitResponse`], versions 2-10.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetCommitResponsePartition {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl OffsetCommitResponsePartition {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 8;
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.error_code = from.i16()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 8;
        to.i32(self.partition_index);
        to.i16(self.error_code);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetCommitResponsePartition",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetCommitResponsePartition {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 8;
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
