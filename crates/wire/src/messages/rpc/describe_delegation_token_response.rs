//! `DescribeDelegationTokenResponse`: API key 41, versions 1-3. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeDelegationTokenResponse`: API key 41, versions 1-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeDelegationTokenResponse {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub tokens: Vec<DescribedDelegationToken>,
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DescribeDelegationTokenResponse {
    const NAME: &'static str = "DescribeDelegationTokenResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=3;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.tokens = from.items(flexible, |from| {
            DescribedDelegationToken::read(from, version)
        })?;
        it.throttle_time_ms = from.i32()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i16(self.error_code);
        to.length(Some(self.tokens.len()), flexible);
        for item in &self.tokens {
            item.write(to, version)?;
        }
        to.i32(self.throttle_time_ms);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeDelegationTokenResponse",
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
impl DescribeDelegationTokenResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.tokens = source.items(|source| DescribedDelegationToken::random(source, version));
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

impl ErrorCodes for DescribeDelegationTokenResponse {
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

impl AmendTexts for DescribeDelegationTokenResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`DescribeDelegationTokenResponse`], versions 1-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribedDelegationToken {
    /// Versions 0+.
    pub principal_type: String,
    /// Versions 0+.
    pub principal_name: String,
    /// Versions 3+.
    pub token_requester_principal_type: String,
    /// Versions 3+.
    pub token_requester_principal_name: String,
    /// Versions 0+.
    pub issue_timestamp: i64,
    /// Versions 0+.
    pub expiry_timestamp: i64,
    /// Versions 0+.
    pub max_timestamp: i64,
    /// Versions 0+.
    pub token_id: String,
    /// Versions 0+.
    pub hmac: Bytes,
    /// Versions 0+.
    pub renewers: Vec<DescribedDelegationTokenRenewer>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DescribedDelegationToken {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.principal_type = from.string(flexible)?;
        it.principal_name = from.string(flexible)?;
        if version >= 3 {
            it.token_requester_principal_type = from.string(true)?;
        }
        if version >= 3 {
            it.token_requester_principal_name = from.string(true)?;
        }
        it.issue_timestamp = from.i64()?;
        it.expiry_timestamp = from.i64()?;
        it.max_timestamp = from.i64()?;
        it.token_id = from.string(flexible)?;
        it.hmac = from.bytes(flexible)?;
        it.renewers = from.items(flexible, |from| {
            DescribedDelegationTokenRenewer::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        place(
            to.string(&self.principal_type, flexible),
            "DescribedDelegationToken",
            "principal_type",
        )?;
        place(
            to.string(&self.principal_name, flexible),
            "DescribedDelegationToken",
            "principal_name",
        )?;
        if version >= 3 {
            place(
                to.string(&self.token_requester_principal_type, true),
                "DescribedDelegationToken",
                "token_requester_principal_type",
            )?;
        } else {
            place(
                self.token_requester_principal_type.is_empty(),
                "DescribedDelegationToken",
                "token_requester_principal_type",
            )?;
        }
        if version >= 3 {
            place(
                to.string(&self.token_requester_principal_name, true),
                "DescribedDelegationToken",
                "token_requester_principal_name",
            )?;
        } else {
            place(
                self.token_requester_principal_name.is_empty(),
                "DescribedDelegationToken",
                "token_requester_principal_name",
            )?;
        }
        to.i64(self.issue_timestamp);
        to.i64(self.expiry_timestamp);
        to.i64(self.max_timestamp);
        place(
            to.string(&self.token_id, flexible),
            "DescribedDelegationToken",
            "token_id",
        )?;
        to.bytes(&self.hmac, flexible);
        to.length(Some(self.renewers.len()), flexible);
        for item in &self.renewers {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribedDelegationToken",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribedDelegationToken {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
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
            it.issue_timestamp = source.i64();
        }
        if source.sets() {
            it.expiry_timestamp = source.i64();
        }
        if source.sets() {
            it.max_timestamp = source.i64();
        }
        if source.sets() {
            it.token_id = source.string();
        }
        if source.sets() {
            it.hmac = source.bytes();
        }
        if source.sets() {
            it.renewers =
                source.items(|source| DescribedDelegationTokenRenewer::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`DescribeDelegationTokenResponse`], versions 1-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribedDelegationTokenRenewer {
    /// Versions 0+.
    pub principal_type: String,
    /// Versions 0+.
    pub principal_name: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DescribedDelegationTokenRenewer {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.principal_type = from.string(flexible)?;
        it.principal_name = from.string(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        place(
            to.string(&self.principal_type, flexible),
            "DescribedDelegationTokenRenewer",
            "principal_type",
        )?;
        place(
            to.string(&self.principal_name, flexible),
            "DescribedDelegationTokenRenewer",
            "principal_name",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribedDelegationTokenRenewer",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribedDelegationTokenRenewer {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.principal_type = source.string();
        }
        if source.sets() {
            it.principal_name = source.string();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
