//! `DescribeTransactionsResponse`: API key 65, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::Name;
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

/// `DescribeTransactionsResponse`: API key 65, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeTransactionsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub transaction_states: Vec<TransactionState>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DescribeTransactionsResponse {
    const NAME: &'static str = "DescribeTransactionsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.transaction_states = from.items(true, |from| TransactionState::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
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
impl DescribeTransactionsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.transaction_states =
                source.items(|source| TransactionState::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for DescribeTransactionsResponse {
    fn failed(_version: i16, _code: i16) -> Option<Self> {
        None
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        for at0 in &self.transaction_states {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[
                        ("transactional_id", Name::Text(Some(&at0.transactional_id))),
                        ("producer_id", Name::Number(at0.producer_id)),
                    ],
                    at0.error_code,
                    None,
                );
            }
        }
    }
}

impl AmendTexts for DescribeTransactionsResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`DescribeTransactionsResponse`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TransactionState {
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+ (`transactionalId`).
    pub transactional_id: String,
    /// Versions 0+.
    pub transaction_state: String,
    /// Versions 0+.
    pub transaction_timeout_ms: i32,
    /// Versions 0+.
    pub transaction_start_time_ms: i64,
    /// Versions 0+ (`producerId`).
    pub producer_id: i64,
    /// Versions 0+.
    pub producer_epoch: i16,
    /// Versions 0+.
    pub topics: Vec<TopicData>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TransactionState {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.error_code = from.i16()?;
        it.transactional_id = from.string(true)?;
        it.transaction_state = from.string(true)?;
        it.transaction_timeout_ms = from.i32()?;
        it.transaction_start_time_ms = from.i64()?;
        it.producer_id = from.i64()?;
        it.producer_epoch = from.i16()?;
        it.topics = from.items(true, |from| TopicData::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i16(self.error_code);
        place(
            to.string(&self.transactional_id, true),
            "TransactionState",
            "transactional_id",
        )?;
        place(
            to.string(&self.transaction_state, true),
            "TransactionState",
            "transaction_state",
        )?;
        to.i32(self.transaction_timeout_ms);
        to.i64(self.transaction_start_time_ms);
        to.i64(self.producer_id);
        to.i16(self.producer_epoch);
        to.length(Some(self.topics.len()), true);
        for item in &self.topics {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TransactionState {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.transactional_id = source.string();
        }
        if source.sets() {
            it.transaction_state = source.string();
        }
        if source.sets() {
            it.transaction_timeout_ms = source.i32();
        }
        if source.sets() {
            it.transaction_start_time_ms = source.i64();
        }
        if source.sets() {
            it.producer_id = source.i64();
        }
        if source.sets() {
            it.producer_epoch = source.i16();
        }
        if source.sets() {
            it.topics = source.items(|source| TopicData::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`DescribeTransactionsResponse`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicData {
    /// Versions 0+ (`topicName`).
    pub topic: String,
    /// Versions 0+.
    pub partitions: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicData {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic = from.string(true)?;
        it.partitions = from.items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.topic, true), "TopicData", "topic")?;
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            to.i32(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicData {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic = source.string();
        }
        if source.sets() {
            it.partitions = source.items(|source| source.i32());
        }
        it.unknown_tags = source.tags();
        it
    }
}
