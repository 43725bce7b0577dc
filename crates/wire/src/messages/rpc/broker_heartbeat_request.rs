//! `BrokerHeartbeatRequest`: API key 63, versions 0-2. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::answer::Name;
use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Request;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `BrokerHeartbeatRequest`: API key 63, versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct BrokerHeartbeatRequest {
    /// Versions 0+ (`brokerId`).
    pub broker_id: i32,
    /// Versions 0+; -1 by default.
    pub broker_epoch: i64,
    /// Versions 0+.
    pub current_metadata_offset: i64,
    /// Versions 0+.
    pub want_fence: bool,
    /// Versions 0+.
    pub want_shut_down: bool,
    /// Versions 1+, tagged 1+.
    pub offline_log_dirs: Vec<Uuid>,
    /// Versions 2+, tagged 2+, nullable 2+; null by default.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for BrokerHeartbeatRequest {
    fn default() -> Self {
        Self {
            broker_id: 0,
            broker_epoch: -1,
            current_metadata_offset: 0,
            want_fence: false,
            want_shut_down: false,
            offline_log_dirs: Vec::new(),
            cordoned_log_dirs: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for BrokerHeartbeatRequest {
    const NAME: &'static str = "BrokerHeartbeatRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=2;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.broker_id = from.i32()?;
        it.broker_epoch = from.i64()?;
        it.current_metadata_offset = from.i64()?;
        it.want_fence = from.bool()?;
        it.want_shut_down = from.bool()?;
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 if version >= 1 => it.offline_log_dirs = from.items(true, Reader::uuid)?,
                0 => return Err(from.malformed("tagged field of another version")),
                1 if version >= 2 => {
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
        to.i64(self.broker_epoch);
        to.i64(self.current_metadata_offset);
        to.bool(self.want_fence);
        to.bool(self.want_shut_down);
        if version < 1 {
            place(
                self.offline_log_dirs.is_empty(),
                "BrokerHeartbeatRequest",
                "offline_log_dirs",
            )?;
        }
        if version < 2 {
            place(
                self.cordoned_log_dirs.is_none(),
                "BrokerHeartbeatRequest",
                "cordoned_log_dirs",
            )?;
        }
        let mut tags = TagWriter::new(&self.unknown_tags, "BrokerHeartbeatRequest");
        if version >= 1 && !self.offline_log_dirs.is_empty() {
            tags.field(0, |to| {
                to.length(Some(self.offline_log_dirs.len()), true);
                for item in &self.offline_log_dirs {
                    to.uuid(*item);
                }
                Ok(())
            })?;
        }
        if version >= 2 && self.cordoned_log_dirs.is_some() {
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
impl BrokerHeartbeatRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.broker_id = source.i32();
        }
        if source.sets() {
            it.broker_epoch = source.i64();
        }
        if source.sets() {
            it.current_metadata_offset = source.i64();
        }
        if source.sets() {
            it.want_fence = source.bool();
        }
        if source.sets() {
            it.want_shut_down = source.bool();
        }
        if version >= 1 && source.sets() {
            it.offline_log_dirs = source.items(|source| source.uuid());
        }
        if version >= 2 && source.sets() {
            it.cordoned_log_dirs =
                source.nullable(true, |source| source.items(|source| source.uuid()));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for BrokerHeartbeatRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[("broker", Name::Number(self.broker_id.into()))]);
    }
}

impl Request for BrokerHeartbeatRequest {
    const KEY: i16 = 63;
    type Response = super::BrokerHeartbeatResponse;
}
