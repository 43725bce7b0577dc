//! `ListGroupsResponse`: API key 16, versions 0-5. Written by `cargo xtask codegen`: do not edit.

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

/// `ListGroupsResponse`: API key 16, versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListGroupsResponse {
    /// Versions 1+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub groups: Vec<ListedGroup>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ListGroupsResponse {
    const NAME: &'static str = "ListGroupsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=5;
    const FLEXIBLE: Option<i16> = Some(3);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version >= 1 {
            it.throttle_time_ms = from.i32()?;
        }
        it.error_code = from.i16()?;
        it.groups = from.items(flexible, |from| ListedGroup::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        if version >= 1 {
            to.i32(self.throttle_time_ms);
        }
        to.i16(self.error_code);
        to.length(Some(self.groups.len()), flexible);
        for item in &self.groups {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ListGroupsResponse",
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
impl ListGroupsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version >= 1 && source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.groups = source.items(|source| ListedGroup::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for ListGroupsResponse {
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

impl AmendTexts for ListGroupsResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`ListGroupsResponse`], versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListedGroup {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub protocol_type: String,
    /// Versions 4+.
    pub group_state: String,
    /// Versions 5+.
    pub group_type: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ListedGroup {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        it.group_id = from.string(flexible)?;
        it.protocol_type = from.string(flexible)?;
        if version >= 4 {
            it.group_state = from.string(true)?;
        }
        if version >= 5 {
            it.group_type = from.string(true)?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        place(
            to.string(&self.group_id, flexible),
            "ListedGroup",
            "group_id",
        )?;
        place(
            to.string(&self.protocol_type, flexible),
            "ListedGroup",
            "protocol_type",
        )?;
        if version >= 4 {
            place(
                to.string(&self.group_state, true),
                "ListedGroup",
                "group_state",
            )?;
        }
        if version >= 5 {
            place(
                to.string(&self.group_type, true),
                "ListedGroup",
                "group_type",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(self.unknown_tags.is_empty(), "ListedGroup", "unknown_tags")?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ListedGroup {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.protocol_type = source.string();
        }
        if version >= 4 && source.sets() {
            it.group_state = source.string();
        }
        if version >= 5 && source.sets() {
            it.group_type = source.string();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
