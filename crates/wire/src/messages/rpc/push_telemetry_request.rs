//! `PushTelemetryRequest`: API key 72, versions 0. Written by `cargo xtask codegen`: do not edit.

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
#[cfg(any(test, feature = "random"))]
use crate::random::Random;
use bytes::Bytes;

/// `PushTelemetryRequest`: API key 72, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PushTelemetryRequest {
    /// Versions 0+.
    pub client_instance_id: Uuid,
    /// Versions 0+.
    pub subscription_id: i32,
    /// Versions 0+.
    pub terminating: bool,
    /// Versions 0+.
    pub compression_type: i8,
    /// Versions 0+.
    pub metrics: Bytes,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for PushTelemetryRequest {
    const NAME: &'static str = "PushTelemetryRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.client_instance_id = from.uuid()?;
        it.subscription_id = from.i32()?;
        it.terminating = from.bool()?;
        it.compression_type = from.i8()?;
        it.metrics = from.bytes(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.uuid(self.client_instance_id);
        to.i32(self.subscription_id);
        to.bool(self.terminating);
        to.i8(self.compression_type);
        to.bytes(&self.metrics, true);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PushTelemetryRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.client_instance_id = source.uuid();
        }
        if source.sets() {
            it.subscription_id = source.i32();
        }
        if source.sets() {
            it.terminating = source.bool();
        }
        if source.sets() {
            it.compression_type = source.i8();
        }
        if source.sets() {
            it.metrics = source.bytes();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for PushTelemetryRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[("client_instance", Name::Id(self.client_instance_id))]);
    }
}

impl Request for PushTelemetryRequest {
    const KEY: i16 = 72;
    type Response = super::PushTelemetryResponse;
}
