//! `TransactionLogValue`: record type 0, versions 0-1. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `TransactionLogValue`: record type 0, versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct TransactionLogValue {
    /// Versions 0+.
    pub producer_id: i64,
    /// Versions 1+, tagged 1+; -1 by default.
    pub previous_producer_id: i64,
    /// Versions 1+, tagged 1+; -1 by default.
    pub next_producer_id: i64,
    /// Versions 0+.
    pub producer_epoch: i16,
    /// Versions 1+, tagged 1+; -1 by default.
    pub next_producer_epoch: i16,
    /// Versions 0+.
    pub transaction_timeout_ms: i32,
    /// Versions 0+.
    pub transaction_status: i8,
    /// Versions 0+, nullable 0+.
    pub transaction_partitions: Option<Vec<PartitionsSchema>>,
    /// Versions 0+.
    pub transaction_last_update_timestamp_ms: i64,
    /// Versions 0+.
    pub transaction_start_timestamp_ms: i64,
    /// Versions 1+, tagged 1+; 0 by default.
    pub client_transaction_version: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for TransactionLogValue {
    fn default() -> Self {
        Self {
            producer_id: 0,
            previous_producer_id: -1,
            next_producer_id: -1,
            producer_epoch: 0,
            next_producer_epoch: -1,
            transaction_timeout_ms: 0,
            transaction_status: 0,
            transaction_partitions: Some(Vec::new()),
            transaction_last_update_timestamp_ms: 0,
            transaction_start_timestamp_ms: 0,
            client_transaction_version: 0,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for TransactionLogValue {
    const NAME: &'static str = "TransactionLogValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(1);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.producer_id = from.i64()?;
        it.producer_epoch = from.i16()?;
        it.transaction_timeout_ms = from.i32()?;
        it.transaction_status = from.i8()?;
        it.transaction_partitions =
            from.nullable_items(flexible, |from| PartitionsSchema::read(from, version))?;
        it.transaction_last_update_timestamp_ms = from.i64()?;
        it.transaction_start_timestamp_ms = from.i64()?;
        if flexible {
            it.unknown_tags = from.tags(|tag, from| {
                match tag {
                    0 => it.previous_producer_id = from.i64()?,
                    1 => it.next_producer_id = from.i64()?,
                    3 => it.next_producer_epoch = from.i16()?,
                    2 => it.client_transaction_version = from.i16()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        to.i64(self.producer_id);
        if version < 1 {
            place(
                self.previous_producer_id == -1,
                "TransactionLogValue",
                "previous_producer_id",
            )?;
        }
        if version < 1 {
            place(
                self.next_producer_id == -1,
                "TransactionLogValue",
                "next_producer_id",
            )?;
        }
        to.i16(self.producer_epoch);
        if version < 1 {
            place(
                self.next_producer_epoch == -1,
                "TransactionLogValue",
                "next_producer_epoch",
            )?;
        }
        to.i32(self.transaction_timeout_ms);
        to.i8(self.transaction_status);
        to.length(self.transaction_partitions.as_ref().map(Vec::len), flexible);
        for item in self.transaction_partitions.iter().flatten() {
            item.write(to, version)?;
        }
        to.i64(self.transaction_last_update_timestamp_ms);
        to.i64(self.transaction_start_timestamp_ms);
        if version < 1 {
            place(
                self.client_transaction_version == 0,
                "TransactionLogValue",
                "client_transaction_version",
            )?;
        }
        if flexible {
            let mut tags = TagWriter::new(&self.unknown_tags, "TransactionLogValue");
            if self.previous_producer_id != -1 {
                tags.field(0, |to| {
                    to.i64(self.previous_producer_id);
                    Ok(())
                })?;
            }
            if self.next_producer_id != -1 {
                tags.field(1, |to| {
                    to.i64(self.next_producer_id);
                    Ok(())
                })?;
            }
            if self.client_transaction_version != 0 {
                tags.field(2, |to| {
                    to.i16(self.client_transaction_version);
                    Ok(())
                })?;
            }
            if self.next_producer_epoch != -1 {
                tags.field(3, |to| {
                    to.i16(self.next_producer_epoch);
                    Ok(())
                })?;
            }
            tags.finish(to);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "TransactionLogValue",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TransactionLogValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.producer_id = source.i64();
        }
        if version >= 1 && source.sets() {
            it.previous_producer_id = source.i64();
        }
        if version >= 1 && source.sets() {
            it.next_producer_id = source.i64();
        }
        if source.sets() {
            it.producer_epoch = source.i16();
        }
        if version >= 1 && source.sets() {
            it.next_producer_epoch = source.i16();
        }
        if source.sets() {
            it.transaction_timeout_ms = source.i32();
        }
        if source.sets() {
            it.transaction_status = source.i8();
        }
        if source.sets() {
            it.transaction_partitions = source.nullable(true, |source| {
                source.items(|source| PartitionsSchema::random(source, version))
            });
        }
        if source.sets() {
            it.transaction_last_update_timestamp_ms = source.i64();
        }
        if source.sets() {
            it.transaction_start_timestamp_ms = source.i64();
        }
        if version >= 1 && source.sets() {
            it.client_transaction_version = source.i16();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`TransactionLogValue`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartitionsSchema {
    /// Versions 0+.
    pub topic: String,
    /// Versions 0+.
    pub partition_ids: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl PartitionsSchema {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.topic = from.string(flexible)?;
        it.partition_ids = from.items(flexible, Reader::i32)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        place(
            to.string(&self.topic, flexible),
            "PartitionsSchema",
            "topic",
        )?;
        to.length(Some(self.partition_ids.len()), flexible);
        for item in &self.partition_ids {
            to.i32(*item);
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "PartitionsSchema",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionsSchema {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.topic = source.string();
        }
        if source.sets() {
            it.partition_ids = source.items(|source| source.i32());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
