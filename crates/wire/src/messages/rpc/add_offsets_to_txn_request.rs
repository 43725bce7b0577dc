//! `AddOffsetsToTxnRequest`: API key 25, versions 0-4. Written by `cargo xtask codegen`: do not edit.

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

/// `AddOffsetsToTxnRequest`: API key 25, versions 0-4.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AddOffsetsToTxnRequest {
    /// Versions 0+ (`transactionalId`).
    pub transactional_id: String,
    /// Versions 0+ (`producerId`).
    pub producer_id: i64,
    /// Versions 0+.
    pub producer_epoch: i16,
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for AddOffsetsToTxnRequest {
    const NAME: &'static str = "AddOffsetsToTxnRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=4;
    const FLEXIBLE: Option<i16> = Some(3);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        it.transactional_id = from.string(flexible)?;
        it.producer_id = from.i64()?;
        it.producer_epoch = from.i16()?;
        it.group_id = from.string(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        place(
            to.string(&self.transactional_id, flexible),
            "AddOffsetsToTxnRequest",
            "transactional_id",
        )?;
        to.i64(self.producer_id);
        to.i16(self.producer_epoch);
        place(
            to.string(&self.group_id, flexible),
            "AddOffsetsToTxnRequest",
            "group_id",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AddOffsetsToTxnRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AddOffsetsToTxnRequest {
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
            it.group_id = source.string();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for AddOffsetsToTxnRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("transactional_id", Name::Text(Some(&self.transactional_id))),
            ("producer_id", Name::Number(self.producer_id)),
            ("group", Name::Text(Some(&self.group_id))),
        ]);
    }
}

impl Request for AddOffsetsToTxnRequest {
    const KEY: i16 = 25;
    type Response = super::AddOffsetsToTxnResponse;
}
