//! `SaslHandshakeResponse`: API key 17, versions 0-1. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::SeesCodes;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `SaslHandshakeResponse`: API key 17, versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SaslHandshakeResponse {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub mechanisms: Vec<String>,
}

impl Message for SaslHandshakeResponse {
    const NAME: &'static str = "SaslHandshakeResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = None;

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.mechanisms = from.items(false, |from| from.string(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i16(self.error_code);
        to.length(Some(self.mechanisms.len()), false);
        for item in &self.mechanisms {
            place(
                to.string(item, false),
                "SaslHandshakeResponse",
                "mechanisms",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl SaslHandshakeResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.mechanisms = source.items(|source| source.string());
        }
        it
    }
}

impl ErrorCodes for SaslHandshakeResponse {
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

impl AmendTexts for SaslHandshakeResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}
