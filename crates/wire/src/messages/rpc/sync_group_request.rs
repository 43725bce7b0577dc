//! `SyncGroupRequest`: API key 14, versions 0-5. Written by `cargo xtask codegen`: do not edit.

use crate::answer::Name;
use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Request;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;
use bytes::Bytes;

/// `SyncGroupRequest`: API key 14, versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SyncGroupRequest {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub generation_id: i32,
    /// Versions 0+.
    pub member_id: String,
    /// Versions 3+, nullable 3+; null by default.
    pub group_instance_id: Option<String>,
    /// Versions 5+, nullable 5+; null by default.
    pub protocol_type: Option<String>,
    /// Versions 5+, nullable 5+; null by default.
    pub protocol_name: Option<String>,
    /// Versions 0+.
    pub assignments: Vec<SyncGroupRequestAssignment>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for SyncGroupRequest {
    const NAME: &'static str = "SyncGroupRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=5;
    const FLEXIBLE: Option<i16> = Some(4);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.group_id = from.string(flexible)?;
        it.generation_id = from.i32()?;
        it.member_id = from.string(flexible)?;
        if version >= 3 {
            it.group_instance_id = from.nullable_string(flexible)?;
        }
        if version >= 5 {
            it.protocol_type = from.nullable_string(true)?;
        }
        if version >= 5 {
            it.protocol_name = from.nullable_string(true)?;
        }
        it.assignments = from.items(flexible, |from| {
            SyncGroupRequestAssignment::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        place(
            to.string(&self.group_id, flexible),
            "SyncGroupRequest",
            "group_id",
        )?;
        to.i32(self.generation_id);
        place(
            to.string(&self.member_id, flexible),
            "SyncGroupRequest",
            "member_id",
        )?;
        if version >= 3 {
            place(
                to.nullable_string(self.group_instance_id.as_deref(), flexible),
                "SyncGroupRequest",
                "group_instance_id",
            )?;
        } else {
            place(
                self.group_instance_id.is_none(),
                "SyncGroupRequest",
                "group_instance_id",
            )?;
        }
        if version >= 5 {
            place(
                to.nullable_string(self.protocol_type.as_deref(), true),
                "SyncGroupRequest",
                "protocol_type",
            )?;
        }
        if version >= 5 {
            place(
                to.nullable_string(self.protocol_name.as_deref(), true),
                "SyncGroupRequest",
                "protocol_name",
            )?;
        }
        to.length(Some(self.assignments.len()), flexible);
        for item in &self.assignments {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "SyncGroupRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl SyncGroupRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.generation_id = source.i32();
        }
        if source.sets() {
            it.member_id = source.string();
        }
        if version >= 3 && source.sets() {
            it.group_instance_id = source.nullable(true, |source| source.string());
        }
        if version >= 5 && source.sets() {
            it.protocol_type = source.nullable(true, |source| source.string());
        }
        if version >= 5 && source.sets() {
            it.protocol_name = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.assignments =
                source.items(|source| SyncGroupRequestAssignment::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for SyncGroupRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("group", Name::Text(Some(&self.group_id))),
            ("member", Name::Text(Some(&self.member_id))),
            ("instance", Name::Text(self.group_instance_id.as_deref())),
        ]);
    }
}

/// Part of [`SyncGroupRequest`], versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SyncGroupRequestAssignment {
    /// Versions 0+.
    pub member_id: String,
    /// Versions 0+.
    pub assignment: Bytes,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl SyncGroupRequestAssignment {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.member_id = from.string(flexible)?;
        it.assignment = from.bytes(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        place(
            to.string(&self.member_id, flexible),
            "SyncGroupRequestAssignment",
            "member_id",
        )?;
        to.bytes(&self.assignment, flexible);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "SyncGroupRequestAssignment",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl SyncGroupRequestAssignment {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.member_id = source.string();
        }
        if source.sets() {
            it.assignment = source.bytes();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for SyncGroupRequest {
    const KEY: i16 = 14;
    type Response = super::SyncGroupResponse;
}
