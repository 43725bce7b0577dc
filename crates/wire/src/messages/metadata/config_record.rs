//! `ConfigRecord`: record type 4, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ConfigRecord`: record type 4, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct ConfigRecord {
    /// Versions 0+.
    pub resource_type: i8,
    /// Versions 0+.
    pub resource_name: String,
    /// Versions 0+.
    pub name: String,
    /// Versions 0+, nullable 0+.
    pub value: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ConfigRecord {
    fn default() -> Self {
        Self {
            resource_type: 0,
            resource_name: String::new(),
            name: String::new(),
            value: Some(String::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for ConfigRecord {
    const NAME: &'static str = "ConfigRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.resource_type = from.i8()?;
        it.resource_name = from.string(true)?;
        it.name = from.string(true)?;
        it.value = from.nullable_string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i8(self.resource_type);
        place(
            to.string(&self.resource_name, true),
            "ConfigRecord",
            "resource_name",
        )?;
        place(to.string(&self.name, true), "ConfigRecord", "name")?;
        place(
            to.nullable_string(self.value.as_deref(), true),
            "ConfigRecord",
            "value",
        )?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ConfigRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.resource_type = source.i8();
        }
        if source.sets() {
            it.resource_name = source.string();
        }
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.value = source.nullable(true, |source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ConfigRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 4;
}
