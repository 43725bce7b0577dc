//! `ListTransactionsRequest`: API key 66, versions 0-2. Written by `cargo xtask codegen`: do not edit.

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

/// `ListTransactionsRequest`: API key 66, versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct ListTransactionsRequest {
    /// Versions 0+.
    pub state_filters: Vec<String>,
    /// Versions 0+ (`producerId`).
    pub producer_id_filters: Vec<i64>,
    /// Versions 1+; -1 by default.
    pub duration_filter: i64,
    /// Versions 2+, nullable 2+; null by default.
    pub transactional_id_pattern: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ListTransactionsRequest {
    fn default() -> Self {
        Self {
            state_filters: Vec::new(),
            producer_id_filters: Vec::new(),
            duration_filter: -1,
            transactional_id_pattern: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for ListTransactionsRequest {
    const NAME: &'static str = "ListTransactionsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=2;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.state_filters = from.items(true, |from| from.string(true))?;
        it.producer_id_filters = from.items(true, Reader::i64)?;
        if version >= 1 {
            it.duration_filter = from.i64()?;
        }
        if version >= 2 {
            it.transactional_id_pattern = from.nullable_string(true)?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.state_filters.len()), true);
        for item in &self.state_filters {
            place(
                to.string(item, true),
                "ListTransactionsRequest",
                "state_filters",
            )?;
        }
        to.length(Some(self.producer_id_filters.len()), true);
        for item in &self.producer_id_filters {
            to.i64(*item);
        }
        if version >= 1 {
            to.i64(self.duration_filter);
        } else {
            place(
                self.duration_filter == -1,
                "ListTransactionsRequest",
                "duration_filter",
            )?;
        }
        if version >= 2 {
            place(
                to.nullable_string(self.transactional_id_pattern.as_deref(), true),
                "ListTransactionsRequest",
                "transactional_id_pattern",
            )?;
        } else {
            place(
                self.transactional_id_pattern.is_none(),
                "ListTransactionsRequest",
                "transactional_id_pattern",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ListTransactionsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.state_filters = source.items(|source| source.string());
        }
        if source.sets() {
            it.producer_id_filters = source.items(|source| source.i64());
        }
        if version >= 1 && source.sets() {
            it.duration_filter = source.i64();
        }
        if version >= 2 && source.sets() {
            it.transactional_id_pattern = source.nullable(true, |source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for ListTransactionsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

impl Request for ListTransactionsRequest {
    const KEY: i16 = 66;
    type Response = super::ListTransactionsResponse;
}
