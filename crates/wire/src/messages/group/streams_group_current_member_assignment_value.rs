//! `StreamsGroupCurrentMemberAssignmentValue`: record type 22, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `StreamsGroupCurrentMemberAssignmentValue`: record type 22, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StreamsGroupCurrentMemberAssignmentValue {
    /// Versions 0+.
    pub member_epoch: i32,
    /// Versions 0+.
    pub previous_member_epoch: i32,
    /// Versions 0+.
    pub state: i8,
    /// Versions 0+.
    pub active_tasks: Vec<TaskIds>,
    /// Versions 0+.
    pub standby_tasks: Vec<TaskIds>,
    /// Versions 0+.
    pub warmup_tasks: Vec<TaskIds>,
    /// Versions 0+.
    pub active_tasks_pending_revocation: Vec<TaskIds>,
    /// Versions 0+.
    pub standby_tasks_pending_revocation: Vec<TaskIds>,
    /// Versions 0+.
    pub warmup_tasks_pending_revocation: Vec<TaskIds>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for StreamsGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "StreamsGroupCurrentMemberAssignmentValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.member_epoch = from.i32()?;
        it.previous_member_epoch = from.i32()?;
        it.state = from.i8()?;
        it.active_tasks = from.items(true, |from| TaskIds::read(from, version))?;
        it.standby_tasks = from.items(true, |from| TaskIds::read(from, version))?;
        it.warmup_tasks = from.items(true, |from| TaskIds::read(from, version))?;
        it.active_tasks_pending_revocation =
            from.items(true, |from| TaskIds::read(from, version))?;
        it.standby_tasks_pending_revocation =
            from.items(true, |from| TaskIds::read(from, version))?;
        it.warmup_tasks_pending_revocation =
            from.items(true, |from| TaskIds::read(from, version))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.member_epoch);
        to.i32(self.previous_member_epoch);
        to.i8(self.state);
        to.length(Some(self.active_tasks.len()), true);
        for item in &self.active_tasks {
            item.write(to, version)?;
        }
        to.length(Some(self.standby_tasks.len()), true);
        for item in &self.standby_tasks {
            item.write(to, version)?;
        }
        to.length(Some(self.warmup_tasks.len()), true);
        for item in &self.warmup_tasks {
            item.write(to, version)?;
        }
        to.length(Some(self.active_tasks_pending_revocation.len()), true);
        for item in &self.active_tasks_pending_revocation {
            item.write(to, version)?;
        }
        to.length(Some(self.standby_tasks_pending_revocation.len()), true);
        for item in &self.standby_tasks_pending_revocation {
            item.write(to, version)?;
        }
        to.length(Some(self.warmup_tasks_pending_revocation.len()), true);
        for item in &self.warmup_tasks_pending_revocation {
            item.write(to, version)?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl StreamsGroupCurrentMemberAssignmentValue {
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
            it.active_tasks = source.items(|source| TaskIds::random(source, version));
        }
        if source.sets() {
            it.standby_tasks = source.items(|source| TaskIds::random(source, version));
        }
        if source.sets() {
            it.warmup_tasks = source.items(|source| TaskIds::random(source, version));
        }
        if source.sets() {
            it.active_tasks_pending_revocation =
                source.items(|source| TaskIds::random(source, version));
        }
        if source.sets() {
            it.standby_tasks_pending_revocation =
                source.items(|source| TaskIds::random(source, version));
        }
        if source.sets() {
            it.warmup_tasks_pending_revocation =
                source.items(|source| TaskIds::random(source, version));
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupCurrentMemberAssignmentValue`], versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct TaskIds {
    /// Versions 0+.
    pub subtopology_id: String,
    /// Versions 0+.
    pub partitions: Vec<i32>,
    /// Versions 0+, tagged 0+, nullable 0+.
    pub assignment_epochs: Option<Vec<i32>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for TaskIds {
    fn default() -> Self {
        Self {
            subtopology_id: String::new(),
            partitions: Vec::new(),
            assignment_epochs: Some(Vec::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl TaskIds {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.subtopology_id = from.string(true)?;
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
        place(
            to.string(&self.subtopology_id, true),
            "TaskIds",
            "subtopology_id",
        )?;
        to.length(Some(self.partitions.len()), true);
        for item in &self.partitions {
            to.i32(*item);
        }
        let mut tags = TagWriter::new(&self.unknown_tags, "TaskIds");
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
impl TaskIds {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.subtopology_id = source.string();
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
