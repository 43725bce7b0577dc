//! `ListPartitionReassignmentsRequest`: API key 46, versions 0. Written by `cargo xtask codegen`: do not edit.

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

/// `ListPartitionReassignmentsRequest`: API key 46, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct ListPartitionReassignmentsRequest {
    /// Versions 0+; 60000 by default.
    pub timeout_ms: i32,
    /// Versions 0+, nullable 0+; null by default.
    pub topics: Option<Vec<ListPartitionReassignmentsTopics>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ListPartitionReassignmentsRequest {
    fn default() -> Self {
        Self {
            timeout_ms: 60000,
            topics: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for ListPartitionReassignmentsRequest {
    const NAME: &'static str = "ListPartitionReassignmentsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.timeout_ms = from.i32()?;
        it.topics = from.nullable_items(true, |from| {
            ListPartitionReassignmentsTopics::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.timeout_ms);
        to.length(self.topics.as_ref().map(Vec::len), true);
        for item in self.topics.iter().flatten() {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ListPartitionReassignmentsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.timeout_ms = source.i32();
        }
        if source.sets() {
            it.topics = source.nullable(true, |source| {
                source.items(|source| ListPartitionReassignmentsTopics::random(source, version))
            });
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for ListPartitionReassignmentsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`ListPartitionReassignmentsRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListPartitionReassignmentsTopics {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partition_indexes: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ListPartitionReassignmentsTopics {
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
            "ListPartitionReassignmentsTopics",
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
impl ListPartitionReassignmentsTopics {
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

impl Request for ListPartitionReassignmentsRequest {
    const KEY: i16 = 46;
    type Response = super::ListPartitionReassignmentsResponse;
}
