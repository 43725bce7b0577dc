//! `SyncGroupResponse`: API key 14, versions 0-5. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::SeesCodes;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;
use bytes::Bytes;

/// `SyncGroupResponse`: API key 14, versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SyncGroupResponse {
    /// Versions 1+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 5+, nullable 5+; null by default.
    pub protocol_type: Option<String>,
    /// Versions 5+, nullable 5+; null by default.
    pub protocol_name: Option<String>,
    /// Versions 0+.
    pub assignment: Bytes,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for SyncGroupResponse {
    const NAME: &'static str = "SyncGroupResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=5;
    const FLEXIBLE: Option<i16> = Some(4);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        if version >= 1 {
            it.throttle_time_ms = from.i32()?;
        }
        it.error_code = from.i16()?;
        if version >= 5 {
            it.protocol_type = from.nullable_string(true)?;
        }
        if version >= 5 {
            it.protocol_name = from.nullable_string(true)?;
        }
        it.assignment = from.bytes(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        if version >= 1 {
            to.i32(self.throttle_time_ms);
        }
        to.i16(self.error_code);
        if version >= 5 {
            place(
                to.nullable_string(self.protocol_type.as_deref(), true),
                "SyncGroupResponse",
                "protocol_type",
            )?;
        }
        if version >= 5 {
            place(
                to.nullable_string(self.protocol_name.as_deref(), true),
                "SyncGroupResponse",
                "protocol_name",
            )?;
        }
        to.bytes(&self.assignment, flexible);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "SyncGroupResponse",
                "unknown_tags",
            )?;
        }
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl SyncGroupResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if version >= 1 && source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if version >= 5 && source.sets() {
            it.protocol_type = source.nullable(true, |source| source.string());
        }
        if version >= 5 && source.sets() {
            it.protocol_name = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.assignment = source.bytes();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for SyncGroupResponse {
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

impl AmendTexts for SyncGroupResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}
