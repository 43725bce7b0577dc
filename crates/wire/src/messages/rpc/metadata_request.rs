//! `MetadataRequest`: API key 3, versions 0-13. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
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

/// `MetadataRequest`: API key 3, versions 0-13.
#[derive(Clone, PartialEq, Debug)]
pub struct MetadataRequest {
    /// Versions 0+, nullable 1+.
    pub topics: Option<Vec<MetadataRequestTopic>>,
    /// Versions 4+; true by default.
    pub allow_auto_topic_creation: bool,
    /// Versions 8-10.
    pub include_cluster_authorized_operations: bool,
    /// Versions 8+.
    pub include_topic_authorized_operations: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for MetadataRequest {
    fn default() -> Self {
        Self {
            topics: Some(Vec::new()),
            allow_auto_topic_creation: true,
            include_cluster_authorized_operations: false,
            include_topic_authorized_operations: false,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for MetadataRequest {
    const NAME: &'static str = "MetadataRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=13;
    const FLEXIBLE: Option<i16> = Some(9);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 9;
        let mut it = Self::default();
        it.topics = if version >= 1 {
            from.nullable_items(flexible, |from| MetadataRequestTopic::read(from, version))?
        } else {
            Some(from.items(flexible, |from| MetadataRequestTopic::read(from, version))?)
        };
        if version >= 4 {
            it.allow_auto_topic_creation = from.bool()?;
        }
        if (8..=10).contains(&version) {
            it.include_cluster_authorized_operations = from.bool()?;
        }
        if version >= 8 {
            it.include_topic_authorized_operations = from.bool()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 9;
        place(
            version >= 1 || self.topics.is_some(),
            "MetadataRequest",
            "topics",
        )?;
        to.length(self.topics.as_ref().map(Vec::len), flexible);
        for item in self.topics.iter().flatten() {
            item.write(to, version)?;
        }
        if version >= 4 {
            to.bool(self.allow_auto_topic_creation);
        } else {
            place(
                self.allow_auto_topic_creation,
                "MetadataRequest",
                "allow_auto_topic_creation",
            )?;
        }
        if (8..=10).contains(&version) {
            to.bool(self.include_cluster_authorized_operations);
        } else {
            place(
                !self.include_cluster_authorized_operations,
                "MetadataRequest",
                "include_cluster_authorized_operations",
            )?;
        }
        if version >= 8 {
            to.bool(self.include_topic_authorized_operations);
        } else {
            place(
                !self.include_topic_authorized_operations,
                "MetadataRequest",
                "include_topic_authorized_operations",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "MetadataRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl MetadataRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 9;
        let mut it = Self::default();
        if source.sets() {
            it.topics = source.nullable(version >= 1, |source| {
                source.items(|source| MetadataRequestTopic::random(source, version))
            });
        }
        if version >= 4 && source.sets() {
            it.allow_auto_topic_creation = source.bool();
        }
        if (8..=10).contains(&version) && source.sets() {
            it.include_cluster_authorized_operations = source.bool();
        }
        if version >= 8 && source.sets() {
            it.include_topic_authorized_operations = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for MetadataRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`MetadataRequest`], versions 0-13.
#[derive(Clone, PartialEq, Debug)]
pub struct MetadataRequestTopic {
    /// Versions 10+.
    pub topic_id: Uuid,
    /// Versions 0+, nullable 10+ (`topicName`).
    pub name: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for MetadataRequestTopic {
    fn default() -> Self {
        Self {
            topic_id: Uuid::ZERO,
            name: Some(String::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl MetadataRequestTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 9;
        let mut it = Self::default();
        if version >= 10 {
            it.topic_id = from.uuid()?;
        }
        it.name = if version >= 10 {
            from.nullable_string(flexible)?
        } else {
            Some(from.string(flexible)?)
        };
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 9;
        if version >= 10 {
            to.uuid(self.topic_id);
        }
        place(
            version >= 10 || self.name.is_some(),
            "MetadataRequestTopic",
            "name",
        )?;
        place(
            to.nullable_string(self.name.as_deref(), flexible),
            "MetadataRequestTopic",
            "name",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "MetadataRequestTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl MetadataRequestTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 9;
        let mut it = Self::default();
        if version >= 10 && source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.name = source.nullable(version >= 10, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for MetadataRequest {
    const KEY: i16 = 3;
    type Response = super::MetadataResponse;
}
