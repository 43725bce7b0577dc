//! `DescribeQuorumResponse`: API key 55, versions 0-2. Written by `cargo xtask codegen`: do not edit.

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
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `DescribeQuorumResponse`: API key 55, versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeQuorumResponse {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 2+, nullable 2+.
    pub error_message: Option<String>,
    /// Versions 0+.
    pub topics: Vec<TopicData>,
    /// Versions 2+.
    pub nodes: Vec<Node>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeQuorumResponse {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(String::new()),
            topics: Vec::new(),
            nodes: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for DescribeQuorumResponse {
    const NAME: &'static str = "DescribeQuorumResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=2;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.error_code = from.i16()?;
        if version >= 2 {
            it.error_message = from.nullable_string(true)?;
        }
        it.topics = from.items(true, |from| TopicData::read(from, version))?;
        if version >= 2 {
            it.nodes = from.items(true, |from| Node::read(from, version))?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i16(self.error_code);
        if version >= 2 {
            place(
                to.nullable_string(self.error_message.as_deref(), true),
                "DescribeQuorumResponse",
                "error_message",
            )?;
        }
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        if version >= 2 {
            to.length(Some(self.nodes.len()), true);
            for item in &self.nodes {
                item.write(to, version)?;
            }
        } else {
            place(self.nodes.is_empty(), "DescribeQuorumResponse", "nodes")?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeQuorumResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if version >= 2 && source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.topics = source.items(|source| TopicData::random(source, version));
        }
        if version >= 2 && source.sets() {
            it.nodes = source.items(|source| Node::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for DescribeQuorumResponse {
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
        for at0 in &self.topics {
            for at1 in &at0.partitions {
                to.code(Level::Part, at1.error_code);
                if at1.error_code != 0 {
                    to.refused(
                        Level::Part,
                        &[
                            ("topic", Name::Text(Some(&at0.topic_name))),
                            ("partition", Name::Number(at1.partition_index.into())),
                        ],
                        at1.error_code,
                        at1.error_message.as_deref(),
                    );
                }
            }
        }
    }
}

impl AmendTexts for DescribeQuorumResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        if self.error_code == code {
            amend(&mut self.error_message);
        }
        for at0 in &mut self.topics {
            for at1 in &mut at0.partitions {
                if at1.error_code == code {
                    amend(&mut at1.error_message);
                }
            }
        }
    }
}

/// Part of [`DescribeQuorumResponse`], versions 0-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicData {
    /// Versions 0+ (`topicName`).
    pub topic_name: String,
    /// Versions 0+.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_name = from.string(true)?;
        it.partitions = from.items(true, |from| PartitionData::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.topic_name, true), "TopicData", "topic_name")?;
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
            it.topic_name = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| PartitionData::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`DescribeQuorumResponse`], versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionData {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 2+, nullable 2+.
    pub error_message: Option<String>,
    /// Versions 0+ (`brokerId`).
    pub leader_id: i32,
    /// Versions 0+.
    pub leader_epoch: i32,
    /// Versions 0+.
    pub high_watermark: i64,
    /// Versions 0+.
    pub current_voters: Vec<ReplicaState>,
    /// Versions 0+.
    pub observers: Vec<ReplicaState>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: 0,
            error_message: Some(String::new()),
            leader_id: 0,
            leader_epoch: 0,
            high_watermark: 0,
            current_voters: Vec::new(),
            observers: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl PartitionData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.error_code = from.i16()?;
        if version >= 2 {
            it.error_message = from.nullable_string(true)?;
        }
        it.leader_id = from.i32()?;
        it.leader_epoch = from.i32()?;
        it.high_watermark = from.i64()?;
        it.current_voters = from.items(true, |from| ReplicaState::read(from, version))?;
        it.observers = from.items(true, |from| ReplicaState::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.i16(self.error_code);
        if version >= 2 {
            place(
                to.nullable_string(self.error_message.as_deref(), true),
                "PartitionData",
                "error_message",
            )?;
        }
        to.i32(self.leader_id);
        to.i32(self.leader_epoch);
        to.i64(self.high_watermark);
        to.length(Some(self.current_voters.len()), true);
        for item in &self.current_voters {
            item.write(to, version)?;
        }
        to.length(Some(self.observers.len()), true);
        for item in &self.observers {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if version >= 2 && source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.leader_id = source.i32();
        }
        if source.sets() {
            it.leader_epoch = source.i32();
        }
        if source.sets() {
            it.high_watermark = source.i64();
        }
        if source.sets() {
            it.current_voters = source.items(|source| ReplicaState::random(source, version));
        }
        if source.sets() {
            it.observers = source.items(|source| ReplicaState::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`DescribeQuorumResponse`], versions 2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Node {
    /// Versions 2+ (`brokerId`).
    pub node_id: i32,
    /// Versions 2+.
    pub listeners: Vec<Listener>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Node {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.node_id = from.i32()?;
        it.listeners = from.items(true, |from| Listener::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.node_id);
        to.length(Some(self.listeners.len()), true);
        for item in &self.listeners {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Node {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.node_id = source.i32();
        }
        if source.sets() {
            it.listeners = source.items(|source| Listener::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`DescribeQuorumResponse`], versions 2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Listener {
    /// Versions 2+.
    pub name: String,
    /// Versions 2+.
    pub host: String,
    /// Versions 2+.
    pub port: u16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Listener {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.host = from.string(true)?;
        it.port = from.u16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "Listener", "name")?;
        place(to.string(&self.host, true), "Listener", "host")?;
        to.u16(self.port);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Listener {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
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

/// Part of [`DescribeQuorumResponse`], versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct ReplicaState {
    /// Versions 0+ (`brokerId`).
    pub replica_id: i32,
    /// Versions 2+.
    pub replica_directory_id: Uuid,
    /// Versions 0+.
    pub log_end_offset: i64,
    /// Versions 1+; -1 by default.
    pub last_fetch_timestamp: i64,
    /// Versions 1+; -1 by default.
    pub last_caught_up_timestamp: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self {
            replica_id: 0,
            replica_directory_id: Uuid::ZERO,
            log_end_offset: 0,
            last_fetch_timestamp: -1,
            last_caught_up_timestamp: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl ReplicaState {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.replica_id = from.i32()?;
        if version >= 2 {
            it.replica_directory_id = from.uuid()?;
        }
        it.log_end_offset = from.i64()?;
        if version >= 1 {
            it.last_fetch_timestamp = from.i64()?;
        }
        if version >= 1 {
            it.last_caught_up_timestamp = from.i64()?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.replica_id);
        if version >= 2 {
            to.uuid(self.replica_directory_id);
        } else {
            place(
                self.replica_directory_id.is_zero(),
                "ReplicaState",
                "replica_directory_id",
            )?;
        }
        to.i64(self.log_end_offset);
        if version >= 1 {
            to.i64(self.last_fetch_timestamp);
        }
        if version >= 1 {
            to.i64(self.last_caught_up_timestamp);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ReplicaState {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.replica_id = source.i32();
        }
        if version >= 2 && source.sets() {
            it.replica_directory_id = source.uuid();
        }
        if source.sets() {
            it.log_end_offset = source.i64();
        }
        if version >= 1 && source.sets() {
            it.last_fetch_timestamp = source.i64();
        }
        if version >= 1 && source.sets() {
            it.last_caught_up_timestamp = source.i64();
        }
        it.unknown_tags = source.tags();
        it
    }
}
