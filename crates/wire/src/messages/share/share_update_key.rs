//! `ShareUpdateKey`: record type 1, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ShareUpdateKey`: record type 1, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ShareUpdateKey {
    /// Versions 0.
    pub group_id: String,
    /// Versions 0.
    pub topic_id: Uuid,
    /// Versions 0.
    pub partition: i32,
}

impl Message for ShareUpdateKey {
    const NAME: &'static str = "ShareUpdateKey";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(false)?;
        it.topic_id = from.uuid()?;
        it.partition = from.i32()?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, false),
            "ShareUpdateKey",
            "group_id",
        )?;
        to.uuid(self.topic_id);
        to.i32(self.partition);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ShareUpdateKey {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partition = source.i32();
        }
        it
    }
}

impl ShareUpdateKey {
    /// The record type: what precedes the key's bytes.
    pub const KEY_TYPE: i16 = 1;
}
