//! `DefaultPrincipalData`: versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `DefaultPrincipalData`: versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DefaultPrincipalData {
    /// Versions 0+.
    pub r#type: String,
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub token_authenticated: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DefaultPrincipalData {
    const NAME: &'static str = "DefaultPrincipalData";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.r#type = from.string(true)?;
        it.name = from.string(true)?;
        it.token_authenticated = from.bool()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.r#type, true),
            "DefaultPrincipalData",
            "type",
        )?;
        place(to.string(&self.name, true), "DefaultPrincipalData", "name")?;
        to.bool(self.token_authenticated);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DefaultPrincipalData {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.r#type = source.string();
        }
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.token_authenticated = source.bool();
        }
        it.unknown_tags = source.tags();
        it
    }
}
