//! `AddRaftVoterRequest`: API key 80, versions 0-1. Written by `cargo xtask codegen`: do not edit.

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

/// `AddRaftVoterRequest`: API key 80, versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct AddRaftVoterRequest {
    /// Versions 0+, nullable 0+.
    pub cluster_id: Option<String>,
    /// Versions 0+.
    pub timeout_ms: i32,
    /// Versions 0+.
    pub voter_id: i32,
    /// Versions 0+.
    pub voter_directory_id: Uuid,
    /// Versions 0+.
    pub listeners: Vec<Listener>,
    /// Versions 1+; true by default.
    pub ack_when_committed: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for AddRaftVoterRequest {
    fn default() -> Self {
        Self {
            cluster_id: Some(String::new()),
            timeout_ms: 0,
            voter_id: 0,
            voter_directory_id: Uuid::ZERO,
            listeners: Vec::new(),
            ack_when_committed: true,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for AddRaftVoterRequest {
    const NAME: &'static str = "AddRaftVoterRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.cluster_id = from.nullable_string(true)?;
        it.timeout_ms = from.i32()?;
        it.voter_id = from.i32()?;
        it.voter_directory_id = from.uuid()?;
        it.listeners = from.items(true, |from| Listener::read(from, version))?;
        if version >= 1 {
            it.ack_when_committed = from.bool()?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.nullable_string(self.cluster_id.as_deref(), true),
            "AddRaftVoterRequest",
            "cluster_id",
        )?;
        to.i32(self.timeout_ms);
        to.i32(self.voter_id);
        to.uuid(self.voter_directory_id);
        to.length(Some(self.listeners.len()), true);
        for item in &self.listeners {
            item.write(to, version)?;
        }
        if version >= 1 {
            to.bool(self.ack_when_committed);
        } else {
            place(
                self.ack_when_committed,
                "AddRaftVoterRequest",
                "ack_when_committed",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AddRaftVoterRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.cluster_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.timeout_ms = source.i32();
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
        if version >= 1 && source.sets() {
            it.ack_when_committed = source.bool();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for AddRaftVoterRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`AddRaftVoterRequest`], versions 0-1.
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

impl Request for AddRaftVoterRequest {
    const KEY: i16 = 80;
    type Response = super::AddRaftVoterResponse;
}
