//! `AlterReplicaLogDirsResponse`: API key 34, versions 1-2. Written by `cargo xtask codegen`: do not edit.

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

/// `AlterReplicaLogDirsResponse`: API key 34, versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterReplicaLogDirsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub results: Vec<AlterReplicaLogDirTopicResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for AlterReplicaLogDirsResponse {
    const NAME: &'static str = "AlterReplicaLogDirsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=2;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.results = from.items(flexible, |from| {
            AlterReplicaLogDirTopicResult::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i32(self.throttle_time_ms);
        to.length(Some(self.results.len()), flexible);
        for item in &self.results {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AlterReplicaLogDirsResponse",
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
impl AlterReplicaLogDirsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.results =
                source.items(|source| AlterReplicaLogDirTopicResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for AlterReplicaLogDirsResponse {
    fn failed(_version: i16, _code: i16) -> Option<Self> {
        None
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        for at0 in &self.results {
            for at1 in &at0.partitions {
                to.code(Level::Part, at1.error_code);
                if at1.error_code != 0 {
                    to.refused(
                        Level::Part,
                        &[
                            ("topic", Name::Text(Some(&at0.topic_name))),
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

impl AmendTexts for AlterReplicaLogDirsResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`AlterReplicaLogDirsResponse`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterReplicaLogDirTopicResult {
    /// Versions 0+ (`topicName`).
    pub topic_name: String,
    /// Versions 0+.
    pub partitions: Vec<AlterReplicaLogDirPartitionResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AlterReplicaLogDirTopicResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.topic_name = from.string(flexible)?;
        it.partitions = from.items(flexible, |from| {
            AlterReplicaLogDirPartitionResult::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        place(
            to.string(&self.topic_name, flexible),
            "AlterReplicaLogDirTopicResult",
            "topic_name",
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
                "AlterReplicaLogDirTopicResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterReplicaLogDirTopicResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.topic_name = source.string();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| AlterReplicaLogDirPartitionResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`AlterReplicaLogDirsResponse`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterReplicaLogDirPartitionResult {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AlterReplicaLogDirPartitionResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.error_code = from.i16()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i32(self.partition_index);
        to.i16(self.error_code);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AlterReplicaLogDirPartitionResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterReplicaLogDirPartitionResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
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
