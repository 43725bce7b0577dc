//! `ProducerSnapshot`: versions 1. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::Writer;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ProducerSnapshot`: versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ProducerSnapshot {
    /// Versions 1.
    pub crc: u32,
    /// Versions 1.
    pub producer_entries: Vec<ProducerEntry>,
}

impl Message for ProducerSnapshot {
    const NAME: &'static str = "ProducerSnapshot";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=1;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.crc = from.u32()?;
        it.producer_entries = from.items(false, |from| ProducerEntry::read(from, version))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.u32(self.crc);
        to.length(Some(self.producer_entries.len()), false);
        for item in &self.producer_entries {
            item.write(to, version)?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ProducerSnapshot {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.crc = source.u32();
        }
        if source.sets() {
            it.producer_entries = source.items(|source| ProducerEntry::random(source, version));
        }
        it
    }
}

/// Part of [`ProducerSnapshot`], versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ProducerEntry {
    /// Versions 1.
    pub producer_id: i64,
    /// Versions 1.
    pub epoch: i16,
    /// Versions 1.
    pub last_sequence: i32,
    /// Versions 1.
    pub last_offset: i64,
    /// Versions 1.
    pub offset_delta: i32,
    /// Versions 1.
    pub timestamp: i64,
    /// Versions 1.
    pub coordinator_epoch: i32,
    /// Versions 1.
    pub current_txn_first_offset: i64,
}

impl ProducerEntry {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.producer_id = from.i64()?;
        it.epoch = from.i16()?;
        it.last_sequence = from.i32()?;
        it.last_offset = from.i64()?;
        it.offset_delta = from.i32()?;
        it.timestamp = from.i64()?;
        it.coordinator_epoch = from.i32()?;
        it.current_txn_first_offset = from.i64()?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i64(self.producer_id);
        to.i16(self.epoch);
        to.i32(self.last_sequence);
        to.i64(self.last_offset);
        to.i32(self.offset_delta);
        to.i64(self.timestamp);
        to.i32(self.coordinator_epoch);
        to.i64(self.current_txn_first_offset);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ProducerEntry {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.producer_id = source.i64();
        }
        if source.sets() {
            it.epoch = source.i16();
        }
        if source.sets() {
            it.last_sequence = source.i32();
        }
        if source.sets() {
            it.last_offset = source.i64();
        }
        if source.sets() {
            it.offset_delta = source.i32();
        }
        if source.sets() {
            it.timestamp = source.i64();
        }
        if source.sets() {
            it.coordinator_epoch = source.i32();
        }
        if source.sets() {
            it.current_txn_first_offset = source.i64();
        }
        it
    }
}
