//! `JoinGroupResponse`: API key 11, versions 0-9. Written by `cargo xtask codegen`: do not edit.

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
use bytes::Bytes;

/// `JoinGroupResponse`: API key 11, versions 0-9.
#[derive(Clone, PartialEq, Debug)]
pub struct JoinGroupResponse {
    /// Versions 2+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+; -1 by default.
    pub generation_id: i32,
    /// Versions 7+, nullable 7+; null by default.
    pub protocol_type: Option<String>,
    /// Versions 0+, nullable 7+.
    pub protocol_name: Option<String>,
    /// Versions 0+.
    pub leader: String,
    /// Versions 9+; false by default.
    pub skip_assignment: bool,
    /// Versions 0+.
    pub member_id: String,
    /// Versions 0+.
    pub members: Vec<JoinGroupResponseMember>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for JoinGroupResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            generation_id: -1,
            protocol_type: None,
            protocol_name: Some(String::new()),
            leader: String::new(),
            skip_assignment: false,
            member_id: String::new(),
            members: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for JoinGroupResponse {
    const NAME: &'static str = "JoinGroupResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=9;
    const FLEXIBLE: Option<i16> = Some(6);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        if version >= 2 {
            it.throttle_time_ms = from.i32()?;
        }
        it.error_code = from.i16()?;
        it.generation_id = from.i32()?;
        if version >= 7 {
            it.protocol_type = from.nullable_string(true)?;
        }
        it.protocol_name = if version >= 7 {
            from.nullable_string(flexible)?
        } else {
            Some(from.string(flexible)?)
        };
        it.leader = from.string(flexible)?;
        if version >= 9 {
            it.skip_assignment = from.bool()?;
        }
        it.member_id = from.string(flexible)?;
        it.members = from.items(flexible, |from| {
            JoinGroupResponseMember::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        if version >= 2 {
            to.i32(self.throttle_time_ms);
        }
        to.i16(self.error_code);
        to.i32(self.generation_id);
        if version >= 7 {
            place(
                to.nullable_string(self.protocol_type.as_deref(), true),
                "JoinGroupResponse",
                "protocol_type",
            )?;
        }
        place(
            version >= 7 || self.protocol_name.is_some(),
            "JoinGroupResponse",
            "protocol_name",
        )?;
        place(
            to.nullable_string(self.protocol_name.as_deref(), flexible),
            "JoinGroupResponse",
            "protocol_name",
        )?;
        place(
            to.string(&self.leader, flexible),
            "JoinGroupResponse",
            "leader",
        )?;
        if version >= 9 {
            to.bool(self.skip_assignment);
        } else {
            place(
                !self.skip_assignment,
                "JoinGroupResponse",
                "skip_assignment",
            )?;
        }
        place(
            to.string(&self.member_id, flexible),
            "JoinGroupResponse",
            "member_id",
        )?;
        to.length(Some(self.members.len()), flexible);
        for item in &self.members {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "JoinGroupResponse",
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
impl JoinGroupResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if version >= 2 && source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.generation_id = source.i32();
        }
        if version >= 7 && source.sets() {
            it.protocol_type = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.protocol_name = source.nullable(version >= 7, |source| source.string());
        }
        if source.sets() {
            it.leader = source.string();
        }
        if version >= 9 && source.sets() {
            it.skip_assignment = source.bool();
        }
        if source.sets() {
            it.member_id = source.string();
        }
        if source.sets() {
            it.members = source.items(|source| JoinGroupResponseMember::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for JoinGroupResponse {
    fn failed(_version: i16, code: i16) -> Option<Self> {
        Some(Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(Level::Answer, &[], self.error_code, None);
        }
    }
}

impl AmendTexts for JoinGroupResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`JoinGroupResponse`], versions 0-9.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct JoinGroupResponseMember {
    /// Versions 0+.
    pub member_id: String,
    /// Versions 5+, nullable 5+; null by default.
    pub group_instance_id: Option<String>,
    /// Versions 0+.
    pub metadata: Bytes,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl JoinGroupResponseMember {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        it.member_id = from.string(flexible)?;
        if version >= 5 {
            it.group_instance_id = from.nullable_string(flexible)?;
        }
        it.metadata = from.bytes(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        place(
            to.string(&self.member_id, flexible),
            "JoinGroupResponseMember",
            "member_id",
        )?;
        if version >= 5 {
            place(
                to.nullable_string(self.group_instance_id.as_deref(), flexible),
                "JoinGroupResponseMember",
                "group_instance_id",
            )?;
        }
        to.bytes(&self.metadata, flexible);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "JoinGroupResponseMember",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl JoinGroupResponseMember {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if source.sets() {
            it.member_id = source.string();
        }
        if version >= 5 && source.sets() {
            it.group_instance_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.metadata = source.bytes();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
