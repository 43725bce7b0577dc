//! `WriteTxnMarkersResponse`: API key 27, versions 1-2. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::Name;
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

/// `WriteTxnMarkersResponse`: API key 27, versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WriteTxnMarkersResponse {
    /// Versions 0+.
    pub markers: Vec<WritableTxnMarkerResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for WriteTxnMarkersResponse {
    const NAME: &'static str = "WriteTxnMarkersResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=2;
    const FLEXIBLE: Option<i16> = Some(1);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.markers = from.items(true, |from| WritableTxnMarkerResult::read(from, version))?;
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
impl WriteTxnMarkersResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.markers = source.items(|source| WritableTxnMarkerResult::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for WriteTxnMarkersResponse {
    fn failed(_version: i16, _code: i16) -> Option<Self> {
        None
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        for at0 in &self.markers {
            for at1 in &at0.topics {
                for at2 in &at1.partitions {
                    to.code(Level::Part, at2.error_code);
                    if at2.error_code != 0 {
                        to.refused(
                            Level::Part,
                            &[
                                ("producer_id", Name::Number(at0.producer_id)),
                                ("topic", Name::Text(Some(&at1.name))),
                                ("partition", Name::Number(at2.partition_index.into())),
                            ],
                            at2.error_code,
                            None,
                        );
                    }
                }
            }
        }
    }
}

impl AmendTexts for WriteTxnMarkersResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`WriteTxnMarkersResponse`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WritableTxnMarkerResult {
    /// Versions 0+ (`producerId`).
    pub producer_id: i64,
    /// Versions 0+.
    pub topics: Vec<WritableTxnMarkerTopicResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl WritableTxnMarkerResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.producer_id = from.i64()?;
        it.topics = from.items(true, |from| {
            WritableTxnMarkerTopicResult::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i64(self.producer_id);
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl WritableTxnMarkerResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.producer_id = source.i64();
        }
        if source.sets() {
            it.topics =
                source.items(|source| WritableTxnMarkerTopicResult::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`WriteTxnMarkersResponse`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WritableTxnMarkerTopicResult {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: Vec<WritableTxnMarkerPartitionResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl WritableTxnMarkerTopicResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.partitions = from.items(true, |from| {
            WritableTxnMarkerPartitionResult::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.name, true),
            "WritableTxnMarkerTopicResult",
            "name",
        )?;
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl WritableTxnMarkerTopicResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| WritableTxnMarkerPartitionResult::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`WriteTxnMarkersResponse`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WritableTxnMarkerPartitionResult {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl WritableTxnMarkerPartitionResult {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.error_code = from.i16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.i16(self.error_code);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl WritableTxnMarkerPartitionResult {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        it.unknown_tags = source.tags();
        it
    }
}
