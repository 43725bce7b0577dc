//! `DescribeClientQuotasResponse`: API key 48, versions 0-1. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
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

/// `DescribeClientQuotasResponse`: API key 48, versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeClientQuotasResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+.
    pub error_message: Option<String>,
    /// Versions 0+, nullable 0+.
    pub entries: Option<Vec<EntryData>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeClientQuotasResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: Some(String::new()),
            entries: Some(Vec::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for DescribeClientQuotasResponse {
    const NAME: &'static str = "DescribeClientQuotasResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(1);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(flexible)?;
        it.entries = from.nullable_items(flexible, |from| EntryData::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), flexible),
            "DescribeClientQuotasResponse",
            "error_message",
        )?;
        to.length(self.entries.as_ref().map(Vec::len), flexible);
        for item in self.entries.iter().flatten() {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeClientQuotasResponse",
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
impl DescribeClientQuotasResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.entries = source.nullable(true, |source| {
                source.items(|source| EntryData::random(source, version))
            });
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for DescribeClientQuotasResponse {
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
    }
}

impl AmendTexts for DescribeClientQuotasResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        if self.error_code == code {
            amend(&mut self.error_message);
        }
    }
}

/// Part of [`DescribeClientQuotasResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EntryData {
    /// Versions 0+.
    pub entity: Vec<EntityData>,
    /// Versions 0+.
    pub values: Vec<ValueData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl EntryData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.entity = from.items(flexible, |from| EntityData::read(from, version))?;
        it.values = from.items(flexible, |from| ValueData::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        to.length(Some(self.entity.len()), flexible);
        for item in &self.entity {
            item.write(to, version)?;
        }
        to.length(Some(self.values.len()), flexible);
        for item in &self.values {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(self.unknown_tags.is_empty(), "EntryData", "unknown_tags")?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl EntryData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.entity = source.items(|source| EntityData::random(source, version));
        }
        if source.sets() {
            it.values = source.items(|source| ValueData::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`DescribeClientQuotasResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct EntityData {
    /// Versions 0+.
    pub entity_type: String,
    /// Versions 0+, nullable 0+.
    pub entity_name: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for EntityData {
    fn default() -> Self {
        Self {
            entity_type: String::new(),
            entity_name: Some(String::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl EntityData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.entity_type = from.string(flexible)?;
        it.entity_name = from.nullable_string(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        place(
            to.string(&self.entity_type, flexible),
            "EntityData",
            "entity_type",
        )?;
        place(
            to.nullable_string(self.entity_name.as_deref(), flexible),
            "EntityData",
            "entity_name",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(self.unknown_tags.is_empty(), "EntityData", "unknown_tags")?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl EntityData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.entity_type = source.string();
        }
        if source.sets() {
            it.entity_name = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`DescribeClientQuotasResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ValueData {
    /// Versions 0+.
    pub key: String,
    /// Versions 0+.
    pub value: f64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ValueData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.key = from.string(flexible)?;
        it.value = from.f64()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        place(to.string(&self.key, flexible), "ValueData", "key")?;
        to.f64(self.value);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(self.unknown_tags.is_empty(), "ValueData", "unknown_tags")?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ValueData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.key = source.string();
        }
        if source.sets() {
            it.value = source.f64();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
