//! `DescribeConfigsResponse`: API key 32, versions 1-4. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeConfigsResponse`: API key 32, versions 1-4.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeConfigsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub results: Vec<DescribeConfigsResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DescribeConfigsResponse {
    const NAME: &'static str = "DescribeConfigsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=4;
    const FLEXIBLE: Option<i16> = Some(4);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.results = from.items(flexible, |from| DescribeConfigsResult::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
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
                "DescribeConfigsResponse",
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
impl DescribeConfigsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.results = source.items(|source| DescribeConfigsResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for DescribeConfigsResponse {
    fn failed(_version: i16, _code: i16) -> Option<Self> {
        None
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        for at0 in &self.results {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[
                        ("resource_type", Name::Number(at0.resource_type.into())),
                        ("resource", Name::Text(Some(&at0.resource_name))),
                    ],
                    at0.error_code,
                    at0.error_message.as_deref(),
                );
            }
        }
    }
}

impl AmendTexts for DescribeConfigsResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        for at0 in &mut self.results {
            if at0.error_code == code {
                amend(&mut at0.error_message);
            }
        }
    }
}

/// Part of [`DescribeConfigsResponse`], versions 1-4.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeConfigsResult {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+.
    pub error_message: Option<String>,
    /// Versions 0+.
    pub resource_type: i8,
    /// Versions 0+.
    pub resource_name: String,
    /// Versions 0+.
    pub configs: Vec<DescribeConfigsResourceResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeConfigsResult {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(String::new()),
            resource_type: 0,
            resource_name: String::new(),
            configs: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DescribeConfigsResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(flexible)?;
        it.resource_type = from.i8()?;
        it.resource_name = from.string(flexible)?;
        it.configs = from.items(flexible, |from| {
            DescribeConfigsResourceResult::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), flexible),
            "DescribeConfigsResult",
            "error_message",
        )?;
        to.i8(self.resource_type);
        place(
            to.string(&self.resource_name, flexible),
            "DescribeConfigsResult",
            "resource_name",
        )?;
        to.length(Some(self.configs.len()), flexible);
        for item in &self.configs {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeConfigsResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeConfigsResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.resource_type = source.i8();
        }
        if source.sets() {
            it.resource_name = source.string();
        }
        if source.sets() {
            it.configs =
                source.items(|source| DescribeConfigsResourceResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`DescribeConfigsResponse`], versions 1-4.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeConfigsResourceResult {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+, nullable 0+.
    pub value: Option<String>,
    /// Versions 0+.
    pub read_only: bool,
    /// Versions 1+; -1 by default.
    pub config_source: i8,
    /// Versions 0+.
    pub is_sensitive: bool,
    /// Versions 1+.
    pub synonyms: Vec<DescribeConfigsSynonym>,
    /// Versions 3+; 0 by default.
    pub config_type: i8,
    /// Versions 3+, nullable 0+.
    pub documentation: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeConfigsResourceResult {
    fn default() -> Self {
        Self {
            name: String::new(),
            value: Some(String::new()),
            read_only: false,
            config_source: -1,
            is_sensitive: false,
            synonyms: Vec::new(),
            config_type: 0,
            documentation: Some(String::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DescribeConfigsResourceResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.value = from.nullable_string(flexible)?;
        it.read_only = from.bool()?;
        it.config_source = from.i8()?;
        it.is_sensitive = from.bool()?;
        it.synonyms = from.items(flexible, |from| DescribeConfigsSynonym::read(from, version))?;
        if version >= 3 {
            it.config_type = from.i8()?;
        }
        if version >= 3 {
            it.documentation = from.nullable_string(flexible)?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        place(
            to.string(&self.name, flexible),
            "DescribeConfigsResourceResult",
            "name",
        )?;
        place(
            to.nullable_string(self.value.as_deref(), flexible),
            "DescribeConfigsResourceResult",
            "value",
        )?;
        to.bool(self.read_only);
        to.i8(self.config_source);
        to.bool(self.is_sensitive);
        to.length(Some(self.synonyms.len()), flexible);
        for item in &self.synonyms {
            item.write(to, version)?;
        }
        if version >= 3 {
            to.i8(self.config_type);
        }
        if version >= 3 {
            place(
                to.nullable_string(self.documentation.as_deref(), flexible),
                "DescribeConfigsResourceResult",
                "documentation",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeConfigsResourceResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeConfigsResourceResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
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
        if source.sets() {
            it.synonyms = source.items(|source| DescribeConfigsSynonym::random(source, version));
        }
        if version >= 3 && source.sets() {
            it.config_type = source.i8();
        }
        if version >= 3 && source.sets() {
            it.documentation = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`DescribeConfigsResponse`], versions 1-4.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeConfigsSynonym {
    /// Versions 1+.
    pub name: String,
    /// Versions 1+, nullable 0+.
    pub value: Option<String>,
    /// Versions 1+.
    pub source: i8,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeConfigsSynonym {
    fn default() -> Self {
        Self {
            name: String::new(),
            value: Some(String::new()),
            source: 0,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DescribeConfigsSynonym {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.value = from.nullable_string(flexible)?;
        it.source = from.i8()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        place(
            to.string(&self.name, flexible),
            "DescribeConfigsSynonym",
            "name",
        )?;
        place(
            to.nullable_string(self.value.as_deref(), flexible),
            "DescribeConfigsSynonym",
            "value",
        )?;
        to.i8(self.source);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeConfigsSynonym",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeConfigsSynonym {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.value = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.source = source.i8();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
