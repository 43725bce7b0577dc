//! `DescribeTopicPartitionsResponse`: API key 75, versions 0. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeTopicPartitionsResponse`: API key 75, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeTopicPartitionsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub topics: Vec<DescribeTopicPartitionsResponseTopic>,
    /// Versions 0+, nullable 0+; null by default.
    pub next_cursor: Option<Cursor>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DescribeTopicPartitionsResponse {
    const NAME: &'static str = "DescribeTopicPartitionsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.topics = from.items(true, |from| {
            DescribeTopicPartitionsResponseTopic::read(from, version)
        })?;
        it.next_cursor = if from.i8()? < 0 {
            None
        } else {
            Some(Cursor::read(from, version)?)
        };
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        match &self.next_cursor {
            Some(value) => {
                to.i8(1);
                value.write(to, version)?;
            }
            None => to.i8(-1),
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeTopicPartitionsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.topics = source
                .items(|source| DescribeTopicPartitionsResponseTopic::random(source, version));
        }
        if source.sets() {
            it.next_cursor = source.nullable(true, |source| Cursor::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for DescribeTopicPartitionsResponse {
    fn failed(_version: i16, _code: i16) -> Option<Self> {
        None
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        for at0 in &self.topics {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[
                        ("topic", Name::Text(at0.name.as_deref())),
                        ("topic_id", Name::Id(at0.topic_id)),
                    ],
                    at0.error_code,
                    None,
                );
            }
            for at1 in &at0.partitions {
                to.code(Level::Part, at1.error_code);
                if at1.error_code != 0 {
                    to.refused(
                        Level::Part,
                        &[
                            ("topic", Name::Text(at0.name.as_deref())),
                            ("topic_id", Name::Id(at0.topic_id)),
                            ("partition", Name::Number(at1.partition_index.into())),
                        ],
                        at1.error_code,
                        None,
                    );
                }
            }
        }
    }
}

impl AmendTexts for DescribeTopicPartitionsResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`DescribeTopicPartitionsResponse`], versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeTopicPartitionsResponseTopic {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+ (`topicName`).
    pub name: Option<String>,
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+; false by default.
    pub is_internal: bool,
    /// Versions 0+.
    pub partitions: Vec<DescribeTopicPartitionsResponsePartition>,
    /// Versions 0+; -2147483648 by default.
    pub topic_authorized_operations: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeTopicPartitionsResponseTopic {
    fn default() -> Self {
        Self {
            error_code: 0,
            name: Some(String::new()),
            topic_id: Uuid::ZERO,
            is_internal: false,
            partitions: Vec::new(),
            topic_authorized_operations: -2147483648,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DescribeTopicPartitionsResponseTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.name = from.nullable_string(true)?;
        it.topic_id = from.uuid()?;
        it.is_internal = from.bool()?;
        it.partitions = from.items(true, |from| {
            DescribeTopicPartitionsResponsePartition::read(from, version)
        })?;
        it.topic_authorized_operations = from.i32()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i16(self.error_code);
        place(
            to.nullable_string(self.name.as_deref(), true),
            "DescribeTopicPartitionsResponseTopic",
            "name",
        )?;
        to.uuid(self.topic_id);
        to.bool(self.is_internal);
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        to.i32(self.topic_authorized_operations);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeTopicPartitionsResponseTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.name = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.is_internal = source.bool();
        }
        if source.sets() {
            it.partitions = source
                .items(|source| DescribeTopicPartitionsResponsePartition::random(source, version));
        }
        if source.sets() {
            it.topic_authorized_operations = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`DescribeTopicPartitionsResponse`], versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeTopicPartitionsResponsePartition {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+ (`brokerId`).
    pub leader_id: i32,
    /// Versions 0+; -1 by default.
    pub leader_epoch: i32,
    /// Versions 0+ (`brokerId`).
    pub replica_nodes: Vec<i32>,
    /// Versions 0+ (`brokerId`).
    pub isr_nodes: Vec<i32>,
    /// Versions 0+, nullable 0+; null by default (`brokerId`).
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// Versions 0+, nullable 0+; null by default (`brokerId`).
    pub last_known_elr: Option<Vec<i32>>,
    /// Versions 0+ (`brokerId`).
    pub offline_replicas: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeTopicPartitionsResponsePartition {
    fn default() -> Self {
        Self {
            error_code: 0,
            partition_index: 0,
            leader_id: 0,
            leader_epoch: -1,
            replica_nodes: Vec::new(),
            isr_nodes: Vec::new(),
            eligible_leader_replicas: None,
            last_known_elr: None,
            offline_replicas: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DescribeTopicPartitionsResponsePartition {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.partition_index = from.i32()?;
        it.leader_id = from.i32()?;
        it.leader_epoch = from.i32()?;
        it.replica_nodes = from.items(true, Reader::i32)?;
        it.isr_nodes = from.items(true, Reader::i32)?;
        it.eligible_leader_replicas = from.nullable_items(true, Reader::i32)?;
        it.last_known_elr = from.nullable_items(true, Reader::i32)?;
        it.offline_replicas = from.items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i16(self.error_code);
        to.i32(self.partition_index);
        to.i32(self.leader_id);
        to.i32(self.leader_epoch);
        to.length(Some(self.replica_nodes.len()), true);
        for item in &self.replica_nodes {
            to.i32(*item);
        }
        to.length(Some(self.isr_nodes.len()), true);
        for item in &self.isr_nodes {
            to.i32(*item);
        }
        to.length(self.eligible_leader_replicas.as_ref().map(Vec::len), true);
        for item in self.eligible_leader_replicas.iter().flatten() {
            to.i32(*item);
        }
        to.length(self.last_known_elr.as_ref().map(Vec::len), true);
        for item in self.last_known_elr.iter().flatten() {
            to.i32(*item);
        }
        to.length(Some(self.offline_replicas.len()), true);
        for item in &self.offline_replicas {
            to.i32(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeTopicPartitionsResponsePartition {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.leader_id = source.i32();
        }
        if source.sets() {
            it.leader_epoch = source.i32();
        }
        if source.sets() {
            it.replica_nodes = source.items(|source| source.i32());
        }
        if source.sets() {
            it.isr_nodes = source.items(|source| source.i32());
        }
        if source.sets() {
            it.eligible_leader_replicas =
                source.nullable(true, |source| source.items(|source| source.i32()));
        }
        if source.sets() {
            it.last_known_elr = source.nullable(true, |source| source.items(|source| source.i32()));
        }
        if source.sets() {
            it.offline_replicas = source.items(|source| source.i32());
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`DescribeTopicPartitionsResponse`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Cursor {
    /// Versions 0+ (`topicName`).
    pub topic_name: String,
    /// Versions 0+.
    pub partition_index: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Cursor {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_name = from.string(true)?;
        it.partition_index = from.i32()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.topic_name, true), "Cursor", "topic_name")?;
        to.i32(self.partition_index);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Cursor {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_name = source.string();
        }
        if source.sets() {
            it.partition_index = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}
