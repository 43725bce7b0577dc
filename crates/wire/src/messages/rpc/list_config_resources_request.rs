//! `ListConfigResourcesRequest`: API key 74, versions 0-1. Written by `cargo xtask codegen`: do not edit.

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

/// `ListConfigResourcesRequest`: API key 74, versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListConfigResourcesRequest {
    /// Versions 1+.
    pub resource_types: Vec<i8>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ListConfigResourcesRequest {
    const NAME: &'static str = "ListConfigResourcesRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        if version >= 1 {
            it.resource_types = from.items(true, Reader::i8)?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        if version >= 1 {
            to.length(Some(self.resource_types.len()), true);
            for item in &self.resource_types {
                to.i8(*item);
            }
        } else {
            place(
                self.resource_types.is_empty(),
                "ListConfigResourcesRequest",
                "resource_types",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ListConfigResourcesRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if version >= 1 && source.sets() {
            it.resource_types = source.items(|source| source.i8());
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for ListConfigResourcesRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

impl Request for ListConfigResourcesRequest {
    const KEY: i16 = 74;
    type Response = super::ListConfigResourcesResponse;
}
