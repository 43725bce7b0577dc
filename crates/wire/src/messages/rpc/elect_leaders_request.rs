//! `ElectLeadersRequest`: API key 43, versions 0-2. Written by `cargo xtask codegen`: do not edit.

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

/// `ElectLeadersRequest`: API key 43, versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct ElectLeadersRequest {
    /// Versions 1+.
    pub election_type: i8,
    /// Versions 0+, nullable 0+.
    pub topic_partitions: Option<Vec<TopicPartitions>>,
    /// Versions 0+; 60000 by default.
    pub timeout_ms: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ElectLeadersRequest {
    fn default() -> Self {
        Self {
            election_type: 0,
            topic_partitions: Some(Vec::new()),
            timeout_ms: 60000,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for ElectLeadersRequest {
    const NAME: &'static str = "ElectLeadersRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=2;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        if version >= 1 {
            it.election_type = from.i8()?;
        }
        it.topic_partitions =
            from.nullable_items(flexible, |from| TopicPartitions::read(from, version))?;
        it.timeout_ms = from.i32()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        if version >= 1 {
            to.i8(self.election_type);
        } else {
            place(
                self.election_type == 0,
                "ElectLeadersRequest",
                "election_type",
            )?;
        }
        to.length(self.topic_partitions.as_ref().map(Vec::len), flexible);
        for item in self.topic_partitions.iter().flatten() {
            item.write(to, version)?;
        }
        to.i32(self.timeout_ms);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ElectLeadersRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ElectLeadersRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if version >= 1 && source.sets() {
            it.election_type = source.i8();
        }
        if source.sets() {
            it.topic_partitions = source.nullable(true, |source| {
                source.items(|source| TopicPartitions::random(source, version))
            });
        }
        if source.sets() {
            it.timeout_ms = source.i32();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for ElectLeadersRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`ElectLeadersRequest`], versions 0-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicPartitions {
    /// Versions 0+ (`topicName`).
    pub topic: String,
    /// Versions 0+.
    pub partitions: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicPartitions {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.topic = from.string(flexible)?;
        it.partitions = from.items(flexible, Reader::i32)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        place(to.string(&self.topic, flexible), "TopicPartitions", "topic")?;
        to.length(Some(self.partitions.len()), flexible);
        for item in &self.partitions {
            to.i32(*item);
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "TopicPartitions",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicPartitions {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.topic = source.string();
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

impl Request for ElectLeadersRequest {
    const KEY: i16 = 43;
    type Response = super::ElectLeadersResponse;
}
