//! `CreateTopicsResponse`: API key 19, versions 2-7. Written by `cargo xtask codegen`: do not edit.

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

/// `CreateTopicsResponse`: API key 19, versions 2-7.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CreateTopicsResponse {
    /// Versions 2+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub topics: Vec<CreatableTopicResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for CreateTopicsResponse {
    const NAME: &'static str = "CreateTopicsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 2..=7;
    const FLEXIBLE: Option<i16> = Some(5);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 5;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.topics = from.items(flexible, |from| CreatableTopicResult::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 5;
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
                "CreateTopicsResponse",
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
impl CreateTopicsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 5;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.topics = source.items(|source| CreatableTopicResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for CreateTopicsResponse {
    fn failed(_version: i16, _code: i16) -> Option<Self> {
        None
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        for at0 in &self.topics {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[
                        ("topic", Name::Text(Some(&at0.name))),
                        ("topic_id", Name::Id(at0.topic_id)),
                    ],
                    at0.error_code,
                    at0.error_message.as_deref(),
                );
            }
            to.code(Level::Aside, at0.topic_config_error_code);
            if at0.topic_config_error_code != 0 {
                to.refused(
                    Level::Aside,
                    &[
                        ("topic", Name::Text(Some(&at0.name))),
                        ("topic_id", Name::Id(at0.topic_id)),
                    ],
                    at0.topic_config_error_code,
                    at0.error_message.as_deref(),
                );
            }
        }
    }
}

impl AmendTexts for CreateTopicsResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        for at0 in &mut self.topics {
            if at0.error_code == code {
                amend(&mut at0.error_message);
            }
        }
    }
}

/// Part of [`CreateTopicsResponse`], versions 2-7.
#[derive(Clone, PartialEq, Debug)]
pub struct CreatableTopicResult {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 7+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 1+, nullable 0+.
    pub error_message: Option<String>,
    /// Versions 5+, tagged 5+.
    pub topic_config_error_code: i16,
    /// Versions 5+; -1 by default.
    pub num_partitions: i32,
    /// Versions 5+; -1 by default.
    pub replication_factor: i16,
    /// Versions 5+, nullable 5+.
    pub configs: Option<Vec<CreatableTopicConfigs>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for CreatableTopicResult {
    fn default() -> Self {
        Self {
            name: String::new(),
            topic_id: Uuid::ZERO,
            error_code: 0,
            error_message: Some(String::new()),
            topic_config_error_code: 0,
            num_partitions: -1,
            replication_factor: -1,
            configs: Some(Vec::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl CreatableTopicResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 5;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        if version >= 7 {
            it.topic_id = from.uuid()?;
        }
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(flexible)?;
        if version >= 5 {
            it.num_partitions = from.i32()?;
        }
        if version >= 5 {
            it.replication_factor = from.i16()?;
        }
        if version >= 5 {
            it.configs =
                from.nullable_items(true, |from| CreatableTopicConfigs::read(from, version))?;
        }
        if flexible {
            it.unknown_tags = from.tags(|tag, from| {
                match tag {
                    0 => it.topic_config_error_code = from.i16()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 5;
        place(
            to.string(&self.name, flexible),
            "CreatableTopicResult",
            "name",
        )?;
        if version >= 7 {
            to.uuid(self.topic_id);
        }
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), flexible),
            "CreatableTopicResult",
            "error_message",
        )?;
        if version >= 5 {
            to.i32(self.num_partitions);
        }
        if version >= 5 {
            to.i16(self.replication_factor);
        }
        if version >= 5 {
            to.length(self.configs.as_ref().map(Vec::len), true);
            for item in self.configs.iter().flatten() {
                item.write(to, version)?;
            }
        }
        if flexible {
            let mut tags = TagWriter::new(&self.unknown_tags, "CreatableTopicResult");
            if self.topic_config_error_code != 0 {
                tags.field(0, |to| {
                    to.i16(self.topic_config_error_code);
                    Ok(())
                })?;
            }
            tags.finish(to);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "CreatableTopicResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CreatableTopicResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 5;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if version >= 7 && source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if version >= 5 && source.sets() {
            it.topic_config_error_code = source.i16();
        }
        if version >= 5 && source.sets() {
            it.num_partitions = source.i32();
        }
        if version >= 5 && source.sets() {
            it.replication_factor = source.i16();
        }
        if version >= 5 && source.sets() {
            it.configs = source.nullable(true, |source| {
                source.items(|source| CreatableTopicConfigs::random(source, version))
            });
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`CreateTopicsResponse`], versions 5-7.
#[derive(Clone, PartialEq, Debug)]
pub struct CreatableTopicConfigs {
    /// Versions 5+.
    pub name: String,
    /// Versions 5+, nullable 5+.
    pub value: Option<String>,
    /// Versions 5+.
    pub read_only: bool,
    /// Versions 5+; -1 by default.
    pub config_source: i8,
    /// Versions 5+.
    pub is_sensitive: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for CreatableTopicConfigs {
    fn default() -> Self {
        Self {
            name: String::new(),
            value: Some(String::new()),
            read_only: false,
            config_source: -1,
            is_sensitive: false,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl CreatableTopicConfigs {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.value = from.nullable_string(true)?;
        it.read_only = from.bool()?;
        it.config_source = from.i8()?;
        it.is_sensitive = from.bool()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "CreatableTopicConfigs", "name")?;
        place(
            to.nullable_string(self.value.as_deref(), true),
            "CreatableTopicConfigs",
            "value",
        )?;
        to.bool(self.read_only);
        to.i8(self.config_source);
        to.bool(self.is_sensitive);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CreatableTopicConfigs {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.value = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.read_only = source.bool();
        }
        if source.sets() {
            it.config_source = source.i8();
        }
        if source.sets() {
            it.is_sensitive = source.bool();
        }
        it.unknown_tags = source.tags();
        it
    }
}
