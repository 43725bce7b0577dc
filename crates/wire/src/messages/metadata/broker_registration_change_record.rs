//! `BrokerRegistrationChangeRecord`: record type 17, versions 0-3. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
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

/// `BrokerRegistrationChangeRecord`: record type 17, versions 0-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BrokerRegistrationChangeRecord {
    /// Versions 0+ (`brokerId`).
    pub broker_id: i32,
    /// Versions 0+.
    pub broker_epoch: i64,
    /// Versions 0+, tagged 0+.
    pub fenced: i8,
    /// Versions 1+, tagged 1+.
    pub in_controlled_shutdown: i8,
    /// Versions 2+, tagged 2+.
    pub log_dirs: Vec<Uuid>,
    /// Versions 3+, tagged 3+, nullable 3+; null by default.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for BrokerRegistrationChangeRecord {
    const NAME: &'static str = "BrokerRegistrationChangeRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=3;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.broker_id = from.i32()?;
        it.broker_epoch = from.i64()?;
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 => it.fenced = from.i8()?,
                1 if version >= 1 => it.in_controlled_shutdown = from.i8()?,
                1 => return Err(from.malformed("tagged field of another version")),
                2 if version >= 2 => it.log_dirs = from.items(true, Reader::uuid)?,
                2 => return Err(from.malformed("tagged field of another version")),
                3 if version >= 3 => {
                    it.cordoned_log_dirs = from.nullable_items(true, Reader::uuid)?
                }
                3 => return Err(from.malformed("tagged field of another version")),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.broker_id);
        to.i64(self.broker_epoch);
        if version < 1 {
            place(
                self.in_controlled_shutdown == 0,
                "BrokerRegistrationChangeRecord",
                "in_controlled_shutdown",
            )?;
        }
        if version < 2 {
            place(
                self.log_dirs.is_empty(),
                "BrokerRegistrationChangeRecord",
                "log_dirs",
            )?;
        }
        if version < 3 {
            place(
                self.cordoned_log_dirs.is_none(),
                "BrokerRegistrationChangeRecord",
                "cordoned_log_dirs",
            )?;
        }
        let mut tags = TagWriter::new(&self.unknown_tags, "BrokerRegistrationChangeRecord");
        if self.fenced != 0 {
            tags.field(0, |to| {
                to.i8(self.fenced);
                Ok(())
            })?;
        }
        if version >= 1 && self.in_controlled_shutdown != 0 {
            tags.field(1, |to| {
                to.i8(self.in_controlled_shutdown);
                Ok(())
            })?;
        }
        if version >= 2 && !self.log_dirs.is_empty() {
            tags.field(2, |to| {
                to.length(Some(self.log_dirs.len()), true);
                for item in &self.log_dirs {
                    to.uuid(*item);
                }
                Ok(())
            })?;
        }
        if version >= 3 && self.cordoned_log_dirs.is_some() {
            tags.field(3, |to| {
                to.length(self.cordoned_log_dirs.as_ref().map(Vec::len), true);
                for item in self.cordoned_log_dirs.iter().flatten() {
                    to.uuid(*item);
                }
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl BrokerRegistrationChangeRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.broker_id = source.i32();
        }
        if source.sets() {
            it.broker_epoch = source.i64();
        }
        if source.sets() {
            it.fenced = source.i8();
        }
        if version >= 1 && source.sets() {
            it.in_controlled_shutdown = source.i8();
        }
        if version >= 2 && source.sets() {
            it.log_dirs = source.items(|source| source.uuid());
        }
        if version >= 3 && source.sets() {
            it.cordoned_log_dirs =
                source.nullable(true, |source| source.items(|source| source.uuid()));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl BrokerRegistrationChangeRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 17;
}
