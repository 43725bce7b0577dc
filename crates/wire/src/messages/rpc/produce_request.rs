//! `ProduceRequest`: API key 0, versions 3-13. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::answer::Name;
use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Records;
use crate::codec::Request;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ProduceRequest`: API key 0, versions 3-13.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ProduceRequest {
    /// Versions 3+, nullable 3+; null by default (`transactionalId`).
    pub transactional_id: Option<String>,
    /// Versions 0+.
    pub acks: i16,
    /// Versions 0+.
    pub timeout_ms: i32,
    /// Versions 0+.
    pub topic_data: Vec<TopicProduceData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ProduceRequest {
    const NAME: &'static str = "ProduceRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 3..=13;
    const FLEXIBLE: Option<i16> = Some(9);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 9;
        let mut it = Self::default();
        it.transactional_id = from.nullable_string(flexible)?;
        it.acks = from.i16()?;
        it.timeout_ms = from.i32()?;
        it.topic_data = from.items(flexible, |from| TopicProduceData::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 9;
        place(
            to.nullable_string(self.transactional_id.as_deref(), flexible),
            "ProduceRequest",
            "transactional_id",
        )?;
        to.i16(self.acks);
        to.i32(self.timeout_ms);
        to.length(Some(self.topic_data.len()), flexible);
        for item in &self.topic_data {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ProduceRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ProduceRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 9;
        let mut it = Self::default();
        if source.sets() {
            it.transactional_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.acks = source.i16();
        }
        if source.sets() {
            it.timeout_ms = source.i32();
        }
        if source.sets() {
            it.topic_data = source.items(|source| TopicProduceData::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for ProduceRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[(
            "transactional_id",
            Name::Text(self.transactional_id.as_deref()),
        )]);
    }
}

/// Part of [`ProduceRequest`], versions 3-13.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicProduceData {
    /// Versions 0-12 (`topicName`).
    pub name: String,
    /// Versions 13+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partition_data: Vec<PartitionProduceData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicProduceData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 9;
        let mut it = Self::default();
        if version <= 12 {
            it.name = from.string(flexible)?;
        }
        if version >= 13 {
            it.topic_id = from.uuid()?;
        }
        it.partition_data =
            from.items(flexible, |from| PartitionProduceData::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 9;
        if version <= 12 {
            place(to.string(&self.name, flexible), "TopicProduceData", "name")?;
        }
        if version >= 13 {
            to.uuid(self.topic_id);
        }
        to.length(Some(self.partition_data.len()), flexible);
        for item in &self.partition_data {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "TopicProduceData",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicProduceData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 9;
        let mut it = Self::default();
        if version <= 12 && source.sets() {
            it.name = source.string();
        }
        if version >= 13 && source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partition_data =
                source.items(|source| PartitionProduceData::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`ProduceRequest`], versions 3-13.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartitionProduceData {
    /// Versions 0+.
    pub index: i32,
    /// Versions 0+, nullable 0+.
    pub records: Option<Records>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl PartitionProduceData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 9;
        let mut it = Self::default();
        it.index = from.i32()?;
        it.records = from.nullable_records(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 9;
        to.i32(self.index);
        to.records(self.records.as_ref(), flexible);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "PartitionProduceData",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionProduceData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 9;
        let mut it = Self::default();
        if source.sets() {
            it.index = source.i32();
        }
        it.records = source.nullable(true, |source| source.records());
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for ProduceRequest {
    const KEY: i16 = 0;
    type Response = super::ProduceResponse;
}
