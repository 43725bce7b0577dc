//! `DescribeDelegationTokenRequest`: API key 41, versions 1-3. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeDelegationTokenRequest`: API key 41, versions 1-3.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeDelegationTokenRequest {
    /// Versions 0+, nullable 0+.
    pub owners: Option<Vec<DescribeDelegationTokenOwner>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeDelegationTokenRequest {
    fn default() -> Self {
        Self {
            owners: Some(Vec::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for DescribeDelegationTokenRequest {
    const NAME: &'static str = "DescribeDelegationTokenRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=3;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.owners = from.nullable_items(flexible, |from| {
            DescribeDelegationTokenOwner::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.length(self.owners.as_ref().map(Vec::len), flexible);
        for item in self.owners.iter().flatten() {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeDelegationTokenRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeDelegationTokenRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.owners = source.nullable(true, |source| {
                source.items(|source| DescribeDelegationTokenOwner::random(source, version))
            });
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for DescribeDelegationTokenRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

/// Part of [`DescribeDelegationTokenRequest`], versions 1-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeDelegationTokenOwner {
    /// Versions 0+.
    pub principal_type: String,
    /// Versions 0+.
    pub principal_name: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DescribeDelegationTokenOwner {
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
            "DescribeDelegationTokenOwner",
            "principal_type",
        )?;
        place(
            to.string(&self.principal_name, flexible),
            "DescribeDelegationTokenOwner",
            "principal_name",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeDelegationTokenOwner",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeDelegationTokenOwner {
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

impl Request for DescribeDelegationTokenRequest {
    const KEY: i16 = 41;
    type Response = super::DescribeDelegationTokenResponse;
}
