//! `DeleteAclsResponse`: API key 31, versions 1-3. Written by `cargo xtask codegen`: do not edit.

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

/// `DeleteAclsResponse`: API key 31, versions 1-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DeleteAclsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub filter_results: Vec<DeleteAclsFilterResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DeleteAclsResponse {
    const NAME: &'static str = "DeleteAclsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=3;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.filter_results =
            from.items(flexible, |from| DeleteAclsFilterResult::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i32(self.throttle_time_ms);
        to.length(Some(self.filter_results.len()), flexible);
        for item in &self.filter_results {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DeleteAclsResponse",
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
impl DeleteAclsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.filter_results =
                source.items(|source| DeleteAclsFilterResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for DeleteAclsResponse {
    fn failed(_version: i16, _code: i16) -> Option<Self> {
        None
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        for at0 in &self.filter_results {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[],
                    at0.error_code,
                    at0.error_message.as_deref(),
                );
            }
            for at1 in &at0.matching_acls {
                to.code(Level::Part, at1.error_code);
                if at1.error_code != 0 {
                    to.refused(
                        Level::Part,
                        &[
                            ("resource_type", Name::Number(at1.resource_type.into())),
                            ("resource", Name::Text(Some(&at1.resource_name))),
                        ],
                        at1.error_code,
                        at1.error_message.as_deref(),
                    );
                }
            }
        }
    }
}

impl AmendTexts for DeleteAclsResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        for at0 in &mut self.filter_results {
            if at0.error_code == code {
                amend(&mut at0.error_message);
            }
            for at1 in &mut at0.matching_acls {
                if at1.error_code == code {
                    amend(&mut at1.error_message);
                }
            }
        }
    }
}

/// Part of [`DeleteAclsResponse`], versions 1-3.
#[derive(Clone, PartialEq, Debug)]
pub struct DeleteAclsFilterResult {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+.
    pub error_message: Option<String>,
    /// Versions 0+.
    pub matching_acls: Vec<DeleteAclsMatchingAcl>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DeleteAclsFilterResult {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(String::new()),
            matching_acls: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DeleteAclsFilterResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(flexible)?;
        it.matching_acls =
            from.items(flexible, |from| DeleteAclsMatchingAcl::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), flexible),
            "DeleteAclsFilterResult",
            "error_message",
        )?;
        to.length(Some(self.matching_acls.len()), flexible);
        for item in &self.matching_acls {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DeleteAclsFilterResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DeleteAclsFilterResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.matching_acls =
                source.items(|source| DeleteAclsMatchingAcl::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`DeleteAclsResponse`], versions 1-3.
#[derive(Clone, PartialEq, Debug)]
pub struct DeleteAclsMatchingAcl {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+.
    pub error_message: Option<String>,
    /// Versions 0+.
    pub resource_type: i8,
    /// Versions 0+.
    pub resource_name: String,
    /// Versions 1+; 3 by default.
    pub pattern_type: i8,
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

impl Default for DeleteAclsMatchingAcl {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(String::new()),
            resource_type: 0,
            resource_name: String::new(),
            pattern_type: 3,
            principal: String::new(),
            host: String::new(),
            operation: 0,
            permission_type: 0,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DeleteAclsMatchingAcl {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(flexible)?;
        it.resource_type = from.i8()?;
        it.resource_name = from.string(flexible)?;
        it.pattern_type = from.i8()?;
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
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), flexible),
            "DeleteAclsMatchingAcl",
            "error_message",
        )?;
        to.i8(self.resource_type);
        place(
            to.string(&self.resource_name, flexible),
            "DeleteAclsMatchingAcl",
            "resource_name",
        )?;
        to.i8(self.pattern_type);
        place(
            to.string(&self.principal, flexible),
            "DeleteAclsMatchingAcl",
            "principal",
        )?;
        place(
            to.string(&self.host, flexible),
            "DeleteAclsMatchingAcl",
            "host",
        )?;
        to.i8(self.operation);
        to.i8(self.permission_type);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DeleteAclsMatchingAcl",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DeleteAclsMatchingAcl {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
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
