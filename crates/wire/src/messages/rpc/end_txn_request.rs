//! `EndTxnRequest`: API key 26, versions 0-5. Written by `cargo xtask codegen`: do not edit.

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

/// `EndTxnRequest`: API key 26, versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EndTxnRequest {
    /// Versions 0+ (`transactionalId`).
    pub transactional_id: String,
    /// Versions 0+ (`producerId`).
    pub producer_id: i64,
    /// Versions 0+.
    pub producer_epoch: i16,
    /// Versions 0+.
    pub committed: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for EndTxnRequest {
    const NAME: &'static str = "EndTxnRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=5;
    const FLEXIBLE: Option<i16> = Some(3);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        it.transactional_id = from.string(flexible)?;
        it.producer_id = from.i64()?;
        it.producer_epoch = from.i16()?;
        it.committed = from.bool()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        place(
            to.string(&self.transactional_id, flexible),
            "EndTxnRequest",
            "transactional_id",
        )?;
        to.i64(self.producer_id);
        to.i16(self.producer_epoch);
        to.bool(self.committed);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "EndTxnRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl EndTxnRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if source.sets() {
            it.transactional_id = source.string();
        }
        if source.sets() {
            it.producer_id = source.i64();
        }
        if source.sets() {
            it.producer_epoch = source.i16();
        }
        if source.sets() {
            it.committed = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for EndTxnRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("transactional_id", Name::Text(Some(&self.transactional_id))),
            ("producer_id", Name::Number(self.producer_id)),
        ]);
    }
}

impl Request for EndTxnRequest {
    const KEY: i16 = 26;
    type Response = super::EndTxnResponse;
}
