//! `InitProducerIdRequest`: API key 22, versions 0-6. Written by `cargo xtask codegen`: do not edit.

use crate::answer::Name;
use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Request;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `InitProducerIdRequest`: API key 22, versions 0-6.
#[derive(Clone, PartialEq, Debug)]
pub struct InitProducerIdRequest {
    /// Versions 0+, nullable 0+ (`transactionalId`).
    pub transactional_id: Option<String>,
    /// Versions 0+.
    pub transaction_timeout_ms: i32,
    /// Versions 3+; -1 by default (`producerId`).
    pub producer_id: i64,
    /// Versions 3+; -1 by default.
    pub producer_epoch: i16,
    /// Versions 6+; false by default.
    pub enable2_pc: bool,
    /// Versions 6+; false by default.
    pub keep_prepared_txn: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for InitProducerIdRequest {
    fn default() -> Self {
        Self {
            transactional_id: Some(String::new()),
            transaction_timeout_ms: 0,
            producer_id: -1,
            producer_epoch: -1,
            enable2_pc: false,
            keep_prepared_txn: false,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for InitProducerIdRequest {
    const NAME: &'static str = "InitProducerIdRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=6;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.transactional_id = from.nullable_string(flexible)?;
        it.transaction_timeout_ms = from.i32()?;
        if version >= 3 {
            it.producer_id = from.i64()?;
        }
        if version >= 3 {
            it.producer_epoch = from.i16()?;
        }
        if version >= 6 {
            it.enable2_pc = from.bool()?;
        }
        if version >= 6 {
            it.keep_prepared_txn = from.bool()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        place(
            to.nullable_string(self.transactional_id.as_deref(), flexible),
            "InitProducerIdRequest",
            "transactional_id",
        )?;
        to.i32(self.transaction_timeout_ms);
        if version >= 3 {
            to.i64(self.producer_id);
        } else {
            place(
                self.producer_id == -1,
                "InitProducerIdRequest",
                "producer_id",
            )?;
        }
        if version >= 3 {
            to.i16(self.producer_epoch);
        } else {
            place(
                self.producer_epoch == -1,
                "InitProducerIdRequest",
                "producer_epoch",
            )?;
        }
        if version >= 6 {
            to.bool(self.enable2_pc);
        } else {
            place(!self.enable2_pc, "InitProducerIdRequest", "enable2_pc")?;
        }
        if version >= 6 {
            to.bool(self.keep_prepared_txn);
        } else {
            place(
                !self.keep_prepared_txn,
                "InitProducerIdRequest",
                "keep_prepared_txn",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "InitProducerIdRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl InitProducerIdRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.transactional_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.transaction_timeout_ms = source.i32();
        }
        if version >= 3 && source.sets() {
            it.producer_id = source.i64();
        }
        if version >= 3 && source.sets() {
            it.producer_epoch = source.i16();
        }
        if version >= 6 && source.sets() {
            it.enable2_pc = source.bool();
        }
        if version >= 6 && source.sets() {
            it.keep_prepared_txn = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for InitProducerIdRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            (
                "transactional_id",
                Name::Text(self.transactional_id.as_deref()),
            ),
            ("producer_id", Name::Number(self.producer_id)),
        ]);
    }
}

impl Request for InitProducerIdRequest {
    const KEY: i16 = 22;
    type Response = super::InitProducerIdResponse;
}
