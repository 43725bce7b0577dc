//! `AllocateProducerIdsRequest`: API key 67, versions 0. Written by `cargo xtask codegen`: do not edit.

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
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `AllocateProducerIdsRequest`: API key 67, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct AllocateProducerIdsRequest {
    /// Versions 0+ (`brokerId`).
    pub broker_id: i32,
    /// Versions 0+; -1 by default.
    pub broker_epoch: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for AllocateProducerIdsRequest {
    fn default() -> Self {
        Self {
            broker_id: 0,
            broker_epoch: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for AllocateProducerIdsRequest {
    const NAME: &'static str = "AllocateProducerIdsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.broker_id = from.i32()?;
        it.broker_epoch = from.i64()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.broker_id);
        to.i64(self.broker_epoch);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AllocateProducerIdsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.broker_id = source.i32();
        }
        if source.sets() {
            it.broker_epoch = source.i64();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for AllocateProducerIdsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[("broker", Name::Number(self.broker_id.into()))]);
    }
}

impl Request for AllocateProducerIdsRequest {
    const KEY: i16 = 67;
    type Response = super::AllocateProducerIdsResponse;
}
