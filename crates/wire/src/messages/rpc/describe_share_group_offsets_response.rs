//! `DescribeShareGroupOffsetsResponse`: API key 90, versions 0-1. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeShareGroupOffsetsResponse`: API key 90, versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeShareGroupOffsetsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub groups: Vec<DescribeShareGroupOffsetsResponseGroup>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DescribeShareGroupOffsetsResponse {
    const NAME: &'static str = "DescribeShareGroupOffsetsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.groups = from.items(true, |from| {
            DescribeShareGroupOffsetsResponseGroup::read(from, version)
        })?;
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
impl DescribeShareGroupOffsetsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.groups = source
                .items(|source| DescribeShareGroupOffsetsResponseGroup::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for DescribeShareGroupOffsetsResponse {
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
            for at1 in &at0.topics {
                for at2 in &at1.partitions {
                    to.code(Level::Part, at2.error_code);
                    if at2.error_code != 0 {
                        to.refused(
                            Level::Part,
                            &[
                                ("group", Name::Text(Some(&at0.group_id))),
                                ("topic", Name::Text(Some(&at1.topic_name))),
                                ("topic_id", Name::Id(at1.topic_id)),
                                ("partition", Name::Number(at2.partition_index.into())),
                            ],
                            at2.error_code,
                            at2.error_message.as_deref(),
                        );
                    }
                }
            }
        }
    }
}

impl AmendTexts for DescribeShareGroupOffsetsResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        for at0 in &mut self.groups {
            if at0.error_code == code {
                amend(&mut at0.error_message);
            }
            for at1 in &mut at0.topics {
                for at2 in &mut at1.partitions {
                    if at2.error_code == code {
                        amend(&mut at2.error_message);
                    }
                }
            }
        }
    }
}

/// Part of [`DescribeShareGroupOffsetsResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeShareGroupOffsetsResponseGroup {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub topics: Vec<DescribeShareGroupOffsetsResponseTopic>,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+; null by default.
    pub error_message: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DescribeShareGroupOffsetsResponseGroup {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_id = from.string(true)?;
        it.topics = from.items(true, |from| {
            DescribeShareGroupOffsetsResponseTopic::read(from, version)
        })?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.group_id, true),
            "DescribeShareGroupOffsetsResponseGroup",
            "group_id",
        )?;
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "DescribeShareGroupOffsetsResponseGroup",
            "error_message",
        )?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeShareGroupOffsetsResponseGroup {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.topics = source
                .items(|source| DescribeShareGroupOffsetsResponseTopic::random(source, version));
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`DescribeShareGroupOffsetsResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeShareGroupOffsetsResponseTopic {
    /// Versions 0+ (`topicName`).
    pub topic_name: String,
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<DescribeShareGroupOffsetsResponsePartition>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DescribeShareGroupOffsetsResponseTopic {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_name = from.string(true)?;
        it.topic_id = from.uuid()?;
        it.partitions = from.items(true, |from| {
            DescribeShareGroupOffsetsResponsePartition::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.topic_name, true),
            "DescribeShareGroupOffsetsResponseTopic",
            "topic_name",
        )?;
        to.uuid(self.topic_id);
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeShareGroupOffsetsResponseTopic {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_name = source.string();
        }
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partitions = source.items(|source| {
                DescribeShareGroupOffsetsResponsePartition::random(source, version)
            });
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`DescribeShareGroupOffsetsResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeShareGroupOffsetsResponsePartition {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub start_offset: i64,
    /// Versions 0+.
    pub leader_epoch: i32,
    /// Versions 1+; -1 by default.
    pub lag: i64,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+; null by default.
    pub error_message: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeShareGroupOffsetsResponsePartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            start_offset: 0,
            leader_epoch: 0,
            lag: -1,
            error_code: 0,
            error_message: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DescribeShareGroupOffsetsResponsePartition {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.start_offset = from.i64()?;
        it.leader_epoch = from.i32()?;
        if version >= 1 {
            it.lag = from.i64()?;
        }
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_index);
        to.i64(self.start_offset);
        to.i32(self.leader_epoch);
        if version >= 1 {
            to.i64(self.lag);
        }
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "DescribeShareGroupOffsetsResponsePartition",
            "error_message",
        )?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeShareGroupOffsetsResponsePartition {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.start_offset = source.i64();
        }
        if source.sets() {
            it.leader_epoch = source.i32();
        }
        if version >= 1 && source.sets() {
            it.lag = source.i64();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}
