//! `DescribeClientQuotasRequest`: API key 48, versions 0-1. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeClientQuotasRequest`: API key 48, versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeClientQuotasRequest {
    /// Versions 0+.
    pub components: Vec<ComponentData>,
    /// Versions 0+.
    pub strict: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DescribeClientQuotasRequest {
    const NAME: &'static str = "DescribeClientQuotasRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(1);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.components = from.items(flexible, |from| ComponentData::read(from, version))?;
        it.strict = from.bool()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        to.length(Some(self.components.len()), flexible);
        for item in &self.components {
            item.write(to, version)?;
        }
        to.bool(self.strict);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeClientQuotasRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeClientQuotasRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.components = source.items(|source| ComponentData::random(source, version));
        }
        if source.sets() {
            it.strict = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for DescribeClientQuotasRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`DescribeClientQuotasRequest`], versions 0-1.
#[derive(Clone, PartialEq, Debug)]
pub struct ComponentData {
    /// Versions 0+.
    pub entity_type: String,
    /// Versions 0+.
    pub match_type: i8,
    /// Versions 0+, nullable 0+.
    pub r#match: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ComponentData {
    fn default() -> Self {
        Self {
            entity_type: String::new(),
            match_type: 0,
            r#match: Some(String::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl ComponentData {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 1;
        let mut it = Self::default();
        it.entity_type = from.string(flexible)?;
        it.match_type = from.i8()?;
        it.r#match = from.nullable_string(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 1;
        place(
            to.string(&self.entity_type, flexible),
            "ComponentData",
            "entity_type",
        )?;
        to.i8(self.match_type);
        place(
            to.nullable_string(self.r#match.as_deref(), flexible),
            "ComponentData",
            "match",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ComponentData",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ComponentData {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 1;
        let mut it = Self::default();
        if source.sets() {
            it.entity_type = source.string();
        }
        if source.sets() {
            it.match_type = source.i8();
        }
        if source.sets() {
            it.r#match = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for DescribeClientQuotasRequest {
    const KEY: i16 = 48;
    type Response = super::DescribeClientQuotasResponse;
}
