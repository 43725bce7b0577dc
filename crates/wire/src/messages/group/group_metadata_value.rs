//! `GroupMetadataValue`: record type 2, versions 0-4. Written by `cargo xtask codegen`: do not edit.

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

/// `GroupMetadataValue`: record type 2, versions 0-4.
#[derive(Clone, PartialEq, Debug)]
pub struct GroupMetadataValue {
    /// Versions 0+.
    pub protocol_type: String,
    /// Versions 0+.
    pub generation: i32,
    /// Versions 0+, nullable 0+.
    pub protocol: Option<String>,
    /// Versions 0+, nullable 0+.
    pub leader: Option<String>,
    /// Versions 2+; -1 by default.
    pub current_state_timestamp: i64,
    /// Versions 0+.
    pub members: Vec<MemberMetadata>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for GroupMetadataValue {
    fn default() -> Self {
        Self {
            protocol_type: String::new(),
            generation: 0,
            protocol: Some(String::new()),
            leader: Some(String::new()),
            current_state_timestamp: -1,
            members: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for GroupMetadataValue {
    const NAME: &'static str = "GroupMetadataValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=4;
    const FLEXIBLE: Option<i16> = Some(4);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.protocol_type = from.string(flexible)?;
        it.generation = from.i32()?;
        it.protocol = from.nullable_string(flexible)?;
        it.leader = from.nullable_string(flexible)?;
        if version >= 2 {
            it.current_state_timestamp = from.i64()?;
        }
        it.members = from.items(flexible, |from| MemberMetadata::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        place(
            to.string(&self.protocol_type, flexible),
            "GroupMetadataValue",
            "protocol_type",
        )?;
        to.i32(self.generation);
        place(
            to.nullable_string(self.protocol.as_deref(), flexible),
            "GroupMetadataValue",
            "protocol",
        )?;
        place(
            to.nullable_string(self.leader.as_deref(), flexible),
            "GroupMetadataValue",
            "leader",
        )?;
        if version >= 2 {
            to.i64(self.current_state_timestamp);
        }
        to.length(Some(self.members.len()), flexible);
        for item in &self.members {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "GroupMetadataValue",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl GroupMetadataValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.protocol_type = source.string();
        }
        if source.sets() {
            it.generation = source.i32();
        }
        if source.sets() {
            it.protocol = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.leader = source.nullable(true, |source| source.string());
        }
        if version >= 2 && source.sets() {
            it.current_state_timestamp = source.i64();
        }
        if source.sets() {
            it.members = source.items(|source| MemberMetadata::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`GroupMetadataValue`], versions 0-4.
#[derive(Clone, PartialEq, Debug)]
pub struct MemberMetadata {
    /// Versions 0+.
    pub member_id: String,
    /// Versions 3+, nullable 3+; null by default.
    pub group_instance_id: Option<String>,
    /// Versions 0+.
    pub client_id: String,
    /// Versions 0+.
    pub client_host: String,
    /// Versions 1+; -1 by default.
    pub rebalance_timeout: i32,
    /// Versions 0+.
    pub session_timeout: i32,
    /// Versions 0+.
    pub subscription: Bytes,
    /// Versions 0+.
    pub assignment: Bytes,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for MemberMetadata {
    fn default() -> Self {
        Self {
            member_id: String::new(),
            group_instance_id: None,
            client_id: String::new(),
            client_host: String::new(),
            rebalance_timeout: -1,
            session_timeout: 0,
            subscription: Bytes::new(),
            assignment: Bytes::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl MemberMetadata {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.member_id = from.string(flexible)?;
        if version >= 3 {
            it.group_instance_id = from.nullable_string(flexible)?;
        }
        it.client_id = from.string(flexible)?;
        it.client_host = from.string(flexible)?;
        if version >= 1 {
            it.rebalance_timeout = from.i32()?;
        }
        it.session_timeout = from.i32()?;
        it.subscription = from.bytes(flexible)?;
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
            "MemberMetadata",
            "member_id",
        )?;
        if version >= 3 {
            place(
                to.nullable_string(self.group_instance_id.as_deref(), flexible),
                "MemberMetadata",
                "group_instance_id",
            )?;
        }
        place(
            to.string(&self.client_id, flexible),
            "MemberMetadata",
            "client_id",
        )?;
        place(
            to.string(&self.client_host, flexible),
            "MemberMetadata",
            "client_host",
        )?;
        if version >= 1 {
            to.i32(self.rebalance_timeout);
        }
        to.i32(self.session_timeout);
        to.bytes(&self.subscription, flexible);
        to.bytes(&self.assignment, flexible);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "MemberMetadata",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl MemberMetadata {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.member_id = source.string();
        }
        if version >= 3 && source.sets() {
            it.group_instance_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.client_id = source.string();
        }
        if source.sets() {
            it.client_host = source.string();
        }
        if version >= 1 && source.sets() {
            it.rebalance_timeout = source.i32();
        }
        if source.sets() {
            it.session_timeout = source.i32();
        }
        if source.sets() {
            it.subscription = source.bytes();
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
