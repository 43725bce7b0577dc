//! `UpdateFeaturesRequest`: API key 57, versions 0-2. Written by `cargo xtask codegen`: do not edit.

use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Request;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `UpdateFeaturesRequest`: API key 57, versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct UpdateFeaturesRequest {
    /// Versions 0+; 60000 by default.
    pub timeout_ms: i32,
    /// Versions 0+.
    pub feature_updates: Vec<FeatureUpdateKey>,
    /// Versions 1+; false by default.
    pub validate_only: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for UpdateFeaturesRequest {
    fn default() -> Self {
        Self {
            timeout_ms: 60000,
            feature_updates: Vec::new(),
            validate_only: false,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for UpdateFeaturesRequest {
    const NAME: &'static str = "UpdateFeaturesRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=2;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.timeout_ms = from.i32()?;
        it.feature_updates = from.items(true, |from| FeatureUpdateKey::read(from, version))?;
        if version >= 1 {
            it.validate_only = from.bool()?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.timeout_ms);
        to.length(Some(self.feature_updates.len()), true);
        for item in &self.feature_updates {
            item.write(to, version)?;
        }
        if version >= 1 {
            to.bool(self.validate_only);
        } else {
            place(
                !self.validate_only,
                "UpdateFeaturesRequest",
                "validate_only",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl UpdateFeaturesRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.timeout_ms = source.i32();
        }
        if source.sets() {
            it.feature_updates = source.items(|source| FeatureUpdateKey::random(source, version));
        }
        if version >= 1 && source.sets() {
            it.validate_only = source.bool();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for UpdateFeaturesRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`UpdateFeaturesRequest`], versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct FeatureUpdateKey {
    /// Versions 0+.
    pub feature: String,
    /// Versions 0+.
    pub max_version_level: i16,
    /// Versions 0.
    pub allow_downgrade: bool,
    /// Versions 1+; 1 by default.
    pub upgrade_type: i8,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for FeatureUpdateKey {
    fn default() -> Self {
        Self {
            feature: String::new(),
            max_version_level: 0,
            allow_downgrade: false,
            upgrade_type: 1,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl FeatureUpdateKey {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.feature = from.string(true)?;
        it.max_version_level = from.i16()?;
        if version <= 0 {
            it.allow_downgrade = from.bool()?;
        }
        if version >= 1 {
            it.upgrade_type = from.i8()?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.feature, true),
            "FeatureUpdateKey",
            "feature",
        )?;
        to.i16(self.max_version_level);
        if version <= 0 {
            to.bool(self.allow_downgrade);
        } else {
            place(!self.allow_downgrade, "FeatureUpdateKey", "allow_downgrade")?;
        }
        if version >= 1 {
            to.i8(self.upgrade_type);
        } else {
            place(self.upgrade_type == 1, "FeatureUpdateKey", "upgrade_type")?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl FeatureUpdateKey {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.feature = source.string();
        }
        if source.sets() {
            it.max_version_level = source.i16();
        }
        if version <= 0 && source.sets() {
            it.allow_downgrade = source.bool();
        }
        if version >= 1 && source.sets() {
            it.upgrade_type = source.i8();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Request for UpdateFeaturesRequest {
    const KEY: i16 = 57;
    type Response = super::UpdateFeaturesResponse;
}
