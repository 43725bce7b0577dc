//! `ControllerRegistrationRequest`: API key 70, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
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

/// `ControllerRegistrationRequest`: API key 70, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ControllerRegistrationRequest {
    /// Versions 0+.
    pub controller_id: i32,
    /// Versions 0+.
    pub incarnation_id: Uuid,
    /// Versions 0+.
    pub zk_migration_ready: bool,
    /// Versions 0+.
    pub listeners: Vec<Listener>,
    /// Versions 0+.
    pub features: Vec<Feature>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ControllerRegistrationRequest {
    const NAME: &'static str = "ControllerRegistrationRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.controller_id = from.i32()?;
        it.incarnation_id = from.uuid()?;
        it.zk_migration_ready = from.bool()?;
        it.listeners = from.items(true, |from| Listener::read(from, version))?;
        it.features = from.items(true, |from| Feature::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.controller_id);
        to.uuid(self.incarnation_id);
        to.bool(self.zk_migration_ready);
        to.length(Some(self.listeners.len()), true);
        for item in &self.listeners {
            item.write(to, version)?;
        }
        to.length(Some(self.features.len()), true);
        for item in &self.features {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ControllerRegistrationRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.controller_id = source.i32();
        }
        if source.sets() {
            it.incarnation_id = source.uuid();
        }
        if source.sets() {
            it.zk_migration_ready = source.bool();
        }
        if source.sets() {
            it.listeners = source.items(|source| Listener::random(source, version));
        }
        if source.sets() {
            it.features = source.items(|source| Feature::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for ControllerRegistrationRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`ControllerRegistrationRequest`], versions 0.
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

/// Part of [`ControllerRegistrationRequest`], versions 0.
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

impl Request for ControllerRegistrationRequest {
    const KEY: i16 = 70;
    type Response = super::ControllerRegistrationResponse;
}
