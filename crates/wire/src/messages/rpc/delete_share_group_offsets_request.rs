//! `DeleteShareGroupOffsetsRequest`: API key 92, versions 0. Written by `cargo xtask codegen`: do not edit.

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

/// `DeleteShareGroupOffsetsRequest`: API key 92, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DeleteShareGroupOffsetsRequest {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub topics: Vec<DeleteShareGroupOffsetsRequestTopic>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DeleteShareGroupOffsetsRequest {
    const NAME: &'static str = "DeleteShareGroupOffsetsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(true)?;
        it.topics = from.items(true, |from| {
            DeleteShareGroupOffsetsRequestTopic::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, true),
            "DeleteShareGroupOffsetsRequest",
            "group_id",
        )?;
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DeleteShareGroupOffsetsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.topics =
                source.items(|source| DeleteShareGroupOffsetsRequestTopic::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for DeleteShareGroupOffsetsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[("group", Name::Text(Some(&self.group_id)))]);
    }
}

/// Part of [`DeleteShareGroupOffsetsRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DeleteShareGroupOffsetsRequestTopic {
    /// Versions 0+ (`topicName`).
    pub topic_name: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DeleteShareGroupOffsetsRequestTopic {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_name = from.string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.topic_name, true),
            "DeleteShareGroupOffsetsRequestTopic",
            "topic_name",
        )?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DeleteShareGroupOffsetsRequestTopic {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_name = source.string();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for DeleteShareGroupOffsetsRequest {
    const KEY: i16 = 92;
    type Response = super::DeleteShareGroupOffsetsResponse;
}
