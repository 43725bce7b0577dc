//! `ConsumerGroupRegularExpressionValue`: record type 16, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ConsumerGroupRegularExpressionValue`: record type 16, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ConsumerGroupRegularExpressionValue {
    /// Versions 0+.
    pub topics: Vec<String>,
    /// Versions 0+.
    pub version: i64,
    /// Versions 0+.
    pub timestamp: i64,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ConsumerGroupRegularExpressionValue {
    const NAME: &'static str = "ConsumerGroupRegularExpressionValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topics = from.items(true, |from| from.string(true))?;
        it.version = from.i64()?;
        it.timestamp = from.i64()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            place(
                to.string(item, true),
                "ConsumerGroupRegularExpressionValue",
                "topics",
            )?;
        }
        to.i64(self.version);
        to.i64(self.timestamp);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ConsumerGroupRegularExpressionValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topics = source.items(|source| source.string());
        }
        if source.sets() {
            it.version = source.i64();
        }
        if source.sets() {
            it.timestamp = source.i64();
        }
        it.unknown_tags = source.tags();
        it
    }
}
