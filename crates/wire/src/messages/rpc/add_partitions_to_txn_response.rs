//! `AddPartitionsToTxnResponse`: API key 24, versions 0-5. Written by `cargo xtask codegen`: do not edit.

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

/// `AddPartitionsToTxnResponse`: API key 24, versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AddPartitionsToTxnResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 4+.
    pub error_code: i16,
    /// Versions 4+.
    pub results_by_transaction: Vec<AddPartitionsToTxnResult>,
    /// Versions 0-3.
    pub results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for AddPartitionsToTxnResponse {
    const NAME: &'static str = "AddPartitionsToTxnResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=5;
    const FLEXIBLE: Option<i16> = Some(3);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        if version >= 4 {
            it.error_code = from.i16()?;
        }
        if version >= 4 {
            it.results_by_transaction =
                from.items(true, |from| AddPartitionsToTxnResult::read(from, version))?;
        }
        if version <= 3 {
            it.results_by_topic_v3_and_below = from.items(flexible, |from| {
                AddPartitionsToTxnTopicResult::read(from, version)
            })?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        to.i32(self.throttle_time_ms);
        if version >= 4 {
            to.i16(self.error_code);
        }
        if version >= 4 {
            to.length(Some(self.results_by_transaction.len()), true);
            for item in &self.results_by_transaction {
                item.write(to, version)?;
            }
        } else {
            place(
                self.results_by_transaction.is_empty(),
                "AddPartitionsToTxnResponse",
                "results_by_transaction",
            )?;
        }
        if version <= 3 {
            to.length(Some(self.results_by_topic_v3_and_below.len()), flexible);
            for item in &self.results_by_topic_v3_and_below {
                item.write(to, version)?;
            }
        } else {
            place(
                self.results_by_topic_v3_and_below.is_empty(),
                "AddPartitionsToTxnResponse",
                "results_by_topic_v3_and_below",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AddPartitionsToTxnResponse",
                "unknown_tags",
            )?;
        }
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl AddPartitionsToTxnResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if version >= 4 && source.sets() {
            it.error_code = source.i16();
        }
        if version >= 4 && source.sets() {
            it.results_by_transaction =
                source.items(|source| AddPartitionsToTxnResult::random(source, version));
        }
        if version <= 3 && source.sets() {
            it.results_by_topic_v3_and_below =
                source.items(|source| AddPartitionsToTxnTopicResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for AddPartitionsToTxnResponse {
    fn failed(version: i16, code: i16) -> Option<Self> {
        (version >= 4).then(|| Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(Level::Answer, &[], self.error_code, None);
        }
        for at0 in &self.results_by_transaction {
            for at1 in &at0.topic_results {
                for at2 in &at1.results_by_partition {
                    to.code(Level::Part, at2.partition_error_code);
                    if at2.partition_error_code != 0 {
                        to.refused(
                            Level::Part,
                            &[
                                ("transactional_id", Name::Text(Some(&at0.transactional_id))),
                                ("topic", Name::Text(Some(&at1.name))),
                                ("partition", Name::Number(at2.partition_index.into())),
                            ],
                            at2.partition_error_code,
                            None,
                        );
                    }
                }
            }
        }
        for at0 in &self.results_by_topic_v3_and_below {
            for at1 in &at0.results_by_partition {
                to.code(Level::Part, at1.partition_error_code);
                if at1.partition_error_code != 0 {
                    to.refused(
                        Level::Part,
                        &[
                            ("topic", Name::Text(Some(&at0.name))),
                            ("partition", Name::Number(at1.partition_index.into())),
                        ],
                        at1.partition_error_code,
                        None,
                    );
                }
            }
        }
    }
}

impl AmendTexts for AddPartitionsToTxnResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}

/// Part of [`AddPartitionsToTxnResponse`], versions 4-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AddPartitionsToTxnResult {
    /// Versions 4+ (`transactionalId`).
    pub transactional_id: String,
    /// Versions 4+.
    pub topic_results: Vec<AddPartitionsToTxnTopicResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AddPartitionsToTxnResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.transactional_id = from.string(true)?;
        it.topic_results = from.items(true, |from| {
            AddPartitionsToTxnTopicResult::read(from, version)
        })?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        place(
            to.string(&self.transactional_id, true),
            "AddPartitionsToTxnResult",
            "transactional_id",
        )?;
        to.length(Some(self.topic_results.len()), true);
        for item in &self.topic_results {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AddPartitionsToTxnResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.transactional_id = source.string();
        }
        if source.sets() {
            it.topic_results =
                source.items(|source| AddPartitionsToTxnTopicResult::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`AddPartitionsToTxnResponse`], versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AddPartitionsToTxnTopicResult {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub results_by_partition: Vec<AddPartitionsToTxnPartitionResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AddPartitionsToTxnTopicResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.results_by_partition = from.items(flexible, |from| {
            AddPartitionsToTxnPartitionResult::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        place(
            to.string(&self.name, flexible),
            "AddPartitionsToTxnTopicResult",
            "name",
        )?;
        to.length(Some(self.results_by_partition.len()), flexible);
        for item in &self.results_by_partition {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AddPartitionsToTxnTopicResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AddPartitionsToTxnTopicResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.results_by_partition =
                source.items(|source| AddPartitionsToTxnPartitionResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`AddPartitionsToTxnResponse`], versions 0-5.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AddPartitionsToTxnPartitionResult {
    /// Versions 0+.
    pub partition_index: i32,
    /// Versions 0+.
    pub partition_error_code: i16,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl AddPartitionsToTxnPartitionResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        it.partition_index = from.i32()?;
        it.partition_error_code = from.i16()?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        to.i32(self.partition_index);
        to.i16(self.partition_error_code);
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "AddPartitionsToTxnPartitionResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl AddPartitionsToTxnPartitionResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if source.sets() {
            it.partition_index = source.i32();
        }
        if source.sets() {
            it.partition_error_code = source.i16();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
