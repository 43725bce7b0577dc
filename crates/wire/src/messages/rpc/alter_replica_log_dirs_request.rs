//! `AlterReplicaLogDirsRequest`: API key 34, versions 1-2. Written by `cargo xtask codegen`: do not edit.

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

/// `AlterReplicaLogDirsRequest`: API key 34, versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterReplicaLogDirsRequest {
    /// Versions 0+.
    pub dirs: Vec<AlterReplicaLogDir>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for AlterReplicaLogDirsRequest {
    const NAME: &'static str = "AlterReplicaLogDirsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=2;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.dirs = from.items(flexible, |from| AlterReplicaLogDir::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.length(Some(self.dirs.len()), flexible);
        for item in &self.dirs {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AlterReplicaLogDirsRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterReplicaLogDirsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.dirs = source.items(|source| AlterReplicaLogDir::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for AlterReplicaLogDirsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`AlterReplicaLogDirsRequest`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterReplicaLogDir {
    /// Versions 0+.
    pub path: String,
    /// Versions 0+.
    pub topics: Vec<AlterReplicaLogDirTopic>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AlterReplicaLogDir {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.path = from.string(flexible)?;
        it.topics = from.items(flexible, |from| {
            AlterReplicaLogDirTopic::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        place(
            to.string(&self.path, flexible),
            "AlterReplicaLogDir",
            "path",
        )?;
        to.length(Some(self.topics.len()), flexible);
        for item in &self.topics {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AlterReplicaLogDir",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterReplicaLogDir {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.path = source.string();
        }
        if source.sets() {
            it.topics = source.items(|source| AlterReplicaLogDirTopic::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`AlterReplicaLogDirsRequest`], versions 1-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterReplicaLogDirTopic {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AlterReplicaLogDirTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.partitions = from.items(flexible, Reader::i32)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        place(
            to.string(&self.name, flexible),
            "AlterReplicaLogDirTopic",
            "name",
        )?;
        to.length(Some(self.partitions.len()), flexible);
        for item in &self.partitions {
            to.i32(*item);
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AlterReplicaLogDirTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterReplicaLogDirTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
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

impl Request for AlterReplicaLogDirsRequest {
    const KEY: i16 = 34;
    type Response = super::AlterReplicaLogDirsResponse;
}
