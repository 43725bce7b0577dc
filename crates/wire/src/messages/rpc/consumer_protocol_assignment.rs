//! `ConsumerProtocolAssignment`: versions 0-3. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;
use bytes::Bytes;

/// `ConsumerProtocolAssignment`: versions 0-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ConsumerProtocolAssignment {
    /// Versions 0+.
    pub assigned_partitions: Vec<TopicPartition>,
    /// Versions 0+, nullable 0+; null by default.
    pub user_data: Option<Bytes>,
}

impl Message for ConsumerProtocolAssignment {
    const NAME: &'static str = "ConsumerProtocolAssignment";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=3;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.assigned_partitions = from.items(false, |from| TopicPartition::read(from, version))?;
        it.user_data = from.nullable_bytes(false)?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.assigned_partitions.len()), false);
        for item in &self.assigned_partitions {
            item.write(to, version)?;
        }
        to.nullable_bytes(self.user_data.as_deref(), false);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ConsumerProtocolAssignment {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.assigned_partitions = source.items(|source| TopicPartition::random(source, version));
        }
        if source.sets() {
            it.user_data = source.nullable(true, |source| source.bytes());
        }
        it
    }
}

/// Part of [`ConsumerProtocolAssignment`], versions 0-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicPartition {
    /// Versions 0+ (`topicName`).
    pub topic: String,
    /// Versions 0+.
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
