//! `AddPartitionsToTxnRequest`: API key 24, versions 0-5. Written by `cargo xtask codegen`: do not edit.

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

/// `AddPartitionsToTxnRequest`: API key 24, versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AddPartitionsToTxnRequest {
    /// Versions 4+.
    pub transactions: Vec<AddPartitionsToTxnTransaction>,
    /// Versions 0-3 (`transactionalId`).
    pub v3_and_below_transactional_id: String,
    /// Versions 0-3 (`producerId`).
    pub v3_and_below_producer_id: i64,
    /// Versions 0-3.
    pub v3_and_below_producer_epoch: i16,
    /// Versions 0-3.
    pub v3_and_below_topics: Vec<AddPartitionsToTxnTopic>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for AddPartitionsToTxnRequest {
    const NAME: &'static str = "AddPartitionsToTxnRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=5;
    const FLEXIBLE: Option<i16> = Some(3);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version >= 4 {
            it.transactions = from.items(true, |from| {
                AddPartitionsToTxnTransaction::read(from, version)
            })?;
        }
        if version <= 3 {
            it.v3_and_below_transactional_id = from.string(flexible)?;
        }
        if version <= 3 {
            it.v3_and_below_producer_id = from.i64()?;
        }
        if version <= 3 {
            it.v3_and_below_producer_epoch = from.i16()?;
        }
        if version <= 3 {
            it.v3_and_below_topics = from.items(flexible, |from| {
                AddPartitionsToTxnTopic::read(from, version)
            })?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        if version >= 4 {
            to.length(Some(self.transactions.len()), true);
            for item in &self.transactions {
                item.write(to, version)?;
            }
        } else {
            place(
                self.transactions.is_empty(),
                "AddPartitionsToTxnRequest",
                "transactions",
            )?;
        }
        if version <= 3 {
            place(
                to.string(&self.v3_and_below_transactional_id, flexible),
                "AddPartitionsToTxnRequest",
                "v3_and_below_transactional_id",
            )?;
        } else {
            place(
                self.v3_and_below_transactional_id.is_empty(),
                "AddPartitionsToTxnRequest",
                "v3_and_below_transactional_id",
            )?;
        }
        if version <= 3 {
            to.i64(self.v3_and_below_producer_id);
        } else {
            place(
                self.v3_and_below_producer_id == 0,
                "AddPartitionsToTxnRequest",
                "v3_and_below_producer_id",
            )?;
        }
        if version <= 3 {
            to.i16(self.v3_and_below_producer_epoch);
        } else {
            place(
                self.v3_and_below_producer_epoch == 0,
                "AddPartitionsToTxnRequest",
                "v3_and_below_producer_epoch",
            )?;
        }
        if version <= 3 {
            to.length(Some(self.v3_and_below_topics.len()), flexible);
            for item in &self.v3_and_below_topics {
                item.write(to, version)?;
            }
        } else {
            place(
                self.v3_and_below_topics.is_empty(),
                "AddPartitionsToTxnRequest",
                "v3_and_below_topics",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AddPartitionsToTxnRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AddPartitionsToTxnRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version >= 4 && source.sets() {
            it.transactions =
                source.items(|source| AddPartitionsToTxnTransaction::random(source, version));
        }
        if version <= 3 && source.sets() {
            it.v3_and_below_transactional_id = source.string();
        }
        if version <= 3 && source.sets() {
            it.v3_and_below_producer_id = source.i64();
        }
        if version <= 3 && source.sets() {
            it.v3_and_below_producer_epoch = source.i16();
        }
        if version <= 3 && source.sets() {
            it.v3_and_below_topics =
                source.items(|source| AddPartitionsToTxnTopic::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for AddPartitionsToTxnRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[(
            "transactional_id",
            Name::Text(Some(&self.v3_and_below_transactional_id)),
        )]);
    }
}

/// Part of [`AddPartitionsToTxnRequest`], versions 4-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AddPartitionsToTxnTransaction {
    /// Versions 4+ (`transactionalId`).
    pub transactional_id: String,
    /// Versions 4+ (`producerId`).
    pub producer_id: i64,
    /// Versions 4+.
    pub producer_epoch: i16,
    /// Versions 4+; false by default.
    pub verify_only: bool,
    /// Versions 4+.
    pub topics: Vec<AddPartitionsToTxnTopic>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AddPartitionsToTxnTransaction {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.transactional_id = from.string(true)?;
        it.producer_id = from.i64()?;
        it.producer_epoch = from.i16()?;
        it.verify_only = from.bool()?;
        it.topics = from.items(true, |from| AddPartitionsToTxnTopic::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.transactional_id, true),
            "AddPartitionsToTxnTransaction",
            "transactional_id",
        )?;
        to.i64(self.producer_id);
        to.i16(self.producer_epoch);
        to.bool(self.verify_only);
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AddPartitionsToTxnTransaction {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
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
            it.verify_only = source.bool();
        }
        if source.sets() {
            it.topics = source.items(|source| AddPartitionsToTxnTopic::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`AddPartitionsToTxnRequest`], versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AddPartitionsToTxnTopic {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AddPartitionsToTxnTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.partitions = from.items(flexible, Reader::i32)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        place(
            to.string(&self.name, flexible),
            "AddPartitionsToTxnTopic",
            "name",
        )?;
        to.length(Some(self.partitions.len()), flexible);
        for item in &self.partitions {
            to.i32(*item);
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AddPartitionsToTxnTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AddPartitionsToTxnTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| source.i32());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for AddPartitionsToTxnRequest {
    const KEY: i16 = 24;
    type Response = super::AddPartitionsToTxnResponse;
}
