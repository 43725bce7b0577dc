//! `AlterConfigsRequest`: API key 33, versions 0-2. Written by `cargo xtask codegen`: do not edit.

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

/// `AlterConfigsRequest`: API key 33, versions 0-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterConfigsRequest {
    /// Versions 0+.
    pub resources: Vec<AlterConfigsResource>,
    /// Versions 0+.
    pub validate_only: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for AlterConfigsRequest {
    const NAME: &'static str = "AlterConfigsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=2;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.resources = from.items(flexible, |from| AlterConfigsResource::read(from, version))?;
        it.validate_only = from.bool()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.length(Some(self.resources.len()), flexible);
        for item in &self.resources {
            item.write(to, version)?;
        }
        to.bool(self.validate_only);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AlterConfigsRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterConfigsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.resources = source.items(|source| AlterConfigsResource::random(source, version));
        }
        if source.sets() {
            it.validate_only = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for AlterConfigsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`AlterConfigsRequest`], versions 0-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AlterConfigsResource {
    /// Versions 0+.
    pub resource_type: i8,
    /// Versions 0+.
    pub resource_name: String,
    /// Versions 0+.
    pub configs: Vec<AlterableConfig>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AlterConfigsResource {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.resource_type = from.i8()?;
        it.resource_name = from.string(flexible)?;
        it.configs = from.items(flexible, |from| AlterableConfig::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i8(self.resource_type);
        place(
            to.string(&self.resource_name, flexible),
            "AlterConfigsResource",
            "resource_name",
        )?;
        to.length(Some(self.configs.len()), flexible);
        for item in &self.configs {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AlterConfigsResource",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterConfigsResource {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.resource_type = source.i8();
        }
        if source.sets() {
            it.resource_name = source.string();
        }
        if source.sets() {
            it.configs = source.items(|source| AlterableConfig::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`AlterConfigsRequest`], versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct AlterableConfig {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+, nullable 0+.
    pub value: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for AlterableConfig {
    fn default() -> Self {
        Self {
            name: String::new(),
            value: Some(String::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl AlterableConfig {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.value = from.nullable_string(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        place(to.string(&self.name, flexible), "AlterableConfig", "name")?;
        place(
            to.nullable_string(self.value.as_deref(), flexible),
            "AlterableConfig",
            "value",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AlterableConfig",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AlterableConfig {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.value = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for AlterConfigsRequest {
    const KEY: i16 = 33;
    type Response = super::AlterConfigsResponse;
}
