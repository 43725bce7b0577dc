//! `StreamsGroupHeartbeatRequest`: API key 88, versions 0-1. Written by `cargo xtask codegen`: do not edit.

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

/// `StreamsGroupHeartbeatRequest`: API key 88, versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct StreamsGroupHeartbeatRequest {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub member_id: String,
    /// Versions 0+.
    pub member_epoch: i32,
    /// Versions 0+.
    pub endpoint_information_epoch: i32,
    /// Versions 0+, nullable 0+; null by default.
    pub instance_id: Option<String>,
    /// Versions 0+, nullable 0+; null by default.
    pub rack_id: Option<String>,
    /// Versions 0+; -1 by default.
    pub rebalance_timeout_ms: i32,
    /// Versions 0+, nullable 0+; null by default.
    pub topology: Option<Topology>,
    /// Versions 0+, nullable 0+; null by default.
    pub active_tasks: Option<Vec<TaskIds>>,
    /// Versions 0+, nullable 0+; null by default.
    pub standby_tasks: Option<Vec<TaskIds>>,
    /// Versions 0+, nullable 0+; null by default.
    pub warmup_tasks: Option<Vec<TaskIds>>,
    /// Versions 0+, nullable 0+; null by default.
    pub process_id: Option<String>,
    /// Versions 0+, nullable 0+; null by default.
    pub user_endpoint: Option<Endpoint>,
    /// Versions 0+, nullable 0+; null by default.
    pub client_tags: Option<Vec<KeyValue>>,
    /// Versions 0+, nullable 0+; null by default.
    pub task_offsets: Option<Vec<TaskOffset>>,
    /// Versions 0+, nullable 0+; null by default.
    pub task_end_offsets: Option<Vec<TaskOffset>>,
    /// Versions 0+; false by default.
    pub shutdown_application: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for StreamsGroupHeartbeatRequest {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            member_id: String::new(),
            member_epoch: 0,
            endpoint_information_epoch: 0,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            topology: None,
            active_tasks: None,
            standby_tasks: None,
            warmup_tasks: None,
            process_id: None,
            user_endpoint: None,
            client_tags: None,
            task_offsets: None,
            task_end_offsets: None,
            shutdown_application: false,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for StreamsGroupHeartbeatRequest {
    const NAME: &'static str = "StreamsGroupHeartbeatRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(true)?;
        it.member_id = from.string(true)?;
        it.member_epoch = from.i32()?;
        it.endpoint_information_epoch = from.i32()?;
        it.instance_id = from.nullable_string(true)?;
        it.rack_id = from.nullable_string(true)?;
        it.rebalance_timeout_ms = from.i32()?;
        it.topology = if from.i8()? < 0 {
            None
        } else {
            Some(Topology::read(from, version)?)
        };
        it.active_tasks = from.nullable_items(true, |from| TaskIds::read(from, version))?;
        it.standby_tasks = from.nullable_items(true, |from| TaskIds::read(from, version))?;
        it.warmup_tasks = from.nullable_items(true, |from| TaskIds::read(from, version))?;
        it.process_id = from.nullable_string(true)?;
        it.user_endpoint = if from.i8()? < 0 {
            None
        } else {
            Some(Endpoint::read(from, version)?)
        };
        it.client_tags = from.nullable_items(true, |from| KeyValue::read(from, version))?;
        it.task_offsets = from.nullable_items(true, |from| TaskOffset::read(from, version))?;
        it.task_end_offsets = from.nullable_items(true, |from| TaskOffset::read(from, version))?;
        it.shutdown_application = from.bool()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, true),
            "StreamsGroupHeartbeatRequest",
            "group_id",
        )?;
        place(
            to.string(&self.member_id, true),
            "StreamsGroupHeartbeatRequest",
            "member_id",
        )?;
        to.i32(self.member_epoch);
        to.i32(self.endpoint_information_epoch);
        place(
            to.nullable_string(self.instance_id.as_deref(), true),
            "StreamsGroupHeartbeatRequest",
            "instance_id",
        )?;
        place(
            to.nullable_string(self.rack_id.as_deref(), true),
            "StreamsGroupHeartbeatRequest",
            "rack_id",
        )?;
        to.i32(self.rebalance_timeout_ms);
        match &self.topology {
            Some(value) => {
                to.i8(1);
                value.write(to, version)?;
            }
            None => to.i8(-1),
        }
        to.length(self.active_tasks.as_ref().map(Vec::len), true);
        for item in self.active_tasks.iter().flatten() {
            item.write(to, version)?;
        }
        to.length(self.standby_tasks.as_ref().map(Vec::len), true);
        for item in self.standby_tasks.iter().flatten() {
            item.write(to, version)?;
        }
        to.length(self.warmup_tasks.as_ref().map(Vec::len), true);
        for item in self.warmup_tasks.iter().flatten() {
            item.write(to, version)?;
        }
        place(
            to.nullable_string(self.process_id.as_deref(), true),
            "StreamsGroupHeartbeatRequest",
            "process_id",
        )?;
        match &self.user_endpoint {
            Some(value) => {
                to.i8(1);
                value.write(to, version)?;
            }
            None => to.i8(-1),
        }
        to.length(self.client_tags.as_ref().map(Vec::len), true);
        for item in self.client_tags.iter().flatten() {
            item.write(to, version)?;
        }
        to.length(self.task_offsets.as_ref().map(Vec::len), true);
        for item in self.task_offsets.iter().flatten() {
            item.write(to, version)?;
        }
        to.length(self.task_end_offsets.as_ref().map(Vec::len), true);
        for item in self.task_end_offsets.iter().flatten() {
            item.write(to, version)?;
        }
        to.bool(self.shutdown_application);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl StreamsGroupHeartbeatRequest {
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
            it.endpoint_information_epoch = source.i32();
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
            it.topology = source.nullable(true, |source| Topology::random(source, version));
        }
        if source.sets() {
            it.active_tasks = source.nullable(true, |source| {
                source.items(|source| TaskIds::random(source, version))
            });
        }
        if source.sets() {
            it.standby_tasks = source.nullable(true, |source| {
                source.items(|source| TaskIds::random(source, version))
            });
        }
        if source.sets() {
            it.warmup_tasks = source.nullable(true, |source| {
                source.items(|source| TaskIds::random(source, version))
            });
        }
        if source.sets() {
            it.process_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.user_endpoint = source.nullable(true, |source| Endpoint::random(source, version));
        }
        if source.sets() {
            it.client_tags = source.nullable(true, |source| {
                source.items(|source| KeyValue::random(source, version))
            });
        }
        if source.sets() {
            it.task_offsets = source.nullable(true, |source| {
                source.items(|source| TaskOffset::random(source, version))
            });
        }
        if source.sets() {
            it.task_end_offsets = source.nullable(true, |source| {
                source.items(|source| TaskOffset::random(source, version))
            });
        }
        if source.sets() {
            it.shutdown_application = source.bool();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for StreamsGroupHeartbeatRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("group", Name::Text(Some(&self.group_id))),
            ("member", Name::Text(Some(&self.member_id))),
            ("instance", Name::Text(self.instance_id.as_deref())),
        ]);
    }
}

/// Part of [`StreamsGroupHeartbeatRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Topology {
    /// Versions 0+.
    pub epoch: i32,
    /// Versions 0+.
    pub subtopologies: Vec<Subtopology>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Topology {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.epoch = from.i32()?;
        it.subtopologies = from.items(true, |from| Subtopology::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.epoch);
        to.length(Some(self.subtopologies.len()), true);
        for item in &self.subtopologies {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Topology {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.epoch = source.i32();
        }
        if source.sets() {
            it.subtopologies = source.items(|source| Subtopology::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupHeartbeatRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Subtopology {
    /// Versions 0+.
    pub subtopology_id: String,
    /// Versions 0+ (`topicName`).
    pub source_topics: Vec<String>,
    /// Versions 0+.
    pub source_topic_regex: Vec<String>,
    /// Versions 0+.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// Versions 0+ (`topicName`).
    pub repartition_sink_topics: Vec<String>,
    /// Versions 0+.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// Versions 0+.
    pub copartition_groups: Vec<CopartitionGroup>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Subtopology {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.subtopology_id = from.string(true)?;
        it.source_topics = from.items(true, |from| from.string(true))?;
        it.source_topic_regex = from.items(true, |from| from.string(true))?;
        it.state_changelog_topics = from.items(true, |from| TopicInfo::read(from, version))?;
        it.repartition_sink_topics = from.items(true, |from| from.string(true))?;
        it.repartition_source_topics = from.items(true, |from| TopicInfo::read(from, version))?;
        it.copartition_groups = from.items(true, |from| CopartitionGroup::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.subtopology_id, true),
            "Subtopology",
            "subtopology_id",
        )?;
        to.length(Some(self.source_topics.len()), true);
        for item in &self.source_topics {
            place(to.string(item, true), "Subtopology", "source_topics")?;
        }
        to.length(Some(self.source_topic_regex.len()), true);
        for item in &self.source_topic_regex {
            place(to.string(item, true), "Subtopology", "source_topic_regex")?;
        }
        to.length(Some(self.state_changelog_topics.len()), true);
        for item in &self.state_changelog_topics {
            item.write(to, version)?;
        }
        to.length(Some(self.repartition_sink_topics.len()), true);
        for item in &self.repartition_sink_topics {
            place(
                to.string(item, true),
                "Subtopology",
                "repartition_sink_topics",
            )?;
        }
        to.length(Some(self.repartition_source_topics.len()), true);
        for item in &self.repartition_source_topics {
            item.write(to, version)?;
        }
        to.length(Some(self.copartition_groups.len()), true);
        for item in &self.copartition_groups {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Subtopology {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.subtopology_id = source.string();
        }
        if source.sets() {
            it.source_topics = source.items(|source| source.string());
        }
        if source.sets() {
            it.source_topic_regex = source.items(|source| source.string());
        }
        if source.sets() {
            it.state_changelog_topics = source.items(|source| TopicInfo::random(source, version));
        }
        if source.sets() {
            it.repartition_sink_topics = source.items(|source| source.string());
        }
        if source.sets() {
            it.repartition_source_topics =
                source.items(|source| TopicInfo::random(source, version));
        }
        if source.sets() {
            it.copartition_groups =
                source.items(|source| CopartitionGroup::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupHeartbeatRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CopartitionGroup {
    /// Versions 0+.
    pub source_topics: Vec<i16>,
    /// Versions 0+.
    pub source_topic_regex: Vec<i16>,
    /// Versions 0+.
    pub repartition_source_topics: Vec<i16>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl CopartitionGroup {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.source_topics = from.items(true, Reader::i16)?;
        it.source_topic_regex = from.items(true, Reader::i16)?;
        it.repartition_source_topics = from.items(true, Reader::i16)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.source_topics.len()), true);
        for item in &self.source_topics {
            to.i16(*item);
        }
        to.length(Some(self.source_topic_regex.len()), true);
        for item in &self.source_topic_regex {
            to.i16(*item);
        }
        to.length(Some(self.repartition_source_topics.len()), true);
        for item in &self.repartition_source_topics {
            to.i16(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CopartitionGroup {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.source_topics = source.items(|source| source.i16());
        }
        if source.sets() {
            it.source_topic_regex = source.items(|source| source.i16());
        }
        if source.sets() {
            it.repartition_source_topics = source.items(|source| source.i16());
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupHeartbeatRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct KeyValue {
    /// Versions 0+.
    pub key: String,
    /// Versions 0+.
    pub value: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl KeyValue {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.key = from.string(true)?;
        it.value = from.string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.key, true), "KeyValue", "key")?;
        place(to.string(&self.value, true), "KeyValue", "value")?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl KeyValue {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.key = source.string();
        }
        if source.sets() {
            it.value = source.string();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupHeartbeatRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicInfo {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub partitions: i32,
    /// Versions 0+.
    pub replication_factor: i16,
    /// Versions 0+.
    pub topic_configs: Vec<KeyValue>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicInfo {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.partitions = from.i32()?;
        it.replication_factor = from.i16()?;
        it.topic_configs = from.items(true, |from| KeyValue::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "TopicInfo", "name")?;
        to.i32(self.partitions);
        to.i16(self.replication_factor);
        to.length(Some(self.topic_configs.len()), true);
        for item in &self.topic_configs {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicInfo {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions = source.i32();
        }
        if source.sets() {
            it.replication_factor = source.i16();
        }
        if source.sets() {
            it.topic_configs = source.items(|source| KeyValue::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupHeartbeatRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Endpoint {
    /// Versions 0+.
    pub host: String,
    /// Versions 0+.
    pub port: u16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Endpoint {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.host = from.string(true)?;
        it.port = from.u16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.host, true), "Endpoint", "host")?;
        to.u16(self.port);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Endpoint {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.host = source.string();
        }
        if source.sets() {
            it.port = source.u16();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupHeartbeatRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TaskOffset {
    /// Versions 0+.
    pub subtopology_id: String,
    /// Versions 0+.
    pub partition: i32,
    /// Versions 0+.
    pub offset: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TaskOffset {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.subtopology_id = from.string(true)?;
        it.partition = from.i32()?;
        it.offset = from.i64()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.subtopology_id, true),
            "TaskOffset",
            "subtopology_id",
        )?;
        to.i32(self.partition);
        to.i64(self.offset);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TaskOffset {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.subtopology_id = source.string();
        }
        if source.sets() {
            it.partition = source.i32();
        }
        if source.sets() {
            it.offset = source.i64();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupHeartbeatRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TaskIds {
    /// Versions 0+.
    pub subtopology_id: String,
    /// Versions 0+.
    pub partitions: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TaskIds {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.subtopology_id = from.string(true)?;
        it.partitions = from.items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.subtopology_id, true),
            "TaskIds",
            "subtopology_id",
        )?;
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            to.i32(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TaskIds {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.subtopology_id = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| source.i32());
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for StreamsGroupHeartbeatRequest {
    const KEY: i16 = 88;
    type Response = super::StreamsGroupHeartbeatResponse;
}
