//! `StreamsGroupTopologyKey`: record type 23, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `StreamsGroupTopologyKey`: record type 23, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StreamsGroupTopologyKey {
    /// Versions 0.
    pub group_id: String,
}

impl Message for StreamsGroupTopologyKey {
    const NAME: &'static str = "StreamsGroupTopologyKey";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(false)?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, false),
            "StreamsGroupTopologyKey",
            "group_id",
        )?;
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl StreamsGroupTopologyKey {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        it
    }
}

impl StreamsGroupTopologyKey {
    /// The record type: what precedes the key's bytes.
    pub const KEY_TYPE: i16 = 23;
}
