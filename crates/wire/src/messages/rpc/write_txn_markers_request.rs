//! `WriteTxnMarkersRequest`: API key 27, versions 1-2. Written by `cargo xtask codegen`: do not edit.

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

/// `WriteTxnMarkersRequest`: API key 27, versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WriteTxnMarkersRequest {
    /// Versions 0+.
    pub markers: Vec<WritableTxnMarker>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for WriteTxnMarkersRequest {
    const NAME: &'static str = "WriteTxnMarkersRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=2;
    const FLEXIBLE: Option<i16> = Some(1);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.markers = from.items(true, |from| WritableTxnMarker::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.markers.len()), true);
        for item in &self.markers {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl WriteTxnMarkersRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.markers = source.items(|source| WritableTxnMarker::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for WriteTxnMarkersRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`WriteTxnMarkersRequest`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WritableTxnMarker {
    /// Versions 0+ (`producerId`).
    pub producer_id: i64,
    /// Versions 0+.
    pub producer_epoch: i16,
    /// Versions 0+.
    pub transaction_result: bool,
    /// Versions 0+.
    pub topics: Vec<WritableTxnMarkerTopic>,
    /// Versions 0+.
    pub coordinator_epoch: i32,
    /// Versions 2+; 0 by default.
    pub transaction_version: i8,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl WritableTxnMarker {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.producer_id = from.i64()?;
        it.producer_epoch = from.i16()?;
        it.transaction_result = from.bool()?;
        it.topics = from.items(true, |from| WritableTxnMarkerTopic::read(from, version))?;
        it.coordinator_epoch = from.i32()?;
        if version >= 2 {
            it.transaction_version = from.i8()?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i64(self.producer_id);
        to.i16(self.producer_epoch);
        to.bool(self.transaction_result);
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.i32(self.coordinator_epoch);
        if version >= 2 {
            to.i8(self.transaction_version);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl WritableTxnMarker {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.producer_id = source.i64();
        }
        if source.sets() {
            it.producer_epoch = source.i16();
        }
        if source.sets() {
            it.transaction_result = source.bool();
        }
        if source.sets() {
            it.topics = source.items(|source| WritableTxnMarkerTopic::random(source, version));
        }
        if source.sets() {
            it.coordinator_epoch = source.i32();
        }
        if version >= 2 && source.sets() {
            it.transaction_version = source.i8();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`WriteTxnMarkersRequest`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WritableTxnMarkerTopic {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partition_indexes: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl WritableTxnMarkerTopic {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.partition_indexes = from.items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.name, true),
            "WritableTxnMarkerTopic",
            "name",
        )?;
        to.length(Some(self.partition_indexes.len()), true);
        for item in &self.partition_indexes {
            to.i32(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl WritableTxnMarkerTopic {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partition_indexes = source.items(|source| source.i32());
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for WriteTxnMarkersRequest {
    const KEY: i16 = 27;
    type Response = super::WriteTxnMarkersResponse;
}
