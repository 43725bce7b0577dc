//! `AbortTransactionRecord`: record type 25, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `AbortTransactionRecord`: record type 25, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AbortTransactionRecord {
    /// Versions 0+, tagged 0+, nullable 0+; null by default.
    pub reason: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for AbortTransactionRecord {
    const NAME: &'static str = "AbortTransactionRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 => it.reason = from.nullable_string(true)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        let mut tags = TagWriter::new(&self.unknown_tags, "AbortTransactionRecord");
        if self.reason.is_some() {
            tags.field(0, |to| {
                place(
                    to.nullable_string(self.reason.as_deref(), true),
                    "AbortTransactionRecord",
                    "reason",
                )?;
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AbortTransactionRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.reason = source.nullable(true, |source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl AbortTransactionRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 25;
}
