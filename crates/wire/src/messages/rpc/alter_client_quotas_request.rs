//! `AlterClientQuotasRequest`: API key 49, versions 0-1. Written by `cargo xtask codegen`: do not edit.

use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Request;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `AlterClientQuotasRequest`: API key 49, versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterClientQuotasRequest {
    /// Versions 0+.
    pub entries: Vec<EntryData>,
    /// Versions 0+.
    pub validate_only: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for AlterClientQuotasRequest {
    const NAME: &'static str = "AlterClientQuotasRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(1);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.entries = from.items(flexible, |from| EntryData::read(from, version))?;
        it.validate_only = from.bool()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        to.length(Some(self.entries.len()), flexible);
        for item in &self.entries {
            item.write(to, version)?;
        }
        to.bool(self.validate_only);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AlterClientQuotasRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterClientQuotasRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.entries = source.items(|source| EntryData::random(source, version));
        }
        if source.sets() {
            it.validate_only = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for AlterClientQuotasRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`AlterClientQuotasRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EntryData {
    /// Versions 0+.
    pub entity: Vec<EntityData>,
    /// Versions 0+.
    pub ops: Vec<OpData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl EntryData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.entity = from.items(flexible, |from| EntityData::read(from, version))?;
        it.ops = from.items(flexible, |from| OpData::read(from, version))?;
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
        to.length(Some(self.ops.len()), flexible);
        for item in &self.ops {
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
            it.ops = source.items(|source| OpData::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`AlterClientQuotasRequest`], versions 0-1.
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

/// Part of [`AlterClientQuotasRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OpData {
    /// Versions 0+.
    pub key: String,
    /// Versions 0+.
    pub value: f64,
    /// Versions 0+.
    pub remove: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl OpData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.key = from.string(flexible)?;
        it.value = from.f64()?;
        it.remove = from.bool()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        place(to.string(&self.key, flexible), "OpData", "key")?;
        to.f64(self.value);
        to.bool(self.remove);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(self.unknown_tags.is_empty(), "OpData", "unknown_tags")?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OpData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.key = source.string();
        }
        if source.sets() {
            it.value = source.f64();
        }
        if source.sets() {
            it.remove = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for AlterClientQuotasRequest {
    const KEY: i16 = 49;
    type Response = super::AlterClientQuotasResponse;
}
