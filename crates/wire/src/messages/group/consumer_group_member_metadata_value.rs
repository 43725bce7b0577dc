//! `ConsumerGroupMemberMetadataValue`: record type 5, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;
use bytes::Bytes;

/// `ConsumerGroupMemberMetadataValue`: record type 5, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct ConsumerGroupMemberMetadataValue {
    /// Versions 0+, nullable 0+.
    pub instance_id: Option<String>,
    /// Versions 0+, nullable 0+.
    pub rack_id: Option<String>,
    /// Versions 0+.
    pub client_id: String,
    /// Versions 0+.
    pub client_host: String,
    /// Versions 0+.
    pub subscribed_topic_names: Vec<String>,
    /// Versions 0+, nullable 0+.
    pub subscribed_topic_regex: Option<String>,
    /// Versions 0+; -1 by default.
    pub rebalance_timeout_ms: i32,
    /// Versions 0+, nullable 0+.
    pub server_assignor: Option<String>,
    /// Versions 0+, tagged 0+, nullable 0+.
    pub classic_member_metadata: Option<ClassicMemberMetadata>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ConsumerGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Some(String::new()),
            rack_id: Some(String::new()),
            client_id: String::new(),
            client_host: String::new(),
            subscribed_topic_names: Vec::new(),
            subscribed_topic_regex: Some(String::new()),
            rebalance_timeout_ms: -1,
            server_assignor: Some(String::new()),
            classic_member_metadata: Some(ClassicMemberMetadata::default()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for ConsumerGroupMemberMetadataValue {
    const NAME: &'static str = "ConsumerGroupMemberMetadataValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.instance_id = from.nullable_string(true)?;
        it.rack_id = from.nullable_string(true)?;
        it.client_id = from.string(true)?;
        it.client_host = from.string(true)?;
        it.subscribed_topic_names = from.items(true, |from| from.string(true))?;
        it.subscribed_topic_regex = from.nullable_string(true)?;
        it.rebalance_timeout_ms = from.i32()?;
        it.server_assignor = from.nullable_string(true)?;
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 => {
                    it.classic_member_metadata = if from.uvarint()? == 0 {
                        None
                    } else {
                        Some(ClassicMemberMetadata::read(from, version)?)
                    }
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.nullable_string(self.instance_id.as_deref(), true),
            "ConsumerGroupMemberMetadataValue",
            "instance_id",
        )?;
        place(
            to.nullable_string(self.rack_id.as_deref(), true),
            "ConsumerGroupMemberMetadataValue",
            "rack_id",
        )?;
        place(
            to.string(&self.client_id, true),
            "ConsumerGroupMemberMetadataValue",
            "client_id",
        )?;
        place(
            to.string(&self.client_host, true),
            "ConsumerGroupMemberMetadataValue",
            "client_host",
        )?;
        to.length(Some(self.subscribed_topic_names.len()), true);
        for item in &self.subscribed_topic_names {
            place(
                to.string(item, true),
                "ConsumerGroupMemberMetadataValue",
                "subscribed_topic_names",
            )?;
        }
        place(
            to.nullable_string(self.subscribed_topic_regex.as_deref(), true),
            "ConsumerGroupMemberMetadataValue",
            "subscribed_topic_regex",
        )?;
        to.i32(self.rebalance_timeout_ms);
        place(
            to.nullable_string(self.server_assignor.as_deref(), true),
            "ConsumerGroupMemberMetadataValue",
            "server_assignor",
        )?;
        let mut tags = TagWriter::new(&self.unknown_tags, "ConsumerGroupMemberMetadataValue");
        if self.classic_member_metadata != Some(ClassicMemberMetadata::default()) {
            tags.field(0, |to| {
                match &self.classic_member_metadata {
                    Some(value) => {
                        to.uvarint(1);
                        value.write(to, version)?;
                    }
                    None => to.uvarint(0),
                }
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ConsumerGroupMemberMetadataValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.instance_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.rack_id = source.nullable(true, |source| source.string());
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
            it.subscribed_topic_regex = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.rebalance_timeout_ms = source.i32();
        }
        if source.sets() {
            it.server_assignor = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.classic_member_metadata = source.nullable(true, |source| {
                ClassicMemberMetadata::random(source, version)
            });
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ConsumerGroupMemberMetadataValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ClassicMemberMetadata {
    /// Versions 0+.
    pub session_timeout_ms: i32,
    /// Versions 0+.
    pub supported_protocols: Vec<ClassicProtocol>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ClassicMemberMetadata {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.session_timeout_ms = from.i32()?;
        it.supported_protocols = from.items(true, |from| ClassicProtocol::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.session_timeout_ms);
        to.length(Some(self.supported_protocols.len()), true);
        for item in &self.supported_protocols {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ClassicMemberMetadata {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.session_timeout_ms = source.i32();
        }
        if source.sets() {
            it.supported_protocols =
                source.items(|source| ClassicProtocol::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ConsumerGroupMemberMetadataValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ClassicProtocol {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub metadata: Bytes,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ClassicProtocol {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.metadata = from.bytes(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "ClassicProtocol", "name")?;
        to.bytes(&self.metadata, true);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ClassicProtocol {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.metadata = source.bytes();
        }
        it.unknown_tags = source.tags();
        it
    }
}
