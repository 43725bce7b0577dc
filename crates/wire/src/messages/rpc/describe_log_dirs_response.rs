//! `DescribeLogDirsResponse`: API key 35, versions 1-5. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeLogDirsResponse`: API key 35, versions 1-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeLogDirsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 3+.
    pub error_code: i16,
    /// Versions 0+.
    pub results: Vec<DescribeLogDirsResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DescribeLogDirsResponse {
    const NAME: &'static str = "DescribeLogDirsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=5;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        if version >= 3 {
            it.error_code = from.i16()?;
        }
        it.results = from.items(flexible, |from| DescribeLogDirsResult::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i32(self.throttle_time_ms);
        if version >= 3 {
            to.i16(self.error_code);
        }
        to.length(Some(self.results.len()), flexible);
        for item in &self.results {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeLogDirsResponse",
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
impl DescribeLogDirsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if version >= 3 && source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.results = source.items(|source| DescribeLogDirsResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for DescribeLogDirsResponse {
    fn failed(version: i16, code: i16) -> Option<Self> {
        (version >= 3).then(|| Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(Level::Answer, &[], self.error_code, None);
        }
        for at0 in &self.results {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[("log_dir", Name::Text(Some(&at0.log_dir)))],
                    at0.error_code,
                    None,
                );
            }
        }
    }
}

impl AmendTexts for DescribeLogDirsResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`DescribeLogDirsResponse`], versions 1-5.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeLogDirsResult {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub log_dir: String,
    /// Versions 0+.
    pub topics: Vec<DescribeLogDirsTopic>,
    /// Versions 4+; -1 by default.
    pub total_bytes: i64,
    /// Versions 4+; -1 by default.
    pub usable_bytes: i64,
    /// Versions 5+; false by default.
    pub is_cordoned: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeLogDirsResult {
    fn default() -> Self {
        Self {
            error_code: 0,
            log_dir: String::new(),
            topics: Vec::new(),
            total_bytes: -1,
            usable_bytes: -1,
            is_cordoned: false,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DescribeLogDirsResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.log_dir = from.string(flexible)?;
        it.topics = from.items(flexible, |from| DescribeLogDirsTopic::read(from, version))?;
        if version >= 4 {
            it.total_bytes = from.i64()?;
        }
        if version >= 4 {
            it.usable_bytes = from.i64()?;
        }
        if version >= 5 {
            it.is_cordoned = from.bool()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i16(self.error_code);
        place(
            to.string(&self.log_dir, flexible),
            "DescribeLogDirsResult",
            "log_dir",
        )?;
        to.length(Some(self.topics.len()), flexible);
        for item in &self.topics {
            item.write(to, version)?;
        }
        if version >= 4 {
            to.i64(self.total_bytes);
        }
        if version >= 4 {
            to.i64(self.usable_bytes);
        }
        if version >= 5 {
            to.bool(self.is_cordoned);
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeLogDirsResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeLogDirsResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.log_dir = source.string();
        }
        if source.sets() {
            it.topics = source.items(|source| DescribeLogDirsTopic::random(source, version));
        }
        if version >= 4 && source.sets() {
            it.total_bytes = source.i64();
        }
        if version >= 4 && source.sets() {
            it.usable_bytes = source.i64();
        }
        if version >= 5 && source.sets() {
            it.is_cordoned = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`DescribeLogDirsResponse`], versions 1-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeLogDirsTopic {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: Vec<DescribeLogDirsPartition>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DescribeLogDirsTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.partitions = from.items(flexible, |from| {
            DescribeLogDirsPartition::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        place(
            to.string(&self.name, flexible),
            "DescribeLogDirsTopic",
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
                "DescribeLogDirsTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeLogDirsTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| DescribeLogDirsPartition::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`DescribeLogDirsResponse`], versions 1-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeLogDirsPartition {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub partition_size: i64,
    /// Versions 0+.
    pub offset_lag: i64,
    /// Versions 0+.
    pub is_future_key: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DescribeLogDirsPartition {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.partition_size = from.i64()?;
        it.offset_lag = from.i64()?;
        it.is_future_key = from.bool()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i32(self.partition_index);
        to.i64(self.partition_size);
        to.i64(self.offset_lag);
        to.bool(self.is_future_key);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeLogDirsPartition",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeLogDirsPartition {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.partition_size = source.i64();
        }
        if source.sets() {
            it.offset_lag = source.i64();
        }
        if source.sets() {
            it.is_future_key = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
