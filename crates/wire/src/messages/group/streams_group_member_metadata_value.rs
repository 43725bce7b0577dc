//! `StreamsGroupMemberMetadataValue`: record type 19, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `StreamsGroupMemberMetadataValue`: record type 19, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct StreamsGroupMemberMetadataValue {
    /// Versions 0+, nullable 0+.
    pub instance_id: Option<String>,
    /// Versions 0+, nullable 0+.
    pub rack_id: Option<String>,
    /// Versions 0+.
    pub client_id: String,
    /// Versions 0+.
    pub client_host: String,
    /// Versions 0+; -1 by default.
    pub rebalance_timeout_ms: i32,
    /// Versions 0+.
    pub topology_epoch: i32,
    /// Versions 0+.
    pub process_id: String,
    /// Versions 0+, nullable 0+; null by default.
    pub user_endpoint: Option<Endpoint>,
    /// Versions 0+.
    pub client_tags: Vec<KeyValue>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for StreamsGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Some(String::new()),
            rack_id: Some(String::new()),
            client_id: String::new(),
            client_host: String::new(),
            rebalance_timeout_ms: -1,
            topology_epoch: 0,
            process_id: String::new(),
            user_endpoint: None,
            client_tags: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for StreamsGroupMemberMetadataValue {
    const NAME: &'static str = "StreamsGroupMemberMetadataValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.instance_id = from.nullable_string(true)?;
        it.rack_id = from.nullable_string(true)?;
        it.client_id = from.string(true)?;
        it.client_host = from.string(true)?;
        it.rebalance_timeout_ms = from.i32()?;
        it.topology_epoch = from.i32()?;
        it.process_id = from.string(true)?;
        it.user_endpoint = if from.i8()? < 0 {
            None
        } else {
            Some(Endpoint::read(from, version)?)
        };
        it.client_tags = from.items(true, |from| KeyValue::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.nullable_string(self.instance_id.as_deref(), true),
            "StreamsGroupMemberMetadataValue",
            "instance_id",
        )?;
        place(
            to.nullable_string(self.rack_id.as_deref(), true),
            "StreamsGroupMemberMetadataValue",
            "rack_id",
        )?;
        place(
            to.string(&self.client_id, true),
            "StreamsGroupMemberMetadataValue",
            "client_id",
        )?;
        place(
            to.string(&self.client_host, true),
            "StreamsGroupMemberMetadataValue",
            "client_host",
        )?;
        to.i32(self.rebalance_timeout_ms);
        to.i32(self.topology_epoch);
        place(
            to.string(&self.process_id, true),
            "StreamsGroupMemberMetadataValue",
            "process_id",
        )?;
        match &self.user_endpoint {
            Some(value) => {
                to.i8(1);
                value.write(to, version)?;
            }
            None => to.i8(-1),
        }
        to.length(Some(self.client_tags.len()), true);
        for item in &self.client_tags {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl StreamsGroupMemberMetadataValue {
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
            it.rebalance_timeout_ms = source.i32();
        }
        if source.sets() {
            it.topology_epoch = source.i32();
        }
        if source.sets() {
            it.process_id = source.string();
        }
        if source.sets() {
            it.user_endpoint = source.nullable(true, |source| Endpoint::random(source, version));
        }
        if source.sets() {
            it.client_tags = source.items(|source| KeyValue::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupMemberMetadataValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Endpoint {
    /// Versions 0+.
    pub host: String,
    /// Versions 0+.
    pub port: u16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Endpoint {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.host = from.string(true)?;
        it.port = from.u16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.host, true), "Endpoint", "host")?;
        to.u16(self.port);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Endpoint {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.host = source.string();
        }
        if source.sets() {
            it.port = source.u16();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupMemberMetadataValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct KeyValue {
    /// Versions 0+.
    pub key: String,
    /// Versions 0+.
    pub value: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl KeyValue {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.key = from.string(true)?;
        it.value = from.string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.key, true), "KeyValue", "key")?;
        place(to.string(&self.value, true), "KeyValue", "value")?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl KeyValue {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.key = source.string();
        }
        if source.sets() {
            it.value = source.string();
        }
        it.unknown_tags = source.tags();
        it
    }
}
