//! `MetadataResponse`: API key 3, versions 0-13. Written by `cargo xtask codegen`: do not edit.

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

/// `MetadataResponse`: API key 3, versions 0-13.
#[derive(Clone, PartialEq, Debug)]
pub struct MetadataResponse {
    /// Versions 3+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub brokers: Vec<MetadataResponseBroker>,
    /// Versions 2+, nullable 2+; null by default.
    pub cluster_id: Option<String>,
    /// Versions 1+; -1 by default (`brokerId`).
    pub controller_id: i32,
    /// Versions 0+.
    pub topics: Vec<MetadataResponseTopic>,
    /// Versions 8-10; -2147483648 by default.
    pub cluster_authorized_operations: i32,
    /// Versions 13+.
    pub error_code: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for MetadataResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            brokers: Vec::new(),
            cluster_id: None,
            controller_id: -1,
            topics: Vec::new(),
            cluster_authorized_operations: -2147483648,
            error_code: 0,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for MetadataResponse {
    const NAME: &'static str = "MetadataResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=13;
    const FLEXIBLE: Option<i16> = Some(9);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 9;
        let mut it = Self::default();
        if version >= 3 {
            it.throttle_time_ms = from.i32()?;
        }
        it.brokers = from.items(flexible, |from| MetadataResponseBroker::read(from, version))?;
        if version >= 2 {
            it.cluster_id = from.nullable_string(flexible)?;
        }
        if version >= 1 {
            it.controller_id = from.i32()?;
        }
        it.topics = from.items(flexible, |from| MetadataResponseTopic::read(from, version))?;
        if (8..=10).contains(&version) {
            it.cluster_authorized_operations = from.i32()?;
        }
        if version >= 13 {
            it.error_code = from.i16()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 9;
        if version >= 3 {
            to.i32(self.throttle_time_ms);
        }
        to.length(Some(self.brokers.len()), flexible);
        for item in &self.brokers {
            item.write(to, version)?;
        }
        if version >= 2 {
            place(
                to.nullable_string(self.cluster_id.as_deref(), flexible),
                "MetadataResponse",
                "cluster_id",
            )?;
        }
        if version >= 1 {
            to.i32(self.controller_id);
        }
        to.length(Some(self.topics.len()), flexible);
        for item in &self.topics {
            item.write(to, version)?;
        }
        if (8..=10).contains(&version) {
            to.i32(self.cluster_authorized_operations);
        } else {
            place(
                self.cluster_authorized_operations == -2147483648,
                "MetadataResponse",
                "cluster_authorized_operations",
            )?;
        }
        if version >= 13 {
            to.i16(self.error_code);
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "MetadataResponse",
                "unknown_tags",
            )?;
        }
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl MetadataResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 9;
        let mut it = Self::default();
        if version >= 3 && source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.brokers = source.items(|source| MetadataResponseBroker::random(source, version));
        }
        if version >= 2 && source.sets() {
            it.cluster_id = source.nullable(true, |source| source.string());
        }
        if version >= 1 && source.sets() {
            it.controller_id = source.i32();
        }
        if source.sets() {
            it.topics = source.items(|source| MetadataResponseTopic::random(source, version));
        }
        if (8..=10).contains(&version) && source.sets() {
            it.cluster_authorized_operations = source.i32();
        }
        if version >= 13 && source.sets() {
            it.error_code = source.i16();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for MetadataResponse {
    fn failed(version: i16, code: i16) -> Option<Self> {
        (version >= 13).then(|| Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(Level::Answer, &[], self.error_code, None);
        }
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

impl AmendTexts for MetadataResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`MetadataResponse`], versions 0-13.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct MetadataResponseBroker {
    /// Versions 0+ (`brokerId`).
    pub node_id: i32,
    /// Versions 0+.
    pub host: String,
    /// Versions 0+.
    pub port: i32,
    /// Versions 1+, nullable 1+; null by default.
    pub rack: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl MetadataResponseBroker {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 9;
        let mut it = Self::default();
        it.node_id = from.i32()?;
        it.host = from.string(flexible)?;
        it.port = from.i32()?;
        if version >= 1 {
            it.rack = from.nullable_string(flexible)?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 9;
        to.i32(self.node_id);
        place(
            to.string(&self.host, flexible),
            "MetadataResponseBroker",
            "host",
        )?;
        to.i32(self.port);
        if version >= 1 {
            place(
                to.nullable_string(self.rack.as_deref(), flexible),
                "MetadataResponseBroker",
                "rack",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "MetadataResponseBroker",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl MetadataResponseBroker {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 9;
        let mut it = Self::default();
        if source.sets() {
            it.node_id = source.i32();
        }
        if source.sets() {
            it.host = source.string();
        }
        if source.sets() {
            it.port = source.i32();
        }
        if version >= 1 && source.sets() {
            it.rack = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`MetadataResponse`], versions 0-13.
#[derive(Clone, PartialEq, Debug)]
pub struct MetadataResponseTopic {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 12+ (`topicName`).
    pub name: Option<String>,
    /// Versions 10+.
    pub topic_id: Uuid,
    /// Versions 1+; false by default.
    pub is_internal: bool,
    /// Versions 0+.
    pub partitions: Vec<MetadataResponsePartition>,
    /// Versions 8+; -2147483648 by default.
    pub topic_authorized_operations: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for MetadataResponseTopic {
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

impl MetadataResponseTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 9;
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.name = if version >= 12 {
            from.nullable_string(flexible)?
        } else {
            Some(from.string(flexible)?)
        };
        if version >= 10 {
            it.topic_id = from.uuid()?;
        }
        if version >= 1 {
            it.is_internal = from.bool()?;
        }
        it.partitions = from.items(flexible, |from| {
            MetadataResponsePartition::read(from, version)
        })?;
        if version >= 8 {
            it.topic_authorized_operations = from.i32()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 9;
        to.i16(self.error_code);
        place(
            version >= 12 || self.name.is_some(),
            "MetadataResponseTopic",
            "name",
        )?;
        place(
            to.nullable_string(self.name.as_deref(), flexible),
            "MetadataResponseTopic",
            "name",
        )?;
        if version >= 10 {
            to.uuid(self.topic_id);
        }
        if version >= 1 {
            to.bool(self.is_internal);
        }
        to.length(Some(self.partitions.len()), flexible);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        if version >= 8 {
            to.i32(self.topic_authorized_operations);
        } else {
            place(
                self.topic_authorized_operations == -2147483648,
                "MetadataResponseTopic",
                "topic_authorized_operations",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "MetadataResponseTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl MetadataResponseTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 9;
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.name = source.nullable(version >= 12, |source| source.string());
        }
        if version >= 10 && source.sets() {
            it.topic_id = source.uuid();
        }
        if version >= 1 && source.sets() {
            it.is_internal = source.bool();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| MetadataResponsePartition::random(source, version));
        }
        if version >= 8 && source.sets() {
            it.topic_authorized_operations = source.i32();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`MetadataResponse`], versions 0-13.
#[derive(Clone, PartialEq, Debug)]
pub struct MetadataResponsePartition {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+ (`brokerId`).
    pub leader_id: i32,
    /// Versions 7+; -1 by default.
    pub leader_epoch: i32,
    /// Versions 0+ (`brokerId`).
    pub replica_nodes: Vec<i32>,
    /// Versions 0+ (`brokerId`).
    pub isr_nodes: Vec<i32>,
    /// Versions 5+ (`brokerId`).
    pub offline_replicas: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for MetadataResponsePartition {
    fn default() -> Self {
        Self {
            error_code: 0,
            partition_index: 0,
            leader_id: 0,
            leader_epoch: -1,
            replica_nodes: Vec::new(),
            isr_nodes: Vec::new(),
            offline_replicas: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl MetadataResponsePartition {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 9;
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.partition_index = from.i32()?;
        it.leader_id = from.i32()?;
        if version >= 7 {
            it.leader_epoch = from.i32()?;
        }
        it.replica_nodes = from.items(flexible, Reader::i32)?;
        it.isr_nodes = from.items(flexible, Reader::i32)?;
        if version >= 5 {
            it.offline_replicas = from.items(flexible, Reader::i32)?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 9;
        to.i16(self.error_code);
        to.i32(self.partition_index);
        to.i32(self.leader_id);
        if version >= 7 {
            to.i32(self.leader_epoch);
        }
        to.length(Some(self.replica_nodes.len()), flexible);
        for item in &self.replica_nodes {
            to.i32(*item);
        }
        to.length(Some(self.isr_nodes.len()), flexible);
        for item in &self.isr_nodes {
            to.i32(*item);
        }
        if version >= 5 {
            to.length(Some(self.offline_replicas.len()), flexible);
            for item in &self.offline_replicas {
                to.i32(*item);
            }
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "MetadataResponsePartition",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl MetadataResponsePartition {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 9;
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
        if version >= 7 && source.sets() {
            it.leader_epoch = source.i32();
        }
        if source.sets() {
            it.replica_nodes = source.items(|source| source.i32());
        }
        if source.sets() {
            it.isr_nodes = source.items(|source| source.i32());
        }
        if version >= 5 && source.sets() {
            it.offline_replicas = source.items(|source| source.i32());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
