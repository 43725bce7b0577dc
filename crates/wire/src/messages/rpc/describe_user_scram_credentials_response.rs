//! `DescribeUserScramCredentialsResponse`: API key 50, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::Name;
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

/// `DescribeUserScramCredentialsResponse`: API key 50, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeUserScramCredentialsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+.
    pub error_message: Option<String>,
    /// Versions 0+.
    pub results: Vec<DescribeUserScramCredentialsResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeUserScramCredentialsResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: Some(String::new()),
            results: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for DescribeUserScramCredentialsResponse {
    const NAME: &'static str = "DescribeUserScramCredentialsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        it.results = from.items(true, |from| {
            DescribeUserScramCredentialsResult::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "DescribeUserScramCredentialsResponse",
            "error_message",
        )?;
        to.length(Some(self.results.len()), true);
        for item in &self.results {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeUserScramCredentialsResponse {
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
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.results =
                source.items(|source| DescribeUserScramCredentialsResult::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for DescribeUserScramCredentialsResponse {
    fn failed(_version: i16, code: i16) -> Option<Self> {
        Some(Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(
                Level::Answer,
                &[],
                self.error_code,
                self.error_message.as_deref(),
            );
        }
        for at0 in &self.results {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[("user", Name::Text(Some(&at0.user)))],
                    at0.error_code,
                    at0.error_message.as_deref(),
                );
            }
        }
    }
}

impl AmendTexts for DescribeUserScramCredentialsResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        if self.error_code == code {
            amend(&mut self.error_message);
        }
        for at0 in &mut self.results {
            if at0.error_code == code {
                amend(&mut at0.error_message);
            }
        }
    }
}

/// Part of [`DescribeUserScramCredentialsResponse`], versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeUserScramCredentialsResult {
    /// Versions 0+.
    pub user: String,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+.
    pub error_message: Option<String>,
    /// Versions 0+.
    pub credential_infos: Vec<CredentialInfo>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeUserScramCredentialsResult {
    fn default() -> Self {
        Self {
            user: String::new(),
            error_code: 0,
            error_message: Some(String::new()),
            credential_infos: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DescribeUserScramCredentialsResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.user = from.string(true)?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        it.credential_infos = from.items(true, |from| CredentialInfo::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.user, true),
            "DescribeUserScramCredentialsResult",
            "user",
        )?;
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "DescribeUserScramCredentialsResult",
            "error_message",
        )?;
        to.length(Some(self.credential_infos.len()), true);
        for item in &self.credential_infos {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeUserScramCredentialsResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.user = source.string();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.credential_infos = source.items(|source| CredentialInfo::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`DescribeUserScramCredentialsResponse`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CredentialInfo {
    /// Versions 0+.
    pub mechanism: i8,
    /// Versions 0+.
    pub iterations: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl CredentialInfo {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.mechanism = from.i8()?;
        it.iterations = from.i32()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i8(self.mechanism);
        to.i32(self.iterations);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CredentialInfo {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.mechanism = source.i8();
        }
        if source.sets() {
            it.iterations = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}
