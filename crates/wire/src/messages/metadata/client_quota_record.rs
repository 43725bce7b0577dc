//! `ClientQuotaRecord`: record type 14, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ClientQuotaRecord`: record type 14, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ClientQuotaRecord {
    /// Versions 0+.
    pub entity: Vec<EntityData>,
    /// Versions 0+.
    pub key: String,
    /// Versions 0+.
    pub value: f64,
    /// Versions 0+.
    pub remove: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ClientQuotaRecord {
    const NAME: &'static str = "ClientQuotaRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.entity = from.items(true, |from| EntityData::read(from, version))?;
        it.key = from.string(true)?;
        it.value = from.f64()?;
        it.remove = from.bool()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.entity.len()), true);
        for item in &self.entity {
            item.write(to, version)?;
        }
        place(to.string(&self.key, true), "ClientQuotaRecord", "key")?;
        to.f64(self.value);
        to.bool(self.remove);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ClientQuotaRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.entity = source.items(|source| EntityData::random(source, version));
        }
        if source.sets() {
            it.key = source.string();
        }
        if source.sets() {
            it.value = source.f64();
        }
        if source.sets() {
            it.remove = source.bool();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ClientQuotaRecord`], versions 0.
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
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.entity_type = from.string(true)?;
        it.entity_name = from.nullable_string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.entity_type, true),
            "EntityData",
            "entity_type",
        )?;
        place(
            to.nullable_string(self.entity_name.as_deref(), true),
            "EntityData",
            "entity_name",
        )?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl EntityData {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.entity_type = source.string();
        }
        if source.sets() {
            it.entity_name = source.nullable(true, |source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ClientQuotaRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 14;
}
