//! `HeartbeatRequest`: API key 12, versions 0-4. Written by `cargo xtask codegen`: do not edit.

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

/// `HeartbeatRequest`: API key 12, versions 0-4.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HeartbeatRequest {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub generation_id: i32,
    /// Versions 0+.
    pub member_id: String,
    /// Versions 3+, nullable 3+; null by default.
    pub group_instance_id: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for HeartbeatRequest {
    const NAME: &'static str = "HeartbeatRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=4;
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
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        place(
            to.string(&self.group_id, flexible),
            "HeartbeatRequest",
            "group_id",
        )?;
        to.i32(self.generation_id);
        place(
            to.string(&self.member_id, flexible),
            "HeartbeatRequest",
            "member_id",
        )?;
        if version >= 3 {
            place(
                to.nullable_string(self.group_instance_id.as_deref(), flexible),
                "HeartbeatRequest",
                "group_instance_id",
            )?;
        } else {
            place(
                self.group_instance_id.is_none(),
                "HeartbeatRequest",
                "group_instance_id",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "HeartbeatRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl HeartbeatRequest {
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
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for HeartbeatRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("group", Name::Text(Some(&self.group_id))),
            ("member", Name::Text(Some(&self.member_id))),
            ("instance", Name::Text(self.group_instance_id.as_deref())),
        ]);
    }
}

impl Request for HeartbeatRequest {
    const KEY: i16 = 12;
    type Response = super::HeartbeatResponse;
}
