//! `ListGroupsRequest`: API key 16, versions 0-5. Written by `cargo xtask codegen`: do not edit.

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

/// `ListGroupsRequest`: API key 16, versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListGroupsRequest {
    /// Versions 4+.
    pub states_filter: Vec<String>,
    /// Versions 5+.
    pub types_filter: Vec<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ListGroupsRequest {
    const NAME: &'static str = "ListGroupsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=5;
    const FLEXIBLE: Option<i16> = Some(3);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version >= 4 {
            it.states_filter = from.items(true, |from| from.string(true))?;
        }
        if version >= 5 {
            it.types_filter = from.items(true, |from| from.string(true))?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        if version >= 4 {
            to.length(Some(self.states_filter.len()), true);
            for item in &self.states_filter {
                place(to.string(item, true), "ListGroupsRequest", "states_filter")?;
            }
        } else {
            place(
                self.states_filter.is_empty(),
                "ListGroupsRequest",
                "states_filter",
            )?;
        }
        if version >= 5 {
            to.length(Some(self.types_filter.len()), true);
            for item in &self.types_filter {
                place(to.string(item, true), "ListGroupsRequest", "types_filter")?;
            }
        } else {
            place(
                self.types_filter.is_empty(),
                "ListGroupsRequest",
                "types_filter",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ListGroupsRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ListGroupsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version >= 4 && source.sets() {
            it.states_filter = source.items(|source| source.string());
        }
        if version >= 5 && source.sets() {
            it.types_filter = source.items(|source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for ListGroupsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

impl Request for ListGroupsRequest {
    const KEY: i16 = 16;
    type Response = super::ListGroupsResponse;
}
