//! `JoinGroupRequest`: API key 11, versions 0-9. Written by `cargo xtask codegen`: do not edit.

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

/// `JoinGroupRequest`: API key 11, versions 0-9.
#[derive(Clone, PartialEq, Debug)]
pub struct JoinGroupRequest {
    /// Versions 0+ (`groupId`).
    pub group_id: String,
    /// Versions 0+.
    pub session_timeout_ms: i32,
    /// Versions 1+; -1 by default.
    pub rebalance_timeout_ms: i32,
    /// Versions 0+.
    pub member_id: String,
    /// Versions 5+, nullable 5+; null by default.
    pub group_instance_id: Option<String>,
    /// Versions 0+.
    pub protocol_type: String,
    /// Versions 0+.
    pub protocols: Vec<JoinGroupRequestProtocol>,
    /// Versions 8+, nullable 8+; null by default.
    pub reason: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for JoinGroupRequest {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            session_timeout_ms: 0,
            rebalance_timeout_ms: -1,
            member_id: String::new(),
            group_instance_id: None,
            protocol_type: String::new(),
            protocols: Vec::new(),
            reason: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for JoinGroupRequest {
    const NAME: &'static str = "JoinGroupRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=9;
    const FLEXIBLE: Option<i16> = Some(6);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        it.group_id = from.string(flexible)?;
        it.session_timeout_ms = from.i32()?;
        if version >= 1 {
            it.rebalance_timeout_ms = from.i32()?;
        }
        it.member_id = from.string(flexible)?;
        if version >= 5 {
            it.group_instance_id = from.nullable_string(flexible)?;
        }
        it.protocol_type = from.string(flexible)?;
        it.protocols = from.items(flexible, |from| {
            JoinGroupRequestProtocol::read(from, version)
        })?;
        if version >= 8 {
            it.reason = from.nullable_string(true)?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        place(
            to.string(&self.group_id, flexible),
            "JoinGroupRequest",
            "group_id",
        )?;
        to.i32(self.session_timeout_ms);
        if version >= 1 {
            to.i32(self.rebalance_timeout_ms);
        }
        place(
            to.string(&self.member_id, flexible),
            "JoinGroupRequest",
            "member_id",
        )?;
        if version >= 5 {
            place(
                to.nullable_string(self.group_instance_id.as_deref(), flexible),
                "JoinGroupRequest",
                "group_instance_id",
            )?;
        } else {
            place(
                self.group_instance_id.is_none(),
                "JoinGroupRequest",
                "group_instance_id",
            )?;
        }
        place(
            to.string(&self.protocol_type, flexible),
            "JoinGroupRequest",
            "protocol_type",
        )?;
        to.length(Some(self.protocols.len()), flexible);
        for item in &self.protocols {
            item.write(to, version)?;
        }
        if version >= 8 {
            place(
                to.nullable_string(self.reason.as_deref(), true),
                "JoinGroupRequest",
                "reason",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "JoinGroupRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl JoinGroupRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if source.sets() {
            it.group_id = source.string();
        }
        if source.sets() {
            it.session_timeout_ms = source.i32();
        }
        if version >= 1 && source.sets() {
            it.rebalance_timeout_ms = source.i32();
        }
        if source.sets() {
            it.member_id = source.string();
        }
        if version >= 5 && source.sets() {
            it.group_instance_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.protocol_type = source.string();
        }
        if source.sets() {
            it.protocols = source.items(|source| JoinGroupRequestProtocol::random(source, version));
        }
        if version >= 8 && source.sets() {
            it.reason = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for JoinGroupRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("group", Name::Text(Some(&self.group_id))),
            ("member", Name::Text(Some(&self.member_id))),
            ("instance", Name::Text(self.group_instance_id.as_deref())),
        ]);
    }
}

/// Part of [`JoinGroupRequest`], versions 0-9.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct JoinGroupRequestProtocol {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub metadata: Bytes,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl JoinGroupRequestProtocol {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 6;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.metadata = from.bytes(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 6;
        place(
            to.string(&self.name, flexible),
            "JoinGroupRequestProtocol",
            "name",
        )?;
        to.bytes(&self.metadata, flexible);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "JoinGroupRequestProtocol",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl JoinGroupRequestProtocol {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 6;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
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

impl Request for JoinGroupRequest {
    const KEY: i16 = 11;
    type Response = super::JoinGroupResponse;
}
