//! `InitProducerIdResponse`: API key 22, versions 0-6. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::SeesCodes;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `InitProducerIdResponse`: API key 22, versions 0-6.
#[derive(Clone, PartialEq, Debug)]
pub struct InitProducerIdResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+; -1 by default (`producerId`).
    pub producer_id: i64,
    /// Versions 0+.
    pub producer_epoch: i16,
    /// Versions 6+; -1 by default (`producerId`).
    pub ongoing_txn_producer_id: i64,
    /// Versions 6+; -1 by default.
    pub ongoing_txn_producer_epoch: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for InitProducerIdResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            producer_id: -1,
            producer_epoch: 0,
            ongoing_txn_producer_id: -1,
            ongoing_txn_producer_epoch: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for InitProducerIdResponse {
    const NAME: &'static str = "InitProducerIdResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=6;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.producer_id = from.i64()?;
        it.producer_epoch = from.i16()?;
        if version >= 6 {
            it.ongoing_txn_producer_id = from.i64()?;
        }
        if version >= 6 {
            it.ongoing_txn_producer_epoch = from.i16()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        to.i64(self.producer_id);
        to.i16(self.producer_epoch);
        if version >= 6 {
            to.i64(self.ongoing_txn_producer_id);
        } else {
            place(
                self.ongoing_txn_producer_id == -1,
                "InitProducerIdResponse",
                "ongoing_txn_producer_id",
            )?;
        }
        if version >= 6 {
            to.i16(self.ongoing_txn_producer_epoch);
        } else {
            place(
                self.ongoing_txn_producer_epoch == -1,
                "InitProducerIdResponse",
                "ongoing_txn_producer_epoch",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "InitProducerIdResponse",
                "unknown_tags",
            )?;
        }
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl InitProducerIdResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.producer_id = source.i64();
        }
        if source.sets() {
            it.producer_epoch = source.i16();
        }
        if version >= 6 && source.sets() {
            it.ongoing_txn_producer_id = source.i64();
        }
        if version >= 6 && source.sets() {
            it.ongoing_txn_producer_epoch = source.i16();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for InitProducerIdResponse {
    fn failed(_version: i16, code: i16) -> Option<Self> {
        Some(Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(Level::Answer, &[], self.error_code, None);
        }
    }
}

impl AmendTexts for InitProducerIdResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}
