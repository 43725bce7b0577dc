//! `ListPartitionReassignmentsResponse`: API key 46, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
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

/// `ListPartitionReassignmentsResponse`: API key 46, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct ListPartitionReassignmentsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+.
    pub error_message: Option<String>,
    /// Versions 0+.
    pub topics: Vec<OngoingTopicReassignment>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ListPartitionReassignmentsResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: Some(String::new()),
            topics: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for ListPartitionReassignmentsResponse {
    const NAME: &'static str = "ListPartitionReassignmentsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        it.topics = from.items(true, |from| OngoingTopicReassignment::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "ListPartitionReassignmentsResponse",
            "error_message",
        )?;
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl ListPartitionReassignmentsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.topics = source.items(|source| OngoingTopicReassignment::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for ListPartitionReassignmentsResponse {
    fn failed(_version: i16, code: i16) -> Option<Self> {
        Some(Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(
                Level::Answer,
                &[],
                self.error_code,
                self.error_message.as_deref(),
            );
        }
    }
}

impl AmendTexts for ListPartitionReassignmentsResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        if self.error_code == code {
            amend(&mut self.error_message);
        }
    }
}

/// Part of [`ListPartitionReassignmentsResponse`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OngoingTopicReassignment {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: Vec<OngoingPartitionReassignment>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl OngoingTopicReassignment {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.partitions = from.items(true, |from| {
            OngoingPartitionReassignment::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.name, true),
            "OngoingTopicReassignment",
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
impl OngoingTopicReassignment {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| OngoingPartitionReassignment::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ListPartitionReassignmentsResponse`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OngoingPartitionReassignment {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+ (`brokerId`).
    pub replicas: Vec<i32>,
    /// Versions 0+ (`brokerId`).
    pub adding_replicas: Vec<i32>,
    /// Versions 0+ (`brokerId`).
    pub removing_replicas: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl OngoingPartitionReassignment {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.replicas = from.items(true, Reader::i32)?;
        it.adding_replicas = from.items(true, Reader::i32)?;
        it.removing_replicas = from.items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.length(Some(self.replicas.len()), true);
        for item in &self.replicas {
            to.i32(*item);
        }
        to.length(Some(self.adding_replicas.len()), true);
        for item in &self.adding_replicas {
            to.i32(*item);
        }
        to.length(Some(self.removing_replicas.len()), true);
        for item in &self.removing_replicas {
            to.i32(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OngoingPartitionReassignment {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.replicas = source.items(|source| source.i32());
        }
        if source.sets() {
            it.adding_replicas = source.items(|source| source.i32());
        }
        if source.sets() {
            it.removing_replicas = source.items(|source| source.i32());
        }
        it.unknown_tags = source.tags();
        it
    }
}
