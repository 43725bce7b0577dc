//! `BrokerRegistrationRequest`: API key 62, versions 0-4. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
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

/// `BrokerRegistrationRequest`: API key 62, versions 0-4.
#[derive(Clone, PartialEq, Debug)]
pub struct BrokerRegistrationRequest {
    /// Versions 0+ (`brokerId`).
    pub broker_id: i32,
    /// Versions 0+.
    pub cluster_id: String,
    /// Versions 0+.
    pub incarnation_id: Uuid,
    /// Versions 0+.
    pub listeners: Vec<Listener>,
    /// Versions 0+.
    pub features: Vec<Feature>,
    /// Versions 0+, nullable 0+.
    pub rack: Option<String>,
    /// Versions 1+; false by default.
    pub is_migrating_zk_broker: bool,
    /// Versions 2+.
    pub log_dirs: Vec<Uuid>,
    /// Versions 3+; -1 by default.
    pub previous_broker_epoch: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for BrokerRegistrationRequest {
    fn default() -> Self {
        Self {
            broker_id: 0,
            cluster_id: String::new(),
            incarnation_id: Uuid::ZERO,
            listeners: Vec::new(),
            features: Vec::new(),
            rack: Some(String::new()),
            is_migrating_zk_broker: false,
            log_dirs: Vec::new(),
            previous_broker_epoch: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for BrokerRegistrationRequest {
    const NAME: &'static str = "BrokerRegistrationRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=4;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.broker_id = from.i32()?;
        it.cluster_id = from.string(true)?;
        it.incarnation_id = from.uuid()?;
        it.listeners = from.items(true, |from| Listener::read(from, version))?;
        it.features = from.items(true, |from| Feature::read(from, version))?;
        it.rack = from.nullable_string(true)?;
        if version >= 1 {
            it.is_migrating_zk_broker = from.bool()?;
        }
        if version >= 2 {
            it.log_dirs = from.items(true, Reader::uuid)?;
        }
        if version >= 3 {
            it.previous_broker_epoch = from.i64()?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.broker_id);
        place(
            to.string(&self.cluster_id, true),
            "BrokerRegistrationRequest",
            "cluster_id",
        )?;
        to.uuid(self.incarnation_id);
        to.length(Some(self.listeners.len()), true);
        for item in &self.listeners {
            item.write(to, version)?;
        }
        to.length(Some(self.features.len()), true);
        for item in &self.features {
            item.write(to, version)?;
        }
        place(
            to.nullable_string(self.rack.as_deref(), true),
            "BrokerRegistrationRequest",
            "rack",
        )?;
        if version >= 1 {
            to.bool(self.is_migrating_zk_broker);
        } else {
            place(
                !self.is_migrating_zk_broker,
                "BrokerRegistrationRequest",
                "is_migrating_zk_broker",
            )?;
        }
        if version >= 2 {
            to.length(Some(self.log_dirs.len()), true);
            for item in &self.log_dirs {
                to.uuid(*item);
            }
        }
        if version >= 3 {
            to.i64(self.previous_broker_epoch);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl BrokerRegistrationRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.broker_id = source.i32();
        }
        if source.sets() {
            it.cluster_id = source.string();
        }
        if source.sets() {
            it.incarnation_id = source.uuid();
        }
        if source.sets() {
            it.listeners = source.items(|source| Listener::random(source, version));
        }
        if source.sets() {
            it.features = source.items(|source| Feature::random(source, version));
        }
        if source.sets() {
            it.rack = source.nullable(true, |source| source.string());
        }
        if version >= 1 && source.sets() {
            it.is_migrating_zk_broker = source.bool();
        }
        if version >= 2 && source.sets() {
            it.log_dirs = source.items(|source| source.uuid());
        }
        if version >= 3 && source.sets() {
            it.previous_broker_epoch = source.i64();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for BrokerRegistrationRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[("broker", Name::Number(self.broker_id.into()))]);
    }
}

/// Part of [`BrokerRegistrationRequest`], versions 0-4.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Listener {
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

impl Listener {
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
        place(to.string(&self.name, true), "Listener", "name")?;
        place(to.string(&self.host, true), "Listener", "host")?;
        to.u16(self.port);
        to.i16(self.security_protocol);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Listener {
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

/// Part of [`BrokerRegistrationRequest`], versions 0-4.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Feature {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub min_supported_version: i16,
    /// Versions 0+.
    pub max_supported_version: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Feature {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.min_supported_version = from.i16()?;
        it.max_supported_version = from.i16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "Feature", "name")?;
        to.i16(self.min_supported_version);
        to.i16(self.max_supported_version);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Feature {
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

impl Request for BrokerRegistrationRequest {
    const KEY: i16 = 62;
    type Response = super::BrokerRegistrationResponse;
}
