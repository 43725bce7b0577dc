//! `DescribeAclsResponse`: API key 29, versions 1-3. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeAclsResponse`: API key 29, versions 1-3.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeAclsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+.
    pub error_message: Option<String>,
    /// Versions 0+.
    pub resources: Vec<DescribeAclsResource>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeAclsResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: Some(String::new()),
            resources: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for DescribeAclsResponse {
    const NAME: &'static str = "DescribeAclsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=3;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(flexible)?;
        it.resources = from.items(flexible, |from| DescribeAclsResource::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), flexible),
            "DescribeAclsResponse",
            "error_message",
        )?;
        to.length(Some(self.resources.len()), flexible);
        for item in &self.resources {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeAclsResponse",
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
impl DescribeAclsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
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
            it.resources = source.items(|source| DescribeAclsResource::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for DescribeAclsResponse {
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
    }
}

impl AmendTexts for DescribeAclsResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        if self.error_code == code {
            amend(&mut self.error_message);
        }
    }
}

/// Part of [`DescribeAclsResponse`], versions 1-3.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeAclsResource {
    /// Versions 0+.
    pub resource_type: i8,
    /// Versions 0+.
    pub resource_name: String,
    /// Versions 1+; 3 by default.
    pub pattern_type: i8,
    /// Versions 0+.
    pub acls: Vec<AclDescription>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeAclsResource {
    fn default() -> Self {
        Self {
            resource_type: 0,
            resource_name: String::new(),
            pattern_type: 3,
            acls: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DescribeAclsResource {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.resource_type = from.i8()?;
        it.resource_name = from.string(flexible)?;
        it.pattern_type = from.i8()?;
        it.acls = from.items(flexible, |from| AclDescription::read(from, version))?;
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
            "DescribeAclsResource",
            "resource_name",
        )?;
        to.i8(self.pattern_type);
        to.length(Some(self.acls.len()), flexible);
        for item in &self.acls {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeAclsResource",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeAclsResource {
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
            it.pattern_type = source.i8();
        }
        if source.sets() {
            it.acls = source.items(|source| AclDescription::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`DescribeAclsResponse`], versions 1-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AclDescription {
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

impl AclDescription {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
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
        place(
            to.string(&self.principal, flexible),
            "AclDescription",
            "principal",
        )?;
        place(to.string(&self.host, flexible), "AclDescription", "host")?;
        to.i8(self.operation);
        to.i8(self.permission_type);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AclDescription",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AclDescription {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
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
