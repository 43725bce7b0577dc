//! `CreateAclsRequest`: API key 30, versions 1-3. Written by `cargo xtask codegen`: do not edit.

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

/// `CreateAclsRequest`: API key 30, versions 1-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CreateAclsRequest {
    /// Versions 0+.
    pub creations: Vec<AclCreation>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for CreateAclsRequest {
    const NAME: &'static str = "CreateAclsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=3;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.creations = from.items(flexible, |from| AclCreation::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.length(Some(self.creations.len()), flexible);
        for item in &self.creations {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "CreateAclsRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CreateAclsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.creations = source.items(|source| AclCreation::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for CreateAclsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`CreateAclsRequest`], versions 1-3.
#[derive(Clone, PartialEq, Debug)]
pub struct AclCreation {
    /// Versions 0+.
    pub resource_type: i8,
    /// Versions 0+.
    pub resource_name: String,
    /// Versions 1+; 3 by default.
    pub resource_pattern_type: i8,
    /// Versions 0+.
    pub principal: String,
    /// Versions 0+.
    pub host: String,
    /// Versions 0+.
    pub operation: i8,
    /// Versions 0+.
    pub permission_type: i8,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for AclCreation {
    fn default() -> Self {
        Self {
            resource_type: 0,
            resource_name: String::new(),
            resource_pattern_type: 3,
            principal: String::new(),
            host: String::new(),
            operation: 0,
            permission_type: 0,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl AclCreation {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.resource_type = from.i8()?;
        it.resource_name = from.string(flexible)?;
        it.resource_pattern_type = from.i8()?;
        it.principal = from.string(flexible)?;
        it.host = from.string(flexible)?;
        it.operation = from.i8()?;
        it.permission_type = from.i8()?;
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
            "AclCreation",
            "resource_name",
        )?;
        to.i8(self.resource_pattern_type);
        place(
            to.string(&self.principal, flexible),
            "AclCreation",
            "principal",
        )?;
        place(to.string(&self.host, flexible), "AclCreation", "host")?;
        to.i8(self.operation);
        to.i8(self.permission_type);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(self.unknown_tags.is_empty(), "AclCreation", "unknown_tags")?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AclCreation {
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
            it.resource_pattern_type = source.i8();
        }
        if source.sets() {
            it.principal = source.string();
        }
        if source.sets() {
            it.host = source.string();
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

impl Request for CreateAclsRequest {
    const KEY: i16 = 30;
    type Response = super::CreateAclsResponse;
}
