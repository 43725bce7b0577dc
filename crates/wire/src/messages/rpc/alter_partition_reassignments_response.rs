//! `AlterPartitionReassignmentsResponse`: API key 45, versions 0-1. Written by `cargo xtask codegen`: do not edit.

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

/// `AlterPartitionReassignmentsResponse`: API key 45, versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct AlterPartitionReassignmentsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 1+; true by default.
    pub allow_replication_factor_change: bool,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+.
    pub error_message: Option<String>,
    /// Versions 0+.
    pub responses: Vec<ReassignableTopicResponse>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for AlterPartitionReassignmentsResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            allow_replication_factor_change: true,
            error_code: 0,
            error_message: Some(String::new()),
            responses: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for AlterPartitionReassignmentsResponse {
    const NAME: &'static str = "AlterPartitionReassignmentsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        if version >= 1 {
            it.allow_replication_factor_change = from.bool()?;
        }
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        it.responses = from.items(true, |from| ReassignableTopicResponse::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        if version >= 1 {
            to.bool(self.allow_replication_factor_change);
        }
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "AlterPartitionReassignmentsResponse",
            "error_message",
        )?;
        to.length(Some(self.responses.len()), true);
        for item in &self.responses {
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
impl AlterPartitionReassignmentsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if version >= 1 && source.sets() {
            it.allow_replication_factor_change = source.bool();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.responses =
                source.items(|source| ReassignableTopicResponse::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for AlterPartitionReassignmentsResponse {
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

impl AmendTexts for AlterPartitionReassignmentsResponse {
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

/// Part of [`AlterPartitionReassignmentsResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ReassignableTopicResponse {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: Vec<ReassignablePartitionResponse>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ReassignableTopicResponse {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.partitions = from.items(true, |from| {
            ReassignablePartitionResponse::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.name, true),
            "ReassignableTopicResponse",
            "name",
        )?;
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ReassignableTopicResponse {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| ReassignablePartitionResponse::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`AlterPartitionReassignmentsResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct ReassignablePartitionResponse {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+.
    pub error_message: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ReassignablePartitionResponse {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: 0,
            error_message: Some(String::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl ReassignablePartitionResponse {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "ReassignablePartitionResponse",
            "error_message",
        )?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ReassignablePartitionResponse {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
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
        it.unknown_tags = source.tags();
        it
    }
}
