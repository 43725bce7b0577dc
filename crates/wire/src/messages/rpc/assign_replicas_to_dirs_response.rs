//! `AssignReplicasToDirsResponse`: API key 73, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::Name;
use crate::answer::SeesCodes;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `AssignReplicasToDirsResponse`: API key 73, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AssignReplicasToDirsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub directories: Vec<DirectoryData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for AssignReplicasToDirsResponse {
    const NAME: &'static str = "AssignReplicasToDirsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.directories = from.items(true, |from| DirectoryData::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        to.length(Some(self.directories.len()), true);
        for item in &self.directories {
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
impl AssignReplicasToDirsResponse {
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
            it.directories = source.items(|source| DirectoryData::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for AssignReplicasToDirsResponse {
    fn failed(_version: i16, code: i16) -> Option<Self> {
        Some(Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(Level::Answer, &[], self.error_code, None);
        }
        for at0 in &self.directories {
            for at1 in &at0.topics {
                for at2 in &at1.partitions {
                    to.code(Level::Part, at2.error_code);
                    if at2.error_code != 0 {
                        to.refused(
                            Level::Part,
                            &[
                                ("topic_id", Name::Id(at1.topic_id)),
                                ("partition", Name::Number(at2.partition_index.into())),
                            ],
                            at2.error_code,
                            None,
                        );
                    }
                }
            }
        }
    }
}

impl AmendTexts for AssignReplicasToDirsResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`AssignReplicasToDirsResponse`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DirectoryData {
    /// Versions 0+.
    pub id: Uuid,
    /// Versions 0+.
    pub topics: Vec<TopicData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DirectoryData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.id = from.uuid()?;
        it.topics = from.items(true, |from| TopicData::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.uuid(self.id);
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DirectoryData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.id = source.uuid();
        }
        if source.sets() {
            it.topics = source.items(|source| TopicData::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`AssignReplicasToDirsResponse`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicData {
    /// Versions 0+.
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

/// Part of [`AssignReplicasToDirsResponse`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartitionData {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl PartitionData {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.error_code = from.i16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.i16(self.error_code);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionData {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        it.unknown_tags = source.tags();
        it
    }
}
