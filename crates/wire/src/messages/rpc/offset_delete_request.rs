//! `OffsetDeleteRequest`: API key 47, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::answer::Name;
use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Request;
use crate::codec::Unencodable;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `OffsetDeleteRequest`: API key 47, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetDeleteRequest {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub topics: Vec<OffsetDeleteRequestTopic>,
}

impl Message for OffsetDeleteRequest {
    const NAME: &'static str = "OffsetDeleteRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(false)?;
        it.topics = from.items(false, |from| OffsetDeleteRequestTopic::read(from, version))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, false),
            "OffsetDeleteRequest",
            "group_id",
        )?;
        to.length(Some(self.topics.len()), false);
        for item in &self.topics {
            item.write(to, version)?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetDeleteRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.topics = source.items(|source| OffsetDeleteRequestTopic::random(source, version));
        }
        it
    }
}

impl Subject for OffsetDeleteRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[("group", Name::Text(Some(&self.group_id)))]);
    }
}

/// Part of [`OffsetDeleteRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetDeleteRequestTopic {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: Vec<OffsetDeleteRequestPartition>,
}

impl OffsetDeleteRequestTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(false)?;
        it.partitions = from.items(false, |from| {
            OffsetDeleteRequestPartition::read(from, version)
        })?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.name, false),
            "OffsetDeleteRequestTopic",
            "name",
        )?;
        to.length(Some(self.partitions.len()), false);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetDeleteRequestTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| OffsetDeleteRequestPartition::random(source, version));
        }
        it
    }
}

/// Part of [`OffsetDeleteRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetDeleteRequestPartition {
    /// Versions 0+.
    pub partition_index: i32,
}

impl OffsetDeleteRequestPartition {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetDeleteRequestPartition {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        it
    }
}

impl Request for OffsetDeleteRequest {
    const KEY: i16 = 47;
    type Response = super::OffsetDeleteResponse;
}
