//! `LeaveGroupRequest`: API key 13, versions 0-5. Written by `cargo xtask codegen`: do not edit.

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

/// `LeaveGroupRequest`: API key 13, versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LeaveGroupRequest {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0-2.
    pub member_id: String,
    /// Versions 3+.
    pub members: Vec<MemberIdentity>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for LeaveGroupRequest {
    const NAME: &'static str = "LeaveGroupRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=5;
    const FLEXIBLE: Option<i16> = Some(4);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.group_id = from.string(flexible)?;
        if version <= 2 {
            it.member_id = from.string(false)?;
        }
        if version >= 3 {
            it.members = from.items(flexible, |from| MemberIdentity::read(from, version))?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        place(
            to.string(&self.group_id, flexible),
            "LeaveGroupRequest",
            "group_id",
        )?;
        if version <= 2 {
            place(
                to.string(&self.member_id, false),
                "LeaveGroupRequest",
                "member_id",
            )?;
        } else {
            place(self.member_id.is_empty(), "LeaveGroupRequest", "member_id")?;
        }
        if version >= 3 {
            to.length(Some(self.members.len()), flexible);
            for item in &self.members {
                item.write(to, version)?;
            }
        } else {
            place(self.members.is_empty(), "LeaveGroupRequest", "members")?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "LeaveGroupRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl LeaveGroupRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if version <= 2 && source.sets() {
            it.member_id = source.string();
        }
        if version >= 3 && source.sets() {
            it.members = source.items(|source| MemberIdentity::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for LeaveGroupRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("group", Name::Text(Some(&self.group_id))),
            ("member", Name::Text(Some(&self.member_id))),
        ]);
    }
}

/// Part of [`LeaveGroupRequest`], versions 3-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct MemberIdentity {
    /// Versions 3+.
    pub member_id: String,
    /// Versions 3+, nullable 3+; null by default.
    pub group_instance_id: Option<String>,
    /// Versions 5+, nullable 5+; null by default.
    pub reason: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl MemberIdentity {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.member_id = from.string(flexible)?;
        it.group_instance_id = from.nullable_string(flexible)?;
        if version >= 5 {
            it.reason = from.nullable_string(true)?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        place(
            to.string(&self.member_id, flexible),
            "MemberIdentity",
            "member_id",
        )?;
        place(
            to.nullable_string(self.group_instance_id.as_deref(), flexible),
            "MemberIdentity",
            "group_instance_id",
        )?;
        if version >= 5 {
            place(
                to.nullable_string(self.reason.as_deref(), true),
                "MemberIdentity",
                "reason",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "MemberIdentity",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl MemberIdentity {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.member_id = source.string();
        }
        if source.sets() {
            it.group_instance_id = source.nullable(true, |source| source.string());
        }
        if version >= 5 && source.sets() {
            it.reason = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for LeaveGroupRequest {
    const KEY: i16 = 13;
    type Response = super::LeaveGroupResponse;
}
