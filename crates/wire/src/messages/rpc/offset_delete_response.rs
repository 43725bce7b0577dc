//! `OffsetDeleteResponse`: API key 47, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::Name;
use crate::answer::SeesCodes;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `OffsetDeleteResponse`: API key 47, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetDeleteResponse {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub topics: Vec<OffsetDeleteResponseTopic>,
}

impl Message for OffsetDeleteResponse {
    const NAME: &'static str = "OffsetDeleteResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.throttle_time_ms = from.i32()?;
        it.topics = from.items(false, |from| OffsetDeleteResponseTopic::read(from, version))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i16(self.error_code);
        to.i32(self.throttle_time_ms);
        to.length(Some(self.topics.len()), false);
        for item in &self.topics {
            item.write(to, version)?;
        }
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetDeleteResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.topics = source.items(|source| OffsetDeleteResponseTopic::random(source, version));
        }
        it
    }
}

impl ErrorCodes for OffsetDeleteResponse {
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

impl AmendTexts for OffsetDeleteResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`OffsetDeleteResponse`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetDeleteResponseTopic {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: Vec<OffsetDeleteResponsePartition>,
}

impl OffsetDeleteResponseTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(false)?;
        it.partitions = from.items(false, |from| {
            OffsetDeleteResponsePartition::read(from, version)
        })?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.name, false),
            "OffsetDeleteResponseTopic",
            "name",
        )?;
        to.length(Some(self.partitions.len()), false);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetDeleteResponseTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| OffsetDeleteResponsePartition::random(source, version));
        }
        it
    }
}

/// Part of [`OffsetDeleteResponse`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetDeleteResponsePartition {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub error_code: i16,
}

impl OffsetDeleteResponsePartition {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.error_code = from.i16()?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.i16(self.error_code);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetDeleteResponsePartition {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        it
    }
}
