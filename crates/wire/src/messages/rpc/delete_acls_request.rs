//! `DeleteAclsRequest`: API key 31, versions 1-3. Written by `cargo xtask codegen`: do not edit.

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

/// `DeleteAclsRequest`: API key 31, versions 1-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DeleteAclsRequest {
    /// Versions 0+.
    pub filters: Vec<DeleteAclsFilter>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DeleteAclsRequest {
    const NAME: &'static str = "DeleteAclsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=3;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.filters = from.items(flexible, |from| DeleteAclsFilter::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.length(Some(self.filters.len()), flexible);
        for item in &self.filters {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DeleteAclsRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DeleteAclsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.filters = source.items(|source| DeleteAclsFilter::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for DeleteAclsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`DeleteAclsRequest`], versions 1-3.
#[derive(Clone, PartialEq, Debug)]
pub struct DeleteAclsFilter {
    /// Versions 0+.
    pub resource_type_filter: i8,
    /// Versions 0+, nullable 0+.
    pub resource_name_filter: Option<String>,
    /// Versions 1+; 3 by default.
    pub pattern_type_filter: i8,
    /// Versions 0+, nullable 0+.
    pub principal_filter: Option<String>,
    /// Versions 0+, nullable 0+.
    pub host_filter: Option<String>,
    /// Versions 0+.
    pub operation: i8,
    /// Versions 0+.
    pub permission_type: i8,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DeleteAclsFilter {
    fn default() -> Self {
        Self {
            resource_type_filter: 0,
            resource_name_filter: Some(String::new()),
            pattern_type_filter: 3,
            principal_filter: Some(String::new()),
            host_filter: Some(String::new()),
            operation: 0,
            permission_type: 0,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DeleteAclsFilter {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.resource_type_filter = from.i8()?;
        it.resource_name_filter = from.nullable_string(flexible)?;
        it.pattern_type_filter = from.i8()?;
        it.principal_filter = from.nullable_string(flexible)?;
        it.host_filter = from.nullable_string(flexible)?;
        it.operation = from.i8()?;
        it.permission_type = from.i8()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i8(self.resource_type_filter);
        place(
            to.nullable_string(self.resource_name_filter.as_deref(), flexible),
            "DeleteAclsFilter",
            "resource_name_filter",
        )?;
        to.i8(self.pattern_type_filter);
        place(
            to.nullable_string(self.principal_filter.as_deref(), flexible),
            "DeleteAclsFilter",
            "principal_filter",
        )?;
        place(
            to.nullable_string(self.host_filter.as_deref(), flexible),
            "DeleteAclsFilter",
            "host_filter",
        )?;
        to.i8(self.operation);
        to.i8(self.permission_type);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DeleteAclsFilter",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DeleteAclsFilter {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.resource_type_filter = source.i8();
        }
        if source.sets() {
            it.resource_name_filter = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.pattern_type_filter = source.i8();
        }
        if source.sets() {
            it.principal_filter = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.host_filter = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.operation = source.i8();
        }
        if source.sets() {
            it.permission_type = source.i8();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for DeleteAclsRequest {
    const KEY: i16 = 31;
    type Response = super::DeleteAclsResponse;
}
