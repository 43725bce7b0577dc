//! `FindCoordinatorRequest`: API key 10, versions 0-6. Written by `cargo xtask codegen`: do not edit.

use crate::answer::Name;
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

/// `FindCoordinatorRequest`: API key 10, versions 0-6.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FindCoordinatorRequest {
    /// Versions 0-3.
    pub key: String,
    /// Versions 1+; 0 by default.
    pub key_type: i8,
    /// Versions 4+.
    pub coordinator_keys: Vec<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for FindCoordinatorRequest {
    const NAME: &'static str = "FindCoordinatorRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=6;
    const FLEXIBLE: Option<i16> = Some(3);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version <= 3 {
            it.key = from.string(flexible)?;
        }
        if version >= 1 {
            it.key_type = from.i8()?;
        }
        if version >= 4 {
            it.coordinator_keys = from.items(true, |from| from.string(true))?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        if version <= 3 {
            place(
                to.string(&self.key, flexible),
                "FindCoordinatorRequest",
                "key",
            )?;
        } else {
            place(self.key.is_empty(), "FindCoordinatorRequest", "key")?;
        }
        if version >= 1 {
            to.i8(self.key_type);
        } else {
            place(self.key_type == 0, "FindCoordinatorRequest", "key_type")?;
        }
        if version >= 4 {
            to.length(Some(self.coordinator_keys.len()), true);
            for item in &self.coordinator_keys {
                place(
                    to.string(item, true),
                    "FindCoordinatorRequest",
                    "coordinator_keys",
                )?;
            }
        } else {
            place(
                self.coordinator_keys.is_empty(),
                "FindCoordinatorRequest",
                "coordinator_keys",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "FindCoordinatorRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl FindCoordinatorRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version <= 3 && source.sets() {
            it.key = source.string();
        }
        if version >= 1 && source.sets() {
            it.key_type = source.i8();
        }
        if version >= 4 && source.sets() {
            it.coordinator_keys = source.items(|source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for FindCoordinatorRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[
            ("key", Name::Text(Some(&self.key))),
            ("key_type", Name::Number(self.key_type.into())),
        ]);
    }
}

impl Request for FindCoordinatorRequest {
    const KEY: i16 = 10;
    type Response = super::FindCoordinatorResponse;
}
