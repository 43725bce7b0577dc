//! `AlterClientQuotasResponse`: API key 49, versions 0-1. Written by `cargo xtask codegen`: do not edit.

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

/// `AlterClientQuotasResponse`: API key 49, versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterClientQuotasResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub entries: Vec<EntryData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for AlterClientQuotasResponse {
    const NAME: &'static str = "AlterClientQuotasResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(1);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.entries = from.items(flexible, |from| EntryData::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        to.i32(self.throttle_time_ms);
        to.length(Some(self.entries.len()), flexible);
        for item in &self.entries {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AlterClientQuotasResponse",
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
impl AlterClientQuotasResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.entries = source.items(|source| EntryData::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for AlterClientQuotasResponse {
    fn failed(_version: i16, _code: i16) -> Option<Self> {
        None
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        for at0 in &self.entries {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[],
                    at0.error_code,
                    at0.error_message.as_deref(),
                );
            }
        }
    }
}

impl AmendTexts for AlterClientQuotasResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        for at0 in &mut self.entries {
            if at0.error_code == code {
                amend(&mut at0.error_message);
            }
        }
    }
}

/// Part of [`AlterClientQuotasResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct EntryData {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+.
    pub error_message: Option<String>,
    /// Versions 0+.
    pub entity: Vec<EntityData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for EntryData {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(String::new()),
            entity: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl EntryData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(flexible)?;
        it.entity = from.items(flexible, |from| EntityData::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), flexible),
            "EntryData",
            "error_message",
        )?;
        to.length(Some(self.entity.len()), flexible);
        for item in &self.entity {
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
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.entity = source.items(|source| EntityData::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`AlterClientQuotasResponse`], versions 0-1.
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
