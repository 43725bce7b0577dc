//! `TransactionLogKey`: record type 0, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `TransactionLogKey`: record type 0, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TransactionLogKey {
    /// Versions 0.
    pub transactional_id: String,
}

impl Message for TransactionLogKey {
    const NAME: &'static str = "TransactionLogKey";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.transactional_id = from.string(false)?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.transactional_id, false),
            "TransactionLogKey",
            "transactional_id",
        )?;
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TransactionLogKey {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.transactional_id = source.string();
        }
        it
    }
}

impl TransactionLogKey {
    /// The record type: what precedes the key's bytes.
    pub const KEY_TYPE: i16 = 0;
}
