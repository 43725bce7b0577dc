//! `SaslHandshakeRequest`: API key 17, versions 0-1. Written by `cargo xtask codegen`: do not edit.

use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Request;
use crate::codec::Unencodable;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `SaslHandshakeRequest`: API key 17, versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SaslHandshakeRequest {
    /// Versions 0+.
    pub mechanism: String,
}

impl Message for SaslHandshakeRequest {
    const NAME: &'static str = "SaslHandshakeRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.mechanism = from.string(false)?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.mechanism, false),
            "SaslHandshakeRequest",
            "mechanism",
        )?;
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl SaslHandshakeRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.mechanism = source.string();
        }
        it
    }
}

impl Subject for SaslHandshakeRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

impl Request for SaslHandshakeRequest {
    const KEY: i16 = 17;
    type Response = super::SaslHandshakeResponse;
}
