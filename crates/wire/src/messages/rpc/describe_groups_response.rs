//! `DescribeGroupsResponse`: API key 15, versions 0-6. Written by `cargo xtask codegen`: do not edit.

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
use bytes::Bytes;

/// `DescribeGroupsResponse`: API key 15, versions 0-6.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeGroupsResponse {
    /// Versions 1+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub groups: Vec<DescribedGroup>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DescribeGroupsResponse {
    const NAME: &'static str = "DescribeGroupsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=6;
    const FLEXIBLE: Option<i16> = Some(5);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 5;
        let mut it = Self::default();
        if version >= 1 {
            it.throttle_time_ms = from.i32()?;
        }
        it.groups = from.items(flexible, |from| DescribedGroup::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 5;
        if version >= 1 {
            to.i32(self.throttle_time_ms);
        }
        to.length(Some(self.groups.len()), flexible);
        for item in &self.groups {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeGroupsResponse",
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
impl DescribeGroupsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 5;
        let mut it = Self::default();
        if version >= 1 && source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.groups = source.items(|source| DescribedGroup::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for DescribeGroupsResponse {
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

impl AmendTexts for DescribeGroupsResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        for at0 in &mut self.groups {
            if at0.error_code == code {
                amend(&mut at0.error_message);
            }
        }
    }
}

/// Part of [`DescribeGroupsResponse`], versions 0-6.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribedGroup {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 6+, nullable 6+; null by default.
    pub error_message: Option<String>,
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub group_state: String,
    /// Versions 0+.
    pub protocol_type: String,
    /// Versions 0+.
    pub protocol_data: String,
    /// Versions 0+.
    pub members: Vec<DescribedGroupMember>,
    /// Versions 3+; -2147483648 by default.
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
            protocol_type: String::new(),
            protocol_data: String::new(),
            members: Vec::new(),
            authorized_operations: -2147483648,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DescribedGroup {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 5;
        let mut it = Self::default();
        it.error_code = from.i16()?;
        if version >= 6 {
            it.error_message = from.nullable_string(true)?;
        }
        it.group_id = from.string(flexible)?;
        it.group_state = from.string(flexible)?;
        it.protocol_type = from.string(flexible)?;
        it.protocol_data = from.string(flexible)?;
        it.members = from.items(flexible, |from| DescribedGroupMember::read(from, version))?;
        if version >= 3 {
            it.authorized_operations = from.i32()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 5;
        to.i16(self.error_code);
        if version >= 6 {
            place(
                to.nullable_string(self.error_message.as_deref(), true),
                "DescribedGroup",
                "error_message",
            )?;
        } else {
            place(
                self.error_message.is_none(),
                "DescribedGroup",
                "error_message",
            )?;
        }
        place(
            to.string(&self.group_id, flexible),
            "DescribedGroup",
            "group_id",
        )?;
        place(
            to.string(&self.group_state, flexible),
            "DescribedGroup",
            "group_state",
        )?;
        place(
            to.string(&self.protocol_type, flexible),
            "DescribedGroup",
            "protocol_type",
        )?;
        place(
            to.string(&self.protocol_data, flexible),
            "DescribedGroup",
            "protocol_data",
        )?;
        to.length(Some(self.members.len()), flexible);
        for item in &self.members {
            item.write(to, version)?;
        }
        if version >= 3 {
            to.i32(self.authorized_operations);
        } else {
            place(
                self.authorized_operations == -2147483648,
                "DescribedGroup",
                "authorized_operations",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribedGroup",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribedGroup {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 5;
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if version >= 6 && source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.group_state = source.string();
        }
        if source.sets() {
            it.protocol_type = source.string();
        }
        if source.sets() {
            it.protocol_data = source.string();
        }
        if source.sets() {
            it.members = source.items(|source| DescribedGroupMember::random(source, version));
        }
        if version >= 3 && source.sets() {
            it.authorized_operations = source.i32();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`DescribeGroupsResponse`], versions 0-6.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribedGroupMember {
    /// Versions 0+.
    pub member_id: String,
    /// Versions 4+, nullable 4+; null by default.
    pub group_instance_id: Option<String>,
    /// Versions 0+.
    pub client_id: String,
    /// Versions 0+.
    pub client_host: String,
    /// Versions 0+.
    pub member_metadata: Bytes,
    /// Versions 0+.
    pub member_assignment: Bytes,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DescribedGroupMember {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 5;
        let mut it = Self::default();
        it.member_id = from.string(flexible)?;
        if version >= 4 {
            it.group_instance_id = from.nullable_string(flexible)?;
        }
        it.client_id = from.string(flexible)?;
        it.client_host = from.string(flexible)?;
        it.member_metadata = from.bytes(flexible)?;
        it.member_assignment = from.bytes(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 5;
        place(
            to.string(&self.member_id, flexible),
            "DescribedGroupMember",
            "member_id",
        )?;
        if version >= 4 {
            place(
                to.nullable_string(self.group_instance_id.as_deref(), flexible),
                "DescribedGroupMember",
                "group_instance_id",
            )?;
        }
        place(
            to.string(&self.client_id, flexible),
            "DescribedGroupMember",
            "client_id",
        )?;
        place(
            to.string(&self.client_host, flexible),
            "DescribedGroupMember",
            "client_host",
        )?;
        to.bytes(&self.member_metadata, flexible);
        to.bytes(&self.member_assignment, flexible);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribedGroupMember",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribedGroupMember {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 5;
        let mut it = Self::default();
        if source.sets() {
            it.member_id = source.string();
        }
        if version >= 4 && source.sets() {
            it.group_instance_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.client_id = source.string();
        }
        if source.sets() {
            it.client_host = source.string();
        }
        if source.sets() {
            it.member_metadata = source.bytes();
        }
        if source.sets() {
            it.member_assignment = source.bytes();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
