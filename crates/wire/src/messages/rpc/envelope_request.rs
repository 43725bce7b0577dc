//! `EnvelopeRequest`: API key 58, versions 0. Written by `cargo xtask codegen`: do not edit.

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

/// `EnvelopeRequest`: API key 58, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct EnvelopeRequest {
    /// Versions 0+.
    pub request_data: Bytes,
    /// Versions 0+, nullable 0+.
    pub request_principal: Option<Bytes>,
    /// Versions 0+.
    pub client_host_address: Bytes,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for EnvelopeRequest {
    fn default() -> Self {
        Self {
            request_data: Bytes::new(),
            request_principal: Some(Bytes::new()),
            client_host_address: Bytes::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for EnvelopeRequest {
    const NAME: &'static str = "EnvelopeRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.request_data = from.bytes(true)?;
        it.request_principal = from.nullable_bytes(true)?;
        it.client_host_address = from.bytes(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.bytes(&self.request_data, true);
        to.nullable_bytes(self.request_principal.as_deref(), true);
        to.bytes(&self.client_host_address, true);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl EnvelopeRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.request_data = source.bytes();
        }
        if source.sets() {
            it.request_principal = source.nullable(true, |source| source.bytes());
        }
        if source.sets() {
            it.client_host_address = source.bytes();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for EnvelopeRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

impl Request for EnvelopeRequest {
    const KEY: i16 = 58;
    type Response = super::EnvelopeResponse;
}
