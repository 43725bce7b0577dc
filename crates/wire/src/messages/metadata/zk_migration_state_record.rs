//! `ZkMigrationStateRecord`: record type 21, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ZkMigrationStateRecord`: record type 21, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ZkMigrationStateRecord {
    /// Versions 0+.
    pub zk_migration_state: i8,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ZkMigrationStateRecord {
    const NAME: &'static str = "ZkMigrationStateRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.zk_migration_state = from.i8()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i8(self.zk_migration_state);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ZkMigrationStateRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.zk_migration_state = source.i8();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ZkMigrationStateRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 21;
}
