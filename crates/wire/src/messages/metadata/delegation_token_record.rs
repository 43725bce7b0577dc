//! `DelegationTokenRecord`: record type 10, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `DelegationTokenRecord`: record type 10, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DelegationTokenRecord {
    /// Versions 0+.
    pub owner: String,
    /// Versions 0+.
    pub requester: String,
    /// Versions 0+.
    pub renewers: Vec<String>,
    /// Versions 0+.
    pub issue_timestamp: i64,
    /// Versions 0+.
    pub max_timestamp: i64,
    /// Versions 0+.
    pub expiration_timestamp: i64,
    /// Versions 0+.
    pub token_id: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DelegationTokenRecord {
    const NAME: &'static str = "DelegationTokenRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.owner = from.string(true)?;
        it.requester = from.string(true)?;
        it.renewers = from.items(true, |from| from.string(true))?;
        it.issue_timestamp = from.i64()?;
        it.max_timestamp = from.i64()?;
        it.expiration_timestamp = from.i64()?;
        it.token_id = from.string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.owner, true),
            "DelegationTokenRecord",
            "owner",
        )?;
        place(
            to.string(&self.requester, true),
            "DelegationTokenRecord",
            "requester",
        )?;
        to.length(Some(self.renewers.len()), true);
        for item in &self.renewers {
            place(to.string(item, true), "DelegationTokenRecord", "renewers")?;
        }
        to.i64(self.issue_timestamp);
        to.i64(self.max_timestamp);
        to.i64(self.expiration_timestamp);
        place(
            to.string(&self.token_id, true),
            "DelegationTokenRecord",
            "token_id",
        )?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DelegationTokenRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.owner = source.string();
        }
        if source.sets() {
            it.requester = source.string();
        }
        if source.sets() {
            it.renewers = source.items(|source| source.string());
        }
        if source.sets() {
            it.issue_timestamp = source.i64();
        }
        if source.sets() {
            it.max_timestamp = source.i64();
        }
        if source.sets() {
            it.expiration_timestamp = source.i64();
        }
        if source.sets() {
            it.token_id = source.string();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl DelegationTokenRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 10;
}
