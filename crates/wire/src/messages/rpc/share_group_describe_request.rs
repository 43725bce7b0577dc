//! `ShareGroupDescribeRequest`: API key 77, versions 1. Written by `cargo xtask codegen`: do not edit.

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

/// `ShareGroupDescribeRequest`: API key 77, versions 1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ShareGroupDescribeRequest {
    /// Versions 0+ (`groupId`).
    pub group_ids: Vec<String>,
    /// Versions 0+.
    pub include_authorized_operations: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ShareGroupDescribeRequest {
    const NAME: &'static str = "ShareGroupDescribeRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=1;
    const FLEXIBLE: Option<i16> = Some(1);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.group_ids = from.items(true, |from| from.string(true))?;
        it.include_authorized_operations = from.bool()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.group_ids.len()), true);
        for item in &self.group_ids {
            place(
                to.string(item, true),
                "ShareGroupDescribeRequest",
                "group_ids",
            )?;
        }
        to.bool(self.include_authorized_operations);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ShareGroupDescribeRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.group_ids = source.items(|source| source.string());
        }
        if source.sets() {
            it.include_authorized_operations = source.bool();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for ShareGroupDescribeRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

impl Request for ShareGroupDescribeRequest {
    const KEY: i16 = 77;
    type Response = super::ShareGroupDescribeResponse;
}
