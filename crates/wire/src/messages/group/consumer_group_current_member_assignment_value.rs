//! `ConsumerGroupCurrentMemberAssignmentValue`: record type 8, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `ConsumerGroupCurrentMemberAssignmentValue`: record type 8, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ConsumerGroupCurrentMemberAssignmentValue {
    /// Versions 0+.
    pub member_epoch: i32,
    /// Versions 0+.
    pub previous_member_epoch: i32,
    /// Versions 0+.
    pub state: i8,
    /// Versions 0+.
    pub assigned_partitions: Vec<TopicPartitions>,
    /// Versions 0+.
    pub partitions_pending_revocation: Vec<TopicPartitions>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for ConsumerGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "ConsumerGroupCurrentMemberAssignmentValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.member_epoch = from.i32()?;
        it.previous_member_epoch = from.i32()?;
        it.state = from.i8()?;
        it.assigned_partitions = from.items(true, |from| TopicPartitions::read(from, version))?;
        it.partitions_pending_revocation =
            from.items(true, |from| TopicPartitions::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.member_epoch);
        to.i32(self.previous_member_epoch);
        to.i8(self.state);
        to.length(Some(self.assigned_partitions.len()), true);
        for item in &self.assigned_partitions {
            item.write(to, version)?;
        }
        to.length(Some(self.partitions_pending_revocation.len()), true);
        for item in &self.partitions_pending_revocation {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ConsumerGroupCurrentMemberAssignmentValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.member_epoch = source.i32();
        }
        if source.sets() {
            it.previous_member_epoch = source.i32();
        }
        if source.sets() {
            it.state = source.i8();
        }
        if source.sets() {
            it.assigned_partitions =
                source.items(|source| TopicPartitions::random(source, version));
        }
        if source.sets() {
            it.partitions_pending_revocation =
                source.items(|source| TopicPartitions::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`ConsumerGroupCurrentMemberAssignmentValue`], versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct TopicPartitions {
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub partitions: Vec<i32>,
    /// Versions 0+, tagged 0+, nullable 0+.
    pub assignment_epochs: Option<Vec<i32>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for TopicPartitions {
    fn default() -> Self {
        Self {
            topic_id: Uuid::ZERO,
            partitions: Vec::new(),
            assignment_epochs: Some(Vec::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl TopicPartitions {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_id = from.uuid()?;
        it.partitions = from.items(true, Reader::i32)?;
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 => it.assignment_epochs = from.nullable_items(true, Reader::i32)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.uuid(self.topic_id);
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            to.i32(*item);
        }
        let mut tags = TagWriter::new(&self.unknown_tags, "TopicPartitions");
        if self
            .assignment_epochs
            .as_ref()
            .is_none_or(|value| !value.is_empty())
        {
            tags.field(0, |to| {
                to.length(self.assignment_epochs.as_ref().map(Vec::len), true);
                for item in self.assignment_epochs.iter().flatten() {
                    to.i32(*item);
                }
                Ok(())
            })?;
        }
        tags.finish(to);
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
        if source.sets() {
            it.assignment_epochs =
                source.nullable(true, |source| source.items(|source| source.i32()));
        }
        it.unknown_tags = source.tags();
        it
    }
}
