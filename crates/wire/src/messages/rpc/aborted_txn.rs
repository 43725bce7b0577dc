//! `AbortedTxn`: versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::Writer;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `AbortedTxn`: versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AbortedTxn {
    /// Versions 0+.
    pub producer_id: i64,
    /// Versions 0+.
    pub first_offset: i64,
    /// Versions 0+.
    pub last_offset: i64,
    /// Versions 0+.
    pub last_stable_offset: i64,
}

impl Message for AbortedTxn {
    const NAME: &'static str = "AbortedTxn";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.producer_id = from.i64()?;
        it.first_offset = from.i64()?;
        it.last_offset = from.i64()?;
        it.last_stable_offset = from.i64()?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i64(self.producer_id);
        to.i64(self.first_offset);
        to.i64(self.last_offset);
        to.i64(self.last_stable_offset);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AbortedTxn {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.producer_id = source.i64();
        }
        if source.sets() {
            it.first_offset = source.i64();
        }
        if source.sets() {
            it.last_offset = source.i64();
        }
        if source.sets() {
            it.last_stable_offset = source.i64();
        }
        it
    }
}
