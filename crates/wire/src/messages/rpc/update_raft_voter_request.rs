//! `UpdateRaftVoterRequest`: API key 82, versions 0. Written by `cargo xtask codegen`: do not edit.

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

/// `UpdateRaftVoterRequest`: API key 82, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct UpdateRaftVoterRequest {
    /// Versions 0+, nullable 0+.
    pub cluster_id: Option<String>,
    /// Versions 0+.
    pub current_leader_epoch: i32,
    /// Versions 0+.
    pub voter_id: i32,
    /// Versions 0+.
    pub voter_directory_id: Uuid,
    /// Versions 0+.
    pub listeners: Vec<Listener>,
    /// Versions 0+.
    pub kraft_version_feature: KRaftVersionFeature,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for UpdateRaftVoterRequest {
    fn default() -> Self {
        Self {
            cluster_id: Some(String::new()),
            current_leader_epoch: 0,
            voter_id: 0,
            voter_directory_id: Uuid::ZERO,
            listeners: Vec::new(),
            kraft_version_feature: KRaftVersionFeature::default(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for UpdateRaftVoterRequest {
    const NAME: &'static str = "UpdateRaftVoterRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.cluster_id = from.nullable_string(true)?;
        it.current_leader_epoch = from.i32()?;
        it.voter_id = from.i32()?;
        it.voter_directory_id = from.uuid()?;
        it.listeners = from.items(true, |from| Listener::read(from, version))?;
        it.kraft_version_feature = KRaftVersionFeature::read(from, version)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.nullable_string(self.cluster_id.as_deref(), true),
            "UpdateRaftVoterRequest",
            "cluster_id",
        )?;
        to.i32(self.current_leader_epoch);
        to.i32(self.voter_id);
        to.uuid(self.voter_directory_id);
        to.length(Some(self.listeners.len()), true);
        for item in &self.listeners {
            item.write(to, version)?;
        }
        self.kraft_version_feature.write(to, version)?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl UpdateRaftVoterRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.cluster_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.current_leader_epoch = source.i32();
        }
        if source.sets() {
            it.voter_id = source.i32();
        }
        if source.sets() {
            it.voter_directory_id = source.uuid();
        }
        if source.sets() {
            it.listeners = source.items(|source| Listener::random(source, version));
        }
        if source.sets() {
            it.kraft_version_feature = KRaftVersionFeature::random(source, version);
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for UpdateRaftVoterRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`UpdateRaftVoterRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Listener {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub host: String,
    /// Versions 0+.
    pub port: u16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Listener {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.host = from.string(true)?;
        it.port = from.u16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "Listener", "name")?;
        place(to.string(&self.host, true), "Listener", "host")?;
        to.u16(self.port);
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
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`UpdateRaftVoterRequest`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct KRaftVersionFeature {
    /// Versions 0+.
    pub min_supported_version: i16,
    /// Versions 0+.
    pub max_supported_version: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl KRaftVersionFeature {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.min_supported_version = from.i16()?;
        it.max_supported_version = from.i16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i16(self.min_supported_version);
        to.i16(self.max_supported_version);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl KRaftVersionFeature {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
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

impl Request for UpdateRaftVoterRequest {
    const KEY: i16 = 82;
    type Response = super::UpdateRaftVoterResponse;
}
