//! `OffsetFetchResponse`: API key 9, versions 1-10. Written by `cargo xtask codegen`: do not edit.

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

/// `OffsetFetchResponse`: API key 9, versions 1-10.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetFetchResponse {
    /// Versions 3+.
    pub throttle_time_ms: i32,
    /// Versions 0-7.
    pub topics: Vec<OffsetFetchResponseTopic>,
    /// Versions 2-7; 0 by default.
    pub error_code: i16,
    /// Versions 8+.
    pub groups: Vec<OffsetFetchResponseGroup>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for OffsetFetchResponse {
    const NAME: &'static str = "OffsetFetchResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=10;
    const FLEXIBLE: Option<i16> = Some(6);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        if version >= 3 {
            it.throttle_time_ms = from.i32()?;
        }
        if version <= 7 {
            it.topics = from.items(flexible, |from| {
                OffsetFetchResponseTopic::read(from, version)
            })?;
        }
        if (2..=7).contains(&version) {
            it.error_code = from.i16()?;
        }
        if version >= 8 {
            it.groups = from.items(true, |from| OffsetFetchResponseGroup::read(from, version))?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        if version >= 3 {
            to.i32(self.throttle_time_ms);
        }
        if version <= 7 {
            to.length(Some(self.topics.len()), flexible);
            for item in &self.topics {
                item.write(to, version)?;
            }
        } else {
            place(self.topics.is_empty(), "OffsetFetchResponse", "topics")?;
        }
        if (2..=7).contains(&version) {
            to.i16(self.error_code);
        }
        if version >= 8 {
            to.length(Some(self.groups.len()), true);
            for item in &self.groups {
                item.write(to, version)?;
            }
        } else {
            place(self.groups.is_empty(), "OffsetFetchResponse", "groups")?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetFetchResponse",
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
impl OffsetFetchResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if version >= 3 && source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if version <= 7 && source.sets() {
            it.topics = source.items(|source| OffsetFetchResponseTopic::random(source, version));
        }
        if (2..=7).contains(&version) && source.sets() {
            it.error_code = source.i16();
        }
        if version >= 8 && source.sets() {
            it.groups = source.items(|source| OffsetFetchResponseGroup::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for OffsetFetchResponse {
    fn failed(version: i16, code: i16) -> Option<Self> {
        ((2..=7).contains(&version)).then(|| Self {
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
            for at1 in &at0.partitions {
                to.code(Level::Part, at1.error_code);
                if at1.error_code != 0 {
                    to.refused(
                        Level::Part,
                        &[
                            ("topic", Name::Text(Some(&at0.name))),
                            ("partition", Name::Number(at1.partition_index.into())),
                        ],
                        at1.error_code,
                        None,
                    );
                }
            }
        }
        for at0 in &self.groups {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[("group", Name::Text(Some(&at0.group_id)))],
                    at0.error_code,
                    None,
                );
            }
            for at1 in &at0.topics {
                for at2 in &at1.partitions {
                    to.code(Level::Part, at2.error_code);
                    if at2.error_code != 0 {
                        to.refused(
                            Level::Part,
                            &[
                                ("group", Name::Text(Some(&at0.group_id))),
                                ("topic", Name::Text(Some(&at1.name))),
                                ("topic_id", Name::Id(at1.topic_id)),
                                ("partition", Name::Number(at2.partition_index.into())),
                            ],
                            at2.error_code,
                            None,
                        );
                    }
                }
            }
        }
    }
}

impl AmendTexts for OffsetFetchResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`OffsetFetchResponse`], versions 1-7.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetFetchResponseTopic {
    /// Versions 0-7 (`topicName`).
    pub name: String,
    /// Versions 0-7.
    pub partitions: Vec<OffsetFetchResponsePartition>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl OffsetFetchResponseTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.partitions = from.items(flexible, |from| {
            OffsetFetchResponsePartition::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        place(
            to.string(&self.name, flexible),
            "OffsetFetchResponseTopic",
            "name",
        )?;
        to.length(Some(self.partitions.len()), flexible);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetFetchResponseTopic",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetFetchResponseTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| OffsetFetchResponsePartition::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`OffsetFetchResponse`], versions 1-7.
#[derive(Clone, PartialEq, Debug)]
pub struct OffsetFetchResponsePartition {
    /// Versions 0-7.
    pub partition_index: i32,
    /// Versions 0-7.
    pub committed_offset: i64,
    /// Versions 5-7; -1 by default.
    pub committed_leader_epoch: i32,
    /// Versions 0-7, nullable 0-7.
    pub metadata: Option<String>,
    /// Versions 0-7.
    pub error_code: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for OffsetFetchResponsePartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(String::new()),
            error_code: 0,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl OffsetFetchResponsePartition {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.committed_offset = from.i64()?;
        if version >= 5 {
            it.committed_leader_epoch = from.i32()?;
        }
        it.metadata = from.nullable_string(flexible)?;
        it.error_code = from.i16()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        to.i32(self.partition_index);
        to.i64(self.committed_offset);
        if version >= 5 {
            to.i32(self.committed_leader_epoch);
        }
        place(
            to.nullable_string(self.metadata.as_deref(), flexible),
            "OffsetFetchResponsePartition",
            "metadata",
        )?;
        to.i16(self.error_code);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "OffsetFetchResponsePartition",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetFetchResponsePartition {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.committed_offset = source.i64();
        }
        if version >= 5 && source.sets() {
            it.committed_leader_epoch = source.i32();
        }
        if source.sets() {
            it.metadata = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`OffsetFetchResponse`], versions 8-10.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetFetchResponseGroup {
    /// Versions 8+ (`groupId`).
    pub group_id: String,
    /// Versions 8+.
    pub topics: Vec<OffsetFetchResponseTopics>,
    /// Versions 8+; 0 by default.
    pub error_code: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl OffsetFetchResponseGroup {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(true)?;
        it.topics = from.items(true, |from| OffsetFetchResponseTopics::read(from, version))?;
        it.error_code = from.i16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, true),
            "OffsetFetchResponseGroup",
            "group_id",
        )?;
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.i16(self.error_code);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetFetchResponseGroup {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.topics = source.items(|source| OffsetFetchResponseTopics::random(source, version));
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`OffsetFetchResponse`], versions 8-10.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OffsetFetchResponseTopics {
    /// Versions 8-9 (`topicName`).
    pub name: String,
    /// Versions 10+.
    pub topic_id: Uuid,
    /// Versions 8+.
    pub partitions: Vec<OffsetFetchResponsePartitions>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl OffsetFetchResponseTopics {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        if version <= 9 {
            it.name = from.string(true)?;
        }
        if version >= 10 {
            it.topic_id = from.uuid()?;
        }
        it.partitions = from.items(true, |from| {
            OffsetFetchResponsePartitions::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        if version <= 9 {
            place(
                to.string(&self.name, true),
                "OffsetFetchResponseTopics",
                "name",
            )?;
        }
        if version >= 10 {
            to.uuid(self.topic_id);
        }
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetFetchResponseTopics {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if version <= 9 && source.sets() {
            it.name = source.string();
        }
        if version >= 10 && source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partitions =
                source.items(|source| OffsetFetchResponsePartitions::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`OffsetFetchResponse`], versions 8-10.
#[derive(Clone, PartialEq, Debug)]
pub struct OffsetFetchResponsePartitions {
    /// Versions 8+.
    pub partition_index: i32,
    /// Versions 8+.
    pub committed_offset: i64,
    /// Versions 8+; -1 by default.
    pub committed_leader_epoch: i32,
    /// Versions 8+, nullable 8+.
    pub metadata: Option<String>,
    /// Versions 8+.
    pub error_code: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for OffsetFetchResponsePartitions {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(String::new()),
            error_code: 0,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl OffsetFetchResponsePartitions {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.committed_offset = from.i64()?;
        it.committed_leader_epoch = from.i32()?;
        it.metadata = from.nullable_string(true)?;
        it.error_code = from.i16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.i64(self.committed_offset);
        to.i32(self.committed_leader_epoch);
        place(
            to.nullable_string(self.metadata.as_deref(), true),
            "OffsetFetchResponsePartitions",
            "metadata",
        )?;
        to.i16(self.error_code);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl OffsetFetchResponsePartitions {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.committed_offset = source.i64();
        }
        if source.sets() {
            it.committed_leader_epoch = source.i32();
        }
        if source.sets() {
            it.metadata = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        it.unknown_tags = source.tags();
        it
    }
}
