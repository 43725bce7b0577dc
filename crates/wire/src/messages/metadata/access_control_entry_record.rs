//! `AccessControlEntryRecord`: record type 18, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `AccessControlEntryRecord`: record type 18, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AccessControlEntryRecord {
    /// Versions 0+.
    pub id: Uuid,
    /// Versions 0+.
    pub resource_type: i8,
    /// Versions 0+.
    pub resource_name: String,
    /// Versions 0+.
    pub pattern_type: i8,
    /// Versions 0+.
    pub principal: String,
    /// Versions 0+.
    pub host: String,
    /// Versions 0+.
    pub operation: i8,
    /// Versions 0+.
    pub permission_type: i8,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for AccessControlEntryRecord {
    const NAME: &'static str = "AccessControlEntryRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.id = from.uuid()?;
        it.resource_type = from.i8()?;
        it.resource_name = from.string(true)?;
        it.pattern_type = from.i8()?;
        it.principal = from.string(true)?;
        it.host = from.string(true)?;
        it.operation = from.i8()?;
        it.permission_type = from.i8()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.uuid(self.id);
        to.i8(self.resource_type);
        place(
            to.string(&self.resource_name, true),
            "AccessControlEntryRecord",
            "resource_name",
        )?;
        to.i8(self.pattern_type);
        place(
            to.string(&self.principal, true),
            "AccessControlEntryRecord",
            "principal",
        )?;
        place(
            to.string(&self.host, true),
            "AccessControlEntryRecord",
            "host",
        )?;
        to.i8(self.operation);
        to.i8(self.permission_type);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AccessControlEntryRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.id = source.uuid();
        }
        if source.sets() {
            it.resource_type = source.i8();
        }
        if source.sets() {
            it.resource_name = source.string();
        }
        if source.sets() {
            it.pattern_type = source.i8();
        }
        if source.sets() {
            it.principal = source.string();
        }
        if source.sets() {
            it.host = source.string();
        }
        if source.sets() {
            it.operation = source.i8();
        }
        if source.sets() {
            it.permission_type = source.i8();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl AccessControlEntryRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 18;
}
