//! `AlterPartitionReassignmentsRequest`: API key 45, versions 0-1. Written by `cargo xtask codegen`: do not edit.

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

/// `AlterPartitionReassignmentsRequest`: API key 45, versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct AlterPartitionReassignmentsRequest {
    /// Versions 0+; 60000 by default.
    pub timeout_ms: i32,
    /// Versions 1+; true by default.
    pub allow_replication_factor_change: bool,
    /// Versions 0+.
    pub topics: Vec<ReassignableTopic>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for AlterPartitionReassignmentsRequest {
    fn default() -> Self {
        Self {
            timeout_ms: 60000,
            allow_replication_factor_change: true,
            topics: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for AlterPartitionReassignmentsRequest {
    const NAME: &'static str = "AlterPartitionReassignmentsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.timeout_ms = from.i32()?;
        if version >= 1 {
            it.allow_replication_factor_change = from.bool()?;
        }
        it.topics = from.items(true, |from| ReassignableTopic::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.timeout_ms);
        if version >= 1 {
            to.bool(self.allow_replication_factor_change);
        } else {
            place(
                self.allow_replication_factor_change,
                "AlterPartitionReassignmentsRequest",
                "allow_replication_factor_change",
            )?;
        }
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterPartitionReassignmentsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.timeout_ms = source.i32();
        }
        if version >= 1 && source.sets() {
            it.allow_replication_factor_change = source.bool();
        }
        if source.sets() {
            it.topics = source.items(|source| ReassignableTopic::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for AlterPartitionReassignmentsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`AlterPartitionReassignmentsRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ReassignableTopic {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: Vec<ReassignablePartition>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ReassignableTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.partitions = from.items(true, |from| ReassignablePartition::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "ReassignableTopic", "name")?;
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ReassignableTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| ReassignablePartition::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`AlterPartitionReassignmentsRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ReassignablePartition {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+, nullable 0+; null by default (`brokerId`).
    pub replicas: Option<Vec<i32>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ReassignablePartition {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.replicas = from.nullable_items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.length(self.replicas.as_ref().map(Vec::len), true);
        for item in self.replicas.iter().flatten() {
            to.i32(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ReassignablePartition {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.replicas = source.nullable(true, |source| source.items(|source| source.i32()));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for AlterPartitionReassignmentsRequest {
    const KEY: i16 = 45;
    type Response = super::AlterPartitionReassignmentsResponse;
}
