//! `StreamsGroupDescribeResponse`: API key 89, versions 0-1. Written by `cargo xtask codegen`: do not edit.

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
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `StreamsGroupDescribeResponse`: API key 89, versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StreamsGroupDescribeResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub groups: Vec<DescribedGroup>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for StreamsGroupDescribeResponse {
    const NAME: &'static str = "StreamsGroupDescribeResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.groups = from.items(true, |from| DescribedGroup::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.length(Some(self.groups.len()), true);
        for item in &self.groups {
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
impl StreamsGroupDescribeResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.groups = source.items(|source| DescribedGroup::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for StreamsGroupDescribeResponse {
    fn failed(_version: i16, _code: i16) -> Option<Self> {
        None
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        for at0 in &self.groups {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[("group", Name::Text(Some(&at0.group_id)))],
                    at0.error_code,
                    at0.error_message.as_deref(),
                );
            }
        }
    }
}

impl AmendTexts for StreamsGroupDescribeResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        for at0 in &mut self.groups {
            if at0.error_code == code {
                amend(&mut at0.error_message);
            }
        }
    }
}

/// Part of [`StreamsGroupDescribeResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribedGroup {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+; null by default.
    pub error_message: Option<String>,
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub group_state: String,
    /// Versions 0+.
    pub group_epoch: i32,
    /// Versions 0+.
    pub assignment_epoch: i32,
    /// Versions 0+, nullable 0+; null by default.
    pub topology: Option<Topology>,
    /// Versions 0+.
    pub members: Vec<Member>,
    /// Versions 0+; -2147483648 by default.
    pub authorized_operations: i32,
    /// Versions 1+, nullable 1+; null by default.
    pub topology_description: Option<TopologyDescription>,
    /// Versions 1+; 0 by default.
    pub topology_description_status: i8,
    /// Versions 1+, nullable 1+; null by default.
    pub assignor_name: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: None,
            group_id: String::new(),
            group_state: String::new(),
            group_epoch: 0,
            assignment_epoch: 0,
            topology: None,
            members: Vec::new(),
            authorized_operations: -2147483648,
            topology_description: None,
            topology_description_status: 0,
            assignor_name: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DescribedGroup {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        it.group_id = from.string(true)?;
        it.group_state = from.string(true)?;
        it.group_epoch = from.i32()?;
        it.assignment_epoch = from.i32()?;
        it.topology = if from.i8()? < 0 {
            None
        } else {
            Some(Topology::read(from, version)?)
        };
        it.members = from.items(true, |from| Member::read(from, version))?;
        it.authorized_operations = from.i32()?;
        if version >= 1 {
            it.topology_description = if from.i8()? < 0 {
                None
            } else {
                Some(TopologyDescription::read(from, version)?)
            };
        }
        if version >= 1 {
            it.topology_description_status = from.i8()?;
        }
        if version >= 1 {
            it.assignor_name = from.nullable_string(true)?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "DescribedGroup",
            "error_message",
        )?;
        place(
            to.string(&self.group_id, true),
            "DescribedGroup",
            "group_id",
        )?;
        place(
            to.string(&self.group_state, true),
            "DescribedGroup",
            "group_state",
        )?;
        to.i32(self.group_epoch);
        to.i32(self.assignment_epoch);
        match &self.topology {
            Some(value) => {
                to.i8(1);
                value.write(to, version)?;
            }
            None => to.i8(-1),
        }
        to.length(Some(self.members.len()), true);
        for item in &self.members {
            item.write(to, version)?;
        }
        to.i32(self.authorized_operations);
        if version >= 1 {
            match &self.topology_description {
                Some(value) => {
                    to.i8(1);
                    value.write(to, version)?;
                }
                None => to.i8(-1),
            }
        } else {
            place(
                self.topology_description.is_none(),
                "DescribedGroup",
                "topology_description",
            )?;
        }
        if version >= 1 {
            to.i8(self.topology_description_status);
        } else {
            place(
                self.topology_description_status == 0,
                "DescribedGroup",
                "topology_description_status",
            )?;
        }
        if version >= 1 {
            place(
                to.nullable_string(self.assignor_name.as_deref(), true),
                "DescribedGroup",
                "assignor_name",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribedGroup {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.group_state = source.string();
        }
        if source.sets() {
            it.group_epoch = source.i32();
        }
        if source.sets() {
            it.assignment_epoch = source.i32();
        }
        if source.sets() {
            it.topology = source.nullable(true, |source| Topology::random(source, version));
        }
        if source.sets() {
            it.members = source.items(|source| Member::random(source, version));
        }
        if source.sets() {
            it.authorized_operations = source.i32();
        }
        if version >= 1 && source.sets() {
            it.topology_description =
                source.nullable(true, |source| TopologyDescription::random(source, version));
        }
        if version >= 1 && source.sets() {
            it.topology_description_status = source.i8();
        }
        if version >= 1 && source.sets() {
            it.assignor_name = source.nullable(true, |source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupDescribeResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Topology {
    /// Versions 0+.
    pub epoch: i32,
    /// Versions 0+, nullable 0+; null by default.
    pub subtopologies: Option<Vec<Subtopology>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Topology {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.epoch = from.i32()?;
        it.subtopologies = from.nullable_items(true, |from| Subtopology::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.epoch);
        to.length(self.subtopologies.as_ref().map(Vec::len), true);
        for item in self.subtopologies.iter().flatten() {
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
            it.subtopologies = source.nullable(true, |source| {
                source.items(|source| Subtopology::random(source, version))
            });
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupDescribeResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Subtopology {
    /// Versions 0+.
    pub subtopology_id: String,
    /// Versions 0+ (`topicName`).
    pub source_topics: Vec<String>,
    /// Versions 0+ (`topicName`).
    pub repartition_sink_topics: Vec<String>,
    /// Versions 0+.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// Versions 0+.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Subtopology {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.subtopology_id = from.string(true)?;
        it.source_topics = from.items(true, |from| from.string(true))?;
        it.repartition_sink_topics = from.items(true, |from| from.string(true))?;
        it.state_changelog_topics = from.items(true, |from| TopicInfo::read(from, version))?;
        it.repartition_source_topics = from.items(true, |from| TopicInfo::read(from, version))?;
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
        to.length(Some(self.repartition_sink_topics.len()), true);
        for item in &self.repartition_sink_topics {
            place(
                to.string(item, true),
                "Subtopology",
                "repartition_sink_topics",
            )?;
        }
        to.length(Some(self.state_changelog_topics.len()), true);
        for item in &self.state_changelog_topics {
            item.write(to, version)?;
        }
        to.length(Some(self.repartition_source_topics.len()), true);
        for item in &self.repartition_source_topics {
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
            it.repartition_sink_topics = source.items(|source| source.string());
        }
        if source.sets() {
            it.state_changelog_topics = source.items(|source| TopicInfo::random(source, version));
        }
        if source.sets() {
            it.repartition_source_topics =
                source.items(|source| TopicInfo::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupDescribeResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Member {
    /// Versions 0+.
    pub member_id: String,
    /// Versions 0+.
    pub member_epoch: i32,
    /// Versions 0+, nullable 0+; null by default.
    pub instance_id: Option<String>,
    /// Versions 0+, nullable 0+; null by default.
    pub rack_id: Option<String>,
    /// Versions 0+.
    pub client_id: String,
    /// Versions 0+.
    pub client_host: String,
    /// Versions 0+.
    pub topology_epoch: i32,
    /// Versions 0+.
    pub process_id: String,
    /// Versions 0+, nullable 0+; null by default.
    pub user_endpoint: Option<Endpoint>,
    /// Versions 0+.
    pub client_tags: Vec<KeyValue>,
    /// Versions 0+.
    pub task_offsets: Vec<TaskOffset>,
    /// Versions 0+.
    pub task_end_offsets: Vec<TaskOffset>,
    /// Versions 0+.
    pub assignment: Assignment,
    /// Versions 0+.
    pub target_assignment: Assignment,
    /// Versions 0+.
    pub is_classic: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Member {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.member_id = from.string(true)?;
        it.member_epoch = from.i32()?;
        it.instance_id = from.nullable_string(true)?;
        it.rack_id = from.nullable_string(true)?;
        it.client_id = from.string(true)?;
        it.client_host = from.string(true)?;
        it.topology_epoch = from.i32()?;
        it.process_id = from.string(true)?;
        it.user_endpoint = if from.i8()? < 0 {
            None
        } else {
            Some(Endpoint::read(from, version)?)
        };
        it.client_tags = from.items(true, |from| KeyValue::read(from, version))?;
        it.task_offsets = from.items(true, |from| TaskOffset::read(from, version))?;
        it.task_end_offsets = from.items(true, |from| TaskOffset::read(from, version))?;
        it.assignment = Assignment::read(from, version)?;
        it.target_assignment = Assignment::read(from, version)?;
        it.is_classic = from.bool()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.member_id, true), "Member", "member_id")?;
        to.i32(self.member_epoch);
        place(
            to.nullable_string(self.instance_id.as_deref(), true),
            "Member",
            "instance_id",
        )?;
        place(
            to.nullable_string(self.rack_id.as_deref(), true),
            "Member",
            "rack_id",
        )?;
        place(to.string(&self.client_id, true), "Member", "client_id")?;
        place(to.string(&self.client_host, true), "Member", "client_host")?;
        to.i32(self.topology_epoch);
        place(to.string(&self.process_id, true), "Member", "process_id")?;
        match &self.user_endpoint {
            Some(value) => {
                to.i8(1);
                value.write(to, version)?;
            }
            None => to.i8(-1),
        }
        to.length(Some(self.client_tags.len()), true);
        for item in &self.client_tags {
            item.write(to, version)?;
        }
        to.length(Some(self.task_offsets.len()), true);
        for item in &self.task_offsets {
            item.write(to, version)?;
        }
        to.length(Some(self.task_end_offsets.len()), true);
        for item in &self.task_end_offsets {
            item.write(to, version)?;
        }
        self.assignment.write(to, version)?;
        self.target_assignment.write(to, version)?;
        to.bool(self.is_classic);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Member {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
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
            it.client_id = source.string();
        }
        if source.sets() {
            it.client_host = source.string();
        }
        if source.sets() {
            it.topology_epoch = source.i32();
        }
        if source.sets() {
            it.process_id = source.string();
        }
        if source.sets() {
            it.user_endpoint = source.nullable(true, |source| Endpoint::random(source, version));
        }
        if source.sets() {
            it.client_tags = source.items(|source| KeyValue::random(source, version));
        }
        if source.sets() {
            it.task_offsets = source.items(|source| TaskOffset::random(source, version));
        }
        if source.sets() {
            it.task_end_offsets = source.items(|source| TaskOffset::random(source, version));
        }
        if source.sets() {
            it.assignment = Assignment::random(source, version);
        }
        if source.sets() {
            it.target_assignment = Assignment::random(source, version);
        }
        if source.sets() {
            it.is_classic = source.bool();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupDescribeResponse`], versions 0-1.
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

/// Part of [`StreamsGroupDescribeResponse`], versions 0-1.
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

/// Part of [`StreamsGroupDescribeResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Assignment {
    /// Versions 0+.
    pub active_tasks: Vec<TaskIds>,
    /// Versions 0+.
    pub standby_tasks: Vec<TaskIds>,
    /// Versions 0+.
    pub warmup_tasks: Vec<TaskIds>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Assignment {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.active_tasks = from.items(true, |from| TaskIds::read(from, version))?;
        it.standby_tasks = from.items(true, |from| TaskIds::read(from, version))?;
        it.warmup_tasks = from.items(true, |from| TaskIds::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.active_tasks.len()), true);
        for item in &self.active_tasks {
            item.write(to, version)?;
        }
        to.length(Some(self.standby_tasks.len()), true);
        for item in &self.standby_tasks {
            item.write(to, version)?;
        }
        to.length(Some(self.warmup_tasks.len()), true);
        for item in &self.warmup_tasks {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Assignment {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.active_tasks = source.items(|source| TaskIds::random(source, version));
        }
        if source.sets() {
            it.standby_tasks = source.items(|source| TaskIds::random(source, version));
        }
        if source.sets() {
            it.warmup_tasks = source.items(|source| TaskIds::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupDescribeResponse`], versions 0-1.
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

/// Part of [`StreamsGroupDescribeResponse`], versions 0-1.
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

/// Part of [`StreamsGroupDescribeResponse`], versions 0-1.
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

/// Part of [`StreamsGroupDescribeResponse`], versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopologyDescription {
    /// Versions 1+.
    pub subtopologies: Vec<TopologyDescriptionSubtopology>,
    /// Versions 1+.
    pub global_stores: Vec<TopologyDescriptionGlobalStore>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopologyDescription {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.subtopologies = from.items(true, |from| {
            TopologyDescriptionSubtopology::read(from, version)
        })?;
        it.global_stores = from.items(true, |from| {
            TopologyDescriptionGlobalStore::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.subtopologies.len()), true);
        for item in &self.subtopologies {
            item.write(to, version)?;
        }
        to.length(Some(self.global_stores.len()), true);
        for item in &self.global_stores {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopologyDescription {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.subtopologies =
                source.items(|source| TopologyDescriptionSubtopology::random(source, version));
        }
        if source.sets() {
            it.global_stores =
                source.items(|source| TopologyDescriptionGlobalStore::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupDescribeResponse`], versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopologyDescriptionSubtopology {
    /// Versions 1+.
    pub subtopology_id: String,
    /// Versions 1+.
    pub nodes: Vec<TopologyDescriptionNode>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopologyDescriptionSubtopology {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.subtopology_id = from.string(true)?;
        it.nodes = from.items(true, |from| TopologyDescriptionNode::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.subtopology_id, true),
            "TopologyDescriptionSubtopology",
            "subtopology_id",
        )?;
        to.length(Some(self.nodes.len()), true);
        for item in &self.nodes {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopologyDescriptionSubtopology {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.subtopology_id = source.string();
        }
        if source.sets() {
            it.nodes = source.items(|source| TopologyDescriptionNode::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupDescribeResponse`], versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopologyDescriptionNode {
    /// Versions 1+.
    pub name: String,
    /// Versions 1+.
    pub node_type: i8,
    /// Versions 1+ (`topicName`).
    pub source_topics: Vec<String>,
    /// Versions 1+, nullable 1+; null by default (`topicName`).
    pub sink_topic: Option<String>,
    /// Versions 1+.
    pub stores: Vec<String>,
    /// Versions 1+.
    pub successors: Vec<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopologyDescriptionNode {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.node_type = from.i8()?;
        it.source_topics = from.items(true, |from| from.string(true))?;
        it.sink_topic = from.nullable_string(true)?;
        it.stores = from.items(true, |from| from.string(true))?;
        it.successors = from.items(true, |from| from.string(true))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.name, true),
            "TopologyDescriptionNode",
            "name",
        )?;
        to.i8(self.node_type);
        to.length(Some(self.source_topics.len()), true);
        for item in &self.source_topics {
            place(
                to.string(item, true),
                "TopologyDescriptionNode",
                "source_topics",
            )?;
        }
        place(
            to.nullable_string(self.sink_topic.as_deref(), true),
            "TopologyDescriptionNode",
            "sink_topic",
        )?;
        to.length(Some(self.stores.len()), true);
        for item in &self.stores {
            place(to.string(item, true), "TopologyDescriptionNode", "stores")?;
        }
        to.length(Some(self.successors.len()), true);
        for item in &self.successors {
            place(
                to.string(item, true),
                "TopologyDescriptionNode",
                "successors",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopologyDescriptionNode {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.node_type = source.i8();
        }
        if source.sets() {
            it.source_topics = source.items(|source| source.string());
        }
        if source.sets() {
            it.sink_topic = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.stores = source.items(|source| source.string());
        }
        if source.sets() {
            it.successors = source.items(|source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupDescribeResponse`], versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopologyDescriptionGlobalStore {
    /// Versions 1+.
    pub source: TopologyDescriptionNode,
    /// Versions 1+.
    pub processor: TopologyDescriptionNode,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopologyDescriptionGlobalStore {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.source = TopologyDescriptionNode::read(from, version)?;
        it.processor = TopologyDescriptionNode::read(from, version)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        self.source.write(to, version)?;
        self.processor.write(to, version)?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopologyDescriptionGlobalStore {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.source = TopologyDescriptionNode::random(source, version);
        }
        if source.sets() {
            it.processor = TopologyDescriptionNode::random(source, version);
        }
        it.unknown_tags = source.tags();
        it
    }
}
