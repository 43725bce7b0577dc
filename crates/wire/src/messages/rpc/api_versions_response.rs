//! `ApiVersionsResponse`: API key 18, versions 0-5. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::SeesCodes;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ApiVersionsResponse`: API key 18, versions 0-5.
#[derive(Clone, PartialEq, Debug)]
pub struct ApiVersionsResponse {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub api_keys: Vec<ApiVersion>,
    /// Versions 1+.
    pub throttle_time_ms: i32,
    /// Versions 3+, tagged 3+.
    pub supported_features: Vec<SupportedFeatureKey>,
    /// Versions 3+, tagged 3+; -1 by default.
    pub finalized_features_epoch: i64,
    /// Versions 3+, tagged 3+.
    pub finalized_features: Vec<FinalizedFeatureKey>,
    /// Versions 3+, tagged 3+; false by default.
    pub zk_migration_ready: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ApiVersionsResponse {
    fn default() -> Self {
        Self {
            error_code: 0,
            api_keys: Vec::new(),
            throttle_time_ms: 0,
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for ApiVersionsResponse {
    const NAME: &'static str = "ApiVersionsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=5;
    const FLEXIBLE: Option<i16> = Some(3);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.api_keys = from.items(flexible, |from| ApiVersion::read(from, version))?;
        if version >= 1 {
            it.throttle_time_ms = from.i32()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|tag, from| {
                match tag {
                    0 => {
                        it.supported_features =
                            from.items(true, |from| SupportedFeatureKey::read(from, version))?
                    }
                    1 => it.finalized_features_epoch = from.i64()?,
                    2 => {
                        it.finalized_features =
                            from.items(true, |from| FinalizedFeatureKey::read(from, version))?
                    }
                    3 => it.zk_migration_ready = from.bool()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        to.i16(self.error_code);
        to.length(Some(self.api_keys.len()), flexible);
        for item in &self.api_keys {
            item.write(to, version)?;
        }
        if version >= 1 {
            to.i32(self.throttle_time_ms);
        }
        if flexible {
            let mut tags = TagWriter::new(&self.unknown_tags, "ApiVersionsResponse");
            if !self.supported_features.is_empty() {
                tags.field(0, |to| {
                    to.length(Some(self.supported_features.len()), true);
                    for item in &self.supported_features {
                        item.write(to, version)?;
                    }
                    Ok(())
                })?;
            }
            if self.finalized_features_epoch != -1 {
                tags.field(1, |to| {
                    to.i64(self.finalized_features_epoch);
                    Ok(())
                })?;
            }
            if !self.finalized_features.is_empty() {
                tags.field(2, |to| {
                    to.length(Some(self.finalized_features.len()), true);
                    for item in &self.finalized_features {
                        item.write(to, version)?;
                    }
                    Ok(())
                })?;
            }
            if self.zk_migration_ready {
                tags.field(3, |to| {
                    to.bool(self.zk_migration_ready);
                    Ok(())
                })?;
            }
            tags.finish(to);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ApiVersionsResponse",
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
impl ApiVersionsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.api_keys = source.items(|source| ApiVersion::random(source, version));
        }
        if version >= 1 && source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if version >= 3 && source.sets() {
            it.supported_features =
                source.items(|source| SupportedFeatureKey::random(source, version));
        }
        if version >= 3 && source.sets() {
            it.finalized_features_epoch = source.i64();
        }
        if version >= 3 && source.sets() {
            it.finalized_features =
                source.items(|source| FinalizedFeatureKey::random(source, version));
        }
        if version >= 3 && source.sets() {
            it.zk_migration_ready = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for ApiVersionsResponse {
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

impl AmendTexts for ApiVersionsResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`ApiVersionsResponse`], versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ApiVersion {
    /// Versions 0+.
    pub api_key: i16,
    /// Versions 0+.
    pub min_version: i16,
    /// Versions 0+.
    pub max_version: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ApiVersion {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        it.api_key = from.i16()?;
        it.min_version = from.i16()?;
        it.max_version = from.i16()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        to.i16(self.api_key);
        to.i16(self.min_version);
        to.i16(self.max_version);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(self.unknown_tags.is_empty(), "ApiVersion", "unknown_tags")?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ApiVersion {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if source.sets() {
            it.api_key = source.i16();
        }
        if source.sets() {
            it.min_version = source.i16();
        }
        if source.sets() {
            it.max_version = source.i16();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`ApiVersionsResponse`], versions 3-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SupportedFeatureKey {
    /// Versions 3+.
    pub name: String,
    /// Versions 3+.
    pub min_version: i16,
    /// Versions 3+.
    pub max_version: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl SupportedFeatureKey {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.min_version = from.i16()?;
        it.max_version = from.i16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "SupportedFeatureKey", "name")?;
        to.i16(self.min_version);
        to.i16(self.max_version);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl SupportedFeatureKey {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.min_version = source.i16();
        }
        if source.sets() {
            it.max_version = source.i16();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ApiVersionsResponse`], versions 3-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FinalizedFeatureKey {
    /// Versions 3+.
    pub name: String,
    /// Versions 3+.
    pub max_version_level: i16,
    /// Versions 3+.
    pub min_version_level: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl FinalizedFeatureKey {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.max_version_level = from.i16()?;
        it.min_version_level = from.i16()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "FinalizedFeatureKey", "name")?;
        to.i16(self.max_version_level);
        to.i16(self.min_version_level);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl FinalizedFeatureKey {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.max_version_level = source.i16();
        }
        if source.sets() {
            it.min_version_level = source.i16();
        }
        it.unknown_tags = source.tags();
        it
    }
}
