//! `RequestHeader`: versions 1-2. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `RequestHeader`: versions 1-2.
#[derive(Clone, PartialEq, Debug)]
pub struct RequestHeader {
    /// Versions 0+.
    pub request_api_key: i16,
    /// Versions 0+.
    pub request_api_version: i16,
    /// Versions 0+.
    pub correlation_id: i32,
    /// Versions 1+, nullable 1+.
    pub client_id: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for RequestHeader {
    fn default() -> Self {
        Self {
            request_api_key: 0,
            request_api_version: 0,
            correlation_id: 0,
            client_id: Some(String::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for RequestHeader {
    const NAME: &'static str = "RequestHeader";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=2;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.request_api_key = from.i16()?;
        it.request_api_version = from.i16()?;
        it.correlation_id = from.i32()?;
        it.client_id = from.nullable_string(false)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i16(self.request_api_key);
        to.i16(self.request_api_version);
        to.i32(self.correlation_id);
        place(
            to.nullable_string(self.client_id.as_deref(), false),
            "RequestHeader",
            "client_id",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "RequestHeader",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl RequestHeader {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.request_api_key = source.i16();
        }
        if source.sets() {
            it.request_api_version = source.i16();
        }
        if source.sets() {
            it.correlation_id = source.i32();
        }
        if source.sets() {
            it.client_id = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
