//! `DescribeConfigsRequest`: API key 32, versions 1-4. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeConfigsRequest`: API key 32, versions 1-4.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeConfigsRequest {
    /// Versions 0+.
    pub resources: Vec<DescribeConfigsResource>,
    /// Versions 1+; false by default.
    pub include_synonyms: bool,
    /// Versions 3+; false by default.
    pub include_documentation: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DescribeConfigsRequest {
    const NAME: &'static str = "DescribeConfigsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=4;
    const FLEXIBLE: Option<i16> = Some(4);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.resources = from.items(flexible, |from| {
            DescribeConfigsResource::read(from, version)
        })?;
        it.include_synonyms = from.bool()?;
        if version >= 3 {
            it.include_documentation = from.bool()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        to.length(Some(self.resources.len()), flexible);
        for item in &self.resources {
            item.write(to, version)?;
        }
        to.bool(self.include_synonyms);
        if version >= 3 {
            to.bool(self.include_documentation);
        } else {
            place(
                !self.include_documentation,
                "DescribeConfigsRequest",
                "include_documentation",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeConfigsRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeConfigsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.resources = source.items(|source| DescribeConfigsResource::random(source, version));
        }
        if source.sets() {
            it.include_synonyms = source.bool();
        }
        if version >= 3 && source.sets() {
            it.include_documentation = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for DescribeConfigsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`DescribeConfigsRequest`], versions 1-4.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeConfigsResource {
    /// Versions 0+.
    pub resource_type: i8,
    /// Versions 0+.
    pub resource_name: String,
    /// Versions 0+, nullable 0+.
    pub configuration_keys: Option<Vec<String>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeConfigsResource {
    fn default() -> Self {
        Self {
            resource_type: 0,
            resource_name: String::new(),
            configuration_keys: Some(Vec::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DescribeConfigsResource {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.resource_type = from.i8()?;
        it.resource_name = from.string(flexible)?;
        it.configuration_keys = from.nullable_items(flexible, |from| from.string(flexible))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        to.i8(self.resource_type);
        place(
            to.string(&self.resource_name, flexible),
            "DescribeConfigsResource",
            "resource_name",
        )?;
        to.length(self.configuration_keys.as_ref().map(Vec::len), flexible);
        for item in self.configuration_keys.iter().flatten() {
            place(
                to.string(item, flexible),
                "DescribeConfigsResource",
                "configuration_keys",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeConfigsResource",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeConfigsResource {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.resource_type = source.i8();
        }
        if source.sets() {
            it.resource_name = source.string();
        }
        if source.sets() {
            it.configuration_keys =
                source.nullable(true, |source| source.items(|source| source.string()));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for DescribeConfigsRequest {
    const KEY: i16 = 32;
    type Response = super::DescribeConfigsResponse;
}
