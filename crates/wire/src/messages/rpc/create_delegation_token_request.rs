//! `CreateDelegationTokenRequest`: API key 38, versions 1-3. Written by `cargo xtask codegen`: do not edit.

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

/// `CreateDelegationTokenRequest`: API key 38, versions 1-3.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateDelegationTokenRequest {
    /// Versions 3+, nullable 3+.
    pub owner_principal_type: Option<String>,
    /// Versions 3+, nullable 3+.
    pub owner_principal_name: Option<String>,
    /// Versions 0+.
    pub renewers: Vec<CreatableRenewers>,
    /// Versions 0+.
    pub max_lifetime_ms: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for CreateDelegationTokenRequest {
    fn default() -> Self {
        Self {
            owner_principal_type: Some(String::new()),
            owner_principal_name: Some(String::new()),
            renewers: Vec::new(),
            max_lifetime_ms: 0,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for CreateDelegationTokenRequest {
    const NAME: &'static str = "CreateDelegationTokenRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=3;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        if version >= 3 {
            it.owner_principal_type = from.nullable_string(true)?;
        }
        if version >= 3 {
            it.owner_principal_name = from.nullable_string(true)?;
        }
        it.renewers = from.items(flexible, |from| CreatableRenewers::read(from, version))?;
        it.max_lifetime_ms = from.i64()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        if version >= 3 {
            place(
                to.nullable_string(self.owner_principal_type.as_deref(), true),
                "CreateDelegationTokenRequest",
                "owner_principal_type",
            )?;
        } else {
            place(
                self.owner_principal_type.as_deref() == Some(""),
                "CreateDelegationTokenRequest",
                "owner_principal_type",
            )?;
        }
        if version >= 3 {
            place(
                to.nullable_string(self.owner_principal_name.as_deref(), true),
                "CreateDelegationTokenRequest",
                "owner_principal_name",
            )?;
        } else {
            place(
                self.owner_principal_name.as_deref() == Some(""),
                "CreateDelegationTokenRequest",
                "owner_principal_name",
            )?;
        }
        to.length(Some(self.renewers.len()), flexible);
        for item in &self.renewers {
            item.write(to, version)?;
        }
        to.i64(self.max_lifetime_ms);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "CreateDelegationTokenRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CreateDelegationTokenRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if version >= 3 && source.sets() {
            it.owner_principal_type = source.nullable(true, |source| source.string());
        }
        if version >= 3 && source.sets() {
            it.owner_principal_name = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.renewers = source.items(|source| CreatableRenewers::random(source, version));
        }
        if source.sets() {
            it.max_lifetime_ms = source.i64();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for CreateDelegationTokenRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`CreateDelegationTokenRequest`], versions 1-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CreatableRenewers {
    /// Versions 0+.
    pub principal_type: String,
    /// Versions 0+.
    pub principal_name: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl CreatableRenewers {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.principal_type = from.string(flexible)?;
        it.principal_name = from.string(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        place(
            to.string(&self.principal_type, flexible),
            "CreatableRenewers",
            "principal_type",
        )?;
        place(
            to.string(&self.principal_name, flexible),
            "CreatableRenewers",
            "principal_name",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "CreatableRenewers",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CreatableRenewers {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.principal_type = source.string();
        }
        if source.sets() {
            it.principal_name = source.string();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Request for CreateDelegationTokenRequest {
    const KEY: i16 = 38;
    type Response = super::CreateDelegationTokenResponse;
}
