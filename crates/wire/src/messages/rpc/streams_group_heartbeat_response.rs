//! `StreamsGroupHeartbeatResponse`: API key 88, versions 0-1. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
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

/// `StreamsGroupHeartbeatResponse`: API key 88, versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct StreamsGroupHeartbeatResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+; null by default.
    pub error_message: Option<String>,
    /// Versions 0+.
    pub member_id: String,
    /// Versions 0+.
    pub member_epoch: i32,
    /// Versions 0+.
    pub heartbeat_interval_ms: i32,
    /// Versions 0.
    pub acceptable_recovery_lag_legacy: i32,
    /// Versions 0+.
    pub task_offset_interval_ms: i32,
    /// Versions 1+; -1 by default.
    pub acceptable_recovery_lag: i64,
    /// Versions 0+, nullable 0+.
    pub status: Option<Vec<Status>>,
    /// Versions 0+, nullable 0+; null by default.
    pub active_tasks: Option<Vec<TaskIds>>,
    /// Versions 0+, nullable 0+; null by default.
    pub standby_tasks: Option<Vec<TaskIds>>,
    /// Versions 0+, nullable 0+; null by default.
    pub warmup_tasks: Option<Vec<TaskIds>>,
    /// Versions 1+; false by default.
    pub topology_description_required: bool,
    /// Versions 0+.
    pub endpoint_information_epoch: i32,
    /// Versions 0+, nullable 0+; null by default.
    pub partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for StreamsGroupHeartbeatResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: None,
            member_id: String::new(),
            member_epoch: 0,
            heartbeat_interval_ms: 0,
            acceptable_recovery_lag_legacy: 0,
            task_offset_interval_ms: 0,
            acceptable_recovery_lag: -1,
            status: Some(Vec::new()),
            active_tasks: None,
            standby_tasks: None,
            warmup_tasks: None,
            topology_description_required: false,
            endpoint_information_epoch: 0,
            partitions_by_user_endpoint: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for StreamsGroupHeartbeatResponse {
    const NAME: &'static str = "StreamsGroupHeartbeatResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        it.member_id = from.string(true)?;
        it.member_epoch = from.i32()?;
        it.heartbeat_interval_ms = from.i32()?;
        if version <= 0 {
            it.acceptable_recovery_lag_legacy = from.i32()?;
        }
        it.task_offset_interval_ms = from.i32()?;
        if version >= 1 {
            it.acceptable_recovery_lag = from.i64()?;
        }
        it.status = from.nullable_items(true, |from| Status::read(from, version))?;
        it.active_tasks = from.nullable_items(true, |from| TaskIds::read(from, version))?;
        it.standby_tasks = from.nullable_items(true, |from| TaskIds::read(from, version))?;
        it.warmup_tasks = from.nullable_items(true, |from| TaskIds::read(from, version))?;
        if version >= 1 {
            it.topology_description_required = from.bool()?;
        }
        it.endpoint_information_epoch = from.i32()?;
        it.partitions_by_user_endpoint =
            from.nullable_items(true, |from| EndpointToPartitions::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "StreamsGroupHeartbeatResponse",
            "error_message",
        )?;
        place(
            to.string(&self.member_id, true),
            "StreamsGroupHeartbeatResponse",
            "member_id",
        )?;
        to.i32(self.member_epoch);
        to.i32(self.heartbeat_interval_ms);
        if version <= 0 {
            to.i32(self.acceptable_recovery_lag_legacy);
        } else {
            place(
                self.acceptable_recovery_lag_legacy == 0,
                "StreamsGroupHeartbeatResponse",
                "acceptable_recovery_lag_legacy",
            )?;
        }
        to.i32(self.task_offset_interval_ms);
        if version >= 1 {
            to.i64(self.acceptable_recovery_lag);
        }
        to.length(self.status.as_ref().map(Vec::len), true);
        for item in self.status.iter().flatten() {
            item.write(to, version)?;
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
        if version >= 1 {
            to.bool(self.topology_description_required);
        } else {
            place(
                !self.topology_description_required,
                "StreamsGroupHeartbeatResponse",
                "topology_description_required",
            )?;
        }
        to.i32(self.endpoint_information_epoch);
        to.length(
            self.partitions_by_user_endpoint.as_ref().map(Vec::len),
            true,
        );
        for item in self.partitions_by_user_endpoint.iter().flatten() {
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
impl StreamsGroupHeartbeatResponse {
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
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.member_id = source.string();
        }
        if source.sets() {
            it.member_epoch = source.i32();
        }
        if source.sets() {
            it.heartbeat_interval_ms = source.i32();
        }
        if version <= 0 && source.sets() {
            it.acceptable_recovery_lag_legacy = source.i32();
        }
        if source.sets() {
            it.task_offset_interval_ms = source.i32();
        }
        if version >= 1 && source.sets() {
            it.acceptable_recovery_lag = source.i64();
        }
        if source.sets() {
            it.status = source.nullable(true, |source| {
                source.items(|source| Status::random(source, version))
            });
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
        if version >= 1 && source.sets() {
            it.topology_description_required = source.bool();
        }
        if source.sets() {
            it.endpoint_information_epoch = source.i32();
        }
        if source.sets() {
            it.partitions_by_user_endpoint = source.nullable(true, |source| {
                source.items(|source| EndpointToPartitions::random(source, version))
            });
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for StreamsGroupHeartbeatResponse {
    fn failed(_version: i16, code: i16) -> Option<Self> {
        Some(Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(
                Level::Answer,
                &[],
                self.error_code,
                self.error_message.as_deref(),
            );
        }
    }
}

impl AmendTexts for StreamsGroupHeartbeatResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        if self.error_code == code {
            amend(&mut self.error_message);
        }
    }
}

/// Part of [`StreamsGroupHeartbeatResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EndpointToPartitions {
    /// Versions 0+.
    pub user_endpoint: Endpoint,
    /// Versions 0+.
    pub active_partitions: Vec<TopicPartition>,
    /// Versions 0+.
    pub standby_partitions: Vec<TopicPartition>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl EndpointToPartitions {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.user_endpoint = Endpoint::read(from, version)?;
        it.active_partitions = from.items(true, |from| TopicPartition::read(from, version))?;
        it.standby_partitions = from.items(true, |from| TopicPartition::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        self.user_endpoint.write(to, version)?;
        to.length(Some(self.active_partitions.len()), true);
        for item in &self.active_partitions {
            item.write(to, version)?;
        }
        to.length(Some(self.standby_partitions.len()), true);
        for item in &self.standby_partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl EndpointToPartitions {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.user_endpoint = Endpoint::random(source, version);
        }
        if source.sets() {
            it.active_partitions = source.items(|source| TopicPartition::random(source, version));
        }
        if source.sets() {
            it.standby_partitions = source.items(|source| TopicPartition::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupHeartbeatResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Status {
    /// Versions 0+.
    pub status_code: i8,
    /// Versions 0+.
    pub status_detail: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Status {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.status_code = from.i8()?;
        it.status_detail = from.string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i8(self.status_code);
        place(
            to.string(&self.status_detail, true),
            "Status",
            "status_detail",
        )?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Status {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.status_code = source.i8();
        }
        if source.sets() {
            it.status_detail = source.string();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupHeartbeatResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicPartition {
    /// Versions 0+ (`topicName`).
    pub topic: String,
    /// Versions 0+.
    pub partitions: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicPartition {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic = from.string(true)?;
        it.partitions = from.items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.topic, true), "TopicPartition", "topic")?;
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            to.i32(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicPartition {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| source.i32());
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupHeartbeatResponse`], versions 0-1.
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

/// Part of [`StreamsGroupHeartbeatResponse`], versions 0-1.
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
