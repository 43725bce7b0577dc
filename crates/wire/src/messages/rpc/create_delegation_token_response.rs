//! `CreateDelegationTokenResponse`: API key 38, versions 1-3. Written by `cargo xtask codegen`: do not edit.

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

/// `CreateDelegationTokenResponse`: API key 38, versions 1-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CreateDelegationTokenResponse {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub principal_type: String,
    /// Versions 0+.
    pub principal_name: String,
    /// Versions 3+.
    pub token_requester_principal_type: String,
    /// Versions 3+.
    pub token_requester_principal_name: String,
    /// Versions 0+.
    pub issue_timestamp_ms: i64,
    /// Versions 0+.
    pub expiry_timestamp_ms: i64,
    /// Versions 0+.
    pub max_timestamp_ms: i64,
    /// Versions 0+.
    pub token_id: String,
    /// Versions 0+.
    pub hmac: Bytes,
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for CreateDelegationTokenResponse {
    const NAME: &'static str = "CreateDelegationTokenResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=3;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.principal_type = from.string(flexible)?;
        it.principal_name = from.string(flexible)?;
        if version >= 3 {
            it.token_requester_principal_type = from.string(true)?;
        }
        if version >= 3 {
            it.token_requester_principal_name = from.string(true)?;
        }
        it.issue_timestamp_ms = from.i64()?;
        it.expiry_timestamp_ms = from.i64()?;
        it.max_timestamp_ms = from.i64()?;
        it.token_id = from.string(flexible)?;
        it.hmac = from.bytes(flexible)?;
        it.throttle_time_ms = from.i32()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i16(self.error_code);
        place(
            to.string(&self.principal_type, flexible),
            "CreateDelegationTokenResponse",
            "principal_type",
        )?;
        place(
            to.string(&self.principal_name, flexible),
            "CreateDelegationTokenResponse",
            "principal_name",
        )?;
        if version >= 3 {
            place(
                to.string(&self.token_requester_principal_type, true),
                "CreateDelegationTokenResponse",
                "token_requester_principal_type",
            )?;
        } else {
            place(
                self.token_requester_principal_type.is_empty(),
                "CreateDelegationTokenResponse",
                "token_requester_principal_type",
            )?;
        }
        if version >= 3 {
            place(
                to.string(&self.token_requester_principal_name, true),
                "CreateDelegationTokenResponse",
                "token_requester_principal_name",
            )?;
        } else {
            place(
                self.token_requester_principal_name.is_empty(),
                "CreateDelegationTokenResponse",
                "token_requester_principal_name",
            )?;
        }
        to.i64(self.issue_timestamp_ms);
        to.i64(self.expiry_timestamp_ms);
        to.i64(self.max_timestamp_ms);
        place(
            to.string(&self.token_id, flexible),
            "CreateDelegationTokenResponse",
            "token_id",
        )?;
        to.bytes(&self.hmac, flexible);
        to.i32(self.throttle_time_ms);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "CreateDelegationTokenResponse",
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
impl CreateDelegationTokenResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.principal_type = source.string();
        }
        if source.sets() {
            it.principal_name = source.string();
        }
        if version >= 3 && source.sets() {
            it.token_requester_principal_type = source.string();
        }
        if version >= 3 && source.sets() {
            it.token_requester_principal_name = source.string();
        }
        if source.sets() {
            it.issue_timestamp_ms = source.i64();
        }
        if source.sets() {
            it.expiry_timestamp_ms = source.i64();
        }
        if source.sets() {
            it.max_timestamp_ms = source.i64();
        }
        if source.sets() {
            it.token_id = source.string();
        }
        if source.sets() {
            it.hmac = source.bytes();
        }
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for CreateDelegationTokenResponse {
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

impl AmendTexts for CreateDelegationTokenResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}
