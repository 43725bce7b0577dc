//! `AlterPartitionRequest`: API key 56, versions 2-3. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
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

/// `AlterPartitionRequest`: API key 56, versions 2-3.
#[derive(Clone, PartialEq, Debug)]
pub struct AlterPartitionRequest {
    /// Versions 0+ (`brokerId`).
    pub broker_id: i32,
    /// Versions 0+; -1 by default.
    pub broker_epoch: i64,
    /// Versions 0+.
    pub topics: Vec<TopicData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for AlterPartitionRequest {
    fn default() -> Self {
        Self {
            broker_id: 0,
            broker_epoch: -1,
            topics: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for AlterPartitionRequest {
    const NAME: &'static str = "AlterPartitionRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 2..=3;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.broker_id = from.i32()?;
        it.broker_epoch = from.i64()?;
        it.topics = from.items(true, |from| TopicData::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.broker_id);
        to.i64(self.broker_epoch);
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterPartitionRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.broker_id = source.i32();
        }
        if source.sets() {
            it.broker_epoch = source.i64();
        }
        if source.sets() {
            it.topics = source.items(|source| TopicData::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for AlterPartitionRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[("broker", Name::Number(self.broker_id.into()))]);
    }
}

/// Part of [`AlterPartitionRequest`], versions 2-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicData {
    /// Versions 2+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_id = from.uuid()?;
        it.partitions = from.items(true, |from| PartitionData::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.uuid(self.topic_id);
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partitions = source.items(|source| PartitionData::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`AlterPartitionRequest`], versions 2-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartitionData {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub leader_epoch: i32,
    /// Versions 0-2 (`brokerId`).
    pub new_isr: Vec<i32>,
    /// Versions 3+.
    pub new_isr_with_epochs: Vec<BrokerState>,
    /// Versions 1+; 0 by default.
    pub leader_recovery_state: i8,
    /// Versions 0+.
    pub partition_epoch: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl PartitionData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.leader_epoch = from.i32()?;
        if version <= 2 {
            it.new_isr = from.items(true, Reader::i32)?;
        }
        if version >= 3 {
            it.new_isr_with_epochs = from.items(true, |from| BrokerState::read(from, version))?;
        }
        it.leader_recovery_state = from.i8()?;
        it.partition_epoch = from.i32()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.i32(self.leader_epoch);
        if version <= 2 {
            to.length(Some(self.new_isr.len()), true);
            for item in &self.new_isr {
                to.i32(*item);
            }
        } else {
            place(self.new_isr.is_empty(), "PartitionData", "new_isr")?;
        }
        if version >= 3 {
            to.length(Some(self.new_isr_with_epochs.len()), true);
            for item in &self.new_isr_with_epochs {
                item.write(to, version)?;
            }
        } else {
            place(
                self.new_isr_with_epochs.is_empty(),
                "PartitionData",
                "new_isr_with_epochs",
            )?;
        }
        to.i8(self.leader_recovery_state);
        to.i32(self.partition_epoch);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.leader_epoch = source.i32();
        }
        if version <= 2 && source.sets() {
            it.new_isr = source.items(|source| source.i32());
        }
        if version >= 3 && source.sets() {
            it.new_isr_with_epochs = source.items(|source| BrokerState::random(source, version));
        }
        if source.sets() {
            it.leader_recovery_state = source.i8();
        }
        if source.sets() {
            it.partition_epoch = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`AlterPartitionRequest`], versions 3.
#[derive(Clone, PartialEq, Debug)]
pub struct BrokerState {
    /// Versions 3+ (`brokerId`).
    pub broker_id: i32,
    /// Versions 3+; -1 by default.
    pub broker_epoch: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for BrokerState {
    fn default() -> Self {
        Self {
            broker_id: 0,
            broker_epoch: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl BrokerState {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.broker_id = from.i32()?;
        it.broker_epoch = from.i64()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.broker_id);
        to.i64(self.broker_epoch);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl BrokerState {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.broker_id = source.i32();
        }
        if source.sets() {
            it.broker_epoch = source.i64();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for AlterPartitionRequest {
    const KEY: i16 = 56;
    type Response = super::AlterPartitionResponse;
}
