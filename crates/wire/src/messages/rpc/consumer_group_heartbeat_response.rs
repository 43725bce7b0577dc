//! `ConsumerGroupHeartbeatResponse`: API key 68, versions 0-1. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
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

/// `ConsumerGroupHeartbeatResponse`: API key 68, versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ConsumerGroupHeartbeatResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+; null by default.
    pub error_message: Option<String>,
    /// Versions 0+, nullable 0+; null by default.
    pub member_id: Option<String>,
    /// Versions 0+.
    pub member_epoch: i32,
    /// Versions 0+.
    pub heartbeat_interval_ms: i32,
    /// Versions 0+, nullable 0+; null by default.
    pub assignment: Option<Assignment>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ConsumerGroupHeartbeatResponse {
    const NAME: &'static str = "ConsumerGroupHeartbeatResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=1;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        it.member_id = from.nullable_string(true)?;
        it.member_epoch = from.i32()?;
        it.heartbeat_interval_ms = from.i32()?;
        it.assignment = if from.i8()? < 0 {
            None
        } else {
            Some(Assignment::read(from, version)?)
        };
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "ConsumerGroupHeartbeatResponse",
            "error_message",
        )?;
        place(
            to.nullable_string(self.member_id.as_deref(), true),
            "ConsumerGroupHeartbeatResponse",
            "member_id",
        )?;
        to.i32(self.member_epoch);
        to.i32(self.heartbeat_interval_ms);
        match &self.assignment {
            Some(value) => {
                to.i8(1);
                value.write(to, version)?;
            }
            None => to.i8(-1),
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl ConsumerGroupHeartbeatResponse {
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
            it.error_message = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.member_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.member_epoch = source.i32();
        }
        if source.sets() {
            it.heartbeat_interval_ms = source.i32();
        }
        if source.sets() {
            it.assignment = source.nullable(true, |source| Assignment::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for ConsumerGroupHeartbeatResponse {
    fn failed(_version: i16, code: i16) -> Option<Self> {
        Some(Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(
                Level::Answer,
                &[],
                self.error_code,
                self.error_message.as_deref(),
            );
        }
    }
}

impl AmendTexts for ConsumerGroupHeartbeatResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        if self.error_code == code {
            amend(&mut self.error_message);
        }
    }
}

/// Part of [`ConsumerGroupHeartbeatResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Assignment {
    /// Versions 0+.
    pub topic_partitions: Vec<TopicPartitions>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Assignment {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_partitions = from.items(true, |from| TopicPartitions::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.topic_partitions.len()), true);
        for item in &self.topic_partitions {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Assignment {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_partitions = source.items(|source| TopicPartitions::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ConsumerGroupHeartbeatResponse`], versions 0-1.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicPartitions {
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<i32>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicPartitions {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_id = from.uuid()?;
        it.partitions = from.items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.uuid(self.topic_id);
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            to.i32(*item);
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicPartitions {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.partitions = source.items(|source| source.i32());
        }
        it.unknown_tags = source.tags();
        it
    }
}
