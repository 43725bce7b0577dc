//! `ConsumerProtocolSubscription`: versions 0-3. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;
use bytes::Bytes;

/// `ConsumerProtocolSubscription`: versions 0-3.
#[derive(Clone, PartialEq, Debug)]
pub struct ConsumerProtocolSubscription {
    /// Versions 0+.
    pub topics: Vec<String>,
    /// Versions 0+, nullable 0+; null by default.
    pub user_data: Option<Bytes>,
    /// Versions 1+.
    pub owned_partitions: Vec<TopicPartition>,
    /// Versions 2+; -1 by default.
    pub generation_id: i32,
    /// Versions 3+, nullable 3+; null by default.
    pub rack_id: Option<String>,
}

impl Default for ConsumerProtocolSubscription {
    fn default() -> Self {
        Self {
            topics: Vec::new(),
            user_data: None,
            owned_partitions: Vec::new(),
            generation_id: -1,
            rack_id: None,
        }
    }
}

impl Message for ConsumerProtocolSubscription {
    const NAME: &'static str = "ConsumerProtocolSubscription";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=3;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topics = from.items(false, |from| from.string(false))?;
        it.user_data = from.nullable_bytes(false)?;
        if version >= 1 {
            it.owned_partitions = from.items(false, |from| TopicPartition::read(from, version))?;
        }
        if version >= 2 {
            it.generation_id = from.i32()?;
        }
        if version >= 3 {
            it.rack_id = from.nullable_string(false)?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.topics.len()), false);
        for item in &self.topics {
            place(
                to.string(item, false),
                "ConsumerProtocolSubscription",
                "topics",
            )?;
        }
        to.nullable_bytes(self.user_data.as_deref(), false);
        if version >= 1 {
            to.length(Some(self.owned_partitions.len()), false);
            for item in &self.owned_partitions {
                item.write(to, version)?;
            }
        }
        if version >= 2 {
            to.i32(self.generation_id);
        }
        if version >= 3 {
            place(
                to.nullable_string(self.rack_id.as_deref(), false),
                "ConsumerProtocolSubscription",
                "rack_id",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ConsumerProtocolSubscription {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topics = source.items(|source| source.string());
        }
        if source.sets() {
            it.user_data = source.nullable(true, |source| source.bytes());
        }
        if version >= 1 && source.sets() {
            it.owned_partitions = source.items(|source| TopicPartition::random(source, version));
        }
        if version >= 2 && source.sets() {
            it.generation_id = source.i32();
        }
        if version >= 3 && source.sets() {
            it.rack_id = source.nullable(true, |source| source.string());
        }
        it
    }
}

/// Part of [`ConsumerProtocolSubscription`], versions 1-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicPartition {
    /// Versions 1+ (`topicName`).
    pub topic: String,
    /// Versions 1+.
    pub partitions: Vec<i32>,
}

impl TopicPartition {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic = from.string(false)?;
        it.partitions = from.items(false, Reader::i32)?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.topic, false), "TopicPartition", "topic")?;
        to.length(Some(self.partitions.len()), false);
        for item in &self.partitions {
            to.i32(*item);
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicPartition {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| source.i32());
        }
        it
    }
}
