//! `ShareGroupHeartbeatRequest`: API key 76, versions 1. Written by `cargo xtask codegen`: do not edit.

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

/// `ShareGroupHeartbeatRequest`: API key 76, versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ShareGroupHeartbeatRequest {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub member_id: String,
    /// Versions 0+.
    pub member_epoch: i32,
    /// Versions 0+, nullable 0+; null by default.
    pub rack_id: Option<String>,
    /// Versions 0+, nullable 0+; null by default (`topicName`).
    pub subscribed_topic_names: Option<Vec<String>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ShareGroupHeartbeatRequest {
    const NAME: &'static str = "ShareGroupHeartbeatRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=1;
    const FLEXIBLE: Option<i16> = Some(1);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(true)?;
        it.member_id = from.string(true)?;
        it.member_epoch = from.i32()?;
        it.rack_id = from.nullable_string(true)?;
        it.subscribed_topic_names = from.nullable_items(true, |from| from.string(true))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, true),
            "ShareGroupHeartbeatRequest",
            "group_id",
        )?;
        place(
            to.string(&self.member_id, true),
            "ShareGroupHeartbeatRequest",
            "member_id",
        )?;
        to.i32(self.member_epoch);
        place(
            to.nullable_string(self.rack_id.as_deref(), true),
            "ShareGroupHeartbeatRequest",
            "rack_id",
        )?;
        to.length(self.subscribed_topic_names.as_ref().map(Vec::len), true);
        for item in self.subscribed_topic_names.iter().flatten() {
            place(
                to.string(item, true),
                "ShareGroupHeartbeatRequest",
                "subscribed_topic_names",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ShareGroupHeartbeatRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.member_id = source.string();
        }
        if source.sets() {
            it.member_epoch = source.i32();
        }
        if source.sets() {
            it.rack_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.subscribed_topic_names =
                source.nullable(true, |source| source.items(|source| source.string()));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for ShareGroupHeartbeatRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("group", Name::Text(Some(&self.group_id))),
            ("member", Name::Text(Some(&self.member_id))),
        ]);
    }
}

impl Request for ShareGroupHeartbeatRequest {
    const KEY: i16 = 76;
    type Response = super::ShareGroupHeartbeatResponse;
}
