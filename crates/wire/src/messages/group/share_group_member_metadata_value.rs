//! `ShareGroupMemberMetadataValue`: record type 10, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ShareGroupMemberMetadataValue`: record type 10, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct ShareGroupMemberMetadataValue {
    /// Versions 0+, nullable 0+.
    pub rack_id: Option<String>,
    /// Versions 0+.
    pub client_id: String,
    /// Versions 0+.
    pub client_host: String,
    /// Versions 0+.
    pub subscribed_topic_names: Vec<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ShareGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            rack_id: Some(String::new()),
            client_id: String::new(),
            client_host: String::new(),
            subscribed_topic_names: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for ShareGroupMemberMetadataValue {
    const NAME: &'static str = "ShareGroupMemberMetadataValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.rack_id = from.nullable_string(true)?;
        it.client_id = from.string(true)?;
        it.client_host = from.string(true)?;
        it.subscribed_topic_names = from.items(true, |from| from.string(true))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.nullable_string(self.rack_id.as_deref(), true),
            "ShareGroupMemberMetadataValue",
            "rack_id",
        )?;
        place(
            to.string(&self.client_id, true),
            "ShareGroupMemberMetadataValue",
            "client_id",
        )?;
        place(
            to.string(&self.client_host, true),
            "ShareGroupMemberMetadataValue",
            "client_host",
        )?;
        to.length(Some(self.subscribed_topic_names.len()), true);
        for item in &self.subscribed_topic_names {
            place(
                to.string(item, true),
                "ShareGroupMemberMetadataValue",
                "subscribed_topic_names",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ShareGroupMemberMetadataValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.rack_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.client_id = source.string();
        }
        if source.sets() {
            it.client_host = source.string();
        }
        if source.sets() {
            it.subscribed_topic_names = source.items(|source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}
