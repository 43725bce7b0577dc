//! `CreateTopicsRequest`: API key 19, versions 2-7. Written by `cargo xtask codegen`: do not edit.

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

/// `CreateTopicsRequest`: API key 19, versions 2-7.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateTopicsRequest {
    /// Versions 0+.
    pub topics: Vec<CreatableTopic>,
    /// Versions 0+; 60000 by default.
    pub timeout_ms: i32,
    /// Versions 1+; false by default.
    pub validate_only: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for CreateTopicsRequest {
    fn default() -> Self {
        Self {
            topics: Vec::new(),
            timeout_ms: 60000,
            validate_only: false,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for CreateTopicsRequest {
    const NAME: &'static str = "CreateTopicsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 2..=7;
    const FLEXIBLE: Option<i16> = Some(5);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 5;
        let mut it = Self::default();
        it.topics = from.items(flexible, |from| CreatableTopic::read(from, version))?;
        it.timeout_ms = from.i32()?;
        it.validate_only = from.bool()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 5;
        to.length(Some(self.topics.len()), flexible);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.i32(self.timeout_ms);
        to.bool(self.validate_only);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "CreateTopicsRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CreateTopicsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 5;
        let mut it = Self::default();
        if source.sets() {
            it.topics = source.items(|source| CreatableTopic::random(source, version));
        }
        if source.sets() {
            it.timeout_ms = source.i32();
        }
        if source.sets() {
            it.validate_only = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for CreateTopicsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`CreateTopicsRequest`], versions 2-7.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CreatableTopic {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub num_partitions: i32,
    /// Versions 0+.
    pub replication_factor: i16,
    /// Versions 0+.
    pub assignments: Vec<CreatableReplicaAssignment>,
    /// Versions 0+.
    pub configs: Vec<CreatableTopicConfig>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl CreatableTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 5;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.num_partitions = from.i32()?;
        it.replication_factor = from.i16()?;
        it.assignments = from.items(flexible, |from| {
            CreatableReplicaAssignment::read(from, version)
        })?;
        it.configs = from.items(flexible, |from| CreatableTopicConfig::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 5;
        place(to.string(&self.name, flexible), "CreatableTopic", "name")?;
        to.i32(self.num_partitions);
        to.i16(self.replication_factor);
        to.length(Some(self.assignments.len()), flexible);
        for item in &self.assignments {
            item.write(to, version)?;
        }
        to.length(Some(self.configs.len()), flexible);
        for item in &self.configs {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "CreatableTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CreatableTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 5;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.num_partitions = source.i32();
        }
        if source.sets() {
            it.replication_factor = source.i16();
        }
        if source.sets() {
            it.assignments =
                source.items(|source| CreatableReplicaAssignment::random(source, version));
        }
        if source.sets() {
            it.configs = source.items(|source| CreatableTopicConfig::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`CreateTopicsRequest`], versions 2-7.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CreatableReplicaAssignment {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+ (`brokerId`).
    pub broker_ids: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl CreatableReplicaAssignment {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 5;
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.broker_ids = from.items(flexible, Reader::i32)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 5;
        to.i32(self.partition_index);
        to.length(Some(self.broker_ids.len()), flexible);
        for item in &self.broker_ids {
            to.i32(*item);
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "CreatableReplicaAssignment",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CreatableReplicaAssignment {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 5;
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.broker_ids = source.items(|source| source.i32());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`CreateTopicsRequest`], versions 2-7.
#[derive(Clone, PartialEq, Debug)]
pub struct CreatableTopicConfig {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+, nullable 0+.
    pub value: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for CreatableTopicConfig {
    fn default() -> Self {
        Self {
            name: String::new(),
            value: Some(String::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl CreatableTopicConfig {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 5;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.value = from.nullable_string(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 5;
        place(
            to.string(&self.name, flexible),
            "CreatableTopicConfig",
            "name",
        )?;
        place(
            to.nullable_string(self.value.as_deref(), flexible),
            "CreatableTopicConfig",
            "value",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "CreatableTopicConfig",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CreatableTopicConfig {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 5;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.value = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for CreateTopicsRequest {
    const KEY: i16 = 19;
    type Response = super::CreateTopicsResponse;
}
