//! `LeaveGroupResponse`: API key 13, versions 0-5. Written by `cargo xtask codegen`: do not edit.

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

/// `LeaveGroupResponse`: API key 13, versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LeaveGroupResponse {
    /// Versions 1+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 3+.
    pub members: Vec<MemberResponse>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for LeaveGroupResponse {
    const NAME: &'static str = "LeaveGroupResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=5;
    const FLEXIBLE: Option<i16> = Some(4);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        if version >= 1 {
            it.throttle_time_ms = from.i32()?;
        }
        it.error_code = from.i16()?;
        if version >= 3 {
            it.members = from.items(flexible, |from| MemberResponse::read(from, version))?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        if version >= 1 {
            to.i32(self.throttle_time_ms);
        }
        to.i16(self.error_code);
        if version >= 3 {
            to.length(Some(self.members.len()), flexible);
            for item in &self.members {
                item.write(to, version)?;
            }
        } else {
            place(self.members.is_empty(), "LeaveGroupResponse", "members")?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "LeaveGroupResponse",
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
impl LeaveGroupResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if version >= 1 && source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if version >= 3 && source.sets() {
            it.members = source.items(|source| MemberResponse::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for LeaveGroupResponse {
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
        for at0 in &self.members {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[
                        ("member", Name::Text(Some(&at0.member_id))),
                        ("instance", Name::Text(at0.group_instance_id.as_deref())),
                    ],
                    at0.error_code,
                    None,
                );
            }
        }
    }
}

impl AmendTexts for LeaveGroupResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`LeaveGroupResponse`], versions 3-5.
#[derive(Clone, PartialEq, Debug)]
pub struct MemberResponse {
    /// Versions 3+.
    pub member_id: String,
    /// Versions 3+, nullable 3+.
    pub group_instance_id: Option<String>,
    /// Versions 3+.
    pub error_code: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for MemberResponse {
    fn default() -> Self {
        Self {
            member_id: String::new(),
            group_instance_id: Some(String::new()),
            error_code: 0,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl MemberResponse {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.member_id = from.string(flexible)?;
        it.group_instance_id = from.nullable_string(flexible)?;
        it.error_code = from.i16()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        place(
            to.string(&self.member_id, flexible),
            "MemberResponse",
            "member_id",
        )?;
        place(
            to.nullable_string(self.group_instance_id.as_deref(), flexible),
            "MemberResponse",
            "group_instance_id",
        )?;
        to.i16(self.error_code);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "MemberResponse",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl MemberResponse {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.member_id = source.string();
        }
        if source.sets() {
            it.group_instance_id = source.nullable(true, |source| source.string());
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
