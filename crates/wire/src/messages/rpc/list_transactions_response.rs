//! `ListTransactionsResponse`: API key 66, versions 0-2. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::SeesCodes;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ListTransactionsResponse`: API key 66, versions 0-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListTransactionsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub unknown_state_filters: Vec<String>,
    /// Versions 0+.
    pub transaction_states: Vec<TransactionState>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ListTransactionsResponse {
    const NAME: &'static str = "ListTransactionsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=2;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.unknown_state_filters = from.items(true, |from| from.string(true))?;
        it.transaction_states = from.items(true, |from| TransactionState::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        to.length(Some(self.unknown_state_filters.len()), true);
        for item in &self.unknown_state_filters {
            place(
                to.string(item, true),
                "ListTransactionsResponse",
                "unknown_state_filters",
            )?;
        }
        to.length(Some(self.transaction_states.len()), true);
        for item in &self.transaction_states {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl ListTransactionsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.unknown_state_filters = source.items(|source| source.string());
        }
        if source.sets() {
            it.transaction_states =
                source.items(|source| TransactionState::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for ListTransactionsResponse {
    fn failed(_version: i16, code: i16) -> Option<Self> {
        Some(Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(Level::Answer, &[], self.error_code, None);
        }
    }
}

impl AmendTexts for ListTransactionsResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`ListTransactionsResponse`], versions 0-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TransactionState {
    /// Versions 0+ (`transactionalId`).
    pub transactional_id: String,
    /// Versions 0+ (`producerId`).
    pub producer_id: i64,
    /// Versions 0+.
    pub transaction_state: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TransactionState {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.transactional_id = from.string(true)?;
        it.producer_id = from.i64()?;
        it.transaction_state = from.string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.transactional_id, true),
            "TransactionState",
            "transactional_id",
        )?;
        to.i64(self.producer_id);
        place(
            to.string(&self.transaction_state, true),
            "TransactionState",
            "transaction_state",
        )?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TransactionState {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.transactional_id = source.string();
        }
        if source.sets() {
            it.producer_id = source.i64();
        }
        if source.sets() {
            it.transaction_state = source.string();
        }
        it.unknown_tags = source.tags();
        it
    }
}
