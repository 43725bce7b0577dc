//! `DescribeGroupsRequest`: API key 15, versions 0-6. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeGroupsRequest`: API key 15, versions 0-6.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeGroupsRequest {
    /// Versions 0+ (`groupId`).
    pub groups: Vec<String>,
    /// Versions 3+.
    pub include_authorized_operations: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DescribeGroupsRequest {
    const NAME: &'static str = "DescribeGroupsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=6;
    const FLEXIBLE: Option<i16> = Some(5);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 5;
        let mut it = Self::default();
        it.groups = from.items(flexible, |from| from.string(flexible))?;
        if version >= 3 {
            it.include_authorized_operations = from.bool()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 5;
        to.length(Some(self.groups.len()), flexible);
        for item in &self.groups {
            place(to.string(item, flexible), "DescribeGroupsRequest", "groups")?;
        }
        if version >= 3 {
            to.bool(self.include_authorized_operations);
        } else {
            place(
                !self.include_authorized_operations,
                "DescribeGroupsRequest",
                "include_authorized_operations",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DescribeGroupsRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeGroupsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 5;
        let mut it = Self::default();
        if source.sets() {
            it.groups = source.items(|source| source.string());
        }
        if version >= 3 && source.sets() {
            it.include_authorized_operations = source.bool();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for DescribeGroupsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

impl Request for DescribeGroupsRequest {
    const KEY: i16 = 15;
    type Response = super::DescribeGroupsResponse;
}
