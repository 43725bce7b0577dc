//! `ElectLeadersResponse`: API key 43, versions 0-2. Written by `cargo xtask codegen`: do not edit.

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

/// `ElectLeadersResponse`: API key 43, versions 0-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ElectLeadersResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 1+.
    pub error_code: i16,
    /// Versions 0+.
    pub replica_election_results: Vec<ReplicaElectionResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ElectLeadersResponse {
    const NAME: &'static str = "ElectLeadersResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=2;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        if version >= 1 {
            it.error_code = from.i16()?;
        }
        it.replica_election_results =
            from.items(flexible, |from| ReplicaElectionResult::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i32(self.throttle_time_ms);
        if version >= 1 {
            to.i16(self.error_code);
        } else {
            place(self.error_code == 0, "ElectLeadersResponse", "error_code")?;
        }
        to.length(Some(self.replica_election_results.len()), flexible);
        for item in &self.replica_election_results {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ElectLeadersResponse",
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
impl ElectLeadersResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if version >= 1 && source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.replica_election_results =
                source.items(|source| ReplicaElectionResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for ElectLeadersResponse {
    fn failed(version: i16, code: i16) -> Option<Self> {
        (version >= 1).then(|| Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(Level::Answer, &[], self.error_code, None);
        }
        for at0 in &self.replica_election_results {
            for at1 in &at0.partition_result {
                to.code(Level::Part, at1.error_code);
                if at1.error_code != 0 {
                    to.refused(
                        Level::Part,
                        &[
                            ("topic", Name::Text(Some(&at0.topic))),
                            ("partition", Name::Number(at1.partition_id.into())),
                        ],
                        at1.error_code,
                        at1.error_message.as_deref(),
                    );
                }
            }
        }
    }
}

impl AmendTexts for ElectLeadersResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        for at0 in &mut self.replica_election_results {
            for at1 in &mut at0.partition_result {
                if at1.error_code == code {
                    amend(&mut at1.error_message);
                }
            }
        }
    }
}

/// Part of [`ElectLeadersResponse`], versions 0-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ReplicaElectionResult {
    /// Versions 0+ (`topicName`).
    pub topic: String,
    /// Versions 0+.
    pub partition_result: Vec<PartitionResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl ReplicaElectionResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.topic = from.string(flexible)?;
        it.partition_result = from.items(flexible, |from| PartitionResult::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        place(
            to.string(&self.topic, flexible),
            "ReplicaElectionResult",
            "topic",
        )?;
        to.length(Some(self.partition_result.len()), flexible);
        for item in &self.partition_result {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ReplicaElectionResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ReplicaElectionResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.topic = source.string();
        }
        if source.sets() {
            it.partition_result = source.items(|source| PartitionResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

/// Part of [`ElectLeadersResponse`], versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionResult {
    /// Versions 0+.
    pub partition_id: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+.
    pub error_message: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for PartitionResult {
    fn default() -> Self {
        Self {
            partition_id: 0,
            error_code: 0,
            error_message: Some(String::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl PartitionResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.partition_id = from.i32()?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i32(self.partition_id);
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), flexible),
            "PartitionResult",
            "error_message",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "PartitionResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.partition_id = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
