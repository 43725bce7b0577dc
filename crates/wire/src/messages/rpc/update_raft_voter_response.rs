//! `UpdateRaftVoterResponse`: API key 82, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::SeesCodes;
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

/// `UpdateRaftVoterResponse`: API key 82, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct UpdateRaftVoterResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, tagged 0+.
    pub current_leader: CurrentLeader,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for UpdateRaftVoterResponse {
    const NAME: &'static str = "UpdateRaftVoterResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 => it.current_leader = CurrentLeader::read(from, version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        let mut tags = TagWriter::new(&self.unknown_tags, "UpdateRaftVoterResponse");
        if self.current_leader != CurrentLeader::default() {
            tags.field(0, |to| {
                self.current_leader.write(to, version)?;
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl UpdateRaftVoterResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.current_leader = CurrentLeader::random(source, version);
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for UpdateRaftVoterResponse {
    fn failed(_version: i16, code: i16) -> Option<Self> {
        Some(Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(Level::Answer, &[], self.error_code, None);
        }
    }
}

impl AmendTexts for UpdateRaftVoterResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`UpdateRaftVoterResponse`], versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct CurrentLeader {
    /// Versions 0+; -1 by default (`brokerId`).
    pub leader_id: i32,
    /// Versions 0+; -1 by default.
    pub leader_epoch: i32,
    /// Versions 0+.
    pub host: String,
    /// Versions 0+.
    pub port: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for CurrentLeader {
    fn default() -> Self {
        Self {
            leader_id: -1,
            leader_epoch: -1,
            host: String::new(),
            port: 0,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl CurrentLeader {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.leader_id = from.i32()?;
        it.leader_epoch = from.i32()?;
        it.host = from.string(true)?;
        it.port = from.i32()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.leader_id);
        to.i32(self.leader_epoch);
        place(to.string(&self.host, true), "CurrentLeader", "host")?;
        to.i32(self.port);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CurrentLeader {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.leader_id = source.i32();
        }
        if source.sets() {
            it.leader_epoch = source.i32();
        }
        if source.sets() {
            it.host = source.string();
        }
        if source.sets() {
            it.port = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}
