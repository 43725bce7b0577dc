//! `RegisterBrokerRecord`: record type 0, versions 0-4. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
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

/// `RegisterBrokerRecord`: record type 0, versions 0-4.
#[derive(Clone, PartialEq, Debug)]
pub struct RegisterBrokerRecord {
    /// Versions 0+ (`brokerId`).
    pub broker_id: i32,
    /// Versions 2+; false by default.
    pub is_migrating_zk_broker: bool,
    /// Versions 0+.
    pub incarnation_id: Uuid,
    /// Versions 0+.
    pub broker_epoch: i64,
    /// Versions 0+.
    pub end_points: Vec<BrokerEndpoint>,
    /// Versions 0+.
    pub features: Vec<BrokerFeature>,
    /// Versions 0+, nullable 0+.
    pub rack: Option<String>,
    /// Versions 0+; true by default.
    pub fenced: bool,
    /// Versions 1+; false by default.
    pub in_controlled_shutdown: bool,
    /// Versions 3+, tagged 3+.
    pub log_dirs: Vec<Uuid>,
    /// Versions 4+, tagged 4+, nullable 4+; null by default.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for RegisterBrokerRecord {
    fn default() -> Self {
        Self {
            broker_id: 0,
            is_migrating_zk_broker: false,
            incarnation_id: Uuid::ZERO,
            broker_epoch: 0,
            end_points: Vec::new(),
            features: Vec::new(),
            rack: Some(String::new()),
            fenced: true,
            in_controlled_shutdown: false,
            log_dirs: Vec::new(),
            cordoned_log_dirs: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for RegisterBrokerRecord {
    const NAME: &'static str = "RegisterBrokerRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=4;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.broker_id = from.i32()?;
        if version >= 2 {
            it.is_migrating_zk_broker = from.bool()?;
        }
        it.incarnation_id = from.uuid()?;
        it.broker_epoch = from.i64()?;
        it.end_points = from.items(true, |from| BrokerEndpoint::read(from, version))?;
        it.features = from.items(true, |from| BrokerFeature::read(from, version))?;
        it.rack = from.nullable_string(true)?;
        it.fenced = from.bool()?;
        if version >= 1 {
            it.in_controlled_shutdown = from.bool()?;
        }
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 if version >= 3 => it.log_dirs = from.items(true, Reader::uuid)?,
                0 => return Err(from.malformed("tagged field of another version")),
                1 if version >= 4 => {
                    it.cordoned_log_dirs = from.nullable_items(true, Reader::uuid)?
                }
                1 => return Err(from.malformed("tagged field of another version")),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.broker_id);
        if version >= 2 {
            to.bool(self.is_migrating_zk_broker);
        } else {
            place(
                !self.is_migrating_zk_broker,
                "RegisterBrokerRecord",
                "is_migrating_zk_broker",
            )?;
        }
        to.uuid(self.incarnation_id);
        to.i64(self.broker_epoch);
        to.length(Some(self.end_points.len()), true);
        for item in &self.end_points {
            item.write(to, version)?;
        }
        to.length(Some(self.features.len()), true);
        for item in &self.features {
            item.write(to, version)?;
        }
        place(
            to.nullable_string(self.rack.as_deref(), true),
            "RegisterBrokerRecord",
            "rack",
        )?;
        to.bool(self.fenced);
        if version >= 1 {
            to.bool(self.in_controlled_shutdown);
        } else {
            place(
                !self.in_controlled_shutdown,
                "RegisterBrokerRecord",
                "in_controlled_shutdown",
            )?;
        }
        if version < 3 {
            place(self.log_dirs.is_empty(), "RegisterBrokerRecord", "log_dirs")?;
        }
        if version < 4 {
            place(
                self.cordoned_log_dirs.is_none(),
                "RegisterBrokerRecord",
                "cordoned_log_dirs",
            )?;
        }
        let mut tags = TagWriter::new(&self.unknown_tags, "RegisterBrokerRecord");
        if version >= 3 && !self.log_dirs.is_empty() {
            tags.field(0, |to| {
                to.length(Some(self.log_dirs.len()), true);
                for item in &self.log_dirs {
                    to.uuid(*item);
                }
                Ok(())
            })?;
        }
        if version >= 4 && self.cordoned_log_dirs.is_some() {
            tags.field(1, |to| {
                to.length(self.cordoned_log_dirs.as_ref().map(Vec::len), true);
                for item in self.cordoned_log_dirs.iter().flatten() {
                    to.uuid(*item);
                }
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl RegisterBrokerRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.broker_id = source.i32();
        }
        if version >= 2 && source.sets() {
            it.is_migrating_zk_broker = source.bool();
        }
        if source.sets() {
            it.incarnation_id = source.uuid();
        }
        if source.sets() {
            it.broker_epoch = source.i64();
        }
        if source.sets() {
            it.end_points = source.items(|source| BrokerEndpoint::random(source, version));
        }
        if source.sets() {
            it.features = source.items(|source| BrokerFeature::random(source, version));
        }
        if source.sets() {
            it.rack = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.fenced = source.bool();
        }
        if version >= 1 && source.sets() {
            it.in_controlled_shutdown = source.bool();
        }
        if version >= 3 && source.sets() {
            it.log_dirs = source.items(|source| source.uuid());
        }
        if version >= 4 && source.sets() {
            it.cordoned_log_dirs =
                source.nullable(true, |source| source.items(|source| source.uuid()));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`RegisterBrokerRecord`], versions 0-4.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BrokerEndpoint {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub host: String,
    /// Versions 0+.
    pub port: u16,
    /// Versions 0+.
    pub security_protocol: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl BrokerEndpoint {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.host = from.string(true)?;
        it.port = from.u16()?;
        it.security_protocol = from.i16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "BrokerEndpoint", "name")?;
        place(to.string(&self.host, true), "BrokerEndpoint", "host")?;
        to.u16(self.port);
        to.i16(self.security_protocol);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl BrokerEndpoint {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.host = source.string();
        }
        if source.sets() {
            it.port = source.u16();
        }
        if source.sets() {
            it.security_protocol = source.i16();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`RegisterBrokerRecord`], versions 0-4.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BrokerFeature {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub min_supported_version: i16,
    /// Versions 0+.
    pub max_supported_version: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl BrokerFeature {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.min_supported_version = from.i16()?;
        it.max_supported_version = from.i16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "BrokerFeature", "name")?;
        to.i16(self.min_supported_version);
        to.i16(self.max_supported_version);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl BrokerFeature {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.min_supported_version = source.i16();
        }
        if source.sets() {
            it.max_supported_version = source.i16();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl RegisterBrokerRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 0;
}
