//! `ConsumerGroupHeartbeatRequest`: API key 68, versions 0-1. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
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

/// `ConsumerGroupHeartbeatRequest`: API key 68, versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct ConsumerGroupHeartbeatRequest {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub member_id: String,
    /// Versions 0+.
    pub member_epoch: i32,
    /// Versions 0+, nullable 0+; null by default.
    pub instance_id: Option<String>,
    /// Versions 0+, nullable 0+; null by default.
    pub rack_id: Option<String>,
    /// Versions 0+; -1 by default.
    pub rebalance_timeout_ms: i32,
    /// Versions 0+, nullable 0+; null by default (`topicName`).
    pub subscribed_topic_names: Option<Vec<String>>,
    /// Versions 1+, nullable 1+; null by default.
    pub subscribed_topic_regex: Option<String>,
    /// Versions 0+, nullable 0+; null by default.
    pub server_assignor: Option<String>,
    /// Versions 0+, nullable 0+; null by default.
    pub topic_partitions: Option<Vec<TopicPartitions>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ConsumerGroupHeartbeatRequest {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            member_id: String::new(),
            member_epoch: 0,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            subscribed_topic_names: None,
            subscribed_topic_regex: None,
            server_assignor: None,
            topic_partitions: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for ConsumerGroupHeartbeatRequest {
    const NAME: &'static str = "ConsumerGroupHeartbeatRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(true)?;
        it.member_id = from.string(true)?;
        it.member_epoch = from.i32()?;
        it.instance_id = from.nullable_string(true)?;
        it.rack_id = from.nullable_string(true)?;
        it.rebalance_timeout_ms = from.i32()?;
        it.subscribed_topic_names = from.nullable_items(true, |from| from.string(true))?;
        if version >= 1 {
            it.subscribed_topic_regex = from.nullable_string(true)?;
        }
        it.server_assignor = from.nullable_string(true)?;
        it.topic_partitions =
            from.nullable_items(true, |from| TopicPartitions::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, true),
            "ConsumerGroupHeartbeatRequest",
            "group_id",
        )?;
        place(
            to.string(&self.member_id, true),
            "ConsumerGroupHeartbeatRequest",
            "member_id",
        )?;
        to.i32(self.member_epoch);
        place(
            to.nullable_string(self.instance_id.as_deref(), true),
            "ConsumerGroupHeartbeatRequest",
            "instance_id",
        )?;
        place(
            to.nullable_string(self.rack_id.as_deref(), true),
            "ConsumerGroupHeartbeatRequest",
            "rack_id",
        )?;
        to.i32(self.rebalance_timeout_ms);
        to.length(self.subscribed_topic_names.as_ref().map(Vec::len), true);
        for item in self.subscribed_topic_names.iter().flatten() {
            place(
                to.string(item, true),
                "ConsumerGroupHeartbeatRequest",
                "subscribed_topic_names",
            )?;
        }
        if version >= 1 {
            place(
                to.nullable_string(self.subscribed_topic_regex.as_deref(), true),
                "ConsumerGroupHeartbeatRequest",
                "subscribed_topic_regex",
            )?;
        } else {
            place(
                self.subscribed_topic_regex.is_none(),
                "ConsumerGroupHeartbeatRequest",
                "subscribed_topic_regex",
            )?;
        }
        place(
            to.nullable_string(self.server_assignor.as_deref(), true),
            "ConsumerGroupHeartbeatRequest",
            "server_assignor",
        )?;
        to.length(self.topic_partitions.as_ref().map(Vec::len), true);
        for item in self.topic_partitions.iter().flatten() {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ConsumerGroupHeartbeatRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
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
            it.instance_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.rack_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.rebalance_timeout_ms = source.i32();
        }
        if source.sets() {
            it.subscribed_topic_names =
                source.nullable(true, |source| source.items(|source| source.string()));
        }
        if version >= 1 && source.sets() {
            it.subscribed_topic_regex = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.server_assignor = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.topic_partitions = source.nullable(true, |source| {
                source.items(|source| TopicPartitions::random(source, version))
            });
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for ConsumerGroupHeartbeatRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("group", Name::Text(Some(&self.group_id))),
            ("member", Name::Text(Some(&self.member_id))),
            ("instance", Name::Text(self.instance_id.as_deref())),
        ]);
    }
}

/// Part of [`ConsumerGroupHeartbeatRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicPartitions {
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicPartitions {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_id = from.uuid()?;
        it.partitions = from.items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.uuid(self.topic_id);
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            to.i32(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicPartitions {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partitions = source.items(|source| source.i32());
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for ConsumerGroupHeartbeatRequest {
    const KEY: i16 = 68;
    type Response = super::ConsumerGroupHeartbeatResponse;
}
