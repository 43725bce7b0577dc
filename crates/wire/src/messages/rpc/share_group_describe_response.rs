//! `ShareGroupDescribeResponse`: API key 77, versions 1. Written by `cargo xtask codegen`: do not edit.

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

/// `ShareGroupDescribeResponse`: API key 77, versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ShareGroupDescribeResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub groups: Vec<DescribedGroup>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ShareGroupDescribeResponse {
    const NAME: &'static str = "ShareGroupDescribeResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=1;
    const FLEXIBLE: Option<i16> = Some(1);

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
impl ShareGroupDescribeResponse {
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

impl ErrorCodes for ShareGroupDescribeResponse {
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

impl AmendTexts for ShareGroupDescribeResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        for at0 in &mut self.groups {
            if at0.error_code == code {
                amend(&mut at0.error_message);
            }
        }
    }
}

/// Part of [`ShareGroupDescribeResponse`], versions 1.
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
    /// Versions 0+.
    pub assignor_name: String,
    /// Versions 0+.
    pub members: Vec<Member>,
    /// Versions 0+; -2147483648 by default.
    pub authorized_operations: i32,
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
            assignor_name: String::new(),
            members: Vec::new(),
            authorized_operations: -2147483648,
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
        it.assignor_name = from.string(true)?;
        it.members = from.items(true, |from| Member::read(from, version))?;
        it.authorized_operations = from.i32()?;
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
        place(
            to.string(&self.assignor_name, true),
            "DescribedGroup",
            "assignor_name",
        )?;
        to.length(Some(self.members.len()), true);
        for item in &self.members {
            item.write(to, version)?;
        }
        to.i32(self.authorized_operations);
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
            it.assignor_name = source.string();
        }
        if source.sets() {
            it.members = source.items(|source| Member::random(source, version));
        }
        if source.sets() {
            it.authorized_operations = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ShareGroupDescribeResponse`], versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Member {
    /// Versions 0+.
    pub member_id: String,
    /// Versions 0+, nullable 0+; null by default.
    pub rack_id: Option<String>,
    /// Versions 0+.
    pub member_epoch: i32,
    /// Versions 0+.
    pub client_id: String,
    /// Versions 0+.
    pub client_host: String,
    /// Versions 0+ (`topicName`).
    pub subscribed_topic_names: Vec<String>,
    /// Versions 0+.
    pub assignment: Assignment,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Member {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.member_id = from.string(true)?;
        it.rack_id = from.nullable_string(true)?;
        it.member_epoch = from.i32()?;
        it.client_id = from.string(true)?;
        it.client_host = from.string(true)?;
        it.subscribed_topic_names = from.items(true, |from| from.string(true))?;
        it.assignment = Assignment::read(from, version)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.member_id, true), "Member", "member_id")?;
        place(
            to.nullable_string(self.rack_id.as_deref(), true),
            "Member",
            "rack_id",
        )?;
        to.i32(self.member_epoch);
        place(to.string(&self.client_id, true), "Member", "client_id")?;
        place(to.string(&self.client_host, true), "Member", "client_host")?;
        to.length(Some(self.subscribed_topic_names.len()), true);
        for item in &self.subscribed_topic_names {
            place(to.string(item, true), "Member", "subscribed_topic_names")?;
        }
        self.assignment.write(to, version)?;
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
            it.rack_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.member_epoch = source.i32();
        }
        if source.sets() {
            it.client_id = source.string();
        }
        if source.sets() {
            it.client_host = source.string();
        }
        if source.sets() {
            it.subscribed_topic_names = source.items(|source| source.string());
        }
        if source.sets() {
            it.assignment = Assignment::random(source, version);
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ShareGroupDescribeResponse`], versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicPartitions {
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+ (`topicName`).
    pub topic_name: String,
    /// Versions 0+.
    pub partitions: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicPartitions {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_id = from.uuid()?;
        it.topic_name = from.string(true)?;
        it.partitions = from.items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.uuid(self.topic_id);
        place(
            to.string(&self.topic_name, true),
            "TopicPartitions",
            "topic_name",
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
impl TopicPartitions {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.topic_name = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| source.i32());
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ShareGroupDescribeResponse`], versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Assignment {
    /// Versions 0+.
    pub topic_partitions: Vec<TopicPartitions>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Assignment {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_partitions = from.items(true, |from| TopicPartitions::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.topic_partitions.len()), true);
        for item in &self.topic_partitions {
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
            it.topic_partitions = source.items(|source| TopicPartitions::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}
